// Compiled circuits on disk: images, the folder, and the service that uses both.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "circuit/image.h"
#include "service/circuit_folder.h"
#include "small_statement.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/registry.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with the test.
class InFolder : public testing::Test {
 protected:
  InFolder() {
    std::string name = (fs::temp_directory_path() / "tablinum-circuits-XXXXXX").string();
    parent_ = ::mkdtemp(name.data());
    path_ = (parent_ / "circuits").string();
  }
  ~InFolder() override { fs::remove_all(parent_); }

  static Digest key(std::uint8_t number) {
    Digest digest;
    digest.bytes.fill(number);
    return digest;
  }
  fs::path file(std::uint8_t number) const { return fs::path{path_} / (to_hex(key(number).view()) + ".circuit"); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{path_}, fs::directory_iterator{}));
  }
  static Bytes image(std::size_t size, std::uint8_t fill = 7) { return Bytes(size, std::byte{fill}); }

  fs::path parent_;
  std::string path_;
};

// ---- The folder --------------------------------------------------------------------------------------------------------------

TEST_F(InFolder, WhatWasSavedIsLoadedByAnother) {
  CircuitFolder{path_, 1 << 20}.save(key(1), image(1000));
  const CircuitFolder other{path_, 1 << 20};
  EXPECT_EQ(other.load(key(1)), image(1000));
  EXPECT_EQ(other.load(key(2)), std::nullopt);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(file(1)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files(), 1U) << "nothing half-written stays";
}

TEST_F(InFolder, EveryAlteredByteAndEveryLengthIsRefusedAndRemoved) {
  CircuitFolder folder{path_, 1 << 20};
  folder.save(key(1), image(40));
  std::ifstream in{file(1), std::ios::binary};
  const std::string good{std::istreambuf_iterator<char>{in}, {}};
  const auto refused = [&](const std::string& bytes) {
    std::ofstream{file(1), std::ios::binary | std::ios::trunc} << bytes;
    return !folder.load(key(1)).has_value() && !fs::exists(file(1));
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_TRUE(refused(bad)) << at;
    EXPECT_TRUE(refused(good.substr(0, at))) << at;
  }
  EXPECT_TRUE(refused(good + '\0'));
  std::ofstream{file(1), std::ios::binary} << good;
  EXPECT_EQ(folder.load(key(1)), image(40));
  fs::rename(file(1), file(2));
  EXPECT_EQ(folder.load(key(2)), std::nullopt) << "a file under another key";
}

TEST_F(InFolder, WhatOthersCouldHaveWrittenIsNotUsed) {
  CircuitFolder folder{path_, 1 << 20};
  folder.save(key(1), image(40));
  fs::permissions(file(1), fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(folder.load(key(1)), std::nullopt);
  fs::permissions(file(1), fs::perms::group_write, fs::perm_options::remove);
  EXPECT_TRUE(folder.load(key(1)).has_value());
  fs::create_symlink(file(1), file(2));
  EXPECT_EQ(folder.load(key(2)), std::nullopt) << "a link";
  ASSERT_EQ(::mkfifo(file(3).c_str(), 0600), 0);
  EXPECT_EQ(folder.load(key(3)), std::nullopt) << "a pipe";
  fs::permissions(path_, fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE((CircuitFolder{path_, 1 << 20}.used()));
}

TEST_F(InFolder, PlacesThatCannotBeUsedAreNot) {
  EXPECT_FALSE((CircuitFolder{"", 1 << 20}.used()));
  EXPECT_FALSE((CircuitFolder{path_, 0}.used()));
  std::ofstream{parent_ / "plain"} << "x";
  CircuitFolder folder{(parent_ / "plain" / "circuits").string(), 1 << 20};
  EXPECT_FALSE(folder.used());
  folder.save(key(1), image(1));
  EXPECT_EQ(folder.load(key(1)), std::nullopt);
}

TEST_F(InFolder, TheOnesUsedLongestAgoGo) {
  CircuitFolder folder{path_, 3000};
  for (std::uint8_t number = 1; number <= 2; ++number) {
    folder.save(key(number), image(1000));
    fs::last_write_time(file(number), fs::file_time_type::clock::now() - std::chrono::hours{10 - number});
  }
  ASSERT_TRUE(folder.load(key(1)).has_value());  // now the second is the oldest
  folder.save(key(3), image(1000));
  EXPECT_TRUE(fs::exists(file(1)));
  EXPECT_FALSE(fs::exists(file(2)));
  EXPECT_TRUE(fs::exists(file(3)));
  folder.save(key(4), image(3000));
  EXPECT_FALSE(fs::exists(file(4))) << "larger than the folder";
  folder.save(key(5), image(3000 - 80));
  EXPECT_TRUE(fs::exists(file(5))) << "exactly as large";
  EXPECT_EQ(files(), 1U);
}

TEST_F(InFolder, FilesOfOthersAreNeitherCountedNorRemoved) {
  CircuitFolder folder{path_, 3000};
  const auto put = [&](const std::string& name, std::size_t size, int hours_ago) {
    std::ofstream{fs::path{path_} / name, std::ios::binary} << std::string(size, 'x');
    fs::last_write_time(fs::path{path_} / name, fs::file_time_type::clock::now() - std::chrono::hours{hours_ago});
    return fs::path{path_} / name;
  };
  const std::string digits = to_hex(key(9).view());
  const std::vector<fs::path> foreign{put("board.circuit", 5000, 50), put(".circuit", 5000, 50), put(digits + "0.circuit", 5000, 50),
                                      put("G" + digits.substr(1) + ".circuit", 5000, 50), put("board.circuit.part-00", 10, 50),
                                      put(digits + ".circuit.old", 5000, 50)};
  const fs::path being_written = put(digits + ".circuit.part-0123456789abcdef", 5000, 0);
  const fs::path abandoned = put(digits + ".circuit.part-fedcba9876543210", 10, 2);
  folder.save(key(1), image(1000));
  folder.save(key(2), image(1000));
  EXPECT_TRUE(folder.load(key(1)).has_value());
  EXPECT_TRUE(folder.load(key(2)).has_value());
  for (const fs::path& name : foreign) EXPECT_TRUE(fs::exists(name)) << name;
  EXPECT_TRUE(fs::exists(being_written));
  EXPECT_FALSE(fs::exists(abandoned)) << "of a process that was killed";
}

TEST_F(InFolder, ManyAtOnce) {
  std::vector<std::jthread> threads;
  for (std::uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      CircuitFolder folder{path_, 4000};
      for (std::uint8_t i = 0; i < 30; ++i) {
        const std::uint8_t number = (i + t) % 6;
        folder.save(key(number), image(1000, number));
        if (const auto read = folder.load(key(number))) EXPECT_EQ(*read, image(1000, number));
      }
    });
  }
}

