#pragma once
/// Why a message is refused: what the wire answers before it closes.
#include <expected>
#include <string_view>

#include "tablinum/net/message.h"

namespace tablinum::net::h1 {

struct Refusal {
  Status status = Status::bad_request;
  std::string_view detail;  // a literal: never a byte of the input
};

template <class T>
using Parsed = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(Status status, std::string_view detail) { return std::unexpected(Refusal{status, detail}); }
inline std::unexpected<Refusal> bad(std::string_view detail) { return refuse(Status::bad_request, detail); }

}  // namespace tablinum::net::h1
