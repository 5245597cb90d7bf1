#pragma once
/// The Io of one simulated host: frames that suspend, on the world's clock.
#include <map>
#include <unordered_map>

#include "core/model_io.h"
#include "os/system.h"
#include "sim/random.h"
#include "tablinum/io/simulate.h"

namespace tablinum::io {

struct SimSocket;

class SimIo final : public ModelIo, public System {
 public:
  SimIo(SimWorld::State& world, SimHost::State& host, unsigned index);
  ~SimIo() override;

  // --- Io ---
  Start submit(Operation& operation) noexcept override;
  void post(Ready& message) noexcept override;
  Result<void> start(Context& context, Ready& root, Concurrency concurrency) override;
  void claim(Context&, Context&) noexcept override {}
  void task_ended(Context& context) noexcept override;
  void drive_until(const bool& ended) override;
  Result<Descriptor*> attach(int fd, bool stream) override;
  void detach(Descriptor* descriptor) noexcept override;
  System& system() noexcept override { return *this; }
  Instant now() const noexcept override;
  Timestamp wall_time() const noexcept override;
  void fill_random(MutableBytes out) override;
  bool sometimes(const char* place) noexcept override;
  Capabilities capabilities() const noexcept override {
    Capabilities capabilities;
    capabilities.concurrency = true;
    capabilities.real_kernel = false;
    return capabilities;
  }
  Stats stats() const noexcept override { return stats_; }

  // --- System ---
  Result<Descriptor*> make_stream(Io& io, const Endpoint& peer) override;
  Result<Listening> listen(Io& io, const Endpoint& local, const ListenOptions& options) override;
  Result<Datagrams> bind_udp(Io& io, const Endpoint& local, const UdpOptions& options) override;
  Result<Datagrams> adopt_udp(Io& io, int fd, const UdpOptions& options) override;
  Result<Descriptor*> take_accepted(Io& io, const Operation& accept, const Endpoint& peer) override;
  std::optional<Result<std::vector<Endpoint>>> known_addresses(const std::string& name, std::uint16_t port) override;
  Endpoint local_of(const Descriptor& descriptor) override;
  Result<void> shutdown_write(Descriptor& descriptor) override;
  Result<void> set_no_delay(Descriptor&, bool) override { return {}; }
  int make_spare() noexcept override { return -1; }
  void shed_one(Descriptor&, int&) noexcept override {}
  void close(int fd) noexcept override;
  void unlink_now(const char* path) noexcept override;

  // --- for the world ---
  Instant next_timer() const noexcept;  ///< by the world's clock
  bool fire_timers() noexcept;          ///< true: one was due
  void set_clock(Duration offset, int drift_ppm);
  void cancel_all_tasks(Reason why);
  /// Every task ends, with `cancelled` for whatever it waits for; what it does meanwhile has no effect.
  void unwind();
  void close_sockets(CrashKind kind);
  bool down() const noexcept { return down_; }
  void set_down(bool down) noexcept { down_ = down; }
  unsigned index() const noexcept { return index_; }
  SimWorld::State& world() noexcept { return world_; }
  SimHost::State& host() noexcept { return host_; }
  std::uint16_t ephemeral_port();
  std::uint16_t nat_of(std::uint16_t port) noexcept;
  std::uint16_t behind_nat(std::uint16_t port) const noexcept;
  void rebind_nat() noexcept;
  std::map<std::uint64_t, SimSocket*>& sockets() noexcept { return sockets_; }
  bool has_outside_waits() const noexcept { return outside_waits_ > 0; }
  void describe_tasks(std::string& out) const;

 private:
  void resume(Operation& operation) noexcept override;
  bool withdraw_offloaded(Operation& operation) noexcept override;
  bool try_now(Operation& operation) noexcept;
  bool try_socket(Operation& operation) noexcept;
  Start finish(Operation& operation) noexcept;
  bool call_later(Operation& operation) noexcept;
  void run_call(Operation& operation) noexcept;
  void run_file(Operation& operation) noexcept;
  bool is_own(const Endpoint& address) const;
  bool port_taken(SimSocket& by, const Endpoint& local) const;
  Result<Endpoint> claim_address(SimSocket& socket, const Endpoint& local);
  static void resume_waiter(Ready& ready) noexcept;

  SimWorld::State& world_;
  SimHost::State& host_;
  const unsigned index_;
  Core core_{*this};
  Stats stats_;
  sim::Stream application_random_;
  sim::Stream call_random_;
  bool down_ = false;
  std::map<std::uint64_t, Context*> tasks_;  // by number
  std::unordered_map<const Context*, std::uint64_t> task_numbers_;
  std::uint64_t next_task_ = 1;
  std::unordered_map<const Operation*, std::pair<std::int64_t, std::uint64_t>> calls_;  // offloaded, not begun
  Size outside_waits_ = 0;
  const Operation* watched_ = nullptr;  // SimOptions::cancel_after
  std::map<std::uint64_t, SimSocket*> sockets_;
  std::uint16_t next_port_ = 32'768;
  std::map<std::uint16_t, std::uint16_t> nat_out_;
  std::map<std::uint16_t, std::uint16_t> nat_in_;
  bool nat_ = false;
  std::map<std::string, bool> sometimes_;
  sim::Stream sometimes_random_;
  // the host's clock
  Instant clock_base_world_;
  Instant clock_base_;
  std::int64_t drift_ppm_ = 0;
};

}  // namespace tablinum::io
