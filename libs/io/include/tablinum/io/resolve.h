#pragma once
/// Names of hosts to addresses: by the system's resolver; in simulation the names are those of the world's hosts.
#include <string>
#include <vector>

#include "tablinum/io/net.h"

namespace tablinum::io {

/// So many look-ups run at the same time, given-up ones included: the system's resolver cannot be interrupted. Others queue.
inline constexpr Size kLookupsMax = 4;
inline constexpr Size kHostNameBytesMax = 253;

/// The addresses of `name` (a name, or an IPv4 or IPv6 address) in the resolver's order, each with `port`, none twice.
/// @error not_found: there is no such name, or it has no address.  unavailable: the resolver does not answer; try later.
///        invalid: an empty name, one over kHostNameBytesMax, or one with a NUL.  cancelled: at once, the look-up is given up.
///        limit: too many wait.
Task<Result<std::vector<Endpoint>>> resolve(Io& io, std::string name, std::uint16_t port);

}  // namespace tablinum::io
