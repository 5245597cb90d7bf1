#include "convert/rewriter.h"

#include <algorithm>

#include "convert/values.h"

namespace tablinum::tree::convert {
namespace {

constexpr unsigned kCopiesMax = 3;  // copies inside copies: files converted to and fro; deeper ones are hostile
constexpr std::string_view kNamePieces[] = {"NPFX", "GIVN", "NICK", "SPFX", "SURN", "NSFX"};
constexpr std::string_view kPieceEnd = ", ";
constexpr std::string_view kTerms = "https://gedcom.io/terms/v7/";

Dialect other(Dialect dialect) noexcept { return dialect == Dialect::gedcom551 ? Dialect::gedcom70 : Dialect::gedcom551; }

bool is_piece(std::string_view tag) noexcept { return std::ranges::find(kNamePieces, tag) != std::end(kNamePieces); }
bool is_name(const Rule* rule) noexcept { return rule != nullptr && (rule->name == "INDI-NAME" || rule->name == "NAME-TRAN"); }
bool is_schema(std::string_view tag, const Rule* parent) noexcept {
  return parent != nullptr && parent->name == "record-HEAD" && (tag == "SCHMA" || tag == "_SCHMA");
}

/// The kind of record that a pointer of 7.0 must point to.
std::string_view pointee(std::string_view tag) noexcept {
  if (tag == "FAMC" || tag == "FAMS") return "FAM";
  if (tag == "ALIA" || tag == "ASSO" || tag == "CHIL" || tag == "HUSB" || tag == "WIFE") return "INDI";
  if (tag == "ANCI" || tag == "DESI" || tag == "SUBM") return "SUBM";
  return tag;  // OBJE, REPO, SNOTE, SOUR
}

/// "@X@" as the text of a pointer that 7.0 cannot write.
bool is_pointer_text(std::string_view text) noexcept {
  return text.size() >= 3 && text.front() == '@' && text.back() == '@' && !is_xref_70(text.substr(1, text.size() - 2));
}

RecordId numbered(std::uint8_t kind, std::uint32_t n) {
  Uuid id;
  id.bytes[0] = kind;
  for (int i = 0; i < 4; ++i) id.bytes[12 + i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return RecordId{id};
}

bool all_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); });
}

/// A _UID: 16 bytes in hexadecimal, perhaps with two bytes of checksum; or a UUID with hyphens.
constexpr std::size_t kUidDigits = 32, kUidSumDigits = 4;
bool is_uid(std::string_view text) noexcept {
  if (text.size() == kUidDigits || text.size() == kUidDigits + kUidSumDigits) {
    if (all_hex(text)) return true;
  }
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !all_hex(text.substr(i, 1))) return false;
  }
  return true;
}

Items one(Item item) {
  Items items;
  items.push_back(std::move(item));
  return items;
}

}  // namespace

Rewriter::Rewriter(Dialect to, std::function<void(NoteCode, std::string_view)> report) : to_{to}, report_{std::move(report)} {}

void Rewriter::note(NoteCode code, std::string_view tag) {
  const auto above = std::string_view{path_}.substr(path_.empty() ? 0 : 1);
  if (report_) report_(code, above.empty() ? std::string{tag} : std::string{above} + "." + std::string{tag});
}

// ---- copies, carriers, marks -----------------------------------------------------------------------------------------------

/// As it stands, except what the target's lines cannot hold: tags of 7.0 are capitals, digits and _, and so are its pointers.
Item Rewriter::verbatim(Dialect to, const Item& in) {
  Item out{.tag = in.tag, .kind = in.kind, .text = in.text, .target = in.target};
  if (const auto* key = carriers(other(to)).key_of(in.tag); key != nullptr && !key->starts_with('#') && !is_tag_70(*key))
    out.tag = *key;
  else if (!is_tag_70(in.tag))
    out.tag = carriers(to).tag_of(in.tag);
  if (to == Dialect::gedcom70) {
    if (in.kind == PayloadKind::dangling && in.text == "VOID") {
      out.kind = PayloadKind::record;
      out.text.clear();
    } else if (in.kind == PayloadKind::dangling && !is_xref_70(in.text)) {
      out.kind = PayloadKind::text;
      out.text = "@" + in.text + "@";
    } else if (in.is_text() && is_pointer_text(in.text)) {
      out.text.insert(0, "@");
    }
  } else {
    if (in.kind == PayloadKind::record && in.target.value().is_zero()) {  // as 5.5.1 reads it
      out.kind = PayloadKind::dangling;
      out.text = "VOID";
    } else if (in.is_text() && is_pointer_text(in.text)) {
      const auto inner = std::string_view{in.text}.substr(1);
      const bool is_pointer = inner.find('@') == inner.size() - 1;
      out.kind = is_pointer ? PayloadKind::dangling : PayloadKind::text;
      out.text = is_pointer ? inner.substr(0, inner.size() - 1) : inner;
    }
  }
  for (const auto& child : in.children) out.children.push_back(verbatim(to, child));
  return out;
}

