#include "json.h"

#include <algorithm>

#include "pictures.h"
#include "tablinum/media/picture.h"
#include "tablinum/store/blobs.h"

namespace tablinum::genealogy_service {
namespace {

/// The API knows seven kinds; finer ones stand in the original text.
std::string_view date_kind(model::DateKind kind) noexcept {
  switch (kind) {
    case model::DateKind::exact:
    case model::DateKind::interpreted: return "exact";
    case model::DateKind::about:
    case model::DateKind::calculated:
    case model::DateKind::estimated: return "about";
    case model::DateKind::before: return "before";
    case model::DateKind::after: return "after";
    case model::DateKind::between: return "between";
    case model::DateKind::from:
    case model::DateKind::to:
    case model::DateKind::period: return "period";
    default: return "text";
  }
}

std::string_view calendar_name(model::Calendar calendar) noexcept {
  switch (calendar) {
    case model::Calendar::julian: return "julian";
    case model::Calendar::hebrew: return "hebrew";
    case model::Calendar::french_republican: return "french-republican";
    default: return "gregorian";
  }
}

std::string_view point_precision(const model::Date& date) noexcept {
  if (!date.understood()) return "none";
  return date.first.day != 0 ? "day" : date.first.month != 0 ? "month" : "year";
}

void write_day(Writer& w, std::string_view name, std::optional<model::Jdn> day) {
  if (day)
    w.field(name, model::to_iso(*day));
  else
    w.field(name, std::optional<std::string>{});
}

const store::Event* row_of(const std::vector<store::Event>& rows, const model::EventView& event) noexcept {
  const auto found = std::ranges::find(rows, event.number, &store::Event::ord);
  return found == rows.end() ? nullptr : &*found;
}

void write_vital(Writer& w, const store::TreeInfo& tree, const model::EventView* event, const std::vector<store::Event>& rows) {
  if (event == nullptr) return w.null();
  w.begin_object();
  w.key("date");
  write_date_or_null(w, *event);
  w.key("place");
  write_place_ref(w, tree, *event, rows);
  w.end_object();
}

const model::EventView* event_at(const std::vector<model::EventView>& events, std::size_t index) noexcept {
  return index == model::kNone ? nullptr : &events[index];
}

/// Best citation quality among birth and death.
std::optional<int> vital_quality(const model::PersonView& view) noexcept {
  std::optional<int> best;
  for (const auto index : {view.birth, view.death}) {
    if (const auto* event = event_at(view.events, index)) {
      if (const auto quality = best_quality(view, event->node)) best = std::max(best.value_or(0), *quality);
    }
  }
  return best;
}

std::string plain_name(const model::PersonView& view) {
  const auto* name = view.preferred_name();
  return name == nullptr ? std::string{} : model::display_name(*name);
}

std::string media_url(const store::Record& record) { return "/api/v1/media/" + to_string(record.id.value()) + "/content"; }

std::string thumbnail_url(const store::Record& record, std::uint32_t side) {
  return "/api/v1/media/" + to_string(record.id.value()) + "/thumbnail?size=" + std::to_string(side);
}

struct MediaParts {
  const OtherData* data = nullptr;
  model::MediaView view;
  std::string_view mime = "application/octet-stream";
  std::optional<Digest> blob;
};

/// Width and height as shown, from the file's beginning; nothing where it does not say.
std::optional<media::PictureInfo> info_of(const MediaParts& parts, const store::Blobs& blobs) {
  if (!parts.blob || !is_picture(parts.mime)) return std::nullopt;
  // Most say it at once; behind a camera's own small picture or a colour profile it comes later.
  for (const std::size_t bytes : {std::size_t{4096}, media::kPictureHeadBytes}) {
    const auto head = blobs.read_range(*parts.blob, 0, bytes);
    if (!head) return std::nullopt;
    if (const auto info = media::picture_info(*head)) return *info;
  }
  return std::nullopt;
}

Result<MediaParts> media_parts(Browser& browser, Rid rid) {
  MediaParts parts;
  TRY(data, browser.other(rid));
  if (data->record.kind != store::RecordKind::media) return fail(Code::not_found, "there is no such media");
  parts.data = data;
  model::read_media(data->structure, parts.view);
  if (!parts.view.files.empty()) {
    const auto& file = parts.view.files.front();
    parts.mime = model::mime_of_form(file.form);
    TRY(blob, browser.blob_of(rid, file.path));
    parts.blob = blob;
  }
  return parts;
}

void write_media_ref_members(Writer& w, const MediaParts& parts) {
  w.field("id", to_string(parts.data->record.id.value()));
  w.field("title", parts.view.title);
  w.field("mime", parts.mime);
  w.key("thumbnailUrl");
  if (parts.blob && is_picture(parts.mime))
    w.value(thumbnail_url(parts.data->record, kTileSide));
  else
    w.null();
  w.key("crop");
  w.null();
}

std::string_view media_kind(const MediaParts& parts) noexcept {
  if (parts.mime.starts_with("image/")) return "photo";
  if (parts.mime.starts_with("audio/")) return "audio";
  if (parts.mime.starts_with("video/")) return "video";
  return parts.mime.starts_with("text/") || parts.mime == "application/pdf" ? "document" : "other";
}

std::string_view union_status(const FamilyData& family) noexcept {
  const auto has = [&](model::EventType type) {
    return std::ranges::any_of(family.view.events, [&](const auto& event) { return event.type == type && !event.negative; });
  };
  if (has(model::EventType::divorce) || has(model::EventType::annulment)) return "divorced";
  if (has(model::EventType::customary_union)) return "customary";
  if (has(model::EventType::marriage)) return "married";
  return "unknown";
}

}  // namespace

std::string_view sex_letter(model::Sex sex) noexcept {
  switch (sex) {
    case model::Sex::male: return "M";
    case model::Sex::female: return "F";
    case model::Sex::other: return "X";
    default: return "U";
  }
}

std::string_view pedigree_word(int pedigree) noexcept {
  static constexpr std::string_view kWords[] = {"unknown", "birth",    "adopted",   "foster", "sealing",
                                                "step",    "guardian", "surrogate", "donor"};
  return pedigree >= 0 && pedigree < 9 ? kWords[pedigree] : "other";
}

std::string node_id(const store::Record& record, std::uint16_t number) {
  return to_string(record.id.value()) + '~' + std::to_string(number);
}

void write_date(Writer& w, const model::Date& date, std::string_view original) {
  w.begin_object();
  w.field("original", original.empty() ? date.phrase : original);
  w.field("kind", date_kind(date.kind));
  write_day(w, "from", date.days.min);
  write_day(w, "to", date.days.max);
  w.field("calendar", calendar_name(date.first.calendar));
  w.field("precision", point_precision(date));
  w.end_object();
}

void write_date_or_null(Writer& w, const model::EventView& event) {
  if (event.date.kind == model::DateKind::none)
    w.null();
  else
    write_date(w, event.date, event.date_text);
}

void write_place_ref(Writer& w, const store::TreeInfo& tree, const model::EventView& event,
                     const std::vector<store::Event>& rows) {
  if (event.place.text.empty()) return w.null();
  const auto* row = row_of(rows, event);
  w.begin_object();
  w.key("id");
  if (row != nullptr && row->place)
    w.value(to_string(place_id(tree.id, *row->place)));
  else
    w.null();
  w.field("text", event.place.text);
  w.end_object();
}

std::optional<int> best_quality(const model::RecordView& view, std::uint32_t node) noexcept {
  std::optional<int> best;
  for (const auto& link : view.links) {
    if (link.kind != model::LinkKind::citation || link.owner != node) continue;
    // A citation whose quality nobody judged is still one: the lowest.
    best = std::max(best.value_or(0), link.quality == model::kNoQuality ? 0 : int{link.quality});
  }
  return best;
}

std::size_t count_links(const model::RecordView& view, model::LinkKind kind, std::optional<std::uint32_t> owner) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      view.links, [&](const auto& link) { return link.kind == kind && (!owner || link.owner == *owner); }));
}

