/// Datagrams of a stranger into a QUIC server, raw, or as Initial packets sealed with the keys that anybody can derive: no more
/// than three times as much comes back, and no more connections are held than there were datagrams.
#include <cstdlib>

#include "../tests/quic_pair.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

class Nothing final : public quic::Application {
 public:
  bool received(std::int64_t, std::span<const std::uint8_t>, bool, bool) override { return true; }
  bool acknowledged(std::int64_t, std::uint64_t) override { return true; }
  bool stream_closed(std::int64_t, std::uint64_t) override { return true; }
  bool stream_reset(std::int64_t, std::uint64_t) override { return true; }
  bool reading_stopped(std::int64_t) override { return true; }
  bool unblocked(std::int64_t) override { return true; }
  bool next(quic::StreamWrite&) override { return true; }
  void blocked(std::int64_t) override {}
  void write_shut(std::int64_t) override {}
  bool written(std::int64_t, std::size_t) override { return true; }
  void ended(const Error&) override {}
};

/// version 1 or 2, destination "12345678", no source, a token of up to 63 bytes, the frames, padded to 1200 bytes.
std::string initial_with(std::uint8_t choice, std::string_view frames, std::uint32_t number) {
  const bool second = (choice & 0x80) != 0;
  const std::uint32_t version = second ? NGTCP2_PROTO_VER_V2 : NGTCP2_PROTO_VER_V1;
  static constexpr std::string_view kDcid = "12345678";
  std::string header(1, static_cast<char>(second ? 0xd3 : 0xc3));
  for (const int shift : {24, 16, 8, 0}) header += static_cast<char>(version >> shift);
  header += '\x08';
  header += kDcid;
  header += '\0';
  const std::size_t token = std::min<std::size_t>(choice & 0x3f, frames.size());
  header += static_cast<char>(token);
  header += frames.substr(0, token);
  std::string payload{frames.substr(token, 1400)};
  if (payload.size() < 1140) payload.resize(1140, '\0');
  const std::size_t length = 4 + payload.size() + quic::kTagBytes;
  header += static_cast<char>(0x40 | length >> 8);
  header += static_cast<char>(length);
  for (const int shift : {24, 16, 8, 0}) header += static_cast<char>(number >> shift);
  const auto secrets = quic::initial_secrets(version, {reinterpret_cast<const std::uint8_t*>(kDcid.data()), kDcid.size()});
  auto keys = quic::derive(version, quic::Suite::aes_128_gcm, secrets.client.view(), quic::WithHeaderKey::yes);
  return test::QuicPair::protect(std::move(keys), header, 4, number, payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::PairContext kTls = [] {
    auto context = test::pair_context();
    test::use_certificate(context.get());
    return context;
  }();
  if (size < 1) return 0;
  quic::EndpointConfig config;
  config.server = true;
  config.retry = (data[0] & 1) != 0 ? quic::RetryPolicy::always : quic::RetryPolicy::when_busy;
  config.make_ssl = [] { return quic::SslPtr{SSL_new(kTls.get())}; };
  config.make_application = [](quic::Connection&) { return std::make_unique<Nothing>(); };
  const io::Endpoint socket = io::Endpoint::from_ip("10.0.0.1", 443).value(), peer = io::Endpoint::from_ip("10.0.0.2", 5000).value();
  Instant now{Duration::seconds(100).ns};
  quic::Endpoint server{std::move(config), now, Timestamp{1'700'000'000'000}};
  std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::size_t in = 0, out = 0, datagrams = 0;
  // A piece: kind, size, bytes.
  while (rest.size() >= 3) {
    const auto kind = static_cast<std::uint8_t>(rest[0]);
    const std::size_t bytes = std::min<std::size_t>(static_cast<std::uint8_t>(rest[1]) << 8 | static_cast<std::uint8_t>(rest[2]), rest.size() - 3);
    const std::string_view piece = rest.substr(3, bytes);
    rest.remove_prefix(3 + bytes);
    ++datagrams;
    const std::string packet = (kind & 0x40) != 0 ? std::string{piece} : initial_with(kind, piece, static_cast<std::uint32_t>(datagrams));
    in += packet.size();
    io::Datagram datagram;
    datagram.peer = peer;
    datagram.local = socket;
    datagram.data = bytes_of(packet);
    server.receive(datagram, socket, now);
    server.after_read();
    quic::Batch batch;
    for (int round = 0; round < 3; ++round) {
      while (server.write(batch, now)) {
        out += batch.bytes();
        batch.clear();
      }
      now = now + Duration::milliseconds(100);
      server.expire(now);
    }
    if (out > 3 * in || server.size() > datagrams) std::abort();
  }
  return 0;
}
