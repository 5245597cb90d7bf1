// The rows of docs/gedcom.md, "Conversion", both ways; and random records there and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "convert_util.h"

namespace tablinum::tree::convert {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHead551 =
    "0 HEAD\n1 SOUR TEST\n1 SUBM @U1@\n1 GEDC\n2 VERS 5.5.1\n2 FORM LINEAGE-LINKED\n1 CHAR UTF-8\n";
constexpr std::string_view kHead70 = "0 HEAD\n1 GEDC\n2 VERS 7.0\n1 SOUR TEST\n1 SUBM @U1@\n";
constexpr std::string_view kSubmitter = "0 @U1@ SUBM\n1 NAME Tendai\n";

std::string file(Dialect dialect, std::string_view records) {
  return std::string{dialect == Dialect::gedcom551 ? kHead551 : kHead70}.append(kSubmitter).append(records).append("0 TRLR\n");
}

/// The records of a converted file, without header, submitter and trailer.
std::string records_of(std::string_view text) {
  const auto begin = text.find(kSubmitter);
  return begin == std::string_view::npos
             ? std::string{text}
             : std::string{text.substr(begin + kSubmitter.size(), text.rfind("0 TRLR") - begin - kSubmitter.size())};
}

struct Row {
  const char* name;
  const char* old;      // 5.5.1
  const char* current;  // 7.0
};

/// Rows that are exact both ways: neither side needs a copy of the other.
class BothWays : public testing::TestWithParam<Row> {};
TEST_P(BothWays, Upwards) {
  const auto out = converted(file(Dialect::gedcom551, GetParam().old), Dialect::gedcom70);
  EXPECT_EQ(records_of(out.text), GetParam().current);
}
TEST_P(BothWays, Downwards) {
  const auto up = converted(file(Dialect::gedcom551, GetParam().old), Dialect::gedcom70);
  EXPECT_EQ(records_of(converted(up.text, Dialect::gedcom551).text), GetParam().old);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BothWays,
    testing::Values(
        Row{"shared_note", "0 @I1@ INDI\n1 NOTE @N1@\n0 @N1@ NOTE text\n1 CONT more\n",
            "0 @I1@ INDI\n1 SNOTE @N1@\n0 @N1@ SNOTE text\n1 CONT more\n"},
        Row{"at_signs", "0 @I1@ INDI\n1 NOTE a@@b.example and @@home\n", "0 @I1@ INDI\n1 NOTE a@b.example and @home\n"},
        Row{"julian", "0 @I1@ INDI\n1 BIRT\n2 DATE @#DJULIAN@ 3 MAY 1700\n", "0 @I1@ INDI\n1 BIRT\n2 DATE JULIAN 3 MAY 1700\n"},
        Row{"hebrew_range", "0 @I1@ INDI\n1 BIRT\n2 DATE BET @#DHEBREW@ TSH 5600 AND @#DHEBREW@ CSH 5600\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE BET HEBREW TSH 5600 AND HEBREW CSH 5600\n"},
        Row{"french", "0 @I1@ INDI\n1 BIRT\n2 DATE @#DFRENCH R@ 2 VEND 3\n", "0 @I1@ INDI\n1 BIRT\n2 DATE FRENCH_R 2 VEND 3\n"},
        Row{"before_christ", "0 @I1@ INDI\n1 BIRT\n2 DATE 44 B.C.\n", "0 @I1@ INDI\n1 BIRT\n2 DATE 44 BCE\n"},
        Row{"interpreted", "0 @I1@ INDI\n1 BIRT\n2 DATE INT 1850 (at harvest)\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE 1850\n3 PHRASE at harvest\n"},
        Row{"date_in_words", "0 @I1@ INDI\n1 BIRT\n2 DATE (at harvest)\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE \n3 PHRASE at harvest\n"},
        Row{"dual_year", "0 @I1@ INDI\n1 BIRT\n2 DATE 30 JAN 1648/49\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE JULIAN 30 JAN 1649\n3 PHRASE 30 JAN 1648/49\n"},
        Row{"month_case", "0 @I1@ INDI\n1 BIRT\n2 DATE abt Jan 1850\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE ABT JAN 1850\n3 PHRASE abt Jan 1850\n"},
        Row{"range_reversed", "0 @I1@ INDI\n1 BIRT\n2 DATE BET 1900 AND 1880\n",
            "0 @I1@ INDI\n1 BIRT\n2 DATE BET 1880 AND 1900\n3 PHRASE BET 1900 AND 1880\n"},
        Row{"age_child", "0 @I1@ INDI\n1 DEAT\n2 AGE CHILD\n", "0 @I1@ INDI\n1 DEAT\n2 AGE < 8y\n3 PHRASE CHILD\n"},
        Row{"age_infant", "0 @I1@ INDI\n1 DEAT\n2 AGE INFANT\n", "0 @I1@ INDI\n1 DEAT\n2 AGE < 1y\n3 PHRASE INFANT\n"},
        Row{"age_stillborn", "0 @I1@ INDI\n1 DEAT\n2 AGE STILLBORN\n", "0 @I1@ INDI\n1 DEAT\n2 AGE 0y\n3 PHRASE STILLBORN\n"},
        Row{"age_blank", "0 @I1@ INDI\n1 DEAT\n2 AGE <8y\n", "0 @I1@ INDI\n1 DEAT\n2 AGE < 8y\n3 PHRASE <8y\n"},
        Row{"age_in_words", "0 @I1@ INDI\n1 DEAT\n2 AGE very old\n", "0 @I1@ INDI\n1 DEAT\n2 AGE \n3 PHRASE very old\n"},
        Row{"pedigree", "0 @I1@ INDI\n1 FAMC @F1@\n2 PEDI adopted\n2 STAT proven\n0 @F1@ FAM\n1 CHIL @I1@\n",
            "0 @I1@ INDI\n1 FAMC @F1@\n2 PEDI ADOPTED\n2 STAT PROVEN\n0 @F1@ FAM\n1 CHIL @I1@\n"},
        Row{"pedigree_other", "0 @I1@ INDI\n1 FAMC @F1@\n2 PEDI guardian\n0 @F1@ FAM\n",
            "0 @I1@ INDI\n1 FAMC @F1@\n2 PEDI OTHER\n3 PHRASE guardian\n0 @F1@ FAM\n"},
        Row{"pedigree_none", "0 @I1@ INDI\n1 FAMC @F1@\n0 @F1@ FAM\n", "0 @I1@ INDI\n1 FAMC @F1@\n0 @F1@ FAM\n"},
        Row{"adopted_by", "0 @I1@ INDI\n1 ADOP\n2 FAMC @F1@\n3 ADOP BOTH\n0 @F1@ FAM\n",
            "0 @I1@ INDI\n1 ADOP\n2 FAMC @F1@\n3 ADOP BOTH\n0 @F1@ FAM\n"},
        Row{"association",
            "0 @I1@ INDI\n1 ASSO @I2@\n2 RELA witness\n1 ASSO @I2@\n2 RELA Godfather\n1 ASSO @I2@\n2 RELA honorary uncle\n0 "
            "@I2@ INDI\n",
            "0 @I1@ INDI\n1 ASSO @I2@\n2 ROLE WITN\n1 ASSO @I2@\n2 ROLE GODP\n3 PHRASE Godfather\n1 ASSO @I2@\n2 ROLE OTHER\n3 "
            "PHRASE honorary "
            "uncle\n0 @I2@ INDI\n"},
        Row{"role_cited", "0 @I1@ INDI\n1 BIRT\n2 SOUR @S1@\n3 EVEN BIRT\n4 ROLE (midwife)\n0 @S1@ SOUR\n1 TITL Register\n",
            "0 @I1@ INDI\n1 BIRT\n2 SOUR @S1@\n3 EVEN BIRT\n4 ROLE OTHER\n5 PHRASE midwife\n0 @S1@ SOUR\n1 TITL Register\n"},
        Row{"name_type", "0 @I1@ INDI\n1 NAME A /B/\n2 TYPE married\n1 NAME C /D/\n2 TYPE regnal\n",
            "0 @I1@ INDI\n1 NAME A /B/\n2 TYPE MARRIED\n1 NAME C /D/\n2 TYPE OTHER\n3 PHRASE regnal\n"},
        Row{"name_pieces", "0 @I1@ INDI\n1 NAME Velislava /Marinova/\n2 SURN Marinova, Marinov\n",
            "0 @I1@ INDI\n1 NAME Velislava /Marinova/\n2 SURN Marinova\n2 SURN Marinov\n"},
        Row{"name_forms", "0 @I1@ INDI\n1 NAME a\n2 ROMN b\n3 TYPE romaji\n3 GIVN c\n2 FONE d\n3 TYPE kana\n",
            "0 @I1@ INDI\n1 NAME a\n2 TRAN b\n3 LANG ja-Latn\n3 GIVN c\n2 TRAN d\n3 LANG ja-hrkt\n"},
        Row{"place_forms", "0 @I1@ INDI\n1 BIRT\n2 PLAC a\n3 FONE b\n4 TYPE hangul\n3 MAP\n4 LATI N18.1\n4 LONG E168.2\n",
            "0 @I1@ INDI\n1 BIRT\n2 PLAC a\n3 TRAN b\n4 LANG ko-hang\n3 MAP\n4 LATI N18.1\n4 LONG E168.2\n"},
        Row{"identifiers",
            "0 @I1@ INDI\n1 AFN 12\n1 RIN 34\n1 RFN Res:56\n1 REFN 78\n2 TYPE own\n1 _UID 0123456789ABCDEF0123456789ABCDEF\n",
            "0 @I1@ INDI\n1 EXID 12\n2 TYPE https://gedcom.io/terms/v7/AFN\n1 EXID 34\n2 TYPE "
            "https://gedcom.io/terms/v7/RIN#TEST\n1 EXID 56\n"
            "2 TYPE https://gedcom.io/terms/v7/RFN#Res\n1 REFN 78\n2 TYPE own\n1 UID 0123456789ABCDEF0123456789ABCDEF\n"},
        Row{"media", "0 @O1@ OBJE\n1 FILE photos/wedding day.jpg\n2 FORM jpg\n3 TYPE photo\n2 TITL Wedding\n",
            "0 @O1@ OBJE\n1 FILE photos/wedding%20day.jpg\n2 FORM image/jpeg\n3 MEDI PHOTO\n2 TITL Wedding\n"},
        Row{"media_drive", "0 @O1@ OBJE\n1 FILE C:\\a b.tif\n2 FORM tif\n3 TYPE slide\n",
            "0 @O1@ OBJE\n1 FILE file:///C:/a%20b.tif\n2 FORM image/tiff\n3 MEDI OTHER\n4 PHRASE slide\n"},
        Row{"restriction", "0 @I1@ INDI\n1 RESN confidential\n", "0 @I1@ INDI\n1 RESN CONFIDENTIAL\n"},
        Row{"ordinance",
            "0 @I1@ INDI\n1 BAPL\n2 STAT PRE-1970\n3 DATE 1 JAN 2000\n0 @F1@ FAM\n1 SLGS\n2 STAT DNS/CAN\n3 DATE 1 JAN 2000\n",
            "0 @I1@ INDI\n1 BAPL\n2 STAT PRE_1970\n3 DATE 1 JAN 2000\n0 @F1@ FAM\n1 SLGS\n2 STAT DNS_CAN\n3 DATE 1 JAN 2000\n"},
        Row{"events_recorded", "0 @S1@ SOUR\n1 DATA\n2 EVEN BIRT, DEAT\n3 DATE FROM 1800 TO 1850\n",
            "0 @S1@ SOUR\n1 DATA\n2 EVEN BIRT, DEAT\n3 DATE FROM 1800 TO 1850\n"},
        Row{"medium", "0 @S1@ SOUR\n1 REPO @R1@\n2 CALN 7\n3 MEDI fiche\n0 @R1@ REPO\n1 NAME Archive\n",
            "0 @S1@ SOUR\n1 REPO @R1@\n2 CALN 7\n3 MEDI FICHE\n0 @R1@ REPO\n1 NAME Archive\n"},
        Row{"happened", "0 @I1@ INDI\n1 DEAT Y\n", "0 @I1@ INDI\n1 DEAT Y\n"},
        Row{"foreign_tags", "0 @I1@ INDI\n1 _CLAN Moyo\n2 DATE 1 Jan 1900\n0 @X1@ _VENDOR what\n",
            "0 @I1@ INDI\n1 _CLAN Moyo\n2 DATE 1 Jan 1900\n0 @X1@ _VENDOR what\n"}),
    [](const auto& row) { return std::string{row.param.name}; });

/// Rows in which one side keeps what the other cannot say: the text that must and must not be there, and the way back.
struct KeptRow {
  const char* name;
  Dialect from;
  const char* records;
  std::vector<std::string> has, has_not;
};
class Kept : public testing::TestWithParam<KeptRow> {};
TEST_P(Kept, TravelsAndComesBack) {
  const auto& row = GetParam();
  const auto there = converted(file(row.from, row.records), other_dialect(row.from));
  for (const auto& text : row.has) EXPECT_THAT(there.text, HasSubstr(text));
  for (const auto& text : row.has_not) EXPECT_THAT(there.text, Not(HasSubstr(text)));
  EXPECT_EQ(converted(there.text, row.from).text, file(row.from, row.records));
  EXPECT_FALSE(there.reports.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Table, Kept,
    testing::Values(
        KeptRow{"sort_date",
                Dialect::gedcom70,
                "0 @I1@ INDI\n1 BIRT\n2 SDATE 1850\n",
                {"2 _SDATE 1850", "_SDATE urn:"},
                {"\n2 SDATE"}},
        KeptRow{"no_event", Dialect::gedcom70, "0 @F1@ FAM\n1 NO MARR\n2 DATE TO 1900\n", {"1 _NO MARR"}, {"1 MARR"}},
        KeptRow{"creation", Dialect::gedcom70, "0 @I1@ INDI\n1 CREA\n2 DATE 1 JAN 2020\n", {"1 _CREA"}, {"1 CREA"}},
        KeptRow{"crop",
                Dialect::gedcom70,
                "0 @I1@ INDI\n1 OBJE @O1@\n2 CROP\n3 TOP 1\n0 @O1@ OBJE\n1 FILE a.jpg\n2 FORM image/jpeg\n",
                {"2 _CROP"},
                {"2 CROP"}},
        KeptRow{"void_pointer", Dialect::gedcom70, "0 @F1@ FAM\n1 HUSB @VOID@\n2 PHRASE a man\n", {"1 _HUSB"}, {"1 HUSB"}},
        KeptRow{"sex_x", Dialect::gedcom70, "0 @I1@ INDI\n1 SEX X\n", {"_WAS"}, {}},
        KeptRow{"note_languages",
                Dialect::gedcom70,
                "0 @I1@ INDI\n1 NOTE a\n2 LANG en\n2 TRAN b\n3 LANG sn\n",
                {"1 NOTE a", "2 _TRAN b"},
                {}},
        KeptRow{
            "exid", Dialect::gedcom70, "0 @I1@ INDI\n1 EXID 5\n2 TYPE https://example.com/ids\n", {"1 _EXID 5"}, {"1 EXID"}},
        KeptRow{"weeks", Dialect::gedcom70, "0 @I1@ INDI\n1 DEAT\n2 AGE 2w\n", {"2 AGE 14d"}, {}},
        KeptRow{"small_xref", Dialect::gedcom70, "0 @i1@ INDI\n", {"1 _IDENT i1"}, {}},
        KeptRow{"source_in_words",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 BIRT\n2 SOUR Letter from Alice\n3 TEXT quoted\n3 QUAY 2\n",
                {"0 @S1@ SOUR\n1 TITL Letter from Alice", "2 SOUR @S1@", "3 DATA\n4 TEXT quoted"},
                {"2 SOUR Letter"}},
        KeptRow{"embedded_object",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 OBJE\n2 FORM jpg\n2 TITL Me\n2 FILE me.jpg\n",
                {"1 OBJE @O1@", "1 FILE me.jpg\n2 FORM image/jpeg\n2 TITL Me"},
                {}},
        KeptRow{"blob",
                Dialect::gedcom551,
                "0 @O1@ OBJE\n1 FILE a.bmp\n2 FORM bmp\n1 BLOB\n2 CONT .HM.......k.1..F.jwA.Dzzzzw\n",
                {"1 _BLOB"},
                {"1 BLOB"}},
        KeptRow{"event_text",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 BIRT in a barn\n",
                {"2 NOTE in a barn", "1 BIRT\n"},
                {"1 BIRT in"}},
        KeptRow{"event_denied", Dialect::gedcom551, "0 @I1@ INDI\n1 DEAT N\n", {"1 _DEAT N"}, {"1 DEAT"}},
        KeptRow{"event_without_type", Dialect::gedcom551, "0 @I1@ INDI\n1 EVEN\n2 DATE 1900\n", {"2 TYPE unspecified"}, {}},
        KeptRow{"second_change",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 CHAN\n2 DATE 1 JAN 2000\n1 CHAN\n2 DATE 2 JAN 2000\n",
                {"1 _CHAN"},
                {}},
        KeptRow{
            "odd_xref", Dialect::gedcom551, "0 @i-1.x@ INDI\n1 NAME A\n", {"0 @I_1_X@ INDI", "1 _IDENT i-1.x"}, {"@i-1.x@"}},
        KeptRow{"odd_pointer", Dialect::gedcom551, "0 @I1@ INDI\n1 FAMC @f-9@\n", {"1 _FAMC @@f-9@"}, {"1 FAMC"}},
        KeptRow{"submission", Dialect::gedcom551, "0 @B1@ SUBN\n1 FAMF x\n", {"0 @B1@ _SUBN"}, {}},
        KeptRow{"lower_case_tag", Dialect::gedcom551, "0 @I1@ INDI\n1 birt\n2 date 1900\n", {"1 _BIRT"}, {}},
        KeptRow{"uid_sum",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 _UID 0123456789ABCDEF0123456789ABCDEF1234\n",
                {"1 UID 0123456789ABCDEF0123456789ABCDEF\n2 _UIDSUM 1234"},
                {}},
        KeptRow{"association_to_submitter",
                Dialect::gedcom551,
                "0 @I1@ INDI\n1 ASSO @U1@\n2 RELA great grandson\n",
                {"1 _ASSO @U1@"},
                {"1 ASSO"}},
        KeptRow{"carrier_name_taken",
                Dialect::gedcom70,
                "0 @I1@ INDI\n1 BIRT\n2 SDATE 1850\n2 _SDATE own\n",
                {"2 _SDATE2 1850", "2 _SDATE own"},
                {}}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Conversion, AnEditedLineCountsMoreThanTheCopyBelowIt) {
  const auto there = converted(file(Dialect::gedcom551, "0 @I1@ INDI\n1 SEX Male\n"), Dialect::gedcom70);
  auto text = there.text;
  const auto at = text.find("1 SEX M");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 7, "1 SEX F");
  const auto back = converted(text, Dialect::gedcom551);
  EXPECT_THAT(back.text, HasSubstr("1 SEX F"));
  EXPECT_EQ(back.reports.at("outdated"), 1);
}

TEST(Conversion, ASourceMadeOfWordsAndUsedAgainStaysARecord) {
  const auto there = converted(file(Dialect::gedcom551, "0 @I1@ INDI\n1 SOUR a letter\n"), Dialect::gedcom70);
  auto text = there.text;
  text.replace(text.find("0 TRLR"), 6, "0 @I2@ INDI\n1 SOUR @S1@\n0 TRLR");
  const auto back = converted(text, Dialect::gedcom551);
  EXPECT_THAT(back.text, HasSubstr("0 @S1@ SOUR\n1 TITL a letter"));
  EXPECT_THAT(back.text, HasSubstr("0 @I1@ INDI\n1 SOUR @S1@\n"));
  EXPECT_THAT(back.text, HasSubstr("0 @I2@ INDI\n1 SOUR @S1@\n"));
}

TEST(Conversion, AHeaderInSmallLettersBecomesOne) {
  for (const auto to : {Dialect::gedcom551, Dialect::gedcom70}) {
    const std::string version = to == Dialect::gedcom70 ? "5.5.1" : "7.0";
    const auto text = converted("0 HEaD\n1 GEDC\n2 VERS " + version + "\n0 @X1@ X\n0 TRLR\n", to).text;
    EXPECT_TRUE(text.starts_with("0 HEAD\n")) << text;
    const auto read = gedcom::load(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->dialect, to);
  }
}

TEST(Conversion, WithoutAHeaderOneIsMade) {
  const auto out = converted("0 @I1@ INDI\n1 SNOTE @N1@\n0 @N1@ SNOTE x\n", Dialect::gedcom551);
  EXPECT_THAT(out.text, HasSubstr("1 SUBM @U1@"));
  EXPECT_THAT(out.text, HasSubstr("2 VERS 5.5.1"));
  EXPECT_EQ(gedcom::summary(gedcom::load(out.text)->findings, gedcom::Severity::repaired), "");
}

// ---- random files ----------------------------------------------------------------------------------------------------------

const std::vector<std::string> kTags = {
    "NAME", "SEX",  "BIRT", "DEAT", "EVEN", "FACT",  "RESI",   "MARR", "NCHI", "DATE", "PLAC", "NOTE", "SNOTE",
    "SOUR", "OBJE", "FILE", "FORM", "TYPE", "MEDI",  "TITL",   "PAGE", "DATA", "TEXT", "QUAY", "AGE",  "HUSB",
    "WIFE", "CHIL", "FAMC", "FAMS", "PEDI", "ADOP",  "ASSO",   "RELA", "ROLE", "ROMN", "FONE", "TRAN", "LANG",
    "GIVN", "SURN", "RIN",  "RFN",  "EXID", "UID",   "_UID",   "CHAN", "CREA", "RESN", "STAT", "SLGC", "FAMC",
    "MAP",  "LATI", "LONG", "TIME", "NO",   "SDATE", "PHRASE", "CROP", "ALIA", "_FOO", "_WAS", "birt"};
const std::vector<std::string> kTexts = {"",
                                         "Y",
                                         "N",
                                         "1850",
                                         "abt 1850",
                                         "30 JAN 1648/9",
                                         "JULIAN 3 MAY 1700",
                                         "(harvest)",
                                         "M",
                                         "X",
                                         "married",
                                         "OTHER",
                                         "a, b",
                                         "witness",
                                         "English",
                                         "sn",
                                         "jpg",
                                         "image/png",
                                         "C:\\a b",
                                         "a%20b",
                                         "< 8y",
                                         "CHILD",
                                         "2w",
                                         "kana",
                                         "ja-Latn",
                                         "N18.1",
                                         "12:30",
                                         "confidential, locked",
                                         "two\nlines",
                                         "@x@",
                                         "@@",
                                         "0123456789abcdef0123456789abcdef",
                                         "BIRT, DEAT",
                                         "PRE-1970"};
const std::vector<std::string> kRecords = {"INDI", "FAM", "SOUR", "OBJE", "NOTE", "SNOTE", "REPO", "SUBM", "SUBN", "_VENDOR"};

/// A file of a few records with any structures below them.
std::string random_file(Dialect dialect) {
  std::string text = dialect == Dialect::gedcom551 ? std::string{kHead551} : std::string{kHead70};
  if (*rc::gen::arbitrary<bool>()) text += kSubmitter;
  const auto records = *rc::gen::inRange(1, 5);
  for (int r = 0; r < records; ++r) {
    const auto& odd = *rc::gen::elementOf(std::vector<std::string>{"R", "R", "R", "r-"});
    text += "0 @" + odd + std::to_string(r) + "@ " + *rc::gen::elementOf(kRecords) + "\n";
    int level = 0;
    const auto lines = *rc::gen::inRange(0, 14);
    for (int i = 0; i < lines; ++i) {
      level = *rc::gen::inRange(1, std::min(level + 1, 5) + 1);
      text += std::to_string(level) + " " + *rc::gen::elementOf(kTags);
      switch (*rc::gen::inRange(0, 4)) {
        case 0: break;
        case 1: text += " @R" + std::to_string(*rc::gen::inRange(0, 6)) + "@"; break;
        default:
          for (const char c : *rc::gen::elementOf(kTexts)) {
            if (c == '\n')
              text += "\n" + std::to_string(level + 1) + " CONT ";
            else
              text += i == 0 || c != '@' ? std::string{c} : "@@";
          }
          if (text.back() != ' ' && text.back() != '\n' && *rc::gen::inRange(0, 20) == 0) text += " ";
      }
      text += "\n";
    }
  }
  return text + "0 TRLR\n";
}

void check_there_and_back(Dialect dialect) {
  const auto text = random_file(dialect);
  const auto loaded = gedcom::load(text);
  RC_ASSERT(loaded.has_value());
  // What a reader repairs is another matter.
  const auto clean = gedcom::load(gedcom::store(*loaded));
  RC_ASSERT(clean.has_value());
  if (clean->dialect != dialect) return;
  RC_LOG() << gedcom::store(*clean);
  RC_ASSERT(promise_broken_by(*clean) == std::string{});
}

RC_GTEST_PROP(Conversion, AnyFileOf551ComesBack, ()) { check_there_and_back(Dialect::gedcom551); }
RC_GTEST_PROP(Conversion, AnyFileOf70ComesBack, ()) { check_there_and_back(Dialect::gedcom70); }

}  // namespace
}  // namespace tablinum::tree::convert
