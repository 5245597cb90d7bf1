// Field, kernels, extension, transcript, tree: known answers, and properties against slow independent versions.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "field/reed_solomon.h"
#include "field/vectors.h"
#include "lf/hash_two.h"
#include "lf/merkle.h"
#include "lf/equality.h"
#include "lf/sumcheck.h"
#include "tablinum/base/cpu.h"
#include "tablinum/proof/field.h"
#include "tablinum/proof/transcript.h"

namespace tablinum::proof {
namespace {

Elt elt(std::string_view hex) { return elt_from(ByteView{from_hex(hex).value()}.first<16>()); }
std::string hex(Elt e) {
  std::array<std::byte, 16> out;
  elt_to(e, out);
  return to_hex(out);
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_{seed} {}
  Elt elt() { return {engine_(), engine_()}; }
  std::vector<Elt> elts(std::size_t n) {
    std::vector<Elt> out(n);
    for (Elt& e : out) e = elt();
    return out;
  }
  std::size_t below(std::size_t n) { return engine_() % n; }

 private:
  std::mt19937_64 engine_;
};

TEST(Field, KnownAnswers) {
  const Elt a = elt("000102030405060708090a0b0c0d0e0f"), b = elt("f0e1d2c3b4a5968778695a4b3c2d1e0f");
  EXPECT_EQ(hex(mul(a, b)), "c01d3ebbdad62770a3425de4b989442f");
  EXPECT_EQ(hex(invert(a)), "ea6efa575bd2c65f230b97d689942b0c");
  EXPECT_EQ(hex(point2()), "4cda4fb6011e87f1b8d401758771595c");
  EXPECT_EQ(hex(inj(65535)), "06d7aeeadabdfcaf8f2f1afe7d0977d6");
  EXPECT_EQ(hex(inj(5)), "a96e176efb10e3a6e0caf2ea5896b98b");
}

// Bit by bit, after the definition.
Elt slow_mul(Elt a, Elt b) {
  Elt out;
  for (int i = 0; i < 128; ++i) {
    if ((i < 64 ? b.lo >> i : b.hi >> (i - 64)) & 1) out += a;
    const bool carry = a.hi >> 63;
    a = {a.lo << 1 ^ (carry ? 0x87U : 0U), a.hi << 1 | a.lo >> 63};
  }
  return out;
}
TEST(Field, MultiplicationIsThatOfTheDefinition) {
  Dice dice{1};
  for (int i = 0; i < 2000; ++i) {
    const Elt a = dice.elt(), b = dice.elt();
    ASSERT_EQ(mul(a, b), slow_mul(a, b));
  }
}
TEST(Field, InverseAndSubfield) {
  Dice dice{2};
  EXPECT_EQ(invert(kZero), kZero);
  for (int i = 0; i < 200; ++i) {
    const Elt a = dice.elt();
    EXPECT_EQ(mul(a, invert(a)), kOne);
    EXPECT_FALSE(inj_inverse(a));  // one in 2^112 is in the subfield
  }
  for (unsigned j = 0; j < 65536; j += 7) ASSERT_EQ(inj_inverse(inj(static_cast<std::uint16_t>(j))), j);
}

// ---- Kernels: every set of instructions that this processor has gives what the portable one gives ----------------------------

class Kernels : public testing::TestWithParam<const kernels::Gf128*> {};

std::vector<const kernels::Gf128*> available() {
  std::vector<const kernels::Gf128*> out;
  if (cpu().pclmul) out.push_back(&kernels::kGf128Pclmul);
  if (cpu().vpclmul) out.push_back(&kernels::kGf128Vpclmul);
  if (cpu().avx512 && cpu().vpclmul) out.push_back(&kernels::kGf128Avx512);
  if (out.empty()) out.push_back(&kernels::kGf128Portable);
  return out;
}

TEST_P(Kernels, EqualThePortableOne) {
  const kernels::Gf128 &fast = *GetParam(), &slow = kernels::kGf128Portable;
  Dice dice{3};
  for (std::size_t n = 0; n <= 21; ++n) {
    const auto a = dice.elts(2 * n + 2), b = dice.elts(2 * n + 2), w = dice.elts(64);
    const Elt k = dice.elt();
    std::vector<kernels::Corner> corners(n);
    for (auto& c : corners) c = {{static_cast<std::uint32_t>(dice.below(64)), static_cast<std::uint32_t>(dice.below(64))}};
    std::vector<kernels::Term> terms(n);
    for (auto& t : terms)
      t = {{static_cast<std::uint32_t>(dice.below(64)), static_cast<std::uint32_t>(dice.below(64))}, static_cast<std::uint32_t>(dice.below(64)),
           static_cast<std::uint32_t>(n % 2 ? 1 : dice.below(4))};
    std::vector<Elt> constants = dice.elts(4);
    constants[1] = kOne;
    const auto both = [&](auto&& run) {
      auto x = a, y = b;
      auto p = a, q = b;
      run(fast, x, y);
      run(slow, p, q);
      EXPECT_EQ(x, p) << n;
      EXPECT_EQ(y, q) << n;
    };
    both([&](auto& f, auto& x, auto& y) { f.mul(raw(x.data()), raw(x.data()), raw(y.data()), n); });
    both([&](auto& f, auto& x, auto& y) { f.scale(raw(x.data()), raw(&k), raw(y.data()), n); });
    both([&](auto& f, auto& x, auto& y) { f.axpy(raw(x.data()), raw(&k), raw(y.data()), n); });
    both([&](auto& f, auto& x, auto& y) { f.accumulate(raw(x.data()), raw(x.data()), raw(y.data()), n); });
    both([&](auto& f, auto& x, auto& y) { f.dot(raw(&x[0]), raw(x.data()), raw(y.data()), n); });
    both([&](auto& f, auto& x, auto& y) { f.forward(raw(x.data()), raw(y.data()), raw(&k), n); });
    both([&](auto& f, auto& x, auto& y) { f.backward(raw(x.data()), raw(y.data()), raw(&k), n); });
    both([&](auto& f, auto& x, auto& y) { f.diagonal(raw(x.data()), raw(y.data()), raw(&k), n); });
    both([&](auto& f, auto& x, auto&) { f.bind(raw(x.data()), raw(&k), raw(x.data()), n); });
    both([&](auto& f, auto& x, auto& y) {
      std::array<Elt, 2> p{k, k};
      f.round(raw(p.data()), raw(x.data()), raw(y.data()), n);
      x[0] = p[0], y[0] = p[1];
    });
    for (const unsigned hand : {0U, 1U})
      both([&](auto& f, auto& x, auto&) {
        std::vector<Elt> q(64);
        f.scatter(raw(q.data()), corners.data(), raw(x.data()), raw(w.data()), hand, n);
        x = q;
      });
    both([&](auto& f, auto& x, auto&) {
      std::vector<Elt> v(64);
      f.evaluate(raw(v.data()), terms.data(), raw(constants.data()), 1, raw(w.data()), n);
      x = v;
    });
    both([&](auto& f, auto& x, auto&) { f.weights(raw(x.data()), terms.data(), raw(w.data()), raw(constants.data()), 1, n); });
    both([&](auto& f, auto& x, auto&) { f.outer(raw(x.data()), corners.data(), raw(w.data()), raw(w.data()), n); });
  }
}
TEST_P(Kernels, CopiesEqualThePortableOnes) {
  const kernels::Gf128 &fast = *GetParam(), &slow = kernels::kGf128Portable;
  Dice dice{4};
  std::vector<Elt> constants = dice.elts(4);
  constants[1] = kOne;
  for (const kernels::Copies copies : {kernels::Copies{4, 0, 4}, kernels::Copies{8, 4, 4}, kernels::Copies{16, 4, 8}}) {
    std::vector<kernels::Term> terms(9);
    const auto number = [&](std::size_t n) { return static_cast<std::uint32_t>(dice.below(n)); };
    for (auto& t : terms) t = {{number(6), number(6)}, number(6), number(2)};
    const auto x = dice.elts(6 * 16), y = dice.elts(6 * 16), q = dice.elts(6 * 16);
    for (const auto& field : {std::array{0U, 2U, 1U}, std::array{1U, 2U, 0U}, std::array{2U, 0U, 1U}}) {
      const auto results = [&](const kernels::Gf128& f) {
        auto a = q, b = q, c = q;
        f.copies(raw(a.data()), raw(x.data()), raw(y.data()), field.data(), terms.data(), raw(constants.data()), 1, &copies, terms.size());
        f.copies_linear(raw(b.data()), raw(x.data()), field.data(), terms.data(), raw(constants.data()), 1, &copies, terms.size());
        f.copies_dot(raw(&c[0]), raw(x.data()), raw(y.data()), field.data(), terms.data(), raw(constants.data()), 1, &copies, terms.size());
        return std::array{a, b, c};
      };
      EXPECT_EQ(results(fast), results(slow));
    }
  }
  const auto k = dice.elts(2);
  for (std::size_t n = 0; n <= 11; ++n) {
    const auto a = dice.elts(2 * n + 2);
    const auto results = [&](const kernels::Gf128& f) {
      std::array<std::vector<Elt>, 2> out{a, std::vector<Elt>(2 * n)};
      f.fold(raw(out[0].data()), raw(k.data()), raw(out[0].data()), n);
      f.spread(raw(out[1].data()), raw(k.data()), raw(a.data()), n);
      return out;
    };
    EXPECT_EQ(results(fast), results(slow)) << n;
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(results(fast)[0][i], mul(k[0], a[2 * i]) + mul(k[1], a[2 * i + 1]));
      EXPECT_EQ(results(fast)[1][2 * i + 1], mul(k[1], a[i]));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Sets, Kernels, testing::ValuesIn(available()), [](const auto& row) { return std::string{row.param->name}; });

// ---- Extension ---------------------------------------------------------------------------------------------------------------

// Lagrange's formula at one point.
Elt interpolated(std::span<const Elt> y, Elt x) {
  Elt sum;
  for (std::size_t i = 0; i < y.size(); ++i) {
    Elt numerator = y[i], denominator = kOne;
    for (std::size_t k = 0; k < y.size(); ++k) {
      if (k == i) continue;
      numerator = mul(numerator, x + inj(static_cast<std::uint16_t>(k)));
      denominator = mul(denominator, inj(static_cast<std::uint16_t>(i)) + inj(static_cast<std::uint16_t>(k)));
    }
    sum += mul(numerator, invert(denominator));
  }
  return sum;
}
TEST(Extension, IsTheUniquePolynomial) {
  Dice dice{4};
  const auto pool = make_thread_pool(2);
  for (const std::size_t n : {1U, 2U, 3U, 5U, 7U, 8U, 11U, 16U, 19U})
    for (const std::size_t m : {n, n + 1, 2 * n, 3 * n + 5}) {
      constexpr std::size_t kWidth = 3;
      auto y = dice.elts(m * kWidth);
      const auto given = y;
      extend(y.data(), kWidth, n, m, n % 2 ? *pool : inline_executor());
      for (std::size_t k = 0; k < kWidth; ++k) {
        std::vector<Elt> own;
        for (std::size_t i = 0; i < n; ++i) own.push_back(given[i * kWidth + k]);
        for (std::size_t i = 0; i < m; ++i)
          ASSERT_EQ(y[i * kWidth + k], i < n ? own[i] : interpolated(own, inj(static_cast<std::uint16_t>(i)))) << n << ' ' << m << ' ' << i;
      }
    }
}
TEST(Extension, DoesNotDependOnThreads) {
  Dice dice{14};
  for (const unsigned threads : {2U, 3U, 5U}) {
    const auto pool = make_thread_pool(threads);
    for (const std::size_t n : {1U, 2U, 3U, 8U, 21U, 64U})
      for (const std::size_t m : {n, n + 1, 2 * n, 2 * n + 1, 7 * n, 9 * n + 5}) {
        constexpr std::size_t kWidth = 70;
        auto one = dice.elts(m * kWidth);
        auto many = one;
        extend(one.data(), kWidth, n, m, inline_executor());
        extend(many.data(), kWidth, n, m, *pool);
        ASSERT_EQ(one, many) << threads << ' ' << n << ' ' << m;
      }
  }
}
TEST(Extension, KnownAnswer) {
  std::vector<Elt> y(8);
  y[0] = elt("c01c3cb8ded32177ab4b57efb5844a20");
  y[1] = elt("ab75369d6dddca1444c23944af39d12d");
  y[2] = elt("8da94fcf59ed2cea348d930476371e19");
  extend(y.data(), 1, 3, 8, inline_executor());
  EXPECT_EQ(hex(y[3]), "e6c045eaeae3c789db04fdaf6c8a8514");
  EXPECT_EQ(hex(y[7]), "c8e4befd049c3d2c73e0d5ae344b80fc");
}

TEST(Equality, IsTheProduct) {
  Dice dice{5};
  for (const std::size_t bits : {0U, 1U, 3U, 4U})
    for (std::size_t n = 1; n <= std::size_t{1} << bits; ++n) {
      const auto point = dice.elts(bits);
      const Elt scale = dice.elt();
      std::vector<Elt> table(n);
      lf::equality(point, scale, table);
      for (std::size_t i = 0; i < n; ++i) {
        Elt want = scale;
        for (std::size_t k = 0; k < bits; ++k) want = mul(want, i >> k & 1 ? point[k] : kOne + point[k]);
        ASSERT_EQ(table[i], want) << bits << ' ' << n << ' ' << i;
      }
    }
}

// ---- Transcript --------------------------------------------------------------------------------------------------------------

TEST(TranscriptTest, KnownAnswers) {
  Transcript t{bytes_of("session-1")};
  EXPECT_EQ(to_hex(t.digest()), "0d50d7a6af4c009027c83d29500822eef288353207029db43544b533971382b7");
  EXPECT_EQ(hex(t.challenge()), "b2a7061e2cf34cf945c4fca90ac39c10");
  EXPECT_EQ(hex(t.challenge()), "c8620450c024dc2b2585c92dcf50a051");
  const Elt a = elt("000102030405060708090a0b0c0d0e0f"), b = elt("f0e1d2c3b4a5968778695a4b3c2d1e0f");
  t.elt(a);
  EXPECT_EQ(hex(t.challenge()), "48a527f64cec9de4bf72e3b606d348ee");
  t.array(std::array{a, b, kOne});
  t.zeros(45);
  std::vector<std::uint64_t> drawn;
  for (int i = 0; i < 6; ++i) drawn.push_back(t.natural(1000));
  EXPECT_EQ(drawn, (std::vector<std::uint64_t>{537, 567, 592, 235, 658, 807}));
  EXPECT_EQ(t.choose(40, 10), (std::vector<std::uint32_t>{5, 31, 33, 17, 3, 4, 11, 23, 19, 16}));
  for (const std::uint64_t want : {214U, 88U, 230U, 185U}) EXPECT_EQ(t.natural(256), want);
}
TEST(TranscriptTest, OneStreamHoweverItIsRead) {
  Transcript one{bytes_of("s")}, many{bytes_of("s")};
  std::vector<Elt> whole(5000);
  one.challenges(whole);
  for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(many.challenge(), whole[i]) << i;
}
TEST(TranscriptTest, SeededGenerator) {
  KeyStream stream{sha256(from_hex("01").value())};
  Bytes out(32);
  stream.read(out);
  EXPECT_EQ(to_hex(out), "65811bb18c3dc5409619da41497c2c8edb83068ca3d6784fda25633864e92b25");
}

// draft-google-cfrg-libzk, test vectors for Fiat–Shamir, vector 1: its field's elements are 32 bytes (the prime is so near 2^256 that
// none of these is drawn again), which are two of ours.
TEST(Transcript, DraftVector) {
  Bytes written;
  for (int i = 0; i < 100; ++i) written.push_back(static_cast<std::byte>(i));
  Transcript transcript{bytes_of("test")};
  transcript.bytes(written);
  for (const std::string_view want : {"8b297f0bffd583c6c6b6796385d5fd20a08665733b833970ebdd1054bbbc1b14",
                                      "0667c08ad7f38efec5f30dc8aa4f20d749cdcf96d63a770f9810ac5c0ca8dcb1",
                                      "c8037fc12d4da00b5dc7597e3042f33f72a06f970cb71fb6b103ebb5419d8a6b",
                                      "fbbcfa1eac48728fbfdacc1c21e2f78119457e0846337e46140e38e62856c4c5"}) {
    Bytes little(32);
    for (const std::size_t half : {0U, 16U}) elt_to(transcript.challenge(), MutableBytes{little}.subspan(half).first<16>());
    std::ranges::reverse(little);
    EXPECT_EQ(to_hex(little), want);
  }
}

// ---- Tree --------------------------------------------------------------------------------------------------------------------

TEST(HashTwo, IsSha256) {
  Dice dice{7};
  for (std::size_t n = 0; n < 200; ++n) {
    Bytes a(n), b(n);
    for (auto* bytes : {&a, &b})
      for (auto& byte : *bytes) byte = static_cast<std::byte>(dice.below(256));
    EXPECT_EQ(lf::sha256_two(a, b), (std::array{sha256(a), sha256(b)})) << n;
  }
}
// draft-google-cfrg-libzk-01, appendix B.1.1.
TEST(MerkleTree, DraftVector) {
  const auto digest = [](std::string_view text) {
    Digest out;
    std::ranges::copy(from_hex(text).value(), std::as_writable_bytes(std::span{out.bytes}).begin());
    return out;
  };
  std::vector<Digest> nodes(10);
  nodes[5] = digest("4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a");
  nodes[6] = digest("dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986");
  nodes[7] = digest("084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5");
  nodes[8] = digest("e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71");
  nodes[9] = digest("e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db");
  lf::build_tree(nodes, inline_executor());
  EXPECT_EQ(to_hex(nodes[1]), "f22f4501ffd3bdffcecc9e4cd6828a4479aeedd6aa484eb7c1f808ccf71c6e76");
  const auto node = digest("f03808f5b8088c61286d505e8e93aa378991d9889ae2d874433ca06acabcd493");
  EXPECT_EQ(lf::open_tree(nodes, std::array{0U, 1U}), (std::vector{nodes[7], node}));
  EXPECT_EQ(lf::open_tree(nodes, std::array{1U, 3U}), (std::vector{nodes[9], nodes[7], nodes[5]}));
  EXPECT_EQ(lf::root_of(5, std::array{1U, 3U}, std::array{nodes[6], nodes[8]}, std::array{nodes[9], nodes[7], nodes[5]}), nodes[1]);
}
TEST(MerkleTree, DoesNotDependOnThreads) {
  const auto pool = make_thread_pool(3);
  for (const std::size_t n : {1U, 2U, 255U, 256U, 257U, 1000U, 3001U}) {
    std::vector<Digest> one(2 * n);
    for (std::size_t j = 0; j < n; ++j) one[n + j] = sha256(std::as_bytes(std::span{&j, 1}));
    auto many = one;
    lf::build_tree(one, inline_executor());
    lf::build_tree(many, *pool);
    EXPECT_EQ(one[1], many[1]) << n;
    EXPECT_EQ(one, many) << n;
  }
}
TEST(MerkleTree, OpensAnyLeavesAndNothingElse) {
  Dice dice{6};
  for (const std::size_t n : {1U, 2U, 3U, 7U, 45U, 64U, 100U}) {
    std::vector<Digest> nodes(2 * n);
    for (std::size_t j = 0; j < n; ++j) nodes[n + j] = sha256(std::as_bytes(std::span{&j, 1}));
    lf::build_tree(nodes, inline_executor());
    for (int round = 0; round < 20; ++round) {
      std::vector<std::uint32_t> opened(n);
      std::iota(opened.begin(), opened.end(), 0U);
      for (std::size_t i = 0; i < n; ++i) std::swap(opened[i], opened[i + dice.below(n - i)]);
      opened.resize(1 + dice.below(n));
      std::vector<Digest> hashes;
      for (const auto j : opened) hashes.push_back(nodes[n + j]);
      const auto opening = lf::open_tree(nodes, opened);
      EXPECT_EQ(opening.size(), lf::opening_size(n, opened));
      EXPECT_EQ(lf::root_of(n, opened, hashes, opening), nodes[1]);
      auto more = opening;
      more.emplace_back();
      EXPECT_FALSE(lf::root_of(n, opened, hashes, more));
      if (!opening.empty()) EXPECT_FALSE(lf::root_of(n, opened, hashes, std::span{opening}.first(opening.size() - 1)));
      auto wrong = hashes;
      wrong[dice.below(wrong.size())].bytes[7] ^= 1;
      EXPECT_NE(lf::root_of(n, opened, wrong, opening), nodes[1]);
    }
  }
  EXPECT_FALSE(lf::root_of(4, {}, {}, {}));
}

}  // namespace
}  // namespace tablinum::proof
