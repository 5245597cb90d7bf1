/// What a request costs the server: CPU time of its thread per request, keep-alive "hello" over loopback, three servers in one
/// interleaved run: a bare epoll loop that parses nothing, the connection with a bare handler, and the whole pipeline.
/// Usage: net_http_bench [connections [seconds]]
///        net_http_bench --serve PORT [CERTIFICATE KEY]   for bench/net.py: /persons/x is "hello", /bytes/N so many bytes; HTTP/1.1, HTTP/2
///                                                        and with a certificate HTTP/3; prints "port N"
///        net_http_bench --get3 PORT CERTIFICATE PATH COUNT AT_ONCE   over one HTTP/3 connection; prints seconds and bytes
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "h3/client.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/middleware.h"
#include "tablinum/net/server.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

constexpr std::string_view kRequest = "GET /persons/0192 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
constexpr std::string_view kResponse = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello";

io::Task<Result<Response>> hello(io::Io&, Request&) { co_return text_response("hello"); }

constexpr std::size_t kPieceBytes = std::size_t{1} << 16;
constexpr std::size_t kWholeBytesMax = std::size_t{1} << 20;

/// Small ones whole, others as a stream of the same shared piece.
io::Task<Result<Response>> bytes(io::Io&, Request& request) {
  static const Chunk kPiece = Chunk::of(std::string(kPieceBytes, 'x'));
  std::uint64_t left = std::strtoull(std::string{request.params["count"]}.c_str(), nullptr, 10);
  if (left <= kWholeBytesMax) co_return respond(Status::ok, "application/octet-stream", std::string(left, 'x'));
  Response response;
  response.headers.set(Field::content_length, std::to_string(left));
  response.body = Body::stream([left](io::Io&) mutable -> io::Task<Result<Chunk>> {
    const std::uint64_t size = std::min<std::uint64_t>(left, kPieceBytes);
    left -= size;
    co_return kPiece.slice(0, size);
  });
  co_return response;
}

