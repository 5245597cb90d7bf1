#pragma once
/// Large arrays without initialisation, and loops over them that an executor shares out.
#include <algorithm>
#include <new>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/parallel.h"

namespace tablinum::proof::lf {

/// Memory of large arrays: what is given back is kept for the next one, up to kBlocksKept bytes in the process, because the first
/// touch of fresh pages costs as much as the arithmetic on them. 32 blocks of SHA-256 take 164 MB.  Thread-safe.
inline constexpr std::size_t kBlocksKept = std::size_t{192} << 20;
inline constexpr std::size_t kBlockMin = std::size_t{128} << 10;  // smaller arrays are left to the allocator
void* take_block(std::size_t bytes);
void give_block(void* block, std::size_t bytes) noexcept;
/// Gives the kept blocks back to the system.
void drop_blocks() noexcept;
/// What take_block() rounds up to: the next quarter of a power of two.
std::size_t block_size(std::size_t bytes) noexcept;

/// Leaves new elements as they are, and wipes secrets.
template <class T, bool kSecret>
struct ArrayAllocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = ArrayAllocator<U, kSecret>;
  };

  ArrayAllocator() noexcept = default;
  template <class U>
  ArrayAllocator(const ArrayAllocator<U, kSecret>&) noexcept {}
  T* allocate(std::size_t count) { return static_cast<T*>(take_block(count * sizeof(T))); }
  void deallocate(T* pointer, std::size_t count) noexcept {
    if constexpr (kSecret) wipe(std::as_writable_bytes(std::span{pointer, count}));
    give_block(pointer, count * sizeof(T));
  }
  void construct(T*) noexcept {}
  template <class... Arguments>
    requires(sizeof...(Arguments) > 0)
  void construct(T* at, Arguments&&... arguments) noexcept {
    ::new (static_cast<void*>(at)) T(std::forward<Arguments>(arguments)...);
  }
  template <class U>
  friend bool operator==(const ArrayAllocator&, const ArrayAllocator<U, kSecret>&) noexcept {
    return true;
  }
};

/// resize() leaves what it adds undefined.
template <class T>
using Array = std::vector<T, ArrayAllocator<T, false>>;
template <class T>
using SecretArray = std::vector<T, ArrayAllocator<T, true>>;

/// An array of n undefined elements that takes its memory again where it is large enough.
template <class A>
void renew(A& array, std::size_t n) {
  if (array.capacity() < n) A{}.swap(array);
  array.resize(n);
}

/// Splits [0, n) into ranges of at least `grain` (a multiple of which they begin at) and calls body(begin, end) for each, side by
/// side where that is worth it. More ranges than threads: a helper that wakes late leaves them to who is there.
template <class Body>
void split(Executor& executor, std::size_t n, std::size_t grain, Body&& body) {
  const std::size_t grains = (n + grain - 1) / grain;
  const std::size_t threads = executor.threads();
  const std::size_t parts = threads <= 1 ? 1 : std::min(4 * threads, grains);
  if (parts <= 1) return body(std::size_t{0}, n);
  const auto border = [&](std::size_t part) { return std::min(n, grains * part / parts * grain); };
  executor.for_each(parts, [&](std::size_t part) { body(border(part), border(part + 1)); });
}

}  // namespace tablinum::proof::lf
