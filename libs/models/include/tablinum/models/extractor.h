#pragma once
/// Reads model cards (README.md) and the answers of a model hub's API, from a folder or through a Fetch, and enriches a
/// registry with them. Works offline on saved cards. A number is taken for a score only where the card says so without doubt:
/// "5-shot" is none, and a table of several models counts only by the column or row that has the model's own name.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/models/registry.h"

namespace tablinum::models {

inline constexpr std::size_t kCardBytesMax = std::size_t{8} << 20;

/// What is known of one repository; either may be empty.
struct Card {
  std::string readme;  ///< Markdown, with or without front matter
  std::string api;     ///< JSON as of GET /api/models/OWNER/NAME
  bool empty() const noexcept { return readme.empty() && api.empty(); }
};

/// GET of a path below the hub's address.  @error not_found: there is none; others as the transport says.
using Fetch = std::function<Result<std::string>(const std::string& path)>;

/// Card of OWNER/NAME from `folder`: OWNER/NAME/README.md and OWNER/NAME/api.json, or OWNER__NAME.md and OWNER__NAME.json.
/// Absent files leave their part empty.  @error invalid: not OWNER/NAME.  too_large: over kCardBytesMax.  denied, io.
Result<Card> read_card(const std::string& folder, std::string_view repository);
/// The same from a hub.  @error also what `fetch` says, but not_found.
Result<Card> fetch_card(const Fetch& fetch, std::string_view repository);

struct Extracted {
  std::string parameters, quantization, license, pipeline_tag, author, last_modified;
  std::optional<std::uint64_t> context_length, downloads, likes;
  std::vector<std::string> languages, tags, categories, agent_types;
  std::vector<BenchmarkScore> benchmarks;  ///< each with its source
};

/// @error corrupt: the API's answer is no JSON.  invalid: not OWNER/NAME.
Result<Extracted> extract(std::string_view repository, const Card& card);
std::string extracted_json(std::string_view repository, const Extracted& extracted);
std::string extracted_text(std::string_view repository, const Extracted& extracted);

/// The registry's text with what was extracted for some of its models: nothing that is there is changed or lost but empty
/// fields and scores that cannot be used; categories and agent types are united, what was there first.
/// @param cards one entry a model of the registry, in order; nothing: left as it is.
/// @error corrupt, invalid: as parse_registry().
Result<std::string> enrich(std::string_view registry, const std::vector<std::optional<Extracted>>& cards);

}  // namespace tablinum::models
