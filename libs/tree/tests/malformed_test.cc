// The table of malformed input (docs/gedcom.md, "Repairs"): a file a row, what is noted of it, and what is read from it.
#include <gtest/gtest.h>

#include "gedcom_util.h"

namespace tablinum::tree::gedcom {
namespace {

const std::filesystem::path kFolder = std::filesystem::path{TABLINUM_TEST_DATA} / "gedcom";

/// The records without the header and the trailer, as they are written; lines joined by |.
std::string records_of(const Loaded& loaded) {
  Loaded copy;
  copy.dialect = loaded.dialect;
  for (const auto& item : loaded.records) copy.records.push_back({item.id, item.xref, item.line, item.structure.clone()});
  auto text = store(copy);
  text.erase(0, text.find("\n0 ") + 1);
  text.erase(text.rfind("0 TRLR"));
  std::ranges::replace(text, '\n', '|');
  return text;
}

struct Case {
  const char* file;
  const char* findings;
  const char* records;
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.file; }

class Malformed : public testing::TestWithParam<Case> {};

TEST_P(Malformed, IsRepairedAndReported) {
  const auto bytes = slurp(kFolder / (std::string{GetParam().file} + ".ged"));
  ASSERT_FALSE(bytes.empty());
  const auto loaded = load(bytes);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(summary(loaded->findings), GetParam().findings);
  EXPECT_EQ(records_of(*loaded), GetParam().records);
  EXPECT_EQ(law_broken_by(*loaded), "");
}

TEST_P(Malformed, TheSameInAnyChunks) {
  const auto bytes = slurp(kFolder / (std::string{GetParam().file} + ".ged"));
  const auto whole = load(bytes).value();
  for (const std::size_t chunk : {1, 2, 3, 7, 64}) {
    const auto pieces = load(bytes, {}, chunk);
    ASSERT_TRUE(pieces);
    EXPECT_EQ(summary(pieces->findings), summary(whole.findings)) << chunk;
    EXPECT_EQ(store(*pieces), store(whole)) << chunk;
    for (std::size_t i = 0; i < whole.findings.stored().size(); ++i) {
      EXPECT_EQ(pieces->findings.stored()[i].line, whole.findings.stored()[i].line) << chunk;
      EXPECT_EQ(pieces->findings.stored()[i].excerpt, whole.findings.stored()[i].excerpt) << chunk;
    }
  }
}

// What the files share; and long rows in a form that can be read.
#define PERSON "0 @I1@ INDI|1 NAME Tendai /Moyo/|"
#define TEN(x) x x x x x x x x x x
#define UTF8_LINES TEN("1 NOTE éèàüöäñçêî|") TEN("1 NOTE éèàüöäñçêî|") TEN("1 NOTE éèàüöäñçêî|")
#define TWENTY_MUELLERS TEN("Müller ") TEN("Müller ")
// 255 characters with the line end: "1 NOTE " and 247, then the other 53.
#define LONG_LINE "1 NOTE " TEN(TEN("xx")) TEN("xxxx") "xxxxxxx|2 CONC " TEN("xxxxx") "xxx|"
// clang-format off
const Case kCases[] = {
    {"after_trailer", "line_after_trailer 3, record_after_trailer 1", PERSON "0 @I2@ INDI|1 NAME Rudo /Dube/|"},
    {"ansel", "ansel_mark_alone 1", PERSON "1 NOTE François, Müller, Nguyến, Łọdź|1 NOTE " TWENTY_MUELLERS "|1 NOTE alone  ́|"},
    {"at_signs", "at_sign_single 2", PERSON "1 EMAIL a@@b.example|1 NOTE a@@@@b|1 NOTE @@I1@@|1 NOTE see @@#notadate@@ here|1 BIRT|2 DATE @#DJULIAN@ 1 JAN 1700|"},
    {"at_signs_70", "", "0 @I1@ INDI|1 NOTE @@home|2 CONT @@ twice|1 NOTE a@b|1 FAMS @VOID@|"},
    {"blank_lines", "line_blank 4", PERSON},
    {"bom_wrong", "byte_order_mark_wrong 1", PERSON "1 NOTE café, Müller, François|"},
    {"charset_mismatch", "charset_mismatch 1", PERSON "1 NOTE café|"},
    {"charset_uncertain", "charset_mismatch 1, charset_uncertain 1", PERSON "1 NOTE Žé|"},
    {"charset_unknown", "charset_unknown 1", PERSON "1 NOTE café au lait, Müller, señor|"},
    {"conc_70", "continuation_obsolete 1", "0 @I1@ INDI|1 NOTE one two|"},
    {"continuation_below_pointer", "continuation_below_pointer 1", PERSON "1 SOUR @S1@|2 NOTE words more|2 PAGE 4|0 @S1@ SOUR|"},
    {"continuation_deeper", "continuation_misplaced 2", PERSON "1 NOTE a|2 CONT b|1 OCCU smith|2 CONT of Gweru|"},
    {"continuation_late", "continuation_misplaced 1", "0 @N1@ NOTE a|1 CONT b|1 SOUR @S1@|0 @S1@ SOUR|"},
    {"continuation_level_0", "continuation_misplaced 1", PERSON "2 CONT text|"},
    {"continuation_of_record", "", PERSON "0 @N1@ NOTE whole|1 CONT text|"},
    {"control_characters", "nul_removed 1, control_character 3", PERSON "1 NOTE ab\001c|1 NOTE  ‮ x|1 NOTE ￾|"},
    {"control_z", "line_blank 1", PERSON},
    {"cp1250", "", PERSON "1 NOTE Dvořák|"},
    {"cp1252_undefined", "byte_undefined 1, control_character 1", PERSON "1 NOTE Müller |"},
    {"cp437", "", PERSON "1 NOTE Müller, François, André|"},
    {"delimiters", "line_delimiter 3", PERSON "1 NOTE   three blanks before|1 OCCU smith|"},
    {"header_late", "header_late 1", PERSON},
    {"header_twice", "header_repeated 1", PERSON "0 @X1@ _HEAD|1 SOUR OTHER|"},
    {"indented", "line_indented 3", PERSON},
    {"level_between", "level_skipped 2", PERSON "1 BIRT|2 DATE 1900|2 PLAC Gweru|1 SEX M|"},
    {"level_over_99", "level_too_high 2", PERSON "1 NOTE He had|2 CONT 100 CATT of which|2 CONT 1850 survived|"},
    {"level_sign", "line_without_level 2", PERSON "1 NOTE It was|2 CONT -1 degree|2 CONT +2 more|"},
    {"level_skipped", "level_skipped 2", PERSON "1 BIRT|2 DATE 1900|2 PLAC Gweru|3 MAP|2 NOTE a|"},
    {"level_zeros", "level_zeros 2", PERSON "1 BIRT|2 DATE 1900|"},
    {"line_before_header", "line_blank 1, line_before_records 1", PERSON},
    {"line_below_pointer", "line_without_level 1, continuation_below_pointer 1", PERSON "1 SOUR @S1@|2 NOTE read in the church|0 @S1@ SOUR|"},
    {"line_end_stray", "line_end_stray 1, line_without_level 1", PERSON "1 NOTE one|2 CONT two|"},
    {"line_ends_cr", "", PERSON},
    {"line_ends_lfcr", "", PERSON},
    {"line_ends_mixed", "", PERSON},
    {"line_long", "line_long 1", PERSON LONG_LINE},
    {"line_without_level", "line_without_level 3", PERSON "1 NOTE first|2 CONT second|2 CONT third|1 BIRT|2 CONT in a storm|"},
    {"links_one_sided", "", PERSON "1 FAMC @F1@|0 @I2@ INDI|0 @F1@ FAM|1 CHIL @I2@|"},
    {"mac", "", PERSON "1 NOTE Müller, François|"},
    {"no_header", "header_missing 1", PERSON "1 SEX M|"},
    {"no_header_70", "header_missing 1", "0 @N1@ SNOTE hello|0 @I1@ INDI|1 NAME Tendai /Moyo/|1 SNOTE @N1@|"},
    {"no_trailer", "trailer_missing 1", PERSON "1 SEX M|"},
    {"no_xref", "record_without_xref 2", PERSON "0 @N1@ NOTE loose words|1 CONT and more|"},
    {"own_ancestor", "", PERSON "1 FAMC @F1@|1 FAMS @F1@|0 @F1@ FAM|1 HUSB @I1@|1 WIFE @I1@|1 CHIL @I1@|1 CHIL @I1@|"},
    {"payload_empty", "", PERSON "1 NOTE |1 NOTE|1 BIRT |"},
    {"pointer_blanks", "pointer_blanks 1", PERSON "0 @F1@ FAM|1 HUSB @I1@|"},
    {"pointer_dangling", "pointer_dangling 2", PERSON "1 FAMS @F9@|1 NOTE @N9@|"},
    {"pointer_wrong_kind", "pointer_wrong_kind 1", PERSON "0 @F1@ FAM|1 HUSB @F1@|1 CHIL @I1@|"},
    {"record_below_level_0", "record_below_level_0 1", "0 @F1@ FAM|1 HUSB @I1@|1 MARR|0 @I1@ INDI|1 NAME Tendai /Moyo/|"},
    {"repeated_facts", "", PERSON "1 NAME Tendai /Dube/|1 BIRT|1 BIRT|1 SEX M|1 SEX F|"},
    {"tag_missing", "tag_missing 3, at_sign_single 1", PERSON "1 NOTE a|2 CONT 1|2 CONT 2 |2 CONT 1 @@X@@|"},
    {"tags", "tag_unknown 2, tag_lower_case 2, tag_long 1, tag_characters 1", PERSON "1 NICKNAME Ten|1 birt|2 date 1900|1 _VENDOR x|1 _AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA long|1 A_B c|"},
    {"utf16_lone_surrogate", "utf16_damaged 1", PERSON "1 NOTE a�b|"},
    {"utf16_odd", "utf16_damaged 1, line_after_trailer 1", PERSON},
    {"utf16be_no_mark", "", PERSON "1 NOTE é漢|"},
    {"utf8_damaged", "utf8_damaged 1", PERSON "1 NOTE café|" UTF8_LINES},
    {"values_invalid", "", PERSON "1 SEX unclear|1 BIRT|2 DATE sometime|2 AGE old|1 RESN perhaps|"},
    {"xref_below_record", "xref_below_record 1", PERSON "1 BIRT|2 _XREF E1|2 DATE 1900|"},
    {"xref_fold_ambiguous", "pointer_dangling 1", PERSON "0 @i1@ INDI|0 @F1@ FAM|1 HUSB @I1@|1 WIFE @i1@|1 CHIL @I 1@|"},
    {"xref_folded", "xref_folded 3", PERSON "0 @F1@ FAM|1 HUSB @I1@|1 WIFE @I1@|1 CHIL @I1@|"},
    {"xref_repeated", "xref_repeated 1", PERSON "0 @I2@ INDI|1 NAME Rudo /Dube/|0 @F1@ FAM|1 HUSB @I1@|"},
    {"xref_repeated_equal", "xref_repeated_equal 1", PERSON "0 @F1@ FAM|1 HUSB @I1@|"},
    {"xref_void_70", "xref_reserved 1", "0 @I1@ INDI|"},
};
// clang-format on
INSTANTIATE_TEST_SUITE_P(Table, Malformed, testing::ValuesIn(kCases), [](const auto& row) { return std::string{row.param.file}; });

TEST(MalformedTable, HasARowForEveryFixture) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) files += entry.path().extension() == ".ged";
  EXPECT_EQ(files, std::size(kCases));
}

TEST(MalformedTable, EveryFindingHasWords) {
  for (std::size_t i = 0; i < kFindingCodeCount; ++i) {
    const auto code = static_cast<FindingCode>(i);
    EXPECT_FALSE(meaning_of(code).empty());
    EXPECT_FALSE(remedy_of(code).empty());
    EXPECT_FALSE(to_string(code).empty());
  }
}

}  // namespace
}  // namespace tablinum::tree::gedcom
