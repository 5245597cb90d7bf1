#include "lf/ligero.h"

#include <algorithm>

#include "field/reed_solomon.h"
#include "field/vectors.h"
#include "lf/hash_two.h"
#include "lf/merkle.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kHashBatch = 64;  // columns hashed by one call of an executor
// Of a commitment's time: what is over once the rows are filled, and extended.
constexpr double kDrawn = 0.1, kExtended = 0.5;

// Hashes columns from … to − 1, each behind its nonce, two at a time.
template <class Column>
void hash_columns(std::size_t from, std::size_t to, std::size_t rows, const Digest* nonces, Column&& column, Digest* out) {
  const std::size_t size = 32 + rows * kEltBytes;
  SecretArray<std::byte> messages(2 * size);
  const auto message = [&](std::size_t which, std::size_t j) {
    const auto at = std::span{messages}.subspan(which * size, size);
    std::ranges::copy(nonces[j].view(), at.begin());
    std::ranges::copy(std::as_bytes(std::span{column(j), rows}), at.begin() + 32);
    return ByteView{at};
  };
  for (std::size_t j = from; j < to; j += 2) {
    const std::size_t second = std::min(j + 1, to - 1);
    const auto both = sha256_two(message(0, j), message(1, second));
    out[j] = both[0];
    out[second] = both[1];
  }
}

// The verifier's random coefficients of the three tests.
struct Coins {
  std::vector<Elt> ldt;                      // one a constrained row
  std::vector<Elt> linear;                   // one a linear constraint
  std::vector<std::array<Elt, 3>> routing;   // for x, y and z of a quadratic constraint
  std::vector<Elt> quad;                     // one a triple
};
Coins draw_coins(const Layout& layout, std::size_t constraints, Transcript& transcript) {
  // What the constraints are is bound by circuit and messages already; longfellow writes this constant for them.
  Digest theorem;
  theorem.bytes[0] = 0xde, theorem.bytes[1] = 0xad, theorem.bytes[2] = 0xbe, theorem.bytes[3] = 0xef;
  transcript.bytes(theorem.view());
  Coins coins{std::vector<Elt>(layout.constrained_rows()), std::vector<Elt>(constraints),
              std::vector<std::array<Elt, 3>>(layout.quadratic), std::vector<Elt>(layout.triples)};
  transcript.challenges(coins.ldt);
  transcript.challenges(coins.linear);
  for (auto& triple : coins.routing) transcript.challenges(triple);
  transcript.challenges(coins.quad);
  return coins;
}

std::vector<std::uint32_t> absorb_and_choose(const Layout& layout, const Argument& argument, Transcript& transcript) {
  transcript.array(argument.ldt);
  transcript.array(argument.dot);
  transcript.array(argument.quad_low);
  transcript.array(argument.quad_high);
  return transcript.choose(layout.ext, layout.queries);
}

// The linear test's vector A, laid out like the constrained rows and extended to `to` points: [to][constrained rows], with room
// for one more codeword after each point's, where `beside` gives its first `block` values.
Array<Elt> extended_vector(const Layout& layout, const Constraints& constraints, std::span<const Quadratic> quadratic,
                                 const Coins& coins, std::span<const Elt> beside, std::size_t to, Executor& executor) {
  const std::size_t rows = layout.constrained_rows() + (beside.empty() ? 0 : 1);
  Array<Elt> a(to * rows);
  std::fill_n(a.begin(), layout.block * rows, kZero);  // the extension fills the others
  for (std::size_t i = 0; i < beside.size(); ++i) a[i * rows + rows - 1] = beside[i];
  const auto at = [&](std::size_t row, std::size_t witness) -> Elt& {
    return a[(layout.r + witness % layout.w) * rows + row + witness / layout.w];
  };
  for (const auto& term : constraints.terms) at(0, term.witness) += mul(term.coefficient, coins.linear[term.constraint]);
  const std::size_t x = layout.witness_rows, y = x + layout.triples, z = y + layout.triples;
  for (std::size_t i = 0; i < quadratic.size(); ++i) {
    const auto& [cx, cy, cz] = coins.routing[i];
    at(x, i) += cx, at(0, quadratic[i].x) += cx;
    at(y, i) += cy, at(0, quadratic[i].y) += cy;
    at(z, i) += cz, at(0, quadratic[i].z) += cz;
  }
  extend(a.data(), rows, layout.block, to, executor);
  return a;
}

// Σ quad_i (z_i + x_i y_i) of one column.
Elt quadratic_part(const Layout& layout, const Coins& coins, const Elt* column) noexcept {
  Elt sum;
  for (std::uint32_t i = 0; i < layout.triples; ++i)
    sum += mul(coins.quad[i], column[layout.row_z() + i] + mul(column[layout.row_x() + i], column[layout.row_y() + i]));
  return sum;
}
Elt dot(std::span<const Elt> a, const Elt* b) noexcept {
  Elt sum;
  gf().dot(raw(&sum), raw(a.data()), raw(b), a.size());
  return sum;
}

}  // namespace

