#include "proxy/balancer.h"

#include <algorithm>
#include <cmath>

namespace tablinum::net::proxy {
namespace {

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

double share(const Load& load, unsigned weight) noexcept { return (load.active + 1.0) / weight; }

}  // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mix(hash);
}

void LatencyMean::add(Instant now, Duration sample) noexcept {
  const double ms = static_cast<double>(sample.ns) / 1e6;
  if (mean_ < 0) {
    mean_ = ms;
  } else {
    const double past = std::exp2(-(now - last_).seconds() / kLatencyHalfLife.seconds());
    // Several answers of one moment: each must count for something, or the mean would stand still.
    mean_ += (ms - mean_) * std::max(1 - past, 0.01);
  }
  last_ = now;
}

Balancer::Balancer(Algorithm algorithm, std::vector<Member> members)
    : algorithm_{algorithm}, members_{std::move(members)}, current_(members_.size()) {
  if (algorithm != Algorithm::consistent_hash) return;
  for (std::uint32_t i = 0; i < members_.size(); ++i)
    for (unsigned point = 0; point < kRingPointsPerWeight * members_[i].weight; ++point)
      ring_.push_back({hash_text(members_[i].name, mix(point + 1)), i});
  std::ranges::sort(ring_, [](const Point& a, const Point& b) { return std::pair{a.hash, a.member} < std::pair{b.hash, b.member}; });
}

std::optional<std::size_t> Balancer::pick(std::span<const Load> loads, std::uint64_t key, std::uint64_t random) {
  if (loads.size() != members_.size() || std::ranges::none_of(loads, &Load::available)) return std::nullopt;
  switch (algorithm_) {
    case Algorithm::round_robin: return round_robin(loads);
    case Algorithm::weighted_round_robin: return weighted(loads);
    case Algorithm::least_connections: return least_connections(loads);
    case Algorithm::least_response_time: return least_response_time(loads);
    case Algorithm::ip_hash: return by_rendezvous(loads, key);
    case Algorithm::consistent_hash: return by_ring(loads, key);
    case Algorithm::random: return two_choices(loads, random);
  }
  return std::nullopt;
}

std::size_t Balancer::round_robin(std::span<const Load> loads) {
  while (!loads[next_ % loads.size()].available) ++next_;
  return next_++ % loads.size();
}

std::size_t Balancer::weighted(std::span<const Load> loads) {
  std::int64_t total = 0;
  std::size_t best = loads.size();
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!loads[i].available) continue;
    current_[i] += members_[i].weight;
    total += members_[i].weight;
    if (best == loads.size() || current_[i] > current_[best]) best = i;
  }
  current_[best] -= total;
  return best;
}

std::size_t Balancer::least_connections(std::span<const Load> loads) {
  std::size_t best = loads.size();
  // Begins behind the last choice, or the first of equals would take everything that comes one at a time.
  for (std::size_t step = 0; step < loads.size(); ++step) {
    const std::size_t i = (next_ + step) % loads.size();
    if (!loads[i].available) continue;
    if (best == loads.size() || share(loads[i], members_[i].weight) < share(loads[best], members_[best].weight)) best = i;
  }
  next_ = best + 1;
  return best;
}

std::size_t Balancer::least_response_time(std::span<const Load> loads) const {
  std::vector<double> known;
  for (const Load& load : loads)
    if (load.available && load.latency_ms) known.push_back(*load.latency_ms);
  double median = 1;
  if (!known.empty()) {
    std::ranges::nth_element(known, known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2));
    median = known[known.size() / 2];
  }
  std::size_t best = loads.size();
  double least = 0;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!loads[i].available) continue;
    const double cost = loads[i].latency_ms.value_or(median) * share(loads[i], members_[i].weight);
    if (best == loads.size() || cost < least) best = i, least = cost;
  }
  return best;
}

std::size_t Balancer::by_rendezvous(std::span<const Load> loads, std::uint64_t key) const {
  std::size_t best = loads.size();
  double most = 0;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!loads[i].available) continue;
    const double uniform = (static_cast<double>(hash_text(members_[i].name, key) >> 11) + 0.5) * 0x1p-53;
    const double score = -static_cast<double>(members_[i].weight) / std::log(uniform);
    if (best == loads.size() || score > most) best = i, most = score;
  }
  return best;
}

std::size_t Balancer::by_ring(std::span<const Load> loads, std::uint64_t key) const {
  double requests = 1, weights = 0;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!loads[i].available) continue;
    requests += loads[i].active;
    weights += members_[i].weight;
  }
  auto point = std::ranges::lower_bound(ring_, key, {}, &Point::hash);
  // The bounds of the available add up to more than all requests, so one of them has room.
  for (std::size_t step = 0; step < ring_.size(); ++step, ++point) {
    if (point == ring_.end()) point = ring_.begin();
    const Load& load = loads[point->member];
    const double bound = std::ceil(kLoadBound * requests * members_[point->member].weight / weights);
    if (load.available && load.active < bound) return point->member;
  }
  return static_cast<std::size_t>(std::ranges::find_if(loads, &Load::available) - loads.begin());
}

std::size_t Balancer::two_choices(std::span<const Load> loads, std::uint64_t random) const {
  const auto count = static_cast<std::uint64_t>(std::ranges::count_if(loads, &Load::available));
  const auto nth = [&](std::uint64_t n) {
    std::size_t i = 0;
    while (!loads[i].available || n-- > 0) ++i;
    return i;
  };
  const std::uint64_t first = (random & 0xFFFFFFFF) % count;
  if (count == 1) return nth(0);
  const std::uint64_t second = (first + 1 + (random >> 32) % (count - 1)) % count;
  const std::size_t a = nth(first), b = nth(second);
  return share(loads[b], members_[b].weight) < share(loads[a], members_[a].weight) ? b : a;
}

}  // namespace tablinum::net::proxy
