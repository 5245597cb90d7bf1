#include "tablinum/tree/structure.h"

#include "tag_tables.h"
#include "utf8.h"

namespace tablinum::tree {
namespace {

constexpr std::size_t kBlockBytesMin = 512;
constexpr std::size_t kBlockBytesMax = std::size_t{64} << 10;

constexpr std::byte kVersion{1};

bool stands_in_tag(char c) noexcept { return static_cast<std::uint8_t>(c) > 0x20 && c != 0x7F && c != '@'; }
bool stands_in_xref(char c) noexcept { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7F && c != '@'; }

bool is_tag_text(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, stands_in_tag); }
bool is_xref_text(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, stands_in_xref); }

/// What keeps a structure writable as lines: one bad byte in a tag or xref would break the line it is written on.
std::string made_writable(std::string_view text, bool (*allowed)(char)) {
  std::string out{text.empty() ? std::string_view{"_"} : text};
  for (char& c : out) {
    if (!allowed(c)) c = '_';
  }
  return out;
}

}  // namespace

// ---------------------------------------------------------------- TextArena

void TextArena::grow(std::size_t bytes) {
  block_bytes_ = std::max(std::clamp(block_bytes_ * 2, kBlockBytesMin, kBlockBytesMax), bytes);
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes_));
  at_ = blocks_.back().get();
  end_ = at_ + block_bytes_;
}

void TextArena::clear() noexcept {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) {
    std::swap(blocks_.front(), blocks_.back());
    blocks_.resize(1);
  }
  at_ = blocks_.front().get();
  end_ = at_ + block_bytes_;
}

void TextArena::swap(TextArena& other) noexcept {
  blocks_.swap(other.blocks_);
  std::swap(at_, other.at_);
  std::swap(end_, other.end_);
  std::swap(block_bytes_, other.block_bytes_);
}

// ---------------------------------------------------------------- Structure

Structure Structure::clone() const {
  Structure copy{dialect_};
  copy.nodes_ = nodes_;
  copy.last_child_ = last_child_;
  copy.own_texts();
  return copy;
}

void Structure::clear(Dialect dialect) {
  dialect_ = dialect;
  nodes_.clear();
  last_child_.clear();
  texts_.clear();
}

std::uint32_t Structure::child(std::uint32_t parent, Tag tag) const noexcept {
  for (const auto i : children(parent)) {
    if (nodes_[i].tag == tag) return i;
  }
  return kNoNode;
}

std::string_view Structure::child_text(std::uint32_t parent, Tag tag) const noexcept {
  const auto i = child(parent, tag);
  return i != kNoNode && nodes_[i].kind == PayloadKind::text ? nodes_[i].text : std::string_view{};
}

std::string_view Structure::tag_name(std::uint32_t node) const noexcept {
  return nodes_[node].tag == Tag::literal ? nodes_[node].literal_tag : tag_text(nodes_[node].tag);
}

void Structure::own_texts(std::uint32_t first) {
  for (Node& node : std::span{nodes_}.subspan(std::min<std::size_t>(first, nodes_.size()))) {
    node.text = texts_.keep(node.text);
    node.literal_tag = texts_.keep(node.literal_tag);
  }
}

void Structure::set_payload(Node& node, PayloadKind kind, std::string_view text, RecordId target) {
  node.kind = kind;
  node.target = kind == PayloadKind::record ? target : RecordId{};
  switch (kind) {
    case PayloadKind::text: node.text = texts_.keep(text); break;
    case PayloadKind::dangling:
      node.text = texts_.keep(is_xref_text(text) ? text : std::string_view{made_writable(text, stands_in_xref)});
      break;
    case PayloadKind::none:
    case PayloadKind::record: node.text = {}; break;
  }
}

std::uint32_t Structure::append(std::uint32_t parent, Tag tag, PayloadKind kind, std::string_view text, RecordId target,
                                std::uint16_t number) {
  const auto index = link(parent);
  Node& node = nodes_[index];
  node.tag = tag;
  node.number = number;
  set_payload(node, kind, text, target);
  return index;
}

std::uint32_t Structure::append(std::uint32_t parent, std::string_view tag, PayloadKind kind, std::string_view text,
                                RecordId target, std::uint16_t number) {
  const Tag known = tag_of(tag);
  if (known == Tag::literal && !is_tag_text(tag)) {  // once more: mended, "@HEAD" is a tag of the table
    return append(parent, std::string_view{made_writable(tag, stands_in_tag)}, kind, text, target, number);
  }
  const auto index = append(parent, known, kind, text, target, number);
  if (known == Tag::literal) nodes_[index].literal_tag = texts_.keep(tag);
  return index;
}

void Structure::set_target(std::uint32_t node, PayloadKind kind, RecordId target, std::string_view text) {
  set_payload(nodes_[node], kind, text, target);
}

