#pragma once
/// How a proof request fails: the module's own list, with one way to base's Code.  Source: the reference's ZkError, plus
/// `cancelled` and `unsupported`. A false proof is no failure: verify answers false.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"
#include "tablinum/base/time.h"

namespace tablinum::proof {

enum class Fault : std::uint8_t {
  program = 1,       ///< the program is empty, unknown, too short, or has a malformed extension or a parameter out of range
  input,             ///< the secret input does not fit the statement: the detail names the rule, never a value
  proof_generation,  ///< the prover could not finish although the statement is true: a bug
  serialization,     ///< the proof's bytes cannot be read
  resource_limit,    ///< a size, the memory, the queue; or the service is shutting down
  timeout,           ///< the time limit passed, waiting included
  cancelled,         ///< the caller asked to stop
  backend,           ///< the system or the back end failed, e.g. no randomness
  config,            ///< the configuration does not hold together
  unsupported,       ///< a back end, type, profile or shape that is not taken here
};
/// The name as in the list above.
std::string_view to_string(Fault fault) noexcept;

/// `detail` is written for people; neither it nor anything else here holds bytes of an input.
struct Failure {
  Fault fault{};
  std::string detail;
  std::string operation;  ///< "prove", "verify", "circuit", …; empty where the caller knows
  Timestamp at;
};

template <class T>
using Outcome = std::expected<T, Failure>;

/// A failure of now.
[[nodiscard]] std::unexpected<Failure> fault(Fault what, std::string detail, std::string operation = {});

/// program, input, config → invalid; serialization → corrupt; resource_limit → limit; timeout, cancelled, unsupported → the
/// same; the rest → internal.
Error to_error(const Failure& failure);

}  // namespace tablinum::proof
