#include "change_parser.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "tablinum/api/call.h"

namespace tablinum::genealogy_service {
namespace {

namespace model = tree::model;
namespace edit = tree::edit;
namespace dom = simdjson::dom;
using archive::Operation;
using archive::OperationKind;

constexpr std::size_t kListMax = 10'000;  ///< names or facts of one record
constexpr std::size_t kRefBytesMax = 64;

std::unexpected<Error> wrong(const std::string& field, std::string message, const char* type = "format") {
  return api::invalid_field({field, std::move(message), type});
}

struct WordKind {
  std::string_view word;
  model::RecordKind kind;
};
constexpr WordKind kKinds[] = {
    {"person", model::RecordKind::person},         {"family", model::RecordKind::family}, {"source", model::RecordKind::source},
    {"repository", model::RecordKind::repository}, {"media", model::RecordKind::media},   {"note", model::RecordKind::note},
    {"place", model::RecordKind::place},           {"story", model::RecordKind::story},
};

struct WordPedigree {
  std::string_view word;
  model::Pedigree pedigree;
};
constexpr WordPedigree kPedigrees[] = {
    {"unknown", model::Pedigree::not_stated}, {"birth", model::Pedigree::birth},         {"adopted", model::Pedigree::adopted},
    {"foster", model::Pedigree::foster},      {"sealing", model::Pedigree::sealing},     {"step", model::Pedigree::step},
    {"guardian", model::Pedigree::guardian},  {"surrogate", model::Pedigree::surrogate}, {"donor", model::Pedigree::donor},
    {"other", model::Pedigree::other},
};

/// What a reading of a record has and a writing takes no notice of, so that what was read can be sent back.
constexpr std::string_view kReadOnlyName[] = {"variants", "phrase"};
constexpr std::string_view kReadOnlyFact[] = {"quality", "familyId", "partner", "preferred"};

class Parser {
 public:
  explicit Parser(const PlaceText& place_text) : place_text_{place_text} {}

  Result<ParsedChanges> changes(std::string_view json) {
    TRY(root, object_of(json));
    dom::array ops;
    for (const auto [key, value] : root) {
      if (key == "reason") {
        TRY(reason, text(value, "reason"));
        out_.reason = std::move(reason);
      } else if (key == "ops") {
        if (value.get(ops) != simdjson::SUCCESS) return wrong("ops", "must be an array");
      } else {
        return wrong(std::string{key}, "is no member of a change set", "unknown");
      }
    }
    if (root["ops"].error() != simdjson::SUCCESS) return wrong("ops", "is missing", "missing");
    if (ops.size() == 0) return wrong("ops", "is empty", "range");
    if (ops.size() > archive::kOperationsMax)
      return fail(Code::limit, "a change set has at most " + std::to_string(archive::kOperationsMax) + " operations");
    CHECK_OK(gather_refs(ops));
    std::size_t i = 0;
    for (const auto op : ops) CHECK_OK(operation(op, "ops/" + std::to_string(i++)));
    return std::move(out_);
  }

  Result<ParsedChanges> record(std::string_view json, OperationKind kind, model::RecordKind record_kind, const RecordId& id) {
    TRY(root, object_of(json));
    Operation op;
    op.kind = kind;
    op.record_kind = record_kind;
    op.record = id;
    CHECK_OK(fields(op, root, "", kind == OperationKind::create));
    out_.operations.push_back(std::move(op));
    return std::move(out_);
  }

 private:
  Result<dom::object> object_of(std::string_view json) {
    dom::object object;
    dom::element element;
    padded_ = simdjson::padded_string{json};
    if (parser_.parse(padded_).get(element) != simdjson::SUCCESS) return wrong("body", "is not JSON");
    if (element.get(object) != simdjson::SUCCESS) return wrong("body", "must be an object");
    return object;
  }

  static Result<std::string> text(dom::element value, const std::string& at) {
    std::string_view found;
    if (value.get(found) != simdjson::SUCCESS) return wrong(at, "must be a text");
    return std::string{found};
  }
  /// null takes it away.
  static Result<edit::Text> text_or_null(dom::element value, const std::string& at) {
    if (value.is_null()) return edit::Text{std::string{}};
    TRY(found, text(value, at));
    return edit::Text{std::move(found)};
  }
  static Result<bool> boolean(dom::element value, const std::string& at) {
    bool found = false;
    if (value.get(found) != simdjson::SUCCESS) return wrong(at, "must be true or false");
    return found;
  }
  static Result<dom::object> object(dom::element value, const std::string& at) {
    dom::object found;
    if (value.get(found) != simdjson::SUCCESS) return wrong(at, "must be an object");
    return found;
  }
  static Result<dom::array> array(dom::element value, const std::string& at, std::size_t most) {
    dom::array found;
    if (value.get(found) != simdjson::SUCCESS) return wrong(at, "must be an array");
    if (found.size() > most) return wrong(at, "has at most " + std::to_string(most) + " entries", "range");
    return found;
  }

