// Model cards from an HTTP server: a hub, or its mirror on this machine or in the house.
#include "group.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/client.h"

namespace tablinum::app::models_group {
namespace {

io::Task<Result<std::string>> get(io::Io& io, net::Client& client, std::string url) {
  net::ClientRequest request;
  request.url = std::move(url);
  auto fetched = co_await client.fetch(io, std::move(request));
  // A name that stands for nothing is "not found", too: not to be taken for a hub that has no such card.
  if (!fetched) co_return fail(Code::unavailable, "the hub cannot be reached: " + describe(fetched.error()));
  net::Response response = std::move(*fetched);
  CO_TRY(body, co_await response.body.read_all(io, models::kCardBytesMax));
  if (response.status == net::Status::not_found) co_return fail(Code::not_found, "there is no such card");
  if (response.status != net::Status::ok)
    co_return fail(Code::unavailable, "the hub answers " + std::to_string(net::number(response.status)));
  co_return std::move(body);
}

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

Result<models::Fetch> http_fetch(const std::string& text) {
  if (!text.starts_with("http://") && !text.starts_with("https://"))
    return fail(Code::invalid, "not of the form https://HOST[:PORT][/PATH]: " + text);
  TRY(io, io::make_blocking_io());
  struct Connection {
    std::unique_ptr<io::Io> io;
    net::Client client;
  };
  auto connection = std::make_shared<Connection>(std::move(io), net::Client{});
  return models::Fetch{[connection, prefix = without_slash(text)](const std::string& path) -> Result<std::string> {
    return io::run(*connection->io, get(*connection->io, connection->client, prefix + path));
  }};
}

}  // namespace tablinum::app::models_group
