#pragma once
/// Bytes and their text forms.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// The bytes of a text, and the text of bytes; neither copies.
inline ByteView bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text.data(), text.size()}); }
inline std::string_view text_of(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline const std::uint8_t* u8(ByteView bytes) noexcept { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
inline std::uint8_t* u8(MutableBytes bytes) noexcept { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// Upper or lower case.  @error invalid: odd length or another character.
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 §5 without padding.
std::string to_base64url(ByteView bytes);
/// @error invalid: a character outside the alphabet, padding, or bits left over.
Result<Bytes> from_base64url(std::string_view text);

/// RFC 4648 §4 with padding (the form of most foreign formats).
std::string to_base64(ByteView bytes);
/// @error invalid: a character outside the alphabet, wrong padding, or bits left over.
Result<Bytes> from_base64(std::string_view text);

/// Big-endian and little-endian integers at the end of a buffer.
void append_u16_be(Bytes& out, std::uint16_t value);
void append_u32_be(Bytes& out, std::uint32_t value);
void append_u64_be(Bytes& out, std::uint64_t value);
void append_u16_le(Bytes& out, std::uint16_t value);
void append_u32_le(Bytes& out, std::uint32_t value);
void append_u64_le(Bytes& out, std::uint64_t value);
inline void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

/// True if equal. The time depends on the sizes only, never on the contents.
bool equal_constant_time(ByteView a, ByteView b) noexcept;

}  // namespace tablinum