  // ---- Ids

  Result<void> gather_refs(dom::array ops) {
    std::size_t i = 0;
    for (const auto op : ops) {
      const auto at = "ops/" + std::to_string(i++);
      std::string_view word;
      if (op["op"].get(word) != simdjson::SUCCESS || word != "create") continue;
      std::string_view ref;
      if (op["ref"].error() == simdjson::SUCCESS && op["ref"].get(ref) != simdjson::SUCCESS) return wrong(at + "/ref", "must be a text");
      if (!ref.empty() && (!ref.starts_with('#') || ref.size() > kRefBytesMax)) return wrong(at + "/ref", "begins with # and is short");
      const auto n = static_cast<std::uint32_t>(out_.refs.size());
      if (!ref.empty() && !refs_.emplace(std::string{ref}, n).second) return wrong(at + "/ref", "is used twice", "range");
      out_.refs.emplace_back(ref);
    }
    return {};
  }

  Result<RecordId> record_id(dom::element value, const std::string& at) {
    TRY(found, text(value, at));
    if (found.starts_with('#')) {
      const auto ref = refs_.find(found);
      if (ref == refs_.end()) return wrong(at, "no operation makes " + found.substr(0, kRefBytesMax), "unknown");
      return archive::created_id(ref->second);
    }
    const auto id = parse_uuid(found);
    if (!id || archive::created_number(RecordId{*id})) return wrong(at, "must be the id of a record");
    return RecordId{*id};
  }
  Result<NodeId> node_id(dom::element value, const std::string& at) {
    TRY(found, text(value, at));
    if (found.starts_with('#')) {
      TRY(id, record_id(value, at));
      return NodeId{id, 0};
    }
    const auto node = parse_node_id(found);
    if (!node || archive::created_number(node->record)) return wrong(at, "must be the id of a record or of a part of one");
    return *node;
  }

  // ---- Parts

  Result<edit::Note> note(dom::element value, const std::string& at) {
    edit::Note out;
    if (value.is_string()) {
      TRY(found, text(value, at));
      out.text = std::move(found);
      return out;
    }
    TRY(members, object(value, at));
    for (const auto [key, one] : members) {
      const auto here = at + '/' + std::string{key};
      if (key == "text") {
        TRY(found, text(one, here));
        out.text = std::move(found);
      } else if (key == "noteId") {
        TRY(id, record_id(one, here));
        out.record = id;
      } else {
        return wrong(here, "is no member of a note", "unknown");
      }
    }
    return out;
  }

  Result<edit::Citation> citation(dom::element value, const std::string& at) {
    edit::Citation out;
    TRY(members, object(value, at));
    for (const auto [key, one] : members) {
      const auto here = at + '/' + std::string{key};
      if (key == "sourceId") {
        TRY(id, record_id(one, here));
        out.source = id;
      } else if (key == "described" || key == "page" || key == "text") {
        TRY(found, text_or_null(one, here));
        (key == "described" ? out.described : key == "page" ? out.page : out.text) = std::move(found);
      } else if (key == "quality") {
        std::int64_t number = -1;
        const bool fits = one.is_null() || (one.get(number) == simdjson::SUCCESS && number >= 0 && number <= 3);
        if (!fits) return wrong(here, "must be 0 to 3", "range");
        out.quality = static_cast<std::int8_t>(number);
      } else {
        return wrong(here, "is no member of a citation", "unknown");
      }
    }
    return out;
  }

  template <class Part>
  Result<void> parts(Part& part, std::string_view key, dom::element value, const std::string& at, bool listed) {
    // What is read of a fact counts its citations and shows its notes: sent back it means nothing.
    if (listed || !value.is_array()) {
      if (listed || value.is_int64()) return {};
      return wrong(at, "must be an array");
    }
    TRY(list, array(value, at, edit::kPartsMax));
    std::size_t i = 0;
    for (const auto one : list) {
      const auto here = at + '/' + std::to_string(i++);
      if (key == "citations") {
        TRY(found, citation(one, here));
        part.citations.push_back(std::move(found));
      } else {
        TRY(found, note(one, here));
        part.notes.push_back(std::move(found));
      }
    }
    return {};
  }