Result<std::optional<Rid>> portrait_media(Browser& browser, const PersonData& person) {
  auto [known, fresh] = browser.portraits.try_emplace(person.record.rid);
  if (!fresh) return known->second;
  for (const auto& link : person.view.links) {
    if (link.kind != model::LinkKind::media || link.owner != 0) continue;
    const auto rid = browser.resolve(link.target);
    if (!rid) continue;
    const auto parts = media_parts(browser, *rid);
    if (!parts || !parts->blob || !is_picture(parts->mime)) continue;
    known->second = rid;
    break;
  }
  return known->second;
}

Result<std::optional<std::string>> portrait_url(Browser& browser, const PersonData& person) {
  TRY(rid, portrait_media(browser, person));
  if (!rid) return std::optional<std::string>{};
  TRY(data, browser.other(*rid));
  return thumbnail_url(data->record, kFaceSide);
}

Result<void> write_brief(Writer& w, Browser& browser, Rid rid) {
  TRY(person, browser.person(rid));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  TRY(portrait, portrait_url(browser, *person));
  const auto& view = person->view;
  const auto* name = view.preferred_name();
  w.begin_object();
  w.field("id", to_string(person->record.id.value()));
  w.field("treeId", to_string(tree.id.value()));
  w.field("name", plain_name(view));
  w.field("given", name == nullptr ? std::string_view{} : name->given);
  w.field("surname", name == nullptr ? std::string_view{} : name->surname);
  w.field("sex", sex_letter(view.sex));
  w.field("living", n_of(rid) < graph->living.size() && graph->living[n_of(rid)]);
  w.field("hidden", false);
  w.key("birth");
  write_vital(w, tree, event_at(view.events, view.birth), person->events);
  w.key("death");
  write_vital(w, tree, event_at(view.events, view.death), person->events);
  w.field("quality", vital_quality(view));
  w.field("portraitUrl", portrait);
  w.end_object();
  return {};
}