std::vector<Quadratic> quadratic_constraints(const Circuit& circuit) {
  std::vector<Quadratic> out;
  std::uint32_t pad = circuit.inputs - circuit.public_inputs;
  for (const auto& layer : circuit.layers) {
    pad += pads_of(layer);
    out.push_back({pad - 3, pad - 2, pad - 1});
  }
  return out;
}

Outcome<Committer> Committer::commit(const Layout& layout, std::span<const Elt> witness, std::uint32_t subfield,
                                     std::span<const Quadratic> quadratic, Random& random, const Work& work) {
  Committer self{layout};
  self.tableau_.resize(std::size_t{layout.block_enc} * layout.rows);
  std::fill_n(self.tableau_.begin(), std::size_t{layout.block} * layout.rows, kZero);  // the extension fills the others
  CHECK_OK(self.draw(witness, subfield, quadratic, random));
  if (stopped(work)) return cancelled();
  work.reached(kEvaluated + kDrawn * (kCommitted - kEvaluated));
  self.extend_rows(work.executor);
  if (stopped(work)) return cancelled();
  work.reached(kEvaluated + kExtended * (kCommitted - kEvaluated));
  CHECK_OK(self.hash_columns(random, work.executor));
  work.reached(kCommitted);
  return self;
}

Outcome<void> Committer::draw(std::span<const Elt> witness, std::uint32_t subfield, std::span<const Quadratic> quadratic,
                              Random& random) {
  SecretVector<Elt> drawn(layout_.dblock);
  SecretVector<std::uint16_t> small(layout_.r);
  const auto random_row = [&](std::size_t row, std::size_t count) -> Outcome<void> {
    CHECK_OK(random.fill(std::as_writable_bytes(std::span{drawn}.first(count))));
    for (std::size_t i = 0; i < count; ++i) at(row, i) = drawn[i];
    return {};
  };
  CHECK_OK(random_row(Layout::kRowLdt, layout_.block));

  CHECK_OK(random_row(Layout::kRowDot, layout_.dblock));
  Elt sum;
  for (std::size_t i = layout_.r; i < layout_.block; ++i) sum += at(Layout::kRowDot, i);
  at(Layout::kRowDot, layout_.r) += sum;

  CHECK_OK(random_row(Layout::kRowQuad, layout_.dblock));
  for (std::size_t i = layout_.r; i < layout_.block; ++i) at(Layout::kRowQuad, i) = kZero;

  for (std::size_t i = 0; i < layout_.witness_rows; ++i) {
    const std::size_t row = Layout::kRowWitness + i;
    // Which rows get small randomness depends on the circuit alone: looking at the values would leak whether they are small.
    if ((i + 1) * layout_.w <= subfield) {
      CHECK_OK(random.fill(std::as_writable_bytes(std::span{small})));
      for (std::size_t k = 0; k < layout_.r; ++k) at(row, k) = inj(small[k]);
    } else {
      CHECK_OK(random_row(row, layout_.r));
    }
    const std::size_t count = std::min<std::size_t>(layout_.w, witness.size() - i * layout_.w);
    for (std::size_t k = 0; k < count; ++k) at(row, layout_.r + k) = witness[i * layout_.w + k];
  }

  for (std::size_t i = 0; i < layout_.triples; ++i) {
    for (const std::size_t row : {layout_.row_x() + i, layout_.row_y() + i, layout_.row_z() + i})
      CHECK_OK(random_row(row, layout_.r));
    const std::size_t first = i * layout_.w;
    for (std::size_t k = 0; k < layout_.w && first + k < quadratic.size(); ++k) {
      at(layout_.row_x() + i, layout_.r + k) = witness[quadratic[first + k].x];
      at(layout_.row_y() + i, layout_.r + k) = witness[quadratic[first + k].y];
      at(layout_.row_z() + i, layout_.r + k) = witness[quadratic[first + k].z];
    }
  }
  return {};
}

// Rows 1 and 2 are given by dblock values, all others by block: the two kinds are extended apart.
void Committer::extend_rows(Executor& executor) {
  constexpr std::size_t kLong = 2;
  SecretArray<Elt> longer(std::size_t{layout_.block_enc} * kLong);
  for (std::size_t i = 0; i < layout_.dblock; ++i) {
    longer[i * kLong] = at(Layout::kRowDot, i);
    longer[i * kLong + 1] = at(Layout::kRowQuad, i);
  }
  extend(longer.data(), kLong, layout_.dblock, layout_.block_enc, executor);
  extend(tableau_.data(), layout_.rows, layout_.block, layout_.block_enc, executor);
  for (std::size_t i = 0; i < layout_.block_enc; ++i) {
    at(Layout::kRowDot, i) = longer[i * kLong];
    at(Layout::kRowQuad, i) = longer[i * kLong + 1];
  }
}

