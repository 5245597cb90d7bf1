#pragma once
/// Gates: the language in which statements are written, once for all back ends.  Source: docs/proof/statements.md.
///
/// A statement calls a Gates in a fixed order that depends on its type and shape only, never on values. What a Bit is belongs to
/// the implementation: a position in a circuit (`lf`'s compiler), a value (evaluating a witness), or an authenticated value
/// (`vole`). The same calls in the same order give the same circuit and the same witness layout.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tablinum::proof {

/// A bit of the computation; meaningful only to the Gates that gave it.
struct Bit {
  std::uint64_t id = 0;
};

/// A SHA-256 word, least significant bit first.
using Word = std::array<Bit, 32>;
/// A SHA-256 state and a message block, as words.
using StateWords = std::array<Word, 8>;
using BlockWords = std::array<Word, 16>;

/// Not thread-safe. Bits of one Gates may not be given to another.
class Gates {
 public:
  virtual ~Gates() = default;

  virtual Bit constant(bool value) = 0;
  /// The next bit that prover and verifier both know.
  virtual Bit public_bit() = 0;
  /// The next secret bit of the prover. It is 0 or 1: the back end sees to it.
  virtual Bit private_bit() = 0;

  /// a + b: costs next to nothing, but a sum of many terms should not be multiplied before fresh().
  virtual Bit exclusive_or(Bit a, Bit b) = 0;
  /// a · b.
  virtual Bit both(Bit a, Bit b) = 0;
  /// The statement holds only if `a` is 0.
  virtual void assert_zero(Bit a) = 0;

  /// The same bit at depth zero: a new secret bit that the prover sets to `a`, and the assertion that they are equal. Where
  /// depth costs nothing it is `a` itself. Long chains of both() call it now and then.
  virtual Bit fresh(Bit a) = 0;

  /// The SHA-256 compression function (FIPS 180-4 §6.2.2), feed-forward included.
  virtual StateWords compress(const StateWords& state, const BlockWords& block) = 0;

  // Derived, the same everywhere.
  Bit negate(Bit a) { return exclusive_or(a, constant(true)); }
  void assert_one(Bit a) { assert_zero(negate(a)); }
  void assert_equal(Bit a, Bit b) { assert_zero(exclusive_or(a, b)); }
  /// chosen = which ? if_one : if_zero.
  Bit select(Bit which, Bit if_one, Bit if_zero) {
    return exclusive_or(if_zero, both(which, exclusive_or(if_one, if_zero)));
  }
};

}  // namespace tablinum::proof
