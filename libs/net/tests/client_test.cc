/// The client's rules: redirections, credentials, decoding, which addresses it asks, in what order, and where Alt-Svc sends it.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "certificates.h"
#include "client/alt_svc.h"
#include "client/dial.h"
#include "client_harness.h"
#include "tablinum/net/tls.h"

namespace tablinum::net {
namespace {

using test::fetch_many;
using test::fetch_text;
using test::TestServer;
using test::with_client;

std::string url_of(const TestServer& server, std::string_view path, std::string_view host = "127.0.0.1") {
  return "http://" + std::string{host} + ":" + std::to_string(server.port()) + std::string{path};
}

/// "/N/M" redirects with status N to "/N/M-1"; "/N/0" says what it was asked.
io::Task<Result<Response>> hops(io::Io& io, Request& request) {
  CO_TRY(body, co_await request.body.read_all(io));
  const std::string path{request.target.path()};
  const int left = std::stoi(path.substr(5));
  if (left == 0)
    co_return text_response(std::string{to_string(request.method)} + " " + body + " " +
                            std::string{request.headers.get_or(Field::authorization, "-")});
  Response response = empty_response(static_cast<Status>(std::stoi(path.substr(1, 3))));
  response.headers.set(Field::location, path.substr(0, 5) + std::to_string(left - 1));
  co_return response;
}

TEST(ClientRedirects, AreAnAnswerUnlessTheyAreWanted) {
  TestServer server{hops};
  with_client({}, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, url_of(server, "/302/1")), "302 ");
  });
}

TEST(ClientRedirects, EndAtTheLimit) {
  TestServer server{hops};
  ClientOptions options;
  options.redirects_max = 5;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, url_of(server, "/302/5")), "200 GET  -");
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/302/6"))).starts_with("error limit"));
  });
}

struct MethodCase {
  int status;
  Method method;
  const char* becomes;
};
class ClientRedirectMethods : public testing::TestWithParam<MethodCase> {};
TEST_P(ClientRedirectMethods, AreRewrittenAsTheRfcSays) {
  TestServer server{hops};
  ClientOptions options;
  options.redirects_max = 3;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string path = "/" + std::to_string(GetParam().status) + "/1";
    EXPECT_EQ(co_await fetch_text(io, client, url_of(server, path), GetParam().method, "body"), GetParam().becomes);
  });
}
INSTANTIATE_TEST_SUITE_P(Rfc9110, ClientRedirectMethods,
                         testing::Values(MethodCase{301, Method::post, "200 GET  -"}, MethodCase{302, Method::post, "200 GET  -"},
                                         MethodCase{303, Method::post, "200 GET  -"}, MethodCase{303, Method::put, "200 GET  -"},
                                         MethodCase{301, Method::put, "200 PUT body -"}, MethodCase{307, Method::post, "200 POST body -"},
                                         MethodCase{308, Method::post, "200 POST body -"}));

/// Another port is another origin: what the first may know the second may not.
TEST(ClientRedirects, CredentialsStayWithTheirOrigin) {
  TestServer second{hops};
  TestServer first{[&](io::Io&, Request& request) -> io::Task<Result<Response>> {
    Response response = empty_response(Status::found);
    const bool away = request.target.path() == "/away";
    response.headers.set(Field::location, away ? url_of(second, "/302/0") : "/away");
    EXPECT_EQ(request.headers.get_or(Field::authorization, ""), "secret");
    co_return response;
  }};
  ClientOptions options;
  options.redirects_max = 5;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    ClientRequest request;
    request.url = url_of(first, "/");
    request.headers.set(Field::authorization, "secret");
    auto response = co_await client.fetch(io, std::move(request));
    EXPECT_TRUE(response) << describe(response.error());
    if (!response) co_return;
    auto text = co_await response->body.read_all(io);
    EXPECT_EQ(text.value_or("?"), "GET  -");
  });
}

