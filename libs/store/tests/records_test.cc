#include "tablinum/store/records.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "fixture.h"
#include "tablinum/store/places.h"

namespace tablinum::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Records : public StoreTest {};

TEST_F(Records, AreReadBackAsWritten) {
  const auto tree = make_tree();
  auto writer = must(database->writer());
  const auto context = begin_set(writer, tree);
  const RecordId id{database->ids().next()};
  TestRecord record{must(next_rid(writer, tree)), id, RecordKind::person, "Moyo"};
  const NameRow names[] = {{.ord = 1,
                            .kind = 1,
                            .variant = 0,
                            .lang = "sn",
                            .full_text = "Rudo /Moyo/",
                            .given = "Rudo",
                            .surname = "Moyo",
                            .nickname = "Ru",
                            .sort_key = "moyo rudo"},
                           {.ord = 4, .kind = 2, .variant = 1, .full_text = "R.", .sort_key = "r"}};
  const EventRow events[] = {
      {.ord = 2, .kind = 20, .label = "born", .jdn_min = 2'400'000, .jdn_max = 2'400'365, .precision = 3, .place = Pid{7}},
      {.ord = 3, .kind = 46}};
  const LinkRow links[] = {{.ord = 5, .kind = LinkKind::citation, .target = make_rid(tree, 9), .quality = 3, .field = 8}};
  const IdentifierRow identifiers[] = {{.ord = 6, .scheme = "UID", .value = "abc"}};
  record.draft.xref = "I1";
  record.draft.restriction = Restriction::confidential;
  record.person = {
      .sex = 2, .living = false, .birth_min = 1, .birth_max = 2, .death_min = 3, .death_max = 4, .label = "Rudo Moyo"};
  record.draft.names = names;
  record.draft.events = events;
  record.draft.links = links;
  record.draft.identifiers = identifiers;
  const auto done = must(create_record(writer, context, record.draft));
  EXPECT_EQ(done.version, 1);
  EXPECT_EQ(done.changes, 1u);
  must(writer.commit());

  auto reader = read();
  const auto found = must(find_record(reader, id));
  EXPECT_EQ(found.rid, record.draft.rid);
  EXPECT_EQ(found.kind, RecordKind::person);
  EXPECT_EQ(found.restriction, Restriction::confidential);
  EXPECT_EQ(found.xref, "I1");
  EXPECT_EQ(text_of(found.structure), "Moyo");
  EXPECT_FALSE(found.deleted);
  const auto read_names = must(names_of(reader, found.rid));
  ASSERT_EQ(read_names.size(), 2u);
  EXPECT_EQ(read_names[0].nickname, "Ru");
  EXPECT_EQ(read_names[0].lang, "sn");
  EXPECT_EQ(read_names[1].ord, 4);
  EXPECT_EQ(read_names[1].variant, 1);
  const auto read_events = must(events_of(reader, found.rid));
  ASSERT_EQ(read_events.size(), 2u);
  EXPECT_EQ(read_events[0].jdn_max, 2'400'365);
  EXPECT_EQ(read_events[0].place, Pid{7});
  EXPECT_FALSE(read_events[1].jdn_min.has_value());
  EXPECT_FALSE(read_events[1].place.has_value());
  EXPECT_EQ(must(links_of(reader, found.rid)).at(0).quality, 3);
  EXPECT_EQ(must(identifiers_of(reader, found.rid)).at(0).value, "abc");
  const auto person = must(person_of(reader, found.rid));
  EXPECT_EQ(person.death_max, 4);
  EXPECT_FALSE(person.living_until.has_value());
  EXPECT_EQ(person.label, "Rudo Moyo");
  EXPECT_EQ(must(rid_of_xref(reader, tree, "I1")), found.rid);
  EXPECT_THAT(must(rids_of_identifier(reader, tree, "UID", "abc")), ElementsAre(found.rid));
  EXPECT_THAT(must(rids_of_identifier(reader, tree + 1, "UID", "abc")), IsEmpty());
}

