#include "tablinum/tree/edit/editor.h"

#include <algorithm>
#include <tuple>

#include "model/date_text.h"
#include "tablinum/tree/model/date.h"
#include "tablinum/tree/model/event_type.h"
#include "utf8.h"

namespace tablinum::tree::edit {
namespace {

namespace model = tree::model;
namespace date_text = tree::model::date_text;
using model::RecordKind;

/// Where a new node goes: behind the last sibling of its rank or a lower one. So names stand with names, and what others put into the
/// record stays where it was.
int rank_in_record(Tag record, Tag tag) noexcept {
  if (model::event_type(record, tag) != model::EventType::unknown) return 5;
  switch (tag) {
    using enum Tag;
    case RESN: return 0;
    case NAME: case TITL: case FILE: return 1;
    case AUTH: case SEX: return 2;
    case PUBL: case ABBR: case _LIVING: case PLAC: return 3;
    case TEXT: case TYPE: case MAP: return 4;
    case HUSB: case WIFE: return 6;
    case CHIL: return 7;
    case FAMC: return 8;
    case FAMS: return 9;
    case ASSO: return 10;
    case REPO: case ADDR: return 11;
    case NOTE: case SNOTE: return 13;
    case SOUR: return 14;
    case OBJE: return 15;
    default: return 20;
  }
}
int rank_below(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case TYPE: return 0;
    case DATE: case PAGE: return 1;
    case PLAC: case DATA: return 2;
    case ADDR: case QUAY: return 3;
    case AGE: return 4;
    case AGNC: return 5;
    case RELI: return 6;
    case CAUS: return 7;
    case NPFX: return 1;
    case GIVN: return 2;
    case NICK: return 3;
    case SPFX: return 4;
    case SURN: return 5;
    case NSFX: return 6;
    case NOTE: case SNOTE: return 13;
    case SOUR: return 14;
    case OBJE: return 15;
    default: return 10;
  }
}

/// Texts of records by the API's names; `lines`: several lines are allowed.
struct TextRow {
  RecordKind kind;
  std::string_view name;
  Tag tag;
  bool lines = false;
};
constexpr TextRow kTexts[] = {
    {RecordKind::source, "title", Tag::TITL, true},
    {RecordKind::source, "abbreviation", Tag::ABBR},
    {RecordKind::source, "author", Tag::AUTH, true},
    {RecordKind::source, "publication", Tag::PUBL, true},
    {RecordKind::source, "text", Tag::TEXT, true},
    {RecordKind::repository, "name", Tag::NAME},
    {RecordKind::repository, "address", Tag::ADDR, true},
    {RecordKind::media, "file", Tag::FILE},
    {RecordKind::place, "name", Tag::NAME},
    {RecordKind::place, "jurisdiction", Tag::PLAC},
    {RecordKind::place, "type", Tag::TYPE},
    {RecordKind::story, "title", Tag::TITL},
    {RecordKind::story, "text", Tag::TEXT, true},
    {RecordKind::submitter, "name", Tag::NAME},
};

Tag root_tag(RecordKind kind, Dialect dialect) noexcept {
  switch (kind) {
    case RecordKind::person: return Tag::INDI;
    case RecordKind::family: return Tag::FAM;
    case RecordKind::source: return Tag::SOUR;
    case RecordKind::repository: return Tag::REPO;
    case RecordKind::media: return Tag::OBJE;
    case RecordKind::note: return dialect == Dialect::gedcom70 ? Tag::SNOTE : Tag::NOTE;
    case RecordKind::submitter: return Tag::SUBM;
    case RecordKind::submission: return Tag::SUBN;
    case RecordKind::place: return Tag::_PLACE;
    default: return Tag::_STORY;
  }
}

/// Line breaks of all systems become \n; other control characters have no place in a record.
Result<void> check_text(const Text& text, std::string_view what, bool lines) {
  if (!text) return {};
  const std::size_t limit = lines ? kTextBytesMax : kLineBytesMax;
  if (text->size() > limit) return fail(Code::too_large, std::string{what} + ": at most " + std::to_string(limit) + " bytes");
  if (!utf8::is_valid(*text)) return fail(Code::invalid, std::string{what} + ": not UTF-8");
  for (const char c : *text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = c == '\t' || (lines && (c == '\n' || c == '\r'));
    if ((byte < 0x20 && !blank) || byte == 0x7F) return fail(Code::invalid, std::string{what} + ": a control character");
  }
  return {};
}

std::string unix_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r')
      out += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      out += '\n';
  }
  return out;
}

