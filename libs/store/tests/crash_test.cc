/// A child process edits and acknowledges each commit over a pipe; the parent kills it at any moment and looks whether
/// everything that was acknowledged is there and everything that is there agrees with the log.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "tablinum/store/staging.h"

namespace tablinum::store {
namespace {

constexpr int kKills = 100;
/// The moment: after so many acknowledgements at most, and then so long at most. By time alone a slow machine would never get
/// far.
constexpr std::uint64_t kAcknowledgementsMax = 25;
constexpr std::uint64_t kPauseMicrosecondsMax = 8'000;

/// What the child has been told is durable: so many changes of this tree.
struct Acknowledged {
  std::int64_t tree_no = 0;
  std::uint64_t log_size = 0;
  std::int64_t rid = 0;
  std::uint64_t text = 0;
};

/// Edits for ever: creates, replaces and deletes, with imports in between, seals running in the background.
class Editor {
 public:
  Editor(const std::string& folder, int acknowledge_to, std::uint64_t seed)
      : database_{must(Database::open({.folder = folder, .seal_after = Duration::milliseconds(5)}))},
        to_{acknowledge_to},
        state_{seed} {}

  [[noreturn]] void run() {
    const std::int64_t tree_no = first_tree();
    for (;;) {
      if (next() % 32 == 0)
        import_some();
      else
        edit(tree_no);
    }
  }

 private:
  std::uint64_t next() { return state_ = state_ * 6364136223846793005u + 1442695040888963407u, state_ >> 33; }

  std::int64_t first_tree() {
    auto writer = must(database_->writer());
    const auto trees = must(list_trees(writer));
    if (!trees.empty()) return trees.front().tree_no;
    const auto tree = must(create_tree(writer, {.name = "edited"}));
    must(writer.commit());
    return tree.tree_no;
  }

  void edit(std::int64_t tree_no) {
    auto writer = must(database_->writer());
    const auto tree = must(find_tree(writer, tree_no));
    const ChangeContext context{.change_set = ChangeSetId{database_->ids().next()}, .time = 1};
    must(add_change_set(writer, {.id = context.change_set, .tree_no = tree_no, .kind = ChangeSetKind::edit}));
    const std::uint64_t text = next();
    const Rid old_rid = make_rid(tree_no, tree.next_n == 0 ? 0 : static_cast<std::uint32_t>(next() % tree.next_n));
    const auto old = tree.next_n == 0 ? fail(Code::not_found) : find_record(writer, old_rid);
    Written written;
    Rid rid = old_rid;
    if (old && !old->deleted && text % 3 != 0) {
      const TestRecord record{rid, old->id, old->kind, std::to_string(text)};
      written =
          must(text % 7 == 0 ? delete_record(writer, context, rid, ledger::FieldValues{})
                             : replace_record(writer, context, record.draft, TestRecord::fields_of(text_of(old->structure))));
    } else {
      rid = must(next_rid(writer, tree_no));
      const TestRecord record{rid, RecordId{database_->ids().next()}, RecordKind::person, std::to_string(text)};
      written = must(create_record(writer, context, record.draft));
    }
    must(writer.commit());
    const Acknowledged done{tree_no, written.log_size, rid.value(), text};
    if (::write(to_, &done, sizeof done) != sizeof done) _exit(1);
  }

  void import_some() {
    auto import = must(Import::begin(*database_, {.id = JobId{database_->ids().next()},
                                                  .bytes_total = next() % 2 ? 1 : kSingleTransactionBytes + 1,
                                                  .tree_name = "imported"}));
    for (std::uint32_t n = 0; n < 50; ++n) {
      must(import->add(TestRecord{import->rid(n), RecordId{database_->ids().next()}, RecordKind::person, "i"}.draft));
      if (n % 20 == 0) must(import->flush());
    }
    must(next() % 2 ? import->publish() : import->drop("changed my mind"));
  }

