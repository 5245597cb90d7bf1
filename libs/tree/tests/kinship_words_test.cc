#include "tablinum/tree/kinship/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kinship_sample.h"

namespace tablinum::tree::kinship {
namespace {

/// Reads the notation of words.h: "MyB", "FFZSD", "Z½C", "F*", "stFM"; "m:" or "f:" before it is the person's own sex.
KinTypes read_notation(std::string_view text) {
  KinTypes kin{Sex::unknown, {}, 1};
  if (text.size() > 1 && text[1] == ':') {
    kin.ego = text[0] == 'm' ? Sex::male : Sex::female;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    KinType type;
    const bool step = text.starts_with("st");
    if (step) text.remove_prefix(2);
    if (text[0] == 'e' || text[0] == 'y') {
      type.age = text[0] == 'e' ? Age::elder : Age::younger;
      text.remove_prefix(1);
    }
    const std::size_t at = std::string_view{"FMPSDCBZGHWE"}.find(text[0]);
    constexpr std::array kPlain{KinKind::parent, KinKind::child, KinKind::sibling, KinKind::partner};
    constexpr std::array kStep{KinKind::step_parent, KinKind::step_child, KinKind::step_sibling, KinKind::partner};
    type.kind = (step ? kStep : kPlain).at(at / 3);
    type.sex = std::array{Sex::male, Sex::female, Sex::unknown}.at(at % 3);
    text.remove_prefix(1);
    if (text.starts_with("½")) {
      type.tie = Tie::half;
      text.remove_prefix(std::string_view{"½"}.size());
    } else if (text.starts_with("*")) {
      type.tie = Tie::adoptive;
      text.remove_prefix(1);
    }
    kin.types.push_back(type);
  }
  return kin;
}

struct WordCase {
  const char* notation;
  const char* word;
};
class EnglishWords : public testing::TestWithParam<WordCase> {};
TEST_P(EnglishWords, AreThoseOfTheKinshipTable) {
  EXPECT_EQ(relation_word(read_notation(GetParam().notation), "en").text, GetParam().word);
}
/// The usual words. The French ones were compared with an excerpt of fr.wiktionary.org (Annexe:Famille en français, November 2026);
/// most German and Spanish ones have no written source here, and no speaker has reviewed them for this program.
struct ForeignCase {
  const char* language;
  const char* notation;
  const char* word;
};
class ForeignWords : public testing::TestWithParam<ForeignCase> {};
TEST_P(ForeignWords, AreTheUsualOnes) {
  const auto word = relation_word(read_notation(GetParam().notation), GetParam().language);
  EXPECT_EQ(word.text, GetParam().word);
  EXPECT_FALSE(word.draft);
}
INSTANTIATE_TEST_SUITE_P(
    German, ForeignWords,
    testing::Values(ForeignCase{"de", "F", "Vater"}, ForeignCase{"de", "MM", "Großmutter"}, ForeignCase{"de", "FFF", "Urgroßvater"},
                    ForeignCase{"de", "FFFM", "Ururgroßmutter"}, ForeignCase{"de", "FFFFFF", "4×Urgroßvater"},
                    ForeignCase{"de", "SD", "Enkelin"}, ForeignCase{"de", "SSS", "Urenkel"}, ForeignCase{"de", "SSSS", "Ururenkel"},
                    ForeignCase{"de", "Z½", "Halbschwester"}, ForeignCase{"de", "MB", "Onkel"}, ForeignCase{"de", "FFZ", "Großtante"},
                    ForeignCase{"de", "FFFB", "Urgroßonkel"}, ForeignCase{"de", "BD", "Nichte"}, ForeignCase{"de", "BSS", "Großneffe"},
                    ForeignCase{"de", "BSSD", "Urgroßnichte"}, ForeignCase{"de", "FBS", "Cousin"},
                    ForeignCase{"de", "FFBSD", "Cousine 2. Grades"},
                    ForeignCase{"de", "FFBS", "Onkel 2. Grades"}, ForeignCase{"de", "FFFBD", "Großtante 2. Grades"},
                    ForeignCase{"de", "FFFFBD", "Urgroßtante 2. Grades"}, ForeignCase{"de", "FBSS", "Neffe 2. Grades"},
                    ForeignCase{"de", "FBSSD", "Großnichte 2. Grades"}, ForeignCase{"de", "FFFBSS", "Onkel 3. Grades"},
                    ForeignCase{"de", "WB", "Schwager"}, ForeignCase{"de", "WBW", "Schwippschwägerin"},
                    ForeignCase{"de", "DH", "Schwiegersohn"},
                    ForeignCase{"de", "stM", "Stiefmutter"}, ForeignCase{"de", "stB", "Stiefbruder"},
                    ForeignCase{"de", "", "dieselbe Person"},
                    ForeignCase{"de", "DHZ", "Schwiegersohn, dessen Schwester"}, ForeignCase{"de", "stMZH", "Stieftante, deren Ehemann"}));
INSTANTIATE_TEST_SUITE_P(
    French, ForeignWords,
    testing::Values(ForeignCase{"fr", "M", "mère"}, ForeignCase{"fr", "FFF", "arrière-grand-père"},
                    ForeignCase{"fr", "FFFM", "arrière-arrière-grand-mère"}, ForeignCase{"fr", "SD", "petite-fille"},
                    ForeignCase{"fr", "SSS", "arrière-petit-fils"}, ForeignCase{"fr", "Z", "sœur"},
                    ForeignCase{"fr", "FFB", "grand-oncle"},
                    ForeignCase{"fr", "FFFZ", "arrière-grand-tante"}, ForeignCase{"fr", "BDS", "petit-neveu"},
                    ForeignCase{"fr", "BDSD", "arrière-petite-nièce"}, ForeignCase{"fr", "FBD", "cousine germaine"},
                    ForeignCase{"fr", "FFBS", "grand-cousin"}, ForeignCase{"fr", "FFFBS", "arrière-grand-cousin"},
                    ForeignCase{"fr", "FBSD", "petite-cousine"}, ForeignCase{"fr", "FBSSS", "arrière-petit-cousin"},
                    ForeignCase{"fr", "FFBSS", "cousin issu de germain"}, ForeignCase{"fr", "FFFBSD", "grand-cousine issue de germain"},
                    ForeignCase{"fr", "FFBSSS", "petit-cousin issu de germain"}, ForeignCase{"fr", "FFFBSSS", "cousin au 3e degré"},
                    ForeignCase{"fr", "DH", "gendre"}, ForeignCase{"fr", "WM", "belle-mère"},
                    ForeignCase{"fr", "DHF", "père de son gendre"},
                    ForeignCase{"fr", "SWF", "père de sa belle-fille"}, ForeignCase{"fr", "MMMZH", "mari de son arrière-grand-tante"}));
INSTANTIATE_TEST_SUITE_P(
    Spanish, ForeignWords,
    testing::Values(ForeignCase{"es", "F", "padre"}, ForeignCase{"es", "FFM", "bisabuela"}, ForeignCase{"es", "FFFF", "tatarabuelo"},
                    ForeignCase{"es", "FFFFF", "trastatarabuelo"}, ForeignCase{"es", "FFFFFM", "5.ª abuela"},
                    ForeignCase{"es", "SSSS", "tataranieto"}, ForeignCase{"es", "Z½", "media hermana"},
                    ForeignCase{"es", "FFB", "tío abuelo"},
                    ForeignCase{"es", "BSD", "sobrina nieta"}, ForeignCase{"es", "FBS", "primo hermano"},
                    ForeignCase{"es", "FFBD", "tía segunda"},
                    ForeignCase{"es", "FBSS", "sobrino segundo"}, ForeignCase{"es", "FFBSD", "prima segunda"},
                    ForeignCase{"es", "FFFBSSS", "primo tercero"}, ForeignCase{"es", "WZ", "cuñada"},
                    ForeignCase{"es", "WZH", "concuñado"},
                    ForeignCase{"es", "SW", "nuera"}, ForeignCase{"es", "SWM", "consuegra"}, ForeignCase{"es", "stM", "madrastra"},
                    ForeignCase{"es", "stB", "hermanastro"}, ForeignCase{"es", "stMB", "hermano de su madrastra"}));

/// Every relation has words in every language, however far it is.
RC_GTEST_PROP(ForeignWords, NoRelationIsWithoutWords, ()) {
  const auto letters = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"FMSDBZHWPCGE"}));
  RC_PRE(letters.size() <= 40);
  for (const Language& language : relation_languages()) {
    const auto word = relation_word(read_notation(letters), language.tag);
    RC_ASSERT(!word.text.empty());
    RC_ASSERT(word.text.find('{') == std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Ancestors, EnglishWords,
                         testing::Values(WordCase{"", "the same person"}, WordCase{"F", "father"}, WordCase{"M", "mother"},
                                         WordCase{"P", "parent"}, WordCase{"FF", "grandfather"}, WordCase{"MF", "grandfather"},
                                         WordCase{"FM", "grandmother"}, WordCase{"PP", "grandparent"},
                                         WordCase{"FFF", "great-grandfather"}, WordCase{"FFFM", "great-great-grandmother"},
                                         WordCase{"MMMMM", "great-great-great-grandmother"},
                                         WordCase{"FFFFFF", "4× great-grandfather"},
                                         WordCase{"FFFFFFFFFFFF", "10× great-grandfather"}));
INSTANTIATE_TEST_SUITE_P(Descendants, EnglishWords,
                         testing::Values(WordCase{"S", "son"}, WordCase{"D", "daughter"}, WordCase{"C", "child"},
                                         WordCase{"SS", "grandson"}, WordCase{"DD", "granddaughter"},
                                         WordCase{"SC", "grandchild"}, WordCase{"SSS", "great-grandson"},
                                         WordCase{"DDDD", "great-great-granddaughter"},
                                         WordCase{"SSSSSS", "4× great-grandson"}));
INSTANTIATE_TEST_SUITE_P(Siblings, EnglishWords,
                         testing::Values(WordCase{"B", "brother"}, WordCase{"eB", "brother"}, WordCase{"yZ", "sister"},
                                         WordCase{"G", "sibling"}, WordCase{"B½", "half-brother"},
                                         WordCase{"Z½", "half-sister"}, WordCase{"FB", "uncle"}, WordCase{"MZ", "aunt"},
                                         WordCase{"FG", "uncle or aunt"}, WordCase{"FFB", "great-uncle"},
                                         WordCase{"MMZ", "great-aunt"}, WordCase{"FFFB", "great-great-uncle"},
                                         WordCase{"FFFFFZ", "4× great-aunt"}, WordCase{"FB½", "half-uncle"},
                                         WordCase{"FFZ½", "half great-aunt"}, WordCase{"BS", "nephew"}, WordCase{"ZD", "niece"},
                                         WordCase{"BC", "nephew or niece"}, WordCase{"BSS", "great-nephew"},
                                         WordCase{"ZDDD", "great-great-niece"}, WordCase{"Z½S", "half-nephew"},
                                         WordCase{"B½DD", "half great-niece"}));
INSTANTIATE_TEST_SUITE_P(
    Cousins, EnglishWords,
    testing::Values(WordCase{"FBS", "first cousin"}, WordCase{"MZD", "first cousin"},
                    WordCase{"FBSS", "first cousin once removed"}, WordCase{"FFBS", "first cousin once removed"},
                    WordCase{"FFFBS", "first cousin twice removed"}, WordCase{"FFBSS", "second cousin"},
                    WordCase{"FFBSSS", "second cousin once removed"}, WordCase{"FFFBSSS", "third cousin"},
                    WordCase{"FFFFBSSSS", "fourth cousin"}, WordCase{"FFFFFFBS", "first cousin five times removed"},
                    WordCase{"FB½S", "half first cousin"}, WordCase{"FFZ½DD", "half second cousin"},
                    WordCase{"FFZ½D", "half first cousin once removed"}, WordCase{"FFFFFFFFFFFBSSSSSSSSSSS", "11th cousin"},
                    WordCase{"FFFFFFFFFFFFFFFFFFFFFBSSSSSSSSSSSSSSSSSSSSS", "21st cousin"},
                    WordCase{"FFFFFFFFFFFFBS", "first cousin 11 times removed"}));
INSTANTIATE_TEST_SUITE_P(
    ByMarriage, EnglishWords,
    testing::Values(
        WordCase{"H", "husband"}, WordCase{"W", "wife"}, WordCase{"E", "spouse"}, WordCase{"WF", "father-in-law"},
        WordCase{"HM", "mother-in-law"}, WordCase{"WFF", "grandfather-in-law"}, WordCase{"WFFM", "great-grandmother-in-law"},
        WordCase{"WB", "brother-in-law"}, WordCase{"HZ", "sister-in-law"}, WordCase{"HZ½", "sister-in-law"},
        WordCase{"BW", "sister-in-law"}, WordCase{"ZH", "brother-in-law"}, WordCase{"WZH", "brother-in-law"},
        WordCase{"SW", "daughter-in-law"}, WordCase{"DH", "son-in-law"}, WordCase{"SSW", "granddaughter-in-law"},
        WordCase{"DDDH", "great-grandson-in-law"}, WordCase{"SWF", "co-father-in-law"}, WordCase{"DHM", "co-mother-in-law"},
        WordCase{"FBW", "aunt by marriage"}, WordCase{"MZH", "uncle by marriage"}, WordCase{"FFZH", "great-uncle by marriage"},
        WordCase{"WMB", "uncle by marriage"}, WordCase{"WMMZ", "great-aunt by marriage"}, WordCase{"WBS", "nephew by marriage"},
        WordCase{"HZDD", "great-niece by marriage"}, WordCase{"BSW", "niece by marriage"},
        WordCase{"BSDH", "great-nephew by marriage"}, WordCase{"WFBD", "first cousin by marriage"},
        WordCase{"FBSW", "first cousin by marriage"}, WordCase{"FBSDH", "first cousin once removed by marriage"}));
INSTANTIATE_TEST_SUITE_P(
    StepAndAdoptive, EnglishWords,
    testing::Values(WordCase{"stF", "stepfather"}, WordCase{"stM", "stepmother"}, WordCase{"stS", "stepson"},
                    WordCase{"stC", "stepchild"}, WordCase{"stB", "stepbrother"}, WordCase{"stZ", "stepsister"},
                    WordCase{"stFM", "step-grandmother"}, WordCase{"FstM", "step-grandmother"},
                    WordCase{"stFFF", "step-great-grandfather"}, WordCase{"stSD", "step-granddaughter"},
                    WordCase{"SstD", "step-granddaughter"}, WordCase{"stMB", "step-uncle"}, WordCase{"FstZ", "step-aunt"},
                    WordCase{"stBS", "step-nephew"}, WordCase{"ZstS", "step-nephew"}, WordCase{"stSW", "stepdaughter-in-law"},
                    WordCase{"stFBS", "step-cousin"}, WordCase{"F*", "adoptive father"}, WordCase{"S*", "adopted son"},
                    WordCase{"SD*", "adopted granddaughter"}, WordCase{"Z*", "adoptive sister"},
                    WordCase{"F*F", "adoptive grandfather"}, WordCase{"F*BS", "adoptive first cousin"}));
INSTANTIATE_TEST_SUITE_P(Composed, EnglishWords,
                         testing::Values(WordCase{"FBWF", "aunt by marriage's father"},
                                         WordCase{"WFBDH", "first cousin by marriage's husband"},
                                         WordCase{"SF", "son's father"}, WordCase{"BWB", "sister-in-law's brother"},
                                         WordCase{"HWH", "husband's wife's husband"}));

TEST(KinshipWords, EveryRowOfTheTablesIsReadAsWritten) {
  for (const char* notation : {"FeB", "MyZS", "P", "stFM", "Z½C", "F*", "stZ", "WstM"})
    EXPECT_EQ(kin_type_notation(read_notation(notation)), notation);
}

TEST(KinshipWords, DoubleAndTripleCousins) {
  KinTypes kin = read_notation("FBS");
  kin.couples = 2;
  EXPECT_EQ(relation_word(kin, "en").text, "double first cousin");
  kin.couples = 3;
  EXPECT_EQ(relation_word(kin, "en").text, "triple first cousin");
  kin = read_notation("FFZDS");
  kin.couples = 2;
  EXPECT_EQ(relation_word(kin, "en-GB").text, "double second cousin");
}

TEST(KinshipWords, FosterKinAndGuardiansHaveTheirOwn) {
  KinTypes kin = read_notation("F");
  kin.types[0].tie = Tie::foster;
  EXPECT_EQ(relation_word(kin, "en").text, "foster father");
  kin.types[0].tie = Tie::guardian;
  EXPECT_EQ(relation_word(kin, "en").text, "guardian");
  kin.types.push_back(read_notation("Z").types[0]);
  EXPECT_EQ(relation_word(kin, "en").text, "guardian's sister");
  kin = read_notation("D");
  kin.types[0].tie = Tie::guardian;
  EXPECT_EQ(relation_word(kin, "en").text, "ward");
}

TEST(KinshipWords, LongRelationsAreCounted) {
  const std::string most(kKinTypesMax, 'W');
  EXPECT_THAT(relation_word(read_notation(most), "en").text, testing::StartsWith("wife's wife's"));
  EXPECT_EQ(relation_word(read_notation(most + "W"), "en").text, "a relation over 129 people");
}

class ShonaWords : public testing::TestWithParam<WordCase> {};
TEST_P(ShonaWords, TellSideAgeAndSex) {
  const RelationWord word = relation_word(read_notation(GetParam().notation), "sn");
  EXPECT_EQ(word.text, GetParam().word);
  EXPECT_TRUE(word.draft);
}
INSTANTIATE_TEST_SUITE_P(Cases, ShonaWords,
                         testing::Values(WordCase{"FeB", "babamukuru"}, WordCase{"FyB", "babamunini"}, WordCase{"FZ", "vatete"},
                                         WordCase{"FeZ", "vatete"}, WordCase{"MB", "sekuru"}, WordCase{"MyB", "sekuru"},
                                         WordCase{"MeZ", "amaiguru"}, WordCase{"m:eB", "mukoma"}, WordCase{"f:eZ", "mukoma"},
                                         WordCase{"m:yB", "munin'ina"}, WordCase{"m:eZ", "hanzvadzi"},
                                         WordCase{"f:yB", "hanzvadzi"}, WordCase{"MM", "ambuya"}, WordCase{"SS", "muzukuru"},
                                         WordCase{"m:ZS", "muzukuru"}, WordCase{"f:ZS", "mwana"}, WordCase{"SW", "muroora"},
                                         WordCase{"FB", "hama vababa"}));

/// The usual words; no speaker has reviewed them for this program.
class HebrewWords : public testing::TestWithParam<WordCase> {};
TEST_P(HebrewWords, AreADraftOfTheUsualOnes) {
  const RelationWord word = relation_word(read_notation(GetParam().notation), "he");
  EXPECT_EQ(word.text, GetParam().word);
  EXPECT_TRUE(word.draft);
}
INSTANTIATE_TEST_SUITE_P(Cases, HebrewWords,
                         testing::Values(WordCase{"F", "אב"}, WordCase{"MM", "סבתא"}, WordCase{"FFF", "סבא רבא"},
                                         WordCase{"FFFM", "סבתא רבתא (דור 4)"}, WordCase{"FFFFF", "סבא רבא (דור 5)"}, WordCase{"SD", "נכדה"},
                                         WordCase{"SSS", "נין"}, WordCase{"SSSS", "צאצא (דור 4)"}, WordCase{"Z½", "אחות למחצה"},
                                         WordCase{"MB", "דוד"}, WordCase{"FFB", "אח של סבא"}, WordCase{"ZD", "אחיינית"},
                                         WordCase{"BDS", "בן של אחיינית"}, WordCase{"FBS", "בן דוד"}, WordCase{"FFBSD", "בת דודה מדרגה שנייה"},
                                         WordCase{"m:WF", "חותן"}, WordCase{"f:HM", "חמות"}, WordCase{"WB", "גיס"}, WordCase{"SW", "כלה"},
                                         WordCase{"DHF", "מחותן"}, WordCase{"stM", "אם חורגת"}, WordCase{"F*", "אב (באימוץ)"},
                                         WordCase{"", "אותו אדם"}));

TEST(KinshipWords, NdebeleIsADraftToo) {
  EXPECT_EQ(relation_word(read_notation("MB"), "nd-ZW").text, "umalume");
  EXPECT_EQ(relation_word(read_notation("FZ"), "nd").text, "ubabakazi");
  EXPECT_TRUE(relation_word(read_notation("FZ"), "nd").draft);
}

TEST(KinshipWords, AnUnknownLanguageIsAnsweredInEnglish) {
  EXPECT_EQ(relation_word(read_notation("FZ"), "xx").text, "aunt");
  EXPECT_FALSE(relation_word(read_notation("FZ"), "").draft);
}

TEST(KinshipWords, EveryLanguageHasWordsForEveryKindOfStep) {
  for (const Language& language : relation_languages())
    for (const char* notation : {"P", "C", "G", "E", "stP", "stC", "F*", "G½", "FMZ½SD", "FFFFF", "HEW"})
      EXPECT_FALSE(relation_word(read_notation(notation), language.tag).text.empty()) << language.tag << ' ' << notation;
}

// --- from the graph ---

struct Household {
  Sample sample;
  PersonN grandfather = sample.man(), grandmother = sample.woman();
  PersonN aunt = sample.woman(), father = sample.man(), uncle = sample.man();
  PersonN mother = sample.woman(), stepmother = sample.woman(), stepmothers_son = sample.man();
  PersonN me = sample.man(), half_sister = sample.woman(), adopted = sample.man(), cousin = sample.man();
  FamilyN old = sample.family({grandfather, grandmother}, {aunt, father, uncle});
  FamilyN first = sample.family({father, mother}, {me});
  FamilyN second = sample.family({father, stepmother}, {half_sister});
  FamilyN former = sample.family({stepmother}, {stepmothers_son});
  FamilyN adoption = sample.family({father, mother}, {adopted}, Pedigree::adopted);
  FamilyN uncles = sample.family({uncle}, {cousin});

  std::string word(PersonN a, PersonN b, std::string_view language = "en", const CompareAge& age = {}) const {
    const Graph graph = sample.graph();
    return relation_word(graph, a, relation(graph, a, b).value(), language, age).text;
  }
};

TEST(KinshipWords, OfARealHousehold) {
  const Household house;
  EXPECT_EQ(house.word(house.me, house.father), "father");
  EXPECT_EQ(house.word(house.me, house.half_sister), "half-sister");
  EXPECT_EQ(house.word(house.me, house.stepmother), "stepmother");
  EXPECT_EQ(house.word(house.stepmother, house.me), "stepson");
  EXPECT_EQ(house.word(house.me, house.stepmothers_son), "stepbrother");
  EXPECT_EQ(house.word(house.me, house.adopted), "adoptive brother");
  EXPECT_EQ(house.word(house.father, house.adopted), "adopted son");
  EXPECT_EQ(house.word(house.me, house.cousin), "first cousin");
  EXPECT_EQ(house.word(house.me, house.aunt), "aunt");
  EXPECT_EQ(house.word(house.grandfather, house.mother), "daughter-in-law");
  EXPECT_EQ(house.word(house.mother, house.grandmother), "mother-in-law");
  EXPECT_EQ(house.word(house.me, house.me), "the same person");
}

TEST(KinshipWords, AgeComesFromDatesElseFromTheOrderOfChildren) {
  const Household house;
  EXPECT_EQ(house.word(house.me, house.uncle, "sn"), "babamunini");
  EXPECT_EQ(house.word(house.me, house.uncle, "sn", [](PersonN, PersonN) { return -1; }), "babamukuru");
  EXPECT_EQ(house.word(house.me, house.uncle, "sn", [](PersonN, PersonN) { return 0; }), "hama vababa");
}

TEST(KinshipWords, SiblingsNeedNoKnownParents) {
  Sample sample;
  const auto a = sample.man(), b = sample.woman(), child = sample.man();
  sample.family({}, {a, b});
  sample.family({a}, {child});
  const Graph graph = sample.graph();
  EXPECT_EQ(relation_word(graph, a, relation(graph, a, b).value(), "en").text, "sister");
  EXPECT_EQ(relation_word(graph, child, relation(graph, child, b).value(), "en").text, "aunt");
}

TEST(KinshipWords, TheUnconnectedHaveNone) {
  Sample sample;
  const auto a = sample.man(), b = sample.man();
  const Graph graph = sample.graph();
  EXPECT_EQ(relation_word(graph, a, relation(graph, a, b).value(), "en").text, "");
}

RC_GTEST_PROP(KinshipWords, EveryConnectedPairHasWordsInEveryLanguage, ()) {
  const Graph graph = random_sample(30).graph();
  const auto people = people_of(graph);
  const PersonN a = *rc::gen::elementOf(people), b = *rc::gen::elementOf(people);
  const Relation found = relation(graph, a, b).value();
  for (const Language& language : relation_languages())
    RC_ASSERT(relation_word(graph, a, found, language.tag).text.empty() == !found.related);
}

}  // namespace
}  // namespace tablinum::tree::kinship
