#pragma once
/// A record as an ordered tree of (tag, payload, children): what GEDCOM says, with the wire syntax removed.
/// Format of encode(): docs/format/structure-v1.md (design: archive.md §2).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

/// One line of the record with its children. Nodes of a record lie in preorder: node 0 is the record itself (INDI, FAM, …),
/// whose payload is none except for records with text (NOTE, SNOTE, HEAD extensions).
struct Node {
  std::string_view text;         ///< payload of text and dangling; line breaks are \n
  std::string_view literal_tag;  ///< as written; empty unless tag is Tag::literal
  RecordId target;               ///< payload of record
  std::uint32_t first_child = kNoNode;
  std::uint32_t next_sibling = kNoNode;
  Tag tag{};                 ///< Tag::literal: the tag is `literal_tag`
  std::uint16_t number = 0;  ///< 0: not addressable; else unique in the record and never reused
  PayloadKind kind = PayloadKind::none;
};
static_assert(sizeof(Node) == 64, "one cache line a node");

/// Texts of a structure: copied into blocks that never move. Views stay valid until clear() or destruction, also over a move.
class TextArena {
 public:
  TextArena() = default;
  TextArena(TextArena&& other) noexcept { swap(other); }
  TextArena& operator=(TextArena&& other) noexcept {
    TextArena{std::move(other)}.swap(*this);
    return *this;
  }
  /// A copy of `text` that lives here.
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {"", 0};
    if (static_cast<std::size_t>(end_ - at_) < text.size()) grow(text.size());
    char* const copy = at_;
    __builtin_memcpy(copy, text.data(), text.size());
    at_ += text.size();
    return {copy, text.size()};
  }
  /// Forgets the texts and keeps one block for the next ones.
  void clear() noexcept;
  void swap(TextArena& other) noexcept;

 private:
  void grow(std::size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t block_bytes_ = 0;  // of the last block
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
  /// Empties it for another record and keeps the memory, so that a loop over many records does not allocate.
  void clear(Dialect dialect);

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
  /// A byte that cannot stand in a tag or an xref (control, @; blank in a tag) becomes `_`, an empty one is `_`.
  std::uint32_t append(std::uint32_t parent, std::string_view tag, PayloadKind kind = PayloadKind::none,
                       std::string_view text = {}, RecordId target = {}, std::uint16_t number = 0);
  std::uint32_t append(std::uint32_t parent, Tag tag, PayloadKind kind = PayloadKind::none, std::string_view text = {},
                       RecordId target = {}, std::uint16_t number = 0);
  /// The same without copying: `text` must stay until own_texts() or clear(). For building from lines that are in memory
  /// anyway.
  [[gnu::always_inline]] std::uint32_t append_view(std::uint32_t parent, Tag tag, PayloadKind kind, std::string_view text,
                                                   RecordId target, std::uint16_t number) {
    const auto index = link(parent);
    Node& node = nodes_.back();
    node.tag = tag;
    node.kind = kind;
    node.number = number;
    node.text = text;
    node.target = target;
    return index;
  }
  /// Copies the texts of the nodes from `first` on, so that they view nothing outside any more.
  void own_texts(std::uint32_t first = 0);
  /// Changes a payload in place (used when pointers of an import are resolved at the end of the file).
  void set_target(std::uint32_t node, PayloadKind kind, RecordId target, std::string_view text = {});
  void set_number(std::uint32_t node, std::uint16_t number) { nodes_[node].number = number; }
  /// Gives every addressable node (tags.h: is_addressable) that has none a number, in preorder, counting on from the highest in
  /// the record. When 65,535 is used, the rest stay without.
  void number_nodes();

 private:
  [[gnu::always_inline]] std::uint32_t link(std::uint32_t parent) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    last_child_.push_back(kNoNode);
    if (parent != kNoNode) {
      const auto last = std::exchange(last_child_[parent], index);
      // Both addresses are of one node, so this is a conditional move: which it is, is hard to foretell.
      Node& before = nodes_[last == kNoNode ? parent : last];
      (last == kNoNode ? before.first_child : before.next_sibling) = index;
    }
    return index;
  }
  void set_payload(Node& node, PayloadKind kind, std::string_view text, RecordId target);

  Dialect dialect_ = Dialect::gedcom551;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> last_child_;  // of each node, for append()
  TextArena texts_;
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
    Iterator operator++(int) noexcept {
      auto old = *this;
      return ++*this, old;
    }
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

/// One encoding per structure, so its hash is canonical. Appends to `out`. The structure is not empty.
void encode(const Structure& structure, Bytes& out);
/// Encodes the nodes of the given subtrees only, in order, as children of one virtual parent (field values, archive.md §6.1):
/// node bytes as in encode(), without version and dialect. No subtrees: no bytes.
void encode_subtrees(const Structure& structure, std::span<const std::uint32_t> roots, Bytes& out);

/// Inverse of encode().
/// @error corrupt: truncated, trailing or non-minimal bytes, unknown version, dialect or tag, bad UTF-8, an impossible shape,
///        a byte in a tag or xref that append() would have replaced.
///        too_large: over kDepthMax, kNodesMax or kStructureBytesMax.
Result<Structure> decode(ByteView bytes);

}  // namespace tablinum::tree
