#include "titled_list.h"

#include <algorithm>
#include <numeric>

#include "tablinum/search/names.h"

namespace tablinum::genealogy_service {

void TitledList::add(std::uint32_t n, std::int64_t version, std::string_view title) {
  title = title.substr(0, kTitleBytesMax);
  rows_.push_back({.title = titles_.size(), .version = version, .n = n, .title_bytes = static_cast<std::uint32_t>(title.size())});
  titles_ += title;
}

void TitledList::finish() {
  auto& order = orders_[static_cast<std::size_t>(TitledOrder::title)];
  order.resize(rows_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [this](std::uint32_t a, std::uint32_t b) {
    const auto left = title(rows_[a]), right = title(rows_[b]);
    return std::tuple{left.empty(), left, a} < std::tuple{right.empty(), right, b};
  });
}

std::optional<std::string_view> TitledList::title_of(std::uint32_t n, std::int64_t version, std::size_t& hint) const noexcept {
  while (hint < rows_.size() && rows_[hint].n < n) ++hint;
  if (hint == rows_.size() || rows_[hint].n != n || rows_[hint].version != version) return std::nullopt;
  return title(rows_[hint]);
}

void TitledList::count_citations(const std::vector<std::pair<std::uint32_t, std::uint64_t>>& counts) {
  auto count = counts.begin();
  for (Row& row : rows_) {
    while (count != counts.end() && count->first < row.n) ++count;
    row.citations = count != counts.end() && count->first == row.n ? count->second : 0;
  }
  const auto& by_title = in(TitledOrder::title);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> places;  // the most cited first, then by title
  for (std::uint32_t place = 0; place < by_title.size(); ++place) places.emplace_back(~rows_[by_title[place]].citations, place);
  std::ranges::sort(places);
  auto& order = orders_[static_cast<std::size_t>(TitledOrder::citations)];
  order.clear();
  for (const auto& [fewer, place] : places) order.push_back(by_title[place]);
  has_citations_ = true;
}

/// The first place in that order of what sorts after the position.
std::size_t TitledList::place_after(TitledOrder order, const TitledPosition& position) const {
  const auto& places = in(order);
  const auto compared = [&](std::uint32_t i) {
    const auto cut = title(rows_[i]).substr(0, kCursorTitleBytes);
    const std::uint64_t fewer = order == TitledOrder::citations ? ~rows_[i].citations : 0;
    return std::tuple{fewer, cut.empty(), cut};
  };
  const std::tuple wanted{order == TitledOrder::citations ? ~position.citations : 0, position.key.empty(), std::string_view{position.key}};
  const auto alike = std::ranges::equal_range(places, wanted, {}, compared);
  const auto place = [&](auto at) { return static_cast<std::size_t>(at - places.begin()); };
  const auto n = [this](std::uint32_t i) { return rows_[i].n; };
  // What is not cut off is sorted by n.
  if (position.key.size() < kCursorTitleBytes) return place(std::ranges::upper_bound(alike, position.n, {}, n));
  const auto same = std::ranges::find(alike, position.n, n);
  return same == alike.end() ? place(alike.begin()) : place(same) + 1;
}

TitledList::Page TitledList::page(TitledOrder order, std::string_view filter, const std::optional<TitledPosition>& after,
                                  std::size_t skip, std::size_t limit) const {
  const auto& places = in(order);
  Page page;
  std::uint32_t last = 0;
  bool more = false;
  const auto first = after ? place_after(order, *after) : 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Row& row = rows_[places[i]];
    if (!filter.empty() && title(row).find(filter) == std::string_view::npos) continue;
    ++page.total;
    if (i < first || (skip > 0 && skip-- > 0)) continue;
    if (page.records.size() < limit) {
      page.records.push_back(row.n);
      last = places[i];
    } else {
      more = true;
    }
  }
  if (more) {
    const Row& row = rows_[last];
    page.next = TitledPosition{row.citations, std::string{title(row).substr(0, kCursorTitleBytes)}, row.n};
  }
  return page;
}

