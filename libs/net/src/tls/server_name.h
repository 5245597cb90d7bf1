#pragma once
/// The server_name extension of a ClientHello, before AWS-LC has looked at it. Source: RFC 6066 §3.
#include <optional>
#include <string>

#include "tablinum/base/bytes.h"

namespace tablinum::net::tls {

inline constexpr std::size_t kServerNameBytesMax = 253;

/// The host name in the extension's body, in lower case and without a last dot. Nothing: no such name, or not that form.
std::optional<std::string> server_name_in(ByteView extension);
/// A DNS name in lower case as certificates and configurations have it: labels of letters, digits, '-' and '_', not empty; with
/// `wildcard` the first may be "*".
bool is_dns_name(std::string_view name, bool wildcard);

}  // namespace tablinum::net::tls