Item Rewriter::carried(Dialect to, const Item& in, bool trial) {
  if (!trial) note(NoteCode::kept, in.tag);
  auto out = verbatim(to, in);
  out.tag = in.tag.starts_with('_') && is_tag_70(in.tag) ? in.tag : carriers(to).tag_of(in.tag);
  return out;
}

Item Rewriter::mark(Dialect file, std::string_view key) { return {.tag = carriers(file).tag_of(key)}; }

const Item* Rewriter::marked(Dialect file, const Item& in, std::string_view key) {
  for (const auto& child : in.children) {
    const auto* found = carriers(file).key_of(child.tag);
    if (found != nullptr && *found == key) return &child;
  }
  return nullptr;
}

/// Whether the node was made by a conversion and has not been touched since.
bool Rewriter::is_made(Dialect file, const Item& in) {
  if (in.children.empty()) return false;
  const Item* const made = marked(file, in, kMade);
  if (made == nullptr || made->text != in.text) return false;
  return std::ranges::all_of(in.children, [&](const Item& child) { return &child == made || is_made(file, child); });
}

void Rewriter::without_copies(Dialect file, Item& item) {
  std::erase_if(item.children, [&](const Item& child) {
    const auto* key = carriers(file).key_of(child.tag);
    return key != nullptr && *key == kWas;
  });
  for (auto& child : item.children) without_copies(file, child);
}

bool Rewriter::same_record(Item a, Item b) {
  without_copies(Dialect::gedcom70, a);
  without_copies(Dialect::gedcom70, b);
  return a == b;
}

/// Equal, where pointers to records made of equal parts count as equal.
bool Rewriter::same(const Item& a, const Item& b) {
  if (a.tag != b.tag || a.kind != b.kind || a.text != b.text || a.children.size() != b.children.size()) return false;
  if (a.target != b.target) {
    const Item* of_a = record_made(a.target);
    const Item* of_b = record_made(b.target);
    if (of_a == nullptr || of_b == nullptr || !same_record(*of_a, *of_b)) return false;
  }
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (!same(a.children[i], b.children[i])) return false;
  }
  return true;
}

/// The original below a node, if it still becomes this node.
std::optional<Item> Rewriter::restored(Dialect to, const Item& in, const Item& copy, Place place, Try how) {
  if (copy.children.size() != 1) return std::nullopt;
  auto original = verbatim(to, copy.children.front());
  auto now = in;
  without_copies(other(to), now);
  const auto again = node(other(to), original, {place.to, place.from}, {how.depth, true, how.copies + 1});
  if (again.size() != 1 || !same(again.front(), now)) return std::nullopt;
  return original;
}

// ---- nodes -----------------------------------------------------------------------------------------------------------------

