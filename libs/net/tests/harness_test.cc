/// The implementation of harness.h; named as a test so that the build takes it into the test program.
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>


namespace tablinum::net::test {
namespace {

constexpr int kPatienceSeconds = 10;

}  // namespace

ServerOptions TestServer::defaults() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.grace = Duration::seconds(5);
  return options;
}

TestServer::TestServer(Handler handler, ServerOptions options)
    : server_{Server::bind(std::move(options), std::move(handler)).value()}, thread_{[this] {
        auto io = io::make_stackless_io().value();
        const auto served = io::run(*io, server_->serve(*io));
        if (!served) std::abort();
        ended_ = true;
      }} {}

TestServer::~TestServer() { stop(); }

void TestServer::stop() {
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

RawClient::RawClient(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawClient::receive() {
  if (!pending_.empty()) return std::exchange(pending_, {});
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string{};
}

std::string RawClient::receive_all() {
  std::string all;
  for (std::string piece = receive(); !piece.empty(); piece = receive()) all += piece;
  return all;
}

std::string RawClient::receive_until(std::string_view mark) {
  std::string all;
  while (!all.contains(mark)) {
    const std::string piece = receive();
    if (piece.empty()) return all;
    all += piece;
  }
  const std::size_t end = all.find(mark) + mark.size();
  pending_ = all.substr(end);
  all.resize(end);
  return all;
}

std::string RawClient::receive_response() {
  std::string text = receive_until("\r\n\r\n");
  std::size_t left = std::strtoul(field_in(text, "content-length").value_or("0").c_str(), nullptr, 10);
  while (left > 0) {
    std::string piece = receive();
    if (piece.empty()) break;
    const std::size_t take = std::min(left, piece.size());
    pending_ = piece.substr(take);
    text += piece.substr(0, take);
    left -= take;
  }
  return text;
}

void RawClient::shutdown_write() { ::shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger abort{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  ::close(std::exchange(fd_, -1));
}

void RawClient::narrow_window() {
  const int bytes = 2048;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::string status_in(std::string_view response) { return std::string{response.substr(0, 12).substr(std::min<std::size_t>(9, response.size()))}; }

std::optional<std::string> field_in(std::string_view response, std::string_view name) {
  const std::string mark = "\r\n" + std::string{name} + ": ";
  const std::string_view head = response.substr(0, response.find("\r\n\r\n"));
  const auto at = head.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + mark.size();
  return std::string{head.substr(begin, head.find("\r\n", begin) - begin)};
}

std::string body_in(std::string_view response) {
  const auto at = response.find("\r\n\r\n");
  return at == std::string_view::npos ? std::string{} : std::string{response.substr(at + 4)};
}

}  // namespace tablinum::net::test
