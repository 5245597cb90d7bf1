#pragma once
/// One request on its way through the service.
#include <map>
#include <stop_token>

#include "service/completion.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/zk.h"

namespace tablinum::proof {

struct Job;
using JobPtr = std::shared_ptr<Job>;
using Queue = std::multimap<int, JobPtr, std::greater<>>;

enum class Operation : std::uint8_t { prove, verify };

struct Answer {
  Proof proof;           ///< of prove
  bool accepted = false; ///< of verify
};

struct Job : io::Ready {
  enum class State : std::uint8_t { fresh, following, queued, running, done };

  std::string_view name() const noexcept { return operation == Operation::prove ? "prove" : "verify"; }
  /// A proof's answer may be kept, and given to others who ask the same.
  bool shareable() const noexcept { return key.has_value(); }

  // What was asked.
  Operation operation = Operation::prove;
  Bytes program;
  SecretBytes input;     ///< of prove; wiped as soon as the job is done
  Bytes proof;           ///< of verify
  ZkConfig config;
  bool internal = false; ///< the service's own test: not counted, and let in whatever the phase

  // Known after admission.
  Plan plan;
  std::optional<Digest> key;  ///< of the proof cache

  // Under the service's lock.
  State state = State::fresh;
  bool verified = false; ///< its proof was, so others may have it
  Fault stopped_by{};    ///< why `stop` was requested
  Queue::iterator place; ///< queued
  std::size_t admitted_bytes = 0;  ///< running
  class Service* service = nullptr;
  JobPtr self;           ///< while a thread of the pool has it

  std::stop_source stop;
  std::optional<Outcome<Answer>> answer;  ///< set before `done`
  Completion done;
};

}  // namespace tablinum::proof