void Structure::number_nodes() {
  std::uint32_t last = 0;
  for (const Node& node : nodes_) last = std::max<std::uint32_t>(last, node.number);
  std::vector<std::uint32_t> path;  // of the node before
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    // In preorder a node is the first child of the one before it, or the next sibling of that one or of a node above it.
    if (i > 0 && nodes_[path.back()].first_child != i) {
      while (nodes_[path.back()].next_sibling != i) path.pop_back();
      path.pop_back();
    }
    const Tag parent = path.empty() ? Tag::literal : nodes_[path.back()].tag;
    if (nodes_[i].number == 0 && last < 0xFFFF && i > 0 && is_addressable_here(parent, nodes_[i].tag)) {
      nodes_[i].number = static_cast<std::uint16_t>(++last);
    }
    path.push_back(i);
  }
}

bool operator==(const Structure& a, const Structure& b) noexcept {
  const auto same = [](const Node& x, const Node& y) {
    return x.tag == y.tag && x.kind == y.kind && x.number == y.number && x.first_child == y.first_child &&
           x.next_sibling == y.next_sibling && x.target == y.target && x.text == y.text && x.literal_tag == y.literal_tag;
  };
  return a.dialect() == b.dialect() && std::ranges::equal(a.nodes(), b.nodes(), same);
}

// ---------------------------------------------------------------- encode

namespace {

constexpr unsigned kKindBits = 2, kUpBits = 2;
constexpr std::uint64_t kUpFar = 3;  // the largest value of the field: the rest follows as a varint

/// One node's bytes, gathered where they cost nothing, so that the vector grows once for it and not five times.
class NodeBytes {
 public:
  explicit NodeBytes(Bytes& out) noexcept : out_{out} {}
  ~NodeBytes() { flush(); }
  NodeBytes(const NodeBytes&) = delete;

  void varint(std::uint64_t value) {
    if (used_ + kVarintBytesMax > held_.size()) flush();
    for (; value >= 0x80; value >>= 7) held_[used_++] = static_cast<std::byte>(value | 0x80);
    held_[used_++] = static_cast<std::byte>(value);
  }
  void bytes(ByteView bytes) {
    if (used_ + bytes.size() > held_.size()) flush();
    if (bytes.size() > held_.size()) return append(out_, bytes);
    if (!bytes.empty()) std::memcpy(held_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }

 private:
  static constexpr std::size_t kVarintBytesMax = 10;

  void flush() {
    out_.insert(out_.end(), held_.data(), held_.data() + used_);
    used_ = 0;
  }

  Bytes& out_;
  std::array<std::byte, 256> held_;
  std::size_t used_ = 0;
};

class Encoder {
 public:
  Encoder(const Structure& structure, Bytes& out) : structure_{structure}, out_{out} {}

  /// Writes `root` and all below it. `up_after_root`: how far up from the root the node that follows its subtree hangs.
  void subtree(std::uint32_t root, std::uint64_t up_after_root) {
    open_.assign(1, root);
    for (std::uint32_t at = root;;) {
      const Node& node = structure_[at];
      if (node.first_child != kNoNode) {
        write(node, 0);
        open_.push_back(at = node.first_child);
        continue;
      }
      std::uint64_t up = 1;
      while (open_.size() > 1 && structure_[open_.back()].next_sibling == kNoNode) open_.pop_back(), ++up;
      if (open_.size() == 1) return write(node, up - 1 + up_after_root);
      write(node, up);
      open_.back() = at = structure_[open_.back()].next_sibling;
    }
  }

 private:
  void write(const Node& node, std::uint64_t up) {
    NodeBytes out{out_};
    out.varint(static_cast<std::uint16_t>(node.tag));
    if (node.tag == Tag::literal) {
      out.varint(node.literal_tag.size());
      out.bytes(bytes_of(node.literal_tag));
    }
    const bool has_text = node.kind == PayloadKind::text || node.kind == PayloadKind::dangling;
    const std::uint64_t length = has_text ? node.text.size() : 0;
    out.varint(length << 5 | std::uint64_t{node.number != 0} << 4 | std::min(up, kUpFar) << kKindBits |
               static_cast<std::uint64_t>(node.kind));
    if (up >= kUpFar) out.varint(up - kUpFar);
    if (node.number != 0) out.varint(node.number);
    if (has_text) out.bytes(bytes_of(node.text));
    if (node.kind == PayloadKind::record) out.bytes(node.target.value().view());
  }

