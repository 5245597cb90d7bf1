/// A tree of a million people with realistic names: frequencies by Zipf's law, about 100,000 surnames and 25,000 given names.
/// Prints the percentiles of each kind of question; the tree is built once. TABLINUM_BENCH_PEOPLE sets another size.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>

#include "tablinum/search/search.h"
#include "tablinum/store/database.h"

namespace tablinum::search {
namespace {

constexpr std::int64_t kTreeNo = 1;
constexpr std::int64_t kGeneration = 1;
constexpr double kMicrosecondsPerSecond = 1e6;

std::uint32_t people_wanted() {
  const char* text = std::getenv("TABLINUM_BENCH_PEOPLE");
  return text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : 1'000'000;
}

/// Pronounceable, different names.
std::vector<std::string> make_names(std::size_t count, std::size_t syllables, std::mt19937& random) {
  static constexpr std::string_view kOnsets[] = {"b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w",
                                                 "z", "br", "ch", "gr", "kr", "sch", "sh", "st", "th", "tr", "nd", "ng", "mb", "sw"};
  static constexpr std::string_view kVowels[] = {"a", "e", "i", "o", "u", "a", "e", "o", "ai", "ei", "ou", "ü", "é"};
  static constexpr std::string_view kCodas[] = {"", "", "", "n", "r", "s", "l", "t", "m", "rt", "ck", "nd"};
  const auto pick = [&](const auto& table) { return table[random() % std::size(table)]; };
  std::unordered_map<std::string, int> seen;
  std::vector<std::string> names;
  while (names.size() < count) {
    std::string name;
    for (std::size_t i = 1 + random() % syllables; i < syllables + 1; ++i) {
      name += pick(kOnsets);
      name += pick(kVowels);
    }
    name += pick(kCodas);
    if (name.front() >= 'a' && name.front() <= 'z') name.front() = static_cast<char>(name.front() - 32);
    if (name.size() > 3 && seen.try_emplace(name).second) names.push_back(std::move(name));
  }
  return names;
}

/// Draws indexes so that the nth is about 1/n as frequent as the first.
class Zipf {
 public:
  Zipf(std::size_t count, double exponent) {
    std::vector<double> weights;
    for (std::size_t i = 1; i <= count; ++i) weights.push_back(1 / std::pow(static_cast<double>(i), exponent));
    draw_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
  }
  std::size_t operator()(std::mt19937& random) { return draw_(random); }

