// Statements about the archive: 0x10 in the log, 0x11 born before, 0x12 descent, 0x13 a field's value.
//
// 0x10 parameters: mode 0 ‖ D u8 ‖ d[32], or mode 1 ‖ D u8 ‖ log_id[16] ‖ t_hi u64LE ‖ root[32]; D one of 8, 20, 32.
//      Input: index u64LE ‖ size u64LE ‖ path, 32 bytes a node, at most D; mode 1: then the change[156].
// 0x11 parameters: depth u8 (20 or 24) ‖ binding u8 ‖ bound u32LE (Julian day). Input: person ‖ birth opening [‖ k[32] ‖ key opening].
// 0x12 parameters: depth u8 ‖ K u8 ‖ field u8 (5, 6) ‖ binding u8 ‖ P0[16] (zero with binding) ‖ A[16].
//      Input: K times (person ‖ parents' opening ‖ side u8 ‖ hop u8) [‖ k[32] ‖ key opening of the first person].
// 0x13 parameters: depth u8 ‖ field u8 ‖ value[32]. Input: person ‖ opening.
// person = record id ‖ position u32LE ‖ siblings; opening = salt ‖ value ‖ siblings (record.h).
#include <algorithm>
#include <optional>

#include "statement/kinds.h"
#include "statement/record.h"

namespace tablinum::proof {
namespace {

constexpr std::uint8_t kBirthField = 3, kParentsField = 5, kFurtherParentsField = 6;
constexpr unsigned kFieldCompressions = 1 + kFieldLevels;
constexpr unsigned kBindingCompressions = kFieldCompressions + 1;
constexpr std::size_t kBindingBytes = kKeyBytes + FieldOpening::kBytes;
constexpr std::uint16_t kLargeTree = 0x100, kBound = 0x200;  // flags of shapes

unsigned depth_of(std::uint16_t shape) { return shape & kLargeTree ? ledger::kZkDepthLarge : ledger::kZkDepth; }
std::uint16_t flags_of(unsigned depth, bool binding) {
  return static_cast<std::uint16_t>((depth == ledger::kZkDepthLarge ? kLargeTree : 0) | (binding ? kBound : 0));
}
bool is_depth(std::uint64_t depth) { return depth == ledger::kZkDepth || depth == ledger::kZkDepthLarge; }
std::uint8_t byte_of(const Statement& s, std::size_t i) { return std::to_integer<std::uint8_t>(s.parameters[i]); }
std::string tree_words(std::uint16_t shape) {
  return shape & kLargeTree ? "one of up to 16,777,216 persons" : "one of up to 1,048,576 persons";
}
// Parts of every statement about persons.
std::string under(const Statement& s) { return "according to the archive with the root " + to_hex(s.hash); }

// The holder of a key is the person: field "subject key" is SHA-256(21 ‖ k).
bool bound_to(ByteView binding, const Digest& record_root) {
  const ByteView key = binding.first(kKeyBytes), opening = binding.subspan(kKeyBytes);
  return same(tagged(tag::kPublicKey, key).view(), field_value(opening)) &&
         same(field_root(opening, kSubjectKeyField).view(), record_root.view());
}
void assert_bound(Gates& gates, const ByteList& record_root) {
  const ByteList key = private_bytes(gates, kKeyBytes);
  const FieldOpening opening = FieldOpening::read(gates);
  assert_equal(gates, tagged(gates, tag::kPublicKey, key), opening.value);
  assert_equal(gates, opening.root(gates, constant_byte(gates, kSubjectKeyField)), record_root);
}
// One field of one person under the root.
const char* broken_opening(const Statement& s, ByteView person, ByteView opening, std::uint8_t field, unsigned depth) {
  if (!position_fits(person, depth)) return "position";
  return same(person_root(person, depth, field_root(opening, field)).view(), s.hash.view()) ? nullptr : "root";
}

// ---- 0x11 and 0x13 -----------------------------------------------------------------------------------------------------------

/// One field of a person; what is asked of its value differs.
class FieldKind : public Kind {
 public:
  Outcome<std::uint16_t> shape_for(const Statement& s, ByteView input) const override {
    const std::uint16_t shape = flags_of(byte_of(s, 0), binding(s));
    if (input.size() != input_bytes(shape)) return broken_length(std::to_string(input_bytes(shape)) + " bytes: docs/proof/statements.md");
    return shape;
  }
  bool fits(const Statement& s, std::uint16_t shape) const override { return shape == flags_of(byte_of(s, 0), binding(s)); }
  unsigned compressions(std::uint16_t shape) const override {
    return 2 + depth_of(shape) + kFieldCompressions + (shape & kBound ? kBindingCompressions : 0);
  }
  std::size_t outputs_bytes(std::uint16_t) const override { return 0; }
  Outcome<Witness> witness(const Statement& s, std::uint16_t shape, ByteView input) const override {
    if (input.size() != input_bytes(shape)) return broken("length");
    Cutter cut{input};
    const ByteView person = cut.take(PersonPath::bytes(depth_of(shape))), opening = cut.take(FieldOpening::kBytes);
    if (const char* rule = broken_opening(s, person, opening, field(s), depth_of(shape))) return broken(rule);
    if (const char* rule = broken_value(s, field_value(opening))) return broken(rule);
    if (shape & kBound && !bound_to(cut.take(kBindingBytes), field_root(opening, field(s)))) return broken("holder");
    Witness out;
    append_private(out.bits, input);
    return out;
  }

