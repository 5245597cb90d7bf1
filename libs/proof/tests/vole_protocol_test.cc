// The protocol of vole over circuits of its own: completeness, every byte, a cheating prover for every check, zero knowledge.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "small_statement.h"
#include "vole/checks.h"

namespace tablinum::proof::vole {
namespace {

using Bits = std::vector<std::uint8_t>;

/// A generator that starts anew from a seed: known answers and comparisons only.
class SeededRandom final : public lf::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_{seed} {}
  Outcome<void> fill(MutableBytes out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(engine_());
    return {};
  }

 private:
  std::mt19937_64 engine_;
};

class FailingRandom final : public lf::Random {
 public:
  explicit FailingRandom(unsigned good_calls) : good_calls_{good_calls} {}
  Outcome<void> fill(MutableBytes out) override {
    if (good_calls_ == 0) return fault(Fault::backend, "no randomness");
    --good_calls_;
    std::ranges::fill(out, std::byte{1});
    return {};
  }

 private:
  unsigned good_calls_;
};

const Digest kSession = sha256(bytes_of("session"));
Params fast() { return *Params::of(1); }
Params small() { return *Params::of(2); }

/// (a ∧ b) ⊕ c = public, a ≠ b.
BooleanCircuit tiny_circuit() {
  Recorder gates;
  const Bit wanted = gates.public_bit();
  const Bit a = gates.private_bit();
  const Bit b = gates.private_bit();
  const Bit c = gates.private_bit();
  gates.assert_equal(gates.exclusive_or(gates.both(a, b), c), wanted);
  gates.assert_one(gates.exclusive_or(a, b));
  return gates.finish();
}

Bytes must_prove(const BooleanCircuit& circuit, const Params& params, const Bits& publics, const Bits& privates, std::uint64_t seed = 1) {
  SeededRandom random{seed};
  auto proof = prove(circuit, params, publics, privates, kSession.view(), random, test::plain_work());
  EXPECT_TRUE(proof.has_value());
  return proof ? *proof : Bytes{};
}

Verdict verdict(const BooleanCircuit& circuit, const Params& params, const Bits& publics, const Bytes& proof) {
  return verify(circuit, params, publics, kSession.view(), proof, test::plain_work()).value();
}

// ---- Parts -------------------------------------------------------------------------------------------------------------------

TEST(VoleAes, KernelsAgreeWithBase) {
  std::mt19937_64 engine{7};
  std::array<std::uint8_t, 16> iv;
  for (auto& byte : iv) byte = static_cast<std::uint8_t>(engine());
  std::vector<std::uint8_t> seeds(16 * 5);
  for (auto& byte : seeds) byte = static_cast<std::uint8_t>(engine());
  const kernels::Tweak tweak{iv.data(), 2, 15};
  for (const std::size_t blocks : {1U, 7U, 8U, 9U, 40U}) {
    std::vector<std::uint8_t> portable(16 * blocks);
    std::vector<std::uint8_t> chosen(16 * blocks);
    kernels::stream_portable(seeds.data(), 1000, blocks, tweak, portable.data());
    stream_kernel()(seeds.data(), 1000, blocks, tweak, chosen.data());
    EXPECT_EQ(portable, chosen);
  }
  std::vector<std::uint8_t> portable(32 * 5);
  std::vector<std::uint8_t> chosen(32 * 5);
  kernels::expand_portable(seeds.data(), 5, 77, tweak, portable.data());
  expand_kernel()(seeds.data(), 5, 77, tweak, chosen.data());
  EXPECT_EQ(portable, chosen);
}

// FIPS 197, appendix B: one block through the stream of a kernel, so the known answer does not come from this project.
TEST(VoleAes, Fips197) {
  const auto key = from_hex("2b7e151628aed2a6abf7158809cf4f3c").value();
  auto plain = from_hex("3243f6a8885a308d313198a2e0370734").value();
  plain[0] ^= std::byte{2};  // what the tweak adds
  std::vector<std::uint8_t> out(16);
  for (const auto stream : {&kernels::stream_portable, stream_kernel()}) {
    stream(u8(ByteView{key}), 0, 1, {u8(ByteView{plain}), 2, 0}, out.data());
    EXPECT_EQ(to_hex(std::as_bytes(std::span{out})), "3925841d02dc09fbdc118597196a0b32");
  }
}

TEST(VoleTrees, AllButOneLeafFromTheSiblings) {
  for (const Params& params : {fast(), small()}) {
    const std::array<std::uint8_t, 16> iv{1, 2, 3};
    const std::array<std::uint8_t, 16> root{4, 5, 6};
    Tree whole{params, Iv{iv}, 3};
    whole.grow(root);
    for (const std::size_t hidden : {std::size_t{0}, std::size_t{1}, params.leaves() / 2 + 5, params.leaves() - 1}) {
      std::vector<std::uint8_t> siblings(params.depth * kSeedBytes);
      whole.siblings(hidden, siblings);
      Tree partial{params, Iv{iv}, 3};
      partial.grow_around(hidden, siblings);
      for (std::size_t i = 0; i < params.leaves(); ++i) EXPECT_EQ(std::ranges::equal(whole.leaf(i), partial.leaf(i)), i != hidden);
      const Digest unopened = whole.commitment(hidden);
      EXPECT_EQ(whole.root_hash(0, nullptr), partial.root_hash(hidden, &unopened));
    }
  }
}

// q_i = v_i ⊕ u_i Δ: the property that everything rests on, with a length that needs several chunks.
TEST(VoleTrees, ColumnsAreCorrelated) {
  const Params params = fast();
  const Layout layout{params, 40'000};
  const std::array<std::uint8_t, 16> iv{9};
  const std::array<std::uint8_t, 16> root{8};
  Tree tree{params, Iv{iv}, 0};
  tree.grow(root);
  SecretElts v(params.depth * layout.blocks());
  SecretElts u(layout.blocks());
  ASSERT_TRUE(tree.add_up(0, false, layout.blocks(), v, u, {}));
  for (const std::size_t hidden : {0U, 1U, 170U, 255U}) {
    SecretElts q(v.size());
    SecretElts ignored(layout.blocks());
    ASSERT_TRUE(tree.add_up(hidden, true, layout.blocks(), q, ignored, {}));
    for (unsigned bit = 0; bit < params.depth; ++bit) {
      for (std::size_t i = 0; i < layout.blocks(); ++i) {
        const std::size_t at = bit * layout.blocks() + i;
        EXPECT_EQ(q[at], hidden >> bit & 1 ? v[at] + u[i] : v[at]);
      }
    }
  }
}

TEST(VoleColumns, RowsAreTheTransposition) {
  const Layout layout{fast(), 300};
  Columns columns{layout};
  std::mt19937_64 engine{3};
  for (unsigned c = 0; c < 128; ++c) {
    for (Elt& e : columns.column(c)) e = {engine(), engine()};
  }
  const LargeElts rows = columns.rows(layout.blocks());
  const auto bit = [](Elt e, unsigned at) { return (at < 64 ? e.lo >> at : e.hi >> (at - 64)) & 1; };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (unsigned c = 0; c < 128; ++c) {
      ASSERT_EQ(bit(rows[row], c), bit(columns.column(c)[row / 128], static_cast<unsigned>(row % 128)));
    }
  }
}

TEST(VoleCombine, IsMultiplicationByPowersOfX) {
  std::mt19937_64 engine{5};
  std::array<Elt, 128> rows;
  for (Elt& e : rows) e = {engine(), engine()};
  Elt expected = kZero;
  for (unsigned t = 128; t-- > 0;) expected = mul(expected, Elt{2, 0}) + rows[t];
  EXPECT_EQ(combine(rows), expected);
}

// ---- SHA-256 as gates ----------------------------------------------------------------------------------------------------------

TEST(VoleSha, CompressionEqualsBase) {
  const BooleanCircuit circuit = test::compression_circuit();
  std::mt19937_64 engine{11};
  for (int round = 0; round < 50; ++round) {
    std::array<std::uint8_t, 64> block;
    for (auto& byte : block) byte = round == 0 ? 0 : round == 1 ? 0xff : static_cast<std::uint8_t>(engine());
    const auto privates = test::bits_of_block(block);
    auto publics = test::bits_of(test::compressed(block));
    SecretVector<std::uint8_t> wires;
    EXPECT_TRUE(evaluate(circuit, publics, privates, wires).has_value());
    publics[engine() % publics.size()] ^= 1;
    EXPECT_EQ(evaluate(circuit, publics, privates, wires).error().fault, Fault::input);
  }
}

TEST(VoleSha, CostsTheAndsOfTheDesign) {
  const BooleanCircuit circuit = test::compression_circuit();
  EXPECT_LE(circuit.and_gates, 22'800U);
  EXPECT_EQ(circuit.private_inputs, 512U);
}

// ---- Completeness and length ---------------------------------------------------------------------------------------------------

TEST(VoleProof, TinyCircuitInBothProfiles) {
  const BooleanCircuit circuit = tiny_circuit();
  for (const Params& params : {fast(), small()}) {
    for (const Bits& privates : {Bits{1, 0, 1}, Bits{0, 1, 1}, Bits{0, 1, 0}, Bits{1, 0, 0}}) {
      const Bits publics{privates[2]};
      const Bytes proof = must_prove(circuit, params, publics, privates);
      EXPECT_EQ(proof.size(), (Layout{params, circuit.committed()}.proof_bytes()));
      EXPECT_EQ(verdict(circuit, params, publics, proof), Verdict::accepted);
      EXPECT_NE(verdict(circuit, params, {static_cast<std::uint8_t>(1 - publics[0])}, proof), Verdict::accepted);
    }
  }
}

TEST(VoleProof, FalseStatementIsRefusedAtOnce) {
  SeededRandom random{1};
  const auto proof = prove(tiny_circuit(), fast(), Bits{0}, Bits{1, 1, 1}, kSession.view(), random, test::plain_work());
  EXPECT_EQ(proof.error().fault, Fault::input);
}

RC_GTEST_PROP(VoleProof, RandomCircuits, ()) {
  std::mt19937_64 engine{*rc::gen::arbitrary<std::uint64_t>()};
  Recorder gates;
  const std::size_t inputs = 1 + engine() % 40;
  Bits privates;
  std::vector<std::pair<Bit, std::uint8_t>> wires{{gates.constant(true), 1}, {gates.constant(false), 0}};
  for (std::size_t i = 0; i < inputs; ++i) {
    privates.push_back(engine() & 1);
    wires.emplace_back(gates.private_bit(), privates.back());
  }
  Bits publics{static_cast<std::uint8_t>(engine() & 1)};
  wires.emplace_back(gates.public_bit(), publics[0]);
  for (std::size_t i = engine() % 300; i > 0; --i) {
    const auto [a, x] = wires[engine() % wires.size()];
    const auto [b, y] = wires[engine() % wires.size()];
    if ((engine() & 1) != 0) {
      wires.emplace_back(gates.both(a, b), x & y);
    } else {
      wires.emplace_back(gates.exclusive_or(a, b), x ^ y);
    }
    if (engine() % 16 == 0) gates.assert_equal(wires.back().first, gates.constant(wires.back().second != 0));
  }
  const BooleanCircuit circuit = gates.finish();
  const Bytes proof = must_prove(circuit, fast(), publics, privates, engine());
  RC_ASSERT(verdict(circuit, fast(), publics, proof) == Verdict::accepted);
}

TEST(VoleProof, ThreadsChangeNothing) {
  const BooleanCircuit circuit = test::compression_circuit();
  const std::array<std::uint8_t, 64> block{7};
  const auto publics = test::bits_of(test::compressed(block));
  const auto pool = make_thread_pool(3);
  SeededRandom random{5};
  const auto proof = prove(circuit, fast(), publics, test::bits_of_block(block), kSession.view(), random, Work{{}, *pool});
  EXPECT_EQ(*proof, must_prove(circuit, fast(), publics, test::bits_of_block(block), 5));
  EXPECT_EQ(verify(circuit, fast(), publics, kSession.view(), *proof, Work{{}, *pool}).value(), Verdict::accepted);
}

// ---- Soundness: every byte, every binding ----------------------------------------------------------------------------------------

TEST(VoleProof, EveryFlippedByteIsRefused) {
  const BooleanCircuit circuit = tiny_circuit();
  const Bits publics{1};
  for (const Params& params : {fast(), small()}) {
    const Bytes proof = must_prove(circuit, params, publics, {1, 0, 1});
    // A small proof is slow to verify; all its bytes in long runs only.
    const bool sparse = params.profile == 2 && std::getenv("TABLINUM_LONG_TESTS") == nullptr;
    for (std::size_t i = 0; i < proof.size(); i += sparse ? 23 : 1) {
      Bytes altered = proof;
      altered[i] ^= static_cast<std::byte>(1U << (i % 8));
      EXPECT_NE(verdict(circuit, params, publics, altered), Verdict::accepted) << "byte " << i;
    }
  }
}

TEST(VoleProof, OtherLengthsAreRefused) {
  const BooleanCircuit circuit = tiny_circuit();
  const Bytes proof = must_prove(circuit, fast(), {1}, {1, 0, 1});
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, proof.size() - 1}) {
    EXPECT_EQ(verdict(circuit, fast(), {1}, Bytes(proof.begin(), proof.begin() + static_cast<std::ptrdiff_t>(size))), Verdict::wrong_length);
  }
  Bytes longer = proof;
  longer.push_back(std::byte{0});
  EXPECT_EQ(verdict(circuit, fast(), {1}, longer), Verdict::wrong_length);
  EXPECT_EQ(verdict(circuit, small(), {1}, proof), Verdict::wrong_length);
}

