#pragma once
/// Self-diagnosis: what `tablinum doctor` looks at.
#include <string>
#include <vector>

#include "console.h"
#include "config.h"

namespace tablinum::app {

enum class Health : std::uint8_t { well, odd, broken };
std::string_view to_string(Health health) noexcept;

struct Diagnosis {
  std::string name;
  Health state = Health::well;
  std::string detail;
  std::string remedy;  ///< empty: nothing to do
};
/// Never fails: what cannot be looked at is a diagnosis.
std::vector<Diagnosis> diagnose(const Globals& globals, const Config& config);

}  // namespace tablinum::app
