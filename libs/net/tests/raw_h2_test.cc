/// The implementation of raw_h2.h; named as a test so that the build takes it into the test program.
#include "raw_h2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace tablinum::net::test {

std::string word32(std::uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
  return text;
}

std::string raw_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string frame = word32(static_cast<std::uint32_t>(payload.size())).substr(1);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + word32(stream) + std::string{payload};
}

std::string raw_field(std::string_view name, std::string_view value) {
  std::string field{'\0'};
  for (const std::string_view part : {name, value}) (field += static_cast<char>(part.size())) += part;
  return field;
}

std::string raw_answer(std::uint32_t stream, std::string_view body) {
  return raw_frame(kHeaders, kEndHeaders, stream, "\x88") + raw_frame(kData, kEndStream, stream, body);
}

bool RawH2::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawH2::fill(std::size_t bytes) {
  std::array<char, 16384> buffer;
  while (in_.size() < bytes) {
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    in_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return true;
}

RawFrame RawH2::next() {
  constexpr std::size_t kHead = 9;
  if (!fill(kHead)) return {0xFF, 0, 0, {}};
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(in_[at])); };
  const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
  RawFrame frame{static_cast<std::uint8_t>(byte(3)), static_cast<std::uint8_t>(byte(4)),
                 byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8), {}};
  if (!fill(kHead + size)) return {0xFF, 0, 0, {}};
  frame.payload = in_.substr(kHead, size);
  in_.erase(0, kHead + size);
  return frame;
}

RawFrame RawH2::next(std::uint8_t type) {
  while (true) {
    RawFrame frame = next();
    if (frame.type == type || frame.type == 0xFF) return frame;
  }
}

void RawH2::drain() {
  while (next().type != 0xFF) {
  }
}

bool RawH2::shake_hands(std::string_view settings) {
  constexpr std::size_t kPrefaceBytes = 24;
  if (!fill(kPrefaceBytes)) return false;
  in_.erase(0, kPrefaceBytes);
  return send(raw_frame(kSettings, 0, 0, settings) + raw_frame(kSettings, kAck, 0, {}));
}

RawH2Server::RawH2Server(Script script, std::string settings)
    : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, script_{std::move(script)}, settings_{std::move(settings)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), bytes) != 0 || ::listen(listener_, 64) != 0) std::abort();
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

RawH2Server::~RawH2Server() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void RawH2Server::run() {
  std::vector<std::jthread> connections;
  while (!stop_) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) continue;
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connections.emplace_back([this, fd, number = connections_++] {
      RawH2 connection{fd};
      if (connection.shake_hands(settings_)) script_(connection, number);
      ::close(fd);
    });
  }
}

}  // namespace tablinum::net::test
