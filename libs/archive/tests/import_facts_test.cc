// Who belongs to which family, as rows, from files that say it once, twice, against themselves or too often.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "fixture.h"
#include "import_facts.h"
#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/model/calendar.h"

namespace tablinum::archive {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ImportFactsTest : public ArchiveTest {
 protected:
  Rid rid(std::string_view xref) {
    auto reader = must(archive_->database().reader());
    return must(store::rid_of_xref(reader, tree_, xref));
  }
  /// "role person state" of each member.
  std::vector<std::string> members(std::string_view family) {
    auto reader = must(archive_->database().reader());
    std::vector<std::string> out;
    for (const auto& member : must(store::members_of(reader, rid(family)))) {
      const char* roles[] = {"husband", "wife", "child"};
      const char* states[] = {"", " one-sided", " excluded"};
      const auto role = member.role == store::MemberRole::husband ? 0 : member.role == store::MemberRole::wife ? 1 : 2;
      const auto state = member.state == store::MemberState::normal ? 0 : member.state == store::MemberState::one_sided ? 1 : 2;
      out.push_back(std::string{roles[role]} + ' ' + must(store::find_record(reader, member.person)).xref + states[state]);
    }
    return out;
  }
  void import(std::string_view records) { tree_ = import_text(gedcom(records)); }
  store::Person person(std::string_view xref) {
    auto reader = must(archive_->database().reader());
    return must(store::person_of(reader, rid(xref)));
  }
  std::int64_t tree_ = 0;
};

TEST_F(ImportFactsTest, BothSidesAgree) {
  import("0 @I1@ INDI\n1 SEX M\n1 FAMS @F1@\n0 @I2@ INDI\n1 SEX F\n1 FAMS @F1@\n0 @I3@ INDI\n1 FAMC @F1@\n"
         "0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 CHIL @I3@\n");
  EXPECT_THAT(members("F1"), UnorderedElementsAre("husband I1", "wife I2", "child I3"));
}

TEST_F(ImportFactsTest, OneSideIsEnough) {
  import("0 @I1@ INDI\n1 SEX M\n1 FAMS @F1@\n0 @I2@ INDI\n1 SEX F\n1 FAMS @F1@\n0 @I3@ INDI\n1 FAMC @F1@\n0 @I4@ INDI\n"
         "0 @F1@ FAM\n1 CHIL @I4@\n");
  EXPECT_THAT(members("F1"), UnorderedElementsAre("husband I1 one-sided", "wife I2 one-sided", "child I4 one-sided", "child I3 one-sided"));
}

TEST_F(ImportFactsTest, SaidTwiceByThePersonCountsOnce) {
  import("0 @I1@ INDI\n1 SEX M\n1 FAMS @F1@\n1 FAMS @F1@\n0 @I3@ INDI\n1 FAMC @F1@\n1 FAMC @F1@\n0 @F1@ FAM\n");
  EXPECT_THAT(members("F1"), UnorderedElementsAre("husband I1 one-sided", "child I3 one-sided"));
}

TEST_F(ImportFactsTest, TheSameChildTwiceIsExcludedTheSecondTime) {
  import("0 @I1@ INDI\n0 @I3@ INDI\n1 FAMC @F1@\n0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I3@\n1 CHIL @I3@\n");
  const auto found = members("F1");
  EXPECT_EQ(std::ranges::count(found, "child I3"), 1);
  EXPECT_EQ(must(archive_->graph(tree_))->graph.children(n_of(rid("F1"))).size(), 1);
}

TEST_F(ImportFactsTest, ACycleIsBrokenAndTheRecordsStay) {
  import("0 @I1@ INDI\n1 NAME A\n1 FAMS @F1@\n1 FAMC @F2@\n0 @I2@ INDI\n1 NAME B\n1 FAMC @F1@\n1 FAMS @F2@\n"
         "0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I2@\n0 @F2@ FAM\n1 HUSB @I2@\n1 CHIL @I1@\n");
  auto all = members("F1");
  for (const auto& one : members("F2")) all.push_back(one);
  EXPECT_EQ(std::ranges::count_if(all, [](const auto& m) { return m.ends_with("excluded"); }), 1);
  expect_whole();
}

TEST_F(ImportFactsTest, OnesOwnParentAndOnesOwnSpouse) {
  import("0 @I1@ INDI\n1 FAMS @F1@\n1 FAMC @F1@\n0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I1@\n1 CHIL @I1@\n");
  const auto graph = must(archive_->graph(tree_));
  const auto parents = graph->graph.parents(n_of(rid("I1")));
  EXPECT_NE(parents.father, n_of(rid("I1")));
  EXPECT_NE(parents.mother, n_of(rid("I1")));
}

TEST_F(ImportFactsTest, MoreThanTwoPartners) {
  import("0 @I1@ INDI\n1 SEX M\n0 @I2@ INDI\n1 SEX F\n0 @I3@ INDI\n1 SEX F\n1 FAMS @F1@\n0 @I4@ INDI\n1 SEX F\n"
         "0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 WIFE @I4@\n");
  EXPECT_THAT(members("F1"), UnorderedElementsAre("husband I1 one-sided", "wife I2 one-sided", "wife I4 excluded", "wife I3 excluded"))
      << "a family has two partners at most; the record keeps the others";
}

TEST_F(ImportFactsTest, PointersToTheWrongKindSayNothing) {
  import("0 @I1@ INDI\n1 FAMC @S1@\n1 FAMS @I2@\n0 @I2@ INDI\n0 @S1@ SOUR\n1 TITL T\n"
         "0 @F1@ FAM\n1 HUSB @S1@\n1 WIFE @F1@\n1 CHIL @S1@\n1 CHIL @I2@\n1 CHIL @NOBODY@\n");
  EXPECT_THAT(members("F1"), ElementsAre("child I2 one-sided"));
  EXPECT_EQ(must(archive_->graph(tree_))->graph.parents(n_of(rid("I1"))).father, tree::kinship::kNone);
}

TEST_F(ImportFactsTest, PedigreeComesFromThePersonsSide) {
  import("0 @I1@ INDI\n1 FAMC @F1@\n2 PEDI adopted\n0 @F1@ FAM\n1 CHIL @I1@\n");
  auto reader = must(archive_->database().reader());
  const auto found = must(store::members_of(reader, rid("F1")));
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].pedigree, store::Pedigree::adopted);
  EXPECT_EQ(found[0].state, store::MemberState::normal);
}

