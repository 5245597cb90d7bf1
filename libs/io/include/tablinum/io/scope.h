#pragma once
/// Structured concurrency: a Scope owns child tasks and is awaited, so no child outlives it.
///
///   auto body = [&](Scope& scope) -> Task<Result<void>> {
///     auto left = scope.spawn(work(io, 1));
///     auto right = scope.spawn(work(io, 2));
///     CO_TRY(a, co_await left);
///     CO_TRY(b, co_await right);
///     co_return {};
///   };
///   CO_CHECK_OK(co_await with_scope(io, body));
///
/// A child may borrow only what is declared outside the body.
#include <optional>
#include <tuple>
#include <variant>

#include "tablinum/io/io.h"

namespace tablinum::io {

/// What the failure of a child (a Result's error, of a child that was not itself cancelled) does to its siblings.
/// fail_fast: cancels the body and the rest; with_scope returns that error.  collect: nothing, but with_scope returns the first
/// one.  supervise: nothing. An exception always acts like fail_fast and is rethrown by with_scope.
enum class ScopePolicy : std::uint8_t { fail_fast, collect, supervise };

enum class TaskState : std::uint8_t { pending, running, completed, cancelled, timeout, error };

struct SpawnOptions {
  SpawnOptions() noexcept {}
  explicit SpawnOptions(const char* task_name, Priority task_priority = Priority::normal) noexcept
      : name{task_name}, priority{task_priority} {}
  const char* name = "";  ///< a string literal, for dumps
  Priority priority = Priority::normal;
};

namespace detail {

template <class T>
struct IsResult : std::false_type {};
template <class T>
struct IsResult<Result<T>> : std::true_type {};
template <class T>
using NonVoid = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// A spawned task apart from its type: the node in the tree, who waits for it, who still refers to it.
class ChildBase : public Ready {
 public:
  ChildBase(Io& io, Context* parent, Scope* scope, SpawnOptions options) noexcept;
  virtual ~ChildBase() = default;
  ChildBase(const ChildBase&) = delete;
  ChildBase& operator=(const ChildBase&) = delete;

  Context& context() noexcept { return node_; }
  const bool& ended() const noexcept { return ended_; }
  TaskState state() const noexcept;
  void add_reference() noexcept;
  void release() noexcept;
  const std::optional<Error>& failure() const noexcept { return failure_; }
  const std::exception_ptr& exception() const noexcept { return exception_; }
  /// It could not be started, and ends with this.
  void refuse(const Error& why) noexcept;

  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  // For select, which neither cancels the task nor takes its outcome.
  static bool attempt(Operation& operation) noexcept;
  static bool link(Operation& operation) noexcept;
  static bool unlink(Operation& operation) noexcept;

 protected:
  virtual std::coroutine_handle<> begin() noexcept = 0;
  /// Moves the outcome out of the coroutine and frees its frame.
  virtual void collect() noexcept = 0;
  /// `why` as the outcome, where there is a Result for it.
  virtual void set_refused(const Error& why) noexcept = 0;

  std::optional<Error> failure_;  ///< a copy of the Result's error
  std::exception_ptr exception_;

 private:
  struct Node : Context {
    Node(Io& owner, Context* parent_context, ChildBase* whole) noexcept : Context{owner, parent_context}, child{whole} {}
    ChildBase* child;
  };
  static void run_task(Ready& self) noexcept;
  static void task_ended(Context& context) noexcept;

  Node node_;
  Scope* scope_;
  WaitQueue waiters_;
  std::uint32_t references_ = 1;
  bool running_ = false;
  bool ended_ = false;
};

template <class T>
class Child final : public ChildBase {
 public:
  Child(Io& io, Context* parent, Scope* scope, SpawnOptions options, Task<T> task) noexcept
      : ChildBase{io, parent, scope, options}, task_{std::move(task)} {}

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept { free_frame(memory, bytes); }

