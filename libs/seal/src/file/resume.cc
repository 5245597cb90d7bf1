#include <algorithm>

#include "file/keys.h"
#include "file/writer.h"

namespace tablinum::seal {
namespace {

/// Compares with what is there as long as it lasts, then writes.
class ContinuingSink final : public Sink {
 public:
  enum class Difference : std::uint8_t { write_anew, give_up };

  /// @param place where the first byte belongs.
  ContinuingSink(PartialOutput& out, std::uint64_t place, Difference difference)
      : out_{out}, place_{place}, kept_{out.kept().size()}, difference_{difference} {}

  /// @error conflict: something else is there, and Difference::give_up.
  Result<void> write(ByteView bytes) override {
    while (!writing_ && !bytes.empty()) {
      TRY(same, compare(bytes));
      place_ += same;
      bytes = bytes.subspan(same);
    }
    if (bytes.empty()) return {};
    return out_.write(bytes);
  }

  /// After all was written: what is there beyond it goes.
  Result<void> end() { return writing_ || place_ == kept_ ? Result<void>{} : out_.keep(place_); }
  bool has_more() const noexcept { return !writing_ && place_ < kept_; }

 private:
  /// How many of the bytes are there already; goes over to writing where that ends.
  Result<std::size_t> compare(ByteView bytes) {
    there_.resize(std::min<std::uint64_t>(bytes.size(), kept_ - std::min(kept_, place_)));
    TRY(got, out_.kept().read_at(place_, there_));
    const ByteView kept = ByteView{there_}.first(got);
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(kept, bytes).in1 - kept.begin());
    const bool differs = same < got;
    if (differs && difference_ == Difference::give_up) return fail(Code::conflict, "something else was being written there");
    if (same < bytes.size()) {
      writing_ = true;
      CHECK_OK(out_.keep(place_ + same));
    }
    return same;
  }

  PartialOutput& out_;
  std::uint64_t place_;
  std::uint64_t kept_;
  Difference difference_;
  bool writing_ = false;
  Bytes there_;
};

class KeptSource final : public Source {
 public:
  explicit KeptSource(const RandomAccess& kept) noexcept : kept_{kept} {}
  Result<std::size_t> read(MutableBytes into) override {
    TRY(got, kept_.read_at(place_, into));
    place_ += got;
    return got;
  }

 private:
  const RandomAccess& kept_;
  std::uint64_t place_ = 0;
};

/// The file that was begun, with its recipients as they are wanted now. Nothing: it cannot be gone on with.
Result<std::optional<file::NewFile>> file_begun(const PartialOutput& out, Recipients recipients, Openers keys, const SealOptions& options) {
  KeptSource source{out.kept()};
  auto begun = file::unlock(source, keys, {});
  if (!begun) {
    if (begun.error().code == Code::corrupt) return std::nullopt;
    return std::unexpected(std::move(begun).error());
  }
  TRY(wanted, file::new_core(options));
  const auto& header = begun->header;
  const bool same_kind = header.cipher == wanted.cipher && header.chunk_log2 == wanted.chunk_log2 && header.meta == wanted.meta;
  if (!same_kind) return std::nullopt;
  file::NewFile file{.header = header, .key = begun->key, .signer = options.signer};
  CHECK_OK(file::complete_header(file.header, file.key, recipients, options.signer));
  // The header is written over the old one: it names exactly those who are wanted now, whoever was wanted then.
  if (serialize(file.header).size() != serialize(header).size()) return std::nullopt;
  return std::optional{std::move(file)};
}

/// Nothing: the content is not what it was, so a new file key is needed.
Result<std::optional<SealReport>> go_on(const file::NewFile& file, Source& in, PartialOutput& out, const Run& run) {
  const Bytes head = serialize(file.header);
  ContinuingSink sink{out, head.size(), ContinuingSink::Difference::give_up};
  auto done = file::seal_payload(file, in, sink, run);
  if (!done) {
    if (done.error().code == Code::conflict) return std::nullopt;
    return std::unexpected(std::move(done).error());
  }
  if (sink.has_more()) return std::nullopt;
  CHECK_OK(out.rewrite_begin(head));
  return SealReport{done->content_bytes, done->sealed_bytes + head.size()};
}

class FreshSink final : public Sink {
 public:
  explicit FreshSink(PartialOutput& out) noexcept : out_{out} {}
  Result<void> write(ByteView bytes) override { return out_.write(bytes); }
  Result<void> finish() override { return out_.finish(); }

 private:
  PartialOutput& out_;
};

}  // namespace

Result<SealReport> seal_resumed(FunctionRef<Result<std::unique_ptr<Source>>()> in_again, PartialOutput& out, Recipients recipients,
                                Openers keys, const SealOptions& options, const Run& run) {
  if (out.kept().size() > 0) {
    TRY(file, file_begun(out, recipients, keys, options));
    if (file) {
      TRY(in, in_again());
      TRY(done, go_on(*file, *in, out, run));
      if (done) {
        CHECK_OK(out.finish());
        return *done;
      }
    }
  }
  CHECK_OK(out.keep(0));
  TRY(in, in_again());
  FreshSink sink{out};
  return seal(*in, sink, recipients, options, run);
}

Result<OpenReport> open_resumed(Source& in, PartialOutput& out, Openers keys, const OpenOptions& options, const Run& run) {
  TRY(file, file::unlock(in, keys, options));
  ContinuingSink sink{out, 0, ContinuingSink::Difference::write_anew};
  TRY(content, file::open_payload(file.header, file.key, in, sink, options, run));
  CHECK_OK(sink.end());
  CHECK_OK(out.finish());
  return OpenReport{content.bytes, std::move(file.header), file.signature, content.signature, content.signer};
}

}  // namespace tablinum::seal
