#pragma once
/// A JSON value that can be changed, for files that are rewritten: order and unknown members stay.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_reader.h"

namespace tablinum::models {

struct JsonValue {
  enum class Kind : std::uint8_t { scalar, array, object };
  Kind kind = Kind::scalar;
  std::string scalar = "null";  ///< as JSON
  std::vector<JsonValue> items;
  struct Member;
  std::vector<Member> members;

  static JsonValue text(std::string_view value);
  static JsonValue number(std::uint64_t value);
  static JsonValue number(double value);
  static JsonValue object();
  static JsonValue texts(const std::vector<std::string>& values);
  static JsonValue of(simdjson::dom::element element);

  JsonValue* find(std::string_view key);
  /// Adds or replaces.
  void set(std::string_view key, JsonValue value);
  /// null, "", [] or {}.
  bool is_empty() const noexcept;
  void write(std::string& out, unsigned indent = 0) const;
};

struct JsonValue::Member {
  std::string first;
  JsonValue second;
};

}  // namespace tablinum::models
