#include "tablinum/base/ledger.h"

#include <bit>

#include "tablinum/base/sha256_two.h"

namespace tablinum::ledger {
namespace {

using State = Sha256State;
using Block = std::array<std::uint8_t, 64>;

constexpr std::uint8_t kTypeChange = 0x02, kTypeHeader = 0x03, kFormatVersion = 0x01;
constexpr std::uint8_t kPrefixLeaf = 0x00, kPrefixNode = 0x01;
constexpr std::uint8_t kPrefixField = 0x10, kPrefixZkEntry = 0x23, kPrefixZkRoot = 0x24;

Digest digest_of(const State& state) noexcept {
  Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::uint32_t word = __builtin_bswap32(state[i]);
    std::memcpy(digest.bytes.data() + 4 * i, &word, 4);
  }
  return digest;
}

/// Message bytes in fixed space, with SHA-256's own padding: what is hashed here is one block or two, and going through the
/// general interface would cost as much again as the compression.
template <std::size_t Blocks>
class ShortMessage {
 public:
  ShortMessage& put(std::uint8_t byte) noexcept {
    bytes_[used_++] = byte;
    return *this;
  }
  ShortMessage& put(std::span<const std::uint8_t> bytes) noexcept {
    std::memcpy(bytes_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    return *this;
  }
  Digest hash() noexcept {
    pad();
    State state = kSha256Initial;
    for (std::size_t at = 0; at < bytes_.size(); at += 64) {
      sha256_compress(state, std::span<const std::uint8_t, 64>{bytes_.data() + at, 64});
    }
    return digest_of(state);
  }
  /// Both hashes in less time than two calls of hash() take.
  static void hash_two(ShortMessage& a, ShortMessage& b, Digest& hash_of_a, Digest& hash_of_b) noexcept {
    a.pad();
    b.pad();
    State first = kSha256Initial, second = kSha256Initial;
    sha256_compress_two(first, second, a.bytes_.data(), b.bytes_.data(), Blocks);
    hash_of_a = digest_of(first);
    hash_of_b = digest_of(second);
  }

 private:
  void pad() noexcept {
    bytes_[used_] = 0x80;
    const std::uint64_t bits = __builtin_bswap64(used_ * 8);
    std::memcpy(bytes_.data() + bytes_.size() - 8, &bits, 8);
  }

  std::array<std::uint8_t, 64 * Blocks> bytes_{};
  std::size_t used_ = 0;
};

/// SHA-256's state after cnode's fixed block.
const State& cnode_initial() noexcept {
  static const State state = [] {
    constexpr std::string_view domain = "tablinum/cnode/v1";
    Block block{};
    std::memcpy(block.data(), domain.data(), domain.size());
    State after = kSha256Initial;
    sha256_compress(after, block);
    return after;
  }();
  return state;
}

Block cnode_block(const Digest& a, const Digest& b) noexcept {
  Block block;
  std::memcpy(block.data(), a.bytes.data(), 32);
  std::memcpy(block.data() + 32, b.bytes.data(), 32);
  return block;
}

/// cnode(a[0], a[1]) and cnode(a[2], a[3]). `out` may be where `a` is.
void two_cnodes(const Digest* a, Digest* out) noexcept {
  const Block left = cnode_block(a[0], a[1]), right = cnode_block(a[2], a[3]);
  State first = cnode_initial(), second = first;
  sha256_compress_two(first, second, left.data(), right.data(), 1);
  out[0] = digest_of(first);
  out[1] = digest_of(second);
}

/// The nodes above an even number of nodes, in the place of the first half.
void cnodes_above(std::span<Digest> row) noexcept {
  std::size_t i = 0;
  for (; 2 * i + 4 <= row.size(); i += 2) two_cnodes(row.data() + 2 * i, row.data() + i);
  if (2 * i < row.size()) row[i] = cnode(row[2 * i], row[2 * i + 1]);
}

using NodeMessage = ShortMessage<2>;
NodeMessage node_message(const Digest& a, const Digest& b) noexcept {
  return NodeMessage{}.put(kPrefixNode).put(a.bytes).put(b.bytes);
}

using FieldMessage = ShortMessage<1>;
FieldMessage field_message(std::uint8_t index, const Salt& salt, const Digest& value) noexcept {
  return FieldMessage{}.put(kPrefixField).put(index).put(salt).put(value.bytes);
}

Digest hash_entry(std::uint8_t prefix, const RecordId& id, const Digest& root) noexcept {
  return ShortMessage<1>{}.put(prefix).put(id.value().bytes).put(root.bytes).hash();
}

/// Writes fixed-size fields one after the other.
class FieldWriter {
 public:
  explicit FieldWriter(std::uint8_t* out) noexcept : out_{out} {}
  FieldWriter& put(std::uint8_t byte) noexcept {
    *out_++ = byte;
    return *this;
  }
  FieldWriter& put(std::span<const std::uint8_t> bytes) noexcept {
    out_ = std::copy(bytes.begin(), bytes.end(), out_);
    return *this;
  }
  FieldWriter& put_u64_be(std::uint64_t value) noexcept {
    for (int shift = 56; shift >= 0; shift -= 8) *out_++ = static_cast<std::uint8_t>(value >> shift);
    return *this;
  }
  FieldWriter& put_u64_le(std::uint64_t value) noexcept {
    for (int shift = 0; shift < 64; shift += 8) *out_++ = static_cast<std::uint8_t>(value >> shift);
    return *this;
  }

