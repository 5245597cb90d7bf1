// Commands about the server: serve, doctor, openapi.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <cstdio>

#include "archive_command.h"
#include "config.h"
#include "doctor.h"
#include "server.h"
#include "tablinum/archive/repair.h"
#include "tablinum/base/json.h"
#include "tablinum/base/log.h"

namespace tablinum::app {
namespace {

struct ServeArguments {
  std::vector<std::string> listen;
  std::string pages, models;
  std::string tls_certificate, tls_key;
  bool http3 = false;
  unsigned cores = 0;
  bool insecure = false;
};

Result<int> run_serve(const Globals& globals, const ServeArguments& arguments) {
  TRY(config, effective_config(globals.config));
  if (!arguments.listen.empty()) config.listen = arguments.listen;
  if (!arguments.pages.empty()) config.pages = arguments.pages;
  if (!arguments.tls_certificate.empty()) config.tls_certificate = arguments.tls_certificate;
  if (!arguments.tls_key.empty()) config.tls_key = arguments.tls_key;
  config.http3 = config.http3 || arguments.http3;
  if (!arguments.models.empty()) config.models = arguments.models;
  if (arguments.cores != 0) config.cores = arguments.cores;
  config.insecure_no_accounts = config.insecure_no_accounts || arguments.insecure;
  const auto format = config.log_format == "json"   ? log::Format::json
                      : config.log_format == "text" ? log::Format::text
                                                    : log::Format::automatic;
  log::configure(log::level_from(globals.log_level.empty() ? config.log_level : globals.log_level, log::Level::info), format);
  CHECK_OK(serve(globals, config));
  return 0;
}

Result<int> run_openapi() {
  TRY(document, api_document());
  std::fwrite(document.data(), 1, document.size(), stdout);
  return 0;
}

/// Mends what follows from the records, and removes files that nothing needs any more. Needs the archive for itself.
Result<void> repair(const Globals& globals) {
  TRY(archive, open_archive(globals, true));
  const StopRequest stop;
  ProgressBar bar{globals};
  TRY(report, archive::repair(*archive, [&](std::uint64_t done, std::uint64_t total) {
        return bar.show("rebuild", done, total), !stop.made();
      }));
  if (globals.json || globals.quiet) return {};
  if (report.erased > 0) fmt::print("Erased {} trees that had been deleted.\n", report.erased);
  fmt::print("Removed {} unused files ({} MB); {} are in use or too young to tell.\n", report.files.removed,
             report.files.removed_bytes >> 20, report.files.kept);
  if (!report.damaged.empty()) fmt::print("Damaged rows in: {}.\n", fmt::join(report.damaged, ", "));
  if (report.rebuilt.trees > 0)
    fmt::print("Wrote the rows of {} trees anew, from {} records.\n", report.rebuilt.trees, report.rebuilt.records);
  if (report.index_rebuilt) fmt::print("Made the search index anew.\n");
  return {};
}

Result<int> run_doctor(const Globals& globals, bool with_repair) {
  if (with_repair) CHECK_OK(repair(globals));
  TRY(config, effective_config(globals.config));
  const auto findings = diagnose(globals, config);
  json::Writer w;
  std::string text;
  bool well = true;
  w.begin_object();
  w.key("checks");
  w.begin_array();
  for (const auto& finding : findings) {
    well = well && finding.state != Health::broken;
    w.begin_object();
    w.field("name", finding.name);
    w.field("state", to_string(finding.state));
    w.field("detail", finding.detail);
    w.field("remedy", finding.remedy);
    w.end_object();
    text += fmt::format("{:<8} {:<20} {}\n", to_string(finding.state), finding.name, finding.detail);
    if (!finding.remedy.empty()) text += fmt::format("{:<29} → {}\n", "", finding.remedy);
  }
  w.end_array();
  w.field("ok", well);
  w.end_object();
  print_result(globals, w.take(), text);
  return well ? 0 : kExitNo;
}

int finish(const Globals& globals, const Result<int>& result) { return result ? *result : report(globals, result.error()); }

}  // namespace

void add_server_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& root = commands.root;
  auto& chosen = commands.chosen;

  auto* serve = root.add_subcommand("serve", "Serves the pages and the API until Ctrl-C");
  const auto arguments = std::make_shared<ServeArguments>();
  serve->add_option("--listen", arguments->listen, "HOST:PORT, may be repeated (127.0.0.1:8080 if not given)");
  serve->add_option("--tls-cert", arguments->tls_certificate, "PEM file of the certificate and its chain: HTTP/2 and HTTP/1.1 over TLS");
  serve->add_option("--tls-key", arguments->tls_key, "PEM file of its private key");
  serve->add_flag("--http3", arguments->http3, "Also answer over QUIC, on the same port (needs --tls-cert)");
  serve->add_option("--pages", arguments->pages, "Folder of the web pages");
  serve->add_option("--models", arguments->models,
                    "Folder with MODEL_REGISTRY.json and task_categories.json (DATA/models, where it has them, if not given)");
  serve->add_option("--cores", arguments->cores, "Processors to use (all if not given)")->check(CLI::Range(1, 256));
  serve->add_flag("--insecure-no-accounts", arguments->insecure,
                  "Listen on other addresses than this machine although nobody signs in");
  serve->callback([&, arguments] { chosen = [&, arguments] { return finish(globals, run_serve(globals, *arguments)); }; });

  auto* doctor = root.add_subcommand("doctor", "Looks for what is wrong with the archive and its surroundings");
  const auto with_repair = std::make_shared<bool>(false);
  doctor->add_flag("--repair", *with_repair,
                   "First write damaged or outdated rows and search documents anew from the records, "
                   "erase deleted trees, and remove files that nothing needs any more");
  doctor->callback([&, with_repair] { chosen = [&, with_repair] { return finish(globals, run_doctor(globals, *with_repair)); }; });

  auto* openapi = root.add_subcommand("openapi", "Prints the description of the API (OpenAPI 3.1)");
  openapi->callback([&] { chosen = [&] { return finish(globals, run_openapi()); }; });
}

}  // namespace tablinum::app
