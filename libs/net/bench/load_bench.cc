/// Load for servers under measurement (bench/net.py): as little as ngtcp2, nghttp3 and TLS allow, so that the server is the busier side.
/// Usage: net_load_bench h3 PORT PATH REQUESTS AT_ONCE [CONNECTIONS OPEN [hold]]
///          HTTP/3: so many requests on each of CONNECTIONS (1), AT_ONCE of them open; OPEN connections at a time. hold: all stay open,
///          "holding" is printed, and the end comes with the end of standard input.
///        net_load_bench tls PORT CONNECTIONS OPEN
///          full TLS 1.3 handshakes over TCP.
/// Prints seconds, bytes of bodies (connections for tls) and seconds of its own CPU time. X25519; certificates are not verified.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <nghttp3/nghttp3.h>

#include "quic/driver.h"
#include "tablinum/io/runtime.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

ContextPtr make_context(bool quic) {
  ContextPtr tls{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_3_VERSION);
  SSL_CTX_set_verify(tls.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set1_groups_list(tls.get(), "X25519");
  static constexpr std::uint8_t kH3[] = {2, 'h', '3'}, kHttp1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (quic) SSL_CTX_set_alpn_protos(tls.get(), kH3, sizeof kH3);
  else SSL_CTX_set_alpn_protos(tls.get(), kHttp1, sizeof kHttp1);
  return tls;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "%s\n", why);
  std::exit(1);
}

// ---- HTTP/3

/// What all connections do together.
struct Plan {
  std::string authority, path;
  std::uint64_t requests_each = 0, at_once = 0;
  std::uint64_t connections_left = 0, connections_running = 0;
  bool hold = false;
  std::uint64_t bytes = 0;
  bool begun = false;
  Instant begin;
  io::Io* io = nullptr;
  /// A connection has done its requests.
  std::function<void()> one_done;
};

class LoadWire final : public quic::Application {
 public:
  LoadWire(quic::Connection& connection, Plan& plan) : connection_{connection}, plan_{plan}, left_{plan.requests_each} {}
  ~LoadWire() override { nghttp3_conn_del(http_); }

