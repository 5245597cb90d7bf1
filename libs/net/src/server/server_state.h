#pragma once
/// What the cores of one Server share.
#include <atomic>
#include <mutex>
#include <vector>

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
  ServerState(ServerOptions server_options, Handler server_handler, ListeningSets listening)
      : options{std::move(server_options)},
        handler{std::move(server_handler)},
        sockets{std::move(listening)},
        addresses{options.limits.connections_per_address_max},
        counters(options.cores),
        quic_key(32) {
    fill_random(MutableBytes{quic_key.data(), quic_key.size()});
  }

  ServerOptions options;
  Handler handler;
  ListeningSets sockets;
  AddressTable addresses;
  std::vector<Counters> counters;
  SecretBytes quic_key;  // tokens and stateless resets: any core may meet those of another
  std::atomic<unsigned> cores_started{0};
  std::atomic<bool> stopping{false};
  std::mutex mutex;  // guards `cores`
  std::vector<Core*> cores;
};

}  // namespace tablinum::net
