#include "tablinum/tree/tags.h"

#include <array>
#include <bit>
#include <cstring>

namespace tablinum::tree {
namespace {

constexpr std::array<std::string_view, kTagCount> kNames = {
    std::string_view{},
#define TABLINUM_TAG_NAME(name) #name,
    TABLINUM_TAGS(TABLINUM_TAG_NAME)
#undef TABLINUM_TAG_NAME
};

constexpr std::size_t kNameBytesMax = 8;  // so a name is one 64-bit key
constexpr bool names_fit() {
  for (const auto name : kNames) {
    if (name.size() > kNameBytesMax) return false;
  }
  return true;
}
static_assert(names_fit(), "a longer tag needs a wider key");

consteval std::uint64_t key_at_compile_time(std::string_view name) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    key |= static_cast<std::uint64_t>(static_cast<unsigned char>(name[i])) << (8 * i);
  }
  return key;
}

/// The same key from memory: overlapping loads, because a memcpy of unknown length is a call.
std::uint64_t key_of(const char* at, std::size_t size) noexcept {
  static_assert(std::endian::native == std::endian::little);
  if (size >= 4) {
    std::uint32_t low, high;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + size - 4, 4);
    return low | static_cast<std::uint64_t>(high) << (8 * (size - 4));
  }
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < size; ++i) key |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return key;
}

constexpr unsigned kSlotBits = 12;
using Slots = std::array<std::uint8_t, std::size_t{1} << kSlotBits>;
static_assert(kTagCount <= 256, "the slots are bytes");

constexpr std::size_t slot_of(std::uint64_t key, std::uint64_t multiplier) noexcept { return key * multiplier >> (64 - kSlotBits); }

struct PerfectHash {
  std::uint64_t multiplier;
  Slots slots;
  std::array<std::uint64_t, kTagCount> keys;
};

/// A multiplier that gives every tag a slot of its own, found by trial: about one in thirty does.
consteval PerfectHash find_perfect_hash() {
  PerfectHash hash{0x9E3779B97F4A7C15u, {}, {}};
  for (std::size_t i = 1; i < kTagCount; ++i) hash.keys[i] = key_at_compile_time(kNames[i]);
  for (;; hash.multiplier = hash.multiplier * 6364136223846793005u + 1442695040888963407u) {
    hash.slots = {};
    bool collided = false;
    for (std::size_t i = 1; i < kTagCount && !collided; ++i) {
      auto& slot = hash.slots[slot_of(hash.keys[i], hash.multiplier)];
      collided = slot != 0;
      slot = static_cast<std::uint8_t>(i);
    }
    if (!collided) return hash;
  }
}
constexpr PerfectHash kHash = find_perfect_hash();

bool is_individual_detail(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case NAME: case _MARNM: case _AKA:
    case ADOP: case BAPL: case BAPM: case BARM: case BASM: case BIRT: case BLES: case BURI: case CENS: case CHR: case CHRA:
    case CONF: case CONL: case CREM: case DEAT: case EMIG: case ENDL: case EVEN: case FCOM: case GRAD: case IMMI: case INIL:
    case NATU: case ORDN: case PROB: case RETI: case SLGC: case WILL:
    case CAST: case DSCR: case EDUC: case FACT: case IDNO: case NATI: case NCHI: case NMR: case OCCU: case PROP: case RELI:
    case RESI: case SSN: case TITL: case _CLAN: case _TRIBE:
      return true;
    default: return false;
  }
}

bool is_family_detail(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case ANUL: case CENS: case DIV: case DIVF: case ENGA: case EVEN: case FACT: case MARB: case MARC: case MARL: case MARR:
    case MARS: case NCHI: case RESI: case SLGS: case _LOBOLA:
      return true;
    default: return false;
  }
}

}  // namespace

Tag tag_of(std::string_view name) noexcept {
  if (name.size() > kNameBytesMax || name.empty()) return Tag::literal;
  const auto key = key_of(name.data(), name.size());
  const auto index = kHash.slots[slot_of(key, kHash.multiplier)];
  return kHash.keys[index] == key ? static_cast<Tag>(index) : Tag::literal;
}

std::string_view tag_text(Tag tag) noexcept {
  const auto index = static_cast<std::uint16_t>(tag);
  return index < kTagCount ? kNames[index] : std::string_view{};
}

bool is_addressable(Tag parent, Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case SOUR: case OBJE: case NOTE: case SNOTE: case ASSO: return parent != HEAD;
    default: return parent == INDI ? is_individual_detail(tag) : parent == FAM && is_family_detail(tag);
  }
}

}  // namespace tablinum::tree
