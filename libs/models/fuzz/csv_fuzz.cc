// Any bytes as metrics: reading in one piece and in two gives the same report as long as the cut is where a record ends.
#include <cstdint>
#include <cstdlib>

#include "csv.h"
#include "tablinum/models/analytics.h"

using namespace tablinum;
using namespace tablinum::models;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  AnalyticsOptions options;
  options.window = Window::hour;
  Aggregate whole{options}, parts{options};
  if (!whole.add(text, 0, 1, true) || !parts.add({}, 0, 1, true)) return 0;
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = csv::record_length(text.substr(at), true);
    if (length == 0) std::abort();
    Aggregate one{options};
    if (!one.add(text.substr(at, length), 0, line, true) || !parts.merge(one)) std::abort();
    for (const char c : text.substr(at, length)) line += c == '\n';
    at += length;
  }
  // A text without quotes is read by another function than one with quotes; records alone may take either way.
  if (json_text(report(whole)) != json_text(report(parts)) && text.find('"') == std::string_view::npos) std::abort();
  if (report(whole).all.requests != report(parts).all.requests) std::abort();
  MemorySource source{bytes_of(text)};
  if (const auto file = read_metrics(source, options, inline_executor())) json_text(report(*file, {3}));
  return 0;
}
