#include "sim/disk.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "sim/world.h"

namespace tablinum::io {
namespace {

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

/// "/a/b" for "/a//b/".
std::string normal(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

void write_into(Bytes& content, std::uint64_t offset, ByteView data) {
  const Size end = static_cast<Size>(offset) + data.size();
  if (content.size() < end) content.resize(end);
  std::ranges::copy(data, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::unexpected<int> refuse(int error) { return std::unexpected{error}; }

}  // namespace

SimDisk::State::State(SimWorld::State& owner, std::uint64_t host)
    : world{owner}, random{owner.seed, host, sim::Purpose::disk}, options{owner.options.disk} {
  SimInode root;
  root.directory = true;
  root.mode = 0700;
  inodes.emplace(0, std::move(root));
  for (const char* path : {"/", "/tmp"}) names[path] = durable_names[path] = 0;
}

Timestamp SimDisk::State::modified_now() const noexcept { return Timestamp{world.now.ns / 1'000'000}; }

SimInode* SimDisk::State::find(const std::string& path) {
  const auto found = names.find(path);
  return found == names.end() ? nullptr : &inodes.at(found->second);
}

SimInode* SimDisk::State::of(int fd) {
  const auto found = open_files.find(fd);
  return found == open_files.end() ? nullptr : &inodes.at(found->second.inode);
}

bool SimDisk::State::has_directory(const Names& in, const std::string& path) const {
  const auto found = in.find(path);
  return found != in.end() && inodes.at(found->second).directory;
}

// --- durability ---

void SimDisk::State::apply_sync(SimInode& inode) {
  for (const SimWrite& change : inode.pending) {
    if (change.truncate) {
      inode.durable.resize(static_cast<Size>(change.offset));
    } else {
      write_into(inode.durable, change.offset, change.data);
    }
  }
  inode.pending.clear();
}

bool SimDisk::State::apply_name(const SimName& change) {
  switch (change.kind) {
    case SimName::Kind::add:
      if (!has_directory(durable_names, directory_of(change.path))) return false;
      durable_names[change.path] = change.inode;
      return true;
    case SimName::Kind::remove:
      return durable_names.erase(change.path) > 0;
    case SimName::Kind::rename: {
      const auto from = durable_names.find(change.path);
      if (from == durable_names.end() || !has_directory(durable_names, directory_of(change.other))) return false;
      const std::uint64_t inode = from->second;
      durable_names.erase(from);
      durable_names[change.other] = inode;
      return true;
    }
  }
  return false;
}

void SimDisk::State::sync_names(const std::string& directory) {
  std::deque<SimName> rest;
  for (SimName& change : pending_names) {
    const std::string& where = change.kind == SimName::Kind::rename ? change.other : change.path;
    if (directory_of(where) == directory || directory_of(change.path) == directory) {
      // A file that was made and renamed in one go is durable under its last name, whatever its first one was.
      if (!apply_name(change) && change.kind == SimName::Kind::rename) durable_names[change.other] = change.inode;
    } else {
      rest.push_back(std::move(change));
    }
  }
  pending_names = std::move(rest);
}

// Each sector of a write that was not synced stays, is lost, or is torn, whatever became of its neighbours.
void SimDisk::State::write_sectors(SimInode& inode, const SimWrite& change) {
  for (std::uint64_t at = change.offset; at < change.offset + change.data.size();) {
    const std::uint64_t sector_end = (at / kSimSectorBytes + 1) * kSimSectorBytes;
    const auto end = std::min<std::uint64_t>(sector_end, change.offset + change.data.size());
    const ByteView part{change.data.data() + (at - change.offset), static_cast<Size>(end - at)};
    const std::uint64_t fate = random.below(3);
    if (fate == 0) {
      ++world.counters.sectors_kept;
      write_into(inode.durable, at, part);
    } else if (fate == 1) {
      ++world.counters.sectors_dropped;
    } else {
      ++world.counters.sectors_torn;
      write_into(inode.durable, at, part.first(part.size() / 2));
      if (options.hostile) {
        Bytes garbage(part.size() - part.size() / 2);
        for (std::byte& each : garbage) each = static_cast<std::byte>(random.next());
        write_into(inode.durable, at + part.size() / 2, garbage);
      }
    }
    at = end;
  }
}

void SimDisk::State::crash_inode(SimInode& inode) {
  for (const SimWrite& change : inode.pending) {
    if (!change.truncate) {
      write_sectors(inode, change);
    } else if (random.below(2) == 0) {
      inode.durable.resize(static_cast<Size>(change.offset));
    }
  }
  inode.pending.clear();
  inode.content = inode.durable;
}

void SimDisk::State::forget_unnamed() {
  std::set<std::uint64_t> named;
  for (const auto& [path, inode] : names) named.insert(inode);
  std::erase_if(inodes, [&](const auto& each) { return !named.contains(each.first); });
  used_bytes = 0;
  for (const auto& [number, inode] : inodes) used_bytes += inode.content.size();
}

void SimDisk::State::cut_power() {
  close_all();
  for (const SimName& change : pending_names) {
    const bool kept = random.below(2) == 0 && apply_name(change);
    ++(kept ? world.counters.names_kept : world.counters.names_dropped);
  }
  pending_names.clear();
  names = durable_names;
  for (auto& [number, inode] : inodes) crash_inode(inode);
  forget_unnamed();
}

// --- calls ---

SimDisk::Outcome<int> SimDisk::open(const std::string& given, int flags, std::uint32_t mode) {
  const std::string path = normal(given);
  const bool writable = (flags & O_ACCMODE) != O_RDONLY;
  SimInode* inode = state_.find(path);
  if (inode == nullptr) {
    if ((flags & O_CREAT) == 0) return refuse(ENOENT);
    if (!state_.has_directory(state_.names, directory_of(path))) return refuse(ENOENT);
    const std::uint64_t number = state_.next_inode++;
    inode = &state_.inodes[number];
    inode->mode = mode;
    state_.names[path] = number;
    state_.pending_names.push_back({SimName::Kind::add, path, {}, number});
  } else if ((flags & O_EXCL) != 0) {
    return refuse(EEXIST);
  } else if (inode->directory && writable) {
    return refuse(EISDIR);
  } else if (!inode->directory && (flags & O_DIRECTORY) != 0) {
    return refuse(ENOTDIR);
  }
  const int fd = state_.next_fd++;
  state_.open_files[fd] = {state_.names.at(path), path, writable};
  if ((flags & O_TRUNC) != 0) static_cast<void>(truncate(fd, 0));
  return fd;
}

void SimDisk::close(int fd) { state_.open_files.erase(fd); }

SimDisk::Outcome<Size> SimDisk::read(int fd, std::uint64_t offset, MutableBytes out) {
  const SimInode* inode = state_.of(fd);
  if (inode == nullptr) return refuse(EBADF);
  if (inode->directory) return refuse(EISDIR);
  if (state_.world.fault(state_.random, state_.options.read_error, &SimCounters::read_errors)) return refuse(EIO);
  if (offset >= inode->content.size()) return Size{0};
  const ByteView there = ByteView{inode->content}.subspan(static_cast<Size>(offset));
  const Size count = std::min(there.size(), out.size());
  std::ranges::copy(there.first(count), out.begin());
  if (count > 0 && state_.world.fault(state_.random, state_.options.bit_rot, &SimCounters::bits_rotten)) {
    const std::uint64_t bit = state_.random.below(count * 8);
    out[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
  }
  return count;
}

SimDisk::Outcome<Size> SimDisk::write(int fd, std::uint64_t offset, ByteView data) {
  SimInode* inode = state_.of(fd);
  if (inode == nullptr || !state_.open_files.at(fd).writable) return refuse(EBADF);
  if (state_.world.fault(state_.random, state_.options.write_error, &SimCounters::write_errors)) return refuse(EIO);
  const Size before = inode->content.size();
  const Size after = std::max(before, static_cast<Size>(offset) + data.size());
  if (state_.used_bytes + (after - before) > state_.options.capacity_bytes) {
    ++state_.world.counters.no_space;
    return refuse(ENOSPC);
  }
  state_.used_bytes += after - before;
  write_into(inode->content, offset, data);
  inode->modified = state_.modified_now();
  inode->pending.push_back({false, offset, Bytes{data.begin(), data.end()}});
  return data.size();
}

SimDisk::Outcome<void> SimDisk::sync(int fd) {
  SimInode* inode = state_.of(fd);
  if (inode == nullptr) return refuse(EBADF);
  if (state_.world.fault(state_.random, state_.options.sync_error, &SimCounters::sync_errors)) {
    inode->pending.clear();  // clean in the kernel's eyes, and never to be durable
    return refuse(EIO);
  }
  if (inode->directory) {
    state_.sync_names(state_.open_files.at(fd).path);
  } else {
    state_.apply_sync(*inode);
  }
  return {};
}

SimDisk::Outcome<void> SimDisk::truncate(int fd, std::uint64_t bytes) {
  SimInode* inode = state_.of(fd);
  if (inode == nullptr || !state_.open_files.at(fd).writable) return refuse(EINVAL);
  state_.used_bytes = state_.used_bytes - inode->content.size() + static_cast<Size>(bytes);
  inode->content.resize(static_cast<Size>(bytes));
  inode->pending.push_back({true, bytes, {}});
  return {};
}

namespace {

FileStat stat_of(const SimInode& inode) {
  FileStat status;
  status.type = inode.directory ? FileType::directory : FileType::regular;
  status.bytes = inode.content.size();
  status.modified = inode.modified;
  status.mode = inode.mode;
  return status;
}

}  // namespace

SimDisk::Outcome<FileStat> SimDisk::stat(int fd) {
  const SimInode* inode = state_.of(fd);
  if (inode == nullptr) return refuse(EBADF);
  return stat_of(*inode);
}

SimDisk::Outcome<FileStat> SimDisk::stat(const std::string& path) {
  const SimInode* inode = state_.find(normal(path));
  if (inode == nullptr) return refuse(ENOENT);
  return stat_of(*inode);
}

SimDisk::Outcome<void> SimDisk::rename(const std::string& given_from, const std::string& given_to) {
  const std::string from = normal(given_from);
  const std::string to = normal(given_to);
  const auto source = state_.names.find(from);
  if (source == state_.names.end() || !state_.has_directory(state_.names, directory_of(to))) return refuse(ENOENT);
  const std::uint64_t inode = source->second;
  if (state_.inodes.at(inode).directory) return refuse(EINVAL);  // not needed so far
  const SimInode* target = state_.find(to);
  if (target != nullptr && target->directory) return refuse(EISDIR);
  state_.names.erase(source);
  state_.names[to] = inode;
  state_.pending_names.push_back({SimName::Kind::rename, from, to, inode});
  return {};
}

SimDisk::Outcome<void> SimDisk::remove(const std::string& given) {
  const std::string path = normal(given);
  const SimInode* inode = state_.find(path);
  if (inode == nullptr) return refuse(ENOENT);
  if (inode->directory) {
    const auto next = state_.names.upper_bound(path + "/");
    if (next != state_.names.end() && next->first.starts_with(path + "/")) return refuse(ENOTEMPTY);
  }
  state_.names.erase(path);
  state_.pending_names.push_back({SimName::Kind::remove, path, {}, 0});
  return {};
}

SimDisk::Outcome<void> SimDisk::make_directory(const std::string& given, std::uint32_t mode) {
  const std::string path = normal(given);
  if (state_.find(path) != nullptr) return refuse(EEXIST);
  if (!state_.has_directory(state_.names, directory_of(path))) return refuse(ENOENT);
  const std::uint64_t number = state_.next_inode++;
  SimInode& inode = state_.inodes[number];
  inode.directory = true;
  inode.mode = mode;
  state_.names[path] = number;
  state_.pending_names.push_back({SimName::Kind::add, path, {}, number});
  return {};
}

SimDisk::Outcome<std::vector<std::string>> SimDisk::list(const std::string& given) {
  const std::string path = normal(given);
  const SimInode* inode = state_.find(path);
  if (inode == nullptr) return refuse(ENOENT);
  if (!inode->directory) return refuse(ENOTDIR);
  const std::string prefix = path == "/" ? path : path + "/";
  std::vector<std::string> names;
  for (auto at = state_.names.upper_bound(prefix); at != state_.names.end() && at->first.starts_with(prefix); ++at) {
    if (at->first.find('/', prefix.size()) == std::string::npos) names.push_back(at->first.substr(prefix.size()));
  }
  return names;
}

SimDiskOptions& SimDisk::options() noexcept { return state_.options; }

}  // namespace tablinum::io
