#pragma once
/// True statements of every type, small, from fixed fictional values; tests alter them.
#include <functional>
#include <string>

#include "circuit/compiler.h"
#include "lf/sumcheck.h"
#include "statement/gadgets.h"
#include "statement/record.h"
#include "tablinum/base/ledger.h"
#include "tablinum/proof/lf.h"

namespace tablinum::proof::fixtures {

inline const Work kWork{{}, inline_executor()};

struct Case {
  std::string name;
  Bytes program, input;
};

inline Bytes filled(std::size_t size, int value) { return Bytes(size, static_cast<std::byte>(value)); }
inline Bytes counted(std::size_t size, int first) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(first + static_cast<int>(i) * 7);
  return out;
}
inline Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (const auto part : parts) append(out, part);
  return out;
}
inline Bytes byte(int value) { return {static_cast<std::byte>(value)}; }
inline Bytes le(std::uint64_t value, std::size_t size) {
  Bytes out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
  return out;
}
inline Bytes be(std::uint64_t value, std::size_t size) {
  Bytes out = le(value, size);
  std::ranges::reverse(out);
  return out;
}
inline Bytes of(const Digest& d) { return {d.view().begin(), d.view().end()}; }

inline TreeId tree_id(ByteView bytes) { return TreeId{uuid_from_bytes(bytes).value()}; }

inline Bytes program(int type, const Digest& hash, ByteView parameters = {}, ByteView number = {}) {
  Bytes out = joined({byte(type), hash.view(), number});
  if (!parameters.empty()) append(out, joined({byte(1), le(parameters.size(), 2), parameters}));
  return out;
}

// ---- 0x01 ----
inline Case message(std::size_t length) {
  const Bytes m = counted(length, 3);
  return {"message" + std::to_string(length), program(1, sha256(m)), m};
}

// ---- 0x02 ----
/// The parts of a change, to be altered one by one; finish() makes everything that depends on them fit again.
struct ChangeParts {
  ledger::Change change;
  Bytes key = counted(32, 11), path = counted(8 * 32, 5), siblings = counted(4 * 32, 9);
  Bytes old_salt = counted(16, 1), new_salt = counted(16, 2), old_value = counted(32, 3), new_value = counted(32, 4);
  std::uint16_t mask = 1 << 3;
  std::uint64_t not_after = 1'900'000'000, t_lo = 1'700'000'000, t_hi = 1'800'000'000;
  std::uint8_t position = 0xa5, field = 3;
  Bytes log_id = counted(16, 40);
  /// Changes the canonical change after all roots and the tag are filled in.
  std::function<void(ledger::Change&)> alter = [](ledger::Change&) {};
  Digest authority;

  ChangeParts() {
    change.kind = ledger::ChangeKind::update;
    change.time = 1'750'000'000;
    change.field = 3;
  }
  Digest root_of(ByteView salt, ByteView value) const {
    return cnode_root(Sha256{}.update_byte(0x10).update_byte(field).update(salt).update(value).finish(), field, siblings);
  }
  Case finish() {
    change.log_id = tree_id(log_id);
    change.old_root = root_of(old_salt, old_value);
    change.new_root = root_of(new_salt, new_value);
    change.author_tag = Sha256{}.update_byte(0x22).update(key).update(log_id).finish();
    alter(change);
    const Digest public_key = tagged(0x21, key);
    const Digest leaf = tagged(0x20, joined({public_key.view(), be(mask, 2), be(not_after, 8)}));
    if (authority == Digest{}) authority = cnode_root(leaf, position, path);
    const auto canonical = ledger::encode(change);
    const ByteView bytes = ledger::view(canonical);
    const Bytes parameters = joined({authority.view(), log_id, byte(field), le(t_lo, 8), le(t_hi, 8)});
    return {"change", program(2, sha256(bytes), parameters),
            joined({bytes, key, be(mask, 2), be(not_after, 8), byte(position), path, old_salt, old_value, new_salt, new_value, siblings})};
  }
};
inline Case transaction(std::string_view json) {
  return {"transaction", program(2, sha256(bytes_of(json))), Bytes(bytes_of(json).begin(), bytes_of(json).end())};
}
inline constexpr std::string_view kTransaction = R"({"from":"0xAbc1","to":"0x99","value":"18446744073709551615"})";

