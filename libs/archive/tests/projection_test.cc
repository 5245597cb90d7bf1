// A rich person as typed rows.
#include "fixture.h"
#include "tablinum/store/places.h"
#include "tablinum/tree/model/calendar.h"
#include "tablinum/tree/model/event_type.h"

namespace tablinum::archive {
namespace {

class ProjectionTest : public ArchiveTest {};

constexpr std::string_view kRich =
    "0 @I1@ INDI\n1 RESN confidential\n1 NAME Tendai /van Moyo/ Sr\n2 GIVN Tendai\n2 SPFX van\n2 SURN Moyo\n2 NICK Tee\n"
    "2 ROMN Tendayi /Moyo/\n3 TYPE romanised\n1 NAME Old /Name/\n2 TYPE maiden\n1 SEX M\n"
    "1 BIRT\n2 DATE 3 MAR 1890\n2 PLAC Umtali, , Rhodesia\n3 MAP\n4 LATI S18.97\n4 LONG E32.65\n2 SOUR @S1@\n3 QUAY 2\n"
    "1 OCCU Blacksmith\n2 DATE FROM 1910 TO 1920\n1 DEAT\n2 DATE BEF 1960\n1 NOTE Spoke of the great drought\n1 OBJE @M1@\n1 REFN 42\n"
    "0 @S1@ SOUR\n1 TITL Register\n0 @M1@ OBJE\n1 FILE a.jpg\n2 FORM jpg\n";

TEST_F(ProjectionTest, APersonsRows) {
  const auto tree_no = import_text(gedcom(kRich));
  auto reader = must(archive_->database().reader());
  const Rid rid = must(store::rid_of_xref(reader, tree_no, "I1"));

  const auto person = must(store::person_of(reader, rid));
  EXPECT_EQ(person.sex, 1);
  EXPECT_FALSE(person.living);
  EXPECT_EQ(person.birth_min, person.birth_max);
  EXPECT_EQ(person.birth_min, 2'411'430);  // JDN of 1890-03-03 (Gregorian)
  EXPECT_FALSE(person.death_min.has_value());
  EXPECT_EQ(person.death_max, 2'436'934);  // 1959-12-31
  EXPECT_EQ(person.label, "Tendai van Moyo Sr");

  const auto names = must(store::names_of(reader, rid));
  ASSERT_EQ(names.size(), 3);
  const auto main = std::ranges::find(names, "Tendai van Moyo Sr", &store::Name::full_text);
  ASSERT_NE(main, names.end());
  EXPECT_EQ(main->given, "Tendai");
  EXPECT_EQ(main->surname_prefix, "van");
  EXPECT_EQ(main->surname, "Moyo");
  EXPECT_EQ(main->nickname, "Tee");
  const auto variant = std::ranges::find(names, "Tendayi Moyo", &store::Name::full_text);
  ASSERT_NE(variant, names.end());
  EXPECT_NE(variant->variant, 0);

  const auto events = must(store::events_of(reader, rid));
  ASSERT_EQ(events.size(), 3);
  const auto birth = std::ranges::find(events, static_cast<std::int16_t>(tree::model::EventType::birth), &store::Event::kind);
  ASSERT_NE(birth, events.end());
  ASSERT_TRUE(birth->place.has_value());
  const auto place = must(store::find_place(reader, *birth->place));
  EXPECT_EQ(place.name, "Umtali");
  EXPECT_NEAR(place.lat.value_or(0), -18.97, 1e-9);

  const auto links = must(store::links_of(reader, rid));
  const auto citation = std::ranges::find(links, store::LinkKind::citation, &store::Link::kind);
  ASSERT_NE(citation, links.end());
  EXPECT_EQ(citation->quality, 2);
  EXPECT_EQ(std::ranges::count(links, store::LinkKind::media, &store::Link::kind), 1);
  EXPECT_EQ(must(store::find_record(reader, rid)).restriction, store::Restriction::confidential);
  EXPECT_EQ(must(store::rids_of_identifier(reader, tree_no, "REFN", "42")).size(), 1);
}

TEST_F(ProjectionTest, PlacesAreOneRowAndBlankLevelsNone) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n1 BIRT\n2 PLAC Umtali, , Rhodesia\n1 DEAT\n2 PLAC Umtali, Rhodesia\n1 BURI\n2 PLAC , ,\n"));
  auto reader = must(archive_->database().reader());
  std::vector<std::string> names;
  must(store::for_each_place(reader, tree_no, [&](const store::Place& place) { names.push_back(place.name); }));
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("Rhodesia", "Umtali", "?"));
}

TEST_F(ProjectionTest, ARecordThatPointsToItselfAndToNothing) {
  const auto tree_no = import_text(gedcom("0 @I1@ INDI\n1 ASSO @I1@\n2 RELA self\n1 SOUR @GONE@\n1 NOTE @I1@\n1 SOUR @VOID@\n"));
  EXPECT_EQ(trees().front().tree_no, tree_no);
  expect_whole();
}

}  // namespace
}  // namespace tablinum::archive
