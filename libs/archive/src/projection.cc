#include "projection.h"

#include "tablinum/tree/model/living.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;

std::optional<std::int32_t> day_of(std::optional<model::Jdn> day) {
  return day ? std::optional{static_cast<std::int32_t>(*day)} : std::nullopt;
}

/// RESN as the archive's classes: what is confidential or private is closed; locked only forbids changing.
store::Restriction restriction_of(std::uint8_t bits) noexcept {
  return (bits & (model::kConfidential | model::kPrivacy)) != 0 ? store::Restriction::confidential : store::Restriction::none;
}

store::LinkKind link_kind(model::LinkKind kind) noexcept {
  switch (kind) {
    case model::LinkKind::citation: return store::LinkKind::citation;
    case model::LinkKind::media: return store::LinkKind::media;
    case model::LinkKind::note: return store::LinkKind::note;
    case model::LinkKind::repository: return store::LinkKind::repository;
    case model::LinkKind::association: return store::LinkKind::association;
    case model::LinkKind::submitter: return store::LinkKind::submitter;
    default: return store::LinkKind::other;
  }
}

/// Numbers of rows: the node's own where it has one and no row before used it, else the next free one above the addressable
/// ones. None is left after some 32,000 of those: the record keeps what has no row.
class Ordinals {
 public:
  std::optional<store::NodeNumber> next(std::uint16_t number) {
    if (number != 0 && number < kUnnumberedOrd && number != last_) return last_ = number;
    if (free_ > std::numeric_limits<store::NodeNumber>::max()) return std::nullopt;
    return static_cast<store::NodeNumber>(free_++);
  }

 private:
  std::uint16_t last_ = 0;
  std::uint32_t free_ = kUnnumberedOrd;
};

bool names_a_thing_to_find(model::EventType type) noexcept {
  return model::group(type) == model::EventGroup::attribute || type == model::EventType::occupation ||
         type == model::EventType::custom;
}

/// Born, married and buried in one town: the document needs it once. Looks at a few only, for records with very many places.
bool is_among_last(std::span<const std::string_view> texts, std::string_view text) {
  constexpr std::size_t kTextsCompared = 16;
  const auto last = texts.last(std::min(texts.size(), kTextsCompared));
  return std::ranges::find(last, text) != last.end();
}

}  // namespace

store::RecordKind store_kind(model::RecordKind kind) noexcept {
  switch (kind) {
    case model::RecordKind::person: return store::RecordKind::person;
    case model::RecordKind::family: return store::RecordKind::family;
    case model::RecordKind::source: return store::RecordKind::source;
    case model::RecordKind::repository: return store::RecordKind::repository;
    case model::RecordKind::media: return store::RecordKind::media;
    case model::RecordKind::note: return store::RecordKind::note;
    case model::RecordKind::submitter: return store::RecordKind::submitter;
    case model::RecordKind::submission: return store::RecordKind::submission;
    case model::RecordKind::place: return store::RecordKind::place;
    case model::RecordKind::story: return store::RecordKind::story;
    default: return store::RecordKind::other;
  }
}

Projector::Projector(FindRid find_rid, FindPlace find_place, FindBlob find_blob)
    : find_rid_{std::move(find_rid)}, find_place_{std::move(find_place)}, find_blob_{std::move(find_blob)} {}

std::string& Projector::next_text() {
  // Rows hold views into these strings: a vector that grows would move them, so it is filled up front and texts are reused.
  if (texts_used_ == texts_.size()) texts_.resize(texts_.size() + 1);
  auto& text = texts_[texts_used_++];
  text.clear();
  return text;
}

