#pragma once
/// Io: the one interface behind which the execution models differ, and the Operation that is submitted to it.
///
/// One virtual call per operation: submit() answers `done` or `pending`. Models that park a thread (BlockingIo, ThreadPoolIo)
/// return only when it is done; StacklessIo may return `pending` and resumes the waiter later, on the core that submitted it.
/// Cancelling is level-triggered: after a Context was cancelled, every later operation of it answers `cancelled` without doing
/// anything. Success wins: an operation that finished keeps its result.
#include <atomic>
#include <cassert>
#include <coroutine>
#include <cstddef>
#include <cstdint>

#ifndef TABLINUM_IO_THREADS
#define TABLINUM_IO_THREADS 1  // 0: one thread, for machines without (StacklessIo, GreenThreadsIo, BlockingIo, SimulatedIo)
#endif

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/time.h"
#include "tablinum/io/task.h"

namespace tablinum::io {

using Size = std::size_t;

/// A resumed task may finish so many operations without suspending; then others get their turn.
inline constexpr std::uint32_t kOperationBudget = 128;
/// Tasks alive on one Io. A further spawn ends at once with `limit` (what yields no Result throws std::bad_alloc).
inline constexpr Size kTasksMax = 1'000'000;

/// Something a core will run: a task to start or resume, or a posted message. Intrusive; whoever queued it keeps it alive.
struct Ready {
  Ready* next = nullptr;
  void (*run)(Ready&) noexcept = nullptr;
};

/// A timer of the wheel (Io::arm). Fires once, on the core, never early.
struct Timer {
  Timer* previous_timer = nullptr;
  Timer* next_timer = nullptr;
  Instant at = Instant::never();
  void (*fire)(Timer&) noexcept = nullptr;
  std::uint8_t level = 0;
  std::uint8_t slot = 0;
  bool armed = false;
};

/// Why a task was asked to stop. The first reason stays.
enum class Reason : std::uint8_t { none, user, timeout, sibling_failed, shutdown, crash };

enum class Priority : std::uint8_t { normal, urgent };

/// A callback for cancellation, e.g. sqlite3_interrupt around an offloaded call. Runs at most once, on the core, and must not
/// suspend or submit. The destructor waits for a call that runs on another thread.
class OnCancel {
 public:
  /// Calls fn(object) if `context` is cancelled while the guard lives; at once if it is already.
  OnCancel(Context& context, void (*fn)(void*) noexcept, void* object) noexcept;
  ~OnCancel();
  OnCancel(const OnCancel&) = delete;
  OnCancel& operator=(const OnCancel&) = delete;

 private:
  friend struct Context;
  Context& context_;
  void (*fn_)(void*) noexcept;
  void* object_;
  OnCancel* next_ = nullptr;
  bool linked_ = false;
};

/// What the driver of one thread needs: the only place that resumes coroutines.
struct Core {
  explicit Core(Io& owner) noexcept : io{&owner} {}
  /// Resumes `handle`, then whatever it hands over, until nothing is left to run; then ends the task if it has ended.
  void drive(std::coroutine_handle<> handle);

  Io* io;
  std::coroutine_handle<> next;
  Context* ended = nullptr;
  std::uint32_t budget = kOperationBudget;
  std::uint32_t select_turn = 0;  ///< where the next select begins to try
};

/// A node of the cancellation tree: one per spawned task, and one per with_deadline, shield and scope inside it.
/// Belongs to its Io's core; ThreadPoolIo locks (Guard).
struct Context : Ready {
  /// A root (`parent` null) or a node below `parent`, whose cancellation it inherits at once (unless `shielded`).
  Context(Io& owner, Context* parent_context, bool is_shield = false) noexcept;
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Sets the flag, cancels the current operation, runs the callbacks, and does the same below. Idempotent. Any task of the
  /// same core may call it; resumes nothing by itself.
  void cancel(Reason why) noexcept { cancel_tree(why, false); }
  /// The same through shields: a simulated host is gone.
  void abandon(Reason why) noexcept { cancel_tree(why, true); }
  bool cancelled() const noexcept { return reason != Reason::none; }
  /// Leaves the tree: the task has ended, but a handle on it may outlive its scope.
  void leave() noexcept;
  /// Ends the shield: a cancellation that was held back is delivered now.
  void lift_shield() noexcept;

