#pragma once
/// An HTTP/2 server made of a listening socket and hand-written frames: it can do what no engine would.
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace tablinum::net::test {

enum FrameType : std::uint8_t { kData, kHeaders, kPriority, kReset, kSettings, kPushPromise, kPing, kGoaway, kWindowUpdate, kContinuation };
inline constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4, kAck = 1;

struct RawFrame {
  std::uint8_t type = 0, flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};
/// The bytes of a frame.
std::string raw_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
/// A number of four bytes.
std::string word32(std::uint32_t number);
/// A field as a literal without indexing and without Huffman's code, name and value shorter than 127 bytes.
std::string raw_field(std::string_view name, std::string_view value);
/// HEADERS with ":status: 200", and DATA that ends the stream.
std::string raw_answer(std::uint32_t stream, std::string_view body);

/// One connection, after the preface and both SETTINGS.
class RawH2 {
 public:
  explicit RawH2(int fd) noexcept : fd_{fd} {}
  bool send(std::string_view bytes);
  /// The next frame; type 0xFF: the client has closed.
  RawFrame next();
  /// Skips to the next frame of that type; likewise.
  RawFrame next(std::uint8_t type);
  /// Until the client closes.
  void drain();
  bool shake_hands(std::string_view settings = {});

 private:
  bool fill(std::size_t bytes);
  int fd_;
  std::string in_;
};

/// Each connection is handled by `script(connection, number from 0)` on a thread of its own.
class RawH2Server {
 public:
  using Script = std::function<void(RawH2&, int)>;
  explicit RawH2Server(Script script, std::string settings = {});
  ~RawH2Server();
  std::uint16_t port() const noexcept { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const noexcept { return connections_; }

 private:
  void run();
  int listener_;
  std::uint16_t port_ = 0;
  Script script_;
  std::string settings_;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace tablinum::net::test