std::size_t TitledList::bytes() const noexcept {
  std::size_t total = sizeof *this + rows_.capacity() * sizeof(Row) + titles_.capacity();
  for (const auto& order : orders_) total += order.capacity() * sizeof(std::uint32_t);
  return total;
}

// ---- The lists that are kept -----------------------------------------------------------------------------------------------

namespace {

Result<std::shared_ptr<TitledList>> read_list(Browser& browser, const store::TreeInfo& tree, store::RecordKind kind,
                                              TitledLists::TitleOf title_of, const TitledList* before) {
  auto list = std::make_shared<TitledList>();
  std::size_t hint = 0;
  CHECK_OK(store::for_each_record_of(browser.session(), tree.tree_no, kind, [&](const store::Record& record) -> Result<void> {
    const auto n = n_of(record.rid);
    if (const auto known = before != nullptr ? before->title_of(n, record.version, hint) : std::nullopt) {
      list->add(n, record.version, *known);
      return {};
    }
    TRY(structure, tree::decode(record.structure));
    list->add(n, record.version, search::fold(title_of(structure)));
    return {};
  }));
  list->finish();
  return list;
}

Result<void> count_citations(Browser& browser, const store::TreeInfo& tree, TitledList& list) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> counts;
  CHECK_OK(store::for_each_link_target(browser.session(), tree.tree_no, store::LinkKind::citation,
                                       [&](Rid target, std::uint64_t count) { counts.emplace_back(n_of(target), count); }));
  list.count_citations(counts);
  return {};
}

}  // namespace

std::shared_ptr<TitledLists::Slot> TitledLists::slot_of(std::int64_t tree_no, store::RecordKind kind) {
  const std::lock_guard lock{mutex_};
  const auto found = std::ranges::find_if(slots_, [&](const auto& slot) { return slot->tree_no == tree_no && slot->kind == kind; });
  auto slot = found == slots_.end() ? std::make_shared<Slot>(tree_no, kind) : *found;
  if (found != slots_.end()) slots_.erase(found);
  slots_.push_back(slot);
  return slot;
}

/// Forgets lists until the others fit, the one just used at the very end.
void TitledLists::make_room() {
  const std::lock_guard lock{mutex_};
  std::size_t total = 0;
  for (const auto& slot : slots_) total += slot->bytes;
  while (total > bytes_max_ && !slots_.empty()) {
    total -= slots_.front()->bytes;
    slots_.erase(slots_.begin());
  }
}

Result<std::shared_ptr<const TitledList>> TitledLists::get(Browser& browser, const store::TreeInfo& tree, store::RecordKind kind,
                                                           TitleOf title_of, TitledOrder order) {
  const auto slot = slot_of(tree.tree_no, kind);
  std::shared_ptr<const TitledList> list;
  {
    const std::lock_guard lock{slot->mutex};
    const bool current = slot->list && slot->generation == tree.generation;
    if (current && (slot->list->has_citations() || order != TitledOrder::citations)) return slot->list;
    std::shared_ptr<TitledList> fresh;
    if (current) {
      fresh = std::make_shared<TitledList>(*slot->list);
    } else {
      TRY(read, read_list(browser, tree, kind, title_of, slot->list.get()));
      fresh = std::move(read);
    }
    if (order == TitledOrder::citations) CHECK_OK(count_citations(browser, tree, *fresh));
    list = std::move(fresh);
    // A reader that began before the last change sees its own state, but does not take the newer one from others.
    if (slot->list && slot->generation > tree.generation) return list;
    slot->bytes = list->bytes();
    slot->generation = tree.generation;
    slot->list = list;
  }
  make_room();
  return list;
}

std::size_t TitledLists::bytes() const {
  const std::lock_guard lock{mutex_};
  std::size_t total = 0;
  for (const auto& slot : slots_) total += slot->bytes;
  return total;
}

}  // namespace tablinum::genealogy_service