/// The tag of a type and the TYPE that goes with it.
struct FactTag {
  Tag tag{};
  std::string_view type_text{};
};
std::optional<FactTag> fact_tag(Tag record, std::string_view type) {
  const Tag tag = tag_of(type);
  if (tag != Tag::literal && model::event_type(record, tag) != model::EventType::unknown) return FactTag{tag, {}};
  const auto named = model::event_type_named(type);
  if (named == model::EventType::unknown) return std::nullopt;
  const FactTag found{model::tag_for(named), model::type_text(named)};
  if (model::event_type(record, found.tag) == model::EventType::unknown) return std::nullopt;
  return found;
}

/// An event says that something happened; only attributes and EVEN carry a value on their own line.
bool has_value(Tag tag) noexcept {
  return tag == Tag::EVEN || model::group(model::event_type(Tag::INDI, tag)) == model::EventGroup::attribute ||
         model::event_type(Tag::INDI, tag) == model::EventType::occupation || tag == Tag::RESI || tag == Tag::EDUC;
}

/// Only digits and marks: what a calendar on a page gives, which is written anew without a word about it.
bool is_numeric(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '/' || c == '.' || c == ' '; });
}

std::string pedigree_word(model::Pedigree pedigree, Dialect dialect) {
  std::string word{model::to_string(pedigree)};
  if (dialect == Dialect::gedcom70)
    for (char& c : word) c = date_text::to_upper(c);
  return word;
}

std::string slashed(const Name& name) {
  std::string out;
  const auto add = [&](std::string_view piece) {
    if (piece.empty()) return;
    if (!out.empty()) out += ' ';
    out += piece;
  };
  add(name.prefix.value_or(""));
  add(name.given.value_or(""));
  std::string surname = name.surname_prefix.value_or("");
  if (!surname.empty() && !name.surname.value_or("").empty()) surname += ' ';
  surname += name.surname.value_or("");
  if (!surname.empty()) add('/' + surname + '/');
  add(name.suffix.value_or(""));
  return out;
}

}  // namespace

std::uint16_t highest_number(const Structure& record) noexcept {
  std::uint16_t highest = 0;
  for (const Node& node : record.nodes()) highest = std::max(highest, node.number);
  return highest;
}

// ---------------------------------------------------------------- the record as items

Editor::Editor(const Structure& record, std::uint16_t number_floor)
    : dialect_{record.dialect()}, kind_{model::record_kind(record)}, last_number_{number_floor} {
  items_.reserve(record.nodes().size() + 8);
  if (!record.empty()) copy(record, 0, kNoNode);
}

Editor::Editor(Dialect dialect, RecordKind kind) : dialect_{dialect}, kind_{kind} {
  items_.emplace_back();
  items_.back().tag = root_tag(kind, dialect);
}

std::uint32_t Editor::copy(const Structure& record, std::uint32_t node, std::uint32_t parent) {
  // Depth is at most kDepthMax, so this may recurse.
  const auto index = static_cast<std::uint32_t>(items_.size());
  const Node& from = record[node];
  Item item;
  item.text = texts_.keep(from.text);
  item.literal_tag = texts_.keep(from.literal_tag);
  item.target = from.target;
  item.parent = parent;
  item.tag = from.tag;
  item.number = from.number;
  item.kind = from.kind;
  last_number_ = std::max<std::uint32_t>(last_number_, from.number);
  items_.push_back(std::move(item));
  for (const auto below : record.children(node)) {
    const auto made = copy(record, below, index);
    items_[index].children.push_back(made);
  }
  return index;
}

Structure Editor::structure() const {
  Structure out{dialect_};
  struct Open {
    std::uint32_t item, parent;
  };
  std::vector<Open> stack{{0, kNoNode}};
  while (!stack.empty()) {
    const auto [at, parent] = stack.back();
    stack.pop_back();
    const Item& item = items_[at];
    const auto node = item.tag == Tag::literal ? out.append(parent, item.literal_tag, item.kind, item.text, item.target, item.number)
                                               : out.append(parent, item.tag, item.kind, item.text, item.target, item.number);
    for (auto child = item.children.rbegin(); child != item.children.rend(); ++child) stack.push_back({*child, node});
  }
  return out;
}