Handler whole_pipeline() {
  auto router = std::make_shared<Router>();
  if (!router->add(Method::get, "/bytes/{count}", bytes)) std::abort();
  if (!router->add(Method::get, "/persons/{id}", hello)) std::abort();
  PipelineOptions options;
  options.on_access = [](const Access&) {};
  return make_pipeline(router, std::move(options));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Seconds of CPU that `thread` has used.
double cpu_of(std::thread& thread) {
  clockid_t clock{};
  timespec used{};
  pthread_getcpuclockid(thread.native_handle(), &clock);
  clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// The floor: for each read with the end of a head, one constant write.
class BareServer {
 public:
  BareServer() : listener_{::socket(AF_INET, SOCK_STREAM, 0)}, epoll_{::epoll_create1(0)} {
    sockaddr_in address = loopback(0);
    socklen_t bytes = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), bytes) != 0 || ::listen(listener_, 1024) != 0) std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
    port_ = ntohs(address.sin_port);
    watch(listener_);
    thread_ = std::thread{[this] { run(); }};
  }
  ~BareServer() {
    stop_ = true;
    thread_.join();
    for (const int fd : {listener_, epoll_}) ::close(fd);
  }
  std::uint16_t port() const { return port_; }
  std::thread& thread() { return thread_; }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void run() {
    epoll_event events[256];
    while (!stop_) {
      const int ready = ::epoll_wait(epoll_, events, 256, 50);
      for (int i = 0; i < ready; ++i) serve(events[i].data.fd);
    }
  }
  void serve(int fd) {
    if (fd == listener_) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      const int on = 1;
      ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return watch(client);
    }
    char buffer[4096];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) ::close(fd);
    else if (std::string_view{buffer, static_cast<std::size_t>(got)}.ends_with("\r\n\r\n"))
      if (::send(fd, kResponse.data(), kResponse.size(), MSG_NOSIGNAL) < 0) ::close(fd);
  }

  int listener_, epoll_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class OurServer {
 public:
  explicit OurServer(Handler handler) {
    ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.limits.connections_per_address_max = options.limits.connections_max;
    options.limits.requests_per_connection_max = ~0u;
    server_ = Server::bind(options, std::move(handler)).value();
    thread_ = std::thread{[this] {
      auto io = io::make_stackless_io().value();
      if (!io::run(*io, server_->serve(*io))) std::abort();
    }};
  }
  ~OurServer() {
    server_->stop();
    thread_.join();
  }
  std::uint16_t port() const { return server_->port(); }
  std::thread& thread() { return thread_; }

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// Closed-loop clients on one thread: each sends its next request when the answer is complete.
std::uint64_t load(std::uint16_t port, int connections, double seconds) {
  const int epoll = ::epoll_create1(0);
  std::vector<int> clients;
  for (int i = 0; i < connections; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    if (::send(fd, kRequest.data(), kRequest.size(), 0) < 0) std::abort();
    clients.push_back(fd);
  }
  std::uint64_t answers = 0;
  epoll_event events[256];
  const Instant end = monotonic_now() + Duration::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
  while (monotonic_now() < end) {
    const int ready = ::epoll_wait(epoll, events, 256, 100);
    for (int i = 0; i < ready; ++i) {
      char buffer[4096];
      if (::recv(events[i].data.fd, buffer, sizeof buffer, 0) <= 0) std::abort();
      ++answers;
      if (::send(events[i].data.fd, kRequest.data(), kRequest.size(), 0) < 0) std::abort();
    }
  }
  for (const int fd : clients) ::close(fd);
  ::close(epoll);
  return answers;
}

struct Measured {
  double cpu_us = 1e9;  // per request, the best round
  double rate = 0;      // per second, the best round
};

template <class AnyServer>
void measure(AnyServer& server, int connections, double seconds, Measured& best) {
  const double before = cpu_of(server.thread());
  const std::uint64_t answers = load(server.port(), connections, seconds);
  const double cpu_us = (cpu_of(server.thread()) - before) * 1e6 / static_cast<double>(answers);
  best.cpu_us = std::min(best.cpu_us, cpu_us);
  best.rate = std::max(best.rate, static_cast<double>(answers) / seconds);
}

int compare(int connections, double seconds) {
  constexpr int kRounds = 5;
  BareServer bare;
  OurServer handler{hello}, pipeline{whole_pipeline()};
  Measured bare_best, handler_best, pipeline_best;
  for (int round = 0; round < kRounds; ++round) {
    measure(bare, connections, seconds, bare_best);
    measure(handler, connections, seconds, handler_best);
    measure(pipeline, connections, seconds, pipeline_best);
  }
  std::printf("%d connections, best of %d rounds of %.1f s\n%-16s %12s %12s %8s\n", connections, kRounds, seconds, "server", "CPU us/req", "req/s", "ratio");
  const auto line = [&](const char* name, const Measured& m) {
    std::printf("%-16s %12.2f %12.0f %8.2f\n", name, m.cpu_us, m.rate, m.cpu_us / bare_best.cpu_us);
  };
  line("bare epoll", bare_best);
  line("bare handler", handler_best);
  line("whole pipeline", pipeline_best);
  return 0;
}

int serve(const char* port, const char* certificate, const char* key) {
  ServerOptions options;
  options.listen = {std::string{"127.0.0.1:"} + port};
  options.limits.connections_per_address_max = options.limits.connections_max;
  options.limits.requests_per_connection_max = ~0u;
  options.limits.http2.new_streams = {~0u, ~0u};
  options.http3 = certificate != nullptr;
  options.http2_without_tls = certificate == nullptr;
  if (certificate != nullptr) {
    TlsConfig config;
    config.hosts.resize(1);
    config.hosts[0].certificate = PemSource::of_file(certificate);
    config.hosts[0].key = PemSource::of_file(key);
    options.tls = TlsContext::make(std::move(config)).value();
  }
  auto server = Server::bind(options, whole_pipeline()).value();
  std::printf("port %u\n", server->port());
  std::fflush(stdout);
  auto io = io::make_stackless_io().value();
  return io::run(*io, server->serve(*io)) ? 0 : 1;
}

// ---- a client over HTTP/3

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

struct Fetching {
  std::string target;
  int left = 0;
  std::uint64_t bytes = 0;
  int failed = 0;
};

io::Task<void> fetch_all(io::Io& io, h3::Http3Session& session, Fetching& work) {
  while (work.left-- > 0) {
    ClientRequest request;
    request.target = work.target;
    auto response = co_await session.exchange(io, std::move(request));
    while (response) {
      auto piece = co_await response->body.read(io);
      if (!piece) response = std::unexpected(piece.error());
      else if (piece->empty()) break;
      else work.bytes += piece->size();
    }
    if (!response) ++work.failed;
  }
}

int get3(char** words) {
  std::unique_ptr<SSL_CTX, FreeContext> tls{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_3_VERSION);
  SSL_CTX_load_verify_locations(tls.get(), words[1], nullptr);
  SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
  SSL_CTX_set_alpn_protos(tls.get(), kH3, sizeof kH3);
  h3::ClientSessionOptions options;
  options.peer = io::Endpoint::from_ip("127.0.0.1", static_cast<std::uint16_t>(std::atoi(words[0]))).value();
  options.authority = std::string{"localhost:"} + words[0];
  options.ssl.reset(SSL_new(tls.get()));
  SSL_set_tlsext_host_name(options.ssl.get(), "localhost");
  SSL_set1_host(options.ssl.get(), "localhost");
  Fetching work{words[2], std::atoi(words[3])};
  const int at_once = std::atoi(words[4]);
  auto io = io::make_stackless_io().value();
  auto main = [&]() -> io::Task<void> {
    auto session = h3::open_session(*io, std::move(options)).value();
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      auto running = scope.spawn(session->run(*io));
      auto ready = co_await session->established();
      if (!ready) std::abort();
      const Instant begin = monotonic_now();
      auto all = [&](io::Scope& inner) -> io::Task<void> {
        for (int i = 0; i < at_once; ++i) inner.spawn(fetch_all(*io, *session, work)).keep();
        co_return;
      };
      co_await io::with_scope(*io, all);
      std::printf("%.6f %llu\n", (monotonic_now() - begin).seconds(), static_cast<unsigned long long>(work.bytes));
      session->close();
      co_await running;
    };
    co_await io::with_scope(*io, body);
  };
  io::run(*io, main());
  return work.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view{argv[1]} == "--serve") return serve(argv[2], nullptr, nullptr);
  if (argc == 7 && std::string_view{argv[1]} == "--get3") return get3(argv + 2);
  if (argc == 5 && std::string_view{argv[1]} == "--serve") return serve(argv[2], argv[3], argv[4]);
  return compare(argc > 1 ? std::atoi(argv[1]) : 64, argc > 2 ? std::atof(argv[2]) : 1.0);
}