  T take() {
    if (exception_) std::rethrow_exception(exception_);
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  std::coroutine_handle<> begin() noexcept override {
    auto handle = task_->handle();
    auto& promise = handle.promise();
    promise.context = &context();
    promise.started = promise.detached = true;
    return handle;
  }
  void collect() noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        task_->handle().promise().take();
      } else {
        value_.emplace(task_->handle().promise().take());
      }
      if constexpr (IsResult<T>::value) {
        if (!value_->has_value()) failure_ = value_->error();
      }
    } catch (...) {
      exception_ = std::current_exception();
    }
    task_.reset();
  }
  void set_refused(const Error& why) noexcept override {
    if constexpr (IsResult<T>::value) {
      value_.emplace(std::unexpected(why));
      failure_ = why;
    } else {
      exception_ = std::make_exception_ptr(std::bad_alloc{});
    }
    task_.reset();
  }
  std::optional<Task<T>> task_;
  std::optional<NonVoid<T>> value_;
};

}  // namespace detail

/// A handle on a spawned task. `co_await future` yields its T once (and rethrows what it threw); a cancelled awaiter cancels
/// the task and then waits for its end. Dropping the handle of a running task cancels it; keep() leaves it running.
template <class T>
class [[nodiscard]] Future {
 public:
  explicit Future(detail::Child<T>* child) noexcept : child_{child} { child_->add_reference(); }
  Future(Future&& other) noexcept : child_{std::exchange(other.child_, nullptr)} {}
  Future& operator=(Future&& other) noexcept {
    std::swap(child_, other.child_);
    return *this;
  }
  ~Future() {
    if (child_ == nullptr) return;
    cancel();
    child_->release();
  }

  TaskState state() const noexcept { return child_->state(); }
  bool ready() const noexcept {
    Guard guard{*child_->context().io};
    return child_->ended();
  }
  /// Idempotent; harmless after completion. From the task's core.
  void cancel(Reason reason = Reason::user) noexcept { child_->context().cancel(reason); }
  /// For select.h.
  detail::ChildBase* child() const noexcept { return child_; }
  /// Lets the task run on without a handle; its scope still joins it.
  void keep() && noexcept { std::exchange(child_, nullptr)->release(); }

  class [[nodiscard]] Awaiter {
   public:
    explicit Awaiter(detail::Child<T>& child) noexcept : child_{child}, operation_{Kind::park} {
      operation_.args.park = {&detail::ChildBase::enlist, &detail::ChildBase::withdraw, static_cast<detail::ChildBase*>(&child), nullptr};
      operation_.uncancellable = true;
    }
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
      operation_.waiter = waiter;
      operation_.context = waiter.promise().context;
      Io& io = *child_.context().io;
      io.claim(*operation_.context, child_.context());
      return io.submit(operation_) == Start::pending;
    }
    /// @note would_deadlock (BlockingIo) cannot occur: there a child has ended before spawn returned.
    T await_resume() { return child_.take(); }

   private:
    detail::Child<T>& child_;
    Operation operation_;
  };
  Awaiter operator co_await() noexcept { return Awaiter{*child_}; }

 private:
  detail::Child<T>* child_;
};

/// Owns children. Made by with_scope only; used on its core.
class Scope {
 public:
  Scope(Io& io, Context& parent, ScopePolicy policy) noexcept : context_{io, &parent}, policy_{policy} {}
  ~Scope() { assert(live_ == 0); }

  /// The child *may* run at the same time as the caller (BlockingIo: it has ended when spawn returns). Beyond kTasksMax it has
  /// ended with `limit` and did not run.
  template <class T>
  Future<T> spawn(Task<T> task, SpawnOptions options = {}) {
    return *launch(std::move(task), options, Concurrency::may);
  }
  /// The child *must* run at the same time: for two sides of a bounded channel.
  /// @error unavailable: the model cannot.  limit: kTasksMax tasks.
  template <class T>
  Result<Future<T>> spawn_concurrent(Task<T> task, SpawnOptions options = {}) {
    return launch(std::move(task), options, Concurrency::must);
  }
  /// Cancels the body and all children.
  void cancel(Reason reason = Reason::user) noexcept { context_.cancel(reason); }
  /// Children that have not ended.
  Size live() const noexcept {
    Guard guard{*context_.io};
    return live_;
  }
  Context& context() noexcept { return context_; }
  Io& io() const noexcept { return *context_.io; }