Items Rewriter::node(Dialect to, const Item& in, Place place, Try how) {
  const auto from = other(to);
  if (const auto* key = carriers(from).key_of(in.tag)) {
    auto out = verbatim(to, in);
    out.tag = key->starts_with('#') ? carriers(to).tag_of(*key) : *key;
    return one(std::move(out));
  }
  if (is_schema(in.tag, place.to)) {
    // The other version's word for it means nothing here, and must not become the one that does.
    if (in.tag != schema_tag(from)) {
      note(NoteCode::kept, in.tag);
      auto out = verbatim(to, in);
      out.tag = carriers(to).tag_of(in.tag);
      return one(std::move(out));
    }
    auto schema = verbatim(to, in);
    schema.tag = schema_tag(to);
    return one(std::move(schema));
  }
  if (is_made(from, in)) return {};
  if (const Item* copy = marked(from, in, kWas)) {
    if (how.copies < kCopiesMax) {
      if (auto original = restored(to, in, *copy, place, how)) return one(std::move(*original));
    }
    if (!how.trial) note(NoteCode::outdated, in.tag);
  }
  if (in.tag.starts_with('_') && in.tag != "_UID") return one(verbatim(to, in));
  if (place.to == nullptr) return one(verbatim(to, in));  // on trial, below what this version does not know
  auto out = to == Dialect::gedcom70 ? to_70(in, place, how) : to_551(in, place, how);
  // Pieces are tried with their name; what stands below something that the source does not know, with that.
  if (how.trial || out.size() != 1 || is_piece(in.tag) || place.from == nullptr) return out;
  auto back = node(from, out.front(), {place.to, place.from}, {how.depth, true, how.copies});
  // On the way home the source has copies, which were used and are not made again on trial.
  auto plain = in;
  without_copies(from, plain);
  if (back.size() == 1) without_copies(from, back.front());
  const bool reversible = back.size() == 1 && same(back.front(), plain);
  trials_.clear();
  if (reversible) return out;
  constexpr unsigned kCopyLevels = 2;  // the mark, and below it the node itself
  if (how.depth + kCopyLevels + depth_of(in) > kDepthMax) return one(carried(to, in, false));
  note(NoteCode::restated, in.tag);
  auto copy = mark(to, kWas);
  copy.children.push_back(verbatim(to, in));
  out.front().children.push_back(std::move(copy));
  return out;
}

void Rewriter::children(Dialect to, const Item& in, Place place, Try how, Item& out) {
  ++how.depth;
  const auto path_bytes = path_.size();
  if (!how.trial) path_ += "." + in.tag;
  std::map<std::string, unsigned, std::less<>> seen_from, seen_to;
  const auto is_second = [](const Rule* parent, const std::string& tag, auto& seen) {
    const auto* rule = parent == nullptr ? nullptr : parent->child(tag);
    return rule != nullptr && rule->single && seen[tag]++ > 0;
  };
  Items merged;
  for (const auto& child : in.children) {
    // Several pieces of one kind are one in 5.5.1, with commas.
    const bool joins = to == Dialect::gedcom551 && is_name(place.from) && is_piece(child.tag) && !merged.empty() &&
                       merged.back().tag == child.tag && merged.back().is_text() && child.is_text() && child.children.empty() &&
                       merged.back().children.empty();
    if (joins)
      merged.back().text.append(kPieceEnd).append(child.text);
    else
      merged.push_back(child);
  }
  for (const auto& child : merged) {
    const bool comes_back = carriers(other(to)).key_of(child.tag) != nullptr || marked(other(to), child, kWas) != nullptr;
    if (is_second(place.from, child.tag, seen_from) && !comes_back) {
      out.children.push_back(carried(to, child, how.trial));
      continue;
    }
    auto results = node(to, child, place, how);
    for (auto& result : results) {
      if (is_second(place.to, result.tag, seen_to) && !comes_back && results.size() == 1) result = carried(to, child, how.trial);
      out.children.push_back(std::move(result));
    }
  }
  path_.resize(path_bytes);
}

/// Whether the source has such a line only because a conversion made it: then the original had none.
bool Rewriter::was_made(Dialect from, const Item& in, std::string_view tag) {
  if (const Item* none = marked(from, in, kNone)) {
    if ((" " + none->text + " ").find(" " + std::string{tag} + " ") != std::string::npos) return true;
  }
  const std::string_view source_tag = tag == "RELA" ? "ROLE" : tag == "ROLE" ? "RELA" : tag;
  return std::ranges::any_of(in.children, [&](const Item& child) {
    return (child.tag == source_tag || child.tag == tag) && is_made(from, child);
  });
}