  Io* io;
  Context* parent;
  Core* core = nullptr;  ///< the driver it runs on; set when the task starts
  Context* first_child = nullptr;
  Context* next_sibling = nullptr;
  Context* previous_sibling = nullptr;
  Operation* current = nullptr;
  OnCancel* callbacks = nullptr;
  Instant deadline = Instant::never();       ///< the earliest of this node and its ancestors: for plans, not for enforcement
  Ready* root = nullptr;                       ///< of a task's own node: what starts it
  void (*ended)(Context&) noexcept = nullptr;  ///< of a task's own node: called by the driver after its end
  const char* name = "";                     ///< of the task
  Reason reason = Reason::none;
  Reason held = Reason::none;                ///< arrived while shielded
  bool shielded = false;
  bool queued = false;                       ///< waits for a thread of a parking model
  Priority priority = Priority::normal;

 private:
  friend class OnCancel;
  void mark(Reason why) noexcept;
  void cancel_tree(Reason why, bool through_shields) noexcept;
};

enum class Kind : std::uint8_t {
  yield,
  sleep,
  park,      ///< waits in a list of Event, Semaphore, channel, Future …
  offload,   ///< args.call on a pool
  accept,
  connect,
  recv,      ///< sockets
  send,
  wait_process,   ///< a pidfd; the result is siginfo's code << 32 | status
  receive_batch,  ///< datagrams
  send_batch,
  read,      ///< other descriptors: pipes, signalfd, eventfd
  open,      ///< files, from here to the end
  read_at,
  write_at,
  sync,
  truncate,
  stat,
  rename,
  unlink,
  mkdir,
  list,
};

enum class Start : std::uint8_t { done, pending };

/// Of the operations that stand for the cases of one select: the first to be taken out of a queue takes effect, and no other.
struct Claim {
  std::atomic<Operation*> winner = nullptr;
  Operation* whole = nullptr;  ///< what waits: completed with the winner
  /// True: `operation` is the winner.
  bool take(Operation& operation) noexcept {
    Operation* none = nullptr;
    return winner.compare_exchange_strong(none, &operation) || none == &operation;
  }
};

/// One request to an Io. Lives in the awaiter, so in the frame or on the stack of its task: no allocation.
/// As a Timer it is its own limit (`until`), or the end of a sleep; as a Ready it is its waiter's turn.
struct Operation : Ready, Timer {
  enum class State : std::uint8_t { idle, pending, done };

  /// How a Kind::park waits. `enlist` tries, and links the operation if it must wait (true: finished at once, result set).
  /// `withdraw` takes it out again (false: too late, whoever took it completes it).
  struct Park {
    bool (*enlist)(Operation&) noexcept;
    bool (*withdraw)(Operation&) noexcept;
    void* object;
    void* slot;
    Operation* previous = nullptr;  ///< WaitQueue
    Operation* following = nullptr;
  };
  struct Call {
    void (*function)(void*) noexcept;
    void* object;
    OffloadPool* pool;  ///< null: the Io's own
  };
  struct Transfer {
    std::byte* data;         ///< recv, read
    const ByteView* pieces;  ///< send: gathered, in order
    Size count;              ///< bytes (recv, read) or pieces (send)
    Size piece_offset;       ///< send: bytes of *pieces already sent
    bool all;                ///< go on until everything is moved
  };
  struct Address {
    void* address;  ///< sockaddr_storage: in for connect, out for accept
    std::uint32_t bytes;
  };
  struct Batch {
    void* socket;     ///< what the socket knows of the system: os/udp.cc
    void* datagrams;
    Size count;
    Size offset;      ///< send: bytes of the current datagram that are sent
  };
  struct FileArguments {
    const char* path;
    const char* other_path;
    void* data;          ///< bytes, a FileStat or a vector of names
    Size count;
    std::uint64_t offset;
    std::uint32_t flags;
  };
  union Arguments {
    Park park;
    Call call;
    Transfer transfer;
    Address address;
    Batch batch;
    FileArguments file;
    Arguments() noexcept : file{} {}
  };

