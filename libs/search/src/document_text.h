#pragma once
/// How a column of a document is written: parts as they were, then what the index needs beside them.
///
///   part ␟_ part ␟_ part ␞_ folded words _ Latinised words _ folded words _ … _ joined forms and other spellings
///
/// The database's tokenizer takes runs of ASCII letters, digits, '_' and all bytes over 7F, and lowers ASCII. For plain ASCII text
/// these are our words already and nothing follows; what follows is of the other parts only. The lone '_' is a word of its own
/// that no query can ask for, so phrases do not reach across it.
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::search {

inline constexpr std::string_view kPartBreak = "\x1f_ ";
inline constexpr char kPartMark = '\x1f';
inline constexpr char kTailMark = '\x1e';
inline constexpr std::string_view kBarrier = "_";

/// Codes of the alt column that say which part of a name a word is: "_lmoyo", "_gtendai".
inline constexpr std::string_view kSurnameCode = "_l";
inline constexpr std::string_view kGivenCode = "_g";

/// Appends `part` with the marks above blanked.
void append_part(std::string& column, std::string_view part);

/// True if the index's words of `text` are ours: ASCII without '_' and without overlong words.
bool is_plain(std::string_view text) noexcept;

/// The different words of a column, sorted: those of its plain parts and of its tail, without barriers and codes.
/// Views point into `scratch`, which is overwritten.
void indexed_words(std::string_view column, std::string& scratch, std::vector<std::string_view>& out);

/// The different codes of an alt column, sorted.
void codes_of(std::string_view column, std::vector<std::string_view>& out);

}  // namespace tablinum::search
