#include "http/response_fields.h"

#include <charconv>

namespace tablinum::net {

bool is_wires_field(const FieldView& field) noexcept {
  return field.field == Field::connection || field.field == Field::transfer_encoding || field.field == Field::content_length ||
         field.field == Field::keep_alive || field.field == Field::upgrade || field.name == "proxy-connection";
}

ResponseFields::ResponseFields(const Response& response, Method method, std::string_view date, std::string_view alt_svc) {
  list_.reserve(response.headers.size() + 4);
  std::to_chars(status_.data(), status_.data() + status_.size(), number(response.status));
  list_.emplace_back(":status", std::string_view{status_.data(), status_.size()});
  for (const FieldView field : response.headers)
    if (!is_wires_field(field)) list_.emplace_back(field.name, field.value);
  if (!date.empty() && !response.headers.contains(Field::date)) list_.emplace_back("date", date);
  if (!alt_svc.empty() && !response.headers.contains("alt-svc")) list_.emplace_back("alt-svc", alt_svc);
  add_length(response, method);
}

void ResponseFields::add_length(const Response& response, Method method) {
  if (number(response.status) < 200 || response.status == Status::no_content || response.status == Status::not_modified) return;
  const auto size = response.body.size();
  if (method == Method::head && size.value_or(1) == 0) {
    // The length that GET would have had, if the handler says it.
    if (const auto said = response.headers.get(Field::content_length)) list_.emplace_back("content-length", *said);
    return;
  }
  if (size) {
    const auto end = std::to_chars(length_.data(), length_.data() + length_.size(), *size).ptr;
    list_.emplace_back("content-length", std::string_view{length_.data(), static_cast<std::size_t>(end - length_.data())});
  }
  has_body_ = method != Method::head && size.value_or(1) > 0;
}

}  // namespace tablinum::net