 private:
  std::discrete_distribution<std::size_t> draw_;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The first letters of a name, as they are typed.
std::string_view beginning(std::string_view name, std::size_t bytes) {
  bytes = std::min(bytes, name.size());
  while (bytes < name.size() && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) ++bytes;
  return name.substr(0, bytes);
}

struct Person {
  std::uint32_t given, second, surname;
};

class World {
 public:
  World() : folder_{std::filesystem::temp_directory_path() / "tablinum-search-bench"} {
    std::filesystem::remove_all(folder_);
    database_ = store::Database::open({.folder = folder_.string(), .background = false}).value();
    const auto count = people_wanted();
    for (std::uint32_t n = 0; n < count; ++n) {
      people_.push_back({static_cast<std::uint32_t>(given_zipf_(random_)),
                         random_() % 3 == 0 ? static_cast<std::uint32_t>(given_zipf_(random_)) : ~std::uint32_t{0},
                         static_cast<std::uint32_t>(surname_zipf_(random_))});
    }
    write_documents();
    build();
    reader_.emplace(database_->reader().value());
    documents_.emplace(*reader_);
  }
  ~World() {
    documents_.reset();
    reader_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string given(const Person& person) const {
    auto text = givens_[person.given];
    if (person.second != ~std::uint32_t{0}) text += ' ' + givens_[person.second];
    return text;
  }
  const std::string& surname(const Person& person) const { return surnames_[person.surname]; }
  const Person& somebody() { return people_[random_() % people_.size()]; }
  const std::string& commonest_given() const { return givens_[0]; }
  std::mt19937& random() { return random_; }
  const TreeIndex& index() const { return *index_; }

  Answer find(const Query& query, const SearchOptions& options) {
    return search(*index_, {*documents_, kGeneration}, query, {Circle::everyone, {}}, options).value();
  }

 private:
  void write_documents() {
    const auto start = std::chrono::steady_clock::now();
    auto writer = database_->writer(store::Purpose::import).value();
    DocumentIndex documents{writer};
    Tokenizer tokenizer;
    Document document;
    double tokenizing = 0;
    for (std::uint32_t n = 0; n < people_.size(); ++n) {
      const auto first = given(people_[n]);
      const PersonName name{.given = first, .surname = surname(people_[n])};
      const auto before = std::chrono::steady_clock::now();
      tokenizer.document({.names = std::span{&name, 1}}, document);
      tokenizing += seconds_since(before);
      if (!documents.store_new(make_rid(kTreeNo, n), document)) std::abort();
    }
    std::printf("tokens      %.2f us a person\n", tokenizing * kMicrosecondsPerSecond / static_cast<double>(people_.size()));
    const auto indexing = std::chrono::steady_clock::now();
    if (!documents.index_stored(make_rid(kTreeNo, 0), make_rid(kTreeNo, ~std::uint32_t{0})) || !writer.commit()) std::abort();
    std::printf("documents   %.1f s, of which FTS5 %.1f s\n", seconds_since(start), seconds_since(indexing));
  }

  void build() {
    const auto start = std::chrono::steady_clock::now();
    index_ = std::make_shared<TreeIndex>(kTreeNo);
    for (std::uint32_t place = 0; place < 5000; ++place) {
      const auto name = "Place" + std::to_string(place);
      index_->add(PlaceFacts{place, place < 50 ? kNoPlace : place % 50, name});
    }
    for (std::uint32_t n = 0; n < people_.size(); ++n) {
      const auto year = static_cast<std::int16_t>(1700 + random_() % 300);
      const auto place = static_cast<std::uint32_t>(random_() % 5000);
      const auto first = given(people_[n]);
      index_->add(RecordFacts{.n = n, .kind = Kind::person, .circle = Circle::everyone, .sex = n % 2 ? Sex::male : Sex::female,
                              .birth = {year, year}, .surname = surname(people_[n]),
                              .given = first, .places = {&place, 1}, .links = n % 7});
    }
    const auto facts = seconds_since(start);
    auto reader = database_->reader().value();
    DocumentIndex documents{reader};
    if (!index_->add_documents(documents)) std::abort();
    index_->finish(kGeneration);
    std::printf("index       %.2f s (columns %.2f s), %.1f MB for %zu people\n", seconds_since(start), facts,
                static_cast<double>(index_->bytes()) / 1e6, people_.size());
  }

  std::mt19937 random_{7};
  std::vector<std::string> surnames_ = make_names(100'000, 3, random_);
  std::vector<std::string> givens_ = make_names(25'000, 2, random_);
  Zipf surname_zipf_{100'000, 0.85};
  Zipf given_zipf_{25'000, 1.1};
  std::filesystem::path folder_;
  std::unique_ptr<store::Database> database_;
  std::vector<Person> people_;
  std::shared_ptr<TreeIndex> index_;
  std::optional<store::Reader> reader_;
  std::optional<DocumentIndex> documents_;
};

World& world() {
  static World the_world;
  return the_world;
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void report(benchmark::State& state, const char* kind, std::vector<double>& milliseconds) {
  std::ranges::sort(milliseconds);
  state.counters[std::string{"p50_"} + kind] = milliseconds[milliseconds.size() / 2];
  state.counters[std::string{"p99_"} + kind] = milliseconds[milliseconds.size() * 99 / 100];
}

/// Times each question by itself and reports percentiles in milliseconds, of the clock and of the processor's time alone.
template <class Question>
void measure(benchmark::State& state, Question&& question) {
  std::vector<double> wall, cpu;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const auto cpu_start = thread_cpu_seconds();
    question();
    cpu.push_back((thread_cpu_seconds() - cpu_start) * 1e3);
    wall.push_back(seconds_since(start) * 1e3);
    state.SetIterationTime(wall.back() / 1e3);
  }
  report(state, "wall_ms", wall);
  report(state, "cpu_ms", cpu);
}

Query query_of(std::string_view text) { return parse_query(text).value(); }

void suggest_words(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] {
    const auto& name = w.surname(w.somebody());
    benchmark::DoNotOptimize(suggest(w.index(), beginning(name, 1 + w.random()() % 4), {}, 10));
  });
}

void suggest_people(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] {
    const auto& person = w.somebody();
    const bool by_surname = w.random()() % 2 == 0;
    const auto typed = by_surname ? w.surname(person) + ", " + std::string{beginning(w.given(person), 1)}
                                  : w.given(person) + ' ' + std::string{beginning(w.surname(person), 1)};
    benchmark::DoNotOptimize(suggest(w.index(), typed, {}, 10));
  });
}

void name_search(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] {
    const auto& person = w.somebody();
    benchmark::DoNotOptimize(w.find(query_of(w.given(person) + ' ' + w.surname(person)), {}));
  });
}

void surname_search(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] { benchmark::DoNotOptimize(w.find(query_of(w.surname(w.somebody())), {})); });
}

void mistyped_search(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] {
    const auto& person = w.somebody();
    auto surname = w.surname(person);
    surname.insert(1, "x");
    benchmark::DoNotOptimize(w.find(query_of(w.given(person) + ' ' + surname), {}));
  });
}

void typing_search(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] {
    const auto& person = w.somebody();
    benchmark::DoNotOptimize(w.find(query_of(w.given(person) + ' ' + std::string{beginning(w.surname(person), 3)} + '*'), {}));
  });
}

void commonest_word_with_facets(benchmark::State& state) {
  auto& w = world();
  const auto query = query_of(w.commonest_given());
  measure(state, [&] { benchmark::DoNotOptimize(w.find(query, {})); });
}

void everybody_with_facets(benchmark::State& state) {
  auto& w = world();
  measure(state, [&] { benchmark::DoNotOptimize(w.find({}, {.sort = SortBy::name})); });
}

BENCHMARK(suggest_words)->UseManualTime()->Iterations(20'000);
BENCHMARK(suggest_people)->UseManualTime()->Iterations(5'000);
BENCHMARK(name_search)->UseManualTime()->Iterations(2'000);
BENCHMARK(surname_search)->UseManualTime()->Iterations(2'000);
BENCHMARK(mistyped_search)->UseManualTime()->Iterations(1'000);
BENCHMARK(typing_search)->UseManualTime()->Iterations(1'000);
BENCHMARK(commonest_word_with_facets)->UseManualTime()->Iterations(100);
BENCHMARK(everybody_with_facets)->UseManualTime()->Iterations(50);

}  // namespace
}  // namespace tablinum::search
