// A client that moves arrives at another core than its connection's: it is served all the same.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "harness.h"
#include "quic/crossing.h"
#include "quic_harness.h"

namespace tablinum::net::test {
namespace {

/// Between one client and a server, with a port of its own towards the server, which changes when it is told to: a NAT that forgets.
class Relay {
 public:
  explicit Relay(std::uint16_t server_port) : server_{loopback(server_port)}, front_{bound()}, back_{bound()}, thread_{[this] { run(); }} {}
  ~Relay() {
    stop_ = true;
    thread_.join();
    ::close(front_);
    ::close(back_);
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(front_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  /// The client's next datagram comes from another port.
  void rebind() { rebind_ = true; }

 private:
  static constexpr int kTickMs = 20;

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static int bound() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const sockaddr_in any = loopback(0);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) std::abort();
    return fd;
  }
  void run() {
    while (!stop_) {
      std::array<pollfd, 2> ready{pollfd{front_, POLLIN, 0}, pollfd{back_, POLLIN, 0}};
      ::poll(ready.data(), ready.size(), kTickMs);
      std::array<char, 65536> buffer;
      sockaddr_in from{};
      socklen_t size = sizeof from;
      if (const auto got = ::recvfrom(front_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size); got > 0) {
        client_ = from;
        if (rebind_.exchange(false)) {
          const int another = bound();
          ::close(std::exchange(back_, another));
        }
        send(back_, server_, {buffer.data(), static_cast<std::size_t>(got)});
      }
      if (const auto got = ::recv(back_, buffer.data(), buffer.size(), 0); got > 0)
        send(front_, client_, {buffer.data(), static_cast<std::size_t>(got)});
    }
  }
  static void send(int fd, const sockaddr_in& to, std::string_view bytes) {
    ::sendto(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  const sockaddr_in server_;
  sockaddr_in client_{};
  const int front_;
  int back_;
  std::atomic<bool> stop_{false}, rebind_{false};
  std::thread thread_;
};

/// A server on two cores.
class TwoCores {
 public:
  explicit TwoCores(Handler handler) : server_{Server::bind(options(), std::move(handler)).value()} {
    thread_ = std::thread{[this] {
      io::RuntimeOptions cores;
      cores.cores = 2;
      io::Runtime runtime{cores};
      const io::Runtime::Main main = [&](io::Io& io, unsigned) { return server_->serve(io); };
      EXPECT_TRUE(runtime.run(main));
    }};
  }
  ~TwoCores() {
    server_->stop();
    thread_.join();
  }
  Server& server() { return *server_; }

 private:
  static ServerOptions options() {
    TlsConfig config;
    TlsHost& host = config.hosts.emplace_back();
    host.certificate = PemSource::of_file(Identity::get().certificate_file);
    host.key = PemSource::of_file(Identity::get().key_file);
    ServerOptions options = TestServer::defaults();
    options.tls = TlsContext::make(std::move(config)).value();
    options.http3 = true;
    options.cores = 2;
    return options;
  }
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST(Crossing, AConnectionGoesOnWhereverItsClientMoves) {
  TwoCores cores{[](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(body, co_await request.body.read_all(io, std::size_t{1} << 20));
    co_return text_response(std::string{request.target.path()} + " " + std::to_string(body.size()));
  }};
  Relay relay{cores.server().port()};
  with_session(ClientSetup{relay.port()}, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    EXPECT_EQ(co_await get(io, session, "/begin"), "200 /begin 0");
    // The kernel chooses between two: each has had its turn after thirty moves, but for one chance in 2^29.
    for (int moves = 0; moves < 30; ++moves) {
      relay.rebind();
      const std::string path = "/move/" + std::to_string(moves);
      EXPECT_EQ(co_await get(io, session, path), "200 " + path + " 0");
      ClientRequest request;
      request.method = Method::post;
      request.target = path;
      request.body = Body::of(std::string(20'000, 'x'));
      auto response = co_await session.exchange(io, std::move(request));
      EXPECT_TRUE(response.has_value());
      if (!response) co_return;
      EXPECT_EQ((co_await response->body.read_all(io)).value_or("-"), path + " 20000");
    }
  });
  EXPECT_EQ(cores.server().stats().http3_connections, 1u);
}

TEST(Crossing, DropsWhatIsTooMuchAndKnowsItsCores) {
  quic::Crossing crossing{2};
  EXPECT_FALSE(crossing.hand_over(2, {}));
  EXPECT_EQ(crossing.inbox(2), nullptr);
  for (std::size_t i = 0; i < quic::kStraysMax + 1; ++i) EXPECT_TRUE(crossing.hand_over(1, {Bytes(i), {}, {}, 0}));
  EXPECT_EQ(crossing.inbox(1)->size(), quic::kStraysMax);
  EXPECT_EQ(crossing.inbox(0)->size(), 0u);
  EXPECT_EQ(crossing.inbox(1)->try_receive().value().packet.size(), 0u);
  quic::Crossing many{1000};
  EXPECT_NE(many.inbox(quic::kCrossingCoresMax - 1), nullptr);
  EXPECT_EQ(many.inbox(quic::kCrossingCoresMax), nullptr);
}

}  // namespace
}  // namespace tablinum::net::test
