#include "tablinum/tree/convert/convert.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "convert/rewriter.h"
#include "convert/values.h"

namespace tablinum::tree::convert {
namespace {

Dialect other(Dialect dialect) noexcept { return dialect == Dialect::gedcom551 ? Dialect::gedcom70 : Dialect::gedcom551; }

/// What an identifier becomes: in 7.0 capitals, digits and _, in 5.5.1 at most 20 characters.
std::string natural_xref(std::string_view xref, Dialect to) {
  constexpr std::size_t kXrefCharsMax = 20;
  std::string out;
  for (const char c : xref) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    out += is_tag_70({&upper, 1}) ? upper : '_';
  }
  if (to == Dialect::gedcom551 && out.size() > kXrefCharsMax) out.resize(kXrefCharsMax);
  return out.empty() ? "X" : out;
}

/// An identifier from before an earlier conversion, unless a line could not hold it.
bool can_be_restored(std::string_view xref, Dialect to) {
  if (to == Dialect::gedcom70 && (xref.empty() || xref == "VOID")) return xref.empty();
  constexpr std::size_t kXrefBytesMax = 255;
  if (xref.empty() || xref.size() > kXrefBytesMax || xref.front() == '#' || xref.front() == ' ' || xref.back() == ' ') return false;
  return std::ranges::none_of(xref, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '@' || c == '\x7F'; });
}

template <class Visit>
void for_each_node(const Item& item, const Visit& visit) {
  visit(item);
  for (const auto& child : item.children) for_each_node(child, visit);
}

struct NoteRow {
  std::string_view name, meaning, remedy;
};
constexpr NoteRow kNotes[] = {
    {"kept", "the other version has no such structure there; it is kept under an extension tag",
     "Nothing: converted back, it is as it was. Other programs may pass over it."},
    {"restated", "the other version says it in other words; the original is kept below it", "Nothing: converted back, it is as it was."},
    {"added", "the other version asks for a line that the record does not have; one was added", "Fill it in if you know it."},
    {"outdated", "a copy kept by an earlier conversion no longer fits the line above it; the line counts", "Remove the copy."},
};

}  // namespace

std::string_view to_string(NoteCode code) noexcept { return kNotes[static_cast<std::size_t>(code)].name; }
std::string_view meaning_of(NoteCode code) noexcept { return kNotes[static_cast<std::size_t>(code)].meaning; }
std::string_view remedy_of(NoteCode code) noexcept { return kNotes[static_cast<std::size_t>(code)].remedy; }

struct Conversion::State {
  struct Known {
    std::string tag;
    std::string xref;      // to be written
    bool renamed = false;   // and a mark with the old one is due
    bool restored = false;  // it is the one from before an earlier conversion
    std::string old_xref{};
  };

  State(Dialect target, Report to_report)
      : to{target},
        report{std::move(to_report)},
        rewriter{target, [this](NoteCode code, std::string_view what) {
                   if (report) report(code, current_xref, what);
                 }} {}

  Dialect to;
  Report report;
  std::string current_xref;
  Rewriter rewriter;
  Structure head;
  std::unordered_map<RecordId, Known> records;
  std::vector<RecordId> order;
  std::set<std::string, std::less<>> used;               // keys of carriers in what was written
  std::set<std::string, std::less<>> taken;              // identifiers that no new record may have
  std::map<RecordId, Item> inline_candidates;            // records made of parts, in a 7.0 file to become 5.5.1
  std::unordered_map<RecordId, unsigned> pointers;       // to sources and media objects, if there are such records
  std::set<RecordId> needed;                             // candidates that something still points to
  std::optional<RecordId> submitter;
  std::map<RecordId, std::string> made_xrefs;
  std::uint32_t next_made = 0;

  Carriers& source() { return rewriter.carriers(other(to)); }

  void declare(const Item& header) {
    for (const auto& child : header.children) {
      if (child.tag != schema_tag(other(to))) continue;
      for (const auto& line : child.children) {
        if (line.tag == "TAG" && line.is_text()) (void)source().declare(line.text);
      }
    }
  }

  void look_at_node(const Node& node, const Structure& structure, std::uint32_t index) {
    if (node.kind == PayloadKind::dangling) taken.emplace(node.text);
    const auto tag = structure.tag_name(index);
    if (node.kind == PayloadKind::record && !source().empty() && (tag == "SOUR" || tag == "OBJE")) ++pointers[node.target];
    if (!tag.starts_with('_') || source().key_of(tag) != nullptr) return;
    rewriter.carriers(Dialect::gedcom551).avoid(tag);
    rewriter.carriers(Dialect::gedcom70).avoid(tag);
  }

  std::string free_xref(const std::string& natural) {
    auto xref = natural;
    for (unsigned n = 2; !taken.insert(xref).second; ++n) {
      const auto number = "_" + std::to_string(n);
      xref = natural.substr(0, std::min<std::size_t>(natural.size(), 20 - number.size())) + number;
    }
    return xref;
  }

