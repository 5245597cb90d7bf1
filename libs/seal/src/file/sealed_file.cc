#include <algorithm>

#include "file/content_signature.h"
#include "file/keys.h"
#include "file/padding.h"
#include "file/payload.h"

namespace tablinum::seal {
namespace {

/// Bytes of sealed chunks that one read takes at a time, unless a chunk is longer.
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

class SourceAt final : public Source {
 public:
  explicit SourceAt(const RandomAccess& file) noexcept : file_{file} {}
  Result<std::size_t> read(MutableBytes into) override {
    TRY(got, file_.read_at(place_, into));
    place_ += got;
    return got;
  }
  std::uint64_t place() const noexcept { return place_; }

 private:
  const RandomAccess& file_;
  std::uint64_t place_ = 0;
};

}  // namespace

struct SealedFile::State {
  const RandomAccess& file;
  file::Unlocked unlocked;
  file::PayloadCipher cipher;
  std::uint64_t payload_begin;
  std::uint64_t plain_bytes = 0;    // padding among it
  std::uint64_t content_bytes = 0;

  std::uint64_t chunks() const noexcept { return plain_bytes == 0 ? 1 : (plain_bytes - 1) / cipher.chunk_bytes() + 1; }
  Result<void> authenticate_end();
  Result<void> read_padding();
  Result<void> read_plain(std::uint64_t offset, MutableBytes into) const;
  Result<void> read_group(std::uint64_t chunk, std::uint64_t count, Bytes& sealed, MutableBytes plain) const;
};

Result<void> SealedFile::State::read_group(std::uint64_t chunk, std::uint64_t count, Bytes& sealed, MutableBytes plain) const {
  const bool last = chunk + count == chunks();
  const std::uint64_t bytes = std::min(count * cipher.chunk_bytes(), plain_bytes - chunk * cipher.chunk_bytes()) + count * kAeadTagBytes;
  sealed.resize(bytes);
  TRY(got, file.read_at(payload_begin + chunk * cipher.sealed_chunk_bytes(), sealed));
  if (got != bytes) return file::cannot_open();  // it was cut off since
  TRY(opened, cipher.open(chunk, last, sealed, plain));
  (void)opened;
  return {};
}

/// Nothing of the length is believed before the chunk that is marked as the last one was authentic at its place.
Result<void> SealedFile::State::authenticate_end() {
  if (file.size() < payload_begin) return file::cannot_open();
  TRY(plain, cipher.plain_bytes(file.size() - payload_begin));
  plain_bytes = content_bytes = plain;
  Bytes sealed;
  Bytes last(cipher.chunk_bytes());
  CHECK_OK(read_group(chunks() - 1, 1, sealed, last));
  if (unlocked.header.padding() != Padding::none) CHECK_OK(read_padding());
  if (!unlocked.header.signs_content()) return {};
  if (content_bytes < file::kContentTrailerBytes) return file::cannot_open();
  content_bytes -= file::kContentTrailerBytes;
  return {};
}

Result<void> SealedFile::State::read_padding() {
  std::array<std::byte, file::kPaddingTrailerBytes> trailer;
  if (plain_bytes < trailer.size()) return file::cannot_open();
  CHECK_OK(read_plain(plain_bytes - trailer.size(), trailer));
  content_bytes = file::u64_le(trailer);
  const auto padded = file::padded_bytes(content_bytes);
  if (!padded || *padded != plain_bytes) return file::cannot_open();
  return {};
}

Result<void> SealedFile::State::read_plain(std::uint64_t offset, MutableBytes into) const {
  const std::size_t chunk_bytes = cipher.chunk_bytes();
  const std::uint64_t chunks_max = std::max<std::uint64_t>(1, kReadBytes / chunk_bytes);
  Bytes sealed;
  Bytes plain;
  while (!into.empty()) {
    const std::uint64_t chunk = offset / chunk_bytes;
    const std::size_t skip = offset % chunk_bytes;
    const std::uint64_t count = std::min<std::uint64_t>(chunks_max, (skip + into.size() - 1) / chunk_bytes + 1);
    const std::size_t wanted = std::min<std::uint64_t>(into.size(), count * chunk_bytes - skip);
    plain.resize(count * chunk_bytes);
    CHECK_OK(read_group(chunk, count, sealed, plain));
    std::copy_n(plain.begin() + static_cast<std::ptrdiff_t>(skip), wanted, into.begin());
    into = into.subspan(wanted);
    offset += wanted;
  }
  return {};
}

SealedFile::SealedFile(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
SealedFile::~SealedFile() = default;

Result<std::unique_ptr<SealedFile>> SealedFile::open(const RandomAccess& file, Openers keys, const OpenOptions& options) {
  SourceAt source{file};
  TRY(unlocked, file::unlock(source, keys, options));
  file::PayloadCipher cipher{unlocked.header, unlocked.key};
  auto state = std::make_unique<State>(State{file, std::move(unlocked), std::move(cipher), source.place()});
  CHECK_OK(state->authenticate_end());
  return std::unique_ptr<SealedFile>{new SealedFile{std::move(state)}};
}

std::uint64_t SealedFile::size() const noexcept { return state_->content_bytes; }
const Header& SealedFile::header() const noexcept { return state_->unlocked.header; }
SignatureState SealedFile::signature() const noexcept { return state_->unlocked.signature; }

Result<std::size_t> SealedFile::read_at(std::uint64_t offset, MutableBytes into) const {
  if (offset >= size()) return 0;
  const auto wanted = into.first(std::min<std::uint64_t>(into.size(), size() - offset));
  CHECK_OK(state_->read_plain(offset, wanted));
  return wanted.size();
}

}  // namespace tablinum::seal
