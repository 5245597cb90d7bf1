#pragma once
/// Ligero: a commitment to a vector and an argument that it satisfies linear and quadratic constraints.
/// Source: Ames, Hazay, Ishai, Venkitasubramaniam 2017; docs/proof/lf.md.
#include <vector>

#include "lf/layout.h"
#include "lf/sumcheck.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/transcript.h"

namespace tablinum::proof::lf {

/// witness[x] · witness[y] = witness[z].
struct Quadratic {
  std::uint32_t x, y, z;
};
std::vector<Quadratic> quadratic_constraints(const Circuit& circuit);

/// What is sent after the constraints are known.
struct Argument {
  std::vector<Elt> ldt;              ///< block
  std::vector<Elt> dot;              ///< dblock
  std::vector<Elt> quad_low;         ///< r
  std::vector<Elt> quad_high;        ///< dblock − block
  std::vector<Digest> nonces;        ///< one an opened column
  std::vector<Elt> columns;          ///< [rows][queries]
  std::vector<Digest> opening;       ///< of the tree
};

class Committer {
 public:
  /// Draws all randomness that the commitment needs, in the order of docs/proof/lf.md.
  /// @param witness private inputs, then pads.  @param subfield how many of the witnesses are promised to be in GF(2^16).
  /// @error backend: no randomness.  cancelled.
  static Outcome<Committer> commit(const Layout& layout, std::span<const Elt> witness, std::uint32_t subfield,
                                   std::span<const Quadratic> quadratic, Random& random, const Work& work);
  const Digest& root() const noexcept { return nodes_[1]; }
  /// @error cancelled.
  Outcome<Argument> argue(const Constraints& constraints, std::span<const Quadratic> quadratic, Transcript& transcript,
                          const Work& work) const;

 private:
  friend class CheatingCommitter;  // of the tests: alters the tableau before it is hashed
  explicit Committer(const Layout& layout) : layout_{layout} {}
  Outcome<void> draw(std::span<const Elt> witness, std::uint32_t subfield, std::span<const Quadratic> quadratic, Random& random);
  void extend_rows(Executor& executor);
  Outcome<void> hash_columns(Random& random, Executor& executor);

  const Elt* column(std::size_t i) const noexcept { return tableau_.data() + i * layout_.rows; }
  Elt& at(std::size_t row, std::size_t i) noexcept { return tableau_[i * layout_.rows + row]; }

  Layout layout_;
  SecretArray<Elt> tableau_;  // column by column: [block_enc][rows]
  SecretArray<Digest> nonces_;  // those of columns that stay closed hide them
  Array<Digest> nodes_;
};

/// @return whether `argument` opens `root` and shows the constraints. Sizes of the argument's parts are those of the layout.
/// @error cancelled.
Outcome<bool> check_argument(const Layout& layout, const Digest& root, const Argument& argument, const Constraints& constraints,
                             std::span<const Quadratic> quadratic, Transcript& transcript, const Work& work);

}  // namespace tablinum::proof::lf
