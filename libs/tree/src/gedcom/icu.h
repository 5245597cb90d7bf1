#pragma once
/// ICU's converters, as far as they can read a file whose line ends are ASCII.
#include <unicode/ucnv.h>

#include <memory>
#include <string>

namespace tablinum::tree::gedcom {

struct CloseConverter {
  void operator()(UConverter* converter) const noexcept { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

/// Nothing if ICU does not know the name, or the character set does not extend ASCII (EBCDIC, UTF-16, shifted ones).
Converter open_converter(const std::string& name);

/// UTF-8 of `bytes`; bytes without meaning become U+FFFD.
std::string convert(UConverter* converter, std::string_view bytes);

}  // namespace tablinum::tree::gedcom