Outcome<void> Committer::hash_columns(Random& random, Executor& executor) {
  nonces_.resize(layout_.ext);
  nodes_.resize(2 * std::size_t{layout_.ext});
  CHECK_OK(random.fill(std::as_writable_bytes(std::span{nonces_})));
  executor.for_each((layout_.ext + kHashBatch - 1) / kHashBatch, [&](std::size_t batch) {
    const std::size_t end = std::min<std::size_t>(layout_.ext, (batch + 1) * kHashBatch);
    lf::hash_columns(batch * kHashBatch, end, layout_.rows, nonces_.data(), [&](std::size_t j) { return column(layout_.dblock + j); },
                     nodes_.data() + layout_.ext);
  });
  build_tree(nodes_, executor);
  return {};
}

Outcome<Argument> Committer::argue(const Constraints& constraints, std::span<const Quadratic> quadratic, Transcript& transcript,
                                   const Work& work) const {
  const Coins coins = draw_coins(layout_, constraints.right.size(), transcript);
  const std::size_t rows = layout_.constrained_rows();
  const auto a = extended_vector(layout_, constraints, quadratic, coins, {}, layout_.dblock, work.executor);
  if (stopped(work)) return cancelled();

  Argument out;
  Array<Elt> quad(layout_.dblock);
  out.ldt.resize(layout_.block);
  out.dot.resize(layout_.dblock);
  split(work.executor, layout_.dblock, kHashBatch, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Elt* c = column(i);
      if (i < layout_.block) out.ldt[i] = c[Layout::kRowLdt] + dot(coins.ldt, c + Layout::kRowWitness);
      out.dot[i] = c[Layout::kRowDot] + dot(std::span{a}.subspan(i * rows, rows), c + Layout::kRowWitness);
      quad[i] = c[Layout::kRowQuad] + quadratic_part(layout_, coins, c);
    }
  });
  out.quad_low.assign(quad.begin(), quad.begin() + layout_.r);
  out.quad_high.assign(quad.begin() + layout_.block, quad.end());
  if (stopped(work)) return cancelled();

  const auto opened = absorb_and_choose(layout_, out, transcript);
  out.columns.resize(std::size_t{layout_.rows} * layout_.queries);
  for (std::size_t k = 0; k < opened.size(); ++k) {
    out.nonces.push_back(nonces_[opened[k]]);
    const Elt* c = column(layout_.dblock + opened[k]);
    for (std::size_t row = 0; row < layout_.rows; ++row) out.columns[row * layout_.queries + k] = c[row];
  }
  out.opening = open_tree(nodes_, opened);
  return out;
}

Outcome<bool> check_argument(const Layout& layout, const Digest& root, const Argument& argument, const Constraints& constraints,
                             std::span<const Quadratic> quadratic, Transcript& transcript, const Work& work) {
  const Coins coins = draw_coins(layout, constraints.right.size(), transcript);
  const auto opened = absorb_and_choose(layout, argument, transcript);

  std::vector<Elt> columns(argument.columns.size());
  for (std::size_t row = 0; row < layout.rows; ++row)
    for (std::size_t k = 0; k < layout.queries; ++k)
      columns[k * layout.rows + row] = argument.columns[row * layout.queries + k];
  const auto column = [&](std::size_t k) { return columns.data() + k * layout.rows; };

  std::vector<Digest> leaves(opened.size());
  hash_columns(0, opened.size(), layout.rows, argument.nonces.data(), column, leaves.data());
  bool good = root_of(layout.ext, opened, leaves, argument.opening) == root;
  if (stopped(work)) return cancelled();

  // Σ of the linear test's witness part = Σ of the constraints' right sides.
  Elt left, right;
  for (std::size_t i = layout.r; i < layout.block; ++i) left += argument.dot[i];
  for (std::size_t i = 0; i < constraints.right.size(); ++i) right += mul(constraints.right[i], coins.linear[i]);
  good &= left == right;

  // The three answers as codewords: [point][dot, quad], and ldt beside the vector of the linear test.
  std::vector<Elt> longer(2 * std::size_t{layout.block_enc});
  for (std::size_t i = 0; i < layout.dblock; ++i) {
    longer[2 * i] = argument.dot[i];
    if (i < layout.r) longer[2 * i + 1] = argument.quad_low[i];
    if (i >= layout.block) longer[2 * i + 1] = argument.quad_high[i - layout.block];
  }
  extend(longer.data(), 2, layout.dblock, layout.block_enc, work.executor);
  if (stopped(work)) return cancelled();

  const auto a = extended_vector(layout, constraints, quadratic, coins, argument.ldt, layout.block_enc, work.executor);
  const std::size_t rows = layout.constrained_rows(), stride = rows + 1;
  for (std::size_t k = 0; k < opened.size(); ++k) {
    const std::size_t point = layout.dblock + opened[k];
    const Elt* c = column(k);
    good &= a[point * stride + rows] == c[Layout::kRowLdt] + dot(coins.ldt, c + Layout::kRowWitness);
    good &= longer[2 * point] == c[Layout::kRowDot] + dot(std::span{a}.subspan(point * stride, rows), c + Layout::kRowWitness);
    good &= longer[2 * point + 1] == c[Layout::kRowQuad] + quadratic_part(layout, coins, c);
  }
  return good;
}

}  // namespace tablinum::proof::lf
