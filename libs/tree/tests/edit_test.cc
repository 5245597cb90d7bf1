// Typed edits: what they write, what they leave, what they refuse.
#include "tablinum/tree/edit/editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model_build.h"
#include "random_structure.h"

namespace tablinum::tree::edit {
namespace {

using model::build;
using model::id_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Bytes bytes(const Structure& structure) {
  Bytes out;
  encode(structure, out);
  return out;
}

/// "0 INDI", "1 NAME Rudo /Mutasa/" …
std::string lines(const Structure& s, std::uint32_t node = 0, int level = 0) {
  std::string out = std::to_string(level) + ' ' + std::string{s.tag_name(node)};
  if (s[node].kind == PayloadKind::text) out += ' ' + std::string{s[node].text};
  const auto& target = s[node].target.value().bytes;
  if (s[node].kind == PayloadKind::record) out += " @" + std::string{reinterpret_cast<const char*>(target.data())} + '@';
  out += '\n';
  for (const auto child : s.children(node)) out += lines(s, child, level + 1);
  return out;
}

constexpr std::string_view kPerson =
    "0 INDI\n1 NAME Rudo /Mutasa/\n2 NICK Ru\n1 SEX F\n1 BIRT\n2 DATE abt 1902\n2 PLAC Umtali\n3 MAP\n4 LATI S18\n4 LONG E32\n2 SOUR @S1@\n"
    "3 PAGE 4\n1 _VENDOR kept\n2 deep also\n1 FAMS @F1@\n1 NOTE a note\n1 CHAN\n2 DATE 1 JAN 2020\n";

Fact fact(std::string type) {
  Fact one;
  one.type = std::move(type);
  return one;
}

TEST(Editor, WithoutAnEditTheBytesAreTheSame) {
  for (const auto dialect : {Dialect::gedcom551, Dialect::gedcom70}) {
    const auto record = build(kPerson, dialect);
    EXPECT_EQ(bytes(Editor{record}.structure()), bytes(record));
  }
}

RC_GTEST_PROP(EditorLaw, WithoutAnEditTheBytesAreTheSame, ()) {
  const auto record = *random_structure();
  RC_ASSERT(bytes(Editor{*record}.structure()) == bytes(*record));
}

TEST(Editor, AddsWhereTheSameStandsAndNumbersOn) {
  const auto record = build(kPerson);
  Editor editor{record};
  const auto last = highest_number(record);
  Name name;
  name.given = "Rudo", name.surname = "Dube", name.kind = "married";
  EXPECT_EQ(editor.add_name(name), last + 1);
  Fact death = fact("DEAT");
  death.date = "1931", death.place = "Salisbury";
  death.citations.push_back({.source = id_of("S2"), .described = {}, .page = "7", .text = "died", .quality = 3});
  EXPECT_EQ(editor.add_fact(death), last + 2);
  EXPECT_EQ(lines(editor.structure()),
            "0 INDI\n1 NAME Rudo /Mutasa/\n2 NICK Ru\n1 NAME Rudo /Dube/\n2 TYPE married\n1 SEX F\n1 BIRT\n2 DATE abt 1902\n2 PLAC Umtali\n"
            "3 MAP\n4 LATI S18\n4 LONG E32\n2 SOUR @S1@\n3 PAGE 4\n1 DEAT\n2 DATE 1931\n2 PLAC Salisbury\n2 SOUR @S2@\n3 PAGE 7\n3 DATA\n"
            "4 TEXT died\n3 QUAY 3\n1 _VENDOR kept\n2 deep also\n1 FAMS @F1@\n1 NOTE a note\n1 CHAN\n2 DATE 1 JAN 2020\n");
  // Removing both gives the first bytes again.
  ASSERT_TRUE(editor.remove(static_cast<std::uint16_t>(last + 1)).has_value());
  ASSERT_TRUE(editor.remove(static_cast<std::uint16_t>(last + 2)).has_value());
  EXPECT_EQ(bytes(editor.structure()), bytes(record));
  EXPECT_EQ(editor.add_fact(fact("BURI")), last + 4) << "no number twice, the citation's included";
}

TEST(Editor, ANumberIsNeverGivenAgain) {
  const auto record = build("0 INDI\n1 NAME A /B/\n");
  EXPECT_EQ(Editor(record, 9).add_fact(fact("BIRT")), 10);
  EXPECT_EQ(Editor(record, 0xFFFF).add_fact(fact("BIRT")).error().code, Code::limit);
  Fact two = fact("BIRT");
  two.notes.push_back({.text = "n", .record = {}});
  EXPECT_EQ(Editor(record, 0xFFFE).add_fact(two).error().code, Code::limit);
  EXPECT_EQ(Editor(record, 0xFFFD).add_fact(two), 0xFFFE);
}

TEST(Editor, ChangesOneTextAndNothingElse) {
  const auto record = build(kPerson);
  Editor editor{record};
  const auto birth = record[4].number;
  Fact change;
  change.cause = "";
  change.place = "Umtali";  // as it is: the map stays
  ASSERT_TRUE(editor.set_fact(birth, change).has_value());
  EXPECT_EQ(bytes(editor.structure()), bytes(record));
  change.place = "Mutare";
  ASSERT_TRUE(editor.set_fact(birth, change).has_value());
  EXPECT_THAT(lines(editor.structure()), HasSubstr("2 DATE abt 1902\n2 PLAC Mutare\n2 SOUR @S1@\n")) << "the map was Umtali's";
}

TEST(Editor, EventsWithoutDetailsSayThatTheyHappened) {
  Editor editor{Dialect::gedcom551, model::RecordKind::person};
  ASSERT_TRUE(editor.add_fact(fact("death")).has_value());
  ASSERT_TRUE(editor.add_fact(fact("MILITARY_SERVICE")).has_value());
  Fact work = fact("occupation");
  work.value = "Smith";
  ASSERT_TRUE(editor.add_fact(work).has_value());
  EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 DEAT Y\n1 EVEN\n2 TYPE Military Service\n1 OCCU Smith\n");
}

struct DateCase {
  Dialect dialect;
  std::string_view typed, written;
};
TEST(Editor, DatesKeepWhatWasTypedWhereItsDialectCan) {
  constexpr auto k551 = Dialect::gedcom551, k70 = Dialect::gedcom70;
  for (const auto& [dialect, typed, written] :
       {DateCase{k551, "abt 1902", "2 DATE abt 1902\n"}, DateCase{k551, "1902-05-03", "2 DATE 3 MAY 1902\n"},
        DateCase{k551, "um 1850", "2 DATE um 1850\n"}, DateCase{k551, "when the rains failed", "2 DATE (when the rains failed)\n"},
        DateCase{k70, "abt 1902", "2 DATE abt 1902\n"}, DateCase{k70, "1902-05-03", "2 DATE 3 MAY 1902\n"},
        DateCase{k70, "um 1850", "2 DATE ABT 1850\n3 PHRASE um 1850\n"},
        DateCase{k70, "when the rains failed", "2 DATE \n3 PHRASE when the rains failed\n"}}) {
    Editor editor{dialect, model::RecordKind::person};
    Fact birth = fact("BIRT");
    birth.date = typed;
    ASSERT_TRUE(editor.add_fact(birth).has_value());
    EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 BIRT\n" + std::string{written}) << typed;
  }
}

TEST(Editor, NamePiecesAndTheLineAgree) {
  Editor editor{build("0 INDI\n1 NAME John /Smith/\n")};
  Name change;
  change.given = "Jon";
  ASSERT_TRUE(editor.set_name(1, change).has_value());
  EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 NAME Jon /Smith/\n");
  change = {};
  change.surname_prefix = "van";
  ASSERT_TRUE(editor.set_name(1, change).has_value());
  EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 NAME Jon /van Smith/\n2 GIVN Jon\n2 SPFX van\n2 SURN Smith\n");
  change = {};
  change.text = "Jan /Smit/";
  ASSERT_TRUE(editor.set_name(1, change).has_value());
  EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 NAME Jan /Smit/\n");
}

TEST(Editor, PointersAndPedigrees) {
  Editor editor{build("0 INDI\n1 FAMC @F1@\n2 _OWN x\n1 FAMC @F2@\n2 PEDI adopted\n")};
  ASSERT_TRUE(editor.add_pointer(Tag::FAMC, id_of("F1"), model::Pedigree::foster).has_value());
  ASSERT_TRUE(editor.set_pedigree(id_of("F2"), model::Pedigree::adopted).has_value());
  ASSERT_TRUE(editor.add_pointer(Tag::FAMS, id_of("F3")).has_value());
  EXPECT_EQ(lines(editor.structure()), "0 INDI\n1 FAMC @F1@\n2 _OWN x\n2 PEDI foster\n1 FAMC @F2@\n2 PEDI adopted\n1 FAMS @F3@\n");
  EXPECT_THAT(editor.pointers(Tag::FAMC), ElementsAre(id_of("F1"), id_of("F2")));
  EXPECT_EQ(editor.remove_pointers(Tag::FAMC, id_of("F1")), 1u);
  EXPECT_EQ(editor.remove_pointers(Tag::FAMC, id_of("F1")), 0u);
  EXPECT_EQ(editor.set_pedigree(id_of("F1"), model::Pedigree::birth).error().code, Code::not_found);
}

TEST(Editor, TextsOfRecords) {
  Editor source{Dialect::gedcom551, model::RecordKind::source};
  for (const auto* name : {"author", "title", "publication"})
    ASSERT_TRUE(source.set_text({.name = name, .text = std::string{name}}).has_value());
  EXPECT_EQ(lines(source.structure()), "0 SOUR\n1 TITL title\n1 AUTH author\n1 PUBL publication\n");
  Editor note{Dialect::gedcom70, model::RecordKind::note};
  ASSERT_TRUE(note.set_text({.name = "text", .text = "two\r\nlines"}).has_value());
  EXPECT_EQ(lines(note.structure()), "0 SNOTE two\nlines\n");
  EXPECT_EQ(note.set_text({.name = "title", .text = "x"}).error().code, Code::invalid);
}

TEST(Editor, RefusesWithoutATrace) {
  const auto record = build(kPerson);
  Editor editor{record};
  const auto refused = [&](auto result, Code code) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(bytes(editor.structure()), bytes(record));
  };
  refused(editor.add_fact(fact("no such")), Code::invalid);
  refused(editor.add_fact(Fact{}), Code::invalid);
  Name name;
  name.given = std::string(kLineBytesMax + 1, 'x');
  refused(editor.add_name(name), Code::too_large);
  name.given = "a\nb";
  refused(editor.add_name(name), Code::invalid);
  name.given = std::string{"a\0b", 3};
  refused(editor.add_name(name), Code::invalid);
  name.given = "\xFF";
  refused(editor.add_name(name), Code::invalid);
  name.given = "a/b";
  refused(editor.add_name(name), Code::invalid);
  refused(editor.set_name(999, {}), Code::not_found);
  refused(editor.set_name(record[4].number, {}), Code::not_found);
  refused(editor.set_fact(record[1].number, {}), Code::not_found);
  refused(editor.remove(0), Code::not_found);
  refused(editor.add_note(0, {.text = std::string(kTextBytesMax + 1, 'x'), .record = {}}), Code::too_large);
  refused(editor.add_note(0, {}), Code::invalid);
  refused(editor.add_citation(0, {}), Code::invalid);
  refused(editor.add_citation(4711, {.source = id_of("S1"), .described = {}, .page = {}, .text = {}, .quality = {}}), Code::not_found);
  refused(editor.add_citation(0, {.source = id_of("S1"), .described = {}, .page = {}, .text = {}, .quality = 4}), Code::invalid);
  refused(editor.set_sex('Q'), Code::invalid);
  Fact birth = fact("BIRT");
  birth.value = "in the year of the flood";
  refused(editor.add_fact(birth), Code::invalid);
  Name most;
  most.given = std::string(kLineBytesMax, 'x');
  EXPECT_TRUE(editor.add_name(most).has_value());
}

// ---------------------------------------------------------------- laws

/// A random edit of a person. Gives what must be done to take it back, for those that can be taken back by another edit.
using Undo = std::function<void(Editor&)>;
Undo random_edit(Editor& editor) {
  const auto text = *rc::gen::element<std::string>("", "Mutare", "1850", "@at@", "/x/", "漢字 \xCD\xA1", std::string(300, 'z'));
  const auto remove = [](Result<std::uint16_t> number) -> Undo {
    RC_ASSERT(number.has_value());
    return [n = *number](Editor& e) { RC_ASSERT(e.remove(n).has_value()); };
  };
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      Name name;
      name.given = text == "/x/" ? "x" : text, name.surname = "Moyo";  // a name has no slashes
      return remove(editor.add_name(name));
    }
    case 1: {
      Fact one = fact(*rc::gen::element<std::string>("BIRT", "OCCU", "customary_union", "RESI", "DEAT", "_LOBOLA"));
      one.date = text, one.place = text;
      one.notes.push_back({.text = "n" + text, .record = {}});
      return remove(editor.add_fact(one));
    }
    case 2: return remove(editor.add_note(0, {.text = "note " + text, .record = {}}));
    case 3: return remove(editor.add_citation(0, {.source = id_of("S9"), .described = {}, .page = text, .text = text, .quality = 2}));
    default: {
      const auto family = id_of("NEW" + std::to_string(*rc::gen::inRange(0, 1000)));
      if (editor.has_pointer(Tag::FAMS, family)) return [](Editor&) {};
      RC_ASSERT(editor.add_pointer(Tag::FAMS, family).has_value());
      return [family](Editor& e) { RC_ASSERT(e.remove_pointers(Tag::FAMS, family) == 1u); };
    }
  }
}