Tag Editor::tag_of_item(std::uint32_t item) const noexcept {
  const Item& one = items_[item];
  return one.tag != Tag::literal ? one.tag : model::known_literal_tag(one.literal_tag);
}

std::uint32_t Editor::find(std::uint16_t number) const noexcept {
  if (number == 0) return kNoNode;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    if (items_[i].number == number) return i;
  }
  return kNoNode;
}

Result<std::uint32_t> Editor::find_fact(std::uint16_t number) const {
  const auto item = find(number);
  if (item == kNoNode || items_[item].parent != 0 || model::event_type(tag_of_item(0), tag_of_item(item)) == model::EventType::unknown)
    return fail(Code::not_found, "no such fact");
  return item;
}

Result<std::uint32_t> Editor::owner(std::uint16_t number) const {
  if (number == 0) return 0u;
  const auto item = find(number);
  if (item == kNoNode) return fail(Code::not_found, "no such part of the record");
  return item;
}

std::uint32_t Editor::child(std::uint32_t parent, Tag tag) const noexcept {
  for (const auto one : items_[parent].children) {
    if (tag_of_item(one) == tag) return one;
  }
  return kNoNode;
}

std::uint32_t Editor::insert(std::uint32_t parent, Tag tag, std::string_view literal) {
  const auto rank_of = [&](Tag one) { return parent == 0 ? rank_in_record(tag_of_item(0), one) : rank_below(one); };
  const auto index = static_cast<std::uint32_t>(items_.size());
  items_.emplace_back();
  items_.back().tag = tag;
  items_.back().literal_tag = texts_.keep(literal);
  items_.back().parent = parent;
  auto& siblings = items_[parent].children;
  auto at = siblings.size();
  while (at > 0 && rank_of(tag_of_item(siblings[at - 1])) > rank_of(tag)) --at;
  siblings.insert(siblings.begin() + static_cast<std::ptrdiff_t>(at), index);
  return index;
}

void Editor::detach(std::uint32_t item) {
  std::erase(items_[items_[item].parent].children, item);
  // What hangs below is found by number no more.
  std::vector<std::uint32_t> gone{item};
  while (!gone.empty()) {
    const auto at = gone.back();
    gone.pop_back();
    items_[at].number = 0;
    items_[at].target = {};
    items_[at].kind = PayloadKind::none;
    gone.insert(gone.end(), items_[at].children.begin(), items_[at].children.end());
  }
}

void Editor::put_text(std::uint32_t item, std::string_view text) {
  Item& one = items_[item];
  one.kind = PayloadKind::text;
  one.text = texts_.keep(unix_lines(text));
  one.target = {};
}

void Editor::put_target(std::uint32_t item, const RecordId& target) {
  Item& one = items_[item];
  one.kind = PayloadKind::record;
  one.text = {};
  one.target = target;
}

void Editor::put_child_text(std::uint32_t parent, Tag tag, const Text& text) {
  if (!text) return;
  auto node = child(parent, tag);
  if (text->empty()) {
    if (node != kNoNode) detach(node);
    return;
  }
  if (node != kNoNode && items_[node].kind == PayloadKind::text && items_[node].text == unix_lines(*text)) return;
  // What hangs below told of the old text: the map of a place, the phrase of a type.
  if (node == kNoNode)
    node = insert(parent, tag);
  else
    while (!items_[node].children.empty()) detach(items_[node].children.back());
  put_text(node, *text);
}

Result<void> Editor::room_for(std::size_t numbers) const {
  if (last_number_ + numbers > 0xFFFF) return fail(Code::limit, "the record has had 65,535 parts: no number is left");
  return {};
}

Result<std::uint16_t> Editor::number(std::uint32_t item) {
  CHECK_OK(room_for(1));
  return items_[item].number = static_cast<std::uint16_t>(++last_number_);
}

// ---------------------------------------------------------------- checks, before anything is changed

