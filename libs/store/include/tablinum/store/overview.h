#pragma once
/// What pages show of a whole tree at once: where a long list can be entered, and scans over links.
#include <functional>
#include <string>
#include <vector>

#include "tablinum/store/records.h"

namespace tablinum::store {

/// Rows between two anchors.
inline constexpr std::size_t kAnchorStep = 500;
/// Different initials listed at most; a tree with more of them has them in its anchors.
inline constexpr std::size_t kInitialsMax = 200;

/// A row of the list of persons (order of list_persons) at which a reader may enter it.
struct PersonAnchor {
  std::uint64_t row = 0;
  std::string label;    ///< the name there, or the initial
  PersonCursor before;  ///< list_persons() after this cursor begins with the row; meaningless for row 0
};
struct PersonAnchors {
  std::vector<PersonAnchor> anchors;   ///< rows 0, step, 2·step, …
  std::vector<PersonAnchor> initials;  ///< the first row of each initial letter of the sort key
};
/// One pass over the index of names.
Result<PersonAnchors> person_anchors(Session& session, std::int64_t tree_no, std::size_t step);

/// Every link of a tree's records, in key order.
Result<void> for_each_link(Session& session, std::int64_t tree_no, const std::function<void(const Link&)>& visit);

/// All jobs, whatever their state.
Result<std::uint64_t> count_jobs(Session& session);

}  // namespace tablinum::store
