// Change sets on the real store: what they write, what follows, and that taking them back gives the same bytes.
#include "tablinum/archive/edit.h"

#include <rapidcheck.h>

#include "derived_fixture.h"
#include "tablinum/tree/kinship/walk.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace edit = tree::edit;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EditTest : public DerivedTest {
 protected:
  TreeId tree() { return trees().front().id; }
  std::int64_t tree_no() { return trees().front().tree_no; }
  RecordId id_of(std::string_view xref) {
    auto reader = must(archive_->database().reader());
    return must(store::id_of(reader, must(store::rid_of_xref(reader, tree_no(), xref))));
  }
  store::Record record(const RecordId& id) {
    auto reader = must(archive_->database().reader());
    return must(store::find_record(reader, id));
  }
  /// xref, version and bytes of every record that is not deleted.
  std::map<std::string, Bytes> records() {
    std::map<std::string, Bytes> all;
    auto reader = must(archive_->database().reader());
    must(store::for_each_record(reader, tree_no(), 0, [&](const store::Record& one) -> Result<void> {
      all.emplace(to_string(one.id.value()) + ' ' + one.xref, one.structure);
      return {};
    }));
    return all;
  }
  Result<ChangeResult> try_apply(std::vector<Operation> operations, bool dry_run = false) {
    ChangeRequest request;
    request.reason = "test";
    request.operations = std::move(operations);
    request.dry_run = dry_run;
    return apply_changes(*archive_, tree(), request, problem_);
  }
  ChangeResult apply(std::vector<Operation> operations) { return must(try_apply(std::move(operations))); }
  Result<ChangeResult> try_undo(const store::ChangeSetId& id) { return undo_changes(*archive_, id, {}, problem_); }

  /// Everything that follows from the records is what a program that derives it anew would write, in rows, in memory and in the log.
  void expect_consistent(const char* when = "") {
    SCOPED_TRACE(when);
    const auto rows = derived();
    const auto generation = trees().front().generation;
    const auto graph = must(archive_->graph(tree_no()));
    EXPECT_EQ(graph->tree.generation, generation);
    const auto patched = memory_words();
    change({"DELETE FROM setting WHERE name LIKE 'derived/%'"});
    must(rebuild_derived(*archive_));
    const auto again = derived();
    std::vector<std::string> gone, fresh;
    std::ranges::set_difference(rows, again, std::back_inserter(gone));
    std::ranges::set_difference(again, rows, std::back_inserter(fresh));
    EXPECT_THAT(gone, IsEmpty());
    EXPECT_THAT(fresh, IsEmpty());
    EXPECT_EQ(memory_words(), patched) << "what was patched is what is read";
    EXPECT_TRUE(index_agrees());
    expect_whole();
  }
  /// The graph and the index in memory, as text.
  std::vector<std::string> memory_words() {
    std::vector<std::string> words;
    const auto tree_graph = must(archive_->graph(tree_no()));
    const auto& graph = tree_graph->graph;
    const auto count = std::max<std::size_t>(graph.node_count(), tree_graph->living.size());
    for (std::uint32_t n = 0; n < count; ++n) {
      if (!graph.is_person(n)) continue;
      std::string line = std::to_string(n) + (tree_graph->living[n] ? " living " : " ") + std::to_string(static_cast<int>(graph.sex(n)));
      line += " of " + std::to_string(graph.father(n)) + ',' + std::to_string(graph.mother(n));
      for (const auto& further : graph.further_parents(n)) line += " further " + std::to_string(further.family);
      for (const auto family : graph.families(n)) {
        line += " in " + std::to_string(family);
        for (const auto child : graph.children(family)) line += ' ' + std::to_string(child);
      }
      words.push_back(std::move(line));
    }
    for (const char* question : {"moyo", "type:person", "type:family", "type:source", "harare", "ncube", "born:1800..2000", "living:yes"}) {
      auto found = find(question);
      std::ranges::sort(found);
      for (const auto& hit : found) words.push_back(std::string{question} + ": " + hit);
    }
    return words;
  }

  ChangeProblem problem_;
};

