// Model cards from an HTTP server: a hub's mirror on this machine or in the house. There is no TLS in the client.
#include <charconv>

#include "group.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/client.h"

namespace tablinum::app::models_group {
namespace {

constexpr std::string_view kScheme = "http://";

struct Address {
  net::ClientOptions options;
  std::string prefix;
};

Result<Address> address_of(std::string_view text) {
  const auto wrong = [&] { return fail(Code::invalid, "not of the form http://HOST[:PORT][/PATH]: " + std::string{text}); };
  if (!text.starts_with(kScheme)) return wrong();
  auto rest = text.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  Address address;
  address.prefix = rest.substr(slash);
  while (address.prefix.ends_with('/')) address.prefix.pop_back();
  rest = rest.substr(0, slash);
  const auto colon = rest.find(':');
  address.options.host = rest.substr(0, colon);
  address.options.port = 80;
  if (colon != std::string_view::npos) {
    const auto digits = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.options.port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return wrong();
  }
  if (address.options.host.empty()) return wrong();
  return address;
}

io::Task<Result<std::string>> get(io::Io& io, net::Client& client, std::string target) {
  net::ClientRequest request;
  request.target = std::move(target);
  CO_TRY(response, co_await client.fetch(io, std::move(request)));
  CO_TRY(body, co_await response.body.read_all(io, models::kCardBytesMax));
  if (response.status == net::Status::not_found) co_return fail(Code::not_found, "there is no such card");
  if (response.status != net::Status::ok)
    co_return fail(Code::unavailable, "the hub answers " + std::to_string(net::number(response.status)));
  co_return std::move(body);
}

}  // namespace

Result<models::Fetch> http_fetch(const std::string& text) {
  TRY(address, address_of(text));
  TRY(io, io::make_blocking_io());
  struct Connection {
    std::unique_ptr<io::Io> io;
    net::Client client;
  };
  auto connection = std::make_shared<Connection>(std::move(io), net::Client{address.options});
  return models::Fetch{[connection, prefix = address.prefix](const std::string& path) -> Result<std::string> {
    return io::run(*connection->io, get(*connection->io, connection->client, prefix + path));
  }};
}

}  // namespace tablinum::app::models_group
