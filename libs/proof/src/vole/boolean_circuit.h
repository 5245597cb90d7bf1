#pragma once
/// Statements as Boolean circuits: what `vole` commits to and checks.
#include <cstdint>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/circuit.h"
#include "tablinum/proof/scheme.h"

namespace tablinum::proof::vole {

/// A list of gates; gate i is wire i. Wires 0 and 1 are the constants.
class BooleanCircuit final : public CompiledCircuit {
 public:
  enum class Kind : std::uint8_t { constant, public_input, private_input, exclusive_or, both };
  /// `a`, `b`: wires of xor and and, below the gate's own number.
  struct Gate {
    std::uint32_t kind : 3;
    std::uint32_t a : 29;
    std::uint32_t b;
    Kind what() const noexcept { return static_cast<Kind>(kind); }
  };

  std::size_t bytes() const noexcept override;
  /// Private inputs and outputs of AND gates: what is committed.
  std::size_t committed() const noexcept { return private_inputs + and_gates; }
  /// Coefficients of the last check: one for each AND gate and assertion.
  std::size_t constraints() const noexcept { return and_gates + zeros.size(); }

  std::vector<Gate> gates;
  std::vector<std::uint32_t> zeros;  ///< wires that must be 0
  std::size_t public_inputs = 0;
  std::size_t private_inputs = 0;
  std::size_t and_gates = 0;
  Digest id;                         ///< SHA-256 over gates and zeros
};

inline constexpr std::size_t kWiresMax = std::size_t{1} << 28;

/// Writes a circuit down, without gates whose result is known.
class Recorder final : public Gates {
 public:
  Recorder();
  Bit constant(bool value) override { return {value ? 1U : 0U}; }
  Bit public_bit() override;
  Bit private_bit() override;
  Bit exclusive_or(Bit a, Bit b) override;
  Bit both(Bit a, Bit b) override;
  void assert_zero(Bit a) override;
  /// Depth costs nothing here.
  Bit fresh(Bit a) override { return a; }
  StateWords compress(const StateWords& state, const BlockWords& block) override;

  BooleanCircuit finish();

 private:
  using Kind = BooleanCircuit::Kind;
  Bit add_gate(Kind kind, Bit a, Bit b);
  BooleanCircuit circuit_;
};

/// The committed bits (0 or 1), in order.
/// @error input: an assertion does not hold. The time does not depend on the values, but for that answer.
Outcome<SecretVector<std::uint8_t>> evaluate(const BooleanCircuit& circuit, std::span<const std::uint8_t> publics,
                                             std::span<const std::uint8_t> privates, SecretVector<std::uint8_t>& wires);

}  // namespace tablinum::proof::vole