Operation on(OperationKind kind, const RecordId& record, std::uint16_t number = 0) {
  Operation operation;
  operation.kind = kind;
  operation.record = record;
  operation.number = number;
  return operation;
}
Operation make(std::uint32_t n, model::RecordKind kind) {
  auto operation = on(OperationKind::create, created_id(n));
  operation.record_kind = kind;
  return operation;
}
Operation link(const RecordId& family, const RecordId& person, bool child) {
  auto operation = on(OperationKind::link, family);
  operation.other = person;
  operation.child = child;
  return operation;
}
Operation unlink(const RecordId& family, const RecordId& person, bool child) {
  auto operation = link(family, person, child);
  operation.kind = OperationKind::unlink;
  return operation;
}
Operation fact(const RecordId& record, std::string type, std::string date, std::string place = {}) {
  auto operation = on(OperationKind::add_fact, record);
  operation.fact.type = std::move(type);
  operation.fact.date = std::move(date);
  if (!place.empty()) operation.fact.place = std::move(place);
  return operation;
}
edit::Name name(std::string given, std::string surname) {
  edit::Name one;
  one.given = std::move(given), one.surname = std::move(surname);
  return one;
}

TEST_F(EditTest, OneNameMoreAndBack) {
  import_text(family());
  const auto before = records();
  auto operation = on(OperationKind::add_name, id_of("I1"));
  operation.name = name("Tafadzwa", "Shumba");
  (void)find("moyo");  // the index is in memory and is patched
  const auto done = apply({operation});
  ASSERT_THAT(done.records, SizeIs(1));
  EXPECT_EQ(done.records.front().version, 2);
  EXPECT_EQ(done.changes, 1u) << "one field: names";
  EXPECT_THAT(find("shumba"), ElementsAre("person Tendai Moyo · Tafadzwa Shumba"));
  const auto set = [&] {
    auto reader = must(archive_->database().reader());
    return must(store::find_change_set(reader, done.change_set));
  }();
  EXPECT_EQ(set.summary, "test");
  const auto undone = must(try_undo(done.change_set));
  EXPECT_EQ(records(), before);
  EXPECT_EQ(undone.records.front().version, 3);
  EXPECT_THAT(find("shumba"), IsEmpty());
  // And the undo can be undone.
  must(try_undo(undone.change_set));
  EXPECT_THAT(find("shumba"), ElementsAre("person Tendai Moyo · Tafadzwa Shumba"));
  expect_consistent();
}

TEST_F(EditTest, AFamilyIsMadeAtOnce) {
  import_text(family());
  const auto before = records();
  auto child = make(0, model::RecordKind::person);
  child.names = {{std::nullopt, name("Chipo", "Moyo")}};
  child.sex = std::optional{'F'};
  edit::Fact birth;
  birth.type = "BIRT", birth.date = "1880", birth.place = "Gweru, Zimbabwe";
  birth.citations.push_back({.source = created_id(1), .described = {}, .page = "12", .text = {}, .quality = 3});
  child.facts = {{std::nullopt, birth}};
  auto source = make(1, model::RecordKind::source);
  source.texts = {{.name = "title", .text = "Census 1911"}};
  const auto done = apply({child, source, link(id_of("F1"), created_id(0), true), fact(id_of("I2"), "DEAT", "1910")});
  ASSERT_THAT(done.created, SizeIs(2));
  EXPECT_TRUE(created_number(created_id(7)) == 7u && !created_number(done.created[0]));
  const auto graph = must(archive_->graph(tree_no()));
  auto reader = std::optional{must(archive_->database().reader())};
  const auto n = n_of(must(store::rid_of(*reader, done.created[0])));
  EXPECT_EQ(graph->graph.father(n), n_of(must(store::rid_of(*reader, id_of("I1")))));
  EXPECT_FALSE(graph->living[n]) << "her mother died in 1910";
  reader.reset();
  EXPECT_THAT(find("census"), ElementsAre("source Census 1911"));
  EXPECT_THAT(find("type:place gweru"), ElementsAre("place Gweru"));
  EXPECT_EQ(must(verify_round_trip(*archive_, tree_no())), true);
  expect_consistent("made");
  must(try_undo(done.change_set));
  EXPECT_EQ(records(), before);
  expect_consistent("undone");
}

TEST_F(EditTest, NobodyIsAnOwnAncestor) {
  import_text(family());
  const auto before = records();
  auto more = make(0, model::RecordKind::family);
  const auto refused = try_apply({more, link(created_id(0), id_of("I3"), false), link(created_id(0), id_of("I1"), true)});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(problem_.kind, ChangeProblem::Kind::cycle);
  ASSERT_THAT(problem_.path, SizeIs(2));
  EXPECT_THAT(problem_.path, ::testing::UnorderedElementsAre(id_of("I1"), id_of("I3")));
  EXPECT_EQ(records(), before);
  EXPECT_EQ(trees().front().next_n, before.size()) << "nothing was made";
  expect_consistent();
}