TEST(ClientRedirects, NeverLeaveHttp) {
  TestServer server{[](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response = empty_response(Status::found);
    response.headers.set(Field::location, "file:///etc/passwd");
    co_return response;
  }};
  ClientOptions options;
  options.redirects_max = 5;
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/"))).starts_with("error invalid"));
  });
}

struct AddressCase {
  const char* address;
  bool is_public;
};
class PublicAddresses : public testing::TestWithParam<AddressCase> {};
TEST_P(PublicAddresses, AreToldFromOthers) {
  EXPECT_EQ(is_public(io::Endpoint::from_ip(GetParam().address, 80).value()), GetParam().is_public) << GetParam().address;
}
INSTANTIATE_TEST_SUITE_P(Iana, PublicAddresses,
                         testing::Values(AddressCase{"8.8.8.8", true}, AddressCase{"127.0.0.1", false}, AddressCase{"10.1.2.3", false},
                                         AddressCase{"172.15.255.255", true}, AddressCase{"172.16.0.0", false},
                                         AddressCase{"172.31.255.255", false}, AddressCase{"172.32.0.0", true},
                                         AddressCase{"192.168.1.1", false}, AddressCase{"169.254.169.254", false},
                                         AddressCase{"100.64.0.1", false}, AddressCase{"100.128.0.1", true}, AddressCase{"0.0.0.0", false},
                                         AddressCase{"224.0.0.1", false}, AddressCase{"255.255.255.255", false},
                                         AddressCase{"2606:4700::1", true}, AddressCase{"::1", false}, AddressCase{"::", false},
                                         AddressCase{"fe80::1", false}, AddressCase{"fc00::1", false}, AddressCase{"ff02::1", false},
                                         AddressCase{"::ffff:127.0.0.1", false}, AddressCase{"::ffff:8.8.8.8", true},
                                         AddressCase{"64:ff9b::7f00:1", false}, AddressCase{"2002:7f00:1::", false},
                                         AddressCase{"2001:db8::1", false}));

Resolve names(std::vector<const char*> addresses, std::atomic<int>* asked = nullptr) {
  return [=](io::Io&, const std::string&, std::uint16_t port) -> io::Task<Result<std::vector<io::Endpoint>>> {
    if (asked != nullptr) ++*asked;
    std::vector<io::Endpoint> found;
    for (const char* address : addresses) found.push_back(io::Endpoint::from_ip(address, port).value());
    co_return found;
  };
}

/// A public name that means a private address is refused, and what was checked is what is connected to.
TEST(ClientPublicOnly, RefusesPrivateAddressesAfterTheLookUp) {
  TestServer server{hops};
  std::atomic<int> asked{0};
  ClientOptions options;
  options.public_only = true;
  options.resolve = names({"127.0.0.1", "::1", "10.0.0.1"}, &asked);
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/302/0", "rebound.example"))).starts_with("error denied"));
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/302/0"))).starts_with("error denied"));
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/302/0", "[::ffff:127.0.0.1]"))).starts_with("error denied"));
    EXPECT_TRUE((co_await fetch_text(io, client, url_of(server, "/302/0", "localhost"))).starts_with("error denied"));
  });
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(server.server().stats().connections_total, 0u);
}

TEST(ClientDial, TriesTheNextAddressWhenOneRefuses) {
  TestServer server{hops};
  ClientOptions options;
  options.resolve = names({"::1", "127.0.0.3", "127.0.0.1"});  // nobody listens at the first two
  options.stagger = Duration::seconds(20);                     // a refusal is not waited out
  options.connect_time = Duration::seconds(10);
  with_client(options, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    EXPECT_EQ(co_await fetch_text(io, client, url_of(server, "/302/0", "many.example")), "200 GET  -");
  });
}

