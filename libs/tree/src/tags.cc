#include "tablinum/tree/tags.h"

#include <bit>
#include <cstring>

#include "tag_tables.h"

namespace tablinum::tree {
namespace {

constexpr std::array<std::string_view, kTagCount> kNames = {std::string_view{},
#define TABLINUM_TAG_NAME(name) #name,
                                                            TABLINUM_TAGS(TABLINUM_TAG_NAME)
#undef TABLINUM_TAG_NAME
};

consteval bool names_fit() {
  for (const auto name : kNames) {
    if (name.size() > kTagKeyBytes) return false;
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

static_assert(kTagCount <= 256, "the slots are bytes");

/// A multiplier that gives every tag a slot of its own, found by trial: about one in thirty does.
consteval TagHash find_perfect_hash() {
  TagHash hash{0x9E3779B97F4A7C15u, {}, {}};
  for (std::size_t i = 1; i < kTagCount; ++i) hash.keys[i] = key_at_compile_time(kNames[i]);
  for (;; hash.multiplier = hash.multiplier * 6364136223846793005u + 1442695040888963407u) {
    hash.slots = {};
    bool collided = false;
    for (std::size_t i = 1; i < kTagCount && !collided; ++i) {
      auto& slot = hash.slots[hash.slot_of(hash.keys[i])];
      collided = slot != 0;
      slot = static_cast<std::uint8_t>(i);
    }
    if (!collided) return hash;
  }
}

constexpr bool is_individual_detail(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case NAME:
    case _MARNM:
    case _AKA:
    case ADOP:
    case BAPL:
    case BAPM:
    case BARM:
    case BASM:
    case BIRT:
    case BLES:
    case BURI:
    case CENS:
    case CHR:
    case CHRA:
    case CONF:
    case CONL:
    case CREM:
    case DEAT:
    case EMIG:
    case ENDL:
    case EVEN:
    case FCOM:
    case GRAD:
    case IMMI:
    case INIL:
    case NATU:
    case ORDN:
    case PROB:
    case RETI:
    case SLGC:
    case WILL:
    case CAST:
    case DSCR:
    case EDUC:
    case FACT:
    case IDNO:
    case NATI:
    case NCHI:
    case NMR:
    case OCCU:
    case PROP:
    case RELI:
    case RESI:
    case SSN:
    case TITL:
    case _CLAN:
    case _TRIBE: return true;
    default: return false;
  }
}

constexpr bool is_family_detail(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case ANUL:
    case CENS:
    case DIV:
    case DIVF:
    case ENGA:
    case EVEN:
    case FACT:
    case MARB:
    case MARC:
    case MARL:
    case MARR:
    case MARS:
    case NCHI:
    case RESI:
    case SLGS:
    case _LOBOLA: return true;
    default: return false;
  }
}

constexpr bool is_link(Tag tag) noexcept {
  using enum Tag;
  return tag == SOUR || tag == OBJE || tag == NOTE || tag == SNOTE || tag == ASSO;
}

consteval PlaceTable make_addressable() {
  PlaceTable table{};
  for (std::uint16_t i = 1; i < kTagCount; ++i) {
    const auto tag = static_cast<Tag>(i);
    if (is_link(tag)) table[i] |= kBelowAny;
    if (is_individual_detail(tag)) table[i] |= kBelowIndividual;
    if (is_family_detail(tag)) table[i] |= kBelowFamily;
  }
  return table;
}

consteval PlaceTable make_places_below() {
  PlaceTable table{};
  table.fill(kBelowAny);
  table[static_cast<std::uint16_t>(Tag::HEAD)] = 0;
  table[static_cast<std::uint16_t>(Tag::INDI)] = kBelowAny | kBelowIndividual;
  table[static_cast<std::uint16_t>(Tag::FAM)] = kBelowAny | kBelowFamily;
  return table;
}

}  // namespace

constinit const TagHash kTagHash = find_perfect_hash();
constinit const PlaceTable kAddressable = make_addressable();
constinit const PlaceTable kPlacesBelow = make_places_below();

Tag tag_of(std::string_view name) noexcept {
  // A key is filled up with zeros, so a NUL at the end would not show in it.
  if (name.size() > kTagKeyBytes || name.empty() || name.back() == '\0') return Tag::literal;
  return tag_of_key(key_of(name.data(), name.size()));
}

std::string_view tag_text(Tag tag) noexcept {
  const auto index = static_cast<std::uint16_t>(tag);
  return index < kTagCount ? kNames[index] : std::string_view{};
}

bool is_addressable(Tag parent, Tag tag) noexcept { return is_addressable_here(parent, tag); }

}  // namespace tablinum::tree
