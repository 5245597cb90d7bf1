/// What a request costs the server: CPU time of its thread per request, keep-alive "hello" over loopback, three servers in one
/// interleaved run: a bare epoll loop that parses nothing, the connection with a bare handler, and the whole pipeline.
/// Usage: net_http_bench [connections [seconds]];  net_http_bench --serve PORT [CERTIFICATE KEY] serves "hello"
/// for an outside load generator, HTTP/1.1 or HTTP/2 as it asks.
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

Handler whole_pipeline() {
  auto router = std::make_shared<Router>();
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
  options.http2_without_tls = certificate == nullptr;
  if (certificate != nullptr) {
    TlsConfig config;
    config.hosts.resize(1);
    config.hosts[0].certificate = PemSource::of_file(certificate);
    config.hosts[0].key = PemSource::of_file(key);
    options.tls = TlsContext::make(std::move(config)).value();
  }
  auto server = Server::bind(options, whole_pipeline()).value();
  auto io = io::make_stackless_io().value();
  return io::run(*io, server->serve(*io)) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view{argv[1]} == "--serve") return serve(argv[2], nullptr, nullptr);
  if (argc == 5 && std::string_view{argv[1]} == "--serve") return serve(argv[2], argv[3], argv[4]);
  return compare(argc > 1 ? std::atoi(argv[1]) : 64, argc > 2 ? std::atof(argv[2]) : 1.0);
}
