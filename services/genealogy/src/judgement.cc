#include "judgement.h"

#include <simdjson.h>

#include "tablinum/api/call.h"
#include "tablinum/store/settings.h"

namespace tablinum::genealogy_service {
namespace {

constexpr std::size_t kNoteBytesMax = 1000;

}  // namespace

Result<std::optional<Judgement>> find_judgement(store::Session& session, std::string_view name) {
  TRY(value, store::find_setting(session, name));
  if (!value) return std::optional<Judgement>{};
  const auto first = value->find(' '), second = value->find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return fail(Code::corrupt, "a judgement cannot be read");
  std::int64_t time = 0;
  for (const char c : std::string_view{*value}.substr(0, first)) time = time * 10 + (c - '0');
  return std::optional{Judgement{time, value->substr(first + 1, second - first - 1), value->substr(second + 1)}};
}

Result<Word> parse_word(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Word out;
  if (parser.parse(simdjson::padded_string{json}).get(root) != simdjson::SUCCESS || !root.is_object())
    return api::invalid_field({"body", "is not a JSON object", "format"});
  if (root["right"].get(out.right) != simdjson::SUCCESS) return api::invalid_field({"right", "must be true or false", "missing"});
  std::string_view note;
  if (root["note"].error() == simdjson::SUCCESS && root["note"].get(note) != simdjson::SUCCESS)
    return api::invalid_field({"note", "must be a text", "format"});
  if (note.size() > kNoteBytesMax) return api::invalid_field({"note", "is too long", "range"});
  out.note = note;
  return out;
}

Result<void> put_word(archive::Archive& archive, std::string_view name, const Word& word) {
  TRY(writer, archive.database().writer());
  if (word.right)
    CHECK_OK(store::put_setting(writer, name, std::to_string(wall_now().seconds()) + " owner " + word.note));
  else
    CHECK_OK(store::remove_setting(writer, name));
  return writer.commit();
}

void write_judgement(Writer& w, const std::optional<Judgement>& judgement) {
  if (!judgement) return w.null();
  w.begin_object();
  w.field("time", to_rfc3339(Timestamp{judgement->time * 1000}));
  w.field("actor", judgement->actor);
  w.field("note", judgement->note);
  w.end_object();
}

}  // namespace tablinum::genealogy_service
