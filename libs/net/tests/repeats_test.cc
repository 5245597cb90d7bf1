/// The run of a seed repeats itself: nothing in server and client depends on addresses, real time or real randomness.
#include <gtest/gtest.h>

#include "tablinum/io/simulate.h"
#include "tablinum/net/client.h"
#include "tablinum/net/server.h"

namespace tablinum::net {
namespace {

constexpr unsigned kRequests = 6;

Handler echo() {
  return [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(body, co_await request.body.read_all(io));
    CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(20)));
    co_return text_response(std::string{request.target.path()} + " " + body);
  };
}

/// Asks until there is an answer; a partition may outlast a try.  @return how many tries it took.
io::Task<Result<unsigned>> ask(io::Io& io, Client& client, const std::string& url, const std::string& path) {
  for (unsigned tries = 1; tries <= 100; ++tries) {
    ClientRequest request;
    request.method = Method::post;
    request.url = url + path;
    request.body = Body::of("body of " + path);
    auto response = co_await client.fetch(io, std::move(request));
    if (response) {
      auto body = co_await response->body.read_all(io);
      if (body && *body == path + " body of " + path) co_return tries;
      if (body) co_return fail(Code::corrupt, *body);
    }
    CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(200)));
  }
  co_return fail(Code::timeout, path);
}

struct Outcome {
  std::uint64_t hash = 0;
  std::string problem;
};

Outcome run(std::uint64_t seed) {
  io::SimOptions options = io::simulation_options();
  options.link.loss = 0.05;
  options.link.burst = 0.01;
  options.link.jitter = Duration::milliseconds(5);
  io::SimWorld world{seed, options};
  ServerOptions serving;
  serving.listen = {world.host("server").endpoint(80).to_string()};
  serving.limits.idle_time = Duration::seconds(5);
  auto server = Server::unbound(std::move(serving), echo()).value();
  world.host("server").start([&](io::Io& io) { return server->serve(io); });
  unsigned running = 2;
  for (const char* name : {"one", "two"}) {
    world.host(name).start([&, name](io::Io& io) -> io::Task<Result<void>> {
      ClientOptions patience;
      patience.connect_time = patience.response_time = Duration::seconds(3);
      Client client{patience};
      const std::string url = "http://" + world.host("server").endpoint(80).to_string();
      Result<void> all{};
      for (unsigned i = 0; i < kRequests && all; ++i) {
        auto tries = co_await ask(io, client, url, "/" + std::string{name} + std::to_string(i));
        if (!tries) all = std::unexpected(tries.error());
      }
      if (--running == 0) server->stop();
      co_return all;
    });
    const auto cut_at = Duration::milliseconds(static_cast<std::int64_t>(world.draw(200)));
    world.at(cut_at, [&, name] { world.partition("server", name, true); });
    world.at(cut_at + Duration::milliseconds(static_cast<std::int64_t>(world.draw(6000))),
             [&, name] { world.partition("server", name, false); });
  }
  Outcome done;
  const auto ran = world.run();
  if (!ran) done.problem = world.report();
  for (const char* name : {"server", "one", "two"})
    for (const auto& outcome : world.host(name).outcomes())
      if (!outcome) done.problem += std::string{name} + ": " + describe(outcome.error()) + "; " + world.report();
  if (server->stats().connections_open != 0) done.problem += "connections are left open";
  done.hash = world.trace_hash();
  return done;
}

TEST(Simulation, ASeedRepeatsItself) {
  for (const std::uint64_t seed : io::simulation_seeds(20)) {
    const Outcome first = run(seed);
    EXPECT_EQ(first.problem, "") << "seed " << seed;
    EXPECT_EQ(run(seed).hash, first.hash) << "seed " << seed;
  }
  EXPECT_NE(run(1).hash, run(2).hash);
}

}  // namespace
}  // namespace tablinum::net
