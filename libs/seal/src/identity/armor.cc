#include "identity/armor.h"

#include <algorithm>
#include <string>

namespace tablinum::seal {
namespace {

constexpr std::size_t kLineChars = 64;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string begin_line(std::string_view label) { return "-----BEGIN TABLINUM " + std::string{label} + "-----"; }
std::string end_line(std::string_view label) { return "-----END TABLINUM " + std::string{label} + "-----"; }

// base.h's base64 works on plain strings; what stands here may be secret, so it has its own, whose memory is wiped.
void append_base64(SecretText& out, ByteView bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i) word = word << 8 | (i < left ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out.push_back(i <= left ? kAlphabet[word >> (18 - 6 * i) & 63] : '=');
  }
}

int value_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Whole groups of four only; padding is allowed in the last one, and the bits behind it must be zero.
bool append_group(SecretBytes& out, std::string_view group, bool last) {
  const std::size_t padding = group[3] != '=' ? 0 : group[2] != '=' ? 1 : 2;
  if (padding != 0 && !last) return false;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = i >= 4 - padding ? 0 : value_of(group[i]);
    if (value < 0) return false;
    word = word << 6 | static_cast<std::uint32_t>(value);
  }
  if ((word & ((1U << 8 * padding) - 1)) != 0) return false;
  for (std::size_t i = 0; i < 3 - padding; ++i) out.push_back(static_cast<std::byte>(word >> (16 - 8 * i)));
  return true;
}

std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

SecretText armored(std::string_view label, ByteView bytes) {
  SecretText out;
  out.reserve(bytes.size() * 4 / 3 + bytes.size() / 40 + 128);
  const auto add_line = [&](std::string_view line) {
    out.insert(out.end(), line.begin(), line.end());
    out.push_back('\n');
  };
  add_line(begin_line(label));
  for (std::size_t at = 0; at < bytes.size(); at += kLineChars / 4 * 3) {
    append_base64(out, bytes.subspan(at, std::min(kLineChars / 4 * 3, bytes.size() - at)));
    out.push_back('\n');
  }
  add_line(end_line(label));
  return out;
}

bool has_armor(std::string_view label, std::string_view text) noexcept { return take_line(text) == begin_line(label); }

Result<SecretBytes> from_armor(std::string_view label, std::string_view text) {
  const auto refuse = [] { return fail(Code::corrupt, "the text is cut off or altered"); };
  if (take_line(text) != begin_line(label)) return fail(Code::corrupt, "it does not begin with " + begin_line(label));
  SecretBytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  bool short_line_seen = false;
  for (auto line = take_line(text); line != end_line(label); line = take_line(text)) {
    // All lines but the last are full: two texts never stand for the same bytes.
    if (line.empty() || line.size() > kLineChars || line.size() % 4 != 0 || short_line_seen) return refuse();
    short_line_seen = line.size() < kLineChars || line.ends_with('=');
    for (std::size_t at = 0; at < line.size(); at += 4)
      if (!append_group(bytes, line.substr(at, 4), at + 4 == line.size())) return refuse();
  }
  if (text.find_first_not_of(" \t\r\n") != text.npos) return fail(Code::corrupt, "something stands after " + end_line(label));
  return bytes;
}

}  // namespace tablinum::seal
