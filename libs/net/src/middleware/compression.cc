#include <algorithm>

#include "http/coded_body.h"
#include "http/syntax.h"
#include "middleware/layers.h"

namespace tablinum::net {
namespace {

/// Compressed in one go up to here (a millisecond of work); larger ones piece by piece between writes.
constexpr std::size_t kAtOnceBytesMax = std::size_t{64} << 10;

bool is_text_type(std::string_view content_type) noexcept {
  const std::string_view type = syntax::trim(content_type.substr(0, content_type.find(';')));
  if (type.starts_with("text/")) return type != "text/event-stream";
  if (type.ends_with("+json") || type.ends_with("+xml")) return true;
  constexpr std::string_view kTypes[] = {
      "application/json",          "application/javascript",       "application/xml", "application/wasm",
      "application/manifest+json", "application/openmetrics-text", "font/ttf",        "font/otf"};
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

bool may_compress(const Request& request, const Response& response) {
  if (response.secret || (request.route && !request.route->options.compress)) return false;
  const std::uint16_t status = number(response.status);
  if (status < 200 || response.status == Status::no_content || response.status == Status::partial_content ||
      response.status == Status::not_modified || response.status == Status::range_not_satisfiable)
    return false;
  if (response.headers.contains(Field::content_encoding)) return false;
  if (list_contains(response.headers.get_or(Field::cache_control, ""), "no-transform")) return false;
  return is_text_type(response.headers.get_or(Field::content_type, "")) &&
         response.body.size().value_or(kCompressBytesMin) >= kCompressBytesMin;
}

Result<Body> compressed(Body body, Coding coding) {
  const Chunk* whole = body.in_memory();
  if (!whole || whole->size() > kAtOnceBytesMax) return encoded_body(body.take_source(), coding);
  TRY(encoder, make_encoder(coding));
  std::string out;
  CHECK_OK(encoder->write(whole->view(), false, out));
  CHECK_OK(encoder->finish(out));
  return Body::of(std::move(out));
}

/// The compressed form has other bytes, so a strong tag would lie about it.
void weaken_etag(Headers& headers) {
  const auto etag = headers.get(Field::etag);
  if (etag && !etag->starts_with("W/")) headers.set(Field::etag, "W/" + std::string{*etag});
}

io::Task<Result<Response>> compressing(io::Io& io, Request& request, const Handler& next) {
  CO_TRY(response, co_await next(io, request));
  CO_CHECK_OK(compress(request, response));
  co_return std::move(response);
}

}  // namespace

Result<void> compress(const Request& request, Response& response) {
  if (!may_compress(request, response)) return {};
  response.headers.add_token(Field::vary, "Accept-Encoding");
  const Coding coding = preferred_coding(request.headers.get_or(Field::accept_encoding, ""));
  if (coding == Coding::identity) return {};
  TRY(body, compressed(std::move(response.body), coding));
  response.body = std::move(body);
  response.headers.set(Field::content_encoding, name_of(coding));
  response.headers.erase(Field::accept_ranges);
  weaken_etag(response.headers);
  return {};
}

Middleware compression() {
  return [](Handler next) -> Handler {
    return [next = std::move(next)](io::Io& io, Request& request) { return compressing(io, request, next); };
  };
}

}  // namespace tablinum::net
