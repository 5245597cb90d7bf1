#include "serving.h"

#include <csignal>
#include <cstdio>

#include "tablinum/api/guard.h"
#include "tablinum/base/log.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/signal.h"
#include "tablinum/net/middleware.h"
#include "tablinum/net/server.h"

namespace tablinum::app::models_group {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
constexpr Duration kGrace = Duration::seconds(2);

io::Task<Result<void>> stop_on_signal(io::Io& io, net::Server& server) {
  CO_TRY(signals, io::SignalStream::open(io, kSignals));
  CO_TRY(number, co_await signals.next());
  (void)number;
  server.stop();
  co_return Result<void>{};
}

io::Task<Result<void>> run(io::Io& io, net::Server& server) {
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    auto watching = scope.spawn(stop_on_signal(io, server));
    auto served = co_await server.serve(io);
    watching.cancel();
    co_return served;
  };
  co_return co_await io::with_scope(io, body);
}

}  // namespace

Result<void> serve_until_signal(const Globals& globals, std::shared_ptr<net::Router> router, const std::string& address,
                                models_service::Live& live) {
  // Nobody has to sign in, so nobody else may reach it.
  if (!address.starts_with("127.") && !address.starts_with("localhost:") && !address.starts_with("[::1]:")) {
    return fail(Code::invalid,
                address + " is not this machine only: listen on 127.0.0.1 (a proxy with accounts may stand before it)");
  }
  CHECK_OK(io::block_signals(kSignals));
  net::PipelineOptions pipeline;
  pipeline.on_access = [](const net::Access&) {};  // the dashboard asks often; nothing to log about it
  pipeline.layers.push_back(api::guard({.loopback_names_only = true}));
  net::ServerOptions options;
  options.listen = {address};
  options.grace = kGrace;
  TRY(server, net::Server::bind(options, net::make_pipeline(std::move(router), pipeline)));
  live.start();
  if (!globals.quiet) {
    std::printf(globals.json ? "{\"ok\":true,\"url\":\"%s\"}\n" : "Serving %s — Ctrl-C to stop\n", server->url().c_str());
    std::fflush(stdout);
  }
  io::RuntimeOptions runtime_options;
  runtime_options.cores = 1;
  io::Runtime runtime{runtime_options};
  auto main = [&](io::Io& io, unsigned) { return run(io, *server); };
  auto ran = runtime.run(main);
  live.stop();
  return ran;
}

}  // namespace tablinum::app::models_group