/// What the target asks for below a node and the source did not say. False: nobody knows what to say.
bool Rewriter::add_required(Dialect to, const Item& in, const Rule& rule, Item& out) {
  for (const auto& wanted : rule.children) {
    const auto& tag = wanted.tag;
    if (!wanted.required || out.child(tag) != nullptr || was_made(other(to), in, tag)) continue;
    std::string text;
    if (tag == "ROLE") {
      text = "OTHER";
    } else if (tag == "RELA") {
      text = "other";
    } else if (tag == "TYPE" && rule.payload == Payload::text) {
      text = in.is_text() && !in.text.empty() ? in.text.substr(0, in.text.find('\n')) : "unspecified";
    } else if (tag == "FORM" && rule.name == "FILE") {
      text = to == Dialect::gedcom70 ? "application/octet-stream" : "bin";
    } else if (tag == "FORM" && rule.name == "GEDC") {
      text = "LINEAGE-LINKED";
    } else if (tag == "VERS" && rule.name == "GEDC") {
      text = to == Dialect::gedcom70 ? "7.0" : "5.5.1";
    } else if (tag == "NAME") {
      text = "?";
    } else if (tag == "CHAR") {
      text = "UTF-8";
    } else if (tag == "SOUR" && rule.name == "record-HEAD") {
      text = "TABLINUM";
    } else if (tag == "SUBM" && rule.name == "record-HEAD") {
      continue;  // Conversion::header() knows one
    } else if (tag != "FILE" && tag != "GEDC") {
      return false;
    }
    Item made{.tag = tag, .kind = tag == "GEDC" ? PayloadKind::none : PayloadKind::text, .text = text};
    if (wanted.type->payload != Payload::pointer && !wanted.type->children.empty()) (void)add_required(to, made, *wanted.type, made);
    auto mark_made = mark(to, kMade);
    mark_made.kind = made.kind;
    mark_made.text = text;
    made.children.push_back(std::move(mark_made));
    note(NoteCode::added, tag);
    out.children.push_back(std::move(made));
  }
  return true;
}

// ---- 5.5.1 to 7.0 ----------------------------------------------------------------------------------------------------------

Items Rewriter::to_70(const Item& in, Place place, Try how) {
  const auto& tag = in.tag;
  const auto allows = [&](std::string_view name) { return place.to->child(name) != nullptr; };
  if (tag == "NOTE" && in.is_pointer()) return plain_70(in, "SNOTE", place, how);
  if (tag == "RELA" && place.to->name == "ASSO") return plain_70(in, "ROLE", place, how);
  if ((tag == "ROMN" || tag == "FONE") && allows("TRAN")) return name_form_70(in, place, how);
  if (tag == "TYPE" && place.from != nullptr && place.from->name == "FILE-FORM") return plain_70(in, "MEDI", place, how);
  if ((tag == "AFN" || tag == "RFN" || tag == "RIN") && allows("EXID")) return identifier_70(in, place, how);
  if (tag == "_UID") return in.is_text() && is_uid(in.text) && allows("UID") ? uid_70(in) : one(verbatim(Dialect::gedcom70, in));
  if (tag == "SOUR" && in.is_text() && allows("SOUR") && place.to->child("SOUR")->type->payload == Payload::pointer)
    return inline_source_70(in, place, how);
  if (tag == "OBJE" && in.kind == PayloadKind::none && allows("OBJE")) return inline_object_70(in, how);
  const bool splits = is_piece(tag) && is_name(place.to) && in.is_text() && in.children.empty();
  if (splits && in.text.find(kPieceEnd) != std::string::npos) {
    Items pieces;
    for (std::string_view rest = in.text;;) {
      const auto end = rest.find(kPieceEnd);
      pieces.push_back(text_item(tag, rest.substr(0, end)));
      if (end == std::string_view::npos) return pieces;
      rest.remove_prefix(end + kPieceEnd.size());
    }
  }
  return plain_70(in, tag, place, how);
}

bool Rewriter::payload_70(const Item& in, const Rule& rule, std::string_view parent, Item& out, std::optional<std::string>& phrase) {
  const bool empty = in.kind == PayloadKind::none || (in.is_text() && in.text.empty());
  switch (rule.payload) {
    case Payload::none: out.kind = PayloadKind::none; return empty;
    case Payload::pointer:
      out.kind = in.kind;
      out.text = in.text;
      out.target = in.target;
      if (in.kind == PayloadKind::dangling) return is_xref_70(in.text);
      return in.kind == PayloadKind::record && !in.target.value().is_zero() && (!tag_of_ || tag_of_(in.target) == pointee(out.tag));
    case Payload::yes:
      if (empty || (in.is_text() && (in.text == "Y" || in.text == "y"))) {
        out.kind = in.kind;
        out.text = empty ? "" : "Y";
        return true;
      }
      if (!in.is_text() || in.text == "N" || in.text == "n") return false;  // it did not happen: never to be read as that it did
      out.children.push_back(text_item("NOTE", in.text));
      return true;
    case Payload::text:
      out.kind = in.kind;
      out.text = in.text;
      return !in.is_pointer();
    default: break;
  }
  const bool may_be_empty = rule.payload == Payload::date || rule.payload == Payload::date_period || rule.payload == Payload::age;
  if (in.is_pointer() || (empty && !may_be_empty)) return false;
  out.kind = in.kind;
  if (empty) return true;
  auto value = value_70(rule, parent, in.text);
  if (!value) return false;
  out.text = std::move(value->text);
  phrase = std::move(value->phrase);
  return true;
}

