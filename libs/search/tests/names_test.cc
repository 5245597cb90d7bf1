#include "tablinum/search/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/translit.h>

#include "document_text.h"
#include "text.h"

namespace tablinum::search {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> words_of(std::string_view text) {
  Tokenizer tokenizer;
  const auto words = tokenizer.words(text);
  return {words.begin(), words.end()};
}

Document document_of(const PersonName& name, std::vector<std::string_view> body = {}) {
  Tokenizer tokenizer;
  Document document;
  tokenizer.document({std::span{&name, 1}, {}, body}, document);
  return document;
}

std::vector<std::string> indexed(std::string_view column) {
  std::string scratch;
  std::vector<std::string_view> words;
  indexed_words(column, scratch, words);
  return {words.begin(), words.end()};
}

TEST(Words, AreFoldedAndDivided) {
  EXPECT_THAT(words_of("Tendai MOYO, b. 1850"), ElementsAre("tendai", "moyo", "b", "1850"));
  EXPECT_THAT(words_of("Müller STRAẞE ﬁ"), ElementsAre("müller", "strasse", "fi"));
  EXPECT_THAT(words_of("O'Brien"), ElementsAre("o", "brien", "obrien"));
  EXPECT_THAT(words_of("d’Arc Smith-Jones"), ElementsAre("d", "arc", "smith", "jones", "darc", "smithjones"));
  EXPECT_THAT(words_of("- 'x - y'"), ElementsAre("x", "y"));
  EXPECT_THAT(words_of("王小明"), ElementsAre("王", "小", "明", "王小", "小明"));
  EXPECT_THAT(words_of("foo_bar"), ElementsAre("foo", "bar"));
  EXPECT_THAT(words_of(""), IsEmpty());
}

TEST(Words, OfScriptsWithoutBlanksComeFromTheDictionary) {
  EXPECT_THAT(words_of("ภาษาไทย"), ElementsAre("ภาษา", "ไทย"));
}

TEST(Words, SurviveBrokenUtf8) {
  EXPECT_THAT(words_of("ab\xff\xc3 cd\xe4"), ElementsAre("ab", "cd"));
}

TEST(Words, AreCutAtTheLimit) {
  EXPECT_EQ(words_of(std::string(kWordBytesMax, 'a')).front().size(), kWordBytesMax);
  EXPECT_EQ(words_of(std::string(kWordBytesMax + 1, 'a')).front().size(), kWordBytesMax);
  const auto cyrillic = words_of(std::string(kWordBytesMax - 1, 'a') + "жж").front();
  EXPECT_LE(cyrillic.size(), kWordBytesMax);
  EXPECT_TRUE(is_valid_utf8(cyrillic));
}

TEST(Latin, TransliteratesAndStripsMarks) {
  Tokenizer tokenizer;
  EXPECT_EQ(tokenizer.latin("müller"), "muller");
  EXPECT_EQ(tokenizer.latin("иван"), "ivan");
  EXPECT_EQ(tokenizer.latin("соловьёв"), "solovev") << "the soft sign is dropped";
  EXPECT_EQ(tokenizer.latin("łukasz"), "lukasz");
  EXPECT_EQ(tokenizer.latin("smith"), "smith");
}

TEST(Latin, OfChineseIsWhatIcuMakesOfIt) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> rules{
      icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status)};
  ASSERT_NE(rules, nullptr);
  Tokenizer tokenizer;
  const auto check = [&](const icu::UnicodeString& word) {
    std::string utf8, expected;
    word.toUTF8String(utf8);
    icu::UnicodeString latin = word;
    rules->transliterate(latin);
    latin.toUTF8String(expected);
    std::erase_if(expected, [](char c) { return c < 'a' || c > 'z'; });
    ASSERT_EQ(tokenizer.latin(utf8), expected) << utf8;
  };
  for (UChar32 c = 0x33F0; c < 0xA010; ++c) check(icu::UnicodeString{c});
  for (UChar32 c = 0x3400; c < 0x9F00; c += 41) check(icu::UnicodeString{c}.append(static_cast<UChar32>(c + 97)));
  EXPECT_EQ(tokenizer.latin("王小"), "wangxiao");
}

TEST(Spellings, GiveGermanAndNordicForms) {
  Tokenizer tokenizer;
  const auto forms = tokenizer.spellings("müller");
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].text, "muller");
  EXPECT_EQ(forms[0].kind, Tokenizer::Spelling::fold);
  EXPECT_EQ(forms[1].text, "mueller");
  EXPECT_EQ(forms[1].kind, Tokenizer::Spelling::translit);
  EXPECT_EQ(tokenizer.spellings("søren").back().text, "soeren");
  EXPECT_EQ(tokenizer.spellings("иван").front().kind, Tokenizer::Spelling::translit);
  EXPECT_TRUE(tokenizer.spellings("smith").empty());
}

TEST(Document, OfPlainNamesIsTheNameItself) {
  const auto document = document_of({{}, "Tendai", {}, "Moyo", {}, Language::other}, {"Farmer in Harare"});
  EXPECT_EQ(document.name, "Tendai Moyo");
  EXPECT_EQ(document.body, "Farmer in Harare");
  EXPECT_THAT(indexed(document.body), ElementsAre("farmer", "harare", "in"));
}

