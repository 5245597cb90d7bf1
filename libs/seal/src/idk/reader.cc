#include <charconv>

#include "idk/text.h"

namespace tablinum::seal::idk {
namespace {

constexpr std::string_view kBegin = "----- BEGIN IDK MESSAGE PART ";
constexpr std::string_view kDashes = " -----";
constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kPayloadTextMax = kPayloadBytesMax / 3 * 4 + 4;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool take_number(std::string_view& text, std::uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || (text.size() > 1 && text[0] == '0')) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "n/N" and nothing else.
bool parse_numbers(std::string_view text, Part& part) {
  if (!take_number(text, part.number) || !text.starts_with('/')) return false;
  text.remove_prefix(1);
  return take_number(text, part.total) && text.empty() && part.number >= 1 && part.number <= part.total;
}

}  // namespace

bool Part::recrypted() const {
  const auto is_true = [&](const char* key) {
    const auto found = headers.find(key);
    return found != headers.end() && (found->second == "true" || found->second == "True");
  };
  return is_true("Recrypted") || is_true("ReEncrypted");
}

std::string to_text(const Part& part) {
  return begin_marker(part.number, part.total) + "\n" + header_lines(part.headers) + (part.blank_line ? "\n" : "") +
         to_base64(part.payload) + "\n" + end_marker(part.number, part.total);
}

// A view of the next line, good until the next call; nothing at the end.
Result<std::optional<std::string_view>> Reader::line(std::size_t bytes_max) {
  std::size_t looked = at_;
  for (;;) {
    if (const auto end = buffer_.find('\n', looked); end != std::string::npos) {
      const auto text = std::string_view{buffer_}.substr(at_, end - at_);
      if (text.size() > bytes_max) return fail(Code::too_large, "a line is too long");
      at_ = end + 1;
      return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
    }
    if (ended_) break;
    if (buffer_.size() - at_ > bytes_max) return fail(Code::too_large, "a line is too long");
    buffer_.erase(0, at_);
    at_ = 0;
    looked = buffer_.size();
    buffer_.resize(looked + kReadBytes);
    TRY(got, source_.read(std::as_writable_bytes(std::span{buffer_}.subspan(looked))));
    buffer_.resize(looked + got);
    ended_ = got == 0;
  }
  if (at_ == buffer_.size()) return std::nullopt;
  const auto text = std::string_view{buffer_}.substr(at_);
  if (text.size() > bytes_max) return fail(Code::too_large, "a line is too long");
  at_ = buffer_.size();
  return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

Result<void> Reader::read_headers(Part& part) {
  std::size_t bytes = 0;
  for (;;) {
    TRY(text, line(kPayloadTextMax));
    if (!text) return fail(Code::corrupt, "the text ends within a part");
    const auto colon = text->find(": ");
    if (colon == std::string_view::npos) {
      kept_ = *text;
      break;
    }
    if (colon == 0) return fail(Code::corrupt, "a header without a name");
    bytes += text->size();
    if (bytes > kHeaderBytesMax || part.headers.size() == kHeadersMax)
      return fail(Code::too_large, "a part has too many headers");
    auto value = text->substr(colon + 2);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    if (!part.headers.emplace(text->substr(0, colon), value).second)
      return fail(Code::corrupt, "a header stands twice: " + std::string{text->substr(0, colon)});
  }
  if (part.headers.empty()) return fail(Code::corrupt, "a part without headers");
  return {};
}

Result<void> Reader::read_payload(Part& part, std::string_view end) {
  std::string base64;
  auto text = std::optional<std::string_view>{kept_};
  part.blank_line = kept_.empty();
  for (std::size_t lines = 0; trimmed(*text) != end; ++lines) {
    if (text->starts_with(kBegin)) return fail(Code::corrupt, "a part without its end");
    base64 += trimmed(*text);
    if (base64.size() > kPayloadTextMax || lines > kPayloadTextMax) return fail(Code::too_large, "a part is too large");
    TRY(next, line(kPayloadTextMax));
    if (!next) return fail(Code::corrupt, "the text ends within a part");
    text = next;
  }
  auto payload = from_base64(base64);
  if (!payload || payload->empty()) return fail(Code::corrupt, "the payload is not base64");
  part.payload = std::move(*payload);
  return {};
}

Result<std::optional<Part>> Reader::next() {
  for (;;) {
    TRY(text, line(kPayloadTextMax));
    if (!text) return std::nullopt;
    auto marker = trimmed(*text);
    if (!marker.starts_with(kBegin)) continue;
    Part part;
    marker.remove_prefix(kBegin.size());
    if (!marker.ends_with(kDashes) || !parse_numbers(marker.substr(0, marker.size() - kDashes.size()), part))
      return fail(Code::corrupt, "a BEGIN line without its numbers");
    if (part.total > kPartsMax) return fail(Code::too_large, "a message of too many parts");
    CHECK_OK(read_headers(part));
    CHECK_OK(read_payload(part, end_marker(part.number, part.total)));
    return part;
  }
}

}  // namespace tablinum::seal::idk