Items Rewriter::plain_70(const Item& in, std::string_view tag, Place place, Try how) {
  const auto* child = place.to->child(tag);
  if (child == nullptr) return one(carried(Dialect::gedcom70, in, how.trial));
  const Rule& rule = *child->type;
  Item out{.tag = std::string{tag}};
  std::optional<std::string> phrase;
  if (!payload_70(in, rule, place.from == nullptr ? std::string_view{} : place.from->name, out, phrase) ||
      (phrase && in.child("PHRASE") != nullptr))
    return one(carried(Dialect::gedcom70, in, how.trial));
  if (tag == "VERS" && place.to->name == "GEDC") out.text = "7.0";
  const auto* before = place.from == nullptr ? nullptr : place.from->child(in.tag);
  children(Dialect::gedcom70, in, {before == nullptr ? nullptr : before->type, &rule}, how, out);
  if (phrase && rule.child("PHRASE") != nullptr) out.children.push_back(text_item("PHRASE", *phrase));
  if (!add_required(Dialect::gedcom70, in, rule, out)) return one(carried(Dialect::gedcom70, in, how.trial));
  return one(std::move(out));
}

Items Rewriter::name_form_70(const Item& in, Place place, Try how) {
  const auto type = in.child_text("TYPE");
  const auto language = language_of_form(in.tag, type);
  auto rest = in;
  rest.remove(rest.child("TYPE"));
  rest.tag = "TRAN";
  Item out{.tag = "TRAN", .kind = in.kind, .text = in.text};
  if (in.is_pointer()) return one(carried(Dialect::gedcom70, in, how.trial));
  out.children.push_back(text_item("LANG", !language.empty() ? language : in.tag == "ROMN" ? "und-Latn" : "und"));
  const auto* before = place.from == nullptr ? nullptr : place.from->child(in.tag);
  children(Dialect::gedcom70, rest, {before == nullptr ? nullptr : before->type, place.to->child("TRAN")->type}, how, out);
  return one(std::move(out));
}

Items Rewriter::identifier_70(const Item& in, Place place, Try how) {
  if (!in.is_text()) return one(carried(Dialect::gedcom70, in, how.trial));
  Item out = text_item("EXID", in.text);
  std::string type = std::string{kTerms} + in.tag;
  if (in.tag == "RIN" && !system_.empty()) type += "#" + system_;
  if (const auto colon = in.text.find(':'); in.tag == "RFN" && colon != std::string::npos) {
    type += "#" + in.text.substr(0, colon);
    out.text = in.text.substr(colon + 1);
  }
  out.children.push_back(text_item("TYPE", type));
  children(Dialect::gedcom70, in, {nullptr, place.to->child("EXID")->type}, how, out);
  return one(std::move(out));
}

Items Rewriter::uid_70(const Item& in) {
  auto out = verbatim(Dialect::gedcom70, in);
  out.tag = "UID";
  if (in.text.size() != kUidDigits + kUidSumDigits || in.text.find('-') != std::string::npos) return one(std::move(out));
  out.text = in.text.substr(0, kUidDigits);
  auto sum = mark(Dialect::gedcom70, kSum);
  sum.kind = PayloadKind::text;
  sum.text = in.text.substr(kUidDigits);
  out.children.push_back(std::move(sum));
  return one(std::move(out));
}

/// A source in words becomes a record with these words as its title (https://gedcom.io/migrate); quoted text stays with the citation.
Items Rewriter::inline_source_70(const Item& in, Place place, Try how) {
  Item record{.tag = "SOUR"};
  record.children.push_back(text_item("TITL", in.text));
  record.children.push_back(mark(Dialect::gedcom70, kInline));
  Item rest{.tag = "SOUR"};
  Item* data = nullptr;
  for (const auto& child : in.children) {
    if (child.tag != "TEXT" || in.child("DATA") != nullptr) {
      rest.children.push_back(child);
      data = data == nullptr ? nullptr : rest.child("DATA");
      continue;
    }
    if (data == nullptr) data = &rest.children.emplace_back(Item{.tag = "DATA"});
    data->children.push_back(child);
  }
  Item out = pointer_item("SOUR", add_record(std::move(record), how.trial));
  const auto* before = place.from == nullptr ? nullptr : place.from->child("SOUR");
  children(Dialect::gedcom70, rest, {before == nullptr ? nullptr : before->type, place.to->child("SOUR")->type}, how, out);
  return one(std::move(out));
}

