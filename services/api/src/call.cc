#include "tablinum/api/call.h"

#include <charconv>

#include "tablinum/base/crypto.h"

namespace tablinum::api {
namespace {

constexpr char kUnit = '\x1f';  // separates the parts of a field error inside Error::detail
constexpr std::string_view kFieldMark = "\x1e";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const auto end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

/// "<size>:<bytes>" after each other: a sort key may hold any byte, so no separator is safe. The text is our own, its signature
/// was checked.
std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    std::size_t size = 0;
    const auto colon = std::from_chars(text.data(), text.data() + text.size(), size).ptr;
    text.remove_prefix(static_cast<std::size_t>(colon - text.data()) + 1);
    fields.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return fields;
}

constexpr std::size_t kTagBytes = 16;

}  // namespace

std::optional<std::string_view> Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<std::int64_t> Call::number(std::string_view name, std::int64_t low, std::int64_t high,
                                  std::optional<std::int64_t> fallback) const {
  const auto text = parameter(name);
  if (!text) {
    if (fallback) return *fallback;
    return invalid_field({std::string{name}, "is missing", "missing"});
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) {
    return invalid_field(
        {std::string{name}, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high), "range"});
  }
  return value;
}

std::string_view Call::segment(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& pair) -> std::string_view { return pair.first; });
  return found == parameters.end() ? std::string_view{} : std::string_view{found->second};
}

std::string Call::language() const {
  const auto wanted = parameter("lang").value_or(accept_language);
  for (const auto& item : split(wanted, ',')) {
    std::string_view tag = item;
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    const auto primary = tag.substr(0, tag.find_first_of("-; "));
    for (const std::string_view known : {"en", "de", "fr", "es", "he", "sn", "nd"}) {
      if (primary == known) return std::string{known};
    }
  }
  return "en";
}

std::string attachment(std::string_view name) {
  std::string plain, encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    // One underscore stands for each character that it cannot hold.
    if (letter || c == ' ')
      plain += c;
    else if ((byte & 0xC0) != 0x80)
      plain += '_';
    if (letter) {
      encoded += c;
    } else {
      static constexpr char kHex[] = "0123456789ABCDEF";
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
}

std::unexpected<Error> invalid_field(FieldError error) {
  return fail(Code::invalid, std::string{kFieldMark} + error.field + kUnit + error.message + kUnit + error.type);
}

std::optional<FieldError> field_error_of(const Error& error) {
  if (!error.detail.starts_with(kFieldMark)) return std::nullopt;
  auto parts = split(std::string_view{error.detail}.substr(kFieldMark.size()), kUnit);
  return FieldError{std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

namespace {

/// With the binding's length before it: a filter may hold any text, also one that looks like another binding and its fields.
auto tag_of(ByteView key, std::string_view binding, std::string_view text) {
  std::string message = std::to_string(binding.size()) + ':';
  return hmac_sha256(key, bytes_of(message.append(binding).append(text)));
}

}  // namespace

Cursors::Cursors() : key_(32) { fill_random(key_); }

std::string Cursors::seal(std::string_view binding, const std::vector<std::string>& fields) const {
  std::string text;
  for (const auto& field : fields) text += std::to_string(field.size()) + ':' + field;
  const auto tag = tag_of(key_, binding, text);
  Bytes whole;
  append(whole, tag.view().first(kTagBytes));
  append(whole, bytes_of(text));
  return to_base64url(whole);
}

Result<std::vector<std::string>> Cursors::open(std::string_view binding, std::string_view cursor) const {
  const auto refused = [] {
    return invalid_field({"cursor", "is not a cursor of this list; begin again without one", "format"});
  };
  const auto whole = from_base64url(cursor);
  if (!whole || whole->size() < kTagBytes) return refused();
  const auto text = text_of(ByteView{*whole}.subspan(kTagBytes));
  const auto tag = tag_of(key_, binding, text);
  if (!equal_constant_time(tag.view().first(kTagBytes), ByteView{*whole}.first(kTagBytes))) return refused();
  return fields_of(text);
}

}  // namespace tablinum::api
