// Reading metrics files: one thread at a time takes the next piece (and decompresses), all of them parse.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>

#include "csv.h"
#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10, kCompressedBytes = std::size_t{128} << 10;
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kZstdWindowLogMax = 27;  // 128 MB, as the zstd tool's own default limit
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class GzipSource final : public Source {
 public:
  explicit GzipSource(Source& from) : from_{from}, input_(kCompressedBytes) {
    live_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK;
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;

  Result<std::size_t> read(MutableBytes into) override {
    if (!live_) return fail(Code::internal, "zlib does not start");
    stream_.next_out = u8(into);
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      if (stream_.avail_in == 0) {
        TRY(got, from_.read(input_));
        if (got == 0 && within_) return fail(Code::corrupt, "the gzip data ends too early");
        if (got == 0) return 0;
        stream_.next_in = u8(MutableBytes{input_});
        stream_.avail_in = static_cast<uInt>(got);
      }
      within_ = true;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state == Z_STREAM_END) {  // another member may follow
        within_ = false;
        if (inflateReset(&stream_) != Z_OK) return fail(Code::internal, "zlib does not go on");
      } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return fail(Code::corrupt, "the gzip data is damaged");
      }
    }
    return into.size() - stream_.avail_out;
  }

 private:
  Source& from_;
  Bytes input_;
  z_stream stream_{};
  bool live_ = false, within_ = false;
};

class ZstdSource final : public Source {
 public:
  explicit ZstdSource(Source& from) : from_{from}, input_(kCompressedBytes), context_{ZSTD_createDCtx()} {
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }
  ZstdSource(const ZstdSource&) = delete;

  Result<std::size_t> read(MutableBytes into) override {
    if (context_ == nullptr) return fail(Code::internal, "zstd does not start");
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        TRY(got, from_.read(input_));
        if (got == 0 && within_) return fail(Code::corrupt, "the zstd data ends too early");
        if (got == 0) return 0;
        in_ = {input_.data(), got, 0};
      }
      const auto left = ZSTD_decompressStream(context_, &out, &in_);
      if (ZSTD_isError(left)) return fail(Code::corrupt, "the zstd data is damaged");
      within_ = left != 0;
    }
    return out.pos;
  }

 private:
  Source& from_;
  Bytes input_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  ZSTD_DCtx* context_;
  bool within_ = false;
};

/// A source with some bytes put back.
class Refilled final : public Source {
 public:
  Refilled(Source& from, Bytes first) : from_{from}, first_{std::move(first)} {}
  Result<std::size_t> read(MutableBytes into) override {
    if (used_ == first_.size()) return from_.read(into);
    const auto count = std::min(into.size(), first_.size() - used_);
    std::memcpy(into.data(), first_.data() + used_, count);
    used_ += count;
    return count;
  }

 private:
  Source& from_;
  Bytes first_;
  std::size_t used_ = 0;
};

/// One input as plain text, whatever it was compressed with.
struct Opened {
  std::unique_ptr<Source> owned;
  std::unique_ptr<Refilled> refilled;
  std::unique_ptr<Source> plain;
  Source& source() noexcept { return plain ? *plain : static_cast<Source&>(*refilled); }
};

Result<Opened> open(Source& raw, std::unique_ptr<Source> owned) {
  Opened opened;
  opened.owned = std::move(owned);
  Bytes first(4);
  TRY(got, read_full(raw, first));
  first.resize(got);
  const auto magic = tablinum::text_of(first);
  const bool gzip = magic.starts_with("\x1F\x8B"), zstd = magic == "\x28\xB5\x2F\xFD";
  opened.refilled = std::make_unique<Refilled>(raw, std::move(first));
  if (gzip) opened.plain = std::make_unique<GzipSource>(*opened.refilled);
  if (zstd) opened.plain = std::make_unique<ZstdSource>(*opened.refilled);
  return opened;
}

/// Whole records of one file.
struct Piece {
  std::string text;
  std::uint32_t file = 0;
  std::uint64_t first_line = 1;
  bool has_outcome = false;
  bool too_long = false;  ///< not records but one line over the limit, which was left out
};

bool names_outcome(std::string_view header) {
  csv::Fields fields;
  csv::split(header, fields);
  return fields.problem == nullptr && fields.count == csv::kColumnsMax && fields.field[8] == "outcome";
}

/// Cuts one file into pieces. Not thread-safe.
class Cutter {
 public:
  Cutter(Source& source, std::uint32_t file) : source_{source}, file_{file} {}

  /// @return false: the file has ended.
  Result<bool> next(Piece& piece) {
    piece.file = file_;
    piece.too_long = false;
    while (true) {
      CHECK_OK(fill(piece.text));
      if (piece.text.empty() && ended_) return false;
      if (!begun_) {
        const auto header = csv::record_length(piece.text, ended_);
        if (header == 0 && !ended_ && piece.text.size() < kRecordBytesMax) {
          rest_ = piece.text;
          wanted_ += kPieceBytes;
          continue;
        }
        begin(piece.text, header);
      }
      piece.has_outcome = has_outcome_;
      piece.first_line = line_;
      const auto length = whole_records(piece.text);
      rest_.assign(piece.text, length);
      piece.text.resize(length);
      line_ += csv::newlines(piece.text);
      wanted_ = kPieceBytes + rest_.size();
      if (length != 0) return true;
      if (rest_.size() > kRecordBytesMax) return skip_line(piece);
      if (ended_ && rest_.empty()) return false;
    }
  }