TEST_F(Records, AnXrefIsFoundWhereverItsRecordStands) {
  const auto tree = make_tree();
  std::vector<Rid> rids;
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    for (const auto* xref : {"I3", "I2", "I4000000000", "X", "I99999999999999999999", "1"}) {
      TestRecord record{must(next_rid(writer, tree)), RecordId{database->ids().next()}, RecordKind::person, "p"};
      record.draft.xref = xref;
      must(create_record(writer, context, record.draft));
      rids.push_back(record.draft.rid);
    }
    must(writer.commit());
  }
  auto reader = read();
  EXPECT_EQ(must(rid_of_xref(reader, tree, "I3")), rids[0]);
  EXPECT_EQ(must(rid_of_xref(reader, tree, "I4000000000")), rids[2]) << "its number is far from its place";
  EXPECT_EQ(must(rid_of_xref(reader, tree, "X")), rids[3]);
  EXPECT_EQ(must(rid_of_xref(reader, tree, "I99999999999999999999")), rids[4]);
  EXPECT_EQ(must(rid_of_xref(reader, tree, "1")), rids[5]);
  EXPECT_EQ(rid_of_xref(reader, tree, "I5").error().code, Code::not_found);
  EXPECT_EQ(rid_of_xref(reader, tree, "").error().code, Code::not_found);
}

TEST_F(Records, DraftsThatContradictThemselvesAreRefused) {
  const auto tree = make_tree();
  auto writer = must(database->writer());
  const auto context = begin_set(writer, tree);
  const Rid rid = must(next_rid(writer, tree));
  const auto code = [&](auto change) {
    TestRecord record{rid, RecordId{database->ids().next()}, RecordKind::person, "x"};
    change(record);
    const auto result = create_record(writer, context, record.draft);
    return result ? std::nullopt : std::optional{result.error().code};
  };
  const Bytes over(kStructureBytesMax + 1);
  const MemberRow member{};
  EXPECT_EQ(code([](TestRecord& r) { r.draft.structure = {}; }), Code::invalid);
  EXPECT_EQ(code([&](TestRecord& r) { r.draft.structure = over; }), Code::too_large);
  EXPECT_EQ(code([](TestRecord& r) { r.draft.person = nullptr; }), Code::invalid);
  EXPECT_EQ(code([](TestRecord& r) { r.draft.kind = RecordKind::source; }), Code::invalid);
  EXPECT_EQ(code([](TestRecord& r) { r.draft.kind = RecordKind::source, r.draft.person = nullptr; }), Code::invalid);
  EXPECT_EQ(code([&](TestRecord& r) { r.draft.members = {&member, 1}; }), Code::invalid);
  EXPECT_EQ(code([&](TestRecord& r) { r.draft.rid = make_rid(tree, 1); }), Code::invalid);
  EXPECT_EQ(code([&](TestRecord& r) { r.draft.rid = make_rid(tree + 1, 0); }), Code::not_found);
  EXPECT_EQ(code([&](TestRecord& r) { r.draft.structure = ByteView{over}.first(kStructureBytesMax); }), std::nullopt);
}

TEST_F(Records, IdsAreUniqueAndIncrease) {
  const auto tree = make_tree();
  auto writer = must(database->writer());
  const auto context = begin_set(writer, tree);
  const RecordId first{database->ids().next()}, second{database->ids().next()};
  must(create_record(writer, context, TestRecord{must(next_rid(writer, tree)), second, RecordKind::note, "a"}.draft));
  EXPECT_EQ(
      create_record(writer, context, TestRecord{must(next_rid(writer, tree)), first, RecordKind::note, "b"}.draft).error().code,
      Code::invalid);
  must(writer.commit());
  auto later = must(database->writer());
  EXPECT_EQ(
      create_record(later, context, TestRecord{must(next_rid(later, tree)), second, RecordKind::note, "b"}.draft).error().code,
      Code::exists);
}

