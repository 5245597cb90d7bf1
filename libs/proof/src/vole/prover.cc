#include <algorithm>
#include <atomic>
#include <cstring>

#include "vole/checks.h"
#include "vole/protocol.h"

namespace tablinum::proof::vole {
namespace {

/// Row i of the commitment: v_i, with q_i = v_i ⊕ u_i Δ.
class Prover {
 public:
  Prover(const BooleanCircuit& circuit, const Params& params, ByteView session, std::span<const std::uint8_t> publics, const Work& work)
      : circuit_{circuit}, layout_{params, circuit.committed()}, work_{work}, columns_{layout_}, transcript_{session} {
    begin(transcript_, params, circuit, publics);
  }

  Outcome<void> draw(lf::Random& random);
  bool grow_trees();
  void commit(std::span<const std::uint8_t> committed);
  void open_consistency();
  void answer(std::span<const std::uint8_t> wires);
  bool open_trees();
  Bytes take() { return std::move(proof_); }

 private:
  template <class Range>
  void write(const Range& bytes) {
    const ByteView view = std::as_bytes(std::span{bytes});
    append(proof_, view);
    transcript_.bytes(view);
  }
  void write(Elt e) {
    std::array<std::byte, kEltBytes> bytes;
    elt_to(e, bytes);
    append(proof_, bytes);
    transcript_.elt(e);
  }
  std::span<Elt> inner(unsigned tree) noexcept { return std::span{inner_}.subspan(tree * layout_.blocks(), layout_.blocks()); }

