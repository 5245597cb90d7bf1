#pragma once
/// Text as XML may hold it.
#include <string>
#include <string_view>

namespace tablinum::render {

/// Appends text with & < > " ' escaped; characters outside XML 1.0's Char, and bytes that are no UTF-8, become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

/// The text as one line of valid UTF-8: what is none becomes U+FFFD, control characters become blanks.
std::string plain(std::string_view text);

/// The first `characters_max` characters, the last of them an ellipsis if something was cut off.
std::string shortened(std::string_view text, std::size_t characters_max);

/// True for what a box may link to: http, https, or relative. Anything with another scheme (javascript:, data:) is not.
bool is_harmless_link(std::string_view href) noexcept;

/// A coordinate with at most two decimals and no needless zeros: "12", "0.5".
void append_number(std::string& out, double value);

}  // namespace tablinum::render