Result<void> Editor::check(const Citation& citation, bool is_new) const {
  CHECK_OK(check_text(citation.described, "source", true));
  CHECK_OK(check_text(citation.page, "page", false));
  CHECK_OK(check_text(citation.text, "text", true));
  if (citation.quality && (*citation.quality < -1 || *citation.quality > 3)) return fail(Code::invalid, "quality: 0 to 3");
  if (is_new && citation.source.has_value() == !citation.described.value_or("").empty())
    return fail(Code::invalid, "a citation names a source, or describes one");
  if (!citation.described.value_or("").empty() && dialect_ == Dialect::gedcom70)
    return fail(Code::invalid, "a GEDCOM 7 record cites source records only");
  return {};
}

Result<void> Editor::check(const Note& note, bool is_new) const {
  CHECK_OK(check_text(note.text, "note", true));
  if (is_new && note.record.has_value() == !note.text.value_or("").empty())
    return fail(Code::invalid, "a note has a text, or is a note record");
  return {};
}

Result<void> Editor::check(const Name& name) const {
  if (kind_ != RecordKind::person) return fail(Code::invalid, "only people have names");
  struct Piece {
    const Text& text;
    std::string_view what;
  };
  for (const auto& [text, what] : {Piece{name.kind, "kind"}, Piece{name.text, "text"}, Piece{name.prefix, "prefix"},
                                   Piece{name.given, "given"}, Piece{name.nickname, "nickname"},
                                   Piece{name.surname_prefix, "surnamePrefix"}, Piece{name.surname, "surname"},
                                   Piece{name.suffix, "suffix"}, Piece{name.language, "lang"}}) {
    CHECK_OK(check_text(text, what, false));
    // In a line of GEDCOM a slash ends the surname, and nothing can stand for it.
    const bool is_piece = &text == &name.prefix || &text == &name.given || &text == &name.surname_prefix || &text == &name.surname ||
                          &text == &name.suffix;
    if (is_piece && text && text->contains('/')) return fail(Code::invalid, std::string{what} + ": a name cannot hold a slash");
  }
  if (name.citations.size() > kPartsMax || name.notes.size() > kPartsMax) return fail(Code::limit, "too many citations or notes");
  for (const auto& citation : name.citations) CHECK_OK(check(citation, true));
  for (const auto& note : name.notes) CHECK_OK(check(note, true));
  return room_for(1 + name.citations.size() + name.notes.size());
}

Result<void> Editor::check(const Fact& fact, bool is_new) const {
  const Tag record = tag_of_item(0);
  if (kind_ != RecordKind::person && kind_ != RecordKind::family) return fail(Code::invalid, "only people and families have facts");
  if (is_new && !fact.type) return fail(Code::invalid, "a fact has a type");
  if (fact.type && !fact_tag(record, *fact.type)) return fail(Code::invalid, "type: no such fact of this kind of record");
  struct Part {
    const Text& text;
    std::string_view what;
    bool lines;
  };
  for (const auto& [text, what, lines] :
       {Part{fact.type_text, "typeText", false}, Part{fact.value, "value", true}, Part{fact.date, "date", false},
        Part{fact.place, "place", false}, Part{fact.cause, "cause", true}, Part{fact.agency, "agency", false},
        Part{fact.age, "age", false}, Part{fact.religion, "religion", false}}) {
    CHECK_OK(check_text(text, what, lines));
  }
  const auto tag = fact.type ? fact_tag(record, *fact.type)->tag : Tag::EVEN;
  if (fact.type && !fact.value.value_or("").empty() && !has_value(tag))
    return fail(Code::invalid, "value: an event of this type has none; a note can hold it");
  if (fact.citations.size() > kPartsMax || fact.notes.size() > kPartsMax) return fail(Code::limit, "too many citations or notes");
  for (const auto& citation : fact.citations) CHECK_OK(check(citation, true));
  for (const auto& note : fact.notes) CHECK_OK(check(note, true));
  return room_for(1 + fact.citations.size() + fact.notes.size());
}

// ---------------------------------------------------------------- writing

/// The name as it stands, on its own: for its pieces.
Structure Editor::alone(std::uint32_t item) const {
  Structure only{dialect_};
  const auto line = only.append(only.append(kNoNode, Tag::INDI), Tag::NAME, PayloadKind::text, items_[item].text);
  for (const auto below : items_[item].children) {
    const auto node = only.append(line, items_[below].tag, items_[below].kind, items_[below].text, items_[below].target);
    if (items_[below].tag != Tag::TYPE) continue;
    for (const auto phrase : items_[below].children) only.append(node, items_[phrase].tag, items_[phrase].kind, items_[phrase].text);
  }
  return only;
}