  /// Waits until no child is left. For with_scope.
  class [[nodiscard]] Join : public OperationAwaiter {
   public:
    explicit Join(Scope& scope) noexcept;
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
      io_.claim(*waiter.promise().context, scope_.context_);
      return OperationAwaiter::await_suspend(waiter);
    }
    void await_resume() const noexcept {}

   private:
    Scope& scope_;
  };
  Join join() noexcept { return Join{*this}; }
  const std::optional<Error>& failure() const noexcept { return failure_; }
  const std::exception_ptr& exception() const noexcept { return exception_; }

 private:
  friend class detail::ChildBase;

  template <class T>
  Result<Future<T>> launch(Task<T> task, SpawnOptions options, Concurrency concurrency) {
    auto* child = new detail::Child<T>{io(), &context_, this, options, std::move(task)};
    Future<T> future{child};
    if (auto started = admit(*child, concurrency); !started) {
      if (concurrency == Concurrency::must) {
        child->release();
        return std::unexpected(std::move(started).error());
      }
      child->refuse(started.error());
    }
    return future;
  }
  Result<void> admit(detail::ChildBase& child, Concurrency concurrency);
  void child_ended(detail::ChildBase& child) noexcept;
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;

  Context context_;
  ScopePolicy policy_;
  Size live_ = 0;
  Operation* joiner_ = nullptr;
  std::optional<Error> failure_;
  std::exception_ptr exception_;
};

/// Runs body(scope) and returns when it and all children have ended. `body` is a named callable Task<R>(Scope&).
/// If the body fails (or throws), the children are cancelled first.
/// @error for R = Result<X>: the first failure of a child (see ScopePolicy), else the body's.
template <class Body>
auto with_scope(Io& io, Body& body, ScopePolicy policy = ScopePolicy::fail_fast) -> std::invoke_result_t<Body&, Scope&> {
  using R = typename std::invoke_result_t<Body&, Scope&>::value_type;
  Context& here = co_await this_context();
  Scope scope{io, here, policy};
  std::optional<detail::NonVoid<R>> outcome;
  std::exception_ptr exception;
  try {
    auto task = body(scope);
    if constexpr (std::is_void_v<R>) {
      co_await under(scope.context(), task);
    } else {
      outcome.emplace(co_await under(scope.context(), task));
    }
  } catch (...) {
    exception = std::current_exception();
  }
  bool failed = exception != nullptr;
  if constexpr (detail::IsResult<R>::value) failed = failed || !outcome->has_value();
  if (failed) scope.cancel(Reason::sibling_failed);
  co_await scope.join();
  if (exception) std::rethrow_exception(exception);
  if (scope.exception()) std::rethrow_exception(scope.exception());
  if constexpr (detail::IsResult<R>::value) {
    if (scope.failure()) co_return std::unexpected(*scope.failure());
  }
  if constexpr (!std::is_void_v<R>) co_return std::move(*outcome);
}
template <class Body>
void with_scope(Io& io, const Body&& body, ScopePolicy policy = ScopePolicy::fail_fast) = delete;

/// Runs all; a tuple of their values (std::monostate for void). The first error cancels the others and is returned after they
/// have ended.
template <class... T>
Task<Result<std::tuple<detail::NonVoid<T>...>>> all(Io& io, Task<Result<T>>... tasks);

/// The outcome of race(): `value.index()` says which task it was.
template <class... T>
struct Raced {
  std::variant<detail::NonVoid<T>...> value;
};

/// Runs all; the first to end wins, the others are cancelled and have ended when it returns. A loser's value is destroyed.
template <class... T>
Task<Raced<T...>> race(Io& io, Task<T>... tasks);

namespace detail {
/// Frees `root` and throws std::runtime_error.
[[noreturn]] void refuse_to_run(ChildBase& root, const Error& why);
}  // namespace detail

