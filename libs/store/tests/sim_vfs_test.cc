#include "sim_vfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace tablinum::store {

/// What the connections to one file share. It is memory: a power cut takes it.
struct SimVfs::Shared {
  int readers = 0;
  File* reserved = nullptr;
  File* pending = nullptr;
  std::vector<std::unique_ptr<std::byte[]>> regions;
  int mapped_by = 0;
  struct Slot {
    int readers = 0;
    File* writer = nullptr;
  };
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
};

struct SimVfs::File : sqlite3_file {
  SimVfs* vfs = nullptr;
  std::string path;
  std::string real_path;
  int fd = -1;
  int level = SQLITE_LOCK_NONE;
  bool remove_at_close = false;
  bool directory_due = false;  // a new file's name is durable only after its directory was synced
  bool maps = false;
};

/// The engine's callbacks.
struct SimVfs::Calls {
  static File& file(sqlite3_file* self) { return *static_cast<File*>(self); }
  static SimVfs& vfs(sqlite3_vfs* self) { return *static_cast<SimVfs*>(self->pAppData); }

  static std::string name_on_disk(SimVfs& vfs, const char* name) {
    if (name == nullptr) return "/tmp/temporary-" + std::to_string(++vfs.temporary_files_);
    return std::string{"/tmp"} + std::strrchr(name, '/');
  }