TEST(VoleProof, BoundToSessionAndCircuit) {
  const BooleanCircuit circuit = tiny_circuit();
  const Bytes proof = must_prove(circuit, fast(), {1}, {1, 0, 1});
  const Digest other = sha256(bytes_of("another session"));
  EXPECT_NE(verify(circuit, fast(), Bits{1}, other.view(), proof, test::plain_work()).value(), Verdict::accepted);
  BooleanCircuit relaxed = tiny_circuit();
  relaxed.id.bytes[0] ^= 1;
  EXPECT_NE(verdict(relaxed, fast(), {1}, proof), Verdict::accepted);
}

// ---- A cheating prover for each check ------------------------------------------------------------------------------------------
// Each follows the protocol with one lie, so that the transcript fits and only the check in question can see it.

/// An honest proof of another statement than the verifier believes: the circuit without its assertions, under the real one's name.
TEST(VoleCheat, FalseWitnessFailsTheConstraints) {
  const BooleanCircuit circuit = tiny_circuit();
  BooleanCircuit lie = tiny_circuit();
  lie.zeros.clear();  // accepts any witness
  const Bits publics{1};
  const Bytes forged = must_prove(lie, fast(), publics, {1, 1, 1});
  EXPECT_EQ(verdict(circuit, fast(), publics, forged), Verdict::constraints);
}