/// Runs `main` as the root task; returns when it and all its descendants have ended. From the thread that owns `io`.
/// Rethrows what `main` throws; throws std::runtime_error if the system allows not even one thread (ThreadPoolIo).
template <class T>
T run(Io& io, Task<T> main) {
  struct Root {
    Root(Io& owner, Task<T> task) : io{owner}, child{new detail::Child<T>{owner, nullptr, nullptr, SpawnOptions{"main"}, std::move(task)}} {
      child->add_reference();
      io.set_root(&child->context());
    }
    ~Root() {
      io.set_root(nullptr);
      child->release();
    }
    Io& io;
    detail::Child<T>* child;
  };
  Root root{io, std::move(main)};
  auto started = io.start(root.child->context(), *root.child, Concurrency::may);
  if (!started) detail::refuse_to_run(*root.child, started.error());
  io.drive_until(root.child->ended());
  return root.child->take();
}

/// Runs `task` to its end inside a plain function that a task called, under `context` (the caller's): how code that is no
/// coroutine waits. Models that park only (asserted): BlockingIo, ThreadPoolIo, GreenThreadsIo. Rethrows.
template <class T>
T run_here(Context& context, Task<T> task) {
  assert(context.io->capabilities().parking);
  auto handle = task.handle();
  handle.promise().context = &context;
  handle.promise().started = true;
  handle.resume();
  assert(handle.promise().finished);
  return handle.promise().take();
}

namespace detail {

template <class T>
auto take_or_empty(Result<T>& result) {
  if constexpr (std::is_void_v<T>) {
    return std::monostate{};
  } else {
    return std::move(*result);
  }
}

/// The results of started tasks, in order; the first error ends it.
template <class T>
Task<Result<std::tuple<NonVoid<T>>>> gather(Future<Result<T>>& only) {
  auto result = co_await only;
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return std::tuple<NonVoid<T>>{take_or_empty(result)};
}
template <class T, class... Rest>
  requires(sizeof...(Rest) > 0)
Task<Result<std::tuple<NonVoid<T>, NonVoid<Rest>...>>> gather(Future<Result<T>>& first, Future<Result<Rest>>&... rest) {
  auto result = co_await first;
  if (!result) co_return std::unexpected(std::move(result).error());
  auto others = co_await gather(rest...);
  if (!others) co_return std::unexpected(std::move(others).error());
  co_return std::tuple_cat(std::tuple<NonVoid<T>>{take_or_empty(result)}, std::move(*others));
}

template <class... T>
struct RaceState {
  Io& io;
  Scope* scope = nullptr;
  std::optional<std::variant<NonVoid<T>...>> winner;

  template <std::size_t Index>
  void finish(auto&& value) {
    Guard guard{io};
    if (winner) return;
    winner.emplace(std::in_place_index<Index>, std::forward<decltype(value)>(value));
    scope->cancel();
  }
};

template <std::size_t Index, class T, class State>
Task<void> run_arm(State& state, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    state.template finish<Index>(std::monostate{});
  } else {
    auto value = co_await std::move(task);
    state.template finish<Index>(std::move(value));
  }
}

}  // namespace detail

template <class... T>
Task<Result<std::tuple<detail::NonVoid<T>...>>> all(Io& io, Task<Result<T>>... tasks) {
  auto body = [&](Scope& scope) -> Task<Result<std::tuple<detail::NonVoid<T>...>>> {
    std::tuple<Future<Result<T>>...> futures{scope.spawn(std::move(tasks))...};
    auto gathering = std::apply([](auto&... each) { return detail::gather(each...); }, futures);
    co_return co_await std::move(gathering);
  };
  co_return co_await with_scope(io, body);
}

template <class... T>
Task<Raced<T...>> race(Io& io, Task<T>... tasks) {
  detail::RaceState<T...> state{io, nullptr, std::nullopt};
  auto body = [&](Scope& scope) -> Task<void> {
    state.scope = &scope;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (scope.spawn(detail::run_arm<Index>(state, std::move(tasks))).keep(), ...);
    }(std::index_sequence_for<T...>{});
    co_return;
  };
  co_await with_scope(io, body, ScopePolicy::supervise);
  co_return Raced<T...>{std::move(*state.winner)};
}

}  // namespace tablinum::io