TEST_F(Records, ReplacingChecksVersionAndOldFields) {
  const auto tree = make_tree();
  const Rid rid = create(tree, "one");
  EXPECT_EQ(replace(rid, "two", 2).error().code, Code::conflict);
  EXPECT_EQ(must(replace(rid, "two", 1)).version, 2);
  EXPECT_EQ(must(replace(rid, "two")).changes, 0u);  // nothing differs
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    const auto id = must(id_of(writer, rid));
    const TestRecord record{rid, id, RecordKind::person, "three"};
    EXPECT_EQ(replace_record(writer, context, record.draft, TestRecord::fields_of("one")).error().code, Code::corrupt);
    const TestRecord note{rid, id, RecordKind::note, "three"};
    EXPECT_EQ(replace_record(writer, context, note.draft, TestRecord::fields_of("two")).error().code, Code::invalid);
    const TestRecord unknown{make_rid(tree, 5), id, RecordKind::person, "three"};
    EXPECT_EQ(replace_record(writer, context, unknown.draft, {}).error().code, Code::not_found);
  }
  auto reader = read();
  const auto record = must(find_record(reader, rid));
  EXPECT_EQ(record.version, 2);
  EXPECT_EQ(text_of(record.structure), "two");
  EXPECT_EQ(must(names_of(reader, rid)).at(0).full_text, "two");
}

TEST_F(Records, AChangeForEachFieldThatDiffers) {
  const auto tree = make_tree();
  const Rid rid = create(tree, "one");
  auto writer = must(database->writer());
  const auto context = begin_set(writer, tree);
  TestRecord record{rid, must(id_of(writer, rid)), RecordKind::person, "two"};
  record.draft.fields[1] = sha256(bytes_of("names"));
  record.draft.fields[15] = sha256(bytes_of("rest"));
  const auto done = must(replace_record(writer, context, record.draft, TestRecord::fields_of("one"), 1));
  EXPECT_EQ(done.changes, 3u);
  must(writer.commit());

  auto reader = read();
  const auto changes = must(changes_of_set(reader, context.change_set, 0, 100));
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].change.field, 1);
  EXPECT_EQ(changes[1].change.field, 8);
  EXPECT_EQ(changes[2].change.field, 15);
  EXPECT_TRUE(changes[0].has_before);
  EXPECT_FALSE(changes[1].has_before);
  EXPECT_EQ(changes[0].change.new_root, changes[1].change.old_root);
  EXPECT_EQ(changes[1].change.new_root, changes[2].change.old_root);
  EXPECT_EQ(changes[2].change.new_root, must(find_record(reader, rid)).root);
  EXPECT_THAT(faults(tree), IsEmpty());
}

TEST_F(Records, VersionsAreKeptAndOneChangeSetMakesOne) {
  const auto tree = make_tree();
  const Rid rid = create(tree, "v1");
  must(replace(rid, "v2"));
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    const auto id = must(id_of(writer, rid));
    EXPECT_EQ(must(replace_record(writer, context, TestRecord{rid, id, RecordKind::person, "between"}.draft,
                                  TestRecord::fields_of("v2")))
                  .version,
              3);
    EXPECT_EQ(must(replace_record(writer, context, TestRecord{rid, id, RecordKind::person, "v3"}.draft,
                                  TestRecord::fields_of("between")))
                  .version,
              3);
    must(writer.commit());
  }
  must(remove(rid, 3));
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    EXPECT_EQ(must(restore_record(writer, context, TestRecord{rid, must(id_of(writer, rid)), RecordKind::person, "v5"}.draft))
                  .version,
              5);
    must(writer.commit());
  }
  auto reader = read();
  const auto versions = must(versions_of(reader, rid));
  ASSERT_EQ(versions.size(), 5u);
  EXPECT_EQ(versions[0].kind, ledger::ChangeKind::create);
  EXPECT_EQ(versions[2].fields.size(), 2u);
  EXPECT_EQ(versions[3].kind, ledger::ChangeKind::remove);
  EXPECT_EQ(versions[4].kind, ledger::ChangeKind::restore);
  EXPECT_EQ(text_of(must(structure_at(reader, rid, 1))), "v1");
  EXPECT_EQ(text_of(must(structure_at(reader, rid, 2))), "v2");
  EXPECT_EQ(text_of(must(structure_at(reader, rid, 3))), "v3");
  EXPECT_EQ(text_of(must(structure_at(reader, rid, 4))), "");
  EXPECT_EQ(text_of(must(structure_at(reader, rid, 5))), "v5");
  EXPECT_EQ(structure_at(reader, rid, 0).error().code, Code::not_found);
  EXPECT_EQ(structure_at(reader, rid, 6).error().code, Code::not_found);
  EXPECT_THAT(faults(tree), IsEmpty());
}

