#include "core/kernel_io.h"

#include <sys/random.h>
#include <unistd.h>

#include <cstdlib>

namespace tablinum::io {

void KernelIo::fill_random(MutableBytes out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), std::min<Size>(out.size(), 256), 0);
    if (got > 0) out = out.subspan(static_cast<Size>(got));
  }
}

bool KernelIo::refuse_cancelled(Operation& operation) noexcept {
  if (operation.uncancellable || !operation.context->cancelled()) return false;
  operation.set(Code::cancelled);
  return true;
}

bool KernelIo::occupy(Operation& operation) noexcept {
  Descriptor* descriptor = operation.descriptor;
  if (descriptor == nullptr) {
    operation.set(Code::closed);
    return false;
  }
  Operation*& slot = waits_to_write(operation) ? descriptor->writer : descriptor->reader;
  if (slot != nullptr) {
    operation.set(Code::busy);
    return false;
  }
  slot = &operation;
  return true;
}

void KernelIo::vacate(Operation& operation) noexcept {
  if (!is_socket_kind(operation.kind) || operation.descriptor == nullptr) return;
  Operation*& slot = waits_to_write(operation) ? operation.descriptor->writer : operation.descriptor->reader;
  if (slot == &operation) slot = nullptr;
}

void KernelIo::begin(Operation& operation) noexcept {
  operation.state = Operation::State::pending;
  operation.context->current = &operation;
}

void KernelIo::arm_limit(Operation& operation) noexcept {
  if (operation.at == Instant::never()) return;
  operation.fire = &limit_reached;
  arm(operation);
}

void KernelIo::end(Operation& operation) noexcept {
  operation.state = Operation::State::done;
  operation.context->current = nullptr;
  vacate(operation);
  disarm(operation);
}

void KernelIo::limit_reached(Timer& timer) noexcept {
  auto& operation = static_cast<Operation&>(timer);
  static_cast<KernelIo&>(*operation.context->io).interrupt(operation, operation.kind == Kind::sleep ? Code{} : Code::timeout);
}

bool KernelIo::release(Operation& operation) noexcept {
  if (operation.kind == Kind::park) return operation.args.park.withdraw(operation);
  if (operation.kind == Kind::offload || is_file_kind(operation.kind)) return withdraw_offloaded(operation);
  return true;
}

void KernelIo::interrupt(Operation& operation, Code why) noexcept {
  const Guard guard{*this};
  if (operation.state != Operation::State::pending) return;
  if (operation.in_call) {
    operation.interrupted = why;
    return;
  }
  if (!release(operation)) return;
  operation.set(why);
  complete(operation);
}

void KernelIo::cancel(Operation& operation) noexcept { interrupt(operation, Code::cancelled); }

void KernelIo::complete(Operation& operation) noexcept {
  const Guard guard{*this};
  Operation& whole = operation.claim != nullptr ? *operation.claim->whole : operation;
  assert(whole.state == Operation::State::pending);
  end(whole);
  resume(whole);
}

void KernelIo::arm(Timer& timer) noexcept {
  const Guard guard{*this};
  wheel_.add(timer);
}

void KernelIo::disarm(Timer& timer) noexcept {
  const Guard guard{*this};
  wheel_.remove(timer);
}

Result<Descriptor*> KernelIo::attach(int fd, bool stream) {
  auto* descriptor = new Descriptor;
  descriptor->fd = fd;
  descriptor->stream = stream;
  return descriptor;
}

void KernelIo::detach(Descriptor* descriptor) noexcept {
  const Guard guard{*this};
  if (descriptor->reader != nullptr) cancel(*descriptor->reader);
  if (descriptor->writer != nullptr) cancel(*descriptor->writer);
  wait_for_calls(*descriptor);
  ::close(std::exchange(descriptor->fd, -1));
  discard(descriptor);
}

}  // namespace tablinum::io
