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

inline constexpr std::uint8_t kBelowAny = 1, kBelowIndividual = 2, kBelowFamily = 4;
using AddressableTable = std::array<std::uint8_t, kTagCount>;
extern const AddressableTable kAddressable;

inline bool is_addressable_here(Tag parent, Tag tag) noexcept {
  const auto places = kAddressable[static_cast<std::uint16_t>(tag)];
  if (parent == Tag::INDI) return places != 0 && places != kBelowFamily;
  if (parent == Tag::FAM) return (places & (kBelowAny | kBelowFamily)) != 0;
  return (places & kBelowAny) != 0 && parent != Tag::HEAD;
}

}  // namespace tablinum::tree
