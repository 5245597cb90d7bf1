#include "hit.h"

#include <ranges>

#include "tablinum/archive/place_id.h"
#include "tablinum/store/records.h"

namespace tablinum::search_service {
namespace {

store::Pid pid_of(const store::TreeInfo& tree, std::uint32_t place) { return store::Pid{tree.tree_no << 32 | std::int64_t{place}}; }

}  // namespace

Result<Uuid> outside_id(store::Session& session, const store::TreeInfo& tree, const search::Hit& hit) {
  if (hit.place) return archive::place_id(tree.id, pid_of(tree, *hit.place));
  TRY(id, store::id_of(session, make_rid(tree.tree_no, hit.n)));
  return id.value();
}

Result<std::string> places_around(store::Session& session, const store::TreeInfo& tree, const search::Hit& hit) {
  std::string text;
  if (!hit.place) return text;
  TRY(path, store::place_path(session, pid_of(tree, *hit.place)));
  for (const auto& place : path | std::views::reverse | std::views::drop(1)) text += (text.empty() ? "" : ", ") + place.name;
  return text;
}

}  // namespace tablinum::search_service
