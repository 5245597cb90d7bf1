#include "lf/layer_prover.h"

namespace tablinum::proof::lf {
namespace {

using kernels::Corner;
using kernels::kCopiesStep;

constexpr std::size_t kGrain = 4096;  // elements that are worth another thread

// Binds a variable of one hand: value (1 + c) where the bit is 0, value c where it is 1; two entries that fall together add up.
// Whether they do is irregular, so nothing here branches on it.
void bind_form(Form& form, unsigned hand, Elt challenge, Array<Elt>& scaled) {
  auto& corners = form.corners;
  auto& values = form.values;
  const std::size_t n = corners.size();
  constexpr std::uint32_t kNowhere = ~0U;
  corners.push_back({{kNowhere, kNowhere}});  // pairs with nothing
  values.push_back(kZero);
  if (scaled.size() < n) renew(scaled, n);
  Corner* const corner = corners.data();
  Elt* const value = values.data();
  Elt* const scale = scaled.data();
  std::size_t out = 0;
  for (std::size_t i = 0; i < n; ++out) {
    const std::uint32_t own = corner[i].h[hand], other = corner[i].h[1 - hand];
    const std::uint32_t odd = own & 1;
    const std::uint32_t differs = (corner[i + 1].h[1 - hand] ^ other) | (corner[i + 1].h[hand] ^ (own | 1)) | odd;
    const std::uint64_t pair = differs == 0 ? 1 : 0;
    const std::uint64_t second = std::uint64_t{0} - pair, first = std::uint64_t{odd} - 1;
    const Elt here = value[i], next = value[i + 1];
    scale[out] = here + Elt{next.lo & second, next.hi & second};
    value[out] = {here.lo & first, here.hi & first};
    corner[out].h[hand] = own >> 1;
    corner[out].h[1 - hand] = other;
    i += 1 + pair;
  }
  corners.resize(out);
  values.resize(out);
  gf().axpy(raw(values.data()), raw(&challenge), raw(scaled.data()), out);
}

}  // namespace

std::size_t LayerProver::form_size() const noexcept {
  std::size_t n = 0;
  for (const auto& segment : segments_) n += segment.form.size();
  return n;
}

Elt LayerProver::form() const noexcept {
  Elt sum;
  for (const auto& segment : segments_)
    for (const Elt& value : segment.form.values) sum += value;
  return sum;
}

// ---- Beginning -------------------------------------------------------------------------------------------------------------

Array<Elt> LayerProver::output_weights(const Claims& claims, Elt alpha) {
  Array<Elt> weights = std::move(spare_weights_);
  renew(weights, claims.outputs);
  const Equality first{claims.g0, kOne, claims.outputs}, second{claims.g1, alpha, claims.outputs};
  split(executor_, weights.size(), std::max(kGrain, first.step()), [&](std::size_t begin, std::size_t end) {
    first.fill(weights.data() + begin, begin, end - begin);
    second.add(weights.data() + begin, begin, end - begin);
  });
  return weights;
}

void LayerProver::begin(std::size_t layer, const Challenges& challenges, SecretArray<Elt> wires) {
  const Layer& at = circuit_.layers[layer];
  const auto& own = challenges.layers[layer];
  constants_ = Constants{circuit_, own.beta};
  const std::size_t size = wires.size();
  hands_[0].size = hands_[1].size = size;
  renew(hands_[1].values, size + 1);
  split(executor_, size, kGrain,
        [&](std::size_t begin, std::size_t end) { std::copy_n(wires.data() + begin, end - begin, hands_[1].values.data() + begin); });
  hands_[0].values = std::move(wires);
  hands_[0].values.resize(size + 1);
  renew(sums_, size + 1);

  Array<Elt> weights = output_weights(Claims{circuit_, layer, challenges}, own.alpha);
  // Copies are shared out in steps: a layer of one step only is better split by its terms.
  const std::size_t stride_min = executor_.threads() > 1 ? 2 * kCopiesStep : kCopiesStep;
  const bool copied = at.pattern.copies > 0 && std::size_t{1} << at.pattern.log_stride >= stride_min;
  copies_.pattern = copied ? &at.pattern : nullptr;
  if (copied) begin_copies(at.pattern, weights, constants_);
  else share_out(at.quads, weights);
  spare_weights_ = std::move(weights);
}

// The form in as many segments as there are threads for it.
void LayerProver::share_out(std::span<const Quad> terms, const Array<Elt>& weights) {
  const std::size_t parts = std::clamp<std::size_t>(terms.size() / (2 * kGrain), 1, executor_.threads());
  segments_.resize(parts);
  executor_.for_each(parts, [&](std::size_t part) {
    const std::size_t begin = terms.size() * part / parts, end = terms.size() * (part + 1) / parts;
    Form& form = segments_[part].form;
    form.corners.clear(), form.values.clear();
    form.append(terms.subspan(begin, end - begin), weights.data(), constants_);
  });
}

void LayerProver::begin_copies(const Pattern& pattern, const Array<Elt>& weights, const Constants& constants) {
  copies_.stride = std::size_t{1} << pattern.log_stride;
  copies_.count = pattern.copies;
  const std::size_t size = pattern.outputs * copies_.stride;
  renew(copies_.both, size);
  renew(copies_.linear, size);
  split(executor_, pattern.outputs, kGrain / copies_.stride + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t g = begin; g < end; ++g) {
      Elt* const row = copies_.both.data() + g * copies_.stride;
      std::copy_n(weights.data() + g * copies_.stride, copies_.stride, row);
      std::fill(row + copies_.count, row + copies_.stride, kZero);  // copies that do not exist
      std::copy_n(row, copies_.stride, copies_.linear.data() + g * copies_.stride);
    }
  });
  Elt constant;  // what all copies of terms without a wire come to
  for (const Quad& term : pattern.constant) {
    const Elt* const row = copies_.both.data() + term.g * copies_.stride;
    Elt sum;
    for (std::size_t c = 0; c < copies_.count; ++c) sum += row[c];
    constant += mul(constants.values[term.constant], sum);
  }
  segments_.resize(1);
  Form& form = segments_[0].form;
  form.corners.assign(1, Corner{{0, 0}});
  form.values.assign(1, constant);
  form.append(pattern.rest, weights.data(), constants);
}

