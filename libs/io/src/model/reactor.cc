#include "model/reactor.h"

#include <cerrno>

#include "os/errno.h"

namespace tablinum::io {
namespace {

constexpr Size kUrgentPerPass = 64;
constexpr Size kReadyPerPass = 256;
constexpr Size kReadyPerClockRead = 32;
constexpr Duration kPassMax = Duration::microseconds(500);
constexpr int kEventsPerPoll = 256;
constexpr OffloadOptions default_pool() noexcept { return OffloadOptions{1, 4}; }

int to_ms(Duration limit) noexcept {
  if (limit.ns < 0) return -1;
  return static_cast<int>(std::min<std::int64_t>((limit.ns + 999'999) / 1'000'000, 60'000));
}

}  // namespace

bool Epoll::add(int fd, std::uint32_t events, void* data) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = data;
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Size Epoll::wait(std::span<epoll_event> events, Duration limit) noexcept {
  const int count = limit.ns > 0 && precise_ ? wait_precisely(events, limit)
                                             : ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), to_ms(limit));
  return count > 0 ? static_cast<Size>(count) : 0;
}

int Epoll::wait_precisely(std::span<epoll_event> events, Duration limit) noexcept {
  const timespec time{limit.ns / 1'000'000'000, limit.ns % 1'000'000'000};
  const int count = ::epoll_pwait2(fd_.get(), events.data(), static_cast<int>(events.size()), &time, nullptr);
  if (count < 0 && errno != EINTR) precise_ = false;  // ENOSYS, or EPERM under a filter
  return count;
}

Result<void> Reactor::admit() noexcept {
  if (stats_.tasks_live >= tasks_max_) return fail(Code::limit, "too many tasks");
  ++stats_.tasks_spawned;
  ++stats_.tasks_live;
  return {};
}

// --- operations ---

// What finishes at once counts against the budget: a task that never has to wait must let the others run too.
Start Reactor::finish(Operation& operation) noexcept {
  operation.state = Operation::State::done;
  if (--operation.context->core->budget > 0) return Start::done;
  resume(operation);
  return Start::pending;
}

Start Reactor::submit(Operation& operation) noexcept {
  ++stats_.operations;
  if (refuse_cancelled(operation)) return finish(operation);
  if (operation.kind == Kind::yield) {
    resume(operation);
    return Start::pending;
  }
  begin(operation);
  if (try_now(operation)) {
    operation.context->current = nullptr;
    return finish(operation);
  }
  arm_limit(operation);
  return Start::pending;
}

bool Reactor::try_now(Operation& operation) noexcept {
  switch (operation.kind) {
    case Kind::sleep:
      return operation.at <= now();
    case Kind::park:
      return operation.args.park.enlist(operation);
    case Kind::read_at:
      return attempt_cached_read(operation) || (!hand_to_ring(operation) && hand_to_pool(operation));
    default:
      return is_socket_kind(operation.kind) ? try_socket(operation) : !hand_to_ring(operation) && hand_to_pool(operation);
  }
}

bool Reactor::try_socket(Operation& operation) noexcept {
  if (!occupy(operation)) return true;
  const Descriptor& descriptor = *operation.descriptor;
  const bool surely_empty = operation.kind == Kind::recv && descriptor.drained && !descriptor.hung_up;
  if (surely_empty || !attempt(operation)) return false;
  vacate(operation);
  return true;
}

// --- offload ---

OffloadPool& Reactor::own_pool(OffloadPool* given, std::unique_ptr<OffloadPool>& own) {
  if (given != nullptr) return *given;
  if (own == nullptr) own = std::make_unique<OffloadPool>(default_pool());
  return *own;
}

OffloadPool& Reactor::pool_of(const Operation& operation) noexcept {
  if (is_file_kind(operation.kind)) return own_pool(pools_.files, own_files_);
  OffloadPool* chosen = operation.args.call.pool;
  return chosen != nullptr ? *chosen : own_pool(pools_.cpu, own_cpu_);
}

// True: the ring has it. Made at the first use; where there is none, the pool does the work.
bool Reactor::hand_to_ring(Operation& operation) noexcept {
  if (!FileRing::takes(operation.kind)) return false;
  if (!std::exchange(ring_tried_, true)) {
    ring_ = FileRing::make();
    if (ring_ != nullptr && !epoll_.add(ring_->fd(), EPOLLIN, ring_.get())) ring_.reset();
  }
  return ring_ != nullptr && ring_->submit(operation);
}

// True: it could not be queued, and the outcome says so.
bool Reactor::hand_to_pool(Operation& operation) noexcept {
  operation.run = &run_offloaded;
  const auto submitted = pool_of(operation).submit(operation);
  if (!submitted) operation.set(submitted.error().code);
  return !submitted;
}

