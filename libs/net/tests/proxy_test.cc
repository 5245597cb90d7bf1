/// The proxy over real sockets: streaming both ways, fields, failures and repeats, upstreams that lie, tunnels, the cache on the
/// wire, reload, and its own pages.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "certificates.h"
#include "client_harness.h"
#include "harness.h"
#include "tablinum/net/client.h"
#include "tablinum/net/proxy.h"
#include "tablinum/net/stream.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net {
namespace {

using test::body_in;
using test::field_in;
using test::RawClient;
using test::status_in;
using test::TestServer;

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kToken = "a token of good length";

class TestProxy {
 public:
  explicit TestProxy(ProxyOptions options) : proxy_{Proxy::bind(std::move(options), 1, std::string{kToken}).value()}, thread_{[this] {
    auto io = io::make_stackless_io().value();
    if (!io::run(*io, proxy_->serve(*io))) std::abort();
  }} {}
  ~TestProxy() {
    proxy_->stop();
    thread_.join();
  }
  Proxy& operator*() { return *proxy_; }
  Proxy* operator->() { return proxy_.get(); }
  std::uint16_t port() const { return proxy_->port(); }

 private:
  std::unique_ptr<Proxy> proxy_;
  std::thread thread_;
};

/// A TCP server whose every connection is handled by `script`, one after the other, on a thread.
class Liar {
 public:
  explicit Liar(std::function<void(int fd)> script) : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, script_{std::move(script)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), bytes) != 0 || ::listen(listener_, 64) != 0) std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  ~Liar() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void run() {
    while (!stop_) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) continue;
      const timeval patience{5, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      ++connections_;
      script_(fd);
      ::close(fd);
    }
  }
  int listener_;
  std::uint16_t port_ = 0;
  std::function<void(int)> script_;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

std::string read_head(int fd) {
  std::string text;
  char c;
  while (!text.ends_with("\r\n\r\n") && ::recv(fd, &c, 1, 0) == 1) text += c;
  return text;
}
void write_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}
/// Answers each connection's first request with `answer` and closes.
std::function<void(int)> says(std::string answer) {
  return [answer = std::move(answer)](int fd) {
    read_head(fd);
    write_text(fd, answer);
  };
}

ProxyRoute route_to(std::string upstream, std::string path = "/") {
  ProxyRoute route;
  route.path = std::move(path);
  route.upstream = std::move(upstream);
  return route;
}

ProxyOptions proxy_to(std::vector<std::string> urls, const std::function<void(ProxyOptions&)>& change = {}) {
  ProxyOptions options;
  options.listen = {"127.0.0.1:0"};
  options.grace = Duration::seconds(2);
  UpstreamOptions upstream;
  upstream.name = "app";
  for (auto& url : urls) upstream.backends.push_back({.url = url});
  upstream.health.active = false;
  options.upstreams.push_back(upstream);
  options.hosts.push_back({.names = {}, .routes = {route_to("app")}});
  if (change) change(options);
  return options;
}

/// Says what it was asked: "GET /path\nname: value\n…\n\nbody".
io::Task<Result<Response>> mirror(io::Io& io, Request& request) {
  CO_TRY(body, co_await request.body.read_all(io));
  std::string text = std::string{to_string(request.method)} + " " + request.target.text() + "\n";
  for (const FieldView field : request.headers) text += std::string{field.name} + ": " + std::string{field.value} + "\n";
  co_return text_response(text + "\n" + body);
}

std::string ask(std::uint16_t port, std::string_view request) {
  RawClient client{port};
  if (!client.send(request)) return "not sent";
  return client.receive_response();
}

TEST(ProxyWire, PassesOnAndTellsWhoAsked) {
  TestServer backend{mirror};
  TestProxy proxy{proxy_to({backend.server().url()})};
  const std::string answer = ask(proxy.port(), "POST /x?y=1 HTTP/1.1\r\nHost: a.example\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-Forwarded-For: 6.6.6.6\r\n"
                                               "Content-Length: 5\r\n\r\nhello");
  EXPECT_EQ(status_in(answer), "200");
  EXPECT_EQ(field_in(answer, "via"), "1.1 tablinum");
  const std::string body = body_in(answer);
  EXPECT_TRUE(body.starts_with("POST /x?y=1\n")) << body;
  EXPECT_TRUE(body.ends_with("\n\nhello"));
  for (const char* line : {"host: a.example\n", "x-forwarded-for: 127.0.0.1\n", "forwarded: for=127.0.0.1;host=a.example;proto=http\n",
                           "via: 1.1 tablinum\n", "content-length: 5\n"})
    EXPECT_TRUE(body.contains(line)) << line << body;
  EXPECT_FALSE(body.contains("x-hop"));
}

std::string save(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "/tablinum-proxy-" + std::to_string(::getpid()) + "-" + name;
  std::ofstream{path} << text;
  return path;
}
std::string run_program(const std::string& command) {
  std::string out;
  std::array<char, 4096> buffer;
  FILE* pipe = ::popen(command.c_str(), "r");
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), got);
  ::pclose(pipe);
  return out;
}
std::string run_curl(const std::string& arguments) { return run_program("curl -s --max-time 20 " + arguments); }

