#include <optional>

#include "http/coded_body.h"
#include "http/syntax.h"
#include "middleware/layers.h"

namespace tablinum::net {
namespace {

std::optional<Coding> coding_of(std::string_view content_encoding) noexcept {
  const std::string_view name = syntax::trim(content_encoding);
  if (name.empty() || syntax::equal_ignoring_case(name, "identity")) return Coding::identity;
  if (syntax::equal_ignoring_case(name, "gzip") || syntax::equal_ignoring_case(name, "x-gzip")) return Coding::gzip;
  if (syntax::equal_ignoring_case(name, "zstd")) return Coding::zstd;
  return std::nullopt;
}

Response unsupported_coding(const Request& request) {
  Problem problem{.status = Status::unsupported_media_type, .code = "unsupported_encoding",
                  .detail = "The body's Content-Encoding is not one of gzip and zstd."};
  Response response = problem_response(problem, request.id);
  response.headers.set(Field::accept_encoding, "zstd, gzip");
  return response;
}

Result<void> decode(Request& request, Coding coding) {
  TRY(decoded, decoded_body(request.body.take_source(), coding));
  request.body = std::move(decoded);
  request.headers.erase(Field::content_encoding);
  request.headers.erase(Field::content_length);
  return {};
}

}  // namespace

Result<std::optional<Response>> take_body(Request& request) {
  const std::uint64_t bytes_max = request.route ? request.route->options.body_bytes_max : kBodyBytesDefault;
  request.body.set_limit(bytes_max);
  if (request.body.over_limit()) return fail(Code::too_large, "the body is larger than this route takes");
  const auto coding = coding_of(request.headers.get_or(Field::content_encoding, ""));
  if (!coding || request.headers.count(Field::content_encoding) > 1) return unsupported_coding(request);
  if (*coding != Coding::identity && !request.body.is_empty()) {
    CHECK_OK(decode(request, *coding));
    request.body.set_limit(bytes_max);
  }
  return std::nullopt;
}

}  // namespace tablinum::net
