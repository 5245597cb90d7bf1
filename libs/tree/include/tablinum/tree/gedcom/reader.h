#pragma once
/// From the bytes of a GEDCOM 5.5, 5.5.1 or 7.0 file to records, whatever state the file is in: see docs/gedcom.md.
///
/// A file is fed three times, because what stands first depends on what stands last: the character set on every byte, a pointer
/// on records further down. Each pass is sans I/O, takes chunks of any size and gives the same for every way of cutting.
///   1. CharsetDetector (charset.h) → CharsetDetection          (skipped where a person has chosen the character set)
///   2. Surveyor                    → Survey: dialect, number of records, which identifier is which record
///   3. Reader                      → records, one at a time, in file order, with every pointer resolved
/// So the importer knows the number of records before it writes the first, mints their ids in order (`ids[ordinal]`), never
/// touches a record again, and after a crash repeats passes 1 and 2 (a fraction of a second for 100,000 people) and skips the
/// records it has. survey_file() and read_file() below do the passes over anything that can be read from its start repeatedly.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"
#include "tablinum/base/id.h"
#include "tablinum/tree/gedcom/charset.h"
#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/line.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::gedcom {

/// Limits of one file; a caller may set smaller ones.
struct Limits {
  std::uint64_t file_bytes_max = std::uint64_t{4} << 30;
  std::uint32_t records_max = 20'000'000;
};
/// What a line counts of a record's kStructureBytesMax besides its payload and a tag that is not in the table; it bounds the
/// bytes that encode() adds. A pointer counts 16 more.
inline constexpr std::size_t kLineCharge = 16;

inline constexpr std::uint32_t kNoOrdinal = 0xFFFF'FFFF;

/// What the second pass found. Immutable; const access is thread-safe.
/// Memory: about 24 bytes and the identifier's text a record.
class Survey {
 public:
  Survey(Survey&&) noexcept;
  Survey& operator=(Survey&&) noexcept;
  ~Survey();

  const CharsetDetection& charset() const noexcept;
  Dialect dialect() const noexcept;
  /// HEAD.GEDC.VERS as written; empty if absent.
  std::string_view version() const noexcept;
  /// Records of the file besides the header and the trailer, the ones with a repeated identifier included.
  std::uint32_t records() const noexcept;
  std::uint64_t bytes() const noexcept;
  /// Lines that are not blank.
  std::uint64_t lines() const noexcept;

  enum class Match : std::uint8_t { none, exact, folded };
  struct Found {
    Match match = Match::none;
    std::uint32_t ordinal = kNoOrdinal;
  };
  /// The record that a pointer means: the first with exactly this identifier, else the only one that is equal without regard
  /// to case and blanks.
  Found find(std::string_view xref) const;
  /// Tag of a record.  @param ordinal  below records().
  Tag tag_of_record(std::uint32_t ordinal) const;

 private:
  friend class Surveyor;
  friend class Reader;
  struct State;
  explicit Survey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Surveyor {
 public:
  explicit Surveyor(CharsetDetection charset, Limits limits = {});
  ~Surveyor();
  /// @error too_large: over file_bytes_max.  limit: over records_max.  unsupported: the character set is not known.
  Result<void> feed(ByteView chunk);
  /// @error corrupt: there is no GEDCOM line in the file.  And those of feed().
  Result<Survey> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A record as it comes out of the third pass.
/// From this node on, nodes stand in consecutive lines, up to the next such entry: what divides a text (CONC, CONT) is a line and no node.
struct NodeLine {
  std::uint32_t node = 0;
  std::uint64_t line = 0;
};

struct Record {
  enum class Kind : std::uint8_t { header, record, trailer };
  Kind kind = Kind::record;
  std::uint32_t ordinal = kNoOrdinal;  ///< place in the file, counted from 0; kNoOrdinal for header and trailer
  RecordId id;                         ///< ids[ordinal]
  std::string_view xref;               ///< without @; a new one where the file has none or repeats one. Valid during the call
  std::uint64_t line = 0;              ///< where it begins
  /// With its nodes numbered. Views the bytes of the file: valid during the call; clone() it to keep it.
  const Structure& structure;
  std::span<const NodeLine> lines{};   ///< ascending; empty where the record was not read from a file. Valid during the call

  /// The line of the file in which a node stands.
  std::uint64_t line_of(std::uint32_t node) const noexcept {
    const auto after = std::ranges::upper_bound(lines, node, {}, &NodeLine::node);
    return after == lines.begin() ? line + node : std::prev(after)->line + (node - std::prev(after)->node);
  }
};
/// Called for each record in the order of `ordinal`. The header comes where it stands, the trailer (if there is one) too. A
/// record that stands in the file twice is left out the second time: its ordinal and id stay unused. An error ends the reading
/// and is returned by feed() or finish().
using OnRecord = std::function<Result<void>(Record& record)>;

/// Builds the records. Memory: the record being read (kStructureBytesMax and its nodes) and one line.
class Reader {
 public:
  /// @param survey    of the same bytes; must outlive the reader.
  /// @param ids       one for each of survey.records(); must outlive the reader.
  /// @param findings  gets everything noticed, the character set's findings included; must outlive the reader.
  Reader(const Survey& survey, std::span<const RecordId> ids, OnRecord on_record, Findings& findings);
  ~Reader();
  /// @error too_large: over kNodesMax or kStructureBytesMax in one record.  conflict: not the bytes of the survey.  What
  ///        on_record returned.
  Result<void> feed(ByteView chunk);
  Result<void> finish();
  std::uint64_t bytes_read() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Gives a file's bytes from its start, chunk by chunk, to the function it is called with, and passes on the first error of
/// either side. May be called several times. Chunks of 256 KiB to 1 MiB are best.
using ForEachChunk = std::function<Result<void>(const std::function<Result<void>(ByteView chunk)>& take)>;

/// Passes 1 and 2.  @param charset  what a person chose, instead of pass 1.
/// @error as the functions of Surveyor; and of `file`.
Result<Survey> survey_file(const ForEachChunk& file, Limits limits = {}, const std::optional<CharsetId>& charset = {});
/// Pass 3.  @error as the functions of Reader; and of `file`.
Result<void> read_file(const ForEachChunk& file, const Survey& survey, std::span<const RecordId> ids, const OnRecord& on_record,
                       Findings& findings);
/// A file in memory.
ForEachChunk chunks_of(ByteView whole);

}  // namespace tablinum::tree::gedcom