/// An AND gate with a wrong output, all else honest.
TEST(VoleCheat, WrongGateFailsTheConstraints) {
  Recorder gates;
  const Bit a = gates.private_bit();
  const Bit b = gates.private_bit();
  gates.assert_one(gates.both(a, b));
  const BooleanCircuit circuit = gates.finish();
  // The same layout, but the AND's output is a third input of the prover's choice.
  BooleanCircuit lie = circuit;
  for (auto& gate : lie.gates) {
    if (gate.what() == BooleanCircuit::Kind::both) gate = {static_cast<std::uint32_t>(BooleanCircuit::Kind::private_input), 0, 0};
  }
  lie.and_gates = 0;
  lie.private_inputs = 3;
  const Bytes forged = must_prove(lie, fast(), {}, {1, 0, 1});
  EXPECT_EQ(verdict(circuit, fast(), {}, forged), Verdict::constraints);
}

/// What a check reads, rewritten, with everything after it in the transcript made anew would be an honest proof; so the lie is
/// planted in the proof and the verdict must name the check.
std::size_t offset_of_columns(const Layout& layout) {
  return 16 + kHashBytes + (layout.params.trees - 1) * layout.correction_bytes() + layout.witness_bytes() + kConsistencyBytes;
}

TEST(VoleCheat, GrindingIsChecked) {
  const BooleanCircuit circuit = tiny_circuit();
  const Layout layout{small(), circuit.committed()};
  Bytes proof = must_prove(circuit, small(), {1}, {1, 0, 1});
  const std::size_t counter = offset_of_columns(layout) + kHashBytes + 2 * kEltBytes;
  unsigned refused = 0;
  for (unsigned value = 0; value < 64; ++value) {
    proof[counter + 2] = static_cast<std::byte>(value + 1);
    refused += verdict(circuit, small(), {1}, proof) == Verdict::grinding;
  }
  EXPECT_GE(refused, 55U);  // 2^-7 of the counters fit by chance; those fail the commitment
}

