#include "tablinum/tree/gedcom/charset.h"

#include <gtest/gtest.h>

#include "gedcom_util.h"

namespace tablinum::tree::gedcom {
namespace {

// ---------------------------------------------------------------- ANSEL

struct AnselCase {
  const char* name;
  const char* bytes;
  const char* want;
};
class Ansel : public testing::TestWithParam<AnselCase> {};
TEST_P(Ansel, ReadsAsTheStandardsSay) {
  bool alone = false, damaged = false;
  EXPECT_EQ(ansel_to_utf8(GetParam().bytes, &alone, &damaged), GetParam().want);
  EXPECT_FALSE(alone);
  EXPECT_FALSE(damaged);
}
// Rows: ANSI Z39.47, GEDCOM 5.5.1 appendix C, the Library of Congress' MARC-8 table.
INSTANTIATE_TEST_SUITE_P(Rows, Ansel,
                         testing::Values(AnselCase{"ascii", "Moyo", "Moyo"}, AnselCase{"sign", "\xA1\xB1\xA5\xB5", "ŁłÆæ"},
                                         AnselCase{"umlaut_precedes", "M\xE8uller", "Müller"},
                                         AnselCase{"cedilla",
                                                   "Fran\xF0"
                                                   "cois",
                                                   "François"},
                                         AnselCase{"two_marks",
                                                   "Nguy\xE3\xE2"
                                                   "en",
                                                   "Nguyến"},
                                         AnselCase{"two_marks_reversed",
                                                   "Nguy\xE2\xE3"
                                                   "en",
                                                   "Nguyến"},
                                         AnselCase{"dot_below_and_circumflex",
                                                   "Vi\xE3\xF2"
                                                   "et",
                                                   "Việt"},
                                         AnselCase{"mark_on_sign", "\xE2\xA5", "Ǽ"},
                                         AnselCase{"ligature_halves",
                                                   "\xEB"
                                                   "i\xEC"
                                                   "a",
                                                   "i\xEF\xB8\xA0"
                                                   "a\xEF\xB8\xA1"},
                                         AnselCase{"tilde_halves",
                                                   "\xFA"
                                                   "n\xFB"
                                                   "g",
                                                   "n\xEF\xB8\xA2g\xEF\xB8\xA3"},
                                         AnselCase{"gedcom_eszett",
                                                   "Stra\xCF"
                                                   "e",
                                                   "Straße"},
                                         AnselCase{"plain_eszett",
                                                   "Stra\xC7"
                                                   "e",
                                                   "Straße"},
                                         AnselCase{"boxes", "\xBE\xBF", "□■"}, AnselCase{"midlines", "\xCD\xCE", "eo"},
                                         AnselCase{"horn", "\xBC\xAD", "ơƯ"},
                                         AnselCase{"slash",
                                                   "\xFC"
                                                   "o",
                                                   "o\xCC\xB8"}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(AnselDamage, MarksAloneStandOnANoBreakSpace) {
  for (const char* bytes : {"a \xE2 b", "a \xE2"}) {
    bool alone = false;
    EXPECT_TRUE(ansel_to_utf8(bytes, &alone).starts_with("a \xC2\xA0\xCC\x81")) << bytes;
    EXPECT_TRUE(alone);
  }
}

TEST(AnselDamage, BytesWithoutMeaningAreReplaced) {
  bool damaged = false;
  EXPECT_EQ(ansel_to_utf8("a\xFF\x80", nullptr, &damaged), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_TRUE(damaged);
}

// ---------------------------------------------------------------- names

TEST(CharsetNames, OfHeaders) {
  EXPECT_EQ(charset_from_name("ansel")->kind, Charset::ansel);
  EXPECT_EQ(charset_from_name(" ANSI ")->kind, Charset::cp1252);
  EXPECT_EQ(charset_from_name("IBMPC")->kind, Charset::cp437);
  EXPECT_EQ(charset_from_name("CP850")->kind, Charset::cp850);
  EXPECT_EQ(charset_from_name("MACINTOSH")->kind, Charset::mac_roman);
  EXPECT_EQ(charset_from_name("CP1250"), (CharsetId{Charset::named, "windows-1250"}));
  EXPECT_EQ(charset_from_name("iso-8859-2"), (CharsetId{Charset::named, "ISO-8859-2"}));
  for (const char* name : {"", "UNICODE", "UTF-16", "UTF-7", "ISO-2022-JP", "IBM037", "KLINGON", "a b"}) {
    EXPECT_FALSE(charset_from_name(name)) << name;
  }
  for (const auto kind : {Charset::ascii, Charset::utf8, Charset::utf16le, Charset::utf16be, Charset::ansel, Charset::cp1252,
                          Charset::cp437, Charset::cp850, Charset::mac_roman}) {
    EXPECT_EQ(charset_from_name(to_string({kind, {}}))->kind, kind);
  }
}

// ---------------------------------------------------------------- detection

CharsetDetection detect(std::string_view bytes, std::size_t chunk_bytes = 5) {
  CharsetDetector detector;
  for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) {
    const std::string chunk{bytes.substr(at, chunk_bytes)};
    detector.feed(bytes_of(chunk));
  }
  return detector.finish();
}

std::string file(std::string_view charset, std::string_view note, std::string_view language = "") {
  std::string out = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n";
  if (!charset.empty()) out += "1 CHAR " + std::string{charset} + "\n";
  if (!language.empty()) out += "1 LANG " + std::string{language} + "\n";
  return out + "0 @N1@ NOTE " + std::string{note} + "\n0 TRLR\n";
}

std::string wide(std::string_view ascii, bool big_endian) {
  std::string out;
  for (const char c : ascii) out += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
  return out;
}

struct DetectCase {
  const char* name;
  std::string bytes;
  Charset want;
  unsigned bom_bytes = 0;
  bool mismatch = false;
};
void PrintTo(const DetectCase& row, std::ostream* out) { *out << row.name; }
class Detect : public testing::TestWithParam<DetectCase> {};
TEST_P(Detect, ByTheTable) {
  const auto found = detect(GetParam().bytes);
  EXPECT_EQ(found.charset.kind, GetParam().want) << to_string(found.charset);
  EXPECT_EQ(found.bom_bytes, GetParam().bom_bytes);
  EXPECT_EQ(found.mismatch, GetParam().mismatch);
  EXPECT_EQ(detect(GetParam().bytes, 4096).charset, found.charset);
}
std::string repeat(std::string_view text, int times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Detect,
    testing::Values(
        DetectCase{"utf8_mark", "\xEF\xBB\xBF" + file("UTF-8", "é"), Charset::utf8, 3},
        DetectCase{"utf16le_mark", "\xFF\xFE" + wide(file("UNICODE", "a"), false), Charset::utf16le, 2},
        DetectCase{"utf16be_mark", "\xFE\xFF" + wide(file("UNICODE", "a"), true), Charset::utf16be, 2},
        DetectCase{"utf16le", wide(file("UNICODE", "a"), false), Charset::utf16le},
        DetectCase{"utf16be", wide(file("UNICODE", "a"), true), Charset::utf16be},
        DetectCase{"utf16be_after_blanks", wide(" \r\n" + file("UNICODE", "a"), true), Charset::utf16be},
        DetectCase{"ascii_that_says_unicode", file("UNICODE", "a"), Charset::ascii, 0, true},
        DetectCase{"ascii_that_says_ansel", file("ANSEL", "a"), Charset::ascii},
        DetectCase{"looks_like_utf7", file("UTF-8", "M+APw-ller"), Charset::ascii},
        DetectCase{"looks_like_iso_2022", file("", "\x1B$B0l\x1B(B"), Charset::ascii},
        DetectCase{"utf8_that_says_ansel", file("ANSEL", "é"), Charset::utf8, 0, true},
        DetectCase{"utf8_that_says_nothing", file("", "é"), Charset::utf8},
        DetectCase{"utf8_with_one_bad_of_200", file("UTF-8", repeat("é", 199) + "\xE9"), Charset::utf8},
        DetectCase{"utf8_with_two_bad_of_200", file("UTF-8", repeat("é", 198) + "\xE9 \xE9"), Charset::cp1252, 0, true},
        DetectCase{"ansel", file("ANSEL", repeat("M\xE8uller ", 19) + "\xE8 "), Charset::ansel},
        DetectCase{"ansel_with_too_many_loose_marks", file("ANSEL", repeat("caf\xE9 ", 20)), Charset::cp1252, 0, true},
        DetectCase{"ansi", file("ANSI", "caf\xE9"), Charset::cp1252},
        DetectCase{"latin1", file("ISO-8859-1", "caf\xE9"), Charset::cp1252},
        DetectCase{"ibm", file("IBMPC", "Andr\x82"), Charset::cp437},
        DetectCase{"cp850_letters", file("IBMPC", "S\xC6o Jo\xC6o \xC7guas"), Charset::cp850},
        DetectCase{"mac", file("MACINTOSH", "caf\x8E"), Charset::mac_roman},
        DetectCase{"named", file("CP1251", "\xCC\xEE\xF1\xEA\xE2\xE0"), Charset::named},
        DetectCase{"unknown_windows", file("KLINGON", "M\xFCller, se\xF1or, caf\xE9"), Charset::cp1252, 0, true},
        DetectCase{"unknown_mac", file("KLINGON", "M\x9Fller, se\x96or, caf\x8E"), Charset::mac_roman, 0, true},
        DetectCase{"unknown_dos", file("KLINGON", "M\x81ller, se\xA4or, caf\x82", "German"), Charset::cp437, 0, true}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Detection, OffersAlternativesWhereItIsUncertain) {
  const auto found = detect(file("UNICODE", "\x8E\xE9"));
  EXPECT_TRUE(found.uncertain);
  ASSERT_GE(found.alternatives.size(), 2u);
  EXPECT_EQ(found.alternatives.front().charset, found.charset);
  EXPECT_NE(found.alternatives[0].sample, found.alternatives[1].sample);
}

TEST(Detection, APersonsChoiceCounts) {
  const auto bytes = file("ANSI", "Dvo\xF8\xE1k");
  EXPECT_EQ(load(bytes)->records[0].structure.root().text, "Dvoøák");
  const auto chosen = load(bytes, {}, 64, charset_from_name("CP1250"));
  EXPECT_EQ(chosen->records[0].structure.root().text, "Dvořák");
}

// ---------------------------------------------------------------- decoding

TEST(Decoder, EveryByteOfCp1252) {
  auto decoder = LineDecoder::make({Charset::cp1252, {}}).value();
  EXPECT_EQ(decoder.decode("\x80\x9F\xFF").text, "€Ÿÿ");
  for (const char undefined : {'\x81', '\x8D', '\x8F', '\x90', '\x9D'}) {
    const auto decoded = decoder.decode({&undefined, 1});
    EXPECT_EQ(decoded.text, (std::string{'\xC2', undefined})) << "a C1 control";
    EXPECT_TRUE(decoded.damaged);
  }
}

TEST(Decoder, KnownPointsOfTheOldSets) {  // RFC 1345 and the vendors' tables
  EXPECT_EQ(LineDecoder::make({Charset::cp437, {}})->decode("\x80\xE1\xFE").text, "Çß■");
  EXPECT_EQ(LineDecoder::make({Charset::cp850, {}})->decode("\x9B\xB5\xD5").text, "øÁı");
  EXPECT_EQ(LineDecoder::make({Charset::mac_roman, {}})->decode("\x80\xD8\xDF").text, "Äÿﬂ");
  EXPECT_EQ(LineDecoder::make({Charset::named, "Shift_JIS"})->decode("\x93\xFA\x96\x7B").text, "日本");
  EXPECT_EQ(LineDecoder::make({Charset::named, "GB18030"})->decode("\x94\x39\xDA\x33").text, "\xF0\x9F\x92\xA9");
}

TEST(Decoder, RefusesWhatItCannotDo) {
  EXPECT_EQ(LineDecoder::make({Charset::utf16le, {}}).error().code, Code::unsupported);
  EXPECT_EQ(LineDecoder::make({Charset::named, "KLINGON"}).error().code, Code::unsupported);
}

TEST(Decoder, Utf16InAnyPieces) {
  const std::string bytes{"\x3D\xD8\xA9\xDC\x41\x00\x00\xD8\x42\x00\x00\xDC\x43", 13};  // 💩 A ½ B ½ and half a unit
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    Utf16Decoder decoder{false};
    std::string out;
    std::vector<std::size_t> damage;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      decoder.decode(bytes_of(std::string_view{bytes}.substr(at, piece)), out, damage);
    }
    decoder.finish(out, damage);
    EXPECT_EQ(out,
              "\xF0\x9F\x92\xA9"
              "A\xEF\xBF\xBD"
              "B\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(damage, (std::vector<std::size_t>{5, 9, 12}));
  }
}

}  // namespace
}  // namespace tablinum::tree::gedcom
