#pragma once
/// The models over HTTP: registry, categories, selection, statistics, GPUs, benchmark, validation; the dashboard and its live
/// stream.
#include <memory>
#include <string>

#include "tablinum/api/openapi.h"
#include "tablinum/models_service/live.h"
#include "tablinum/net/router.h"

namespace tablinum::models_service {

inline constexpr std::uint64_t kBenchIterationsMax = 100'000;  ///< of one request
/// Events that wait for a slow client; it misses those beyond.
inline constexpr std::size_t kEventsWaitingMax = 256;

/// Registry and catalogue as they were when the server started.
struct Catalogues {
  std::string registry_text, categories_text;
  models::Registry registry;
  models::Catalogue catalogue;
  models::Selector selector;

  /// @error as models::load_registry() and load_categories().
  static Result<std::unique_ptr<Catalogues>> load(const std::string& registry, const std::string& categories);
  /// @error as models::parse_registry() and parse_categories().
  static Result<std::unique_ptr<Catalogues>> of(std::string registry_text, std::string categories_text);
};

/// The models as a part of another server; whoever serves starts and stops `live`.
struct Part {
  std::unique_ptr<Catalogues> catalogues;
  std::unique_ptr<Live> live;
};
/// Reads MODEL_REGISTRY.json and task_categories.json of `folder`; selections are watched in `metrics`, whose folder is made.
/// @error as Catalogues::load().
Result<Part> open_part(const std::string& folder, const std::string& metrics);
/// One without models and without metrics: enough to describe the routes.
Result<Part> empty_part();

/// Adds the routes under /api/v1/models. Both arguments outlive what is described.
void describe(api::Description& description, const Catalogues& catalogues, Live& live);
/// Mounts the stream, /metrics for this machine, and with `page` the dashboard at /.
Result<void> mount(net::Router& router, Live& live, bool page);

/// Mounts /metrics and /health only.
Result<void> mount_metrics(net::Router& router, Live& live);

}  // namespace tablinum::models_service
