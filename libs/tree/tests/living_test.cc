#include "tablinum/tree/model/living.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "model_build.h"

namespace tablinum::tree::model {
namespace {

Jdn day(std::int32_t year, int month = 1, int day_of_month = 1) {
  return to_jdn({Calendar::gregorian, year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day_of_month)});
}
const Jdn kToday = day(2026, 11, 21);

LivingFacts facts_of(const char* lines) {
  const auto record = build(lines);
  PersonView view;
  read_person(record, view);
  return living_facts(view);
}

bool alone_is_living(const char* lines) {
  const auto facts = facts_of(lines);
  const std::uint32_t nobody[] = {kNobody};
  const auto births = latest_births({&facts, 1}, nobody, nobody);
  return is_living(living_until(facts, births[0]), kToday);
}

TEST(Living, OwnFacts) {
  EXPECT_TRUE(alone_is_living("0 INDI"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 1990\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 1990\n1 DEAT Y\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 DEAT\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 BURI\n2 PLAC X\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 CREM Y\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 PROB\n"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 NO DEAT\n"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 WILL\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 OCCU Smith\n2 DATE 1850\n"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 BIRT\n2 DATE AFT 1800\n"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 DEAT Y\n1 _LIVING Y\n"));
  EXPECT_FALSE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 2020\n1 _LIVING N\n"));
}

TEST(Living, HundredAndTenYears) {
  EXPECT_FALSE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 19 NOV 1916\n"));
  EXPECT_TRUE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 20 NOV 1916\n"));  // 110 years may have a day more than these had
  EXPECT_TRUE(alone_is_living("0 INDI\n1 BIRT\n2 DATE 1916\n"));  // it may have been December
}

struct Family {
  std::vector<LivingFacts> facts;
  std::vector<std::uint32_t> father, mother;
  std::uint32_t add(LivingFacts own = {}, std::uint32_t f = kNobody, std::uint32_t m = kNobody) {
    facts.push_back(own);
    father.push_back(f);
    mother.push_back(m);
    return static_cast<std::uint32_t>(facts.size() - 1);
  }
  std::vector<Jdn> births() const { return latest_births(facts, father, mother); }
};

LivingFacts born(Jdn latest) {
  LivingFacts facts;
  facts.birth_max = latest;
  return facts;
}
LivingFacts died(Jdn latest) {
  LivingFacts facts;
  facts.death_max = latest;
  facts.dead = true;
  return facts;
}

TEST(Living, BoundsFromRelatives) {
  Family family;
  const auto father = family.add(), mother = family.add(), child = family.add(born(day(1900)), 0, 1), second = family.add({}, 0, 1);
  const auto births = family.births();
  EXPECT_EQ(births[father], day(1900) - 4382);  // 12 years
  EXPECT_EQ(births[mother], births[father]);
  EXPECT_EQ(births[child], day(1900));
  EXPECT_EQ(births[second], births[mother] + 21915);  // 60 years; the father's 90 are later
}

TEST(Living, BoundsFromAParentsDeath) {
  Family family;
  family.add(died(day(1890)));
  family.add(died(day(1890)));
  family.add({}, 0, kNobody);
  family.add({}, kNobody, 1);
  const auto births = family.births();
  EXPECT_EQ(births[2], day(1890) + kPosthumousDays);
  EXPECT_EQ(births[3], day(1890));
}

TEST(Living, BoundFromAMarriage) {
  const auto record = build("0 FAM\n1 MARR\n2 DATE 1 JAN 1900\n1 DIV\n2 DATE 1 JAN 1890\n");
  FamilyView view;
  read_family(record, view);
  LivingFacts facts;
  add_family(facts, view);
  EXPECT_EQ(facts.marriage_max, day(1900));
  EXPECT_EQ(facts.event_max, day(1890));
  const std::uint32_t nobody[] = {kNobody};
  EXPECT_EQ(latest_births({&facts, 1}, nobody, nobody)[0], day(1900) - 4382);
}

TEST(Living, TwoPassesWouldNotDo) {
  // A dated child bounds its mother, she bounds her other child, and that child its unrelated father.
  Family family;
  family.add();                              // 0 mother
  family.add();                              // 1 father of the second child
  family.add(born(day(1800)), kNobody, 0);   // 2
  family.add({}, 1, 0);                      // 3
  const auto births = family.births();
  EXPECT_EQ(births[1], day(1800) - 4382 + 21915 - 4382);
}

TEST(Living, NobodyInANetWithoutDatesIsBounded) {
  Family family;
  family.add();
  family.add({}, 0);
  EXPECT_EQ(family.births(), (std::vector<Jdn>{kUnbounded, kUnbounded}));
  EXPECT_EQ(living_until({}, kUnbounded), kUnbounded);
}

TEST(Living, ACycleOfParentsEnds) {
  Family family;
  family.add(born(day(1900)), 1);
  family.add({}, 2);
  family.add({}, 0);
  for (const auto birth : family.births()) EXPECT_LE(birth, day(1900));
}

TEST(Living, SelfParentEnds) {
  Family family;
  family.add(born(day(1900)), 0, 0);
  EXPECT_LE(family.births()[0], day(1900));
}

TEST(Living, AParentOutsideTheTreeIsIgnored) {
  Family family;
  family.add(born(day(1900)), 77, kNobody);
  EXPECT_EQ(family.births()[0], day(1900));
}

class Graph final : public LivingGraph {
 public:
  explicit Graph(Family family) : family_{std::move(family)}, births_{family_.births()} {}
  LivingFacts facts(std::uint32_t person) const override { return family_.facts[person]; }
  std::pair<std::uint32_t, std::uint32_t> parents(std::uint32_t person) const override {
    return {family_.father[person], family_.mother[person]};
  }
  void children(std::uint32_t person, std::vector<std::uint32_t>& out) const override {
    for (std::uint32_t i = 0; i < family_.facts.size(); ++i)
      if (family_.father[i] == person || family_.mother[i] == person) out.push_back(i);
  }
  Jdn latest_birth(std::uint32_t person) const override { return births_[person]; }
  Family& family() { return family_; }

 private:
  Family family_;
  std::vector<Jdn> births_;
};

Family any_family() {
  Family family;
  const auto size = *rc::gen::inRange<std::uint32_t>(2, 30);
  for (std::uint32_t i = 0; i < size; ++i) {
    LivingFacts facts;
    const int what = *rc::gen::inRange(0, 6);
    if (what == 0) facts.birth_max = day(*rc::gen::inRange(1700, 2026));
    if (what == 1) facts.death_max = day(*rc::gen::inRange(1700, 2026));
    if (what == 2) facts.marriage_max = day(*rc::gen::inRange(1700, 2026));
    const auto parent = [&] { return i == 0 || *rc::gen::arbitrary<bool>() ? kNobody : *rc::gen::inRange<std::uint32_t>(0, i); };
    const auto father = parent(), mother = parent();
    family.add(facts, father, mother == father ? kNobody : mother);
  }
  return family;
}

// Whose mother is also her ancestor of six generations ago would be born ever earlier: the descent ends on day 0.
TEST(Living, AnImpossibleLineEndsAtTheFirstDay) {
  Family family;
  family.add(born(day(1700)), kNobody, kNobody);
  for (std::uint32_t i = 1; i < 6; ++i) family.add({}, i - 1, kNobody);
  family.add({}, 5, 0);
  const auto births = family.births();
  EXPECT_EQ(births[0], 0);
  EXPECT_EQ(births[6], 21915) << "sixty years after the mother";
}

// All the bounds hold, and none could be higher: each value is one of its bounds.
RC_GTEST_PROP(LivingProperty, ValuesAreTheGreatestThatHold, ()) {
  const auto family = any_family();
  const auto births = family.births();
  const auto shift = [](Jdn birth, Jdn by) { return birth == kUnbounded ? kUnbounded : std::max<Jdn>(0, birth + by); };
  for (std::uint32_t i = 0; i < births.size(); ++i) {
    const auto& own = family.facts[i];
    Jdn least = std::min({own.birth_max, own.event_max, shift(own.marriage_max, -4382)});
    for (std::uint32_t c = 0; c < births.size(); ++c)
      if (family.father[c] == i || family.mother[c] == i) least = std::min(least, shift(births[c], -4382));
    if (const auto f = family.father[i]; f != kNobody)
      least = std::min({least, shift(births[f], 32873), shift(family.facts[f].death_max, 300)});
    if (const auto m = family.mother[i]; m != kNobody) least = std::min({least, shift(births[m], 21915), family.facts[m].death_max});
    RC_ASSERT(births[i] == least);
  }
}

RC_GTEST_PROP(LivingProperty, AnUpdateEqualsAFullComputation, ()) {
  Graph graph{any_family()};
  auto& family = graph.family();
  const auto size = static_cast<std::uint32_t>(family.facts.size());
  const auto person = *rc::gen::inRange<std::uint32_t>(1, size);
  std::vector<std::uint32_t> edited{person};
  if (*rc::gen::arbitrary<bool>()) {
    family.facts[person] = *rc::gen::arbitrary<bool>() ? LivingFacts{} : born(day(*rc::gen::inRange(1700, 2026)));
  } else {
    if (family.father[person] != kNobody) edited.push_back(family.father[person]);
    const auto father = *rc::gen::arbitrary<bool>() ? kNobody : *rc::gen::inRange<std::uint32_t>(0, person);
    family.father[person] = father == family.mother[person] ? kNobody : father;
    if (family.father[person] != kNobody) edited.push_back(family.father[person]);
  }
  auto updated = std::vector<Jdn>(size);
  for (std::uint32_t i = 0; i < size; ++i) updated[i] = graph.latest_birth(i);
  const auto changes = update_latest_births(graph, edited);
  RC_ASSERT(changes.has_value());
  for (const auto& [who, birth] : *changes) {
    RC_ASSERT(updated[who] != birth);
    updated[who] = birth;
  }
  RC_ASSERT(updated == family.births());
}

TEST(Living, RoundingNeverKillsEarly) {
  for (int year = 1800; year < 2000; ++year) EXPECT_GE(living_until({}, day(year)), day(year + kLifespanYears));
}

}  // namespace
}  // namespace tablinum::tree::model
