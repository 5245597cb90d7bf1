#pragma once
/// Strong ids: a TreeId never converts to a RecordId or to what it is made of.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "tablinum/base/bytes.h"
#include "tablinum/base/time.h"

namespace tablinum {

template <class Tag, class Rep>
class Id {
 public:
  constexpr Id() noexcept = default;
  constexpr explicit Id(Rep value) noexcept : value_{value} {}
  constexpr const Rep& value() const noexcept { return value_; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  Rep value_{};
};

/// 16 bytes of RFC 9562, big-endian as they are stored and compared.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  ByteView view() const noexcept { return std::as_bytes(std::span{bytes}); }
  constexpr bool is_zero() const noexcept { return *this == Uuid{}; }
};

/// Lower-case, 36 characters.
std::string to_string(const Uuid& id);
/// Upper or lower case, 36 characters with hyphens.  @error invalid: anything else.
Result<Uuid> parse_uuid(std::string_view text);
/// @error corrupt: not 16 bytes.
Result<Uuid> uuid_from_bytes(ByteView bytes);

using RecordId = Id<struct RecordTag, Uuid>;
using TreeId = Id<struct TreeTag, Uuid>;
/// tree number << 32 | n: the key of a record inside the process and the database; it never leaves them (archive.md §1).
using Rid = Id<struct RidTag, std::int64_t>;

constexpr Rid make_rid(std::int64_t tree_no, std::uint32_t n) noexcept { return Rid{tree_no << 32 | n}; }
constexpr std::int64_t tree_no_of(Rid rid) noexcept { return rid.value() >> 32; }
constexpr std::uint32_t n_of(Rid rid) noexcept { return static_cast<std::uint32_t>(rid.value()); }

/// Mints UUIDv7 (RFC 9562 §5.7), strictly increasing: 48 bits of Unix milliseconds, a 12-bit and 14-bit counter that starts at
/// random in each millisecond, 48 random bits. A clock that steps back keeps the last millisecond and counts on.
/// @note Thread-safe.
class UuidV7Source {
 public:
  UuidV7Source() = default;
  /// Continues after `last` (the highest id stored), so order survives a restart with a clock that went back.
  explicit UuidV7Source(const Uuid& last) noexcept;
  Uuid next();
  Uuid next(Timestamp now);

 private:
  std::mutex mutex_;
  std::int64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace tablinum

template <>
struct std::hash<tablinum::Uuid> {
  std::size_t operator()(const tablinum::Uuid& id) const noexcept {
    // The tail is random (RFC 9562); the head is time and alike for ids made together.
    std::uint64_t tail;
    __builtin_memcpy(&tail, id.bytes.data() + 8, sizeof tail);
    return static_cast<std::size_t>(tail * 0x9E3779B97F4A7C15u);
  }
};
template <class Tag, class Rep>
struct std::hash<tablinum::Id<Tag, Rep>> {
  std::size_t operator()(const tablinum::Id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