 private:
  std::uint8_t* out_;
};

class FieldReader {
 public:
  explicit FieldReader(ByteView in) noexcept : in_{u8(in)} {}
  std::uint8_t byte() noexcept { return *in_++; }
  template <std::size_t N>
  FieldReader& get(std::array<std::uint8_t, N>& out) noexcept {
    std::copy_n(in_, N, out.begin());
    in_ += N;
    return *this;
  }
  std::uint64_t u64_be() noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
  std::uint64_t u64_le() noexcept {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
    return value;
  }

 private:
  const std::uint8_t* in_;
};

RecordId read_record_id(FieldReader& reader) noexcept {
  Uuid id;
  reader.get(id.bytes);
  return RecordId{id};
}
TreeId read_tree_id(FieldReader& reader) noexcept {
  Uuid id;
  reader.get(id.bytes);
  return TreeId{id};
}

bool has_type(ByteView bytes, std::size_t size, std::uint8_t type) noexcept {
  return bytes.size() == size && u8(bytes)[0] == type && u8(bytes)[1] == kFormatVersion;
}

/// Largest power of two below n, for n > 1.
constexpr std::uint64_t split_of(std::uint64_t n) noexcept { return std::bit_floor(n - 1); }

/// MTH(D[begin : begin + count]) where begin is a multiple of the power of two at or above count's split, as in every recursion
/// below.
Result<Digest> range_root(std::uint64_t begin, std::uint64_t count, const Subtree& subtree) {
  if (std::has_single_bit(count)) return subtree(static_cast<unsigned>(std::countr_zero(count)), begin / count);
  const std::uint64_t left_count = split_of(count);
  TRY(left, range_root(begin, left_count, subtree));
  TRY(right, range_root(begin + left_count, count - left_count, subtree));
  return node(left, right);
}

/// PATH(index, D[begin : begin + count]), RFC 9162 §2.1.3.1.
Result<void> append_path(std::uint64_t index, std::uint64_t begin, std::uint64_t count, const Subtree& subtree,
                         std::vector<Digest>& proof) {
  if (count == 1) return {};
  const std::uint64_t left_count = split_of(count);
  const bool in_left = index < begin + left_count;
  const std::uint64_t right_begin = begin + left_count, right_count = count - left_count;
  CHECK_OK(in_left ? append_path(index, begin, left_count, subtree, proof)
                   : append_path(index, right_begin, right_count, subtree, proof));
  TRY(sibling, in_left ? range_root(right_begin, right_count, subtree) : range_root(begin, left_count, subtree));
  proof.push_back(sibling);
  return {};
}

/// SUBPROOF(old_count, D[begin : begin + count], known), RFC 9162 §2.1.4.1.
Result<void> append_subproof(std::uint64_t old_count, std::uint64_t begin, std::uint64_t count, bool known,
                             const Subtree& subtree, std::vector<Digest>& proof) {
  if (old_count == count) {
    if (known) return {};
    TRY(root, range_root(begin, count, subtree));
    proof.push_back(root);
    return {};
  }
  const std::uint64_t left_count = split_of(count);
  const std::uint64_t right_begin = begin + left_count, right_count = count - left_count;
  if (old_count <= left_count) {
    CHECK_OK(append_subproof(old_count, begin, left_count, known, subtree, proof));
    TRY(right, range_root(right_begin, right_count, subtree));
    proof.push_back(right);
    return {};
  }
  CHECK_OK(append_subproof(old_count - left_count, right_begin, right_count, false, subtree, proof));
  TRY(left, range_root(begin, left_count, subtree));
  proof.push_back(left);
  return {};
}

}  // namespace

// ---- Hashes ----------------------------------------------------------------------------------------------------------------

Digest leaf(ByteView data) noexcept { return Sha256{}.update_byte(kPrefixLeaf).update(data).finish(); }

Digest node(const Digest& a, const Digest& b) noexcept { return node_message(a, b).hash(); }

Digest cnode(const Digest& a, const Digest& b) noexcept {
  const Block block = cnode_block(a, b);
  State state = cnode_initial();
  sha256_compress(state, block);
  return digest_of(state);
}

Digest tree_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256({});
  // Level by level: a node without a sibling is taken up as it is, which is where RFC 9162's largest power of two divides.
  std::vector<Digest> row{leaves.begin(), leaves.end()};
  while (row.size() > 1) {
    const std::size_t pairs = row.size() / 2;
    std::size_t i = 0;
    for (; i + 2 <= pairs; i += 2) {
      auto left = node_message(row[2 * i], row[2 * i + 1]), right = node_message(row[2 * i + 2], row[2 * i + 3]);
      NodeMessage::hash_two(left, right, row[i], row[i + 1]);
    }
    if (i < pairs) row[i] = node(row[2 * i], row[2 * i + 1]);
    if (row.size() % 2 != 0) row[pairs] = row.back();
    row.resize((row.size() + 1) / 2);
  }
  return row.front();
}

