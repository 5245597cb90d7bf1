#include "tablinum/tree/gedcom/reader.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <vector>

#include "gedcom/builder.h"
#include "gedcom/line_role.h"
#include "gedcom/line_source.h"
#include "gedcom/slices.h"
#include "gedcom/survey_state.h"
#include "gedcom/text.h"
#include "tablinum/base/crypto.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kLongLineChars = 255;  // GEDCOM 5.5.1, chapter 1

std::size_t characters_in(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }));
}

/// The kind of record that a pointer of that tag means; Tag::literal where any may stand.
Tag wanted_kind(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case HUSB:
    case WIFE:
    case CHIL:
    case ASSO:
    case ALIA: return INDI;
    case FAMC:
    case FAMS: return FAM;
    case SUBM:
    case ANCI:
    case DESI: return SUBM;
    case SOUR:
    case REPO:
    case OBJE:
    case NOTE:
    case SNOTE:
    case SUBN: return tag;
    default: return literal;
  }
}

/// First letter of a new identifier.
char prefix_of(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case INDI: return 'I';
    case FAM: return 'F';
    case SOUR: return 'S';
    case REPO: return 'R';
    case OBJE: return 'O';
    case NOTE:
    case SNOTE: return 'N';
    case SUBM: return 'U';
    default: return 'X';
  }
}

Digest digest_of(const Structure& structure) {
  Bytes bytes;
  encode(structure, bytes);
  return sha256(bytes);
}

constexpr std::size_t kPendingCharge = 1024;  // the memory of a small record that waits
constexpr std::size_t kSpareMax = 4;

/// A record on its way: its lines are still coming, or it waits for the record around it.
struct Pending {
  std::unique_ptr<StructureBuilder> builder;
  const Structure* structure = nullptr;  // the builder's, once it is finished
  Record::Kind kind = Record::Kind::record;
  std::uint32_t ordinal = kNoOrdinal;
  std::uint64_t line = 0;
  bool has_xref = false;
  bool is_second_header = false;
  std::string xref;
};

}  // namespace

struct Reader::State {
  State(const Survey& the_survey, std::span<const RecordId> the_ids, OnRecord callback, Findings& the_findings)
      : survey{the_survey}, ids{the_ids}, on_record{std::move(callback)}, findings{the_findings} {
    resolve = [this](std::string_view xref, Tag tag, std::uint64_t line) { return target_of(xref, tag, line); };
  }

  Result<void> drain();
  void take_usual_lines();
  Result<void> take_line(const TextLine& line);
  void note_bytes(const TextLine& line);
  void note_fields(const LineFields& fields, const TextLine& line);
  Result<void> begin(LineRole role, const LineFields& fields, std::uint64_t line);
  void note_begin(LineRole role, const LineFields& fields, std::uint64_t line);
  Result<void> trailer(const LineFields& fields, std::uint64_t line);
  Result<void> add(const LineFields& fields, std::uint64_t line);
  Result<void> check_size(std::uint64_t line) const;
  std::unique_ptr<StructureBuilder> free_builder();
  Result<void> close_innermost();
  Result<void> close_all();
  Result<void> give_finished();
  Result<void> give(Pending& record);
  bool settle_xref(Pending& record);
  std::string new_xref(Tag tag);
  Target target_of(std::string_view xref, Tag tag, std::uint64_t line);
  void note_charset();
  void note(FindingCode code, std::uint64_t line, std::string_view text = {}) { findings.add(code, line, text); }

  const Survey& survey;
  std::span<const RecordId> ids;
  OnRecord on_record;
  Findings& findings;
  Resolve resolve;
  std::optional<LineSource> source;
  LineRoles roles;
  std::vector<Pending> open;      // outermost first: records inside records are rare
  std::vector<Pending> finished;  // records from inside the outermost one: they come after it
  std::vector<std::unique_ptr<StructureBuilder>> spare;
  std::size_t finished_charge = 0;
  struct First {
    std::uint64_t line;
    Digest digest;
  };
  std::map<std::uint32_t, First> repeated;  // first records of repeated identifiers
  std::array<std::uint32_t, 26> new_xrefs{};
  std::uint32_t ordinals = 0;
  std::uint64_t bytes = 0;
  bool started = false, header_seen = false, trailer_seen = false;
};

// ---------------------------------------------------------------- lines

Result<void> Reader::State::drain() {
  LineFields fields;
  std::size_t bytes_of_line = 0;
  for (TextLine line;;) {
    take_usual_lines();
    if (take_usual_record_line(source->rest(), fields, bytes_of_line)) {
      source->passed(bytes_of_line, 1);
      CHECK_OK(begin(roles.role_of(fields), fields, source->lines()));
      continue;
    }
    if (!source->next(line)) break;
    CHECK_OK(take_line(line));
  }
  for (Pending& record : open) record.builder->own_texts();  // the chunk goes
  return {};
}

