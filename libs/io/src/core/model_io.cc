#include "core/model_io.h"

namespace tablinum::io {

bool ModelIo::refuse_cancelled(Operation& operation) noexcept {
  if (operation.uncancellable || !operation.context->cancelled()) return false;
  operation.set(Code::cancelled);
  return true;
}

bool ModelIo::occupy(Operation& operation) noexcept {
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

void ModelIo::vacate(Operation& operation) noexcept {
  if (!is_socket_kind(operation.kind) || operation.descriptor == nullptr) return;
  Operation*& slot = waits_to_write(operation) ? operation.descriptor->writer : operation.descriptor->reader;
  if (slot == &operation) slot = nullptr;
}

void ModelIo::begin(Operation& operation) noexcept {
  operation.state = Operation::State::pending;
  operation.context->current = &operation;
}

void ModelIo::arm_limit(Operation& operation) noexcept {
  if (operation.at == Instant::never()) return;
  operation.fire = &limit_reached;
  arm(operation);
}

void ModelIo::end(Operation& operation) noexcept {
  operation.state = Operation::State::done;
  operation.context->current = nullptr;
  vacate(operation);
  disarm(operation);
}

void ModelIo::limit_reached(Timer& timer) noexcept {
  auto& operation = static_cast<Operation&>(timer);
  static_cast<ModelIo&>(*operation.context->io).interrupt(operation, operation.kind == Kind::sleep ? Code{} : Code::timeout);
}

bool ModelIo::release(Operation& operation) noexcept {
  if (operation.kind == Kind::park) return operation.args.park.withdraw(operation);
  if (operation.kind == Kind::offload || is_file_kind(operation.kind)) return withdraw_offloaded(operation);
  return true;
}

void ModelIo::interrupt(Operation& operation, Code why) noexcept {
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

void ModelIo::cancel(Operation& operation) noexcept { interrupt(operation, Code::cancelled); }

void ModelIo::complete(Operation& operation) noexcept {
  const Guard guard{*this};
  Operation& whole = operation.claim != nullptr ? *operation.claim->whole : operation;
  assert(whole.state == Operation::State::pending);
  end(whole);
  resume(whole);
}

void ModelIo::arm(Timer& timer) noexcept {
  const Guard guard{*this};
  wheel_.add(timer);
}

void ModelIo::disarm(Timer& timer) noexcept {
  const Guard guard{*this};
  wheel_.remove(timer);
}

void ModelIo::cancel_all(Descriptor& descriptor) noexcept {
  if (descriptor.reader != nullptr) cancel(*descriptor.reader);
  if (descriptor.writer != nullptr) cancel(*descriptor.writer);
}

}  // namespace tablinum::io