  explicit Operation(Kind what) noexcept : kind{what} {}
  /// Only before it is submitted.
  Operation(Operation&&) noexcept = default;
  Operation& operator=(Operation&&) = delete;

  /// Sets the outcome; the first call counts.
  void set(Code why, int errno_value = 0) noexcept {
    code = why;
    system_error = errno_value;
  }

  Kind kind;
  State state = State::idle;
  bool uncancellable = false;  ///< joins: submitted although cancelled, since what is waited for is cancelled too
  bool outside = false;        ///< another thread may end this park
  bool linked = false;         ///< in a WaitQueue
  bool in_call = false;        ///< ThreadPoolIo: its thread is in the system call, without the lock
  Code interrupted{};          ///< what came during that call: applies if the call does not finish it
  Code code{};                 ///< Code{}: success
  int system_error = 0;        ///< errno, or 0
  int fd = -1;                 ///< files; and the accepted or opened descriptor
  std::coroutine_handle<> waiter;
  Context* context = nullptr;
  Claim* claim = nullptr;  ///< of a select's case
  Descriptor* descriptor = nullptr;
  std::int64_t result = 0;  ///< bytes moved, also on error
  Arguments args;
};

/// A descriptor known to the reactor: sockets, pipes, signalfd. Made by Io::attach, which sets it non-blocking.
struct Descriptor {
  int fd = -1;
  Operation* reader = nullptr;
  Operation* writer = nullptr;
  bool drained = false;   ///< a short read emptied the stream: the next read parks without trying
  bool hung_up = false;   ///< RDHUP or HUP was seen: data and end may share one edge, so always try
  bool stream = false;    ///< a stream socket; the rule above holds for no other
  Descriptor* next_closed = nullptr;
};

/// FIFO of parked operations, linked through them. Not locked by itself.
class WaitQueue {
 public:
  void push(Operation& operation) noexcept {
    operation.args.park.previous = last_;
    operation.args.park.following = nullptr;
    operation.linked = true;
    (last_ != nullptr ? last_->args.park.following : first_) = &operation;
    last_ = &operation;
  }
  /// The first whose outcome is still open (a select's cases may be decided already). Null if there is none.
  Operation* pop() noexcept {
    while (Operation* operation = first_) {
      remove(*operation);
      if (operation->claim == nullptr || operation->claim->take(*operation)) return operation;
    }
    return nullptr;
  }
  /// Whether anybody waits who is not a case of the select with `claim` (null: anybody at all).
  bool has_other(const Claim* claim) const noexcept {
    const Operation* operation = first_;
    while (operation != nullptr && claim != nullptr && operation->claim == claim) operation = operation->args.park.following;
    return operation != nullptr;
  }
  /// False if it is in no queue (any more).
  bool remove(Operation& operation) noexcept {
    if (!operation.linked) return false;
    const Operation::Park& park = operation.args.park;
    (park.previous != nullptr ? park.previous->args.park.following : first_) = park.following;
    (park.following != nullptr ? park.following->args.park.previous : last_) = park.previous;
    operation.linked = false;
    return true;
  }
  bool empty() const noexcept { return first_ == nullptr; }

