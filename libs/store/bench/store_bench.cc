/// The store's share of an import, and an edit, on synthetic archives.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "synthetic.h"
#include "tablinum/store/places.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::store::bench {
namespace {

/// Stops at the first error: a benchmark of a failing store says nothing.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string{base ? base : "/tmp"} + "/tablinum-bench-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { [[maybe_unused]] const int code = std::system(("rm -rf '" + path_ + "'").c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}
double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}
double file_mib(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 ? static_cast<double>(info.st_size) / (1 << 20) : 0;
}

std::vector<Pid> make_places(Import& import) {
  std::vector<Pid> places;
  Writer& writer = *must(import.writer());
  for (int country = 0; country < 5; ++country) {
    for (int town = 0; town < 60; ++town) {
      const std::string outer = "Country " + std::to_string(country), inner = "Town " + std::to_string(town);
      const PlaceLevel levels[] = {{outer, outer}, {inner, inner}};
      places.push_back(must(ensure_place(writer, import.job().tree_no, levels)));
    }
  }
  return places;
}

std::int64_t import_synthetic(Database& database, std::uint32_t persons, std::uint64_t bytes_total) {
  auto import = must(Import::begin(
      database, {.id = JobId{database.ids().next()}, .bytes_total = bytes_total, .tree_name = "bench", .time = 1'700'000'000}));
  Synthetic synthetic{import->job().tree_no, persons, database.ids()};
  const auto places = make_places(*import);
  for (std::uint32_t n = 0; n < synthetic.records(); ++n) must(import->add(synthetic.make(n, places)));
  must(import->publish());
  return import->job().tree_no;
}

/// Generating alone, to be taken off.
double generating_seconds(std::uint32_t persons) {
  UuidV7Source ids;
  Synthetic synthetic{1, persons, ids};
  const double begin = cpu_seconds();
  for (std::uint32_t n = 0; n < synthetic.records(); ++n) benchmark::DoNotOptimize(synthetic.make(n, {}));
  return cpu_seconds() - begin;
}

void import_records(benchmark::State& state, std::uint64_t bytes_total) {
  const auto persons = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    const TemporaryFolder folder;
    const double generating = generating_seconds(persons);
    const double begin = cpu_seconds();
    {
      auto database = must(Database::open({.folder = folder.path()}));
      import_synthetic(*database, persons, bytes_total);
    }
    state.counters["cpu_s"] = cpu_seconds() - begin - generating;
    state.counters["database_MiB"] = file_mib(folder.path() + "/archive.db");
    state.counters["peak_MiB"] = peak_mib();
  }
}

/// Into an empty archive, in one transaction with the indexes at the end; and in batches with the indexes kept up.
void BM_ImportAtOnce(benchmark::State& state) { import_records(state, kSingleTransactionBytes); }
BENCHMARK(BM_ImportAtOnce)->Arg(100'000)->Iterations(1)->Repetitions(3)->Unit(benchmark::kMillisecond);
void BM_ImportInBatches(benchmark::State& state) { import_records(state, kSingleTransactionBytes + 1); }
BENCHMARK(BM_ImportInBatches)->Arg(100'000)->Iterations(1)->Repetitions(3)->Unit(benchmark::kMillisecond);

/// One field of one person changed, acknowledged durably, the way a service does it: each in a transaction of its own.
void BM_Edit(benchmark::State& state) {
  const TemporaryFolder folder;
  auto database = must(Database::open({.folder = folder.path()}));
  const auto persons = static_cast<std::uint32_t>(state.range(0));
  const std::int64_t tree_no = import_synthetic(*database, persons, kSingleTransactionBytes + 1);
  Random random{7};
  Synthetic synthetic{tree_no, persons, database->ids()};
  std::vector<double> times_ms;
  for (auto _ : state) {
    const Rid rid = make_rid(tree_no, random.below(persons));
    Record record;
    {
      auto reader = must(database->reader());
      record = must(find_record(reader, rid));
    }
    RecordDraft draft = synthetic.make(0, {});
    draft.rid = rid;
    draft.id = record.id;
    ledger::FieldValues old_fields{};
    old_fields[8] = sha256(record.structure);
    const Instant begin = monotonic_now();
    auto writer = must(database->writer());
    const ChangeContext context{.change_set = ChangeSetId{database->ids().next()}, .time = wall_now().seconds()};
    must(add_change_set(writer,
                        {.id = context.change_set, .tree_no = tree_no, .kind = ChangeSetKind::edit, .time = context.time}));
    must(replace_record(writer, context, draft, old_fields, record.version));
    must(writer.commit());
    times_ms.push_back((monotonic_now() - begin).seconds() * 1000);
  }
  std::ranges::sort(times_ms);
  const auto percentile = [&](double part) {
    return times_ms[static_cast<std::size_t>(part * static_cast<double>(times_ms.size() - 1))];
  };
  state.counters["p50_ms"] = percentile(0.5);
  state.counters["p99_ms"] = percentile(0.99);
  state.counters["max_ms"] = times_ms.back();
}
BENCHMARK(BM_Edit)->Arg(100'000)->Arg(1'000'000)->Iterations(2000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tablinum::store::bench