// ---- Images ------------------------------------------------------------------------------------------------------------------

lf::Compiled compiled(StatementType type, std::uint16_t shape) {
  lf::Compiler compiler;
  build(type, shape, compiler);
  return compiler.compile(Work{{}, inline_executor()}).value();
}

TEST(CircuitImage, IsTheCircuitAgain) {
  for (const auto& [type, shape] : {std::pair{StatementType::message, std::uint16_t{1}}, {StatementType::message, std::uint16_t{4}},
                                    {StatementType::block, std::uint16_t{0}}}) {
    const lf::Compiled made = compiled(type, shape);
    const Bytes bytes = lf::write_image(made);
    const auto read = lf::read_image(bytes);
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(lf::write_image(*read), bytes);
    EXPECT_EQ(read->circuit.id, made.circuit.id);
    EXPECT_EQ(lf::circuit_id(read->circuit), made.circuit.id);
    EXPECT_EQ(read->layout.glue, made.layout.glue);
    ASSERT_EQ(read->circuit.layers.size(), made.circuit.layers.size());
    for (std::size_t l = 0; l < made.circuit.layers.size(); ++l) {
      EXPECT_EQ(read->circuit.layers[l].quads, made.circuit.layers[l].quads) << l;
      EXPECT_EQ(read->circuit.layers[l].log_wires, made.circuit.layers[l].log_wires) << l;
      EXPECT_EQ(read->circuit.layers[l].pattern.both, made.circuit.layers[l].pattern.both) << l;
    }
  }
}

TEST(CircuitImage, AnotherLengthIsRefused) {
  const Bytes bytes = lf::write_image(compiled(StatementType::message, 2));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{27}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1})
    EXPECT_EQ(lf::read_image(ByteView{bytes}.first(size)).error().fault, Fault::serialization) << size;
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(lf::read_image(longer).error().fault, Fault::serialization);
}

// Numbers that would lead outside: whatever is read lies in range, or the image is refused.
TEST(CircuitImage, AlteredNumbersDoNoHarm) {
  const Bytes bytes = lf::write_image(compiled(StatementType::message, 2));
  std::size_t refused = 0;
  const std::size_t step = bytes.size() / 400;
  for (std::size_t at = 3; at < bytes.size() - 40; at += step) {
    Bytes bad = bytes;
    bad[at / 4 * 4 + 3] = std::byte{0x7f};
    const auto read = lf::read_image(bad);
    if (!read) ++refused;
    else EXPECT_EQ(lf::write_image(*read), bad);
  }
  EXPECT_GT(refused, 300U);
}

// ---- The service -------------------------------------------------------------------------------------------------------------

