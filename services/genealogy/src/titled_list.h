#pragma once
/// Lists of records by title: sources and media. A list is made once for a state of its tree and kept while there is room; after a
/// change only the records that changed are read anew.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "browser.h"

namespace tablinum::genealogy_service {

/// So many bytes of a folded title are sorted and searched.
inline constexpr std::size_t kTitleBytesMax = 512;
/// So many of them stand in a cursor.
inline constexpr std::size_t kCursorTitleBytes = 96;
/// Memory for the lists that are kept, of all trees together.
inline constexpr std::size_t kTitledBytesMax = std::size_t{64} << 20;

enum class TitledOrder : std::uint8_t { title, citations };

/// Where a page ended: the next one begins with what sorts after it, whatever came or went before it.
struct TitledPosition {
  std::uint64_t citations = 0;
  std::string key{};  ///< of the folded title, kCursorTitleBytes at most
  std::uint32_t n = 0;
};

/// @note Filled by one thread (add(), finish(), count_citations()), then read by any.
class TitledList {
 public:
  /// A record, in the order of n; `title` is folded.
  void add(std::uint32_t n, std::int64_t version, std::string_view title);
  /// Sorts by title, without a title last, then by n.
  void finish();
  /// The folded title of a record in that version; nothing if the list has another. `hint`: where the last one was found, 0 at first.
  std::optional<std::string_view> title_of(std::uint32_t n, std::int64_t version, std::size_t& hint) const noexcept;

  /// How often the records are cited, by n ascending; those that are not named are not.
  void count_citations(const std::vector<std::pair<std::uint32_t, std::uint64_t>>& counts);
  bool has_citations() const noexcept { return has_citations_; }

  struct Page {
    std::vector<std::uint32_t> records;  ///< their n
    std::uint64_t total = 0;             ///< on all pages
    std::optional<TitledPosition> next;  ///< where this one ended, if more come
  };
  /// The records whose title holds `filter` (folded), after the position, without the first `skip` of those.
  Page page(TitledOrder order, std::string_view filter, const std::optional<TitledPosition>& after, std::size_t skip,
            std::size_t limit) const;

  std::size_t size() const noexcept { return rows_.size(); }
  std::size_t bytes() const noexcept;

 private:
  struct Row {
    std::uint64_t title = 0;  // in titles_
    std::uint64_t citations = 0;
    std::int64_t version = 0;
    std::uint32_t n = 0;
    std::uint32_t title_bytes = 0;
  };
  std::string_view title(const Row& row) const noexcept { return std::string_view{titles_}.substr(row.title, row.title_bytes); }
  std::size_t place_after(TitledOrder order, const TitledPosition& position) const;
  const std::vector<std::uint32_t>& in(TitledOrder order) const noexcept { return orders_[static_cast<std::size_t>(order)]; }

  std::vector<Row> rows_;  // by n
  std::string titles_;
  std::array<std::vector<std::uint32_t>, 2> orders_;  // rows
  bool has_citations_ = false;
};

/// The lists that are kept. @note Thread-safe.
class TitledLists {
 public:
  explicit TitledLists(std::size_t bytes_max = kTitledBytesMax) : bytes_max_{bytes_max} {}

  using TitleOf = std::string (*)(const tree::Structure&);
  /// The list in the state of the browser's session, which knows the tree as `tree`.  @error those of reading the records.
  Result<std::shared_ptr<const TitledList>> get(Browser& browser, const store::TreeInfo& tree, store::RecordKind kind,
                                                TitleOf title_of, TitledOrder order);
  std::size_t bytes() const;

 private:
  struct Slot {
    Slot(std::int64_t the_tree_no, store::RecordKind the_kind) : tree_no{the_tree_no}, kind{the_kind} {}
    const std::int64_t tree_no;
    const store::RecordKind kind;
    std::mutex mutex;
    std::int64_t generation = -1;
    std::shared_ptr<const TitledList> list;
    std::atomic<std::size_t> bytes = 0;  // of `list`, for those who do not hold the mutex
  };
  std::shared_ptr<Slot> slot_of(std::int64_t tree_no, store::RecordKind kind);
  void make_room();

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Slot>> slots_;  // most recently used last
};

}  // namespace tablinum::genealogy_service
