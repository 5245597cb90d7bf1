#include "tablinum/store/places.h"

#include <charconv>

#include "record_rows.h"
#include "tablinum/store/settings.h"
#include "writer_state.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kColumns = "SELECT pid, parent, rid, kind, name, folded, lat, lon FROM place ";
constexpr std::string_view kColumnTypes = "iiiittdd";

Place read_place(const Rows& rows) {
  Place place{.pid = Pid{rows.integer(0)},
              .parent = Pid{rows.integer(1)},
              .kind = rows.optional_integer<std::uint8_t>(3),
              .name = std::string{rows.text(4)},
              .folded = std::string{rows.text(5)}};
  if (!rows.is_null(2)) place.rid = Rid{rows.integer(2)};
  if (!rows.is_null(6)) place.lat = rows.real(6);
  if (!rows.is_null(7)) place.lon = rows.real(7);
  return place;
}

std::string select(std::string_view rest) { return std::string{kColumns}.append(rest); }

std::string cache_key(Pid parent, std::string_view name) {
  std::string key(sizeof(std::int64_t), '\0');
  std::memcpy(key.data(), &parent.value(), sizeof(std::int64_t));
  return key.append(name);
}

Result<std::optional<Pid>> look_up(Writer& writer, Pid parent, std::string_view name) {
  auto rows = writer.statement("SELECT pid FROM place WHERE parent = :1 AND name = :2", "it", "i").query(parent, name);
  std::optional<Pid> found;
  if (rows.next()) found = Pid{rows.integer(0)};
  CHECK_OK(rows.status());
  return found;
}

/// The highest number of a place that is there; that of the root without any.
Result<std::int64_t> highest(Writer& writer, std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  auto rows = writer.statement("SELECT coalesce(max(pid), :1) FROM place WHERE pid BETWEEN :2 AND :3", "iii", "i")
                  .query(first, first, last);
  const auto found = rows.next() ? rows.integer(0) : first;
  CHECK_OK(rows.status());
  return found;
}

/// A place's number is known outside, so that of one that went is not given to another: the highest is remembered where it goes.
std::string removed_name(std::int64_t tree_no) { return "places-removed:" + std::to_string(tree_no); }

Result<std::int64_t> highest_removed(Writer& writer, std::int64_t tree_no) {
  TRY(text, find_setting(writer, removed_name(tree_no)));
  std::int64_t pid = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), pid);
  return pid;
}

Result<void> remember_removed(Writer& writer, std::int64_t tree_no, std::int64_t highest_before) {
  TRY(now, highest(writer, tree_no));
  if (now == highest_before) return {};
  TRY(removed, highest_removed(writer, tree_no));
  return put_setting(writer, removed_name(tree_no), std::to_string(std::max(removed, highest_before)));
}

Result<Pid> add(Writer& writer, std::int64_t tree_no, Pid parent, const PlaceLevel& level) {
  const auto [first, last] = range_of(tree_no);
  TRY(present, highest(writer, tree_no));
  TRY(removed, highest_removed(writer, tree_no));
  const Pid pid{std::max(present, removed) + 1};
  if (pid.value() > last) return fail(Code::limit, "the tree has as many places as it can have");
  CHECK_OK(writer.statement("INSERT INTO place(pid, parent, name, folded) VALUES(:1, :2, :3, :4)", "iitt")
               .run(pid, parent, level.name, level.folded));
  return pid;
}

Result<Pid> ensure_level(Writer& writer, std::int64_t tree_no, Pid parent, const PlaceLevel& level) {
  auto& cache = writer.state().places;
  const auto [entry, is_new] = cache.try_emplace(cache_key(parent, level.name), 0);
  if (!is_new) return Pid{entry->second};
  auto found = look_up(writer, parent, level.name);
  if (found && !*found) {
    auto added = add(writer, tree_no, parent, level);
    if (added)
      found = *added;
    else
      found = std::unexpected(added.error());
  }
  if (!found) {
    cache.erase(entry);
    return std::unexpected(found.error());
  }
  entry->second = (*found)->value();
  return **found;
}

}  // namespace

Result<Pid> ensure_place(Writer& writer, std::int64_t tree_no, std::span<const PlaceLevel> outermost_first) {
  if (outermost_first.empty()) return fail(Code::invalid, "a place has at least one level");
  if (outermost_first.size() > kPlaceLevelsMax) return fail(Code::too_large, "a place's levels");
  Pid at = root_place(tree_no);
  for (const auto& level : outermost_first) {
    TRY(next, ensure_level(writer, tree_no, at, level));
    at = next;
  }
  return at;
}

Result<void> update_place(Writer& writer, Pid pid, std::optional<double> lat, std::optional<double> lon,
                          std::optional<Rid> rid) {
  TRY(updated,
      writer.statement("UPDATE place SET lat = coalesce(:1, lat), lon = coalesce(:2, lon), rid = coalesce(:3, rid) WHERE pid = :4", "ddii")
          .run_counted(lat, lon, rid, pid));
  if (updated == 0) return fail(Code::not_found, "no such place");
  TRY(tree, tree_state(writer, tree_no_of(pid)));
  touch(*tree);
  return {};
}

