#pragma once
/// The back end `lf`: sumcheck over a layered circuit, on top of a Ligero commitment, in GF(2^128); byte-compatible with
/// google/longfellow-zk.  Format and mathematics: docs/proof/lf.md.  Source: draft-google-cfrg-libzk-01.
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/fault.h"
#include "tablinum/proof/field.h"
#include "tablinum/proof/scheme.h"
#include "tablinum/proof/soundness.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof::lf {

/// One term v · V[h0] · V[h1] of output g; `constant` is an index of Circuit::constants. The constant 0 asserts V[h0]·V[h1] = 0.
struct Quad {
  std::uint32_t h0 = 0;
  std::uint32_t h1 = 0;
  std::uint32_t g = 0;
  std::uint32_t constant = 0;
  friend bool operator==(const Quad&, const Quad&) = default;
};

/// What a layer consists of where its terms are copies of a template's: position x > 0 of copy c is wire (x << log_stride) + c,
/// position 0 as h0 or h1 is wire 0, the constant 1, for all copies. Says nothing that Layer::quads does not say; lets prover and
/// verifier treat all copies of a term at once. Part neither of a circuit's bytes nor of its id.
struct Pattern {
  std::uint32_t copies = 0;     ///< 0: there is no template
  std::uint32_t log_stride = 0;
  std::uint32_t positions = 0;  ///< of the layer's input wires
  std::uint32_t outputs = 0;    ///< positions of its outputs
  std::vector<Quad> both;       ///< terms of the template with h0, h1 > 0
  std::vector<Quad> linear;     ///< h0 = 0 < h1
  std::vector<Quad> constant;   ///< h0 = h1 = 0
  std::vector<Quad> rest;       ///< the layer's other terms, by wires
};

struct Layer {
  std::uint32_t wires = 0;      ///< input wires
  std::uint32_t log_wires = 0;  ///< ⌈log2 wires⌉, at least 1
  std::vector<Quad> quads;      ///< in canonical order
  Pattern pattern;
};

/// A layered circuit, layer 0 nearest the outputs; all outputs must be 0. Input 0 is the constant 1. What takes a Circuit relies on
/// what read_circuit() checks: one that was put together otherwise must keep to it.
struct Circuit {
  std::uint32_t outputs = 0;
  std::uint32_t inputs = 0;
  std::uint32_t public_inputs = 0;
  std::uint32_t subfield_boundary = 0;
  std::vector<Elt> constants;
  std::vector<Layer> layers;
  Digest id;

  std::uint64_t quad_count() const noexcept;
  std::size_t bytes() const noexcept;
};

/// SHA-256 over everything a circuit consists of.
Digest circuit_id(const Circuit& circuit);
/// The circuit's bytes, version 1.  @error unsupported: a count over 24 bits.
Outcome<Bytes> write_circuit(const Circuit& circuit);
/// Reads and checks: order, ranges, and the id, which is computed anew.
/// @error serialization.
Outcome<Circuit> read_circuit(ByteView bytes);

/// Where a prover's random bytes come from. @note The seeded one is for tests: a seed that is used twice gives the witness away.
class Random {
 public:
  virtual ~Random() = default;
  /// @error backend: no randomness.
  virtual Outcome<void> fill(MutableBytes out) = 0;
};
/// AES-256 in counter mode under a fresh seed of the system.
std::unique_ptr<Random> system_random();

/// @param inputs all of them, public ones first; inputs[0] is 1.
/// @param session what the proof is bound to.
/// @return the raw proof: commitment, padded sumcheck, Ligero argument.
/// @error input: the inputs do not satisfy the circuit, or break the subfield promise.  cancelled.  backend: no randomness.
Outcome<Bytes> prove(const Circuit& circuit, std::span<const Elt> inputs, ByteView session, const Params& params, Random& random,
                     const Work& work);
/// @param publics the public inputs, publics[0] is 1.
/// @return whether the proof holds. False for every flaw of the proof, of whatever kind.
/// @error cancelled.
Outcome<bool> verify(const Circuit& circuit, std::span<const Elt> publics, ByteView session, const Params& params, ByteView proof,
                     const Work& work);
/// Bytes that prove() holds at one time beside the circuit, and the size of a proof (subfield promise included), both estimates.
std::size_t prove_memory(const Circuit& circuit, const Params& params);
std::size_t proof_size(const Circuit& circuit, const Params& params);

/// The statements over this back end.
std::shared_ptr<const Scheme> scheme();

}  // namespace tablinum::proof::lf
