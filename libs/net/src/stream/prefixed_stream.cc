#include "stream/prefixed_stream.h"

#include <algorithm>

namespace tablinum::net {
namespace {

class PrefixedStream final : public ByteStream {
 public:
  PrefixedStream(std::string begun, std::unique_ptr<ByteStream> below) : begun_{std::move(begun)}, below_{std::move(below)} {}

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    if (at_ == begun_.size()) co_return co_await below_->read(buffer, limit);
    const std::size_t bytes = std::min(buffer.size(), begun_.size() - at_);
    std::ranges::copy(bytes_of(begun_).subspan(at_, bytes), buffer.begin());
    at_ += bytes;
    co_return bytes;
  }
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override { return below_->write(pieces, limit); }
  io::Task<Result<void>> end(Instant limit) override { return below_->end(limit); }
  void close() noexcept override { below_->close(); }
  const io::Endpoint& peer() const noexcept override { return below_->peer(); }

 private:
  std::string begun_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteStream> below_;
};

}  // namespace

std::unique_ptr<ByteStream> make_prefixed_stream(std::string begun, std::unique_ptr<ByteStream> below) {
  if (begun.empty()) return below;
  return std::make_unique<PrefixedStream>(std::move(begun), std::move(below));
}

}  // namespace tablinum::net
