#include "sim/net.h"

#include <sys/socket.h>

#include <algorithm>

#include "sim/world.h"

namespace tablinum::io {
namespace {

constexpr Duration kRetryFirst = Duration::milliseconds(200);
constexpr Duration kRetryMost = Duration::seconds(120);
constexpr unsigned kRetriesMax = 15;  // tcp_retries2
constexpr Duration kSynRetryFirst = Duration::seconds(1);
constexpr unsigned kSynRetriesMax = 6;  // tcp_syn_retries
constexpr unsigned kBurstMost = 8;
constexpr Size kSegmentBytesMax = 16 * 1024;
constexpr Size kDatagramOverheadBytes = 42;

Duration doubled(Duration first, unsigned times) noexcept {
  return std::min(Duration{first.ns << std::min(times, 12U)}, kRetryMost);
}

bool is_any(const Endpoint& endpoint) { return endpoint.host() == "0.0.0.0" || endpoint.host() == "::"; }

Endpoint with_port(const Endpoint& endpoint, std::uint16_t port) { return Endpoint::from_ip(endpoint.host(), port).value(); }

}  // namespace

// --- links ---

std::optional<Duration> SimLinkState::queue(Instant now, Size bytes) {
  if (link.bytes_per_second == 0) return link.delay;
  const Instant begin = std::max(now, busy_until);
  const double waiting_bytes = (begin - now).seconds() * static_cast<double>(link.bytes_per_second);
  if (waiting_bytes + static_cast<double>(bytes) > static_cast<double>(link.queue_bytes)) return std::nullopt;
  busy_until = begin + Duration{static_cast<std::int64_t>(bytes * 1'000'000'000 / link.bytes_per_second)};
  return busy_until - now + link.delay;
}

namespace {

/// Whether a packet is lost on its way, alone or in a run of losses.
bool is_lost(SimWorld::State& world, SimLinkState& state) {
  if (state.burst_left > 0) {
    --state.burst_left;
    return world.allowed_fault(&SimCounters::lost);
  }
  if (state.link.burst > 0 && state.random.chance(state.link.burst)) {
    state.burst_left = static_cast<unsigned>(state.random.below(kBurstMost));
    return world.allowed_fault(&SimCounters::lost);
  }
  return world.fault(state.random, state.link.loss, &SimCounters::lost);
}

}  // namespace

// --- streams between sockets ---

void SimPipe::push(SimSegment segment) {
  SimLinkState& state = world.link(from, to);
  // What the queue in front of the link does not take, TCP sends again later; the delay of that stands for it.
  const Duration travel = state.queue(world.now, segment.data.size()).value_or(state.link.delay + kRetryFirst);
  segment.due = std::max(last_due, world.now + travel);
  last_due = segment.due;
  queue.push_back(std::move(segment));
  if (!travelling) begin();
}

void SimPipe::begin() {
  travelling = true;
  const Duration left = std::max(queue.front().due - world.now, Duration{0});
  world.after(left, [self = shared_from_this()] { self->arrive(); });
}

/// True: the head of the queue does not get through now.
bool SimPipe::held_up() {
  if (world.link(from, to).link.cut) {
    ++world.counters.held_by_partition;
    return true;
  }
  return !world.hosts[to]->up || is_lost(world, world.link(from, to));
}

void SimPipe::arrive() {
  if (dead || queue.empty()) {
    travelling = false;
    return;
  }
  if (held_up()) {
    if (++attempts <= kRetriesMax) {
      world.after(doubled(kRetryFirst, attempts), [self = shared_from_this()] { self->arrive(); });
      return;
    }
    queue.clear();
    travelling = false;
    if (SimSocket* sender = world.socket(from_socket)) sender->break_with(Code::timeout);
    return;
  }
  attempts = 0;
  SimSegment segment = std::move(queue.front());
  queue.pop_front();
  travelling = false;
  deliver(std::move(segment));
  if (!queue.empty() && !travelling) begin();
}

void SimPipe::deliver(SimSegment segment) {
  world.note("segment", to, to_socket, segment.data.size());
  SimSocket* receiver = world.socket(to_socket);
  if (receiver == nullptr) {
    if (segment.reset) return;
    ++world.counters.resets;
    queue.clear();
    world.after(world.link(to, from).link.delay, [self = shared_from_this()] {
      if (SimSocket* sender = self->world.socket(self->from_socket)) sender->break_with(Code::reset);
    });
    return;
  }
  if (segment.reset) {
    ++world.counters.resets;
    return receiver->break_with(Code::reset);
  }
  append(receiver->inbox, segment.data);
  receiver->end_seen = receiver->end_seen || segment.fin;
  receiver->try_reader();
}

// --- sockets ---

SimSocket::SimSocket(SimIo& owner, Role what) : io{owner}, id{owner.world().next_socket++}, role{what} {
  io.world().sockets[id] = this;
  io.sockets()[id] = this;
}

SimSocket::~SimSocket() {
  io.world().sockets.erase(id);
  io.sockets().erase(id);
}

void SimSocket::try_reader() {
  if (reader != nullptr && attempt(*reader)) io.complete(*reader);
}

void SimSocket::try_writer() {
  if (writer != nullptr && attempt(*writer)) io.complete(*writer);
}

void SimSocket::break_with(Code why) {
  if (broken == Code{}) broken = why;
  try_reader();
  try_writer();
}

void SimSocket::reset_peer() {
  if (out == nullptr) return;
  out->queue.clear();
  SimSegment reset;
  reset.reset = true;
  out->push(std::move(reset));
}

void SimSocket::say_goodbye() {
  for (const std::uint64_t each : waiting) {
    if (SimSocket* socket = io.world().socket(each)) {
      socket->reset_peer();
      delete socket;
    }
  }
  waiting.clear();
  if (role != Role::stream || broken != Code{}) return;
  if (inbox.size() > inbox_start) return reset_peer();  // unread: the peer must not believe that it was taken note of
  if (shut) return;
  SimSegment end;
  end.fin = true;
  out->push(std::move(end));
}

bool SimSocket::attempt(Operation& operation) {
  switch (operation.kind) {
    case Kind::accept:
      return attempt_accept(operation);
    case Kind::connect:
      return attempt_connect(operation);
    case Kind::send:
      return attempt_send(operation);
    case Kind::receive_batch:
      return attempt_receive_batch(operation);
    case Kind::send_batch:
      return attempt_send_batch(operation);
    default:
      return attempt_receive(operation);
  }
}

bool SimSocket::attempt_receive(Operation& operation) {
  Operation::Transfer& transfer = operation.args.transfer;
  for (;;) {
    const auto moved = static_cast<Size>(operation.result);
    if (moved == transfer.count) return true;
    Size there = std::min(inbox.size() - inbox_start, transfer.count - moved);
    if (there == 0) {
      if (broken != Code{}) {
        operation.set(broken);
      } else if (role != Role::stream) {
        operation.set(Code::closed);
      } else if (!end_seen) {
        return false;
      } else if (transfer.all) {
        operation.set(Code::closed);
      }
      return true;
    }
    SimWorld::State& world = io.world();
    if (world.options.cut_streams && there > 1 && world.stream_random.below(4) == 0) {
      there = world.stream_random.below(4) == 0 ? 1 : 1 + world.stream_random.below(there - 1);
      ++world.counters.short_reads;
    }
    std::ranges::copy(ByteView{inbox}.subspan(inbox_start, there), transfer.data + moved);
    inbox_start += there;
    if (inbox_start == inbox.size()) {
      inbox.clear();
      inbox_start = 0;
    }
    operation.result += static_cast<std::int64_t>(there);
    if (const auto pipe = in.lock()) {
      pipe->unread -= std::min(pipe->unread, there);
      if (SimSocket* sender = world.socket(pipe->from_socket)) sender->try_writer();
    }
    if (!transfer.all) return true;
  }
}

bool SimSocket::attempt_send(Operation& operation) {
  Operation::Transfer& transfer = operation.args.transfer;
  SimWorld::State& world = io.world();
  for (;;) {
    while (transfer.count > 0 && transfer.piece_offset == transfer.pieces->size()) {
      ++transfer.pieces;
      --transfer.count;
      transfer.piece_offset = 0;
    }
    if (transfer.count == 0) return true;
    if (broken != Code{} || shut || role != Role::stream) {
      operation.set(broken != Code{} ? broken : Code::reset);  // EPIPE
      return true;
    }
    const Size room = kSimWindowBytes - std::min(out->unread, kSimWindowBytes);
    if (room == 0) return false;
    Size count = std::min({transfer.pieces->size() - transfer.piece_offset, room, kSegmentBytesMax});
    if (world.options.cut_streams && count > 1 && world.stream_random.below(4) == 0) {
      count = 1 + world.stream_random.below(count - 1);
      ++world.counters.short_writes;
    }
    const ByteView part = transfer.pieces->subspan(transfer.piece_offset, count);
    SimSegment segment;
    segment.data.assign(part.begin(), part.end());
    out->unread += count;
    out->push(std::move(segment));
    transfer.piece_offset += count;
    operation.result += static_cast<std::int64_t>(count);
    if (!transfer.all) return true;
  }
}

// --- connecting ---

bool SimSocket::attempt_connect(Operation& operation) {
  if (role == Role::idle) {
    const auto& address = operation.args.address;
    role = Role::connecting;
    begin_connect(Endpoint::from_system(address.address, address.bytes));
  }
  if (broken != Code{}) {
    operation.set(broken);
    return true;
  }
  return role == Role::stream;
}

bool SimSocket::accepts_for(const Endpoint& to) const {
  if (role != Role::listener || local.family() == Endpoint::Family::none) return false;
  if (to.family() == Endpoint::Family::unix_path) return local == to;
  return local.port() == to.port() && (is_any(local) || local.host() == to.host());
}

void SimSocket::begin_connect(const Endpoint& to) {
  peer = to;
  SimWorld::State& world = io.world();
  if (to.family() == Endpoint::Family::unix_path) {
    const bool found = std::ranges::any_of(io.sockets(), [&](const auto& each) { return each.second->accepts_for(to); });
    if (!found) {
      broken = Code::not_found;
      return;
    }
    return syn(io.index(), 0);
  }
  const SimHost::State* target = world.host_at(to, io.index());
  local = to.is_loopback() ? with_port(to, io.ephemeral_port()) : io.host().ip_of(io.ephemeral_port());
  if (target == nullptr) {
    world.after(Duration::milliseconds(1), [&world, self = id] {
      if (SimSocket* socket = world.socket(self)) socket->break_with(Code::unreachable);
    });
    return;
  }
  const unsigned index = target->index;
  world.after(world.link(io.index(), index).link.delay, [&world, self = id, index] {
    if (SimSocket* socket = world.socket(self)) socket->syn(index, 0);
  });
}

// The first packet has come to `to`, or has not.
void SimSocket::syn(unsigned to, unsigned attempt) {
  SimWorld::State& world = io.world();
  SimLinkState& there = world.link(io.index(), to);
  SimLinkState& back = world.link(to, io.index());
  const bool cut = there.link.cut || back.link.cut;
  if (cut) ++world.counters.held_by_partition;
  bool lost = cut || !world.hosts[to]->up || is_lost(world, there) || is_lost(world, back);
  SimSocket* listener = nullptr;
  if (!lost) {
    std::vector<SimSocket*> found;
    for (const auto& [number, socket] : world.hosts[to]->io.sockets()) {
      if (socket->accepts_for(peer)) found.push_back(socket);
    }
    if (!found.empty()) listener = found[found.size() == 1 ? 0 : world.stream_random.below(found.size())];
    lost = listener != nullptr && listener->waiting.size() >= listener->backlog;
  }
  if (lost) {
    world.after(attempt == kSynRetriesMax ? Duration::seconds(64) : doubled(kSynRetryFirst, attempt), [&world, self = id, to, attempt] {
      SimSocket* socket = world.socket(self);
      if (socket == nullptr) return;
      if (attempt == kSynRetriesMax) return socket->break_with(Code::timeout);
      socket->syn(to, attempt + 1);
    });
    return;
  }
  const auto answer = [&](auto action) {
    world.after(back.link.delay, [&world, self = id, action = std::move(action)] {
      if (SimSocket* socket = world.socket(self)) action(*socket);
    });
  };
  if (listener == nullptr) return answer([](SimSocket& socket) { socket.break_with(Code::refused); });
  world.note("connection", to, id);
  auto* taken = new SimSocket{listener->io, Role::stream};
  taken->local = peer;
  taken->peer = local;
  auto to_server = std::make_shared<SimPipe>(world, io.index(), to, id, taken->id);
  auto to_client = std::make_shared<SimPipe>(world, to, io.index(), taken->id, id);
  taken->out = to_client;
  taken->in = to_server;
  listener->waiting.push_back(taken->id);
  in = to_client;
  world.after(back.link.delay, [&world, self = id, to_server] {
    if (SimSocket* socket = world.socket(self)) return socket->connected(to_server);
    SimSegment reset;  // it gave up meanwhile
    reset.reset = true;
    to_server->push(std::move(reset));
  });
  listener->try_reader();
}

void SimSocket::connected(std::shared_ptr<SimPipe> pipe) {
  out = std::move(pipe);
  role = Role::stream;
  try_writer();
}

bool SimSocket::attempt_accept(Operation& operation) {
  SimWorld::State& world = io.world();
  while (!waiting.empty()) {
    const std::uint64_t next = waiting.front();
    waiting.pop_front();
    const SimSocket* socket = world.socket(next);
    if (socket == nullptr) continue;
    operation.result = static_cast<std::int64_t>(next);
    operation.args.address.bytes = socket->peer.to_system(operation.args.address.address);
    return true;
  }
  return false;
}

// --- datagrams ---

bool SimSocket::attempt_receive_batch(Operation& operation) {
  auto& system = *static_cast<UdpSystem*>(operation.args.batch.socket);
  const std::span datagrams{static_cast<Datagram*>(operation.args.batch.datagrams), operation.args.batch.count};
  Size count = 0;
  for (; count < datagrams.size() && !packets.empty(); ++count) {
    const SimPacket packet = std::move(packets.front());
    packets.pop_front();
    packet_bytes -= packet.data.size();
    Datagram& datagram = datagrams[count];
    const Size bytes = std::min(packet.data.size(), datagram.buffer.size());
    std::ranges::copy(ByteView{packet.data}.first(bytes), datagram.buffer.begin());
    datagram.data = ByteView{datagram.buffer}.first(bytes);
    datagram.status = bytes < packet.data.size() ? Code::too_large : Code{};
    datagram.peer = packet.from;
    datagram.local = with_port(packet.to, 0);
    datagram.interface = 1;
    datagram.ecn = packet.ecn;
    datagram.segment_bytes = 0;
    ++system.counters.received;
  }
  operation.result = static_cast<std::int64_t>(count);
  if (count > 0) ++system.counters.system_calls;
  return count > 0;
}

namespace {

void put_on_the_wire(SimWorld::State& world, unsigned from, unsigned to, SimPacket packet, Duration travel) {
  SimLinkState& state = world.link(from, to);
  const Instant arrival = world.now + travel;
  if (arrival < state.last_arrival) ++world.counters.reordered;
  state.last_arrival = std::max(state.last_arrival, arrival);
  world.after(travel, [&world, to, packet = std::move(packet)]() mutable {
    SimHost::State& host = *world.hosts[to];
    if (!host.up) return;
    const std::uint16_t port = host.io.behind_nat(packet.to.port());
    for (const auto& [number, socket] : host.io.sockets()) {
      const bool meant = socket->role == SimSocket::Role::datagrams && socket->local.port() == port &&
                         (is_any(socket->local) || socket->local.host() == packet.to.host());
      if (!meant) continue;
      world.note("datagram", to, number, packet.data.size());
      if (socket->packet_bytes + packet.data.size() > socket->packet_bytes_max) return;
      socket->packet_bytes += packet.data.size();
      socket->packets.push_back(std::move(packet));
      return socket->try_reader();
    }
  });
}

}  // namespace

Code SimSocket::send_datagram(Datagram& datagram, UdpSystem& system) {
  SimWorld::State& world = io.world();
  const SimHost::State* target = world.host_at(datagram.peer, io.index());
  if (target == nullptr) return Code::unreachable;
  SimLinkState& state = world.link(io.index(), target->index);
  const Size step = datagram.segment_bytes == 0 ? std::max<Size>(datagram.data.size(), 1) : datagram.segment_bytes;
  if (std::min(step, datagram.data.size()) > state.link.datagram_bytes_max) return Code::too_large;
  Size at = 0;
  do {
    SimPacket packet;
    const ByteView part = datagram.data.subspan(at, std::min(step, datagram.data.size() - at));
    packet.data.assign(part.begin(), part.end());
    const std::uint16_t port = datagram.peer.is_loopback() ? local.port() : io.nat_of(local.port());
    packet.from = datagram.peer.is_loopback() ? with_port(datagram.peer, port) : io.host().ip_of(port);
    packet.to = datagram.peer;
    packet.ecn = datagram.ecn;
    at += step;
    ++system.counters.sent;
    if (state.link.cut) {
      ++world.counters.held_by_partition;
      continue;
    }
    const auto queued = state.queue(world.now, part.size() + kDatagramOverheadBytes);
    if (!queued) {
      ++world.counters.overflowed;
      continue;
    }
    if (is_lost(world, state)) continue;
    if (packet.ecn != Ecn::not_ect && *queued - state.link.delay > state.link.mark_above) {
      packet.ecn = Ecn::ce;
      ++world.counters.marked;
    }
    if (!packet.data.empty() && world.fault(state.random, state.link.corrupt, &SimCounters::corrupted)) {
      const std::uint64_t bit = state.random.below(packet.data.size() * 8);
      packet.data[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    }
    const auto jitter = [&] {
      const auto most = static_cast<std::uint64_t>(state.link.jitter.ns);
      return Duration{static_cast<std::int64_t>(state.random.below(most + 1))};
    };
    if (world.fault(state.random, state.link.duplicate, &SimCounters::duplicated)) {
      put_on_the_wire(world, io.index(), target->index, packet, *queued + jitter());
    }
    put_on_the_wire(world, io.index(), target->index, std::move(packet), *queued + jitter());
  } while (at < datagram.data.size());
  return Code{};
}

bool SimSocket::attempt_send_batch(Operation& operation) {
  auto& system = *static_cast<UdpSystem*>(operation.args.batch.socket);
  const std::span datagrams{static_cast<Datagram*>(operation.args.batch.datagrams), operation.args.batch.count};
  ++system.counters.system_calls;
  for (Datagram& datagram : datagrams) {
    datagram.status = send_datagram(datagram, system);
    if (datagram.status != Code{}) ++system.counters.not_sent;
    ++operation.result;
  }
  return true;
}

}  // namespace tablinum::io