// ---- Copies ----------------------------------------------------------------------------------------------------------------

void LayerProver::sum_copies(unsigned hand) {
  const Pattern& p = *copies_.pattern;
  const std::size_t count = (copies_.count + kCopiesStep - 1) / kCopiesStep * kCopiesStep;
  std::vector<Elt> shared(count / kCopiesStep);  // sums of wire 0, by each range's first copy
  const auto run = [&](std::size_t begin, std::size_t end) {
    const kernels::Copies copies{copies_.stride, begin, end - begin};
    const auto *both = raw_terms(p.both.data()), *linear = raw_terms(p.linear.data());
    const auto* const constants = raw(constants_.values.data());
    if (hand == 0) {
      constexpr unsigned kFields[] = {0, 2, 1}, kLinear[] = {2, 1};
      const auto* const right = raw(hands_[1].values.data());
      gf().copies(raw(sums_.data()), raw(copies_.both.data()), right, kFields, both, constants, constants_.one, &copies, p.both.size());
      gf().copies_dot(raw(&shared[begin / kCopiesStep]), raw(copies_.linear.data()), right, kLinear, linear, constants, constants_.one,
                      &copies, p.linear.size());
    } else {
      constexpr unsigned kFields[] = {1, 2, 0}, kLinear[] = {1, 2};
      gf().copies(raw(sums_.data()), raw(copies_.both.data()), raw(copies_.spread.data()), kFields, both, constants, constants_.one,
                  &copies, p.both.size());
      gf().copies_linear(raw(sums_.data()), raw(copies_.linear_scaled.data()), kLinear, linear, constants, constants_.one, &copies,
                         p.linear.size());
    }
  };
  Executor& executor = p.both.size() * count < kGrain ? inline_executor() : executor_;
  split(executor, count, kCopiesStep, run);
  for (const Elt& e : shared) sums_[0] += e;
}

