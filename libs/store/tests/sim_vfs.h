#pragma once
/// The engine's files on a simulated disk (io/simulate.h), whose power can be cut at any operation.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tablinum/io/simulate.h"

namespace tablinum::store {

/// While it lives, it is the engine's default. All files lie in one directory of the disk, by the last part of their names; beside
/// each stands an empty real file, for who asks the file system whether there is one. One thread; one at a time.
class SimVfs {
 public:
  explicit SimVfs(std::uint64_t seed);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  /// The power goes just before the n-th operation on the disk from now (from 1): it and all that follow fail. 0: never.
  void cut_power_at(std::uint64_t operation) noexcept { cut_at_ = operation == 0 ? 0 : operations_ + operation; }
  bool powered() const noexcept { return powered_; }
  /// Cuts the power if it is still there, and brings the machine up again with what the disk kept. No connection may be open.
  void restart();
  std::uint64_t operations() const noexcept { return operations_; }
  io::SimWorld& world() noexcept { return world_; }

 private:
  struct File;
  struct Shared;
  struct Calls;

  bool step() noexcept;
  static void make_real(const std::string& path);
  bool sync_directory();
  Shared& shared(const std::string& path);

  io::SimWorld world_;
  io::SimHost& host_;
  io::SimDisk& disk_;
  std::map<std::string, std::unique_ptr<Shared>> shared_;  // by path
  std::set<std::string> real_files_;
  std::uint64_t operations_ = 0, cut_at_ = 0, temporary_files_ = 0;
  bool powered_ = true;
  sqlite3_vfs vfs_{};
  sqlite3_vfs* usual_;
};

}  // namespace tablinum::store
