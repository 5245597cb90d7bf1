#include "tablinum/base/id.h"

#include "tablinum/base/crypto.h"

namespace tablinum {
namespace {

constexpr std::uint32_t kCounterBits = 26;  // 12 of rand_a, 14 of rand_b
constexpr std::uint32_t kCounterMax = (1u << kCounterBits) - 1;

bool is_hyphen_position(std::size_t i) noexcept { return i == 8 || i == 13 || i == 18 || i == 23; }

/// Random bytes for one id, fetched for many at a time: asking the generator for sixteen costs more than all the rest of an id.
void take_random(std::span<std::uint8_t> out) noexcept {
  struct Stock {
    std::array<std::uint8_t, 512> bytes;
    std::size_t used = sizeof bytes;
  };
  thread_local Stock stock;
  if (stock.bytes.size() - stock.used < out.size()) {
    fill_random(std::as_writable_bytes(std::span{stock.bytes}));
    stock.used = 0;
  }
  std::memcpy(out.data(), stock.bytes.data() + stock.used, out.size());
  stock.used += out.size();
}

}  // namespace

std::string to_string(const Uuid& id) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const auto byte : id.bytes) {
    if (is_hyphen_position(at)) ++at;
    text[at++] = hex[byte >> 4];
    text[at++] = hex[byte & 15];
  }
  return text;
}

Result<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return fail(Code::invalid, "an id has 36 characters");
  std::string digits;
  digits.reserve(32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_hyphen_position(i)) digits += text[i];
    else if (text[i] != '-') return fail(Code::invalid, "an id has hyphens after 8, 12, 16 and 20 digits");
  }
  TRY(bytes, from_hex(digits));
  return uuid_from_bytes(bytes);
}

Result<Uuid> uuid_from_bytes(ByteView bytes) {
  if (bytes.size() != 16) return fail(Code::corrupt, "an id has 16 bytes");
  Uuid id;
  std::memcpy(id.bytes.data(), bytes.data(), 16);
  return id;
}

UuidV7Source::UuidV7Source(const Uuid& last) noexcept {
  for (int i = 0; i < 6; ++i) last_ms_ = last_ms_ << 8 | last.bytes[static_cast<std::size_t>(i)];
  counter_ = (last.bytes[6] & 0x0Fu) << 22 | std::uint32_t{last.bytes[7]} << 14 | (last.bytes[8] & 0x3Fu) << 8 | last.bytes[9];
}

Uuid UuidV7Source::next() { return next(wall_now()); }

Uuid UuidV7Source::next(Timestamp now) {
  Uuid id;
  take_random(id.bytes);
  const std::lock_guard lock{mutex_};
  if (now.ms > last_ms_) {
    last_ms_ = now.ms;
    // Half of the range is left for counting on within the millisecond.
    counter_ = (std::uint32_t{id.bytes[10]} << 16 | std::uint32_t{id.bytes[11]} << 8 | id.bytes[12]) << 1 & (kCounterMax >> 1);
  } else if (counter_ == kCounterMax) {
    ++last_ms_;
    counter_ = 0;
  } else {
    ++counter_;
  }
  for (int i = 0; i < 6; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(last_ms_ >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | counter_ >> 22);
  id.bytes[7] = static_cast<std::uint8_t>(counter_ >> 14);
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (counter_ >> 8 & 0x3F));
  id.bytes[9] = static_cast<std::uint8_t>(counter_);
  return id;
}

}  // namespace tablinum