void Editor::write_kind(std::uint32_t item, std::string word) {
  const auto kind = model::name_kind(word);
  const bool seven = dialect_ == Dialect::gedcom70;
  if (seven && kind != model::NameKind::other)
    for (char& c : word) c = date_text::to_upper(c);
  const bool phrase = seven && kind == model::NameKind::other;
  put_child_text(item, Tag::TYPE, phrase ? std::string{"OTHER"} : word);
  if (phrase) put_child_text(child(item, Tag::TYPE), Tag::PHRASE, word);
}

/// The line is made of all pieces, those that stay included; they get lines of their own where one of them has, or needs one.
void Editor::write_pieces(std::uint32_t item, Name whole, bool with_line) {
  constexpr std::array kTags{Tag::NPFX, Tag::GIVN, Tag::SPFX, Tag::SURN, Tag::NSFX};
  if (with_line) put_text(item, slashed(whole));
  const bool has_lines = std::ranges::any_of(kTags, [&](Tag tag) { return child(item, tag) != kNoNode; });
  if (!has_lines && whole.prefix->empty() && whole.surname_prefix->empty() && whole.suffix->empty()) return;
  const std::array texts{whole.prefix, whole.given, whole.surname_prefix, whole.surname, whole.suffix};
  for (std::size_t i = 0; i < kTags.size(); ++i) put_child_text(item, kTags[i], texts[i]);
}

void Editor::write(std::uint32_t item, const Name& name) {
  const auto only = alone(item);
  model::PersonView view;
  model::read_person(only, view);
  const auto now = view.names.empty() ? model::NameView{} : view.names.front();
  Name whole = name;
  // A piece that is given as it stands changes nothing, however the line is written; one that is not given stays.
  bool changed = false;
  const auto settle = [&](Text& piece, std::string_view text) {
    changed = changed || (piece && *piece != text);
    if (!piece) piece = std::string{text};
  };
  settle(whole.prefix, now.prefix);
  settle(whole.given, now.given);
  settle(whole.surname_prefix, now.surname_prefix);
  settle(whole.surname, now.surname);
  settle(whole.suffix, now.suffix);
  if (name.text && items_[item].text != *name.text) {
    put_text(item, *name.text);
    // Pieces of the old line would contradict the new one.
    if (!changed)
      for (const Tag tag : {Tag::NPFX, Tag::GIVN, Tag::SPFX, Tag::SURN, Tag::NSFX}) put_child_text(item, tag, std::string{});
  }
  if (changed) write_pieces(item, whole, !name.text);
  if (name.nickname && *name.nickname != now.nickname) put_child_text(item, Tag::NICK, name.nickname);
  if (name.language && *name.language != now.language) put_child_text(item, Tag::LANG, name.language);
  // A name that does not say what kind it is of is read as one of birth: to say so states nothing new.
  const auto read_as = now.kind == model::NameKind::not_stated ? model::NameKind::birth : now.kind;
  const auto word = read_as == model::NameKind::other ? now.kind_phrase : model::to_string(read_as);
  if (name.kind && *name.kind != word)
    write_kind(item, *name.kind == model::to_string(model::NameKind::not_stated) ? std::string{} : *name.kind);
  write_parts(item, name.citations, name.notes);
}

void Editor::write_date(std::uint32_t event, const Text& date) {
  if (!date) return;
  const auto node = child(event, Tag::DATE);
  if (date->empty()) return put_child_text(event, Tag::DATE, date);
  if (node != kNoNode) {
    const auto phrase = child(node, Tag::PHRASE);
    if (items_[node].text == *date || (items_[node].text.empty() && phrase != kNoNode && items_[phrase].text == *date)) return;
  }
  const auto read = model::parse_date(*date);
  auto written = dialect_ == Dialect::gedcom551 ? model::print_551(read) : model::print_70(read);
  const bool as_typed = date_text::equal_ignoring_case(date_text::trim(*date), written);
  if (dialect_ == Dialect::gedcom551) {
    // Words of other languages and forms stay as they were typed: every later reader of ours understands them too.
    if (as_typed || (read.understood() && !is_numeric(*date))) written = *date;
    return put_child_text(event, Tag::DATE, written);
  }
  if (node != kNoNode) detach(node);
  const auto made = insert(event, Tag::DATE);
  put_text(made, as_typed ? std::string_view{*date} : std::string_view{written});
  if (!as_typed && !(read.understood() && is_numeric(*date))) put_text(insert(made, Tag::PHRASE), *date);
}

