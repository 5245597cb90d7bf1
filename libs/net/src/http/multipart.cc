#include "tablinum/net/multipart.h"

#include <fcntl.h>

#include <algorithm>
#include <cassert>

#include "http/field_block.h"
#include "http/parameters.h"
#include "http/syntax.h"
#include "tablinum/io/file.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kFormData = "multipart/form-data";
constexpr std::string_view kHeaderEnd = "\r\n\r\n";

/// RFC 2046 §5.1.1's bchars.
bool is_boundary_byte(char c) noexcept {
  const char l = syntax::lower(c);
  return syntax::is_digit(c) || (l >= 'a' && l <= 'z') || std::string_view{"'()+_,-./:=? "}.contains(c);
}

Result<PartHead> parse_part_head(std::string_view text) {
  Headers headers;
  if (const auto fault = FieldBlock::parse(std::string{text}, 0, headers); !fault.empty())
    return fail(Code::corrupt, "a part's header: " + std::string{fault});
  const auto disposition = parse_parameters(headers.get_or(Field::content_disposition, ""));
  if (!disposition || !syntax::equal_ignoring_case(disposition->value, "form-data") || !disposition->get("name"))
    return fail(Code::corrupt, "a part without Content-Disposition form-data and name");
  PartHead head;
  head.name = *disposition->get("name");
  if (const auto filename = disposition->get("filename")) head.filename = std::string{*filename};
  head.content_type = headers.get_or(Field::content_type, "text/plain");
  return head;
}

}  // namespace

/// The text before the first delimiter is treated as if it ended a part: with a CR LF put in front of the body, every delimiter
/// looks the same.
struct MultipartReader::State {
  enum class Where : std::uint8_t { preamble, in_part, after_delimiter, ended };

  State(Body& form_body, std::string_view boundary, MultipartLimits form_limits)
      : body{&form_body}, delimiter{"\r\n--" + std::string{boundary}}, limits{form_limits} {}

  io::Task<Result<void>> refill(io::Io& io) {
    CO_TRY(piece, co_await body->read(io));
    if (piece.empty()) co_return fail(Code::corrupt, "the form ends before its closing delimiter");
    buffer.erase(0, begin);
    begin = 0;
    buffer += piece.text();
    co_return Result<void>{};
  }
  std::string_view view() const noexcept { return std::string_view{buffer}.substr(begin); }
  void consume(std::size_t bytes) noexcept { begin += bytes; }

  /// Content up to the next delimiter, as far as it is here; empty: the delimiter was reached (and consumed), or more input is
  /// needed (`where` tells).
  std::string_view take_content() {
    const std::string_view here = view();
    const auto at = here.find(delimiter);
    // A delimiter may have begun in the last bytes: those stay.
    const std::size_t undecided = delimiter.size() - 1;
    const std::size_t size = at != std::string_view::npos ? at : here.size() - std::min(here.size(), undecided);
    const std::string_view content = here.substr(0, std::min(size, kChunkBytesMax));
    consume(content.size());
    if (content.empty() && at == 0) {
      consume(delimiter.size());
      where = Where::after_delimiter;
    }
    return content;
  }

  io::Task<Result<void>> ensure(io::Io& io, std::size_t bytes) {
    while (view().size() < bytes) CO_CHECK_OK(co_await refill(io));
    co_return Result<void>{};
  }

  io::Task<Result<void>> skip_to_delimiter(io::Io& io) {
    while (where == Where::preamble || where == Where::in_part) {
      const bool content = !take_content().empty();
      if (content && where == Where::preamble) co_return fail(Code::corrupt, "the form does not begin with its delimiter");
      if (!content && where != Where::after_delimiter) CO_CHECK_OK(co_await refill(io));
    }
    co_return Result<void>{};
  }

  /// After a delimiter: "--" ends the form, padding and CR LF begin a part.
  io::Task<Result<bool>> begins_part(io::Io& io) {
    CO_CHECK_OK(co_await ensure(io, 2));
    if (view().starts_with("--")) {
      where = Where::ended;
      co_return false;
    }
    while (syntax::is_space(view().front())) {
      consume(1);
      CO_CHECK_OK(co_await ensure(io, 2));
    }
    if (!view().starts_with("\r\n")) co_return fail(Code::corrupt, "text beside a delimiter");
    consume(2);
    co_return true;
  }