TEST_F(EditTest, AStaleVersionIsRefused) {
  import_text(family());
  auto operation = fact(id_of("I1"), "RESI", "1890");
  operation.version = 1;
  apply({operation});
  const auto refused = try_apply({operation});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(problem_.kind, ChangeProblem::Kind::version);
  EXPECT_EQ(problem_.record, id_of("I1"));
  EXPECT_EQ(problem_.operation, 0u);
}

TEST_F(EditTest, ADryRunLeavesNothing) {
  import_text(family());
  const auto before = derived();
  const auto tree = trees().front();
  const auto tried = must(try_apply({make(0, model::RecordKind::person), fact(id_of("I1"), "RESI", "1890", "Nowhere yet")}, true));
  EXPECT_THAT(tried.records, SizeIs(2));
  EXPECT_EQ(derived(), before);
  EXPECT_EQ(trees().front().generation, tree.generation);
  EXPECT_EQ(trees().front().log_size, tree.log_size);
  apply({fact(id_of("I1"), "RESI", "1890", "Nowhere yet")});
  expect_consistent();
}

TEST_F(EditTest, ManyOperationsAreAllOrNothing) {
  import_text(family());
  const auto before = records();
  std::vector<Operation> operations;
  for (int i = 0; i < 40; ++i) operations.push_back(fact(id_of("I1"), "RESI", std::to_string(1850 + i)));
  operations.push_back(on(OperationKind::remove, id_of("I1"), 999));
  const auto refused = try_apply(operations);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_EQ(problem_.operation, 40u);
  EXPECT_EQ(records(), before);
  operations.resize(40);
  EXPECT_EQ(apply(operations).records.front().version, 2) << "one change set, one version";
  EXPECT_EQ(try_apply(std::vector<Operation>(kOperationsMax + 1, operations.front())).error().code, Code::limit);
}

TEST_F(EditTest, DeletingTakesFamilyTiesAndNothingElse) {
  import_text(family());
  const auto before = records();
  const auto source = try_apply({on(OperationKind::remove_record, id_of("S1"))});
  EXPECT_EQ(source.error().code, Code::conflict);
  EXPECT_EQ(problem_.kind, ChangeProblem::Kind::in_use);
  EXPECT_THAT(problem_.path, ElementsAre(id_of("I1")));
  const auto father = id_of("I1");
  const auto gone = apply({on(OperationKind::remove_record, father)});
  EXPECT_TRUE(record(father).deleted);
  EXPECT_THAT(find("tindo"), IsEmpty());
  EXPECT_EQ(try_apply({fact(father, "RESI", "1890")}).error().code, Code::not_found);
  expect_consistent("deleted");
  must(try_undo(gone.change_set));
  EXPECT_EQ(records(), before);
  EXPECT_THAT(find("tindo"), ElementsAre("person Tendai Moyo"));
  expect_consistent("undone");
  auto everywhere = on(OperationKind::remove_record, id_of("S1"));
  everywhere.everywhere = true;
  const auto set = apply({everywhere});
  EXPECT_THAT(set.records, SizeIs(2)) << "the source and who cited it";
  must(try_undo(set.change_set));
  EXPECT_EQ(records(), before);
}

TEST_F(EditTest, UndoKeepsWhatOthersDidSince) {
  import_text(family());
  const auto first = apply({fact(id_of("I1"), "RESI", "1890")});
  auto other = on(OperationKind::patch, id_of("I1"));
  other.sex = std::optional<char>{};
  apply({other});
  const auto undone = must(try_undo(first.change_set));
  EXPECT_EQ(undone.records.front().version, 4);
  EXPECT_EQ(undone.changes, 1u) << "only what the first one touched";
  // Both touched the same: a person has to decide.
  const auto one = apply({fact(id_of("I1"), "RESI", "1891")});
  apply({fact(id_of("I1"), "RESI", "1892")});
  const auto refused = try_undo(one.change_set);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_EQ(problem_.kind, ChangeProblem::Kind::later_changes);
  EXPECT_THAT(problem_.fields, ElementsAre(model::Field::residence));
  // A person whom others refer to by now cannot be unmade.
  const auto made = apply({make(0, model::RecordKind::person)});
  const auto linked = apply({link(id_of("F2"), made.created[0], false)});
  EXPECT_EQ(try_undo(made.change_set).error().code, Code::conflict);
  must(try_undo(linked.change_set));
  must(try_undo(made.change_set));
  expect_consistent();
}

