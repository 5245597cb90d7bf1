#pragma once
/// What stands between an SSL object and a ByteStream: bytes that came and have not been read, bytes that wait to go out.
#include <openssl/bio.h>

#include <cstring>
#include <string>
#include <vector>

#include "tablinum/base/bytes.h"

namespace tablinum::net::tls {

inline constexpr std::size_t kIdleInputBytes = std::size_t{4} << 10;
inline constexpr std::size_t kBusyInputBytes = std::size_t{32} << 10;

/// Received ciphertext. Small while little comes, so an idle connection costs little.
class Input {
 public:
  /// Where the next bytes may be put; only while empty().
  MutableBytes room();
  void received(std::size_t bytes) noexcept {
    begin_ = 0;
    end_ = bytes;
  }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t take(MutableBytes into) noexcept {
    const std::size_t bytes = std::min(into.size(), end_ - begin_);
    std::memcpy(into.data(), block_.data() + begin_, bytes);
    begin_ += bytes;
    return bytes;
  }

 private:
  Bytes block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

struct Buffers {
  Input input;
  std::string output;
};

/// A BIO over `buffers`, which outlive it. Reading says "retry" where nothing is; writing always succeeds.
BIO* new_buffer_bio(Buffers& buffers);

}  // namespace tablinum::net::tls
