#include "tablinum/base/bytes.h"

#include <openssl/base64.h>
#include <openssl/mem.h>

namespace tablinum {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <int Width>
void append_little_endian(Bytes& out, std::uint64_t value) {
  for (int shift = 0; shift < Width * 8; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
}

int base64_value(char c) noexcept {
  const auto at = kBase64Url.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

template <int Width>
void append_big_endian(Bytes& out, std::uint64_t value) {
  for (int shift = (Width - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kHex[value >> 4];
    text += kHex[value & 15];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Code::invalid, "hexadecimal text has an odd length");
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Code::invalid, "not a hexadecimal digit");
    bytes[i] = static_cast<std::byte>(high << 4 | low);
  }
  return bytes;
}

std::string to_base64url(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    buffer = buffer << 8 | std::to_integer<std::uint32_t>(byte);
    for (bits += 8; bits >= 6; bits -= 6) text += kBase64Url[buffer >> (bits - 6) & 63];
  }
  if (bits > 0) text += kBase64Url[buffer << (6 - bits) & 63];
  return text;
}

Result<Bytes> from_base64url(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return fail(Code::invalid, "not a base64url character");
    buffer = buffer << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) bytes.push_back(static_cast<std::byte>(buffer >> (bits -= 8)));
  }
  // One encoding for one value: what is left over must be fewer than six zero bits.
  if (bits >= 6 || (buffer & ((1u << bits) - 1)) != 0) return fail(Code::invalid, "base64url text has bits left over");
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the zero that EVP_EncodeBlock adds
  text.resize(EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()), u8(bytes), bytes.size()));
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3);
  std::size_t length = 0;
  if (text.size() % 4 != 0 || EVP_DecodeBase64(u8(MutableBytes{bytes}), &length, bytes.size(), u8(bytes_of(text)), text.size()) != 1) {
    return fail(Code::invalid, "not base64 text");
  }
  bytes.resize(length);
  // AWS-LC takes bits that are left over after the last character; one value has one encoding here.
  if (!text.empty() && to_base64(bytes).substr(text.size() - 4) != text.substr(text.size() - 4)) {
    return fail(Code::invalid, "base64 text has bits left over");
  }
  return bytes;
}

void append_u16_be(Bytes& out, std::uint16_t value) { append_big_endian<2>(out, value); }
void append_u32_be(Bytes& out, std::uint32_t value) { append_big_endian<4>(out, value); }
void append_u64_be(Bytes& out, std::uint64_t value) { append_big_endian<8>(out, value); }
void append_u16_le(Bytes& out, std::uint16_t value) { append_little_endian<2>(out, value); }
void append_u32_le(Bytes& out, std::uint32_t value) { append_little_endian<4>(out, value); }
void append_u64_le(Bytes& out, std::uint64_t value) { append_little_endian<8>(out, value); }

bool equal_constant_time(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tablinum