  Result<edit::Name> name(dom::object members, const std::string& at, bool listed) {
    edit::Name out;
    edit::Text words, phrase;
    struct Member {
      std::string_view key;
      edit::Text& text;
    };
    const Member texts[] = {{"kind", out.kind},     {"text", words},           {"prefix", out.prefix},
                            {"given", out.given},   {"nickname", out.nickname}, {"surnamePrefix", out.surname_prefix},
                            {"surname", out.surname}, {"suffix", out.suffix},   {"lang", out.language}, {"phrase", phrase}};
    for (const auto [key, value] : members) {
      const auto here = at + '/' + std::string{key};
      const auto known = std::ranges::find(texts, key, &Member::key);
      if (known != std::end(texts)) {
        TRY(found, text_or_null(value, here));
        known->text = std::move(found);
      } else if (key == "citations" || key == "notes") {
        CHECK_OK(parts(out, key, value, here, listed));
      } else if (key != "id" && std::ranges::find(kReadOnlyName, key) == std::end(kReadOnlyName)) {
        return wrong(here, "is no member of a name", "unknown");
      }
    }
    if (out.kind == "other" && phrase && !phrase->empty()) out.kind = phrase;
    // The text as it is read has no slashes: it counts only where no piece is given.
    if (!out.prefix && !out.given && !out.surname_prefix && !out.surname && !out.suffix) out.text = std::move(words);
    return out;
  }

  Result<edit::Text> date(dom::element value, const std::string& at) {
    if (!value.is_object()) return text_or_null(value, at);
    dom::element original;
    if (value["original"].get(original) != simdjson::SUCCESS) return wrong(at + "/original", "is missing", "missing");
    return text_or_null(original, at + "/original");
  }
  Result<edit::Text> place(dom::element value, const std::string& at) {
    if (!value.is_object()) return text_or_null(value, at);
    dom::element found;
    if (value["text"].get(found) == simdjson::SUCCESS && !found.is_null()) return text_or_null(found, at + "/text");
    if (value["id"].get(found) != simdjson::SUCCESS) return wrong(at, "has a text or an id", "missing");
    TRY(word, text(found, at + "/id"));
    const auto id = parse_uuid(word);
    const auto named = id ? place_text_(*id) : Result<std::string>{fail(Code::not_found)};
    if (!named) return wrong(at + "/id", "is no place of this tree", "unknown");
    return edit::Text{*named};
  }

  Result<edit::Fact> fact(dom::object members, const std::string& at, bool listed) {
    edit::Fact out;
    struct Member {
      std::string_view key;
      edit::Text& text;
    };
    const Member texts[] = {{"type", out.type},   {"typeText", out.type_text}, {"value", out.value},
                            {"cause", out.cause}, {"agency", out.agency},      {"age", out.age},     {"religion", out.religion}};
    for (const auto [key, value] : members) {
      const auto here = at + '/' + std::string{key};
      const auto known = std::ranges::find(texts, key, &Member::key);
      if (known != std::end(texts)) {
        TRY(found, text_or_null(value, here));
        known->text = std::move(found);
      } else if (key == "date") {
        TRY(found, date(value, here));
        out.date = std::move(found);
      } else if (key == "place") {
        TRY(found, place(value, here));
        out.place = std::move(found);
      } else if (key == "happened") {
        TRY(found, boolean(value, here));
        out.happened = found;
      } else if (key == "citations" || key == "notes") {
        CHECK_OK(parts(out, key, value, here, listed));
      } else if (key != "id" && std::ranges::find(kReadOnlyFact, key) == std::end(kReadOnlyFact)) {
        return wrong(here, "is no member of a fact", "unknown");
      }
    }
    return out;
  }

