#include "http/parameters.h"

#include "http/syntax.h"

namespace tablinum::net {
namespace {

std::string_view take_token(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && syntax::is_token_byte(text[size])) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

/// `text` begins after the opening quote.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escape) ++i;
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    return take_quoted(text);
  }
  const std::string_view token = take_token(text);
  if (token.empty()) return std::nullopt;
  return std::string{token};
}

}  // namespace

std::optional<std::string_view> Parameterised::get(std::string_view name) const noexcept {
  for (const auto& [key, text] : parameters)
    if (syntax::equal_ignoring_case(key, name)) return text;
  return std::nullopt;
}

std::optional<Parameterised> parse_parameters(std::string_view text) {
  Parameterised out;
  const std::size_t end = std::min(text.find(';'), text.size());
  out.value = syntax::trim(text.substr(0, end));
  text.remove_prefix(end);
  while (!(text = syntax::trim(text)).empty()) {
    if (text.front() != ';') return std::nullopt;
    text = syntax::trim(text.substr(1));
    if (text.empty() || text.front() == ';') continue;
    const std::string_view name = take_token(text);
    if (name.empty() || !text.starts_with('=') || out.get(name) || out.parameters.size() == kParametersMax) return std::nullopt;
    text.remove_prefix(1);
    auto value = take_value(text);
    if (!value) return std::nullopt;
    out.parameters.emplace_back(name, std::move(*value));
  }
  return out;
}

}  // namespace tablinum::net
