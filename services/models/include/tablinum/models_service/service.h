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
};

/// Adds the routes under /api/v1/models. Both arguments outlive what is described.
void describe(api::Description& description, const Catalogues& catalogues, Live& live);
/// Mounts the stream, /metrics for this machine, and with `page` the dashboard at /.
Result<void> mount(net::Router& router, Live& live, bool page);

/// Mounts /metrics and /health only.
Result<void> mount_metrics(net::Router& router, Live& live);

}  // namespace tablinum::models_service
