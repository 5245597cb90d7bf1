#include "idk/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tablinum::seal::idk {
namespace {

bool is_plain(std::string_view key) {
  return key == "PartSlotsTotal" || key == "PartSlotsUsed" || key == "BytesTotal" || key == "AuthPath";
}

Hash hash_pair(const Hash& left, const Hash& right) {
  std::array<std::byte, 128> both;
  std::ranges::copy(std::as_bytes(std::span{left}), both.begin());
  std::ranges::copy(std::as_bytes(std::span{right}), both.begin() + 64);
  return blake2b_512(both);
}

// The strings of a JSON list of hex strings, as Python writes it; false for anything else.
bool take_hashes(std::string_view text, std::vector<Hash>& out) {
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 2) return false;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    if (!out.empty()) {
      if (!text.starts_with(',')) return false;
      text.remove_prefix(1);
      while (text.starts_with(' ')) text.remove_prefix(1);
    }
    if (text.size() < 130 || text[0] != '"' || text[129] != '"') return false;
    const auto bytes = from_hex(text.substr(1, 128));
    if (!bytes) return false;
    std::copy(u8(*bytes), u8(*bytes) + 64, out.emplace_back().begin());
    text.remove_prefix(130);
  }
  return true;
}

}  // namespace

std::string begin_marker(std::uint32_t number, std::uint32_t total) {
  return fmt::format("----- BEGIN IDK MESSAGE PART {}/{} -----", number, total);
}
std::string end_marker(std::uint32_t number, std::uint32_t total) {
  return fmt::format("----- END IDK MESSAGE PART {}/{} -----", number, total);
}

std::string header_lines(const Headers& headers, std::string_view without) {
  std::string out;
  for (const auto& [key, value] : headers) {
    if (key == without) continue;
    if (is_plain(key))
      out += fmt::format("{}: {}\n", key, value);
    else
      out += fmt::format("{}: \"{}\"\n", key, value);
  }
  return out;
}

std::string payload_hash(ByteView payload) { return hex_of(blake2b_512(payload)); }

Result<void> check_header(std::string_view key, std::string_view value) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const auto is_bad_in_key = [&](char c) { return is_control(c) || c == ':' || c == ' '; };
  const bool good_key = !key.empty() && !key.starts_with("-") && std::ranges::none_of(key, is_bad_in_key);
  if (!good_key || std::ranges::any_of(value, is_control))
    return fail(Code::invalid, fmt::format("header '{}' cannot be written", key));
  return {};
}

std::string hex_of(const Hash& hash) { return to_hex(std::as_bytes(std::span{hash})); }

std::vector<std::vector<Hash>> hash_tree(std::vector<Hash> leaves) {
  std::vector<std::vector<Hash>> levels{std::move(leaves)};
  while (levels.back().size() > 1) {
    const auto& below = levels.back();
    std::vector<Hash> level;
    for (std::size_t i = 0; i < below.size(); i += 2)
      level.push_back(hash_pair(below[i], i + 1 < below.size() ? below[i + 1] : Hash{}));
    levels.push_back(std::move(level));
  }
  return levels;
}

std::string auth_path(const std::vector<std::vector<Hash>>& tree, std::size_t index) {
  std::string out = "[";
  for (std::size_t level = 0; level + 1 < tree.size(); ++level, index /= 2) {
    const auto sibling = index ^ 1;
    if (level > 0) out += ", ";
    out += fmt::format("\"{}\"", hex_of(sibling < tree[level].size() ? tree[level][sibling] : Hash{}));
  }
  return out + "]";
}

bool auth_path_leads_to(std::string_view path, Hash leaf, std::size_t index, std::size_t leaves, std::string_view root_hex) {
  std::vector<Hash> siblings;
  if (!take_hashes(path, siblings)) return false;
  std::size_t depth = 0;
  while ((std::size_t{1} << depth) < leaves) ++depth;
  if (siblings.size() != depth) return false;
  for (const auto& sibling : siblings) {
    leaf = index % 2 == 0 ? hash_pair(leaf, sibling) : hash_pair(sibling, leaf);
    index /= 2;
  }
  return hex_of(leaf) == root_hex;
}

std::string signed_text(const Part& part) { return header_lines(part.headers, "Signature"); }

std::string signed_text_recrypted(const Part& part, RecryptForm form) {
  auto headers = part.headers;
  if (form == RecryptForm::server) {
    headers["PartNum"] = std::to_string(part.number);
    headers["TotalParts"] = std::to_string(part.total);
  }
  return header_lines(headers, "ProxySignature");
}

std::string public_key_to_hex(const Secp256k1Public& key) { return to_hex(ByteView{key}.subspan(1)); }

Result<Secp256k1Public> public_key_from_hex(std::string_view hex) {
  TRY(bytes, from_hex(hex));
  Secp256k1Public key{std::byte{4}};
  if (bytes.size() == 64)
    std::ranges::copy(bytes, key.begin() + 1);
  else if (bytes.size() == 65 && bytes[0] == std::byte{4})
    std::ranges::copy(bytes, key.begin());
  else
    return fail(Code::invalid, "a public key has 64 bytes in hexadecimal");
  return key;
}

}  // namespace tablinum::seal::idk
