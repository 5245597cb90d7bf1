#pragma once
/// SimulatedIo: any number of hosts on one thread, in virtual time, with a network and disks that fail. One seed decides
/// everything, so the run of a seed repeats exactly.
///
///   SimWorld world{seed};
///   world.host("server").start([](Io& io) { return serve(io); });
///   world.host("client").start([&](Io& io) { return ask(io, world.host("server").endpoint(80)); });
///   world.at(Duration::seconds(2), [&] { world.host("server").crash(CrashKind::power); });
///   const auto ran = world.run();       // ran.error(): what went wrong; world.report(): the seed and all that tells it
///
/// Code under simulation uses no other clock, thread, randomness, file or socket than its Io's, iterates over nothing that is
/// ordered by address, and draws nothing from uninitialised memory. Not thread-safe.
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/io/file.h"
#include "tablinum/io/net.h"
#include "tablinum/io/scope.h"

namespace tablinum::io {

inline constexpr Size kSimSectorBytes = 512;
inline constexpr Size kSimHostsMax = 250;
/// How much of a TCP stream may be on its way or unread.
inline constexpr Size kSimWindowBytes = 64 * 1024;

/// Which of the tasks that are ready runs next. pct: the one with the highest of random priorities, which change at a few
/// random moments: finds orders that need only few coincidences (Burckhardt et al., ASPLOS 2010).
enum class Schedule : std::uint8_t { fifo, random, pct };

/// process: memory and connections are lost (peers see a reset), what was written stays. power: so is what was not synced, and
/// peers hear nothing until the host is up again.
enum class CrashKind : std::uint8_t { process, power };

/// One direction between two hosts. Probabilities are of one packet.
struct SimLink {
  SimLink() noexcept {}
  Duration delay = Duration::microseconds(200);
  Duration jitter = Duration::microseconds(300);   ///< drawn from 0 … jitter on top, for each datagram: reorders them
  double loss = 0;
  double burst = 0;                                ///< begins a run of 1 … 8 lost packets
  double duplicate = 0;                            ///< datagrams
  double corrupt = 0;                              ///< datagrams: one bit
  std::uint64_t bytes_per_second = 0;              ///< 0: no limit
  Size queue_bytes = 256 * 1024;                   ///< in front of the limit; what does not fit is lost
  Duration mark_above = Duration::max();           ///< ECN-capable datagrams that queue longer are marked
  Size datagram_bytes_max = 1472;                  ///< longer ones are refused (too_large)
  bool cut = false;                                ///< a partition
};

/// Faults of a disk. Probabilities are of one call.
struct SimDiskOptions {
  SimDiskOptions() noexcept {}
  Size capacity_bytes = Size{1} << 30;
  Duration delay_max = Duration::microseconds(100);
  double read_error = 0;
  double write_error = 0;
  double sync_error = 0;   ///< what was to be synced then counts as clean, and is lost in a power cut
  double bit_rot = 0;      ///< a read shows one bit wrong
  bool hostile = false;    ///< a torn sector may hold anything, not only old or new bytes
};

struct SimOptions {
  SimOptions() noexcept {}
  Schedule schedule = Schedule::random;
  unsigned change_points = 3;                        ///< of pct
  Duration step_max = Duration::microseconds(20);    ///< a step of a task costs 0 … this
  bool cut_streams = true;                           ///< reads and writes of TCP may move less than they could
  SimLink link;                                      ///< between hosts, until SimWorld::link changes one
  SimDiskOptions disk;
  Duration time_max = Duration::seconds(24 * 3600);  ///< virtual; beyond: the run fails with `timeout`
  std::uint64_t steps_max = 20'000'000;              ///< beyond: the run fails with `limit`
  bool trace = false;                                ///< writes each event to stderr
  bool threads_outside = false;                      ///< foreign threads post (Channel, stop): not repeatable, for tests of the models
  /// Cancels all tasks of the host just before its n-th operation (from 1) begins, or just after it ended. 0: never.
  std::uint64_t cancel_at_operation = 0;
  bool cancel_after = false;
  /// Of the faults, counted from 0 in the order in which they would occur, only these occur. Nothing: all.
  std::optional<std::vector<std::uint64_t>> faults_on;
};

/// What has happened so far; each fault kind has its counter.
struct SimCounters {
  std::uint64_t operations = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t marked = 0;
  std::uint64_t overflowed = 0;        ///< a link's queue
  std::uint64_t held_by_partition = 0;
  std::uint64_t resets = 0;
  std::uint64_t short_reads = 0;
  std::uint64_t short_writes = 0;
  std::uint64_t read_errors = 0;
  std::uint64_t write_errors = 0;
  std::uint64_t sync_errors = 0;
  std::uint64_t no_space = 0;
  std::uint64_t bits_rotten = 0;
  std::uint64_t sectors_kept = 0;      ///< unsynced, at a power cut
  std::uint64_t sectors_dropped = 0;
  std::uint64_t sectors_torn = 0;
  std::uint64_t names_kept = 0;        ///< directory changes that were not synced
  std::uint64_t names_dropped = 0;
  std::uint64_t crashes = 0;
  std::uint64_t sometimes = 0;
};

/// The files of one host. Calls return at once; an error is an errno. Reached through the Io (file.h), or directly, e.g. by an
/// SQLite VFS. Paths are absolute.
class SimDisk {
 public:
  template <class T>
  using Outcome = std::expected<T, int>;

