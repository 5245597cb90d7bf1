#pragma once
/// multipart/form-data, read as a stream: no part is ever held whole unless the caller asks. Source: RFC 7578, RFC 2046 §5.1.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/net/message.h"

namespace tablinum::net {

inline constexpr std::size_t kBoundaryBytesMax = 70;  // RFC 2046 §5.1.1
struct MultipartLimits {
  std::size_t parts_max = 128;
  std::size_t part_header_bytes_max = std::size_t{8} << 10;
};

struct PartHead {
  std::string name;                     ///< of the form field
  std::optional<std::string> filename;  ///< as the client sent it: never a path to open.  At most the part's header bytes
  std::string content_type;             ///< "text/plain" where the part has none
};

/// The boundary of a Content-Type "multipart/form-data; boundary=…"; nothing for another type.
/// @error invalid: no boundary, longer than kBoundaryBytesMax, or with characters outside RFC 2046's list.
Result<std::optional<std::string>> multipart_boundary(std::string_view content_type);

/// Usage: while ((part = next()) has a value) { read_part() until it gives an empty chunk }.
/// next() skips what was not read of the part before.
class MultipartReader {
 public:
  /// `request` must outlive the reader; its body is consumed.
  /// @error unsupported: not multipart/form-data (415).  invalid: as multipart_boundary().
  static Result<MultipartReader> of(Request& request, MultipartLimits limits = {});
  ~MultipartReader();
  MultipartReader(MultipartReader&&) noexcept;
  MultipartReader& operator=(MultipartReader&&) noexcept;

  /// Nothing: the last part was read and the closing delimiter seen.
  /// @error corrupt: not the form's grammar, or the body ends too early.  limit: over parts_max.
  ///        too_large: a part's header over its limit.  Those of Body::read().
  io::Task<Result<std::optional<PartHead>>> next(io::Io& io);
  /// The next piece of the current part; empty at its end.  @error as next().
  io::Task<Result<Chunk>> read_part(io::Io& io);
  /// The rest of the current part as one text.  @error as next(), and too_large: over `bytes_max`.
  io::Task<Result<std::string>> read_text(io::Io& io, std::size_t bytes_max = std::size_t{64} << 10);

 private:
  struct State;
  explicit MultipartReader(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// Writes the rest of the current part to `fd` (a file the caller has opened) on io's pool, at most `bytes_max` bytes.
/// @return bytes written.  @error as read_part(), too_large: over `bytes_max`.  no_space, io: the disk.
io::Task<Result<std::uint64_t>> save_part(io::Io& io, MultipartReader& reader, int fd, std::uint64_t bytes_max);

}  // namespace tablinum::net
