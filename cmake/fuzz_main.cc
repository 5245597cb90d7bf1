// The entry of the fuzz programs: libFuzzer's driver, or, with
//   PROGRAM --fixed SEED INPUTS CORPUS ARTIFACTS
// a short run whose inputs are the same on every machine and for every build: each file of the corpus, then changed copies of it,
// INPUTS in all. libFuzzer lets the code's coverage choose what to change next; then an input depends on the compiler, on addresses
// and on what the code draws at random, and a change to the code gets other inputs than the one before. Here the input is a function
// of the seed, the file and a number, so that a test fails for what was changed. The input that fails is left in ARTIFACTS.
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv, int (*run_one)(const std::uint8_t*, std::size_t));

namespace {

using Input = std::vector<std::uint8_t>;

constexpr unsigned kInputSecondsMax = 300;  // an endless loop, not a slow machine
constexpr std::size_t kInputBytesMin = 4096;  // what inputs may grow to, or the largest file
constexpr std::size_t kChangesMax = 8;

// ---- The input that is being tried, for whoever ends the program

Input current;
std::string artifact;

void put(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// May interrupt anything, also malloc: only calls that are safe in a signal handler, and nothing that allocates.
void keep_input() noexcept {
  const int file = ::open(artifact.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return put(STDERR_FILENO, "the input cannot be kept\n");
  put(file, {reinterpret_cast<const char*>(current.data()), current.size()});
  ::close(file);
  put(STDERR_FILENO, "the input is in ");
  put(STDERR_FILENO, artifact);
  put(STDERR_FILENO, "\n");
}

void on_signal(int signal) noexcept {
  if (signal == SIGALRM) put(STDERR_FILENO, "one input took longer than any should\n");
  keep_input();
  ::_exit(1);
}

// ---- Changing an input

/// FNV-1a.
std::uint64_t hash_of(std::uint64_t hash, const Input& bytes) {
  for (const auto byte : bytes) hash = (hash ^ byte) * 0x100000001B3u;
  return hash;
}

/// std::mt19937_64 is the same everywhere; the standard's distributions are not.
class Changer {
 public:
  Changer(std::uint64_t seed, const std::vector<Input>& corpus, std::size_t bytes_max)
      : random_{seed}, corpus_{corpus}, bytes_max_{bytes_max} {}

  void change(Input& input) {
    for (std::size_t left = 1 + below(kChangesMax); left > 0; --left) change_once(input);
    if (input.size() > bytes_max_) input.resize(bytes_max_);
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit); }
  /// Mostly short.
  std::size_t length(std::size_t most) { return most == 0 ? 0 : 1 + below(std::min(most, std::size_t{1} << below(10))); }

  std::uint8_t telling_byte() {
    static constexpr char kTelling[] = "\0\1\x7F\x80\xFF\n\r\t 0129-+@#\"'\\/{}[]:,;=&%<>.aAzZ_";
    return below(2) == 0 ? static_cast<std::uint8_t>(random_()) : static_cast<std::uint8_t>(kTelling[below(sizeof kTelling - 1)]);
  }
  Input part_of(const Input& from) {
    const auto begin = below(from.size());
    const auto bytes = length(from.size() - begin);
    return {from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(begin + bytes)};
  }
  void insert(Input& input, const Input& part) {
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(below(input.size() + 1)), part.begin(), part.end());
  }
  void overwrite(Input& input, const Input& part) {
    const auto begin = below(input.size());
    std::copy_n(part.begin(), std::min(part.size(), input.size() - begin), input.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  void erase(Input& input) {
    const auto begin = below(input.size());
    const auto first = input.begin() + static_cast<std::ptrdiff_t>(begin);
    input.erase(first, first + static_cast<std::ptrdiff_t>(length(input.size() - begin)));
  }
  /// A number of one to eight bytes: small ones, and those around a power of two, in either order.
  Input number() {
    const auto shift = below(64);
    auto value = (std::uint64_t{1} << shift) + below(5) - 2;
    if (below(4) == 0) value = below(300);
    if (below(8) == 0) value = ~value;
    Input bytes(std::size_t{1} << below(4));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(value), value >>= 8;
    if (below(2) == 0) std::ranges::reverse(bytes);
    return bytes;
  }
  Input digits() {
    const auto text = std::to_string(below(3) == 0 ? random_() : below(100));
    return {text.begin(), text.end()};
  }

  void change_once(Input& input) {
    const auto& other = corpus_[below(corpus_.size())];
    if (input.empty()) return insert(input, Input(length(16), telling_byte()));
    switch (below(12)) {
      case 0: input[below(input.size())] ^= static_cast<std::uint8_t>(1u << below(8)); return;
      case 1:
      case 2: input[below(input.size())] = telling_byte(); return;
      case 3: return insert(input, Input(length(64), telling_byte()));
      case 4:
      case 5: return erase(input);
      case 6: return insert(input, part_of(input));
      case 7: return overwrite(input, part_of(input));
      case 8: return other.empty() ? erase(input) : insert(input, part_of(other));
      case 9: return other.empty() ? erase(input) : overwrite(input, part_of(other));
      case 10: return overwrite(input, number());
      default: return insert(input, below(2) == 0 ? digits() : number());
    }
  }

  std::mt19937_64 random_;
  const std::vector<Input>& corpus_;
  std::size_t bytes_max_;
};

// ---- The run

std::vector<Input> read_corpus(const std::string& folder) {
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path());
  }
  std::ranges::sort(names);
  std::vector<Input> corpus;
  for (const auto& name : names) {
    std::ifstream file(name, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) corpus.emplace_back();
  return corpus;
}

void try_current() {
  ::alarm(kInputSecondsMax);
  // A copy of its own size, so that a sanitizer sees a look behind its end.
  const Input copy{current.begin(), current.end()};
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

int run_fixed(std::uint64_t seed, std::size_t inputs, const std::string& folder) {
  if (seed == 0) seed = std::random_device{}();
  const auto corpus = read_corpus(folder);
  const auto largest = std::ranges::max(corpus, {}, &Input::size).size();
  std::uint64_t fingerprint = 0xCBF29CE484222325u;
  for (std::size_t i = 0; i < inputs; ++i) {
    const auto& file = corpus[i % corpus.size()];
    current = file;
    if (i >= corpus.size()) {
      Changer changer{hash_of(seed + i / corpus.size() * 0x9E3779B97F4A7C15u, file), corpus, std::max(largest, kInputBytesMin)};
      changer.change(current);
    }
    fingerprint = hash_of(fingerprint, current);
    try_current();
  }
  ::alarm(0);
  std::printf("%zu inputs of seed %llu, all of them %016llx\n", inputs, static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(fingerprint));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 || std::string_view{argv[1]} != "--fixed") return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
  artifact = std::string{argv[5]} + "/" + std::filesystem::path{argv[0]}.filename().string() + "-failed";
  __sanitizer_set_death_callback(keep_input);
  ::signal(SIGABRT, on_signal);
  ::signal(SIGALRM, on_signal);
  return run_fixed(std::stoull(argv[2]), std::stoul(argv[3]), argv[4]);
}