 private:
  Operation* first_ = nullptr;
  Operation* last_ = nullptr;
};

enum class Concurrency : std::uint8_t { may, must };

struct Capabilities {
  bool parking = false;      ///< submit() blocks the thread
  bool concurrency = false;  ///< spawn_concurrent can succeed
  bool threads = false;      ///< tasks may run on several threads at once
  bool real_kernel = true;
};

/// Counters of one Io; plain numbers, read by metrics.
struct Stats {
  std::uint64_t tasks_spawned = 0;
  std::uint64_t tasks_live = 0;
  std::uint64_t passes = 0;
  std::uint64_t operations = 0;
  std::uint64_t posts = 0;
  std::uint64_t threads = 0;  ///< ThreadPoolIo
};

/// One execution model. Constructed and destroyed under external order; the objects made with it (sockets, files, scopes,
/// timers) are used on its core only, and it outlives them. From any thread: post, stop, wake-ups of shared objects.
class Io {
 public:
  Io() = default;
  Io(const Io&) = delete;
  Io& operator=(const Io&) = delete;
  virtual ~Io() = default;

  /// Starts an operation whose waiter and context are set. done: the result is set. pending: the waiter is resumed once.
  virtual Start submit(Operation& operation) noexcept = 0;
  /// A request; idempotent; the operation still completes exactly once (with success if that came first).
  virtual void cancel(Operation& operation) noexcept = 0;
  /// Any thread: runs `message` on this Io's core (ThreadPoolIo: at once, on the caller's thread, under its lock).
  virtual void post(Ready& message) noexcept = 0;
  /// Makes `root` run as the task of `context`.
  /// @error limit: kTasksMax tasks.  unavailable: Concurrency::must, but this model has no thread to run it on.
  virtual Result<void> start(Context& context, Ready& root, Concurrency concurrency) = 0;
  /// Before waiting for `task` (for a scope's node: for its tasks): what of it a parking model has queued, the waiter's thread
  /// runs here and now, so that waiting for it cannot starve it.
  virtual void claim(Context& waiter, Context& task) noexcept = 0;
  /// A task's own node says that it has ended. Under Guard.
  virtual void task_ended(Context& context) noexcept = 0;
  /// The outcome of a parked operation is set: its waiter (of a select's case: that of the whole) may go on. On the core (or
  /// under Guard).
  virtual void complete(Operation& operation) noexcept = 0;
  /// Runs the core until `ended`. Only run() calls it.
  virtual void drive_until(const bool& ended) = 0;

  virtual void arm(Timer& timer) noexcept = 0;
  /// Harmless for one that is not armed.
  virtual void disarm(Timer& timer) noexcept = 0;
  /// Takes ownership of `fd`.  @error io: the reactor refused it (the fd is closed then).
  virtual Result<Descriptor*> attach(int fd, bool stream) = 0;
  /// Closes it; operations in flight complete with `cancelled`.
  virtual void detach(Descriptor* descriptor) noexcept = 0;

  /// What sockets and files are made of: the kernel's, or a simulated host's. For this module's own use.
  virtual System& system() noexcept = 0;

  virtual Instant now() const noexcept = 0;
  virtual Timestamp wall_time() const noexcept = 0;
  /// For jitter and identifiers; secrets come from base's crypto.
  virtual void fill_random(MutableBytes out) = 0;
  /// In simulation now and then true, at the places (named by a string literal) that this seed has chosen: rare paths are taken
  /// there on purpose. Always false elsewhere.
  virtual bool sometimes(const char* /*place*/) noexcept { return false; }
  virtual Capabilities capabilities() const noexcept = 0;
  virtual Stats stats() const noexcept = 0;

  /// Any thread: stopping() becomes true and until_stopping() returns; after `grace` the root task is cancelled
  /// (Reason::shutdown). A second call may shorten the grace. A stop that comes before run() takes effect there.
  void stop(Duration grace) noexcept;
  /// On the core only.
  bool stopping() const noexcept { return stopping_; }

  /// For run(): the task that stop() cancels. Null again after its end.
  void set_root(Context* root) noexcept;
  /// What run() runs now; null: nothing. On the core.
  Context* root() const noexcept { return root_; }