TEST(ProxyWire, SpeaksTlsOnBothSides) {
  const test::Authority authority;
  const auto issued = authority.issue({"localhost", "127.0.0.1"});
  const std::string roots = save("roots.pem", authority.root()), certificate = save("certificate.pem", issued.certificate),
                    key = save("key.pem", issued.key);
  ServerOptions secure = TestServer::defaults();
  secure.tls = TlsContext::make(test::config_of(issued)).value();
  TestServer backend{mirror, std::move(secure)};
  TestProxy proxy{proxy_to({"https://localhost:" + std::to_string(backend.port())}, [&](ProxyOptions& options) {
    options.upstreams[0].tls.ca = roots;
    options.listen_tls = {"127.0.0.1:0"};
    options.certificates = {{certificate, key}};
  })};
  for (const char* version : {"--http1.1", "--http2"}) {
    const std::string answer = run_curl(std::string{version} + " -w '%{http_version}' --cacert " + roots + " --data hello https://localhost:" +
                                        std::to_string(proxy.port()) + "/x");
    EXPECT_TRUE(answer.starts_with("POST /x\n")) << answer;
    EXPECT_TRUE(answer.contains("x-forwarded-proto: https\n")) << answer;
    EXPECT_TRUE(answer.contains("\n\nhello")) << answer;
    EXPECT_TRUE(answer.ends_with(std::string_view{version} == "--http2" ? "2" : "1.1")) << answer;
  }
  // A backend that shows somebody else's certificate is none.
  TestProxy distrustful{proxy_to({"https://localhost:" + std::to_string(backend.port())},
                                 [&](ProxyOptions& options) { options.upstreams[0].tls.ca = save("other.pem", test::Authority{}.root()); })};
  EXPECT_EQ(status_in(ask(distrustful.port(), kGet)), "502");
  for (const auto& path : {roots, certificate, key}) ::unlink(path.c_str());
}

