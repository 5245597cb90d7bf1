#pragma once
/// A proof system as the service sees it: plain functions that take their time. The service adds the queue, the limits, the
/// caches and the waiting (zk.h).
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/parallel.h"
#include "tablinum/proof/fault.h"

namespace tablinum::proof {

/// What a back end takes and gives.
struct Capabilities {
  struct Shape {
    std::uint8_t type = 0;     ///< statement type, the program's first byte
    std::uint16_t shape = 0;
    std::string words;         ///< "message of up to 55 bytes"
  };
  std::string backend;
  std::vector<Shape> shapes;
  std::vector<std::uint8_t> profiles;  ///< the first one is the default
  bool zero_knowledge = true;
  bool post_quantum = true;
};

/// What one request needs, known before anything begins.
struct Plan {
  std::string backend;
  std::uint8_t type = 0;
  std::uint8_t profile = 0;
  std::uint16_t shape = 0;
  std::size_t memory_bytes = 0;  ///< the most that proving or verifying holds at one time, the circuit included
  std::size_t proof_bytes = 0;   ///< expected, when proving
  Bytes circuit_key;             ///< equal for requests that one circuit serves: never depends on H; empty: no circuit
};

/// A compiled circuit. Immutable, shared by requests.
class CompiledCircuit {
 public:
  virtual ~CompiledCircuit() = default;
  virtual std::size_t bytes() const noexcept = 0;
};
using CircuitPtr = std::shared_ptr<const CompiledCircuit>;

/// Hears how far a piece of work is.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// @param share of the work, 0 … 1. Called from any thread, also side by side and out of order.
  virtual void reached(double share) noexcept = 0;
};

/// Where work runs, when it has to end, and who wants to know how far it is.
struct Work {
  std::stop_token stop;  ///< looked at at least every 5 ms
  Executor& executor;
  ProgressSink* progress = nullptr;  ///< none: nobody

  void reached(double share) const noexcept {
    if (progress != nullptr) progress->reached(share);
  }
};

struct MadeProof {
  Bytes envelope;
  double soundness_bits = 0;
};

/// Thread-safe and without state of its own.
class Scheme {
 public:
  virtual ~Scheme() = default;
  virtual Capabilities capabilities() const = 0;

  /// Reads the program and looks at the input's length only.
  /// @error program, input (length), unsupported.
  virtual Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const = 0;
  /// Reads the program and the envelope's head.
  /// @error program, serialization, unsupported.
  virtual Outcome<Plan> plan_verification(ByteView program, ByteView proof) const = 0;
  /// @error cancelled, resource_limit.
  virtual Outcome<CircuitPtr> compile(const Plan& plan, const Work& work) const = 0;
  /// For a cache on disk: what compile() made as bytes, and back. Empty: compiling costs no more than reading.
  virtual Bytes image(const CircuitPtr& /*circuit*/) const { return {}; }
  /// @param bytes what image() gave for this plan.circuit_key, or anything.  @error serialization: it cannot be.
  virtual Outcome<CircuitPtr> from_image(const Plan& /*plan*/, ByteView /*bytes*/) const {
    return fault(Fault::serialization, "this back end keeps no images");
  }
  /// @error input: names the rule that fails.  cancelled, backend.
  virtual Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                                   const Work& work) const = 0;
  /// @error serialization, cancelled.
  virtual Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof,
                               const Work& work) const = 0;
  /// A program and an input that it proves, small: for the test at start.
  struct Sample {
    Bytes program;
    Bytes input;
  };
  virtual Sample sample() const = 0;
};

}  // namespace tablinum::proof
