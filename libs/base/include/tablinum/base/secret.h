#pragma once
/// Memory for secrets: wiped before it is given back.
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"

namespace tablinum {

/// std::allocator that overwrites what it frees, also when a vector grows.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() noexcept = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* pointer, std::size_t count) noexcept {
    wipe(std::as_writable_bytes(std::span{pointer, count}));
    std::allocator<T>{}.deallocate(pointer, count);
  }
  template <class U>
  friend bool operator==(const WipingAllocator&, const WipingAllocator<U>&) noexcept {
    return true;
  }
};

/// A vector whose memory is wiped; for plain numbers and bytes.
template <class T>
using SecretVector = std::vector<T, WipingAllocator<T>>;
using SecretBytes = SecretVector<std::byte>;

/// Exactly N secret bytes (a key, a seed), in place. Wiped when they go and when they are moved from.
template <std::size_t N>
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::span<const std::byte, N> from) noexcept { std::copy(from.begin(), from.end(), bytes_.begin()); }
  Secret(const Secret&) noexcept = default;
  Secret& operator=(const Secret&) noexcept = default;
  Secret(Secret&& other) noexcept : bytes_{other.bytes_} { other.wipe_now(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.wipe_now();
    }
    return *this;
  }
  ~Secret() { wipe_now(); }

  static constexpr std::size_t size() noexcept { return N; }
  std::span<const std::byte, N> view() const noexcept { return bytes_; }
  std::span<std::byte, N> mutable_view() noexcept { return bytes_; }
  std::span<const std::uint8_t, N> u8() const noexcept {
    return std::span<const std::uint8_t, N>{reinterpret_cast<const std::uint8_t*>(bytes_.data()), N};
  }
  /// Constant time.
  friend bool operator==(const Secret& a, const Secret& b) noexcept { return equal_constant_time(a.bytes_, b.bytes_); }

 private:
  void wipe_now() noexcept { wipe(bytes_); }
  std::array<std::byte, N> bytes_{};
};

/// N bytes of the system's randomness.
template <std::size_t N>
Secret<N> random_secret() noexcept {
  Secret<N> secret;
  fill_random(secret.mutable_view());
  return secret;
}

}  // namespace tablinum