FactOwner owner_of(const store::TreeInfo& tree, const PersonData& person) noexcept {
  return {tree, person.record, person.structure, person.view, person.view.events, person.events, false};
}
FactOwner owner_of(const store::TreeInfo& tree, const FamilyData& family) noexcept {
  return {tree, family.record, family.structure, family.view, family.view.events, family.events, true};
}

std::vector<std::size_t> life_order(const std::vector<model::EventView>& events) {
  std::vector<std::size_t> order(events.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto rank = [&](std::size_t i) {
    const auto type = events[i].type;
    return type == model::EventType::birth ? 0 : type == model::EventType::death ? 2 : type == model::EventType::burial ? 3 : 1;
  };
  const auto dated = [&](std::size_t i) { return !events[i].date.days.open() || !events[i].sort_date.days.open(); };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (dated(a) && dated(b)) {
      const auto ka = model::sort_key(events[a]), kb = model::sort_key(events[b]);
      if (ka.day != kb.day) return ka.day < kb.day;
      return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
    }
    // A birth without a date still comes first, a death last.
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return dated(a) != dated(b) ? dated(a) : a < b;
  });
  return order;
}

Result<void> write_notes(Writer& w, Browser& browser, const store::Record& record, const model::RecordView& view,
                         std::uint32_t owner_node) {
  w.begin_array();
  for (const auto& link : view.links) {
    if (link.kind != model::LinkKind::note || link.owner != owner_node) continue;
    const auto part = link.number == 0 ? std::nullopt : std::optional{node_id(record, link.number)};
    if (link.target.kind == tree::PayloadKind::text) {
      w.begin_object();
      w.field("id", std::optional<std::string>{});
      w.field("part", part);
      w.field("text", link.target.text);
      w.field("lang", std::optional<std::string>{});
      w.field("mime", "text/plain");
      w.end_object();
      continue;
    }
    const auto rid = browser.resolve(link.target);
    if (!rid) continue;
    TRY(data, browser.other(*rid));
    model::NoteView note;
    model::read_note(data->structure, note);
    w.begin_object();
    w.field("id", to_string(data->record.id.value()));
    w.field("part", part);
    w.field("text", note.text);
    w.field("lang", note.language.empty() ? std::nullopt : std::optional{note.language});
    w.field("mime", note.mime.empty() ? std::string_view{"text/plain"} : note.mime);
    w.end_object();
  }
  w.end_array();
  return {};
}