  /// The header's lines about extension tags: those that were there, without the old carriers', and the ones that came up.
  void write_schema(Item& header) {
    auto& carriers = rewriter.carriers(to);
    const std::string tag{schema_tag(to)};
    Item* schema = header.child(tag);
    if (schema != nullptr) {
      std::erase_if(schema->children, [&](const Item& line) { return line.tag == "TAG" && line.is_text() && was_declared(line.text); });
      const bool made = rewriter.is_made(to, *schema) || rewriter.is_made(other(to), *schema);
      if (made) header.remove(schema);
      schema = made ? nullptr : schema;
    }
    collect_used(header);
    if (used.empty()) return;
    if (schema == nullptr) {
      const Item* const version = header.child("GEDC");
      const auto at = version == nullptr ? header.children.begin() : header.children.begin() + (version - header.children.data()) + 1;
      schema = &*header.children.insert(at, Item{.tag = tag});
      schema->children.push_back(rewriter.mark(to, kMade));
      used.emplace(kMade);
    }
    for (const auto& line : carriers.lines(used)) schema->children.push_back(text_item("TAG", line));
  }

  /// A header of 5.5.1 names a submitter; one that came from 7.0 may not.
  bool wants_submitter() {
    if (to != Dialect::gedcom551 || (!head.empty() && head.dialect() == to)) return false;
    if (head.empty()) return true;
    const auto item = item_of(head);
    const Item* const pointer = item.child("SUBM");
    const bool had_one = pointer != nullptr && !rewriter.is_made(other(to), *pointer) &&
                         !(pointer->kind == PayloadKind::record && pointer->target.value().is_zero());
    return !had_one && !rewriter.was_made(other(to), item, "SUBM");
  }

  void collect_used(const Item& item) {
    for_each_node(item, [&](const Item& node) {
      if (const auto* key = rewriter.carriers(to).key_of(node.tag)) used.insert(*key);
    });
  }

  bool was_declared(std::string_view line) {
    const auto lines = source().declared();
    return std::ranges::find(lines, line) != lines.end();
  }

  Result<void> give(const RecordId& id, const Item& item, const TakeRecord& take) {
    collect_used(item);
    return take(records.contains(id) ? records.at(id).xref : made_xrefs.at(id), structure_of(item, to));
  }

  std::string made_xref(std::string_view tag) {
    const std::string_view prefix = tag == "SOUR" ? "S" : tag == "OBJE" ? "O" : "U";
    for (;;) {
      auto xref = std::string{prefix} + std::to_string(++next_made);
      if (taken.insert(xref).second) return xref;
    }
  }
};

Conversion::Conversion(Dialect to, Report report) : state_{std::make_unique<State>(to, std::move(report))} {
  state_->rewriter.set_record_tags([state = state_.get()](const RecordId& id) -> std::string_view {
    const auto found = state->records.find(id);
    return found == state->records.end() ? std::string_view{} : found->second.tag;
  });
}
Conversion::~Conversion() = default;

void Conversion::look_at_header(const Structure& head) {
  if (head.empty()) return;
  state_->head = head.clone();
  const auto item = item_of(head);
  if (head.dialect() != state_->to) state_->declare(item);
  state_->rewriter.set_system(item.child_text("SOUR"));
  for (std::uint32_t i = 1; i < head.nodes().size(); ++i) state_->look_at_node(head[i], head, i);
}

void Conversion::look_at(const RecordId& id, std::string_view xref, const Structure& record) {
  auto& state = *state_;
  for (std::uint32_t i = 0; i < record.nodes().size(); ++i) state.look_at_node(record[i], record, i);
  State::Known known{.tag = std::string{record.tag_name(0)}, .xref = std::string{xref}};
  const bool changes = record.dialect() != state.to;
  if (changes && state.to == Dialect::gedcom70) known.tag = known.tag == "NOTE" ? "SNOTE" : known.tag == "SNOTE" ? "_" : known.tag;
  if (changes && !state.source().empty()) {
    const auto item = item_of(record);
    const Item* const ident = state.rewriter.marked(other(state.to), item, kIdent);
    if (ident != nullptr && can_be_restored(ident->text, state.to)) {
      known.xref = ident->text;
      known.restored = true;
    }
    const bool was_part = (item.tag == "SOUR" || item.tag == "OBJE") && state.to == Dialect::gedcom551;
    if (was_part && state.rewriter.marked(other(state.to), item, kInline) != nullptr) state.inline_candidates.emplace(id, item);
    if (state.rewriter.is_made(other(state.to), item)) known.tag = "#";
  }
  known.old_xref = xref;
  if (known.tag == "SUBM" && !state.submitter) state.submitter = id;
  state.order.push_back(id);
  state.records.insert_or_assign(id, std::move(known));
}

