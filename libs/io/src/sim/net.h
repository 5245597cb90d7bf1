#pragma once
/// Sockets of the simulated network, and what lies between them.
#include <deque>
#include <memory>

#include "os/udp.h"
#include "sim/random.h"
#include "tablinum/io/simulate.h"

namespace tablinum::io {

struct SimLinkState {
  SimLinkState(const SimLink& initial, std::uint64_t seed, std::uint64_t pair) noexcept
      : link{initial}, random{seed, pair, sim::Purpose::network} {}
  /// Until `bytes` have arrived, apart from jitter; nothing: the queue is full.
  std::optional<Duration> queue(Instant now, Size bytes);

  SimLink link;
  sim::Stream random;
  Instant busy_until;
  Instant last_arrival;
  unsigned burst_left = 0;
};

/// A piece of a stream.
struct SimSegment {
  Bytes data;
  bool fin = false;
  bool reset = false;
  Instant due;
};

/// One direction of a TCP connection. Outlives its sender, as a kernel's queue does.
struct SimPipe : std::enable_shared_from_this<SimPipe> {
  SimPipe(SimWorld::State& owner, unsigned from_host, unsigned to_host, std::uint64_t from_id, std::uint64_t to_id) noexcept
      : world{owner}, from{from_host}, to{to_host}, from_socket{from_id}, to_socket{to_id} {}
  void push(SimSegment segment);
  void begin();
  void arrive();
  void deliver(SimSegment segment);
  bool held_up();

  SimWorld::State& world;
  const unsigned from;
  const unsigned to;
  const std::uint64_t from_socket;
  const std::uint64_t to_socket;
  std::deque<SimSegment> queue;
  Size unread = 0;        // bytes sent that the receiver's code has not read
  bool travelling = false;
  bool dead = false;      // the sender lost its power
  unsigned attempts = 0;
  Instant last_due;
};

struct SimPacket {
  Endpoint from;
  Endpoint to;
  Bytes data;
  Ecn ecn = Ecn::not_ect;
};

struct SimSocket : Descriptor {
  enum class Role : std::uint8_t { idle, connecting, stream, listener, datagrams };

  SimSocket(SimIo& owner, Role what);
  ~SimSocket();
  SimSocket(const SimSocket&) = delete;

  bool attempt(Operation& operation);
  bool attempt_connect(Operation& operation);
  bool attempt_accept(Operation& operation);
  bool attempt_receive(Operation& operation);
  bool attempt_send(Operation& operation);
  bool attempt_receive_batch(Operation& operation);
  bool attempt_send_batch(Operation& operation);
  /// As the kernel does when the last descriptor is closed.
  void say_goodbye();
  void reset_peer();
  void break_with(Code why);
  void try_reader();
  void try_writer();
  Code send_datagram(Datagram& datagram, UdpSystem& system);
  void begin_connect(const Endpoint& to);
  void syn(unsigned to, unsigned attempt);
  void connected(std::shared_ptr<SimPipe> pipe);
  bool accepts_for(const Endpoint& to) const;

  SimIo& io;
  const std::uint64_t id;
  Role role;
  Endpoint local;
  Endpoint peer;
  Code broken{};
  // a stream
  std::shared_ptr<SimPipe> out;
  std::weak_ptr<SimPipe> in;
  Bytes inbox;
  Size inbox_start = 0;
  bool end_seen = false;
  bool shut = false;
  // a listener
  std::deque<std::uint64_t> waiting;
  Size backlog = 0;
  bool reuse_port = false;
  // datagrams
  std::deque<SimPacket> packets;
  Size packet_bytes = 0;
  Size packet_bytes_max = 0;
};

}  // namespace tablinum::io
