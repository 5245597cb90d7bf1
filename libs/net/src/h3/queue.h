#pragma once
/// A FIFO that allocates nothing while it is empty: std::deque takes 600 bytes at birth, and every stream has two queues.
#include <cstddef>
#include <utility>
#include <vector>

namespace tablinum::net::h3 {

template <class T>
class Queue {
 public:
  bool empty() const noexcept { return items_.size() == first_; }
  std::size_t size() const noexcept { return items_.size() - first_; }
  T& operator[](std::size_t at) noexcept { return items_[first_ + at]; }
  T& front() noexcept { return items_[first_]; }
  T& back() noexcept { return items_.back(); }
  void push_back(T item) { items_.push_back(std::move(item)); }
  T pop_front() noexcept {
    T item = std::exchange(items_[first_++], T{});
    // Half of it is used up: moving the rest costs a constant for each item.
    if (first_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return item;
  }
  void clear() noexcept {
    items_.clear();
    first_ = 0;
  }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace tablinum::net::h3
