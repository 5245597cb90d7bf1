#include "tablinum/io/broadcast.h"

namespace tablinum::io::detail {

// The version that was seen lies in `result` until the wait ends.
Wait Versions::beyond(std::uint64_t seen) noexcept {
  Wait wait{io_, Kind::park};
  wait.operation().args.park = {&Versions::enlist, &Versions::withdraw, this, nullptr};
  wait.operation().result = static_cast<std::int64_t>(seen);
  return wait;
}

bool Versions::enlist(Operation& operation) noexcept {
  auto& self = *static_cast<Versions*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (self.version_ > static_cast<std::uint64_t>(operation.result)) return true;
  if (self.closed_) {
    operation.set(Code::closed);
    return true;
  }
  self.waiters_.push(operation);
  return false;
}

bool Versions::withdraw(Operation& operation) noexcept {
  auto& self = *static_cast<Versions*>(operation.args.park.object);
  const Guard guard{self.io_};
  return self.waiters_.remove(operation);
}

// Those who have seen less than the present version are all who wait, unless somebody waits for what is yet to come.
void Versions::wake_all() noexcept {
  WaitQueue early;
  while (Operation* waiter = waiters_.pop()) {
    const bool reached = version_ > static_cast<std::uint64_t>(waiter->result);
    if (!reached && !closed_) {
      early.push(*waiter);
      continue;
    }
    if (!reached) waiter->set(Code::closed);
    io_.complete(*waiter);
  }
  while (Operation* waiter = early.pop()) waiters_.push(*waiter);
}

void Versions::advance() noexcept {
  const Guard guard{io_};
  ++version_;
  wake_all();
}

void Versions::close() noexcept {
  const Guard guard{io_};
  closed_ = true;
  wake_all();
}

}  // namespace tablinum::io::detail
