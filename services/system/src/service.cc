#include "tablinum/system_service/service.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "stream.h"
#include "tablinum/base/json.h"
#include "tablinum/io/offload.h"
#include "tablinum/store/overview.h"

namespace tablinum::system_service {
namespace {

using api::Call;
using api::Reply;
using json::Writer;

// ---- Jobs ------------------------------------------------------------------------------------------------------------------

Result<store::JobId> job_id(std::string_view text) {
  const auto id = parse_uuid(text);
  if (!id) return fail(Code::not_found, "there is no such job");
  return store::JobId{*id};
}

Result<Reply> job_reply(archive::Archive& archive, const archive::Jobs& running, const store::JobId& id) {
  TRY(reader, archive.database().reader());
  TRY(job, store::find_job(reader, id));
  running.add_progress(job);
  TRY(text, archive::job_json(reader, job));
  return api::json_reply(std::move(text));
}

Result<Reply> list_jobs(archive::Archive& archive, const api::Cursors& cursors, const Call& call) {
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  std::optional<store::JobId> before;
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, cursors.open("jobs", *cursor));
    if (fields.size() == 1) {
      TRY(id, parse_uuid(fields[0]));
      before = store::JobId{id};
    }
  }
  TRY(reader, archive.database().reader());
  TRY(jobs, store::list_jobs(reader, {}, before, static_cast<std::size_t>(limit) + 1));
  const bool more = jobs.size() > static_cast<std::size_t>(limit);
  if (more) jobs.pop_back();
  TRY(total, store::count_jobs(reader));
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& job : jobs) {
    TRY(text, archive::job_json(reader, job));
    w.raw(text);
  }
  w.end_array();
  w.field("total", total);
  w.field("nextCursor", more ? std::optional{cursors.seal("jobs", {to_string(jobs.back().id.value())})} : std::nullopt);
  w.end_object();
  return api::json_reply(w.take());
}

// ---- Health ----------------------------------------------------------------------------------------------------------------

std::string health_json(std::string_view status, std::string_view version) {
  Writer w;
  w.begin_object();
  w.field("status", status);
  w.field("version", version);
  w.field("time", to_rfc3339(wall_now()));
  w.end_object();
  return w.take();
}

/// Resident memory in bytes; 0 where the system does not say.
std::uint64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void gauge(std::string& out, std::string_view name, std::string_view help, std::string_view type, double value) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{} {}\n", name, help, name, type, name, value);
}

Result<std::string> metrics_text(const Deps& deps) {
  std::string out = deps.metrics ? deps.metrics() : std::string{};
  TRY(reader, deps.archive.database().reader());
  TRY(trees, store::list_trees(reader));
  std::uint64_t changes = 0;
  for (const auto& tree : trees) changes += tree.log_size;
  gauge(out, "tablinum_store_trees", "Visible trees.", "gauge", static_cast<double>(trees.size()));
  gauge(out, "tablinum_store_changes_total", "Changes in the logs of all visible trees.", "counter",
        static_cast<double>(changes));
  gauge(out, "tablinum_archive_cache_bytes", "Memory of search indexes and kinship graphs.", "gauge",
        static_cast<double>(deps.archive.cache_bytes()));
  gauge(out, "process_resident_memory_bytes", "Resident memory size in bytes.", "gauge", static_cast<double>(resident_bytes()));
  gauge(out, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter", cpu_seconds());
  return out;
}

using Answer = std::function<Result<net::Response>(const net::Request&)>;

/// A handler that answers at once, on the event loop.
net::Handler at_once(Answer answer) {
  return [answer = std::move(answer)](io::Io&, net::Request& request) -> io::Task<Result<net::Response>> {
    co_return answer(request);
  };
}
/// One that reads the database.
net::Handler offloaded(Answer answer) {
  return [answer = std::move(answer)](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    auto work = [&] { return answer(request); };
    co_return co_await io::offload(io, work);
  };
}

}  // namespace

