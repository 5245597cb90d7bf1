#include "tls/server_name.h"

#include <algorithm>

namespace tablinum::net::tls {
namespace {

constexpr std::size_t kLabelBytesMax = 63;
constexpr std::byte kHostName{0};

std::size_t u16_at(ByteView bytes, std::size_t at) noexcept {
  return std::to_integer<std::size_t>(bytes[at]) << 8 | std::to_integer<std::size_t>(bytes[at + 1]);
}

bool is_label(std::string_view label) noexcept {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kLabelBytesMax && std::ranges::all_of(label, fits);
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::optional<std::string> server_name_in(ByteView extension) {
  // A list of names with exactly one in it: clients have never sent more, and two names could be read two ways.
  constexpr std::size_t kHeaderBytes = 5;
  if (extension.size() < kHeaderBytes || u16_at(extension, 0) != extension.size() - 2) return std::nullopt;
  if (extension[2] != kHostName || u16_at(extension, 3) != extension.size() - kHeaderBytes) return std::nullopt;
  std::string name{text_of(extension.subspan(kHeaderBytes))};
  std::ranges::transform(name, name.begin(), lower);
  if (name.ends_with('.')) name.pop_back();
  if (!is_dns_name(name, false)) return std::nullopt;
  return name;
}

bool is_dns_name(std::string_view name, bool wildcard) {
  if (name.empty() || name.size() > kServerNameBytesMax) return false;
  if (wildcard && name.starts_with("*.")) name.remove_prefix(2);
  while (true) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == name.size()) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace tablinum::net::tls
