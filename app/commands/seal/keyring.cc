#include "commands/seal/keyring.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "commands/seal/support.h"

namespace tablinum::app::sealing {
namespace {

constexpr std::string_view kHead = "tablinum-collection 1";
constexpr std::size_t kFileBytesMax = 128 << 20;
constexpr std::size_t kCollectionsMax = 100'000;
constexpr int kLockTries = 100;  // of a tenth of a second

std::string folder_or_default(const std::string& path) { return path.empty() ? config_folder() + "/keys" : path; }

// 0700, and what is missing above it.
Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Code::denied, path + ": " + error.message());
  if (chmod(path.c_str(), 0700) != 0) return fail(Code::denied, path + ": " + std::strerror(errno));
  return {};
}

Result<int> lock(const std::string& path, Keyring::For use) {
  const std::string file = path + "/lock";
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::denied, file + ": " + std::strerror(errno));
  for (int tries = 0; tries < kLockTries; ++tries) {
    if (flock(fd, (use == Keyring::For::writing ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return fd;
    usleep(100'000);
  }
  close(fd);
  return fail(Code::busy, path + ": another run of tablinum works on this folder; try again when it has ended");
}

// ---- a collection's file: lines of words, the name last, since it may hold spaces

class Line {
 public:
  explicit Line(std::string_view text) : rest_{text} {}
  std::string_view word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return taken;
  }
  std::string_view rest() const noexcept { return rest_; }
  template <class Int>
  bool number(Int& into) {
    const std::string_view text = word();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size();
  }
  template <std::size_t N>
  bool hex(std::array<std::byte, N>& into) {
    const auto bytes = from_hex(word());
    if (!bytes || bytes->size() != N) return false;
    std::ranges::copy(*bytes, into.begin());
    return true;
  }
  bool hex(Digest& into) {
    const auto bytes = from_hex(word());
    const auto digest = bytes ? digest_from_bytes(*bytes) : Result<Digest>{fail(Code::corrupt)};
    if (digest) into = *digest;
    return digest.has_value();
  }

 private:
  std::string_view rest_;
};

bool read_delegation(Line& line, CollectionNote& note, bool to_group) {
  DelegationNote each;
  bool good = line.hex(each.id.value) && line.number(each.epoch) && line.hex(each.delegate) && line.number(each.not_after_s) &&
              line.number(each.transforms_max) && line.number(each.revoked_at_s);
  if (to_group) good = good && line.hex(each.group.emplace().bytes);
  each.name = line.rest();
  note.delegations.push_back(std::move(each));
  return good;
}

bool read_line(std::string_view text, CollectionNote& note) {
  Line line{text};
  const std::string_view what = line.word();
  if (what == "id") return line.hex(note.id.bytes);
  if (what == "owner") return line.hex(note.owner);
  if (what == "words") return line.number(note.phrase_number);
  if (what == "epoch") return line.number(note.epoch);
  if (what == "created") return line.number(note.created_at_s);
  if (what == "delegation" || what == "group-delegation") return read_delegation(line, note, what == "group-delegation");
  if (what == "name") return note.name = line.rest(), !note.name.empty();
  const auto suite = what == "suite" ? seal::pre::suite_from_name(line.word()) : Result<seal::pre::Suite>{fail(Code::corrupt)};
  if (suite) note.suite = *suite;
  return suite.has_value();
}

}  // namespace

std::string to_text(const CollectionNote& note) {
  std::string text =
      fmt::format("{}\nid {}\nname {}\nowner {}\nsuite {}\nwords {}\nepoch {}\ncreated {}\n", kHead, to_hex(note.id.bytes),
                  note.name, to_hex(note.owner), to_string(note.suite), note.phrase_number, note.epoch, note.created_at_s);
  for (const auto& each : note.delegations)
    text += fmt::format("{} {} {} {} {} {} {} {}{}\n", each.group ? "group-delegation" : "delegation", to_hex(each.id.value),
                        each.epoch, to_hex(each.delegate), each.not_after_s, each.transforms_max, each.revoked_at_s,
                        each.group ? to_hex(each.group->bytes) + " " : "", each.name);
  return text;
}

Result<CollectionNote> collection_from_text(std::string_view text) {
  CollectionNote note;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return fail(Code::corrupt, "cut off");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (first ? line != kHead : !read_line(line, note))
      return fail(Code::corrupt, fmt::format("not understood: {}", line.substr(0, 40)));
    first = false;
  }
  if (note.name.empty() || note.suite == seal::pre::Suite{}) return fail(Code::corrupt, "cut off");
  return note;
}

