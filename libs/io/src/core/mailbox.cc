#include "core/mailbox.h"

namespace tablinum::io {

void Mailbox::push(Ready& message) noexcept {
  Ready* first = first_.load(std::memory_order_relaxed);
  do {
    message.next = first;
  } while (!first_.compare_exchange_weak(first, &message, std::memory_order_seq_cst, std::memory_order_relaxed));
  // `message` may be gone from here on. Sequential consistency pairs this load with the store in fall_asleep: either the core
  // sees the message before it sleeps, or this thread sees that it sleeps.
  if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false)) signal_event(wake_fd_.get());
}

bool Mailbox::fall_asleep() noexcept {
  asleep_.store(true, std::memory_order_seq_cst);
  if (first_.load(std::memory_order_seq_cst) == nullptr) return true;
  wake_up();
  return false;
}

bool Mailbox::deliver() noexcept {
  if (!pending()) return false;
  Ready* newest = first_.exchange(nullptr, std::memory_order_acquire);
  Ready* oldest = nullptr;
  while (newest != nullptr) {
    Ready* following = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = following;
  }
  while (oldest != nullptr) {
    Ready* message = oldest;
    oldest = oldest->next;
    message->run(*message);
  }
  return true;
}

void Mailbox::drain_wake_fd() noexcept { drain_event(wake_fd_.get()); }

}  // namespace tablinum::io
