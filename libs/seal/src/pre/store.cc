/// FileProxyState and FolderFailureBudget: what must be on the disk before an answer is given.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>

#include "pre/proxy_contents.h"
#include "tablinum/base/stream.h"
#include "tablinum/seal/pre_store.h"

namespace tablinum::seal::pre {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_{fd} {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> failed(const std::string& path, int error) {
  const Code code = error == ENOENT || error == ENOTDIR                     ? Code::not_found
                    : error == EACCES || error == EPERM || error == EROFS   ? Code::denied
                    : error == ENOSPC || error == EDQUOT || error == EFBIG  ? Code::no_space
                                                                            : Code::io;
  return fail(code, path + ": " + std::strerror(error));
}

Result<Descriptor> open_locked(const std::string& path, int wait) {
  Descriptor file{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.get() < 0) return failed(path, errno);
  if (flock(file.get(), LOCK_EX | wait) == 0) return file;
  if (errno == EWOULDBLOCK) return fail(Code::busy, path + ": another process has this open");
  return failed(path, errno);
}

Result<Bytes> read_whole(const std::string& path, std::uint64_t bytes_max) {
  TRY(source, open_source(path));
  return read_all(*source, bytes_max);
}

/// Whole or not at all, on the disk when it returns.
Result<void> replace_file(const std::string& path, std::initializer_list<ByteView> parts) {
  TRY(sink, create_sink(path, {.existing = Existing::replace, .mode = 0600, .durable = true}));
  for (const auto part : parts) CHECK_OK(sink->write(part));
  return sink->finish();
}

}  // namespace

// ---- a proxy's state

struct FileProxyState::State {
  std::string path;
  std::uint64_t log_bytes_max = 0;
  Descriptor lock_file, file;
  std::mutex mutex;
  std::condition_variable written;
  ProxyContents contents;
  std::deque<Bytes> pending;                    // records that nobody writes yet
  std::uint64_t queued = 0, durable = 0;        // records since it was opened
  std::uint64_t snapshot_bytes = 0, bytes = 0;  // of the file
  std::uint64_t compactions = 0;
  bool writing = false;
  std::optional<Error> broken;

