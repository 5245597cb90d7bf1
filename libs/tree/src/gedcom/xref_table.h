#pragma once
/// Which identifier is which record. Grows with the file, so every byte of it counts.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::tree::gedcom {

/// Identifiers (1 … 255 bytes) to 32-bit values. Nearly all identifiers are a letter and a running number: those are an array
/// for each letter, which also lies in memory as pointers go through the file. The others are hashed (open addressing, never
/// more than half full).
class XrefTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  /// Adds an identifier unless it is there.  @return the value it has now; kNone if the texts would outgrow 4 GiB.
  std::uint32_t insert(std::string_view xref, std::uint32_t value);
  /// @return the value, or kNone.
  std::uint32_t find(std::string_view xref) const noexcept;
  /// Changes the value of an identifier that is there.
  void assign(std::string_view xref, std::uint32_t value);

  /// Calls f(xref, value) for each.
  template <class F>
  void for_each(F f) const {
    for (std::size_t letter = 0; letter < numbered_.size(); ++letter) {
      for (std::size_t number = 0; number < numbered_[letter].size(); ++number) {
        if (numbered_[letter][number] == kNone) continue;
        f(std::string{static_cast<char>('A' + letter)} + std::to_string(number), numbered_[letter][number]);
      }
    }
    for (const Entry& entry : entries_) f(std::string{text_at(entry.offset)}, entry.value);
  }

 private:
  struct Entry {
    std::uint32_t offset;  // in texts_, of a length byte and the text
    std::uint32_t value;
  };
  std::string_view text_at(std::uint32_t offset) const noexcept {
    return {texts_.data() + offset + 1, static_cast<std::uint8_t>(texts_[offset])};
  }
  std::uint32_t* numbered_place(std::string_view xref);
  std::uint32_t insert_hashed(std::string_view xref, std::uint32_t value);
  std::uint32_t find_hashed(std::string_view xref) const noexcept;
  std::size_t slot_of(std::string_view xref) const noexcept;
  void grow();

  std::array<std::vector<std::uint32_t>, 26> numbered_;
  std::size_t numbered_count_ = 0;
  std::vector<std::uint32_t> slots_;  // index of an entry + 1; 0: free
  std::vector<Entry> entries_;
  std::vector<char> texts_;
};

}  // namespace tablinum::tree::gedcom
