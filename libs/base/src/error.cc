#include "tablinum/base/error.h"

namespace tablinum {

std::string_view to_string(Code code) noexcept {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::not_found: return "not_found";
    case Code::corrupt: return "corrupt";
    case Code::too_large: return "too_large";
    case Code::unauthenticated: return "unauthenticated";
    case Code::denied: return "denied";
    case Code::conflict: return "conflict";
    case Code::exists: return "exists";
    case Code::unsupported: return "unsupported";
    case Code::unavailable: return "unavailable";
    case Code::limit: return "limit";
    case Code::no_space: return "no_space";
    case Code::timeout: return "timeout";
    case Code::cancelled: return "cancelled";
    case Code::closed: return "closed";
    case Code::reset: return "reset";
    case Code::refused: return "refused";
    case Code::unreachable: return "unreachable";
    case Code::address_in_use: return "address_in_use";
    case Code::protocol: return "protocol";
    case Code::busy: return "busy";
    case Code::would_block: return "would_block";
    case Code::would_deadlock: return "would_deadlock";
    case Code::interrupted_by_crash: return "interrupted_by_crash";
    case Code::io: return "io";
    case Code::internal: return "internal";
  }
  return "unknown";
}

std::string describe(const Error& error) {
  std::string text{to_string(error.code)};
  if (!error.detail.empty()) text += ": " + error.detail;
  return text;
}

}  // namespace tablinum
