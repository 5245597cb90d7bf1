// 0x02: "an authorised key appended the change with the hash H, and it touched only field X". Shape 1; shape 0 is the legacy form.
// Parameters: A[32] ‖ log_id[16] ‖ X u8 ‖ t_lo u64LE ‖ t_hi u64LE.
// Input: change[156] ‖ k[32] ‖ mask u16BE ‖ not_after u64BE ‖ key position u8 ‖ key path[8·32] ‖ old salt[16] ‖ old value[32] ‖
//        new salt[16] ‖ new value[32] ‖ siblings[4·32].
#include "statement/legacy.h"
#include "statement/record.h"

namespace tablinum::proof {
namespace {

constexpr std::uint16_t kLegacy = 0, kChange = 1;
constexpr unsigned kKeyLevels = 8;
constexpr std::size_t kChangeBytes = ledger::kChangeBytes;
constexpr std::size_t kMaskBytes = 2, kTimeBytes = 8;
constexpr std::size_t kParameterBytes = kHashSize + kIdBytes + 1 + 2 * kTimeBytes;
constexpr std::size_t kInputBytes = kChangeBytes + kKeyBytes + kMaskBytes + kTimeBytes + 1 + kKeyLevels * kHashSize +
                                    2 * (kSaltBytes + kHashSize) + kFieldLevels * kHashSize;
constexpr std::byte kUpdate{static_cast<std::uint8_t>(ledger::ChangeKind::update)};

// Where the parts of a canonical change begin.
namespace at {
constexpr std::size_t kLogId = 2, kKind = 34, kField = 35, kTime = 36, kOldRoot = 44, kNewRoot = 76, kAuthorTag = 108;
}

struct Parameters {
  ByteView authority, log_id, field, t_lo, t_hi;
  explicit Parameters(const Statement& statement) {
    Cutter cut{statement.parameters};
    authority = cut.take(kHashSize);
    log_id = cut.take(kIdBytes);
    field = cut.take(1);
    t_lo = cut.take(kTimeBytes);
    t_hi = cut.take(kTimeBytes);
  }
  std::uint8_t index() const { return std::to_integer<std::uint8_t>(field[0]); }
};

struct Parts {
  ByteView change, key, mask, not_after, position, path, old_opening, new_opening, siblings;
  explicit Parts(ByteView input) {
    Cutter cut{input};
    change = cut.take(kChangeBytes);
    key = cut.take(kKeyBytes);
    mask = cut.take(kMaskBytes);
    not_after = cut.take(kTimeBytes);
    position = cut.take(1);
    path = cut.take(kKeyLevels * kHashSize);
    old_opening = cut.take(kSaltBytes + kHashSize);
    new_opening = cut.take(kSaltBytes + kHashSize);
    siblings = cut.take(kFieldLevels * kHashSize);
  }
};

// The first rule of the statement that the parts break.
const char* broken_rule(const Statement& statement, const Parts& parts) {
  const Parameters p{statement};
  const ByteView c = parts.change;
  if (!same(sha256(c).view(), statement.hash.view())) return "hash";
  if (c[0] != std::byte{2} || c[1] != std::byte{1}) return "layout";
  if (!same(c.subspan(at::kLogId, kIdBytes), p.log_id)) return "log";
  if (c[at::kKind] != kUpdate) return "kind";
  if (c[at::kField] != p.field[0]) return "field";
  const std::uint64_t time = number_be(c.subspan(at::kTime, kTimeBytes));
  if (time < number_le(p.t_lo) || time > number_le(p.t_hi)) return "time";
  if (time > number_be(parts.not_after)) return "key expired";
  if ((number_be(parts.mask) >> p.index() & 1) == 0) return "mask";
  const auto leaf_root = [&](ByteView opening) {
    const Digest leaf = Sha256{}.update_byte(tag::kField).update_byte(p.index()).update(opening).finish();
    return cnode_root(leaf, p.index(), parts.siblings);
  };
  if (!same(leaf_root(parts.old_opening).view(), c.subspan(at::kOldRoot, kHashSize))) return "old root";
  if (!same(leaf_root(parts.new_opening).view(), c.subspan(at::kNewRoot, kHashSize))) return "new root";
  if (same(c.subspan(at::kOldRoot, kHashSize), c.subspan(at::kNewRoot, kHashSize))) return "nothing changed";
  const Digest key = tagged(tag::kPublicKey, parts.key);
  const Digest leaf = Sha256{}.update_byte(tag::kAuthority).update(key.view()).update(parts.mask).update(parts.not_after).finish();
  if (!same(cnode_root(leaf, number_le(parts.position), parts.path).view(), p.authority)) return "authority";
  const Digest author = Sha256{}.update_byte(tag::kAuthor).update(parts.key).update(p.log_id).finish();
  if (!same(author.view(), c.subspan(at::kAuthorTag, kHashSize))) return "author tag";
  return nullptr;
}

// One of 16 bits, chosen by four.
Bit chosen(Gates& gates, BitList bits, const Byte& index) {
  for (std::size_t level = 0; level < 4; ++level) {
    BitList next;
    for (std::size_t i = 0; i < bits.size(); i += 2) next.push_back(gates.select(index[level], bits[i + 1], bits[i]));
    bits = std::move(next);
  }
  return bits[0];
}

void build_change(Gates& gates) {
  const ByteList hash = public_bytes(gates, kHashSize), authority = public_bytes(gates, kHashSize);
  const ByteList log_id = public_bytes(gates, kIdBytes), field = public_bytes(gates, 1);
  const ByteList t_lo = public_bytes(gates, kTimeBytes), t_hi = public_bytes(gates, kTimeBytes);

  const ByteList change = private_bytes(gates, kChangeBytes), key = private_bytes(gates, kKeyBytes);
  const ByteList mask = private_bytes(gates, kMaskBytes), not_after = private_bytes(gates, kTimeBytes);
  const ByteList position = private_bytes(gates, 1), path = private_bytes(gates, kKeyLevels * kHashSize);
  FieldOpening old_field, new_field;
  old_field.salt = private_bytes(gates, kSaltBytes), old_field.value = private_bytes(gates, kHashSize);
  new_field.salt = private_bytes(gates, kSaltBytes), new_field.value = private_bytes(gates, kHashSize);
  old_field.siblings = new_field.siblings = private_bytes(gates, kFieldLevels * kHashSize);

  assert_equal(gates, sha256_gates(gates, change), hash);
  assert_equal(gates, slice(change, 0, 2), join({constant_byte(gates, 2), constant_byte(gates, 1)}));
  assert_equal(gates, slice(change, at::kLogId, kIdBytes), log_id);
  assert_equal(gates, slice(change, at::kKind, 1), constant_bytes(gates, std::span{&kUpdate, 1}));
  assert_equal(gates, slice(change, at::kField, 1), field);

  const BitList time = bits_of_be(slice(change, at::kTime, kTimeBytes));
  assert_at_most(gates, bits_of_le(t_lo), time);
  assert_at_most(gates, time, bits_of_le(t_hi));
  assert_at_most(gates, time, bits_of_be(not_after));
  gates.assert_one(chosen(gates, bits_of_be(mask), field[0]));

  const ByteList old_root = slice(change, at::kOldRoot, kHashSize), new_root = slice(change, at::kNewRoot, kHashSize);
  assert_equal(gates, old_field.root(gates, field), old_root);
  assert_equal(gates, new_field.root(gates, field), new_root);
  BitList equal_bits;
  for (std::size_t i = 0; i < kHashSize; ++i)
    for (std::size_t k = 0; k < 8; ++k) equal_bits.push_back(gates.negate(gates.exclusive_or(old_root[i][k], new_root[i][k])));
  gates.assert_zero(all_of(gates, equal_bits));

  const ByteList public_key = tagged(gates, tag::kPublicKey, key);
  const ByteList leaf = tagged(gates, tag::kAuthority, join({public_key, mask, not_after}));
  assert_equal(gates, cnode_root(gates, leaf, bits_of_le(position), path), authority);
  assert_equal(gates, tagged(gates, tag::kAuthor, join({key, log_id})), slice(change, at::kAuthorTag, kHashSize));
}

class ChangeStatement final : public Kind {
 public:
  Outcome<void> check_parameters(const Statement& statement) const override {
    if (!statement.extended) return {};
    if (statement.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    const Parameters p{statement};
    if (p.index() >= ledger::kFieldCount) return bad_parameters("no such field");
    if (number_le(p.t_lo) > number_le(p.t_hi)) return bad_parameters("bounds reversed");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input) const override {
    if (statement.extended) {
      if (input.size() != kInputBytes) return broken_length(std::to_string(kInputBytes) + " bytes: docs/proof/statements.md");
      return kChange;
    }
    if (input.empty() || input.size() > legacy::kTransactionBytesMax)
      return broken_length("a transaction in JSON has at most " + std::to_string(legacy::kTransactionBytesMax) + " bytes");
    return kLegacy;
  }
  bool exists(std::uint16_t shape) const override { return shape <= kChange; }
  bool fits(const Statement& statement, std::uint16_t shape) const override { return shape == (statement.extended ? kChange : kLegacy); }
  unsigned compressions(std::uint16_t shape) const override { return shape == kChange ? 24 : legacy::kTransactionBlocks; }
  std::string words(std::uint16_t shape) const override {
    return shape == kChange ? "a change of the archive by an authorised key" : "a transaction in JSON, of up to 247 bytes";
  }
  std::string words(const Statement& statement) const override {
    if (!statement.extended) return "whoever made the proof knew a transaction in JSON whose SHA-256 is " + to_hex(statement.hash);
    const Parameters p{statement};
    return "whoever made the proof holds a key of the authority " + to_hex(p.authority) + ", and with it appended the change " +
           to_hex(statement.hash) + ", which touched field " + std::to_string(p.index()) + " of one record and nothing else";
  }
  std::size_t outputs_bytes(std::uint16_t shape) const override { return shape == kChange ? kHashSize : legacy::kTransactionOutputs; }

  Outcome<Witness> witness(const Statement& statement, std::uint16_t shape, ByteView input) const override {
    if (shape == kLegacy) return legacy::transaction_witness(statement, input);
    if (input.size() != kInputBytes) return broken("length");
    if (const char* rule = broken_rule(statement, Parts{input})) return broken(rule);
    Witness out;
    append(out.outputs, statement.hash.view());
    append_private(out.bits, input);
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& statement, std::uint16_t shape, ByteView outputs) const override {
    if (shape == kLegacy) return legacy::transaction_publics(statement, outputs);
    std::vector<std::uint8_t> bits;
    if (!same(outputs, statement.hash.view())) return bits;
    const Parameters p{statement};
    for (const ByteView part : {statement.hash.view(), p.authority, p.log_id, p.field, p.t_lo, p.t_hi}) append_public(bits, part);
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    if (shape == kLegacy) legacy::build(legacy::kTransactionBlocks, gates);
    else build_change(gates);
  }
};

}  // namespace

const Kind& change_kind() {
  static const ChangeStatement instance;
  return instance;
}

}  // namespace tablinum::proof