/// An embedded object as a record of 7.0, with the original below its mark.
Item Rewriter::object_record(const Item& embedded, Try how) {
  Item record{.tag = "OBJE"};
  for (const auto& child : embedded.children) {
    if (child.tag == "NOTE") record.children.push_back(child);
    if (child.tag != "FILE" || !child.is_text()) continue;
    Item file = text_item("FILE", child.text);
    const Item* form = child.child("FORM") != nullptr ? child.child("FORM") : embedded.child("FORM");
    if (form != nullptr && form->is_text()) {
      Item& copy = file.children.emplace_back(text_item("FORM", form->text));
      const Item* medium = form->child("MEDI") != nullptr ? form->child("MEDI") : form->child("TYPE");
      if (medium != nullptr && medium->is_text()) copy.children.push_back(text_item("TYPE", medium->text));
    }
    const Item* title = child.child("TITL") != nullptr ? child.child("TITL") : embedded.child("TITL");
    if (title != nullptr && title->is_text()) file.children.push_back(text_item("TITL", title->text));
    record.children.push_back(std::move(file));
  }
  Item out{.tag = "OBJE"};
  const Rule* const rule = Grammar::of(Dialect::gedcom70).record("OBJE");
  children(Dialect::gedcom70, record, {Grammar::of(Dialect::gedcom551).record("OBJE"), rule}, how, out);
  (void)add_required(Dialect::gedcom70, record, *rule, out);
  auto original = mark(Dialect::gedcom70, kInline);
  original.children.push_back(verbatim(Dialect::gedcom70, embedded));
  out.children.push_back(std::move(original));
  return out;
}

Items Rewriter::inline_object_70(const Item& in, Try how) {
  constexpr unsigned kCopyLevels = 3;  // the record's child, the mark, the object
  if (kCopyLevels + depth_of(in) > kDepthMax) return one(carried(Dialect::gedcom70, in, how.trial));
  return one(pointer_item("OBJE", add_record(object_record(in, {1, how.trial, how.copies}), how.trial)));
}

RecordId Rewriter::add_record(Item record, bool trial) {
  constexpr std::uint8_t kMadeIds = 0xFF, kTrialIds = 0xFE;  // no UUIDv7 of these times
  if (trial) {
    const auto id = numbered(kTrialIds, ++next_trial_);
    trials_.emplace(id, std::move(record));
    return id;
  }
  const auto id = numbered(kMadeIds, ++next_id_);
  inline_.emplace(id, record);
  if (made_ != nullptr) made_->emplace_back(id, std::move(record));
  return id;
}

const Item* Rewriter::record_made(const RecordId& id) const {
  if (const auto found = inline_.find(id); found != inline_.end()) return &found->second;
  const auto found = trials_.find(id);
  return found == trials_.end() ? nullptr : &found->second;
}

// ---- 7.0 to 5.5.1 ----------------------------------------------------------------------------------------------------------

Items Rewriter::to_551(const Item& in, Place place, Try how) {
  const auto& tag = in.tag;
  if (in.kind == PayloadKind::record && in.target.value().is_zero()) return one(carried(Dialect::gedcom551, in, how.trial));
  if (tag == "SNOTE" && in.is_pointer()) return plain_551(in, "NOTE", place, how);
  if (tag == "ROLE" && place.to->name == "ASSO") return plain_551(in, "RELA", place, how);
  if (tag == "TRAN" && place.to->child("ROMN") != nullptr) return name_form_551(in, place, how);
  if (tag == "MEDI" && place.to->name == "FILE-FORM") return plain_551(in, "TYPE", place, how);
  if (tag == "EXID") return identifier_551(in, place, how);
  if (tag == "UID") return in.is_text() && is_uid(in.text) ? uid_551(in) : one(carried(Dialect::gedcom551, in, how.trial));
  if (tag == "_UID") return one(verbatim(Dialect::gedcom551, in));
  if (tag == "SOUR" && in.kind == PayloadKind::record) {
    if (auto items = inline_source_551(in, how)) return *items;
  }
  if (tag == "OBJE" && in.kind == PayloadKind::record) {
    if (auto items = inline_object_551(in)) return *items;
  }
  return plain_551(in, tag, place, how);
}