 protected:
  virtual bool binding(const Statement& s) const = 0;
  virtual std::uint8_t field(const Statement& s) const = 0;
  virtual const char* broken_value(const Statement& s, ByteView value) const = 0;
  static std::size_t input_bytes(std::uint16_t shape) {
    return PersonPath::bytes(depth_of(shape)) + FieldOpening::kBytes + (shape & kBound ? kBindingBytes : 0);
  }
  /// The field's value, after the assertion that it stands under the root.
  static ByteList assert_field(Gates& gates, std::uint16_t shape, const ByteList& root, const ByteList& index) {
    const PersonPath person = PersonPath::read(gates, depth_of(shape));
    const FieldOpening opening = FieldOpening::read(gates);
    const ByteList record = opening.root(gates, index);
    assert_equal(gates, person.root(gates, depth_of(shape), record), root);
    if (shape & kBound) assert_bound(gates, record);
    return opening.value;
  }
};

class OlderKind final : public FieldKind {
  static constexpr std::size_t kParameterBytes = 1 + 1 + 4, kDayBytes = 4;
  static ByteView bound(const Statement& s) { return ByteView{s.parameters}.subspan(2, kDayBytes); }

 public:
  Outcome<void> check_parameters(const Statement& s) const override {
    if (s.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    if (!is_depth(byte_of(s, 0)) || byte_of(s, 1) > 1) return bad_parameters("no such depth or binding");
    return {};
  }
  bool exists(std::uint16_t shape) const override { return (shape & ~(kLargeTree | kBound)) == 0; }
  std::string words(std::uint16_t shape) const override {
    return std::string{shape & kBound ? "the holder of a key" : "a person"} + " was born before a day; " + tree_words(shape);
  }
  std::string words(const Statement& s) const override {
    return under(s) + (binding(s) ? ", the person who holds the key" : ", some person") + " was born before Julian day " +
           std::to_string(number_le(bound(s))) + "; who and when stays hidden (" + tree_words(flags_of(byte_of(s, 0), false)) + ")";
  }
  std::vector<std::uint8_t> publics(const Statement& s, std::uint16_t, ByteView) const override {
    std::vector<std::uint8_t> bits;
    append_public(bits, s.hash.view());
    append_public(bits, bound(s));
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const ByteList root = public_bytes(gates, kHashSize), before = public_bytes(gates, kDayBytes);
    const ByteList value = assert_field(gates, shape, root, constant_byte(gates, kBirthField));
    // The last possible day of birth comes first, as u32BE; FFFFFFFF where it is not known.
    assert_less(gates, bits_of_be(slice(value, 0, kDayBytes)), bits_of_le(before));
  }

 protected:
  bool binding(const Statement& s) const override { return byte_of(s, 1) != 0; }
  std::uint8_t field(const Statement&) const override { return kBirthField; }
  const char* broken_value(const Statement& s, ByteView value) const override {
    return number_be(value.first(kDayBytes)) < number_le(bound(s)) ? nullptr : "born before";
  }
};

class FieldEqualsKind final : public FieldKind {
  static constexpr std::size_t kParameterBytes = 1 + 1 + kHashSize;
  static ByteView value(const Statement& s) { return ByteView{s.parameters}.subspan(2, kHashSize); }

