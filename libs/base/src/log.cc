#include "tablinum/base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "tablinum/base/json.h"
#include "tablinum/base/time.h"

namespace tablinum::log {
namespace {

std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::automatic};

struct JsonValue {
  std::string& out;
  void operator()(std::int64_t v) const { out += std::to_string(v); }
  void operator()(double v) const { out += fmt::format("{}", v); }
  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(const std::string& v) const { json::append_string(out, v); }
};

std::string json_line(Level level, std::string_view module, std::string_view message, std::initializer_list<Field> fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","logger":")", to_rfc3339(wall_now()), to_string(level));
  line += module;
  line += R"(","message":)";
  json::append_string(line, message);
  for (const auto& field : fields) {
    line += ',';
    json::append_string(line, field.name);
    line += ':';
    std::visit(JsonValue{line}, field.value);
  }
  return line + "}\n";
}

std::string text_line(Level level, std::string_view module, std::string_view message, std::initializer_list<Field> fields) {
  std::string line = fmt::format("{} {:<5} {:<8} {}", to_rfc3339(wall_now()).substr(11, 12), to_string(level), module, message);
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    std::visit(JsonValue{line}, field.value);
  }
  return line + "\n";
}

bool wants_json() noexcept {
  const auto format = g_format.load(std::memory_order_relaxed);
  if (format != Format::automatic) return format == Format::json;
  static const bool terminal = isatty(STDERR_FILENO) == 1;
  return !terminal;
}

}  // namespace

void configure(Level level, Format format) {
  g_level.store(level, std::memory_order_relaxed);
  g_format.store(format, std::memory_order_relaxed);
}

bool enabled(Level level) noexcept { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view module, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const auto line = wants_json() ? json_line(level, module, message, fields) : text_line(level, module, message, fields);
  // One write call a line, so that lines of several threads never mix.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::trace: return "trace";
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
    case Level::off: return "off";
  }
  return "info";
}

Level level_from(std::string_view name, Level fallback) noexcept {
  for (const auto level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error, Level::off}) {
    if (to_string(level) == name) return level;
  }
  return fallback;
}

}  // namespace tablinum::log
