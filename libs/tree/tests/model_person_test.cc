#include <gtest/gtest.h>

#include "model_build.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model {
namespace {

PersonView person_of(const Structure& record) {
  PersonView view;
  read_person(record, view);
  return view;
}
PersonView person_of(Structure&&) = delete;  // the view would outlive its texts

TEST(Person, NamePiecesFromSlashes) {
  struct Case {
    const char *text, *given, *surname, *suffix, *display;
  };
  const Case cases[] = {
      {"John /Smith/", "John", "Smith", "", "John Smith"},
      {"John/Smith/Jr.", "John", "Smith", "Jr.", "John Smith Jr."},
      {"/Smith/", "", "Smith", "", "Smith"},
      {"John", "John", "", "", "John"},
      {"John //", "John", "", "", "John"},
      {"John /Smith", "John", "Smith", "", "John Smith"},
      {"/Nagy/ János", "János", "Nagy", "", "Nagy János"},
      {"  John   Paul  /de  Allen/ ", "John   Paul", "de  Allen", "", "John Paul de Allen"},
      {"", "", "", "", ""},
      {"/", "", "", "", ""},
      {"a /b/ c /d/", "a", "b", "c /d/", "a b c d"},
  };
  for (const auto& each : cases) {
    auto record = build("0 INDI");
    record.append(0, Tag::NAME, PayloadKind::text, each.text);
    const auto view = person_of(record);
    ASSERT_EQ(view.names.size(), 1u);
    EXPECT_EQ(view.names[0].given, each.given) << each.text;
    EXPECT_EQ(view.names[0].surname, each.surname) << each.text;
    EXPECT_EQ(view.names[0].suffix, each.suffix) << each.text;
    EXPECT_EQ(display_name(view.names[0]), each.display) << each.text;
  }
}

TEST(Person, PiecesWinOverSlashes) {
  const auto record = build(
      "0 INDI\n1 NAME Lt. Cmndr. Joseph \"John\" /de Allen/ jr.\n2 NPFX Lt. Cmndr.\n2 GIVN Joseph\n2 NICK John\n2 SPFX de\n2 SURN "
      "Allen\n2 NSFX jr.\n");
  const auto name = person_of(record).names.at(0);
  EXPECT_EQ(name.prefix, "Lt. Cmndr.");
  EXPECT_EQ(name.given, "Joseph");
  EXPECT_EQ(name.nickname, "John");
  EXPECT_EQ(name.surname_prefix, "de");
  EXPECT_EQ(name.surname, "Allen");
  EXPECT_EQ(name.suffix, "jr.");
  EXPECT_EQ(display_name(name), "Lt. Cmndr. Joseph \"John\" de Allen jr.");
}

TEST(Person, PrefixIsTakenOffASurnameFromSlashes) {
  const auto record = build("0 INDI\n1 NAME Ludwig /van Beethoven/\n2 SPFX van\n");
  EXPECT_EQ(person_of(record).names.at(0).surname, "Beethoven");
}

TEST(Person, NameWithoutTextIsComposed) {
  const auto record = build("0 INDI\n1 NAME\n2 GIVN Rudo\n2 SURN Mutasa\n2 NPFX Dr.\n");
  EXPECT_EQ(display_name(person_of(record).names.at(0)), "Dr. Rudo Mutasa");
}

TEST(Person, VariantsFollowTheirName) {
  const auto record = build(
      "0 INDI\n1 NAME 太郎 /山田/\n2 TYPE birth\n2 ROMN Taro /Yamada/\n3 TYPE hepburn\n2 FONE たろう /やまだ/\n3 TYPE hiragana\n"
      "1 NAME Joe /Smith/\n2 TRAN Josef /Schmidt/\n3 LANG de\n");
  const auto view = person_of(record);
  ASSERT_EQ(view.names.size(), 5u);
  EXPECT_EQ(view.names[1].variant, NameVariant::romanised);
  EXPECT_EQ(view.names[1].surname, "Yamada");
  EXPECT_EQ(view.names[1].language, "hepburn");
  EXPECT_EQ(view.names[1].main, 0);
  EXPECT_EQ(view.names[1].number, view.names[0].number);
  EXPECT_EQ(view.names[1].kind, NameKind::birth);
  EXPECT_EQ(view.names[2].variant, NameVariant::phonetic);
  EXPECT_EQ(view.names[3].main, 3);
  EXPECT_EQ(view.names[4].main, 3);
  EXPECT_EQ(view.names[4].language, "de");
  EXPECT_EQ(view.names[4].variant, NameVariant::translation);
}

TEST(Person, KindsOfNames) {
  const auto record = build(
      "0 INDI\n1 NAME A /B/\n2 TYPE MAIDEN\n1 NAME C\n2 TYPE aka\n1 NAME D\n2 TYPE OTHER\n3 PHRASE stage name\n1 NAME E\n2 TYPE stage\n");
  const auto view = person_of(record);
  EXPECT_EQ(view.names[0].kind, NameKind::maiden);
  EXPECT_EQ(view.names[1].kind, NameKind::aka);
  EXPECT_EQ(view.names[2].kind, NameKind::other);
  EXPECT_EQ(view.names[2].kind_phrase, "stage name");
  EXPECT_EQ(view.names[3].kind_phrase, "stage");
}

TEST(Person, MarriedNamesOfVendors) {
  const auto below_name = build("0 INDI\n1 NAME Mary /Moyo/\n2 _MARNM Dube\n");
  const auto below = person_of(below_name);
  ASSERT_EQ(below.names.size(), 2u);
  EXPECT_EQ(below.names[1].kind, NameKind::married);
  EXPECT_EQ(below.names[1].given, "Mary");
  EXPECT_EQ(below.names[1].surname, "Dube");
  EXPECT_EQ(display_name(below.names[1]), "Mary Dube");
  const auto in_record = build("0 INDI\n1 NAME Mary /Moyo/\n1 _MARNM Mary Ann /Dube/\n1 _AKA Mai Rudo\n1 ALIA Molly /Moyo/\n");
  const auto record = person_of(in_record);
  ASSERT_EQ(record.names.size(), 4u);
  EXPECT_EQ(record.names[1].given, "Mary Ann");
  EXPECT_EQ(record.names[1].surname, "Dube");
  EXPECT_EQ(record.names[2].kind, NameKind::aka);
  EXPECT_EQ(record.names[3].kind, NameKind::aka);
  EXPECT_EQ(record.names[3].surname, "Moyo");
}

TEST(Person, EventsOfBothDialects) {
  const auto record = build(
      "0 INDI\n1 BIRT Y\n2 DATE ABT 1902\n3 PHRASE in the rains\n2 PLAC Umtali, Manicaland, Rhodesia\n3 FORM City, Province, Country\n"
      "3 MAP\n4 LATI S18.97\n4 LONG E32.67\n2 AGE 0y\n1 OCCU Blacksmith\n2 DATE FROM 1920 TO 1930\n1 EVEN\n2 TYPE Military Service\n"
      "1 NO MARR\n2 DATE TO 1930\n1 DEAT\n2 DATE 12 MAR 1970\n2 CAUS Malaria\n2 AGE 67y\n2 SDATE 13 MAR 1970\n2 RESN confidential\n",
      Dialect::gedcom70);
  const auto view = person_of(record);
  ASSERT_EQ(view.events.size(), 5u);
  const auto& birth = view.events[view.birth];
  EXPECT_EQ(birth.type, EventType::birth);
  EXPECT_TRUE(birth.asserted);
  EXPECT_TRUE(birth.value.empty());
  EXPECT_EQ(birth.date.kind, DateKind::about);
  EXPECT_EQ(birth.date.phrase, "in the rains");
  EXPECT_EQ(birth.place.text, "Umtali, Manicaland, Rhodesia");
  EXPECT_EQ(birth.place.form, "City, Province, Country");
  ASSERT_TRUE(birth.place.coordinates);
  EXPECT_DOUBLE_EQ(birth.place.coordinates->latitude, -18.97);
  EXPECT_NE(birth.number, 0);
  EXPECT_EQ(view.events[1].label(), "Blacksmith");
  EXPECT_EQ(view.events[2].type, EventType::military_service);
  EXPECT_TRUE(view.events[3].negative);
  EXPECT_EQ(view.events[3].type, EventType::marriage);
  const auto& death = view.events[view.death];
  EXPECT_EQ(death.cause, "Malaria");
  EXPECT_EQ(death.age->years, 67);
  EXPECT_EQ(death.restriction, kConfidential);
  EXPECT_EQ(sort_key(death).day, *parse_date("13 MAR 1970").days.min);
  EXPECT_EQ(view.birth_days(), birth.date.days);
  EXPECT_EQ(view.death_days(), death.date.days);
}

TEST(Person, ANegativeDeathIsNone) {
  const auto record = build("0 INDI\n1 NO DEAT\n", Dialect::gedcom70);
  const auto view = person_of(record);
  EXPECT_EQ(view.death, kNone);
  EXPECT_TRUE(view.events.at(0).negative);
}

TEST(Person, PhraseAloneMakesAPhrase) {
  const auto record = build("0 INDI\n1 BIRT\n2 DATE\n3 PHRASE the year of the locusts\n", Dialect::gedcom70);
  const auto view = person_of(record);
  EXPECT_EQ(view.events.at(0).date.kind, DateKind::phrase);
  EXPECT_EQ(view.events.at(0).date.phrase, "the year of the locusts");
}

TEST(Person, FirstOfSeveralIsPreferred) {
  const auto record = build("0 INDI\n1 SEX F\n1 SEX M\n1 BIRT\n2 DATE 1900\n1 BIRT\n2 DATE 1901\n");
  const auto view = person_of(record);
  EXPECT_EQ(view.sex, Sex::female);
  EXPECT_EQ(view.birth, 0u);
}

TEST(Person, LowerCaseTagsAreRead) {
  const auto record = build("0 INDI\n1 name John /Smith/\n1 birt\n2 date 1900\n");
  const auto view = person_of(record);
  ASSERT_EQ(view.names.size(), 1u);
  EXPECT_TRUE(view.birth_days().min);
}

TEST(Person, ParentLinks) {
  const auto record = build(
      "0 INDI\n1 FAMC @F1@\n2 PEDI adopted\n1 FAMC @F2@\n1 FAMC @F3@\n2 PEDI OTHER\n3 PHRASE step\n1 FAMC @F4@\n2 PEDI birth\n2 STAT proven\n"
      "1 FAMC @?F9@\n1 FAMS @F5@\n");
  const auto view = person_of(record);
  ASSERT_EQ(view.parents.size(), 5u);
  EXPECT_EQ(view.parents[0].pedigree, Pedigree::adopted);
  EXPECT_EQ(view.parents[1].pedigree, Pedigree::not_stated);
  EXPECT_EQ(view.parents[2].pedigree, Pedigree::step);
  EXPECT_EQ(view.parents[3].status, LinkStatus::proven);
  EXPECT_EQ(view.parents[4].family.text, "F9");
  EXPECT_FALSE(view.parents[4].family.resolved());
  EXPECT_EQ(view.primary_parents(), 3u);  // by birth
  EXPECT_EQ(view.partners.at(0).target.id, id_of("F5"));
}

TEST(Person, PreferredParentsComeFirst) {
  const auto primary_of = [](const char* lines) {
    const auto record = build(lines);
    return person_of(record).primary_parents();
  };
  EXPECT_EQ(primary_of("0 INDI\n1 FAMC @F1@\n1 FAMC @F2@\n2 _PRIMARY Y\n"), 1u);
  EXPECT_EQ(primary_of("0 INDI\n1 FAMC @F1@\n2 PEDI foster\n1 FAMC @F2@\n"), 1u);
  EXPECT_EQ(primary_of("0 INDI\n1 FAMC @F1@\n2 PEDI foster\n"), 0u);
  EXPECT_EQ(primary_of("0 INDI"), kNone);
}

TEST(Person, AdoptionTellsThePedigree) {
  const auto record = build("0 INDI\n1 FAMC @F1@\n1 FAMC @F2@\n1 ADOP\n2 FAMC @F2@\n3 ADOP BOTH\n");
  const auto view = person_of(record);
  EXPECT_EQ(view.parents[0].pedigree, Pedigree::not_stated);
  EXPECT_EQ(view.parents[1].pedigree, Pedigree::adopted);
}

TEST(Person, LinksOfAllDepths) {
  const auto record = build(
      "0 INDI\n1 NAME A\n2 SOUR @S1@\n3 PAGE 7\n3 QUAY 2\n3 NOTE a note in a citation\n1 BIRT\n2 SOUR out of a letter\n2 ASSO @I2@\n"
      "3 ROLE WITN\n1 OBJE @O1@\n1 ASSO @I3@\n2 RELA godfather\n1 NOTE @N1@\n1 SNOTE @?N2@\n1 ALIA @I4@\n1 SUBM @U1@\n");
  const auto view = person_of(record);
  ASSERT_EQ(view.links.size(), 10u);
  EXPECT_EQ(view.links[0].kind, LinkKind::citation);
  EXPECT_EQ(view.links[0].detail, "7");
  EXPECT_EQ(view.links[0].quality, 2);
  EXPECT_EQ(view.links[0].field, 1);
  EXPECT_EQ(view.links[0].owner, view.names[0].node);
  EXPECT_NE(view.links[0].number, 0);
  EXPECT_EQ(view.links[1].kind, LinkKind::note);
  EXPECT_EQ(view.links[1].target.text, "a note in a citation");
  EXPECT_EQ(view.links[1].owner, view.links[0].node);
  EXPECT_EQ(view.links[2].target.kind, PayloadKind::text);
  EXPECT_EQ(view.links[2].quality, kNoQuality);
  EXPECT_EQ(view.links[3].detail, "WITN");
  EXPECT_EQ(view.links[3].owner, view.events[0].node);
  EXPECT_EQ(view.links[4].kind, LinkKind::media);
  EXPECT_EQ(view.links[5].detail, "godfather");
  EXPECT_EQ(view.links[6].target.id, id_of("N1"));
  EXPECT_EQ(view.links[7].target.text, "N2");
  EXPECT_EQ(view.links[8].kind, LinkKind::alias);
  EXPECT_EQ(view.links[9].kind, LinkKind::submitter);
}

TEST(Person, IdentifiersRestrictionChangeAndOverride) {
  const auto record = build(
      "0 INDI\n1 RESN CONFIDENTIAL, LOCKED\n1 REFN 42\n2 TYPE shelf\n1 UID bbcc0025-34cb-4542-8cfb-45ba201c9c2c\n1 EXID 123\n"
      "2 TYPE https://example.org\n1 _UID ABC\n1 RIN 7\n1 _LIVING N\n1 CHAN\n2 DATE 27 MAR 2022\n3 TIME 08:56:10\n1 CREA\n2 DATE 1 JAN 1970\n");
  const auto view = person_of(record);
  EXPECT_EQ(view.restriction, kConfidential | kLocked);
  ASSERT_EQ(view.identifiers.size(), 5u);
  EXPECT_EQ(view.identifiers[0].scheme, "REFN");
  EXPECT_EQ(view.identifiers[0].type, "shelf");
  EXPECT_EQ(view.identifiers[2].scheme, "https://example.org");
  EXPECT_EQ(view.identifiers[2].value, "123");
  EXPECT_EQ(view.living, false);
  EXPECT_EQ(view.changed_at->ms, 1'648'371'370'000);
  EXPECT_EQ(view.created_at->ms, 0);
}

TEST(Person, AReusedViewKeepsNothing) {
  PersonView view;
  const auto full = build("0 INDI\n1 NAME A\n1 SEX M\n1 BIRT\n2 DATE 1900\n1 FAMC @F1@\n1 FAMS @F2@\n1 _LIVING Y\n1 RESN locked\n1 REFN 1\n1 NOTE x\n1 CHAN\n2 DATE 1 JAN 2000\n");
  read_person(full, view);
  const auto empty = build("0 INDI");
  read_person(empty, view);
  EXPECT_TRUE(view.names.empty() && view.events.empty() && view.parents.empty() && view.partners.empty() && view.links.empty());
  EXPECT_TRUE(view.identifiers.empty() && !view.living && !view.changed_at);
  EXPECT_EQ(view.sex, Sex::unknown);
  EXPECT_EQ(view.birth, kNone);
  EXPECT_EQ(view.restriction, kUnrestricted);
}

TEST(Person, AnEmptyStructureIsNobody) {
  PersonView view;
  read_person(Structure{}, view);
  EXPECT_EQ(view.kind, RecordKind::other);
  EXPECT_EQ(view.preferred_name(), nullptr);
}

TEST(Family, PartnersChildrenAndEvents) {
  const auto record = build(
      "0 FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 CHIL @I3@\n2 _FREL Natural\n2 _MREL Step\n1 CHIL @I4@\n1 NCHI 5\n1 ENGA\n2 DATE 1899\n"
      "1 MARR\n2 TYPE customary\n2 DATE 1 JAN 1900\n2 HUSB\n3 AGE 25y\n2 WIFE\n3 AGE < 20y\n1 _LOBOLA\n2 DATE 1899\n1 DIV Y\n");
  FamilyView view;
  read_family(record, view);
  ASSERT_EQ(view.partners.size(), 2u);
  EXPECT_EQ(view.partners[0].role, Tag::HUSB);
  EXPECT_EQ(view.partners[1].target.id, id_of("I2"));
  ASSERT_EQ(view.children.size(), 2u);
  EXPECT_EQ(view.children[0].to_husband, Pedigree::birth);
  EXPECT_EQ(view.children[0].to_wife, Pedigree::step);
  EXPECT_EQ(view.child_count, 5);
  ASSERT_EQ(view.events.size(), 5u);
  ASSERT_EQ(view.marriage(), 2u);
  const auto& marriage = view.events[view.marriage()];
  EXPECT_EQ(marriage.type, EventType::customary_union);
  EXPECT_EQ(marriage.husband_age->years, 25);
  EXPECT_EQ(marriage.wife_age->bound, AgeBound::less);
  EXPECT_EQ(view.events[3].type, EventType::bride_price);
  EXPECT_TRUE(view.events[4].asserted);
}

TEST(Records, SourceRepositoryMediaNoteSubmitter) {
  const auto source_record = build("0 SOUR\n1 TITL Parish book\n1 AUTH Rev. N.\n1 PUBL Salisbury\n1 ABBR PB\n1 TEXT full\n1 DATA\n2 AGNC Mission\n1 REPO @R1@\n2 CALN 13B\n");
  SourceView source;
  read_source(source_record, source);
  EXPECT_EQ(source.title, "Parish book");
  EXPECT_EQ(source.agency, "Mission");
  EXPECT_EQ(source.links.at(0).kind, LinkKind::repository);
  EXPECT_EQ(source.links.at(0).detail, "13B");

  const auto repository_record = build("0 REPO\n1 NAME National Archives\n1 ADDR Borrowdale Road\n2 CITY Harare\n2 CTRY Zimbabwe\n1 PHON 1\n1 PHON 2\n1 WWW https://example.org\n");
  RepositoryView repository;
  read_repository(repository_record, repository);
  EXPECT_EQ(repository.name, "National Archives");
  EXPECT_EQ(repository.address.city, "Harare");
  EXPECT_EQ(repository.address.phones.size(), 2u);

  const auto media_70 = build("0 OBJE\n1 FILE a/b.jpg\n2 FORM image/jpeg\n3 MEDI PHOTO\n2 TITL Wedding\n1 FILE c.pdf\n2 FORM application/pdf\n");
  const auto media_551 = build("0 OBJE\n1 FORM jpg\n1 TITL Wedding\n1 FILE b.jpg\n");
  MediaView media;
  read_media(media_70, media);
  ASSERT_EQ(media.files.size(), 2u);
  EXPECT_EQ(media.files[0].medium, "PHOTO");
  EXPECT_EQ(media.title, "Wedding");
  read_media(media_551, media);
  ASSERT_EQ(media.files.size(), 1u);
  EXPECT_EQ(mime_of_form(media.files[0].form), "image/jpeg");
  EXPECT_EQ(media.files[0].title, "Wedding");

  const auto note_record = build("0 SNOTE Hello\n1 LANG en\n1 MIME text/plain\n1 TRAN Mhoro\n2 LANG sn\n");
  NoteView note;
  read_note(note_record, note);
  EXPECT_EQ(note.kind, RecordKind::note);
  EXPECT_EQ(note.text, "Hello");
  EXPECT_EQ(note.translations.at(0).language, "sn");

  const auto submitter_record = build("0 SUBM\n1 NAME Tendai\n1 LANG Shona\n1 EMAIL a@example.org\n");
  SubmitterView submitter;
  read_submitter(submitter_record, submitter);
  EXPECT_EQ(submitter.name, "Tendai");
  EXPECT_EQ(submitter.address.emails.at(0), "a@example.org");
}

TEST(Records, PlaceAndStory) {
  const auto place_record = build(
      "0 _PLACE\n1 NAME Umtali\n2 DATE FROM 1897 TO 1982\n1 NAME Mutare\n2 LANG en\n1 TYPE city\n1 PLAC Manicaland, Zimbabwe\n2 DATE FROM 1980\n"
      "1 MAP\n2 LATI -18.97\n2 LONG 32.67\n1 EVEN\n2 TYPE Founded\n");
  PlaceView place;
  read_place(place_record, place);
  EXPECT_EQ(place.kind, RecordKind::place);
  ASSERT_EQ(place.names.size(), 2u);
  EXPECT_EQ(place.names[0].date.kind, DateKind::period);
  EXPECT_EQ(place.jurisdictions.at(0).text, "Manicaland, Zimbabwe");
  EXPECT_TRUE(place.coordinates);
  EXPECT_EQ(place.events.at(0).label(), "Founded");

  const auto story_record = build("0 _STORY\n1 TITL The well\n1 TEXT We dug it\n1 DATE 1933\n1 PLAC Chimoio\n1 ASSO @I1@\n2 ROLE OTHER\n3 PHRASE digger\n");
  StoryView story;
  read_story(story_record, story);
  EXPECT_EQ(story.title, "The well");
  EXPECT_EQ(story.event.date.kind, DateKind::exact);
  EXPECT_EQ(story.event.place.text, "Chimoio");
  EXPECT_EQ(story.links.at(0).phrase, "digger");
}

TEST(Records, KindsByTag) {
  EXPECT_EQ(record_kind(build("0 INDI")), RecordKind::person);
  EXPECT_EQ(record_kind(build("0 NOTE x")), RecordKind::note);
  EXPECT_EQ(record_kind(build("0 _LOC")), RecordKind::place);
  EXPECT_EQ(record_kind(build("0 _XYZ")), RecordKind::other);
  EXPECT_EQ(record_kind(build("0 HEAD")), RecordKind::header);
}

TEST(Records, TheHeadersSourceIsNoCitation) {
  RecordView view;
  read_record(build("0 HEAD\n1 SOUR Program\n1 SUBM @U1@\n"), view);
  EXPECT_TRUE(view.links.empty());
}

TEST(Records, RestrictionWords) {
  EXPECT_EQ(parse_restriction("locked"), kLocked);
  EXPECT_EQ(parse_restriction("CONFIDENTIAL, LOCKED"), kConfidential | kLocked);
  EXPECT_EQ(parse_restriction("privacy"), kPrivacy);
  EXPECT_EQ(parse_restriction("top secret"), kConfidential);  // closed by default
  EXPECT_EQ(parse_restriction("none"), kUnrestricted);
  EXPECT_EQ(parse_restriction(""), kUnrestricted);
}

TEST(Records, FormsOfFiles) {
  EXPECT_EQ(mime_of_form("JPG"), "image/jpeg");
  EXPECT_EQ(mime_of_form("image/webp"), "image/webp");
  EXPECT_EQ(mime_of_form("xyz"), "application/octet-stream");
  EXPECT_EQ(mime_of_form(""), "application/octet-stream");
}

}  // namespace
}  // namespace tablinum::tree::model