TEST(ClientDial, TakesFamiliesInTurns) {
  std::vector<io::Endpoint> all;
  for (const char* ip : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "2001:db8::1", "2001:db8::2"})
    all.push_back(io::Endpoint::from_ip(ip, 1).value());
  const auto order = in_turns(all);
  ASSERT_EQ(order.size(), kDialAttemptsMax);
  const auto six = io::Endpoint::Family::ipv6, four = io::Endpoint::Family::ipv4;
  const std::array want{six, four, six, four, four, four};
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(order[i].family(), want[i]) << i;
}

TEST(ClientPool, KeepsToItsConnections) {
  std::atomic<int> running{0}, most{0};
  TestServer server{[&](io::Io& io, Request&) -> io::Task<Result<Response>> {
    most = std::max(most.load(), ++running);
    co_await io::sleep(io, Duration::milliseconds(5));
    --running;
    co_return text_response("ok");
  }};
  with_client({}, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const auto answers = co_await fetch_many(io, client, url_of(server, "/"), 100);
    EXPECT_EQ(std::ranges::count(answers, "200 ok"), 100) << answers.front();
    EXPECT_LE(client.connections(), kHostConnectionsMax);
    const auto too_many = co_await fetch_many(io, client, url_of(server, "/"), kWaitersMax + kHostConnectionsMax + 10);
    // Ten have no place, unless one is answered before the last has asked.
    const auto refused = std::ranges::count_if(too_many, [](const std::string& text) { return text.starts_with("error limit"); });
    EXPECT_LE(refused, 10);
    EXPECT_EQ(std::ranges::count(too_many, "200 ok") + refused, static_cast<std::ptrdiff_t>(too_many.size()));
  });
  EXPECT_LE(most, static_cast<int>(kHostConnectionsMax));
}

struct AltSvcCase {
  const char* text;
  bool valid;
  AltSvcField field;
};
AltSvcField at(std::string host, std::uint16_t port, Duration age = kAltSvcAge) { return {false, AltSvc{std::move(host), port, age}}; }
class AltSvcTable : public testing::TestWithParam<AltSvcCase> {};
TEST_P(AltSvcTable, IsReadAsRfc7838Says) {
  const auto field = parse_alt_svc(GetParam().text);
  ASSERT_EQ(field.has_value(), GetParam().valid) << GetParam().text;
  if (!field) return;
  EXPECT_EQ(field->clear, GetParam().field.clear);
  EXPECT_EQ(field->http3, GetParam().field.http3) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Fields, AltSvcTable,
    testing::Values(AltSvcCase{"clear", true, {true, {}}}, AltSvcCase{"h3=\":443\"", true, at("", 443)},
                    AltSvcCase{"h3=\":8443\"; ma=60", true, at("", 8443, Duration::seconds(60))},
                    AltSvcCase{"h2=\":1\", h3=\"other.example:2\";ma=5;persist=1 , h3=\":3\"", true, at("other.example", 2, Duration::seconds(5))},
                    AltSvcCase{"h3=\":443\"; ma=99999999", true, at("", 443, kAltSvcAgeMax)},
                    AltSvcCase{"h3=\"[::1]:443\"", true, at("::1", 443)}, AltSvcCase{"w=\":1\"", true, {}},
                    AltSvcCase{"h3=\":443\"; v=\"4\\\"6\"", true, at("", 443)}, AltSvcCase{"", false, {}}, AltSvcCase{"h3", false, {}},
                    AltSvcCase{"h3=:443", false, {}}, AltSvcCase{"h3=\":0\"", false, {}}, AltSvcCase{"h3=\":65536\"", false, {}},
                    AltSvcCase{"h3=\"a b:1\"", false, {}}, AltSvcCase{"h3=\":443\" ma=5", false, {}}, AltSvcCase{"h3=\":443\",", false, {}},
                    AltSvcCase{"h3=\":443\"; ma=\"", false, {}}));

