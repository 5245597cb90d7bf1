#include "http/codec.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <optional>

#include "http/syntax.h"

namespace tablinum::net {
namespace {

constexpr int kGzipLevel = 5;       // a tenth smaller than 1, half the time of 9
constexpr int kZstdLevel = 3;
constexpr int kGzipWindow = 15 + 16;  // zlib's way to say "gzip, not zlib"
constexpr int kZstdWindowLogMax = 23;  // 8 MiB: what RFC 8878 §3.1.1.1.2 asks decoders to support
constexpr std::size_t kOutputStep = std::size_t{16} << 10;

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() = default;
  ~GzipEncoder() override { deflateEnd(&stream_); }
  bool begin() noexcept {
    return deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Result<void> write(ByteView input, bool flush, std::string& out) override {
    return run(input, flush ? Z_SYNC_FLUSH : Z_NO_FLUSH, out);
  }
  Result<void> finish(std::string& out) override { return run({}, Z_FINISH, out); }

 private:
  Result<void> run(ByteView input, int mode, std::string& out) {
    stream_.next_in = const_cast<Bytef*>(u8(input));
    stream_.avail_in = static_cast<uInt>(input.size());
    do {
      const std::size_t used = out.size();
      out.resize(used + kOutputStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      stream_.avail_out = kOutputStep;
      const int code = deflate(&stream_, mode);
      out.resize(used + kOutputStep - stream_.avail_out);
      if (code == Z_STREAM_ERROR) return fail(Code::internal, "deflate");
    } while (stream_.avail_out == 0);
    return {};
  }
  z_stream stream_{};
};

struct FreeCCtx {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
struct FreeDCtx {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdEncoder final : public Encoder {
 public:
  bool begin() noexcept {
    context_.reset(ZSTD_createCCtx());
    return context_ && !ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel));
  }
  Result<void> write(ByteView input, bool flush, std::string& out) override {
    return run(input, flush ? ZSTD_e_flush : ZSTD_e_continue, out);
  }
  Result<void> finish(std::string& out) override { return run({}, ZSTD_e_end, out); }

 private:
  Result<void> run(ByteView input, ZSTD_EndDirective mode, std::string& out) {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    while (true) {
      const std::size_t used = out.size();
      out.resize(used + kOutputStep);
      ZSTD_outBuffer piece{out.data() + used, kOutputStep, 0};
      const std::size_t left = ZSTD_compressStream2(context_.get(), &piece, &in, mode);
      out.resize(used + piece.pos);
      if (ZSTD_isError(left)) return fail(Code::internal, ZSTD_getErrorName(left));
      if (mode == ZSTD_e_continue ? in.pos == in.size : left == 0) return {};
    }
  }
  std::unique_ptr<ZSTD_CCtx, FreeCCtx> context_;
};

class GzipDecoder final : public Decoder {
 public:
  ~GzipDecoder() override { inflateEnd(&stream_); }
  bool begin() noexcept { return inflateInit2(&stream_, kGzipWindow) == Z_OK; }
  Result<Step> step(ByteView input, MutableBytes out) override {
    stream_.next_in = const_cast<Bytef*>(u8(input));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = u8(out);
    stream_.avail_out = static_cast<uInt>(out.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return fail(Code::corrupt, "not a gzip stream");
    return Step{input.size() - stream_.avail_in, out.size() - stream_.avail_out, code == Z_STREAM_END};
  }

 private:
  z_stream stream_{};
};

class ZstdDecoder final : public Decoder {
 public:
  bool begin() noexcept {
    context_.reset(ZSTD_createDCtx());
    return context_ && !ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax));
  }
  Result<Step> step(ByteView input, MutableBytes out) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer piece{out.data(), out.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &piece, &in);
    if (ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge)
      return fail(Code::too_large, "a zstd window over 8 MiB");
    if (ZSTD_isError(left)) return fail(Code::corrupt, "not a zstd stream");
    return Step{in.pos, piece.pos, left == 0};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, FreeDCtx> context_;
};

template <class Base, class Codec>
Result<std::unique_ptr<Base>> begun() {
  auto codec = std::make_unique<Codec>();
  if (!codec->begin()) return fail(Code::internal, "no memory for a compression state");
  return codec;
}

/// Thousandths: "q=0.25" is 250. Nothing for what is not a weight.
std::optional<int> parse_weight(std::string_view text) noexcept {
  text = syntax::trim(text);
  if (text.empty()) return 1000;
  if (text.size() < 3 || syntax::lower(text[0]) != 'q' || text[1] != '=' || (text[2] != '0' && text[2] != '1')) return std::nullopt;
  int weight = (text[2] - '0') * 1000;
  if (text.size() > 7 || (text.size() > 3 && text[3] != '.')) return std::nullopt;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(4, text.size()))) {
    if (!syntax::is_digit(digit)) return std::nullopt;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? std::optional{weight} : std::nullopt;
}

}  // namespace

std::string_view name_of(Coding coding) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"", "gzip", "zstd"};
  return kNames[static_cast<std::size_t>(coding)];
}

int accepted_weight(std::string_view list, std::string_view coding) noexcept {
  std::optional<int> any;
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = syntax::trim(item.substr(0, semicolon));
    const auto weight = parse_weight(item.substr(std::min(semicolon + 1, item.size())));
    if (weight && syntax::equal_ignoring_case(name, coding)) return *weight;
    if (weight && name == "*") any = weight;
  }
  return any.value_or(0);
}

Coding preferred_coding(std::string_view accept_encoding) noexcept {
  const int zstd = accepted_weight(accept_encoding, "zstd"), gzip = accepted_weight(accept_encoding, "gzip");
  if (zstd == 0 && gzip == 0) return Coding::identity;
  return zstd >= gzip ? Coding::zstd : Coding::gzip;
}

Result<std::unique_ptr<Encoder>> make_encoder(Coding coding) {
  return coding == Coding::gzip ? begun<Encoder, GzipEncoder>() : begun<Encoder, ZstdEncoder>();
}

Result<std::unique_ptr<Decoder>> make_decoder(Coding coding) {
  return coding == Coding::gzip ? begun<Decoder, GzipDecoder>() : begun<Decoder, ZstdDecoder>();
}

}  // namespace tablinum::net
