#include "server/counters.h"

#include <string_view>

namespace tablinum::net {

void Counters::add_to(ServerStats& stats) const noexcept {
  stats.connections_open += connections_open.get();
  stats.connections_total += connections_total.get();
  stats.connections_refused += connections_refused.get();
  stats.requests_total += requests_total.get();
  stats.requests_active += requests_active.get();
  for (std::size_t i = 0; i < responses.size(); ++i) stats.responses[i] += responses[i].get();
  stats.tls_handshakes += tls_handshakes.get();
  stats.tls_failures += tls_failures.get();
  stats.http2_connections += http2_connections.get();
  stats.http3_connections += http3_connections.get();
  stats.floods += floods.get();
  stats.protocol_errors += protocol_errors.get();
  stats.timeouts += timeouts.get();
  stats.bytes_received += bytes_received.get();
  stats.bytes_sent += bytes_sent.get();
}

void append_metrics(std::string& out, const ServerStats& stats) {
  const auto line = [&](std::string_view kind, std::string_view name, std::uint64_t value) {
    out.append("# TYPE tablinum_net_").append(name).append(" ").append(kind).append("\ntablinum_net_").append(name);
    out.append(" ").append(std::to_string(value)).append("\n");
  };
  line("gauge", "connections_open", stats.connections_open);
  line("counter", "connections_total", stats.connections_total);
  line("counter", "connections_refused_total", stats.connections_refused);
  line("counter", "requests_total", stats.requests_total);
  line("gauge", "requests_active", stats.requests_active);
  line("counter", "tls_handshakes_total", stats.tls_handshakes);
  line("counter", "tls_failures_total", stats.tls_failures);
  line("counter", "http2_connections_total", stats.http2_connections);
  line("counter", "http3_connections_total", stats.http3_connections);
  line("gauge", "quic_bytes", stats.quic_bytes);
  line("counter", "http2_floods_total", stats.floods);
  line("counter", "protocol_errors_total", stats.protocol_errors);
  line("counter", "timeouts_total", stats.timeouts);
  line("counter", "received_bytes_total", stats.bytes_received);
  line("counter", "sent_bytes_total", stats.bytes_sent);
  out += "# TYPE tablinum_net_responses_total counter\n";
  for (std::size_t i = 1; i < stats.responses.size(); ++i)
    out += "tablinum_net_responses_total{class=\"" + std::to_string(i) + "xx\"} " + std::to_string(stats.responses[i]) + "\n";
}

}  // namespace tablinum::net
