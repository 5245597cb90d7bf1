#pragma once
/// Somebody's word that something is right as it is: of a contradiction, or of what an import has found. Kept in the archive (table
/// `setting`), not in the tree: the records say nothing of it.
#include <optional>
#include <string>
#include <string_view>

#include "json.h"
#include "tablinum/archive/archive.h"

namespace tablinum::genealogy_service {

struct Judgement {
  std::int64_t time = 0;  ///< Unix seconds
  std::string actor, note;
};
/// @error corrupt: what is kept cannot be read.
Result<std::optional<Judgement>> find_judgement(store::Session& session, std::string_view name);

/// {"right": true, "note": "…"}; false takes the word back.
struct Word {
  bool right = false;
  std::string note;
};
/// @error invalid: a member is missing, of another type, or the note is over 1,000 bytes.
Result<Word> parse_word(std::string_view json);

Result<void> put_word(archive::Archive& archive, std::string_view name, const Word& word);

/// A CheckJudgement, or null.
void write_judgement(Writer& w, const std::optional<Judgement>& judgement);

}  // namespace tablinum::genealogy_service
