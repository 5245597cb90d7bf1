#include <algorithm>

#include "gedcom/line_role.h"
#include "gedcom/line_source.h"
#include "gedcom/slices.h"
#include "gedcom/survey_state.h"
#include "gedcom/usual_line.h"

namespace tablinum::tree::gedcom {

std::string folded_xref(std::string_view xref) {
  std::string out;
  for (const char c : xref) {
    if (c != ' ') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// Case and blanks do not matter, as they do not when a pointer is resolved.
void HighestNumbers::take(std::string_view xref) noexcept {
  constexpr std::size_t kDigitsMax = 15;  // far over any count of records, far below overflow
  std::size_t letter = highest_.size(), digits = 0;
  std::uint64_t number = 0;
  for (const char c : xref) {
    if (c == ' ') continue;
    if (letter == highest_.size()) {
      const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      if (upper < 'A' || upper > 'Z') return;
      letter = static_cast<std::size_t>(upper - 'A');
    } else {
      if (c < '0' || c > '9' || ++digits > kDigitsMax) return;
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
  }
  if (digits > 0) highest_[letter] = std::max(highest_[letter], number);
}

void HighestNumbers::take_line(std::string_view line) noexcept {
  const auto last = line.rfind('@');
  if (last == std::string_view::npos || last == 0) return;
  const auto before = line.rfind('@', last - 1);
  if (before != std::string_view::npos) take(line.substr(before + 1, last - before - 1));
}

const XrefTable& Survey::State::folded() const {
  std::call_once(folded_once_, [this] {
    xrefs.for_each([this](const std::string& xref, std::uint32_t ordinal) {
      const auto key = folded_xref(xref);
      if (folded_.insert(key, ordinal) != ordinal) folded_.assign(key, kAmbiguous);
    });
  });
  return folded_;
}

Survey::Survey(std::unique_ptr<State> state) : state_{std::move(state)} {}
Survey::Survey(Survey&&) noexcept = default;
Survey& Survey::operator=(Survey&&) noexcept = default;
Survey::~Survey() = default;

const CharsetDetection& Survey::charset() const noexcept { return state_->charset; }
Dialect Survey::dialect() const noexcept { return state_->dialect; }
std::string_view Survey::version() const noexcept { return state_->version; }
std::uint32_t Survey::records() const noexcept { return static_cast<std::uint32_t>(state_->tags.size()); }
std::uint64_t Survey::bytes() const noexcept { return state_->bytes; }
std::uint64_t Survey::lines() const noexcept { return state_->lines; }
Tag Survey::tag_of_record(std::uint32_t ordinal) const { return state_->tags[ordinal]; }

Survey::Found Survey::find(std::string_view xref) const {
  if (const auto ordinal = state_->xrefs.find(xref); ordinal != XrefTable::kNone) return {Match::exact, ordinal};
  const auto ordinal = state_->folded().find(folded_xref(xref));
  if (ordinal == XrefTable::kNone || ordinal == kAmbiguous) return {};
  return {Match::folded, ordinal};
}

// ---------------------------------------------------------------- Surveyor

namespace {

/// Finds HEAD.GEDC.VERS as the reader will: by what hangs below what once the levels are repaired, continued texts joined.
class HeaderVersion {
 public:
  void take(LineRole role, const LineFields& fields) {
    const bool is_line = fields.kind == LineFields::Kind::line;
    if (role == LineRole::header) {
      *this = {};
      open_ = true;
      base_level_ = fields.level;
    } else if (role == LineRole::trailer || (role == LineRole::record && fields.level <= base_level_)) {
      open_ = false;
    } else if (open_ && role == LineRole::record) {
      inner_level_ = std::min<unsigned>(inner_level_, fields.level);  // a record inside the header has lines of its own
    } else if (open_ && role == LineRole::content) {
      if (!is_line || is_continuation(fields.tag)) return continue_text(fields);
      if (fields.level > inner_level_) return;
      inner_level_ = kNone;
      take_line(fields);
    }
  }
  bool is_open() const noexcept { return open_; }
  const std::string& version() const noexcept { return version_; }

 private:
  static constexpr unsigned kNone = 1000;  // deeper than any line

  void take_line(const LineFields& fields) {
    in_version_ = false;
    if (fields.level <= child_level_) {
      child_level_ = fields.level;
      grandchild_level_ = kNone;
      in_gedc_ = fields.tag == "GEDC";
    } else if (fields.level <= grandchild_level_) {
      grandchild_level_ = fields.level;
      in_version_ = in_gedc_ && fields.tag == "VERS" && version_.empty();
      if (in_version_) version_ = fields.payload;
    }
  }

  void continue_text(const LineFields& fields) {
    if (!in_version_ || inner_level_ != kNone) return;
    if (fields.kind != LineFields::Kind::line)
      (version_ += '\n') += fields.text;
    else
      (version_ += fields.tag == "CONT" ? "\n" : "") += fields.payload;
  }

  std::string version_;
  bool open_ = false, in_gedc_ = false, in_version_ = false;
  unsigned base_level_ = 0;
  unsigned inner_level_ = kNone;                             // of the outermost record inside the header
  unsigned child_level_ = kNone, grandchild_level_ = kNone;  // of the last line below HEAD, and below that
};

}  // namespace

struct Surveyor::State {
  std::unique_ptr<Survey::State> survey = std::make_unique<Survey::State>();
  Limits limits;
  std::optional<LineSource> source;
  std::optional<Error> source_error;
  LineRoles roles;
  HeaderVersion header;
  bool looks_like_70 = false;  // has a tag that only GEDCOM 7 knows

  Result<void> drain() {
    for (TextLine line;;) {
      pass_usual_lines();
      if (!source->next(line)) return {};
      const auto fields = fields_of(line.text);
      const auto role = roles.role_of(fields);
      if (role == LineRole::blank) continue;
      ++survey->lines;
      if (line.has_at) survey->highest.take_line(line.text);
      header.take(role, fields);
      if (role == LineRole::record) CHECK_OK(add_record(fields));
      looks_like_70 |= role == LineRole::content && (fields.tag == "SNOTE" || fields.tag == "SCHMA" || fields.tag == "EXID");
    }
  }

  /// Nothing inside a record matters here once the version is known.
  void pass_usual_lines() {
    if (header.is_open() || header.version().empty() || survey->tags.empty() || !roles.in_record()) return;
    const auto rest = source->rest();
    const bool is_utf8 = source->is_utf8();
    std::size_t at = 0;
    std::uint64_t lines = 0;
    for (UsualContent line; take_usual_content(rest.substr(at), is_utf8, line); ++lines) {
      if (line.has_at) survey->highest.take_line(rest.substr(at, line.bytes));
      at += line.bytes;
    }
    source->passed(at, lines);
    survey->lines += lines;
  }

  Result<void> add_record(const LineFields& fields) {
    auto& s = *survey;
    if (s.tags.size() == limits.records_max) return fail(Code::limit, "gedcom: too many records");
    const auto ordinal = static_cast<std::uint32_t>(s.tags.size());
    s.tags.push_back(tag_of(fields.tag));
    looks_like_70 |= s.tags.back() == Tag::SNOTE;
    if (!fields.has_xref) return {};
    s.highest.take(fields.xref);
    const auto owner = s.xrefs.insert(fields.xref, ordinal);
    if (owner == XrefTable::kNone) return fail(Code::limit, "gedcom: too many identifiers");
    if (owner != ordinal) s.repeated.insert(owner);
    return {};
  }
};

Surveyor::Surveyor(CharsetDetection charset, Limits limits) : state_{std::make_unique<State>()} {
  state_->limits = limits;
  auto source = LineSource::make(charset);
  if (source)
    state_->source.emplace(std::move(*source));
  else
    state_->source_error = std::move(source).error();
  state_->survey->charset = std::move(charset);
}
Surveyor::~Surveyor() = default;

Result<void> Surveyor::feed(ByteView chunk) {
  State& s = *state_;
  if (s.source_error) return std::unexpected(*s.source_error);
  s.survey->bytes += chunk.size();
  if (s.survey->bytes > s.limits.file_bytes_max) return fail(Code::too_large, "gedcom: the file is over the limit");
  return for_each_slice(chunk, [&](ByteView slice) -> Result<void> {
    s.source->feed(slice);
    return s.drain();
  });
}

Result<Survey> Surveyor::finish() {
  State& s = *state_;
  if (s.source_error) return std::unexpected(*s.source_error);
  s.source->finish();
  CHECK_OK(s.drain());
  auto& survey = *s.survey;
  // A program or a picture may well hold a line that looks like a record.
  const bool has_record = std::ranges::any_of(survey.tags, [](Tag tag) { return is_record_tag(tag); });
  if (!has_record && !s.roles.header_seen()) return fail(Code::corrupt, "gedcom: not a GEDCOM file");
  survey.version = s.header.version();
  const bool is_70 = survey.version.empty() ? s.looks_like_70 : survey.version.starts_with("7");
  survey.dialect = is_70 ? Dialect::gedcom70 : Dialect::gedcom551;
  return Survey{std::move(s.survey)};
}

}  // namespace tablinum::tree::gedcom