TEST_F(Records, DeletingLeavesATombstoneThatCanPointOn) {
  const auto tree = make_tree();
  const Rid kept = create(tree, "kept"), gone = create(tree, "gone");
  EXPECT_EQ(remove(gone, 7).error().code, Code::conflict);
  must(remove(gone, 1, kept));
  EXPECT_EQ(remove(gone).error().code, Code::not_found);
  EXPECT_EQ(replace(gone, "again").error().code, Code::not_found);
  auto reader = read();
  const auto record = must(find_record(reader, gone));
  EXPECT_TRUE(record.deleted);
  EXPECT_TRUE(record.structure.empty());
  EXPECT_EQ(must(merged_into(reader, gone)), kept);
  EXPECT_EQ(must(merged_into(reader, kept)), std::nullopt);
  EXPECT_EQ(person_of(reader, gone).error().code, Code::not_found);
  EXPECT_THAT(must(names_of(reader, gone)), IsEmpty());
  EXPECT_EQ(must(count_records(reader, tree, RecordKind::person)), 1u);
  EXPECT_THAT(faults(tree), IsEmpty());
}

TEST_F(Records, DerivedFieldsAreLoggedWithoutANewVersion) {
  const auto tree = make_tree();
  const Rid rid = create(tree, "child");
  auto writer = must(database->writer());
  const auto context = begin_set(writer, tree);
  auto with_parents = TestRecord::fields_of("child");
  with_parents[5] = sha256(bytes_of("parents"));
  EXPECT_EQ(must(derive_fields(writer, context, rid, TestRecord::fields_of("child"), with_parents)).version, 1);
  EXPECT_EQ(must(derive_fields(writer, context, rid, with_parents, with_parents)).changes, 0u);
  EXPECT_EQ(derive_fields(writer, context, rid, TestRecord::fields_of("child"), with_parents).error().code, Code::corrupt);
  must(writer.commit());
  auto reader = read();
  EXPECT_EQ(must(versions_of(reader, rid)).size(), 1u);
  EXPECT_EQ(must(changes_of_record(reader, rid, 0, 10)).back().change.kind, ledger::ChangeKind::derived);
  EXPECT_THAT(faults(tree), IsEmpty());
}

TEST_F(Records, NothingOfAnUncommittedTransactionStays) {
  const auto tree = make_tree();
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    must(
        create_record(writer, context,
                      TestRecord{must(next_rid(writer, tree)), RecordId{database->ids().next()}, RecordKind::note, "x"}.draft));
  }
  auto reader = read();
  EXPECT_EQ(must(find_tree(reader, tree)).next_n, 0u);
  EXPECT_THAT(must(changes_of_tree(reader, tree, 0, 10)), IsEmpty());
}

TEST_F(Records, TheLogIsAppendOnlyAlsoForSql) {
  const auto tree = make_tree();
  create(tree, "x");
  auto writer = must(database->writer());
  EXPECT_EQ(writer.statement("UPDATE change SET canonical = :1 WHERE tree_no = :2", "bi").run(Bytes(156), tree).error().code,
            Code::denied);
  EXPECT_EQ(writer.statement("DELETE FROM change WHERE tree_no = :1", "i").run(tree).error().code, Code::denied);
  EXPECT_TRUE(
      writer.statement("UPDATE change SET before = NULL WHERE tree_no = :1", "i").run(tree).has_value());  // erasure may
}

// ---- Lists
// -------------------------------------------------------------------------------------------------------------------------

