#pragma once
/// Structured logs: one JSON object a line on standard error, or readable text on a terminal.
/// Never logged: secrets, and what a record says.
/// @note Thread-safe.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace tablinum::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };
enum class Format : std::uint8_t { automatic, json, text };

struct Field {
  std::string_view name;
  std::variant<std::int64_t, double, bool, std::string> value;
  Field(std::string_view n, std::string_view v) : name{n}, value{std::string{v}} {}
  Field(std::string_view n, const char* v) : name{n}, value{std::string{v}} {}
  Field(std::string_view n, std::string v) : name{n}, value{std::move(v)} {}
  Field(std::string_view n, bool v) : name{n}, value{v} {}
  Field(std::string_view n, double v) : name{n}, value{v} {}
  template <class Int>
    requires std::is_integral_v<Int>
  Field(std::string_view n, Int v) : name{n}, value{static_cast<std::int64_t>(v)} {}
};

/// Takes effect for all later messages. The default is info, automatic.
void configure(Level level, Format format);
bool enabled(Level level) noexcept;

/// `module` is the logger's name ("store"), `message` a constant sentence; what varies goes into fields.
void write(Level level, std::string_view module, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view module, std::string_view message, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, module, message, fields);
}
inline void info(std::string_view module, std::string_view message, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::info)) write(Level::info, module, message, fields);
}
inline void warn(std::string_view module, std::string_view message, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::warn)) write(Level::warn, module, message, fields);
}
inline void error(std::string_view module, std::string_view message, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::error)) write(Level::error, module, message, fields);
}

/// The name of a level, and back ("info" → Level::info); `fallback` for an unknown name.
std::string_view to_string(Level level) noexcept;
Level level_from(std::string_view name, Level fallback) noexcept;

}  // namespace tablinum::log
