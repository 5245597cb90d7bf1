#include "convert/carriers.h"

#include <algorithm>

#include "convert/values.h"
#include "utf8.h"

namespace tablinum::tree::convert {
namespace {

constexpr std::string_view kMarks = "urn:tablinum:gedcom:";
constexpr std::string_view kOf551 = "urn:tablinum:gedcom551:";
constexpr std::string_view kOf70 = "urn:tablinum:gedcom70:";

bool is_plain(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// %XX for all but letters, digits and _.
std::string encoded(std::string_view key) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (is_plain(c))
      out += c;
    else
      (out += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

int hex_value(char c) noexcept { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/// The inverse; empty for what encoded() does not write.
std::string decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      if (!is_plain(text.front())) return {};
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) return {};
    out += static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]));
    text.remove_prefix(3);
  }
  return out;
}

std::string natural_tag(std::string_view key) {
  std::string tag{key.starts_with('#') || key.starts_with('_') ? "" : "_"};
  for (char c : key) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    tag += c == '#' || !is_plain(c) ? '_' : c;
  }
  return tag;
}

/// A key that stands for a tag: what a structure can have. Anything else in a header is not ours.
bool is_key(std::string_view key) noexcept {
  if (key.empty()) return false;
  for (const char c : key) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '@' || c == '\x7F') return false;
  }
  return utf8::is_valid(key);
}

}  // namespace

std::string Carriers::uri_of(std::string_view key) const {
  if (key.starts_with('#')) return std::string{kMarks}.append(key.substr(1));
  return std::string{dialect_ == Dialect::gedcom551 ? kOf70 : kOf551} + encoded(key);
}

bool Carriers::declare(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  const auto tag = line.substr(0, blank), uri = line.substr(blank + 1);
  const auto of_other = dialect_ == Dialect::gedcom551 ? kOf70 : kOf551;
  std::string key;
  if (uri.starts_with(kMarks)) {
    key = "#" + std::string{uri.substr(kMarks.size())};
    constexpr std::string_view kMarkKeys[] = {kWas, kMade, kInline, kIdent, kValue, kNone, kSum};
    if (std::ranges::find(kMarkKeys, key) == std::end(kMarkKeys)) return false;
  } else if (uri.starts_with(of_other)) {
    key = decoded(uri.substr(of_other.size()));
  }
  // Only what this program would have written: else the lines could not be written again as they were.
  if (!is_key(key) || !is_tag_70(tag) || !tag.starts_with('_') || uri != uri_of(key)) return false;
  if (tags_.contains(key) || keys_.contains(tag)) return false;
  tags_.emplace(key, tag);
  keys_.emplace(tag, key);
  declared_.emplace_back(line);
  return true;
}

const std::string& Carriers::tag_of(std::string_view key) {
  const auto known = tags_.find(key);
  if (known != tags_.end()) return known->second;
  const auto natural = natural_tag(key);
  std::string tag = natural;
  const auto is_taken = [&] { return foreign_.contains(tag) || keys_.contains(tag) || tag == "_UID" || tag == "_SCHMA"; };
  for (unsigned n = 2; is_taken(); ++n) tag = natural + std::to_string(n);
  keys_.emplace(tag, key);
  return tags_.emplace(key, std::move(tag)).first->second;
}

const std::string* Carriers::key_of(std::string_view tag) const {
  const auto found = keys_.find(tag);
  return found == keys_.end() ? nullptr : &found->second;
}

std::vector<std::string> Carriers::lines(const std::set<std::string, std::less<>>& keys) const {
  std::vector<std::string> lines;
  for (const auto& [key, tag] : tags_) {
    if (keys.contains(key)) lines.push_back(tag + " " + uri_of(key));
  }
  return lines;
}

}  // namespace tablinum::tree::convert
