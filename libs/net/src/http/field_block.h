#pragma once
/// The wires' way to make Headers: one text taken over, fields as slices of it, checked strictly while they are found.
#include <string>
#include <string_view>

#include "tablinum/net/headers.h"

namespace tablinum::net {

class FieldBlock {
 public:
  /// Takes `text`, whose bytes from `offset` on are complete lines "name: value CR LF". Names become lower-case in place.
  /// @return an empty text, or what is wrong: no colon, a name that is no token (so a space before the colon, or a folded
  ///         line), a control character in the value, a line end that is not CR LF.
  static std::string_view parse(std::string text, std::size_t offset, Headers& out);

 private:
  static std::string_view parse_line(std::string& text, std::size_t begin, std::size_t end, Headers& out);
};

}  // namespace tablinum::net