// ---- 0x03 and 0x14 ----
inline std::vector<ledger::BlockHeader> headers(std::size_t count) {
  std::vector<ledger::BlockHeader> out;
  Digest parent = sha256(bytes_of("before"));
  for (std::size_t i = 0; i < count; ++i) {
    ledger::BlockHeader h;
    h.log_id = tree_id(counted(16, 40));
    h.parent = parent;
    h.log_root = sha256(byte(static_cast<int>(i)));
    h.number = 255 + i;
    h.time = 1'700'000'000 + 60 * i;
    h.change_count = 0;
    h.changes_root = sha256({});
    parent = ledger::block_hash(ledger::encode(h));
    out.push_back(h);
  }
  return out;
}
inline Bytes bytes_of_headers(const std::vector<ledger::BlockHeader>& all) {
  Bytes out;
  for (const auto& h : all) append(out, ledger::view(ledger::encode(h)));
  return out;
}
inline Digest last_hash(const std::vector<ledger::BlockHeader>& all) { return ledger::block_hash(ledger::encode(all.back())); }
inline Case block() {
  const auto h = headers(1);
  return {"block", program(3, last_hash(h), {}, le(h[0].number, 8)), bytes_of_headers(h)};
}
inline Bytes block_parameters(std::uint64_t after, std::uint64_t before, std::size_t count, std::size_t changes, const Digest& parent) {
  return joined({le(after, 8), le(before, 8), le(count, 1), le(changes, 1), parent.view()});
}
inline Case chain(std::vector<ledger::BlockHeader> h) {
  return {"chain", program(3, last_hash(h), block_parameters(1'600'000'000, 2'000'000'000, h.size(), 0, h[0].parent), le(h.back().number, 8)),
          bytes_of_headers(h)};
}
/// One header with `count` of up to `limit` changes.
inline Case block_with_changes(std::size_t count, std::size_t limit) {
  auto h = headers(1);
  std::vector<Digest> leaves;
  Bytes hashes;
  for (std::size_t i = 0; i < count; ++i) {
    const Digest change = sha256(byte(static_cast<int>(100 + i)));
    append(hashes, change.view());
    leaves.push_back(ledger::leaf(change.view()));
  }
  h[0].change_count = count;
  h[0].changes_root = ledger::tree_root(leaves);
  return {"block_with_changes", program(3, last_hash(h), block_parameters(1'600'000'000, 2'000'000'000, 1, limit, {}), le(h[0].number, 8)),
          joined({bytes_of_headers(h), hashes})};
}
inline Case header_chain(std::vector<ledger::BlockHeader> h) {
  return {"header_chain", program(0x14, last_hash(h), joined({le(h.size(), 1), h[0].parent.view()})), bytes_of_headers(h)};
}
inline std::string json_header(std::string_view number = "0x2a", std::string_view time = "0x6553F100", std::string_view used = "0x5208",
                               std::string_view limit = "0x1c9c380", std::string_view extra = "1,2,255") {
  const std::string hash(64, 'b');
  std::string out = R"({"parent_hash":"0x)" + hash + R"(","state_root":"0x)" + hash + R"(","transactions_root":"0x)" + hash +
                    R"(","receipts_root":"0x)" + hash + R"(","number":")";
  out += number;
  out += R"(","timestamp":")";
  out += time;
  out += R"(","gas_used":")";
  out += used;
  out += R"(","gas_limit":")";
  out += limit;
  out += R"(","extra_data":[)";
  out += extra;
  return out + "]}";
}
inline Case legacy_block(const std::string& json, std::uint64_t number = 42) {
  return {"legacy_block", program(3, sha256(bytes_of(json)), {}, le(number, 8)), Bytes(bytes_of(json).begin(), bytes_of(json).end())};
}

