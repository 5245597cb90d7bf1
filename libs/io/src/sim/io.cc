#include "sim/io.h"

#include <cstdio>
#include <cstdlib>

#include "core/dump.h"
#include "os/descriptor.h"
#include "os/errno.h"
#include "sim/world.h"

namespace tablinum::io {
namespace {

constexpr std::uint64_t kEpochMs = 1'767'225'600'000;  // 2026-01-01: where the simulated wall clock begins
constexpr std::uint64_t kUnwindStepsMax = 10'000'000;
constexpr std::int64_t kMillion = 1'000'000;
constexpr unsigned kSometimesPercent = 25;

[[noreturn]] void die(const std::string& message) {
  std::fputs(message.c_str(), stderr);
  std::abort();
}

}  // namespace

SimIo::SimIo(SimWorld::State& world, SimHost::State& host, unsigned index)
    : ModelIo{world.start},
      world_{world},
      host_{host},
      index_{index},
      application_random_{world.seed, index, sim::Purpose::application},
      call_random_{world.seed, index, sim::Purpose::disk},
      sometimes_random_{world.seed, index, sim::Purpose::sometimes},
      clock_base_world_{world.now},
      clock_base_{world.now} {}

SimIo::~SimIo() {
  assert(stats_.tasks_live == 0);
  while (!sockets_.empty()) delete sockets_.begin()->second;
}

// --- tasks ---

Result<void> SimIo::start(Context& context, Ready& root, Concurrency) {
  if (stats_.tasks_live >= kTasksMax) return fail(Code::limit, "too many tasks");
  ++stats_.tasks_spawned;
  ++stats_.tasks_live;
  const std::uint64_t number = next_task_++;
  tasks_[number] = &context;
  task_numbers_[&context] = number;
  context.core = &core_;
  world_.note("task", index_, number);
  world_.enqueue(*this, root, &context);
  return {};
}

void SimIo::task_ended(Context& context) noexcept {
  --stats_.tasks_live;
  const auto found = task_numbers_.find(&context);
  world_.note("end of task", index_, found->second);
  tasks_.erase(found->second);
  task_numbers_.erase(found);
  world_.priorities.erase(&context);
}

void SimIo::post(Ready& message) noexcept {
  ++stats_.posts;
  world_.post(*this, message);
}

void SimIo::drive_until(const bool& ended) {
  world_.advance([&] { return !ended; });
  if (!ended) die("tablinum: the simulation failed before, and its tasks were given up\n" + world_.describe_tasks());
}

void SimIo::resume(Operation& operation) noexcept {
  if (operation.kind == Kind::park && operation.outside) --outside_waits_;
  world_.note("done", index_, static_cast<std::uint64_t>(operation.kind) << 8 | static_cast<std::uint64_t>(operation.code),
              static_cast<std::uint64_t>(operation.result));
  if (watched_ == &operation) {
    watched_ = nullptr;
    world_.after(Duration{0}, [this] { cancel_all_tasks(Reason::user); });
  }
  operation.run = &resume_waiter;
  world_.enqueue(*this, operation, operation.context);
}

void SimIo::resume_waiter(Ready& ready) noexcept {
  auto& operation = static_cast<Operation&>(ready);
  operation.context->core->drive(operation.waiter);
}

void SimIo::cancel_all_tasks(Reason why) {
  for (const auto& [number, context] : tasks_) {
    if (context->parent == nullptr) context->cancel(why);
  }
}

void SimIo::unwind() {
  down_ = true;
  for (const auto& [number, context] : tasks_) {
    if (context->parent == nullptr) context->abandon(Reason::crash);
  }
  for (std::uint64_t step = 0; stats_.tasks_live > 0; ++step) {
    if (step == kUnwindStepsMax || !world_.run_one_of(*this)) {
      die("tablinum: tasks that do not end although all they wait for was cancelled\n" + world_.describe_tasks());
    }
  }
  while (world_.run_one_of(*this)) {  // messages
  }
}

void SimIo::describe_tasks(std::string& out) const {
  for (const auto& [number, context] : tasks_) {
    if (context->parent == nullptr) dump_tasks(*context, out);
  }
}

// --- operations ---

Start SimIo::finish(Operation& operation) noexcept {
  operation.state = Operation::State::done;
  // Now and then others get their turn although nothing had to be waited for.
  const bool goes_on = --operation.context->core->budget > 0 &&
                       (world_.options.schedule == Schedule::fifo || world_.schedule_random.below(8) != 0);
  if (operation.kind == Kind::park && operation.outside) ++outside_waits_;  // resume counts it out
  if (!goes_on) {
    resume(operation);
    return Start::pending;
  }
  if (operation.kind == Kind::park && operation.outside) --outside_waits_;
  world_.note("at once", index_, static_cast<std::uint64_t>(operation.kind) << 8 | static_cast<std::uint64_t>(operation.code),
              static_cast<std::uint64_t>(operation.result));
  return Start::done;
}

Start SimIo::submit(Operation& operation) noexcept {
  ++stats_.operations;
  const bool counted = !operation.uncancellable && !down_;
  const bool chosen = counted && ++world_.counters.operations == world_.options.cancel_at_operation;
  if (chosen && !world_.options.cancel_after) cancel_all_tasks(Reason::user);
  if (down_ && !operation.uncancellable) operation.set(Code::cancelled);
  if ((down_ && !operation.uncancellable) || refuse_cancelled(operation)) return finish(operation);
  if (chosen && world_.options.cancel_after) watched_ = &operation;
  if (operation.kind == Kind::yield) {
    resume(operation);
    return Start::pending;
  }
  begin(operation);
  if (try_now(operation)) {
    operation.context->current = nullptr;
    if (watched_ == &operation) {
      watched_ = nullptr;
      cancel_all_tasks(Reason::user);
    }
    return finish(operation);
  }
  if (operation.kind == Kind::park && operation.outside) ++outside_waits_;
  arm_limit(operation);
  return Start::pending;
}

bool SimIo::try_now(Operation& operation) noexcept {
  switch (operation.kind) {
    case Kind::sleep:
      return operation.at <= now();
    case Kind::park:
      return operation.args.park.enlist(operation);
    default:
      return is_socket_kind(operation.kind) ? try_socket(operation) : call_later(operation);
  }
}

bool SimIo::try_socket(Operation& operation) noexcept {
  if (!occupy(operation)) return true;
  if (!static_cast<SimSocket*>(operation.descriptor)->attempt(operation)) return false;
  vacate(operation);
  return true;
}

bool SimIo::call_later(Operation& operation) noexcept {
  const auto most = static_cast<std::uint64_t>(host_.disk_state.options.delay_max.ns);
  const Duration delay{static_cast<std::int64_t>(call_random_.below(most + 1))};
  calls_[&operation] = world_.after(delay, [this, &operation] {
    calls_.erase(&operation);
    run_call(operation);
  });
  return false;
}

bool SimIo::withdraw_offloaded(Operation& operation) noexcept {
  const auto found = calls_.find(&operation);
  if (found == calls_.end()) return false;
  world_.drop(found->second);
  calls_.erase(found);
  return true;
}

void SimIo::run_call(Operation& operation) noexcept {
  if (operation.kind == Kind::offload) {
    operation.args.call.function(operation.args.call.object);
  } else {
    run_file(operation);
  }
  complete(operation);
}

namespace {

/// Takes a call's value; sets the outcome of one that failed.
template <class T, class Use>
void take(Operation& operation, std::expected<T, int> outcome, Use use) {
  if (!outcome) return operation.set(code_of_errno(outcome.error()), outcome.error());
  if constexpr (std::is_void_v<T>) {
    use();
  } else {
    use(std::move(*outcome));
  }
}

}  // namespace

void SimIo::run_file(Operation& operation) noexcept {
  const auto& file = operation.args.file;
  SimDisk& disk = host_.disk;
  auto* data = static_cast<std::byte*>(file.data);
  const auto nothing = [] {};
  const auto moved = [&](Size bytes) { operation.result = static_cast<std::int64_t>(bytes); };
  const auto status = [&](const FileStat& found) { *static_cast<FileStat*>(file.data) = found; };
  switch (operation.kind) {
    case Kind::open:
      return take(operation, disk.open(file.path, static_cast<int>(file.flags), static_cast<std::uint32_t>(file.count)),
                  [&](int fd) { operation.fd = fd; });
    case Kind::read_at:
      return take(operation, disk.read(operation.fd, file.offset, {data, file.count}), moved);
    case Kind::write_at:
      return take(operation, disk.write(operation.fd, file.offset, {data, file.count}), moved);
    case Kind::sync:
      return take(operation, disk.sync(operation.fd), nothing);
    case Kind::truncate:
      return take(operation, disk.truncate(operation.fd, file.offset), nothing);
    case Kind::stat:
      return take(operation, file.path != nullptr ? disk.stat(file.path) : disk.stat(operation.fd), status);
    case Kind::rename:
      return take(operation, disk.rename(file.path, file.other_path), nothing);
    case Kind::unlink:
      return take(operation, disk.remove(file.path), nothing);
    case Kind::mkdir:
      return take(operation, disk.make_directory(file.path, file.flags), nothing);
    case Kind::list:
      return take(operation, disk.list(file.path), [&](std::vector<std::string> names) {
        if (names.size() > file.count) return operation.set(Code::limit);
        *static_cast<std::vector<std::string>*>(file.data) = std::move(names);
      });
    default:
      return operation.set(Code::unsupported);
  }
}

// --- time and chance ---

Instant SimIo::now() const noexcept {
  const std::int64_t passed = (world_.now - clock_base_world_).ns;
  return clock_base_ + Duration{passed + passed / kMillion * drift_ppm_ + passed % kMillion * drift_ppm_ / kMillion};
}

Instant SimIo::next_timer() const noexcept {
  const Instant next = wheel_.next();
  if (next == Instant::never()) return next;
  const std::int64_t ahead = std::max<std::int64_t>((next - clock_base_).ns, 0);
  const std::int64_t rate = kMillion + drift_ppm_;
  Instant at = clock_base_world_ + Duration{ahead / rate * kMillion + (ahead % rate * kMillion + rate - 1) / rate};
  const auto shows = [&](Instant world) {
    const std::int64_t passed = (world - clock_base_world_).ns;
    return clock_base_ + Duration{passed + passed / kMillion * drift_ppm_ + passed % kMillion * drift_ppm_ / kMillion};
  };
  while (shows(at) < next) at = at + Duration{1};  // the divisions above round
  return at;
}

bool SimIo::fire_timers() noexcept {
  if (wheel_.empty() || wheel_.next() > now()) return false;
  wheel_.advance(now());
  return true;
}

void SimIo::set_clock(Duration offset, int drift_ppm) {
  assert(drift_ppm >= -10'000 && drift_ppm <= 10'000);
  const Instant shown = now();
  clock_base_world_ = world_.now;
  clock_base_ = std::max(shown, world_.now + offset);
  drift_ppm_ = drift_ppm;
}

Timestamp SimIo::wall_time() const noexcept {
  return Timestamp{static_cast<std::int64_t>(kEpochMs) + (now() - world_.start).milliseconds()};
}

void SimIo::fill_random(MutableBytes out) {
  for (std::byte& each : out) each = static_cast<std::byte>(application_random_.next());
}

bool SimIo::sometimes(const char* place) noexcept {
  auto found = sometimes_.find(place);
  if (found == sometimes_.end()) {
    std::uint64_t name = 14'695'981'039'346'656'037U;  // FNV-1a: the place is the same in every build
    for (const char* c = place; *c != '\0'; ++c) name = (name ^ static_cast<std::uint8_t>(*c)) * 1'099'511'628'211U;
    sim::Stream chooser{world_.seed, name, sim::Purpose::sometimes};
    found = sometimes_.emplace(place, chooser.below(100) < kSometimesPercent).first;
  }
  if (!found->second || sometimes_random_.below(100) >= kSometimesPercent) return false;
  return world_.allowed_fault(&SimCounters::sometimes);
}

// --- sockets ---

Result<Descriptor*> SimIo::attach(int fd, bool) {
  kernel_system().close(fd);
  return fail(Code::unsupported, "a descriptor of the real kernel, in simulation");
}

void SimIo::detach(Descriptor* descriptor) noexcept {
  auto* socket = static_cast<SimSocket*>(descriptor);
  cancel_all(*descriptor);
  if (!down_) socket->say_goodbye();
  delete socket;
}

void SimIo::close_sockets(CrashKind kind) {
  std::vector<SimSocket*> unowned;
  for (const auto& [id, socket] : sockets_) {
    for (const std::uint64_t waiting : socket->waiting) {
      if (SimSocket* each = world_.socket(waiting)) unowned.push_back(each);
    }
    socket->waiting.clear();
  }
  for (const auto& [id, socket] : sockets_) {
    if (kind == CrashKind::power && socket->out != nullptr) socket->out->dead = true;
    if (kind == CrashKind::process) socket->reset_peer();
    world_.sockets.erase(id);
  }
  for (SimSocket* each : unowned) delete each;
}

bool SimIo::is_own(const Endpoint& address) const {
  return address.is_loopback() || address.host() == "0.0.0.0" || address.host() == "::" || address.host() == host_.ip_of(0).host();
}

bool SimIo::port_taken(SimSocket& by, const Endpoint& local) const {
  for (const auto& [id, socket] : sockets_) {
    if (socket == &by || socket->role != by.role || (socket->reuse_port && by.reuse_port)) continue;
    if (local.family() == Endpoint::Family::unix_path ? socket->local == local : socket->local.port() == local.port()) return true;
  }
  return false;
}

Result<Endpoint> SimIo::claim_address(SimSocket& socket, const Endpoint& local) {
  Endpoint bound = local;
  if (local.family() != Endpoint::Family::unix_path) {
    if (!is_own(local)) return fail(Code::unreachable, "EADDRNOTAVAIL, bind " + local.to_string());
    if (local.port() == 0) bound = Endpoint::from_ip(local.host(), ephemeral_port()).value();
  }
  if (port_taken(socket, bound)) return fail(Code::address_in_use, "bind " + bound.to_string());
  socket.local = bound;
  return bound;
}

Result<Descriptor*> SimIo::make_stream(Io&, const Endpoint&) { return new SimSocket{*this, SimSocket::Role::idle}; }

Result<System::Listening> SimIo::listen(Io&, const Endpoint& local, const ListenOptions& options) {
  auto socket = std::make_unique<SimSocket>(*this, SimSocket::Role::listener);
  socket->reuse_port = options.reuse_port;
  socket->backlog = static_cast<Size>(std::clamp(options.backlog, 1, kBacklogMax));
  TRY(bound, claim_address(*socket, local));
  return Listening{socket.release(), bound};
}

Result<System::Datagrams> SimIo::adopt_udp(Io&, int fd, const UdpOptions&) {
  const OwnedFd owned{fd};
  return fail(Code::unsupported, "a simulated host has no sockets of the system");
}

Result<System::Datagrams> SimIo::bind_udp(Io&, const Endpoint& local, const UdpOptions& options) {
  auto socket = std::make_unique<SimSocket>(*this, SimSocket::Role::datagrams);
  socket->reuse_port = options.reuse_port;
  socket->packet_bytes_max = options.buffer_bytes;
  TRY(bound, claim_address(*socket, local));
  return Datagrams{socket.release(), bound, options.buffer_bytes, false, false};
}

Result<Descriptor*> SimIo::take_accepted(Io&, const Operation& accept, const Endpoint&) {
  SimSocket* socket = world_.socket(static_cast<std::uint64_t>(accept.result));
  if (socket == nullptr) return fail(Code::reset, "accept");
  return socket;
}

std::optional<Result<std::vector<Endpoint>>> SimIo::known_addresses(const std::string& name, std::uint16_t port) {
  if (name == "localhost") return std::vector{Endpoint::from_ip("127.0.0.1", port).value()};
  for (const auto& host : world_.hosts) {
    if (host->name == name) return std::vector{host->ip_of(port)};
  }
  return fail(Code::not_found, "no host " + name);
}

Endpoint SimIo::local_of(const Descriptor& descriptor) { return static_cast<const SimSocket&>(descriptor).local; }

Result<void> SimIo::shutdown_write(Descriptor& descriptor) {
  auto& socket = static_cast<SimSocket&>(descriptor);
  if (socket.broken != Code{} || socket.role != SimSocket::Role::stream) return fail(Code::reset, "shutdown");
  if (socket.shut || down_) return {};
  socket.shut = true;
  SimSegment end;
  end.fin = true;
  socket.out->push(std::move(end));
  return {};
}

void SimIo::close(int fd) noexcept { host_.disk.close(fd); }

void SimIo::unlink_now(const char* path) noexcept {
  if (!down_) static_cast<void>(host_.disk.remove(path));
}

std::uint16_t SimIo::ephemeral_port() {
  next_port_ = next_port_ >= 60'999 ? std::uint16_t{32'768} : static_cast<std::uint16_t>(next_port_ + 1);
  return next_port_;
}

std::uint16_t SimIo::nat_of(std::uint16_t port) noexcept {
  if (!nat_) return port;
  auto& outside = nat_out_[port];
  if (outside == 0) {
    outside = ephemeral_port();
    nat_in_[outside] = port;
  }
  return outside;
}

std::uint16_t SimIo::behind_nat(std::uint16_t port) const noexcept {
  const auto found = nat_in_.find(port);
  return found == nat_in_.end() ? port : found->second;
}

void SimIo::rebind_nat() noexcept {
  nat_ = true;
  nat_out_.clear();
  nat_in_.clear();
}

}  // namespace tablinum::io