  const Structure& structure_;
  Bytes& out_;
  std::vector<std::uint32_t> open_;  // the path; an explicit stack, since depth is the sender's choice
};

}  // namespace

void encode(const Structure& structure, Bytes& out) {
  out.push_back(kVersion);
  out.push_back(static_cast<std::byte>(structure.dialect()));
  // Beyond the last node the "next node" would hang beside the record, which no record has: that is the end.
  if (!structure.empty()) Encoder{structure, out}.subtree(0, 1);
}

void encode_subtrees(const Structure& structure, std::span<const std::uint32_t> roots, Bytes& out) {
  Encoder encoder{structure, out};
  for (std::size_t i = 0; i < roots.size(); ++i) encoder.subtree(roots[i], i + 1 < roots.size() ? 1 : 2);
}

// ---------------------------------------------------------------- decode

namespace {

class Decoder {
 public:
  explicit Decoder(ByteView bytes) : left_{bytes} {}

  Result<Structure> run() {
    TRY(dialect, header());
    Structure structure{dialect};
    std::vector<std::uint32_t> open{kNoNode};  // parents of the next node; open.size() - 1 is its depth
    while (!open.empty()) {
      if (structure.nodes().size() == kNodesMax) return fail(Code::too_large, "structure: too many nodes");
      TRY(up, node(structure, open.back()));
      if (up == 0) {
        if (open.size() > kDepthMax) return fail(Code::too_large, "structure: too deep");
        open.push_back(static_cast<std::uint32_t>(structure.nodes().size() - 1));
      } else {
        if (up > open.size()) return damaged("climbs above the record");
        open.resize(open.size() - (up - 1));
        // Only the end of the record may leave the root, and a sibling of the root is exactly that.
        if (open.size() == 1) open.clear();
      }
    }
    if (!left_.empty()) return damaged("trailing bytes");
    return structure;
  }

 private:
  static std::unexpected<Error> damaged(const char* what) { return fail(Code::corrupt, std::string{"structure: "} + what); }

  Result<Dialect> header() {
    if (left_.size() > kStructureBytesMax) return fail(Code::too_large, "structure: too many bytes");
    if (left_.size() < 2 || left_[0] != kVersion) return damaged("unknown version");
    const auto dialect = static_cast<Dialect>(left_[1]);
    if (dialect != Dialect::gedcom551 && dialect != Dialect::gedcom70) return damaged("unknown dialect");
    left_ = left_.subspan(2);
    return dialect;
  }

  Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_ = left_.subspan(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte >= 0x80) continue;
      if (byte == 0 && shift > 0) return damaged("non-minimal number");
      return value;
    }
    return damaged("bad number");
  }

  Result<std::string_view> take(std::uint64_t length) {
    if (length > left_.size()) return damaged("truncated");
    const auto text = text_of(left_.first(length));
    left_ = left_.subspan(length);
    return text;
  }

  Result<std::string_view> tag() {
    TRY(number, varint());
    if (number >= kTagCount) return damaged("unknown tag");
    if (number != 0) return tag_text(static_cast<Tag>(number));
    TRY(length, varint());
    TRY(text, take(length));
    if (tag_of(text) != Tag::literal) return damaged("a known tag in letters");
    if (!is_tag_text(text) || !utf8::is_valid(text)) return damaged("bad tag");
    return text;
  }

  /// Appends the next node and returns its `up`.
  Result<std::uint64_t> node(Structure& structure, std::uint32_t parent) {
    TRY(name, tag());
    TRY(meta, varint());
    const auto kind = static_cast<PayloadKind>(meta & 3);
    auto up = meta >> kKindBits & 3;
    if (up == kUpFar) {
      TRY(far, varint());
      up += std::min<std::uint64_t>(far, kDepthMax + 1);
    }
    TRY(number, node_number((meta >> (kKindBits + kUpBits) & 1) != 0));
    TRY(payload, text_payload(kind, meta >> 5));
    TRY(target, record_payload(kind));
    structure.append(parent, name, kind, payload, target, number);
    return up;
  }

  Result<std::uint16_t> node_number(bool numbered) {
    if (!numbered) return std::uint16_t{0};
    TRY(number, varint());
    if (number == 0 || number > 0xFFFF) return damaged("bad node number");
    return static_cast<std::uint16_t>(number);
  }

  Result<std::string_view> text_payload(PayloadKind kind, std::uint64_t length) {
    if (kind == PayloadKind::none || kind == PayloadKind::record) {
      if (length != 0) return damaged("length without text");
      return std::string_view{};
    }
    TRY(text, take(length));
    if (!utf8::is_valid(text)) return damaged("bad UTF-8");
    if (kind == PayloadKind::dangling && !is_xref_text(text)) return damaged("bad xref");
    return text;
  }

  Result<RecordId> record_payload(PayloadKind kind) {
    if (kind != PayloadKind::record) return RecordId{};
    TRY(bytes, take(sizeof(Uuid)));
    TRY(id, uuid_from_bytes(bytes_of(bytes)));
    return RecordId{id};
  }

  ByteView left_;
};

}  // namespace

Result<Structure> decode(ByteView bytes) { return Decoder{bytes}.run(); }

}  // namespace tablinum::tree