void describe(api::Description& description, const Deps& deps) {
  const auto cursors = std::make_shared<api::Cursors>();
  auto& archive = deps.archive;
  auto& jobs = deps.jobs;
  const api::Parameter id{.name = "id", .type = "uuid", .in = api::In::path};
  auto& routes = description.routes;
  routes.push_back(
      {.method = "GET",
       .path = "/api/v1/jobs",
       .id = "listJobs",
       .tag = "jobs",
       .summary = "Jobs, newest first",
       .parameters = {{.name = "limit", .type = "int", .minimum = 1, .maximum = api::kPageLimitMax}, {.name = "cursor"}},
       .answer = "Page<Job>",
       .errors = {422},
       .function = [&archive, cursors](const Call& call) { return list_jobs(archive, *cursors, call); }});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/jobs/{id}",
                    .id = "getJob",
                    .tag = "jobs",
                    .summary = "One job",
                    .parameters = {id},
                    .answer = "Job",
                    .errors = {404},
                    .function = [&archive, &jobs](const Call& call) -> Result<Reply> {
                      TRY(job, job_id(call.segment("id")));
                      return job_reply(archive, jobs, job);
                    }});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/jobs/{id}/cancel",
                    .id = "cancelJob",
                    .tag = "jobs",
                    .summary = "Asks a job to stop",
                    .parameters = {id},
                    .answer = "Job",
                    .errors = {404, 409},
                    .function = [&archive, &jobs](const Call& call) -> Result<Reply> {
                      TRY(job, job_id(call.segment("id")));
                      CHECK_OK(jobs.cancel(job));
                      return job_reply(archive, jobs, job);
                    }});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/stream",
                    .id = "stream",
                    .tag = "jobs",
                    .summary = "Progress and changes, live",
                    .parameters = {{.name = "topics", .description = "job:{id},tree:{id}", .required = true}},
                    .answer = "text/event-stream",
                    .errors = {422}});
  routes.push_back({.method = "GET",
                    .path = "/version",
                    .id = "getVersion",
                    .tag = "system",
                    .summary = "Name and version of the program",
                    .answer = "VersionInfo"});
}

Result<void> mount(net::Router& router, const Deps& deps) {
  const auto json = [](std::string text) { return net::json_response(std::move(text)); };
  const auto health = at_once([version = deps.version, json](const net::Request&) { return json(health_json("ok", version)); });
  // The last two are the reference's gateway.
  for (const std::string_view path : {"/health", "/api/v1/gateway/health", "/api/gateway/health"}) {
    CHECK_OK(router.add(net::Method::get, path, health));
  }
  CHECK_OK(router.add(net::Method::get, "/ready", offloaded([deps, json](const net::Request&) -> Result<net::Response> {
                        TRY(reader, deps.archive.database().reader());
                        CHECK_OK(store::list_trees(reader));
                        return json(health_json("ready", deps.version));
                      })));
  CHECK_OK(router.add(net::Method::get, "/version", at_once([version = deps.version, json](const net::Request&) {
                        Writer w;
                        w.begin_object();
                        w.field("name", "tablinum");
                        w.field("version", version);
                        w.end_object();
                        return json(w.take());
                      })));
  CHECK_OK(router.add(net::Method::get, "/openapi.json",
                      at_once([deps, json](const net::Request&) { return json(deps.description()); })));
  CHECK_OK(router.add(net::Method::get, "/metrics", offloaded([deps](const net::Request& request) -> Result<net::Response> {
                        // Figures about the family are the family's: only this machine may read them.
                        if (!request.peer.loopback) return fail(Code::not_found, "");
                        TRY(text, metrics_text(deps));
                        return net::respond(net::Status::ok, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
                      })));
  return router.add(net::Method::get, "/api/v1/stream", stream_handler(deps.archive, deps.jobs));
}

}  // namespace tablinum::system_service