TEST_F(Records, PersonsAreListedByTheirFirstNamePageByPage) {
  const auto tree = make_tree();
  std::vector<std::string> expected;
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    for (int i = 0; i < 50; ++i) {
      TestRecord record{must(next_rid(writer, tree)), RecordId{database->ids().next()}, RecordKind::person, "p"};
      const std::string key = "key" + std::to_string(i * 7 % 10);  // repeated keys: the rid decides
      const NameRow names[] = {{.ord = 2, .full_text = key, .sort_key = key},
                               {.ord = 3, .full_text = "other", .sort_key = "a"}};
      if (i == 20)
        record.draft.names = {};  // without a name: last
      else
        record.draft.names = names;
      must(create_record(writer, context, record.draft));
      if (i != 20) expected.push_back(key);
    }
    must(writer.commit());
  }
  std::ranges::sort(expected);
  expected.push_back("");
  auto reader = read();
  std::vector<std::string> listed, skipped;
  std::optional<PersonCursor> cursor;
  for (;;) {
    const auto page = must(list_persons(reader, tree, cursor, 0, 7));
    for (const auto& entry : page) listed.push_back(entry.full_text);
    if (page.size() < 7) break;
    cursor = PersonCursor{page.back().sort_key, page.back().person.rid};
  }
  for (std::size_t offset = 0; offset < 50; offset += 10) {
    for (const auto& entry : must(list_persons(reader, tree, {}, offset, 10))) skipped.push_back(entry.full_text);
  }
  EXPECT_EQ(listed, expected);
  EXPECT_EQ(skipped, expected);
  EXPECT_EQ(list_persons(reader, tree, {}, 0, kPageMax + 1).error().code, Code::limit);
  EXPECT_EQ(must(list_persons(reader, tree, {}, 0, kPageMax)).size(), 50u);
  EXPECT_EQ(must(count_records(reader, tree, RecordKind::person)), 50u);
}

TEST_F(Records, FamiliesAndLinksAreFoundFromBothEnds) {
  const auto tree = make_tree();
  const Rid father = create(tree, "father"), child = create(tree, "child"), source = create(tree, "source", RecordKind::source);
  Rid family;
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    family = must(next_rid(writer, tree));
    TestRecord record{family, RecordId{database->ids().next()}, RecordKind::family, "family"};
    const MemberRow members[] = {
        {.role = MemberRole::husband, .person = father},
        {.role = MemberRole::child, .ord = 1, .person = child, .pedigree = Pedigree::adopted, .state = MemberState::excluded}};
    const LinkRow links[] = {{.ord = 1, .kind = LinkKind::citation, .target = source},
                             {.ord = 2, .kind = LinkKind::note, .target = source}};
    record.draft.members = members;
    record.draft.links = links;
    must(create_record(writer, context, record.draft));
    must(writer.commit());
  }
  {
    auto reader = read();
    const auto members = must(members_of(reader, family));
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(members[1].pedigree, Pedigree::adopted);
    EXPECT_EQ(members[1].state, MemberState::excluded);
    EXPECT_EQ(must(memberships_of(reader, child)).at(0).family, family);
    EXPECT_EQ(must(links_to(reader, source, {}, Rid{0}, 10)).size(), 2u);
    EXPECT_EQ(must(links_to(reader, source, LinkKind::citation, Rid{0}, 10)).at(0).rid, family);
    EXPECT_THAT(must(links_to(reader, source, LinkKind::citation, family, 10)), IsEmpty());
    EXPECT_EQ(must(count_links_to(reader, source, {})), 2u);
    EXPECT_EQ(must(count_links_to(reader, source, LinkKind::note)), 1u);
    std::vector<std::pair<Rid, std::uint64_t>> cited;
    must(for_each_link_target(reader, tree, LinkKind::citation, [&](Rid target, std::uint64_t count) { cited.emplace_back(target, count); }));
    EXPECT_EQ(cited, (std::vector<std::pair<Rid, std::uint64_t>>{{source, 1}}));
    EXPECT_EQ(must(list_records(reader, tree, RecordKind::family, Rid{0}, 10)).at(0).rid, family);
    EXPECT_EQ(must(list_records(reader, tree, RecordKind::person, father, 10)).at(0).rid, child);
    EXPECT_EQ(must(count_records(reader, tree, RecordKind::source)), 1u);
    const auto statistics = must(tree_statistics(reader, tree));
    EXPECT_EQ(statistics.records.size(), 3u);
    EXPECT_EQ(statistics.records[0].count, 2u);
    EXPECT_EQ(statistics.named_persons, 2u);
    EXPECT_EQ(statistics.living_persons, 2u);
  }
  auto writer = must(database->writer());
  const MemberRow one{.role = MemberRole::wife, .person = child};
  must(replace_members(writer, family, {&one, 1}));
  must(update_person_row(writer, father, {.living = false, .label = "new"}));
  EXPECT_EQ(update_person_row(writer, source, {}).error().code, Code::not_found);
  must(writer.commit());
  auto reader = read();
  EXPECT_EQ(must(members_of(reader, family)).size(), 1u);
  EXPECT_EQ(must(person_of(reader, father)).label, "new");
}

