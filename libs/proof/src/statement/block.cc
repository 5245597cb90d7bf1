// 0x03: "H is the hash of a valid header with this number", or of the last of a chain of headers; and 0x14, such a chain whose
// contents stay hidden.
// 0x03 parameters: t_lo u64LE ‖ t_hi u64LE (both exclusive) ‖ B u8 ‖ M u8 ‖ parent[32] (of the first header; zero where B = 1).
// 0x03 input: B headers of 210 bytes, then the hashes of the changes of each block, in order (M > 0).
// 0x14 parameters: B u8 ‖ parent[32]. Input: B headers.
// Shapes of 0x03: 0 one header; 1 the legacy JSON header; 4000h + 64 B + M. Of 0x14: B.
#include <algorithm>

#include "statement/legacy.h"
#include "statement/record.h"

namespace tablinum::proof {
namespace {

constexpr std::uint64_t kTimeAfter = 1'600'000'000, kTimeBefore = 2'000'000'000;
constexpr unsigned kHeadersMax = 16, kChangesMax = 32;
constexpr unsigned kHeaderCompressions = 4;
constexpr std::uint16_t kSingle = 0, kLegacy = 1, kChain = 0x4000;
constexpr std::size_t kHeader = ledger::kHeaderBytes;

namespace at {
constexpr std::size_t kLogId = 2, kParent = 18, kChangesRoot = 114, kNumber = 146, kTime = 154, kCount = 162, kLimit = 170;
}

/// How many headers and how many changes of each.
struct Size {
  unsigned headers = 1, changes = 0;
  unsigned compressions() const noexcept {
    return headers * (kHeaderCompressions + changes + (changes > 0 ? 2 * (changes - 1) : 0));
  }
  bool exists() const noexcept {
    return headers >= 1 && headers <= kHeadersMax && changes <= kChangesMax && compressions() <= kCompressionsMax;
  }
  std::uint16_t shape() const noexcept {
    return headers == 1 && changes == 0 ? kSingle : static_cast<std::uint16_t>(kChain + 64 * headers + changes);
  }
  static Size of(std::uint16_t shape) noexcept {
    return shape < kChain ? Size{} : Size{static_cast<unsigned>(shape - kChain) / 64, static_cast<unsigned>(shape - kChain) % 64};
  }
};

ByteView part(ByteView header, std::size_t from, std::size_t count = 8) { return header.subspan(from, count); }
std::uint64_t number_at(ByteView header, std::size_t from) { return number_le(part(header, from)); }

// ---- The rules in the clear --------------------------------------------------------------------------------------------------

struct Bounds {
  std::uint64_t after = kTimeAfter, before = kTimeBefore;
};

// Of the headers alone, without their changes.
const char* broken_rule(const Digest& hash, ByteView headers, const Digest* parent) {
  Digest last;
  for (std::size_t at = 0; at < headers.size(); at += kHeader) {
    const ByteView h = headers.subspan(at, kHeader);
    if (h[0] != std::byte{3} || h[1] != std::byte{1}) return "layout";
    if (number_at(h, at::kCount) > number_at(h, at::kLimit)) return "count";
    if (at == 0) {
      if (parent != nullptr && !same(part(h, at::kParent, 32), parent->view())) return "parent";
    } else {
      const ByteView before = headers.subspan(at - kHeader, kHeader);
      if (!same(part(h, at::kParent, 32), last.view())) return "parent";
      if (!same(part(h, at::kLogId, kIdBytes), part(before, at::kLogId, kIdBytes))) return "log";
      if (number_at(before, at::kNumber) + 1 != number_at(h, at::kNumber) || number_at(h, at::kNumber) == 0) return "number";
      if (number_at(h, at::kTime) < number_at(before, at::kTime)) return "time order";
    }
    last = sha256(h);
  }
  return same(last.view(), hash.view()) ? nullptr : "hash";
}

// ---- The rules as gates ------------------------------------------------------------------------------------------------------

struct Header {
  ByteList bytes;
  ByteList at(std::size_t from, std::size_t count = 8) const { return slice(bytes, from, count); }
  BitList number(std::size_t from) const { return bits_of_le(at(from)); }
};

// The changes' root: RFC 9162 over a prefix of M leaves; a pair without its right side is its left side.
void assert_changes(Gates& gates, const Header& header, unsigned changes) {
  const ByteList digests = private_bytes(gates, kHashSize * changes);
  BitList present;
  for (unsigned j = 0; j < changes; ++j) present.push_back(gates.private_bit());
  for (unsigned j = 1; j < changes; ++j) gates.assert_zero(gates.both(present[j], gates.negate(present[j - 1])));
  const auto is_count = [&](unsigned n) {  // exactly n leaves are there
    const Bit upper = n < changes ? present[n] : gates.constant(false);
    return gates.exclusive_or(n == 0 ? gates.constant(true) : present[n - 1], upper);
  };
  const BitList count = header.number(at::kCount);
  for (unsigned bit = 0; bit < 64; ++bit) {
    BitList terms;
    for (unsigned n = 0; n <= changes; ++n)
      if (n >> std::min(bit, 31U) & 1 && bit < 32) terms.push_back(is_count(n));
    gates.assert_equal(sum(gates, terms), count[bit]);
  }

  std::vector<ByteList> nodes;
  for (unsigned j = 0; j < changes; ++j) nodes.push_back(leaf_gates(gates, slice(digests, kHashSize * j, kHashSize)));
  BitList there = present;
  while (nodes.size() > 1) {
    std::vector<ByteList> next;
    BitList next_there;
    for (std::size_t i = 0; i + 1 < nodes.size(); i += 2) {
      next.push_back(select(gates, there[i + 1], node_gates(gates, nodes[i], nodes[i + 1]), nodes[i]));
      for (Byte& byte : next.back())
        for (Bit& bit : byte) bit = gates.fresh(bit);
      next_there.push_back(there[i]);
    }
    if (nodes.size() % 2 != 0) next.push_back(nodes.back()), next_there.push_back(there.back());
    nodes = std::move(next), there = std::move(next_there);
  }
  const ByteList root = select(gates, present[0], nodes[0], constant_bytes(gates, sha256({}).view()));
  assert_equal(gates, root, header.at(at::kChangesRoot, kHashSize));
}

// All headers are valid and each follows the one before. Gives the last one.
Header assert_chain(Gates& gates, Size size, const ByteList& hash, const ByteList* parent) {
  std::vector<Header> headers;
  for (unsigned i = 0; i < size.headers; ++i) headers.push_back({private_bytes(gates, kHeader)});
  ByteList last;
  for (unsigned i = 0; i < size.headers; ++i) {
    const Header& h = headers[i];
    assert_equal(gates, h.at(0, 2), join({constant_byte(gates, 3), constant_byte(gates, 1)}));
    assert_at_most(gates, h.number(at::kCount), h.number(at::kLimit));
    if (i > 0) {
      const Header& before = headers[i - 1];
      assert_equal(gates, h.at(at::kParent, 32), last);
      assert_equal(gates, h.at(at::kLogId, kIdBytes), before.at(at::kLogId, kIdBytes));
      assert_successor(gates, h.number(at::kNumber), before.number(at::kNumber));
      assert_at_most(gates, before.number(at::kTime), h.number(at::kTime));
    } else if (parent != nullptr) {
      assert_equal(gates, h.at(at::kParent, 32), *parent);
    }
    last = sha256_gates(gates, h.bytes);
  }
  assert_equal(gates, last, hash);
  if (size.changes > 0)
    for (const Header& h : headers) assert_changes(gates, h, size.changes);
  return headers.back();
}

// ---- 0x03 --------------------------------------------------------------------------------------------------------------------

class BlockKind final : public Kind {
  static constexpr std::size_t kParameterBytes = 8 + 8 + 1 + 1 + 32;
  static constexpr std::size_t kOutputs = 32 + 4 * 8;