TEST_F(EditTest, ARecordGoesBackToAnyVersion) {
  import_text(family());
  const auto person = id_of("I1");
  const auto first = record(person).structure;
  apply({fact(person, "RESI", "1890")});
  const auto second = record(person).structure;
  apply({fact(person, "RESI", "1891")});
  EXPECT_EQ(must(revert_record(*archive_, person, 1, 3, {}, problem_)).records.front().version, 4);
  EXPECT_EQ(record(person).structure, first);
  must(revert_record(*archive_, person, 2, {}, {}, problem_));
  EXPECT_EQ(record(person).structure, second);
  EXPECT_EQ(revert_record(*archive_, person, 1, 2, {}, problem_).error().code, Code::conflict);
  EXPECT_EQ(revert_record(*archive_, person, 17, {}, {}, problem_).error().code, Code::not_found);
  // A number that a later version had is not given to another part.
  apply({fact(person, "RESI", "1900")});
  const auto now = must(tree::decode(record(person).structure));
  EXPECT_GT(edit::highest_number(now), edit::highest_number(must(tree::decode(second))) + 1);
  apply({on(OperationKind::remove_record, person)});
  EXPECT_EQ(must(revert_record(*archive_, person, 1, {}, {}, problem_)).records.front().created, true);
  expect_consistent();
}

TEST_F(EditTest, WhatIsAskedTwiceIsDoneOnce) {
  import_text(family());
  ChangeRequest request;
  request.operations = {make(0, model::RecordKind::person), fact(id_of("I1"), "RESI", "1890")};
  request.key = "a key", request.asked = sha256(bytes_of("body"));
  const auto first = must(apply_changes(*archive_, tree(), request, problem_));
  const auto size = trees().front().log_size;
  open();  // and it is remembered
  const auto again = must(apply_changes(*archive_, tree(), request, problem_));
  EXPECT_EQ(again.change_set, first.change_set);
  EXPECT_EQ(again.created, first.created);
  EXPECT_EQ(again.records.size(), first.records.size());
  EXPECT_EQ(trees().front().log_size, size);
  request.asked = sha256(bytes_of("another"));
  EXPECT_EQ(apply_changes(*archive_, tree(), request, problem_).error().code, Code::conflict);
  EXPECT_EQ(problem_.kind, ChangeProblem::Kind::key_reused);
  request.key = "another";
  must(apply_changes(*archive_, tree(), request, problem_));
  EXPECT_GT(trees().front().log_size, size);
  request.key = std::string(kKeyBytesMax + 1, 'k');
  EXPECT_EQ(apply_changes(*archive_, tree(), request, problem_).error().code, Code::too_large);
}

TEST_F(EditTest, LivingFollowsTheFamily) {
  import_text(gedcom("0 @I1@ INDI\n1 NAME A /B/\n1 FAMS @F1@\n0 @I2@ INDI\n1 NAME C /B/\n1 FAMC @F1@\n1 FAMS @F2@\n0 @I3@ INDI\n"
                     "1 NAME D /B/\n1 FAMC @F2@\n0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I2@\n0 @F2@ FAM\n1 HUSB @I2@\n1 CHIL @I3@\n"));
  const auto living = [&](const char* xref) {
    auto reader = must(archive_->database().reader());
    return must(store::person_of(reader, must(store::rid_of_xref(reader, tree_no(), xref)))).living;
  };
  EXPECT_TRUE(living("I1") && living("I2") && living("I3"));
  apply({fact(id_of("I3"), "BIRT", "1850")});
  EXPECT_FALSE(living("I1") || living("I2") || living("I3")) << "whoever had a child then is dead";
  auto word = on(OperationKind::patch, id_of("I3"));
  word.living = std::optional{true};
  apply({word});
  EXPECT_TRUE(living("I3"));
  expect_consistent("the user's word");
  apply({unlink(id_of("F2"), id_of("I3"), true)});
  EXPECT_TRUE(living("I1") && living("I2")) << "nothing bounds them any more";
  expect_consistent("unlinked");
}