  /// Entries of another record (a marriage among a person's facts) are none of this one's.
  template <class Part, class Read>
  Result<std::vector<archive::Listed<Part>>> listed(dom::element value, const std::string& at, const RecordId& owner, Read read) {
    TRY(list, array(value, at, kListMax));
    std::vector<archive::Listed<Part>> out;
    std::size_t i = 0;
    for (const auto one : list) {
      const auto here = at + '/' + std::to_string(i++);
      TRY(members, object(one, here));
      archive::Listed<Part> entry;
      dom::element id;
      // What a new record is given comes from elsewhere, whatever it was called there.
      if (!archive::created_number(owner) && members["id"].get(id) == simdjson::SUCCESS && !id.is_null()) {
        TRY(node, node_id(id, here + "/id"));
        if (node.record != owner) continue;
        if (node.number == 0) return wrong(here + "/id", "must be the id of a part of the record");
        entry.number = node.number;
      }
      TRY(part, read(members, here, entry.number.has_value()));
      entry.part = std::move(part);
      out.push_back(std::move(entry));
    }
    return out;
  }

  // ---- Records

  Result<void> field(Operation& op, std::string_view key, dom::element value, const std::string& at, bool is_new) {
    if (key == "sex") {
      if (value.is_null()) return op.sex = std::optional<char>{}, Result<void>{};
      TRY(word, text(value, at));
      const bool letter = word.size() == 1 && std::string_view{"MFXU"}.contains(word.front());
      if (!letter) return wrong(at, "must be M, F, X or U", "range");
      return op.sex = std::optional{word.front()}, Result<void>{};
    }
    if (key == "living") {
      if (value.is_null()) return op.living = std::optional<bool>{}, Result<void>{};
      TRY(word, boolean(value, at));
      return op.living = std::optional{word}, Result<void>{};
    }
    if (key == "names") {
      TRY(found, (listed<edit::Name>(value, at, op.record, [this](auto members, const auto& here, bool is_listed) {
            return name(members, here, is_listed);
          })));
      return op.names = std::move(found), Result<void>{};
    }
    if (key == "facts") {
      TRY(found, (listed<edit::Fact>(value, at, op.record, [this](auto members, const auto& here, bool is_listed) {
            return fact(members, here, is_listed);
          })));
      return op.facts = std::move(found), Result<void>{};
    }
    if (key == "notes" || key == "citations") {
      if (!is_new) return wrong(at, "of a record that is there are added one by one (addNote, addCitation)", "unknown");
      return parts(op, key, value, at, false);
    }
    // Which texts the kind of record has, the editor knows.
    TRY(found, text_or_null(value, at));
    op.texts.push_back({std::string{key}, std::move(found)});
    return {};
  }

  Result<void> fields(Operation& op, dom::object members, const std::string& at, bool is_new) {
    for (const auto [key, value] : members) {
      const auto here = at.empty() ? std::string{key} : at + '/' + std::string{key};
      if (key == "kind" && is_new && !at.empty()) continue;  // read already
      if (key == "reason" && at.empty()) {
        TRY(reason, text(value, here));
        out_.reason = std::move(reason);
        continue;
      }
      CHECK_OK(field(op, key, value, here, is_new));
    }
    return {};
  }

  // ---- Operations

  Result<void> operation(dom::element value, const std::string& at) {
    TRY(members, object(value, at));
    dom::element word;
    if (members["op"].get(word) != simdjson::SUCCESS) return wrong(at + "/op", "is missing", "missing");
    TRY(op_word, text(word, at + "/op"));
    Operation op;
    const auto shape = std::ranges::find(kShapes, op_word, &Shape::word);
    if (shape == std::end(kShapes)) return wrong(at + "/op", "is no operation", "unknown");
    op.kind = shape->kind;
    std::string_view seen[8];
    std::size_t count = 0;
    if (op.kind == OperationKind::create) op.record = archive::created_id(creates_++);
    // The record first: lists of its parts are compared with its id.
    for (const std::string_view key : {"id", "family"}) {
      dom::element id;
      if (members[key].get(id) != simdjson::SUCCESS || !shape->takes(key)) continue;
      TRY(node, node_id(id, at + '/' + std::string{key}));
      op.record = node.record;
      op.number = node.number;
    }
    for (const auto [key, one] : members) {
      const auto here = at + '/' + std::string{key};
      if (key == "op" || key == "id" || key == "family") {
        if (key == "op" || shape->takes(key)) {
          if (key != "op" && count < std::size(seen)) seen[count++] = key;
          continue;
        }
      }
      if (!shape->takes(key)) return wrong(here, "is no member of this operation", "unknown");
      if (count < std::size(seen)) seen[count++] = key;
      CHECK_OK(member(op, key, one, here));
    }
    for (const auto need : shape->needs) {
      if (!need.empty() && std::find(seen, seen + count, need) == seen + count)
        return wrong(at + '/' + std::string{need}, "is missing", "missing");
    }
    CHECK_OK(check_node(op, *shape, at));
    out_.operations.push_back(std::move(op));
    return {};
  }

