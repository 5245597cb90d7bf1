#include "gedcom/icu.h"

#include <unicode/ustring.h>

#include <algorithm>

namespace tablinum::tree::gedcom {
namespace {

/// What lines are made of. \ and ~ are left out: Japanese sets have the yen sign and the overline there.
constexpr std::string_view kSyntax =
    "\r\n\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}";

bool extends_ascii(UConverter* converter) {
  const auto type = ucnv_getType(converter);
  if (type != UCNV_SBCS && type != UCNV_MBCS && type != UCNV_LATIN_1) return false;
  return convert(converter, kSyntax) == kSyntax;
}

}  // namespace

Converter open_converter(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter{ucnv_open(name.c_str(), &error)};
  if (U_FAILURE(error) || !converter || !extends_ascii(converter.get())) return nullptr;
  return converter;
}

std::string convert(UConverter* converter, std::string_view bytes) {
  UErrorCode error = U_ZERO_ERROR;
  std::u16string units(bytes.size() * 2 + 1, u'\0');  // no set that open_converter() admits makes more of a byte
  const auto length = ucnv_toUChars(converter, units.data(), static_cast<std::int32_t>(units.size()), bytes.data(),
                                    static_cast<std::int32_t>(bytes.size()), &error);
  std::string out(static_cast<std::size_t>(std::max(length, 0)) * 3, '\0');
  std::int32_t out_bytes = 0;
  u_strToUTF8WithSub(out.data(), static_cast<std::int32_t>(out.size()), &out_bytes, units.data(), length, 0xFFFD, nullptr,
                     &error);
  out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(out_bytes) : 0);
  return out;
}

}  // namespace tablinum::tree::gedcom