Result<Keyring> Keyring::open(const std::string& given, For use) {
  const std::string path = folder_or_default(given);
  if (!is_folder(path)) {
    if (use == For::reading) return Keyring{path, -1};  // nothing in it yet
    CHECK_OK(make_folder(path));
  }
  TRY(locked, lock(path, use));
  return Keyring{path, locked};
}

Keyring::Keyring(Keyring&& other) noexcept : path_{std::move(other.path_)}, lock_{std::exchange(other.lock_, -1)} {}
Keyring::~Keyring() {
  if (lock_ >= 0) close(lock_);
}

bool Keyring::has(const std::string& name) const { return is_there(path_ + "/" + name); }
Result<SecretBytes> Keyring::read(const std::string& name) const { return read_file(path_ + "/" + name, kFileBytesMax); }

Result<void> Keyring::write(const std::string& name, ByteView bytes) {
  if (const auto slash = name.rfind('/'); slash != name.npos) CHECK_OK(make_folder(path_ + "/" + name.substr(0, slash)));
  return write_file(path_ + "/" + name, bytes, 0600, true);
}

Result<std::vector<std::string>> Keyring::files() const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry{path_, error}, end; !error && entry != end; entry.increment(error))
    if (entry->is_regular_file() && entry->path().filename() != "lock" && entry->path().extension() != ".lock")
      names.push_back(entry->path().lexically_relative(path_).string());
  if (error && error != std::errc::no_such_file_or_directory) return fail(Code::io, path_ + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

Result<std::vector<CollectionNote>> Keyring::collections() const {
  std::vector<CollectionNote> notes;
  TRY(names, files());
  for (const auto& name : names) {
    if (!name.starts_with("collections/")) continue;
    if (notes.size() == kCollectionsMax) return fail(Code::limit, path_ + ": more collections than one folder holds");
    TRY(bytes, read(name));
    auto note = collection_from_text(text_of(bytes));
    if (!note)
      return std::unexpected(
          at(path_ + "/" + name, note.error(), "Restore the folder from a backup: tablinum identity restore"));
    notes.push_back(std::move(*note));
  }
  std::ranges::sort(notes, {}, [](const CollectionNote& each) { return std::tie(each.name, each.id.bytes); });
  return notes;
}

Result<CollectionNote> Keyring::find(const std::string& name_or_id) const {
  TRY(all, collections());
  std::vector<CollectionNote> fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), [&](const CollectionNote& note) {
    return note.name == name_or_id || (name_or_id.size() >= 6 && to_hex(note.id.bytes).starts_with(name_or_id));
  });
  if (fitting.empty())
    return fail(Code::not_found, fmt::format("{}: no such collection in {}. See: tablinum collection list", name_or_id, path_));
  if (fitting.size() > 1)
    return fail(Code::conflict, fmt::format("{}: {} collections are called so; say which by its id (tablinum collection list)",
                                            name_or_id, fitting.size()));
  return fitting.front();
}

Result<void> Keyring::save(const CollectionNote& note) {
  return write("collections/" + to_hex(note.id.bytes), bytes_of(to_text(note)));
}

// ---- counters

namespace {
constexpr const char* kProxyState = "proxy/state";
constexpr const char* kProxySeed = "proxy/seed";
}  // namespace

std::string budget_folder(const Keyring& keyring) { return keyring.path() + "/budget"; }

Result<std::unique_ptr<seal::pre::FileProxyState>> open_proxy_state(Keyring& keyring) {
  CHECK_OK(make_folder(keyring.path() + "/proxy"));
  return seal::pre::FileProxyState::open(keyring.path() + "/" + kProxyState);
}

Result<Secret<32>> proxy_seed(Keyring& keyring) {
  if (!keyring.has(kProxySeed)) {
    const auto fresh = random_secret<32>();
    CHECK_OK(keyring.write(kProxySeed, fresh.view()));
    return fresh;
  }
  TRY(bytes, read_secret_file(keyring.path() + "/" + kProxySeed, 32));
  if (bytes.size() != 32) return fail(Code::corrupt, keyring.path() + "/" + kProxySeed + ": not 32 bytes");
  return Secret<32>{std::span<const std::byte, 32>{bytes}};
}

}  // namespace tablinum::app::sealing