// n values from 2n: body(out, begin, end). In place where one thread does it.
template <class Body>
void LayerProver::halve(Array<Elt>& values, std::size_t n, Body&& body) {
  if (executor_.threads() == 1 || n < 2 * kGrain) return body(values.data(), std::size_t{0}, n);
  renew(spare_weights_, n);
  split(executor_, n, kGrain, [&](std::size_t begin, std::size_t end) { body(spare_weights_.data(), begin, end); });
  std::swap(values, spare_weights_);
}

void LayerProver::bind_copies(unsigned hand, Elt challenge) {
  const Pattern& p = *copies_.pattern;
  if (hand == 0) {
    copies_.left_challenge = challenge;
    const std::array<Elt, 2> factors{kOne + challenge, challenge};
    const std::size_t half = p.positions * copies_.stride / 2;
    renew(copies_.spread, 2 * half);
    split(executor_, half, kGrain, [&](std::size_t begin, std::size_t end) {
      gf().spread(raw(copies_.spread.data() + 2 * begin), raw(factors.data()), raw(hands_[0].values.data() + begin), end - begin);
    });
    const Elt scale = mul(factors[0], hands_[0].values[0]);
    renew(copies_.linear_scaled, p.outputs * copies_.stride);
    split(executor_, copies_.linear_scaled.size(), kGrain, [&](std::size_t begin, std::size_t end) {
      gf().scale(raw(copies_.linear_scaled.data() + begin), raw(&scale), raw(copies_.linear.data() + begin), end - begin);
    });
    return;
  }
  const Elt left = copies_.left_challenge, zeros = mul(kOne + left, kOne + challenge);
  const std::array<Elt, 2> both{zeros, mul(left, challenge)}, linear{zeros, mul(kOne + left, challenge)};
  const std::size_t n = p.outputs * copies_.stride / 2;
  halve(copies_.both, n, [&](Elt* out, std::size_t begin, std::size_t end) {
    gf().fold(raw(out + begin), raw(both.data()), raw(copies_.both.data() + 2 * begin), end - begin);
  });
  halve(copies_.linear, n, [&](Elt* out, std::size_t begin, std::size_t end) {
    gf().fold(raw(out + begin), raw(linear.data()), raw(copies_.linear.data() + 2 * begin), end - begin);
  });
  copies_.stride /= 2;
  copies_.count = (copies_.count + 1) / 2;
  // The last step runs on one thread, but writing it out for two would cost more.
  if (copies_.stride < kCopiesStep) end_copies();
}

// Appends the copies of terms to a form, in canonical order.
void LayerProver::write_out(std::span<const Quad> terms, const Array<Elt>& weights, Form& form) const {
  const auto stride = static_cast<std::uint32_t>(copies_.stride);
  Array<Quad> all(terms.size() * copies_.count);
  std::size_t out = 0;
  for (std::size_t i = 0, end = 0; i < terms.size(); i = end) {
    while (end < terms.size() && terms[end].h0 == terms[i].h0 && terms[end].h1 == terms[i].h1) ++end;
    for (std::uint32_t c = 0; c < copies_.count; ++c)
      for (std::size_t q = i; q < end; ++q) {
        const Quad& term = terms[q];
        all[out++] = {term.h0 == 0 ? 0 : term.h0 * stride + c, term.h1 * stride + c, term.g * stride + c, term.constant};
      }
  }
  form.append(all, weights.data(), constants_);
}