 public:
  Outcome<void> check_parameters(const Statement& s) const override {
    if (s.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    if (!is_depth(byte_of(s, 0)) || byte_of(s, 1) >= ledger::kFieldCount) return bad_parameters("no such depth or field");
    return {};
  }
  bool exists(std::uint16_t shape) const override { return (shape & ~kLargeTree) == 0; }
  std::string words(std::uint16_t shape) const override { return "a field of a person has a value; " + tree_words(shape); }
  std::string words(const Statement& s) const override {
    return under(s) + ", field " + std::to_string(byte_of(s, 1)) + " of some person has the value " + to_hex(value(s)) +
           "; who stays hidden (" + tree_words(flags_of(byte_of(s, 0), false)) + ")";
  }
  std::vector<std::uint8_t> publics(const Statement& s, std::uint16_t, ByteView) const override {
    std::vector<std::uint8_t> bits;
    append_public(bits, s.hash.view());
    append_public(bits, ByteView{s.parameters}.subspan(1));
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const ByteList root = public_bytes(gates, kHashSize), wanted = public_bytes(gates, 1 + kHashSize);
    assert_equal(gates, assert_field(gates, shape, root, slice(wanted, 0, 1)), slice(wanted, 1, kHashSize));
  }

 protected:
  bool binding(const Statement&) const override { return false; }
  std::uint8_t field(const Statement& s) const override { return byte_of(s, 1); }
  const char* broken_value(const Statement& s, ByteView found) const override { return same(found, value(s)) ? nullptr : "value"; }
};

// ---- 0x12 --------------------------------------------------------------------------------------------------------------------

class DescentKind final : public Kind {
  static constexpr std::size_t kParameterBytes = 4 + 2 * kIdBytes;
  static constexpr unsigned kLinksMax = 6;
  static unsigned links(std::uint16_t shape) { return shape & 0xff; }
  static ByteView first(const Statement& s) { return ByteView{s.parameters}.subspan(4, kIdBytes); }
  static ByteView ancestor(const Statement& s) { return ByteView{s.parameters}.subspan(4 + kIdBytes, kIdBytes); }
  static std::uint16_t shape_of(const Statement& s) {
    return static_cast<std::uint16_t>(flags_of(byte_of(s, 0), byte_of(s, 3) != 0) | byte_of(s, 1));
  }
  static std::size_t link_bytes(std::uint16_t shape) { return PersonPath::bytes(depth_of(shape)) + FieldOpening::kBytes + 2; }
  static std::size_t input_bytes(std::uint16_t shape) { return links(shape) * link_bytes(shape) + (shape & kBound ? kBindingBytes : 0); }
  static unsigned count(std::uint16_t shape) {
    return links(shape) * (1 + depth_of(shape) + kFieldCompressions + 1) + (shape & kBound ? kBindingCompressions : 0);
  }

 public:
  Outcome<void> check_parameters(const Statement& s) const override {
    if (s.parameters.size() != kParameterBytes) return bad_parameters("parameters of another length");
    if (!is_depth(byte_of(s, 0)) || byte_of(s, 1) < 1 || byte_of(s, 1) > kLinksMax || byte_of(s, 3) > 1)
      return bad_parameters("no such depth, number of links or binding");
    if (byte_of(s, 2) != kParentsField && byte_of(s, 2) != kFurtherParentsField) return bad_parameters("not a field of parents");
    if (byte_of(s, 3) != 0 && number_of(first(s))) return bad_parameters("a first person although a key names it");
    if (!number_of(ancestor(s))) return bad_parameters("no ancestor");
    if (count(shape_of(s)) > kCompressionsMax) return fault(Fault::unsupported, "more compressions than a circuit can hold", "program");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement& s, ByteView input) const override {
    if (input.size() != input_bytes(shape_of(s)))
      return broken_length(std::to_string(input_bytes(shape_of(s))) + " bytes: docs/proof/statements.md");
    return shape_of(s);
  }
  bool exists(std::uint16_t shape) const override {
    return (shape & ~(kLargeTree | kBound | 0xff)) == 0 && links(shape) >= 1 && links(shape) <= kLinksMax &&
           count(shape) <= kCompressionsMax;
  }
  bool fits(const Statement& s, std::uint16_t shape) const override { return shape == shape_of(s); }
  unsigned compressions(std::uint16_t shape) const override { return count(shape); }
  std::string words(std::uint16_t shape) const override {
    return std::string{shape & kBound ? "the holder of a key" : "a named person"} + " descends from a named ancestor within " +
           std::to_string(links(shape)) + (links(shape) == 1 ? " link; " : " links; ") + tree_words(shape);
  }
  std::string words(const Statement& s) const override {
    const std::string who = byte_of(s, 3) != 0 ? "the person who holds the key" : "the person " + to_hex(first(s));
    return under(s) + ", " + who + " descends from " + to_hex(ancestor(s)) + " within " + std::to_string(byte_of(s, 1)) +
           " links; who stands between, and how many, stays hidden";
  }
  std::size_t outputs_bytes(std::uint16_t) const override { return 0; }