  bool may_write() override {
    if (http_ != nullptr) return true;
    nghttp3_callbacks callbacks{};
    callbacks.recv_data = [](nghttp3_conn*, std::int64_t id, const std::uint8_t*, std::size_t size, void* user_data, void*) {
      auto& self = *static_cast<LoadWire*>(user_data);
      self.plan_.bytes += size;
      self.connection_.consumed(id, size);
      return 0;
    };
    callbacks.deferred_consume = [](nghttp3_conn*, std::int64_t id, std::size_t size, void* user_data, void*) {
      static_cast<LoadWire*>(user_data)->connection_.consumed(id, size);
      return 0;
    };
    callbacks.recv_header = [](nghttp3_conn*, std::int64_t, std::int32_t token, nghttp3_rcbuf*, nghttp3_rcbuf* value, std::uint8_t, void*,
                               void*) {
      if (token != NGHTTP3_QPACK_TOKEN__STATUS) return 0;
      const nghttp3_vec text = nghttp3_rcbuf_get_buf(value);
      if (std::string_view{reinterpret_cast<const char*>(text.base), text.len} != "200") give_up("an answer is not 200");
      return 0;
    };
    nghttp3_settings settings;
    nghttp3_settings_default(&settings);
    settings.qpack_max_dtable_capacity = 4096;
    settings.qpack_blocked_streams = 100;
    if (nghttp3_conn_client_new(&http_, &callbacks, &settings, nullptr, this) != 0) return false;
    std::int64_t control = 0, encoder = 0, decoder = 0;
    ngtcp2_conn* conn = connection_.conn();
    return ngtcp2_conn_open_uni_stream(conn, &control, nullptr) == 0 && ngtcp2_conn_open_uni_stream(conn, &encoder, nullptr) == 0 &&
           ngtcp2_conn_open_uni_stream(conn, &decoder, nullptr) == 0 && nghttp3_conn_bind_control_stream(http_, control) == 0 &&
           nghttp3_conn_bind_qpack_streams(http_, encoder, decoder) == 0;
  }
  bool handshake_completed() override {
    if (!std::exchange(plan_.begun, true) && plan_.requests_each > 1) plan_.begin = plan_.io->now();
    return true;
  }
  bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool) override {
    const auto used = nghttp3_conn_read_stream(http_, stream, data.data(), data.size(), fin ? 1 : 0);
    if (used < 0) return false;
    connection_.consumed(stream, static_cast<std::uint64_t>(used));
    return true;
  }
  bool acknowledged(std::int64_t stream, std::uint64_t bytes) override { return nghttp3_conn_add_ack_offset(http_, stream, bytes) == 0; }
  bool stream_closed(std::int64_t stream, std::uint64_t error) override {
    if (error == quic::kNoCode) error = NGHTTP3_H3_NO_ERROR;
    if (error != NGHTTP3_H3_NO_ERROR) give_up("a stream was reset");
    const int status = nghttp3_conn_close_stream(http_, stream, error);
    if (ngtcp2_is_bidi_stream(stream) != 0) {
      --open_;
      ++done_;
    }
    return status == 0 || status == NGHTTP3_ERR_STREAM_NOT_FOUND;
  }
  bool stream_reset(std::int64_t, std::uint64_t) override { give_up("a stream was reset"); }
  bool reading_stopped(std::int64_t) override { return true; }
  bool unblocked(std::int64_t stream) override { return nghttp3_conn_unblock_stream(http_, stream) == 0; }
  bool next(quic::StreamWrite& write) override {
    if (http_ == nullptr || ngtcp2_conn_get_max_data_left(connection_.conn()) == 0) return true;
    static_assert(sizeof(nghttp3_vec) == sizeof(ngtcp2_vec));
    int fin = 0;
    const auto count = nghttp3_conn_writev_stream(http_, &write.stream, &fin, reinterpret_cast<nghttp3_vec*>(write.pieces.data()),
                                                  write.pieces.size());
    write.fin = fin != 0;
    write.count = static_cast<std::size_t>(std::max<nghttp3_ssize>(count, 0));
    return count >= 0;
  }
  void blocked(std::int64_t stream) override { nghttp3_conn_block_stream(http_, stream); }
  void write_shut(std::int64_t stream) override { nghttp3_conn_shutdown_stream_write(http_, stream); }
  bool written(std::int64_t stream, std::size_t bytes) override { return nghttp3_conn_add_write_offset(http_, stream, bytes) == 0; }
  void after_read() override {
    if (ended_ || !connection_.handshake_done()) return;
    while (open_ < plan_.at_once && left_ > 0 && ask()) continue;
    if (done_ < plan_.requests_each) return;
    ended_ = true;
    if (!plan_.hold) connection_.close(NGHTTP3_H3_NO_ERROR, plan_.io->now());
    plan_.one_done();
  }
  void ended(const Error& why) override {
    if (!ended_) give_up(why.detail.c_str());
  }

 private:
  /// False: the server allows no further stream now.
  bool ask() {
    std::int64_t id = 0;
    if (ngtcp2_conn_open_bidi_stream(connection_.conn(), &id, nullptr) != 0) return false;
    const auto bytes = [](std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); };
    const auto field = [&](std::string_view name, std::string_view value) {
      return nghttp3_nv{bytes(name), bytes(value), name.size(), value.size(), NGHTTP3_NV_FLAG_NONE};
    };
    const nghttp3_nv fields[] = {field(":method", "GET"), field(":scheme", "https"), field(":authority", plan_.authority),
                                 field(":path", plan_.path)};
    if (nghttp3_conn_submit_request(http_, id, fields, std::size(fields), nullptr, nullptr) != 0) give_up("a request was refused");
    ++open_;
    --left_;
    return true;
  }

  quic::Connection& connection_;
  Plan& plan_;
  nghttp3_conn* http_ = nullptr;
  std::uint64_t left_, open_ = 0, done_ = 0;
  bool ended_ = false;
};