TEST(VoleCheat, FastProofsHaveOneCounter) {
  const BooleanCircuit circuit = tiny_circuit();
  const Layout layout{fast(), circuit.committed()};
  Bytes proof = must_prove(circuit, fast(), {1}, {1, 0, 1});
  proof[offset_of_columns(layout) + kHashBytes + 2 * kEltBytes] = std::byte{1};
  EXPECT_EQ(verdict(circuit, fast(), {1}, proof), Verdict::grinding);
}

TEST(VoleCheat, OpenedSeedsAreChecked) {
  const BooleanCircuit circuit = tiny_circuit();
  Bytes proof = must_prove(circuit, fast(), {1}, {1, 0, 1});
  proof.back() ^= std::byte{1};
  EXPECT_EQ(verdict(circuit, fast(), {1}, proof), Verdict::commitment);
  proof.back() ^= std::byte{1};
  proof[proof.size() - kHashBytes - 1] ^= std::byte{1};
  EXPECT_EQ(verdict(circuit, fast(), {1}, proof), Verdict::commitment);
}

TEST(VoleCheat, SpareBitsOfTheWitnessAreChecked) {
  const BooleanCircuit circuit = tiny_circuit();  // 4 committed bits
  const Layout layout{fast(), circuit.committed()};
  Bytes proof = must_prove(circuit, fast(), {1}, {1, 0, 1});
  proof[16 + kHashBytes + 15 * layout.correction_bytes()] ^= std::byte{0x80};
  EXPECT_EQ(verdict(circuit, fast(), {1}, proof), Verdict::spare_bits);
}

