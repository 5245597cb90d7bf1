/// Our end of the WebSocket runs with Python's `websockets`: a server that echoes, and a client that says what it is told and prints
/// what it hears. websocket_test.py drives it.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/client.h"
#include "tablinum/net/server.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net {
namespace {

io::Task<void> echo(io::Io&, WebSocket& socket) {
  while (true) {
    auto message = co_await socket.read();
    if (!message || !*message) co_return;
    const auto sent = co_await socket.send((*message)->text, (*message)->data);
    if (!sent) co_return;
  }
}

int serve() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  auto server = Server::bind(std::move(options), [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    WebSocketOptions websocket;
    websocket.protocols = {"echo.v1"};
    websocket.limits.message_bytes_max = 2'000'000;
    co_return accept_websocket(request, echo, websocket);
  }).value();
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

void print(std::string_view kind, std::size_t size, std::string_view text) {
  std::printf("%.*s %zu %.*s\n", static_cast<int>(kind.size()), kind.data(), size, static_cast<int>(std::min<std::size_t>(text.size(), 40)),
              text.data());
  std::fflush(stdout);
}

io::Task<Result<void>> talk(io::Io& io, std::string url) {
  Client client;
  WebSocketRequest asked = request_websocket(io, {"echo.v1"});
  ClientRequest request;
  request.url = std::move(url);
  request.headers = asked.headers;
  CO_TRY(response, co_await client.fetch(io, std::move(request)));
  CO_CHECK_OK(check_websocket(response, asked.key));
  WebSocket socket{io, *response.stream, WebSocket::Role::client};
  for (const std::size_t size : {std::size_t{5}, std::size_t{126}, std::size_t{70'000}})
    CO_CHECK_OK(co_await socket.send(size == 5, size == 5 ? "hello" : std::string(size, 'b')));
  CO_CHECK_OK(co_await socket.ping("are you there"));
  while (true) {
    CO_TRY(message, co_await socket.read());
    if (!message) break;
    print(message->text ? "text" : "binary", message->data.size(), message->data);
    if (message->data == "close, please") CO_CHECK_OK(co_await socket.close(WebSocketClose::normal, "done"));
  }
  print("closed", static_cast<std::size_t>(socket.closed_with()), "");
  co_return Result<void>{};
}

int ask(const std::string& url) {
  auto io = io::make_stackless_io().value();
  const auto talked = io::run(*io, talk(*io, url));
  if (!talked) std::printf("error %s\n", describe(talked.error()).c_str());
  return talked ? 0 : 1;
}

}  // namespace
}  // namespace tablinum::net

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == "server") return tablinum::net::serve();
  if (argc == 3 && std::string_view{argv[1]} == "client") return tablinum::net::ask(argv[2]);
  return 2;
}
