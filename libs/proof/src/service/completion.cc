#include "service/completion.h"

namespace tablinum::proof {
namespace {

void complete_posted(io::Ready& message) noexcept {
  auto& operation = static_cast<io::Operation&>(message);
  operation.context->io->complete(operation);
}

}  // namespace

Completion::Wait::Wait(io::Io& io, Completion& completion) noexcept : OperationAwaiter{io, io::Kind::park} {
  operation_.args.park = {&Completion::enlist, &Completion::withdraw, &completion, nullptr};
  operation_.outside = true;
  operation_.uncancellable = true;
}

// Posted without the mutex: the waiter may be an Io that runs it at once, on this thread.
void Completion::set() noexcept {
  io::WaitQueue woken;
  {
    const std::lock_guard lock{mutex_};
    set_ = true;
    while (io::Operation* operation = waiters_.pop()) woken.push(*operation);
  }
  while (io::Operation* operation = woken.pop()) {
    operation->run = &complete_posted;
    operation->context->io->post(*operation);
  }
}

bool Completion::enlist(io::Operation& operation) noexcept {
  auto& self = *static_cast<Completion*>(operation.args.park.object);
  const std::lock_guard lock{self.mutex_};
  if (self.set_) return true;
  self.waiters_.push(operation);
  return false;
}

// Always too late: the end that is announced ends the wait.
bool Completion::withdraw(io::Operation&) noexcept { return false; }

}  // namespace tablinum::proof