// ---- Log -------------------------------------------------------------------------------------------------------------------

Result<LogEdge> LogEdge::decode(std::uint64_t size, ByteView hashes) {
  if (hashes.size() != 32 * static_cast<std::size_t>(std::popcount(size))) {
    return fail(Code::corrupt, "a log's edge has one hash for each bit of its size");
  }
  LogEdge edge;
  edge.size_ = size;
  for (unsigned level = kLogLevelsMax + 1; level-- > 0;) {
    if ((size >> level & 1) == 0) continue;
    std::memcpy(edge.at_level_[level].bytes.data(), hashes.data(), 32);
    hashes = hashes.subspan(32);
  }
  return edge;
}

Bytes LogEdge::encode() const {
  Bytes out;
  for (unsigned level = kLogLevelsMax + 1; level-- > 0;) {
    if (size_ >> level & 1) tablinum::append(out, at_level_[level].view());
  }
  return out;
}

Digest LogEdge::root() const noexcept {
  if (size_ == 0) return sha256({});
  auto level = static_cast<unsigned>(std::countr_zero(size_));
  Digest hash = at_level_[level];
  while (++level <= kLogLevelsMax) {
    if (size_ >> level & 1) hash = node(at_level_[level], hash);
  }
  return hash;
}

Result<Digest> root_at(std::uint64_t size, const Subtree& subtree) {
  return size == 0 ? sha256({}) : range_root(0, size, subtree);
}

Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree& subtree) {
  if (index >= size) return fail(Code::invalid, "no such leaf in a log of that size");
  std::vector<Digest> proof;
  CHECK_OK(append_path(index, 0, size, subtree, proof));
  return proof;
}

Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, const Subtree& subtree) {
  if (old_size > new_size) return fail(Code::invalid, "the old log is longer than the new one");
  std::vector<Digest> proof;
  if (old_size == 0) return proof;
  CHECK_OK(append_subproof(old_size, 0, new_size, true, subtree, proof));
  return proof;
}

