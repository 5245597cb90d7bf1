#include "tablinum/store/overview.h"

namespace tablinum::store {
namespace {

/// The first character of a sort key, in upper case where it is a letter; keys are Latin.
std::string initial_of(std::string_view sort_key) {
  if (sort_key.empty()) return {};
  const auto lead = static_cast<unsigned char>(sort_key.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::string initial{sort_key.substr(0, bytes)};
  if (bytes == 1 && initial[0] >= 'a' && initial[0] <= 'z') initial[0] = static_cast<char>(initial[0] - 32);
  return initial;
}

}  // namespace

Result<PersonAnchors> person_anchors(Session& session, std::int64_t tree_no, std::size_t step) {
  PersonAnchors found;
  // The order and the choice of the preferred name are list_persons()'.
  auto rows = session
                  .statement(
                      "SELECT n.rid, n.sort_key, n.full_text FROM name n WHERE n.tree_no = :1 AND "
                      "NOT EXISTS(SELECT 1 FROM name f WHERE f.rid = n.rid AND f.ord < n.ord) ORDER BY n.sort_key, n.rid",
                      "i", "itt")
                  .query(tree_no);
  PersonCursor before;
  std::string last_initial;
  for (std::uint64_t row = 0; rows.next(); ++row) {
    const std::string_view key = rows.text(1);
    if (row % step == 0) found.anchors.push_back({row, std::string{rows.text(2)}, before});
    if (auto initial = initial_of(key); initial != last_initial && found.initials.size() < kInitialsMax) {
      found.initials.push_back({row, initial, before});
      last_initial = std::move(initial);
    }
    before.sort_key = key;
    before.rid = Rid{rows.integer(0)};
  }
  CHECK_OK(rows.status());
  return found;
}

Result<void> for_each_link(Session& session, std::int64_t tree_no, const std::function<void(const Link&)>& visit) {
  auto rows =
      session
          .statement("SELECT rid, ord, kind, target, quality, field FROM link WHERE rid BETWEEN :1 AND :2 ORDER BY rid, ord",
                     "ii", "iiiiii")
          .query(make_rid(tree_no, 0), make_rid(tree_no, 0xFFFF'FFFF));
  while (rows.next()) {
    visit({Rid{rows.integer(0)}, static_cast<NodeNumber>(rows.integer(1)), static_cast<LinkKind>(rows.integer(2)),
           Rid{rows.integer(3)}, rows.optional_integer<std::uint8_t>(4), static_cast<std::uint8_t>(rows.integer(5))});
  }
  return rows.status();
}

Result<std::uint64_t> count_jobs(Session& session) {
  auto rows = session.statement("SELECT count(*) FROM job", {}, "i").query();
  const std::int64_t count = rows.next() ? rows.integer(0) : 0;
  CHECK_OK(rows.status());
  return static_cast<std::uint64_t>(count);
}

}  // namespace tablinum::store
