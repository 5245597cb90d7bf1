/// Our end of the QUIC interoperability runs: a small HTTP/3 server and client with the same command line as the foreign ones
/// (aioquic_peer.py, go_peer). At its end it prints one JSON object of what it saw. run.py drives it.
#include <openssl/ssl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "h3/client.h"
#include "h3/listener.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace tablinum::net {
namespace {

struct Options {
  bool server = false;
  std::string address = "127.0.0.1", certificate, key, www, authority, out;
  std::uint16_t port = 0;
  bool retry = false, early = false, resume = false, v2 = false, chacha20 = false, key_update = false, migrate = false, each = false;
  std::vector<std::string> paths;
};

std::optional<Options> parse(int argc, char** argv) {
  if (argc < 2) return std::nullopt;
  Options options;
  options.server = std::string_view{argv[1]} == "server";
  const std::map<std::string_view, std::string*> texts{{"--address", &options.address}, {"--cert", &options.certificate},
                                                       {"--key", &options.key},         {"--www", &options.www},
                                                       {"--ca", &options.authority},    {"--out", &options.out}};
  const std::map<std::string_view, bool*> flags{{"--retry", &options.retry},       {"--early", &options.early},
                                                {"--resume", &options.resume},     {"--v2", &options.v2},
                                                {"--chacha20", &options.chacha20}, {"--key-update", &options.key_update},
                                                {"--migrate", &options.migrate},   {"--each", &options.each}};
  for (int i = 2; i < argc; ++i) {
    const std::string_view word{argv[i]};
    if (const auto text = texts.find(word); text != texts.end() && i + 1 < argc) *text->second = argv[++i];
    else if (const auto flag = flags.find(word); flag != flags.end()) *flag->second = true;
    else if (word == "--port" && i + 1 < argc) options.port = static_cast<std::uint16_t>(std::atoi(argv[++i]));
    else if (word.starts_with("--")) return std::nullopt;
    else options.paths.emplace_back(word);
  }
  return options;
}

/// What the handshakes of this process agreed on.
struct Facts {
  unsigned handshakes = 0, resumed = 0, key_updates = 0, failed = 0, migrations = 0;
  std::uint16_t group = 0, cipher = 0;
  std::uint32_t version = 0;
  std::uint64_t retries = 0, early = 0;
} facts;

void note_handshake(const SSL* ssl, int what, int) {
  if (what != SSL_CB_HANDSHAKE_DONE || SSL_in_early_data(ssl) != 0) return;
  ++facts.handshakes;
  facts.resumed += SSL_session_reused(ssl) != 0 ? 1 : 0;
  facts.group = SSL_get_curve_id(ssl);
  facts.cipher = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl));
}

void note_keys(const quic::Connection& connection) {
  // One generation lies ready ahead of its use.
  if (connection.keys_derived() > 1) facts.key_updates = std::max(facts.key_updates, connection.keys_derived() - 1);
  if (connection.handshake_done()) facts.version = connection.version();
}