struct WireCase {
  const char* name;
  Speak speak;
  bool tls;
  const char* sees;  // what the backend is asked in
};
class ProxyToBackend : public testing::TestWithParam<WireCase> {};
/// Each protocol to the backend: bodies both ways, HEAD, trailers, many at a time.
TEST_P(ProxyToBackend, SpeaksAsConfigured) {
  const test::Authority authority;
  const std::string roots = save("roots.pem", authority.root());
  ServerOptions options = TestServer::defaults();
  options.http2_without_tls = true;
  if (GetParam().tls) options.tls = TlsContext::make(test::config_of(authority.issue({"localhost"}))).value();
  options.http3 = GetParam().speak == Speak::http3;
  TestServer backend{[](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(body, co_await request.body.read_all(io));
    const Headers trailers = request.body.take_trailers();
    Response response = text_response(std::to_string(body.size()) + " " + std::string{to_string(request.protocol)});
    response.headers.set("x-sum", trailers.get("x-sum").value_or("none"));
    response.headers.set("x-evil", std::string{trailers.get("x-forwarded-for").value_or("none")});
    co_return response;
  }, std::move(options)};
  const std::string url = (GetParam().tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(backend.port());
  TestProxy proxy{proxy_to({url}, [&](ProxyOptions& changed) {
    changed.upstreams[0].tls.ca = roots;
    changed.upstreams[0].speak = GetParam().speak;
  })};
  const std::string wire = GetParam().sees;
  EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "0 " + wire);
  const std::string large(300'000, 'x');
  EXPECT_EQ(body_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + large)), "300000 " + wire);
  const std::string chunked = ask(proxy.port(), "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
                                                "X-Sum: 7\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
  EXPECT_EQ(body_in(chunked), "5 " + wire);
  EXPECT_EQ(field_in(chunked, "x-sum"), "7");
  EXPECT_EQ(field_in(chunked, "x-evil"), "none");
  std::atomic<int> well{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      for (int k = 0; k < 10; ++k) well += body_in(ask(proxy.port(), kGet)) == "0 " + wire;
    });
  clients.clear();
  EXPECT_EQ(well, 80);
  ::unlink(roots.c_str());
}
INSTANTIATE_TEST_SUITE_P(Wires, ProxyToBackend,
                         testing::Values(WireCase{"automatic", Speak::automatic, true, "HTTP/2"},
                                         WireCase{"automatic_plain", Speak::automatic, false, "HTTP/1.1"},
                                         WireCase{"http1", Speak::http1, true, "HTTP/1.1"},
                                         WireCase{"http2", Speak::http2, true, "HTTP/2"},
                                         WireCase{"http2_plain", Speak::http2, false, "HTTP/2"},
                                         WireCase{"http3", Speak::http3, true, "HTTP/3"}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ProxyWire, ChoosesByHostAndPathAndEditsFields) {
  TestServer one{mirror};
  TestServer two{[](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("two"); }};
  TestProxy proxy{proxy_to({one.server().url()}, [&](ProxyOptions& options) {
    UpstreamOptions second = options.upstreams[0];
    second.name = "second";
    second.backends = {{.url = two.server().url()}};
    options.upstreams.push_back(second);
    ProxyRoute api = route_to("app", "/api");
    api.strip_path = true;
    api.pass_host = false;
    api.request.set = {{"x-edit", "1"}};
    api.response = {.remove = {"content-type"}, .set = {{"x-answer", "2"}}, .add = {}};
    options.hosts = {{.names = {"a.example"}, .routes = {route_to("second"), api}},
                     {.names = {"*.b.example"}, .routes = {route_to("second")}}};
  })};
  const std::string edited = ask(proxy.port(), "GET /api/z?q HTTP/1.1\r\nHost: A.example:80\r\n\r\n");
  EXPECT_TRUE(body_in(edited).starts_with("GET /z?q\n")) << edited;
  EXPECT_TRUE(body_in(edited).contains("x-edit: 1\n"));
  EXPECT_TRUE(body_in(edited).contains("host: 127.0.0.1:" + std::to_string(one.port())));
  EXPECT_EQ(field_in(edited, "x-answer"), "2");
  EXPECT_EQ(field_in(edited, "content-type"), std::nullopt);
  EXPECT_EQ(body_in(ask(proxy.port(), "GET /apis HTTP/1.1\r\nHost: a.example\r\n\r\n")), "two");
  EXPECT_EQ(body_in(ask(proxy.port(), "GET / HTTP/1.1\r\nHost: x.b.example\r\n\r\n")), "two");
  EXPECT_EQ(status_in(ask(proxy.port(), "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n")), "404");
  EXPECT_EQ(status_in(ask(proxy.port(), "GET /api/%2e%2e/x HTTP/1.1\r\nHost: a.example\r\n\r\n")), "400");
}

/// What two servers could read as two requests never reaches the second.
TEST(ProxyWire, RefusesWhatCouldBeReadInTwoWays) {
  // The head of a streamed request may be there before its body turns out to be broken; a second request may not, nor an end.
  std::atomic<int> smuggled{0}, complete{0};
  TestServer backend{[&](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/smuggled") ++smuggled;
    auto answer = co_await mirror(io, request);
    if (answer) ++complete;
    co_return answer;
  }};
  TestProxy proxy{proxy_to({backend.server().url()})};
  const std::string second = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char* fields :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: +5", "Content-Length: 5, 5",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        " Transfer-Encoding: chunked", "Transfer-Encoding:\x0b" "chunked", "X: y\nTransfer-Encoding: chunked", "Host: b", "X\x00: y"}) {
    const std::string answer = ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n\r\n0\r\n\r\n" + second);
    EXPECT_EQ(status_in(answer), "400") << fields;
  }
  for (const char* body : {"5\nhello\n0\n\n", "5;\x01\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n",
                           "0\r\nContent-Length: 5\r\n\r\n", "fffffffffffffffff\r\n"}) {
    const std::string answer = ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body} + second);
    EXPECT_EQ(status_in(answer), "400") << body;
  }
  EXPECT_EQ(smuggled, 0);
  EXPECT_EQ(complete, 0);
}

