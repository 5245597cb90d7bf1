#pragma once
/// How much a text looks like people's names and prose when its bytes are read in one or another character set.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/tree/gedcom/charset.h"

namespace tablinum::tree::gedcom {

struct ScoredCharset {
  Charset charset{};
  int points = 0;
};

/// @param sample    lines, each ended by LF, in the unknown set.
/// @param language  HEAD.LANG ("German"); may be empty.
/// @param declared  what the header says: it gets a tenth more.
/// @return best first; of equal ones the earlier candidate first.
std::vector<ScoredCharset> score_charsets(std::span<const Charset> candidates, std::string_view sample,
                                          std::string_view language, std::optional<Charset> declared);

/// Less than 5 % apart.
bool is_close(int best, int second) noexcept;

/// True if the sample is the same text in both.
bool read_alike(Charset a, Charset b, std::string_view sample);

/// Up to `lines` lines of the sample read in a character set, as excerpts.
std::string sample_in(const CharsetId& charset, std::string_view sample, std::size_t lines);

}  // namespace tablinum::tree::gedcom
