#include "http/coded_body.h"

#include "tablinum/net/middleware.h"

namespace tablinum::net {
namespace {

class EncodedSource final : public BodySource {
 public:
  EncodedSource(std::unique_ptr<BodySource> source, std::unique_ptr<Encoder> encoder)
      : source_{std::move(source)}, encoder_{std::move(encoder)} {}

  io::Task<Result<Chunk>> read(io::Io& io) override {
    std::string out;
    while (out.empty() && !ended_) {
      CO_TRY(piece, co_await source_->read(io));
      ended_ = piece.empty();
      if (ended_) CO_CHECK_OK(encoder_->finish(out));
      else CO_CHECK_OK(encoder_->write(piece.view(), !source_->size(), out));
    }
    co_return Chunk::of(std::move(out));
  }
  Headers trailers() override { return source_->trailers(); }

 private:
  std::unique_ptr<BodySource> source_;
  std::unique_ptr<Encoder> encoder_;
  bool ended_ = false;
};

class DecodedSource final : public BodySource {
 public:
  DecodedSource(std::unique_ptr<BodySource> source, std::unique_ptr<Decoder> decoder)
      : source_{std::move(source)}, decoder_{std::move(decoder)} {}

  io::Task<Result<Chunk>> read(io::Io& io) override {
    Bytes out(kChunkBytesMax);
    while (!ended_) {
      CO_TRY(step, decoder_->step(input_.view(), out));
      input_ = input_.slice(step.consumed, input_.size());
      bytes_in_ += step.consumed;
      bytes_out_ += step.produced;
      ended_ = step.ended;
      if (bytes_out_ > kChunkBytesMax + bytes_in_ * kDecodeRatioMax)
        co_return fail(Code::too_large, "the body decompresses to far more than it is");
      if (step.produced > 0) {
        out.resize(step.produced);
        co_return Chunk::of(std::move(out));
      }
      const bool stuck = step.consumed == 0 && !input_.empty();
      if (stuck) co_return fail(Code::corrupt, "the compressed body makes no progress");
      if (!ended_ && input_.empty()) CO_CHECK_OK(co_await refill(io));
    }
    CO_CHECK_OK(co_await expect_end(io));
    co_return Chunk{};
  }
  Headers trailers() override { return source_->trailers(); }

 private:
  io::Task<Result<void>> refill(io::Io& io) {
    CO_TRY(piece, co_await source_->read(io));
    if (piece.empty()) co_return fail(Code::corrupt, "the compressed body is cut short");
    input_ = std::move(piece);
    co_return Result<void>{};
  }
  io::Task<Result<void>> expect_end(io::Io& io) {
    if (!input_.empty()) co_return fail(Code::corrupt, "bytes after the compressed body");
    CO_TRY(piece, co_await source_->read(io));
    if (!piece.empty()) co_return fail(Code::corrupt, "bytes after the compressed body");
    co_return Result<void>{};
  }

  std::unique_ptr<BodySource> source_;
  std::unique_ptr<Decoder> decoder_;
  Chunk input_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<Body> encoded_body(std::unique_ptr<BodySource> source, Coding coding) {
  TRY(encoder, make_encoder(coding));
  return Body::from(std::make_unique<EncodedSource>(std::move(source), std::move(encoder)));
}

Result<Body> decoded_body(std::unique_ptr<BodySource> source, Coding coding) {
  TRY(decoder, make_decoder(coding));
  return Body::from(std::make_unique<DecodedSource>(std::move(source), std::move(decoder)));
}

}  // namespace tablinum::net