TEST(ProxyWire, FramesAnewAndKeepsTrailers) {
  TestServer backend{mirror};
  TestProxy proxy{proxy_to({backend.server().url()})};
  const std::string answer = ask(proxy.port(), "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n");
  EXPECT_TRUE(body_in(answer).ends_with("\n\nabcde")) << answer;
  Liar trailing{says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n")};
  TestProxy before{proxy_to({trailing.url()})};
  RawClient client{before.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(client.receive_until("x-sum: 7\r\n\r\n").ends_with("2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n"));
}

/// Pieces pass while the message goes on, in both directions at once.
TEST(ProxyWire, StreamsBothWays) {
  const Handler echoing = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Response response;
    auto body = std::make_shared<Body>(std::move(request.body));
    response.body = Body::stream([body](io::Io& io) { return body->read(io); });
    co_return response;
  };
  TestServer backend{echoing};
  TestProxy proxy{proxy_to({backend.server().url()})};
  RawClient client{proxy.port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  EXPECT_TRUE(client.receive_until("abc\r\n").contains("200 OK"));
  ASSERT_TRUE(client.send("2\r\nde\r\n"));
  EXPECT_EQ(client.receive_until("de\r\n"), "2\r\nde\r\n");
  ASSERT_TRUE(client.send("0\r\n\r\n"));
  EXPECT_EQ(client.receive_until("0\r\n\r\n"), "0\r\n\r\n");
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(status_in(client.receive_response()), "200");
}

TEST(ProxyWire, PassesHintsAndWaitsWithTheBodyForItsWord) {
  Liar hinting{says("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")};
  TestProxy proxy{proxy_to({hinting.url()})};
  RawClient client{proxy.port()};
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n");
  EXPECT_EQ(body_in(client.receive_response()), "ok");
  TestServer backend{mirror};
  TestProxy waiting{proxy_to({backend.server().url()})};
  RawClient expects{waiting.port()};
  ASSERT_TRUE(expects.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(expects.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(expects.send("hi"));
  EXPECT_TRUE(body_in(expects.receive_response()).ends_with("\n\nhi"));
}

struct LieCase {
  const char* name;
  std::string answer;
  const char* status;
};
class LieTable : public testing::TestWithParam<LieCase> {};
TEST_P(LieTable, IsABadGatewayAndNotTheClientsTrouble) {
  Liar backend{says(GetParam().answer)};
  TestProxy proxy{proxy_to({backend.url()}, [](ProxyOptions& options) { options.upstreams[0].retry.repeats_max = 0; })};
  const std::string answer = ask(proxy.port(), kGet);
  EXPECT_EQ(status_in(answer), GetParam().status) << answer;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, LieTable,
    testing::Values(LieCase{"silence", "", "502"}, LieCase{"half_a_head", "HTTP/1.1 200 OK\r\nContent-Le", "502"}, LieCase{"not_http", "SSH-2.0-x\r\n\r\n", "502"},
                    LieCase{"both_framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok", "502"},
                    LieCase{"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "502"},
                    LieCase{"bare_lf", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "502"},
                    LieCase{"folded", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok", "502"},
                    LieCase{"huge_head", "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", "502"},
                    LieCase{"unasked_switch", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "502"},
                    LieCase{"good", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(ProxyWire, AShortBodyIsCutNotFilled) {
  Liar backend{says("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nshort")};
  TestProxy proxy{proxy_to({backend.url()})};
  RawClient client{proxy.port()};
  ASSERT_TRUE(client.send(kGet));
  const std::string all = client.receive_all();  // closed: the client sees that it is not whole
  EXPECT_EQ(field_in(all, "content-length"), "100000");
  EXPECT_EQ(body_in(all), "short");
}

TEST(ProxyWire, BytesBehindAnAnswerBelongToNobody) {
  Liar backend{says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")};
  TestProxy proxy{proxy_to({backend.url()})};
  RawClient client{proxy.port()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(kGet));
    EXPECT_EQ(body_in(client.receive_response()), "ok");
  }
  EXPECT_EQ(backend.connections(), 3);
}

TEST(ProxyWire, SlowOnesAreATimeoutAndAreNotAskedAgain) {
  Liar backend{[](int fd) {
    read_head(fd);
    read_head(fd);  // until the proxy closes
  }};
  TestProxy proxy{proxy_to({backend.url()}, [](ProxyOptions& options) { options.upstreams[0].times.first_byte = Duration::milliseconds(100); })};
  EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "504");
  EXPECT_EQ(backend.connections(), 1);
}

/// The first backend takes the request and closes; the second answers. What may not be repeated is not.
TEST(ProxyWire, RepeatsWhatIsSafeElsewhere) {
  Liar closes{says("")};
  std::atomic<int> posts{0};
  TestServer good{[&](io::Io& io, Request& request) {
    if (request.method == Method::post) ++posts;
    return mirror(io, request);
  }};
  TestProxy proxy{proxy_to({closes.url(), good.server().url()})};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "200") << i;
  EXPECT_EQ(status_in(ask(proxy.port(), "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")), "200");
  int failed = 0;
  for (int i = 0; i < 2; ++i) failed += status_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")) == "502" ? 1 : 0;
  EXPECT_EQ(failed + posts, 2);
  EXPECT_LE(posts, 2);
}

/// The first backend dies within a short answer, also right behind its head: the client gets the other's.
TEST(ProxyWire, ABackendThatDiesInAShortAnswerIsReplaced) {
  for (const std::string_view part : {"", "ha"}) {
    Liar dies{says("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + std::string{part})};
    TestServer good{[](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("good"); }};
    TestProxy proxy{proxy_to({dies.url(), good.server().url()})};
    for (int i = 0; i < 4; ++i) EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "good") << i;
  }
}

TEST(ProxyWire, WhatWasNeverSentIsRepeatedWhateverItIs) {
  std::uint16_t nobody = 0;
  {
    Liar gone{says("")};
    nobody = static_cast<std::uint16_t>(std::stoi(gone.url().substr(17)));
  }
  TestServer good{mirror};
  TestProxy proxy{proxy_to({"http://127.0.0.1:" + std::to_string(nobody), good.server().url()})};
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(status_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")), "200") << i;
  EXPECT_TRUE(proxy->stats_json().contains("\"breaker\":\"open\"")) << proxy->stats_json();
}

TEST(ProxyWire, OffersNothingButAWordWhenAllAreGone) {
  std::string url;
  {
    Liar gone{says("")};
    url = gone.url();
  }
  TestProxy proxy{proxy_to({url}, [](ProxyOptions& options) { options.upstreams[0].breaker.failures = 1; })};
  EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "503");
  const std::string answer = ask(proxy.port(), kGet);
  EXPECT_EQ(status_in(answer), "503");
  EXPECT_EQ(field_in(answer, "retry-after"), "1");
}

TEST(ProxyWire, LimitsBodiesAndClients) {
  TestServer backend{mirror};
  TestProxy proxy{proxy_to({backend.server().url()}, [](ProxyOptions& options) {
    options.hosts[0].routes[0].body_bytes_max = 4;
    options.client_limits = {.requests_per_second = 0.001, .burst = 4, .concurrent_max = 0};
  })};
  EXPECT_EQ(status_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nfour")), "200");
  EXPECT_EQ(status_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfive!")), "413");
  EXPECT_EQ(status_in(ask(proxy.port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\n0\r\n\r\n")), "413");
  EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "200");
  EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "429");
}

TEST(ProxyWire, TunnelsAnotherProtocol) {
  Liar backend{[](int fd) {
    const std::string head = read_head(fd);
    if (!head.contains("upgrade: websocket") || !head.contains("connection: upgrade")) return write_text(fd, "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
    write_text(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nwelcome");
    char buffer[64];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got > 0) write_text(fd, "<" + std::string(buffer, static_cast<std::size_t>(got)) + ">");
  }};
  TestProxy proxy{proxy_to({backend.url()})};
  RawClient client{proxy.port()};
  ASSERT_TRUE(client.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: y\r\n\r\n"));
  const std::string head = client.receive_until("welcome");
  EXPECT_EQ(status_in(head), "101");
  EXPECT_EQ(field_in(head, "sec-websocket-accept"), "x");
  EXPECT_EQ(field_in(head, "upgrade"), "websocket");
  ASSERT_TRUE(client.send("ping"));
  EXPECT_EQ(client.receive_all(), "<ping>");
}

// The cache on the wire -----------------------------------------------------------------------------------------------------------

/// A backend that counts, and answers as `answer` says.
struct Origin {
  explicit Origin(std::function<Response(const Request&, int)> answer)
      : server{[this, answer](io::Io&, Request& request) -> io::Task<Result<Response>> { co_return answer(request, ++requests); }} {}
  std::atomic<int> requests{0};
  TestServer server;
};

ProxyOptions caching(const Origin& origin) {
  return proxy_to({const_cast<Origin&>(origin).server.server().url()}, [](ProxyOptions& options) { options.hosts[0].routes[0].cache = true; });
}

Response cacheable(std::string text, std::string_view control) {
  Response response = text_response(std::move(text));
  response.headers.set(Field::cache_control, control);
  response.headers.set(Field::etag, "\"1\"");
  return response;
}

// HTTP/3 in front, WebSocket between all wires ----------------------------------------------------------------------------------

/// A certificate for localhost, as files.
struct Files {
  explicit Files(const test::Authority& authority)
      : roots{save("roots.pem", authority.root())},
        issued{authority.issue({"localhost"})},
        certificate{save("certificate.pem", issued.certificate)},
        key{save("key.pem", issued.key)} {}
  ~Files() {
    for (const auto& path : {roots, certificate, key}) ::unlink(path.c_str());
  }
  std::string roots;
  test::Issued issued;
  std::string certificate, key;
};

void serve_all_wires(ProxyOptions& options, const Files& files) {
  options.listen_tls = {"127.0.0.1:0"};
  options.certificates = {{files.certificate, files.key}};
  options.http3 = true;
  options.upstreams[0].tls.ca = files.roots;
}

ClientOptions client_speaking(const test::Authority& authority, Speak speak) {
  ClientOptions options;
  options.speak = speak;
  options.tls = TlsClient::make(test::client_of(authority)).value();
  return options;
}

TEST(ProxyWire, ServesHttp3) {
  const test::Authority authority;
  const Files files{authority};
  Origin origin{[](const Request& request, int n) {
    Response response = text_response(std::to_string(n) + " " + std::string{request.headers.get("x-forwarded-proto").value_or("")});
    response.headers.set(Field::cache_control, "max-age=60");
    return response;
  }};
  TestServer mirrors{mirror};
  TestProxy proxy{proxy_to({mirrors.server().url()}, [&](ProxyOptions& options) {
    serve_all_wires(options, files);
    UpstreamOptions counted = options.upstreams[0];
    counted.name = "counted";
    counted.backends = {{.url = origin.server.server().url()}};
    options.upstreams.push_back(counted);
    options.hosts[0].routes.push_back(route_to("counted", "/kept"));
    options.hosts[0].routes.back().cache = true;
    options.client_limits = {.requests_per_second = 0.001, .burst = 8, .concurrent_max = 0};
  })};
  const std::string url = "https://localhost:" + std::to_string(proxy.port());
  const std::string over_tcp = run_curl("-i --http2 --cacert " + files.roots + " " + url + "/first");
  EXPECT_TRUE(over_tcp.contains("alt-svc: h3=\":" + std::to_string(proxy.port()) + "\"")) << over_tcp;
  test::with_client(client_speaking(authority, Speak::http3), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string large(300'000, 'y');
    const std::string answer = co_await test::fetch_text(io, client, url + "/x?y=1", Method::post, large);
    EXPECT_TRUE(answer.starts_with("200 POST /x?y=1\n")) << answer.substr(0, 400);
    EXPECT_TRUE(answer.contains("x-forwarded-proto: https\n")) << answer.substr(0, 400);
    EXPECT_TRUE(answer.contains("x-forwarded-for: 127.0.0.1\n")) << answer.substr(0, 400);
    EXPECT_TRUE(answer.ends_with("\n\n" + large));
    EXPECT_EQ(co_await test::fetch_text(io, client, url + "/kept"), "200 1 https");
    EXPECT_EQ(co_await test::fetch_text(io, client, url + "/kept"), "200 1 https");  // from the cache
    // The limit of a client counts all wires together.
    std::string last;
    for (int i = 0; i < 6; ++i) last = co_await test::fetch_text(io, client, url + "/kept");
    EXPECT_TRUE(last.starts_with("429")) << last;
  });
}

/// Debian's ngtcp2-client, which shares no line with our glue.
TEST(ProxyWire, ServesHttp3ToNgtcp2sClient) {
  const test::Authority authority;
  const Files files{authority};
  std::string content(1'000'000, ' ');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i * i % 26);
  TestServer backend{[&](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response(content); }};
  TestProxy proxy{proxy_to({backend.server().url()}, [&](ProxyOptions& options) { serve_all_wires(options, files); })};
  const std::string folder = testing::TempDir() + "/tablinum-proxy-" + std::to_string(::getpid()) + "-down";
  std::filesystem::create_directories(folder);
  const std::string port = std::to_string(proxy.port());
  const std::string said = run_program("timeout 60 gtlsclient --exit-on-all-streams-close --timeout=20s --download=" + folder +
                                       " 127.0.0.1 " + port + " https://localhost:" + port + "/file 2>&1");
  std::ifstream file{folder + "/file"};
  const std::string got{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(got, content) << said.substr(0, 3000);
  std::filesystem::remove_all(folder);
}

io::Task<void> shout(io::Io&, WebSocket& socket) {
  while (true) {
    auto message = co_await socket.read();
    if (!message || !*message) co_return;
    if (!co_await socket.send((*message)->text, "heard " + (*message)->data)) co_return;
  }
}

struct SocketCase {
  const char* name;
  Speak client, backend;
  bool tls;  // to the backend
};
class ProxyWebSocket : public testing::TestWithParam<SocketCase> {};
TEST_P(ProxyWebSocket, PassesThrough) {
  const test::Authority authority;
  const Files files{authority};
  ServerOptions options = TestServer::defaults();
  options.http2_without_tls = GetParam().backend == Speak::http2;
  if (GetParam().tls) options.tls = TlsContext::make(test::config_of(files.issued)).value();
  options.http3 = GetParam().backend == Speak::http3;
  TestServer backend{[](io::Io&, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/not") co_return empty_response(Status::not_found);
    WebSocketOptions socket;
    socket.protocols = {"loud"};
    co_return accept_websocket(request, shout, socket);
  }, std::move(options)};
  const std::string to = (GetParam().tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(backend.port());
  TestProxy proxy{proxy_to({to}, [&](ProxyOptions& changed) {
    serve_all_wires(changed, files);
    changed.upstreams[0].speak = GetParam().backend;
  })};
  test::with_client(client_speaking(authority, GetParam().client), [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    for (int round = 0; round < 2; ++round) {
      ClientRequest request;
      request.url = "https://localhost:" + std::to_string(proxy.port()) + "/socket";
      auto asked = request_websocket(io, {"loud"});
      request.headers = asked.headers;
      auto response = co_await client.fetch(io, std::move(request));
      EXPECT_TRUE(response) << describe(response.error());
      if (!response) co_return;
      EXPECT_TRUE(check_websocket(*response, asked.key)) << number(response->status);
      EXPECT_EQ(response->headers.get("sec-websocket-protocol").value_or(""), "loud");
      if (!response->stream) co_return;
      WebSocket socket{io, *response->stream, WebSocket::Role::client};
      for (const std::size_t bytes : {std::size_t{5}, std::size_t{70'000}, std::size_t{0}}) {
        const std::string word(bytes, 'w');
        EXPECT_TRUE(co_await socket.send(true, word));
        auto answer = co_await socket.read();
        EXPECT_TRUE(answer && *answer);
        if (answer && *answer) EXPECT_EQ((*answer)->data, "heard " + word);
      }
      co_await socket.close(WebSocketClose::normal, {});
    }
    // Who asks for a socket where there is none gets the answer that is there.
    ClientRequest request;
    request.url = "https://localhost:" + std::to_string(proxy.port()) + "/not";
    request.headers = request_websocket(io).headers;
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response) << describe(response.error());
    if (response) EXPECT_EQ(response->status, Status::not_found);
  });
}
INSTANTIATE_TEST_SUITE_P(Wires, ProxyWebSocket,
                         testing::Values(SocketCase{"http1_to_http1", Speak::http1, Speak::http1, false},
                                         SocketCase{"http2_to_http1", Speak::http2, Speak::http1, false},
                                         SocketCase{"http3_to_http1", Speak::http3, Speak::http1, true},
                                         SocketCase{"http1_to_http2", Speak::http1, Speak::http2, true},
                                         SocketCase{"http2_to_http2", Speak::http2, Speak::http2, false},
                                         SocketCase{"http3_to_http2", Speak::http3, Speak::http2, true},
                                         SocketCase{"http1_to_http3", Speak::http1, Speak::http3, true},
                                         SocketCase{"http2_to_http3", Speak::http2, Speak::http3, true},
                                         SocketCase{"http3_to_http3", Speak::http3, Speak::http3, true},
                                         SocketCase{"http3_to_automatic", Speak::http3, Speak::automatic, true}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ProxyCache, AnswersItselfWhatIsFresh) {
  Origin origin{[](const Request&, int n) { return cacheable("answer " + std::to_string(n), "max-age=60"); }};
  TestProxy proxy{caching(origin)};
  const std::string first = ask(proxy.port(), kGet), again = ask(proxy.port(), kGet);
  EXPECT_EQ(field_in(first, "cache-status"), "tablinum; fwd=uri-miss; stored");
  EXPECT_TRUE(field_in(again, "cache-status")->starts_with("tablinum; hit; ttl=")) << again;
  EXPECT_EQ(body_in(again), "answer 1");
  EXPECT_TRUE(field_in(again, "age"));
  EXPECT_EQ(status_in(ask(proxy.port(), "GET /x HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1\"\r\n\r\n")), "304");
  const std::string part = ask(proxy.port(), "GET /x HTTP/1.1\r\nHost: a\r\nRange: bytes=2-4\r\n\r\n");
  EXPECT_EQ(status_in(part), "206");
  EXPECT_EQ(body_in(part), "swe");
  EXPECT_EQ(origin.requests, 1);
  EXPECT_EQ(status_in(ask(proxy.port(), "GET /y HTTP/1.1\r\nHost: a\r\nCache-Control: only-if-cached\r\n\r\n")), "504");
  ask(proxy.port(), "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "answer 3");  // the POST was the second, and made the first void
}

TEST(ProxyCache, AsksAgainWhetherItHolds) {
  Origin origin{[](const Request& request, int n) {
    if (request.headers.get_or(Field::if_none_match, "") == "\"1\"") {
      Response same = empty_response(Status::not_modified);
      same.headers.set("x-renewed", std::to_string(n));
      return same;
    }
    return cacheable("answer " + std::to_string(n), "max-age=60, no-cache");
  }};
  TestProxy proxy{caching(origin)};
  ask(proxy.port(), kGet);
  const std::string again = ask(proxy.port(), kGet);
  EXPECT_EQ(status_in(again), "200");
  EXPECT_EQ(body_in(again), "answer 1");
  EXPECT_EQ(field_in(again, "x-renewed"), "2");
  EXPECT_EQ(field_in(again, "cache-status"), "tablinum; hit; fwd=stale; fwd-status=304");
}

TEST(ProxyCache, GivesTheStaleWhenTheServerFails) {
  Origin origin{[](const Request&, int n) {
    if (n > 1) return empty_response(Status::internal_server_error);
    Response response = cacheable("kept", "max-age=1, stale-if-error=1000");
    response.headers.set(Field::age, std::uint64_t{5});
    return response;
  }};
  TestProxy proxy{caching(origin)};
  ask(proxy.port(), kGet);
  const std::string again = ask(proxy.port(), kGet);
  EXPECT_EQ(body_in(again), "kept");
  EXPECT_EQ(field_in(again, "cache-status"), "tablinum; hit; fwd=stale; detail=stale-if-error");
  EXPECT_EQ(origin.requests, 2);
}

TEST(ProxyCache, RevalidatesBehindTheAnswer) {
  Origin origin{[](const Request&, int n) {
    Response response = cacheable("answer " + std::to_string(n), n == 1 ? "max-age=1, stale-while-revalidate=1000" : "max-age=1000");
    if (n == 1) response.headers.set(Field::age, std::uint64_t{5});
    return response;
  }};
  TestProxy proxy{caching(origin)};
  ask(proxy.port(), kGet);
  EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "answer 1");
  for (int i = 0; i < 500 && body_in(ask(proxy.port(), kGet)) != "answer 2"; ++i) std::this_thread::yield();
  EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "answer 2");
  EXPECT_EQ(origin.requests, 2);
}

TEST(ProxyCache, AsksOnceForMany) {
  std::atomic<int> requests{0};
  TestServer backend{[&](io::Io& io, Request&) -> io::Task<Result<Response>> {
    ++requests;
    CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(200)));
    co_return cacheable("slow", "max-age=60");
  }};
  TestProxy proxy{proxy_to({backend.server().url()}, [](ProxyOptions& options) { options.hosts[0].routes[0].cache = true; })};
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(proxy.port()));
    ASSERT_TRUE(clients.back()->send(kGet));
  }
  for (auto& client : clients) EXPECT_EQ(body_in(client->receive_response()), "slow");
  EXPECT_EQ(requests, 1);
}

// Health, reload, admin -----------------------------------------------------------------------------------------------------------

TEST(ProxyHealth, TakesOutWhatSaysItIsInMaintenance) {
  std::atomic<bool> maintained{true};
  TestServer sick{[&](io::Io&, Request& request) -> io::Task<Result<Response>> {
    if (request.target.path() == "/health") co_return empty_response(maintained ? Status::service_unavailable : Status::ok);
    co_return text_response("sick");
  }};
  TestServer well{[](io::Io&, Request& request) -> io::Task<Result<Response>> {
    co_return text_response(request.target.path() == "/health" ? "fine" : "well");
  }};
  TestProxy proxy{proxy_to({sick.server().url(), well.server().url()}, [](ProxyOptions& options) {
    options.upstreams[0].health.active = true;
    options.upstreams[0].health.interval = Duration::milliseconds(200);
  })};
  for (int i = 0; i < 500 && !proxy->stats_json().contains("\"maintenance\""); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{20});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(body_in(ask(proxy.port(), kGet)), "well");
  maintained = false;
  bool back = false;
  for (int i = 0; i < 500 && !back; ++i) {
    back = body_in(ask(proxy.port(), kGet)) == "sick";
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  EXPECT_TRUE(back);
}

TEST(ProxyReload, LosesNoRequest) {
  TestServer one{mirror}, two{mirror};
  const ProxyOptions first = proxy_to({one.server().url()}), second = proxy_to({two.server().url(), one.server().url()});
  TestProxy proxy{first};
  std::atomic<bool> stop{false};
  std::atomic<int> done{0}, failed{0};
  std::thread asking{[&] {
    RawClient client{proxy.port()};
    while (!stop) {
      if (!client.send(kGet) || status_in(client.receive_response()) != "200") ++failed;
      ++done;
    }
  }};
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(proxy->reload(i % 2 == 0 ? second : first));
    const int seen = done;
    while (done < seen + 3) std::this_thread::yield();
  }
  stop = true;
  asking.join();
  EXPECT_EQ(failed, 0);
  ProxyOptions broken = first;
  broken.hosts[0].routes[0].upstream = "nowhere";
  EXPECT_EQ(proxy->reload(broken).error().code, Code::invalid);
  EXPECT_EQ(status_in(ask(proxy.port(), kGet)), "200");
}

TEST(ProxyAdmin, NeedsItsTokenAndChangesBackends) {
  TestServer one{mirror};
  TestServer two{[](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("two"); }};
  TestProxy proxy{proxy_to({one.server().url()}, [](ProxyOptions& options) { options.admin_listen = "127.0.0.1:0"; })};
  const std::string host = "Host: localhost\r\n", token = "Authorization: Bearer " + std::string{kToken} + "\r\n";
  const auto admin = [&](std::string_view line, const std::string& fields, const std::string& body = {}) {
    return ask(proxy->admin_port(), std::string{line} + " HTTP/1.1\r\n" + host + fields + "Content-Type: application/json\r\nContent-Length: " +
                                        std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_EQ(status_in(admin("GET /_wraith/stats", "")), "401");
  EXPECT_EQ(status_in(admin("GET /_wraith/stats", "Authorization: Bearer wrong\r\n")), "401");
  EXPECT_TRUE(body_in(admin("GET /_wraith/stats", token)).contains("\"requests\":0"));
  EXPECT_EQ(status_in(admin("GET /_wraith/health", token)), "200");
  EXPECT_EQ(status_in(admin("GET /_wraith", "")), "200");  // the page itself shows nothing
  const std::string add = "{\"upstream\":\"app\",\"url\":\"" + two.server().url() + "\"}";
  EXPECT_EQ(status_in(admin("POST /_wraith/backends", "", add)), "401");
  EXPECT_EQ(status_in(admin("POST /_wraith/backends", token, add)), "200");
  EXPECT_EQ(status_in(admin("POST /_wraith/backends", token, add)), "409");
  int of_two = 0;
  for (int i = 0; i < 4; ++i) of_two += body_in(ask(proxy.port(), kGet)) == "two" ? 1 : 0;
  EXPECT_EQ(of_two, 2);
  EXPECT_EQ(status_in(admin("POST /_wraith/backends", token, "{\"action\":\"drain\"," + add.substr(1))), "200");
  for (int i = 0; i < 4; ++i) EXPECT_NE(body_in(ask(proxy.port(), kGet)), "two");
  EXPECT_EQ(status_in(admin("DELETE /_wraith/backends", token, add)), "200");
  EXPECT_EQ(status_in(admin("DELETE /_wraith/backends", token, "{\"upstream\":\"app\",\"url\":\"" + one.server().url() + "\"}")), "409");
  EXPECT_EQ(status_in(ask(proxy.port(), "GET /_wraith/stats HTTP/1.1\r\nHost: a\r\n\r\n")), "200");  // an ordinary path of the backend's
  EXPECT_TRUE(body_in(admin("GET /metrics", token)).contains("tablinum_proxy_backend_up{upstream=\"app\""));
}

}  // namespace
}  // namespace tablinum::net
