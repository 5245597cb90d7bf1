/// Which of several addresses answers (RFC 8305), on simulated machines: one that is silent costs the stagger and no more.
#include <gtest/gtest.h>

#include "certificates.h"
#include "h3/listener.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/simulate.h"
#include "tablinum/net/client.h"
#include "tablinum/net/server.h"
#include "tablinum/net/tls.h"
#include "tls/table.h"

namespace tablinum::net {
namespace {

constexpr std::uint16_t kPort = 443;
constexpr Duration kStagger = Duration::milliseconds(250);
constexpr Duration kConnectTime = Duration::seconds(5);
/// A round trip, TLS and the answer, over a simulated network of 0.2 to 0.5 ms; and timers that are late by a tick.
constexpr Duration kQuick = Duration::milliseconds(50);

io::Task<Result<Response>> hello(io::Io&, Request&) { co_return text_response("hello"); }

struct DialCase {
  const char* name;
  std::vector<const char*> hosts;  ///< in the order in which the name's addresses are tried
  Duration at_least;               ///< until the answer; less than kQuick more
  bool answered;
};
/// "alive": serves.  "silent": cut off.  "refuses": is there, and nothing listens.
class DialOverTcp : public testing::TestWithParam<DialCase> {};
class DialOverQuic : public testing::TestWithParam<DialCase> {};

Resolve names(io::SimWorld& world, const std::vector<const char*>& hosts) {
  return [&](io::Io&, const std::string&, std::uint16_t port) -> io::Task<Result<std::vector<io::Endpoint>>> {
    std::vector<io::Endpoint> found;
    for (const char* host : hosts) found.push_back(world.host(host).endpoint(port));
    co_return found;
  };
}

/// The answer's text, or the error's, and when.
struct Got {
  std::string text;
  Duration after{};
};
io::Task<Got> fetch(io::Io& io, ClientOptions options, std::string url) {
  const Instant begin = io.now();
  Got got;
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    options.scope = &scope;
    {
      Client client{options};
      ClientRequest request;
      request.url = std::move(url);
      auto response = co_await client.fetch(io, std::move(request));
      got.after = io.now() - begin;
      if (!response) {
        got.text = describe(response.error());
      } else {
        auto text = co_await response->body.read_all(io);
        got.text = text.value_or("broke off");
      }
    }
    scope.cancel();
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  co_return got;
}

void check(const DialCase& row, const Got& got) {
  EXPECT_EQ(got.text == "hello", row.answered) << got.text;
  EXPECT_GE(got.after, row.at_least);
  EXPECT_LT(got.after, row.at_least + kQuick);
}

TEST_P(DialOverTcp, TakesAsLongAsItMust) {
  io::SimWorld world{1, io::simulation_options()};
  world.partition("client", "silent", true);
  ServerOptions serving;
  serving.listen = {world.host("alive").endpoint(kPort).to_string()};
  auto server = Server::unbound(std::move(serving), hello).value();
  world.host("alive").start([&](io::Io& io) { return server->serve(io); });
  Got got;
  world.host("client").start([&](io::Io& io) -> io::Task<Result<void>> {
    ClientOptions options;
    options.resolve = names(world, GetParam().hosts);
    options.stagger = kStagger;
    options.connect_time = kConnectTime;
    got = co_await fetch(io, options, "http://many.example:443/");
    server->stop();
    co_return Result<void>{};
  });
  const auto ran = world.run();
  EXPECT_TRUE(ran.has_value()) << world.report();
  check(GetParam(), got);
}

TEST_P(DialOverQuic, TakesAsLongAsItMust) {
  io::SimWorld world{1, io::simulation_options()};
  world.partition("client", "silent", true);
  const test::Authority authority;
  const auto tls = TlsContext::make(test::config_of(authority.issue({"quic.example"}))).value();
  const Limits limits;
  Counters counters;
  const Handler handler = hello;
  h3::Listener* listener = nullptr;
  world.host("alive").start([&](io::Io& io) -> io::Task<Result<void>> {
    CO_TRY(socket, io::bind_udp(io, world.host("alive").endpoint(kPort)));
    h3::ListenerConfig config;
    config.endpoint.make_ssl = [&] { return quic::SslPtr{tls::new_quic_server(tls->table()).release()}; };
    config.date = [] { return std::string_view{"Sat, 21 Nov 2026 00:00:00 GMT"}; };
    h3::Listener listening{io, std::move(socket), std::move(config), limits, handler, counters};
    listener = &listening;
    co_return co_await listening.run();
  });
  Got got;
  world.host("client").start([&](io::Io& io) -> io::Task<Result<void>> {
    ClientOptions options;
    options.tls = TlsClient::make(test::client_of(authority)).value();
    options.speak = Speak::http3;
    options.resolve = names(world, GetParam().hosts);
    options.stagger = kStagger;
    options.connect_time = kConnectTime;
    got = co_await fetch(io, options, "https://quic.example/");
    listener->stop();
    co_return Result<void>{};
  });
  const auto ran = world.run();
  EXPECT_TRUE(ran.has_value()) << world.report();
  check(GetParam(), got);
}

std::string name_of(const testing::TestParamInfo<DialCase>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Addresses, DialOverTcp,
    testing::Values(DialCase{"first", {"alive", "silent"}, {}, true}, DialCase{"behind_a_silent_one", {"silent", "alive"}, kStagger, true},
                    DialCase{"behind_one_that_refuses", {"refuses", "alive"}, {}, true},
                    DialCase{"behind_two_silent_ones", {"silent", "silent", "alive"}, kStagger * 2, true},
                    DialCase{"a_refusal_does_not_wait", {"silent", "refuses", "alive"}, kStagger, true},
                    DialCase{"all_silent", {"silent", "silent"}, kConnectTime, false},
                    DialCase{"one_silent", {"silent"}, kConnectTime, false}, DialCase{"all_refuse", {"refuses", "refuses"}, {}, false}),
    name_of);
// UDP refuses nothing: who is not there is silent.
INSTANTIATE_TEST_SUITE_P(Addresses, DialOverQuic,
                         testing::Values(DialCase{"first", {"alive", "silent"}, {}, true},
                                         DialCase{"behind_a_silent_one", {"silent", "alive"}, kStagger, true},
                                         DialCase{"behind_two_silent_ones", {"silent", "silent", "alive"}, kStagger * 2, true},
                                         DialCase{"all_silent", {"silent", "silent"}, kConnectTime, false}),
                         name_of);

}  // namespace
}  // namespace tablinum::net
