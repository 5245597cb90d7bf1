#pragma once
/// Switching stacks: Boost.Context's assembly, what the C++ runtime keeps for each stack, and what the sanitizers must be told.
/// One thread: a stack is never resumed on another one.
#include <boost/context/detail/fcontext.hpp>

#include <cstddef>
#include <span>

namespace tablinum::io::green {

/// Exceptions being handled on a stack (Itanium C++ ABI §2.2.2). They belong to the thread, so without saving them two stacks
/// that park inside `catch` would rethrow each other's.
struct Exceptions {
  void* caught = nullptr;
  unsigned uncaught = 0;
};

/// One side of a switch: where it goes on, and what belongs to its stack.
class Side {
 public:
  /// The stack that runs already (a loop's).
  Side() noexcept;
  /// A stack that begins with enter(argument), which never returns but leaves by leave_to().
  Side(std::span<std::byte> stack, void (*enter)(void* argument), void* argument) noexcept;
  ~Side();
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  /// From this side, which runs, to `other`; returns when something switches back.
  void switch_to(Side& other) noexcept;
  /// The same for good: this stack is not needed any more.
  [[noreturn]] void leave_to(Side& other) noexcept;

 private:
  static void begin(boost::context::detail::transfer_t transfer);
  void jump(Side& other, bool leaving) noexcept;
  void arrived() noexcept;

  boost::context::detail::fcontext_t context_ = nullptr;
  Exceptions exceptions_;
  void (*enter_)(void*) = nullptr;
  void* argument_ = nullptr;
  [[maybe_unused]] void* fake_stack_ = nullptr;     // AddressSanitizer
  [[maybe_unused]] const void* bottom_ = nullptr;
  [[maybe_unused]] std::size_t bytes_ = 0;
  [[maybe_unused]] void* fiber_ = nullptr;          // ThreadSanitizer
  Side* from_ = nullptr;                            // who switched here last
};

}  // namespace tablinum::io::green
