#include "record_list.h"

#include "tablinum/search/names.h"

namespace tablinum::genealogy_service {
namespace {

Result<std::optional<TitledPosition>> position_of(const Context& context, const api::Call& call, std::string_view binding) {
  const auto cursor = call.parameter("cursor");
  if (!cursor) return std::nullopt;
  TRY(fields, context.cursors.open(binding, *cursor));
  if (fields.size() != 3) return std::nullopt;
  // Signed by us, so numbers.
  return TitledPosition{std::stoull(fields[0]), fields[1], static_cast<std::uint32_t>(std::stoul(fields[2]))};
}

}  // namespace

Result<api::Reply> titled_page(Context& context, Browser& browser, const api::Call& call, const store::TreeInfo& tree,
                               store::RecordKind kind, TitledOrder order, TitledLists::TitleOf title_of,
                               Result<void> (*write)(Writer&, Browser&, Rid)) {
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  TRY(skip, call.number("skip", 0, api::kSkipMax, 0));
  const std::string binding = std::string{call.path} + '?' + binding_of(call);
  TRY(after, position_of(context, call, binding));
  TRY(list, context.titled.get(browser, tree, kind, title_of, order));
  const auto filter = search::fold(call.parameter("filter[title]").value_or(""));
  const auto page = list->page(order, filter, after, static_cast<std::size_t>(skip), static_cast<std::size_t>(limit));
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto n : page.records) CHECK_OK(write(w, browser, make_rid(tree.tree_no, n)));
  w.end_array();
  w.field("total", page.total);
  w.field("nextCursor", page.next ? std::optional{context.cursors.seal(binding, {std::to_string(page.next->citations), page.next->key,
                                                                                  std::to_string(page.next->n)})}
                                  : std::nullopt);
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

}  // namespace tablinum::genealogy_service
