#include "tablinum/tree/model/view.h"

#include <array>

#include "model/date_text.h"
#include "model/view_parts.h"
#include "tablinum/tree/model/fields.h"

namespace tablinum::tree::model {
namespace {

using date_text::equal_ignoring_case;

constexpr std::size_t kTagBytesMax = 8;

// Calls `take` for each word of a list separated by blanks or commas.
template <class Take>
void for_each_word(std::string_view text, Take take) {
  constexpr std::string_view kSeparators = ", \t\n";
  for (auto at = text.find_first_not_of(kSeparators); at != std::string_view::npos; at = text.find_first_not_of(kSeparators, at)) {
    const auto end = std::min(text.find_first_of(kSeparators, at), text.size());
    take(text.substr(at, end - at));
    at = end;
  }
}

struct PedigreeWord {
  std::string_view word;
  Pedigree pedigree;
};
constexpr std::array kPedigreeWords{
    PedigreeWord{"BIRTH", Pedigree::birth},       PedigreeWord{"NATURAL", Pedigree::birth},   PedigreeWord{"BIOLOGICAL", Pedigree::birth},
    PedigreeWord{"ADOPTED", Pedigree::adopted},   PedigreeWord{"ADOPTIVE", Pedigree::adopted}, PedigreeWord{"FOSTER", Pedigree::foster},
    PedigreeWord{"SEALING", Pedigree::sealing},   PedigreeWord{"STEP", Pedigree::step},       PedigreeWord{"STEPCHILD", Pedigree::step},
    PedigreeWord{"GUARDIAN", Pedigree::guardian}, PedigreeWord{"SURROGATE", Pedigree::surrogate}, PedigreeWord{"DONOR", Pedigree::donor},
    PedigreeWord{"UNKNOWN", Pedigree::not_stated},
};

// "8:38", "15:43:20.48Z": seconds of the day; 0 for anything else, because a change without a time is a change all the same.
std::int64_t milliseconds_of_day(std::string_view text) {
  const auto number = [&text]() -> std::int64_t {
    std::size_t size = 0;
    while (size < text.size() && date_text::is_digit(text[size])) ++size;
    const auto value = date_text::parse_number(text.substr(0, size), 2).value_or(0);
    text.remove_prefix(size);
    if (!text.empty() && text.front() == ':') text.remove_prefix(1);
    return value;
  };
  const auto hours = number(), minutes = number(), seconds = number();
  if (hours > 23 || minutes > 59 || seconds > 60) return 0;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

std::optional<Timestamp> read_change(const Structure& record, std::uint32_t node) {
  const auto date_node = record.child(node, Tag::DATE);
  if (date_node == kNoNode) return std::nullopt;
  const auto date = parse_date(parts::text_of(record, date_node));
  if (date.precision != kDay) return std::nullopt;
  constexpr std::int64_t kDayMs = 86'400'000;
  return Timestamp{(*date.days.min - kUnixEpochJdn) * kDayMs + milliseconds_of_day(record.child_text(date_node, Tag::TIME))};
}

bool is_identifier(const Node& node, Tag tag) {
  switch (tag) {
    case Tag::REFN: case Tag::RIN: case Tag::UID: case Tag::_UID: case Tag::EXID: case Tag::AFN: case Tag::RFN: return true;
    case Tag::literal: return parts::is_literal(node, "FSID") || parts::is_literal(node, "_FSFTID");
    default: return false;
  }
}

void add_identifier(const Structure& record, std::uint32_t node, Tag tag, RecordView& view) {
  const auto type = record.child_text(node, Tag::TYPE);
  const bool typed_scheme = tag == Tag::EXID && !type.empty();
  view.identifiers.push_back({.node = node, .scheme = typed_scheme ? type : record.tag_name(node), .value = parts::text_of(record, node),
                              .type = typed_scheme ? std::string_view{} : type});
}

std::optional<LinkKind> link_kind(const Node& node, Tag tag) {
  switch (tag) {
    case Tag::SOUR: return LinkKind::citation;
    case Tag::OBJE: return LinkKind::media;
    case Tag::NOTE: case Tag::SNOTE: return LinkKind::note;
    case Tag::REPO: return LinkKind::repository;
    case Tag::ASSO: return LinkKind::association;
    case Tag::SUBM: return LinkKind::submitter;
    case Tag::ANCI: return LinkKind::ancestor_interest;
    case Tag::DESI: return LinkKind::descendant_interest;
    case Tag::ALIA: return node.kind == PayloadKind::text ? std::nullopt : std::optional{LinkKind::alias};
    default: return std::nullopt;
  }
}

std::uint8_t quality_of(std::string_view text) {
  text = date_text::trim(text);
  return text.size() == 1 && text[0] >= '0' && text[0] <= '3' ? static_cast<std::uint8_t>(text[0] - '0') : kNoQuality;
}

void read_link_details(const Structure& record, LinkView& link) {
  for (const auto child : record.children(link.node)) {
    const auto text = parts::text_of(record, child);
    switch (known_tag(record[child])) {
      case Tag::PAGE: if (link.kind == LinkKind::citation) link.detail = text; break;
      case Tag::QUAY: link.quality = quality_of(text); break;
      case Tag::ROLE: link.detail = text; link.phrase = record.child_text(child, Tag::PHRASE); break;
      case Tag::RELA: if (link.detail.empty()) link.detail = text; break;
      case Tag::TITL: if (link.kind == LinkKind::media) link.detail = text; break;
      case Tag::CALN: if (link.kind == LinkKind::repository) link.detail = text; break;
      case Tag::PHRASE: if (link.phrase.empty()) link.phrase = text; break;
      default: break;
    }
  }
}

// Recursion is bounded by the depth that a record may have; what a hand-built structure holds below that is not looked at.
void collect_links(const Structure& record, std::uint32_t owner, std::uint8_t field, unsigned depth, std::vector<LinkView>& links) {
  if (depth > kDepthMax) return;
  for (const auto child : record.children(owner)) {
    const auto& node = record[child];
    if (owner == 0) field = static_cast<std::uint8_t>(field_of(record, child));
    if (const auto kind = link_kind(node, known_tag(node))) {
      auto& link = links.emplace_back();
      link.node = child;
      link.number = node.number;
      link.kind = *kind;
      link.field = field;
      link.owner = owner;
      link.target = parts::target_of(node);
      if (node.first_child != kNoNode) read_link_details(record, link);
    }
    if (node.first_child != kNoNode) collect_links(record, child, field, depth + 1, links);
  }
}

}  // namespace

namespace parts {

bool is_literal(const Node& node, std::string_view tag) noexcept {
  return node.tag == Tag::literal && equal_ignoring_case(node.literal_tag, tag);
}

bool is_yes(std::string_view text) noexcept {
  text = date_text::trim(text);
  return equal_ignoring_case(text, "Y") || equal_ignoring_case(text, "YES");
}

void start(const Structure& record, RecordView& view) {
  view.kind = record_kind(record);
  view.restriction = kUnrestricted;
  view.changed_at.reset();
  view.created_at.reset();
  view.identifiers.clear();
  view.links.clear();
}

void read_common(const Structure& record, std::uint32_t node, Tag tag, RecordView& view) {
  switch (tag) {
    case Tag::RESN: view.restriction |= parse_restriction(text_of(record, node)); break;
    case Tag::CHAN: if (!view.changed_at) view.changed_at = read_change(record, node); break;
    case Tag::CREA: if (!view.created_at) view.created_at = read_change(record, node); break;
    default: if (is_identifier(record[node], tag)) add_identifier(record, node, tag, view); break;
  }
}

void read_links(const Structure& record, RecordView& view) {
  if (view.kind != RecordKind::header) collect_links(record, 0, 0, 1, view.links);  // HEAD.SOUR is a program, not a source
}

}  // namespace parts

Tag known_literal_tag(std::string_view literal) noexcept {
  if (literal.size() > kTagBytesMax) return Tag::literal;
  std::array<char, kTagBytesMax> upper;
  for (std::size_t i = 0; i < literal.size(); ++i) upper[i] = date_text::to_upper(literal[i]);
  return tag_of({upper.data(), literal.size()});
}

RecordKind record_kind(const Structure& record) noexcept {
  if (record.empty()) return RecordKind::other;
  switch (known_tag(record.root())) {
    case Tag::INDI: return RecordKind::person;
    case Tag::FAM: return RecordKind::family;
    case Tag::SOUR: return RecordKind::source;
    case Tag::REPO: return RecordKind::repository;
    case Tag::OBJE: return RecordKind::media;
    case Tag::NOTE: case Tag::SNOTE: return RecordKind::note;
    case Tag::SUBM: return RecordKind::submitter;
    case Tag::_PLACE: return RecordKind::place;
    case Tag::_STORY: return RecordKind::story;
    case Tag::SUBN: return RecordKind::submission;
    case Tag::HEAD: return RecordKind::header;
    default: return parts::is_literal(record.root(), "_LOC") ? RecordKind::place : RecordKind::other;
  }
}

std::string_view to_string(RecordKind kind) noexcept {
  constexpr std::array<std::string_view, 12> kNames{"other",     "person", "family", "source",     "repository", "media", "note",
                                                    "submitter", "place",  "story",  "submission", "header"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint8_t parse_restriction(std::string_view text) noexcept {
  std::uint8_t bits = kUnrestricted;
  for_each_word(text, [&bits](std::string_view word) {
    if (equal_ignoring_case(word, "LOCKED")) bits |= kLocked;
    else if (equal_ignoring_case(word, "PRIVACY")) bits |= kPrivacy;
    else if (!equal_ignoring_case(word, "NONE")) bits |= kConfidential;
  });
  return bits;
}

std::string_view to_string(Pedigree pedigree) noexcept {
  constexpr std::array<std::string_view, 10> kNames{"not_stated", "birth",    "adopted",   "foster", "sealing",
                                                    "step",       "guardian", "surrogate", "donor",  "other"};
  return kNames[static_cast<std::size_t>(pedigree)];
}

Pedigree parse_pedigree(std::string_view text) noexcept {
  text = date_text::trim(text);
  if (text.empty()) return Pedigree::not_stated;
  for (const auto& word : kPedigreeWords)
    if (equal_ignoring_case(text, word.word)) return word.pedigree;
  return Pedigree::other;
}

std::string_view to_string(LinkKind kind) noexcept {
  constexpr std::array<std::string_view, 10> kNames{"",          "citation", "media",             "note", "repository", "association",
                                                    "submitter", "alias",    "ancestor_interest", "descendant_interest"};
  return kNames[static_cast<std::size_t>(kind)];
}

void read_record(const Structure& record, RecordView& view) {
  parts::start(record, view);
  for (const auto child : record.children(0)) parts::read_common(record, child, known_tag(record[child]), view);
  parts::read_links(record, view);
}

}  // namespace tablinum::tree::model
