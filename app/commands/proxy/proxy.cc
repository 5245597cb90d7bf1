// tablinum proxy --config proxy.yaml [--check]
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>

#include "console.h"
#include "tablinum/base/json.h"
#include "tablinum/base/log.h"
#include "tablinum/io/file.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/signal.h"
#include "tablinum/net/proxy.h"

namespace tablinum::app {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr Duration kWatchInterval = Duration::seconds(1);
constexpr std::size_t kTokenBytesMax = 4096;

struct ProxyArguments {
  unsigned cores = 0;
  bool check = false;
  bool no_watch = false;
};

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  TRY(io, io::make_blocking_io());
  auto text = io::run(*io, io::read_file(*io, path, bytes_max));
  if (!text) return fail(text.error().code, path + ": " + text.error().detail);
  return std::string{text_of(*text)};
}

Result<net::ProxyOptions> read_options(const std::string& path) {
  TRY(text, read_text(path, net::kProxyConfigBytesMax));
  return net::parse_proxy_options(text, path);
}

Result<std::string> read_token(const net::ProxyOptions& options) {
  if (options.admin_listen.empty()) return std::string{};
  TRY(token, read_text(options.admin_token_file, kTokenBytesMax));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  return std::move(token);
}

/// What is wrong is logged, and what was there before goes on.
void reload(net::Proxy& proxy, const std::string& path) {
  auto options = read_options(path);
  auto changed = options ? proxy.reload(std::move(*options)) : Result<void>{std::unexpected(options.error())};
  if (changed) log::info("proxy", "the configuration was read again", {{"file", path}});
  else log::error("proxy", "the configuration was not taken over", {{"file", path}, {"error", describe(changed.error())}});
}

io::Task<Result<void>> obey_signals(io::Io& io, net::Proxy& proxy, const std::string& path) {
  CO_TRY(signals, io::SignalStream::open(io, kSignals));
  while (true) {
    CO_TRY(number, co_await signals.next());
    if (number != SIGHUP) break;
    reload(proxy, path);
  }
  proxy.stop();
  co_return Result<void>{};
}

io::Task<Result<void>> watch_file(io::Io& io, net::Proxy& proxy, const std::string& path) {
  auto seen = co_await io::stat(io, path);
  while (true) {
    CO_CHECK_OK(co_await io::sleep(io, kWatchInterval));
    auto now = co_await io::stat(io, path);
    if (!now || (seen && now->modified == seen->modified && now->bytes == seen->bytes)) continue;
    seen = now;
    reload(proxy, path);
  }
}

io::Task<Result<void>> run_core(io::Io& io, unsigned core, net::Proxy& proxy, const std::string& path, bool watch) {
  if (core != 0) co_return co_await proxy.serve(io);
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    auto signals = scope.spawn(obey_signals(io, proxy, path));
    if (watch) scope.spawn(watch_file(io, proxy, path)).keep();
    auto served = co_await proxy.serve(io);
    scope.cancel();
    co_return served;
  };
  co_return co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

Result<void> run_proxy(const Globals& globals, const ProxyArguments& arguments) {
  if (globals.config.empty()) return fail(Code::invalid, "--config FILE is needed: the file that says what to pass on where");
  log::configure(log::level_from(globals.log_level, log::Level::info), log::Format::automatic);
  TRY(options, read_options(globals.config));
  TRY(token, read_token(options));
  if (arguments.check) {
    print_result(globals, R"({"ok":true})", globals.config + " is in order.\n");
    return {};
  }
  CHECK_OK(io::block_signals(kSignals));
  io::RuntimeOptions runtime_options;
  runtime_options.cores = arguments.cores;
  io::Runtime runtime{runtime_options};
  TRY(proxy, net::Proxy::bind(std::move(options), runtime.cores(), std::move(token)));
  if (!globals.quiet) {
    std::printf(globals.json ? "{\"ok\":true,\"url\":\"%s\",\"admin_port\":%u}\n"
                             : "Passing on what comes to %s (admin port %u) — Ctrl-C to stop\n",
                proxy->url().c_str(), unsigned{proxy->admin_port()});
    std::fflush(stdout);
  }
  auto main = [&](io::Io& io, unsigned core) { return run_core(io, core, *proxy, globals.config, !arguments.no_watch); };
  return runtime.run(main);
}

}  // namespace

void add_proxy_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;
  auto* command = commands.root.add_subcommand(
      "proxy", "Passes requests on to other servers: balancing, health checks, cache (reverse proxy)");
  const auto arguments = std::make_shared<ProxyArguments>();
  command->add_option("--config", commands.globals.config, "File that says what to pass on where (docs/operator/proxy.md)");
  command->add_option("--cores", arguments->cores, "Processors to use (all if not given)")->check(CLI::Range(1, 256));
  command->add_flag("--check", arguments->check, "Only check the file");
  command->add_flag("--no-watch", arguments->no_watch, "Read the file again on SIGHUP only, not whenever it changes");
  command->callback([&, arguments] {
    chosen = [&, arguments] {
      auto ran = run_proxy(globals, *arguments);
      if (ran) return 0;
      const int code = report(globals, ran.error());
      return ran.error().code == Code::invalid ? kExitUsage : code;
    };
  });
}

}  // namespace tablinum::app