TEST(Document, KeepsWhatWasWrittenAndAddsWords) {
  const auto document = document_of({"Hans Müller", "Hans", {}, "Müller", "Hansi", Language::other});
  EXPECT_THAT(displayed_parts(document.name), ElementsAre("Hans Müller"));
  EXPECT_THAT(indexed(document.name), ElementsAre("hans", "hansi", "mueller", "muller", "müller"));
}

TEST(Document, AddsWordsOfStrangePartsOnly) {
  const auto document = document_of({"Ann", "Ann", {}, {}, {}, Language::other}, {"Named in the register", "Huế", "O'Brien's farm"});
  EXPECT_EQ(document.body, "Named in the register\x1f_ Huế\x1f_ O'Brien's farm\x1e_ huế _ hue _ obriens");
  EXPECT_THAT(indexed(document.body), ElementsAre("brien", "farm", "hue", "huế", "in", "named", "o", "obriens", "register", "s", "the"));
  EXPECT_EQ(document_of({"Ann", "Ann", {}, {}, {}, Language::other}, {"Named in the register", "Huế", "O'Brien's farm"}), document)
      << "what is remembered is the same again";
}

TEST(Document, HasCodesOfSurnamesAndGivenNames) {
  const auto document = document_of({{}, "Elizabeth", "van", "Ivanova", {}, Language::other});
  std::vector<std::string_view> codes;
  codes_of(document.alt, codes);
  for (const auto* code : {"_gelizabeth", "_nelizabeth", "_lvan", "_livanova", "_sivanov", "_d076700"}) EXPECT_THAT(codes, Contains(code));
  EXPECT_THAT(codes, Not(Contains("_lelizabeth")));
  EXPECT_THAT(codes, Not(Contains("_givanova")));
}

TEST(Document, CannotBeForgedThroughItsText) {
  const auto document = document_of({"\x1e_ _lking \x1f", {}, {}, {}, {}, Language::other}, {"_d123456 \x1f_ x"});
  EXPECT_THAT(displayed_parts(document.name), ElementsAre(" _ _lking  "));
  EXPECT_EQ(displayed_parts(document.body).size(), 1U);
  EXPECT_THAT(document.alt, Not(testing::HasSubstr("_lking ")) ) << "codes are made of given names here";
  EXPECT_THAT(indexed(document.body), ElementsAre("d123456", "x"));
}

TEST(Document, IsBounded) {
  const std::string note(kBodyBytesMax / 2 + 10, 'a');
  const auto document = document_of({{}, std::string(kNameBytesMax + 5, 'b'), {}, {}, {}, Language::other}, {note, note, note});
  EXPECT_LE(displayed_parts(document.name).front().size(), kNameBytesMax);
  EXPECT_LE(document.body.size(), kBodyBytesMax + 4 * kWordBytesMax + 64);
  const std::vector<PersonName> names(kNamesMax + 1, PersonName{{}, "Ann", {}, "Moyo", {}, Language::other});
  Tokenizer tokenizer;
  Document many;
  tokenizer.document({names, {}, {}}, many);
  EXPECT_EQ(displayed_parts(many.name).size(), kNamesMax);
}

TEST(SortKey, OrdersSurnameThenGivenThenNothing) {
  EXPECT_LT(sort_key("", "Li", "Wei"), sort_key("", "Lina", "Ana"));
  EXPECT_LT(sort_key("", "Moyo", "Ann"), sort_key("", "MOYO", "Bea"));
  EXPECT_LT(sort_key("", "Zulu", "Ann"), sort_key("", "", "Ann"));
  EXPECT_EQ(sort_key("van der", "Berg", "Jan"), "van der berg\x1fjan");
  EXPECT_EQ(sort_key("", "Ćirić", "Ana"), "ciric\x1f" "ana");
  EXPECT_EQ(sort_key("", "Иванов", ""), "ivanov\x1f");
}

TEST(Language, IsReadFromItsTag) {
  EXPECT_EQ(language_of("sn"), Language::shona);
  EXPECT_EQ(language_of("SN-ZW"), Language::shona);
  EXPECT_EQ(language_of("nd-ZW"), Language::ndebele);
  EXPECT_EQ(language_of("nde"), Language::ndebele);
  EXPECT_EQ(language_of("en"), Language::other);
  EXPECT_EQ(language_of(""), Language::other);
}

/// A soft hyphen folds away; the bytes beside it must not become "é" (and then fold again).
TEST(Fold, BrokenBytesNeverBecomeALetter) {
  EXPECT_EQ(fold("\xC3\xC2\xAD\xA9"), "\uFFFD\uFFFD");
  EXPECT_EQ(fold("\xF0\x9F\x98"), "\uFFFD");
}

RC_GTEST_PROP(Fold, IsIdempotent, (const std::string& text)) { RC_ASSERT(fold(fold(text)) == fold(text)); }

RC_GTEST_PROP(Words, AreTheSameAgain, (const std::string& text)) {
  for (const auto& word : words_of(text)) RC_ASSERT(fold_word(word) == word);
}

/// The short way for ASCII must not differ from the long one.
RC_GTEST_PROP(Words, OfAsciiTextDoNotDependOnItsNeighbours, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', 127));
  auto mixed = words_of(text + " ж");
  RC_ASSERT(std::erase(mixed, "ж") == 1U);
  RC_ASSERT(mixed == words_of(text));
}

}  // namespace
}  // namespace tablinum::search
