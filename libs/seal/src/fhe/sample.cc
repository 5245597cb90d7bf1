#include "fhe/sample.h"

#include <cstring>

#include "fhe/modulus.h"

namespace tablinum::seal::fhe {
namespace {

constexpr std::size_t kBinomialBytes = 6;  // 42 of 48 bits are used

std::uint64_t start_of(Stream stream, std::uint32_t index) {
  return static_cast<std::uint64_t>(stream) << 56 | static_cast<std::uint64_t>(index) << 24;
}

SecretBytes stream_bytes(const Aes256& aes, std::uint64_t start, std::size_t size) {
  SecretBytes bytes((size + 15) / 16 * 16);
  aes.encrypt_counters_le(start, bytes);
  return bytes;
}

std::uint64_t word_at(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

}  // namespace

void Sampler::ternary(std::span<std::int64_t> out, Stream stream, std::uint32_t index) {
  const auto bytes = stream_bytes(aes_, start_of(stream, index), out.size() * 8);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int64_t>((static_cast<Wide>(word_at(bytes.data() + 8 * i)) * 3) >> 64) - 1;
}

void Sampler::binomial(std::span<std::int64_t> out, Stream stream, std::uint32_t index) {
  constexpr std::uint64_t kMask = (1U << 21) - 1;
  const auto bytes = stream_bytes(aes_, start_of(stream, index), out.size() * kBinomialBytes + 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto word = word_at(bytes.data() + kBinomialBytes * i);
    out[i] = __builtin_popcountll(word & kMask) - __builtin_popcountll(word >> 21 & kMask);
  }
}

void Sampler::uniform(std::span<std::uint64_t> out, std::uint64_t q, std::uint32_t index) {
  const auto mask = ~std::uint64_t{0} >> __builtin_clzll(q);
  std::size_t filled = 0;
  constexpr std::size_t kWordsAtOnce = 512;
  for (std::uint64_t counter = start_of(Stream::uniform, index); filled < out.size(); counter += kWordsAtOnce / 2) {
    const auto bytes = stream_bytes(aes_, counter, kWordsAtOnce * 8);
    for (std::size_t i = 0; i < kWordsAtOnce && filled < out.size(); ++i)
      if (const auto word = word_at(bytes.data() + 8 * i) & mask; word < q) out[filled++] = word;
  }
}

}  // namespace tablinum::seal::fhe