Result<void> write_fact(Writer& w, Browser& browser, const FactOwner& owner, std::size_t index, std::optional<Rid> partner) {
  const auto& event = owner.events[index];
  const auto earlier = std::span{owner.events}.first(index);
  const auto text_or_null = [](std::string_view text) { return text.empty() ? std::nullopt : std::optional{text}; };
  w.begin_object();
  w.field("id", node_id(owner.record, event.number));
  w.field("type", owner.structure.tag_name(event.node));
  w.field("typeText", text_or_null(event.type_text));
  w.field("value", event.asserted ? std::string_view{} : event.value);
  w.key("date");
  write_date_or_null(w, event);
  w.key("place");
  write_place_ref(w, owner.tree, event, owner.rows);
  w.field("cause", text_or_null(event.cause));
  w.field("age", text_or_null(event.age_text));
  w.field("quality", best_quality(owner.view, event.node));
  w.field("citations", count_links(owner.view, model::LinkKind::citation, event.node));
  w.key("notes");
  CHECK_OK(write_notes(w, browser, owner.record, owner.view, event.node));
  w.field("familyId", owner.family ? std::optional{to_string(owner.record.id.value())} : std::nullopt);
  w.key("partner");
  if (partner)
    CHECK_OK(write_brief(w, browser, *partner));
  else
    w.null();
  // GEDCOM's rule: the first of several is the preferred one; attributes do not compete.
  const bool competes = event.type == model::EventType::birth || event.type == model::EventType::death;
  w.field("preferred",
          !competes || std::ranges::none_of(earlier, [&](const auto& e) { return e.type == event.type && !e.negative; }));
  w.end_object();
  return {};
}

void write_union_facts_members(Writer& w, const store::TreeInfo& tree, const FamilyData& family) {
  const auto divorce = std::ranges::find(family.view.events, model::EventType::divorce, &model::EventView::type);
  w.field("status", union_status(family));
  w.key("marriage");
  write_vital(w, tree, event_at(family.view.events, family.view.marriage()), family.events);
  w.key("divorce");
  write_vital(w, tree, divorce == family.view.events.end() ? nullptr : &*divorce, family.events);
}

Result<void> write_media_ref(Writer& w, Browser& browser, Rid media) {
  TRY(parts, media_parts(browser, media));
  w.begin_object();
  write_media_ref_members(w, parts);
  w.end_object();
  return {};
}

Result<void> write_media(Writer& w, Browser& browser, Rid rid) {
  TRY(parts, media_parts(browser, rid));
  TRY(tree, browser.tree_of(rid));
  w.begin_object();
  write_media_ref_members(w, parts);
  w.field("treeId", to_string(tree.id.value()));
  w.field("kind", media_kind(parts));
  w.field("fileName", parts.view.files.empty() ? std::string_view{} : parts.view.files.front().path);
  w.field("contentUrl", parts.blob ? std::optional{media_url(parts.data->record)} : std::nullopt);
  std::optional<std::uint64_t> bytes;
  if (parts.blob) {
    if (const auto size = browser.archive().blobs().size(*parts.blob)) bytes = *size;
  }
  w.field("bytes", bytes);
  const auto info = info_of(parts, browser.archive().blobs());
  w.field("width", info ? std::optional{info->shown_width()} : std::nullopt);
  w.field("height", info ? std::optional{info->shown_height()} : std::nullopt);
  for (const auto* name : {"date", "place"}) w.field(name, std::optional<int>{});
  w.key("notes");
  CHECK_OK(write_notes(w, browser, parts.data->record, parts.view, 0));
  w.key("persons");
  w.begin_array();
  TRY(links, store::links_to(browser.session(), rid, store::LinkKind::media, Rid{}, 50));
  Rid last;
  for (const auto& link : links) {
    if (link.rid == last) continue;
    last = link.rid;
    if (browser.person(link.rid)) CHECK_OK(write_brief(w, browser, link.rid));
  }
  w.end_array();
  w.end_object();
  return {};
}

