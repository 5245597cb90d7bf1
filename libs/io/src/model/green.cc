#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>

#include "green/stacks.h"
#include "green/switch.h"
#include "model/reactor.h"

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TABLINUM_IO_FOREIGN_SIGNALS 1  // the sanitizer reports faults itself
#endif

namespace tablinum::io {
namespace {

/// A task with a stack of its own; the object lies at the top of that stack.
struct Fiber : Core {
  Fiber(Io& owner, std::span<std::byte> memory, std::span<std::byte> usable, Context& context, void (*enter)(void*)) noexcept
      : Core{owner}, stack{memory}, task{&context}, side{usable, enter, this} {}
  std::span<std::byte> stack;
  Context* task;  ///< null: it has ended
  green::Side side;
};

constexpr Size kFiberBytes = (sizeof(Fiber) + 63) / 64 * 64;

#ifndef TABLINUM_IO_FOREIGN_SIGNALS
// --- a stack that is used up ---

Fiber& fiber_at_top(std::span<std::byte> stack) noexcept {
  return *std::launder(reinterpret_cast<Fiber*>(stack.data() + stack.size() - kFiberBytes));
}

struct sigaction previous_action;

void say(const char* text) noexcept {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

/// Names the task whose guard page was hit and aborts; any other fault goes to whoever handled it before.
void on_fault(int signal, siginfo_t* info, void*) {
  if (const auto stack = green::find_overflow(info->si_addr)) {
    const Fiber& fiber = fiber_at_top(*stack);
    say("tablinum: the stack of a green thread overflowed: ");
    say(fiber.task != nullptr && fiber.task->name[0] != '\0' ? fiber.task->name : "(no name)");
    say("\n");
    std::abort();
  }
  ::sigaction(signal, &previous_action, nullptr);  // returning repeats the fault, under the old handler
}

void install_fault_handler() noexcept {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = &on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    return ::sigaction(SIGSEGV, &action, &previous_action) == 0;
  }();
  static_cast<void>(installed);
}

/// A signal stack for this thread while it lives, since the task's own is the one that is used up.
class SignalStack {
 public:
  SignalStack() noexcept {
    stack_t now{};
    if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;  // somebody else's serves as well
    stack_t own{};
    own.ss_sp = memory_.data();
    own.ss_size = memory_.size();
    ours_ = ::sigaltstack(&own, nullptr) == 0;
  }
  ~SignalStack() {
    if (!ours_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::array<std::byte, 16 * 1024> memory_;
  bool ours_ = false;
};
#else
void install_fault_handler() noexcept {}
struct [[maybe_unused]] SignalStack {};
#endif

class GreenThreadsIo final : public Reactor {
 public:
  GreenThreadsIo(ReactorParts parts, const GreenOptions& options) noexcept
      : Reactor{std::move(parts), options.pools}, stacks_{options.stack_bytes} {}

  Result<void> start(Context& context, Ready& root, Concurrency concurrency) override;
  Start submit(Operation& operation) noexcept override;
  void drive_until(const bool& ended) override {
    const SignalStack signal_stack;
    Reactor::drive_until(ended);
  }
  Capabilities capabilities() const noexcept override {
    Capabilities capabilities;
    capabilities.parking = capabilities.concurrency = true;
    return capabilities;
  }

 private:
  Result<Fiber*> make_fiber(Context& context);
  void run(Fiber& fiber) noexcept;
  static void begin(Ready& ready) noexcept;
  static void enter(void* fiber);
  static void wake(Ready& ready) noexcept;
  void resume(Operation& operation) noexcept override;
  void idle() noexcept override { stacks_.trim(); }

  green::Stacks stacks_;
  green::Side loop_;
};

Result<Fiber*> GreenThreadsIo::make_fiber(Context& context) {
  TRY(stack, stacks_.take());
  return ::new (stack.data() + stack.size() - kFiberBytes) Fiber{*this, stack, stack.first(stack.size() - kFiberBytes), context, &enter};
}

Result<void> GreenThreadsIo::start(Context& context, Ready& root, Concurrency concurrency) {
  CHECK_OK(admit());
  auto fiber = make_fiber(context);
  if (fiber) {
    context.root = &root;
    context.core = *fiber;
    context.run = &begin;
    enqueue(context, context.priority);
    return {};
  }
  const bool runs_inline = concurrency == Concurrency::may && context.parent != nullptr;
  if (!runs_inline) {
    --stats_.tasks_live;
    return std::unexpected(std::move(fiber).error());
  }
  root.run(root);  // on the spawner's stack, whose core it has inherited
  return {};
}

void GreenThreadsIo::begin(Ready& ready) noexcept {
  auto& context = static_cast<Context&>(ready);
  static_cast<GreenThreadsIo&>(*context.io).run(*static_cast<Fiber*>(context.core));
}

// The context may be gone when the task has ended; the fiber is there until its stack is given back.
void GreenThreadsIo::enter(void* argument) {
  auto& fiber = *static_cast<Fiber*>(argument);
  fiber.task->root->run(*fiber.task->root);
  fiber.task = nullptr;
  fiber.side.leave_to(static_cast<GreenThreadsIo&>(*fiber.io).loop_);
}

void GreenThreadsIo::run(Fiber& fiber) noexcept {
  loop_.switch_to(fiber.side);
  if (fiber.task != nullptr) return;
  const auto stack = fiber.stack;
  fiber.~Fiber();
  stacks_.give_back(stack);
}

void GreenThreadsIo::resume(Operation& operation) noexcept {
  operation.run = &wake;
  enqueue(operation, operation.context->priority);
}

void GreenThreadsIo::wake(Ready& ready) noexcept {
  auto& operation = static_cast<Operation&>(ready);
  auto& fiber = *static_cast<Fiber*>(operation.context->core);
  fiber.budget = kOperationBudget;
  fiber.io->note_running(operation.context->name);
  static_cast<GreenThreadsIo&>(*fiber.io).run(fiber);
}

Start GreenThreadsIo::submit(Operation& operation) noexcept {
  if (Reactor::submit(operation) == Start::pending) static_cast<Fiber*>(operation.context->core)->side.switch_to(loop_);
  return Start::done;
}

}  // namespace

Result<std::unique_ptr<Io>> make_green_threads_io(GreenOptions options) {
  const Size page = static_cast<Size>(::sysconf(_SC_PAGESIZE));
  if (options.stack_bytes < kGreenStackBytesMin || options.stack_bytes > kGreenStackBytesMax || options.stack_bytes % page != 0) {
    return fail(Code::invalid, "a green thread's stack has 16 KiB to 8 MiB, in whole pages");
  }
  TRY(parts, ReactorParts::make());
  install_fault_handler();
  return std::make_unique<GreenThreadsIo>(std::move(parts), options);
}

}  // namespace tablinum::io