void print_facts() {
  std::printf("{\"handshakes\":%u,\"resumed\":%u,\"early\":%llu,\"retries\":%llu,\"key_updates\":%u,\"migrations\":%u,\"group\":%u,"
              "\"cipher\":%u,\"version\":%u,\"failed\":%u}\n",
              facts.handshakes, facts.resumed, static_cast<unsigned long long>(facts.early),
              static_cast<unsigned long long>(facts.retries), facts.key_updates, facts.migrations, facts.group, facts.cipher,
              facts.version, facts.failed);
  std::fflush(stdout);
}

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Context make_context(const Options& options) {
  Context context{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(context.get(), "X25519MLKEM768:X25519:P-256");
  if (options.chacha20) SSL_CTX_set_ciphersuites(context.get(), "TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_info_callback(context.get(), &note_handshake);
  return context;
}

int choose_h3(SSL*, const std::uint8_t** out, std::uint8_t* size, const std::uint8_t* offered, unsigned offered_size, void*) {
  static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
  std::uint8_t* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kH3, sizeof kH3, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// ---- server

Handler files(std::string folder) {
  return [folder = std::move(folder)](io::Io&, Request& request) -> io::Task<Result<Response>> {
    const std::string name{request.target.path().substr(1)};
    if (name.contains("..")) co_return fail(Code::not_found, name);
    std::ifstream file{folder + "/" + name, std::ios::binary};
    if (!file) co_return fail(Code::not_found, name);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    co_return respond(Status::ok, "application/octet-stream", std::move(bytes).str());
  };
}

io::Task<void> sample(io::Io& io, h3::Listener& listener) {
  while (true) {
    listener.endpoint().for_each([](quic::Connection& connection) {
      if (connection.is_open()) note_keys(connection);
    });
    auto slept = co_await io::sleep(io, Duration::milliseconds(10));
    if (!slept) co_return;
  }
}

io::Task<Result<void>> serve(io::Io& io, const Options& options, const Context& tls) {
  CO_TRY(address, io::Endpoint::from_ip(options.address, 0));
  CO_TRY(socket, io::bind_udp(io, address));
  Limits limits;
  Counters counters;
  const Handler handler = files(options.www);
  h3::ListenerConfig config;
  config.date = [] { return std::string_view{"Sat, 21 Nov 2026 00:00:00 GMT"}; };
  config.endpoint.make_ssl = [&] { return quic::SslPtr{SSL_new(tls.get())}; };
  config.endpoint.early_data = options.early;
  config.endpoint.settings.prefer_version_2 = options.v2;
  if (options.retry) config.endpoint.retry = quic::RetryPolicy::always;
  h3::Listener listener{io, std::move(socket), std::move(config), limits, handler, counters};
  std::printf("port %u\n", listener.local().port());
  std::fflush(stdout);
  struct Stop : io::Ready {
    h3::Listener* listener;
  } stop;
  stop.listener = &listener;
  stop.run = [](io::Ready& ready) noexcept { static_cast<Stop&>(ready).listener->stop(); };
  // Until the runner closes our input.
  std::thread waits{[&] {
    char byte = 0;
    while (::read(0, &byte, 1) > 0) {
    }
    io.post(stop);
  }};
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    auto sampling = scope.spawn(sample(io, listener));
    auto ended = co_await listener.run();
    sampling.cancel();
    co_return ended;
  };
  auto served = co_await io::with_scope(io, body);
  waits.join();
  facts.retries = listener.endpoint().stats().retries;
  facts.early = listener.endpoint().stats().early_accepted;
  co_return served;
}

// ---- client

h3::ClientSessionOptions session_options(const Options& options, SSL_CTX* tls, h3::SessionStore* store) {
  h3::ClientSessionOptions session;
  session.peer = io::Endpoint::from_ip(options.address, options.port).value();
  session.authority = "localhost:" + std::to_string(options.port);
  session.ssl.reset(SSL_new(tls));
  SSL_set_tlsext_host_name(session.ssl.get(), "localhost");
  SSL_set1_host(session.ssl.get(), "localhost");
  session.store = store;
  session.early_data = options.early;
  session.settings.prefer_version_2 = options.v2;
  // Beginning with version 2 is the peer's business to accept; negotiating it is compatible with all.
  if (options.v2) session.version = NGTCP2_PROTO_VER_V2;
  return session;
}

io::Task<void> fetch(io::Io& io, h3::Http3Session& session, const Options& options, std::string path) {
  ClientRequest request;
  request.target = "/" + path;
  auto response = co_await session.exchange(io, std::move(request));
  Result<std::string> body = fail(Code::internal, "");
  if (response && response->status == Status::ok) body = co_await response->body.read_all(io, std::size_t{64} << 20);
  if (!body) {
    ++facts.failed;
    std::fprintf(stderr, "%s: %s\n", path.c_str(), describe(response ? body.error() : response.error()).c_str());
    co_return;
  }
  std::ofstream{options.out + "/" + path, std::ios::binary} << *body;
}

/// Once the handshake is confirmed, which the peer says.
io::Task<void> disturb(io::Io& io, h3::Http3Session& session, const Options& options) {
  bool updated = !options.key_update, moved = !options.migrate;
  for (int i = 0; i < 3000 && session.usable(); ++i) {
    quic::Connection& connection = *session.connection();
    if (connection.handshake_done()) {
      if (!updated) updated = connection.update_keys(io.now());
      if (!moved) {
        const io::Endpoint now = quic::Address::of(ngtcp2_conn_get_path(connection.conn())->local).endpoint();
        const auto elsewhere = io::Endpoint::from_ip("127.0.0.9", now.port()).value();
        moved = connection.migrate(quic::Address::of(elsewhere), io.now());
        facts.migrations += moved ? 1 : 0;
      }
    }
    note_keys(connection);
    auto slept = co_await io::sleep(io, Duration::milliseconds(10));
    if (!slept) co_return;
  }
}

io::Task<void> run_session(io::Io& io, const Options& options, SSL_CTX* tls, h3::SessionStore* store, std::vector<std::string> paths,
                           bool wait_for_ticket) {
  auto session = h3::open_session(io, session_options(options, tls, store));
  if (!session) {
    facts.failed += static_cast<unsigned>(paths.size());
    co_return;
  }
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    auto running = scope.spawn((*session)->run(io));
    auto disturbing = scope.spawn(disturb(io, **session, options));
    auto fetches = [&](io::Scope& inner) -> io::Task<void> {
      for (const std::string& path : paths) inner.spawn(fetch(io, **session, options, path)).keep();
      co_return;
    };
    co_await io::with_scope(io, fetches);
    for (int i = 0; wait_for_ticket && i < 500 && store->sessions() == 0; ++i) co_await io::sleep(io, Duration::milliseconds(10));
    facts.early += (*session)->early_accepted() ? 1 : 0;
    disturbing.cancel();
    (*session)->close();
    co_await running;
  };
  co_await io::with_scope(io, body);
}

io::Task<Result<void>> ask(io::Io& io, const Options& options, const Context& tls) {
  h3::SessionStore store;
  if (options.each) {
    for (const std::string& path : options.paths) co_await run_session(io, options, tls.get(), nullptr, {path}, false);
  } else if (options.resume || options.early) {
    co_await run_session(io, options, tls.get(), &store, {options.paths.front()}, true);
    co_await run_session(io, options, tls.get(), &store, {options.paths.begin() + 1, options.paths.end()}, false);
  } else {
    co_await run_session(io, options, tls.get(), nullptr, options.paths, false);
  }
  co_return Result<void>{};
}

int run(const Options& options) {
  const Context tls = make_context(options);
  if (options.server) {
    SSL_CTX_use_certificate_chain_file(tls.get(), options.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(tls.get(), options.key.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_alpn_select_cb(tls.get(), &choose_h3, nullptr);
    SSL_CTX_set_early_data_enabled(tls.get(), options.early ? 1 : 0);
  } else {
    SSL_CTX_load_verify_locations(tls.get(), options.authority.c_str(), nullptr);
    SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER, nullptr);
    static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
    SSL_CTX_set_alpn_protos(tls.get(), kH3, sizeof kH3);
    SSL_CTX_set_session_cache_mode(tls.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(tls.get(), &quic::Glue::keep_session);
  }
  auto io = io::make_stackless_io().value();
  const auto ended = io::run(*io, options.server ? serve(*io, options, tls) : ask(*io, options, tls));
  if (!ended) std::fprintf(stderr, "%s\n", describe(ended.error()).c_str());
  print_facts();
  return ended && facts.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tablinum::net

int main(int argc, char** argv) {
  const auto options = tablinum::net::parse(argc, argv);
  if (!options) {
    std::fprintf(stderr, "what this peer cannot do was asked of it\n");
    return 127;
  }
  return tablinum::net::run(*options);
}
