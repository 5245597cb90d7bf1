#pragma once
/// Header fields of a message: names in lower case, values as they came. Source: RFC 9110 §5.
/// One text holds all names and values; a field is two slices of it, so a parsed block costs two allocations.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::net {

/// The names this module or its users compare often; finding one of these is a comparison of numbers.
enum class Field : std::uint8_t {
  other,
  accept,
  accept_encoding,
  accept_language,
  accept_ranges,
  age,
  allow,
  authorization,
  cache_control,
  connection,
  content_disposition,
  content_encoding,
  content_length,
  content_range,
  content_security_policy,
  content_type,
  cookie,
  date,
  etag,
  expect,
  host,
  idempotency_key,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_event_id,
  last_modified,
  link,
  location,
  origin,
  range,
  referrer_policy,
  retry_after,
  sec_fetch_site,
  server,
  set_cookie,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  vary,
  www_authenticate,
  x_content_type_options,
  x_correlation_id,
  x_request_id
};

/// "content-type" for Field::content_type; empty for Field::other.
std::string_view name_of(Field field) noexcept;
/// The field of a lower-case name; Field::other if it is none of the list.
Field field_of(std::string_view lower_case_name) noexcept;

/// One field as an iteration sees it. The views live until the Headers change.
struct FieldView {
  Field field;
  std::string_view name;
  std::string_view value;
};

/// An ordered list of fields; a name may occur more than once. Names are compared without regard to case.
/// @note Views returned from here live until the next change of the object.
class Headers {
 public:
  Headers() = default;

  /// The value of the first field of that name.
  std::optional<std::string_view> get(Field field) const noexcept;
  std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// As get(), with a word for "absent".
  std::string_view get_or(Field field, std::string_view fallback) const noexcept { return get(field).value_or(fallback); }
  std::size_t count(Field field) const noexcept;
  bool contains(Field field) const noexcept { return get(field).has_value(); }
  bool contains(std::string_view name) const noexcept { return get(name).has_value(); }

  /// Replaces every field of that name. Spaces around `value` are dropped, and each byte that may not stand in a field
  /// (control characters, so CR and LF too) becomes a space: no value can split a response.
  /// `name` is a literal of the program, not input: it must be a token (asserted).
  void set(Field field, std::string_view value);
  void set(std::string_view name, std::string_view value);
  void set(Field field, std::uint64_t number);
  /// Adds a field after those there are.
  void add(Field field, std::string_view value);
  void add(std::string_view name, std::string_view value);
  /// Adds `token` to a comma-separated field (Vary) unless it is there.
  void add_token(Field field, std::string_view token);
  void erase(Field field) noexcept;
  void erase(std::string_view name) noexcept;
  /// Removes every field of which `unwanted(FieldView)` is true.
  template <class Unwanted>
  void erase_if(const Unwanted& unwanted) {
    std::erase_if(entries_, [&](const Entry& entry) {
      return unwanted(FieldView{entry.field, slice(entry.name_at, entry.name_size), slice(entry.value_at, entry.value_size)});
    });
  }

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  FieldView operator[](std::size_t index) const noexcept;

  class Iterator {
   public:
    FieldView operator*() const noexcept { return (*headers_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class Headers;
    Iterator(const Headers* headers, std::size_t index) noexcept : headers_{headers}, index_{index} {}
    const Headers* headers_;
    std::size_t index_;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size()}; }

  /// Same fields, same order.
  friend bool operator==(const Headers& a, const Headers& b) noexcept;

 private:
  friend class FieldBlock;  // the wires' way in: takes a whole parsed block over (src/http/field_block.h)
  struct Entry {
    Field field;
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string_view slice(std::uint32_t at, std::uint32_t size) const noexcept { return {text_.data() + at, size}; }
  void append(Field field, std::string_view name, std::string_view value);

  std::string text_;
  std::vector<Entry> entries_;
};

/// Whether a comma-separated list ("gzip, br;q=0") names `token`, without regard to case; parameters are not looked at.
bool list_contains(std::string_view list, std::string_view token) noexcept;

}  // namespace tablinum::net
