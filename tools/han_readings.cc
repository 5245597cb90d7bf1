// Prints libs/search/src/han_readings.inc: what ICU's transform makes of each Chinese character, in ASCII letters.
// clang++-19 -std=c++20 tools/han_readings.cc -licui18n -licuuc -o /tmp/han_readings && /tmp/han_readings
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

int main() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> rules{
      icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status)};
  if (rules == nullptr) return 1;
  std::map<std::string, std::size_t> numbers;
  std::vector<std::string> readings;
  std::vector<std::size_t> of;
  for (UChar32 c = 0x3400; c < 0xA000; ++c) {
    icu::UnicodeString text{c};
    rules->transliterate(text);
    std::string ascii;
    text.toUTF8String(ascii);
    std::erase_if(ascii, [](char letter) { return letter < 'a' || letter > 'z'; });
    const auto [known, is_new] = numbers.try_emplace(ascii, readings.size());
    if (is_new) readings.push_back(ascii);
    of.push_back(known->second);
  }
  std::printf("// Made by tools/han_readings.cc with ICU %s (licence: Unicode-3.0). Names_test compares each with ICU's.\n",
              U_ICU_VERSION);
  std::printf("constexpr std::array<std::string_view, %zu> kReadings = {\n", readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) std::printf("\"%s\",%s", readings[i].c_str(), i % 14 == 13 ? "\n" : " ");
  std::printf("};\nconstexpr std::array<std::uint16_t, %zu> kReadingOf = {\n", of.size());
  for (std::size_t i = 0; i < of.size(); ++i) std::printf("%zu,%s", of[i], i % 32 == 31 ? "\n" : "");
  std::printf("};\n");
}