  Outcome<Witness> witness(const Statement& s, std::uint16_t shape, ByteView input) const override {
    if (input.size() != input_bytes(shape)) return broken("length");
    Cutter cut{input};
    SecretBytes now;
    Digest first_record;
    bool hopping = true;
    for (unsigned i = 0; i < links(shape); ++i) {
      const ByteView person = cut.take(PersonPath::bytes(depth_of(shape))), opening = cut.take(FieldOpening::kBytes);
      const std::byte side = cut.take(1)[0], hop = cut.take(1)[0];
      if (side > std::byte{1} || hop > std::byte{1}) return broken("layout");
      const ByteView id = person.first(kIdBytes);
      if (i == 0) {
        if (byte_of(s, 3) == 0 && !same(id, first(s))) return broken("first person");
        first_record = field_root(opening, byte_of(s, 2));
        now.assign(id.begin(), id.end());
        if (hop != std::byte{1}) return broken("links");
      }
      if (!same(id, now)) return broken("chain");
      if (const char* rule = broken_opening(s, person, opening, byte_of(s, 2), depth_of(shape))) return broken(rule);
      if (hop == std::byte{1} && !hopping) return broken("links");
      hopping = hop == std::byte{1};
      const ByteView parent = field_value(opening).subspan(side == std::byte{1} ? kIdBytes : 0, kIdBytes);
      if (hopping) now.assign(parent.begin(), parent.end());
    }
    if (!same(now, ancestor(s))) return broken("ancestor");
    if (shape & kBound && !bound_to(cut.take(kBindingBytes), first_record)) return broken("holder");
    Witness out;
    append_private(out.bits, input);
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& s, std::uint16_t shape, ByteView) const override {
    std::vector<std::uint8_t> bits;
    append_public(bits, s.hash.view());
    append_public(bits, ByteView{s.parameters}.subspan(2, 1));
    append_public(bits, ancestor(s));
    if (!(shape & kBound)) append_public(bits, first(s));
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const ByteList root = public_bytes(gates, kHashSize), field = public_bytes(gates, 1), wanted = public_bytes(gates, kIdBytes);
    ByteList now = shape & kBound ? ByteList{} : public_bytes(gates, kIdBytes);
    ByteList first_record;
    Bit before = gates.constant(true);
    for (unsigned i = 0; i < links(shape); ++i) {
      const PersonPath person = PersonPath::read(gates, depth_of(shape));
      const FieldOpening opening = FieldOpening::read(gates);
      const BitList side_bits = bits_of_le(private_bytes(gates, 1)), hop_bits = bits_of_le(private_bytes(gates, 1));
      for (std::size_t k = 1; k < 8; ++k) gates.assert_zero(side_bits[k]), gates.assert_zero(hop_bits[k]);
      const Bit hop = hop_bits[0];
      if (i == 0) gates.assert_one(hop);
      else gates.assert_zero(gates.both(hop, gates.negate(before)));
      before = hop;
      if (now.empty()) now = person.id;
      assert_equal(gates, person.id, now);
      const ByteList record = opening.root(gates, field);
      if (i == 0) first_record = record;
      assert_equal(gates, person.root(gates, depth_of(shape), record), root);
      const ByteList parent = select(gates, side_bits[0], slice(opening.value, kIdBytes, kIdBytes), slice(opening.value, 0, kIdBytes));
      now = select(gates, hop, parent, person.id);
    }
    assert_equal(gates, now, wanted);
    if (shape & kBound) assert_bound(gates, first_record);
  }

