/// Our end of the HTTP runs with foreign programs: a server that says what it was asked (HTTP/1.1 and HTTP/2), and a client that
/// fetches what it is told and prints what it got. tests/interop/http drives it.
///   http_peer server [CERTIFICATE KEY [--http3]]
///   http_peer client [--ca FILE] [--http1 | --http2] [--post BYTES] [--times N] [--at-once N] URL…
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/client.h"
#include "tablinum/net/server.h"
#include "tablinum/net/tls.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net {
namespace {

constexpr std::size_t kBodyBytesMax = std::size_t{64} << 20;

std::string hash_of(std::string_view text) { return to_hex(sha256(bytes_of(text))); }

/// The bytes that both ends know: the i-th is i · 7 + ⌊i / 251⌋.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

// ---- server

/// "PROTOCOL GROUP" of the connection.
std::string wire_of(const Request& request) {
  return std::string{to_string(request.protocol)} + " " + std::to_string(request.tls != nullptr ? request.tls->group : 0);
}

/// Says how it came, then says what it hears.
Response converse(const Request& request) {
  return accept_websocket(request, [wire = wire_of(request)](io::Io&, WebSocket& socket) -> io::Task<void> {
    auto sent = co_await socket.send(true, wire);
    while (sent) {
      auto message = co_await socket.read();
      if (!message || !*message) co_return;
      sent = co_await socket.send((*message)->text, (*message)->data);
    }
  });
}

/// "METHOD TARGET LENGTH HASH" of the request; /bytes/N: N bytes; /page: a page; /wire: how it came; /socket: a WebSocket.
io::Task<Result<Response>> mirror(io::Io& io, Request& request) {
  if (request.target.path() == "/socket") co_return converse(request);
  CO_TRY(body, co_await request.body.read_all(io, kBodyBytesMax));
  const std::string_view path = request.target.path();
  constexpr std::string_view kBytes = "/bytes/";
  if (path.starts_with(kBytes)) {
    const auto size = static_cast<std::size_t>(std::strtoull(std::string{path.substr(kBytes.size())}.c_str(), nullptr, 10));
    co_return respond(Status::ok, "application/octet-stream", pattern(std::min(size, kBodyBytesMax)));
  }
  if (path == "/page") co_return respond(Status::ok, "text/html; charset=utf-8", "<!doctype html><title>a page</title><p>here");
  if (path == "/wire") co_return text_response(wire_of(request));
  co_return text_response(std::string{to_string(request.method)} + " " + std::string{request.target.text()} + " " +
                          std::to_string(body.size()) + " " + hash_of(body));
}

int serve(const char* certificate, const char* key, bool http3) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.http2_without_tls = certificate == nullptr;
  options.http3 = http3;
  if (certificate != nullptr) {
    TlsConfig config;
    auto& host = config.hosts.emplace_back();
    host.certificate = PemSource::of_file(certificate);
    host.key = PemSource::of_file(key);
    auto tls = TlsContext::make(std::move(config));
    if (!tls) return std::fprintf(stderr, "%s\n", describe(tls.error()).c_str()), 1;
    options.tls = std::move(*tls);
  }
  auto server = Server::bind(std::move(options), mirror).value();
  std::printf("port %u\n", server->port());
  std::fflush(stdout);
  std::thread waits{[&] {
    char byte = 0;
    while (::read(0, &byte, 1) > 0) {
    }
    server->stop();
  }};
  auto io = io::make_stackless_io().value();
  const auto served = io::run(*io, server->serve(*io));
  waits.join();
  return served ? 0 : 1;
}

// ---- client

struct Asking {
  ClientOptions client;
  std::string ca;
  std::optional<std::size_t> post;
  int times = 1, at_once = 1;
  std::vector<std::string> urls;
};

std::optional<Asking> parse(int argc, char** argv) {
  Asking asking;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word{argv[i]};
    const auto number = [&] { return std::strtoull(argv[++i], nullptr, 10); };
    if (word == "--http1") asking.client.speak = Speak::http1;
    else if (word == "--http2") asking.client.speak = Speak::http2;
    else if (!word.starts_with("--")) asking.urls.emplace_back(word);
    else if (i + 1 == argc) return std::nullopt;
    else if (word == "--ca") asking.ca = argv[++i];
    else if (word == "--post") asking.post = number();
    else if (word == "--times") asking.times = static_cast<int>(number());
    else if (word == "--at-once") asking.at_once = static_cast<int>(number());
    else return std::nullopt;
  }
  return asking;
}

/// One line: "STATUS LENGTH HASH [trailers]", or "error …".
io::Task<void> fetch(io::Io& io, Client& client, const Asking& asking, std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  if (asking.post) {
    request.method = Method::post;
    request.body = Body::of(pattern(*asking.post));
  }
  auto response = co_await client.fetch(io, std::move(request));
  if (!response) {
    std::printf("error %s\n", describe(response.error()).c_str());
    co_return;
  }
  auto body = co_await response->body.read_all(io, kBodyBytesMax);
  if (!body) {
    std::printf("error %s\n", describe(body.error()).c_str());
    co_return;
  }
  std::string trailers;
  const Headers fields = response->body.take_trailers();
  for (const FieldView field : fields) trailers += " " + std::string{field.name} + "=" + std::string{field.value};
  std::printf("%u %zu %s%s\n", unsigned{number(response->status)}, body->size(), hash_of(*body).c_str(), trailers.c_str());
}

io::Task<Result<void>> ask(io::Io& io, Asking& asking) {
  if (!asking.ca.empty()) {
    TlsClientConfig trust;
    trust.roots = PemSource::of_file(asking.ca);
    CO_TRY(tls, TlsClient::make(std::move(trust)));
    asking.client.tls = std::move(tls);
  }
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    asking.client.scope = &scope;
    {
      Client client{asking.client};
      auto round = [&](io::Scope& inner) -> io::Task<void> {
        for (int i = 0; i < asking.at_once; ++i)
          for (const std::string& url : asking.urls) inner.spawn(fetch(io, client, asking, url)).keep();
        co_return;
      };
      for (int i = 0; i < asking.times; ++i) co_await io::with_scope(io, round, io::ScopePolicy::supervise);
    }
    scope.cancel();
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  co_return Result<void>{};
}

}  // namespace
}  // namespace tablinum::net

int main(int argc, char** argv) {
  using namespace tablinum;
  const std::string_view role{argc > 1 ? argv[1] : ""};
  const bool http3 = argc == 5 && std::string_view{argv[4]} == "--http3";
  if (role == "server" && (argc == 2 || argc == 4 || http3))
    return net::serve(argc > 2 ? argv[2] : nullptr, argc > 2 ? argv[3] : nullptr, http3);
  auto asking = role == "client" ? net::parse(argc, argv) : std::nullopt;
  if (!asking) return 2;
  auto io = io::make_stackless_io().value();
  const auto asked = io::run(*io, net::ask(*io, *asking));
  if (!asked) std::fprintf(stderr, "%s\n", describe(asked.error()).c_str());
  return asked ? 0 : 1;
}
