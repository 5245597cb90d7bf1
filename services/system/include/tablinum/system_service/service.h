#pragma once
/// The system service: health, readiness, version, metrics, the API's description, jobs and live progress.
#include <functional>
#include <string>

#include "tablinum/api/openapi.h"
#include "tablinum/archive/archive.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/net/router.h"

namespace tablinum::system_service {

/// What the composition root knows and this service shows.
struct Deps {
  archive::Archive& archive;
  archive::Jobs& jobs;
  std::string version;
  std::function<std::string()> metrics;      ///< further metrics in Prometheus' text format (the listener's)
  std::function<std::string()> description;  ///< the OpenAPI document
};

/// Adds the routes of jobs. What `deps` refers to outlives what is described.
void describe(api::Description& description, const Deps& deps);
/// Mounts /health, /ready, /version, /metrics, /openapi.json and the event stream.  @error As net::Router::add().
Result<void> mount(net::Router& router, const Deps& deps);

}  // namespace tablinum::system_service
