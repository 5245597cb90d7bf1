#pragma once
/// A connection whose other end says what a fuzzer wrote, in pieces of its choice, and then closes.
#include <algorithm>
#include <functional>
#include <string>

#include "tablinum/io/io.h"
#include "tablinum/io/simulate.h"
#include "tablinum/net/stream.h"

namespace tablinum::net::fuzz {

class ScriptedStream final : public ByteStream {
 public:
  /// @param heard takes what is written; null: nobody.
  ScriptedStream(io::Io& io, std::string_view says, std::size_t cut, std::string* heard) noexcept
      : io_{io}, says_{says}, cut_{std::max<std::size_t>(cut, 1)}, heard_{heard} {}

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant) override {
    CO_CHECK_OK(co_await io::yield(io_));
    if (closed_) co_return fail(Code::closed, "closed");
    const std::size_t bytes = std::min({cut_, says_.size(), buffer.size()});
    std::ranges::copy(bytes_of(says_.substr(0, bytes)), buffer.begin());
    says_.remove_prefix(bytes);
    co_return bytes;
  }
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant) override {
    CO_CHECK_OK(co_await io::yield(io_));
    if (closed_) co_return fail(Code::closed, "closed");
    for (const ByteView piece : pieces)
      if (heard_ != nullptr) *heard_ += text_of(piece);
    co_return Result<void>{};
  }
  io::Task<Result<void>> end(Instant) override { co_return Result<void>{}; }
  void close() noexcept override { closed_ = true; }
  const io::Endpoint& peer() const noexcept override { return peer_; }

 private:
  io::Io& io_;
  std::string_view says_;
  std::size_t cut_;
  std::string* heard_;
  io::Endpoint peer_ = io::Endpoint::from_ip("10.0.0.2", 5000).value();
  bool closed_ = false;
};

/// Runs a task in a world of its own; false: it hangs or runs for ever.
inline bool ends(const std::function<io::Task<void>(io::Io&)>& task) {
  io::SimOptions options;
  options.schedule = io::Schedule::fifo;
  options.time_max = Duration::seconds(600);
  io::SimWorld world{1, options};
  world.host("one").start([&](io::Io& io) -> io::Task<Result<void>> {
    co_await task(io);
    co_return Result<void>{};
  });
  return world.run().has_value();
}

}  // namespace tablinum::net::fuzz
