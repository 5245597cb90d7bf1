#include "gedcom/xref_table.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "tablinum/tree/gedcom/line.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kSlotsMin = 1024;  // a power of two

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* at, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, bytes);
  return word;
}

/// Folds 8 bytes at a time by 64 × 64 → 128 bit products (the construction of wyhash).
std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t hash = text.size() * 0x9E3779B97F4A7C15u;
  while (text.size() > 8) {
    hash = mix(hash ^ load(text.data(), 8), 0xA0761D6478BD642Fu);
    text.remove_prefix(8);
  }
  return mix(hash ^ load(text.data(), text.size()), 0xE7037ED1A0B428DBu);
}

/// A capital letter and a number without leading zeros, as 'A' … 'Z' and the number; nothing for any other text.
struct Numbered {
  bool is_one = false;
  std::size_t letter = 0, number = 0;
};
constexpr std::size_t kDigitsMax = 8;
constexpr std::size_t kSpareNumbers = 4096;  // so many numbers may be missing besides as many as there are

Numbered numbered_of(std::string_view xref) noexcept {
  if (xref.size() < 2 || xref.size() > kDigitsMax + 1 || xref[0] < 'A' || xref[0] > 'Z') return {};
  if (xref[1] == '0' && xref.size() > 2) return {};
  std::size_t number = 0;
  for (const char c : xref.substr(1)) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  return {true, static_cast<std::size_t>(xref[0] - 'A'), number};
}

}  // namespace

static_assert(kXrefBytesMax <= 0xFF, "the length of a text is one byte");

/// The slot that holds `xref`, or the free one where it belongs.
std::size_t XrefTable::slot_of(std::string_view xref) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(xref) & mask;
  while (slots_[slot] != 0 && text_at(entries_[slots_[slot] - 1].offset) != xref) slot = (slot + 1) & mask;
  return slot;
}

void XrefTable::grow() {
  slots_.assign(std::max(kSlotsMin, slots_.size() * 2), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[slot_of(text_at(entries_[i].offset))] = static_cast<std::uint32_t>(i + 1);
  }
}

/// The element for an identifier, made if it lies near those that are there; nullptr if it is hashed.
std::uint32_t* XrefTable::numbered_place(std::string_view xref) {
  const auto numbered = numbered_of(xref);
  if (!numbered.is_one) return nullptr;
  auto& row = numbered_[numbered.letter];
  if (numbered.number >= row.size()) {
    if (numbered.number > numbered_count_ * 2 + kSpareNumbers) return nullptr;
    row.resize(std::max(numbered.number + 1, row.size() + row.size() / 2), kNone);
  }
  return &row[numbered.number];
}

std::uint32_t XrefTable::insert(std::string_view xref, std::uint32_t value) {
  assert(!xref.empty() && xref.size() <= kXrefBytesMax);
  auto* const place = numbered_place(xref);
  if (place == nullptr) return insert_hashed(xref, value);
  if (*place != kNone) return *place;
  // It may have come when its number still was too far off.
  if (const auto hashed = find_hashed(xref); hashed != kNone) return hashed;
  ++numbered_count_;
  return *place = value;
}

std::uint32_t XrefTable::insert_hashed(std::string_view xref, std::uint32_t value) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  auto& slot = slots_[slot_of(xref)];
  if (slot != 0) return entries_[slot - 1].value;
  if (texts_.size() + 1 + xref.size() > 0xFFFF'FFFF) return kNone;
  entries_.push_back({static_cast<std::uint32_t>(texts_.size()), value});
  slot = static_cast<std::uint32_t>(entries_.size());
  texts_.push_back(static_cast<char>(xref.size()));
  texts_.insert(texts_.end(), xref.begin(), xref.end());
  return value;
}

std::uint32_t XrefTable::find_hashed(std::string_view xref) const noexcept {
  if (slots_.empty()) return kNone;
  const auto slot = slots_[slot_of(xref)];
  return slot == 0 ? kNone : entries_[slot - 1].value;
}

std::uint32_t XrefTable::find(std::string_view xref) const noexcept {
  if (const auto numbered = numbered_of(xref); numbered.is_one) {
    const auto& row = numbered_[numbered.letter];
    if (numbered.number < row.size() && row[numbered.number] != kNone) return row[numbered.number];
  }
  return find_hashed(xref);
}

void XrefTable::assign(std::string_view xref, std::uint32_t value) {
  if (find_hashed(xref) != kNone)
    entries_[slots_[slot_of(xref)] - 1].value = value;
  else if (auto* const place = numbered_place(xref); place != nullptr)
    *place = value;
}

}  // namespace tablinum::tree::gedcom