Items Rewriter::plain_551(const Item& in, std::string_view tag, Place place, Try how) {
  const auto* child = place.to->child(tag);
  if (child == nullptr) return one(carried(Dialect::gedcom551, in, how.trial));
  const auto* before = place.from == nullptr ? nullptr : place.from->child(in.tag);
  const Rule* const rule_70 = before == nullptr ? nullptr : before->type;
  auto rest = in;
  Item out{.tag = std::string{tag}, .kind = in.kind, .text = in.text, .target = in.target};
  if (rule_70 != nullptr && in.is_text()) {
    Value value{in.text};
    const Item* const phrase = in.child("PHRASE");
    if (phrase != nullptr && phrase->is_text() && phrase->children.empty()) value.phrase = phrase->text;
    const auto old = value_551(*rule_70, place.to->name, value);
    out.text = old.text;
    if (old.phrase_used) rest.remove(rest.child("PHRASE"));
  }
  if (tag == "VERS" && place.to->name == "GEDC") out.text = "5.5.1";
  children(Dialect::gedcom551, rest, {rule_70, child->type}, how, out);
  if (!add_required(Dialect::gedcom551, in, *child->type, out)) return one(carried(Dialect::gedcom551, in, how.trial));
  return one(std::move(out));
}

Items Rewriter::name_form_551(const Item& in, Place place, Try how) {
  const auto form = form_of_language(in.child_text("LANG"));
  if (!form || in.is_pointer() || !in.child("LANG")->children.empty()) return one(carried(Dialect::gedcom551, in, how.trial));
  auto rest = in;
  rest.remove(rest.child("LANG"));
  Item out{.tag = std::string{form->tag}, .kind = in.kind, .text = in.text};
  out.children.push_back(text_item("TYPE", form->type));
  const auto* before = place.from == nullptr ? nullptr : place.from->child("TRAN");
  children(Dialect::gedcom551, rest, {before == nullptr ? nullptr : before->type, place.to->child(form->tag)->type}, how, out);
  return one(std::move(out));
}

Items Rewriter::identifier_551(const Item& in, Place place, Try how) {
  const auto carry = [&] { return one(carried(Dialect::gedcom551, in, how.trial)); };
  auto type = in.child_text("TYPE");
  if (!in.is_text() || !type.starts_with(kTerms)) return carry();
  type.remove_prefix(kTerms.size());
  const auto hash = type.find('#');
  const auto tag = type.substr(0, hash);
  if ((tag != "AFN" && tag != "RFN" && tag != "RIN") || place.to->child(tag) == nullptr) return carry();
  auto rest = in;
  rest.remove(rest.child("TYPE"));
  Item out = text_item(tag, in.text);
  if (tag == "RFN" && hash != std::string_view::npos) out.text.insert(0, std::string{type.substr(hash + 1)} + ":");
  children(Dialect::gedcom551, rest, {nullptr, place.to->child(tag)->type}, how, out);
  return one(std::move(out));
}

Items Rewriter::uid_551(const Item& in) {
  auto rest = in;
  std::string text = in.text;
  if (const Item* sum = marked(Dialect::gedcom70, in, kSum); sum != nullptr && sum->is_text() && sum->children.empty()) {
    text += sum->text;
    rest.remove(marked(Dialect::gedcom70, rest, kSum));
  }
  auto out = verbatim(Dialect::gedcom551, rest);
  out.tag = "_UID";
  out.text = text;
  return one(std::move(out));
}