/// Lines of the usual form inside a record at level 0, which is where nearly all time is spent.
void Reader::State::take_usual_lines() {
  if (open.size() != 1 || open.front().builder->base_level() != 0) return;
  auto& builder = *open.front().builder;
  const auto rest = source->rest();
  const bool is_utf8 = source->is_utf8();
  std::size_t at = 0;
  std::uint64_t lines = 0;
  while (builder.has_room_for_usual()) {
    UsualLine line;
    if (!take_usual_line(rest.substr(at), is_utf8, line) || !builder.add(line, source->lines() + lines + 1)) break;
    at += line.bytes;
    ++lines;
  }
  source->passed(at, lines);
}

Result<void> Reader::State::take_line(const TextLine& line) {
  const auto fields = fields_of(line.text);
  const auto role = roles.role_of(fields);
  if (role != LineRole::blank && (!line.plain || line.cut || line.text.size() > kLongLineChars)) note_bytes(line);
  note_fields(fields, line);
  switch (role) {
    case LineRole::content: return add(fields, line.number);
    case LineRole::header:
    case LineRole::record: return begin(role, fields, line.number);
    case LineRole::trailer: return trailer(fields, line.number);
    case LineRole::blank: note(FindingCode::line_blank, line.number); return {};
    case LineRole::before_records: note(FindingCode::line_before_records, line.number, line.text); return {};
    case LineRole::after_trailer: note(FindingCode::line_after_trailer, line.number, line.text); return {};
  }
  return {};
}

void Reader::State::note_bytes(const TextLine& line) {
  if (line.cut) note(FindingCode::line_cut, line.number, line.text);
  if (line.nul_removed) note(FindingCode::nul_removed, line.number, line.text);
  if (line.mark_alone) note(FindingCode::ansel_mark_alone, line.number, line.text);
  if (line.damaged) {
    const auto kind = survey.charset().charset.kind;
    const bool wide = kind == Charset::utf16le || kind == Charset::utf16be;
    const bool narrow = kind == Charset::utf8 || kind == Charset::ascii;
    note(wide     ? FindingCode::utf16_damaged
         : narrow ? FindingCode::utf8_damaged
                  : FindingCode::byte_undefined,
         line.number, line.text);
  }
  if (!line.plain && has_invisible_control(line.text)) note(FindingCode::control_character, line.number, line.text);
  if (survey.dialect() == Dialect::gedcom551 && characters_in(line.text) > kLongLineChars) {
    note(FindingCode::line_long, line.number, line.text);
  }
}

void Reader::State::note_fields(const LineFields& fields, const TextLine& line) {
  const auto manner = source->manner();
  if (line.end == LineEnd::cr && manner != LineEnd::cr) note(FindingCode::line_end_stray, line.number, line.text);
  if (fields.kind == LineFields::Kind::blank) return;
  if (fields.indented) note(FindingCode::line_indented, line.number, line.text);
  if (fields.kind != LineFields::Kind::line) return;
  if (fields.delimiter_odd) note(FindingCode::line_delimiter, line.number, line.text);
  if (fields.leading_zeros) note(FindingCode::level_zeros, line.number, line.text);
}

// ---------------------------------------------------------------- records

std::unique_ptr<StructureBuilder> Reader::State::free_builder() {
  if (spare.empty()) return std::make_unique<StructureBuilder>(survey.dialect(), &resolve, &findings);
  auto builder = std::move(spare.back());
  spare.pop_back();
  return builder;
}

void Reader::State::note_begin(LineRole role, const LineFields& fields, std::uint64_t line) {
  if (role == LineRole::header && ordinals > 0) note(FindingCode::header_late, line, fields.text);
  if (trailer_seen) note(FindingCode::record_after_trailer, line, fields.text);
  if (fields.level == 0) return;
  const bool lifted = fields.has_xref && is_record_tag(fields.tag);
  note(lifted ? FindingCode::record_below_level_0 : FindingCode::level_skipped, line, fields.text);
}

Result<void> Reader::State::begin(LineRole role, const LineFields& fields, std::uint64_t line) {
  note_begin(role, fields, line);
  while (open.size() > 1 && fields.level <= open.back().builder->base_level()) CHECK_OK(close_innermost());
  if (!open.empty() && fields.level <= open.front().builder->base_level()) CHECK_OK(close_all());

  Pending& record = open.emplace_back();
  record.builder = free_builder();
  record.line = line;
  record.has_xref = fields.has_xref;
  record.xref = fields.xref;
  auto tag = fields.tag;
  if (role == LineRole::header) {
    record.kind = Record::Kind::header;
    header_seen = true;
  } else {
    if (ordinals == survey.records()) return fail(Code::conflict, "gedcom: not the file that was surveyed");
    record.ordinal = ordinals++;
    if (header_seen && tag == "HEAD") {
      record.is_second_header = true;
      tag = "_HEAD";
      note(FindingCode::header_repeated, line, fields.text);
    }
  }
  record.builder->begin(fields, tag, line);
  return check_size(line);
}

