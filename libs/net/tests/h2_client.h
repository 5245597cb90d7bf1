#pragma once
/// A client made of nghttp2's client side and a blocking socket: it can do what a polite client would not.
#include <nghttp2/nghttp2.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness.h"

namespace tablinum::net::test {

struct H2Answer {
  int status = 0;
  std::vector<int> interim;  ///< 1xx before it
  std::map<std::string, std::string> fields;
  std::map<std::string, std::string> trailers;
  std::string body;
  bool headed = false;                 ///< the final head is complete
  bool ended = false;                  ///< END_STREAM
  std::optional<std::uint32_t> reset;  ///< error code of the stream's end
};

using H2Fields = std::vector<std::pair<std::string, std::string>>;

class H2Client {
 public:
  /// `auto_window` false: gives no window back.
  explicit H2Client(std::uint16_t port, bool auto_window = true);
  ~H2Client();
  H2Client(const H2Client&) = delete;
  H2Client& operator=(const H2Client&) = delete;

  /// GET and the like; further pseudo-fields may stand in `fields` first. `body` nothing: none.
  std::int32_t request(std::string_view method, std::string_view path, H2Fields fields = {},
                       std::optional<std::string> body = std::nullopt, H2Fields trailers = {});
  /// A request whose data comes by write(), until finish().
  std::int32_t open(H2Fields all_fields);
  void write(std::int32_t id, std::string_view data);
  void finish(std::int32_t id);
  /// Sends what waits and reads until `stream` has ended. False: the connection ended first.
  bool run_until_end(std::int32_t stream);
  /// … until the connection ends.
  void run_to_the_end();
  /// … until `stream` has so many bytes of body.
  bool run_until_bytes(std::int32_t stream, std::size_t bytes);
  bool run_until_status(std::int32_t stream);
  bool run_until_interim(std::int32_t stream);
  void flush();
  /// Bytes past the engine.
  bool send_raw(std::string_view bytes);
  H2Answer get(std::string_view path, H2Fields fields = {});

  nghttp2_session* session() { return session_; }
  std::map<std::int32_t, H2Answer> answers;
  std::vector<std::int32_t> ended_order;
  std::optional<std::uint32_t> goaway;       ///< the last one's code
  std::vector<std::int32_t> goaway_streams;  ///< last stream of each
  bool connection_ended = false;

 private:
  struct Upload {
    std::string data;
    bool last = false;
    H2Fields trailers;
  };
  struct Callbacks;
  bool step();
  std::int32_t submit(const H2Fields& fields, bool with_data);
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Upload> uploads_;
  RawClient socket_;
};

}  // namespace tablinum::net::test
