#include "tablinum/io/io.h"

#include "core/dump.h"
#include "os/attempt.h"
#include "os/errno.h"

namespace tablinum::io {

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::yield:
      return "yield";
    case Kind::sleep:
      return "sleep";
    case Kind::park:
      return "wait";
    case Kind::offload:
      return "offload";
    case Kind::accept:
      return "accept";
    case Kind::connect:
      return "connect";
    case Kind::recv:
      return "recv";
    case Kind::send:
      return "send";
    case Kind::wait_process:
      return "wait_process";
    case Kind::receive_batch:
      return "receive_batch";
    case Kind::send_batch:
      return "send_batch";
    case Kind::read:
      return "read";
    case Kind::open:
      return "open";
    case Kind::read_at:
      return "read_at";
    case Kind::write_at:
      return "write_at";
    case Kind::sync:
      return "sync";
    case Kind::truncate:
      return "truncate";
    case Kind::stat:
      return "stat";
    case Kind::rename:
      return "rename";
    case Kind::unlink:
      return "remove";
    case Kind::mkdir:
      return "mkdir";
    case Kind::list:
      return "list";
  }
  return "operation";
}

Error error_of(const Operation& operation) {
  std::string detail;
  if (operation.system_error != 0) detail = name_of_errno(operation.system_error) + ", ";
  detail += name_of(operation.kind);
  if (is_file_kind(operation.kind) && operation.args.file.path != nullptr) detail += std::string{" "} + operation.args.file.path;
  if (operation.result > 0) detail += ", after " + std::to_string(operation.result) + " bytes";
  return Error{operation.code, std::move(detail)};
}

Op<void> sleep_until(Io& io, Instant end) noexcept {
  Op<void> operation{io, Kind::sleep};
  operation.operation().at = end;
  return operation;
}

Op<void> sleep(Io& io, Duration length) noexcept { return sleep_until(io, io.now() + length); }

Op<void> yield(Io& io) noexcept { return Op<void>{io, Kind::yield}; }

// --- stopping ---

void Io::stop(Duration grace) noexcept {
  stop_message_.grace_ns.store(grace.ns, std::memory_order_relaxed);
  if (stop_message_.queued.exchange(true)) return;
  stop_message_.io = this;
  stop_message_.run = [](Ready& message) noexcept { static_cast<StopMessage&>(message).io->stop_on_core(); };
  post(stop_message_);
}

void Io::stop_on_core() noexcept {
  stop_message_.queued.store(false);
  stopping_ = true;
  while (Operation* waiter = stop_waiters_.pop()) complete(*waiter);
  const Duration grace{stop_message_.grace_ns.load(std::memory_order_relaxed)};
  if (grace.ns <= 0) return end_grace();
  const Instant end = now() + grace;
  if (grace_.armed && grace_.at <= end) return;
  disarm(grace_);
  grace_.io = this;
  grace_.at = end;
  grace_.fire = [](Timer& timer) noexcept { static_cast<GraceTimer&>(timer).io->end_grace(); };
  arm(grace_);
}

void Io::end_grace() noexcept {
  disarm(grace_);
  grace_over_ = true;
  if (root_ != nullptr) root_->cancel(Reason::shutdown);
}

void Io::set_root(Context* root) noexcept {
  const Guard guard{*this};
  root_ = root;
  if (root != nullptr && grace_over_) root->cancel(Reason::shutdown);
}

StopWait::StopWait(Io& io) noexcept : OperationAwaiter{io, Kind::park} {
  operation_.args.park = {&StopWait::enlist, &StopWait::withdraw, &io, nullptr};
  operation_.outside = true;
}

Result<void> StopWait::await_resume() const {
  if (!succeeded()) return std::unexpected(error_of(operation_));
  return {};
}

bool StopWait::enlist(Operation& operation) noexcept {
  Io& io = *static_cast<Io*>(operation.args.park.object);
  const Guard guard{io};
  if (io.stopping_) return true;
  io.stop_waiters_.push(operation);
  return false;
}

bool StopWait::withdraw(Operation& operation) noexcept {
  Io& io = *static_cast<Io*>(operation.args.park.object);
  return io.stop_waiters_.remove(operation);
}

}  // namespace tablinum::io
