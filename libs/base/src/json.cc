#include "tablinum/base/json.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

namespace tablinum::json {
namespace {

bool needs_escape(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F; }

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\r': out += "\\r"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, clean, i - clean);
    append_escaped(out, text[i]);
    clean = i + 1;
  }
  out.append(text, clean);
  out += '"';
}

void Writer::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

void Writer::open(char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  needs_comma_ = false;
}

void Writer::close(char bracket) {
  out_ += bracket;
  --depth_;
  needs_comma_ = true;
}

void Writer::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
}

void Writer::value(std::string_view text) {
  separate();
  append_string(out_, text);
}

void Writer::value(double number) {
  // JSON has no infinity and no NaN.
  raw(std::isfinite(number) ? fmt::format("{}", number) : "null");
}

void Writer::raw(std::string_view json) {
  separate();
  out_ += json;
}

std::string Writer::take() {
  assert(depth_ == 0);
  needs_comma_ = false;
  return std::exchange(out_, {});
}

}  // namespace tablinum::json
