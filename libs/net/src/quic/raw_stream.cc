#include "quic/raw_stream.h"

#include <algorithm>

#include "quic/raw_connection.h"

namespace tablinum::net::quic {
namespace {

Error closed_here() { return {Code::cancelled, "the stream was closed"}; }

}  // namespace

void RawStream::charge(std::int64_t bytes) noexcept {
  if (connection_ == nullptr) return;
  charged_ += bytes;
  connection_->memory().add(bytes);
}

// ---- reading

io::Task<Result<std::size_t>> RawStream::read(MutableBytes buffer, Instant limit) {
  const auto self = shared_from_this();
  if (!reads_) co_return fail(Code::invalid, "the peer does not write on this stream");
  if (buffer.empty()) co_return fail(Code::invalid, "no room to read into");
  while (in_.empty()) {
    if (in_error_) co_return std::unexpected(*in_error_);
    if (in_ended_) co_return std::size_t{0};
    CO_CHECK_OK(co_await in_ready_.wait().until(limit));
  }
  std::size_t got = 0;
  while (got < buffer.size() && !in_.empty()) {
    const ByteView rest = ByteView{in_.front()}.subspan(in_offset_);
    const std::size_t take = std::min(rest.size(), buffer.size() - got);
    std::ranges::copy(rest.first(take), buffer.begin() + static_cast<std::ptrdiff_t>(got));
    got += take;
    in_offset_ += take;
    if (in_offset_ < in_.front().size()) break;
    in_.pop_front();
    in_offset_ = 0;
  }
  in_bytes_ -= got;
  charge(-static_cast<std::int64_t>(got));
  if (connection_ != nullptr) connection_->consumed(id_, got);
  free_place();
  co_return got;
}

void RawStream::receive(std::span<const std::uint8_t> data) {
  if (data.empty()) return;
  const ByteView bytes = std::as_bytes(data);
  if (in_stopped_ || dropped_) {
    connection_->consumed(id_, bytes.size());
    return;
  }
  in_bytes_ += bytes.size();
  charge(static_cast<std::int64_t>(bytes.size()));
  // Packets carry 1.2 KB; readers want more at a time.
  if (!in_.empty() && in_.back().size() + bytes.size() <= kChunkBytesMax) append(in_.back(), bytes);
  else in_.emplace_back(bytes.begin(), bytes.end());
  in_ready_.set();
}

void RawStream::end_input() noexcept {
  in_ended_ = true;
  in_ready_.set();
}

void RawStream::drop_input() noexcept {
  in_.clear();
  in_offset_ = 0;
  charge(-static_cast<std::int64_t>(in_bytes_));
  if (connection_ != nullptr && in_bytes_ > 0) connection_->consumed(id_, in_bytes_);
  in_bytes_ = 0;
}

void RawStream::peer_reset(std::uint64_t code) noexcept {
  peer_code_ = code;
  drop_input();
  if (!in_error_) in_error_ = Error{Code::reset, "the peer reset the stream: code " + std::to_string(code)};
  in_ready_.set();
}

void RawStream::stop(std::uint64_t code, Error why) noexcept {
  if (!reads_ || std::exchange(in_stopped_, true)) return;
  drop_input();
  if (!in_error_) in_error_ = std::move(why);
  in_ready_.set();
  if (connection_ != nullptr && !in_ended_ && !closed_) connection_->stop_reading(id_, code);
}

// ---- writing

io::Task<Result<void>> RawStream::write(std::span<const ByteView> pieces, Instant limit) {
  const auto self = shared_from_this();
  if (!writes_) co_return fail(Code::invalid, "only the peer writes on this stream");
  if (out_ended_) co_return fail(Code::closed, "the stream was ended");
  for (const ByteView piece : pieces) {
    for (std::size_t at = 0; at < piece.size(); at += kChunkBytesMax)
      CO_CHECK_OK(co_await write_piece(piece.subspan(at, std::min(kChunkBytesMax, piece.size() - at)), limit));
  }
  if (out_error_) co_return std::unexpected(*out_error_);
  co_return Result<void>{};
}

io::Task<Result<void>> RawStream::write_piece(ByteView piece, Instant limit) {
  while (!out_error_ && queued_ >= kQuicQueuedBytesMax) CO_CHECK_OK(co_await out_ready_.wait().until(limit));
  if (out_error_) co_return std::unexpected(*out_error_);
  if (connection_ == nullptr) co_return fail(Code::closed, "the stream has ended");
  queued_ += piece.size();
  charge(static_cast<std::int64_t>(piece.size()));
  out_.push_back(Chunk::of(Bytes{piece.begin(), piece.end()}));
  connection_->has_output(*this);
  co_return Result<void>{};
}

io::Task<Result<void>> RawStream::end(Instant limit) {
  const auto self = shared_from_this();
  if (!writes_) co_return fail(Code::invalid, "only the peer writes on this stream");
  if (out_error_) co_return std::unexpected(*out_error_);
  out_ended_ = true;
  if (connection_ != nullptr) connection_->has_output(*this);
  while (!out_error_ && !fin_sent_) CO_CHECK_OK(co_await out_ready_.wait().until(limit));
  if (!fin_sent_) co_return std::unexpected(*out_error_);
  co_return Result<void>{};
}

/// What QUIC was given stays until the stream's end: only then is it sure not to look at it again.
void RawStream::reset(std::uint64_t code, Error why) noexcept {
  if (!writes_ || out_error_) return;
  was_reset_ = true;
  queued_ = 0;
  out_error_ = std::move(why);
  out_ready_.set();
  if (connection_ != nullptr && !closed_) connection_->reset_writing(id_, code);
}

void RawStream::peer_stopped() noexcept {
  queued_ = 0;
  if (!out_error_) out_error_ = Error{Code::reset, "the peer does not want what is written"};
  out_ready_.set();
}

bool RawStream::fill(StreamWrite& write) noexcept {
  if (out_error_ || fin_sent_ || is_blocked) return false;
  std::size_t offset = sent_offset_, chunk = sent_chunks_;
  for (; chunk < out_.size() && write.count < write.pieces.size(); ++chunk, offset = 0) {
    const ByteView rest = out_[chunk].view().subspan(offset);
    write.pieces[write.count++] = {const_cast<std::uint8_t*>(u8(rest)), rest.size()};  // ngtcp2 does not change what it sends
  }
  write.fin = out_ended_ && chunk == out_.size();
  write.stream = id_;
  if (write.count > 0 || write.fin) return true;
  write.stream = -1;
  return false;
}

void RawStream::written(std::size_t bytes, bool with_fin) noexcept {
  queued_ -= std::min(queued_, bytes);
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t rest = out_[sent_chunks_].size() - sent_offset_;
    if (left < rest) {
      sent_offset_ += left;
      break;
    }
    left -= rest;
    ++sent_chunks_;
    sent_offset_ = 0;
  }
  if (with_fin && sent_chunks_ == out_.size()) fin_sent_ = true;
  if (queued_ < kQuicQueuedBytesMax || fin_sent_) out_ready_.set();
}

