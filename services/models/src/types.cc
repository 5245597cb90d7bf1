// The shapes of what the routes answer: those of the commands with --json (docs/schemas), so that a program reads both alike.
#include "types.h"

namespace tablinum::models_service {
namespace {

using api::Member;

std::vector<Member> with(std::vector<Member> members, const std::vector<Member>& more) {
  members.insert(members.end(), more.begin(), more.end());
  return members;
}

std::vector<Member> figures() {
  return {{"requests", "int"},
          {"primary_requests", "int"},
          {"secondary_requests", "int"},
          {"fallback_requests", "int"},
          {"error_requests", "int"},
          {"success_rate", "number", "from 0 to 1"},
          {"fallback_rate", "number", "from 0 to 1"},
          {"mean_score", "number"},
          {"mean_confidence", "number"},
          {"mean_secondary_confidence", "number"},
          {"mean_duration_ms", "number"},
          {"min_ms", "int"},
          {"p50_ms", "int"},
          {"p90_ms", "int"},
          {"p95_ms", "int"},
          {"p99_ms", "int"},
          {"max_ms", "int"},
          {"mean_score_interval", "number[]", "95 % bootstrap interval: low, high", true},
          {"mean_duration_interval", "number[]", "95 % bootstrap interval: low, high", true}};
}

void declare_registry(std::vector<api::Type>& types) {
  types.push_back({"ModelMemory", "Memory that a variant of a model needs.", {{"mb", "int"}, {"label", "string"}}});
  types.push_back({"ModelBenchmark",
                   "A published score; the registry invents none.",
                   {{"name", "string"}, {"score", "number"}, {"date", "string"}, {"source", "string"}}});
  types.push_back({"Model",
                   "A model of the registry. An empty text: not known.",
                   {{"name", "string"},
                    {"hf_repo", "string"},
                    {"description", "string"},
                    {"format", "string"},
                    {"parameters", "string"},
                    {"quantization", "string"},
                    {"license", "string"},
                    {"memory", "ModelMemory[]", "smallest first"},
                    {"categories", "string[]", "the first is the primary one"},
                    {"agent_types", "string[]"},
                    {"languages", "string[]"},
                    {"context_length", "int?", "tokens"},
                    {"latency_ms", "number?"},
                    {"cost_per_million_tokens", "number?"},
                    {"benchmarks", "ModelBenchmark[]"}}});
  types.push_back({"ModelList", "Every model, in the registry's order.", {{"items", "Model[]"}, {"total", "int"}}});
  types.push_back({"ModelCategory",
                   "A kind of task.",
                   {{"key", "string"}, {"name", "string"}, {"description", "string"}, {"models", "int", "how many can do it"}}});
  types.push_back({"ModelCategories", "The kinds of tasks, in the file's order.", {{"items", "ModelCategory[]"}}});
  types.push_back({"ModelRegistry", "The registry as its file is (docs/schemas/models-registry.schema.json).", {}});
}

void declare_selection(std::vector<api::Type>& types) {
  types.push_back({"ModelVerdict",
                   "Why a model was taken or not.",
                   {{"model", "string"},
                    {"taken", "bool"},
                    {"eligible", "bool"},
                    {"score", "number"},
                    {"preferred_bonus", "number"},
                    {"size_bonus", "number"},
                    {"benchmark_bonus", "number"},
                    {"confidence", "number"},
                    {"benchmark_points", "number?"},
                    {"benchmarks_known", "int"},
                    {"benchmarks_relevant", "int"},
                    {"rejections", "string[]"},
                    {"words", "string", "the reason in words"}}});
  types.push_back({"ModelSelection",
                   "The model that would do a task; with `ok` false none, and why.",
                   {{"ok", "bool"},
                    {"category", "string"},
                    {"method", "'basic'|'multi'|'gpu'"},
                    {"model", "string", "", true},
                    {"hf_repo", "string", "", true},
                    {"memory_mb", "int", "", true},
                    {"variant", "string", "", true},
                    {"score", "number", "", true},
                    {"confidence", "number", "", true},
                    {"primary", "bool", "the model's first category", true},
                    {"fallback", "bool", "nothing of the category fits; this one does", true},
                    {"gpu", "int", "", true},
                    {"code", "string", "", true},
                    {"error", "string", "", true},
                    {"verdicts", "ModelVerdict[]"}}});
}

void declare_analytics(std::vector<api::Type>& types) {
  types.push_back({"ModelFigures", "Statistics of a set of selections.", figures()});
  types.push_back({"ModelCategoryFigures", "", with({{"category", "string"}, {"models", "int"}}, figures())});
  types.push_back({"ModelModelFigures", "", with({{"model", "string"}, {"categories", "int"}}, figures())});
  types.push_back({"ModelWindowFigures", "", with({{"start", "timestamp"}}, figures())});
  types.push_back({"ModelGpuShare", "", {{"gpu", "int"}, {"requests", "int"}, {"percent", "number"}}});
  types.push_back({"ModelTrend",
                   "How a figure went over the windows, and where it jumped.",
                   {{"figure", "string"},
                    {"direction", "string"},
                    {"slope_per_window", "number"},
                    {"p_value", "number"},
                    {"change_p_value", "number"},
                    {"change_at", "timestamp", "", true},
                    {"mean_before", "number", "", true},
                    {"mean_after", "number", "", true}}});
  types.push_back({"ModelMalformedLine", "", {{"file", "int"}, {"line", "int"}, {"reason", "string"}}});
  types.push_back({"ModelAdvice",
                   "",
                   {{"multi_category_utilization", "'good'|'low'"}, {"secondary_confidence", "'good'|'low'"}}});
  types.push_back({"ModelAnalytics",
                   "Statistics of the metrics file (docs/schemas/models-analytics.schema.json).",
                   {{"ok", "bool"},
                    {"total_requests", "int"},
                    {"secondary_requests", "int"},
                    {"secondary_percent", "number"},
                    {"unique_models", "int"},
                    {"multi_category_models", "int"},
                    {"malformed_lines", "int"},
                    {"rows_without_time", "int"},
                    {"rows_outside_time", "int"},
                    {"outcome_from", "'column'|'score'"},
                    {"mean_duration_ms", "number"},
                    {"all", "ModelFigures"},
                    {"categories", "ModelCategoryFigures[]"},
                    {"models", "ModelModelFigures[]"},
                    {"gpus", "ModelGpuShare[]"},
                    {"window", "'hour'|'day'", "", true},
                    {"windows", "ModelWindowFigures[]", "", true},
                    {"trends", "ModelTrend[]", "", true},
                    {"malformed", "ModelMalformedLine[]"},
                    {"recommendations", "ModelAdvice"}}});
}

void declare_gpus(std::vector<api::Type>& types) {
  types.push_back({"GpuInstance",
                   "A part of a GPU (MIG).",
                   {{"index", "int"}, {"name", "string"}, {"memory_total_mb", "int?"}, {"memory_used_mb", "int?"}}});
  types.push_back({"GpuProcess", "", {{"pid", "int"}, {"name", "string"}, {"memory_mb", "int?"}}});
  types.push_back({"Gpu",
                   "State of a GPU; null: the driver does not say.",
                   {{"id", "int"},
                    {"name", "string"},
                    {"uuid", "string", "", true},
                    {"health", "'HEALTHY'|'HOT'|'OVERLOADED'|'HIGH_POWER'|'LOST'"},
                    {"problem", "string", "", true},
                    {"load", "number", "from 0 to 1"},
                    {"utilization_percent", "number?"},
                    {"memory_used_mb", "int?"},
                    {"memory_free_mb", "int?"},
                    {"memory_total_mb", "int?"},
                    {"temperature_c", "number?"},
                    {"power_w", "number?"},
                    {"power_limit_w", "number?"},
                    {"clock_graphics_mhz", "int", "", true},
                    {"clock_memory_mhz", "int", "", true},
                    {"ecc_corrected", "int", "", true},
                    {"ecc_uncorrected", "int", "", true},
                    {"mig", "bool", "", true},
                    {"throttle_reasons", "string[]"},
                    {"mig_instances", "GpuInstance[]"},
                    {"processes", "GpuProcess[]"}}});
  types.push_back(
      {"GpuSnapshot",
       "State of the GPUs.",
       {{"ok", "bool"}, {"time", "timestamp"}, {"time_ms", "int"}, {"source", "string"}, {"gpus", "Gpu[]"}}});
}

}  // namespace

void declare_types(std::vector<api::Type>& types) {
  declare_registry(types);
  declare_selection(types);
  declare_analytics(types);
  declare_gpus(types);
  types.push_back({"ModelFinding",
                   "Something wrong with the registry.",
                   {{"severity", "'error'|'warning'"},
                    {"code", "string"},
                    {"where", "string"},
                    {"model", "string", "", true},
                    {"message", "string"}}});
  types.push_back({"ModelValidation",
                   "What is wrong with the registry (docs/schemas/models-validation.schema.json).",
                   {{"ok", "bool"},
                    {"models", "int"},
                    {"models_with_benchmarks", "int"},
                    {"benchmarks", "int"},
                    {"errors", "int"},
                    {"warnings", "int"},
                    {"findings", "ModelFinding[]"}}});
  types.push_back({"ModelAnswer",
                   "An object as the command of the same name prints it with --json (docs/schemas).",
                   {{.name = "ok", .type = "bool", .optional = true}}});
}

}  // namespace tablinum::models_service