  struct Parameters {
    Bounds bounds;
    Size size;
    Digest parent;
    explicit Parameters(const Statement& statement) {
      if (!statement.extended) return;
      Cutter cut{statement.parameters};
      bounds.after = number_le(cut.take(8));
      bounds.before = number_le(cut.take(8));
      size.headers = static_cast<unsigned>(number_le(cut.take(1)));
      size.changes = static_cast<unsigned>(number_le(cut.take(1)));
      parent = digest_at(cut.take(32));
    }
  };

 public:
  Outcome<void> check_parameters(const Statement& statement) const override {
    if (!statement.extended) return {};
    if (statement.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    const Parameters p{statement};
    if (p.bounds.after >= p.bounds.before) return bad_parameters("bounds reversed");
    if (p.size.headers < 1 || p.size.headers > kHeadersMax || p.size.changes > kChangesMax) return bad_parameters("a batch out of range");
    if (p.size.headers == 1 && p.parent != Digest{}) return bad_parameters("a parent without a chain");
    if (!p.size.exists()) return fault(Fault::unsupported, "more compressions than a circuit can hold", "program");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input) const override {
    if (!input.empty() && input[0] == std::byte{'{'} && !statement.extended) {
      if (input.size() > legacy::kHeaderBytesMax)
        return broken_length("a header in JSON has at most " + std::to_string(legacy::kHeaderBytesMax) + " bytes");
      return kLegacy;
    }
    const Size size = Parameters{statement}.size;
    const std::size_t headers = kHeader * size.headers;
    const std::size_t changes = input.size() < headers ? 1 : input.size() - headers;
    if (changes % 32 != 0 || changes > std::size_t{32} * size.headers * size.changes)
      return broken_length(std::to_string(headers) + " bytes of headers, then what hashes of changes there are" +
                           (statement.extended ? "" : "; or a header in JSON"));
    return size.shape();
  }
  bool exists(std::uint16_t shape) const override {
    if (shape <= kLegacy) return true;
    const Size size = Size::of(shape);
    return shape >= kChain && size.exists() && size.shape() == shape;
  }
  bool fits(const Statement& statement, std::uint16_t shape) const override {
    return shape == Parameters{statement}.size.shape() || (shape == kLegacy && !statement.extended);
  }
  unsigned compressions(std::uint16_t shape) const override {
    return shape == kLegacy ? legacy::kHeaderBlocks : Size::of(shape).compressions();
  }
  std::string words(std::uint16_t shape) const override {
    if (shape == kLegacy) return "a block header in JSON, of up to 1015 bytes";
    const Size size = Size::of(shape);
    if (shape == kSingle) return "a block header";
    return std::to_string(size.headers) + " block headers in a row" +
           (size.changes > 0 ? ", with up to " + std::to_string(size.changes) + " changes each" : "");
  }
  std::string words(const Statement& statement) const override {
    const Size size = Parameters{statement}.size;
    std::string out = "whoever made the proof knew the block header number " + std::to_string(statement.number) + " with the hash " +
                      to_hex(statement.hash);
    if (size.headers > 1)
      out += ", and the " + std::to_string(size.headers - 1) + " before it, down to the parent " + to_hex(Parameters{statement}.parent);
    return out;
  }
  std::size_t outputs_bytes(std::uint16_t shape) const override { return shape == kLegacy ? legacy::kHeaderOutputs : kOutputs; }

  Outcome<Witness> witness(const Statement& statement, std::uint16_t shape, ByteView input) const override {
    if (shape == kLegacy) return legacy::header_witness(statement, input);
    const Parameters p{statement};
    const ByteView headers = input.first(kHeader * p.size.headers), changes = input.subspan(headers.size());
    if (const char* rule = broken_rule(statement.hash, headers, p.size.headers > 1 ? &p.parent : nullptr)) return broken(rule);
    const ByteView last = headers.last(kHeader);
    if (number_at(last, at::kNumber) != statement.number) return broken("number");
    const std::uint64_t time = number_at(last, at::kTime);
    if (time <= p.bounds.after || time >= p.bounds.before) return broken("time");
    Witness out;
    append(out.outputs, statement.hash.view());
    for (const std::size_t from : {at::kNumber, at::kTime, at::kCount, at::kLimit}) append(out.outputs, part(last, from));
    append_private(out.bits, headers);
    if (p.size.changes == 0) return out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < headers.size(); i += kHeader) {
      const ByteView h = headers.subspan(i, kHeader);
      const std::uint64_t count = number_at(h, at::kCount);
      if (count > p.size.changes || 32 * count > changes.size() - used) return broken("changes");
      const ByteView own = changes.subspan(used, 32 * count);
      used += own.size();
      std::vector<Digest> leaves;
      for (std::size_t j = 0; j < count; ++j) leaves.push_back(ledger::leaf(own.subspan(32 * j, 32)));
      if (!same(ledger::tree_root(leaves).view(), part(h, at::kChangesRoot, 32))) return broken("changes root");
      SecretBytes filled(own.begin(), own.end());
      filled.resize(std::size_t{32} * p.size.changes);
      append_private(out.bits, filled);
      for (unsigned j = 0; j < p.size.changes; ++j) out.bits.push_back(j < count);
    }
    if (used != changes.size()) return broken("changes");
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& statement, std::uint16_t shape, ByteView outputs) const override {
    if (shape == kLegacy) return legacy::header_publics(statement, outputs);
    std::vector<std::uint8_t> bits;
    const Parameters p{statement};
    if (!same(outputs.first(32), statement.hash.view()) || number_le(outputs.subspan(32, 8)) != statement.number) return bits;
    append_public(bits, outputs);
    Bytes bounds;
    append_u64_le(bounds, p.bounds.after);
    append_u64_le(bounds, p.bounds.before);
    append_public(bits, bounds);
    if (p.size.headers > 1) append_public(bits, p.parent.view());
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    if (shape == kLegacy) return legacy::build(legacy::kHeaderBlocks, gates);
    const Size size = Size::of(shape);
    const ByteList outputs = public_bytes(gates, kOutputs), bounds = public_bytes(gates, 16);
    const ByteList parent = size.headers > 1 ? public_bytes(gates, 32) : ByteList{};
    const Header last = assert_chain(gates, size, slice(outputs, 0, 32), size.headers > 1 ? &parent : nullptr);
    assert_equal(gates, slice(outputs, 32, 32), last.at(at::kNumber, 32));  // number, time, count, limit stand in a row
    assert_less(gates, bits_of_le(slice(bounds, 0, 8)), last.number(at::kTime));
    assert_less(gates, last.number(at::kTime), bits_of_le(slice(bounds, 8, 8)));
  }
};

// ---- 0x14 --------------------------------------------------------------------------------------------------------------------

class HeaderChainKind final : public Kind {
  static constexpr std::size_t kParameterBytes = 1 + 32;
  static unsigned headers(const Statement& s) { return std::to_integer<unsigned>(s.parameters[0]); }
  static Digest parent(const Statement& s) { return digest_at(s.parameters, 1); }

