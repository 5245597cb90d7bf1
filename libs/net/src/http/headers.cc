#include "tablinum/net/headers.h"

#include <algorithm>
#include <array>
#include <functional>
#include <cassert>

#include "http/syntax.h"

namespace tablinum::net {
namespace {

constexpr std::array<std::string_view, 49> kNames{"",
                                                  "accept",
                                                  "accept-encoding",
                                                  "accept-language",
                                                  "accept-ranges",
                                                  "age",
                                                  "allow",
                                                  "authorization",
                                                  "cache-control",
                                                  "connection",
                                                  "content-disposition",
                                                  "content-encoding",
                                                  "content-length",
                                                  "content-range",
                                                  "content-security-policy",
                                                  "content-type",
                                                  "cookie",
                                                  "date",
                                                  "etag",
                                                  "expect",
                                                  "host",
                                                  "idempotency-key",
                                                  "if-match",
                                                  "if-modified-since",
                                                  "if-none-match",
                                                  "if-range",
                                                  "if-unmodified-since",
                                                  "keep-alive",
                                                  "last-event-id",
                                                  "last-modified",
                                                  "link",
                                                  "location",
                                                  "origin",
                                                  "range",
                                                  "referrer-policy",
                                                  "retry-after",
                                                  "sec-fetch-site",
                                                  "server",
                                                  "set-cookie",
                                                  "te",
                                                  "trailer",
                                                  "transfer-encoding",
                                                  "upgrade",
                                                  "user-agent",
                                                  "vary",
                                                  "www-authenticate",
                                                  "x-content-type-options",
                                                  "x-correlation-id",
                                                  "x-request-id"};
static_assert(kNames.size() == static_cast<std::size_t>(Field::x_request_id) + 1);

constexpr std::size_t kSlots = 256;
constexpr std::size_t slot_of(std::string_view name) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
  return (name.size() * 31 + at(0) * 7 + at(name.size() / 2) * 5 + at(name.size() - 1) * 3) % kSlots;
}

/// Open addressing over kNames: a lookup compares one or two names.
constexpr auto kTable = [] {
  std::array<std::uint8_t, kSlots> table{};
  for (std::size_t i = 1; i < kNames.size(); ++i) {
    std::size_t slot = slot_of(kNames[i]);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

/// What the answer of a pipeline takes: two allocations for it instead of one for each doubling.
constexpr std::size_t kFieldsAtFirst = 12, kTextBytesAtFirst = 400;

}  // namespace

std::string_view name_of(Field field) noexcept { return kNames[static_cast<std::size_t>(field)]; }

Field field_of(std::string_view name) noexcept {
  if (name.empty()) return Field::other;
  for (std::size_t slot = slot_of(name); kTable[slot] != 0; slot = (slot + 1) % kSlots)
    if (kNames[kTable[slot]] == name) return static_cast<Field>(kTable[slot]);
  return Field::other;
}

std::optional<std::string_view> Headers::get(Field field) const noexcept {
  for (const Entry& entry : entries_)
    if (entry.field == field && field != Field::other) return slice(entry.value_at, entry.value_size);
  return std::nullopt;
}

std::optional<std::string_view> Headers::get(std::string_view name) const noexcept {
  for (const Entry& entry : entries_)
    if (syntax::equal_ignoring_case(slice(entry.name_at, entry.name_size), name))
      return slice(entry.value_at, entry.value_size);
  return std::nullopt;
}

std::size_t Headers::count(Field field) const noexcept {
  return static_cast<std::size_t>(std::ranges::count(entries_, field, &Entry::field));
}

void Headers::set(Field field, std::string_view value) {
  erase(field);
  add(field, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

void Headers::set(Field field, std::uint64_t number) { set(field, std::string_view{std::to_string(number)}); }

void Headers::add(Field field, std::string_view value) {
  assert(field != Field::other);
  append(field, name_of(field), value);
}

void Headers::add(std::string_view name, std::string_view value) {
  assert(syntax::is_token(name));
  append(Field::other, name, value);
  Entry& added = entries_.back();
  char* const text = text_.data();
  std::transform(text + added.name_at, text + added.value_at, text + added.name_at, syntax::lower);
  added.field = field_of(slice(added.name_at, added.name_size));
}

void Headers::add_token(Field field, std::string_view token) {
  const auto old = get(field);
  if (!old) return add(field, token);
  if (list_contains(*old, token)) return;
  set(field, std::string_view{std::string{*old} + ", " + std::string{token}});
}

void Headers::erase(Field field) noexcept {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.field == field; });
}

void Headers::erase(std::string_view name) noexcept {
  std::erase_if(entries_, [&](const Entry& entry) {
    return syntax::equal_ignoring_case(slice(entry.name_at, entry.name_size), name);
  });
}

FieldView Headers::operator[](std::size_t index) const noexcept {
  const Entry& entry = entries_[index];
  return {entry.field, slice(entry.name_at, entry.name_size), slice(entry.value_at, entry.value_size)};
}

bool operator==(const Headers& a, const Headers& b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].name != b[i].name || a[i].value != b[i].value) return false;
  return true;
}

void Headers::append(Field field, std::string_view name, std::string_view value) {
  if (entries_.capacity() == 0) {
    entries_.reserve(kFieldsAtFirst);
    text_.reserve(kTextBytesAtFirst);
  }
  value = syntax::trim(value);
  // A value may point into text_ itself, which is about to grow; std::string minds that for the name.
  const bool is_own = std::less_equal<>{}(text_.data(), value.data()) && std::less<>{}(value.data(), text_.data() + text_.size());
  const std::size_t own_at = is_own ? static_cast<std::size_t>(value.data() - text_.data()) : 0;
  const auto name_at = static_cast<std::uint32_t>(text_.size());
  text_.append(name);
  const auto value_at = static_cast<std::uint32_t>(text_.size());
  if (is_own) value = std::string_view{text_}.substr(own_at, value.size());
  text_.append(value);
  if (!syntax::is_field_value(std::string_view{text_}.substr(value_at)))
    for (std::size_t i = value_at; i < text_.size(); ++i)
      if (!syntax::is_field_byte(text_[i])) text_[i] = ' ';
  entries_.push_back({field, name_at, value_at - name_at, value_at, static_cast<std::uint32_t>(text_.size() - value_at)});
}

bool list_contains(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    item = syntax::trim(item.substr(0, item.find(';')));
    if (syntax::equal_ignoring_case(item, token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace tablinum::net