int load_h3(int count, char** words) {
  const auto number = [&](int at, std::uint64_t otherwise) { return at < count ? std::strtoull(words[at], nullptr, 10) : otherwise; };
  const auto port = static_cast<std::uint16_t>(number(0, 0));
  Plan plan;
  plan.authority = "localhost:" + std::to_string(port);
  plan.path = words[1];
  plan.requests_each = number(2, 1);
  plan.at_once = number(3, 1);
  plan.connections_left = number(4, 1);
  const std::uint64_t open_at_once = number(5, 1);
  plan.hold = count > 6;
  const ContextPtr tls = make_context(true);
  auto io = io::make_stackless_io().value();
  plan.io = io.get();
  auto main = [&]() -> io::Task<void> {
    const auto peer = io::Endpoint::from_ip("127.0.0.1", port).value();
    auto socket = io::bind_udp(*io, io::Endpoint::from_ip("127.0.0.1", 0).value()).value();
    const io::Endpoint local = socket.local();
    quic::EndpointConfig config;
    config.settings = quic::client_settings();
    quic::Endpoint endpoint{std::move(config), io->now(), io->wall_time()};
    quic::Driver driver{*io, std::move(socket), endpoint};
    const auto connect_one = [&] {
      --plan.connections_left;
      ++plan.connections_running;
      quic::SslPtr ssl{SSL_new(tls.get())};
      SSL_set_tlsext_host_name(ssl.get(), "localhost");
      const auto wire = [&](quic::Connection& connection) { return std::make_unique<LoadWire>(connection, plan); };
      if (!endpoint.connect({}, local, peer, std::move(ssl), wire, io->now())) give_up("no connection");
    };
    plan.one_done = [&] {
      --plan.connections_running;
      if (plan.connections_left > 0) connect_one();
      else if (plan.connections_running == 0) driver.stop();
    };
    plan.begin = io->now();
    for (std::uint64_t i = 0; i < open_at_once && plan.connections_left > 0; ++i) connect_one();
    auto ended = co_await driver.run();
    if (!ended) give_up(ended.error().detail.c_str());
    std::printf("%.6f %llu %.3f\n", (io->now() - plan.begin).seconds(), static_cast<unsigned long long>(plan.bytes), cpu_seconds());
    if (!plan.hold) co_return;
    std::puts("holding");
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
  };
  io::run(*io, main());
  return 0;
}

// ---- TLS over TCP

/// One connection, closed by the client after the handshake (and, with TLS 1.3, what the server sends with its Finished).
void shake_hands(SSL_CTX* tls, std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The side that closes first keeps the port for a minute: a reset instead, or the client would run out of ports.
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  // Finished and the request are two writes: without this the second waits for the acknowledgement of the first.
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("no connection");
  const quic::SslPtr ssl{SSL_new(tls)};
  SSL_set_tlsext_host_name(ssl.get(), "localhost");
  SSL_set_fd(ssl.get(), fd);
  constexpr std::string_view kRequest = "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n";
  char answer[4096];
  // The answer shows that the server has finished its side too.
  if (SSL_connect(ssl.get()) != 1 || SSL_write(ssl.get(), kRequest.data(), static_cast<int>(kRequest.size())) <= 0 ||
      SSL_read(ssl.get(), answer, sizeof answer) <= 0)
    give_up("a handshake failed");
  ::close(fd);
}

int load_tls(int count, char** words) {
  if (count != 3) return 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(words[0]));
  const int connections = std::atoi(words[1]);
  const ContextPtr tls = make_context(false);
  std::atomic<int> left{connections};
  std::vector<std::jthread> threads;
  const Instant begin = monotonic_now();
  for (int i = 0; i < std::atoi(words[2]); ++i)
    threads.emplace_back([&] {
      while (left.fetch_sub(1) > 0) shake_hands(tls.get(), port);
    });
  threads.clear();
  std::printf("%.6f %d %.3f\n", (monotonic_now() - begin).seconds(), connections, cpu_seconds());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "h3" && argc >= 6) return load_h3(argc - 2, argv + 2);
  if (what == "tls") return load_tls(argc - 2, argv + 2);
  std::fputs("usage: see the source\n", stderr);
  return 2;
}