void Conversion::prepare() {
  auto& state = *state_;
  const auto fits = state.to == Dialect::gedcom70 ? is_xref_70 : is_xref_551;
  const auto may_be_empty = state.to == Dialect::gedcom70;  // 7.0 needs none where nothing points to the record
  std::vector<State::Known*> rest;
  for (const auto& id : state.order) {
    auto& known = state.records.at(id);
    const bool empty = known.xref.empty() && may_be_empty;
    if (!empty && ((!fits(known.xref) && !known.restored) || !state.taken.insert(known.xref).second)) rest.push_back(&known);
  }
  for (auto* known : rest) known->xref = state.free_xref(natural_xref(known->xref.empty() ? known->old_xref : known->xref, state.to));
  for (const auto& id : state.order) {
    auto& known = state.records.at(id);
    const auto source_fits = state.to == Dialect::gedcom70 ? is_xref_551 : is_xref_70;
    const bool comes_back = known.old_xref.empty() || source_fits(known.old_xref);
    known.renamed = known.xref != known.old_xref || !comes_back;
  }
  std::erase_if(state.inline_candidates, [&](const auto& candidate) { return state.pointers[candidate.first] != 1; });
  for (const auto& [id, item] : state.inline_candidates) state.rewriter.add_inline(id, item);
}

Result<void> Conversion::convert(const RecordId& id, const Structure& record, const TakeRecord& take) {
  auto& state = *state_;
  auto& known = state.records.at(id);
  if (known.tag == "#") return {};
  if (record.dialect() == state.to) return take(known.xref, record);
  state.current_xref = known.xref;
  const auto in = item_of(record);
  std::vector<std::pair<RecordId, Item>> made;
  auto out = state.rewriter.record(in, made);
  const Item* const ident = state.rewriter.marked(other(state.to), in, kIdent);
  const bool back = ident != nullptr && ident->text == known.xref;
  if (known.renamed && !back) {
    auto old = state.rewriter.mark(state.to, kIdent);
    old.kind = PayloadKind::text;
    old.text = known.old_xref;
    out.children.push_back(std::move(old));
  }
  std::set<RecordId> pointed;
  const auto collect = [&](const Item& item) {
    if (item.kind == PayloadKind::record) pointed.insert(item.target);
  };
  for_each_node(out, collect);
  for (const auto& [made_id, item] : made) for_each_node(item, collect);
  for (const auto& target : pointed) {
    if (target != id && state.inline_candidates.contains(target)) state.needed.insert(target);
  }
  for (const auto& [made_id, item] : made) {
    if (pointed.contains(made_id)) state.made_xrefs[made_id] = state.made_xref(item.tag);
  }
  if (state.inline_candidates.contains(id)) {
    state.inline_candidates.at(id) = std::move(out);
    return {};  // finish() writes it if it is still a record
  }
  CHECK_OK(state.give(id, out, take));
  for (const auto& [made_id, item] : made) {
    if (pointed.contains(made_id)) CHECK_OK(state.give(made_id, item, take));
  }
  return {};
}

Result<void> Conversion::finish(const TakeRecord& take) {
  auto& state = *state_;
  for (const auto& [id, item] : state.inline_candidates) {
    if (state.needed.contains(id)) CHECK_OK(state.give(id, item, take));
  }
  if (!state.wants_submitter() || state.submitter) return {};
  constexpr std::uint8_t kSubmitterId = 0xFD;
  Uuid uuid;
  uuid.bytes[0] = kSubmitterId;
  const RecordId id{uuid};
  Item item{.tag = "SUBM"};
  item.children.push_back(text_item("NAME", "?"));
  auto mark = state.rewriter.mark(state.to, kMade);
  auto name_mark = mark;
  name_mark.kind = PayloadKind::text;
  name_mark.text = "?";
  item.children.front().children.push_back(std::move(name_mark));
  item.children.push_back(std::move(mark));
  state.made_xrefs[id] = state.made_xref("SUBM");
  state.submitter = id;
  return state.give(id, item, take);
}

Structure Conversion::header() {
  auto& state = *state_;
  state.current_xref.clear();
  Item out{.tag = "HEAD"};
  if (!state.head.empty() && state.head.dialect() == state.to) {
    out = item_of(state.head);
  } else {
    std::vector<std::pair<RecordId, Item>> made;  // a header has no parts that become records
    auto in = state.head.empty() ? Item{} : item_of(state.head);
    in.tag = "HEAD";  // "head" is read as one, but would be kept as a tag that the other version does not know
    out = state.rewriter.record(in, made);
  }
  if (state.wants_submitter() && state.submitter) {
    auto pointer = pointer_item("SUBM", *state.submitter);
    pointer.children.push_back(state.rewriter.mark(state.to, kMade));
    out.children.push_back(std::move(pointer));
  }
  state.write_schema(out);
  return structure_of(out, state.to);
}

std::string_view Conversion::xref_of(const RecordId& id) const {
  if (const auto found = state_->records.find(id); found != state_->records.end()) return found->second.xref;
  const auto made = state_->made_xrefs.find(id);
  return made == state_->made_xrefs.end() ? std::string_view{} : made->second;
}

}  // namespace tablinum::tree::convert