/// Trees that do not hold the same u. The prover knows everything, answers the consistency check as well as anybody could, and
/// lies in one correction; whoever guessed the tree's leaf beforehand would pass, so a fresh Δ decides. Wrong in 255 of 256.
class LyingProver {
 public:
  static unsigned accepted(unsigned attempts) {
    const BooleanCircuit circuit = tiny_circuit();
    const Layout layout{fast(), circuit.committed()};
    unsigned passes = 0;
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
      const Bytes proof = forge(circuit, layout, attempt);
      passes += verdict(circuit, fast(), {1}, proof) != Verdict::consistency;
    }
    return passes;
  }

 private:
  // Built from the protocol's own parts, in its order; tree 15's correction has one bit wrong.
  static Bytes forge(const BooleanCircuit& circuit, const Layout& layout, unsigned seed) {
    const Params& params = layout.params;
    std::mt19937_64 engine{seed};
    std::array<std::uint8_t, 16> iv;
    for (auto& byte : iv) byte = static_cast<std::uint8_t>(engine());
    std::vector<Tree> trees;
    Columns columns{layout};
    SecretElts u(params.trees * layout.blocks());
    std::vector<Digest> hashes;
    for (unsigned j = 0; j < params.trees; ++j) {
      std::array<std::uint8_t, 16> root;
      for (auto& byte : root) byte = static_cast<std::uint8_t>(engine());
      trees.emplace_back(params, Iv{iv}, j).grow(root);
      hashes.push_back(trees.back().root_hash(0, nullptr));
      EXPECT_TRUE(trees.back().add_up(0, false, layout.blocks(), columns.columns(j * params.depth, params.depth),
                                      std::span{u}.subspan(j * layout.blocks(), layout.blocks()), {}));
    }
    Bytes proof;
    Transcript transcript{kSession.view()};
    begin(transcript, params, circuit, Bits{1});
    const auto write = [&](ByteView bytes) {
      append(proof, bytes);
      transcript.bytes(bytes);
    };
    write(std::as_bytes(std::span{iv}));
    write(sha256(std::as_bytes(std::span{hashes})).view());
    for (unsigned j = 1; j < params.trees; ++j) {
      SecretElts difference{u.begin(), u.begin() + static_cast<std::ptrdiff_t>(layout.blocks())};
      for (std::size_t i = 0; i < layout.blocks(); ++i) difference[i] += u[j * layout.blocks() + i];
      if (j == 15) difference[0].lo ^= 1;  // the lie
      write(std::as_bytes(std::span{difference}).first(layout.correction_bytes()));
    }
    write(Bytes(layout.witness_bytes()));
    const ConsistencyHash hash{transcript, layout};
    const auto value = hash.of(std::span{u}.first(layout.blocks()));
    Sha256 all;
    for (unsigned c = 0; c < params.columns(); ++c) {
      const auto column = hash.of(columns.column(c));
      all.update(std::as_bytes(std::span{column}));
    }
    write(std::as_bytes(std::span{value}));
    write(all.finish().view());
    append(proof, Bytes(32));  // the last check is not reached
    transcript.elt(kZero);
    transcript.elt(kZero);
    const Elt delta = delta_of(transcript.digest(), 0);
    append_u32_le(proof, 0);
    for (unsigned j = 0; j < params.trees; ++j) {
      const std::size_t hidden = hidden_leaf(params, delta, j);
      std::vector<std::uint8_t> seeds(params.depth * kSeedBytes);
      trees[j].siblings(hidden, seeds);
      append(proof, std::as_bytes(std::span{seeds}));
      append(proof, trees[j].commitment(hidden).view());
    }
    return proof;
  }
};

