#pragma once
/// What the cores of one Server share.
#include <atomic>
#include <mutex>
#include <vector>

#include "quic/crossing.h"
#include "quic/memory.h"
#include "server/address_table.h"
#include "server/bind.h"
#include "server/counters.h"
#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"
#include "tablinum/net/server.h"

namespace tablinum::net {

class Core;

/// Everything but `stopping`, the table and the list of cores is constant while they run.
struct ServerState {
  ServerState(ServerOptions server_options, Handler server_handler, BoundSockets bound, std::vector<io::Endpoint> unbound_addresses)
      : options{std::move(server_options)},
        handler{std::move(server_handler)},
        sockets{std::move(bound.streams)},
        unbound{std::move(unbound_addresses)},
        datagrams{std::move(bound.datagrams)},
        addresses{options.limits.connections_per_address_max},
        counters(options.cores),
        quic_key(32) {
    fill_random(MutableBytes{quic_key.data(), quic_key.size()});
    const std::uint64_t quic_bytes_max = options.limits.quic_bytes_max;
    if (options.http3 && quic_bytes_max > 0) quic_memory = std::make_shared<quic::MemoryBudget>(quic_bytes_max);
    if (options.cores < 2 || datagrams.empty()) return;
    for (std::size_t i = 0; i < datagrams.front().size(); ++i) crossings.push_back(std::make_shared<quic::Crossing>(options.cores));
  }

  const io::Endpoint& first_address() const noexcept { return unbound.empty() ? sockets.front().front().local() : unbound.front(); }

  ServerOptions options;
  Handler handler;
  ListeningSets sockets;              // one of the two is empty:
  std::vector<io::Endpoint> unbound;  // listened on by each core, through its Io
  ListeningSets datagrams;            // with HTTP/3: beside those of `sockets` that are not plain
  AddressTable addresses;
  std::vector<Counters> counters;
  std::shared_ptr<quic::MemoryBudget> quic_memory;  // null: no limit
  std::vector<std::shared_ptr<quic::Crossing>> crossings;  // of each address with QUIC; none with one core
  SecretBytes quic_key;  // tokens and stateless resets: any core may meet those of another
  std::atomic<unsigned> cores_started{0};
  std::atomic<bool> stopping{false};
  std::mutex mutex;  // guards `cores`
  std::vector<Core*> cores;
};

}  // namespace tablinum::net
