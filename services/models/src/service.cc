#include "tablinum/models_service/service.h"

#include <fmt/format.h>

#include <filesystem>

#include "page.h"
#include "types.h"
#include "tablinum/api/adapter.h"
#include "tablinum/base/json.h"
#include "tablinum/io/channel.h"
#include "tablinum/io/scope.h"
#include "tablinum/models/bench.h"
#include "tablinum/models/validator.h"
#include "tablinum/net/sse.h"
#include "tablinum/net/websocket.h"

namespace tablinum::models_service {
namespace {

using api::Call;
using api::Parameter;
using api::Reply;

// ---- Selection ------------------------------------------------------------------------------------------------------------

std::vector<std::string> words_of(const Call& call, std::string_view name) {
  std::vector<std::string> words;
  for (const auto& [key, value] : call.query) {
    if (key == name && !value.empty()) words.push_back(value);
  }
  return words;
}

Result<std::optional<double>> number_of(const Call& call, std::string_view name, double most) {
  const auto text = call.parameter(name);
  if (!text) return std::optional<double>{};
  const std::string copy{*text};
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || !(value >= 0 && value <= most)) {
    return api::invalid_field({std::string{name}, fmt::format("must be a number from 0 to {}", most), "range"});
  }
  return std::optional{value};
}

Result<models::Constraints> constraints_of(const Call& call) {
  models::Constraints constraints;
  if (call.parameter("maxGpuMemoryMb")) {
    TRY(mb, call.number("maxGpuMemoryMb", 1, 1 << 24, std::nullopt));
    constraints.gpu_memory_mb_max = static_cast<std::uint32_t>(mb);
  }
  if (call.parameter("minContext")) {
    TRY(tokens, call.number("minContext", 1, std::int64_t{1} << 40, std::nullopt));
    constraints.context_length_min = static_cast<std::uint64_t>(tokens);
  }
  if (const auto word = call.parameter("agentType")) {
    constraints.agent_type = models::agent_type(*word);
    if (!constraints.agent_type) return api::invalid_field({"agentType", "must be inference, tool or orchestrator", "format"});
  }
  TRY(benchmark, number_of(call, "minBenchmark", 100));
  constraints.benchmark_score_min = benchmark;
  TRY(latency, number_of(call, "maxLatencyMs", 1e9));
  constraints.latency_ms_max = latency;
  TRY(cost, number_of(call, "maxCost", 1e9));
  constraints.cost_per_million_tokens_max = cost;
  constraints.licenses = words_of(call, "license");
  constraints.languages = words_of(call, "language");
  constraints.preferred = words_of(call, "prefer");
  constraints.excluded = words_of(call, "exclude");
  return constraints;
}

Result<Reply> select(const Catalogues& catalogues, Live& live, const Call& call, bool record) {
  const auto category = call.parameter("category").value_or("");
  const auto method = models::method_of(call.parameter("method").value_or("multi"));
  if (!method) return api::invalid_field({"method", "must be basic, multi or gpu", "format"});
  if (catalogues.catalogue.find(category) == nullptr) return fail(Code::not_found, "there is no such category");
  TRY(constraints, constraints_of(call));
  std::vector<models::GpuLoad> gpus;
  if (const auto state = live.gpus()) gpus = models::loads(*state);
  const auto begin = monotonic_now();
  const auto explained = catalogues.selector.explain(category, *method, constraints, gpus);
  const auto took = monotonic_now() - begin;
  if (record && explained.selection) {
    CHECK_OK(models::append_metrics(
        live.metrics_file(), models::metrics_row(catalogues.selector, category, *explained.selection, wall_now(), took)));
  }
  return api::json_reply(models::selection_json(catalogues.selector, category, *method, explained, true));
}

std::vector<Parameter> selection_parameters() {
  return {{.name = "category", .description = "key of the catalogue", .required = true},
          {.name = "method", .type = "'basic'|'multi'|'gpu'"},
          {.name = "maxGpuMemoryMb", .type = "int", .minimum = 1, .maximum = 1 << 24},
          {.name = "agentType", .type = "'inference'|'tool'|'orchestrator'"},
          {.name = "minBenchmark", .type = "string", .minimum = 0, .maximum = 100},
          {.name = "minContext", .type = "int", .minimum = 1, .maximum = std::int64_t{1} << 40},
          {.name = "maxLatencyMs", .type = "string"},
          {.name = "maxCost", .type = "string"},
          {.name = "license", .description = "may be repeated: one of them"},
          {.name = "language", .description = "may be repeated: all of them"},
          {.name = "prefer", .description = "may be repeated"},
          {.name = "exclude", .description = "may be repeated"}};
}

// ---- The rest -------------------------------------------------------------------------------------------------------------

void write_texts(json::Writer& w, std::string_view name, const std::vector<std::string>& texts) {
  w.key(name);
  w.begin_array();
  for (const auto& text : texts) w.value(text);
  w.end_array();
}

void write_model(json::Writer& w, const models::Model& model) {
  w.begin_object();
  w.field("name", model.name);
  w.field("hf_repo", model.hf_repo);
  w.field("description", model.description);
  w.field("format", model.format);
  w.field("parameters", model.parameters);
  w.field("quantization", model.quantization);
  w.field("license", model.license);
  w.key("memory");
  w.begin_array();
  for (const auto& variant : model.variants) {
    w.begin_object();
    w.field("mb", variant.mb);
    w.field("label", variant.label);
    w.end_object();
  }
  w.end_array();
  write_texts(w, "categories", model.categories);
  w.key("agent_types");
  w.begin_array();
  for (const auto type : models::kAgentTypes) {
    if (models::has(model.agent_types, type)) w.value(models::to_string(type));
  }
  w.end_array();
  write_texts(w, "languages", model.languages);
  w.field("context_length", model.context_length);
  w.field("latency_ms", model.latency_ms);
  w.field("cost_per_million_tokens", model.cost_per_million_tokens);
  w.key("benchmarks");
  w.begin_array();
  for (const auto& benchmark : model.benchmarks) {
    w.begin_object();
    w.field("name", benchmark.name);
    w.field("score", benchmark.score);
    w.field("date", benchmark.date);
    w.field("source", benchmark.source);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

Result<Reply> list_models(const Catalogues& catalogues) {
  json::Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& model : catalogues.registry.models) write_model(w, model);
  w.end_array();
  w.field("total", catalogues.registry.models.size());
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> list_categories(const Catalogues& catalogues) {
  json::Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& category : catalogues.catalogue.categories) {
    w.begin_object();
    w.field("key", category.key);
    w.field("name", category.name.empty() ? category.key : category.name);
    w.field("description", category.description);
    w.field("models", category.models.size());
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> analytics(Live& live, const Call& call) {
  if (live.metrics_file().empty()) return fail(Code::not_found, "no metrics file is set");
  models::AnalyticsOptions options;
  const auto by = call.parameter("by").value_or("");
  if (!by.empty() && by != "hour" && by != "day") return api::invalid_field({"by", "must be hour or day", "format"});
  options.window = by == "hour" ? models::Window::hour : by == "day" ? models::Window::day : models::Window::none;
  const std::vector<models::AnalyticsInput> inputs{{live.metrics_file()}};
  auto never = [] { return false; };
  TRY(aggregate, models::read_metrics(inputs, options, inline_executor(), never));
  return api::json_reply(models::json_text(models::report(aggregate)));
}

Result<Reply> gpus(Live& live) {
  const auto state = live.gpus();
  if (!state) return fail(Code::unavailable, live.gpu_problem());
  return api::json_reply(models::snapshot_json(*state));
}

Result<Reply> bench(const Catalogues& catalogues, const Call& call) {
  TRY(iterations, call.number("iterations", 1, static_cast<std::int64_t>(kBenchIterationsMax), 1'000));
  models::BenchOptions options;
  options.iterations = static_cast<std::uint64_t>(iterations);
  TRY(report, models::run_bench(catalogues.registry, catalogues.catalogue, options));
  return api::json_reply(models::bench_json(report));
}

Result<Reply> validation(const Catalogues& catalogues) {
  TRY(found, models::validate(catalogues.registry_text, catalogues.categories_text));
  return api::json_reply(models::validation_json(found));
}

// ---- Live -----------------------------------------------------------------------------------------------------------------

/// Clients of the stream have nothing to say.
constexpr std::uint64_t kHeardBytesMax = 1024;

/// An event as a message of the WebSocket: {"event": NAME, "data": …}.
std::string message_of(const LiveEvent& event) {
  json::Writer w;
  w.begin_object();
  w.field("event", event.name);
  w.key("data");
  w.raw(event.data);
  w.end_object();
  return w.take();
}

/// One client. The listener fills the channel from Live's thread; the client's task empties it.
struct Client {
  explicit Client(Live& the_live) : live{the_live}, channel{kEventsWaitingMax} {
    listener = live.listen([this](const LiveEvent& event) {
      auto copy = event;
      (void)channel.try_send(copy);
    });
  }
  ~Client() {
    live.unlisten(listener);
    channel.close();
  }
  Client(const Client&) = delete;

  Live& live;
  io::Channel<LiveEvent> channel;
  std::uint64_t listener = 0;
  bool greeted = false;
};

io::Task<Result<std::optional<net::Event>>> next_event(std::shared_ptr<Client> client, io::Io& io, Instant until) {
  if (!client->greeted) {
    client->greeted = true;
    co_return std::optional{net::Event{.id = {}, .name = "state", .data = client->live.state_json(), .retry = {}}};
  }
  auto event = co_await client->channel.receive(io).until(until);
  if (!event) co_return std::unexpected(std::move(event).error());
  co_return std::optional{net::Event{.id = {}, .name = std::move(event->name), .data = std::move(event->data), .retry = {}}};
}

/// Ends with the connection. What the client says is of no interest, but who reads answers its pings and hears its goodbye.
io::Task<Result<void>> hear_goodbye(net::WebSocket& socket) {
  for (;;) {
    CO_TRY(message, co_await socket.read());
    if (!message) co_return fail(Code::closed);
  }
}

io::Task<Result<void>> tell(io::Io& io, Client& client, net::WebSocket& socket) {
  CO_CHECK_OK(co_await socket.send(true, message_of({"state", client.live.state_json()})));
  for (;;) {
    CO_TRY(event, co_await client.channel.receive(io));
    CO_CHECK_OK(co_await socket.send(true, message_of(event)));
  }
}

io::Task<void> serve_socket(io::Io& io, Live& live, net::WebSocket& socket) {
  Client client{live};
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    scope.spawn(hear_goodbye(socket)).keep();
    co_return co_await tell(io, client, socket);
  };
  // However it ends, the connection is over: there is nobody left to be told why.
  (void)co_await io::with_scope(io, body);
}

/// One address, two wires: WebSocket for who asks for it, else server-sent events.
net::Handler stream_handler(Live& live) {
  return [&live](io::Io&, net::Request& request) -> io::Task<Result<net::Response>> {
    if (request.headers.get(net::Field::upgrade)) {
      net::WebSocketOptions options;
      options.limits.message_bytes_max = kHeardBytesMax;
      co_return net::accept_websocket(
          request, [&live](io::Io& io, net::WebSocket& socket) { return serve_socket(io, live, socket); }, options);
    }
    auto client = std::make_shared<Client>(live);
    co_return net::event_stream([client](io::Io& own, Instant until) { return next_event(client, own, until); });
  };
}

net::Handler constant(std::string_view content_type, std::string_view text) {
  return [content_type, text](io::Io&, net::Request&) -> io::Task<Result<net::Response>> {
    co_return net::respond(net::Status::ok, content_type, std::string{text});
  };
}

net::Handler metrics(Live& live) {
  return [&live](io::Io&, net::Request& request) -> io::Task<Result<net::Response>> {
    if (!request.peer.loopback) co_return fail(Code::not_found, "");
    const auto state = live.gpus();
    co_return net::respond(net::Status::ok, "text/plain; version=0.0.4; charset=utf-8",
                           state ? models::gpu_metrics(*state) : std::string{"# no GPU\n"});
  };
}

}  // namespace

Result<std::unique_ptr<Catalogues>> Catalogues::load(const std::string& registry, const std::string& categories) {
  TRY(registry_text, models::read_text(registry, models::kRegistryBytesMax));
  TRY(categories_text, models::read_text(categories, models::kRegistryBytesMax));
  return of(std::move(registry_text), std::move(categories_text));
}

Result<std::unique_ptr<Catalogues>> Catalogues::of(std::string registry_text, std::string categories_text) {
  TRY(parsed, models::parse_registry(registry_text));
  TRY(catalogue, models::parse_categories(categories_text));
  models::Selector selector{parsed, catalogue};
  return std::make_unique<Catalogues>(std::move(registry_text), std::move(categories_text), std::move(parsed),
                                      std::move(catalogue), std::move(selector));
}

Result<Part> open_part(const std::string& folder, const std::string& metrics) {
  Part part;
  TRY(catalogues, Catalogues::load(folder + "/MODEL_REGISTRY.json", folder + "/task_categories.json"));
  part.catalogues = std::move(catalogues);
  std::error_code ignored;  // writing the first row says what is wrong
  std::filesystem::create_directories(std::filesystem::path{metrics}.parent_path(), ignored);
  part.live = std::make_unique<Live>(LiveOptions{.metrics = metrics, .gpus = {}, .gpu_log = {}});
  return part;
}

Result<Part> empty_part() {
  Part part;
  TRY(catalogues, Catalogues::of(R"({"models":[]})", R"({"categories":{}})"));
  part.catalogues = std::move(catalogues);
  part.live = std::make_unique<Live>(LiveOptions{});
  return part;
}

void describe(api::Description& description, const Catalogues& catalogues, Live& live) {
  declare_types(description.types);
  const auto add = [&](std::string_view method, std::string_view path, std::string_view id, std::string_view summary,
                       std::string_view answer, std::vector<Parameter> parameters, std::vector<int> errors,
                       api::Function function) {
    description.routes.push_back({.method = method,
                                  .path = path,
                                  .id = id,
                                  .tag = "models",
                                  .summary = summary,
                                  .parameters = std::move(parameters),
                                  .answer = answer,
                                  .errors = std::move(errors),
                                  .function = std::move(function)});
  };
  add("GET", "/api/v1/models", "listModels", "The models of the registry", "ModelList", {}, {},
      [&](const Call&) { return list_models(catalogues); });
  add("GET", "/api/v1/models/registry", "getModelRegistry", "The registry as its file is", "ModelRegistry", {}, {},
      [&](const Call&) -> Result<Reply> { return api::json_reply(catalogues.registry_text); });
  add("GET", "/api/v1/models/categories", "listModelCategories", "Task categories", "ModelCategories", {}, {},
      [&](const Call&) { return list_categories(catalogues); });
  add("GET", "/api/v1/models/select", "explainModel", "Which model would be chosen, and why", "ModelSelection",
      selection_parameters(), {404, 422}, [&](const Call& call) { return select(catalogues, live, call, false); });
  add("POST", "/api/v1/models/select", "selectModel", "Chooses a model and writes a row of the metrics file",
      "ModelSelection", selection_parameters(), {404, 422},
      [&](const Call& call) { return select(catalogues, live, call, !live.metrics_file().empty()); });
  add("GET", "/api/v1/models/analytics", "getModelAnalytics", "Statistics of the metrics file", "ModelAnalytics",
      {{.name = "by", .type = "'hour'|'day'"}}, {404, 422}, [&](const Call& call) { return analytics(live, call); });
  add("GET", "/api/v1/models/gpus", "getGpus", "State of the GPUs", "GpuSnapshot", {}, {503}, [&](const Call&) { return gpus(live); });
  add("POST", "/api/v1/models/bench", "benchModels", "Runs the benchmark", "ModelAnswer",
      {{.name = "iterations", .type = "int", .minimum = 1, .maximum = static_cast<std::int64_t>(kBenchIterationsMax)}}, {422},
      [&](const Call& call) { return bench(catalogues, call); });
  add("GET", "/api/v1/models/validation", "validateModels", "What is wrong with the registry", "ModelValidation", {}, {},
      [&](const Call&) { return validation(catalogues); });
  description.routes.push_back({.method = "GET",
                                .path = "/api/v1/models/stream",
                                .id = "streamModels",
                                .tag = "models",
                                .summary = "GPU states, selections and alerts, live",
                                .answer = "text/event-stream"});
}

Result<void> mount_metrics(net::Router& router, Live& live) {
  CHECK_OK(router.add(net::Method::get, "/health", constant("application/json", R"({"status":"ok"})")));
  return router.add(net::Method::get, "/metrics", metrics(live));
}

Result<void> mount(net::Router& router, Live& live, bool page) {
  CHECK_OK(router.add(net::Method::get, "/api/v1/models/stream", stream_handler(live)));
  if (!page) return {};
  CHECK_OK(router.add(net::Method::get, "/", constant("text/html; charset=utf-8", page_html())));
  CHECK_OK(router.add(net::Method::get, "/dashboard.css", constant("text/css; charset=utf-8", page_css())));
  CHECK_OK(router.add(net::Method::get, "/dashboard.js", constant("text/javascript; charset=utf-8", page_js())));
  return mount_metrics(router, live);
}

}  // namespace tablinum::models_service
