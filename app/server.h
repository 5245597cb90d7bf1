#pragma once
/// The composition root of the server: opens the archive, wires services to the listener, runs until asked to stop.
#include <string>

#include "console.h"
#include "config.h"

namespace tablinum::app {

/// Serves until SIGINT or SIGTERM; finishes what is under way.
/// @error invalid: an address that is not loopback, without leave.  Those of opening the archive and of listening.
Result<void> serve(const Globals& globals, const Config& config);
/// The OpenAPI document of everything the server answers.
Result<std::string> api_document();

}  // namespace tablinum::app