Result<void> write_citation(Writer& w, Browser& browser, const FactOwner& owner, const model::LinkView& link) {
  const auto& structure = owner.structure;
  const auto rid = browser.resolve(link.target);
  std::optional<std::string> source_id;
  std::string title{link.target.kind == tree::PayloadKind::text ? link.target.text : std::string_view{}};
  if (rid) {
    TRY(data, browser.other(*rid));
    model::SourceView source;
    model::read_source(data->structure, source);
    source_id = to_string(data->record.id.value());
    title = source.title.empty() ? source.abbreviation : source.title;
  }
  const auto data_node = structure.child(link.node, tree::Tag::DATA);
  const auto text = data_node == tree::kNoNode ? structure.child_text(link.node, tree::Tag::TEXT)
                                               : structure.child_text(data_node, tree::Tag::TEXT);
  const auto date_text = data_node == tree::kNoNode ? std::string_view{} : structure.child_text(data_node, tree::Tag::DATE);
  w.begin_object();
  w.field("id", node_id(owner.record, link.number));
  w.key("source");
  w.begin_object();
  w.field("id", source_id);
  w.field("title", title);
  w.end_object();
  w.field("page", link.detail);
  w.field("quality", link.quality == model::kNoQuality ? std::nullopt : std::optional<int>{link.quality});
  w.field("text", text);
  w.key("date");
  if (date_text.empty())
    w.null();
  else
    write_date(w, model::parse_date(date_text), date_text);
  w.key("supports");
  w.begin_array();
  w.begin_object();
  w.field("factId", node_id(owner.record, structure[link.owner].number));
  w.field("type", structure.tag_name(link.owner));
  const auto type_text = structure.child_text(link.owner, tree::Tag::TYPE);
  w.field("typeText", type_text.empty() ? std::nullopt : std::optional{type_text});
  w.end_object();
  w.end_array();
  w.key("media");
  w.begin_array();
  for (const auto& other : owner.view.links) {
    if (other.kind != model::LinkKind::media || other.owner != link.node) continue;
    if (const auto media = browser.resolve(other.target)) CHECK_OK(write_media_ref(w, browser, *media));
  }
  w.end_array();
  w.key("notes");
  CHECK_OK(write_notes(w, browser, owner.record, owner.view, link.node));
  w.end_object();
  return {};
}

Result<void> write_source(Writer& w, Browser& browser, Rid rid) {
  TRY(data, browser.other(rid));
  TRY(tree, browser.tree_of(rid));
  TRY(citations, store::count_links_to(browser.session(), rid, store::LinkKind::citation));
  model::SourceView source;
  model::read_source(data->structure, source);
  w.begin_object();
  w.field("id", to_string(data->record.id.value()));
  w.field("treeId", to_string(tree.id.value()));
  w.field("title", source.title.empty() ? source.abbreviation : source.title);
  w.field("author", source.author);
  w.field("publication", source.publication);
  w.field("abbreviation", source.abbreviation);
  w.field("text", source.text);
  w.key("repositories");
  w.begin_array();
  for (const auto& link : source.links) {
    if (link.kind != model::LinkKind::repository) continue;
    const auto repository_rid = browser.resolve(link.target);
    if (!repository_rid) continue;
    TRY(repository_data, browser.other(*repository_rid));
    model::RepositoryView repository;
    model::read_repository(repository_data->structure, repository);
    w.begin_object();
    w.field("id", to_string(repository_data->record.id.value()));
    w.field("name", repository.name);
    w.field("callNumber", link.detail);
    w.end_object();
  }
  w.end_array();
  w.field("citations", citations);
  w.key("media");
  w.begin_array();
  for (const auto& link : source.links) {
    if (link.kind != model::LinkKind::media || link.owner != 0) continue;
    if (const auto media = browser.resolve(link.target)) CHECK_OK(write_media_ref(w, browser, *media));
  }
  w.end_array();
  w.key("notes");
  CHECK_OK(write_notes(w, browser, data->record, source, 0));
  w.end_object();
  return {};
}

Result<void> write_place(Writer& w, Browser& browser, const store::TreeInfo& tree, const store::Place& place) {
  TRY(path, store::place_path(browser.session(), place.pid));
  TRY(events, store::count_events_at(browser.session(), place.pid));
  TRY(children, store::places_in(browser.session(), place.pid, {}, store::kPageMax));
  std::string full;
  for (auto level = path.rbegin(); level != path.rend(); ++level) full += (full.empty() ? "" : ", ") + level->name;
  w.begin_object();
  w.field("id", to_string(place_id(tree.id, place.pid)));
  w.field("treeId", to_string(tree.id.value()));
  w.field("name", place.name);
  w.field("fullName", full);
  w.key("parents");
  w.begin_array();
  for (const auto& level : path) {
    if (level.pid == place.pid) continue;
    w.begin_object();
    w.field("id", to_string(place_id(tree.id, level.pid)));
    w.field("name", level.name);
    w.end_object();
  }
  w.end_array();
  w.field("latitude", place.lat);
  w.field("longitude", place.lon);
  w.field("events", events);
  TRY(rows, store::events_at(browser.session(), place.pid, Rid{}, store::kPageMax));
  std::size_t persons = 0;
  Rid last;
  for (const auto& row : rows) persons += row.rid == last ? 0 : 1, last = row.rid;
  w.field("persons", persons);
  w.field("children", children.size());
  w.key("otherNames");
  w.begin_array();
  w.end_array();
  w.end_object();
  return {};
}

}  // namespace tablinum::genealogy_service
