#include <simdjson.h>

#include "routes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

/// The two readings of a numeric date whose order of day and month is open ("3/4/1850"): day first, then month first.
std::vector<std::string> readings(std::string_view text) {
  int parts[3] = {};
  int count = 0;
  bool digit = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (!digit && ++count > 3) return {};
      digit = true;
      parts[count - 1] = std::min(parts[count - 1] * 10 + (c - '0'), 100'000);
    } else {
      digit = false;
    }
  }
  if (count != 3) return {};
  std::vector<std::string> found;
  for (const auto& [day, month] : {std::pair{parts[0], parts[1]}, std::pair{parts[1], parts[0]}}) {
    const auto code = model::month_code(model::Calendar::gregorian, month);
    if (!code.empty()) found.push_back(std::to_string(day) + ' ' + std::string{code} + ' ' + std::to_string(parts[2]));
  }
  return found;
}

Result<Reply> parse(const Call& call) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(call.body).get(root) != simdjson::SUCCESS) return api::invalid_field({"body", "is not JSON", "format"});
  std::string_view text;
  if (root["text"].get(text) != simdjson::SUCCESS) return api::invalid_field({"text", "is missing", "missing"});
  const auto date = model::parse_date(text);
  Writer w;
  w.begin_object();
  w.key("date");
  write_date(w, date, text);
  w.field("gedcom", date.understood() ? model::print_70(date) : std::string{});
  w.key("choices");
  w.begin_array();
  if (date.finding == model::DateFinding::ambiguous) {
    for (const auto& choice : readings(text)) write_date(w, model::parse_date(choice), choice);
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take());
}

}  // namespace

void add_date_routes(api::Description& description, const Shared&) {
  description.routes.push_back({.method = "POST",
                                .path = "/api/v1/dates/parse",
                                .id = "parseDate",
                                .tag = "dates",
                                .summary = "What a date as written means",
                                .body = "DateQuestion",
                                .answer = "DateReading",
                                .errors = {415, 422},
                                .function = parse});
}

}  // namespace tablinum::genealogy_service
