#include "lf/proof_bytes.h"

#include <cstring>

namespace tablinum::proof::lf {
namespace {

void put(Bytes& out, std::span<const Elt> elements) { append(out, std::as_bytes(elements)); }

// Fails once and for all at the first read beyond the end.
class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : left_{bytes} {}
  bool into(MutableBytes out) noexcept {
    if (left_.size() < out.size()) return false;
    if (out.empty()) return true;  // memcpy takes no null, not even for nothing
    std::memcpy(out.data(), left_.data(), out.size());
    left_ = left_.subspan(out.size());
    return true;
  }
  bool elements(std::vector<Elt>& out, std::size_t count) {
    if (left_.size() / kEltBytes < count) return false;
    out.resize(count);
    return into(std::as_writable_bytes(std::span{out}));
  }
  bool digests(std::vector<Digest>& out, std::size_t count) {
    if (left_.size() / sizeof(Digest) < count) return false;
    out.resize(count);
    return into(std::as_writable_bytes(std::span{out}));
  }
  bool number(std::uint32_t& out) noexcept { return into(std::as_writable_bytes(std::span{&out, 1})); }
  bool at_end() const noexcept { return left_.empty(); }

 private:
  ByteView left_;
};

bool read_run(Reader& in, std::span<Elt> run, bool small) {
  for (Elt& e : run) {
    if (small) {
      std::uint16_t j = 0;
      if (!in.into(std::as_writable_bytes(std::span{&j, 1}))) return false;
      e = inj(j);
    } else if (!in.into(std::as_writable_bytes(std::span{&e, 1})) || inj_inverse(e)) {
      return false;  // an element that has a short form belongs into a short run
    }
  }
  return true;
}

// Alternating runs of elements, long ones first. A run of length 0 is allowed only in front, so that there is one encoding:
// longer runs cannot be split, since a run of the other kind of length at least 1 has to follow.
bool read_columns(Reader& in, std::span<Elt> columns) {
  bool small = false;
  for (std::size_t at = 0; at < columns.size(); small = !small) {
    std::uint32_t length = 0;
    if (!in.number(length) || length > columns.size() - at || (length == 0 && at + (small ? 1 : 0) > 0)) return false;
    if (!read_run(in, columns.subspan(at, length), small)) return false;
    at += length;
  }
  return true;
}

void write_columns(Bytes& out, std::span<const Elt> columns) {
  bool small = false;
  for (std::size_t at = 0; at < columns.size(); small = !small) {
    std::size_t end = at;
    while (end < columns.size() && inj_inverse(columns[end]).has_value() == small) ++end;
    append_u32_le(out, static_cast<std::uint32_t>(end - at));
    for (; at < end; ++at) {
      if (small) append_u16_le(out, *inj_inverse(columns[at]));
      else put(out, columns.subspan(at, 1));
    }
  }
}

bool read_messages(Reader& in, const Circuit& circuit, Messages& messages) {
  messages.resize(circuit.layers.size());
  for (std::size_t l = 0; l < messages.size(); ++l) {
    auto& rounds = messages[l].rounds;
    rounds.resize(2 * std::size_t{circuit.layers[l].log_wires});
    std::array<Elt, 4> round;  // p̂(0) of both hands, then p̂(inj(2)) of both
    for (std::size_t i = 0; i < rounds.size(); i += 2) {
      if (!in.into(std::as_writable_bytes(std::span{round}))) return false;
      rounds[i] = {round[0], round[2]};
      rounds[i + 1] = {round[1], round[3]};
    }
    if (!in.into(std::as_writable_bytes(std::span{messages[l].claims}))) return false;
  }
  return true;
}

}  // namespace

Bytes write_proof(const Layout& layout, const RawProof& proof) {
  Bytes out;
  append(out, proof.root.view());
  for (const auto& layer : proof.messages) {
    for (std::size_t i = 0; i < layer.rounds.size(); i += 2)
      put(out, std::array{layer.rounds[i][0], layer.rounds[i + 1][0], layer.rounds[i][1], layer.rounds[i + 1][1]});
    put(out, layer.claims);
  }
  const Argument& argument = proof.argument;
  put(out, argument.ldt);
  put(out, argument.dot);
  put(out, argument.quad_low);
  put(out, argument.quad_high);
  append(out, std::as_bytes(std::span{argument.nonces}));
  write_columns(out, std::span{argument.columns}.first(std::size_t{layout.rows} * layout.queries));
  append_u32_le(out, static_cast<std::uint32_t>(argument.opening.size()));
  append(out, std::as_bytes(std::span{argument.opening}));
  return out;
}

std::optional<RawProof> read_proof(const Circuit& circuit, const Layout& layout, ByteView bytes) {
  Reader in{bytes};
  RawProof proof;
  Argument& argument = proof.argument;
  argument.columns.resize(std::size_t{layout.rows} * layout.queries);
  std::uint32_t digests = 0;
  const bool whole = in.into(std::as_writable_bytes(std::span{proof.root.bytes})) && read_messages(in, circuit, proof.messages) &&
                     in.elements(argument.ldt, layout.block) && in.elements(argument.dot, layout.dblock) &&
                     in.elements(argument.quad_low, layout.r) && in.elements(argument.quad_high, layout.dblock - layout.block) &&
                     in.digests(argument.nonces, layout.queries) && read_columns(in, argument.columns) && in.number(digests) &&
                     in.digests(argument.opening, digests) && in.at_end();
  if (!whole) return std::nullopt;
  return proof;
}

}  // namespace tablinum::proof::lf