 private:
  static bool number_of(ByteView id) { return std::ranges::any_of(id, [](std::byte b) { return b != std::byte{0}; }); }
};

// ---- 0x10 --------------------------------------------------------------------------------------------------------------------

class InLogKind final : public Kind {
  static constexpr std::size_t kHead = 2;
  static constexpr std::size_t kBytes[] = {kHead + kHashSize, kHead + kIdBytes + 8 + kHashSize};
  static constexpr unsigned kDepths[] = {8, 20, 32};
  static constexpr std::uint16_t kHidden = 0x100;
  static constexpr std::size_t kChange = ledger::kChangeBytes;
  static constexpr std::size_t kLogIdAt = 2, kTimeAt = 36, kNewRootAt = 76;
  static bool hidden(const Statement& s) { return byte_of(s, 0) == 1; }
  static unsigned depth(std::uint16_t shape) { return shape & 0xff; }
  static std::uint16_t shape_of(const Statement& s) { return static_cast<std::uint16_t>((hidden(s) ? kHidden : 0) | byte_of(s, 1)); }

  struct Path {
    Digest root;
    SecretBytes siblings;
    std::uint64_t left = 0, used = 0;  // bit i: level i's sibling stands on the left; level i has one
    bool fits = false;
  };
  // RFC 9162 §2.1.3.2, remembering on which side each node stood.
  static Path climb(Digest node, std::uint64_t index, std::uint64_t size, ByteView nodes, unsigned levels) {
    Path out;
    std::uint64_t fn = index, sn = size - 1;
    unsigned level = 0;
    for (std::size_t i = 0; i < nodes.size(); i += kHashSize, ++level) {
      if (sn == 0) return out;
      const Digest sibling = digest_at(nodes, i);
      out.used |= std::uint64_t{1} << level;
      if (fn & 1 || fn == sn) {
        out.left |= std::uint64_t{1} << level;
        node = ledger::node(sibling, node);
        while (!(fn & 1) && fn != 0) fn >>= 1, sn >>= 1;
      } else {
        node = ledger::node(node, sibling);
      }
      fn >>= 1, sn >>= 1;
    }
    out.root = node;
    out.fits = sn == 0;
    out.siblings.assign(nodes.begin(), nodes.end());
    out.siblings.resize(levels * kHashSize);
    return out;
  }

 public:
  Outcome<void> check_parameters(const Statement& s) const override {
    if (s.parameters.size() < kHead || byte_of(s, 0) > 1 || s.parameters.size() != kBytes[byte_of(s, 0)])
      return bad_parameters("parameters of another length");
    if (!exists(shape_of(s))) return bad_parameters("no such depth");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement& s, ByteView input) const override {
    const std::size_t fixed = 16 + (hidden(s) ? kChange : 0);
    if (input.size() < fixed || (input.size() - fixed) % kHashSize != 0 || (input.size() - fixed) / kHashSize > byte_of(s, 1))
      return broken_length(std::to_string(fixed) + " bytes and a path of at most " + std::to_string(byte_of(s, 1)) + " hashes");
    return shape_of(s);
  }
  bool exists(std::uint16_t shape) const override {
    return (shape & ~(kHidden | 0xff)) == 0 && std::ranges::find(kDepths, depth(shape)) != std::end(kDepths);
  }
  bool fits(const Statement& s, std::uint16_t shape) const override { return shape == shape_of(s); }
  unsigned compressions(std::uint16_t shape) const override { return (shape & kHidden ? 4 : 1) + 2 * depth(shape); }
  std::string words(std::uint16_t shape) const override {
    return std::string{shape & kHidden ? "a change that stays hidden" : "a digest"} + " is in a log of up to 2^" +
           std::to_string(depth(shape)) + " entries";
  }
  std::string words(const Statement& s) const override {
    const std::string where = " is in the log with the root " + to_hex(s.hash) + "; at which place stays hidden";
    if (!hidden(s)) return "the change " + to_hex(ByteView{s.parameters}.subspan(kHead)) + where;
    return "a change, not later than the time " + std::to_string(number_le(ByteView{s.parameters}.subspan(kHead + kIdBytes, 8))) +
           ", that gave a record the root " + to_hex(ByteView{s.parameters}.subspan(kHead + kIdBytes + 8)) + where;
  }
  std::size_t outputs_bytes(std::uint16_t) const override { return 0; }

