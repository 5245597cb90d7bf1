#include "tablinum/search/phonetic.h"

namespace tablinum::search {
namespace {

/// A class is called like its formal name, to which it belongs itself.
struct NicknameClass {
  std::string_view name;
  std::string_view members;
};
constexpr NicknameClass kClasses[] = {
#include "nicknames.inc"
};

using ClassesOf = std::unordered_map<std::string_view, std::vector<std::string_view>>;

ClassesOf make_table() {
  ClassesOf table;
  for (const auto& [name, members] : kClasses) {
    table[name].push_back(name);
    for (std::size_t at = 0; at < members.size();) {
      const auto end = std::min(members.find(' ', at), members.size());
      auto& classes = table[members.substr(at, end - at)];
      if (std::ranges::find(classes, name) == classes.end()) classes.push_back(name);
      at = end + 1;
    }
  }
  return table;
}

}  // namespace

std::vector<std::string_view> nickname_classes(std::string_view given) {
  static const ClassesOf table = make_table();
  const auto found = table.find(given);
  return found == table.end() ? std::vector<std::string_view>{} : found->second;
}

}  // namespace tablinum::search
