#include "tablinum/net/sse.h"

#include <algorithm>
#include <cassert>

#include "tablinum/io/io.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kLineBreaks = "\r\n";

void append_line(std::string& out, std::string_view field, std::string_view value) {
  out += field;
  out += ": ";
  out += value;
  out += '\n';
}

/// One "data" line for each line of the text; CR LF, CR and LF each end one, as clients read them.
void append_data(std::string& out, std::string_view data) {
  while (true) {
    const auto end = std::min(data.find_first_of(kLineBreaks), data.size());
    append_line(out, "data", data.substr(0, end));
    if (end == data.size()) return;
    data.remove_prefix(end + (data.substr(end).starts_with(kLineBreaks) ? 2 : 1));
  }
}

class EventStream final : public BodySource {
 public:
  EventStream(EventSource source, Duration keep_alive) : source_{std::move(source)}, keep_alive_{keep_alive} {}

  io::Task<Result<Chunk>> read(io::Io& io) override {
    if (!begun_) {
      // Something must go out at once, or the client does not learn that it is connected.
      begun_ = true;
      co_return Chunk::of(encode_comment("connected"));
    }
    auto event = co_await source_(io, io.now() + keep_alive_);
    if (!event && event.error().code == Code::timeout) co_return Chunk::of(encode_comment("keep-alive"));
    if (!event) co_return std::unexpected(std::move(event).error());
    if (!*event) co_return Chunk{};
    co_return Chunk::of(encode_event(**event));
  }

 private:
  EventSource source_;
  Duration keep_alive_;
  bool begun_ = false;
};

}  // namespace

std::string encode_event(const Event& event) {
  assert(event.id.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos);
  assert(event.name.find_first_of(kLineBreaks) == std::string::npos);
  std::string out;
  if (event.retry) append_line(out, "retry", std::to_string(event.retry->milliseconds()));
  if (!event.id.empty()) append_line(out, "id", event.id);
  if (!event.name.empty()) append_line(out, "event", event.name);
  append_data(out, event.data);
  out += '\n';
  return out;
}

std::string encode_comment(std::string_view text) {
  std::string out;
  append_line(out, "", text);
  std::replace_if(out.begin(), out.end() - 1, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  out += '\n';
  return out;
}

std::optional<std::string_view> last_event_id(const Request& request) noexcept {
  const auto id = request.headers.get(Field::last_event_id);
  if (!id || id->size() > kEventIdBytesMax) return std::nullopt;
  return id;
}

Response event_stream(EventSource source, Duration keep_alive) {
  Response response;
  response.headers.set(Field::content_type, "text/event-stream");
  response.headers.set(Field::cache_control, "no-store");
  response.headers.set("x-accel-buffering", "no");
  response.body = Body::from(std::make_unique<EventStream>(std::move(source), keep_alive));
  return response;
}

}  // namespace tablinum::net
