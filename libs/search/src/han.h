#pragma once
/// Chinese characters in ASCII letters, as ICU's transform gives them; its rules take 70 ms to load, this table nothing.
#include <string>
#include <string_view>

namespace tablinum::search {

/// Appends the reading of each character of `word`.  @return false if it holds anything but the characters 3400 … 9FFF; `out`
/// is then as it was.
bool append_han_readings(std::string_view word, std::string& out);

}  // namespace tablinum::search
