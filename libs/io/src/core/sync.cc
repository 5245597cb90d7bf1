#include "tablinum/io/sync.h"

#include "tablinum/io/select.h"

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

bool Event::attempt(Operation& operation) noexcept {
  auto& self = *static_cast<Event*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (!self.set_) return false;
  self.set_ = self.reset_ == Reset::manual;
  return true;
}

bool Event::link(Operation& operation) noexcept {
  auto& self = *static_cast<Event*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (self.set_) return false;
  self.waiters_.push(operation);
  return true;
}

bool Event::enlist(Operation& operation) noexcept {
  const Guard guard{static_cast<Event*>(operation.args.park.object)->io_};
  return attempt(operation) || !link(operation);
}

SelectCase on_event(Event& event) noexcept { return {&Event::attempt, &Event::link, &Event::withdraw, &event, nullptr, false}; }

bool Event::withdraw(Operation& operation) noexcept {
  auto& self = *static_cast<Event*>(operation.args.park.object);
  const Guard guard{self.io_};
  return self.waiters_.remove(operation);
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

bool Semaphore::attempt(Operation& operation) noexcept { return static_cast<Semaphore*>(operation.args.park.object)->try_acquire(); }

bool Semaphore::link(Operation& operation) noexcept {
  auto& self = *static_cast<Semaphore*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (self.permits_ > 0 && self.waiters_.empty()) return false;
  self.waiters_.push(operation);
  return true;
}

bool Semaphore::enlist(Operation& operation) noexcept {
  const Guard guard{static_cast<Semaphore*>(operation.args.park.object)->io_};
  return attempt(operation) || !link(operation);
}

bool Semaphore::withdraw(Operation& operation) noexcept {
  auto& self = *static_cast<Semaphore*>(operation.args.park.object);
  const Guard guard{self.io_};
  return self.waiters_.remove(operation);
}

SelectCase on_permit(Semaphore& semaphore) noexcept {
  return {&Semaphore::attempt, &Semaphore::link, &Semaphore::withdraw, &semaphore, nullptr, false};
}

// --- Mutex ---

Task<Result<Mutex::Lock>> Mutex::lock() {
  CO_CHECK_OK(co_await semaphore_.acquire());
  co_return Lock{semaphore_};
}

// --- Condition ---

Task<Result<void>> Condition::wait(Mutex& mutex, Mutex::Lock& lock) {
  Wait notification = wait_on(io_, this, &Condition::enlist, &Condition::withdraw);
  notification.operation().args.park.slot = &lock;
  auto outcome = co_await std::move(notification);
  // A cancellation may interrupt this wait too, but not take away the lock that the caller believes to hold.
  while (!lock) {
    Wait again = mutex.semaphore_.acquire();
    again.operation().uncancellable = true;
    if (co_await std::move(again)) lock = Mutex::Lock{mutex.semaphore_};
  }
  co_return outcome;
}

// In the queue before the lock is given up, so that no notification is lost between the two.
bool Condition::enlist(Operation& operation) noexcept {
  auto& self = *static_cast<Condition*>(operation.args.park.object);
  const Guard guard{self.io_};
  self.waiters_.push(operation);
  static_cast<Mutex::Lock*>(operation.args.park.slot)->unlock();
  return false;
}

bool Condition::withdraw(Operation& operation) noexcept {
  auto& self = *static_cast<Condition*>(operation.args.park.object);
  const Guard guard{self.io_};
  return self.waiters_.remove(operation);
}

void Condition::notify_one() noexcept {
  const Guard guard{io_};
  if (Operation* waiter = waiters_.pop()) io_.complete(*waiter);
}

void Condition::notify_all() noexcept {
  const Guard guard{io_};
  while (Operation* waiter = waiters_.pop()) io_.complete(*waiter);
}

// --- Barrier ---

Wait Barrier::arrive_and_wait() noexcept { return wait_on(io_, this, &Barrier::enlist, &Barrier::withdraw); }

bool Barrier::enlist(Operation& operation) noexcept {
  auto& self = *static_cast<Barrier*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (++self.arrived_ < self.count_) {
    self.waiters_.push(operation);
    return false;
  }
  self.arrived_ = 0;
  while (Operation* waiter = self.waiters_.pop()) self.io_.complete(*waiter);
  return true;
}

bool Barrier::withdraw(Operation& operation) noexcept {
  auto& self = *static_cast<Barrier*>(operation.args.park.object);
  const Guard guard{self.io_};
  if (!self.waiters_.remove(operation)) return false;
  --self.arrived_;
  return true;
}

}  // namespace tablinum::io
