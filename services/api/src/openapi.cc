#include "tablinum/api/openapi.h"

#include <algorithm>
#include <set>

#include "tablinum/base/json.h"

namespace tablinum::api {
namespace {

constexpr std::string_view kBase[] = {"string", "int", "number", "bool", "uuid", "timestamp", "date", "uri", "binary"};

/// Writes schemas and remembers which declared types they name.
class SchemaWriter {
 public:
  explicit SchemaWriter(json::Writer& out) : w{out} {}

  void schema(std::string_view type, std::string_view description = {}) {
    if (type.ends_with('?')) return nullable(type.substr(0, type.size() - 1), description);
    w.begin_object();
    w.field_if("description", description);
    members(type);
    w.end_object();
  }

  std::set<std::string, std::less<>> named;

 private:
  void nullable(std::string_view type, std::string_view description) {
    w.begin_object();
    w.field_if("description", description);
    w.key("anyOf");
    w.begin_array();
    schema(type);
    w.begin_object();
    w.field("type", "null");
    w.end_object();
    w.end_array();
    w.end_object();
  }

  void members(std::string_view type) {
    if (type.ends_with("[]")) {
      w.field("type", "array");
      w.key("items");
      schema(type.substr(0, type.size() - 2));
    } else if (type.starts_with('\'')) {
      enumeration(type);
    } else if (type.starts_with("Page<")) {
      page(type.substr(5, type.size() - 6));
    } else if (std::ranges::find(kBase, type) != std::end(kBase)) {
      base(type);
    } else {
      named.emplace(type);
      w.field("$ref", "#/components/schemas/" + std::string{type});
    }
  }

  void base(std::string_view type) {
    const bool plain = type == "string" || type == "number";
    w.field("type", plain ? type : type == "int" ? "integer" : type == "bool" ? "boolean" : "string");
    if (type == "uuid" || type == "date" || type == "binary") w.field("format", type);
    if (type == "timestamp") w.field("format", "date-time");
    if (type == "uri") w.field("format", "uri-reference");
  }

  void enumeration(std::string_view type) {
    w.field("type", "string");
    w.key("enum");
    w.begin_array();
    for (std::size_t at = 0; at < type.size();) {
      const auto end = type.find('\'', at + 1);
      w.value(type.substr(at + 1, end - at - 1));
      at = end + 2;  // the quote and the bar
    }
    w.end_array();
  }

  void page(std::string_view item) {
    w.field("type", "object");
    w.key("properties");
    w.begin_object();
    w.key("items");
    schema(std::string{item} + "[]");
    w.key("total");
    schema("int");
    w.key("nextCursor");
    schema("string?");
    w.end_object();
    w.key("required");
    w.raw(R"(["items","total","nextCursor"])");
  }

  json::Writer& w;
};

void write_type(json::Writer& w, SchemaWriter& schemas, const Type& type) {
  w.key(type.name);
  w.begin_object();
  w.field("type", "object");
  w.field_if("description", type.description);
  w.key("properties");
  w.begin_object();
  for (const auto& member : type.members) {
    w.key(member.name);
    schemas.schema(member.type, member.description);
  }
  w.end_object();
  if (std::ranges::any_of(type.members, [](const Member& m) { return !m.optional; })) {
    w.key("required");
    w.begin_array();
    for (const auto& member : type.members) {
      if (!member.optional) w.value(member.name);
    }
    w.end_array();
  }
  w.end_object();
}

void write_parameter(json::Writer& w, SchemaWriter& schemas, const Parameter& parameter) {
  w.begin_object();
  w.field("name", parameter.name);
  w.field("in", parameter.in == In::path ? "path" : parameter.in == In::query ? "query" : "header");
  w.field("required", parameter.in == In::path || parameter.required);
  w.field_if("description", parameter.description);
  w.key("schema");
  if (parameter.minimum || parameter.maximum) {
    w.begin_object();
    w.field("type", "integer");
    w.field_if("minimum", parameter.minimum);
    w.field_if("maximum", parameter.maximum);
    w.end_object();
  } else {
    schemas.schema(parameter.type);
  }
  w.end_object();
}

void write_media_type(json::Writer& w, SchemaWriter& schemas, std::string_view media_type, std::string_view type) {
  w.key(media_type);
  w.begin_object();
  w.key("schema");
  schemas.schema(type);
  w.end_object();
}
void write_content(json::Writer& w, SchemaWriter& schemas, std::string_view media_type, std::string_view type) {
  w.key("content");
  w.begin_object();
  write_media_type(w, schemas, media_type, type);
  w.end_object();
}

void write_answer(json::Writer& w, SchemaWriter& schemas, const Route& route) {
  if (route.answer.empty()) return;
  const bool json = route.answer.find('/') == std::string_view::npos;
  w.key("content");
  w.begin_object();
  write_media_type(w, schemas, json ? "application/json" : route.answer, json ? route.answer : "string");
  for (const auto media_type : route.also_as) write_media_type(w, schemas, media_type, "string");
  w.end_object();
}

void write_body(json::Writer& w, SchemaWriter& schemas, std::string_view body, bool optional) {
  w.key("requestBody");
  w.begin_object();
  w.field("required", !optional);
  if (body.starts_with("multipart:")) {
    w.key("content");
    w.begin_object();
    w.key("multipart/form-data");
    w.begin_object();
    w.key("schema");
    w.raw(R"({"type":"object","properties":{")" + std::string{body.substr(10)} +
          R"(":{"type":"string","format":"binary"}},"required":[")" + std::string{body.substr(10)} + R"("]})");
    w.end_object();
    w.end_object();
  } else {
    write_content(w, schemas, "application/json", body);
  }
  w.end_object();
}

