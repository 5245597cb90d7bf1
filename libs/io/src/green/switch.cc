#include "green/switch.h"

#include <cxxabi.h>

#include <cstdlib>
#include <utility>

#if __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

namespace tablinum::io::green {
namespace {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

/// The runtime's own record for this thread; its layout is part of the ABI.
Exceptions& exceptions_of_thread() noexcept { return *reinterpret_cast<Exceptions*>(abi::__cxa_get_globals()); }

}  // namespace

Side::Side() noexcept {
#if __has_feature(thread_sanitizer)
  fiber_ = __tsan_get_current_fiber();
#endif
}

Side::Side(std::span<std::byte> stack, void (*enter)(void*), void* argument) noexcept
    : context_{make_fcontext(stack.data() + stack.size(), stack.size(), &begin)},
      enter_{enter},
      argument_{argument},
      bottom_{stack.data()},
      bytes_{stack.size()} {
#if __has_feature(thread_sanitizer)
  fiber_ = __tsan_create_fiber(0);
#endif
}

Side::~Side() {
#if __has_feature(thread_sanitizer)
  if (enter_ != nullptr) __tsan_destroy_fiber(fiber_);
#endif
}

void Side::begin(transfer_t transfer) {
  Side& self = *static_cast<Side*>(transfer.data);
  self.from_->context_ = transfer.fctx;
  self.arrived();
  self.enter_(self.argument_);
  std::abort();  // enter leaves by leave_to
}

// First thing on the stack that was switched to.
void Side::arrived() noexcept {
#if __has_feature(address_sanitizer)
  // A loop's stack is learnt from the first switch away from it.
  __sanitizer_finish_switch_fiber(fake_stack_, &from_->bottom_, &from_->bytes_);
#endif
}

void Side::jump(Side& other, [[maybe_unused]] bool leaving) noexcept {
  other.from_ = this;
  Exceptions& exceptions = exceptions_of_thread();
  exceptions_ = std::exchange(exceptions, other.exceptions_);
#if __has_feature(address_sanitizer)
  __sanitizer_start_switch_fiber(leaving ? nullptr : &fake_stack_, other.bottom_, other.bytes_);
#endif
#if __has_feature(thread_sanitizer)
  __tsan_switch_to_fiber(other.fiber_, 0);
#endif
  const transfer_t back = jump_fcontext(other.context_, &other);
  // Here again: whoever switched back has left its place in `back`.
  from_->context_ = back.fctx;
  arrived();
}

void Side::switch_to(Side& other) noexcept { jump(other, false); }

void Side::leave_to(Side& other) noexcept {
  jump(other, true);
  std::abort();
}

}  // namespace tablinum::io::green
