#pragma once
/// Listening sockets before there is an Io: all are bound before the first connection is taken, so the port is known and a second
/// server fails at its start.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tablinum/io/net.h"

namespace tablinum::net {

/// An owned descriptor.
class ListeningFd {
 public:
  ListeningFd() noexcept = default;
  ListeningFd(int fd, io::Endpoint local) noexcept : fd_{fd}, local_{std::move(local)} {}
  ListeningFd(ListeningFd&& other) noexcept : plain{other.plain}, fd_{other.release()}, local_{std::move(other.local_)} {}
  ListeningFd& operator=(ListeningFd&&) = delete;
  ~ListeningFd();
  int fd() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  const io::Endpoint& local() const noexcept { return local_; }
  bool plain = false;  ///< ServerOptions::listen_plain

 private:
  int fd_ = -1;
  io::Endpoint local_;
};

/// One set of sockets a core, each with a socket an address.
using ListeningSets = std::vector<std::vector<ListeningFd>>;

struct BoundSockets {
  ListeningSets streams;
  ListeningSets datagrams;  ///< UDP on the same addresses and ports, in the same order; empty: not asked for
};

/// @error as Server::bind().
Result<ListeningSets> bind_all(const std::vector<std::string>& addresses, unsigned cores);
/// Both.  @error as Server::bind().
Result<BoundSockets> bind_with_datagrams(const std::vector<std::string>& addresses, unsigned cores);

}  // namespace tablinum::net
