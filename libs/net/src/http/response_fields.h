#pragma once
/// A response's head as HTTP/2 and HTTP/3 send it: a list of names and values, the pseudo-field first.
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/net/message.h"

namespace tablinum::net {

/// The views point into the response and into this object.
class ResponseFields {
 public:
  /// `date` and `alt_svc` where the handler has set none; empty: none.
  ResponseFields(const Response& response, Method method, std::string_view date, std::string_view alt_svc);
  ResponseFields(const ResponseFields&) = delete;
  ResponseFields& operator=(const ResponseFields&) = delete;

  const std::vector<std::pair<std::string_view, std::string_view>>& list() const noexcept { return list_; }
  /// False: HEAD, 1xx, 204, 304, or a body of size 0.
  bool has_body() const noexcept { return has_body_; }

 private:
  void add_length(const Response& response, Method method);
  std::vector<std::pair<std::string_view, std::string_view>> list_;
  std::array<char, 3> status_;
  std::array<char, 20> length_;
  bool has_body_ = false;
};

/// Fields that belong to one connection and have no place in HTTP/2 and HTTP/3, and Content-Length, which is the wire's
/// business.
bool is_wires_field(const FieldView& field) noexcept;

}  // namespace tablinum::net