bool verify_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof,
                      const Digest& root) noexcept {
  if (index >= size) return false;
  std::uint64_t at = index, last = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      hash = node(sibling, hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      hash = node(hash, sibling);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                        std::span<const Digest> proof) noexcept {
  if (old_size > new_size) return false;
  if (old_size == 0) return proof.empty() && old_root == sha256({});
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  if (proof.empty()) return false;
  std::uint64_t at = old_size - 1, last = new_size - 1;
  while ((at & 1) != 0) at >>= 1, last >>= 1;
  // Where the old log is a complete subtree of the new one, its root begins the path and is left out of the proof.
  const bool starts_with_old_root = std::has_single_bit(old_size);
  Digest old_hash = starts_with_old_root ? old_root : proof.front();
  Digest new_hash = old_hash;
  for (const Digest& sibling : proof.subspan(starts_with_old_root ? 0 : 1)) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_hash = node(sibling, old_hash);
      new_hash = node(sibling, new_hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      new_hash = node(new_hash, sibling);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && old_hash == old_root && new_hash == new_root;
}

// ---- Record ----------------------------------------------------------------------------------------------------------------

std::array<Salt, kFieldCount> field_salts(const Salt& record_salt) noexcept {
  const Aes128 cipher{record_salt};
  std::array<Salt, kFieldCount> salts;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    Salt counter{};
    counter.back() = static_cast<std::uint8_t>(i);
    cipher.encrypt_block(counter, salts[i]);
  }
  return salts;
}

Digest field_leaf(std::uint8_t index, const Salt& salt, const Digest& value) noexcept {
  return field_message(index, salt, value).hash();
}

Digest record_root(const Salt& record_salt, const FieldValues& values) noexcept {
  const auto salts = field_salts(record_salt);
  std::array<Digest, kFieldCount> level;
  for (std::size_t i = 0; i < kFieldCount; i += 2) {
    auto even = field_message(static_cast<std::uint8_t>(i), salts[i], values[i]);
    auto odd = field_message(static_cast<std::uint8_t>(i + 1), salts[i + 1], values[i + 1]);
    FieldMessage::hash_two(even, odd, level[i], level[i + 1]);
  }
  for (std::size_t count = kFieldCount; count > 1; count /= 2) cnodes_above(std::span{level}.first(count));
  return level[0];
}

// ---- Change ----------------------------------------------------------------------------------------------------------------

ChangeBytes encode(const Change& change) noexcept {
  ChangeBytes bytes;
  FieldWriter{bytes.data()}
      .put(kTypeChange)
      .put(kFormatVersion)
      .put(change.log_id.value().bytes)
      .put(change.record_id.value().bytes)
      .put(static_cast<std::uint8_t>(change.kind))
      .put(change.field)
      .put_u64_be(change.time)
      .put(change.old_root.bytes)
      .put(change.new_root.bytes)
      .put(change.author_tag.bytes)
      .put(change.salt);
  return bytes;
}

Result<Change> decode_change(ByteView bytes) {
  if (!has_type(bytes, kChangeBytes, kTypeChange)) return fail(Code::corrupt, "not a canonical change");
  FieldReader reader{bytes.subspan(2)};
  Change change;
  change.log_id = read_tree_id(reader);
  change.record_id = read_record_id(reader);
  const auto kind = reader.byte();
  change.field = reader.byte();
  if (kind < static_cast<int>(ChangeKind::create) || kind > static_cast<int>(ChangeKind::derived)) {
    return fail(Code::corrupt, "a change of unknown kind");
  }
  if (change.field >= kFieldCount && change.field != kWholeRecord) return fail(Code::corrupt, "a change of an unknown field");
  change.kind = static_cast<ChangeKind>(kind);
  change.time = reader.u64_be();
  reader.get(change.old_root.bytes).get(change.new_root.bytes).get(change.author_tag.bytes).get(change.salt);
  return change;
}

Digest change_leaf(const ChangeBytes& canonical) noexcept { return leaf(sha256(view(canonical)).view()); }

// ---- Block -----------------------------------------------------------------------------------------------------------------

HeaderBytes encode(const BlockHeader& header) noexcept {
  HeaderBytes bytes;
  FieldWriter{bytes.data()}
      .put(kTypeHeader)
      .put(kFormatVersion)
      .put(header.log_id.value().bytes)
      .put(header.parent.bytes)
      .put(header.log_root.bytes)
      .put(header.state_root.bytes)
      .put(header.changes_root.bytes)
      .put_u64_le(header.number)
      .put_u64_le(header.time)
      .put_u64_le(header.change_count)
      .put_u64_le(header.change_limit)
      .put(header.extra.bytes);
  return bytes;
}

Result<BlockHeader> decode_header(ByteView bytes) {
  if (!has_type(bytes, kHeaderBytes, kTypeHeader)) return fail(Code::corrupt, "not a canonical block header");
  FieldReader reader{bytes.subspan(2)};
  BlockHeader header;
  header.log_id = read_tree_id(reader);
  reader.get(header.parent.bytes).get(header.log_root.bytes).get(header.state_root.bytes).get(header.changes_root.bytes);
  header.number = reader.u64_le();
  header.time = reader.u64_le();
  header.change_count = reader.u64_le();
  header.change_limit = reader.u64_le();
  reader.get(header.extra.bytes);
  if (header.change_count > header.change_limit) return fail(Code::corrupt, "a block has more changes than its limit");
  return header;
}

Digest block_hash(const HeaderBytes& canonical) noexcept { return sha256(view(canonical)); }

// ---- State -----------------------------------------------------------------------------------------------------------------

Digest state_leaf(const RecordId& id, const Digest& record_root) noexcept { return hash_entry(kPrefixLeaf, id, record_root); }

Digest zk_leaf(const RecordId& id, const Digest& record_root) noexcept { return hash_entry(kPrefixZkEntry, id, record_root); }

const Digest& zk_empty(unsigned level) noexcept {
  static const auto roots = [] {
    std::array<Digest, kZkDepthLarge + 1> at{};
    for (unsigned i = 1; i < at.size(); ++i) at[i] = cnode(at[i - 1], at[i - 1]);
    return at;
  }();
  return roots[level];
}

Digest zk_subtree(std::span<const Digest> nodes, unsigned level, unsigned height) {
  if (nodes.empty()) return zk_empty(level + height);
  std::vector<Digest> row{nodes.begin(), nodes.end()};
  for (unsigned up = 0; up < height; ++up) {
    if (row.size() % 2 != 0) row.push_back(zk_empty(level + up));
    cnodes_above(row);
    row.resize(row.size() / 2);
  }
  return row.front();
}

Digest zk_state_root(unsigned depth, const Digest& root) noexcept {
  return ShortMessage<1>{}.put(kPrefixZkRoot).put(static_cast<std::uint8_t>(depth)).put(root.bytes).hash();
}

}  // namespace tablinum::ledger