void RawStream::acknowledged(std::uint64_t bytes) noexcept {
  acknowledged_ += bytes;
  while (sent_chunks_ > 0 && acknowledged_ >= out_.front().size()) {
    acknowledged_ -= out_.front().size();
    charge(-static_cast<std::int64_t>(out_.front().size()));
    out_.pop_front();
    --sent_chunks_;
  }
}

// ---- the end

void RawStream::drop() noexcept {
  if (std::exchange(dropped_, true)) return;
  if (!out_ended_) reset(0, closed_here());
  stop(0, closed_here());
  free_place();
}

void RawStream::closed(std::optional<std::uint64_t> code) noexcept {
  closed_ = true;
  // A code that is not ours is the peer's STOP_SENDING.
  if (!peer_code_ && !was_reset_ && !in_stopped_) peer_code_ = code;
  // Nothing of it will be sent again.
  charge(-(charged_ - static_cast<std::int64_t>(in_bytes_)));
  out_.clear();
  sent_chunks_ = sent_offset_ = queued_ = 0;
  if (writes_ && !fin_sent_ && !out_error_) out_error_ = Error{Code::reset, "the stream was closed"};
  if (reads_ && !in_ended_ && !in_error_) in_error_ = Error{Code::reset, "the stream was closed"};
  in_ready_.set();
  out_ready_.set();
  free_place();
}

/// The peer may open another stream once nothing of this one is kept here.
void RawStream::free_place() noexcept {
  if (!closed_ || connection_ == nullptr) return;
  if (!dropped_ && !(accepted_ && in_.empty())) return;
  // Nothing is left that would be told or counted.
  std::exchange(connection_, nullptr)->place_is_free(id_);
}

void RawStream::connection_ended(const Error& why) noexcept {
  charge(-charged_);
  connection_ = nullptr;
  out_.clear();
  sent_chunks_ = sent_offset_ = queued_ = 0;
  if (!fin_sent_ && !out_error_) out_error_ = why;
  if (!in_ended_ && !in_error_) in_error_ = why;
  in_ready_.set();
  out_ready_.set();
}

}  // namespace tablinum::net::quic
