#pragma once
/// A record as an ordered tree of (tag, payload, children): what GEDCOM says, with the wire syntax removed.
/// Format of encode(): docs/format/structure-v1.md (design: archive.md §2).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/id.h"
#include "tablinum/tree/tags.h"

namespace tablinum::tree {

/// The dialect a record came in and is kept in.
enum class Dialect : std::uint8_t { gedcom551 = 1, gedcom70 = 2 };

enum class PayloadKind : std::uint8_t {
  none,      ///< no payload at all ("1 NOTE")
  text,      ///< text, also the empty one ("1 NOTE ")
  record,    ///< pointer to a record; @VOID@ is the id zero
  dangling,  ///< pointer to nothing in the file; `text` is the xref without the @
};

inline constexpr std::uint32_t kNoNode = 0xFFFF'FFFF;
inline constexpr unsigned kDepthMax = 99;
inline constexpr std::size_t kNodesMax = 1'000'000;
inline constexpr std::size_t kStructureBytesMax = std::size_t{16} << 20;

/// One line of the record with its children. Nodes of a record lie in preorder: node 0 is the record itself (INDI, FAM, …), whose
/// payload is none except for records with text (NOTE, SNOTE, HEAD extensions).
struct Node {
  Tag tag{};                          ///< Tag::literal: the tag is `literal_tag`
  std::string_view literal_tag;       ///< as written; empty unless tag is Tag::literal
  PayloadKind kind = PayloadKind::none;
  std::string_view text;              ///< payload of text and dangling; line breaks are \n
  RecordId target;                    ///< payload of record
  std::uint16_t number = 0;           ///< 0: not addressable; else unique in the record and never reused
  std::uint32_t first_child = kNoNode;
  std::uint32_t next_sibling = kNoNode;
};

/// A whole record. Owns the bytes that its nodes' views point into (stable when moved).
/// @note Value type; const access is thread-safe.
class Structure {
 public:
  Structure() = default;
  explicit Structure(Dialect dialect) : dialect_{dialect} {}
  Structure(Structure&&) noexcept = default;
  Structure& operator=(Structure&&) noexcept = default;
  Structure clone() const;

  Dialect dialect() const noexcept { return dialect_; }
  bool empty() const noexcept { return nodes_.empty(); }
  const std::vector<Node>& nodes() const noexcept { return nodes_; }
  const Node& operator[](std::uint32_t index) const { return nodes_[index]; }
  const Node& root() const { return nodes_.front(); }

  /// Range of the children of a node: for (auto i : s.children(0)) … yields indices in file order.
  class Children;
  Children children(std::uint32_t parent) const noexcept;
  /// First child with that tag, or kNoNode.
  std::uint32_t child(std::uint32_t parent, Tag tag) const noexcept;
  /// Text payload of the first child with that tag; empty where there is none.
  std::string_view child_text(std::uint32_t parent, Tag tag) const noexcept;
  /// The tag as written.
  std::string_view tag_name(std::uint32_t node) const noexcept;

  /// Builds in preorder: appends a node as the last child of `parent` (kNoNode for the record itself) and returns its index.
  /// The children of a parent must be appended while it is on the right-most path. Texts are copied.
  std::uint32_t append(std::uint32_t parent, std::string_view tag, PayloadKind kind = PayloadKind::none,
                       std::string_view text = {}, RecordId target = {}, std::uint16_t number = 0);
  std::uint32_t append(std::uint32_t parent, Tag tag, PayloadKind kind = PayloadKind::none, std::string_view text = {},
                       RecordId target = {}, std::uint16_t number = 0);
  /// Changes a payload in place (used when pointers of an import are resolved at the end of the file).
  void set_target(std::uint32_t node, PayloadKind kind, RecordId target, std::string_view text = {});
  void set_number(std::uint32_t node, std::uint16_t number) { nodes_[node].number = number; }
  /// Gives every addressable node (tags.h: is_addressable) that has none the next free number, in preorder.
  void number_nodes();

 private:
  std::string_view keep(std::string_view text);

  Dialect dialect_ = Dialect::gedcom551;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> last_child_;  // while building
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = 0, block_size_ = 0;
};

class Structure::Children {
 public:
  class Iterator {
   public:
    using value_type = std::uint32_t;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const std::vector<Node>* nodes, std::uint32_t at) : nodes_{nodes}, at_{at} {}
    std::uint32_t operator*() const noexcept { return at_; }
    Iterator& operator++() noexcept { return at_ = (*nodes_)[at_].next_sibling, *this; }
    Iterator operator++(int) noexcept { auto old = *this; return ++*this, old; }
    bool operator==(const Iterator& other) const noexcept { return at_ == other.at_; }

   private:
    const std::vector<Node>* nodes_ = nullptr;
    std::uint32_t at_ = kNoNode;
  };
  Children(const std::vector<Node>* nodes, std::uint32_t first) : nodes_{nodes}, first_{first} {}
  Iterator begin() const noexcept { return {nodes_, first_}; }
  Iterator end() const noexcept { return {nodes_, kNoNode}; }

 private:
  const std::vector<Node>* nodes_;
  std::uint32_t first_;
};
inline Structure::Children Structure::children(std::uint32_t parent) const noexcept {
  return {&nodes_, parent < nodes_.size() ? nodes_[parent].first_child : kNoNode};
}

/// Equal in dialect, tags as written, order, payloads, targets and numbers.
bool operator==(const Structure& a, const Structure& b) noexcept;

/// One encoding per structure, so its hash is canonical. Appends to `out`.
void encode(const Structure& structure, Bytes& out);
/// Encodes the nodes of the given subtrees only, in order, as children of one virtual parent (field values, archive.md §6.1).
void encode_subtrees(const Structure& structure, std::span<const std::uint32_t> roots, Bytes& out);

/// Inverse of encode().
/// @error corrupt: truncated, trailing or non-minimal bytes, unknown version, dialect or tag, bad UTF-8, an impossible shape.
///        too_large: over kDepthMax, kNodesMax or kStructureBytesMax.
Result<Structure> decode(ByteView bytes);

}  // namespace tablinum::tree
