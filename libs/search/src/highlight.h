#pragma once
/// Marks what matched in a document's text. The result is HTML: everything but our <mark> is escaped.
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "expansion.h"
#include "tablinum/search/names.h"

namespace tablinum::search {

class Highlighter {
 public:
  explicit Highlighter(std::span<const WordPlan> plans);

  /// The first part of a name column; another part follows if only that one has a match.
  std::string title(std::string_view name_column);
  /// The part of a body with the first match, cut to kSnippetBytesMax bytes of text around it; empty if nothing matches.
  std::string snippet(std::string_view body_column);

 private:
  struct Mark {
    std::size_t begin, end;
  };
  std::vector<Mark> marks_in(std::string_view text);
  bool is_match(std::string_view word);
  bool has_matching_code(std::string_view plain) const;

  std::unordered_set<std::string> tokens_;
  std::unordered_set<std::string> codes_;
  std::vector<std::string> beginnings_;
  Tokenizer tokenizer_;
};

std::string escape_html(std::string_view text);

}  // namespace tablinum::search
