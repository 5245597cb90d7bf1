#pragma once
/// Writing JSON (RFC 8259) straight into one string. Reading is simdjson's work.
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tablinum::json {

/// Appends `text` as a JSON string with its quotes. `text` is UTF-8; control characters are escaped.
void append_string(std::string& out, std::string_view text);

/// Builds one JSON value. Commas are its business; balance of begin and end is the caller's (asserted by take()).
///   json::Writer w;  w.begin_object();  w.field("id", id);  w.key("names");  w.begin_array(); …  w.end_array();  w.end_object();
class Writer {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view{text}); }
  void value(const std::string& text) { value(std::string_view{text}); }
  void value(std::same_as<bool> auto flag) { raw(flag ? "true" : "false"); }
  void value(double number);
  template <std::integral Int>
    requires(!std::same_as<Int, bool>)
  void value(Int number) {
    raw(std::to_string(number));
  }
  template <class T>
  void value(const std::optional<T>& maybe) {
    if (maybe) value(*maybe);
    else null();
  }
  void null() { raw("null"); }
  /// Appends text that is JSON already.
  void raw(std::string_view json);

  template <class T>
  void field(std::string_view name, const T& what) {
    key(name);
    value(what);
  }
  /// Writes the field only where there is a value.
  template <class T>
  void field_if(std::string_view name, const std::optional<T>& maybe) {
    if (maybe) field(name, *maybe);
  }
  void field_if(std::string_view name, std::string_view text) {
    if (!text.empty()) field(name, text);
  }

  std::size_t size() const noexcept { return out_.size(); }
  /// The finished text; the writer is empty afterwards.
  std::string take();

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  std::string out_;
  int depth_ = 0;
  bool needs_comma_ = false;
};

}  // namespace tablinum::json