void Editor::write(std::uint32_t item, const Fact& fact) {
  if (fact.type) {
    const auto found = *fact_tag(tag_of_item(0), *fact.type);
    if (found.tag != tag_of_item(item)) items_[item].tag = found.tag, items_[item].literal_tag = {};
    if (!fact.type_text && !found.type_text.empty()) put_child_text(item, Tag::TYPE, std::string{found.type_text});
  }
  if (fact.value) {
    // The Y of an event is no value, and saying the same changes nothing.
    Item& line = items_[item];
    const bool yes = line.text == "Y" && !has_value(tag_of_item(item));
    const bool same = line.kind == PayloadKind::text && line.text == unix_lines(*fact.value);
    if (fact.value->empty() && !yes)
      line.kind = PayloadKind::none, line.text = {};
    else if (!fact.value->empty() && !same)
      put_text(item, *fact.value);
  }
  put_child_text(item, Tag::TYPE, fact.type_text);
  write_date(item, fact.date);
  put_child_text(item, Tag::PLAC, fact.place);
  put_child_text(item, Tag::AGE, fact.age);
  put_child_text(item, Tag::AGNC, fact.agency);
  put_child_text(item, Tag::RELI, fact.religion);
  put_child_text(item, Tag::CAUS, fact.cause);
  const bool event = !has_value(tag_of_item(item));
  if (event && fact.happened && *fact.happened != (items_[item].text == "Y")) {
    if (*fact.happened)
      put_text(item, "Y");
    else
      items_[item].kind = PayloadKind::none, items_[item].text = {};
  }
  write_parts(item, fact.citations, fact.notes);
}

void Editor::write(std::uint32_t item, const Citation& citation) {
  if (citation.source) put_target(item, *citation.source);
  if (citation.described && !citation.described->empty()) put_text(item, *citation.described);
  put_child_text(item, Tag::PAGE, citation.page);
  if (citation.quality)
    put_child_text(item, Tag::QUAY, *citation.quality < 0 ? std::string{} : std::to_string(*citation.quality));
  if (!citation.text) return;
  // A described source has its text beside it, a cited one below DATA.
  if (items_[item].kind == PayloadKind::text) return put_child_text(item, Tag::TEXT, citation.text);
  auto data = child(item, Tag::DATA);
  if (data == kNoNode && citation.text->empty()) return;
  if (data == kNoNode) data = insert(item, Tag::DATA);
  put_child_text(data, Tag::TEXT, citation.text);
  if (items_[data].children.empty()) detach(data);
}

Tag Editor::note_tag(const Note& note) const noexcept {
  return note.record && dialect_ == Dialect::gedcom70 ? Tag::SNOTE : Tag::NOTE;
}

void Editor::write(std::uint32_t item, const Note& note) {
  if (note.record) put_target(item, *note.record);
  if (note.text) put_text(item, *note.text);
}

void Editor::write_parts(std::uint32_t item, const std::vector<Citation>& citations, const std::vector<Note>& notes) {
  // Room for their numbers was looked for before.
  for (const auto& note : notes) {
    const auto made = insert(item, note_tag(note));
    (void)number(made);
    write(made, note);
  }
  for (const auto& citation : citations) {
    const auto made = insert(item, Tag::SOUR);
    (void)number(made);
    write(made, citation);
  }
}

// ---------------------------------------------------------------- edits

Result<std::uint16_t> Editor::add_name(const Name& name) {
  CHECK_OK(check(name));
  const auto item = insert(0, Tag::NAME);
  put_text(item, "");
  TRY(made, number(item));
  write(item, name);
  return made;
}

Result<void> Editor::set_name(std::uint16_t number, const Name& name) {
  const auto item = find(number);
  if (item == kNoNode || items_[item].parent != 0 || tag_of_item(item) != Tag::NAME) return fail(Code::not_found, "no such name");
  CHECK_OK(check(name));
  write(item, name);
  return {};
}

