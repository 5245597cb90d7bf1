#pragma once
// Reading and writing of the identity formats: little-endian numbers, byte strings with their length before them.
#include "tablinum/base/bytes.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal {

/// Appends to Bytes or SecretBytes.
template <class Buffer>
class FieldWriter {
 public:
  explicit FieldWriter(Buffer& out) noexcept : out_{out} {}
  template <std::unsigned_integral Int>
  void number(Int value) {
    for (std::size_t i = 0; i < sizeof(Int); ++i) out_.push_back(static_cast<std::byte>(value >> 8 * i));
  }
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  template <std::unsigned_integral Length>
  void sized(ByteView bytes) {
    number(static_cast<Length>(bytes.size()));
    raw(bytes);
  }

 private:
  Buffer& out_;
};

/// Takes from the front. After a field that is not there ok() is false and everything else reads as zero or empty.
class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) noexcept : rest_{bytes} {}
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return ok_ && rest_.empty(); }
  ByteView rest() const noexcept { return rest_; }

  ByteView raw(std::size_t size) noexcept {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  template <std::unsigned_integral Int>
  Int number() noexcept {
    Int value = 0;
    const ByteView bytes = raw(sizeof(Int));
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value = static_cast<Int>(value | static_cast<Int>(std::to_integer<Int>(bytes[i]) << 8 * i));
    return value;
  }
  template <std::unsigned_integral Length>
  ByteView sized(std::size_t size_max) noexcept {
    const std::size_t size = number<Length>();
    if (size > size_max) ok_ = false;
    return raw(size);
  }

 private:
  ByteView rest_;
  bool ok_ = true;
};

/// A name as people write it: UTF-8 without control characters, 1 … kCardNameBytesMax bytes.
bool is_good_name(std::string_view name) noexcept;

}  // namespace tablinum::seal
