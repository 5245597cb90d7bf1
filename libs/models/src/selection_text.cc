// A selection as JSON and in words.
#include <fmt/format.h>

#include "tablinum/base/json.h"
#include "tablinum/models/analytics.h"
#include "tablinum/models/selector.h"

namespace tablinum::models {
namespace {

void write_verdicts(json::Writer& w, const Selector& selector, const Explanation& explained) {
  w.key("verdicts");
  w.begin_array();
  for (const auto& verdict : explained.verdicts) {
    w.begin_object();
    w.field("model", selector.name(verdict.model));
    w.field("taken", verdict.taken);
    w.field("eligible", verdict.eligible);
    w.field("score", verdict.score);
    w.field("preferred_bonus", verdict.preferred_bonus);
    w.field("size_bonus", verdict.size_bonus);
    w.field("benchmark_bonus", verdict.benchmark_bonus);
    w.field("confidence", verdict.confidence);
    w.field("benchmark_points", verdict.benchmark_points);
    w.field("benchmarks_known", verdict.benchmarks_known);
    w.field("benchmarks_relevant", verdict.benchmarks_relevant);
    w.key("rejections");
    w.begin_array();
    for (const auto why : verdict.rejections) w.value(to_string(why));
    w.end_array();
    w.field("words", verdict.words);
    w.end_object();
  }
  w.end_array();
}

}  // namespace

std::string selection_text(const Selector& selector, const Explanation& explained, bool every_verdict) {
  std::string text;
  if (explained.selection) {
    const auto& chosen = *explained.selection;
    const auto& model = selector.model(chosen.model);
    text = fmt::format("{}{} — score {:.2f}, confidence {:.2f}\n", model.name,
                       chosen.variant < model.variants.size() && !model.variants[chosen.variant].label.empty()
                           ? " (" + model.variants[chosen.variant].label + ")"
                           : "",
                       chosen.score, chosen.confidence);
    if (chosen.gpu) text += fmt::format("on GPU {}\n", *chosen.gpu);
    if (chosen.fallback) text += "A fallback: nothing of the category meets the constraints.\n";
  } else {
    text = explained.selection.error().detail + "\n";
  }
  if (!every_verdict) return text;
  for (const auto& verdict : explained.verdicts) {
    text += fmt::format("{} {:<40} {}\n",
                        verdict.taken      ? "→"
                        : verdict.eligible ? "✓"
                                           : "✗",
                        selector.name(verdict.model), verdict.words);
  }
  return text;
}

std::string selection_json(const Selector& selector, std::string_view category, Method method, const Explanation& explained,
                           bool every_verdict) {
  json::Writer w;
  w.begin_object();
  w.field("ok", explained.selection.has_value());
  w.field("category", category);
  w.field("method", to_string(method));
  if (explained.selection) {
    const auto& chosen = *explained.selection;
    const auto& model = selector.model(chosen.model);
    w.field("model", model.name);
    w.field("hf_repo", model.hf_repo);
    if (chosen.variant < model.variants.size()) {
      w.field("memory_mb", model.variants[chosen.variant].mb);
      w.field_if("variant", model.variants[chosen.variant].label);
    }
    w.field("score", chosen.score);
    w.field("confidence", chosen.confidence);
    w.field("primary", chosen.primary);
    w.field("fallback", chosen.fallback);
    w.field_if("gpu", chosen.gpu);
  } else {
    w.field("code", tablinum::to_string(explained.selection.error().code));
    w.field("error", explained.selection.error().detail);
  }
  if (every_verdict) write_verdicts(w, selector, explained);
  w.end_object();
  return w.take();
}

MetricsRow metrics_row(const Selector& selector, std::string_view category, const Selection& chosen, Timestamp now,
                       Duration took) {
  MetricsRow row;
  row.time_s = now.seconds();
  row.category = category;
  row.model = selector.name(chosen.model);
  row.primary = chosen.primary;
  row.confidence = chosen.confidence;
  row.score = chosen.score;
  row.gpu = chosen.gpu.value_or(0);
  row.duration_ms = took.milliseconds();
  row.outcome = chosen.fallback ? "fallback" : "ok";
  return row;
}

}  // namespace tablinum::models
