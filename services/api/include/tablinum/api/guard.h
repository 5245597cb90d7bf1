#pragma once
/// Keeps other people's pages away from an archive without accounts: a page of any site may send requests to 127.0.0.1, and
/// only the browser's headers tell that it was not ours.
#include "tablinum/net/middleware.h"

namespace tablinum::api {

struct GuardOptions {
  /// Answer only to names of this machine (127.*, localhost, [::1]): a stranger's name that resolves to 127.0.0.1 ("DNS
  /// rebinding") would make the stranger's page one of ours.
  bool loopback_names_only = true;
};

/// A layer of net's pipeline. 403 for a Host that is not ours, and for a method that changes something asked for by a page of
/// another origin: by Sec-Fetch-Site, or by Origin where the browser sends no Sec-Fetch-Site (plain HTTP). Programs send
/// neither and pass.
net::Middleware guard(GuardOptions options);

/// Whether a Host value names this machine: with or without a port.
bool is_loopback_host(std::string_view host) noexcept;

}  // namespace tablinum::api