  std::unique_ptr<Database> database_;
  int to_;
  std::uint64_t state_;
};

pid_t start_editor(const std::string& folder, int pipe_to, std::uint64_t seed) {
  const pid_t child = fork();
  if (child != 0) return child;
  Editor{folder, pipe_to, seed}.run();
}

/// Reads acknowledgements until there are `count`, or the pipe ends; one that was cut was not sent.
void read_acknowledgements(int from, std::size_t count, std::vector<Acknowledged>& all) {
  Acknowledged one;
  std::size_t have = 0;
  while (all.size() < count) {
    const ssize_t got = ::read(from, reinterpret_cast<char*>(&one) + have, sizeof one - have);
    if (got <= 0) return;
    have += static_cast<std::size_t>(got);
    if (have < sizeof one) continue;
    all.push_back(one);
    have = 0;
  }
}

/// The last word about each record is what must be there; later edits may have been committed without their acknowledgement
/// being sent.
void expect_all_there(Session& session, const std::vector<Acknowledged>& acknowledged) {
  if (acknowledged.empty()) return;
  const Acknowledged& last = acknowledged.back();
  ASSERT_GE(must(find_tree(session, last.tree_no)).log_size, last.log_size);
  for (const auto& one : acknowledged) {
    const auto change = must(changes_of_tree(session, one.tree_no, one.log_size - 1, 1));
    ASSERT_EQ(change.size(), 1u);
    EXPECT_EQ(change[0].rid, Rid{one.rid});
  }
  const auto record = must(find_record(session, Rid{last.rid}));
  const auto versions = must(versions_of(session, Rid{last.rid}));
  EXPECT_EQ(static_cast<std::int64_t>(versions.size()), record.version);
  if (must(find_tree(session, last.tree_no)).log_size == last.log_size) {
    EXPECT_EQ(text_of(record.structure), last.text % 7 == 0 && record.deleted ? "" : std::to_string(last.text));
  }
}

TEST(Crash, KilledAtAnyMomentNothingAcknowledgedIsLost) {
  const TemporaryFolder folder;
  std::uint64_t random = 88172645463325252u, acknowledged_in_all = 0;
  for (int kill_no = 0; kill_no < kKills; ++kill_no) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    const pid_t child = start_editor(folder.path("data"), ends[1], random);
    ASSERT_GT(child, 0);
    close(ends[1]);
    std::vector<Acknowledged> acknowledged;
    read_acknowledgements(ends[0], random % (kAcknowledgementsMax + 1), acknowledged);
    usleep(static_cast<useconds_t>((random >> 32) % (kPauseMicrosecondsMax + 1)));
    kill(child, SIGKILL);
    read_acknowledgements(ends[0], SIZE_MAX, acknowledged);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    acknowledged_in_all += acknowledged.size();

    auto database = must(Database::open({.folder = folder.path("data"), .background = false}));
    auto reader = must(database->reader());
    expect_all_there(reader, acknowledged);
    for (const auto& tree : must(list_trees(reader))) {
      ASSERT_THAT(all_faults(reader, tree.tree_no), testing::IsEmpty()) << "after kill " << kill_no;
    }
  }
  EXPECT_GT(acknowledged_in_all, static_cast<std::uint64_t>(kKills));
}

/// More than the cache holds, so that pages have been written to the database's file before the end.
constexpr std::uint32_t kLargeRecords = 160;
constexpr std::size_t kLargeRecordBytes = 1 << 20;

/// Fills an archive directly, and kills itself before the import is published or just after.
[[noreturn]] void fill_and_die(const std::string& folder, bool publish) {
  auto database = must(Database::open({.folder = folder}));
  auto import = must(Import::begin(*database, {.id = JobId{database->ids().next()}, .tree_name = "filled", .alone = true}));
  const std::string text(kLargeRecordBytes, 'x');
  for (std::uint32_t n = 0; n < kLargeRecords; ++n)
    must(import->add(TestRecord{import->rid(n), RecordId{database->ids().next()}, RecordKind::note, text}.draft));
  if (publish) must(import->publish());
  raise(SIGKILL);
  std::abort();
}

TEST(Crash, AFillingIsThereAsAWholeOrNotAtAll) {
  for (const bool publish : {false, true}) {
    const TemporaryFolder folder;
    const pid_t child = fork();
    if (child == 0) fill_and_die(folder.path("data"), publish);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    const auto peek = Database::open({.folder = folder.path("data"), .access = Access::read_only});
    ASSERT_EQ(peek ? std::nullopt : std::optional{peek.error().code}, publish ? std::nullopt : std::optional{Code::busy});
    auto database = must(Database::open({.folder = folder.path("data"), .background = false}));
    auto reader = must(database->reader());
    const auto trees = must(list_trees(reader));
    ASSERT_EQ(trees.size(), publish ? 1u : 0u);
    if (!publish) continue;
    EXPECT_EQ(trees[0].next_n, kLargeRecords);
    EXPECT_THAT(all_faults(reader, trees[0].tree_no), testing::IsEmpty());
  }
}

}  // namespace
}  // namespace tablinum::store