TEST_F(ImportFactsTest, TheMainParentFamilyIsTheOneThatThePersonMeansAlsoAfterAReload) {
  import("0 @I1@ INDI\n1 SEX M\n1 FAMS @F1@\n0 @I2@ INDI\n1 SEX M\n1 FAMS @F2@\n"
         "0 @C1@ INDI\n1 FAMC @F2@\n1 FAMC @F1@\n"
         "0 @C2@ INDI\n1 FAMC @F1@\n2 PEDI adopted\n1 FAMC @F2@\n"
         "0 @C3@ INDI\n1 FAMC @F1@\n1 FAMC @F2@\n2 PEDI adopted\n2 _PREF Y\n"
         "0 @C4@ INDI\n1 FAMC @F1@\n"
         "0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @C1@\n1 CHIL @C2@\n1 CHIL @C3@\n1 CHIL @C4@\n"
         "0 @F2@ FAM\n1 HUSB @I2@\n1 CHIL @C1@\n1 CHIL @C2@\n1 CHIL @C3@\n");
  open();
  const auto graph = must(archive_->graph(tree_));
  const auto father = [&](std::string_view child) { return graph->graph.parents(n_of(rid(child))).father; };
  EXPECT_EQ(father("C1"), n_of(rid("I2"))) << "the first that the record names";
  EXPECT_EQ(father("C2"), n_of(rid("I2"))) << "the first by blood";
  EXPECT_EQ(father("C3"), n_of(rid("I2"))) << "the one that its program marked";
  EXPECT_EQ(father("C4"), n_of(rid("I1")));
  auto reader = must(archive_->database().reader());
  for (const auto& member : must(store::members_of(reader, rid("F1")))) EXPECT_FALSE(member.primary);
  EXPECT_EQ(std::ranges::count_if(must(store::members_of(reader, rid("F2"))), &store::Member::primary), 3);
}

TEST_F(ImportFactsTest, DatesThatNobodyCanReadAreReportedWithTheirRecord) {
  import("0 @I1@ INDI\n1 NOTE two\n2 CONT lines\n1 BIRT\n2 DATE 31 FEB 1870\n1 DEAT\n2 DATE (at harvest time)\n"
         "0 @I2@ INDI\n1 BIRT\n2 DATE 3/4/1850\n1 DEAT\n2 DATE 1 JAN 1900\n0 @F1@ FAM\n1 HUSB @I1@\n1 MARR\n2 DATE soon\n");
  auto reader = must(archive_->database().reader());
  std::vector<std::string> found;
  for (const auto& finding : must(store::findings_of(reader, report_.id, 0, 100))) {
    const auto code = static_cast<tree::gedcom::FindingCode>(finding.code);
    ASSERT_TRUE(finding.record.has_value());
    found.push_back(std::string{tree::gedcom::to_string(code)} + ' ' + std::to_string(finding.line) + ' ' + finding.detail + ' ' +
                    must(store::find_record(reader, *finding.record)).xref);
  }
  EXPECT_THAT(found, UnorderedElementsAre("date_invalid 11 31 FEB 1870 I1", "date_ambiguous 16 3/4/1850 I2", "date_invalid 22 soon F1"));
}

