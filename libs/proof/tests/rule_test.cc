// Every rule of every statement, alone: a witness that is false in one rule and right in all others. The check in the clear names the
// rule; without that check the gates refuse the witness by assertions that belong to this rule only, and so do the circuits of both
// back ends.
// An assertion that is missing shows in no honest run.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fixtures.h"
#include "vole/boolean_circuit.h"

namespace tablinum::proof {
namespace {

using namespace fixtures;
using Bits = std::vector<std::uint8_t>;

/// Evaluates a statement's gates and remembers which assertions fail.
class Assertions final : public Gates {
 public:
  Assertions(std::span<const std::uint8_t> publics, std::span<const std::uint8_t> privates) : publics_{publics}, privates_{privates} {}
  Bit constant(bool value) override { return {value}; }
  Bit public_bit() override { return {publics_[next_public_++]}; }
  Bit private_bit() override { return {privates_[next_private_++]}; }
  Bit exclusive_or(Bit a, Bit b) override { return {a.id ^ b.id}; }
  Bit both(Bit a, Bit b) override { return {a.id & b.id}; }
  void assert_zero(Bit a) override {
    if (a.id != 0) failed.insert(count);
    ++count;
  }
  Bit fresh(Bit a) override { return a; }
  StateWords compress(const StateWords& state, const BlockWords& block) override {
    std::array<std::uint32_t, 8> words{};
    std::array<std::uint8_t, 64> bytes{};
    for (std::size_t i = 0; i < 8; ++i)
      for (unsigned k = 0; k < 32; ++k) words[i] |= static_cast<std::uint32_t>(state[i][k].id) << k;
    for (std::size_t i = 0; i < 64; ++i)
      for (unsigned k = 0; k < 8; ++k) bytes[i] |= static_cast<std::uint8_t>(block[i / 4][8 * (3 - i % 4) + k].id << k);
    sha256_compress(words, bytes);
    StateWords out;
    for (std::size_t i = 0; i < 8; ++i)
      for (unsigned k = 0; k < 32; ++k) out[i][k] = {words[i] >> k & 1};
    return out;
  }
  bool all_read() const { return next_public_ == publics_.size() && next_private_ == privates_.size(); }

  std::set<std::size_t> failed;
  std::size_t count = 0;

