#pragma once
/// What serve and gpu --listen share: one small server until Ctrl-C.
#include "console.h"
#include "tablinum/models_service/live.h"
#include "tablinum/net/router.h"

namespace tablinum::app::models_group {

/// Serves `router` on this machine's `address` while `live` watches; returns when a signal came.
/// @error invalid: another address than this machine's.  Others as net::Server::bind().
Result<void> serve_until_signal(const Globals& globals, std::shared_ptr<net::Router> router, const std::string& address,
                                models_service::Live& live);

}  // namespace tablinum::app::models_group
