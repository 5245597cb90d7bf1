#pragma once
/// From an origin to a connected stream: addresses, happy eyeballs (RFC 8305), which addresses may be asked at all.
#include <memory>
#include <vector>

#include "client/url.h"
#include "tablinum/net/client.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

/// False for loopback, private, link-local, shared, documentation, multicast and reserved addresses, also as IPv4 inside IPv6.
bool is_public(const io::Endpoint& endpoint) noexcept;

/// IPv6 and IPv4 in turns, as they came within each; at most kDialAttemptsMax.
std::vector<io::Endpoint> in_turns(std::vector<io::Endpoint> endpoints);

/// @error not_found: no such name.  denied: `public_only`, and none is public.  limit, cancelled.
io::Task<Result<std::vector<io::Endpoint>>> addresses_of(io::Io& io, const Origin& origin, const ClientOptions& options);

/// Connects to the first address that answers.
/// @error as addresses_of().  The last attempt's.  timeout: none by `limit`.
io::Task<Result<io::TcpSocket>> dial(io::Io& io, const Origin& origin, const ClientOptions& options, Instant limit);

/// dial() over addresses that are known.
io::Task<Result<io::TcpSocket>> dial_any(io::Io& io, std::vector<io::Endpoint> endpoints, Duration stagger, Instant limit);

}  // namespace tablinum::net