Result<void> Projector::project(const tree::Structure& structure, const ProjectionInputs& inputs) {
  names_.clear();
  events_.clear();
  links_.clear();
  identifiers_.clear();
  search_names_.clear();
  body_.clear();
  texts_used_ = 0;
  draft_ = {};
  draft_.rid = inputs.rid;
  draft_.id = inputs.id;
  draft_.xref = inputs.xref;

  const auto kind = model::record_kind(structure);
  draft_.kind = store_kind(kind);
  encoded_.clear();
  tree::encode(structure, encoded_);
  draft_.structure = encoded_;
  draft_.fields = hasher_(structure, inputs.fields);

  if (kind == model::RecordKind::person)
    CHECK_OK(person(structure, inputs));
  else if (kind == model::RecordKind::family)
    CHECK_OK(family(structure, inputs));
  else
    CHECK_OK(other(structure, kind));
  draft_.names = names_;
  draft_.events = events_;
  draft_.links = links_;
  draft_.identifiers = identifiers_;
  return {};
}

Result<void> Projector::person(const tree::Structure& structure, const ProjectionInputs& inputs) {
  model::read_person(structure, person_);
  draft_.restriction = restriction_of(person_.restriction);
  // Two texts a name, and one for the label; made before the first view is taken.
  if (texts_.size() < 2 * person_.names.size() + 1) texts_.resize(2 * person_.names.size() + 1);
  add_names(person_);
  CHECK_OK(add_events(person_.events));
  add_links(person_);
  add_identifiers(person_);

  const auto birth = person_.birth_days();
  const auto death = person_.death_days();
  const bool bounded = inputs.living_until != model::kUnbounded && inputs.living_until != model::kDead;
  person_row_ = {.sex = static_cast<std::uint8_t>(person_.sex),
                 .living = model::is_living(inputs.living_until, inputs.today),
                 .living_until = bounded ? std::optional{static_cast<std::int32_t>(inputs.living_until)} : std::nullopt,
                 .birth_min = day_of(birth.min),
                 .birth_max = day_of(birth.max),
                 .death_min = day_of(death.min),
                 .death_max = day_of(death.max),
                 .label = names_.empty() ? std::string_view{} : names_.front().full_text};
  draft_.person = &person_row_;
  add_notes_to_document(person_);
  tokenizer_.document({.names = search_names_, .title = {}, .body = body_}, document_);
  return {};
}

void Projector::add_names(const model::PersonView& person) {
  Ordinals ordinals;
  for (const auto& name : person.names) {
    const auto ord = ordinals.next(name.number);
    if (!ord) break;
    auto& full = next_text();
    model::append_display_name(name, full);
    auto& key = next_text();
    key = search::sort_key(name.surname_prefix, name.surname, name.given);
    names_.push_back({.ord = *ord,
                      .kind = static_cast<std::uint8_t>(name.kind),
                      .variant = static_cast<std::uint8_t>(name.variant),
                      .lang = name.language,
                      .full_text = full,
                      .given = name.given,
                      .surname_prefix = name.surname_prefix,
                      .surname = name.surname,
                      .nickname = name.nickname,
                      .sort_key = key});
    search_names_.push_back({.full = full,
                             .given = name.given,
                             .surname_prefix = name.surname_prefix,
                             .surname = name.surname,
                             .nickname = name.nickname,
                             .language = search::language_of(name.language)});
  }
  if (search_names_.size() > search::kNamesMax) search_names_.resize(search::kNamesMax);
}

Result<void> Projector::add_events(const std::vector<model::EventView>& events) {
  Ordinals ordinals;
  for (const auto& event : events) {
    const auto ord = ordinals.next(event.number);
    if (!ord) break;
    store::EventRow row{.ord = *ord,
                        .kind = static_cast<std::int16_t>(event.type),
                        .label = event.label(),
                        .jdn_min = day_of(event.date.days.min),
                        .jdn_max = day_of(event.date.days.max),
                        .precision = event.date.precision,
                        .place = std::nullopt};
    if (!event.place.text.empty()) {
      TRY(place, find_place_(event.place));
      row.place = place;
      if (!is_among_last(body_, event.place.text)) body_.push_back(event.place.text);
    }
    if (names_a_thing_to_find(event.type)) {
      body_.push_back(event.value);
      body_.push_back(event.type_text);
    }
    events_.push_back(row);
  }
  return {};
}

