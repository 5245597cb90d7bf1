#pragma once
/// "value; name=token; name=\"quoted \\\" string\"", the form of Content-Type and Content-Disposition. Source: RFC 9110 §5.6.6.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tablinum::net {

struct Parameterised {
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string>> parameters;
  std::optional<std::string_view> get(std::string_view name) const noexcept;
};

inline constexpr std::size_t kParametersMax = 16;

/// Nothing for text that is not of that form, names a parameter twice, or has more than kParametersMax.
/// A backslash escapes only a quote or a backslash: browsers send Windows paths and names unescaped.
std::optional<Parameterised> parse_parameters(std::string_view text);

}  // namespace tablinum::net