Result<std::uint16_t> Editor::add_fact(const Fact& fact) {
  CHECK_OK(check(fact, true));
  const auto item = insert(0, fact_tag(tag_of_item(0), *fact.type)->tag);
  TRY(made, number(item));
  Fact whole = fact;
  const bool empty = whole.date.value_or("").empty() && whole.place.value_or("").empty() && whole.value.value_or("").empty();
  // GEDCOM: an event line without anything below it says nothing, unless it says Y.
  if (!whole.happened && empty) whole.happened = true;
  write(item, whole);
  return made;
}

Result<void> Editor::set_fact(std::uint16_t number, const Fact& fact) {
  TRY(item, find_fact(number));
  CHECK_OK(check(fact, false));
  if (!fact.type && !fact.value.value_or("").empty() && !has_value(tag_of_item(item)))
    return fail(Code::invalid, "value: an event of this type has none; a note can hold it");
  write(item, fact);
  return {};
}

Result<std::uint16_t> Editor::add_note(std::uint16_t owner_number, const Note& note) {
  TRY(at, owner(owner_number));
  CHECK_OK(check(note, true));
  CHECK_OK(room_for(1));
  const auto item = insert(at, note_tag(note));
  TRY(made, number(item));
  write(item, note);
  return made;
}

Result<void> Editor::set_note(std::uint16_t number, const Note& note) {
  const auto item = find(number);
  const Tag tag = item == kNoNode ? Tag::literal : tag_of_item(item);
  if (tag != Tag::NOTE && tag != Tag::SNOTE) return fail(Code::not_found, "no such note");
  CHECK_OK(check(note, true));
  items_[item].tag = note_tag(note);
  write(item, note);
  return {};
}

Result<std::uint16_t> Editor::add_citation(std::uint16_t owner_number, const Citation& citation) {
  TRY(at, owner(owner_number));
  CHECK_OK(check(citation, true));
  CHECK_OK(room_for(1));
  const auto item = insert(at, Tag::SOUR);
  TRY(made, number(item));
  write(item, citation);
  return made;
}

Result<void> Editor::set_citation(std::uint16_t number, const Citation& citation) {
  const auto item = find(number);
  if (item == kNoNode || tag_of_item(item) != Tag::SOUR) return fail(Code::not_found, "no such citation");
  CHECK_OK(check(citation, false));
  write(item, citation);
  return {};
}

Result<std::uint16_t> Editor::add_media(std::uint16_t owner_number, const RecordId& media) {
  TRY(at, owner(owner_number));
  CHECK_OK(room_for(1));
  const auto item = insert(at, Tag::OBJE);
  put_target(item, media);
  return number(item);
}

Result<void> Editor::remove(std::uint16_t number) {
  const auto item = find(number);
  if (item == kNoNode || item == 0) return fail(Code::not_found, "no such part of the record");
  detach(item);
  return {};
}

Result<void> Editor::prefer(std::uint16_t number) {
  const auto item = find(number);
  if (item == kNoNode || item == 0) return fail(Code::not_found, "no such part of the record");
  auto& siblings = items_[items_[item].parent].children;
  const auto first = std::ranges::find(siblings, tag_of_item(item), [&](std::uint32_t one) { return tag_of_item(one); });
  const auto here = std::ranges::find(siblings, item);
  std::rotate(first, here, here + 1);
  return {};
}

Result<void> Editor::set_sex(std::optional<char> letter) {
  if (kind_ != RecordKind::person) return fail(Code::invalid, "only people have a sex");
  if (letter && std::string_view{"MFXU"}.find(*letter) == std::string_view::npos) return fail(Code::invalid, "sex: M, F, X or U");
  put_child_text(0, Tag::SEX, letter ? std::string(1, *letter) : std::string{});
  return {};
}

Result<void> Editor::set_living(std::optional<bool> living) {
  if (kind_ != RecordKind::person) return fail(Code::invalid, "only people live");
  put_child_text(0, Tag::_LIVING, living ? std::string{*living ? "Y" : "N"} : std::string{});
  return {};
}