// The form as it stands, in segments: what is no copy stays the first.
void LayerProver::end_copies() {
  const Pattern& p = *copies_.pattern;
  const std::size_t parts = executor_.threads();
  segments_.resize(1 + parts);
  executor_.for_each(parts, [&](std::size_t part) {
    const auto range = [&](const std::vector<Quad>& terms) {
      const std::size_t begin = terms.size() * part / parts;
      return std::span{terms}.subspan(begin, terms.size() * (part + 1) / parts - begin);
    };
    Form& form = segments_[1 + part].form;
    form.corners.clear(), form.values.clear();
    write_out(range(p.both), copies_.both, form);
    write_out(range(p.linear), copies_.linear, form);
  });
  copies_.pattern = nullptr;
  if (parts == 1) gather_segments();
}

// ---- Rounds ----------------------------------------------------------------------------------------------------------------

// One segment again: small ones are not worth their own sums.
void LayerProver::gather_segments() {
  Form& all = segments_[0].form;
  for (std::size_t s = 1; s < segments_.size(); ++s) {
    const Form& form = segments_[s].form;
    const std::size_t at = all.size();
    all.corners.resize(at + form.size());
    all.values.resize(at + form.size());
    std::ranges::copy(form.corners, all.corners.begin() + static_cast<std::ptrdiff_t>(at));
    std::ranges::copy(form.values, all.values.begin() + static_cast<std::ptrdiff_t>(at));
  }
  segments_.resize(1);
}

void LayerProver::sum_segments(unsigned hand) {
  const auto& other = hands_[1 - hand].values;
  const std::size_t size = (hands_[hand].size + 1) / 2 * 2;
  executor_.for_each(segments_.size(), [&](std::size_t s) {
    const Form& form = segments_[s].form;
    if (s > 0) segments_[s].sums.assign(size, kZero);
    Elt* const sums = s == 0 ? sums_.data() : segments_[s].sums.data();
    gf().scatter(raw(sums), form.corners.data(), raw(form.values.data()), raw(other.data()), hand, form.size());
  });
}

Polynomial LayerProver::round(unsigned hand, Elt claim) {
  Hand& own = hands_[hand];
  own.even();
  const std::size_t size = (own.size + 1) / 2 * 2;
  split(executor_, size, 4 * kGrain,
        [&](std::size_t begin, std::size_t end) { std::fill(sums_.data() + begin, sums_.data() + end, kZero); });
  if (copies_.pattern != nullptr) sum_copies(hand);
  else if (segments_.size() > 1 && form_size() < 2 * kGrain) gather_segments();
  sum_segments(hand);

  std::vector<std::array<Elt, 2>> parts((size + 2 * kGrain - 1) / (2 * kGrain));
  split(executor_, size, 2 * kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t s = 1; s < segments_.size(); ++s)
      for (std::size_t i = begin; i < end; ++i) sums_[i] += segments_[s].sums[i];
    gf().round(raw(parts[begin / (2 * kGrain)].data()), raw(sums_.data() + begin), raw(own.values.data() + begin), (end - begin) / 2);
  });
  std::array<Elt, 2> sums;
  for (const auto& part : parts) sums = {sums[0] + part[0], sums[1] + part[1]};
  return {sums[0], claim + sums[1], sums[1]};
}

void LayerProver::bind_hand(Hand& hand, Elt challenge) {
  hand.even();
  hand.size = (hand.size + 1) / 2;
  if (executor_.threads() == 1 || hand.size < 2 * kGrain) {
    gf().bind(raw(hand.values.data()), raw(&challenge), raw(hand.values.data()), hand.size);
    return;
  }
  renew(spare_, hand.size + 1);
  split(executor_, hand.size, kGrain, [&](std::size_t begin, std::size_t end) {
    gf().bind(raw(spare_.data() + begin), raw(&challenge), raw(hand.values.data() + 2 * begin), end - begin);
  });
  std::swap(hand.values, spare_);
}

void LayerProver::bind(unsigned hand, Elt challenge) {
  bind_hand(hands_[hand], challenge);
  executor_.for_each(segments_.size(),
                     [&](std::size_t s) { bind_form(segments_[s].form, hand, challenge, segments_[s].scaled); });
  if (copies_.pattern != nullptr) bind_copies(hand, challenge);
}

}  // namespace tablinum::proof::lf