  struct Shape {
    std::string_view word;
    OperationKind kind;
    std::array<std::string_view, 2> needs{};
    std::array<std::string_view, 4> may{};
    enum Node : std::uint8_t { of_record, of_part, of_either } node = of_either;  ///< what `id` names
    bool takes(std::string_view key) const noexcept {
      return !key.empty() && (std::ranges::find(needs, key) != needs.end() || std::ranges::find(may, key) != may.end());
    }
  };
  static constexpr Shape kShapes[] = {
      {"create", OperationKind::create, {"record"}, {"ref"}, Shape::of_either},
      {"patch", OperationKind::patch, {"id", "merge"}, {"ifMatch"}, Shape::of_record},
      {"delete", OperationKind::remove_record, {"id"}, {"ifMatch", "everywhere"}, Shape::of_record},
      {"addName", OperationKind::add_name, {"id", "name"}, {"ifMatch"}, Shape::of_record},
      {"addFact", OperationKind::add_fact, {"id", "fact"}, {"ifMatch"}, Shape::of_record},
      {"addNote", OperationKind::add_note, {"id", "note"}, {"ifMatch"}, Shape::of_either},
      {"addCitation", OperationKind::add_citation, {"id", "citation"}, {"ifMatch"}, Shape::of_either},
      {"addMedia", OperationKind::add_media, {"id", "mediaId"}, {"ifMatch"}, Shape::of_either},
      {"setName", OperationKind::set_name, {"id", "name"}, {"ifMatch"}, Shape::of_part},
      {"setFact", OperationKind::set_fact, {"id", "fact"}, {"ifMatch"}, Shape::of_part},
      {"setNote", OperationKind::set_note, {"id", "note"}, {"ifMatch"}, Shape::of_part},
      {"setCitation", OperationKind::set_citation, {"id", "citation"}, {"ifMatch"}, Shape::of_part},
      {"remove", OperationKind::remove, {"id"}, {"ifMatch"}, Shape::of_part},
      {"prefer", OperationKind::prefer, {"id"}, {"ifMatch"}, Shape::of_part},
      {"link", OperationKind::link, {"family"}, {"partner", "child", "pedigree", "role"}, Shape::of_record},
      {"unlink", OperationKind::unlink, {"family"}, {"partner", "child"}, Shape::of_record},
      {"order", OperationKind::order, {"family", "children"}, {"ifMatch"}, Shape::of_record},
  };

  static Result<void> check_node(const Operation& op, const Shape& shape, const std::string& at) {
    if (shape.node == Shape::of_part && op.number == 0) return wrong(at + "/id", "must be the id of a part of a record");
    if (shape.node == Shape::of_record && op.number != 0) return wrong(at + "/id", "must be the id of a record");
    const bool ties = op.kind == OperationKind::link || op.kind == OperationKind::unlink;
    if (ties && op.other.value().is_zero()) return wrong(at, "names a partner or a child", "missing");
    return {};
  }

  Result<void> member(Operation& op, std::string_view key, dom::element value, const std::string& at) {
    if (key == "ref") return {};
    if (key == "record") return create(op, value, at);
    if (key == "merge") {
      TRY(members, object(value, at));
      return fields(op, members, at, false);
    }
    if (key == "ifMatch") {
      std::int64_t number = 0;
      if (value.get(number) == simdjson::SUCCESS) return op.version = number, Result<void>{};
      TRY(word, text(value, at));
      const auto version = parse_version(word);
      if (!version) return wrong(at, "must be an ETag of the record");
      return op.version = *version, Result<void>{};
    }
    if (key == "everywhere") {
      TRY(found, boolean(value, at));
      return op.everywhere = found, Result<void>{};
    }
    if (key == "name") {
      TRY(members, object(value, at));
      TRY(found, name(members, at, false));
      return op.name = std::move(found), Result<void>{};
    }
    if (key == "fact") {
      TRY(members, object(value, at));
      TRY(found, fact(members, at, false));
      return op.fact = std::move(found), Result<void>{};
    }
    if (key == "note") {
      TRY(found, note(value, at));
      return op.note = std::move(found), Result<void>{};
    }
    if (key == "citation") {
      TRY(found, citation(value, at));
      return op.citation = std::move(found), Result<void>{};
    }
    return tie(op, key, value, at);
  }