class ServiceInFolder : public InFolder {
 protected:
  struct Answer {
    bool holds;
    CacheStats stats;
  };
  Answer ask(const char* backend) {
    Options options;
    options.cache.folder = path_;
    Registry registry{options};
    const auto io = io::make_blocking_io().value();
    const auto service = registry.backend(backend).value();
    const Bytes message(100, std::byte{'m'});
    Bytes program{std::byte{1}};
    append(program, sha256(message).view());
    ZkConfig config;
    config.use_cache = false;
    const auto proof = io::run(*io, service->prove(program, message, config)).value();
    // Another service has its own circuits: what it says does not depend on the folder.
    Registry plain;
    const auto judge = plain.backend(backend).value();
    return {io::run(*io, judge->verify(program, proof.bytes, {})).value() && io::run(*io, service->verify(program, proof.bytes, {})).value(),
            service->cache_stats()};
  }
};

TEST_F(ServiceInFolder, TheNextProcessReadsTheCircuit) {
  const Answer first = ask("lf");
  EXPECT_TRUE(first.holds);
  EXPECT_EQ(first.stats.circuits_from_disk, 0U);
  EXPECT_EQ(files(), 1U);
  const Answer second = ask("lf");
  EXPECT_TRUE(second.holds);
  EXPECT_EQ(second.stats.circuits_from_disk, 1U);
  EXPECT_EQ(second.stats.circuit_misses, 1U);
}

TEST_F(ServiceInFolder, AFileThatWasAlteredIsMadeAnew) {
  ASSERT_TRUE(ask("lf").holds);
  const fs::path name = fs::directory_iterator{path_}->path();
  std::fstream{name, std::ios::in | std::ios::out | std::ios::binary}.seekp(1000).put('\xff');
  const Answer again = ask("lf");
  EXPECT_TRUE(again.holds);
  EXPECT_EQ(again.stats.circuits_from_disk, 0U);
  EXPECT_EQ(ask("lf").stats.circuits_from_disk, 1U);
}

// Intact, ours, under the right key, and still not of this statement.
TEST_F(ServiceInFolder, AnImageOfAnotherStatementIsMadeAnew) {
  ASSERT_TRUE(ask("lf").holds);
  const std::string name = fs::directory_iterator{path_}->path().stem().string();
  Digest key;
  const Bytes bytes = from_hex(name).value();
  std::ranges::transform(bytes, key.bytes.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
  CircuitFolder{path_, 1 << 28}.save(key, lf::write_image(compiled(StatementType::message, 1)));
  const Answer again = ask("lf");
  EXPECT_TRUE(again.holds);
  EXPECT_EQ(again.stats.circuits_from_disk, 0U);
}

// A circuit of other rules than the program's must not serve it: its key names the sources as they lie here.
TEST(CircuitKey, IsOfTheSourcesThatMakeCircuits) {
  const auto hex_of = [](std::string_view text) { return to_hex(sha256(bytes_of(text)).view()); };
  const fs::path module = fs::path{TABLINUM_TEST_DATA}.parent_path().parent_path();
  std::vector<std::string> names;
  for (const char* folder : {"include", "src/circuit", "src/lf", "src/statement"}) {
    for (const auto& entry : fs::recursive_directory_iterator{module / folder}) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".h" || extension == ".cc") names.push_back(fs::relative(entry.path(), module).string());
    }
  }
  std::ranges::sort(names);
  ASSERT_GT(names.size(), 30U);
  std::string all;
  for (const std::string& name : names) {
    std::ifstream in{module / name, std::ios::binary};
    all += name + ' ' + hex_of(std::string{std::istreambuf_iterator<char>{in}, {}}) + '\n';
  }
  const Bytes message(100, std::byte{'m'});
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  const Bytes key = lf::scheme()->plan_proof(program, message, {})->circuit_key;
  const std::string digest = hex_of(all);
  ASSERT_GT(key.size(), digest.size());
  EXPECT_TRUE(std::ranges::equal(ByteView{key}.last(digest.size()), bytes_of(digest)));
}

/// Compiles, but has no memory for a copy.
class NoImageScheme final : public test::SmallScheme {
 public:
  Bytes image(const CircuitPtr&) const override { throw std::bad_alloc{}; }
};
TEST_F(InFolder, ACopyThatCannotBeMadeDoesNotFailTheRequest) {
  Options options;
  options.cache.folder = path_;
  const auto service = make_service(std::make_shared<NoImageScheme>(), options).value();
  const auto io = io::make_blocking_io().value();
  const Bytes block = test::SmallScheme::block(1);
  EXPECT_TRUE(io::run(*io, service->prove(test::SmallScheme::program_of(block), block, {})).has_value());
  EXPECT_EQ(service->cache_stats().circuit_entries, 1U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(ServiceInFolder, BackEndsThatCompileFasterThanTheyWouldReadKeepNothing) {
  EXPECT_TRUE(ask("vole").holds);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace tablinum::proof