void Projector::add_links(const model::RecordView& view) {
  Ordinals ordinals;
  for (const auto& link : view.links) {
    if (!link.target.resolved()) continue;
    const auto target = find_rid_(link.target.id);
    if (!target) continue;
    const auto ord = ordinals.next(link.number);
    if (!ord) break;
    links_.push_back({.ord = *ord,
                      .kind = link_kind(link.kind),
                      .target = *target,
                      .quality = link.quality == model::kNoQuality ? std::nullopt : std::optional{link.quality},
                      .field = link.field});
  }
}

void Projector::add_identifiers(const model::RecordView& view) {
  store::NodeNumber ord = 1;
  for (const auto& identifier : view.identifiers) {
    if (ord == kUnnumberedOrd) break;
    if (!identifier.value.empty())
      identifiers_.push_back({.ord = ord++, .scheme = identifier.scheme, .value = identifier.value});
  }
}

void Projector::add_blobs(const model::MediaView& media) {
  if (texts_.size() < media.files.size()) texts_.resize(media.files.size());
  Ordinals ordinals;
  for (const auto& file : media.files) {
    const auto blob = find_blob_(file.path);
    if (!blob) continue;
    const auto ord = ordinals.next(0);
    if (!ord) break;
    auto& value = next_text();
    value = to_hex(*blob) + ' ' + std::string{file.path};
    identifiers_.push_back({.ord = *ord, .scheme = kBlobScheme, .value = value});
  }
}

Result<void> Projector::family(const tree::Structure& structure, const ProjectionInputs& inputs) {
  model::read_family(structure, family_);
  draft_.restriction = restriction_of(family_.restriction);
  draft_.members = inputs.members;
  CHECK_OK(add_events(family_.events));
  add_links(family_);
  add_identifiers(family_);
  // A family is found through its people; what it says in words is found through itself.
  body_.clear();
  add_notes_to_document(family_);
  tokenizer_.document({.names = {}, .title = {}, .body = body_}, document_);
  return {};
}

Result<void> Projector::other(const tree::Structure& structure, model::RecordKind kind) {
  model::RecordView view;
  std::string_view title;
  model::read_record(structure, view);
  switch (kind) {
    case model::RecordKind::source: {
      model::SourceView source;
      model::read_source(structure, source);
      title = source.title.empty() ? source.abbreviation : source.title;
      body_.insert(body_.end(), {source.abbreviation, source.author, source.publication, source.text, source.agency});
      break;
    }
    case model::RecordKind::repository: {
      model::RepositoryView repository;
      model::read_repository(structure, repository);
      title = repository.name;
      body_.insert(body_.end(), {repository.address.text, repository.address.city, repository.address.country});
      break;
    }
    case model::RecordKind::media: {
      model::MediaView media;
      model::read_media(structure, media);
      title = media.title;
      for (const auto& file : media.files) body_.insert(body_.end(), {file.path, file.title});
      add_blobs(media);
      break;
    }
    case model::RecordKind::note: {
      model::NoteView note;
      model::read_note(structure, note);
      body_.push_back(note.text);
      for (const auto& translation : note.translations) body_.push_back(translation.text);
      break;
    }
    case model::RecordKind::submitter: {
      model::SubmitterView submitter;
      model::read_submitter(structure, submitter);
      title = submitter.name;
      break;
    }
    case model::RecordKind::place: {
      model::PlaceView place;
      model::read_place(structure, place);
      if (!place.names.empty()) title = place.names.front().text;
      for (const auto& name : place.names) body_.push_back(name.text);
      break;
    }
    case model::RecordKind::story: {
      model::StoryView story;
      model::read_story(structure, story);
      title = story.title;
      body_.push_back(story.text);
      break;
    }
    default: break;
  }
  draft_.restriction = restriction_of(view.restriction);
  add_links(view);
  add_identifiers(view);
  add_notes_to_document(view);
  tokenizer_.document({.names = {}, .title = title, .body = body_}, document_);
  return {};
}

void Projector::add_notes_to_document(const model::RecordView& view) {
  for (const auto& link : view.links) {
    if (link.kind == model::LinkKind::note && link.target.kind == tree::PayloadKind::text) body_.push_back(link.target.text);
  }
}

}  // namespace tablinum::archive
