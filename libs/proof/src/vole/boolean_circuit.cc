#include "vole/boolean_circuit.h"

#include <cassert>
#include <stdexcept>

namespace tablinum::proof::vole {
namespace {

constexpr std::uint32_t kZeroWire = 0;
constexpr std::uint32_t kOneWire = 1;

Digest digest_of(const BooleanCircuit& circuit) {
  Sha256 hash;
  hash.update("tablinum vole circuit");
  Bytes counts;
  append_u64_le(counts, circuit.gates.size());
  append_u64_le(counts, circuit.zeros.size());
  hash.update(counts);
  hash.update(std::as_bytes(std::span{circuit.gates}));
  hash.update(std::as_bytes(std::span{circuit.zeros}));
  return hash.finish();
}

}  // namespace

static_assert(sizeof(BooleanCircuit::Gate) == 8, "the digest is over these bytes");

std::size_t BooleanCircuit::bytes() const noexcept {
  return sizeof *this + gates.capacity() * sizeof(Gate) + zeros.capacity() * sizeof(std::uint32_t);
}

Recorder::Recorder() {
  add_gate(Kind::constant, {0}, {0});
  add_gate(Kind::constant, {0}, {1});
}

Bit Recorder::add_gate(Kind kind, Bit a, Bit b) {
  const std::size_t number = circuit_.gates.size();
  if (number >= kWiresMax) throw std::length_error("a circuit with too many wires");
  constexpr std::uint32_t kMask = kWiresMax - 1;
  const auto named = static_cast<std::uint32_t>(kind) & 7;
  circuit_.gates.push_back({named, static_cast<std::uint32_t>(a.id) & kMask, static_cast<std::uint32_t>(b.id)});
  return {number};
}

Bit Recorder::public_bit() {
  ++circuit_.public_inputs;
  return add_gate(Kind::public_input, {0}, {0});
}

Bit Recorder::private_bit() {
  ++circuit_.private_inputs;
  return add_gate(Kind::private_input, {0}, {0});
}

Bit Recorder::exclusive_or(Bit a, Bit b) {
  if (a.id == kZeroWire) return b;
  if (b.id == kZeroWire) return a;
  if (a.id == b.id) return {kZeroWire};
  return add_gate(Kind::exclusive_or, a, b);
}

Bit Recorder::both(Bit a, Bit b) {
  if (a.id == kZeroWire || b.id == kZeroWire) return {kZeroWire};
  if (a.id == kOneWire || a.id == b.id) return b;
  if (b.id == kOneWire) return a;
  ++circuit_.and_gates;
  return add_gate(Kind::both, a, b);
}

void Recorder::assert_zero(Bit a) {
  if (a.id != kZeroWire) circuit_.zeros.push_back(static_cast<std::uint32_t>(a.id));
}

BooleanCircuit Recorder::finish() {
  circuit_.gates.shrink_to_fit();
  circuit_.zeros.shrink_to_fit();
  circuit_.id = digest_of(circuit_);
  return std::move(circuit_);
}

Outcome<SecretVector<std::uint8_t>> evaluate(const BooleanCircuit& circuit, std::span<const std::uint8_t> publics,
                                             std::span<const std::uint8_t> privates, SecretVector<std::uint8_t>& wires) {
  using Kind = BooleanCircuit::Kind;
  if (publics.size() != circuit.public_inputs || privates.size() != circuit.private_inputs) {
    return fault(Fault::input, "length: the circuit has another number of inputs");
  }
  SecretVector<std::uint8_t> committed;
  committed.reserve(circuit.committed());
  wires.assign(circuit.gates.size(), 0);
  wires[kOneWire] = 1;
  std::size_t publics_read = 0;
  std::size_t privates_read = 0;
  for (std::size_t i = 2; i < wires.size(); ++i) {
    const BooleanCircuit::Gate gate = circuit.gates[i];
    switch (gate.what()) {
      case Kind::constant: break;
      case Kind::public_input: wires[i] = publics[publics_read++] & 1; break;
      case Kind::private_input: committed.push_back(wires[i] = privates[privates_read++] & 1); break;
      case Kind::exclusive_or: wires[i] = wires[gate.a] ^ wires[gate.b]; break;
      case Kind::both: committed.push_back(wires[i] = wires[gate.a] & wires[gate.b]); break;
    }
  }
  std::uint8_t broken = 0;
  for (const std::uint32_t zero : circuit.zeros) broken |= wires[zero];
  if (broken != 0) return fault(Fault::input, "circuit: the input does not make the statement true");
  return committed;
}

}  // namespace tablinum::proof::vole
