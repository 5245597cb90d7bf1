#pragma once
/// The description of the API, declared once beside each route and printed as OpenAPI 3.1.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/api/call.h"

namespace tablinum::api {

/// Types are written in a small language: string int number bool uuid timestamp date uri binary, 'a'|'b' for enumerations, Name
/// for a declared type, Page<Name>, T[] for lists, T? for "or null".
struct Member {
  std::string_view name;
  std::string_view type;
  std::string_view description = {};
  bool optional = false;  ///< may be absent
};
struct Type {
  std::string_view name;
  std::string_view description;
  std::vector<Member> members;
};

enum class In : std::uint8_t { path, query, header };
struct Parameter {
  std::string_view name;
  std::string_view type = "string";
  std::string_view description = {};
  In in = In::query;
  bool required = false;
  std::optional<std::int64_t> minimum = {}, maximum = {};
};

/// One operation. `path` is below the server's root, with {name} parameters.
struct Route {
  std::string_view method;
  std::string_view path;
  std::string_view id;  ///< operationId
  std::string_view tag;
  std::string_view summary;
  std::vector<Parameter> parameters = {};
  std::string_view body = {};    ///< type of a JSON body, "multipart:PART" for an upload, empty for none
  std::string_view answer = {};  ///< type of the JSON answer; "text/event-stream" and other media types as they are
  std::vector<std::string_view> also_as = {};  ///< media types in which the same can be asked for
  int status = 200;
  std::vector<int> errors = {};  ///< statuses besides the answer's; 404, 422 and 500 where they apply
  Function function = {};        ///< empty: served by a handler of its own (uploads, streams)
  std::function<std::optional<Reply>(const Call&)> from_memory = {};  ///< asked first; must not block
  std::vector<std::string_view> aliases = {};                         ///< further paths of the same function, not described
  bool body_optional = false;  ///< an empty body is taken, too
  bool described = true;  ///< false: served, but no part of the document (the contract's ★ paths)
};

/// Everything the server answers. Filled once by each service, then read only.
struct Description {
  std::vector<Type> types;
  std::vector<Route> routes;
};

/// The whole document, as pretty-printed JSON with a newline at its end. Deterministic.
/// @error internal: a type is named that nobody declared, or declared twice.
Result<std::string> openapi_document(const Description& description, std::string_view version);

}  // namespace tablinum::api
