#include "model/reactor.h"

namespace tablinum::io {
namespace {

class StacklessIo final : public Reactor {
 public:
  using Reactor::Reactor;

  Result<void> start(Context& context, Ready& root, Concurrency) override {
    CHECK_OK(admit());
    context.core = &core_;
    enqueue(root, context.priority);
    return {};
  }
  Capabilities capabilities() const noexcept override {
    Capabilities capabilities;
    capabilities.concurrency = true;
    return capabilities;
  }

 private:
  void resume(Operation& operation) noexcept override {
    operation.run = &resume_waiter;
    enqueue(operation, operation.context->priority);
  }
  static void resume_waiter(Ready& ready) noexcept {
    auto& operation = static_cast<Operation&>(ready);
    operation.context->io->note_running(operation.context->name);
    operation.context->core->drive(operation.waiter);
  }

  Core core_{*this};
};

}  // namespace

Result<std::unique_ptr<Io>> make_stackless_io(StacklessOptions options) {
  TRY(parts, ReactorParts::make());
  return std::make_unique<StacklessIo>(std::move(parts), options);
}

}  // namespace tablinum::io
