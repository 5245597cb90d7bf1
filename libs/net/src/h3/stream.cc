#include "h3/stream.h"

#include "h3/wire.h"

namespace tablinum::net::h3 {
namespace {

Instant limit_of(RateFloor* floor, Instant now, std::size_t bytes) noexcept { return floor ? floor->limit(now, bytes) : Instant::never(); }

}  // namespace

/// What comes in and goes out counts as the connection's; once that is gone, as nobody's.
void Stream::charge(std::int64_t bytes) noexcept {
  if (wire_ == nullptr) return;
  charged_ += bytes;
  wire_->memory().add(bytes);
}

io::Task<Result<Chunk>> Stream::read(RateFloor* floor) {
  const auto self = shared_from_this();
  while (in_.empty()) {
    if (in_ended_) co_return Chunk{};
    if (failure_) co_return std::unexpected(*failure_);
    const Instant begin = io_.now();
    CO_CHECK_OK(co_await in_ready_.wait().until(limit_of(floor, begin, 0)));
    if (floor) floor->moved(in_bytes_, io_.now() - begin);
  }
  Bytes piece = in_.pop_front();
  in_bytes_ -= piece.size();
  charge(-static_cast<std::int64_t>(piece.size()));
  if (wire_ != nullptr) wire_->consumed(*this, piece.size());
  co_return Chunk::of(std::move(piece));
}

io::Task<Result<void>> Stream::write(Chunk piece, RateFloor* floor) {
  const auto self = shared_from_this();
  while (!failure_ && queued_ >= kQueuedBytesMax) {
    const Instant begin = io_.now();
    const std::size_t before = queued_;
    CO_CHECK_OK(co_await out_ready_.wait().until(limit_of(floor, begin, before)));
    if (floor) floor->moved(before - std::min(before, queued_), io_.now() - begin);
  }
  if (failure_) co_return std::unexpected(*failure_);
  if (wire_ == nullptr) co_return fail(Code::closed, "the stream has ended");
  if (piece.empty()) co_return Result<void>{};
  queued_ += piece.size();
  charge(static_cast<std::int64_t>(piece.size()));
  out_.push_back(std::move(piece));
  if (wire_ != nullptr) wire_->resume(*this);
  co_return Result<void>{};
}

void Stream::finish(Headers trailers) {
  out_trailers_ = std::move(trailers);
  out_ended_ = true;
  if (wire_ != nullptr) wire_->resume(*this);
}

io::Task<Result<void>> Stream::drained(RateFloor* floor) {
  const auto self = shared_from_this();
  while (!failure_ && queued_ > 0) {
    const Instant begin = io_.now();
    const std::size_t before = queued_;
    CO_CHECK_OK(co_await out_ready_.wait().until(limit_of(floor, begin, before)));
    if (floor) floor->moved(before - std::min(before, queued_), io_.now() - begin);
  }
  if (failure_) co_return std::unexpected(*failure_);
  co_return Result<void>{};
}

void Stream::drop_input() noexcept {
  in_dropped_ = true;
  if (wire_ != nullptr && in_bytes_ > 0) wire_->consumed(*this, in_bytes_);
  charge(-static_cast<std::int64_t>(in_bytes_));
  in_.clear();
  in_bytes_ = 0;
}

void Stream::receive(std::span<const std::uint8_t> data) {
  const ByteView bytes = std::as_bytes(data);
  if (in_dropped_) {
    if (wire_ != nullptr) wire_->consumed(*this, bytes.size());
    return;
  }
  in_bytes_ += bytes.size();
  charge(static_cast<std::int64_t>(bytes.size()));
  // Packets carry 1.2 KB; readers want more at a time.
  if (!in_.empty() && in_.back().size() + bytes.size() <= kChunkBytesMax) {
    append(in_.back(), bytes);
  } else {
    in_.push_back(Bytes{bytes.begin(), bytes.end()});
  }
  in_ready_.set();
}

void Stream::end_input() noexcept {
  in_ended_ = true;
  in_ready_.set();
}

void Stream::abort(const Error& why) noexcept {
  if (!failure_) failure_ = why;
  in_ready_.set();
  out_ready_.set();
}

void Stream::detach(const Error& why) noexcept {
  // What has come can still be read; its credit goes back now, since nobody could give it later.
  if (wire_ != nullptr && in_bytes_ > 0) wire_->consumed(*this, in_bytes_);
  charge(-charged_);
  wire_ = nullptr;
  if (!in_ended_ || queued_ > 0) abort(why);
}

std::size_t Stream::give(std::span<ByteView> room, bool& end) noexcept {
  std::size_t count = 0;
  for (; count < room.size() && given_ < out_.size(); ++count, ++given_) {
    room[count] = out_[given_].view();
    queued_ -= room[count].size();
  }
  end = out_ended_ && given_ == out_.size();
  if (queued_ < kQueuedBytesMax) out_ready_.set();
  return count;
}

void Stream::acknowledged(std::uint64_t bytes) noexcept {
  acknowledged_ += bytes;
  while (given_ > 0 && acknowledged_ >= out_.front().size()) {
    const std::size_t size = out_.pop_front().size();
    acknowledged_ -= size;
    charge(-static_cast<std::int64_t>(size));
    --given_;
  }
}

}  // namespace tablinum::net::h3
