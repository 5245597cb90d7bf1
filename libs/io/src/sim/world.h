#pragma once
/// The world's clock, its events and its choice of what runs next.
#include "tablinum/io/io.h"

#include <deque>
#include <map>
#include <unordered_map>

#if TABLINUM_IO_THREADS
#include <condition_variable>
#include <mutex>
#endif

#include "sim/disk.h"
#include "sim/io.h"
#include "sim/net.h"

namespace tablinum::io {

/// How long a run with threads outside waits for one of them before it gives up.
inline constexpr Duration kOutsideWait = Duration::seconds(60);

struct SimWorld::State {
  State(std::uint64_t chosen_seed, const SimOptions& chosen);
  ~State();

  using EventKey = std::pair<std::int64_t, std::uint64_t>;
  using Event = std::function<void()>;
  struct Entry {
    SimIo* io;
    Ready* ready;
    const Context* task;  // null: a message
    std::uint64_t priority;
  };

  // --- what happens ---
  EventKey after(Duration delay, Event event);
  /// The same for what the workload wants to happen: the run does not end before.
  void plan(Duration delay, Event action);
  void drop(const EventKey& key) { events.erase(key); }
  void enqueue(SimIo& io, Ready& ready, const Context* task);
  void post(SimIo& io, Ready& message);
  /// True: it occurs.
  bool fault(sim::Stream& random, double probability, std::uint64_t SimCounters::* counter);
  bool allowed_fault(std::uint64_t SimCounters::* counter);
  /// Into the hash, and onto stderr.
  void note(const char* what, unsigned host, std::uint64_t a = 0, std::uint64_t b = 0);

  // --- steps ---
  /// One event, one timer or one task. False: nothing can happen any more.
  bool step();
  bool fire_due();
  void run_ready();
  Size choose();
  Instant next_instant();
  void collect_posts();
  bool wait_for_threads(Duration most = kOutsideWait);
  /// Runs the first entry of `io`. False: there is none.
  bool run_one_of(SimIo& io);
  /// Steps while `more`; a dead end or a limit ends the run.
  template <class More>
  void advance(More more);
  void fail(Code code, std::string detail);
  std::string describe_tasks();

  SimHost::State& host(std::string_view name);
  SimHost::State* host_at(const Endpoint& address, unsigned from);
  SimLinkState& link(unsigned from, unsigned to);
  SimSocket* socket(std::uint64_t id) {
    const auto found = sockets.find(id);
    return found == sockets.end() ? nullptr : found->second;
  }

  const std::uint64_t seed;
  const SimOptions options;
  Instant start;
  Instant now;
  std::uint64_t steps = 0;
  std::uint64_t hash;
  std::uint64_t next_fault = 0;
  SimCounters counters;
  std::optional<Error> failure;

  sim::Stream schedule_random;
  sim::Stream step_random;
  sim::Stream workload_random;
  sim::Stream stream_random;

  std::deque<Entry> ready;
  std::map<EventKey, Event> events;
  std::uint64_t next_event = 0;
  Size planned = 0;
  std::unordered_map<const Context*, std::uint64_t> priorities;  // pct; never iterated
  std::vector<std::uint64_t> change_steps;                       // pct
  std::uint64_t lowest_priority = 1'000;

  std::vector<std::unique_ptr<SimHost::State>> hosts;
  std::map<std::pair<unsigned, unsigned>, SimLinkState> links;
  std::unordered_map<std::uint64_t, SimSocket*> sockets;  // never iterated
  std::uint64_t next_socket = 1;

#if TABLINUM_IO_THREADS
  std::mutex posts_mutex;
  std::condition_variable posts_arrived;
#endif
  std::vector<std::pair<SimIo*, Ready*>> posts;
};

struct SimHost::State {
  State(SimWorld::State& owner, unsigned number, std::string_view name_of_host);
  ~State();

  void launch(const Main& main);
  /// Results of the mains that have ended.
  void reap();
  void crash(CrashKind kind);
  void restart();
  Endpoint ip_of(std::uint16_t port) const;

  SimWorld::State& world;
  const unsigned index;
  const std::string name;
  SimDisk::State disk_state;
  SimDisk disk;
  SimIo io;
  SimHost handle;
  bool up = true;
  std::deque<Main> mains;
  std::vector<detail::Child<Result<void>>*> running;
  std::vector<Result<void>> outcomes;
};

template <class More>
void SimWorld::State::advance(More more) {
  while (!failure && more()) {
    if (steps >= options.steps_max) return fail(Code::limit, "too many steps");
    if (now - start > options.time_max) return fail(Code::timeout, "too much virtual time");
    if (step() || wait_for_threads()) continue;
    if (more()) fail(Code::would_deadlock, "nothing can happen any more");
    return;
  }
}

}  // namespace tablinum::io
