#include "service/circuit_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "tablinum/base/stream.h"

namespace tablinum::proof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "tablinum circuit";
constexpr std::string_view kSuffix = ".circuit";
constexpr std::string_view kPart = ".part-";  // of create_sink()
constexpr std::chrono::hours kPartAgeMax{1};
constexpr std::size_t kKeyDigits = 64;
constexpr std::size_t kHeadBytes = kMagic.size() + 32;
constexpr std::size_t kOverhead = kHeadBytes + 32;

bool only_ours(const struct stat& status) noexcept {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool usable_folder(const std::string& path) {
  std::error_code error;
  if (fs::create_directories(path, error) && !error) fs::permissions(path, fs::perms::owner_all, error);
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && only_ours(status);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  const int fd_;
};

/// What follows the key in a name that this class gave; nothing: it is somebody else's, which may lie in the folder too.
std::string_view after_key(std::string_view name) noexcept {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() > kKeyDigits && std::ranges::all_of(name.substr(0, kKeyDigits), is_digit) ? name.substr(kKeyDigits) : "";
}
/// Left by a process that was killed while it wrote. One that still writes takes no hour.
bool is_abandoned(std::string_view suffix, fs::file_time_type written) {
  return suffix.starts_with(kSuffix) && suffix.substr(kSuffix.size()).starts_with(kPart) &&
         written < fs::file_time_type::clock::now() - kPartAgeMax;
}

/// A regular file of ours, whole. Reading counts as use.
std::optional<Bytes> read_own(const std::string& name, std::size_t bytes_max) {
  const Descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || !only_ours(status)) return {};
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > bytes_max) return {};
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t got = ::read(file.get(), bytes.data() + at, bytes.size() - at);
    if (got <= 0) return {};
    at += static_cast<std::size_t>(got);
  }
  ::futimens(file.get(), nullptr);
  return bytes;
}

bool is_intact(ByteView bytes, const Digest& key) {
  if (bytes.size() < kOverhead) return false;
  const ByteView said = bytes.first(bytes.size() - 32);
  return std::ranges::equal(said.first(kMagic.size()), bytes_of(kMagic)) &&
         std::ranges::equal(said.subspan(kMagic.size(), 32), key.view()) && std::ranges::equal(bytes.last(32), sha256(said).view());
}

}  // namespace

CircuitFolder::CircuitFolder(std::string path, std::size_t bytes_max) : path_{std::move(path)}, bytes_max_{bytes_max} {
  if (bytes_max_ == 0 || (!path_.empty() && !usable_folder(path_))) path_.clear();
}

std::string CircuitFolder::name_of(const Digest& key) const { return path_ + '/' + to_hex(key.view()) + std::string{kSuffix}; }

std::optional<Bytes> CircuitFolder::load(const Digest& key) const {
  if (!used()) return {};
  auto bytes = read_own(name_of(key), bytes_max_);
  if (!bytes) return {};
  if (!is_intact(*bytes, key)) {
    drop(key);
    return {};
  }
  bytes->resize(bytes->size() - 32);
  bytes->erase(bytes->begin(), bytes->begin() + kHeadBytes);
  return bytes;
}

void CircuitFolder::save(const Digest& key, ByteView image) {
  if (!used() || image.size() > bytes_max_ || bytes_max_ - image.size() < kOverhead) return;
  Bytes file;
  file.reserve(image.size() + kOverhead);
  append(file, bytes_of(kMagic));
  append(file, key.view());
  append(file, image);
  const Digest digest = sha256(file);
  append(file, digest.view());
  const std::lock_guard lock{mutex_};
  auto sink = create_sink(name_of(key), {Existing::replace, 0600, false});
  if (!sink || !(*sink)->write(file) || !(*sink)->finish()) return;
  shrink();
}

void CircuitFolder::drop(const Digest& key) const noexcept { ::unlink(name_of(key).c_str()); }

void CircuitFolder::shrink() const {
  struct Kept {
    fs::file_time_type used;
    std::size_t bytes;
    fs::path name;
  };
  std::vector<Kept> all;
  std::size_t total = 0;
  std::error_code error;
  for (fs::directory_iterator at{path_, error}, end; !error && at != end; at.increment(error)) {
    std::error_code gone;  // another process may have removed it meanwhile
    const std::string name = at->path().filename().string();
    const std::string_view suffix = after_key(name);
    if (suffix.empty() || !at->is_regular_file(gone)) continue;
    const auto bytes = at->file_size(gone);
    const auto used = gone ? fs::file_time_type{} : at->last_write_time(gone);
    if (gone) continue;
    if (is_abandoned(suffix, used)) fs::remove(at->path(), gone);
    if (suffix != kSuffix) continue;
    all.push_back({used, bytes, at->path()});
    total += bytes;
  }
  std::ranges::sort(all, {}, &Kept::used);
  for (const Kept& oldest : all) {
    if (total <= bytes_max_) return;
    fs::remove(oldest.name, error);
    total -= oldest.bytes;
  }
}

}  // namespace tablinum::proof
