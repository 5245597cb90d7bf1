#pragma once
/// Highlights as data: the pages put text into the page as text, never as markup.
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::search_service {

struct Part {
  std::string text;
  bool match = false;
};
/// Takes the search module's HTML (escaped text with <mark>…</mark>) apart.
std::vector<Part> parts_of(std::string_view html);

}  // namespace tablinum::search_service