TEST(VoleCheat, TreesThatDisagreeFailTheConsistency) {
  // δ_15 = 0 (1 in 256) makes the lie invisible there; then the constraints see it.
  EXPECT_LE(LyingProver::accepted(64), 3U);
}

// ---- Zero knowledge ------------------------------------------------------------------------------------------------------------

/// Chi-square over the values of one byte of many proofs: 255 degrees of freedom, so mean 255 and deviation 22.6.
double chi_square(const std::vector<std::uint8_t>& bytes) {
  std::array<double, 256> counts{};
  for (const std::uint8_t byte : bytes) ++counts[byte];
  const double expected = static_cast<double>(bytes.size()) / 256;
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(VoleZeroKnowledge, TwoWitnessesLookAlike) {
  // Two secrets with one public statement: c is free only together with a ∧ b = 0.
  Recorder gates;
  std::vector<Bit> bits;
  for (unsigned i = 0; i < 64; ++i) bits.push_back(gates.private_bit());
  Bit parity = gates.constant(false);
  for (unsigned i = 0; i < 64; i += 2) parity = gates.exclusive_or(parity, gates.both(bits[i], bits[i + 1]));
  gates.assert_zero(parity);
  const BooleanCircuit circuit = gates.finish();
  const Layout layout{fast(), circuit.committed()};
  const std::size_t witness = 16 + kHashBytes + 15 * layout.correction_bytes();
  const std::size_t revealed = offset_of_columns(layout) - kConsistencyBytes;
  for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{1}}) {
    std::vector<std::uint8_t> masked_witness;
    std::vector<std::uint8_t> hashes;
    std::vector<std::uint8_t> coefficients;
    for (unsigned round = 0; round < 600; ++round) {
      const Bytes proof = must_prove(circuit, fast(), {}, Bits(64, value), 1000 * value + round);
      const auto* bytes = u8(ByteView{proof});
      masked_witness.insert(masked_witness.end(), bytes + witness, bytes + witness + layout.witness_bytes());
      hashes.insert(hashes.end(), bytes + revealed, bytes + revealed + kConsistencyBytes);
      const auto* last = bytes + offset_of_columns(layout) + kHashBytes;
      coefficients.insert(coefficients.end(), last, last + 2 * kEltBytes);
    }
    for (const auto& seen : {masked_witness, hashes, coefficients}) {
      EXPECT_GT(chi_square(seen), 255 - 6 * 22.6);
      EXPECT_LT(chi_square(seen), 255 + 6 * 22.6);
    }
  }
}

