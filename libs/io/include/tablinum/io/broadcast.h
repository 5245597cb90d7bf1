#pragma once
/// One value for many: Watch (the latest value), Broadcast (every value, for readers that keep up), Once (made by the first who
/// asks); and the ends of a channel as handles. Watch, Broadcast and Once are used by the tasks of one Io.
///
/// | | open | after close() |
/// |---|---|---|
/// | Watch | the latest value; changed() waits for a newer one | the last value stays readable, then changed() says `closed` |
/// | Broadcast | receive() waits for the next value | what is in the ring, then `closed` |
/// publish() succeeds whether anybody reads or not.
#include "tablinum/io/channel.h"
#include "tablinum/io/sync.h"

namespace tablinum::io {

inline constexpr Size kBroadcastItemsMax = 65'536;

namespace detail {

/// A number that grows, and those who wait for it.
class Versions {
 public:
  explicit Versions(Io& io) noexcept : io_{io} {}
  ~Versions() { assert(waiters_.empty()); }
  Versions(const Versions&) = delete;

  /// Ends when the version is over `seen`.  @error closed: it never will be.  cancelled, timeout, would_deadlock as Wait.
  Wait beyond(std::uint64_t seen) noexcept;
  void advance() noexcept;
  void close() noexcept;
  std::uint64_t version() const noexcept { return version_; }
  bool closed() const noexcept { return closed_; }
  Io& io() const noexcept { return io_; }

 private:
  static bool enlist(Operation& operation) noexcept;
  static bool withdraw(Operation& operation) noexcept;
  void wake_all() noexcept;
  Io& io_;
  std::uint64_t version_ = 0;
  bool closed_ = false;
  WaitQueue waiters_;
};

}  // namespace detail

/// The latest value, with a version that grows by 1 with each publish().
template <class T>
class Watch {
 public:
  Watch(Io& io, T initial) : versions_{io}, value_{std::move(initial)} {}

  /// Harmless after close(): nothing changes then.
  void publish(T value) {
    const Guard guard{versions_.io()};
    if (versions_.closed()) return;
    value_ = std::move(value);
    versions_.advance();
  }
  void close() noexcept { versions_.close(); }
  /// A copy.
  T value() const {
    const Guard guard{versions_.io()};
    return value_;
  }
  std::uint64_t version() const noexcept {
    const Guard guard{versions_.io()};
    return versions_.version();
  }
  /// Ends when there is a version over `seen`.  @error closed: there will be none.  cancelled, timeout (until), would_deadlock.
  Wait changed(std::uint64_t seen) noexcept { return versions_.beyond(seen); }

 private:
  detail::Versions versions_;
  T value_;
};

/// The last `capacity` values. A reader that falls further behind skips what is gone, and is told how many.
template <class T>
class Broadcast {
 public:
  /// `capacity` 1 … kBroadcastItemsMax.
  Broadcast(Io& io, Size capacity) : versions_{io}, ring_(capacity) { assert(capacity > 0 && capacity <= kBroadcastItemsMax); }

  struct Received {
    T value;
    std::uint64_t lagged = 0;  ///< values between the last one received and this one that are lost to this reader
  };

  /// Reads what is published from its making on. Lives no longer than the Broadcast.
  class Reader {
   public:
    explicit Reader(Broadcast& source) noexcept : source_{&source}, next_{source.version()} {}

    /// @error closed: and all was read.  cancelled, would_deadlock (BlockingIo).
    Task<Result<Received>> receive() {
      CO_CHECK_OK(co_await source_->versions_.beyond(next_));
      const Guard guard{source_->versions_.io()};
      const std::uint64_t newest = source_->versions_.version();
      const std::uint64_t oldest = newest - std::min<std::uint64_t>(newest, source_->ring_.size());
      const std::uint64_t lagged = oldest > next_ ? oldest - next_ : 0;
      next_ += lagged;
      Received received{*source_->ring_[next_ % source_->ring_.size()], lagged};
      ++next_;
      co_return received;
    }

   private:
    Broadcast* source_;
    std::uint64_t next_;
  };

  void publish(T value) {
    const Guard guard{versions_.io()};
    if (versions_.closed()) return;
    ring_[versions_.version() % ring_.size()].emplace(std::move(value));
    versions_.advance();
  }
  void close() noexcept { versions_.close(); }

 private:
  std::uint64_t version() const noexcept {
    const Guard guard{versions_.io()};
    return versions_.version();
  }
  detail::Versions versions_;
  std::vector<std::optional<T>> ring_;
};

/// A value that the first who asks makes, while the others wait. A failure is the asker's own: the next one tries again.
template <class T>
class Once {
 public:
  explicit Once(Io& io) noexcept : mutex_{io} {}

  /// A copy of the value; `make` (a named callable, Task<Result<T>>()) runs if there is none.  @error make's; cancelled.
  template <class Make>
  Task<Result<T>> get(Make& make) {
    const auto lock = co_await mutex_.lock();
    if (!lock) co_return std::unexpected(lock.error());
    if (!value_) {
      CO_TRY(made, co_await make());
      value_.emplace(std::move(made));
    }
    co_return *value_;
  }

 private:
  Mutex mutex_;
  std::optional<T> value_;
};

/// A channel that closes when its last sender, or its last receiver, is gone: a sender is then told `closed` and keeps its value,
/// a receiver drains what is queued first. `AnyChannel`: Channel<T> (ends may be on any thread), LocalChannel<T>.
template <class AnyChannel>
struct ChannelEnds {
  struct State {
    template <class... A>
    explicit State(A&&... arguments) : channel(std::forward<A>(arguments)...) {}
    AnyChannel channel;
    std::atomic<Size> senders = 1;
    std::atomic<Size> receivers = 1;
  };

  /// A counted handle; `Count` is the counter of its side.
  template <std::atomic<Size> State::* Count>
  class End {
   public:
    explicit End(std::shared_ptr<State> state) noexcept : state_{std::move(state)} {}
    End(const End& other) noexcept : state_{other.state_} {
      if (state_ != nullptr) ++((*state_).*Count);
    }
    End(End&& other) noexcept = default;
    End& operator=(End other) noexcept {
      std::swap(state_, other.state_);
      return *this;
    }
    ~End() {
      if (state_ != nullptr && --((*state_).*Count) == 0) state_->channel.close();
    }
    AnyChannel& operator*() const noexcept { return state_->channel; }
    AnyChannel* operator->() const noexcept { return &state_->channel; }

   private:
    std::shared_ptr<State> state_;
  };
  using Sender = End<&State::senders>;
  using Receiver = End<&State::receivers>;

  Sender sender;
  Receiver receiver;

  /// As AnyChannel's constructor.
  template <class... A>
  static ChannelEnds make(A&&... arguments) {
    auto state = std::make_shared<State>(std::forward<A>(arguments)...);
    return {Sender{state}, Receiver{state}};
  }
};

}  // namespace tablinum::io