Result<void> Reader::State::trailer(const LineFields& fields, std::uint64_t line) {
  CHECK_OK(close_all());
  if (trailer_seen) {
    note(FindingCode::line_after_trailer, line, fields.text);
    return {};
  }
  trailer_seen = true;
  Pending record;
  record.builder = free_builder();
  record.kind = Record::Kind::trailer;
  record.line = line;
  record.builder->begin(fields, fields.tag, line);
  open.push_back(std::move(record));
  return close_all();
}

Result<void> Reader::State::add(const LineFields& fields, std::uint64_t line) {
  if (fields.kind == LineFields::Kind::line) {
    while (open.size() > 1 && fields.level <= open.back().builder->base_level()) CHECK_OK(close_innermost());
  }
  open.back().builder->add(fields, line);
  return check_size(line);
}

/// Records inside a record count with it, since all are held until it ends.
Result<void> Reader::State::check_size(std::uint64_t line) const {
  std::size_t charge = finished_charge, nodes = 0;
  for (const Pending& record : open) {
    charge += record.builder->charge();
    nodes = std::max(nodes, record.builder->nodes());
  }
  if (charge <= kStructureBytesMax && nodes <= kNodesMax) return {};
  return fail(Code::too_large, "gedcom: line " + std::to_string(line) + ": the record is over the limit");
}

Result<void> Reader::State::close_innermost() {
  Pending record = std::move(open.back());
  open.pop_back();
  finished_charge += record.builder->charge() + kPendingCharge;
  record.structure = &record.builder->finish();
  // It waits for the record around it, which has the lower ordinal; a header has none.
  const bool waits = !open.empty() && open.front().kind != Record::Kind::header;
  if (waits) record.builder->own_texts();
  finished.push_back(std::move(record));
  return waits || open.empty() ? Result<void>{} : give_finished();
}

Result<void> Reader::State::close_all() {
  if (open.size() == 1 && finished.empty()) {  // nearly always: nothing has to be moved about
    Pending& record = open.front();
    record.structure = &record.builder->finish();
    CHECK_OK(give(record));
    spare.push_back(std::move(record.builder));
    open.clear();
    return {};
  }
  while (!open.empty()) CHECK_OK(close_innermost());
  return give_finished();
}

Result<void> Reader::State::give_finished() {
  if (finished.size() > 1) std::ranges::sort(finished, {}, &Pending::line);
  for (Pending& record : finished) {
    CHECK_OK(give(record));
    if (spare.size() < kSpareMax) spare.push_back(std::move(record.builder));
  }
  finished.clear();
  finished_charge = 0;
  return {};
}

Result<void> Reader::State::give(Pending& pending) {
  if (pending.kind == Record::Kind::record && !settle_xref(pending)) return {};
  const auto id = pending.ordinal == kNoOrdinal ? RecordId{} : ids[pending.ordinal];
  Record record{pending.kind, pending.ordinal, id, pending.xref, pending.line, *pending.structure, pending.builder->lines()};
  return on_record(record);
}

/// Gives the record the identifier it keeps.  @return false if it is the second copy of a record.
bool Reader::State::settle_xref(Pending& record) {
  const Tag tag = record.structure->root().tag;
  if (!record.has_xref) {
    record.xref = new_xref(tag);
    // In 7.0 a record that nothing points to needs none.
    if (survey.dialect() == Dialect::gedcom551 && !record.is_second_header) {
      note(FindingCode::record_without_xref, record.line, record.structure->tag_name(0));
    }
    return true;
  }
  if (survey.dialect() == Dialect::gedcom70 && record.xref == "VOID") {
    note(FindingCode::xref_reserved, record.line, record.structure->tag_name(0));
    record.xref = new_xref(tag);
    return true;
  }
  const auto& state = *survey.state_;
  if (state.repeated.empty()) return true;
  const auto owner = state.xrefs.find(record.xref);
  if (!state.repeated.contains(owner)) return true;
  const auto digest = digest_of(*record.structure);
  if (owner == record.ordinal) {
    repeated.emplace(owner, First{record.line, digest});
    return true;
  }
  const auto first = repeated.find(owner);
  const auto first_line = first == repeated.end() ? 0 : first->second.line;
  const bool equal = first != repeated.end() && first->second.digest == digest;
  findings.add(equal ? FindingCode::xref_repeated_equal : FindingCode::xref_repeated, record.line, record.xref, first_line);
  if (!equal) record.xref = new_xref(tag);
  return !equal;
}

