#pragma once
/// Lines of one record to its structure: levels, continuations, payloads.
#include <functional>
#include <string>
#include <vector>

#include "gedcom/usual_line.h"
#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/line.h"
#include "tablinum/tree/gedcom/reader.h"
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
  /// The same for a line of the usual form, whose text is not copied. @return false if it has to go the general way after all.
  [[gnu::always_inline]] bool add(const UsualLine& usual, std::uint64_t line) {
    if (usual.level > path_.size() || path_[usual.level - 1].level != usual.level - 1 || usual.level > 9) return false;
    auto kind = usual.has_payload ? PayloadKind::text : PayloadKind::none;
    const char* text = usual.payload.data();  // in two, since a view whose address is taken goes through memory
    std::size_t bytes = usual.payload.size();
    RecordId id;
    if (usual.has_at) {
      std::string_view xref;
      if (!usual.payload.ends_with('@') || !is_pointer(usual.payload, xref)) return false;
      const auto target = (*resolve_)(xref, usual.tag, line);
      kind = target.kind;
      id = target.id;
      text = xref.data();
      bytes = kind == PayloadKind::dangling ? xref.size() : 0;
    }
    if (continued_ == 0) path_.resize(usual.level);
    while (path_.size() > usual.level) pop();
    const auto parent = path_.back().node;
    const auto node = structure_.append_view(parent, usual.tag, kind, {text, bytes}, id, next_number(parent, usual.tag));
    path_.emplace_back(usual.level, node, false, false);  // in place: a copied temporary would stall on its flags
    note_line(node, line);
    charge_ += kUsualCharge + bytes;
    return true;
  }
  /// The finished record; the builder keeps it until the next begin().
  Structure& finish();
  /// Copies what the record views of the chunk.
  void own_texts() {
    structure_.own_texts(owned_nodes_);
    owned_nodes_ = static_cast<std::uint32_t>(structure_.nodes().size());
  }

  /// Where the nodes stand in the file.
  std::span<const NodeLine> lines() const noexcept { return lines_; }
  bool empty() const noexcept { return path_.empty(); }
  unsigned base_level() const noexcept { return path_.front().level; }
  /// What the record counts of kStructureBytesMax so far (reader.h: kLineCharge).
  std::size_t charge() const noexcept { return charge_; }
  bool has_room_for_usual() const noexcept {
    return charge_ + kUsualCharge + kUsualPayloadBytes <= kStructureBytesMax && nodes() < kNodesMax;
  }
  std::size_t nodes() const noexcept { return structure_.nodes().size(); }

 private:
  static constexpr std::size_t kUsualCharge = kLineCharge + sizeof(Uuid);  // as if every payload were a pointer: no branch
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
  void pop() {
    if (path_.back().continued) {
      structure_.set_target(path_.back().node, PayloadKind::text, {}, texts_[path_.size() - 1]);
      --continued_;
    }
    path_.pop_back();
  }
  /// What number_nodes() would give the next node.
  [[gnu::always_inline]] std::uint16_t next_number(std::uint32_t parent, Tag tag) noexcept {
    const bool gives = last_number_ != 0xFFFF && is_addressable_here(structure_[parent].tag, tag);
    last_number_ = static_cast<std::uint16_t>(last_number_ + gives);
    return gives ? last_number_ : std::uint16_t{0};
  }
  /// An entry for each node that does not stand in the line after the node before it.
  [[gnu::always_inline]] void note_line(std::uint32_t node, std::uint64_t line) {
    if (line - node == line_offset_) return;
    line_offset_ = line - node;
    lines_.push_back({node, line});
  }
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
  std::size_t continued_ = 0;  // places of the path whose text is growing
  std::vector<NodeLine> lines_;
  std::uint64_t line_offset_ = 0;  // of the last entry: its line less its node
  std::uint32_t owned_nodes_ = 0;
  std::uint16_t last_number_ = 0;
};

}  // namespace tablinum::tree::gedcom
