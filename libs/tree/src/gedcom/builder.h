#pragma once
/// Lines of one record to its structure: levels, continuations, payloads.
#include <functional>
#include <string>
#include <vector>

#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/line.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::gedcom {

/// What a pointer means: a record, or nothing in the file.
struct Target {
  PayloadKind kind = PayloadKind::dangling;
  RecordId id;
};
/// @param tag   of the line with the pointer.
using Resolve = std::function<Target(std::string_view xref, Tag tag, std::uint64_t line)>;

/// Builds one record after another in the same memory.
class StructureBuilder {
 public:
  StructureBuilder(Dialect dialect, const Resolve* resolve, Findings* findings)
      : dialect_{dialect}, resolve_{resolve}, findings_{findings} {}

  /// Begins a record with its first line.  @param tag  instead of the line's own (a second HEAD).
  void begin(const LineFields& fields, std::string_view tag, std::uint64_t line);
  /// Adds any further line of the record, also those that are only text.
  void add(const LineFields& fields, std::uint64_t line);
  /// The finished record; the builder keeps it until the next begin().
  Structure& finish();

  bool empty() const noexcept { return path_.empty(); }
  unsigned base_level() const noexcept { return path_.front().level; }
  /// What the record counts of kStructureBytesMax so far (reader.h: kLineCharge).
  std::size_t charge() const noexcept { return charge_; }
  std::size_t nodes() const noexcept { return structure_.nodes().size(); }

 private:
  /// A node that lines to come can hang below or continue.
  struct Open {
    unsigned level = 0;  // as the file has it
    std::uint32_t node = 0;
    bool continued = false;     // its text is growing in texts_ at the same place of the path
    bool pointer_note = false;  // a NOTE that was made for text below a pointer
  };

  void open(std::uint32_t parent, const LineFields& fields, std::string_view tag, std::uint64_t line);
  void check_tag(std::string_view tag, std::uint64_t line);
  std::string_view text_of_payload(std::string_view payload, std::uint64_t line);
  std::string_view undoubled(std::string_view payload, std::uint64_t line);
  std::uint32_t room_below(std::size_t place) const;
  void push(unsigned level, std::uint32_t node);
  void pop();
  void close_down_to(unsigned level);
  void continue_text(const LineFields& fields, std::uint64_t line);
  std::size_t continued_place(unsigned level) const noexcept;
  void add_bare_text(std::string_view text, std::uint64_t line);
  void join(std::size_t place, std::string_view separator, std::string_view text, std::uint64_t line);
  void note(FindingCode code, std::uint64_t line, std::string_view text = {}) { findings_->add(code, line, text); }
  const Node& node_at(std::size_t place) const { return structure_[path_[place].node]; }

  Dialect dialect_;
  const Resolve* resolve_;
  Findings* findings_;
  Structure structure_;
  std::vector<Open> path_;          // from the record to the last line
  std::vector<std::string> texts_;  // growing texts, one a place of the path
  std::string scratch_;
  std::size_t charge_ = 0;
};

}  // namespace tablinum::tree::gedcom