TEST_F(ImportFactsTest, LinesOfMessagesCountEveryLineOfTheFile) {
  // After texts divided by CONC and CONT, blank lines, a record inside a record, and text without a level.
  import("0 @I1@ INDI\n1 NOTE one\n2 CONC  text\n2 CONC  of\n2 CONT lines\n1 BIRT\n2 DATE bad 1\n\n\n1 DEAT\n2 DATE bad 2\n"
         "1 @N1@ NOTE inner\n2 CONC  note\n1 BURI\n2 DATE bad 3\n2 NOTE more\nbare text\n1 BAPM\n2 DATE bad 4\n"
         "0 @I2@ INDI\n1 BIRT\n2 DATE bad 5\n");
  auto reader = must(archive_->database().reader());
  const auto text = read(path("file.ged"));
  std::vector<std::string> found, expected;
  for (const auto& finding : must(store::findings_of(reader, report_.id, 0, 100))) {
    if (finding.code == static_cast<int>(tree::gedcom::FindingCode::date_invalid))
      found.push_back(finding.detail + " in line " + std::to_string(finding.line));
  }
  for (int i = 1; i <= 5; ++i) {
    const auto bad = "bad " + std::to_string(i);
    const auto line = 1 + std::ranges::count(text.substr(0, text.find(bad)), '\n');
    expected.push_back(bad + " in line " + std::to_string(line));
  }
  EXPECT_EQ(found, expected);
}

TEST_F(ImportFactsTest, MessagesAboutTheFileHaveNoRecord) {
  import("0 @I1@ INDI\n1 FAMC @NOBODY@\n1 lower x\n");
  auto reader = must(archive_->database().reader());
  const auto findings = must(store::findings_of(reader, report_.id, 0, 100));
  ASSERT_FALSE(findings.empty());
  for (const auto& finding : findings) EXPECT_EQ(finding.record.has_value(), finding.line > 0) << finding.line;
}

TEST_F(ImportFactsTest, LivingIsWhoCannotBeSaidToBeDead) {
  import("0 @OLD@ INDI\n1 BIRT\n2 DATE 1800\n0 @NEW@ INDI\n1 BIRT\n2 DATE 2015\n0 @DEAD@ INDI\n1 BIRT\n2 DATE 2015\n1 DEAT Y\n0 @NONE@ INDI\n"
         "0 @GRAN@ INDI\n1 SEX F\n1 FAMS @F1@\n0 @KID@ INDI\n1 BIRT\n2 DATE 1850\n1 FAMC @F1@\n"
         "0 @F1@ FAM\n1 WIFE @GRAN@\n1 CHIL @KID@\n");
  EXPECT_FALSE(person("OLD").living);
  EXPECT_TRUE(person("NEW").living);
  EXPECT_TRUE(person("NEW").living_until.has_value());
  EXPECT_FALSE(person("DEAD").living);
  EXPECT_TRUE(person("NONE").living) << "closed by default";
  EXPECT_FALSE(person("GRAN").living) << "her child was born in 1850";
}

TEST_F(ImportFactsTest, MoreChildrenThanRowsOfARole) {
  constexpr int kMembersMax = 0x7FFF;
  std::string text = "0 @F1@ FAM\n";
  for (int i = 0; i <= kMembersMax; ++i) text += "1 CHIL @I" + std::to_string(i) + "@\n";
  for (int i = 0; i <= kMembersMax; ++i) text += "0 @I" + std::to_string(i) + "@ INDI\n1 FAMC @F1@\n";
  import(text);
  EXPECT_EQ(count("SELECT count(*) FROM member"), kMembersMax);
}

