#include <algorithm>
#include <atomic>
#include <cstring>

#include "vole/checks.h"
#include "vole/protocol.h"

namespace tablinum::proof::vole {
namespace {

/// Everything in its place; the whole has the right length.
struct Parts {
  std::span<const std::uint8_t> iv, commitment, corrections, witness, consistency, columns, s1, s0, counter, openings;
  static Parts of(const Layout& layout, ByteView proof) noexcept {
    std::span<const std::uint8_t> rest{u8(proof), proof.size()};
    const auto take = [&](std::size_t count) {
      const auto part = rest.first(count);
      rest = rest.subspan(count);
      return part;
    };
    Parts parts;
    parts.iv = take(16);
    parts.commitment = take(kHashBytes);
    parts.corrections = take((layout.params.trees - 1) * layout.correction_bytes());
    parts.witness = take(layout.witness_bytes());
    parts.consistency = take(kConsistencyBytes);
    parts.columns = take(kHashBytes);
    parts.s1 = take(kEltBytes);
    parts.s0 = take(kEltBytes);
    parts.counter = take(4);
    parts.openings = rest;
    return parts;
  }
};

Elt element(std::span<const std::uint8_t> bytes) noexcept { return elt_from(std::as_bytes(bytes).first<kEltBytes>()); }

std::uint32_t number(std::span<const std::uint8_t> bytes) noexcept {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24;
}

/// Adds `bytes`, read as elements, to the column if the bit is 1.
void add_bytes(std::span<Elt> column, std::span<const std::uint8_t> bytes, bool bit) noexcept {
  if (!bit) return;
  auto* to = reinterpret_cast<std::uint8_t*>(column.data());
  for (std::size_t i = 0; i < bytes.size(); ++i) to[i] ^= bytes[i];
}

/// Row i: q_i = v_i ⊕ w_i Δ.
class Verifier {
 public:
  Verifier(const BooleanCircuit& circuit, const Params& params, const Work& work, ByteView proof)
      : circuit_{circuit}, layout_{params, circuit.committed()}, work_{work}, parts_{Parts::of(layout_, proof)}, columns_{layout_} {}

  Outcome<Verdict> check(ByteView session, std::span<const std::uint8_t> publics);

 private:
  bool spare_bits_are_zero() const noexcept;
  void commitments(Transcript& transcript) const;
  void consistency(Transcript& transcript) const;
  Elt delta_from(ByteView session, std::span<const std::uint8_t> publics) const;
  bool grow_trees(std::vector<Digest>& hashes);
  bool consistent(const ConsistencyHash& hash);
  Elt constraints(Accumulator& sums, std::span<const std::uint8_t> publics);
  std::span<const std::uint8_t> correction(unsigned tree) const noexcept {
    return parts_.corrections.subspan((tree - 1) * layout_.correction_bytes(), layout_.correction_bytes());
  }
  bool delta_bit(unsigned column) const noexcept { return ((column < 64 ? delta_.lo >> column : delta_.hi >> (column - 64)) & 1) != 0; }