Result<void> clear_places(Writer& writer, std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  return writer.statement("UPDATE place SET lat = NULL, lon = NULL, rid = NULL WHERE pid BETWEEN :1 AND :2", "ii").run(first, last);
}

Result<void> set_folded(Writer& writer, Pid pid, std::string_view folded) {
  return writer.statement("UPDATE place SET folded = :1 WHERE pid = :2", "ti").run(folded, pid);
}

Result<std::uint64_t> remove_unused_places(Writer& writer, std::int64_t tree_no) {
  const auto [first, last] = range_of(tree_no);
  TRY(highest_before, highest(writer, tree_no));
  auto& remove = writer.statement(
      "DELETE FROM place WHERE pid BETWEEN :1 AND :2 AND rid IS NULL AND NOT EXISTS(SELECT 1 FROM event e WHERE e.place = place.pid) "
      "AND NOT EXISTS(SELECT 1 FROM place c WHERE c.parent = place.pid)",
      "ii");
  std::uint64_t removed = 0;
  // Level by level: what stood around a removed place may be unused now.
  for (std::size_t level = 0; level <= kPlaceLevelsMax; ++level) {
    TRY(gone, remove.run_counted(first, last));
    if (gone == 0) break;
    removed += static_cast<std::uint64_t>(gone);
  }
  writer.state().places.clear();
  CHECK_OK(remember_removed(writer, tree_no, highest_before));
  return removed;
}

Result<std::vector<Pid>> remove_left_places(Writer& writer, std::int64_t tree_no) {
  auto& left = writer.state().left_places;
  std::vector<Pid> to_see;
  for (const auto pid : left) {
    if (tree_no_of(Pid{pid}) == tree_no) to_see.emplace_back(pid);
  }
  std::erase_if(left, [&](std::int64_t pid) { return tree_no_of(Pid{pid}) == tree_no; });
  std::vector<Pid> removed;
  if (to_see.empty()) return removed;
  TRY(highest_before, highest(writer, tree_no));
  auto& parent_of = writer.statement("SELECT parent FROM place WHERE pid = :1", "i", "i");
  auto& remove = writer.statement(
      "DELETE FROM place WHERE pid = :1 AND rid IS NULL AND NOT EXISTS(SELECT 1 FROM event e WHERE e.place = place.pid) "
      "AND NOT EXISTS(SELECT 1 FROM place c WHERE c.parent = place.pid)",
      "i");
  while (!to_see.empty()) {
    const Pid pid = to_see.back();
    to_see.pop_back();
    std::optional<Pid> parent;
    {
      auto rows = parent_of.query(pid);
      if (rows.next()) parent = Pid{rows.integer(0)};
      CHECK_OK(rows.status());
    }
    TRY(gone, remove.run_counted(pid));
    if (gone == 0) continue;
    removed.push_back(pid);
    if (parent && *parent != root_place(tree_no)) to_see.push_back(*parent);
  }
  if (removed.empty()) return removed;
  writer.state().places.clear();
  CHECK_OK(remember_removed(writer, tree_no, highest_before));
  return removed;
}

Result<Place> find_place(Session& session, Pid pid) {
  auto rows = session.statement(select("WHERE pid = :1"), "i", kColumnTypes).query(pid);
  if (rows.next()) return read_place(rows);
  CHECK_OK(rows.status());
  return fail(Code::not_found, "no such place");
}

Result<std::vector<Place>> places_in(Session& session, Pid parent, std::string_view after, std::size_t limit) {
  auto rows = session.statement(select("WHERE parent = :1 AND name > :2 ORDER BY name LIMIT :3"), "iti", kColumnTypes)
                  .query(parent, after, limit);
  std::vector<Place> places;
  while (rows.next()) places.push_back(read_place(rows));
  CHECK_OK(rows.status());
  return places;
}

Result<std::vector<Place>> place_path(Session& session, Pid pid) {
  std::vector<Place> path;
  const Pid root = root_place(tree_no_of(pid));
  for (Pid at = pid; at != root; at = path.back().parent) {
    if (path.size() > kPlaceLevelsMax) return fail(Code::corrupt, "a place's parents form a circle");
    TRY(place, find_place(session, at));
    path.push_back(std::move(place));
  }
  std::ranges::reverse(path);
  return path;
}

Result<void> for_each_place(Session& session, std::int64_t tree_no, const std::function<void(const Place&)>& visit) {
  const auto [first, last] = range_of(tree_no);
  auto rows = session.statement(select("WHERE pid BETWEEN :1 AND :2 ORDER BY pid"), "ii", kColumnTypes).query(first, last);
  while (rows.next()) visit(read_place(rows));
  return rows.status();
}

Result<std::uint64_t> count_events_at(Session& session, Pid pid) {
  auto rows = session.statement("SELECT count(*) FROM event WHERE place = :1", "i", "i").query(pid);
  const auto count = rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
  CHECK_OK(rows.status());
  return count;
}

}  // namespace tablinum::store