 private:
  /// Puts what is left, and more, into `text`, until it has wanted_ bytes or the file has ended.
  Result<void> fill(std::string& text) {
    const auto kept = rest_.size();
    // What is read over it need not be zero first.
    text.resize_and_overwrite(std::max(wanted_, kept), [](char*, std::size_t size) noexcept { return size; });
    std::memcpy(text.data(), rest_.data(), kept);
    auto room = std::as_writable_bytes(std::span{text.data() + kept, text.size() - kept});
    TRY(got, read_full(source_, room));
    ended_ = got < room.size();
    text.resize(kept + got);
    rest_.clear();
    return {};
  }

  void begin(std::string& text, std::size_t header) {
    begun_ = true;
    std::string_view first{text.data(), header};
    line_ += csv::newlines(first);
    if (first.starts_with(kByteOrderMark)) first.remove_prefix(kByteOrderMark.size());
    has_outcome_ = names_outcome(first);
    text.erase(0, header);
  }

  std::size_t whole_records(std::string_view text) const noexcept {
    if (ended_) return text.size();
    if (text.find('"') == std::string_view::npos) return text.rfind('\n') + 1;  // npos + 1 is 0
    std::size_t at = 0;
    while (const auto length = csv::record_length(text.substr(at), false)) at += length;
    return at;
  }

  /// Leaves out a line that is over the limit.
  Result<bool> skip_line(Piece& piece) {
    piece.too_long = true;
    rest_.clear();
    while (true) {
      std::string more;
      wanted_ = kPieceBytes;
      CHECK_OK(fill(more));
      const auto newline = more.find('\n');
      if (newline != std::string::npos) {
        rest_ = more.substr(newline + 1);
        break;
      }
      if (ended_) break;
    }
    wanted_ = kPieceBytes + rest_.size();
    ++line_;
    return true;
  }

  Source& source_;
  const std::uint32_t file_;
  std::string rest_;
  std::size_t wanted_ = kPieceBytes;
  std::uint64_t line_ = 1;
  bool begun_ = false, ended_ = false, has_outcome_ = false;
};

/// All inputs, one after the other. next() is thread-safe.
class Pieces {
 public:
  Pieces(std::span<const AnalyticsInput> inputs, FunctionRef<bool()> stop) : inputs_{inputs}, stop_{stop} {}
  Pieces(Source& source, FunctionRef<bool()> stop) : only_{&source}, stop_{stop} {}

  Result<bool> next(Piece& piece) {
    const std::scoped_lock lock{mutex_};
    while (!finished_) {
      if (stop_()) return stopped(fail(Code::cancelled, "stopped"));
      if (!cutter_) {
        auto begun = begin();
        if (!begun) return stopped(std::unexpected(begun.error()));
        if (!*begun) break;
      }
      auto got = cutter_->next(piece);
      if (!got) return stopped(fail(got.error().code, name() + got.error().detail));
      if (*got) return true;
      cutter_.reset();
      ++file_;
    }
    finished_ = true;
    return false;
  }

  /// Ends the work of all threads.
  void finish() {
    const std::scoped_lock lock{mutex_};
    finished_ = true;
  }

 private:
  std::unexpected<Error> stopped(std::unexpected<Error> error) {
    finished_ = true;
    return error;
  }
  std::string name() const { return only_ != nullptr ? std::string{} : inputs_[file_].path + ": "; }

  Result<bool> begin() {
    if (only_ != nullptr ? file_ != 0 : file_ == inputs_.size()) return false;
    std::unique_ptr<Source> owned;
    if (only_ == nullptr) {
      TRY(source, open_source(inputs_[file_].path));
      owned = std::move(source);
    }
    Source& raw = owned ? *owned : *only_;
    TRY(opened, open(raw, std::move(owned)));
    opened_ = std::move(opened);
    cutter_.emplace(opened_.source(), static_cast<std::uint32_t>(file_));
    return true;
  }

  std::span<const AnalyticsInput> inputs_;
  Source* only_ = nullptr;
  FunctionRef<bool()> stop_;
  std::mutex mutex_;
  Opened opened_;
  std::optional<Cutter> cutter_;
  std::size_t file_ = 0;
  bool finished_ = false;
};

Result<void> add_pieces(Pieces& pieces, Aggregate& aggregate) {
  Piece piece;
  while (true) {
    TRY(got, pieces.next(piece));
    if (!got) return {};
    if (piece.too_long) {
      CHECK_OK(aggregate.add_malformed(piece.file, piece.first_line, "the line is longer than 1 MB"));
    } else {
      CHECK_OK(aggregate.add(piece.text, piece.file, piece.first_line, piece.has_outcome));
    }
  }
}

Result<Aggregate> read_pieces(Pieces& pieces, const AnalyticsOptions& options, Executor& executor) {
  std::deque<Aggregate> parts;  // one a thread
  std::vector<Result<void>> results(executor.threads());
  for (unsigned i = 0; i < executor.threads(); ++i) parts.emplace_back(options);
  executor.for_each(parts.size(), [&](std::size_t i) {
    results[i] = add_pieces(pieces, parts[i]);
    if (!results[i]) pieces.finish();
  });
  for (auto& result : results) CHECK_OK(std::move(result));
  for (std::size_t i = 1; i < parts.size(); ++i) CHECK_OK(parts[0].merge(parts[i]));
  return std::move(parts[0]);
}

}  // namespace

Result<Aggregate> read_metrics(std::span<const AnalyticsInput> inputs, const AnalyticsOptions& options, Executor& executor,
                               FunctionRef<bool()> stop) {
  Pieces pieces{inputs, stop};
  return read_pieces(pieces, options, executor);
}

Result<Aggregate> read_metrics(Source& source, const AnalyticsOptions& options, Executor& executor) {
  auto never = [] { return false; };
  Pieces pieces{source, never};
  return read_pieces(pieces, options, executor);
}

}  // namespace tablinum::models