  Outcome<Witness> witness(const Statement& s, std::uint16_t shape, ByteView input) const override {
    TRY(expected, shape_for(s, input));
    if (expected != shape) return broken("length");
    const ByteView change = hidden(s) ? input.last(kChange) : ByteView{};
    const ByteView nodes = input.subspan(16, input.size() - 16 - change.size());
    const std::uint64_t index = number_le(input.first(8)), size = number_le(input.subspan(8, 8));
    if (index >= size) return broken("position");
    const ByteView wanted = ByteView{s.parameters}.subspan(kHead);
    if (hidden(s)) {
      if (change[0] != std::byte{2} || change[1] != std::byte{1}) return broken("layout");
      if (!same(change.subspan(kLogIdAt, kIdBytes), wanted.first(kIdBytes))) return broken("log");
      if (number_be(change.subspan(kTimeAt, 8)) > number_le(wanted.subspan(kIdBytes, 8))) return broken("time");
      if (!same(change.subspan(kNewRootAt, kHashSize), wanted.subspan(kIdBytes + 8))) return broken("record root");
    }
    const Digest digest = hidden(s) ? sha256(change) : digest_at(wanted);
    const Path path = climb(ledger::leaf(digest.view()), index, size, nodes, depth(shape));
    if (!path.fits || !same(path.root.view(), s.hash.view())) return broken("root");
    Witness out;
    append_private(out.bits, change);
    append_private(out.bits, path.siblings);
    for (unsigned i = 0; i < depth(shape); ++i) {
      out.bits.push_back(path.left >> i & 1);
      out.bits.push_back(path.used >> i & 1);
    }
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& s, std::uint16_t, ByteView) const override {
    std::vector<std::uint8_t> bits;
    append_public(bits, s.hash.view());
    append_public(bits, ByteView{s.parameters}.subspan(kHead));
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const ByteList root = public_bytes(gates, kHashSize);
    const ByteList wanted = public_bytes(gates, kBytes[shape & kHidden ? 1 : 0] - kHead);
    ByteList digest = wanted;
    if (shape & kHidden) {
      const ByteList change = private_bytes(gates, kChange);
      assert_equal(gates, slice(change, 0, 2), join({constant_byte(gates, 2), constant_byte(gates, 1)}));
      assert_equal(gates, slice(change, kLogIdAt, kIdBytes), slice(wanted, 0, kIdBytes));
      assert_at_most(gates, bits_of_be(slice(change, kTimeAt, 8)), bits_of_le(slice(wanted, kIdBytes, 8)));
      assert_equal(gates, slice(change, kNewRootAt, kHashSize), slice(wanted, kIdBytes + 8, kHashSize));
      digest = sha256_gates(gates, change);
    }
    const ByteList siblings = private_bytes(gates, depth(shape) * kHashSize);
    ByteList node = leaf_gates(gates, digest);
    for (unsigned i = 0; i < depth(shape); ++i) {
      const Bit left = gates.private_bit(), used = gates.private_bit();
      const ByteList sibling = slice(siblings, kHashSize * i, kHashSize);
      const ByteList above = node_gates(gates, select(gates, left, sibling, node), select(gates, left, node, sibling));
      node = select(gates, used, above, node);
      for (Byte& byte : node)
        for (Bit& bit : byte) bit = gates.fresh(bit);
    }
    assert_equal(gates, node, root);
  }
};

template <class K>
const Kind& only() {
  static const K instance;
  return instance;
}

}  // namespace

const Kind& in_log_kind() { return only<InLogKind>(); }
const Kind& older_kind() { return only<OlderKind>(); }
const Kind& descent_kind() { return only<DescentKind>(); }
const Kind& field_equals_kind() { return only<FieldEqualsKind>(); }

}  // namespace tablinum::proof