  Result<void> tie(Operation& op, std::string_view key, dom::element value, const std::string& at) {
    if (key == "children") {
      TRY(list, array(value, at, kListMax));
      for (const auto one : list) {
        TRY(id, record_id(one, at + '/' + std::to_string(op.children.size())));
        op.children.push_back(id);
      }
      return {};
    }
    if (key == "pedigree") {
      TRY(word, text(value, at));
      const auto known = std::ranges::find(kPedigrees, word, &WordPedigree::word);
      if (known == std::end(kPedigrees)) return wrong(at, "is no pedigree", "unknown");
      return op.pedigree = known->pedigree, Result<void>{};
    }
    if (key == "role") {
      TRY(word, text(value, at));
      if (word != "husband" && word != "wife") return wrong(at, "must be husband or wife", "unknown");
      return op.place = word == "wife" ? tree::Tag::WIFE : tree::Tag::HUSB, Result<void>{};
    }
    TRY(id, record_id(value, at));
    if ((key == "partner" || key == "child") && !op.other.value().is_zero()) return wrong(at, "is one too many: a partner or a child");
    op.other = id;
    op.child = key == "child";
    return {};
  }

  Result<void> create(Operation& op, dom::element value, const std::string& at) {
    TRY(members, object(value, at));
    dom::element word;
    if (members["kind"].get(word) != simdjson::SUCCESS) return wrong(at + "/kind", "is missing", "missing");
    TRY(kind_word, text(word, at + "/kind"));
    const auto known = std::ranges::find(kKinds, kind_word, &WordKind::word);
    if (known == std::end(kKinds)) return wrong(at + "/kind", "is no kind of record", "unknown");
    op.record_kind = known->kind;
    return fields(op, members, at, true);
  }

  const PlaceText& place_text_;
  dom::parser parser_;
  simdjson::padded_string padded_;
  ParsedChanges out_;
  std::unordered_map<std::string, std::uint32_t> refs_;
  std::uint32_t creates_ = 0;
};

}  // namespace

Result<ParsedChanges> parse_changes(std::string_view json, const PlaceText& place_text) { return Parser{place_text}.changes(json); }

Result<ParsedChanges> parse_record(std::string_view json, OperationKind kind, model::RecordKind record_kind, const RecordId& record,
                                   const PlaceText& place_text) {
  return Parser{place_text}.record(json, kind, record_kind, record);
}

Result<std::string> parse_reason(std::string_view json) {
  if (json.empty()) return std::string{};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view reason;
  const bool read = parser.parse(simdjson::padded_string{json}).get(root) == simdjson::SUCCESS;
  if (!read || !root.is_object()) return wrong("body", "is not a JSON object");
  const bool given = root["reason"].error() == simdjson::SUCCESS;
  if (given && root["reason"].get(reason) != simdjson::SUCCESS) return wrong("reason", "must be a text");
  return std::string{reason};
}

Result<ParsedRevert> parse_revert(std::string_view json) {
  ParsedRevert out;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool read = parser.parse(simdjson::padded_string{json}).get(root) == simdjson::SUCCESS;
  if (!read || !root.is_object()) return wrong("body", "is not a JSON object");
  const bool known = root["version"].get(out.version) == simdjson::SUCCESS && out.version >= 1;
  if (!known) return wrong("version", "must be a version of the record", "missing");
  TRY(reason, parse_reason(json));
  out.reason = std::move(reason);
  return out;
}

Result<std::optional<std::int64_t>> parse_version(std::string_view etag) {
  if (etag == "*") return std::optional<std::int64_t>{};
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  if (!etag.starts_with('v')) return fail(Code::invalid, "no ETag of a record");
  etag.remove_prefix(1);
  etag = etag.substr(0, etag.find('-'));
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), version);
  if (error != std::errc{} || end != etag.data() + etag.size() || version < 1) return fail(Code::invalid, "no ETag of a record");
  return std::optional{version};
}

Result<NodeId> parse_node_id(std::string_view text) {
  NodeId node;
  const auto mark = text.find('~');
  TRY(id, parse_uuid(text.substr(0, mark)));
  node.record = RecordId{id};
  if (mark == std::string_view::npos) return node;
  const auto digits = text.substr(mark + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
  if (error != std::errc{} || end != digits.data() + digits.size() || node.number == 0) return fail(Code::invalid, "no id of a part");
  return node;
}

}  // namespace tablinum::genealogy_service
