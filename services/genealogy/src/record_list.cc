#include "record_list.h"

#include <algorithm>

#include "tablinum/search/names.h"

namespace tablinum::genealogy_service {

Result<std::vector<TitledRecord>> titled_records(Browser& browser, const store::TreeInfo& tree, store::RecordKind kind,
                                                 std::optional<std::string_view> filter,
                                                 std::string (*title_of)(const OtherData&)) {
  const auto wanted = search::fold(filter.value_or(""));
  std::vector<TitledRecord> list;
  for (Rid after{(tree.tree_no << 32) - 1}; list.size() < kTitledMax;) {
    TRY(heads, store::list_records(browser.session(), tree.tree_no, kind, after, store::kPageMax));
    for (const auto& head : heads) {
      TRY(data, browser.other(head.rid));
      auto key = search::fold(title_of(*data));
      if (key.find(wanted) != std::string::npos) list.push_back({head.rid, std::move(key)});
    }
    if (heads.size() < store::kPageMax) break;
    after = heads.back().rid;
  }
  std::ranges::sort(list, [](const TitledRecord& a, const TitledRecord& b) {
    return std::tuple{a.key.empty(), std::string_view{a.key}, a.rid} <
           std::tuple{b.key.empty(), std::string_view{b.key}, b.rid};
  });
  return list;
}

Result<api::Reply> titled_page(Context& context, Browser& browser, const api::Call& call, const store::TreeInfo& tree,
                               const std::vector<TitledRecord>& list, Result<void> (*write)(Writer&, Browser&, Rid)) {
  return paged(context, call, binding_of(call), list.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write(w, browser, list[i].rid); });
}

}  // namespace tablinum::genealogy_service