  Result<void> load();
  Result<void> compact();
  Result<void> append(ByteView group);
  Result<void> until_durable(std::unique_lock<std::mutex>& lock);
  void write_group(std::unique_lock<std::mutex>& lock);
  Result<void> record(std::unique_lock<std::mutex>& lock, Bytes bytes_of_record);
};

Result<void> FileProxyState::State::load() {
  if (access(path.c_str(), F_OK) != 0) return compact();
  TRY(all, read_whole(path, kStateFileBytesMax));
  auto parsed = parse_state_file(all);
  if (!parsed) return fail(parsed.error().code, path + ": " + parsed.error().detail);
  contents = std::move(parsed->contents);
  if (parsed->older) return compact();
  snapshot_bytes = parsed->snapshot_bytes;
  bytes = parsed->good_bytes;
  file = Descriptor{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (file.get() < 0) return failed(path, errno);
  if (bytes < all.size() && (ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 || fsync(file.get()) != 0)) return failed(path, errno);
  return {};
}

/// Contents as a new snapshot under the file's name; the log begins anew.
Result<void> FileProxyState::State::compact() {
  const Bytes snapshot = contents.serialise();
  CHECK_OK(replace_file(path, {state_head(snapshot), snapshot}));
  file = Descriptor{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (file.get() < 0) return failed(path, errno);
  snapshot_bytes = bytes = kStateHeadBytes + snapshot.size();
  return {};
}

Result<void> FileProxyState::State::append(ByteView group) {
  for (std::size_t done = 0; done < group.size();) {
    const auto wrote = pwrite(file.get(), group.data() + done, group.size() - done, static_cast<off_t>(bytes + done));
    if (wrote < 0 && errno != EINTR) return failed(path, errno);
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  if (fdatasync(file.get()) != 0) return failed(path, errno);
  bytes += group.size();
  return {};
}

/// Writes what is pending, at most one group, without the lock.
void FileProxyState::State::write_group(std::unique_lock<std::mutex>& lock) {
  Bytes group;
  std::uint64_t records = 0;
  for (; !pending.empty() && group.size() < kStateGroupBytesMax; ++records) {
    tablinum::append(group, pending.front());
    pending.pop_front();
  }
  writing = true;
  lock.unlock();
  auto done = append(group);
  lock.lock();
  durable += records;
  // What is pending is in the contents already, so it is in the snapshot and need not be written after it.
  if (done && bytes - snapshot_bytes > log_bytes_max + snapshot_bytes) {
    done = compact();
    durable += pending.size();
    pending.clear();
    ++compactions;
  }
  if (!done) broken = std::move(done).error();
  writing = false;
  written.notify_all();
}

/// Until everything that was counted so far is on the disk: also for a pair that somebody else has just counted.
Result<void> FileProxyState::State::until_durable(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t mine = queued;
  while (!broken && durable < mine) {
    if (writing)
      written.wait(lock);
    else
      write_group(lock);
  }
  if (broken) return std::unexpected(*broken);
  return {};
}

Result<void> FileProxyState::State::record(std::unique_lock<std::mutex>& lock, Bytes bytes_of_record) {
  pending.push_back(std::move(bytes_of_record));
  ++queued;
  return until_durable(lock);
}

FileProxyState::FileProxyState(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
FileProxyState::~FileProxyState() = default;

Result<std::unique_ptr<FileProxyState>> FileProxyState::open(const std::string& path, std::uint64_t log_bytes_max) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->log_bytes_max = log_bytes_max;
  TRY(locked, open_locked(path + ".lock", LOCK_NB));
  state->lock_file = std::move(locked);
  CHECK_OK(state->load());
  return std::unique_ptr<FileProxyState>{new FileProxyState{std::move(state)}};
}

Result<bool> FileProxyState::is_revoked(const DelegationId& delegation) {
  const std::lock_guard lock{state_->mutex};
  return state_->contents.is_revoked(delegation);
}

Result<void> FileProxyState::revoke(const Tombstone& tombstone) {
  std::unique_lock lock{state_->mutex};
  if (state_->broken) return std::unexpected(*state_->broken);
  if (!state_->contents.revoke(tombstone.delegation())) return state_->until_durable(lock);
  return state_->record(lock, revoke_record(tombstone.delegation()));
}

Result<void> FileProxyState::charge(const Charge& charge) {
  std::unique_lock lock{state_->mutex};
  if (state_->broken) return std::unexpected(*state_->broken);
  TRY(is_new, state_->contents.charge(charge));
  if (!is_new) return state_->until_durable(lock);
  return state_->record(lock, charge_record(charge));
}

std::uint64_t FileProxyState::compactions() const noexcept {
  const std::lock_guard lock{state_->mutex};
  return state_->compactions;
}

// ---- a delegate's failures

struct FolderFailureBudget::State {
  std::string folder;
  std::mutex mutex;
  bool used_up = false;

  std::string path_of(const KeyId& key) const { return folder + "/" + to_hex(key.bytes); }
  Result<std::uint32_t> taken(const std::string& path) const;
  /// Changes a count while no other thread or process does.
  Result<void> change(const KeyId& key, FunctionRef<Result<std::uint32_t>(std::uint32_t)> next);
};

Result<std::uint32_t> FolderFailureBudget::State::taken(const std::string& path) const {
  if (access(path.c_str(), F_OK) != 0) return 0U;
  TRY(bytes, read_whole(path, 16));
  const auto text = text_of(bytes);
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return fail(Code::corrupt, path + ": not a number");
  return count;
}

Result<void> FolderFailureBudget::State::change(const KeyId& key, FunctionRef<Result<std::uint32_t>(std::uint32_t)> next) {
  const std::lock_guard guard{mutex};
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder, errno);
  const auto lock = open_locked(folder + "/lock", 0);
  if (!lock) return std::unexpected(lock.error());
  const std::string path = path_of(key);
  TRY(count, taken(path));
  TRY(changed, next(count));
  if (changed == count) return {};
  return replace_file(path, {bytes_of(std::to_string(changed))});
}

FolderFailureBudget::FolderFailureBudget(std::string folder) : state_{std::make_unique<State>()} { state_->folder = std::move(folder); }
FolderFailureBudget::~FolderFailureBudget() = default;

Result<void> FolderFailureBudget::take(const KeyId& key) {
  return state_->change(key, [&](std::uint32_t count) -> Result<std::uint32_t> {
    state_->used_up = count >= kFailuresMax;
    if (state_->used_up) return fail(Code::limit, "this receiving key failed too often: publish a new one");
    return count + 1;
  });
}

Result<void> FolderFailureBudget::give_back(const KeyId& key) {
  return state_->change(key, [](std::uint32_t count) -> Result<std::uint32_t> { return count == 0 ? 0 : count - 1; });
}

bool FolderFailureBudget::used_up() const noexcept {
  const std::lock_guard guard{state_->mutex};
  return state_->used_up;
}

}  // namespace tablinum::seal::pre
