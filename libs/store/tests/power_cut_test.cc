/// Edits and imports on a disk whose power is cut at any operation, again during the recovery: everything that was acknowledged is
/// there, and everything that is there agrees with the log. One seed decides everything (tools/replay SEED 'PowerCut.*').
#include <gmock/gmock.h>

#include <cstdlib>

#include "fixture.h"
#include "sim_vfs.h"
#include "tablinum/base/log.h"
#include "tablinum/store/staging.h"

namespace tablinum::store {
namespace {

constexpr std::uint64_t kCuts = 3;                  // of each seed
constexpr std::uint64_t kOperationsBeforeCut = 1'500;  // at most; opening a new archive takes some hundreds

/// What was said to be durable.
struct Acknowledged {
  std::int64_t tree_no = 0;
  std::uint64_t log_size = 0;
  std::map<std::int64_t, std::string> texts;  // by rid; "" is deleted
  std::vector<std::string> published;         // names of trees
};

/// Edits until an error.
class Editor {
 public:
  Editor(Database& database, SimVfs& vfs, Acknowledged& acknowledged) : database_{database}, vfs_{vfs}, said_{acknowledged} {}

  Result<void> run() {
    CHECK_OK(fill_alone());
    CHECK_OK(find_first_tree());
    for (;;) CHECK_OK(one_thing());
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return vfs_.world().draw(below); }

  /// An archive that is empty is filled with the journal beside it instead of the log.
  Result<void> fill_alone() {
    if (!said_.published.empty() || said_.tree_no != 0 || draw(2) == 0) return {};
    {
      TRY(reader, database_.reader());
      TRY(trees, list_trees(reader));
      if (!trees.empty()) return {};
    }
    return import_some("filled", true);
  }

  Result<void> find_first_tree() {
    if (said_.tree_no != 0) return {};
    TRY(writer, database_.writer());
    TRY(tree, create_tree(writer, {.name = "edited"}));
    CHECK_OK(writer.commit());
    said_.tree_no = tree.tree_no;
    return {};
  }

  Result<void> one_thing() {
    switch (draw(24)) {
      case 0: return import_some("imported " + std::to_string(said_.published.size()), false);
      case 1: return database_.seal_all();
      case 2: return database_.checkpoint(draw(2) == 0);
      default: return edit();
    }
  }