void write_responses(json::Writer& w, SchemaWriter& schemas, const Route& route) {
  w.key("responses");
  w.begin_object();
  w.key(std::to_string(route.status));
  w.begin_object();
  w.field("description", route.summary);
  write_answer(w, schemas, route);
  w.end_object();
  auto errors = route.errors;
  std::ranges::sort(errors);
  for (const int status : errors) {
    w.key(std::to_string(status));
    w.begin_object();
    w.field("description", "Problem");
    write_content(w, schemas, "application/problem+json", "Problem");
    w.end_object();
  }
  w.end_object();
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

void write_operation(json::Writer& w, SchemaWriter& schemas, const Route& route) {
  w.key(lower(route.method));
  w.begin_object();
  w.field("operationId", route.id);
  w.key("tags");
  w.begin_array();
  w.value(route.tag);
  w.end_array();
  w.field("summary", route.summary);
  if (!route.parameters.empty()) {
    w.key("parameters");
    w.begin_array();
    for (const auto& parameter : route.parameters) write_parameter(w, schemas, parameter);
    w.end_array();
  }
  if (!route.body.empty()) write_body(w, schemas, route.body, route.body_optional);
  write_responses(w, schemas, route);
  w.end_object();
}

/// Two blanks a level, so that a change of the document reads well in a diff.
std::string pretty(std::string_view json) {
  std::string out;
  int depth = 0;
  bool in_string = false;
  const auto newline = [&] { out += '\n' + std::string(static_cast<std::size_t>(depth) * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\')
        out += json[++i];
      else if (c == '"')
        in_string = false;
      continue;
    }
    const bool empty = (c == '{' || c == '[') && (json[i + 1] == '}' || json[i + 1] == ']');
    if (c == '"') in_string = true;
    if (empty)
      out += c, out += json[++i];
    else if (c == '{' || c == '[')
      out += c, ++depth, newline();
    else if (c == '}' || c == ']')
      --depth, newline(), out += c;
    else if (c == ',')
      out += c, newline();
    else if (c == ':')
      out += ": ";
    else
      out += c;
  }
  return out + '\n';
}

}  // namespace

Result<std::string> openapi_document(const Description& description, std::string_view version) {
  json::Writer w;
  SchemaWriter schemas{w};
  w.begin_object();
  w.field("openapi", "3.1.0");
  w.key("info");
  w.begin_object();
  w.field("title", "Tablinum");
  w.field("version", version);
  w.field("description", "A private, provable, shareable archive of a family's people, sources, documents and media.");
  w.key("license");
  w.raw(R"({"name":"Apache-2.0","identifier":"Apache-2.0"})");
  w.end_object();

  std::map<std::string_view, std::vector<const Route*>> by_path;
  for (const auto& route : description.routes) {
    if (route.described) by_path[route.path].push_back(&route);
  }
  w.key("paths");
  w.begin_object();
  for (const auto& [path, routes] : by_path) {
    w.key(path);
    w.begin_object();
    for (const auto* route : routes) write_operation(w, schemas, *route);
    w.end_object();
  }
  w.end_object();

  std::map<std::string_view, const Type*> by_name;
  for (const auto& type : description.types) {
    if (!by_name.emplace(type.name, &type).second)
      return fail(Code::internal, "type declared twice: " + std::string{type.name});
  }
  w.key("components");
  w.begin_object();
  w.key("schemas");
  w.begin_object();
  for (const auto& [name, type] : by_name) write_type(w, schemas, *type);
  w.end_object();
  w.end_object();
  w.end_object();
  for (const auto& name : schemas.named) {
    if (!by_name.contains(name)) return fail(Code::internal, "type not declared: " + name);
  }
  return pretty(w.take());
}

}  // namespace tablinum::api
