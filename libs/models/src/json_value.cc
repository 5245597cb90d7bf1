#include "json_value.h"

#include "tablinum/base/json.h"

namespace tablinum::models {

JsonValue JsonValue::text(std::string_view value) {
  JsonValue result;
  result.scalar.clear();
  json::append_string(result.scalar, value);
  return result;
}

JsonValue JsonValue::number(std::uint64_t value) {
  JsonValue result;
  result.scalar = std::to_string(value);
  return result;
}

JsonValue JsonValue::number(double value) {
  json::Writer w;
  w.value(value);
  JsonValue result;
  result.scalar = w.take();
  return result;
}

JsonValue JsonValue::object() {
  JsonValue result;
  result.kind = Kind::object;
  return result;
}

JsonValue JsonValue::texts(const std::vector<std::string>& values) {
  JsonValue result;
  result.kind = Kind::array;
  for (const auto& value : values) result.items.push_back(text(value));
  return result;
}

JsonValue JsonValue::of(dom::element element) {
  JsonValue result;
  if (dom::object members; element.get(members) == simdjson::SUCCESS) {
    result.kind = Kind::object;
    for (const auto& [key, value] : members) result.members.emplace_back(std::string{key}, of(value));
  } else if (dom::array items; element.get(items) == simdjson::SUCCESS) {
    result.kind = Kind::array;
    for (const dom::element item : items) result.items.push_back(of(item));
  } else {
    result.scalar = simdjson::minify(element);
  }
  return result;
}

JsonValue* JsonValue::find(std::string_view key) {
  for (auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

void JsonValue::set(std::string_view key, JsonValue value) {
  if (auto* found = find(key))
    *found = std::move(value);
  else
    members.emplace_back(std::string{key}, std::move(value));
}

bool JsonValue::is_empty() const noexcept {
  return kind == Kind::scalar ? scalar == "null" || scalar == "\"\"" : items.empty() && members.empty();
}

void JsonValue::write(std::string& out, unsigned indent) const {
  if (kind == Kind::scalar) {
    out += scalar;
    return;
  }
  const bool list = kind == Kind::array;
  const auto count = list ? items.size() : members.size();
  out += list ? '[' : '{';
  const auto line = [&](unsigned depth) { out.append(1, '\n').append(std::size_t{2} * depth, ' '); };
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out += ',';
    line(indent + 1);
    if (!list) {
      json::append_string(out, members[i].first);
      out += ": ";
    }
    (list ? items[i] : members[i].second).write(out, indent + 1);
  }
  if (count != 0) line(indent);
  out += list ? ']' : '}';
}

}  // namespace tablinum::models
