#include "core/mailbox.h"
#include "model/parking.h"
#include "tablinum/io/runtime.h"

namespace tablinum::io {
namespace {

class BlockingIo final : public KernelIo {
 public:
  explicit BlockingIo(OwnedFd wake) noexcept : mailbox_{std::move(wake)} {}

  Start submit(Operation& operation) noexcept override;
  void post(Ready& message) noexcept override { mailbox_.push(message); }
  Result<void> start(Context& context, Ready& root, Concurrency concurrency) override;
  void claim(Context&, Context&) noexcept override {}
  void task_ended(Context&) noexcept override { --stats_.tasks_live; }
  void drive_until([[maybe_unused]] const bool& ended) override { assert(ended); }
  Capabilities capabilities() const noexcept override {
    Capabilities capabilities;
    capabilities.parking = true;
    return capabilities;
  }
  Stats stats() const noexcept override { return stats_; }

 private:
  void resume(Operation&) noexcept override {}  // park() sees that it is done
  bool withdraw_offloaded(Operation&) noexcept override { return false; }

  void serve() noexcept;
  void park(Operation& operation) noexcept;
  bool nothing_can_end(const Operation& operation) const noexcept;
  Duration poll_limit() const noexcept;

  Core core_{*this};
  Mailbox mailbox_;
  Stats stats_;
};

Result<void> BlockingIo::start(Context& context, Ready& root, Concurrency concurrency) {
  if (concurrency == Concurrency::must) return fail(Code::unavailable, "this model runs one task at a time");
  ++stats_.tasks_spawned;
  ++stats_.tasks_live;
  context.core = &core_;
  root.run(root);
  return {};
}

/// Messages and timers get their turn at every operation, so a task that never waits can be cancelled too.
void BlockingIo::serve() noexcept {
  if (mailbox_.deliver()) ++stats_.posts;
  if (!wheel_.empty()) wheel_.advance(now());
}

Start BlockingIo::submit(Operation& operation) noexcept {
  ++stats_.operations;
  serve();
  if (refuse_cancelled(operation) || run_on_this_thread(operation) || operation.kind == Kind::yield) return Start::done;
  if (is_socket_kind(operation.kind) && !occupy(operation)) return Start::done;
  begin(operation);
  if (operation.kind == Kind::park && operation.args.park.enlist(operation)) {
    end(operation);
    return Start::done;
  }
  arm_limit(operation);
  park(operation);
  return Start::done;
}

void BlockingIo::park(Operation& operation) noexcept {
  while (operation.state == Operation::State::pending) {
    if (is_socket_kind(operation.kind) && attempt(operation)) return end(operation);
    if (nothing_can_end(operation) && operation.args.park.withdraw(operation)) {
      operation.set(Code::would_deadlock);
      return end(operation);
    }
    const bool sleeps = mailbox_.fall_asleep();
    wait_for_kernel(operation, waited_fd(operation), mailbox_.wake_fd(), sleeps ? poll_limit() : Duration{0});
    mailbox_.wake_up();
    mailbox_.drain_wake_fd();
    serve();
  }
}

// There is no other task, so only another thread or a timer could.
bool BlockingIo::nothing_can_end(const Operation& operation) const noexcept {
  return operation.kind == Kind::park && !operation.outside && wheel_.empty() && !mailbox_.pending();
}

Duration BlockingIo::poll_limit() const noexcept {
  const Instant next = wheel_.next();
  return next == Instant::never() ? Duration{-1} : std::max(next - now(), Duration{0});
}

}  // namespace

Result<std::unique_ptr<Io>> make_blocking_io() {
  TRY(wake, make_event_fd());
  return std::make_unique<BlockingIo>(std::move(wake));
}

}  // namespace tablinum::io
