#pragma once
/// What search keeps in memory of one tree: a few numbers a record, its words, and lists of matches that were asked for before.
/// About 24 bytes a record plus names and words (1 M people: see README). Never authoritative: it is built from the database and patched.
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/search/index.h"
#include "tablinum/search/names.h"
#include "tablinum/search/query.h"
#include "tablinum/search/vocabulary.h"

namespace tablinum::search {

inline constexpr std::uint32_t kNoPlace = 0xFFFF'FFFF;
inline constexpr std::size_t kPostingCacheBytes = std::size_t{32} << 20;  ///< a tree
inline constexpr std::uint32_t kRecordsMax = std::uint32_t{1} << 28;      ///< n of a record; a tree is far smaller

/// Years of an event: both unknown, one open end, or a span.
struct Years {
  std::int16_t min = kUnknown;
  std::int16_t max = kUnknown;
  static constexpr std::int16_t kUnknown = INT16_MIN;
  bool known() const noexcept { return min != kUnknown || max != kUnknown; }
  friend bool operator==(const Years&, const Years&) = default;
};
/// From Julian day numbers (Gregorian calendar); nothing: unknown. Clamped to kYearMin … kYearMax.
Years years_of(std::optional<std::int64_t> jdn_min, std::optional<std::int64_t> jdn_max) noexcept;

/// A place of the tree; `n` and `parent` are the low halves of place.pid. It is found as a result of its own by whoever may see a record
/// that names it or a place inside it; where a record tells of the place, that record is found instead.
struct PlaceFacts {
  std::uint32_t n = 0;
  std::uint32_t parent = kNoPlace;
  std::string_view name{};
  bool has_record = false;                  ///< a record of kind place tells of it, with this place as the first of its places
};

/// One record. Views are copied.
struct RecordFacts {
  std::uint32_t n = 0;
  Kind kind = Kind::other;
  Circle circle = Circle::owners;           ///< the smallest circle that may see the record
  Sex sex = Sex::unknown;
  bool living = false;
  Years birth{};
  Years death{};
  std::string_view surname{};                ///< with its prefix, as shown; other kinds: the title
  std::string_view given{};
  std::span<const std::uint32_t> places{};   ///< of its events; the first (birth's) is the one facets count
  std::uint32_t links = 0;                  ///< records that point here or that it points to
};

/// One record's part of an edit: before and after, each absent if there is none.
struct RecordEdit {
  std::uint32_t n = 0;
  const RecordFacts* after = nullptr;       ///< nothing: deleted
  const Document* document_before = nullptr;
  const Document* document_after = nullptr;
};

/// @note Thread-safe: searches share, build() and apply() exclude.
class TreeIndex {
 public:
  explicit TreeIndex(std::int64_t tree_no);
  ~TreeIndex();
  TreeIndex(const TreeIndex&) = delete;
  TreeIndex& operator=(const TreeIndex&) = delete;

  std::int64_t tree_no() const noexcept;

  /// Building, in this order: places, records, then documents (of records and places put before), then finish(generation).
  /// A document's number is its record's, or kPlaceDocuments | place.
  void add(const PlaceFacts& place);
  void add(const RecordFacts& record);
  void add(std::uint32_t n, const Document& document);
  /// Reads all documents of the tree from the database and adds them.  @error io
  Result<void> add_documents(DocumentIndex& documents);
  void finish(std::int64_t generation);

  /// The state of the database that this reflects (tree.generation).
  std::int64_t generation() const noexcept;
  /// Patches by one committed change set, which leads to `generation`. Does nothing if this reflects that state already (it was built from
  /// a snapshot taken after the commit). Call it for every change of the tree's generation, also without edits.
  void apply(std::span<const RecordEdit> edits, std::span<const PlaceFacts> places, std::int64_t generation);

  std::size_t records() const noexcept;
  std::size_t bytes() const noexcept;

  struct State;                              ///< src/tree_state.h
  State& state() const noexcept { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Indexes of the trees in use, built on first use; the least recently used are dropped when all together exceed the budget (the last one
/// asked for always stays).
/// @note Thread-safe; two threads that ask for the same tree build it once.
class TreeIndexPool {
 public:
  using Load = std::function<Result<std::shared_ptr<TreeIndex>>(std::int64_t tree_no)>;
  TreeIndexPool(std::size_t budget_bytes, Load load);
  ~TreeIndexPool();

  /// The tree's index in the state `generation` or a later one. One that is older (a commit fell into the time of its building) is built
  /// again.  @error whatever `load` reports.
  Result<std::shared_ptr<TreeIndex>> get(std::int64_t tree_no, std::int64_t generation) { return get(tree_no, generation, load_); }
  /// The same, built by `load` if need be: for a caller who has a transaction of its own to read from.
  Result<std::shared_ptr<TreeIndex>> get(std::int64_t tree_no, std::int64_t generation, const Load& load);
  /// The index if it is in memory, so that an edit patches it; else nothing (the next get() reads the new state).
  std::shared_ptr<TreeIndex> loaded(std::int64_t tree_no);
  void drop(std::int64_t tree_no);
  std::size_t bytes() const;

 private:
  struct Slot;
  std::shared_ptr<Slot> slot_of(std::int64_t tree_no);
  void evict();

  const std::size_t budget_bytes_;
  const Load load_;
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<Slot>> slots_;  // most recently used first
};

}  // namespace tablinum::search
