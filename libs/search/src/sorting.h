#pragma once
#include <string>
#include <string_view>

namespace tablinum::search {

/// Words of a text folded and Latinised, one blank between them: the half of a sort_key().
std::string sorting_form(std::string_view text);

/// Words shorter than this have no sound codes: nearly all would share a few.
inline constexpr std::size_t kSoundBytesMin = 2;

}  // namespace tablinum::search
