#include "tablinum/proof/config.h"

#include <fmt/format.h>

namespace tablinum::proof {
namespace {

Outcome<void> check_count(std::string_view name, std::uint64_t value, std::uint64_t most) {
  if (value == 0) return fault(Fault::config, fmt::format("{} is zero", name));
  if (value > most) return fault(Fault::config, fmt::format("{} is over {}", name, most));
  return {};
}

Outcome<void> check_size(std::string_view name, const std::optional<std::size_t>& value) {
  if (value && *value == 0) return fault(Fault::config, fmt::format("{} is zero", name));
  return {};
}

Outcome<void> check_time(std::string_view name, Duration value) {
  if (value <= Duration{0}) return fault(Fault::config, fmt::format("{} is not above zero", name));
  return {};
}

Outcome<void> check_timeout(std::string_view name, Duration value) {
  if (value > kTimeoutMax) return fault(Fault::config, fmt::format("{} is over {} s", name, kTimeoutMax.seconds()));
  return check_time(name, value);
}

}  // namespace

Outcome<void> validate(const ZkConfig& config) {
  CHECK_OK(check_size("max_program_size", config.max_program_size));
  CHECK_OK(check_size("max_input_size", config.max_input_size));
  CHECK_OK(check_size("max_memory", config.max_memory));
  CHECK_OK(check_timeout("proving_timeout", config.proving_timeout.value_or(kProvingTimeout)));
  CHECK_OK(check_timeout("verification_timeout", config.verification_timeout.value_or(kVerificationTimeout)));
  if (config.priority < -kPriorityMax || config.priority > kPriorityMax) return fault(Fault::config, "priority is beyond ±100");
  return {};
}

Outcome<void> validate(const Options& options) {
  CHECK_OK(check_count("threads", options.threads, kThreadsMax));
  CHECK_OK(check_count("max_concurrent", options.max_concurrent, kConcurrentMax));
  CHECK_OK(check_count("queue_max", options.queue_max, kQueueMax));
  CHECK_OK(check_size("memory_limit", options.memory_limit));
  return check_time("cache.max_age", options.cache.max_age);
}

}  // namespace tablinum::proof