std::string Reader::State::new_xref(Tag tag) {
  const char prefix = prefix_of(tag);
  auto& count = new_xrefs[static_cast<std::size_t>(prefix - 'A')];
  return prefix + std::to_string(survey.state_->highest.of(prefix) + ++count);
}

Target Reader::State::target_of(std::string_view xref, Tag tag, std::uint64_t line) {
  if (survey.dialect() == Dialect::gedcom70 && xref == "VOID") return {PayloadKind::record, {}};
  const auto found = survey.find(xref);
  if (found.match == Survey::Match::none) {
    note(FindingCode::pointer_dangling, line, xref);
    return {};
  }
  if (found.match == Survey::Match::folded) note(FindingCode::xref_folded, line, xref);
  const Tag wanted = wanted_kind(tag);
  if (wanted != Tag::literal && survey.tag_of_record(found.ordinal) != wanted)
    note(FindingCode::pointer_wrong_kind, line, xref);
  return {PayloadKind::record, ids[found.ordinal]};
}

void Reader::State::note_charset() {
  const auto& charset = survey.charset();
  const auto names = charset.declared + " → " + to_string(charset.charset);
  if (charset.mismatch) note(charset.unknown_name ? FindingCode::charset_unknown : FindingCode::charset_mismatch, 0, names);
  if (charset.bom_wrong) note(FindingCode::byte_order_mark_wrong, 1);
  if (!charset.uncertain) return;
  std::string alternatives;
  for (const auto& alternative : charset.alternatives) {
    alternatives += (alternatives.empty() ? "" : ", ") + to_string(alternative.charset);
  }
  note(FindingCode::charset_uncertain, 0, alternatives);
}

// ---------------------------------------------------------------- Reader

Reader::Reader(const Survey& survey, std::span<const RecordId> ids, OnRecord on_record, Findings& findings)
    : state_{std::make_unique<State>(survey, ids, std::move(on_record), findings)} {
  assert(ids.size() == survey.records());
  auto source = LineSource::make(survey.charset());
  assert(source.has_value());  // the survey was made with the same character set
  state_->source.emplace(std::move(*source));
}
Reader::~Reader() = default;

std::uint64_t Reader::bytes_read() const noexcept { return state_->bytes; }

Result<void> Reader::feed(ByteView chunk) {
  State& s = *state_;
  if (!std::exchange(s.started, true)) s.note_charset();
  return for_each_slice(chunk, [&](ByteView slice) -> Result<void> {
    s.bytes += slice.size();
    s.source->feed(slice);
    return s.drain();
  });
}

Result<void> Reader::finish() {
  State& s = *state_;
  s.source->finish();
  CHECK_OK(s.drain());
  CHECK_OK(s.close_all());
  if (s.ordinals != s.survey.records() || s.bytes != s.survey.bytes()) {
    return fail(Code::conflict, "gedcom: not the file that was surveyed");
  }
  if (!s.header_seen) s.note(FindingCode::header_missing, 0);
  if (!s.trailer_seen) s.note(FindingCode::trailer_missing, 0);
  return {};
}

// ---------------------------------------------------------------- whole files

Result<Survey> survey_file(const ForEachChunk& file, Limits limits, const std::optional<CharsetId>& charset) {
  CharsetDetector detector;
  std::uint64_t bytes = 0;
  CHECK_OK(file([&](ByteView chunk) -> Result<void> {
    bytes += chunk.size();
    if (bytes > limits.file_bytes_max) return fail(Code::too_large, "gedcom: the file is over the limit");
    detector.feed(chunk);
    return {};
  }));
  auto detection = detector.finish();
  if (charset && *charset != detection.charset) {
    detection.charset = *charset;
    detection.uncertain = false;  // a person has decided
  }
  Surveyor surveyor{std::move(detection), limits};
  CHECK_OK(file([&](ByteView chunk) { return surveyor.feed(chunk); }));
  return surveyor.finish();
}

Result<void> read_file(const ForEachChunk& file, const Survey& survey, std::span<const RecordId> ids, const OnRecord& on_record,
                       Findings& findings) {
  Reader reader{survey, ids, on_record, findings};
  CHECK_OK(file([&](ByteView chunk) { return reader.feed(chunk); }));
  return reader.finish();
}

ForEachChunk chunks_of(ByteView whole) {
  return [whole](const std::function<Result<void>(ByteView)>& take) { return take(whole); };
}

}  // namespace tablinum::tree::gedcom
