#include "tablinum/io/scope.h"

#include <stdexcept>

namespace tablinum::io {
namespace detail {

ChildBase::ChildBase(Io& io, Context* parent, Scope* scope, SpawnOptions options) noexcept
    : node_{io, parent, this}, scope_{scope} {
  run = &run_task;
  node_.ended = &task_ended;
  node_.root = this;
  node_.name = options.name;
  node_.priority = options.priority;
}

TaskState ChildBase::state() const noexcept {
  const Guard guard{*node_.io};
  if (!ended_) return running_ ? TaskState::running : TaskState::pending;
  if (exception_) return TaskState::error;
  if (!failure_) return TaskState::completed;
  if (failure_->code == Code::cancelled) return TaskState::cancelled;
  return failure_->code == Code::timeout ? TaskState::timeout : TaskState::error;
}

void ChildBase::add_reference() noexcept {
  const Guard guard{*node_.io};
  ++references_;
}

void ChildBase::release() noexcept {
  bool last;
  {
    const Guard guard{*node_.io};
    last = --references_ == 0;
  }
  if (last) delete this;
}

void ChildBase::run_task(Ready& self) noexcept {
  auto& child = static_cast<ChildBase&>(self);
  child.running_ = true;
  child.node_.io->note_running(child.node_.name);
  child.node_.core->drive(child.begin());
}

void ChildBase::task_ended(Context& context) noexcept {
  ChildBase& child = *static_cast<Node&>(context).child;
  child.collect();
  {
    const Guard guard{*context.io};
    child.ended_ = true;
    while (Operation* waiter = child.waiters_.pop()) context.io->complete(*waiter);
    context.leave();  // a handle may outlive the scope
    if (child.scope_ != nullptr) child.scope_->child_ended(child);
    context.io->task_ended(context);
  }
  child.release();
}

// As task_ended, for a task that was never counted in by its Io. Its failure is one like any other to the scope.
void ChildBase::refuse(const Error& why) noexcept {
  set_refused(why);
  {
    const Guard guard{*node_.io};
    ended_ = true;
    node_.leave();
    if (scope_ != nullptr) scope_->child_ended(*this);
  }
  release();
}

bool ChildBase::enlist(Operation& operation) noexcept {
  auto& child = *static_cast<ChildBase*>(operation.args.park.object);
  const Guard guard{*child.node_.io};
  if (child.ended_) return true;
  if (operation.context->cancelled()) child.node_.cancel(operation.context->reason);
  child.waiters_.push(operation);
  return false;
}

// The wait is not given up: the task is cancelled, and its end ends the wait.
bool ChildBase::withdraw(Operation& operation) noexcept {
  auto& child = *static_cast<ChildBase*>(operation.args.park.object);
  child.node_.cancel(operation.context->reason);
  return false;
}

bool ChildBase::attempt(Operation& operation) noexcept {
  const auto& child = *static_cast<ChildBase*>(operation.args.park.object);
  const Guard guard{*child.node_.io};
  return child.ended_;
}

bool ChildBase::link(Operation& operation) noexcept {
  auto& child = *static_cast<ChildBase*>(operation.args.park.object);
  const Guard guard{*child.node_.io};
  if (child.ended_) return false;
  child.waiters_.push(operation);
  return true;
}

bool ChildBase::unlink(Operation& operation) noexcept {
  auto& child = *static_cast<ChildBase*>(operation.args.park.object);
  const Guard guard{*child.node_.io};
  return child.waiters_.remove(operation);
}

void refuse_to_run(ChildBase& root, const Error& why) {
  root.release();
  throw std::runtime_error{describe(why)};
}

}  // namespace detail

Result<void> Scope::admit(detail::ChildBase& child, Concurrency concurrency) {
  {
    const Guard guard{io()};
    ++live_;
  }
  auto started = io().start(child.context(), child, concurrency);
  if (started || concurrency == Concurrency::may) return started;  // refuse() ends one that may but cannot run
  const Guard guard{io()};
  --live_;
  child.context().leave();
  return started;
}

void Scope::child_ended(detail::ChildBase& child) noexcept {
  const bool threw = child.exception() != nullptr;
  const bool failed = child.failure().has_value() && !child.context().cancelled();
  if (threw && !exception_) exception_ = child.exception();
  if (failed && !failure_ && policy_ != ScopePolicy::supervise) failure_ = child.failure();
  if (threw || (failed && policy_ == ScopePolicy::fail_fast)) context_.cancel(Reason::sibling_failed);
  if (--live_ == 0 && joiner_ != nullptr) io().complete(*std::exchange(joiner_, nullptr));
}

Scope::Join::Join(Scope& scope) noexcept : OperationAwaiter{scope.io(), Kind::park}, scope_{scope} {
  operation_.args.park = {&Scope::enlist, &Scope::withdraw, &scope, nullptr};
  operation_.uncancellable = true;
}

bool Scope::enlist(Operation& operation) noexcept {
  auto& scope = *static_cast<Scope*>(operation.args.park.object);
  const Guard guard{scope.io()};
  if (scope.live_ == 0) return true;
  scope.joiner_ = &operation;
  return false;
}

// Nobody leaves before the children have ended; that they are cancelled too is the business of the tree.
bool Scope::withdraw(Operation&) noexcept { return false; }

}  // namespace tablinum::io
