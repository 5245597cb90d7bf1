#pragma once
/// The ★ paths of the reference platform (web.md §6): permanent aliases that answer in its shapes. The path alone decides the
/// shape. P's services write snake_case, the Node versions and the pages camelCase; where a page of either reads an answer, it
/// has both names.
#include "routes.h"

namespace tablinum::genealogy_service {

// ---- Shapes (reference_shapes.cc)

/// {id, _id, name, owner_id, …}
Result<void> write_family_tree(Writer& w, Browser& browser, const store::TreeInfo& tree);
/// FamilyMember, with parentIds, spouseIds, childIds.
Result<void> write_member(Writer& w, Browser& browser, Rid person);
/// One event of a person or family: `index` in its view.
Result<void> write_reference_event(Writer& w, Browser& browser, Rid record, std::size_t index);

/// A relationship is a view over a family: its id is "<family id>~<spouse|child>~<first person>~<second person>".
struct Relationship {
  kinship::FamilyN family = kinship::kNone;
  kinship::PersonN from = kinship::kNone;  ///< parent, or the first partner
  kinship::PersonN to = kinship::kNone;    ///< child, or the second partner
  bool spouses = false;
};
Result<void> write_relationship(Writer& w, Browser& browser, std::int64_t tree_no, const Relationship& relationship);
/// Of a person: to its parents, its partners and its children, in this order.
std::vector<Relationship> relationships_of(const kinship::Graph& graph, kinship::PersonN person);
/// Of a whole family: between the partners, then each partner's to each child.
void append_relationships(const kinship::Graph& graph, kinship::FamilyN family, std::vector<Relationship>& out);

// ---- Paging and parameters

/// Rows asked for as skip and limit, or as page and limit.
struct Window {
  std::size_t skip = 0, limit = 0, page = 1;
  std::size_t end(std::size_t total) const noexcept { return std::min(total, skip + limit); }
};
/// @error invalid: not numbers, limit over `limit_max`, or beyond api::kSkipMax rows.
Result<Window> window_of(const api::Call& call, std::size_t limit_fallback, std::size_t limit_max);
/// "pagination" with the names of all variants.
void write_pagination(Writer& w, const Window& window, std::size_t total);
/// The first of several names of one parameter that is there.
std::optional<std::string_view> parameter_named(const api::Call& call, std::initializer_list<std::string_view> names);
/// The tree a call names (path, else treeId, tree_id, familyTreeId, family_tree_id), else the first; nothing where there is
/// none.
Result<std::optional<store::TreeInfo>> tree_meant(Browser& browser, const api::Call& call);

// ---- Routes

/// A route under several paths, not described in our own document.
api::Route alias(std::string_view method, std::initializer_list<std::string_view> paths, api::Function function,
                 std::string_view body = {});

void add_reference_tree_routes(api::Description& description, const Shared& context);
void add_reference_person_routes(api::Description& description, const Shared& context);
void add_reference_event_routes(api::Description& description, const Shared& context);
/// N2's synchronous GEDCOM export.
void add_reference_export_routes(api::Description& description, const Shared& context);

/// Makes a tree from a JSON body {name}: routes_trees.cc.
Result<store::TreeInfo> create_tree_from(Context& context, const api::Call& call);

}  // namespace tablinum::genealogy_service
