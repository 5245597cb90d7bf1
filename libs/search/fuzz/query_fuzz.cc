#include <cstdlib>

#include "tablinum/search/names.h"
#include "tablinum/search/query.h"

namespace search = tablinum::search;

/// Laws: what parses, prints to something within the limits that parses to the same; words are folded for good.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto query = search::parse_query(text)) {
    const auto printed = search::print(*query);
    const auto again = search::parse_query(printed);
    if (printed.size() > search::kQueryBytesMax || !again || *again != *query) std::abort();
  }
  static search::Tokenizer tokenizer;
  for (const auto word : tokenizer.words(text)) {
    if (word.empty() || word.size() > search::kWordBytesMax || search::fold(word) != word) std::abort();
  }
  return 0;
}
