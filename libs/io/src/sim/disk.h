#pragma once
/// What a simulated disk holds: what the page cache shows, what is durable, and what of the former is on its way.
#include <deque>
#include <map>

#include "sim/random.h"
#include "tablinum/io/simulate.h"

namespace tablinum::io {

/// A change of a file that no sync has made durable yet.
struct SimWrite {
  bool truncate = false;
  std::uint64_t offset = 0;  ///< truncate: the new length
  Bytes data;
};

struct SimInode {
  bool directory = false;
  std::uint32_t mode = 0;
  Timestamp modified;
  Bytes content;
  Bytes durable;
  std::deque<SimWrite> pending;
};

/// A change of a directory that no sync of the directory has made durable yet.
struct SimName {
  enum class Kind : std::uint8_t { add, remove, rename };
  Kind kind;
  std::string path;
  std::string other;  ///< rename: to
  std::uint64_t inode = 0;
};

struct SimDisk::State {
  State(SimWorld::State& owner, std::uint64_t host);

  using Names = std::map<std::string, std::uint64_t>;

  Timestamp modified_now() const noexcept;
  SimInode* find(const std::string& path);
  SimInode* of(int fd);
  bool has_directory(const Names& in, const std::string& path) const;
  /// Nothing is lost beside what is open.
  void close_all() noexcept { open_files.clear(); }
  /// What the disk holds after the power was cut.
  void cut_power();
  void apply_sync(SimInode& inode);
  void sync_names(const std::string& directory);
  bool apply_name(const SimName& change);
  void crash_inode(SimInode& inode);
  void write_sectors(SimInode& inode, const SimWrite& change);
  void forget_unnamed();

  struct Opened {
    std::uint64_t inode;
    std::string path;
    bool writable;
  };
  SimWorld::State& world;
  sim::Stream random;
  SimDiskOptions options;
  std::map<std::uint64_t, SimInode> inodes;
  Names names;
  Names durable_names;
  std::deque<SimName> pending_names;
  std::map<int, Opened> open_files;
  std::uint64_t next_inode = 1;
  int next_fd = 3;
  Size used_bytes = 0;
};

}  // namespace tablinum::io