TEST_F(Records, ScansOfAKind) {
  const auto tree = make_tree("a"), other = make_tree("b");
  create(tree, "person");
  const auto first = create(tree, "first", RecordKind::source), gone = create(tree, "gone", RecordKind::source);
  const auto second = create(tree, "second", RecordKind::source);
  create(tree, "media", RecordKind::media);
  create(other, "other", RecordKind::source);
  must(remove(gone));
  auto reader = read();
  std::vector<Rid> rids;
  std::vector<std::string> texts;
  must(for_each_record_of(reader, tree, RecordKind::source, [&](const Record& record) -> Result<void> {
    rids.push_back(record.rid);
    texts.emplace_back(text_of(record.structure));
    return {};
  }));
  EXPECT_EQ(rids, (std::vector{first, second}));
  EXPECT_EQ(texts, (std::vector<std::string>{"first", "second"}));
  const auto stop = [](const Record&) -> Result<void> { return fail(Code::cancelled); };
  EXPECT_EQ(for_each_record_of(reader, tree, RecordKind::person, stop).error().code, Code::cancelled);
  EXPECT_TRUE(for_each_record_of(reader, tree, RecordKind::note, stop).has_value());
}

TEST_F(Records, EventsAreFoundByTheirPlace) {
  const auto tree = make_tree();
  {
    auto writer = must(database->writer());
    const auto context = begin_set(writer, tree);
    for (const auto place : {Pid{3}, Pid{4}, Pid{3}}) {
      TestRecord record{must(next_rid(writer, tree)), RecordId{database->ids().next()}, RecordKind::person, "p"};
      const EventRow event{.ord = 1, .kind = 1, .jdn_min = 900, .place = place};
      record.draft.events = {&event, 1};
      must(create_record(writer, context, record.draft));
    }
    must(writer.commit());
  }
  auto reader = read();
  const auto first = must(events_at(reader, Pid{3}, Rid{0}, 1));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(must(events_at(reader, Pid{3}, first[0].rid, 100)).size(), 1U);
  EXPECT_EQ(must(events_at(reader, Pid{4}, Rid{0}, 100)).size(), 1U);
}

/// A record of a person at these places; made, or written anew.
struct AtPlaces {
  AtPlaces(Rid rid, RecordId id, std::string text, const std::vector<Pid>& places) : record{rid, id, RecordKind::person, std::move(text)} {
    for (const auto place : places) events.push_back({.ord = static_cast<NodeNumber>(events.size() + 1), .kind = 1, .place = place});
    record.draft.events = events;
  }
  std::vector<EventRow> events;
  TestRecord record;
};

