#include "sim/world.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace tablinum::io {
namespace {

constexpr Duration kStart = Duration::seconds(1'000);  // virtual clocks do not begin at 0, as real ones do not
constexpr std::uint64_t kExpectedSteps = 10'000;       // among so many pct places its change points

SimLink loopback() {
  SimLink link;
  link.delay = Duration::microseconds(5);
  link.jitter = Duration{0};
  link.datagram_bytes_max = kDatagramBytesMax;
  return link;
}

const Context* task_of(const Context* node) noexcept {
  while (node != nullptr && node->root == nullptr && node->parent != nullptr) node = node->parent;
  return node;
}

}  // namespace

SimWorld::State::State(std::uint64_t chosen_seed, const SimOptions& chosen)
    : seed{chosen_seed},
      options{chosen},
      start{kStart.ns},
      now{start},
      hash{sim::mix(chosen_seed)},
      schedule_random{seed, 0, sim::Purpose::schedule},
      step_random{seed, 0, sim::Purpose::steps},
      workload_random{seed, 0, sim::Purpose::workload},
      stream_random{seed, 0, sim::Purpose::streams} {
  if (options.schedule != Schedule::pct) return;
  for (unsigned i = 0; i < options.change_points; ++i) change_steps.push_back(schedule_random.below(kExpectedSteps));
  std::ranges::sort(change_steps);
}

SimWorld::State::~State() {
  for (const auto& host : hosts) {
    if (host->up) host->io.unwind();
  }
}

// --- what happens ---

SimWorld::State::EventKey SimWorld::State::after(Duration delay, Event event) {
  const EventKey key{(now + delay).ns, next_event++};
  events.emplace(key, std::move(event));
  return key;
}

void SimWorld::State::plan(Duration delay, Event action) {
  ++planned;
  after(delay, [this, action = std::move(action)] {
    --planned;
    action();
  });
}

void SimWorld::State::enqueue(SimIo& io, Ready& item, const Context* context) {
  std::uint64_t priority = 0;
  if (options.schedule == Schedule::pct && context != nullptr) {
    const auto [found, fresh] = priorities.try_emplace(task_of(context), 0);
    if (fresh) found->second = 1'000 + schedule_random.below(1'000'000);
    priority = found->second;
  }
  ready.push_back({&io, &item, task_of(context), priority});
}

#if TABLINUM_IO_THREADS
void SimWorld::State::post(SimIo& io, Ready& message) {
  if (!options.threads_outside) return enqueue(io, message, nullptr);
  const std::lock_guard lock{posts_mutex};
  posts.emplace_back(&io, &message);
  posts_arrived.notify_one();
}

void SimWorld::State::collect_posts() {
  if (!options.threads_outside) return;
  const std::lock_guard lock{posts_mutex};
  for (const auto& [io, message] : posts) enqueue(*io, *message, nullptr);
  posts.clear();
}

bool SimWorld::State::wait_for_threads(Duration most) {
  const auto waits = [](const auto& host) { return host->io.has_outside_waits(); };
  if (!options.threads_outside || !std::ranges::any_of(hosts, waits)) return false;
  std::unique_lock lock{posts_mutex};
  return posts_arrived.wait_for(lock, std::chrono::nanoseconds{std::min(most, kOutsideWait).ns}, [&] { return !posts.empty(); });
}
#else
void SimWorld::State::post(SimIo& io, Ready& message) { enqueue(io, message, nullptr); }
void SimWorld::State::collect_posts() {}
bool SimWorld::State::wait_for_threads(Duration) { return false; }
#endif

bool SimWorld::State::allowed_fault(std::uint64_t SimCounters::* counter) {
  const std::uint64_t number = next_fault++;
  if (options.faults_on && !std::ranges::binary_search(*options.faults_on, number)) return false;
  ++(counters.*counter);
  note("fault", 0, number);
  return true;
}

bool SimWorld::State::fault(sim::Stream& random, double probability, std::uint64_t SimCounters::* counter) {
  return random.chance(probability) && allowed_fault(counter);
}

void SimWorld::State::note(const char* what, unsigned host, std::uint64_t a, std::uint64_t b) {
  for (const std::uint64_t value : {static_cast<std::uint64_t>(now.ns), static_cast<std::uint64_t>(what[0]), std::uint64_t{host}, a, b}) {
    hash = sim::mix(hash ^ value) + 0x9e3779b97f4a7c15U;
  }
  if (!options.trace) return;
  std::fprintf(stderr, "%12.6f host %u %s %llu %llu\n", (now - start).seconds(), host, what, static_cast<unsigned long long>(a),
               static_cast<unsigned long long>(b));
}

// --- steps ---

Size SimWorld::State::choose() {
  if (options.schedule == Schedule::fifo) return 0;
  if (options.schedule == Schedule::random) return schedule_random.below(ready.size());
  const auto highest = std::ranges::max_element(ready, {}, &Entry::priority);  // messages last: their priority is 0
  if (!change_steps.empty() && steps >= change_steps.front()) {
    change_steps.erase(change_steps.begin());
    highest->priority = --lowest_priority;
    if (highest->task != nullptr) priorities[highest->task] = highest->priority;
  }
  return static_cast<Size>(std::ranges::max_element(ready, {}, &Entry::priority) - ready.begin());
}

void SimWorld::State::run_ready() {
  const Size at = choose();
  const Entry entry = ready[at];
  if (at == 0) {
    ready.pop_front();
  } else {
    ready[at] = ready.back();
    ready.pop_back();
  }
  entry.ready->run(*entry.ready);
  now = now + Duration{static_cast<std::int64_t>(step_random.below(static_cast<std::uint64_t>(options.step_max.ns) + 1))};
}

bool SimWorld::State::run_one_of(SimIo& io) {
  collect_posts();
  const auto found = std::ranges::find_if(ready, [&](const Entry& entry) { return entry.io == &io; });
  if (found == ready.end()) return false;
  const Entry entry = *found;
  ready.erase(found);
  entry.ready->run(*entry.ready);
  return true;
}

bool SimWorld::State::fire_due() {
  if (!events.empty() && events.begin()->first.first <= now.ns) {
    auto event = events.extract(events.begin());
    event.mapped()();
    return true;
  }
  bool fired = false;
  for (const auto& host : hosts) fired = (host->up && host->io.fire_timers()) || fired;
  return fired;
}

Instant SimWorld::State::next_instant() {
  Instant next = events.empty() ? Instant::never() : Instant{events.begin()->first.first};
  for (const auto& host : hosts) {
    if (host->up) next = std::min(next, host->io.next_timer());
  }
  return next;
}

bool SimWorld::State::step() {
  ++steps;
  collect_posts();
  if (fire_due()) return true;
  if (!ready.empty()) {
    run_ready();
    for (const auto& host : hosts) host->reap();
    return true;
  }
  const Instant next = next_instant();
  if (next == Instant::never()) return false;
  // A foreign thread lives in real time, so a task that waits for one does not see the clock jump.
  if (options.threads_outside && wait_for_threads(next - now)) return true;
  now = std::max(now, next);
  return true;
}

std::string SimWorld::State::describe_tasks() {
  std::string out;
  for (const auto& host : hosts) {
    out += host->name + ":\n";
    host->io.describe_tasks(out);
  }
  return out;
}

// What is left is given up, so that nothing of the run outlives it.
void SimWorld::State::fail(Code code, std::string detail) {
  if (!failure) failure = Error{code, std::move(detail) + "\n" + describe_tasks()};
  for (const auto& host : hosts) {
    if (!host->up) continue;
    host->io.unwind();
    host->reap();
    host->io.set_down(false);
  }
}

// --- hosts and links ---

SimHost::State& SimWorld::State::host(std::string_view name) {
  const auto found = std::ranges::find_if(hosts, [&](const auto& each) { return each->name == name; });
  if (found != hosts.end()) return **found;
  assert(hosts.size() < kSimHostsMax);
  return *hosts.emplace_back(std::make_unique<SimHost::State>(*this, static_cast<unsigned>(hosts.size()), name));
}

SimHost::State* SimWorld::State::host_at(const Endpoint& address, unsigned from) {
  if (address.is_loopback() || address.host() == "0.0.0.0" || address.host() == "::") return hosts[from].get();
  const auto found = std::ranges::find_if(hosts, [&](const auto& each) { return each->ip_of(0).host() == address.host(); });
  return found == hosts.end() ? nullptr : found->get();
}

SimLinkState& SimWorld::State::link(unsigned from, unsigned to) {
  const auto found = links.find({from, to});
  if (found != links.end()) return found->second;
  const SimLink initial = from == to ? loopback() : options.link;
  return links.try_emplace({from, to}, initial, seed, std::uint64_t{from} * kSimHostsMax + to).first->second;
}

SimHost::State::State(SimWorld::State& owner, unsigned number, std::string_view name_of_host)
    : world{owner},
      index{number},
      name{name_of_host},
      disk_state{owner, number},
      disk{disk_state},
      io{owner, *this, number},
      handle{*this} {}

SimHost::State::~State() {
  for (auto* child : running) child->release();
}

Endpoint SimHost::State::ip_of(std::uint16_t port) const { return Endpoint::from_ip("10.0.0." + std::to_string(index + 1), port).value(); }

void SimHost::State::launch(const Main& main) {
  auto* child = new detail::Child<Result<void>>{io, nullptr, nullptr, SpawnOptions{"main"}, main(io)};
  child->add_reference();
  if (!io.start(child->context(), *child, Concurrency::must)) {
    child->release();
    child->release();
    outcomes.push_back(fail(Code::limit, "too many tasks"));
    return;
  }
  running.push_back(child);
}

void SimHost::State::reap() {
  std::erase_if(running, [&](detail::Child<Result<void>>* child) {
    if (!child->ended()) return false;
    outcomes.push_back(child->take());
    child->release();
    return true;
  });
}

void SimHost::State::crash(CrashKind kind) {
  if (!up) return;
  ++world.counters.crashes;
  world.note("crash", index, static_cast<std::uint64_t>(kind));
  io.set_down(true);
  io.close_sockets(kind);
  io.unwind();
  up = false;
  if (kind == CrashKind::power) {
    disk_state.cut_power();
  } else {
    disk_state.close_all();
  }
  for (auto* child : running) {
    outcomes.push_back(fail(Code::interrupted_by_crash));
    child->release();
  }
  running.clear();
}

void SimHost::State::restart() {
  if (up) return;
  world.note("restart", index);
  up = true;
  io.set_down(false);
  outcomes.clear();
  for (const Main& main : mains) launch(main);
}

// --- SimHost ---

const std::string& SimHost::name() const noexcept { return state_.name; }
Io& SimHost::io() noexcept { return state_.io; }
SimDisk& SimHost::disk() noexcept { return state_.disk; }
Endpoint SimHost::endpoint(std::uint16_t port) const { return state_.ip_of(port); }
bool SimHost::up() const noexcept { return state_.up; }
const std::vector<Result<void>>& SimHost::outcomes() const noexcept { return state_.outcomes; }
void SimHost::set_clock(Duration offset, int drift_ppm) { state_.io.set_clock(offset, drift_ppm); }
void SimHost::rebind_nat() { state_.io.rebind_nat(); }

void SimHost::start(Main main) {
  state_.mains.push_back(std::move(main));
  if (state_.up) state_.launch(state_.mains.back());
}

void SimHost::crash(CrashKind kind) {
  state_.world.plan(Duration{0}, [&host = state_, kind] { host.crash(kind); });
}

void SimHost::restart() {
  state_.world.plan(Duration{0}, [&host = state_] { host.restart(); });
}

// --- SimWorld ---

SimWorld::SimWorld(std::uint64_t seed, SimOptions options) {
  if (options.faults_on) std::ranges::sort(*options.faults_on);
  state_ = std::make_unique<State>(seed, options);
}

SimWorld::~SimWorld() = default;

SimHost& SimWorld::host(std::string_view name) { return state_->host(name).handle; }

SimLink& SimWorld::link(std::string_view from, std::string_view to) {
  return state_->link(state_->host(from).index, state_->host(to).index).link;
}

void SimWorld::partition(std::string_view one, std::string_view other, bool cut) {
  link(one, other).cut = link(other, one).cut = cut;
}

void SimWorld::at(Duration after_start, std::function<void()> action) {
  state_->plan(std::max(state_->start + after_start - state_->now, Duration{0}), std::move(action));
}

Result<void> SimWorld::run() {
  State& world = *state_;
  const auto runs = [](const auto& host) { return !host->running.empty(); };
  world.advance([&] { return world.planned > 0 || std::ranges::any_of(world.hosts, runs); });
  if (world.failure) return std::unexpected(*world.failure);
  return {};
}

Result<void> SimWorld::run_for(Duration after_start) {
  State& world = *state_;
  const Instant end = world.start + after_start;
  const auto idle = [&] { return world.ready.empty() && world.next_instant() == Instant::never(); };
  world.advance([&] { return world.now < end && !idle(); });
  if (world.failure) return std::unexpected(*world.failure);
  return {};
}

Duration SimWorld::elapsed() const noexcept { return state_->now - state_->start; }
std::uint64_t SimWorld::seed() const noexcept { return state_->seed; }
std::uint64_t SimWorld::steps() const noexcept { return state_->steps; }
std::uint64_t SimWorld::trace_hash() const noexcept { return state_->hash; }
const SimCounters& SimWorld::counters() const noexcept { return state_->counters; }
std::uint64_t SimWorld::faults() const noexcept { return state_->next_fault; }
std::uint64_t SimWorld::draw(std::uint64_t below) { return state_->workload_random.below(below); }

std::string SimWorld::report() const {
  std::string out = "seed " + std::to_string(seed()) + ", step " + std::to_string(steps()) + ", " +
                    std::to_string(elapsed().ns / 1'000) + " us, " + std::to_string(faults()) + " faults, trace " +
                    std::to_string(trace_hash());
  if (state_->failure) out += "\n" + describe(*state_->failure);
  return out;
}

std::vector<std::uint64_t> simulation_seeds(std::uint64_t count) {
  if (const char* only = std::getenv("TABLINUM_SIM_SEED")) return {std::strtoull(only, nullptr, 10)};
  std::vector<std::uint64_t> seeds(count);
  for (std::uint64_t i = 0; i < count; ++i) seeds[i] = i + 1;
  return seeds;
}

SimOptions simulation_options() {
  SimOptions options;
  options.trace = std::getenv("TABLINUM_SIM_TRACE") != nullptr;
  return options;
}

std::vector<std::uint64_t> minimise_faults(std::uint64_t faults,
                                           const std::function<bool(const std::vector<std::uint64_t>& faults_on)>& fails) {
  std::vector<std::uint64_t> kept(faults);
  for (std::uint64_t i = 0; i < faults; ++i) kept[i] = i;
  for (Size part = kept.size(); part > 0;) {
    bool smaller = false;
    for (Size begin = 0; begin < kept.size();) {
      std::vector<std::uint64_t> without{kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(begin)};
      const Size end = std::min(begin + part, kept.size());
      without.insert(without.end(), kept.begin() + static_cast<std::ptrdiff_t>(end), kept.end());
      if (fails(without)) {
        kept = std::move(without);
        smaller = true;
      } else {
        begin += part;
      }
    }
    if (!smaller || part > kept.size()) part = part == 1 ? 0 : part / 2;
  }
  return kept;
}

}  // namespace tablinum::io
