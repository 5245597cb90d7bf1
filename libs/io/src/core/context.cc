#include "tablinum/io/io.h"

namespace tablinum::io {

void detail::hand_to_driver(Context& context, std::coroutine_handle<> parent) noexcept {
  if (parent) {
    context.core->next = parent;
  } else {
    context.core->ended = &context;
  }
}

void Core::drive(std::coroutine_handle<> handle) {
  budget = kOperationBudget;
  do {
    handle.resume();
    handle = std::exchange(next, nullptr);
  } while (handle);
  if (Context* task = std::exchange(ended, nullptr)) task->ended(*task);
}

Context::Context(Io& owner, Context* parent_context, bool is_shield) noexcept
    : io{&owner}, parent{parent_context}, shielded{is_shield} {
  if (parent == nullptr) return;
  const Guard guard{*io};
  core = parent->core;
  priority = parent->priority;
  name = parent->name;
  if (!shielded) deadline = parent->deadline;
  (shielded ? held : reason) = parent->reason;
  next_sibling = parent->first_child;
  if (next_sibling != nullptr) next_sibling->previous_sibling = this;
  parent->first_child = this;
}

Context::~Context() {
  const Guard guard{*io};
  assert(first_child == nullptr && callbacks == nullptr);
  leave();
}

void Context::leave() noexcept {
  const Guard guard{*io};
  if (parent == nullptr) return;
  (previous_sibling != nullptr ? previous_sibling->next_sibling : parent->first_child) = next_sibling;
  if (next_sibling != nullptr) next_sibling->previous_sibling = previous_sibling;
  parent = next_sibling = previous_sibling = nullptr;
}

void Context::mark(Reason why) noexcept {
  reason = why;
  while (OnCancel* callback = callbacks) {
    callbacks = callback->next_;
    callback->linked_ = false;
    callback->fn_(callback->object_);
  }
  if (current != nullptr) io->cancel(*current);
}

// A walk in preorder without a stack, since tasks may be nested to any depth. Nothing it calls changes the tree: completing an
// operation only queues its waiter.
void Context::cancel_tree(Reason why, bool through_shields) noexcept {
  const Guard guard{*io};
  for (Context* node = this;;) {
    if (through_shields) node->shielded = false;
    const bool hold = node->shielded && node != this;
    if (hold && node->held == Reason::none) node->held = why;
    const bool fresh = !hold && !node->cancelled();
    const bool enter = fresh || through_shields;
    if (fresh) node->mark(why);
    if (enter && node->first_child != nullptr) {
      node = node->first_child;
      continue;
    }
    while (node != this && node->next_sibling == nullptr) node = node->parent;
    if (node == this) return;
    node = node->next_sibling;
  }
}

void Context::lift_shield() noexcept {
  const Guard guard{*io};
  shielded = false;
  if (held != Reason::none) cancel(held);
}

OnCancel::OnCancel(Context& context, void (*fn)(void*) noexcept, void* object) noexcept
    : context_{context}, fn_{fn}, object_{object} {
  const Guard guard{*context.io};
  if (context.cancelled()) {
    fn_(object_);
    return;
  }
  next_ = context.callbacks;
  context.callbacks = this;
  linked_ = true;
}

OnCancel::~OnCancel() {
  const Guard guard{*context_.io};
  if (!linked_) return;
  OnCancel** link = &context_.callbacks;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
}

}  // namespace tablinum::io
