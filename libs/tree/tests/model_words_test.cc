#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/dtfmtsym.h>

#include <set>

#include "tablinum/tree/model/age.h"
#include "tablinum/tree/model/date.h"
#include "tablinum/tree/model/event_type.h"
#include "tablinum/tree/model/name.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model {
namespace {

struct AgeCase {
  const char* text;
  const char* printed;  // nullptr: not an age
  std::int32_t days_min, days_max;
};
TEST(Age, Forms) {
  const AgeCase cases[] = {
      {"25y", "25y", 9131, 9496},        {"< 1y", "< 1y", 0, 365},      {"<1y", "< 1y", 0, 365},         {"> 99y 11m", "> 99y 11m", 36493, kAgeDaysMax},
      {"0d", "0d", 0, 1},                {"1y 2m 3w 4d", "1y 2m 3w 4d", 451, 452}, {"CHILD", "< 8y", 0, 2921}, {"infant", "< 1y", 0, 365},
      {"Stillborn", "0y", 0, 365},       {"30", "30y", 10957, 11322},   {"30 y", "30y", 10957, 11322},   {"2Y6M", "2y 6m", 913, 943},
      {"9999y", "9999y", kAgeDaysMax, kAgeDaysMax}, {"10000y", nullptr, 0, 0}, {"", nullptr, 0, 0},      {"y", nullptr, 0, 0},
      {"5x", nullptr, 0, 0},             {"1d 2y", nullptr, 0, 0},      {"1y 2y", nullptr, 0, 0},        {"<", nullptr, 0, 0},
      {"1y 2", nullptr, 0, 0},           {"about 5", nullptr, 0, 0},
  };
  for (const auto& each : cases) {
    const auto age = parse_age(each.text);
    ASSERT_EQ(age.has_value(), each.printed != nullptr) << each.text;
    if (!age) continue;
    EXPECT_EQ(to_string(*age), each.printed);
    EXPECT_EQ(days_of(*age).min, each.days_min) << each.text;
    EXPECT_EQ(days_of(*age).max, each.days_max) << each.text;
  }
}

RC_GTEST_PROP(AgeProperty, PrintedAgesAreReadBack, ()) {
  Age age;
  age.bound = static_cast<AgeBound>(*rc::gen::inRange(0, 3));
  for (auto* part : {&age.years, &age.months, &age.weeks, &age.days})
    if (*rc::gen::arbitrary<bool>()) *part = *rc::gen::inRange<std::uint16_t>(0, kAgePartMax + 1);
  RC_PRE(age.years || age.months || age.weeks || age.days);
  RC_ASSERT(parse_age(to_string(age)) == age);
  RC_ASSERT(days_of(age).min <= days_of(age).max);
}

TEST(EventTypes, ContractNames) {
  const char* const names[] = {"BIRTH",     "DEATH",     "MARRIAGE",   "DIVORCE",    "ANNULMENT",  "ADOPTION",  "BAPTISM",          "BURIAL", "CREMATION",
                               "RESIDENCE", "EDUCATION", "OCCUPATION", "RETIREMENT", "ENGAGEMENT", "MIGRATION", "MILITARY_SERVICE", "CUSTOM", "OTHER"};
  ASSERT_EQ(std::size(names), static_cast<std::size_t>(kContractTypeCount));
  for (int i = 0; i < kContractTypeCount; ++i) {
    const auto type = static_cast<EventType>(i + 1);
    EXPECT_EQ(contract_name(type), names[i]);
    EXPECT_EQ(event_type_named(names[i]), type);
    EXPECT_EQ(contract_type(type), type);
  }
}

TEST(EventTypes, TagAndTypeLeadBack) {
  for (int i = 1; i < 128; ++i) {
    const auto type = static_cast<EventType>(i);
    if (to_string(type) == "unknown") continue;
    EXPECT_EQ(event_type_named(to_string(type)), type);
    const auto tag = tag_for(type);
    const bool person = event_type(Tag::INDI, tag, type_text(type)) == type, family = event_type(Tag::FAM, tag, type_text(type)) == type;
    EXPECT_TRUE(person || family) << to_string(type);
    EXPECT_NE(group(type), EventGroup::none);
    EXPECT_LE(static_cast<int>(contract_type(type)), kContractTypeCount);
  }
}

TEST(EventTypes, ByTag) {
  EXPECT_EQ(event_type(Tag::INDI, Tag::CHR), EventType::christening);
  EXPECT_EQ(contract_name(EventType::christening), "BAPTISM");
  EXPECT_EQ(event_type(Tag::INDI, Tag::NAME), EventType::unknown);
  EXPECT_EQ(event_type(Tag::INDI, Tag::EVEN), EventType::custom);
  EXPECT_EQ(event_type(Tag::INDI, Tag::FACT), EventType::fact);
  EXPECT_EQ(event_type(Tag::INDI, Tag::literal), EventType::unknown);
  EXPECT_EQ(event_type(Tag::INDI, Tag::TITL), EventType::title);
  EXPECT_EQ(event_type(Tag::SOUR, Tag::TITL), EventType::unknown);  // a source's title is no title
  EXPECT_EQ(event_type(Tag::FAM, Tag::MARR, " Customary "), EventType::customary_union);
  EXPECT_EQ(event_type(Tag::FAM, Tag::MARR, "church"), EventType::marriage);
  EXPECT_EQ(event_type_named("military_SERVICE"), EventType::military_service);
  EXPECT_EQ(event_type_named("no such"), EventType::unknown);
}

TEST(Surnames, GenderedPairsAreOneGroup) {
  const std::pair<const char*, const char*> pairs[] = {{"Ivanov", "Ivanova"},   {"Novák", "Nováková"},     {"Kowalski", "Kowalska"},
                                                       {"Novotný", "NOVOTNÝ"},  {"Horský", "Horská"},      {"Иванов", "Иванова"},
                                                       {"Достоевский", "Достоевская"}, {"Putin", "Putina"}, {"Papadópoulos", "Papadopoúlou"},
                                                       {"Παπαδόπουλος", "Παπαδοπούλου"}, {"Moyo", "moyo"}};
  for (const auto& [a, b] : pairs) EXPECT_EQ(surname_group(a), surname_group(b)) << a;
  EXPECT_NE(surname_group("Moyo"), surname_group("Dube"));
  EXPECT_EQ(surname_group("ova"), "ova");  // nothing is left of an ending alone
}

TEST(Surnames, Patronymics) {
  EXPECT_TRUE(is_patronymic("Jónsdóttir", ""));
  EXPECT_TRUE(is_patronymic("Jónsson", "is"));
  EXPECT_FALSE(is_patronymic("Johnson", ""));
  EXPECT_FALSE(is_patronymic("Johnson", "en"));
  EXPECT_TRUE(is_patronymic("Bekele", "am"));
  EXPECT_TRUE(is_patronymic("Jansdochter", "nl"));
  EXPECT_TRUE(is_patronymic("Hansdatter", "da"));
  EXPECT_TRUE(is_patronymic("Persdotter", "sv-SE"));
  EXPECT_FALSE(is_patronymic("Moyo", "sn"));
}

TEST(Names, FirstOfAList) {
  EXPECT_EQ(first_of_list("de, van"), "de");
  EXPECT_EQ(first_of_list(" Mary "), "Mary");
  EXPECT_EQ(first_of_list(""), "");
}

TEST(Pedigrees, Words) {
  EXPECT_EQ(parse_pedigree("BIRTH"), Pedigree::birth);
  EXPECT_EQ(parse_pedigree("Natural"), Pedigree::birth);
  EXPECT_EQ(parse_pedigree(""), Pedigree::not_stated);
  EXPECT_EQ(parse_pedigree("cousin"), Pedigree::other);
  for (int i = 1; i < 9; ++i) EXPECT_EQ(parse_pedigree(to_string(static_cast<Pedigree>(i))), static_cast<Pedigree>(i));
}

// The month words of CLDR, as the installed ICU has them, must all be read as that month.
TEST(MonthWords, AgreeWithIcu) {
  for (const char* language : {"en", "de", "fr", "es", "pt", "it", "nl", "af", "da", "nb", "sv", "fi", "pl", "cs", "sk", "hu", "ru", "uk",
                               "el", "ro", "lt", "sn", "nd", "zu"}) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::DateFormatSymbols symbols{icu::Locale{language}, status};
    std::int32_t count = 0;
    const auto* months = symbols.getMonths(count, icu::DateFormatSymbols::FORMAT, icu::DateFormatSymbols::WIDE);
    for (int month = 1; month <= 12; ++month) {
      std::string text = "12 ";
      months[month - 1].toUTF8String(text);
      text.append(" 1850");
      const auto date = parse_date(text);
      EXPECT_EQ(date.precision, kDay) << language << ": " << text;
      EXPECT_EQ(date.first.month, month) << language << ": " << text;
    }
  }
}

}  // namespace
}  // namespace tablinum::tree::model