TEST_F(ImportFactsTest, MorePartsOfARecordThanRowNumbers) {
  std::string text = "0 @I1@ INDI\n";
  for (int i = 0; i < 70'000; ++i) text += "1 NAME N" + std::to_string(i) + " /S/\n";
  for (int i = 0; i < 1'000; ++i) text += "1 EVEN\n2 TYPE t\n2 PLAC Here\n1 NOTE @N1@\n";
  import(text + "0 @N1@ NOTE much\n");
  EXPECT_GT(count("SELECT count(*) FROM name"), 60'000);
  EXPECT_EQ(count("SELECT count(*) FROM event"), 1'000);
  expect_whole();
}

TEST_F(ImportFactsTest, ManyFamiliesOfOnePersonTakeNoTimeToFindHome) {
  std::string text = "0 @P@ INDI\n1 SEX M\n";
  for (int i = 0; i < 20'000; ++i) {
    const auto n = std::to_string(i);
    text += "0 @F" + n + "@ FAM\n1 HUSB @P@\n1 CHIL @C" + n + "@\n0 @C" + n + "@ INDI\n";
  }
  import(text);
  EXPECT_EQ(must(archive_->graph(tree_))->home, n_of(rid("P")));
}

TEST_F(ImportFactsTest, AFamilyThatComesFirstBoundsItsPartners) {
  import("0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 MARR\n2 DATE 1820\n0 @F2@ FAM\n1 HUSB @I3@\n1 EVEN\n2 TYPE census\n2 DATE 1820\n"
         "0 @I1@ INDI\n1 SEX M\n0 @I2@ INDI\n1 SEX F\n1 BAPM\n2 DATE 1990\n0 @I3@ INDI\n1 SEX M\n");
  EXPECT_FALSE(person("I1").living) << "married in 1820";
  EXPECT_FALSE(person("I2").living) << "married in 1820, whatever another event says";
  EXPECT_FALSE(person("I3").living) << "counted in 1820";
}

// ---- The order of records says nothing ---------------------------------------------------------------------------------------

using Texts = std::vector<std::string>;

/// "\n2 DATE …" of a year, or nothing.
std::string maybe_dated(std::string_view event) {
  if (*rc::gen::inRange(0, 3) != 0) return {};
  return "1 " + std::string{event} + "\n2 DATE " + std::to_string(*rc::gen::inRange(1780, 2020)) + '\n';
}

/// Persons and families of a random tree without contradictions: children have higher numbers than their parents, and everybody is a
/// child of one family. Which side says who belongs to whom is drawn, too.
Texts random_records() {
  const auto persons = *rc::gen::inRange<std::size_t>(2, 14);
  const auto families = *rc::gen::inRange<std::size_t>(1, 7);
  Texts person(persons), family(families);
  for (std::size_t p = 0; p < persons; ++p) {
    person[p] = "0 @I" + std::to_string(p) + "@ INDI\n1 SEX " + (p % 2 == 0 ? "M" : "F") + '\n' + maybe_dated("BIRT") + maybe_dated("RESI") +
                (*rc::gen::inRange(0, 8) == 0 ? "1 DEAT Y\n" : "");
  }
  const auto join = [&](std::size_t f, std::size_t p, const std::string& from_family, const std::string& from_person) {
    const auto who_says = *rc::gen::inRange(0, 3);
    if (who_says != 1) family[f] += "1 " + from_family + " @I" + std::to_string(p) + "@\n";
    if (who_says != 2) person[p] += "1 " + from_person + " @F" + std::to_string(f) + "@\n";
  };
  std::vector<bool> has_parents(persons, false);
  for (std::size_t f = 0; f < families; ++f) {
    family[f] = "0 @F" + std::to_string(f) + "@ FAM\n" + maybe_dated("MARR") + maybe_dated("CENS");
    const auto husband = *rc::gen::inRange<std::size_t>(0, (persons + 1) / 2) * 2;
    const auto wife = *rc::gen::inRange<std::size_t>(0, persons / 2) * 2 + 1;
    join(f, husband, "HUSB", "FAMS");
    join(f, wife, "WIFE", "FAMS");
    for (auto child = std::max(husband, wife) + 1; child < persons; ++child) {
      if (has_parents[child] || *rc::gen::inRange(0, 2) == 0) continue;
      has_parents[child] = true;
      join(f, child, "CHIL", "FAMC");
    }
  }
  person.insert(person.end(), family.begin(), family.end());
  return person;
}

/// What the first reading of these records finds of everybody, by xref.
std::map<std::string, tree::model::Jdn> living_until(const Texts& records) {
  namespace gedcom = tree::gedcom;
  std::string text;
  for (const auto& record : records) text += record;
  text = archive::gedcom(text);
  const auto chunks = gedcom::chunks_of(std::as_bytes(std::span{text}));
  const auto survey = must(gedcom::survey_file(chunks));
  UuidV7Source source;
  std::vector<RecordId> ids;
  for (std::uint32_t i = 0; i < survey.records(); ++i) ids.emplace_back(source.next());
  ImportFacts facts{ids};
  Texts xrefs;
  gedcom::Findings findings;
  const auto add = [&](gedcom::Record& record) -> Result<void> {
    facts.add(record);
    if (record.kind == gedcom::Record::Kind::record) xrefs.emplace_back(record.xref);
    return {};
  };
  must(gedcom::read_file(chunks, survey, ids, add, findings));
  must(facts.finish(1));
  std::map<std::string, tree::model::Jdn> until;
  for (std::uint32_t n = 0; n < xrefs.size(); ++n) until.emplace(xrefs[n], facts.living_until(n));
  return until;
}

RC_GTEST_PROP(LivingOfAnImport, DoesNotDependOnTheOrderOfRecords, ()) {
  auto records = random_records();
  const auto expected = living_until(records);
  for (std::size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[*rc::gen::inRange<std::size_t>(0, i)]);
  RC_ASSERT(living_until(records) == expected);
}

}  // namespace
}  // namespace tablinum::archive