  static int open(sqlite3_vfs* self, const char* name, sqlite3_file* out, int flags, int* flags_out) {
    SimVfs& vfs = Calls::vfs(self);
    out->pMethods = nullptr;
    if (!vfs.step()) return SQLITE_IOERR;
    const std::string path = name_on_disk(vfs, name);
    const bool is_new = !vfs.disk_.stat(path).has_value();
    if (is_new && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    const bool write = (flags & SQLITE_OPEN_READWRITE) != 0;
    const auto fd = vfs.disk_.open(path, (write ? O_RDWR : O_RDONLY) | (is_new ? O_CREAT : 0));
    if (!fd) return fd.error() == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN;
    File* file = new (out) File;
    file->pMethods = &kMethods;
    file->vfs = &vfs;
    file->path = path;
    file->fd = *fd;
    file->remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    file->directory_due = is_new;
    if (name != nullptr && is_new) {
      vfs.real_files_.insert(name);
      SimVfs::make_real(name);
    }
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* self, const char* name, int sync_directory) {
    SimVfs& vfs = Calls::vfs(self);
    if (!vfs.step()) return SQLITE_IOERR_DELETE;
    ::unlink(name);
    const auto removed = vfs.disk_.remove(name_on_disk(vfs, name));
    if (!removed) return removed.error() == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    return sync_directory == 0 || vfs.sync_directory() ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
  }

  static int access(sqlite3_vfs* self, const char* name, int, int* out) {
    SimVfs& vfs = Calls::vfs(self);
    *out = vfs.disk_.stat(name_on_disk(vfs, name)).has_value() ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_pathname(sqlite3_vfs*, const char* name, int bytes, char* out) {
    if (std::strlen(name) + 1 > static_cast<std::size_t>(bytes)) return SQLITE_CANTOPEN;
    std::strcpy(out, name);
    return SQLITE_OK;
  }

  static int close(sqlite3_file* self) {
    File& it = file(self);
    unlock(self, SQLITE_LOCK_NONE);
    if (it.vfs->powered_) {
      it.vfs->disk_.close(it.fd);
      if (it.remove_at_close) (void)it.vfs->disk_.remove(it.path);
    }
    it.~File();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* self, void* out, int bytes, sqlite3_int64 offset) {
    File& it = file(self);
    if (!it.vfs->powered_) return SQLITE_IOERR_READ;
    const MutableBytes buffer{static_cast<std::byte*>(out), static_cast<std::size_t>(bytes)};
    const auto got = it.vfs->disk_.read(it.fd, static_cast<std::uint64_t>(offset), buffer);
    if (!got) return SQLITE_IOERR_READ;
    if (*got == buffer.size()) return SQLITE_OK;
    std::ranges::fill(buffer.subspan(*got), std::byte{0});
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* self, const void* data, int bytes, sqlite3_int64 offset) {
    File& it = file(self);
    if (!it.vfs->step()) return SQLITE_IOERR_WRITE;
    const ByteView view{static_cast<const std::byte*>(data), static_cast<std::size_t>(bytes)};
    const auto done = it.vfs->disk_.write(it.fd, static_cast<std::uint64_t>(offset), view);
    if (!done) return done.error() == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* self, sqlite3_int64 bytes) {
    File& it = file(self);
    if (!it.vfs->step()) return SQLITE_IOERR_TRUNCATE;
    return it.vfs->disk_.truncate(it.fd, static_cast<std::uint64_t>(bytes)) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  }

  static int sync(sqlite3_file* self, int) {
    File& it = file(self);
    if (!it.vfs->step()) return SQLITE_IOERR_FSYNC;
    if (!it.vfs->disk_.sync(it.fd)) return SQLITE_IOERR_FSYNC;
    if (!it.directory_due) return SQLITE_OK;
    if (!it.vfs->sync_directory()) return SQLITE_IOERR_DIR_FSYNC;
    it.directory_due = false;
    return SQLITE_OK;
  }

  static int size(sqlite3_file* self, sqlite3_int64* out) {
    File& it = file(self);
    if (!it.vfs->powered_) return SQLITE_IOERR_FSTAT;
    const auto stat = it.vfs->disk_.stat(it.fd);
    if (!stat) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(stat->bytes);
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* self, int level) {
    File& it = file(self);
    Shared& shared = it.vfs->shared(it.path);
    if (it.level >= level) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
      if (shared.pending != nullptr) return SQLITE_BUSY;
      ++shared.readers;
    } else {
      if (shared.reserved != nullptr && shared.reserved != &it) return SQLITE_BUSY;
      shared.reserved = &it;
      if (level == SQLITE_LOCK_EXCLUSIVE) {
        shared.pending = &it;
        it.level = SQLITE_LOCK_PENDING;
        if (shared.readers > 1) return SQLITE_BUSY;
      }
    }
    it.level = level;
    return SQLITE_OK;
  }

  static int unlock(sqlite3_file* self, int level) {
    File& it = file(self);
    Shared& shared = it.vfs->shared(it.path);
    if (it.level <= level) return SQLITE_OK;
    if (shared.reserved == &it) shared.reserved = nullptr;
    if (shared.pending == &it) shared.pending = nullptr;
    if (level == SQLITE_LOCK_NONE) --shared.readers;
    it.level = level;
    return SQLITE_OK;
  }

  static int is_reserved(sqlite3_file* self, int* out) {
    File& it = file(self);
    *out = it.vfs->shared(it.path).reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_bytes(sqlite3_file*) { return static_cast<int>(io::kSimSectorBytes); }
  // As of the engine's own files on Linux: a write that is cut short damages nothing beside it.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map(sqlite3_file* self, int region, int bytes, int extend, void volatile** out) {
    File& it = file(self);
    Shared& shared = it.vfs->shared(it.path);
    shared.mapped_by += it.maps ? 0 : 1;
    it.maps = true;
    const auto wanted = static_cast<std::size_t>(region) + 1;
    if (shared.regions.size() < wanted && extend == 0) {
      *out = nullptr;
      return SQLITE_OK;
    }
    while (shared.regions.size() < wanted) shared.regions.push_back(std::make_unique<std::byte[]>(static_cast<std::size_t>(bytes)));
    *out = shared.regions[wanted - 1].get();
    return SQLITE_OK;
  }

  static int map_lock(sqlite3_file* self, int first, int count, int flags) {
    File& it = file(self);
    auto& slots = it.vfs->shared(it.path).slots;
    const auto begin = slots.begin() + first;
    const auto end = begin + count;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      for (auto slot = begin; slot != end; ++slot) {
        if ((flags & SQLITE_SHM_EXCLUSIVE) != 0)
          slot->writer = slot->writer == &it ? nullptr : slot->writer;
        else
          --slot->readers;
      }
      return SQLITE_OK;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    const auto taken = [&](const Shared::Slot& slot) { return slot.writer != nullptr || (exclusive && slot.readers > 0); };
    if (std::any_of(begin, end, taken)) return SQLITE_BUSY;
    for (auto slot = begin; slot != end; ++slot) {
      if (exclusive)
        slot->writer = &it;
      else
        ++slot->readers;
    }
    return SQLITE_OK;
  }

  static void map_barrier(sqlite3_file*) {}
  static int unmap(sqlite3_file* self, int remove) {
    File& it = file(self);
    Shared& shared = it.vfs->shared(it.path);
    if (!std::exchange(it.maps, false)) return SQLITE_OK;
    if (--shared.mapped_by == 0 && remove != 0) shared.regions.clear();
    return SQLITE_OK;
  }

  static constexpr sqlite3_io_methods kMethods{
      .iVersion = 2,
      .xClose = close,
      .xRead = read,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = size,
      .xLock = lock,
      .xUnlock = unlock,
      .xCheckReservedLock = is_reserved,
      .xFileControl = control,
      .xSectorSize = sector_bytes,
      .xDeviceCharacteristics = characteristics,
      .xShmMap = map,
      .xShmLock = map_lock,
      .xShmBarrier = map_barrier,
      .xShmUnmap = unmap,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
};

namespace {

io::Task<Result<void>> stay_up(io::Io& io) { co_return co_await io::sleep(io, Duration::seconds(1'000'000)); }

io::SimOptions world_options() {
  io::SimOptions options = io::simulation_options();
  options.time_max = Duration::seconds(2'000'000);
  return options;
}

}  // namespace

SimVfs::SimVfs(std::uint64_t seed)
    : world_{seed, world_options()}, host_{world_.host("archive")}, disk_{host_.disk()}, usual_{sqlite3_vfs_find(nullptr)} {
  host_.start(stay_up);
  vfs_ = *usual_;  // its clock and its sleep
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(File);
  vfs_.zName = "simulated";
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::open;
  vfs_.xDelete = Calls::remove;
  vfs_.xAccess = Calls::access;
  vfs_.xFullPathname = Calls::full_pathname;
  sqlite3_vfs_register(&vfs_, 1);
}

SimVfs::~SimVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(usual_, 1);
}

SimVfs::Shared& SimVfs::shared(const std::string& path) {
  auto& found = shared_[path];
  if (!found) found = std::make_unique<Shared>();
  return *found;
}

bool SimVfs::step() noexcept {
  if (powered_ && ++operations_ == cut_at_) powered_ = false;
  return powered_;
}

void SimVfs::make_real(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
}

bool SimVfs::sync_directory() {
  const auto directory = disk_.open("/tmp", O_RDONLY | O_DIRECTORY);
  if (!directory) return false;
  const bool synced = disk_.sync(*directory).has_value();
  disk_.close(*directory);
  return synced;
}

void SimVfs::restart() {
  const Duration now = world_.elapsed();
  world_.at(now + Duration::seconds(1), [&] { host_.crash(io::CrashKind::power); });
  world_.at(now + Duration::seconds(2), [&] { host_.restart(); });
  (void)world_.run_for(now + Duration::seconds(3));
  shared_.clear();
  powered_ = true;
  cut_at_ = 0;
  // A power cut takes names, and brings removed ones back.
  for (const std::string& path : real_files_) {
    const bool there = disk_.stat("/tmp" + path.substr(path.rfind('/'))).has_value();
    there ? make_real(path) : static_cast<void>(::unlink(path.c_str()));
  }
}

}  // namespace tablinum::store