  const BooleanCircuit& circuit_;
  const Layout layout_;
  const Work& work_;
  const Parts parts_;
  Elt delta_;
  Columns columns_;
};

bool Verifier::spare_bits_are_zero() const noexcept {
  const std::size_t used = circuit_.committed() % 8;
  return used == 0 || parts_.witness.back() >> used == 0;
}

void Verifier::commitments(Transcript& transcript) const {
  transcript.bytes(std::as_bytes(parts_.iv));
  transcript.bytes(std::as_bytes(parts_.commitment));
  for (unsigned j = 1; j < layout_.params.trees; ++j) transcript.bytes(std::as_bytes(correction(j)));
  transcript.bytes(std::as_bytes(parts_.witness));
}

bool Verifier::grow_trees(std::vector<Digest>& hashes) {
  const Params& params = layout_.params;
  const Iv iv{parts_.iv.first<16>()};
  hashes.resize(params.trees);
  std::atomic<bool> stopped = false;
  std::atomic<unsigned> done = 0;
  work_.executor.for_each(params.trees, [&](std::size_t index) {
    if (stopped || work_.stop.stop_requested()) {
      stopped = true;
      return;
    }
    const auto j = static_cast<unsigned>(index);
    const auto opening = parts_.openings.subspan(j * layout_.opening_bytes(), layout_.opening_bytes());
    const std::size_t hidden = hidden_leaf(params, delta_, j);
    Tree tree{params, iv, j};
    tree.grow_around(hidden, opening.first(params.depth * kSeedBytes));
    Digest unopened;
    std::ranges::copy(opening.last(kHashBytes), unopened.bytes.begin());
    hashes[j] = tree.root_hash(hidden, &unopened);
    const auto columns = columns_.columns(j * params.depth, params.depth);
    SecretElts ignored(layout_.blocks());
    if (!tree.add_up(hidden, true, layout_.blocks(), columns, ignored, work_.stop)) stopped = true;
    work_.reached(kTreesShare * ++done / params.trees);
    if (j == 0) return;
    for (unsigned bit = 0; bit < params.depth; ++bit) {
      add_bytes(columns_.column(j * params.depth + bit), correction(j), delta_bit(j * params.depth + bit));
    }
  });
  return !stopped;
}

bool Verifier::consistent(const ConsistencyHash& hash) {
  Sha256 columns;
  for (unsigned c = 0; c < layout_.params.columns(); ++c) {
    auto value = hash.of(columns_.column(c));
    if (delta_bit(c)) {
      for (std::size_t i = 0; i < value.size(); ++i) value[i] ^= parts_.consistency[i];
    }
    columns.update(std::as_bytes(std::span{value}));
  }
  return equal_constant_time(columns.finish().view(), std::as_bytes(parts_.columns));
}

// The left side of the last check.
Elt Verifier::constraints(Accumulator& sums, std::span<const std::uint8_t> publics) {
  using Kind = BooleanCircuit::Kind;
  for (unsigned c = 0; c < layout_.params.columns(); ++c) add_bytes(columns_.column(c), parts_.witness, delta_bit(c));
  const LargeElts rows = columns_.rows(layout_.hashed_blocks());
  LargeElts keys(circuit_.gates.size());
  keys[0] = kZero;
  keys[1] = delta_;
  std::size_t next = 0;
  std::size_t publics_read = 0;
  for (std::size_t i = 2; i < keys.size(); ++i) {
    const BooleanCircuit::Gate gate = circuit_.gates[i];
    switch (gate.what()) {
      case Kind::constant: keys[i] = kZero; break;
      case Kind::public_input: keys[i] = (publics[publics_read++] & 1) != 0 ? delta_ : kZero; break;
      case Kind::private_input: keys[i] = rows[next++]; break;
      case Kind::exclusive_or: keys[i] = keys[gate.a] + keys[gate.b]; break;
      case Kind::both:
        keys[i] = rows[next++];
        sums.add(keys[gate.a], keys[gate.b], keys[i]);
        break;
    }
  }
  for (const std::uint32_t zero : circuit_.zeros) sums.add(kZero, kZero, keys[zero]);
  const auto [s0, s1] = sums.finish();
  return s0 + mul(delta_, s1) + combine(std::span{rows}.subspan(128 * layout_.witness_blocks(), 128));
}

void Verifier::consistency(Transcript& transcript) const {
  transcript.bytes(std::as_bytes(parts_.consistency));
  transcript.bytes(std::as_bytes(parts_.columns));
}

// Drawing challenges does not change what was absorbed, so a pass that draws none gives Δ, which the other checks need.
Elt Verifier::delta_from(ByteView session, std::span<const std::uint8_t> publics) const {
  Transcript transcript{session};
  begin(transcript, layout_.params, circuit_, publics);
  commitments(transcript);
  consistency(transcript);
  transcript.elt(element(parts_.s1));
  transcript.elt(element(parts_.s0));
  return delta_of(transcript.digest(), number(parts_.counter));
}

Outcome<Verdict> Verifier::check(ByteView session, std::span<const std::uint8_t> publics) {
  if (!spare_bits_are_zero()) return Verdict::spare_bits;
  delta_ = delta_from(session, publics);
  // Without grinding there is one counter only, so that a proof has one form.
  if (!fits(layout_.params, delta_) || (layout_.params.grinding == 0 && number(parts_.counter) != 0)) return Verdict::grinding;
  std::vector<Digest> hashes;
  if (!grow_trees(hashes)) return fault(Fault::cancelled, "asked to stop");
  if (!equal_constant_time(sha256(std::as_bytes(std::span{hashes})).view(), std::as_bytes(parts_.commitment))) {
    return Verdict::commitment;
  }
  Transcript transcript{session};
  begin(transcript, layout_.params, circuit_, publics);
  commitments(transcript);
  const ConsistencyHash hash{transcript, layout_};
  if (!consistent(hash)) return Verdict::consistency;
  consistency(transcript);
  Accumulator sums{transcript};
  const Elt left = constraints(sums, publics);
  const Elt right = element(parts_.s0) + mul(delta_, element(parts_.s1));
  return left == right ? Verdict::accepted : Verdict::constraints;
}

}  // namespace

Outcome<Verdict> verify(const BooleanCircuit& circuit, const Params& params, std::span<const std::uint8_t> publics, ByteView session,
                        ByteView proof, const Work& work) {
  if (proof.size() != Layout{params, circuit.committed()}.proof_bytes() || publics.size() != circuit.public_inputs) {
    return Verdict::wrong_length;
  }
  Verifier verifier{circuit, params, work, proof};
  return verifier.check(session, publics);
}

}  // namespace tablinum::proof::vole