TEST(AltSvcCache, IsBoundedAgesAndRests) {
  AltSvcCache cache;
  const Origin origin{true, "a.example", 443};
  Instant now{0};
  cache.learn({false, "a.example", 80}, "h3=\":443\"", now);
  EXPECT_EQ(cache.size(), 0u);  // anybody on the way could have said it
  cache.learn(origin, "h3=\":8443\"; ma=10", now);
  EXPECT_EQ(cache.find(origin, now)->port, 8443);
  EXPECT_EQ(cache.find(origin, now + Duration::seconds(11)), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
  cache.learn(origin, "h3=\":8443\"", now);
  cache.failed(origin, now);
  cache.learn(origin, "h3=\":8443\"", now);  // saying it again washes nothing off
  EXPECT_EQ(cache.find(origin, now), std::nullopt);
  now = now + kAltSvcRest;
  EXPECT_TRUE(cache.find(origin, now));
  cache.failed(origin, now);
  EXPECT_EQ(cache.find(origin, now + kAltSvcRest), std::nullopt);
  EXPECT_TRUE(cache.find(origin, now + kAltSvcRest + kAltSvcRest));
  cache.learn(origin, "clear", now);
  EXPECT_EQ(cache.size(), 0u);
  for (std::size_t i = 0; i < kAltSvcOriginsMax + 5; ++i) cache.learn({true, std::to_string(i) + ".example", 443}, "h3=\":1\"", now);
  EXPECT_EQ(cache.size(), kAltSvcOriginsMax);
  EXPECT_EQ(cache.find({true, "0.example", 443}, now), std::nullopt);
}

/// The first answer comes over TCP and says where HTTP/3 is; soon the next ones come from there.
TEST(ClientAltSvc, MovesToHttp3) {
  const test::Authority authority;
  ServerOptions options = TestServer::defaults();
  options.tls = TlsContext::make(test::config_of(authority.issue({"localhost"}))).value();
  options.http3 = true;
  const auto handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    co_return text_response(std::string{to_string(request.protocol)});
  };
  TestServer server{handler, std::move(options)};
  ClientOptions trusting;
  trusting.tls = TlsClient::make(test::client_of(authority)).value();
  with_client(trusting, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string url = "https://localhost:" + std::to_string(server.port()) + "/";
    EXPECT_EQ(co_await fetch_text(io, client, url), "200 HTTP/2");
    // No request waits for the move.
    for (int i = 0; i < 1000 && co_await fetch_text(io, client, url) != "200 HTTP/3"; ++i) co_await io::sleep(io, Duration::milliseconds(5));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(co_await fetch_text(io, client, url), "200 HTTP/3");
    for (int i = 0; i < 1000 && client.connections() > 1; ++i) co_await io::sleep(io, Duration::milliseconds(5));
    EXPECT_EQ(client.connections(), 1u);
  });
}

/// What Alt-Svc names is not there: TCP goes on serving.
TEST(ClientAltSvc, WhatIsNotThereHarmsNobody) {
  const test::Authority authority;
  ServerOptions options = TestServer::defaults();
  options.tls = TlsContext::make(test::config_of(authority.issue({"localhost"}))).value();
  options.alt_svc = "h3=\":9\"";
  const auto handler = [](io::Io&, Request& request) -> io::Task<Result<Response>> {
    co_return text_response(std::string{to_string(request.protocol)});
  };
  TestServer server{handler, std::move(options)};
  ClientOptions trusting;
  trusting.tls = TlsClient::make(test::client_of(authority)).value();
  trusting.connect_time = Duration::seconds(3);
  with_client(trusting, [&](io::Io& io, Client& client, io::Scope&) -> io::Task<void> {
    const std::string url = "https://localhost:" + std::to_string(server.port()) + "/";
    for (int i = 0; i < 5; ++i) EXPECT_EQ(co_await fetch_text(io, client, url), "200 HTTP/2");
  });
}

}  // namespace
}  // namespace tablinum::net