// ---- 0x10 … 0x13 ----
/// A log of `size` changes, and the path of one.
inline Case in_log(std::uint64_t index, std::uint64_t size, std::size_t depth = 8) {
  std::vector<Digest> digests, leaves;
  for (std::uint64_t i = 0; i < size; ++i) {
    digests.push_back(sha256(le(i, 8)));
    leaves.push_back(ledger::leaf(digests.back().view()));
  }
  const auto subtree = [&](unsigned level, std::uint64_t position) -> Result<Digest> {
    return ledger::tree_root(std::span{leaves}.subspan(position << level, std::size_t{1} << level));
  };
  Bytes path;
  for (const Digest& d : ledger::inclusion_proof(index, size, subtree).value()) append(path, d.view());
  return {"in_log", program(0x10, ledger::tree_root(leaves), joined({byte(0), le(depth, 1), digests[index].view()})),
          joined({le(index, 8), le(size, 8), path})};
}
inline Case hidden_in_log() {
  ledger::Change c;
  c.log_id = tree_id(counted(16, 40));
  c.kind = ledger::ChangeKind::update;
  c.time = 1'750'000'000;
  c.new_root = sha256(bytes_of("record"));
  const auto canonical = ledger::encode(c);
  const Digest other = sha256(bytes_of("other"));
  const Digest root = ledger::node(other, ledger::change_leaf(canonical));
  return {"hidden_in_log", program(0x10, root, joined({byte(1), byte(8), counted(16, 40), le(1'800'000'000, 8), c.new_root.view()})),
          joined({le(1, 8), le(2, 8), other.view(), ledger::view(canonical)})};
}

/// A person: record id, position and siblings in the state tree, and a record with one or two fields that are opened.
struct Person {
  Bytes id = counted(16, 60), siblings = counted(20 * 32, 17);
  std::uint32_t position = 0xabcde;
  Bytes salt = counted(16, 21), value = counted(32, 33), field_siblings = counted(4 * 32, 50);
  std::uint8_t field = 3;
  Bytes opening() const { return joined({salt, value, field_siblings}); }
  Bytes path() const { return joined({id, le(position, 4), siblings}); }
  Digest record() const { return field_root(opening(), field); }
  Digest root() const { return person_root(path(), 20, record()); }
};
inline Bytes birth(std::uint32_t latest) { return joined({be(latest, 4), be(latest - 30, 4), counted(24, 70)}); }

/// A record of which a field and the subject key are opened, by their siblings in one tree of 16 leaves.
struct BoundRecord {
  Bytes key = counted(32, 91), salt = counted(16, 21), key_salt = counted(16, 23), value;
  std::uint8_t field = 3;
  std::vector<Digest> leaves() const {
    std::vector<Digest> out;
    for (int i = 0; i < 16; ++i) out.push_back(sha256(byte(i)));
    out[field] = Sha256{}.update_byte(0x10).update_byte(field).update(salt).update(value).finish();
    out[14] = Sha256{}.update_byte(0x10).update_byte(14).update(key_salt).update(tagged(0x21, key).view()).finish();
    return out;
  }
  Bytes siblings(std::size_t index) const {
    Bytes out;
    std::vector<Digest> level = leaves();
    for (; level.size() > 1; index /= 2) {
      append(out, level[index ^ 1].view());
      std::vector<Digest> next;
      for (std::size_t i = 0; i < level.size(); i += 2) next.push_back(ledger::cnode(level[i], level[i + 1]));
      level = std::move(next);
    }
    return out;
  }
  Bytes binding() const { return joined({key, key_salt, tagged(0x21, key).view(), siblings(14)}); }
};

inline Case older(std::uint32_t latest = 2'430'000, std::uint32_t bound = 2'440'000) {
  Person p;
  p.value = birth(latest);
  return {"older", program(0x11, p.root(), joined({byte(20), byte(0), le(bound, 4)})), joined({p.path(), p.opening()})};
}
inline Case older_bound() {
  BoundRecord r;
  r.value = birth(2'430'000);
  Person p;
  p.value = r.value;
  p.field_siblings = r.siblings(3);
  return {"older_bound", program(0x11, p.root(), joined({byte(20), byte(1), le(2'440'000, 4)})), joined({p.path(), p.opening(), r.binding()})};
}
inline Case field_equals() {
  Person p;
  p.field = 7;
  return {"field_equals", program(0x13, p.root(), joined({byte(20), byte(7), p.value})), joined({p.path(), p.opening()})};
}
/// A child and its parent in one tree, where they are each other's sibling, and a grandparent whose record is not needed.
struct Family {
  Bytes child = counted(16, 60), parent = counted(16, 61), other = counted(16, 62), grandparent = counted(16, 63);
  Bytes salt = counted(16, 21), field_siblings = counted(4 * 32, 50), upper = counted(19 * 32, 17);
  std::uint8_t field = 5;
  Digest record(ByteView value) const { return field_root(joined({salt, value, field_siblings}), field); }
  Bytes parents_of_child() const { return joined({other, parent}); }
  Bytes parents_of_parent() const { return joined({grandparent, other}); }
  Digest leaf(ByteView id, const Digest& record) const { return tagged(0x23, joined({id, record.view()})); }
  Bytes path(bool of_parent) const {
    const Digest sibling = of_parent ? leaf(child, record(parents_of_child())) : leaf(parent, record(parents_of_parent()));
    return joined({of_parent ? parent : child, le(of_parent ? 1 : 0, 4), sibling.view(), upper});
  }
  Bytes link(bool of_parent, int side, int hop) const {
    return joined({path(of_parent), salt, of_parent ? parents_of_parent() : parents_of_child(), field_siblings, byte(side), byte(hop)});
  }
  Digest root() const { return person_root(path(false), 20, record(parents_of_child())); }
  Bytes program_for(int links, ByteView ancestor) const {
    return program(0x12, root(), joined({byte(20), byte(links), byte(field), byte(0), child, ancestor}));
  }
};
inline Case descent() {
  const Family f;
  return {"descent", f.program_for(2, f.grandparent), joined({f.link(false, 1, 1), f.link(true, 0, 1)})};
}
inline Case short_descent() {
  const Family f;
  return {"short_descent", f.program_for(2, f.parent), joined({f.link(false, 1, 1), f.link(true, 0, 0)})};
}

inline std::vector<Case> all() {
  return {message(3), message(119), ChangeParts{}.finish(), transaction(kTransaction), block(), chain(headers(3)), block_with_changes(3, 4),
          block_with_changes(0, 2), header_chain(headers(2)), legacy_block(json_header()), in_log(5, 11), in_log(10, 11), hidden_in_log(),
          older(), older_bound(), field_equals(), descent(), short_descent()};
}

// ---- Without the checks in the clear -----------------------------------------------------------------------------------------

/// Whether gates and circuit take these bits. The two always agree, or the test fails.
struct Verdict {
  bool gates = false, circuit = false;
};
inline Verdict judge(StatementType type, std::uint16_t shape, const lf::Compiled& compiled, std::span<const std::uint8_t> publics,
                     std::span<const std::uint8_t> bits) {
  lf::Recorder recorder{publics, bits};
  build(type, shape, recorder);
  return {recorder.satisfied(), lf::evaluate(compiled.circuit, recorder.inputs(compiled.layout), kWork).has_value()};
}
inline lf::Compiled compiled(StatementType type, std::uint16_t shape) {
  lf::Compiler compiler;
  build(type, shape, compiler);
  return compiler.compile(kWork).value();
}

}  // namespace tablinum::proof::fixtures