void Reactor::run_offloaded(Ready& ready) noexcept {
  auto& operation = static_cast<Operation&>(ready);
  if (operation.kind == Kind::offload) {
    operation.args.call.function(operation.args.call.object);
  } else {
    run_file_operation(operation);
  }
  operation.run = &offload_done;
  operation.context->io->post(operation);
}

void Reactor::offload_done(Ready& ready) noexcept {
  auto& operation = static_cast<Operation&>(ready);
  operation.context->io->complete(operation);
}

// --- descriptors ---

Result<Descriptor*> Reactor::attach(int fd, bool stream) {
  OwnedFd owned{fd};
  auto descriptor = std::make_unique<Descriptor>();
  // One registration for its whole life; edge-triggered, so no call is needed when interest changes.
  if (!epoll_.add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, descriptor.get())) return fail_errno(errno, "epoll_ctl");
  descriptor->fd = owned.release();
  descriptor->stream = stream;
  return descriptor.release();
}

void Reactor::discard(Descriptor* descriptor) noexcept {
  descriptor->next_closed = closed_;
  closed_ = descriptor;
}

void Reactor::free_closed() noexcept {
  while (Descriptor* descriptor = closed_) {
    closed_ = descriptor->next_closed;
    delete descriptor;
  }
}

// --- the loop ---

void Reactor::retry(Operation* operation) noexcept {
  if (operation != nullptr && attempt(*operation)) complete(*operation);
}

void Reactor::handle(const epoll_event& event) noexcept {
  auto* descriptor = static_cast<Descriptor*>(event.data.ptr);
  if (descriptor == nullptr) return mailbox_.drain_wake_fd();
  if (event.data.ptr == ring_.get()) return ring_->reap([this](Operation& operation) { complete(operation); });
  if (descriptor->fd < 0) return;  // closed by an earlier event of this batch
  const bool over = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
  if (over || (event.events & EPOLLRDHUP) != 0) descriptor->hung_up = true;
  if (over || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0) {
    descriptor->drained = false;
    retry(descriptor->reader);
  }
  // RDHUP says nothing about writing.
  if (over || (event.events & EPOLLOUT) != 0) retry(descriptor->writer);
}

Duration Reactor::poll_limit() noexcept {
  if (!ready_.empty() || !urgent_.empty()) return Duration{0};
  const Instant next = wheel_.next();
  if (next == Instant::never()) return Duration{-1};
  return std::max(next - now(), Duration{0});
}

void Reactor::poll() {
  std::array<epoll_event, kEventsPerPoll> events;
  if (ring_ != nullptr) ring_->flush();
  const Duration limit = poll_limit();
  note_running(nullptr);
  if (limit.ns != 0) idle();
  const bool sleeps = limit.ns != 0 && mailbox_.fall_asleep();
  const Size count = epoll_.wait(events, sleeps ? limit : Duration{0});
  if (sleeps) mailbox_.wake_up();
  for (Size i = 0; i < count; ++i) handle(events[i]);
  free_closed();
}

// How many it ran: at most `most` and what is urgent.
Size Reactor::run_ready(Size most) {
  for (Size done = 0; done < kUrgentPerPass; ++done) {
    Ready* ready = urgent_.pop();
    if (ready == nullptr) break;
    ready->run(*ready);
  }
  Size done = 0;
  for (Instant end{}; done < most; ++done) {  // the clock is read now and then only, so `end` counts from the first reading
    if (done % kReadyPerClockRead == kReadyPerClockRead - 1) {
      const Instant time = now();
      if (end == Instant{}) end = time + kPassMax;
      if (time >= end) return most;
    }
    Ready* ready = ready_.pop();
    if (ready == nullptr) break;
    ready->run(*ready);
  }
  return done;
}

// Messages often make tasks ready, which post again (a channel between threads): they go round without a system call, but
// the kernel is asked at least once every kReadyPerPass tasks.
void Reactor::pass() {
  passes_.store(++stats_.passes, std::memory_order_relaxed);
  for (Size left = kReadyPerPass;;) {
    left -= run_ready(left);
    if (!mailbox_.deliver()) break;
    ++stats_.posts;
    if (left == 0) break;
  }
  if (!wheel_.empty()) wheel_.advance(now());
}

void Reactor::drive_until(const bool& ended) {
  pass();
  while (!ended) {
    poll();
    pass();
  }
}

Result<ReactorParts> ReactorParts::make() {
  OwnedFd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (epoll.get() < 0) return fail_errno(errno, "epoll_create1");
  TRY(wake, make_event_fd());
  epoll_event event{};
  event.events = EPOLLIN;  // data null: the mailbox
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) return fail_errno(errno, "epoll_ctl");
  return ReactorParts{std::move(epoll), std::move(wake)};
}

}  // namespace tablinum::io