Result<void> Editor::set_text(const NamedText& text) {
  if (text.name == "restriction") {
    CHECK_OK(check_text(text.text, text.name, false));
    put_child_text(0, Tag::RESN, text.text);
    return {};
  }
  if (kind_ == RecordKind::note && text.name == "text") {
    CHECK_OK(check_text(text.text, text.name, true));
    if (text.text) put_text(0, *text.text);
    return {};
  }
  if (kind_ == RecordKind::media && text.name == "title") {
    CHECK_OK(check_text(text.text, text.name, false));
    // 5.5.1 and 7.0 both have the title below the file; a record without a file has it at the top.
    const auto file = child(0, Tag::FILE);
    put_child_text(file == kNoNode ? 0 : file, Tag::TITL, text.text);
    return {};
  }
  const auto row = std::ranges::find_if(kTexts, [&](const TextRow& one) { return one.kind == kind_ && one.name == text.name; });
  if (row == std::end(kTexts)) return fail(Code::invalid, text.name + ": this kind of record has no such text");
  CHECK_OK(check_text(text.text, text.name, row->lines));
  put_child_text(0, row->tag, text.text);
  return {};
}

// ---------------------------------------------------------------- pointers

bool Editor::has_pointer(Tag tag, const RecordId& target) const noexcept {
  return std::ranges::any_of(items_.front().children, [&](std::uint32_t one) {
    return tag_of_item(one) == tag && items_[one].kind == PayloadKind::record && items_[one].target == target;
  });
}

std::vector<RecordId> Editor::pointers(Tag tag) const {
  std::vector<RecordId> found;
  for (const auto one : items_.front().children) {
    if (tag_of_item(one) == tag && items_[one].kind == PayloadKind::record && !items_[one].target.value().is_zero())
      found.push_back(items_[one].target);
  }
  return found;
}

Result<void> Editor::add_pointer(Tag tag, const RecordId& target, model::Pedigree pedigree) {
  if (!has_pointer(tag, target)) put_target(insert(0, tag), target);
  if (tag == Tag::FAMC && pedigree != model::Pedigree::not_stated) return set_pedigree(target, pedigree);
  return {};
}

Result<void> Editor::set_pedigree(const RecordId& family, model::Pedigree pedigree) {
  for (const auto one : items_.front().children) {
    if (tag_of_item(one) != Tag::FAMC || items_[one].target != family) continue;
    const auto word = pedigree == model::Pedigree::not_stated ? std::string{} : pedigree_word(pedigree, dialect_);
    const auto now = child(one, Tag::PEDI);
    if (now != kNoNode && !word.empty() && model::parse_pedigree(items_[now].text) == pedigree) return {};
    put_child_text(one, Tag::PEDI, word);
    return {};
  }
  return fail(Code::not_found, "the person is no child of that family");
}

std::size_t Editor::remove_pointers(Tag tag, const RecordId& target) {
  std::size_t removed = 0;
  const auto children = items_.front().children;
  for (const auto one : children) {
    if (tag_of_item(one) != tag || items_[one].kind != PayloadKind::record || items_[one].target != target) continue;
    detach(one);
    ++removed;
  }
  return removed;
}

void Editor::order_pointers(Tag tag, std::span<const RecordId> order) {
  auto& siblings = items_.front().children;
  std::vector<std::size_t> places;
  std::vector<std::tuple<std::size_t, std::size_t, std::uint32_t>> pointers;  // rank in the order wanted, place, item
  for (std::size_t i = 0; i < siblings.size(); ++i) {
    if (tag_of_item(siblings[i]) != tag || items_[siblings[i]].kind != PayloadKind::record) continue;
    const auto rank = std::ranges::find(order, items_[siblings[i]].target) - order.begin();
    pointers.emplace_back(static_cast<std::size_t>(rank), i, siblings[i]);
    places.push_back(i);
  }
  // Only they change places among themselves: what stands between them stays where it is.
  std::ranges::sort(pointers);
  for (std::size_t i = 0; i < places.size(); ++i) siblings[places[i]] = std::get<2>(pointers[i]);
}

std::size_t Editor::remove_all_pointers(const RecordId& target) {
  std::size_t removed = 0;
  for (std::uint32_t i = 1; i < items_.size(); ++i) {
    if (items_[i].kind != PayloadKind::record || items_[i].target != target) continue;
    detach(i);
    ++removed;
  }
  return removed;
}

}  // namespace tablinum::tree::edit
