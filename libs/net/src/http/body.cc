#include "tablinum/net/body.h"

#include <fcntl.h>

#include <algorithm>

#include "tablinum/io/file.h"
#include "tablinum/net/static_files.h"

namespace tablinum::net {
namespace {

class ProducerSource final : public BodySource {
 public:
  ProducerSource(Producer producer, std::optional<std::uint64_t> size) : producer_{std::move(producer)}, size_{size} {}
  io::Task<Result<Chunk>> read(io::Io& io) override { return producer_(io); }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  Producer producer_;
  std::optional<std::uint64_t> size_;
};

class MemorySource final : public BodySource {
 public:
  explicit MemorySource(Chunk whole) : whole_{std::move(whole)} {}
  io::Task<Result<Chunk>> read(io::Io&) override {
    Chunk piece = whole_.slice(at_, kChunkBytesMax);
    at_ += piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return whole_.size(); }

 private:
  Chunk whole_;
  std::size_t at_ = 0;
};

class FileSource final : public BodySource {
 public:
  explicit FileSource(FileRange range) : range_{std::move(range)}, left_{range_.length} {}

  std::optional<std::uint64_t> size() const override { return range_.length; }

  io::Task<Result<Chunk>> read(io::Io& io) override {
    if (left_ == 0) co_return Chunk{};
    if (!file_) {
      // Its own descriptor: the shared one may be in use on another core.
      const int fd = ::fcntl(range_.file->fd(), F_DUPFD_CLOEXEC, 0);
      if (fd < 0) co_return fail(Code::limit, "no file descriptor left");
      file_.emplace(io, fd);
    }
    Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kChunkBytesMax)));
    CO_TRY(got, co_await file_->read_at(range_.offset, piece));
    if (got < piece.size()) co_return fail(Code::io, "the file became shorter while it was sent");
    range_.offset += got;
    left_ -= got;
    co_return Chunk::of(std::move(piece));
  }

 private:
  FileRange range_;
  std::uint64_t left_;
  std::optional<io::File> file_;
};

}  // namespace

Chunk Chunk::of(Bytes bytes) {
  auto owner = std::make_shared<const Bytes>(std::move(bytes));
  const ByteView view{*owner};
  return Chunk{std::move(owner), view};
}

Chunk Chunk::of(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const ByteView view = bytes_of(*owner);
  return Chunk{std::move(owner), view};
}

Chunk Chunk::slice(std::size_t offset, std::size_t count) const noexcept {
  offset = std::min(offset, bytes_.size());
  return Chunk{owner_, bytes_.subspan(offset, std::min(count, bytes_.size() - offset))};
}

Body Body::of(Chunk chunk) {
  Body body;
  body.from_ = std::move(chunk);
  return body;
}

Body Body::from(std::unique_ptr<BodySource> source) {
  Body body;
  body.from_ = std::move(source);
  return body;
}

Body Body::file(FileRange range) { return from(std::make_unique<FileSource>(std::move(range))); }

Body Body::stream(Producer producer, std::optional<std::uint64_t> size) {
  return from(std::make_unique<ProducerSource>(std::move(producer), size));
}

io::Task<Result<Chunk>> Body::read(io::Io& io) {
  if (ended_) co_return Chunk{};
  if (over_limit()) co_return fail(Code::too_large, "the body is larger than allowed");
  Chunk piece;
  if (const Chunk* whole = in_memory()) {
    piece = whole->slice(static_cast<std::size_t>(bytes_read_), kChunkBytesMax);
  } else {
    CO_TRY(got, co_await std::get<std::unique_ptr<BodySource>>(from_)->read(io));
    piece = std::move(got);
  }
  ended_ = piece.empty();
  bytes_read_ += piece.size();
  if (bytes_read_ > bytes_max_) co_return fail(Code::too_large, "the body is larger than allowed");
  co_return piece;
}

io::Task<Result<std::string>> Body::read_all(io::Io& io, std::size_t bytes_max) {
  std::string text;
  if (size().value_or(0) > bytes_max) co_return fail(Code::too_large, "the body is larger than allowed");
  while (true) {
    CO_TRY(piece, co_await read(io));
    if (piece.empty()) co_return text;
    if (text.size() + piece.size() > bytes_max) co_return fail(Code::too_large, "the body is larger than allowed");
    text += piece.text();
  }
}

io::Task<Result<void>> Body::discard(io::Io& io) {
  while (true) {
    CO_TRY(piece, co_await read(io));
    if (piece.empty()) co_return Result<void>{};
  }
}

std::optional<std::uint64_t> Body::size() const noexcept {
  if (const Chunk* whole = in_memory()) return whole->size();
  return std::get<std::unique_ptr<BodySource>>(from_)->size();
}

Headers Body::take_trailers() {
  if (in_memory() || !ended_) return {};
  return std::get<std::unique_ptr<BodySource>>(from_)->trailers();
}

std::unique_ptr<BodySource> Body::take_source() {
  std::unique_ptr<BodySource> source;
  if (const Chunk* whole = in_memory()) source = std::make_unique<MemorySource>(*whole);
  else source = std::move(std::get<std::unique_ptr<BodySource>>(from_));
  from_ = Chunk{};
  return source;
}

}  // namespace tablinum::net