  Result<void> edit() {
    TRY(writer, database_.writer());
    const ChangeContext context{.change_set = ChangeSetId{database_.ids().next()}, .time = 1};
    CHECK_OK(add_change_set(writer, {.id = context.change_set, .tree_no = said_.tree_no, .kind = ChangeSetKind::edit}));
    TRY(tree, find_tree(writer, said_.tree_no));
    const Rid old_rid = make_rid(said_.tree_no, tree.next_n == 0 ? 0 : static_cast<std::uint32_t>(draw(tree.next_n)));
    const auto old = tree.next_n == 0 ? fail(Code::not_found) : find_record(writer, old_rid);
    std::string text = "text " + std::to_string(draw(1'000'000'000)) + std::string(draw(300), 'x');
    Written written;
    Rid rid = old_rid;
    if (old && !old->deleted && draw(3) != 0) {
      const bool remove = draw(7) == 0;
      if (remove) text.clear();
      const TestRecord record{rid, old->id, old->kind, text};
      auto done = remove ? delete_record(writer, context, rid, ledger::FieldValues{})
                         : replace_record(writer, context, record.draft, TestRecord::fields_of(text_of(old->structure)));
      if (!done) return std::unexpected(done.error());
      written = *done;
    } else {
      TRY(fresh, next_rid(writer, said_.tree_no));
      rid = fresh;
      const TestRecord record{rid, RecordId{database_.ids().next()}, RecordKind::person, text};
      TRY(created, create_record(writer, context, record.draft));
      written = created;
    }
    CHECK_OK(writer.commit());
    said_.log_size = written.log_size;
    said_.texts[rid.value()] = text;
    return {};
  }

  Result<void> import_some(const std::string& name, bool alone) {
    const ImportStart start{.id = JobId{database_.ids().next()},
                            .bytes_total = draw(2) != 0 ? 1 : kSingleTransactionBytes + 1,
                            .tree_name = name,
                            .alone = alone};
    TRY(import, Import::begin(database_, start));
    for (std::uint32_t n = 0; n < 40; ++n) {
      CHECK_OK(import->add(TestRecord{import->rid(n), RecordId{database_.ids().next()}, RecordKind::person, "i"}.draft));
      if (n % 20 == 0) CHECK_OK(import->flush());
    }
    if (!alone && draw(4) == 0) return import->drop("changed my mind");
    CHECK_OK(import->publish());
    said_.published.push_back(name);
    return {};
  }

  Database& database_;
  SimVfs& vfs_;
  Acknowledged& said_;
};

void expect_all_there(Database& database, const Acknowledged& said) {
  auto reader = must(database.reader());
  std::vector<std::string> names;
  for (const auto& tree : must(list_trees(reader))) {
    names.push_back(tree.name);
    EXPECT_THAT(all_faults(reader, tree.tree_no), testing::IsEmpty());
  }
  EXPECT_THAT(said.published, testing::Each(testing::AnyOfArray(names)));
  if (said.tree_no == 0) return;
  const auto tree = must(find_tree(reader, said.tree_no));
  EXPECT_GE(tree.log_size, said.log_size);
  // One more may have been committed whose acknowledgement the power cut took.
  std::size_t others = 0;
  for (const auto& [rid, text] : said.texts) {
    const auto record = must(find_record(reader, Rid{rid}));
    others += record.deleted != text.empty() || (!record.deleted && text_of(record.structure) != text);
  }
  EXPECT_LE(others, tree.log_size - said.log_size);
}

/// What is there now is what counts from here on.
void take_over(Database& database, Acknowledged& said) {
  auto reader = must(database.reader());
  if (said.tree_no == 0) return;
  said.log_size = must(find_tree(reader, said.tree_no)).log_size;
  for (auto& [rid, text] : said.texts) {
    const auto record = must(find_record(reader, Rid{rid}));
    text = record.deleted ? "" : std::string{text_of(record.structure)};
  }
}

struct Totals {
  std::size_t edits = 0, published = 0;
  std::uint64_t torn = 0, dropped = 0;
};

void run_seed(std::uint64_t seed, Totals& totals) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const TemporaryFolder folder;
  SimVfs vfs{seed};
  Acknowledged said;
  const DatabaseOptions options{.folder = folder.path("data"), .background = false};
  for (std::uint64_t cut = 0; cut < kCuts; ++cut) {
    vfs.cut_power_at(1 + vfs.world().draw(kOperationsBeforeCut));
    if (auto database = Database::open(options)) {
      const auto ended = Editor{**database, vfs, said}.run();
      ASSERT_FALSE(vfs.powered()) << describe(ended.error());
    } else {
      ASSERT_FALSE(vfs.powered()) << describe(database.error());
    }
    vfs.restart();
    auto database = must(Database::open(options));
    expect_all_there(*database, said);
    if (testing::Test::HasFailure()) return;
    take_over(*database, said);
  }
  totals.edits += said.texts.size();
  totals.published += said.published.size();
  totals.torn += vfs.world().counters().sectors_torn;
  totals.dropped += vfs.world().counters().sectors_dropped;
}

TEST(PowerCut, AtAnyOperationNothingAcknowledgedIsLost) {
  const bool thorough = std::getenv("TABLINUM_LONG_TESTS") != nullptr;
  log::configure(log::Level::error, log::Format::json);  // each cut leaves warnings
  Totals totals;
  for (const std::uint64_t seed : io::simulation_seeds(thorough ? 10'000 : 200)) {
    run_seed(seed, totals);
    if (HasFailure()) return;
  }
  EXPECT_GE(totals.edits, 1u);
  EXPECT_GE(totals.torn + totals.dropped, 1u);
}

}  // namespace
}  // namespace tablinum::store
