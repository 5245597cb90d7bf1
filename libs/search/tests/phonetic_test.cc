#include "tablinum/search/phonetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tablinum::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct SoundexCase {
  const char* word;
  std::vector<std::string> codes;
};

// The examples that Avotaynu, JewishGen and the Wikipedia article on the system publish.
const SoundexCase kSoundex[] = {
    {"GOLDEN", {"583600"}},
    {"Alpert", {"087930"}},
    {"Breuer", {"791900"}},
    {"Haber", {"579000"}},
    {"Mannheim", {"665600"}},
    {"Mintz", {"664000"}},
    {"Topf", {"370000"}},
    {"Kleinmann", {"586660"}},
    {"Ben Aron", {"769600"}},
    {"AUERBACH", {"097400", "097500"}},
    {"OHRBACH", {"097400", "097500"}},
    {"LIPSHITZ", {"874400"}},
    {"LIPPSZYC", {"874400", "874500"}},
    {"LEWINSKY", {"876450"}},
    {"LEVINSKI", {"876450"}},
    {"SZLAMAWICZ", {"486740"}},
    {"SHLAMOVITZ", {"486740"}},
    {"Ceniow", {"467000", "567000"}},
    {"Tsenyuv", {"467000"}},
    {"Holubica", {"587400", "587500"}},
    {"Golubitsa", {"587400"}},
    {"Przemysl", {"746480", "794648"}},
    {"Pshemeshil", {"746480"}},
    {"Rosochowaciec", {"944744", "944745", "944754", "944755", "945744", "945745", "945754", "945755"}},
    {"Rosokhovatsets", {"945744"}},
    {"Peters", {"734000", "739400"}},
    {"Peterson", {"734600", "739460"}},
    {"Moskowitz", {"645740"}},
    {"Moskovitz", {"645740"}},
    {"Jackson", {"145460", "154600", "445460", "454600"}},
    {"GERSCHFELD", {"545783", "547830", "594578", "594783"}},
    {"AKSSOL", {"054800"}},
    {"O'Brien", {"079600"}},
    {"Washington", {"746536"}},
};

TEST(DaitchMokotoff, GivesThePublishedCodes) {
  for (const auto& row : kSoundex) EXPECT_EQ(daitch_mokotoff(row.word), row.codes) << row.word;
}

TEST(DaitchMokotoff, HasNoCodeWithoutLetters) {
  EXPECT_THAT(daitch_mokotoff(""), IsEmpty());
  EXPECT_THAT(daitch_mokotoff("123'"), IsEmpty());
}

TEST(DaitchMokotoff, BoundsItsBranches) {
  std::string word;
  for (int i = 0; i < 200; ++i) word += "jarsc";
  const auto codes = daitch_mokotoff(word);
  EXPECT_LE(codes.size(), kSoundexBranchesMax);
  for (const auto& code : codes) EXPECT_EQ(code.size(), kSoundexDigits);
}

// Stephen Woodbridge's list of surnames for testing Double Metaphone: surname, primary, alternate.
TEST(DoubleMetaphone, GivesThePublishedCodes) {
  std::ifstream list(TABLINUM_TEST_DATA "/double_metaphone.csv");
  std::string line;
  int rows = 0;
  while (std::getline(list, line)) {
    std::istringstream fields(line);
    std::string word, primary, alternate;
    std::getline(fields, word, ',');
    std::getline(fields, primary, ',');
    std::getline(fields, alternate, ',');
    const auto sounds = double_metaphone(word);
    EXPECT_EQ(sounds.primary, primary) << word;
    EXPECT_EQ(sounds.alternate, alternate) << word;
    ++rows;
  }
  EXPECT_GT(rows, 200);
}

TEST(DoubleMetaphone, KeepsItsLength) {
  const auto sounds = double_metaphone(std::string(1000, 'x'));
  EXPECT_LE(sounds.primary.size(), kMetaphoneLength);
  EXPECT_LE(sounds.alternate.size(), kMetaphoneLength);
  EXPECT_EQ(double_metaphone("").primary, "");
}

TEST(Nicknames, NameTheirClasses) {
  EXPECT_THAT(nickname_classes("lizzy"), ElementsAre("elizabeth"));
  EXPECT_THAT(nickname_classes("elizabeth"), ElementsAre("elizabeth"));
  EXPECT_THAT(nickname_classes("jack"), UnorderedElementsAre("john"));
  EXPECT_THAT(nickname_classes("ned"), UnorderedElementsAre("edmund", "edward", "edwin"));
  EXPECT_THAT(nickname_classes("tendai"), IsEmpty());
  EXPECT_THAT(nickname_classes(""), IsEmpty());
}

TEST(SurnameRoot, JoinsGenderedPairs) {
  const auto root = [](const char* name) {
    const auto changed = surname_root(name);
    return changed.empty() ? std::string{name} : changed;
  };
  EXPECT_EQ(root("ivanova"), root("ivanov"));
  EXPECT_EQ(root("ivanoff"), root("ivanov"));
  EXPECT_EQ(root("novotna"), "novotna");
  EXPECT_EQ(root("kowalska"), root("kowalski"));
  EXPECT_EQ(root("dostoevskaya"), root("dostoevsky"));
  EXPECT_EQ(root("papadopoulou"), root("papadopoulos"));
  EXPECT_EQ(root("kazlauskiene"), root("kazlauskas"));
  EXPECT_EQ(root("pushkina"), root("pushkin"));
  EXPECT_EQ(root("eva"), "eva") << "too short for an ending";
  EXPECT_EQ(root("nova"), "nova");
}

TEST(BantuKey, FoldsShonaAndNdebeleSpellings) {
  EXPECT_EQ(bantu_key("rudo", Language::other), "ludo");
  EXPECT_EQ(bantu_key("ludo", Language::other), "") << "equals the word";
  EXPECT_EQ(bantu_key("svosve", Language::other), "swoswe");
  EXPECT_EQ(bantu_key("zvikomborero", Language::other), "zwikombolelo");
  EXPECT_EQ(bantu_key("robert", Language::other), "") << "a closed syllable is neither language";
  EXPECT_EQ(bantu_key("robert", Language::shona), "lobelt");
  EXPECT_EQ(bantu_key("vamoyo", Language::shona), "moyo");
  EXPECT_EQ(bantu_key("vamoyo", Language::other), "") << "prefixes only go where the language is known";
  EXPECT_EQ(bantu_key("vana", Language::shona), "") << "nothing would be left of the name";
}

}  // namespace
}  // namespace tablinum::search
