#include "han.h"

#include <unicode/utf8.h>

#include <array>

namespace tablinum::search {
namespace {

#include "han_readings.inc"

constexpr UChar32 kFirst = 0x3400;

}  // namespace

bool append_han_readings(std::string_view word, std::string& out) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(word.data());
  const auto length = static_cast<std::int32_t>(word.size());
  const auto before = out.size();
  for (std::int32_t at = 0; at < length;) {
    UChar32 c;
    U8_NEXT(bytes, at, length, c);
    if (c < kFirst || c >= kFirst + static_cast<UChar32>(kReadingOf.size())) {
      out.resize(before);
      return false;
    }
    out += kReadings[kReadingOf[static_cast<std::size_t>(c - kFirst)]];
  }
  return true;
}

}  // namespace tablinum::search