TEST(VoleZeroKnowledge, ProofsOfOneStatementDiffer) {
  const auto first = lf::system_random();
  const auto second = lf::system_random();
  const BooleanCircuit circuit = tiny_circuit();
  const auto a = prove(circuit, fast(), Bits{1}, Bits{1, 0, 1}, kSession.view(), *first, test::plain_work());
  const auto b = prove(circuit, fast(), Bits{1}, Bits{1, 0, 1}, kSession.view(), *second, test::plain_work());
  EXPECT_NE(*a, *b);
}

TEST(VoleZeroKnowledge, NoProofWithoutRandomness) {
  for (const unsigned good_calls : {0U, 1U}) {
    FailingRandom random{good_calls};
    const auto proof = prove(tiny_circuit(), fast(), Bits{1}, Bits{1, 0, 1}, kSession.view(), random, test::plain_work());
    EXPECT_EQ(proof.error().fault, Fault::backend);
  }
}

TEST(VoleStop, ProverAndVerifierStop) {
  const BooleanCircuit circuit = test::compression_circuit();
  const std::array<std::uint8_t, 64> block{7};
  const auto publics = test::bits_of(test::compressed(block));
  std::stop_source source;
  source.request_stop();
  const Work stopped{source.get_token(), inline_executor()};
  SeededRandom random{1};
  EXPECT_EQ(prove(circuit, fast(), publics, test::bits_of_block(block), kSession.view(), random, stopped).error().fault, Fault::cancelled);
  const Bytes proof = must_prove(circuit, fast(), publics, test::bits_of_block(block));
  EXPECT_EQ(verify(circuit, fast(), publics, kSession.view(), proof, stopped).error().fault, Fault::cancelled);
}

TEST(VoleSoundness, IsTheAccountOfTheDocument) {
  EXPECT_DOUBLE_EQ(soundness_bits(1), 127);
  EXPECT_DOUBLE_EQ(soundness_bits(2), 127);
  EXPECT_EQ(soundness(3).error().fault, Fault::unsupported);
  const auto terms = soundness(1).value();
  EXPECT_NEAR(terms[0].bits, 137.09, 0.01);
}

}  // namespace
}  // namespace tablinum::proof::vole
