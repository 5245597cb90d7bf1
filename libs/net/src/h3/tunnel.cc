#include "h3/tunnel.h"

#include <algorithm>

#include "h3/wire.h"
#include "tablinum/io/cancel.h"

namespace tablinum::net::h3 {
namespace {

class StreamTunnel final : public ByteStream {
 public:
  StreamTunnel(io::Io& io, std::shared_ptr<Stream> stream, io::Endpoint peer) noexcept
      : io_{io}, stream_{std::move(stream)}, peer_{std::move(peer)} {}
  ~StreamTunnel() override { close(); }

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    if (closed_) co_return fail(Code::closed, "the tunnel has ended");
    if (rest_.empty()) {
      CO_TRY(piece, co_await io::with_deadline(io_, limit, stream_->read(nullptr)));
      rest_ = std::move(piece);
    }
    const std::size_t bytes = std::min(buffer.size(), rest_.size());
    std::ranges::copy(rest_.view().first(bytes), buffer.begin());
    rest_ = rest_.slice(bytes, rest_.size());
    co_return bytes;
  }

  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override {
    if (closed_ || stream_->out_ended()) co_return fail(Code::closed, "the tunnel has ended");
    std::string all;
    for (const ByteView piece : pieces) all += text_of(piece);
    if (all.empty()) co_return Result<void>{};
    co_return co_await io::with_deadline(io_, limit, stream_->write(Chunk::of(std::move(all)), nullptr));
  }

  io::Task<Result<void>> end(Instant limit) override {
    if (closed_) co_return fail(Code::closed, "the tunnel has ended");
    if (!stream_->out_ended()) stream_->finish({});
    co_return co_await io::with_deadline(io_, limit, stream_->drained(nullptr));
  }

  void close() noexcept override {
    if (std::exchange(closed_, true)) return;
    stream_->drop_input();
    Wire* wire = stream_->wire();
    if (wire == nullptr) return;
    // What was not ended in order is an abort of that direction (RFC 9220 §3: like a reset of TCP).
    if (!stream_->out_ended()) wire->reset(stream_->id(), NGHTTP3_H3_REQUEST_CANCELLED);
    if (!stream_->input_ended()) wire->stop_reading(stream_->id(), NGHTTP3_H3_REQUEST_CANCELLED);
  }

  const io::Endpoint& peer() const noexcept override { return peer_; }

 private:
  io::Io& io_;
  std::shared_ptr<Stream> stream_;
  io::Endpoint peer_;
  Chunk rest_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_tunnel(io::Io& io, std::shared_ptr<Stream> stream, io::Endpoint peer) {
  return std::make_unique<StreamTunnel>(io, std::move(stream), std::move(peer));
}

}  // namespace tablinum::net::h3
