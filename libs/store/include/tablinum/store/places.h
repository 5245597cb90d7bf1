#pragma once
/// Places: the levels of PLAC texts as a tree of names, made on first use.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tablinum/store/database.h"

namespace tablinum::store {

inline constexpr std::size_t kPlaceLevelsMax = 32;

struct PlaceLevel {
  std::string_view name{};    ///< as written, trimmed
  std::string_view folded{};  ///< for searching and grouping
};
struct Place {
  Pid pid{};
  Pid parent{};              ///< root_place(tree_no) for an outermost one
  std::optional<Rid> rid{};  ///< the record _PLACE, where somebody made one
  std::optional<std::uint8_t> kind{};
  std::string name{}, folded{};
  std::optional<double> lat{}, lon{};
};
constexpr Pid root_place(std::int64_t tree_no) noexcept { return Pid{tree_no << 32}; }
constexpr std::int64_t tree_no_of(Pid pid) noexcept { return pid.value() >> 32; }

/// The place with this path, made if it is not there. Levels from the outermost ("Zimbabwe") to the innermost ("Harare").
/// @error invalid: no level.  too_large: over kPlaceLevelsMax.  limit: 2^32 places in the tree.
Result<Pid> ensure_place(Writer& writer, std::int64_t tree_no, std::span<const PlaceLevel> outermost_first);
/// Coordinates and the record of a place; what is not given stays.  @error not_found.
Result<void> update_place(Writer& writer, Pid pid, std::optional<double> lat, std::optional<double> lon,
                          std::optional<Rid> rid);

/// Before a tree's places are derived anew: forgets coordinates and records. The places stay, since their numbers are known outside.
Result<void> clear_places(Writer& writer, std::int64_t tree_no);
Result<void> set_folded(Writer& writer, Pid pid, std::string_view folded);
/// Removes the places that neither an event nor a record nor a place inside them needs.  @return how many.
Result<std::uint64_t> remove_unused_places(Writer& writer, std::int64_t tree_no);
/// The same for those alone that a record named before this transaction wrote or deleted it, and those around them: a few queries for
/// each. At the end of the transaction, when everything is written; their search documents are the caller's to remove.
/// @return which, the inner ones first. Their numbers are not given again.
Result<std::vector<Pid>> remove_left_places(Writer& writer, std::int64_t tree_no);

/// @error not_found.
Result<Place> find_place(Session& session, Pid pid);
/// Children by name, those after the name `after`.
Result<std::vector<Place>> places_in(Session& session, Pid parent, std::string_view after, std::size_t limit);
/// From the outermost to the place itself.
Result<std::vector<Place>> place_path(Session& session, Pid pid);
Result<void> for_each_place(Session& session, std::int64_t tree_no, const std::function<void(const Place&)>& visit);
/// Events at the place itself.
Result<std::uint64_t> count_events_at(Session& session, Pid pid);

}  // namespace tablinum::store