Structure random_person() {
  const auto random = *random_structure();
  Structure person{random->dialect()};
  person.append(kNoNode, Tag::INDI);
  const std::function<void(std::uint32_t, std::uint32_t)> copy = [&](std::uint32_t node, std::uint32_t parent) {
    const auto& n = (*random)[node];
    const auto made = person.append(parent, random->tag_name(node), n.kind, n.text, n.target, n.number);
    for (const auto child : random->children(node)) copy(child, made);
  };
  for (const auto child : random->children(0)) copy(child, 0);
  return person;
}

RC_GTEST_PROP(EditorLaw, EditsTakenBackGiveTheSameBytes, ()) {
  const auto person = random_person();
  Editor editor{person};
  std::vector<Undo> undo;
  for (int i = *rc::gen::inRange(1, 12); i > 0; --i) undo.push_back(random_edit(editor));
  // In the order reversed, or in any other: they do not touch each other.
  if (*rc::gen::arbitrary<bool>()) std::ranges::reverse(undo);
  for (const auto& back : undo) back(editor);
  RC_ASSERT(bytes(editor.structure()) == bytes(person));
}

RC_GTEST_PROP(EditorLaw, UntouchedNodesStayInOrder, ()) {
  const auto person = random_person();
  Editor editor{person};
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) (void)random_edit(editor);
  const auto after = editor.structure();
  const auto decoded = decode(bytes(after));
  RC_ASSERT(decoded.has_value());
  // Every old level-1 subtree is there, in the old order, byte for byte.
  const auto children = after.children(0);
  auto at = children.begin();
  for (const auto old : person.children(0)) {
    Bytes wanted;
    encode_subtrees(person, std::span{&old, 1}, wanted);
    for (bool met = false; !met; ++at) {
      RC_ASSERT(at != children.end());
      const auto node = *at;
      Bytes here;
      encode_subtrees(after, std::span{&node, 1}, here);
      met = here == wanted;
    }
  }
}

