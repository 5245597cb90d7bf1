#pragma once
/// A tree in numbers, from scans of its typed rows.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "browser.h"

namespace tablinum::genealogy_service {

struct NamedCount {
  std::optional<std::string> id;
  std::string name;
  std::uint64_t count = 0;
};
inline constexpr std::size_t kTopCount = 20;

struct TreeNumbers {
  std::vector<std::pair<std::string_view, std::uint64_t>> counts;  ///< the API's name and the number
  std::uint32_t generations = 0;
  std::optional<std::int32_t> earliest_year, latest_year;
  std::vector<NamedCount> surnames, places;
  std::map<std::int32_t, std::pair<std::uint64_t, std::uint64_t>> decades;  ///< births, deaths
  std::uint64_t without_citation = 0;
  std::array<std::uint64_t, 4> by_quality{};
};
Result<TreeNumbers> tree_statistics(Browser& browser, const store::TreeInfo& tree);

}  // namespace tablinum::genealogy_service