std::optional<Items> Rewriter::inline_source_551(const Item& in, Try how) {
  const Item* const record = record_made(in.target);
  if (record == nullptr || record->tag != "SOUR" || record->children.size() != 2) return std::nullopt;
  const Item& title = record->children.front();
  if (title.tag != "TITL" || !title.is_text() || !title.children.empty()) return std::nullopt;
  Item rest{.tag = "SOUR"};
  for (const auto& child : in.children) {
    const bool only_texts = child.tag == "DATA" && child.kind == PayloadKind::none && !child.children.empty() &&
                            std::ranges::all_of(child.children, [](const Item& text) { return text.tag == "TEXT"; });
    if (only_texts)
      rest.children.insert(rest.children.end(), child.children.begin(), child.children.end());
    else
      rest.children.push_back(child);
  }
  // TEXT stands beside PAGE here, below DATA elsewhere: a kind of its own.
  static const Rule kInlineRule = [] {
    Rule rule = *Grammar::of(Dialect::gedcom551).record("INDI")->child("SOUR")->type;
    rule.children.push_back({.tag = "TEXT", .type = Grammar::of(Dialect::gedcom551).record("SOUR")->child("TEXT")->type});
    return rule;
  }();
  static const Rule kInlineFrom = [] {
    Rule rule = *Grammar::of(Dialect::gedcom70).record("INDI")->child("SOUR")->type;
    rule.children.push_back({.tag = "TEXT", .type = rule.child("DATA")->type->child("TEXT")->type});
    return rule;
  }();
  Item out = text_item("SOUR", title.text);
  children(Dialect::gedcom551, rest, {&kInlineFrom, &kInlineRule}, how, out);
  return one(std::move(out));
}

std::optional<Items> Rewriter::inline_object_551(const Item& in) {
  const Item* const record = record_made(in.target);
  if (record == nullptr || record->tag != "OBJE" || !in.children.empty()) return std::nullopt;
  const Item* const original = marked(Dialect::gedcom70, *record, kInline);
  if (original == nullptr || original->children.size() != 1) return std::nullopt;
  auto embedded = verbatim(Dialect::gedcom551, original->children.front());
  if (embedded.tag != "OBJE" || embedded.kind != PayloadKind::none) return std::nullopt;
  auto now = *record;
  without_copies(Dialect::gedcom70, now);
  auto again = object_record(embedded, {1, true, kCopiesMax});
  without_copies(Dialect::gedcom70, again);
  if (!same(again, now)) return std::nullopt;  // the record was edited since
  return one(std::move(embedded));
}

/// What 5.5.1 asks of a header and this one lacks: so that it is not added on the way back.
void Rewriter::mark_absent(const Item& in, Item& out) {
  std::string absent;
  for (const auto& wanted : Grammar::of(Dialect::gedcom551).record("HEAD")->children) {
    if (wanted.required && in.child(wanted.tag) == nullptr) absent += (absent.empty() ? "" : " ") + wanted.tag;
  }
  if (absent.empty()) return;
  auto none = mark(Dialect::gedcom70, kNone);
  none.kind = PayloadKind::text;
  none.text = absent;
  out.children.push_back(std::move(none));
}

// ---- records ---------------------------------------------------------------------------------------------------------------

Item Rewriter::record(const Item& in, std::vector<std::pair<RecordId, Item>>& made) {
  made_ = &made;
  path_.clear();
  const auto from = other(to_);
  auto rest = in;
  for (const auto key : {kIdent, kNone}) rest.remove(marked(from, rest, key));
  if (const auto* key = carriers(from).key_of(in.tag); key != nullptr && !key->starts_with('#')) {
    auto out = verbatim(to_, rest);
    out.tag = *key;
    return out;
  }
  if (in.tag.starts_with('_')) return verbatim(to_, rest);
  std::string tag = in.tag;
  if (to_ == Dialect::gedcom70 && tag == "NOTE") tag = "SNOTE";
  if (to_ == Dialect::gedcom551 && tag == "SNOTE") tag = "NOTE";
  const Rule* const rule = Grammar::of(to_).record(tag);
  if (rule == nullptr || Grammar::of(from).record(in.tag) == nullptr) return carried(to_, rest, false);
  Item out{.tag = tag};
  if (const Item* value = marked(from, in, kValue)) {
    auto original = verbatim(to_, *value);
    out.kind = original.kind;
    out.text = original.text;
    out.target = original.target;
    rest.remove(marked(from, rest, kValue));
  } else if (rule->payload == Payload::text && !in.is_pointer()) {
    out.kind = in.kind;
    out.text = in.text;
  } else if (in.kind != PayloadKind::none) {
    auto kept = verbatim(to_, in);
    kept.tag = carriers(to_).tag_of(kValue);
    kept.children.clear();
    out.children.push_back(std::move(kept));
  }
  children(to_, rest, {Grammar::of(from).record(in.tag), rule}, {1, false, 0}, out);
  path_ = "." + in.tag;
  (void)add_required(to_, in, *rule, out);
  path_.clear();
  if (in.tag == "HEAD" && to_ == Dialect::gedcom70) mark_absent(in, out);
  return out;
}

}  // namespace tablinum::tree::convert
