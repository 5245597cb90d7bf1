#pragma once
/// What prover and verifier compute alike: the transcript's beginning, the consistency hash, the sums of the last check.
#include <array>
#include <span>
#include <vector>

#include "lf/arrays.h"
#include "tablinum/proof/transcript.h"
#include "vole/boolean_circuit.h"
#include "vole/trees.h"

namespace tablinum::proof::vole {

/// Arrays of many elements: their memory is kept for the next proof; what resize() adds is undefined.
using LargeElts = lf::SecretArray<Elt>;

/// What share of a proof's or a verification's time the trees take, about: for Work::reached().
inline constexpr double kTreesShare = 0.8;

/// After the session: the profile, the circuit and the public inputs.
void begin(Transcript& transcript, const Params& params, const BooleanCircuit& circuit, std::span<const std::uint8_t> publics);

/// R of docs/proof/vole.md.
class ConsistencyHash {
 public:
  using Value = std::array<std::uint8_t, kConsistencyBytes>;
  ConsistencyHash(Transcript& transcript, const Layout& layout);
  /// @param x layout.blocks() elements.
  Value of(std::span<const Elt> x) const noexcept;

 private:
  std::vector<Elt> a_;
  std::vector<Elt> b_;
};

/// 128 columns of layout.blocks() elements, and their rows.
class Columns {
 public:
  explicit Columns(const Layout& layout) : blocks_{layout.blocks()}, elements_(128 * layout.blocks(), kZero) {}
  std::span<Elt> column(unsigned index) noexcept { return std::span{elements_}.subspan(index * blocks_, blocks_); }
  std::span<const Elt> column(unsigned index) const noexcept { return std::span{elements_}.subspan(index * blocks_, blocks_); }
  /// `count` columns that stand together.
  std::span<Elt> columns(unsigned first, unsigned count) noexcept {
    return std::span{elements_}.subspan(first * blocks_, count * blocks_);
  }
  /// Row 128·block + t: bit c of it is bit t of column c's element.
  LargeElts rows(std::size_t blocks) const;

 private:
  std::size_t blocks_;
  LargeElts elements_;
};

/// s0 = Σ χ·p·q and s1 = Σ χ·r over all constraints, χ drawn in order.
class Accumulator {
 public:
  explicit Accumulator(Transcript& transcript) : transcript_{transcript} {}
  ~Accumulator();
  void add(Elt p, Elt q, Elt r) noexcept {
    p_[filled_] = p;
    q_[filled_] = q;
    r_[filled_] = r;
    if (++filled_ == kBatch) flush();
  }
  struct Sums {
    Elt s0;
    Elt s1;
  };
  Sums finish() noexcept {
    flush();
    return sums_;
  }

 private:
  static constexpr std::size_t kBatch = 512;
  void flush() noexcept;

  Transcript& transcript_;
  std::size_t filled_ = 0;
  Sums sums_;
  std::array<Elt, kBatch> p_;
  std::array<Elt, kBatch> q_;
  std::array<Elt, kBatch> r_;
  std::array<Elt, kBatch> chi_;
};

/// Σ row_t x^t over 128 rows.
Elt combine(std::span<const Elt> rows) noexcept;

/// The challenge of the trees: Δ from the transcript so far and a counter.
Elt delta_of(const Digest& transcript, std::uint32_t counter) noexcept;
/// The bits of grinding are 0.
bool fits(const Params& params, Elt delta) noexcept;
/// δ_j.
std::size_t hidden_leaf(const Params& params, Elt delta, unsigned tree) noexcept;

}  // namespace tablinum::proof::vole
