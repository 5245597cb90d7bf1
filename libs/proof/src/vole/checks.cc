#include "vole/checks.h"

#include <algorithm>
#include <cstring>

#include "field/vectors.h"

namespace tablinum::proof::vole {
namespace {

Elt dot(const Elt* a, const Elt* b, std::size_t count) noexcept {
  Elt sum;
  gf().dot(raw(&sum), raw(a), raw(b), count);
  return sum;
}

/// Hacker's Delight §7-3, for 64 × 64 bits: bit t of word c goes to bit c of word t.
void transpose64(std::array<std::uint64_t, 64>& m) noexcept {
  std::uint64_t mask = 0x00000000ffffffff;
  for (unsigned width = 32; width != 0; width >>= 1, mask ^= mask << width) {
    for (unsigned row = 0; row < 64; row = ((row | width) + 1) & ~width) {
      const std::uint64_t swapped = (m[row] >> width ^ m[row | width]) & mask;
      m[row | width] ^= swapped;
      m[row] ^= swapped << width;
    }
  }
}

}  // namespace

void begin(Transcript& transcript, const Params& params, const BooleanCircuit& circuit, std::span<const std::uint8_t> publics) {
  transcript.bytes(bytes_of("tablinum vole v1"));
  transcript.bytes(std::as_bytes(std::span{&params.profile, 1}));
  transcript.bytes(circuit.id.view());
  transcript.bytes(std::as_bytes(publics));
}

ConsistencyHash::ConsistencyHash(Transcript& transcript, const Layout& layout) : a_(layout.hashed_blocks()), b_(layout.hashed_blocks()) {
  transcript.challenges(a_);
  transcript.challenges(b_);
}

ConsistencyHash::Value ConsistencyHash::of(std::span<const Elt> x) const noexcept {
  const std::array<Elt, 2> sums{dot(a_.data(), x.data(), a_.size()), dot(b_.data(), x.data(), b_.size())};
  const auto* mask = reinterpret_cast<const std::uint8_t*>(x.data() + a_.size());
  Value value;
  std::memcpy(value.data(), sums.data(), value.size());
  for (std::size_t i = 0; i < value.size(); ++i) value[i] ^= mask[i];
  return value;
}

LargeElts Columns::rows(std::size_t blocks) const {
  LargeElts rows(128 * blocks);
  std::array<std::uint64_t, 64> square;
  for (std::size_t block = 0; block < blocks; ++block) {
    for (unsigned quarter = 0; quarter < 4; ++quarter) {
      const bool high_rows = (quarter & 1) != 0;
      const bool high_columns = (quarter & 2) != 0;
      for (unsigned c = 0; c < 64; ++c) {
        const Elt& element = elements_[(c + (high_columns ? 64 : 0)) * blocks_ + block];
        square[c] = high_rows ? element.hi : element.lo;
      }
      transpose64(square);
      for (unsigned t = 0; t < 64; ++t) {
        Elt& row = rows[128 * block + t + (high_rows ? 64 : 0)];
        (high_columns ? row.hi : row.lo) = square[t];
      }
    }
  }
  wipe(std::as_writable_bytes(std::span{square}));
  return rows;
}

Accumulator::~Accumulator() {
  wipe(std::as_writable_bytes(std::span{p_}));
  wipe(std::as_writable_bytes(std::span{q_}));
  wipe(std::as_writable_bytes(std::span{r_}));
  wipe(std::as_writable_bytes(std::span{&sums_, 1}));
}

void Accumulator::flush() noexcept {
  if (filled_ == 0) return;
  transcript_.challenges(std::span{chi_}.first(filled_));
  gf().mul(raw(p_.data()), raw(p_.data()), raw(q_.data()), filled_);
  sums_.s0 += dot(chi_.data(), p_.data(), filled_);
  sums_.s1 += dot(chi_.data(), r_.data(), filled_);
  filled_ = 0;
}

Elt combine(std::span<const Elt> rows) noexcept {
  std::array<Elt, 128> powers;
  for (unsigned t = 0; t < 64; ++t) {
    powers[t] = {std::uint64_t{1} << t, 0};
    powers[t + 64] = {0, std::uint64_t{1} << t};
  }
  return dot(powers.data(), rows.data(), powers.size());
}

Elt delta_of(const Digest& transcript, std::uint32_t counter) noexcept {
  Bytes number;
  append_u32_le(number, counter);
  const Digest drawn = Sha256{}.update("tablinum vole delta").update(transcript.view()).update(number).finish();
  return elt_from(drawn.view().first<16>());
}

bool fits(const Params& params, Elt delta) noexcept { return params.grinding == 0 || delta.hi >> (64 - params.grinding) == 0; }

std::size_t hidden_leaf(const Params& params, Elt delta, unsigned tree) noexcept {
  std::size_t leaf = 0;
  for (unsigned bit = 0; bit < params.depth; ++bit) {
    const unsigned at = tree * params.depth + bit;
    const std::uint64_t word = at < 64 ? delta.lo >> at : delta.hi >> (at - 64);
    leaf |= static_cast<std::size_t>(word & 1) << bit;
  }
  return leaf;
}

}  // namespace tablinum::proof::vole
