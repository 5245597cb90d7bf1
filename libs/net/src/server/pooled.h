#pragma once
/// For std::allocate_shared: objects that come and go with each request, from the thread's pool of frames.
#include "tablinum/io/task.h"

namespace tablinum::net {

template <class T>
struct Pooled {
  using value_type = T;
  Pooled() = default;
  template <class U>
  explicit(false) Pooled(const Pooled<U>&) noexcept {}
  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= 16);
    return static_cast<T*>(io::detail::allocate_frame(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept { io::detail::free_frame(memory, count * sizeof(T)); }
  friend bool operator==(const Pooled&, const Pooled&) = default;
};

}  // namespace tablinum::net