  /// @param flags O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY.
  Outcome<int> open(const std::string& path, int flags, std::uint32_t mode = 0600);
  void close(int fd);
  Outcome<Size> read(int fd, std::uint64_t offset, MutableBytes out);
  /// All of `data`, or a part of it before an error.
  Outcome<Size> write(int fd, std::uint64_t offset, ByteView data);
  /// Of a directory: its names.
  Outcome<void> sync(int fd);
  Outcome<void> truncate(int fd, std::uint64_t bytes);
  Outcome<FileStat> stat(int fd);
  Outcome<FileStat> stat(const std::string& path);
  Outcome<void> rename(const std::string& from, const std::string& to);
  Outcome<void> remove(const std::string& path);
  Outcome<void> make_directory(const std::string& path, std::uint32_t mode = 0700);
  Outcome<std::vector<std::string>> list(const std::string& path);
  /// The faults from now on.
  SimDiskOptions& options() noexcept;

 private:
  friend class SimHost;
  friend class SimWorld;
  friend class SimIo;
  struct State;
  explicit SimDisk(State& state) noexcept : state_{state} {}
  State& state_;
};

class SimIo;

/// A machine of the world. Lives as long as the world.
class SimHost {
 public:
  using Main = std::function<Task<Result<void>>(Io&)>;

  const std::string& name() const noexcept;
  Io& io() noexcept;
  SimDisk& disk() noexcept;
  /// 10.0.0.n
  Endpoint endpoint(std::uint16_t port) const;
  /// Runs `main` as a task of this host; more may be started. They run again after restart().
  void start(Main main);
  /// Takes effect between two steps: every operation of its tasks returns `cancelled`, shields do not help, and whatever the
  /// code does while it unwinds has no effect on network and disk.
  void crash(CrashKind kind);
  /// All mains from the beginning, on the disk as it is. Between two steps, after a crash.
  void restart();
  bool up() const noexcept;
  /// Results of the mains that have ended, in that order, since the last (re)start. One that was crashed says
  /// `interrupted_by_crash`.
  const std::vector<Result<void>>& outcomes() const noexcept;
  /// Its clock from now on: `offset` before the world's, faster by `drift_ppm` (-10,000 … 10,000). It never goes back.
  void set_clock(Duration offset, int drift_ppm);
  /// Peers see its datagrams come from other ports from now on.
  void rebind_nat();
  struct State;

 private:
  friend class SimWorld;
  explicit SimHost(State& state) noexcept : state_{state} {}
  State& state_;
};

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed, SimOptions options = {});
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  /// The host of that name, made at its first mention (at most kSimHostsMax).
  SimHost& host(std::string_view name);
  /// What travels from `from` to `to`.
  SimLink& link(std::string_view from, std::string_view to);
  /// Cuts, or mends, both directions.
  void partition(std::string_view one, std::string_view other, bool cut);
  /// Calls `action` so long after the beginning, between two steps.
  void at(Duration after_start, std::function<void()> action);

  /// Until the mains of all hosts that are up have ended and all that was planned (at, crash, restart) has happened.
  /// @error would_deadlock: nothing can ever happen again (the detail lists what waits).  timeout, limit: SimOptions.
  Result<void> run();
  /// Until that much virtual time has passed since the beginning, or nothing is left to do.
  Result<void> run_for(Duration after_start);

  Duration elapsed() const noexcept;
  std::uint64_t seed() const noexcept;
  std::uint64_t steps() const noexcept;
  /// Of everything that happened, in order: times, hosts, operations, outcomes and sizes. The same for every build.
  std::uint64_t trace_hash() const noexcept;
  const SimCounters& counters() const noexcept;
  /// How many faults occurred or were held back by SimOptions::faults_on.
  std::uint64_t faults() const noexcept;
  /// For the workload: a stream of its own.
  std::uint64_t draw(std::uint64_t below);
  /// Seed, step, time, trace hash, and the failure if there is one.
  std::string report() const;
  struct State;

 private:
  std::unique_ptr<State> state_;
};

/// The seeds 1 … `count` for a test, or the one that TABLINUM_SIM_SEED names (tools/replay sets it).
std::vector<std::uint64_t> simulation_seeds(std::uint64_t count);
/// Defaults; with TABLINUM_SIM_TRACE=1 they trace.
SimOptions simulation_options();

/// The smallest set of faults (by removing ever smaller parts: Zeller's delta debugging) with which `fails` still says true.
/// `fails` runs the world again with SimOptions::faults_on.
std::vector<std::uint64_t> minimise_faults(std::uint64_t faults,
                                           const std::function<bool(const std::vector<std::uint64_t>& faults_on)>& fails);

}  // namespace tablinum::io