// ---------------------------------------------------------------- fields of versions

TEST(Fields, OneFieldGoesBackAndOthersStay) {
  const auto then = build("0 INDI\n1 NAME A /B/\n1 BIRT\n2 DATE 1900\n1 OCCU Smith\n1 NOTE x\n");
  const auto now = build("0 INDI\n1 NAME A /C/\n1 BIRT\n2 DATE 1901\n1 SEX M\n1 OCCU Smith\n1 NOTE y\n");
  const model::Field fields[] = {model::Field::birth};
  EXPECT_EQ(lines(with_fields_of(now, then, fields)),
            "0 INDI\n1 NAME A /C/\n1 SEX M\n1 OCCU Smith\n1 NOTE y\n1 BIRT\n2 DATE 1900\n")
      << "the name before it is another one now, so it goes to the end";
  const auto kept = build("0 INDI\n1 NAME A /B/\n1 BIRT\n2 DATE 1901\n1 SEX M\n1 OCCU Smith\n1 NOTE y\n");
  EXPECT_EQ(lines(with_fields_of(kept, then, fields)),
            "0 INDI\n1 NAME A /B/\n1 BIRT\n2 DATE 1900\n1 SEX M\n1 OCCU Smith\n1 NOTE y\n");
}

RC_GTEST_PROP(FieldsLaw, AllFieldsOfTheOtherVersionAreTheOtherVersion, ()) {
  const auto then = random_person();
  Editor editor{then};
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) (void)random_edit(editor);
  const auto now = editor.structure();
  std::vector<model::Field> all;
  for (std::size_t i = 0; i < model::kFieldCount; ++i) all.push_back(static_cast<model::Field>(i));
  RC_ASSERT(bytes(with_fields_of(now, then, all)) == bytes(then));
  RC_ASSERT(bytes(with_fields_of(now, then, {})) == bytes(now));
  // The fields that differ are enough, but for the order between fields.
  const auto differing = model::changed_fields(model::field_values(then, {}), model::field_values(now, {}));
  const auto back = with_fields_of(now, then, differing);
  RC_ASSERT(model::field_values(back, {}) == model::field_values(then, {}));
}

TEST(Fields, DifferencesSayWhatIsOnlyInOne) {
  const auto before = build("0 INDI\n1 NAME A /B/\n1 BIRT\n2 DATE 1900\n1 OCCU Smith\n");
  const auto after = build("0 INDI\n1 NAME A /B/\n1 OCCU Smith\n1 BIRT\n2 DATE 1901\n");
  EXPECT_THAT(differences(before, before), IsEmpty());
  // Numbers are part of a node; the occupation has another one here.
  const auto found = differences(before, after);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].field, model::Field::birth);
  EXPECT_THAT(found[0].before, ElementsAre("BIRT\n  DATE 1900"));
  EXPECT_THAT(found[0].after, ElementsAre("BIRT\n  DATE 1901"));
  EXPECT_EQ(differences(Structure{}, after).size(), 3u);
}

}  // namespace
}  // namespace tablinum::tree::edit
