#include "gedcom/xref_table.h"

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

std::uint32_t XrefTable::insert(std::string_view xref, std::uint32_t value) {
  assert(!xref.empty() && xref.size() <= kXrefBytesMax);
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

std::uint32_t XrefTable::find(std::string_view xref) const noexcept {
  if (slots_.empty()) return kNone;
  const auto slot = slots_[slot_of(xref)];
  return slot == 0 ? kNone : entries_[slot - 1].value;
}

void XrefTable::assign(std::string_view xref, std::uint32_t value) {
  if (insert(xref, value) == kNone) return;
  entries_[slots_[slot_of(xref)] - 1].value = value;
}

}  // namespace tablinum::tree::gedcom