 private:
  std::span<const std::uint8_t> publics_, privates_;
  std::size_t next_public_ = 0, next_private_ = 0;
};

/// What a prover without checks would feed the circuit.
struct Claim {
  std::string name;
  StatementType type{};
  std::uint16_t shape = 0;
  Bits publics;
  SecretVector<std::uint8_t> bits;
  std::string rule;         ///< what the check in the clear says; empty: it makes no such witness at all
  std::string clear_error;  ///< what it said
};

Bits publics_of(const Statement& statement, std::uint16_t shape, ByteView outputs) {
  return public_bits(statement, shape, outputs).value();
}

Bytes outputs_of(const Statement& s, ByteView input) {
  if (s.type == StatementType::change || s.type == StatementType::message) return of(s.hash);
  if (s.type != StatementType::block) return {};
  const std::size_t headers = input.size() / ledger::kHeaderBytes;
  return joined({s.hash.view(), input.subspan((headers - 1) * ledger::kHeaderBytes + 146, 32)});
}

/// A case whose witness is its input, bit by bit.
Claim plain(std::string rule, const Case& c) {
  const auto s = Statement::parse(c.program).value();
  Claim out;
  out.name = c.name + ": " + rule;
  out.type = s.type;
  out.shape = shape_for(s, c.input).value();
  out.publics = publics_of(s, out.shape, outputs_of(s, c.input));
  append_private(out.bits, c.input);
  const auto witness = make_witness(s, out.shape, c.input);
  if (!witness) out.clear_error = witness.error().detail;
  out.rule = std::move(rule);
  return out;
}

const lf::Compiled& circuit_for(StatementType type, std::uint16_t shape) {
  static std::map<std::pair<StatementType, std::uint16_t>, lf::Compiled> made;
  const auto key = std::pair{type, shape};
  if (!made.contains(key)) made.emplace(key, compiled(type, shape));
  return made.at(key);
}

const vole::BooleanCircuit& boolean_circuit_for(StatementType type, std::uint16_t shape) {
  static std::map<std::pair<StatementType, std::uint16_t>, vole::BooleanCircuit> made;
  const auto key = std::pair{type, shape};
  if (!made.contains(key)) {
    vole::Recorder recorder;
    build(type, shape, recorder);
    made.emplace(key, recorder.finish());
  }
  return made.at(key);
}

struct Verdicts {
  bool lf_gates, lf_circuit, vole;
};
Verdicts judge(const Claim& c) {
  const auto lf = fixtures::judge(c.type, c.shape, circuit_for(c.type, c.shape), c.publics, c.bits);
  SecretVector<std::uint8_t> wires;
  return {lf.gates, lf.circuit, vole::evaluate(boolean_circuit_for(c.type, c.shape), c.publics, c.bits, wires).has_value()};
}

/// All are refused, each by assertions of its own.
void expect_refused_apart(const std::vector<Claim>& claims) {
  std::map<std::size_t, std::string> owner;
  for (const Claim& c : claims) {
    SCOPED_TRACE(c.name);
    if (!c.rule.empty()) EXPECT_TRUE(c.clear_error.contains("\"" + c.rule)) << c.clear_error;
    Assertions gates{c.publics, c.bits};
    build(c.type, c.shape, gates);
    EXPECT_TRUE(gates.all_read());
    EXPECT_FALSE(gates.failed.empty());
    for (const std::size_t assertion : gates.failed) {
      const auto [at, fresh] = owner.emplace(assertion, c.name);
      EXPECT_TRUE(fresh || at->second == c.name) << "assertion " << assertion << " of " << gates.count << " also refuses " << at->second;
    }
    const auto verdict = judge(c);
    EXPECT_FALSE(verdict.lf_gates);
    EXPECT_FALSE(verdict.lf_circuit);
    EXPECT_FALSE(verdict.vole);
  }
}
void expect_accepted(const Claim& c) {
  SCOPED_TRACE(c.name);
  EXPECT_EQ(c.clear_error, "");
  const auto verdict = judge(c);
  EXPECT_TRUE(verdict.lf_gates);
  EXPECT_TRUE(verdict.lf_circuit);
  EXPECT_TRUE(verdict.vole);
}

void flip(Bytes& bytes, std::size_t at, int mask = 1) { bytes[at] ^= static_cast<std::byte>(mask); }
Case with_program(Case c, std::size_t at, int mask = 1) {
  flip(c.program, at, mask);
  return c;
}
Case with_input(Case c, std::size_t at, int mask = 1) {
  flip(c.input, at, mask);
  return c;
}
void set_hash(Case& c, const Digest& hash) { std::ranges::copy(hash.view(), c.program.begin() + 1); }

// ---- 0x02 --------------------------------------------------------------------------------------------------------------------

/// The canonical change has another byte, and the program the hash that goes with it.
Case changed(std::size_t at, int mask = 1) {
  Case c = with_input(ChangeParts{}.finish(), at, mask);
  set_hash(c, sha256(ByteView{c.input}.first(ledger::kChangeBytes)));
  return c;
}
Case with_parts(const std::function<void(ChangeParts&)>& alter) {
  ChangeParts parts;
  alter(parts);
  return parts.finish();
}

TEST(Rules, OfAChangeAreRefusedOneByOne) {
  constexpr std::size_t kLogId = 2, kKind = 34, kField = 35, kOldRoot = 44, kNewRoot = 76, kAuthorTag = 108;
  expect_refused_apart({
      plain("hash", with_program(ChangeParts{}.finish(), 1)),
      plain("layout", changed(0)),
      plain("layout", changed(1)),
      plain("log", changed(kLogId)),
      plain("kind", changed(kKind)),
      plain("field", changed(kField)),
      plain("time", with_parts([](ChangeParts& p) { p.change.time = p.t_lo - 1; })),
      [] {
        auto late = plain("time", with_parts([](ChangeParts& p) { p.change.time = p.t_hi + 1; }));
        late.name += " (late)";
        return late;
      }(),
      plain("key expired", with_parts([](ChangeParts& p) { p.not_after = p.change.time - 1; })),
      plain("mask", with_parts([](ChangeParts& p) { p.mask = static_cast<std::uint16_t>(~(1U << 3)); })),
      plain("old root", changed(kOldRoot)),
      plain("new root", changed(kNewRoot)),
      plain("nothing changed", with_parts([](ChangeParts& p) { p.new_salt = p.old_salt, p.new_value = p.old_value; })),
      plain("authority", with_parts([](ChangeParts& p) { p.authority = sha256({}); })),
      plain("author tag", changed(kAuthorTag)),
  });
}

TEST(Rules, OfAChangeHoldAtTheirLimits) {
  expect_accepted(plain("", with_parts([](ChangeParts& p) { p.change.time = p.t_lo; })));
  expect_accepted(plain("", with_parts([](ChangeParts& p) { p.change.time = p.t_hi; })));
  expect_accepted(plain("", with_parts([](ChangeParts& p) { p.not_after = p.change.time; })));
  expect_accepted(plain("", with_parts([](ChangeParts& p) { p.mask = 0xffff; })));
}

// ---- 0x11 and 0x13 -----------------------------------------------------------------------------------------------------------

constexpr std::size_t kPosition = 16, kSiblings = 20, kOpening = kSiblings + 20 * 32, kOpeningBytes = 16 + 32 + 4 * 32;
constexpr std::size_t kBinding = kOpening + kOpeningBytes;

TEST(Rules, OfOlderThanAreRefusedOneByOne) {
  expect_refused_apart({
      plain("position", with_input(older(), kPosition + 2, 0x10)),
      plain("position", with_input(older(), kPosition + 3, 0x80)),
      plain("root", with_input(older(), kSiblings)),
      plain("born before", older(2'440'000, 2'440'000)),
  });
  expect_accepted(plain("", older(2'439'999, 2'440'000)));
}

TEST(Rules, OfAFieldsHolderAreRefusedOneByOne) {
  auto wrong_key = plain("holder", with_input(older_bound(), kBinding));
  auto other_record = plain("holder", with_input(older_bound(), kBinding + 32));  // the salt: another leaf, another root
  other_record.name += " (of another record)";
  expect_refused_apart({wrong_key, other_record, plain("root", with_input(older_bound(), kSiblings))});
}

TEST(Rules, OfAnUnknownBirthAreRefused) {
  // FFFFFFFF is no day: not before any bound.
  expect_refused_apart({plain("born before", older(0xffff'ffff, 0xffff'ffff))});
}

TEST(Rules, OfAFieldsValueAreRefusedOneByOne) {
  constexpr std::size_t kParameters = 1 + 32 + 3, kField = kParameters + 1, kValue = kParameters + 2;
  expect_refused_apart({
      plain("position", with_input(field_equals(), kPosition + 2, 0x10)),
      plain("root", with_input(field_equals(), kSiblings)),
      plain("value", with_program(field_equals(), kValue)),
  });
  // Another index opens another leaf of the same value: no root holds both.
  expect_refused_apart({plain("root", with_program(field_equals(), kField))});
}

// ---- 0x12 --------------------------------------------------------------------------------------------------------------------

Case lineage(const Family& f, std::initializer_list<Bytes> links, ByteView ancestor) {
  Case c{"descent", f.program_for(static_cast<int>(links.size()), ancestor), {}};
  for (const Bytes& link : links) append(c.input, link);
  return c;
}
Case bound_child() {
  const Family f;
  BoundRecord r;
  r.field = 5;
  r.value = f.parents_of_child();
  Person p;
  p.salt = r.salt, p.value = r.value, p.field = 5, p.field_siblings = r.siblings(5);
  return {"descent_bound", program(0x12, p.root(), joined({byte(20), byte(1), byte(5), byte(1), Bytes(16), f.parent})),
          joined({p.path(), p.opening(), byte(1), byte(1), r.binding()})};
}

TEST(Rules, OfDescentAreRefusedOneByOne) {
  const Family f;
  constexpr std::size_t kLink = kOpening + kOpeningBytes + 2, kSide = kLink - 2, kHop = kLink - 1, kFirst = 1 + 32 + 3 + 4;
  auto never = lineage(f, {f.link(false, 0, 0), f.link(false, 0, 0)}, f.child);
  expect_refused_apart({
      plain("first person", with_program(descent(), kFirst)),
      plain("chain", with_input(descent(), kSide)),  // the other parent, whose record does not follow
      plain("root", with_input(descent(), kLink + kSiblings + 32)),
      plain("position", with_input(descent(), kLink + kPosition + 2, 0x10)),
      plain("layout", with_input(descent(), kSide, 2)),
      plain("layout", with_input(descent(), kLink + kHop, 4)),
      plain("ancestor", lineage(f, {f.link(false, 1, 1), f.link(true, 0, 1)}, f.other)),
      plain("links", never),
  });
  // A link after one that does not lead on.
  expect_refused_apart({plain("links", lineage(f, {f.link(false, 1, 1), f.link(true, 0, 0), f.link(true, 0, 1)}, f.grandparent))});
  expect_accepted(plain("", lineage(f, {f.link(false, 1, 1), f.link(true, 0, 1)}, f.grandparent)));
  expect_accepted(plain("", lineage(f, {f.link(false, 1, 1), f.link(true, 1, 0)}, f.parent)));
}

TEST(Rules, OfDescentOfAHolderAreRefusedOneByOne) {
  expect_accepted(plain("", bound_child()));
  const std::size_t binding = kOpening + kOpeningBytes + 2;
  auto other_record = plain("holder", with_input(bound_child(), binding + 32));
  other_record.name += " (of another record)";
  expect_refused_apart({plain("holder", with_input(bound_child(), binding)), other_record});
}

// ---- 0x03 and 0x14 -----------------------------------------------------------------------------------------------------------

/// Headers as bytes, linked anew after each has been altered.
Case headers_case(int type, std::size_t count, const std::function<void(std::size_t, Bytes&)>& alter, bool link = true) {
  constexpr std::size_t kParent = 18;
  const auto all = headers(count);
  const Digest first_parent = all[0].parent;
  Bytes input;
  Digest last;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto canonical = ledger::encode(all[i]);
    Bytes h(ledger::view(canonical).begin(), ledger::view(canonical).end());
    if (i > 0 && link) std::ranges::copy(last.view(), h.begin() + kParent);
    alter(i, h);
    last = sha256(h);
    number = 0;
    for (int k = 7; k >= 0; --k) number = number << 8 | std::to_integer<std::uint64_t>(h[146 + static_cast<std::size_t>(k)]);
    append(input, h);
  }
  if (type == 0x14) return {"header_chain", program(0x14, last, joined({byte(static_cast<int>(count)), first_parent.view()})), input};
  return {"chain", program(3, last, block_parameters(1'600'000'000, 2'000'000'000, count, 0, count > 1 ? first_parent : Digest{}), le(number, 8)),
          input};
}
std::function<void(std::size_t, Bytes&)> at_header(std::size_t which, std::size_t at, Bytes value) {
  return [=](std::size_t i, Bytes& h) {
    if (i == which) std::ranges::copy(value, h.begin() + static_cast<std::ptrdiff_t>(at));
  };
}

TEST(Rules, OfAChainOfHeadersAreRefusedOneByOne) {
  constexpr std::size_t kLogId = 2, kParent = 18, kNumber = 146, kTime = 154, kCount = 162, kLimit = 170;
  for (const int type : {0x03, 0x14}) {
    auto first_parent = plain("parent", headers_case(type, 2, at_header(0, kParent, counted(32, 1))));
    first_parent.name += " (of the first)";
    auto numbers_past_the_end = headers_case(type, 2, [](std::size_t i, Bytes& h) {
      std::ranges::copy(i == 0 ? le(~std::uint64_t{0}, 8) : le(0, 8), h.begin() + kNumber);
    });
    auto wrapped = plain("number", numbers_past_the_end);
    wrapped.name += " (wrapped)";
    expect_refused_apart({
        plain("layout", headers_case(type, 2, at_header(0, 0, byte(2)))),
        plain("layout", headers_case(type, 2, at_header(1, 1, byte(2)))),
        plain("count", headers_case(type, 2, at_header(0, kCount, le(33, 8)))),
        first_parent,
        plain("parent", headers_case(type, 2, at_header(1, kParent, counted(32, 1)))),
        plain("log", headers_case(type, 2, at_header(1, kLogId, counted(16, 41)))),
        plain("number", headers_case(type, 2, at_header(1, kNumber, le(258, 8)))),
        wrapped,
        plain("time order", headers_case(type, 2, at_header(1, kTime, le(1'699'999'999, 8)))),
        plain("hash", with_program(headers_case(type, 2, [](std::size_t, Bytes&) {}), 1)),
    });
    expect_accepted(plain("", headers_case(type, 2, at_header(1, kTime, le(1'700'000'000, 8)))));
    expect_accepted(plain("", headers_case(type, 2, at_header(0, kCount, joined({le(32, 8), le(32, 8)})))));
    EXPECT_EQ(kLimit, kCount + 8);
  }
}

TEST(Rules, OfABlocksTimeAreRefusedOneByOne) {
  constexpr std::size_t kTime = 154;
  expect_refused_apart({
      plain("time", headers_case(3, 1, at_header(0, kTime, le(1'600'000'000, 8)))),
      [] {
        auto late = plain("time", headers_case(3, 1, at_header(0, kTime, le(2'000'000'000, 8))));
        late.name += " (late)";
        return late;
      }(),
  });
  expect_accepted(plain("", headers_case(3, 1, at_header(0, kTime, le(1'600'000'001, 8)))));
  expect_accepted(plain("", headers_case(3, 1, at_header(0, kTime, le(1'999'999'999, 8)))));
}

// What the proof hands to its readers must be the header's.
TEST(Rules, OfABlocksOutputsAreRefusedOneByOne) {
  const Case c = headers_case(3, 1, [](std::size_t, Bytes&) {});
  const auto s = Statement::parse(c.program).value();
  std::vector<Claim> claims;
  for (const std::size_t at : {40U, 48U, 56U}) {  // time, count, limit; another number contradicts the program
    Claim claim = plain("", c);
    Bytes outputs = outputs_of(s, c.input);
    flip(outputs, at);
    claim.name = "output " + std::to_string(at);
    claim.publics = publics_of(s, claim.shape, outputs);
    claims.push_back(claim);
  }
  expect_refused_apart(claims);
  Bytes other_number = outputs_of(s, c.input);
  flip(other_number, 32);
  EXPECT_TRUE(publics_of(s, plain("", c).shape, other_number).empty());
}

/// A header over `digests` of which the first `present` are said to be there, of up to 4.
Claim changes_claim(std::string name, std::uint64_t count, const Digest& root, const std::vector<Digest>& digests, std::initializer_list<int> present) {
  const Case c = [&] {
    Case made = headers_case(3, 1, [&](std::size_t, Bytes& h) {
      std::ranges::copy(le(count, 8), h.begin() + 162);
      std::ranges::copy(root.view(), h.begin() + 114);
    });
    made.program = program(3, sha256(made.input), block_parameters(1'600'000'000, 2'000'000'000, 1, 4, {}), le(255, 8));
    return made;
  }();
  const auto s = Statement::parse(c.program).value();
  Claim out;
  out.name = std::move(name);
  out.type = s.type;
  out.shape = shape_for(s, c.input).value();
  out.publics = publics_of(s, out.shape, outputs_of(s, c.input));
  append_private(out.bits, c.input);
  for (const Digest& d : digests) append_private(out.bits, d.view());
  for (const int bit : present) out.bits.push_back(static_cast<std::uint8_t>(bit));
  return out;
}

TEST(Rules, OfABlocksChangesAreRefusedOneByOne) {
  std::vector<Digest> digests, leaves;
  for (int i = 0; i < 4; ++i) {
    digests.push_back(sha256(byte(100 + i)));
    leaves.push_back(ledger::leaf(digests.back().view()));
  }
  const auto root = [&](std::size_t n) { return ledger::tree_root(std::span{leaves}.first(n)); };
  for (std::size_t n = 0; n <= 4; ++n) {
    const std::vector<int> there{n > 0, n > 1, n > 2, n > 3};
    expect_accepted(changes_claim("true", n, root(n), digests, {there[0], there[1], there[2], there[3]}));
  }
  expect_refused_apart({
      changes_claim("count", 2, root(3), digests, {1, 1, 1, 0}),
      changes_claim("count far too large", std::uint64_t{3} << 40 | 3, root(3), digests, {1, 1, 1, 0}),
      changes_claim("root of fewer", 3, root(2), digests, {1, 1, 1, 0}),
  });
  // A hole: leaf 1 is missing before leaf 2. Its count is what the row of bits says if holes were allowed (1 + 3 - … = odd sums).
  expect_refused_apart({changes_claim("hole", 1, ledger::node(leaves[0], leaves[2]), digests, {1, 0, 1, 0})});
}

// ---- 0x01 --------------------------------------------------------------------------------------------------------------------

Digest raw_state(ByteView blocks) {
  std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (std::size_t at = 0; at < blocks.size(); at += 64) {
    std::array<std::uint8_t, 64> block{};
    std::ranges::transform(blocks.subspan(at, 64), block.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    sha256_compress(state, block);
  }
  Bytes out;
  for (const auto word : state) append(out, be(word, 4));
  Digest digest;
  std::ranges::copy(out, std::as_writable_bytes(std::span{digest.bytes}).begin());
  return digest;
}

/// Padded bytes of two blocks and the row that says how long the message is; the hash is that of the first `ends_in` blocks.
Claim message_claim(std::string name, const Bytes& padded, const std::function<int(std::size_t)>& before, std::size_t ends_in) {
  const Digest hash = raw_state(ByteView{padded}.first(64 * ends_in));
  const auto s = Statement::parse(program(1, hash)).value();
  Claim out;
  out.name = std::move(name);
  out.type = s.type;
  out.shape = 2;
  out.publics = publics_of(s, 2, hash.view());
  append_private(out.bits, padded);
  for (std::size_t i = 1; i < 2 * 64 - 9; ++i) out.bits.push_back(static_cast<std::uint8_t>(before(i)));
  return out;
}
Bytes padded_message(std::size_t length) {
  Bytes out = counted(length, 3);
  out.push_back(std::byte{0x80});
  out.resize(128);
  const std::size_t end = 64 * ((length + 8) / 64 + 1);
  for (std::size_t i = 0; i < 8; ++i) out[end - 1 - i] = static_cast<std::byte>((8 * length) >> (8 * i));
  return out;
}

TEST(Rules, OfAMessagesPaddingAreRefused) {
  const auto shorter = [](std::size_t n) { return [n](std::size_t i) { return static_cast<int>(i < n); }; };
  for (const std::size_t length : {1U, 55U, 56U, 63U, 64U, 119U})
    expect_accepted(message_claim("true", padded_message(length), shorter(length), (length + 8) / 64 + 1));

  const auto altered = [](std::size_t at, int mask) {
    Bytes padded = padded_message(20);
    flip(padded, at, mask);
    return padded;
  };
  expect_refused_apart({
      message_claim("no end mark", altered(20, 0x80), shorter(20), 1),
      message_claim("more behind the end mark", altered(20, 0x40), shorter(20), 1),
      message_claim("a byte after the end", altered(40, 1), shorter(20), 1),
      message_claim("another length", altered(63, 8), shorter(20), 1),
      message_claim("a length of 2^32 bits more", altered(59, 1), shorter(20), 1),
      message_claim("a length beyond all messages", altered(56, 0x80), shorter(20), 1),
      message_claim("something in the block behind the last", altered(100, 1), shorter(20), 1),
  });
  // The padding of a shorter message taken for text of a longer one: the same block, another message.
  expect_refused_apart({message_claim("padding as text", padded_message(20), shorter(30), 1)});
  // A message that ends in the first block, with the second block's state as its hash, and the other way round.
  expect_refused_apart({message_claim("hash of a later block", padded_message(20), shorter(20), 2)});
  expect_refused_apart({message_claim("hash of an earlier block", padded_message(80), shorter(80), 1)});
  // The row of lengths goes up again.
  expect_refused_apart({message_claim("a hole in the row", padded_message(20), [](std::size_t i) { return i < 20 || i == 25; }, 1)});
}

// ---- 0x10 --------------------------------------------------------------------------------------------------------------------

/// hidden_in_log() with another change under the right root.
Claim hidden_claim(std::string rule, const std::function<void(Bytes&)>& alter, bool same_root = false) {
  const Case original = hidden_in_log();
  Bytes change(original.input.end() - static_cast<std::ptrdiff_t>(ledger::kChangeBytes), original.input.end());
  alter(change);
  const Bytes other(original.input.begin() + 16, original.input.begin() + 48);
  Case c{"hidden_in_log", original.program, joined({le(1, 8), le(2, 8), other, change})};
  Digest sibling;
  std::ranges::copy(other, std::as_writable_bytes(std::span{sibling.bytes}).begin());
  if (!same_root) set_hash(c, ledger::node(sibling, ledger::leaf(sha256(change).view())));
  const auto s = Statement::parse(c.program).value();
  Claim out;
  out.name = c.name + ": " + rule;
  out.type = s.type;
  out.shape = shape_for(s, c.input).value();
  out.publics = publics_of(s, out.shape, {});
  append_private(out.bits, change);
  append_private(out.bits, other);
  append_private(out.bits, Bytes(7 * 32));
  for (int level = 0; level < 8; ++level) out.bits.insert(out.bits.end(), 2, static_cast<std::uint8_t>(level == 0));
  const auto witness = make_witness(s, out.shape, c.input);
  if (!witness) out.clear_error = witness.error().detail;
  out.rule = std::move(rule);
  return out;
}

TEST(Rules, OfAHiddenChangeInTheLogAreRefusedOneByOne) {
  constexpr std::size_t kLogId = 2, kTime = 36, kNewRoot = 76, kSalt = 140;
  const auto at = [](std::size_t where, int mask) { return [=](Bytes& change) { flip(change, where, mask); }; };
  expect_refused_apart({
      hidden_claim("layout", at(0, 1)),
      hidden_claim("layout", at(1, 1)),
      hidden_claim("log", at(kLogId, 1)),
      hidden_claim("time", at(kTime, 1)),
      hidden_claim("record root", at(kNewRoot, 1)),
      hidden_claim("root", at(kSalt, 1), true),
  });
  const auto time = [](std::uint64_t t) { return [t](Bytes& change) { std::ranges::copy(be(t, 8), change.begin() + kTime); }; };
  expect_accepted(hidden_claim("", time(1'800'000'000)));
  expect_refused_apart({hidden_claim("time", time(1'800'000'001))});
}

// An inner node is no leaf: without the domain byte the path of a node's child would prove the node's bytes.
TEST(Rules, OfTheLogTellLeavesFromNodes) {
  const Case c = in_log(5, 8);
  const auto s = Statement::parse(c.program).value();
  const auto shape = shape_for(s, c.input).value();
  auto witness = make_witness(s, shape, c.input).value();
  Case shorter = c;
  // Claim the parent of leaf 5: its own path is one node shorter, the used bits move down by one level.
  const Digest own = ledger::leaf(ByteView{s.parameters}.subspan(2));
  const Digest sibling = digest_at(c.input, 16);
  const Digest parent = ledger::node(sibling, own);
  shorter.program = program(0x10, s.hash, joined({byte(0), byte(8), parent.view()}));
  shorter.input = joined({le(2, 8), le(4, 8), ByteView{c.input}.subspan(48)});
  const auto claim = Statement::parse(shorter.program).value();
  EXPECT_FALSE(make_witness(claim, shape, shorter.input));
  SecretVector<std::uint8_t> bits;
  append_private(bits, ByteView{c.input}.subspan(48));
  append_private(bits, Bytes(6 * 32));
  for (const int left : {0, 1}) bits.insert(bits.end(), {static_cast<std::uint8_t>(left), std::uint8_t{1}});
  for (int level = 2; level < 8; ++level) bits.insert(bits.end(), {std::uint8_t{0}, std::uint8_t{0}});
  const auto verdict = judge(Claim{"a node as a leaf", claim.type, shape, publics_of(claim, shape, {}), bits, {}, {}});
  EXPECT_FALSE(verdict.lf_gates);
  EXPECT_FALSE(verdict.lf_circuit);
  EXPECT_FALSE(verdict.vole);
}

// ---- The JSON forms ----------------------------------------------------------------------------------------------------------

/// The text has other bytes from `at` on; the lengths that are public stay those of the original, and the hash fits the new text.
Claim json_claim(std::string name, const Case& c, std::size_t at, std::string_view other) {
  const auto original = Statement::parse(c.program).value();
  const auto shape = shape_for(original, c.input).value();
  auto witness = make_witness(original, shape, c.input).value();
  Case altered = c;
  std::ranges::copy(bytes_of(other), altered.input.begin() + static_cast<std::ptrdiff_t>(at));
  set_hash(altered, sha256(altered.input));
  const auto s = Statement::parse(altered.program).value();
  std::ranges::copy(s.hash.view(), witness.outputs.begin());
  Claim out;
  out.name = std::move(name);
  out.type = s.type;
  out.shape = shape;
  out.publics = publics_of(s, shape, witness.outputs);
  SecretVector<std::uint8_t> text;
  append_private(text, altered.input);
  out.bits = witness.bits;
  std::ranges::copy(text, out.bits.begin());
  return out;
}

TEST(Rules, OfATransactionsSpellingAreRefusedOneByOne) {
  const Case c = transaction(kTransaction);
  const std::string_view text = kTransaction;
  const std::size_t from = text.find("Abc1"), value = text.find("1844");
  expect_accepted(json_claim("another letter", c, from, "Z"));
  expect_accepted(json_claim("a smaller value", c, value, "18446744073709551614"));
  expect_refused_apart({
      json_claim("a quotation mark in an address", c, from, "\""),
      json_claim("a backslash", c, from + 1, "\\"),
      json_claim("a control character", c, from + 2, "\x1f"),
      json_claim("another name", c, text.find("from"), "F"),
      json_claim("a letter in the value", c, value + 7, "a"),
      json_claim("a slash in the value", c, value + 8, "/"),
      json_claim("a colon in the value", c, value + 9, ":"),
      json_claim("a leading zero", c, value, "0"),
      json_claim("a value of 2^64", c, value, "18446744073709551616"),
  });
  expect_refused_apart({json_claim("a value far over 2^64", c, value, "99999999999999999999")});
  expect_refused_apart({json_claim("a value over 2^64 early", c, value, "18500000000000000000")});
}

TEST(Rules, OfABlocksSpellingAreRefusedOneByOne) {
  const std::string json = json_header();
  const Case c = legacy_block(json);
  expect_accepted(json_claim("capital digits", c, json.find("6553F100") + 4, "f"));
  expect_refused_apart({
      json_claim("another number", c, json.find("0x2a") + 3, "b"),
      json_claim("another time", c, json.find("6553F100"), "7"),
      json_claim("a letter in the list", c, json.find("[1,2") + 1, "x"),
      json_claim("a blank in the list", c, json.find("[1,2") + 2, " "),
      json_claim("a quotation mark in a hash", c, json.find("bbbb"), "\""),
      json_claim("another ending", c, json.size() - 1, "]"),
  });
}

}  // namespace
}  // namespace tablinum::proof
