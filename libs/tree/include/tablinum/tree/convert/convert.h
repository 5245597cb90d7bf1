#pragma once
/// GEDCOM 5.5.1 to 7.0 and back, without loss: the table of what becomes what is docs/gedcom.md, "Conversion".
/// Sources: The GEDCOM Standard 5.5.1; FamilySearch GEDCOM 7.0; https://gedcom.io/migrate.
///
/// What the other version has no place for travels under an extension tag (SDATE as _SDATE); a value that the other version cannot
/// say in so many words has the original below it (_WAS). Both are declared in HEAD.SCHMA (in 5.5.1: HEAD._SCHMA) and undone on the way
/// back, so a record converted twice is the record it was. A copy that no longer fits what stands above it is left alone.
///
///   Conversion conversion{Dialect::gedcom70, report};
///   conversion.look_at_header(head);  conversion.look_at(id, xref, record)…;   every record, in file order
///   conversion.prepare();
///   conversion.convert(id, record, take)…;  conversion.finish(take);           the same again
///   conversion.header();    stands first in the file, but says which extension tags came up
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"
#include "tablinum/base/id.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::convert {

/// A converted record: its identifier without @, and its structure in the target dialect.
using TakeRecord = std::function<Result<void>(std::string_view xref, const Structure& record)>;
/// What a conversion did that is more than other words for the same. Nothing is lost by any of them.
enum class NoteCode : std::uint8_t {
  kept,      ///< no such structure there in the other version: kept under an extension tag
  restated,  ///< said otherwise there: the original is kept below
  added,     ///< asked for by the other version, and not there
  outdated,  ///< a copy of an earlier conversion that no longer fits
};
inline constexpr std::size_t kNoteCodeCount = 4;
std::string_view to_string(NoteCode code) noexcept;
std::string_view meaning_of(NoteCode code) noexcept;
std::string_view remedy_of(NoteCode code) noexcept;

/// Called while the record `xref` is converted. `what` names the place, by tags: "INDI.BIRT.DATE".
using Report = std::function<void(NoteCode code, std::string_view xref, std::string_view what)>;

/// Converts one file's records. Not thread-safe. Memory: about 40 bytes and the identifier a record, the sources and media objects that the
/// conversion makes or takes apart, and one record.
class Conversion {
 public:
  /// @param report  may be empty
  explicit Conversion(Dialect to, Report report = {});
  ~Conversion();
  Conversion(const Conversion&) = delete;

  /// The header, before the records; without one this is not called. May be of either dialect, as may every record: what is of the target
  /// dialect already passes unchanged.
  void look_at_header(const Structure& head);
  void look_at(const RecordId& id, std::string_view xref, const Structure& record);
  /// After the last look_at().
  void prepare();

  /// Gives the record, and those that were made of parts of it, to `take`. @error what `take` returned
  Result<void> convert(const RecordId& id, const Structure& record, const TakeRecord& take);
  /// Records that the target wants besides (a submitter, in 5.5.1).
  Result<void> finish(const TakeRecord& take);
  /// The header to write, after all records; made if none was looked at.
  Structure header();
  /// The identifier to write for a record, also for those that were made; empty for none.
  std::string_view xref_of(const RecordId& id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::tree::convert