  io::Task<Result<std::string>> take_header(io::Io& io) {
    while (true) {
      const std::string_view here = view();
      const auto end = here.find(kHeaderEnd);
      if (std::min(end, here.size()) > limits.part_header_bytes_max) co_return fail(Code::too_large, "a part's header is too large");
      if (end != std::string_view::npos) {
        std::string text{here.substr(0, end + 2)};
        consume(end + kHeaderEnd.size());
        co_return text;
      }
      CO_CHECK_OK(co_await refill(io));
    }
  }

  Body* body;
  std::string delimiter;
  MultipartLimits limits;
  std::string buffer{"\r\n"};
  std::size_t begin = 0;
  std::size_t parts = 0;
  Where where = Where::preamble;
};

Result<std::optional<std::string>> multipart_boundary(std::string_view content_type) {
  const auto type = parse_parameters(content_type);
  if (!type || !syntax::equal_ignoring_case(type->value, kFormData)) return std::nullopt;
  const auto boundary = type->get("boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) return fail(Code::invalid, "no usable boundary");
  if (!std::ranges::all_of(*boundary, is_boundary_byte) || boundary->ends_with(' ')) return fail(Code::invalid, "no usable boundary");
  return std::string{*boundary};
}

Result<MultipartReader> MultipartReader::of(Request& request, MultipartLimits limits) {
  TRY(boundary, multipart_boundary(request.headers.get_or(Field::content_type, "")));
  if (!boundary) return fail(Code::unsupported, "the body is not multipart/form-data");
  return MultipartReader{std::make_unique<State>(request.body, *boundary, limits)};
}

MultipartReader::MultipartReader(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
MultipartReader::~MultipartReader() = default;
MultipartReader::MultipartReader(MultipartReader&&) noexcept = default;
MultipartReader& MultipartReader::operator=(MultipartReader&&) noexcept = default;

io::Task<Result<std::optional<PartHead>>> MultipartReader::next(io::Io& io) {
  State& state = *state_;
  if (state.where == State::Where::ended) co_return std::optional<PartHead>{};
  CO_CHECK_OK(co_await state.skip_to_delimiter(io));
  CO_TRY(another, co_await state.begins_part(io));
  if (!another) co_return std::optional<PartHead>{};
  if (++state.parts > state.limits.parts_max) co_return fail(Code::limit, "too many parts");
  CO_TRY(text, co_await state.take_header(io));
  CO_TRY(head, parse_part_head(text));
  state.where = State::Where::in_part;
  co_return std::optional{std::move(head)};
}

io::Task<Result<Chunk>> MultipartReader::read_part(io::Io& io) {
  State& state = *state_;
  while (state.where == State::Where::in_part) {
    const std::string_view content = state.take_content();
    if (!content.empty()) co_return Chunk::of(std::string{content});
    if (state.where == State::Where::in_part) CO_CHECK_OK(co_await state.refill(io));
  }
  co_return Chunk{};
}

io::Task<Result<std::string>> MultipartReader::read_text(io::Io& io, std::size_t bytes_max) {
  std::string text;
  while (true) {
    CO_TRY(piece, co_await read_part(io));
    if (piece.empty()) co_return text;
    if (text.size() + piece.size() > bytes_max) co_return fail(Code::too_large, "a form field is too large");
    text += piece.text();
  }
}

io::Task<Result<std::uint64_t>> save_part(io::Io& io, MultipartReader& reader, int fd, std::uint64_t bytes_max) {
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) co_return fail(Code::limit, "no file descriptor left");
  io::File file{io, own};
  std::uint64_t written = 0;
  while (true) {
    CO_TRY(piece, co_await reader.read_part(io));
    if (piece.empty()) co_return written;
    if (written + piece.size() > bytes_max) co_return fail(Code::too_large, "the uploaded file is too large");
    CO_CHECK_OK(co_await file.write_at(written, piece.view()));
    written += piece.size();
  }
}

}  // namespace tablinum::net
