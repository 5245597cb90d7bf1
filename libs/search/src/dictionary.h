#pragma once
/// Names or titles as they are shown, numbered, with their places in the alphabet.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tablinum::search {

/// Id 0 is the empty text. Ids never change; ranks are dense, and equal for texts with equal sorting form ("Moyo", "MOYO").
class Dictionary {
 public:
  Dictionary();
  std::uint32_t intern(std::string_view text);
  /// Gives ranks to everything interned so far; texts interned later are ranked at once, each in linear time.
  void finish();

  std::string_view text(std::uint32_t id) const noexcept { return items_[id].text; }
  std::string_view key(std::uint32_t id) const noexcept { return items_[id].key; }
  std::uint32_t rank(std::uint32_t id) const noexcept { return rank_[id]; }
  std::size_t size() const noexcept { return items_.size(); }
  std::size_t ranks() const noexcept { return order_.size(); }
  /// Ranks [first, second) of the texts whose sorting form begins with `prefix`.
  std::pair<std::uint32_t, std::uint32_t> ranks_with(std::string_view prefix) const;
  std::size_t bytes() const noexcept;

 private:
  struct Item {
    std::string text;
    std::string key;  ///< sorting form; the empty text sorts last, as sort_key() has it
  };
  std::string_view key_at(std::uint32_t rank) const noexcept { return items_[order_[rank]].key; }
  void rank_new(std::uint32_t id);

  std::deque<Item> items_;                                 // stable: the map's keys point into it
  std::unordered_map<std::string_view, std::uint32_t> ids_;
  std::vector<std::uint32_t> rank_;                        // by id
  std::vector<std::uint32_t> order_;                       // one id of each rank
  std::size_t text_bytes_ = 0;
  bool finished_ = false;
};

}  // namespace tablinum::search
