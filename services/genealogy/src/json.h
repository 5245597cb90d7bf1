#pragma once
/// Records as the API shows them. Shapes: docs/api/openapi.json; each function writes one value.
#include <string_view>

#include "browser.h"
#include "tablinum/base/json.h"

namespace tablinum::genealogy_service {

using json::Writer;

void write_date(Writer& w, const model::Date& date, std::string_view original);
/// Null where there is no date.
void write_date_or_null(Writer& w, const model::EventView& event);
/// Null where the event names no place.
void write_place_ref(Writer& w, const store::TreeInfo& tree, const model::EventView& event,
                     const std::vector<store::Event>& rows);

/// A person in one line.
Result<void> write_brief(Writer& w, Browser& browser, Rid person);

/// The facts of a person or family, in the order of the life.
struct FactOwner {
  const store::TreeInfo& tree;
  const store::Record& record;
  const tree::Structure& structure;
  const model::RecordView& view;
  const std::vector<model::EventView>& events;
  const std::vector<store::Event>& rows;
  bool family = false;
};
FactOwner owner_of(const store::TreeInfo& tree, const PersonData& person) noexcept;
FactOwner owner_of(const store::TreeInfo& tree, const FamilyData& family) noexcept;
/// `partner`: the other partner, for the fact of a family seen from one of them.
Result<void> write_fact(Writer& w, Browser& browser, const FactOwner& owner, std::size_t event, std::optional<Rid> partner);
/// Indices of the events in the order of the life: dated ones by date, birth first and death last among equals, undated ones at
/// the end.
std::vector<std::size_t> life_order(const std::vector<model::EventView>& events);

/// The notes of `record` hanging under `owner_node` (0: the record itself), as an array.
Result<void> write_notes(Writer& w, Browser& browser, const store::Record& record, const model::RecordView& view,
                         std::uint32_t owner_node);
/// Best quality of the citations under a node; nothing without citation.
std::optional<int> best_quality(const model::RecordView& view, std::uint32_t node) noexcept;
std::size_t count_links(const model::RecordView& view, model::LinkKind kind, std::optional<std::uint32_t> owner = {}) noexcept;

void write_union_facts_members(Writer& w, const store::TreeInfo& tree, const FamilyData& family);
/// What leads to a picture; null for a link that leads nowhere.
Result<void> write_media_ref(Writer& w, Browser& browser, Rid media);
Result<void> write_media(Writer& w, Browser& browser, Rid media);
/// One citation of a record: `link` is a citation of `view`.
Result<void> write_citation(Writer& w, Browser& browser, const FactOwner& owner, const model::LinkView& link);
Result<void> write_source(Writer& w, Browser& browser, Rid source);
Result<void> write_place(Writer& w, Browser& browser, const store::TreeInfo& tree, const store::Place& place);

std::string_view sex_letter(model::Sex sex) noexcept;
std::string_view pedigree_word(int pedigree) noexcept;
/// The first picture of the person that can be shown, and its address.
Result<std::optional<Rid>> portrait_media(Browser& browser, const PersonData& person);
Result<std::optional<std::string>> portrait_url(Browser& browser, const PersonData& person);
/// The whole person; `language` for the words of relations.
Result<void> write_person(Writer& w, Browser& browser, Rid rid, std::string_view language, bool with_family);
/// Parents, unions, siblings and children.
Result<void> write_person_family(Writer& w, Browser& browser, Rid rid);
/// The outside id of a node of a record: "<record id>~<number>".
std::string node_id(const store::Record& record, std::uint16_t number);

}  // namespace tablinum::genealogy_service
