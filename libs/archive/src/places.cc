#include "places.h"

#include "tablinum/search/index.h"

namespace tablinum::archive {

namespace model = tree::model;

Result<store::Pid> PlaceCache::find(store::Writer& writer, std::int64_t tree_no, const model::PlaceUse& use) {
  if (const auto known = known_.find(use.text); known != known_.end()) return known->second;
  model::split_place(use.text, names_);
  levels_.clear();
  folded_.clear();
  folded_.reserve(names_.size());
  // A blank level ("Umtali, , Rhodesia") counts for FORM but is no place.
  for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
    if (!name->empty()) levels_.push_back({*name, folded_.emplace_back(search::fold(*name))});
  }
  if (levels_.empty()) levels_.push_back({"?", folded_.emplace_back("?")});
  TRY(pid, store::ensure_place(writer, tree_no, levels_));
  if (use.coordinates) CHECK_OK(store::update_place(writer, pid, use.coordinates->latitude, use.coordinates->longitude, {}));
  return known_.emplace(use.text, pid).first->second;
}

Result<void> PlaceCache::link_record(store::Writer& writer, Rid rid, const tree::Structure& structure) {
  model::PlaceView view;
  model::read_place(structure, view);
  if (view.names.empty() || view.names.front().text.empty()) return {};
  std::string text{view.names.front().text};
  if (!view.jurisdictions.empty()) text.append(", ").append(view.jurisdictions.front().text);
  model::PlaceUse use;
  use.text = text;
  TRY(pid, find(writer, rid.value() >> 32, use));
  const auto& at = view.coordinates;
  const auto coordinate = [&](double value) { return at ? std::optional{value} : std::nullopt; };
  return store::update_place(writer, pid, coordinate(at ? at->latitude : 0), coordinate(at ? at->longitude : 0), rid);
}

Result<void> store_place_documents(store::Writer& writer, std::int64_t tree_no) {
  std::unordered_map<std::int64_t, store::Place> places;
  std::vector<std::int64_t> order;
  CHECK_OK(store::for_each_place(writer, tree_no, [&](const store::Place& place) {
    order.push_back(place.pid.value());
    places.emplace(place.pid.value(), place);
  }));
  search::DocumentIndex documents{writer};
  search::Tokenizer tokenizer;
  search::Document document;
  std::vector<std::string_view> around;
  for (const auto pid : order) {
    const auto& place = places.at(pid);
    if (place.rid) continue;
    around.clear();
    for (auto at = places.find(place.parent.value()); at != places.end() && around.size() < store::kPlaceLevelsMax;
         at = places.find(at->second.parent.value())) {
      around.push_back(at->second.name);
    }
    search::place_document(tokenizer, place.name, around, document);
    CHECK_OK(documents.store_new(make_rid(tree_no, search::document_of_place(static_cast<std::uint32_t>(pid))), document));
  }
  return {};
}

}  // namespace tablinum::archive