  /// The drivers say which task runs (null: none), for whoever watches from another thread.
  void note_running(const char* task_name) noexcept { running_.store(task_name, std::memory_order_relaxed); }
  const char* running() const noexcept { return running_.load(std::memory_order_relaxed); }

 protected:
  friend class Guard;
  virtual void lock() noexcept {}
  virtual void unlock() noexcept {}
  bool locked_ = false;  ///< lock() does something

 private:
  friend class StopWait;
  void stop_on_core() noexcept;
  void end_grace() noexcept;

  struct StopMessage : Ready {
    Io* io = nullptr;
    std::atomic<bool> queued = false;
    std::atomic<std::int64_t> grace_ns = 0;
  };
  struct GraceTimer : Timer {
    Io* io = nullptr;
  };
  std::atomic<const char*> running_ = nullptr;
  StopMessage stop_message_;
  GraceTimer grace_;
  bool stopping_ = false;
  bool grace_over_ = false;
  Context* root_ = nullptr;
  WaitQueue stop_waiters_;
};

/// Holds an Io's lock where tasks of one Io run on several threads; costs one branch elsewhere.
class Guard {
 public:
  explicit Guard(Io& io) noexcept : io_{io} {
    if (io_.locked_) io_.lock();
  }
  ~Guard() {
    if (io_.locked_) io_.unlock();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Io& io_;
};

/// A Result's error from a finished operation: `code`, and "ECONNRESET, recv, 192.0.2.1:80, after 5 bytes" as detail.
Error error_of(const Operation& operation);

/// Base of the awaiters that are one operation.
class OperationAwaiter {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
    operation_.waiter = waiter;
    operation_.context = waiter.promise().context;
    return io_.submit(operation_) == Start::pending;
  }

 protected:
  OperationAwaiter(Io& io, Kind kind) noexcept : io_{io}, operation_{kind} {}
  OperationAwaiter(OperationAwaiter&&) noexcept = default;
  bool succeeded() const noexcept { return operation_.code == Code{}; }

  Io& io_;
  Operation operation_;
};

/// An operation that yields T: Size (bytes moved), or void.
template <class T>
class [[nodiscard]] Op : public OperationAwaiter {
 public:
  Op(Io& io, Kind kind) noexcept : OperationAwaiter{io, kind} {}
  /// The operation's own limit.  @error timeout: not done by `limit`.
  Op&& until(Instant limit) && noexcept {
    operation_.at = limit;
    return std::move(*this);
  }
  Result<T> await_resume() const {
    if (!succeeded()) return std::unexpected(error_of(operation_));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return static_cast<T>(operation_.result);
    }
  }
  /// For the makers of operations (sockets, files).
  Operation& operation() noexcept { return operation_; }
};

/// Waits for `length` (at once if it is not positive), or until `end`.  @error cancelled.
Op<void> sleep(Io& io, Duration length) noexcept;
Op<void> sleep_until(Io& io, Instant end) noexcept;
/// Lets the other ready tasks run first.  @error cancelled.
Op<void> yield(Io& io) noexcept;

/// Returns once Io::stop was called.  @error cancelled.
class [[nodiscard]] StopWait : public OperationAwaiter {
 public:
  explicit StopWait(Io& io) noexcept;
  Result<void> await_resume() const;

 private:
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
};
inline StopWait until_stopping(Io& io) noexcept { return StopWait{io}; }

/// `Context& here = co_await this_context();` never suspends.
class [[nodiscard]] ThisContext {
 public:
  ThisContext() noexcept {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
    context_ = waiter.promise().context;
    return false;
  }
  Context& await_resume() const noexcept { return *context_; }

 private:
  Context* context_ = nullptr;
};
inline ThisContext this_context() noexcept { return {}; }

/// Awaits `task` under another node of the cancellation tree: `co_await under(node, std::move(task))`. `task` and `node`
/// outlive the await.
template <class T>
typename Task<T>::Awaiter under(Context& node, Task<T>& task) noexcept {
  return typename Task<T>::Awaiter{task.handle(), &node};
}

}  // namespace tablinum::io
