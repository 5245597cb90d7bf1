#pragma once
/// The tag lookup, inline for the parser, which asks it of every line.
#include <array>
#include <cstdint>

#include "tablinum/tree/tags.h"

namespace tablinum::tree {

inline constexpr std::size_t kTagKeyBytes = 8;  // so a tag is one 64-bit key, its first letter in the lowest byte

struct TagHash {
  static constexpr unsigned kSlotBits = 12;
  std::uint64_t multiplier;
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> slots;
  std::array<std::uint64_t, kTagCount> keys;

  constexpr std::size_t slot_of(std::uint64_t key) const noexcept { return key * multiplier >> (64 - kSlotBits); }
};
extern const TagHash kTagHash;

inline Tag tag_of_key(std::uint64_t key) noexcept {
  const auto index = kTagHash.slots[kTagHash.slot_of(key)];
  return kTagHash.keys[index] == key ? static_cast<Tag>(index) : Tag::literal;
}

/// Places where a tag is addressable, as bits; kAddressable has those of each tag, kPlacesBelow those that lie below each.
/// Tables, because the parser asks for every line and a branch on tags is guessed wrong often.
inline constexpr std::uint8_t kBelowAny = 1, kBelowIndividual = 2, kBelowFamily = 4;
using PlaceTable = std::array<std::uint8_t, kTagCount>;
extern const PlaceTable kAddressable;
extern const PlaceTable kPlacesBelow;

inline bool is_addressable_here(Tag parent, Tag tag) noexcept {
  return (kAddressable[static_cast<std::uint16_t>(tag)] & kPlacesBelow[static_cast<std::uint16_t>(parent)]) != 0;
}

}  // namespace tablinum::tree