  const BooleanCircuit& circuit_;
  const Layout layout_;
  const Work& work_;
  std::array<std::uint8_t, 16> iv_{};
  SecretVector<std::uint8_t> roots_;
  std::vector<Tree> trees_;
  Columns columns_;
  LargeElts inner_;  // u_j, one tree after the other
  std::vector<Digest> hashes_;
  Bytes proof_;
  Transcript transcript_;
};

Outcome<void> Prover::draw(lf::Random& random) {
  const Params& params = layout_.params;
  roots_.resize(params.trees * kSeedBytes);
  CHECK_OK(random.fill(std::as_writable_bytes(std::span{iv_})));
  return random.fill(std::as_writable_bytes(std::span{roots_}));
}

bool Prover::grow_trees() {
  const Params& params = layout_.params;
  const Iv iv{iv_};
  for (unsigned j = 0; j < params.trees; ++j) trees_.emplace_back(params, iv, j);
  hashes_.resize(params.trees);
  inner_.resize(params.trees * layout_.blocks());
  std::atomic<bool> stopped = false;
  std::atomic<unsigned> done = 0;
  work_.executor.for_each(params.trees, [&](std::size_t index) {
    if (stopped || work_.stop.stop_requested()) {
      stopped = true;
      return;
    }
    const auto j = static_cast<unsigned>(index);
    trees_[j].grow(std::span<const std::uint8_t, kSeedBytes>{roots_.data() + j * kSeedBytes, kSeedBytes});
    hashes_[j] = trees_[j].root_hash(0, nullptr);
    const auto columns = columns_.columns(j * params.depth, params.depth);
    if (!trees_[j].add_up(0, false, layout_.blocks(), columns, inner(j), work_.stop)) stopped = true;
    work_.reached(kTreesShare * ++done / params.trees);
  });
  return !stopped;
}

// iv, h, the corrections that make all trees hold u = u_0, and the witness under u.
void Prover::commit(std::span<const std::uint8_t> committed) {
  write(iv_);
  write(sha256(std::as_bytes(std::span{hashes_})).bytes);
  const std::span<const Elt> u = inner(0);
  for (unsigned j = 1; j < layout_.params.trees; ++j) {
    SecretElts difference{u.begin(), u.end()};
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] += inner(j)[i];
    write(std::as_bytes(std::span{difference}).first(layout_.correction_bytes()));
  }
  const auto mask = std::as_bytes(u);
  Bytes hidden(layout_.witness_bytes());
  for (std::size_t i = 0; i < committed.size(); ++i) {
    const auto masked = (static_cast<unsigned>(mask[i / 8]) >> (i % 8) & 1) ^ committed[i];
    hidden[i / 8] |= static_cast<std::byte>(masked << (i % 8));
  }
  write(hidden);
}

void Prover::open_consistency() {
  const ConsistencyHash hash{transcript_, layout_};
  const auto u = hash.of(inner(0));
  Sha256 columns;
  for (unsigned c = 0; c < layout_.params.columns(); ++c) {
    const auto value = hash.of(columns_.column(c));
    columns.update(std::as_bytes(std::span{value}));
  }
  write(u);
  write(columns.finish().bytes);
}

/// All ones for 1, zero for 0: a choice without a branch.
Elt masked(std::uint8_t bit, Elt e) noexcept {
  const std::uint64_t mask = ~std::uint64_t{bit} + 1;
  return {e.lo & mask, e.hi & mask};
}

// The check's coefficients of 1 and Δ, and with them the masks that hide them.
void Prover::answer(std::span<const std::uint8_t> wires) {
  using Kind = BooleanCircuit::Kind;
  const LargeElts rows = columns_.rows(layout_.hashed_blocks());
  LargeElts tags(circuit_.gates.size());
  tags[0] = tags[1] = kZero;
  Accumulator sums{transcript_};
  std::size_t next = 0;
  for (std::size_t i = 2; i < tags.size(); ++i) {
    const BooleanCircuit::Gate gate = circuit_.gates[i];
    switch (gate.what()) {
      case Kind::constant:
      case Kind::public_input: tags[i] = kZero; break;
      case Kind::private_input: tags[i] = rows[next++]; break;
      case Kind::exclusive_or: tags[i] = tags[gate.a] + tags[gate.b]; break;
      case Kind::both: {
        const Elt vx = tags[gate.a];
        const Elt vy = tags[gate.b];
        tags[i] = rows[next++];
        sums.add(vx, vy, masked(wires[gate.a], vy) + masked(wires[gate.b], vx) + tags[i]);
        break;
      }
    }
  }
  for (const std::uint32_t zero : circuit_.zeros) sums.add(kZero, kZero, tags[zero]);
  const auto [s0, s1] = sums.finish();
  const std::size_t mask_block = layout_.witness_blocks();
  write(s1 + inner(0)[mask_block]);
  write(s0 + combine(std::span{rows}.subspan(128 * mask_block, 128)));
}

bool Prover::open_trees() {
  const Params& params = layout_.params;
  const Digest said = transcript_.digest();
  std::uint32_t counter = 0;
  while (!fits(params, delta_of(said, counter))) ++counter;
  const Elt delta = delta_of(said, counter);
  append_u32_le(proof_, counter);
  std::vector<std::uint8_t> seeds(params.depth * kSeedBytes);
  for (unsigned j = 0; j < params.trees; ++j) {
    const std::size_t hidden = hidden_leaf(params, delta, j);
    trees_[j].siblings(hidden, seeds);
    append(proof_, std::as_bytes(std::span{seeds}));
    append(proof_, trees_[j].commitment(hidden).view());
  }
  return !work_.stop.stop_requested();
}

}  // namespace

Outcome<Bytes> prove(const BooleanCircuit& circuit, const Params& params, std::span<const std::uint8_t> publics,
                     std::span<const std::uint8_t> privates, ByteView session, lf::Random& random, const Work& work) {
  SecretVector<std::uint8_t> wires;
  TRY(committed, evaluate(circuit, publics, privates, wires));
  Prover prover{circuit, params, session, publics, work};
  CHECK_OK(prover.draw(random));
  if (!prover.grow_trees()) return fault(Fault::cancelled, "asked to stop");
  prover.commit(committed);
  prover.open_consistency();
  prover.answer(wires);
  if (!prover.open_trees()) return fault(Fault::cancelled, "asked to stop");
  return prover.take();
}

}  // namespace tablinum::proof::vole
