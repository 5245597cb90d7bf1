#include "pre/sampling.h"

#include <bit>
#include <cstring>

namespace tablinum::seal::pre {
namespace {

constexpr std::size_t kBlockBytes = 1680;  // whole words of 5 and of 8 bytes

/// The low `mask` bits of eight bytes: the caller's buffer has that many past the word's start.
std::uint64_t load_masked(const std::byte* from, std::uint64_t mask) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  return word & mask;
}

/// Calls use(word) for `count` words of `word_bytes` bytes of the stream.
template <class Use>
void for_words(Shake& stream, std::size_t count, std::size_t word_bytes, Use use) {
  std::array<std::byte, kBlockBytes + 8> block{};
  const std::size_t words_max = kBlockBytes / word_bytes;
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * word_bytes);
  for (std::size_t done = 0; done < count;) {
    const std::size_t words = std::min(words_max, count - done);
    stream.squeeze(std::span{block}.first(words * word_bytes));
    for (std::size_t i = 0; i < words; ++i) use(done + i, load_masked(block.data() + i * word_bytes, mask));
    done += words;
  }
  wipe(block);
}

std::int64_t ones(std::uint64_t word) { return std::popcount(word); }

void add_small(const Ring& ring, std::uint64_t& to, std::int64_t value) {
  to = ring.residue(static_cast<std::int64_t>(to + ring.residue(value) - ring.q()));
}

}  // namespace

Shake xof(Shake::Strength strength, std::string_view domain, std::initializer_list<ByteView> seed, std::uint64_t index) noexcept {
  Shake stream{strength};
  const auto length = static_cast<std::byte>(domain.size());
  stream.absorb(std::span{&length, 1}).absorb(bytes_of(domain));
  for (const auto part : seed) stream.absorb(part);
  std::array<std::byte, 8> number;
  for (std::size_t i = 0; i < 8; ++i) number[i] = static_cast<std::byte>(index >> (8 * i));
  stream.absorb(number);
  return stream;
}

Digest hash(std::string_view domain, std::initializer_list<ByteView> parts) noexcept {
  Sha3_256 state;
  state.update(domain);
  for (const auto part : parts) state.update(part);
  return state.finish();
}

Poly expand_a(const Ring& ring, ByteView rho) {
  auto stream = xof(Shake::Strength::bits128, "seal/v1/A", {rho}, 0);
  const auto& shape = ring.shape();
  const std::size_t word_bytes = shape.coefficient_bits <= 40 ? 5 : 8;
  const std::uint64_t mask = (std::uint64_t{1} << shape.coefficient_bits) - 1;
  Poly a;
  a.reserve(shape.n);
  std::array<std::byte, kBlockBytes + 8> block{};
  while (a.size() < shape.n) {
    stream.squeeze(std::span{block}.first(kBlockBytes));
    for (std::size_t at = 0; at < kBlockBytes && a.size() < shape.n; at += word_bytes)
      if (const auto word = load_masked(block.data() + at, mask); word < shape.q) a.push_back(word);
  }
  return a;
}

void sample_2(const Ring& ring, const Seed& seed, std::uint64_t index, std::uint64_t* out, std::size_t count) {
  auto stream = xof(Shake::Strength::bits256, "seal/v1/s", {seed.view()}, index);
  for_words(stream, count / 2, 1, [&](std::size_t i, std::uint64_t byte) {
    add_small(ring, out[2 * i], ones(byte & 3) - ones(byte & 12));
    add_small(ring, out[2 * i + 1], ones(byte & 48) - ones(byte & 192));
  });
}

void sample_21(const Ring& ring, const Seed& seed, std::uint64_t index, std::uint64_t* out, std::size_t count) {
  auto stream = xof(Shake::Strength::bits256, "seal/v1/e", {seed.view()}, index);
  constexpr std::uint64_t kLow = (1U << 21) - 1;
  for_words(stream, count, 6, [&](std::size_t i, std::uint64_t word) {
    add_small(ring, out[i], ones(word & kLow) - ones(word & (kLow << 21)));
  });
}

void sample_flood(const Ring& ring, unsigned flood_bits, std::initializer_list<ByteView> seed, std::uint64_t* out, std::size_t count) {
  auto stream = xof(Shake::Strength::bits256, "seal/v1/flood", seed, 0);
  const std::uint64_t mask = (std::uint64_t{1} << flood_bits) - 1;
  std::int64_t sum = 0;
  for_words(stream, 4 * count, (flood_bits + 7) / 8, [&](std::size_t i, std::uint64_t word) {
    sum = (i % 4 == 0 ? 0 : sum) + static_cast<std::int64_t>(word & mask);
    if (i % 4 == 3) add_small(ring, out[i / 4], sum - 2 * static_cast<std::int64_t>(mask));
  });
}

}  // namespace tablinum::seal::pre
