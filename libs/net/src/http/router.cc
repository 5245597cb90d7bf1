#include "tablinum/net/router.h"

#include <algorithm>
#include <span>

#include "http/path_segments.h"

namespace tablinum::net {

/// One path segment of the tree. `names` are the route's, since "/a/{x}" and "/a/{y}/b" share a node and not a name.
struct Router::Node {
  struct Target {
    const Route* route = nullptr;
    std::vector<std::string_view> names;  // slices of route->pattern
  };
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;  // sorted
  std::unique_ptr<Node> parameter;
  Target here;
  Target rest;

  Node* literal(std::string_view text) const {
    const auto at = std::ranges::lower_bound(literals, text, {}, [](const auto& pair) { return std::string_view{pair.first}; });
    return at != literals.end() && at->first == text ? at->second.get() : nullptr;
  }
  Node& make_literal(std::string_view text) {
    const auto at = std::ranges::lower_bound(literals, text, {}, [](const auto& pair) { return std::string_view{pair.first}; });
    if (at != literals.end() && at->first == text) return *at->second;
    return *literals.emplace(at, std::string{text}, std::make_unique<Node>())->second;
  }
  Node& make_parameter() {
    if (!parameter) parameter = std::make_unique<Node>();
    return *parameter;
  }
};

namespace {

constexpr std::string_view kRestMark = "...";

enum class Kind : std::uint8_t { literal, parameter, rest };
struct PatternSegment {
  Kind kind;
  std::string_view text;  // the literal, or the parameter's name
};

Result<PatternSegment> read_segment(std::string_view text) {
  if (!text.contains('{') && !text.contains('}')) return PatternSegment{Kind::literal, text};
  if (!text.starts_with('{') || !text.ends_with('}')) return fail(Code::invalid, "text beside braces in a segment");
  std::string_view name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with(kRestMark);
  if (rest) name.remove_suffix(kRestMark.size());
  if (name.empty() || name.contains('{') || name.contains('}')) return fail(Code::invalid, "a parameter without a proper name");
  return PatternSegment{rest ? Kind::rest : Kind::parameter, name};
}

Result<void> check_names(std::span<const PatternSegment> segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == Kind::rest && i + 1 != segments.size()) return fail(Code::invalid, "{...} is not the last segment");
    for (std::size_t j = 0; j < i; ++j)
      if (segments[i].kind != Kind::literal && segments[j].kind != Kind::literal && segments[i].text == segments[j].text)
        return fail(Code::invalid, "a parameter's name is repeated");
  }
  return {};
}

Result<std::vector<PatternSegment>> read_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) return fail(Code::invalid, "a pattern begins with '/'");
  std::vector<PatternSegment> segments;
  std::string_view rest = pattern.substr(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    if (text.empty()) return fail(Code::invalid, "an empty segment");
    if (segments.size() == kPathSegmentsMax) return fail(Code::invalid, "too many segments");
    TRY(segment, read_segment(text));
    segments.push_back(segment);
  }
  CHECK_OK(check_names(segments));
  return segments;
}

/// A walk through one tree; `values` are what parameters took, in order.
template <class Node>
class Walk {
 public:
  explicit Walk(std::span<const std::string_view> segments) : segments_{segments} {}

  bool visit(const Node& node, std::size_t at) {
    if (at == segments_.size()) return take(node.here) || take_rest(node, at);
    const std::string_view segment = segments_[at];
    if (const Node* child = node.literal(segment); child && visit(*child, at + 1)) return true;
    if (node.parameter && !segment.empty()) {
      values_.emplace_back(segment);
      if (visit(*node.parameter, at + 1)) return true;
      values_.pop_back();
    }
    return take_rest(node, at);
  }

  Router::Match result() && {
    Router::Match match;
    match.route = target_->route;
    for (std::size_t i = 0; i < values_.size(); ++i) match.params.add(target_->names[i], std::move(values_[i]));
    return match;
  }

 private:
  bool take(const typename Node::Target& target) {
    target_ = &target;
    return target.route != nullptr;
  }
  bool take_rest(const Node& node, std::size_t at) {
    if (!node.rest.route) return false;
    auto joined = join_segments(segments_.subspan(at));
    if (!joined) return false;
    values_.push_back(std::move(*joined));
    return take(node.rest);
  }

  std::span<const std::string_view> segments_;
  std::vector<std::string> values_;
  const typename Node::Target* target_ = nullptr;
};

}  // namespace

Router::Router() {
  for (std::size_t i = 0; i < kMethodCount; ++i) roots_.push_back(std::make_unique<Node>());
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Result<void> Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  auto route = std::make_unique<Route>(Route{method, std::string{pattern}, std::move(handler), options});
  TRY(segments, read_pattern(route->pattern));
  Node* node = roots_[static_cast<std::size_t>(method)].get();
  std::vector<std::string_view> names;
  bool rest = false;
  for (const auto& [kind, text] : segments) {
    if (kind != Kind::literal) names.push_back(text);
    if (kind == Kind::literal) node = &node->make_literal(text);
    else if (kind == Kind::parameter) node = &node->make_parameter();
    else rest = true;
  }
  Node::Target& target = rest ? node->rest : node->here;
  if (target.route)
    return fail(Code::conflict, std::string{to_string(method)} + " " + route->pattern + " matches what " +
                                    target.route->pattern + " matches");
  target = {route.get(), std::move(names)};
  routes_.push_back(std::move(route));
  return {};
}

Result<Router::Match> Router::find(Method method, std::string_view path) const {
  if (!path.starts_with('/')) return Match{};
  PathSegments segments;
  CHECK_OK(segments.split(path));
  const auto matched = [&](Method wanted) -> std::optional<Match> {
    Walk<Node> walk(segments.view());
    if (!walk.visit(*roots_[static_cast<std::size_t>(wanted)], 0)) return std::nullopt;
    return std::move(walk).result();
  };
  if (auto found = matched(method)) return std::move(*found);
  if (method == Method::head)
    if (auto found = matched(Method::get)) return std::move(*found);
  Match match;
  for (std::size_t i = 0; i < kMethodCount; ++i)
    if (matched(static_cast<Method>(i))) match.allowed.push_back(static_cast<Method>(i));
  const auto allows = [&](Method m) { return std::ranges::find(match.allowed, m) != match.allowed.end(); };
  if (allows(Method::get) && !allows(Method::head)) match.allowed.push_back(Method::head);
  if (!match.allowed.empty() && !allows(Method::options)) match.allowed.push_back(Method::options);
  return match;
}

std::string allow_value(const std::vector<Method>& methods) {
  std::string value;
  for (const Method method : methods) {
    if (!value.empty()) value += ", ";
    value += to_string(method);
  }
  return value;
}

}  // namespace tablinum::net
