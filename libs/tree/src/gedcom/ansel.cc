// ANSEL: ANSI/NISO Z39.47-1993 with the additions of the GEDCOM 5.5.1 standard, appendix C.
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <array>
#include <string>

#include "gedcom/text.h"
#include "tablinum/tree/gedcom/charset.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr char16_t kNone = 0xFFFD;
constexpr char16_t kNoBreakSpace = 0x00A0;
constexpr std::uint8_t kFirstMark = 0xE0, kLastMark = 0xFE;

/// Letters and signs A1 … CF. BE BF CD CE CF are GEDCOM's; C7 is plain ANSEL's eszett, CF GEDCOM's; C8 is the Library of
/// Congress'.
constexpr std::array<char16_t, 0x2F> kSigns = {
    0x0141, 0x00D8, 0x0110, 0x00DE, 0x00C6, 0x0152, 0x02B9, 0x00B7,
    0x266D, 0x00AE, 0x00B1, 0x01A0, 0x01AF, 0x02BC, kNone,  // A1 … AF
    0x02BB, 0x0142, 0x00F8, 0x0111, 0x00FE, 0x00E6, 0x0153, 0x02BA,
    0x0131, 0x00A3, 0x00F0, kNone,  0x01A1, 0x01B0, 0x25A1, 0x25A0,  // B0 … BF
    0x00B0, 0x2113, 0x2117, 0x00A9, 0x266F, 0x00BF, 0x00A1, 0x00DF,
    0x20AC, kNone,  kNone,  kNone,  kNone,  0x0065, 0x006F, 0x00DF,  // C0 … CF
};
/// Marks E0 … FE, which stand before their letter.
constexpr std::array<char16_t, 0x1F> kMarks = {
    0x0309, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0306, 0x0307,
    0x0308, 0x030C, 0x030A, 0xFE20, 0xFE21, 0x0315, 0x030B, 0x0310,  // E0 … EF
    0x0327, 0x0328, 0x0323, 0x0324, 0x0325, 0x0333, 0x0332, 0x0326,
    0x031C, 0x032E, 0xFE22, 0xFE23, 0x0338, kNone,  0x0313,  // F0 … FE
};

bool is_mark(char c) noexcept {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= kFirstMark && byte <= kLastMark;
}

char16_t sign_of(std::uint8_t byte) noexcept {
  if (byte < 0x80) return byte;
  if (byte >= 0xA1 && byte <= 0xCF) return kSigns[byte - 0xA1u];
  return kNone;
}

std::u16string composed(const std::u16string& text) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* const nfc = unorm2_getNFCInstance(&error);
  std::u16string out(text.size() + 8, u'\0');  // composing never lengthens text that is decomposed by at most its own marks
  const auto length = unorm2_normalize(nfc, text.data(), static_cast<std::int32_t>(text.size()), out.data(),
                                       static_cast<std::int32_t>(out.size()), &error);
  if (U_FAILURE(error)) return text;
  out.resize(static_cast<std::size_t>(length));
  return out;
}

/// Letter and marks in the order of the file, or the reverse where that composes better: programs differ in which mark of two
/// they write first (Vietnamese: circumflex and acute).
std::u16string cluster(char16_t base, const std::u16string& marks) {
  auto forward = composed(base + marks);
  if (marks.size() < 2 || forward.size() == 1) return forward;
  auto backward = composed(base + std::u16string{marks.rbegin(), marks.rend()});
  return backward.size() < forward.size() ? backward : forward;
}

}  // namespace

std::string ansel_to_utf8(std::string_view bytes, bool* mark_alone, bool* damaged) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  std::u16string marks;
  const auto flush = [&](char16_t base) {
    for (const char16_t unit : cluster(base, marks)) utf8::append(out, unit);
    marks.clear();
  };
  const auto flush_alone = [&] {
    if (marks.empty()) return;
    if (mark_alone != nullptr) *mark_alone = true;
    flush(kNoBreakSpace);
  };
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    const char16_t value = is_mark(c) ? kMarks[byte - kFirstMark] : sign_of(byte);
    if (value == kNone && damaged != nullptr) *damaged = true;
    if (is_mark(c) && value != kNone) {
      marks += value;
      continue;
    }
    if (byte <= 0x20) flush_alone();
    if (marks.empty())
      utf8::append(out, value);
    else
      flush(value);
  }
  flush_alone();
  return out;
}

}  // namespace tablinum::tree::gedcom
