#pragma once
/// A whole tree without what concerns the living: what an export for others may hold.  Design: archive.md §8.
///
/// Hidden are persons who must be taken for living, and records marked RESN CONFIDENTIAL or PRIVACY. Of a hidden person there stays what
/// redact_person() leaves; of a family with a hidden partner, who belongs to it; of anything else nothing that points to them except the
/// family links. Submitters, and records that nothing visible points to, are left out. Identifiers of hidden records are replaced, since
/// some programs make them of names.
///
///   look_at(…) every record;  follow(…) every record;  prepare();  then keeps() and redacted()
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "tablinum/base/id.h"
#include "tablinum/tree/privacy/redaction.h"

namespace tablinum::tree::privacy {

/// @note Not thread-safe. Memory: about 150 bytes a record.
class TreeRedaction {
 public:
  explicit TreeRedaction(RedactionOptions options = {});
  ~TreeRedaction();
  TreeRedaction(const TreeRedaction&) = delete;

  /// @param living  of a person: must be taken for living
  void look_at(const RecordId& id, std::string_view xref, const Structure& record, bool living);
  /// After look_at() of all: notes what the record still points to.
  void follow(const RecordId& id, const Structure& record);
  void prepare();

  /// False: the record is left out.
  bool keeps(const RecordId& id) const;
  /// Records that are left out, or of which only a part may be seen.
  std::uint64_t hidden_count() const;
  /// What may be seen of a record that is kept.
  Structure redacted(const RecordId& id, const Structure& record) const;
  /// Its identifier in the redacted tree.
  std::string_view xref_of(const RecordId& id) const;
  /// Of a header what speaks of programs and versions, not of people.
  static Structure redacted_header(const Structure& head);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::tree::privacy
