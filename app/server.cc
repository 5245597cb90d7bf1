#include "server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tablinum/api/adapter.h"
#include "tablinum/api/guard.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/base/log.h"
#include "tablinum/genealogy_service/service.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/signal.h"
#include "tablinum/models_service/service.h"
#include "tablinum/net/middleware.h"
#include "tablinum/net/server.h"
#include "tablinum/net/static_files.h"
#include "tablinum/search_service/service.h"
#include "tablinum/system_service/service.h"

namespace tablinum::app {
namespace {

constexpr unsigned kJobThreads = 2;
constexpr Duration kGrace = Duration::seconds(10);
constexpr int kSignals[] = {SIGINT, SIGTERM};

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:");
}

/// Nobody has to sign in yet, so nobody else may reach the archive unless its owner says so.
Result<void> check_addresses(const Config& config) {
  if (config.insecure_no_accounts) return {};
  for (const auto& address : config.listen) {
    if (!is_loopback(address)) {
      return fail(Code::invalid,
                  address +
                      " is not this machine only, and there are no accounts yet: everybody who reaches it could read "
                      "the archive. Listen on 127.0.0.1, or say --insecure-no-accounts if you mean it.");
    }
  }
  return {};
}

/// Services and routes over one archive.
struct Composition {
  archive::Archive& archive;
  archive::Jobs& jobs;
  std::optional<models_service::Part> models;
  api::Description description;
  std::string document;
  std::function<std::string()> net_metrics;

  system_service::Deps deps() {
    return {.archive = archive,
            .jobs = jobs,
            .version = TABLINUM_VERSION,
            .metrics = [this] { return net_metrics ? net_metrics() : std::string{}; },
            .description = [this] { return document; }};
  }
  Result<void> describe() {
    genealogy_service::describe(description, archive, jobs);
    search_service::describe(description, archive, genealogy_service::briefs);
    system_service::describe(description, deps());
    if (models) models_service::describe(description, *models->catalogues, *models->live);
    TRY(text, api::openapi_document(description, TABLINUM_VERSION));
    document = std::move(text);
    return {};
  }
  Result<std::shared_ptr<net::Router>> router() {
    auto router = std::make_shared<net::Router>();
    CHECK_OK(api::mount(*router, description.routes));
    CHECK_OK(genealogy_service::mount_uploads(*router, archive, jobs));
    CHECK_OK(system_service::mount(*router, deps()));
    if (models) CHECK_OK(models_service::mount(*router, *models->live, false));
    return router;
  }
};

/// The models, where a registry is configured or lies in the data folder.
Result<std::optional<models_service::Part>> models_of(const std::string& data, const std::string& configured) {
  const std::string own = data + "/models";
  if (configured.empty() && !std::filesystem::exists(own + "/MODEL_REGISTRY.json")) return std::nullopt;
  TRY(part, models_service::open_part(configured.empty() ? own : configured, own + "/metrics.csv"));
  return std::move(part);
}

/// The pages, where there are any; under /api nothing of theirs answers.
Result<net::Handler> pages(const Config& config) {
  if (config.pages.empty()) return net::Handler{};
  TRY(files, net::static_files({.directory = config.pages, .index = "index.html", .spa_fallback = "index.html"}));
  return net::Handler{[files](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    if (request.target.path().starts_with("/api/")) co_return fail(Code::not_found, "there is no such resource");
    co_return co_await files(io, request);
  }};
}

io::Task<Result<void>> stop_on_signal(io::Io& io, net::Server& server) {
  CO_TRY(signals, io::SignalStream::open(io, kSignals));
  CO_TRY(number, co_await signals.next());
  (void)number;
  server.stop();
  co_return Result<void>{};
}

io::Task<Result<void>> run_core(io::Io& io, unsigned core, net::Server& server, net::TlsContext* tls) {
  if (core != 0) co_return co_await server.serve(io);
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    auto watching = scope.spawn(stop_on_signal(io, server));
    if (tls != nullptr) scope.spawn(net::reload_when_changed(io, *tls)).keep();
    auto served = co_await server.serve(io);
    watching.cancel();
    scope.cancel();
    co_return served;
  };
  co_return co_await io::with_scope(io, body);
}

