#include "h1/body_decoder.h"

#include <algorithm>
#include <optional>

#include "http/field_block.h"
#include "http/syntax.h"

namespace tablinum::net::h1 {
namespace {

constexpr std::size_t kChunkSizeDigitsMax = 15;  // 2^60: no sum of such sizes overflows before the sun burns out

/// "1a" or "1a;name=value" without its CR LF.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
  const std::string_view digits = line.substr(0, line.find(';'));
  if (digits.empty() || digits.size() > kChunkSizeDigitsMax) return std::nullopt;
  if (!std::ranges::all_of(line.substr(digits.size()), syntax::is_field_byte)) return std::nullopt;
  std::uint64_t size = 0;
  for (const char digit : digits) {
    const int value = syntax::hex_value(digit);
    if (value < 0) return std::nullopt;
    size = size * 16 + static_cast<std::uint64_t>(value);
  }
  return size;
}

/// Fields that would change how the message before them is read (RFC 9110 §6.5.1).
bool is_forbidden_trailer(Field field) noexcept {
  constexpr Field kForbidden[] = {Field::transfer_encoding, Field::content_length, Field::host, Field::trailer, Field::te,
                                  Field::connection, Field::content_encoding, Field::content_type, Field::content_range,
                                  Field::authorization, Field::cookie, Field::expect};
  return std::ranges::find(kForbidden, field) != std::end(kForbidden);
}

}  // namespace

BodyDecoder::BodyDecoder(MessageFraming framing, const HeadLimits& limits)
    : framing_{framing}, left_{framing.content_length}, trailer_scanner_{HeadScanner::of_trailers(limits)} {
  switch (framing.kind) {
    case Framing::none: state_ = State::ended; break;
    case Framing::length:
    case Framing::until_close: state_ = State::data; break;
    case Framing::chunked: state_ = State::chunk_line; break;
  }
}

Parsed<BodyDecoder::Step> BodyDecoder::step(std::string_view input) {
  Step total;
  // Framing is skipped in one go, so that a caller sees data, the end, or the need for more input and nothing between.
  while (true) {
    const std::string_view rest = input.substr(total.consumed);
    Parsed<Step> one = state_ == State::data         ? take_data(rest)
                       : state_ == State::chunk_line ? take_chunk_line(rest)
                       : state_ == State::chunk_end  ? take_chunk_end(rest)
                       : state_ == State::trailers   ? take_trailers(rest)
                                                     : Parsed<Step>{Step{0, {}, true}};
    if (!one) return one;
    total.consumed += one->consumed;
    total.data = one->data;
    total.ended = one->ended;
    if (!total.data.empty() || total.ended || one->consumed == 0) return total;
  }
}

Parsed<BodyDecoder::Step> BodyDecoder::take_data(std::string_view input) {
  if (framing_.kind == Framing::until_close) return Step{input.size(), input, false};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= size;
  if (left_ == 0) state_ = framing_.kind == Framing::chunked ? State::chunk_end : State::ended;
  return Step{size, input.substr(0, size), false};
}

Parsed<BodyDecoder::Step> BodyDecoder::take_chunk_line(std::string_view input) {
  const auto lf = input.substr(0, kChunkLineBytesMax + 2).find('\n');
  if (lf == std::string_view::npos) {
    if (input.size() > kChunkLineBytesMax + 1) return bad("a chunk's line is too long");
    return Step{};
  }
  if (lf == 0 || input[lf - 1] != '\r') return bad("a chunk's line ends in LF without CR");
  const auto size = parse_chunk_size(input.substr(0, lf - 1));
  if (!size) return bad("a chunk's size is malformed");
  left_ = *size;
  state_ = left_ == 0 ? State::trailers : State::data;
  return Step{lf + 1, {}, false};
}

Parsed<BodyDecoder::Step> BodyDecoder::take_chunk_end(std::string_view input) {
  constexpr std::string_view kEnd = "\r\n";
  const std::string_view seen = input.substr(0, kEnd.size());
  if (!kEnd.starts_with(seen)) return bad("a chunk is longer than its size");
  if (seen.size() < kEnd.size()) return Step{};
  state_ = State::chunk_line;
  return Step{kEnd.size(), {}, false};
}

Parsed<BodyDecoder::Step> BodyDecoder::take_trailers(std::string_view input) {
  const auto span = trailer_scanner_.scan(input);
  if (!span) return std::unexpected(span.error());
  if (!*span) return Step{};
  const HeadSpan& found = **span;
  if (const auto fault = FieldBlock::parse(std::string{input.substr(0, found.fields_end)}, 0, trailers_); !fault.empty())
    return bad(fault);
  for (const FieldView field : trailers_)
    if (is_forbidden_trailer(field.field)) return bad("a field that may not be a trailer");
  state_ = State::ended;
  return Step{found.end, {}, true};
}

}  // namespace tablinum::net::h1
