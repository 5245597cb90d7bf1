#pragma once
/// Reading JSON with simdjson: the few steps that registry, validator and extractor share.
#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/models/registry.h"

namespace tablinum::models {

namespace dom = simdjson::dom;

/// The parser owns the document.
struct Document {
  dom::parser parser;
  dom::element root;
};

/// @error corrupt: not JSON, or deeper than kJsonDepthMax.  too_large: over kRegistryBytesMax.
inline Result<std::unique_ptr<Document>> parse_json(std::string_view text) {
  if (text.empty()) return fail(Code::corrupt, "not valid JSON: empty");
  if (text.size() > kRegistryBytesMax) return fail(Code::too_large, "over 64 MB of JSON");
  auto document = std::make_unique<Document>();
  if (document->parser.allocate(std::max<std::size_t>(text.size(), 1), kJsonDepthMax) != simdjson::SUCCESS) {
    return fail(Code::too_large, "no memory for the JSON");
  }
  const auto error = document->parser.parse(text.data(), text.size()).get(document->root);
  if (error != simdjson::SUCCESS) return fail(Code::corrupt, std::string{"not valid JSON: "} + simdjson::error_message(error));
  return document;
}

inline std::optional<dom::element> member(dom::element object, std::string_view key) {
  dom::object as_object;
  dom::element found;
  if (object.get(as_object) != simdjson::SUCCESS || as_object[key].get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

inline std::optional<std::string_view> text_of(dom::element element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

inline std::string text_member(dom::element object, std::string_view key) {
  const auto found = member(object, key);
  return std::string{found ? text_of(*found).value_or("") : std::string_view{}};
}

inline std::optional<double> number_of(dom::element element) {
  double number = 0;
  if (element.get(number) == simdjson::SUCCESS) return number;
  return std::nullopt;
}

inline std::optional<double> number_member(dom::element object, std::string_view key) {
  const auto found = member(object, key);
  return found ? number_of(*found) : std::nullopt;
}

/// The texts of a list; what is no text is left out. One text counts as a list of one.
inline std::vector<std::string> texts_of(dom::element element) {
  std::vector<std::string> texts;
  dom::array list;
  if (element.get(list) == simdjson::SUCCESS) {
    for (const dom::element item : list) {
      if (const auto text = text_of(item)) texts.emplace_back(*text);
    }
  } else if (const auto text = text_of(element)) {
    texts.emplace_back(*text);
  }
  return texts;
}

inline std::vector<std::string> texts_member(dom::element object, std::string_view key) {
  const auto found = member(object, key);
  return found ? texts_of(*found) : std::vector<std::string>{};
}

}  // namespace tablinum::models
