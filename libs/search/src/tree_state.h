#pragma once
/// The inside of a TreeIndex: one number a record in each column, dictionaries beside them.
#include <algorithm>
#include <array>
#include <atomic>
#include <shared_mutex>

#include "dictionary.h"
#include "posting_cache.h"
#include "tablinum/search/tree_index.h"

namespace tablinum::search {

/// Columns by slot: a record's slot is its number, the places' slots follow after the last record's. 24 bytes a slot.
struct Columns {
  std::vector<std::uint32_t> heading;  ///< surname, or title of other kinds: ids of TreeIndex::State::headings
  std::vector<std::uint32_t> given;
  std::vector<std::uint32_t> place;    ///< the first place
  std::vector<Years> birth;
  std::vector<Years> death;
  std::vector<std::uint8_t> kind;      ///< kAbsent: no such record
  std::vector<std::uint8_t> bits;      ///< circle, sex, living
  std::vector<std::uint8_t> links;     ///< saturates

  static constexpr std::uint8_t kAbsent = 0xFF;
  static constexpr std::size_t kRecordBytes = 4 + 4 + 4 + 4 + 4 + 1 + 1 + 1;

  std::uint32_t records = 0;           ///< slots of records

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(kind.size()); }
  /// More slots of records move those of the places.
  void resize(std::size_t record_slots, std::size_t place_slots);
  bool is_place(std::uint32_t slot) const noexcept { return slot >= records; }
  bool is_record(std::uint32_t n) const noexcept { return n < records && kind[n] != kAbsent; }
  std::uint32_t slot_of_place(std::uint32_t number) const noexcept { return records + number; }
  bool present(std::uint32_t n) const noexcept { return n < kind.size() && kind[n] != kAbsent; }
  bool is_person(std::uint32_t n) const noexcept { return kind[n] == static_cast<std::uint8_t>(Kind::person); }
  Circle circle(std::uint32_t n) const noexcept { return static_cast<Circle>(bits[n] & 3); }
  Sex sex(std::uint32_t n) const noexcept { return static_cast<Sex>(bits[n] >> 2 & 3); }
  bool living(std::uint32_t n) const noexcept { return (bits[n] & 16) != 0; }
};

/// A person in the list by sort key. The given name stands here too, because a list of one letter's surnames is read through for it.
struct ListedPerson {
  std::uint32_t n = 0;
  std::uint32_t given = 0;
};

struct PlaceEntry {
  std::string name;
  std::string key;                     ///< sorting form of the name
  std::uint32_t parent = kNoPlace;
  bool has_record = false;
  bool touched = false;                ///< listed in State::touched
  /// Records that name it or a place inside it, by the smallest circle that may see them.
  std::array<std::uint32_t, kCircles> uses{};

  /// Whether it is a result of its own.
  bool shown() const noexcept { return !has_record && std::ranges::any_of(uses, [](auto count) { return count > 0; }); }
  /// The smallest circle that may see it: it is no secret to who sees a record that names it.
  Circle circle() const noexcept {
    return static_cast<Circle>(std::ranges::find_if(uses, [](auto count) { return count > 0; }) - uses.begin());
  }
};

struct TreeIndex::State {
  explicit State(std::int64_t number) : tree_no{number} {}

  const std::int64_t tree_no;
  std::atomic<std::int64_t> generation{0};
  mutable std::shared_mutex mutex;     // guards everything below; postings guards itself
  Columns columns;
  Dictionary headings;
  Dictionary givens;
  std::vector<PlaceEntry> places;      // by place number
  std::vector<std::uint32_t> touched;  // places that changed since they were shown
  std::vector<std::pair<std::uint32_t, std::uint32_t>> more_places;  // (record, place) beyond the first
  std::vector<ListedPerson> people;    // by sort key
  Vocabulary names;
  Vocabulary bodies;
  Vocabulary surname_words;            // folded words of surnames
  Vocabulary given_words;
  std::array<std::uint32_t, kCircles> documents{};  // by the smallest circle that may see them
  mutable PostingCache postings{kPostingCacheBytes};  // synchronised by itself

  void put(const RecordFacts& record);
  /// Those records go, all at once: a pass over a million for each of a thousand would take seconds.
  void erase(std::span<const std::uint32_t> records);
  void put(const PlaceFacts& place);
  /// One more or less record that names the place: it counts for the places around it too.
  void use_place(std::uint32_t place, Circle circle, std::int32_t step);
  /// Makes the slots of all places follow their uses. While building, words are counted from the stored documents instead.
  void show_places(bool count_words_too);
  void show_place(std::uint32_t place, bool count_words_too);
  void touch(std::uint32_t place);
  Document document_of(std::uint32_t place) const;
  void count_words(const Document& document, Circle circle, std::int32_t step);
  void forget_postings(const Document* before, const Document* after);
  bool sorts_before(std::uint32_t a, std::uint32_t b) const noexcept;
  /// Into the sorted list, once their columns are there.
  void place_people(std::vector<std::uint32_t> added);
};

}  // namespace tablinum::search
