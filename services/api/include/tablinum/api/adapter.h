#pragma once
/// Routes on the wire: from a Route's plain function to a handler of net's router.
#include "tablinum/api/openapi.h"
#include "tablinum/net/router.h"

namespace tablinum::api {

/// Largest JSON body a route takes; uploads have handlers of their own.
inline constexpr std::size_t kJsonBodyBytesMax = std::size_t{10} << 20;

/// Registers each route that has a function, and its aliases. The function runs on io's offload pool, since it may read the
/// database.
/// @error As net::Router::add().
Result<void> mount(net::Router& router, const std::vector<Route>& routes);

/// The call of a request whose body has been read.
Call call_of(const net::Request& request, std::string body);
/// The wire's form of a reply, and of an error: RFC 9457, with `errors` where one field is to blame.
net::Response response_of(const net::Request& request, Reply reply);
net::Response response_of(const net::Request& request, const Error& error);

}  // namespace tablinum::api
