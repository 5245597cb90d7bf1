#include "tablinum/io/sync.h"

namespace tablinum::io {
namespace {

Wait wait_on(Io& io, void* object, bool (*enlist)(Operation&) noexcept, bool (*withdraw)(Operation&) noexcept) noexcept {
  Wait wait{io, Kind::park};
  wait.operation().args.park = {enlist, withdraw, object, nullptr};
  return wait;
}

}  // namespace

// --- Event ---

void Event::set() noexcept {
  const Guard guard{io_};
  if (reset_ == Reset::automatic) {
    if (Operation* waiter = waiters_.pop()) return io_.complete(*waiter);
  }
  set_ = true;
  while (Operation* waiter = waiters_.pop()) io_.complete(*waiter);
}

void Event::reset() noexcept {
  const Guard guard{io_};
  set_ = false;
}

bool Event::is_set() const noexcept {
  const Guard guard{io_};
  return set_;
}

Wait Event::wait() noexcept { return wait_on(io_, this, &Event::enlist, &Event::withdraw); }

bool Event::enlist(Operation& operation) noexcept {
  auto& self = *static_cast<Event*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (self.set_) {
    self.set_ = self.reset_ == Reset::manual;
    return true;
  }
  self.waiters_.push(operation);
  return false;
}

bool Event::withdraw(Operation& operation) noexcept {
  return static_cast<Event*>(operation.args.park.object)->waiters_.remove(operation);
}

// --- Semaphore ---

bool Semaphore::try_acquire() noexcept {
  const Guard guard{io_};
  if (permits_ == 0 || !waiters_.empty()) return false;
  --permits_;
  return true;
}

void Semaphore::release() noexcept {
  const Guard guard{io_};
  if (Operation* waiter = waiters_.pop()) return io_.complete(*waiter);
  ++permits_;
}

Size Semaphore::available() const noexcept {
  const Guard guard{io_};
  return permits_;
}

Wait Semaphore::acquire() noexcept { return wait_on(io_, this, &Semaphore::enlist, &Semaphore::withdraw); }

bool Semaphore::enlist(Operation& operation) noexcept {
  auto& self = *static_cast<Semaphore*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (self.try_acquire()) return true;
  self.waiters_.push(operation);
  return false;
}

bool Semaphore::withdraw(Operation& operation) noexcept {
  return static_cast<Semaphore*>(operation.args.park.object)->waiters_.remove(operation);
}

// --- Mutex ---

Task<Result<Mutex::Lock>> Mutex::lock() {
  CO_CHECK_OK(co_await semaphore_.acquire());
  co_return Lock{semaphore_};
}

}  // namespace tablinum::io