TEST_F(Records, PlacesGoWithTheLastRecordThatNamesThem) {
  const auto tree = make_tree(), other = make_tree("other");
  const RecordId id{database->ids().next()};
  const auto names = [&] {
    std::vector<std::string> found;
    auto reader = read();
    must(for_each_place(reader, tree, [&](const Place& place) { found.push_back(place.name); }));
    return found;
  };
  Rid rid{};
  Pid avondale{};
  {
    auto writer = must(database->writer());
    const PlaceLevel levels[] = {{"Zimbabwe", "zimbabwe"}, {"Harare", "harare"}, {"Avondale", "avondale"}};
    must(ensure_place(writer, other, levels));
    const Pid harare = must(ensure_place(writer, tree, std::span{levels}.first(2)));
    avondale = must(ensure_place(writer, tree, levels));
    const auto context = begin_set(writer, tree);
    rid = must(next_rid(writer, tree));
    must(create_record(writer, context, AtPlaces{rid, id, "one", {avondale, harare}}.record.draft));
    EXPECT_TRUE(must(remove_left_places(writer, tree)).empty());
    must(writer.commit());
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"Zimbabwe", "Harare", "Avondale"}));
  {
    auto writer = must(database->writer());
    const PlaceLevel harare[] = {{"Zimbabwe", "zimbabwe"}, {"Harare", "harare"}};
    const AtPlaces at{rid, id, "two", {must(ensure_place(writer, tree, harare))}};
    must(replace_record(writer, begin_set(writer, tree), at.record.draft, TestRecord::fields_of("one")));
    EXPECT_EQ(must(remove_left_places(writer, tree)), std::vector{avondale}) << "Harare is named still";
    must(writer.commit());
  }
  {
    auto writer = must(database->writer());
    const PlaceLevel mutare[] = {{"Mutare", "mutare"}};
    EXPECT_GT(must(ensure_place(writer, tree, mutare)), avondale) << "a number is not given again";
    must(delete_record(writer, begin_set(writer, tree), rid, ledger::FieldValues{}));
    EXPECT_EQ(must(remove_left_places(writer, tree)).size(), 2u) << "and what is around it";
    EXPECT_TRUE(must(remove_left_places(writer, tree)).empty());
    must(writer.commit());
  }
  EXPECT_EQ(names(), std::vector<std::string>{"Mutare"});
  auto writer = must(database->writer());
  EXPECT_EQ(must(remove_unused_places(writer, other)), 3u) << "those of another tree stay";
}

TEST_F(Records, ScansVisitEverythingOfTheirTreeOnly) {
  const auto tree = make_tree("a"), other = make_tree("b");
  create(tree, "one");
  create(other, "else");
  create(tree, "two");
  auto reader = read();
  int persons = 0, names = 0, members = 0, events = 0;
  must(for_each_person(reader, tree, [&](const Person&) { ++persons; }));
  must(for_each_name(reader, tree, [&](const Name&) { ++names; }));
  must(for_each_member(reader, tree, [&](const Member&) { ++members; }));
  must(for_each_event(reader, tree, [&](const Event&) { ++events; }));
  EXPECT_EQ(persons, 2);
  EXPECT_EQ(names, 2);
  EXPECT_EQ(members + events, 0);
  std::vector<std::string> texts;
  must(for_each_record(reader, tree, 1, [&](const Record& record) -> Result<void> {
    texts.emplace_back(text_of(record.structure));
    return {};
  }));
  EXPECT_THAT(texts, ElementsAre("two"));
  EXPECT_EQ(for_each_record(reader, tree, 0, [](const Record&) -> Result<void> { return fail(Code::cancelled); }).error().code,
            Code::cancelled);
}

// ---- Property
// ----------------------------------------------------------------------------------------------------------------------

RC_GTEST_FIXTURE_PROP(Records, AnyHistoryVerifies, ()) {
  const auto tree = make_tree("random");
  std::map<std::int64_t, std::string> living;  // rid → content
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const int action = *rc::gen::inRange(0, 10);
    const std::string text = "text " + std::to_string(i);
    if (action < 4 || living.empty()) {
      const auto kind = *rc::gen::element(RecordKind::person, RecordKind::note);
      living[create(tree, text, kind).value()] = text;
      continue;
    }
    const auto chosen = std::next(living.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(living)));
    if (action < 8) {
      must(replace(Rid{chosen->first}, text));
      chosen->second = text;
    } else if (action == 8) {
      must(remove(Rid{chosen->first}));
      living.erase(chosen);
    } else {
      seal_tree(tree);
    }
  }
  seal_tree(tree);
  RC_ASSERT(faults(tree).empty());
  auto reader = read();
  for (const auto& [rid, text] : living) RC_ASSERT(text_of(must(find_record(reader, Rid{rid})).structure) == text);
}

}  // namespace
}  // namespace tablinum::store