TEST_F(EditTest, AnEmptyTreeIsFilled) {
  {
    auto writer = must(archive_->database().writer());
    must(store::create_tree(writer, {.name = "new"}));
    must(writer.commit());
  }
  auto person = make(0, model::RecordKind::person);
  person.names = {{std::nullopt, name("Rudo", "Mutasa")}};
  apply({person, make(1, model::RecordKind::family), link(created_id(1), created_id(0), false)});
  EXPECT_THAT(find("mutasa"), ElementsAre("person Rudo Mutasa"));
  expect_consistent();
}

// ---------------------------------------------------------------- the law

/// A random change set on a family that changes itself; some of them are refused, which must leave nothing.
std::vector<Operation> random_operations(const std::vector<RecordId>& people, const std::vector<RecordId>& families) {
  std::vector<Operation> operations;
  std::uint32_t made = 0;
  const auto person = [&] { return *rc::gen::elementOf(people); };
  const auto family = [&] { return *rc::gen::elementOf(families); };
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    switch (*rc::gen::inRange(0, 9)) {
      case 0: {
        auto one = make(made++, model::RecordKind::person);
        one.names = {{std::nullopt, name("New", "Moyo")}};
        operations.push_back(one);
        operations.push_back(link(family(), one.record, *rc::gen::arbitrary<bool>()));
        break;
      }
      case 1: {
        const auto place = *rc::gen::element<std::string>("", "Harare", "Kwekwe");
        operations.push_back(fact(person(), *rc::gen::element<std::string>("BIRT", "DEAT", "RESI", "BURI"),
                                  std::to_string(*rc::gen::inRange(1800, 2020)), place));
        break;
      }
      case 2: operations.push_back(link(family(), person(), *rc::gen::arbitrary<bool>())); break;
      case 3: operations.push_back(unlink(family(), person(), *rc::gen::arbitrary<bool>())); break;
      case 4: {
        auto one = on(OperationKind::remove_record, *rc::gen::arbitrary<bool>() ? person() : family());
        one.everywhere = *rc::gen::arbitrary<bool>();
        operations.push_back(one);
        break;
      }
      case 5: {
        auto one = on(OperationKind::patch, person());
        one.sex = *rc::gen::element<std::optional<char>>('M', 'F', std::nullopt);
        operations.push_back(one);
        break;
      }
      case 6: operations.push_back(fact(family(), "MARR", std::to_string(*rc::gen::inRange(1800, 2020)))); break;
      case 7: {
        auto one = on(OperationKind::patch, person());
        one.names = {{std::nullopt, name("Renamed", "Ncube")}};
        operations.push_back(one);
        break;
      }
      default: {
        auto one = on(OperationKind::add_note, person());
        one.note.text = "a note";
        operations.push_back(one);
      }
    }
  }
  return operations;
}

TEST_F(EditTest, RandomChangeSetsUndoneGiveTheSameBytes) {
  import_text(family());
  const bool passed = rc::check("apply, apply, …, undo, undo give the bytes of the beginning", [&] {
    const auto before = records();
    std::vector<RecordId> people, families;
    {
      auto reader = must(archive_->database().reader());
      for (const auto kind : {store::RecordKind::person, store::RecordKind::family})
        for (const auto& head : must(store::list_records(reader, tree_no(), kind, Rid{}, store::kPageMax)))
          (kind == store::RecordKind::person ? people : families).push_back(head.id);
    }
    (void)find("moyo");
    std::vector<store::ChangeSetId> done;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      const auto held = records();
      const auto result = try_apply(random_operations(people, families));
      if (!result) {
        RC_ASSERT(result.error().code == Code::conflict || result.error().code == Code::not_found || result.error().code == Code::invalid);
        RC_ASSERT(records() == held);
      } else if (!result->records.empty()) {
        done.push_back(result->change_set);
      }
    }
    if (*rc::gen::inRange(0, 4) == 0) expect_consistent("applied");
    for (auto set = done.rbegin(); set != done.rend(); ++set) {
      const auto undone = try_undo(*set);
      if (!undone) RC_FAIL(describe(undone.error()));
    }
    RC_ASSERT(records() == before);
  });
  EXPECT_TRUE(passed);
  expect_consistent("at the end");
}

}  // namespace
}  // namespace tablinum::archive
