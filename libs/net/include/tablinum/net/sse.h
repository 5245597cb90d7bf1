#pragma once
/// Server-sent events: text/event-stream. Source: WHATWG HTML §9.2.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/base/time.h"
#include "tablinum/net/message.h"

namespace tablinum::net {

struct Event {
  std::string id;     ///< empty: none, the client's last id stays.  Without line breaks or NUL (asserted)
  std::string name;   ///< empty: "message".  Without line breaks (asserted)
  std::string data;   ///< any text; line breaks become further data lines
  std::optional<Duration> retry;  ///< tells the client how long to wait before it connects again
};

/// The bytes of one event, with the empty line that ends it.
std::string encode_event(const Event& event);
/// ": …" and an empty line: keeps proxies and clients from giving up; clients ignore it.
std::string encode_comment(std::string_view text);

inline constexpr Duration kSseKeepAlive = Duration::seconds(15);
inline constexpr std::size_t kEventIdBytesMax = 256;

/// The next event; nothing: the stream ends. Waits with io's operations; `until` is when a keep-alive is due:
/// returning Code::timeout then (which io's deadline gives by itself) makes the stream send a comment and ask again.
using EventSource = std::function<io::Task<Result<std::optional<Event>>>(io::Io&, Instant until)>;

/// Last-Event-ID of a client that connects again; nothing if absent or over kEventIdBytesMax.
std::optional<std::string_view> last_event_id(const Request& request) noexcept;

/// An endless response from `source`: never compressed, no-store, no buffering by proxies. The source is cancelled when the
/// client goes away or the server stops.
Response event_stream(EventSource source, Duration keep_alive = kSseKeepAlive);

}  // namespace tablinum::net
