#pragma once
/// The host and port of a Host field or of :authority.
#include <string_view>

namespace tablinum::net {

/// uri-host [":" port] of RFC 9110 §7.2, without looking into IPv6 literals more closely than their alphabet.
bool is_authority(std::string_view text) noexcept;

}  // namespace tablinum::net
