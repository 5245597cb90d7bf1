#pragma once
/// The randomness of a simulation: one stream for each host and purpose, so that a further draw in one place shifts no other.
/// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014), SplitMix64.
#include <cstdint>

namespace tablinum::io::sim {

enum class Purpose : std::uint8_t { schedule = 1, steps, network, disk, application, sometimes, streams, workload };

constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

class Stream {
 public:
  constexpr Stream(std::uint64_t seed, std::uint64_t who, Purpose purpose) noexcept
      : state_{mix(mix(seed + 1) ^ mix((who << 8) + static_cast<std::uint64_t>(purpose)))} {}
  constexpr std::uint64_t next() noexcept { return mix(state_ += 0x9e3779b97f4a7c15U); }
  /// 0 … limit - 1; 0 for a limit of 0.
  constexpr std::uint64_t below(std::uint64_t limit) noexcept { return limit == 0 ? 0 : next() % limit; }
  constexpr bool chance(double probability) noexcept {
    return probability > 0 && static_cast<double>(next() >> 11) * 0x1p-53 < probability;
  }

 private:
  std::uint64_t state_;
};

}  // namespace tablinum::io::sim
