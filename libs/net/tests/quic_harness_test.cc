// The harness's own code; that it works is what all other tests of QUIC show.
#include "quic_harness.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"

namespace tablinum::net::test {
namespace {

std::string pem_of(const std::function<void(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(bio, &data, &size);
  std::string text{reinterpret_cast<const char*>(data), size};
  BIO_free(bio);
  return text;
}

Identity make_identity() {
  Identity made;
  EVP_PKEY* key = EVP_PKEY_new();
  EC_KEY* ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  EC_KEY_generate_key(ec);
  EVP_PKEY_assign_EC_KEY(key, ec);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400 * 10);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : {std::pair{NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"}, {NID_basic_constraints, "CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &context, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  made.certificate_pem = pem_of([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  made.key_pem = pem_of([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  std::string folder = (std::filesystem::temp_directory_path() / "tablinum_quic_XXXXXX").string();
  made.folder = ::mkdtemp(folder.data());
  made.certificate_file = made.folder + "/cert.pem";
  made.key_file = made.folder + "/key.pem";
  std::ofstream{made.certificate_file} << made.certificate_pem;
  std::ofstream{made.key_file} << made.key_pem;
  return made;
}

struct OwnedIdentity {
  Identity identity = make_identity();
  ~OwnedIdentity() {
    std::error_code ignored;
    std::filesystem::remove_all(identity.folder, ignored);
  }
};

int choose_h3(SSL*, const std::uint8_t** out, std::uint8_t* size, const std::uint8_t* offered, unsigned offered_size, void*) {
  static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
  std::uint8_t* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kH3, sizeof kH3, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void restrict(SSL_CTX* context, const std::string& groups, const std::string& ciphers) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  if (!groups.empty()) SSL_CTX_set1_groups_list(context, groups.c_str());
  if (!ciphers.empty()) SSL_CTX_set_ciphersuites(context, ciphers.c_str());
}

}  // namespace

const Identity& Identity::get() {
  static const OwnedIdentity kIdentity;
  return kIdentity.identity;
}

Context server_context(const ServerTls& options) {
  Context context{SSL_CTX_new(TLS_method())};
  restrict(context.get(), options.groups, options.ciphers);
  SSL_CTX_use_certificate_chain_file(context.get(), Identity::get().certificate_file.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), Identity::get().key_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_h3, nullptr);
  SSL_CTX_set_early_data_enabled(context.get(), options.early_data ? 1 : 0);
  return context;
}

Context client_context(const std::string& ciphers) {
  Context context{SSL_CTX_new(TLS_method())};
  restrict(context.get(), "X25519MLKEM768:X25519:P-256", ciphers);
  SSL_CTX_load_verify_locations(context.get(), Identity::get().certificate_file.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr std::uint8_t kH3[] = {2, 'h', '3'};
  SSL_CTX_set_alpn_protos(context.get(), kH3, sizeof kH3);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), &quic::Glue::keep_session);
  return context;
}

QuicServer::QuicServer(Handler handler, ServerSetup setup)
    : handler_{std::move(handler)}, setup_{std::move(setup)}, tls_{server_context(setup_.tls)} {
  thread_ = std::thread{[this] {
    auto io = io::make_stackless_io().value();
    io_ = io.get();
    auto served = io::run(*io, serve(*io));
    if (!served) std::fprintf(stderr, "server: %s\n", describe(served.error()).c_str());
    ended_.store(true);
    ended_.notify_all();
    announce(-1);  // it could not listen: the constructor must not wait for ever
  }};
  port_.wait(0);
}

void QuicServer::announce(int port) {
  int none = 0;
  port_.compare_exchange_strong(none, port);
  port_.notify_all();
}

io::Task<Result<void>> QuicServer::serve(io::Io& io) {
  CO_TRY(any, io::Endpoint::from_ip("127.0.0.1", 0));
  io::UdpOptions udp;
  udp.segmentation = setup_.segmentation;
  CO_TRY(socket, io::bind_udp(io, any, udp));
  h3::ListenerConfig config;
  config.endpoint = std::move(setup_.endpoint);
  config.endpoint.make_ssl = [this] { return quic::SslPtr{SSL_new(tls_.get())}; };
  config.date = [] { return std::string_view{"Sat, 21 Nov 2026 00:00:00 GMT"}; };
  h3::Listener listener{io, std::move(socket), std::move(config), setup_.limits, handler_, counters_};
  listener_ = &listener;
  announce(listener.local().port());
  co_return co_await listener.run();
}

void QuicServer::on_core(const std::function<void(h3::Listener&)>& call) {
  struct Message : io::Ready {
    const std::function<void(h3::Listener&)>* call;
    h3::Listener* listener;
    std::promise<void> done;
  };
  Message message;
  message.call = &call;
  message.listener = listener_;
  message.run = [](io::Ready& ready) noexcept {
    auto& self = static_cast<Message&>(ready);
    (*self.call)(*self.listener);
    self.done.set_value();
  };
  auto done = message.done.get_future();
  io_->post(message);
  done.wait();
}

quic::EndpointStats QuicServer::stats() {
  quic::EndpointStats stats;
  on_core([&](h3::Listener& listener) { stats = listener.endpoint().stats(); });
  return stats;
}

ServerStats QuicServer::counters() const {
  ServerStats stats;
  counters_.add_to(stats);
  return stats;
}

bool QuicServer::drain() {
  on_core([](h3::Listener& listener) { listener.drain(); });
  for (int i = 0; i < 1000 && !ended_.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return ended_.load();
}

QuicServer::~QuicServer() {
  if (!ended_.load()) on_core([](h3::Listener& listener) { listener.stop(); });
  thread_.join();
}

h3::ClientSessionOptions client_options(const ClientSetup& setup, SSL_CTX* context) {
  h3::ClientSessionOptions options;
  options.peer = io::Endpoint::from_ip("127.0.0.1", setup.port).value();
  options.authority = "localhost:" + std::to_string(setup.port);
  options.ssl.reset(SSL_new(context));
  if (!setup.groups.empty()) SSL_set1_groups_list(options.ssl.get(), setup.groups.c_str());
  SSL_set_tlsext_host_name(options.ssl.get(), "localhost");
  SSL_set1_host(options.ssl.get(), "localhost");
  options.store = setup.store;
  options.settings = setup.settings;
  options.early_data = setup.early_data;
  return options;
}

void with_session(const ClientSetup& setup, const UseSession& use) {
  const Context context = client_context(setup.ciphers);
  auto io = io::make_stackless_io().value();
  auto main = [&]() -> io::Task<void> {
    auto session = h3::open_session(*io, client_options(setup, context.get()));
    EXPECT_TRUE(session.has_value());
    if (!session) co_return;
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      auto running = scope.spawn((*session)->run(*io));
      co_await use(*io, **session);
      (*session)->close();
      co_await running;
    };
    co_await io::with_scope(*io, body);
  };
  io::run(*io, main());
}

io::Task<std::string> get(io::Io& io, h3::Http3Session& session, std::string target) {
  ClientRequest request;
  request.target = std::move(target);
  auto response = co_await session.exchange(io, std::move(request));
  if (!response) co_return "error: " + describe(response.error());
  auto body = co_await response->body.read_all(io, std::size_t{64} << 20);
  if (!body) co_return "error: " + describe(body.error());
  co_return std::to_string(number(response->status)) + " " + *body;
}

std::string run_program(const std::string& command, int seconds) {
  const std::string limited = "timeout -k 1 " + std::to_string(seconds) + " " + command + " 2>&1";
  FILE* pipe = ::popen(limited.c_str(), "r");
  if (pipe == nullptr) return "error: popen";
  std::string out;
  std::array<char, 65536> piece;
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) out.append(piece.data(), got);
  const int status = ::pclose(pipe);
  out += "\nexit " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1) + "\n";
  return out;
}

std::string file_hash(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return "";
  std::ostringstream text;
  text << file.rdbuf();
  return to_hex(sha256(bytes_of(text.str())));
}

}  // namespace tablinum::net::test