/// Null: plain.  @error invalid: one file without the other, or HTTP/3 without both.  As TlsContext::make().
Result<std::shared_ptr<net::TlsContext>> certificates(const Config& config) {
  const bool wanted = !config.tls_certificate.empty();
  if (wanted != !config.tls_key.empty())
    return fail(Code::invalid, "a certificate and its key go together: --tls-cert FILE --tls-key FILE");
  if (!wanted && config.http3) return fail(Code::invalid, "HTTP/3 needs a certificate: --tls-cert FILE --tls-key FILE");
  if (!wanted) return std::shared_ptr<net::TlsContext>{};
  net::TlsConfig tls;
  auto& host = tls.hosts.emplace_back();
  host.certificate = net::PemSource::of_file(config.tls_certificate);
  host.key = net::PemSource::of_file(config.tls_key);
  return net::TlsContext::make(std::move(tls));
}

void announce(const Globals& globals, const net::Server& server) {
  if (globals.quiet) return;
  std::printf(globals.json ? "{\"ok\":true,\"url\":\"%s\"}\n" : "Serving %s — Ctrl-C to stop\n", server.url().c_str());
  std::fflush(stdout);
}

}  // namespace

Result<void> serve(const Globals& globals, const Config& config) {
  CHECK_OK(check_addresses(config));
  CHECK_OK(io::block_signals(kSignals));
  TRY(archive, archive::Archive::open({.folder = globals.data, .holder = "a server on " + config.listen.front()}));
  archive::Jobs jobs{*archive};
  TRY(models, models_of(globals.data, config.models));
  Composition composition{
      .archive = *archive, .jobs = jobs, .models = std::move(models), .description = {}, .document = {}, .net_metrics = {}};
  CHECK_OK(composition.describe());
  TRY(router, composition.router());
  TRY(tls, certificates(config));
  TRY(fallback, pages(config));
  io::RuntimeOptions runtime_options;
  runtime_options.cores = config.cores;
  io::Runtime runtime{runtime_options};
  net::PipelineOptions pipeline;
  pipeline.fallback = fallback;
  pipeline.layers.push_back(api::guard({.loopback_names_only = !config.insecure_no_accounts}));
  net::ServerOptions options;
  options.listen = config.listen;
  options.tls = tls;
  options.http3 = config.http3;
  options.cores = runtime.cores();
  options.grace = kGrace;
  TRY(server, net::Server::bind(options, net::make_pipeline(router, pipeline)));
  composition.net_metrics = [&server] {
    std::string text;
    net::append_metrics(text, server->stats());
    return text;
  };
  jobs.start(kJobThreads);
  if (composition.models) composition.models->live->start();
  announce(globals, *server);
  auto main = [&](io::Io& io, unsigned core) { return run_core(io, core, *server, tls.get()); };
  auto ran = runtime.run(main);
  jobs.stop();
  if (composition.models) composition.models->live->stop();
  if (!globals.quiet && !globals.json) std::puts("Stopped.");
  return ran;
}

Result<std::string> api_document() {
  // The description names the routes' functions, which need an archive to refer to: an empty one that nobody keeps.
  std::string folder = (std::filesystem::temp_directory_path() / "tablinum-openapi-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return fail(Code::io, "no temporary folder can be made");
  auto document = [&]() -> Result<std::string> {
    TRY(archive, archive::Archive::open({.folder = folder}));
    archive::Jobs jobs{*archive};
    TRY(models, models_service::empty_part());
    Composition composition{
        .archive = *archive, .jobs = jobs, .models = std::move(models), .description = {}, .document = {}, .net_metrics = {}};
    CHECK_OK(composition.describe());
    return composition.document;
  }();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return document;
}

}  // namespace tablinum::app
