#include "tablinum/net/stream.h"

namespace tablinum::net {
namespace {

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(io::TcpSocket socket) noexcept : socket_{std::move(socket)} {}

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    co_return co_await socket_.read(buffer).until(limit);
  }

  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override {
    auto sent = co_await socket_.write_all(pieces).until(limit);
    if (!sent) co_return std::unexpected(std::move(sent).error());
    co_return Result<void>{};
  }

  io::Task<Result<void>> end(Instant) override { co_return socket_.shutdown_write(); }
  void close() noexcept override { socket_.close(); }
  const io::Endpoint& peer() const noexcept override { return socket_.peer(); }

 private:
  io::TcpSocket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> make_stream(io::TcpSocket socket) { return std::make_unique<TcpStream>(std::move(socket)); }

}  // namespace tablinum::net
