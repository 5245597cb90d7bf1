#pragma once
/// Padding of the content before it is sealed: content ‖ zeros ‖ le64(content's length), in all as long as Padmé says.
/// Source: Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, "Reducing Metadata Leakage from Encrypted Files and Communication
/// with PURBs", PoPETs 2019/4, §4 (Padmé).
#include "file/layout.h"

namespace tablinum::seal::file {

inline constexpr std::size_t kPaddingTrailerBytes = 8;

/// Bytes that a content of this length becomes, at least kPaddingTrailerBytes.  @error too_large: over 2^62.
Result<std::uint64_t> padded_bytes(std::uint64_t content_bytes);

/// Gives the padded content of a source of unknown length.
class PaddedSource final : public Source {
 public:
  explicit PaddedSource(Source& content) noexcept : content_{content} {}
  Result<std::size_t> read(MutableBytes into) override;
  std::uint64_t content_bytes() const noexcept { return content_bytes_; }

 private:
  Source& content_;
  std::uint64_t content_bytes_ = 0;
  std::uint64_t zeros_left_ = 0;
  Bytes trailer_;  // what is left of it; filled when the content ends
  bool ended_ = false;
};

/// Takes padded content and passes the content on. Holds back eight bytes and counts zeros before them, which may be padding.
class UnpaddingSink final : public Sink {
 public:
  explicit UnpaddingSink(Sink& out) noexcept : out_{out} {}
  Result<void> write(ByteView bytes) override;
  /// @error corrupt with kCannotOpen: not padded content. Does not finish the sink behind it.
  Result<void> finish() override;
  /// Known after finish().
  std::uint64_t content_bytes() const noexcept { return passed_; }

 private:
  Result<void> pass(ByteView bytes);
  Result<void> pass_zeros(std::uint64_t count);
  Sink& out_;
  Bytes held_;  // up to kPaddingTrailerBytes
  std::uint64_t zeros_ = 0;
  std::uint64_t passed_ = 0;
};

}  // namespace tablinum::seal::file
