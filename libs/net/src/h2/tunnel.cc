#include "h2/tunnel.h"

#include <algorithm>

#include "tablinum/io/cancel.h"

namespace tablinum::net::h2 {
namespace {

class StreamTunnel final : public ByteStream {
 public:
  explicit StreamTunnel(std::shared_ptr<Stream> stream) : stream_{std::move(stream)}, peer_{stream_->wire->peer()} {}
  ~StreamTunnel() override { close(); }

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    if (rest_.empty()) {
      CO_TRY(piece, co_await Wire::read(stream_, limit));
      rest_ = std::move(piece);
    }
    const std::size_t bytes = std::min(buffer.size(), rest_.size());
    std::ranges::copy(rest_.view().first(bytes), buffer.begin());
    rest_ = rest_.slice(bytes, rest_.size());
    co_return bytes;
  }

  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override {
    std::string all;
    for (const ByteView piece : pieces) all += text_of(piece);
    if (all.empty()) co_return Result<void>{};
    co_return co_await send(Chunk::of(std::move(all)), false, limit);
  }

  io::Task<Result<void>> end(Instant limit) override { return send({}, true, limit); }

  void close() noexcept override {
    if (stream_->wire == nullptr || std::exchange(closed_, true)) return;
    stream_->wire->discard(*stream_);
    if (!stream_->out_last || !stream_->in_ended)
      stream_->wire->reset(*stream_, stream_->out_last ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
  }

  const io::Endpoint& peer() const noexcept override { return peer_; }

 private:
  io::Task<Result<void>> send(Chunk piece, bool last, Instant limit) {
    if (stream_->wire == nullptr || stream_->out_last) co_return fail(Code::closed, "the tunnel has ended");
    Wire& wire = *stream_->wire;
    co_return co_await io::with_deadline(wire.io(), limit, wire.send(stream_, std::move(piece), last));
  }

  std::shared_ptr<Stream> stream_;
  io::Endpoint peer_;
  Chunk rest_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_tunnel(std::shared_ptr<Stream> stream) {
  return std::make_unique<StreamTunnel>(std::move(stream));
}

}  // namespace tablinum::net::h2
