#include "tablinum/search/tree_index.h"

#include <mutex>

#include "document_text.h"
#include "sorting.h"
#include "tree_state.h"

namespace tablinum::search {
namespace {

constexpr std::uint32_t kPlacesMax = std::uint32_t{1} << 28;
constexpr std::size_t kPlaceLevelsMax = 32;  // as in the database; a circle of parents ends here

/// Richards' algorithm (Explanatory Supplement to the Astronomical Almanac, 3rd edition, §15.11.3), Gregorian; only the year is wanted.
std::int16_t year_of_jdn(std::int64_t jdn) noexcept {
  constexpr std::int64_t kJdnMin = -1'930'999;  // 1 January −9999
  constexpr std::int64_t kJdnMax = 5'373'484;   // 31 December 9999
  const auto day = std::clamp(jdn, kJdnMin, kJdnMax);
  // Moved by whole cycles of 400 years (146,097 days) so that every division is of positive numbers.
  constexpr std::int64_t kCycles = 30;
  const auto f0 = day + kCycles * 146'097;
  const auto f = f0 + 1401 + (4 * f0 + 274277) / 146097 * 3 / 4 - 38;
  const auto e = 4 * f + 3;
  const auto h = 5 * (e % 1461 / 4) + 2;
  const auto month = (h / 153 + 2) % 12 + 1;
  return static_cast<std::int16_t>(e / 1461 - 4716 + (14 - month) / 12 - kCycles * 400);
}

template <class T>
std::size_t bytes_of(const std::vector<T>& values) noexcept {
  return values.capacity() * sizeof(T);
}

constexpr std::array kTextColumns = {Column::name, Column::body};
const std::string& text_of(const Document& document, Column column) noexcept {
  return column == Column::name ? document.name : document.body;
}

}  // namespace

Years years_of(std::optional<std::int64_t> jdn_min, std::optional<std::int64_t> jdn_max) noexcept {
  Years years;
  if (jdn_min) years.min = year_of_jdn(*jdn_min);
  if (jdn_max) years.max = year_of_jdn(*jdn_max);
  return years;
}

void Columns::resize(std::size_t record_slots, std::size_t place_slots) {
  const auto fit = [&]<class T>(std::vector<T>& column, T fill) {
    if (record_slots > records) column.insert(column.begin() + records, record_slots - records, fill);
    column.resize(std::max<std::size_t>(record_slots, records) + place_slots, fill);
  };
  fit(heading, {});
  fit(given, {});
  fit(place, kNoPlace);
  fit(birth, {});
  fit(death, {});
  fit(kind, kAbsent);
  fit(bits, {});
  fit(links, {});
  records = static_cast<std::uint32_t>(std::max<std::size_t>(record_slots, records));
}

void TreeIndex::State::put(const RecordFacts& record) {
  const auto n = record.n;
  if (n >= kRecordsMax) return;
  if (n >= columns.records) {
    columns.resize(std::max<std::size_t>(n + 1, columns.records + columns.records / 8), columns.size() - columns.records);
    postings.clear();  // its lists name slots
  }
  columns.heading[n] = headings.intern(record.surname);
  columns.given[n] = givens.intern(record.given);
  columns.place[n] = record.places.empty() ? kNoPlace : record.places.front();
  columns.birth[n] = record.birth;
  columns.death[n] = record.death;
  columns.kind[n] = static_cast<std::uint8_t>(record.kind);
  columns.bits[n] = static_cast<std::uint8_t>(static_cast<unsigned>(record.circle) | static_cast<unsigned>(record.sex) << 2 |
                                              (record.living ? 16U : 0U));
  columns.links[n] = static_cast<std::uint8_t>(std::min<std::uint32_t>(record.links, 0xFF));
  for (const auto place : record.places) {
    if (place != columns.place[n]) more_places.emplace_back(n, place), use_place(place, record.circle, 1);
  }
  use_place(columns.place[n], record.circle, 1);
}

void TreeIndex::State::erase(std::span<const std::uint32_t> records) {
  if (records.empty()) return;
  std::vector<bool> going(columns.records);
  bool any_person = false;
  for (const auto n : records) {
    going[n] = true;
    any_person = any_person || columns.is_person(n);
    use_place(columns.place[n], columns.circle(n), -1);
    columns.kind[n] = Columns::kAbsent;
  }
  std::erase_if(more_places, [&](const auto& pair) {
    if (!going[pair.first]) return false;
    use_place(pair.second, columns.circle(pair.first), -1);
    return true;
  });
  if (any_person) std::erase_if(people, [&](const ListedPerson& person) { return going[person.n]; });
}

void TreeIndex::State::put(const PlaceFacts& place) {
  if (place.n >= kPlacesMax) return;
  if (place.n >= places.size()) places.resize(place.n + 1);
  auto& entry = places[place.n];
  entry.name = place.name;
  entry.key = sorting_form(place.name);
  entry.parent = place.parent;
  entry.has_record = place.has_record;
  touch(place.n);
}

void TreeIndex::State::touch(std::uint32_t place) {
  if (!std::exchange(places[place].touched, true)) touched.push_back(place);
}

void TreeIndex::State::use_place(std::uint32_t place, Circle circle, std::int32_t step) {
  for (std::size_t level = 0; place < places.size() && level < kPlaceLevelsMax; ++level) {
    places[place].uses[static_cast<std::size_t>(circle)] += static_cast<std::uint32_t>(step);
    touch(place);
    place = places[place].parent;
  }
}

Document TreeIndex::State::document_of(std::uint32_t place) const {
  thread_local Tokenizer tokenizer;
  std::vector<std::string_view> around;
  for (auto at = places[place].parent; at < places.size() && around.size() < kPlaceLevelsMax; at = places[at].parent)
    around.push_back(places[at].name);
  Document document;
  place_document(tokenizer, places[place].name, around, document);
  return document;
}

void TreeIndex::State::show_place(std::uint32_t place, bool count_words_too) {
  const auto& entry = places[place];
  const auto slot = columns.slot_of_place(place);
  const bool was_shown = columns.present(slot);
  const auto circle = entry.shown() ? entry.circle() : columns.circle(slot);
  if (count_words_too && (was_shown != entry.shown() || columns.circle(slot) != circle)) {
    const auto document = document_of(place);
    if (was_shown) count_words(document, columns.circle(slot), -1);
    if (entry.shown()) count_words(document, circle, 1);
  }
  columns.heading[slot] = headings.intern(entry.name);
  columns.given[slot] = givens.intern({});
  columns.place[slot] = place;
  columns.kind[slot] = entry.shown() ? static_cast<std::uint8_t>(Kind::place) : Columns::kAbsent;
  columns.bits[slot] = static_cast<std::uint8_t>(circle);
  // Only what everybody may see: a place must not rank higher for people whom the viewer may not see.
  columns.links[slot] = static_cast<std::uint8_t>(std::min<std::uint32_t>(entry.uses[0], 0xFF));
}

void TreeIndex::State::show_places(bool count_words_too) {
  columns.resize(columns.records, places.size());
  for (const auto place : touched) {
    places[place].touched = false;
    show_place(place, count_words_too);
  }
  touched = {};
}

void TreeIndex::State::count_words(const Document& document, Circle circle, std::int32_t step) {
  thread_local std::string scratch;
  thread_local std::vector<std::string_view> words;
  for (const auto column : kTextColumns) {
    indexed_words(text_of(document, column), scratch, words);
    auto& vocabulary = column == Column::name ? names : bodies;
    for (const auto word : words) vocabulary.add(word, circle, step);
  }
  codes_of(document.alt, words);
  for (const auto code : words) {
    if (code.starts_with(kSurnameCode)) surname_words.add(code.substr(kSurnameCode.size()), circle, step);
    if (code.starts_with(kGivenCode)) given_words.add(code.substr(kGivenCode.size()), circle, step);
  }
  documents[static_cast<std::size_t>(circle)] += static_cast<std::uint32_t>(step);
}

/// Forgets the lists in which the record appears or disappears, and those in which it stays too: telling them apart is not worth it.
void TreeIndex::State::forget_postings(const Document* before, const Document* after) {
  std::string scratch;
  std::vector<std::string_view> words;
  for (const auto* document : {before, after}) {
    if (!document) continue;
    for (const auto column : kTextColumns) {
      indexed_words(text_of(*document, column), scratch, words);
      for (const auto word : words) postings.drop(column, word);
    }
    codes_of(document->alt, words);
    for (const auto code : words) postings.drop(Column::alt, code);
  }
  postings.drop_phrases();
}

bool TreeIndex::State::sorts_before(std::uint32_t a, std::uint32_t b) const noexcept {
  const auto key = [this](std::uint32_t n) {
    return std::tuple{headings.rank(columns.heading[n]), givens.rank(columns.given[n]), n};
  };
  return key(a) < key(b);
}

void TreeIndex::State::place_people(std::vector<std::uint32_t> added) {
  const auto before = [this](std::uint32_t a, std::uint32_t b) { return sorts_before(a, b); };
  std::ranges::sort(added, before);
  // From behind: each part of the list between two of them moves once.
  std::size_t end = people.size();
  people.resize(people.size() + added.size());
  for (std::size_t left = added.size(); left > 0; --left) {
    const auto n = added[left - 1];
    const auto rest = std::span{people}.first(end);
    const auto at = static_cast<std::size_t>(std::ranges::lower_bound(rest, n, before, &ListedPerson::n) - rest.begin());
    std::move_backward(people.begin() + static_cast<std::ptrdiff_t>(at), people.begin() + static_cast<std::ptrdiff_t>(end),
                       people.begin() + static_cast<std::ptrdiff_t>(end + left));
    people[at + left - 1] = {n, columns.given[n]};
    end = at;
  }
}

TreeIndex::TreeIndex(std::int64_t tree_no) : state_{std::make_unique<State>(tree_no)} {}
TreeIndex::~TreeIndex() = default;

std::int64_t TreeIndex::tree_no() const noexcept { return state_->tree_no; }
std::int64_t TreeIndex::generation() const noexcept { return state_->generation.load(); }

void TreeIndex::add(const PlaceFacts& place) {
  const std::unique_lock lock{state_->mutex};
  state_->put(place);
}

void TreeIndex::add(const RecordFacts& record) {
  const std::unique_lock lock{state_->mutex};
  state_->put(record);
}

void TreeIndex::add(std::uint32_t n, const Document& document) {
  const std::unique_lock lock{state_->mutex};
  const auto& state = *state_;
  if (is_place_document(n)) {
    const auto place = place_of_document(n);
    if (place < state.places.size() && state.places[place].shown())
      state_->count_words(document, state.places[place].circle(), 1);
  } else if (state.columns.is_record(n)) {
    state_->count_words(document, state.columns.circle(n), 1);
  }
}

Result<void> TreeIndex::add_documents(DocumentIndex& documents) {
  return documents.each(tree_no(), [this](std::uint32_t n, const Document& document) { add(n, document); });
}

void TreeIndex::finish(std::int64_t generation) {
  const std::unique_lock lock{state_->mutex};
  auto& state = *state_;
  state.show_places(false);
  for (auto* vocabulary : {&state.names, &state.bodies, &state.surname_words, &state.given_words}) vocabulary->merge();
  state.headings.finish();
  state.givens.finish();
  state.people.clear();
  for (std::uint32_t n = 0; n < state.columns.records; ++n) {
    if (state.columns.is_person(n)) state.people.push_back({n, state.columns.given[n]});
  }
  std::ranges::sort(state.people, [&state](auto a, auto b) { return state.sorts_before(a, b); }, &ListedPerson::n);
  state.generation = generation;
}

void TreeIndex::apply(std::span<const RecordEdit> edits, std::span<const PlaceFacts> places, std::int64_t generation) {
  for (const auto& place : places) add(place);
  const std::unique_lock lock{state_->mutex};
  auto& state = *state_;
  if (generation <= state.generation) return;
  std::vector<std::uint32_t> going, people;
  for (const auto& edit : edits) {
    if (state.columns.is_record(edit.n)) {
      if (edit.document_before) state.count_words(*edit.document_before, state.columns.circle(edit.n), -1);
      going.push_back(edit.n);
    }
    state.forget_postings(edit.document_before, edit.document_after);
  }
  state.erase(going);
  for (const auto& edit : edits) {
    if (!edit.after) continue;
    state.put(*edit.after);
    if (edit.after->kind == Kind::person) people.push_back(edit.n);
    if (edit.document_after) state.count_words(*edit.document_after, edit.after->circle, 1);
  }
  state.place_people(std::move(people));
  if (!places.empty()) state.postings.clear();  // their documents are new
  state.show_places(true);
  for (auto* vocabulary : {&state.names, &state.bodies, &state.surname_words, &state.given_words}) {
    if (vocabulary->needs_merge()) vocabulary->merge();
  }
  state.generation = generation;
}

std::size_t TreeIndex::records() const noexcept {
  const std::shared_lock lock{state_->mutex};
  const auto slots = std::span{state_->columns.kind}.first(state_->columns.records);
  return static_cast<std::size_t>(std::ranges::count_if(slots, [](std::uint8_t kind) { return kind != Columns::kAbsent; }));
}

std::size_t TreeIndex::bytes() const noexcept {
  const std::shared_lock lock{state_->mutex};
  const auto& state = *state_;
  std::size_t places = 0;
  for (const auto& place : state.places) places += sizeof place + place.name.capacity() + place.key.capacity();
  return state.columns.kind.capacity() * Columns::kRecordBytes + state.headings.bytes() + state.givens.bytes() + places +
         bytes_of(state.more_places) + bytes_of(state.people) + state.names.bytes() + state.bodies.bytes() + state.surname_words.bytes() +
         state.given_words.bytes() + state.postings.bytes();
}

struct TreeIndexPool::Slot {
  explicit Slot(std::int64_t number) : tree_no{number} {}
  const std::int64_t tree_no;
  std::mutex loading;                   // held while the index is built
  std::shared_ptr<TreeIndex> index;     // guarded by the pool's mutex
};

TreeIndexPool::TreeIndexPool(std::size_t budget_bytes, Load load) : budget_bytes_{budget_bytes}, load_{std::move(load)} {}
TreeIndexPool::~TreeIndexPool() = default;

std::shared_ptr<TreeIndexPool::Slot> TreeIndexPool::slot_of(std::int64_t tree_no) {
  const std::scoped_lock lock{mutex_};
  const auto found = std::ranges::find(slots_, tree_no, [](const auto& slot) { return slot->tree_no; });
  if (found == slots_.end()) {
    slots_.push_front(std::make_shared<Slot>(tree_no));
  } else {
    slots_.splice(slots_.begin(), slots_, found);
  }
  return slots_.front();
}

Result<std::shared_ptr<TreeIndex>> TreeIndexPool::get(std::int64_t tree_no, std::int64_t generation, const Load& load) {
  const auto slot = slot_of(tree_no);
  const std::scoped_lock loading{slot->loading};
  {
    const std::scoped_lock lock{mutex_};
    if (slot->index && slot->index->generation() >= generation) return slot->index;
  }
  auto index = load(tree_no);
  if (!index) {
    drop(tree_no);
    return index;
  }
  const std::scoped_lock lock{mutex_};
  slot->index = *index;
  evict();
  return index;
}

std::shared_ptr<TreeIndex> TreeIndexPool::loaded(std::int64_t tree_no) {
  const std::scoped_lock lock{mutex_};
  const auto found = std::ranges::find(slots_, tree_no, [](const auto& slot) { return slot->tree_no; });
  return found == slots_.end() ? nullptr : (*found)->index;
}

void TreeIndexPool::drop(std::int64_t tree_no) {
  const std::scoped_lock lock{mutex_};
  std::erase_if(slots_, [tree_no](const auto& slot) { return slot->tree_no == tree_no; });
}

std::size_t TreeIndexPool::bytes() const {
  const std::scoped_lock lock{mutex_};
  std::size_t sum = 0;
  for (const auto& slot : slots_) sum += slot->index ? slot->index->bytes() : 0;
  return sum;
}

/// Called with the mutex held. A slot whose index is still being built weighs nothing and stays.
void TreeIndexPool::evict() {
  std::size_t sum = 0;
  bool first = true;
  for (auto at = slots_.begin(); at != slots_.end();) {
    sum += (*at)->index ? (*at)->index->bytes() : 0;
    const bool goes = !first && (*at)->index && sum > budget_bytes_;
    first = false;
    at = goes ? slots_.erase(at) : std::next(at);
  }
}

}  // namespace tablinum::search