 public:
  Outcome<void> check_parameters(const Statement& statement) const override {
    if (statement.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    if (!exists(static_cast<std::uint16_t>(headers(statement)))) return bad_parameters("a chain out of range");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input) const override {
    if (input.size() != kHeader * headers(statement))
      return broken_length(std::to_string(headers(statement)) + " headers of " + std::to_string(kHeader) + " bytes");
    return static_cast<std::uint16_t>(headers(statement));
  }
  bool exists(std::uint16_t shape) const override { return shape >= 1 && shape <= kHeadersMax; }
  bool fits(const Statement& statement, std::uint16_t shape) const override { return shape == headers(statement); }
  unsigned compressions(std::uint16_t shape) const override { return kHeaderCompressions * shape; }
  std::string words(std::uint16_t shape) const override { return std::to_string(shape) + " block headers in a row, contents hidden"; }
  std::string words(const Statement& statement) const override {
    return "between the block " + to_hex(parent(statement)) + " and the block " + to_hex(statement.hash) + " lie " +
           std::to_string(headers(statement) - 1) + " valid blocks, each naming the one before";
  }
  std::size_t outputs_bytes(std::uint16_t) const override { return 0; }
  Outcome<Witness> witness(const Statement& statement, std::uint16_t shape, ByteView input) const override {
    if (input.size() != kHeader * shape) return broken("length");
    const Digest first = parent(statement);
    if (const char* rule = broken_rule(statement.hash, input, &first)) return broken(rule);
    Witness out;
    append_private(out.bits, input);
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& statement, std::uint16_t, ByteView) const override {
    std::vector<std::uint8_t> bits;
    append_public(bits, statement.hash.view());
    append_public(bits, parent(statement).view());
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const ByteList hash = public_bytes(gates, 32), first = public_bytes(gates, 32);
    assert_chain(gates, {shape, 0}, hash, &first);
  }
};

}  // namespace

const Kind& block_kind() {
  static const BlockKind instance;
  return instance;
}
const Kind& header_chain_kind() {
  static const HeaderChainKind instance;
  return instance;
}

}  // namespace tablinum::proof
