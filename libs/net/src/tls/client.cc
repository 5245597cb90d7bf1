#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "tls/build_table.h"
#include "tls/client_state.h"
#include "tls/server_name.h"

namespace tablinum::net {
namespace {

constexpr char kGroups[] = "X25519MLKEM768:X25519:P-256";
constexpr char kCiphers12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::array kSystemRoots{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                  "/etc/ssl/cert.pem"};

Result<SecretBytes> roots_pem(const PemSource& roots) {
  if (!roots.empty()) return tls::read_pem(roots);
  for (const char* file : kSystemRoots) {
    auto pem = tls::read_pem(PemSource::of_file(file));
    if (pem || pem.error().code != Code::not_found) return pem;
  }
  return fail(Code::not_found, "the system has no root certificates");
}

struct Loaded {
  std::vector<tls::Certificate> roots;
  std::vector<tls::Certificate> chain;
  tls::Key key;
};

Result<Loaded> load(const TlsClientConfig& config) {
  Loaded loaded;
  TRY(pem, roots_pem(config.roots));
  TRY(roots, tls::certificates_in(pem));
  loaded.roots = std::move(roots);
  if (config.certificate.empty()) return loaded;
  TRY(chain_pem, tls::read_pem(config.certificate));
  TRY(key_pem, tls::read_pem(config.key));
  TRY(chain, tls::certificates_in(chain_pem));
  TRY(key, tls::key_in(key_pem));
  loaded.chain = std::move(chain);
  loaded.key = std::move(key);
  return loaded;
}

bool use_certificate(SSL_CTX* context, const Loaded& loaded) {
  if (loaded.chain.empty()) return true;
  bool done = SSL_CTX_use_certificate(context, loaded.chain.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, loaded.key.get()) == 1;
  for (std::size_t i = 1; i < loaded.chain.size(); ++i)
    done = done && SSL_CTX_add1_chain_cert(context, loaded.chain[i].get()) == 1;
  return done;
}

std::uint16_t number(TlsVersion version) noexcept { return version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION; }

Result<tls::SslCtx> new_context(const TlsClientConfig& config, const Loaded& loaded, bool quic) {
  tls::SslCtx context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX* raw = context.get();
  const tls::Store store{X509_STORE_new()};
  if (!context || !store) return fail(Code::internal, "no TLS context");
  bool done = SSL_CTX_set_min_proto_version(raw, quic ? TLS1_3_VERSION : number(config.version_min)) &&
              SSL_CTX_set_max_proto_version(raw, quic ? TLS1_3_VERSION : number(config.version_max)) &&
              SSL_CTX_set1_groups_list(raw, kGroups) && SSL_CTX_set_strict_cipher_list(raw, kCiphers12);
  for (const tls::Certificate& root : loaded.roots) done = done && X509_STORE_add_cert(store.get(), root.get()) == 1;
  done = done && SSL_CTX_set1_verify_cert_store(raw, store.get()) == 1;
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  TRY(alpn, tls::alpn_list(quic ? config.quic_alpn : config.alpn));
  done = done && SSL_CTX_set_alpn_protos(raw, alpn.data(), static_cast<unsigned>(alpn.size())) == 0;
  if (!done) return fail(Code::internal, "no TLS context: " + tls::last_error());
  if (!use_certificate(raw, loaded))
    return fail(Code::invalid, "the client's certificate cannot be used: " + tls::last_error());
  return context;
}

bool is_address(const std::string& name) {
  std::array<std::byte, 16> scrap;
  return ::inet_pton(AF_INET, name.c_str(), scrap.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), scrap.data()) == 1;
}

}  // namespace

TlsClient::TlsClient(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
TlsClient::~TlsClient() = default;

Result<std::shared_ptr<TlsClient>> TlsClient::make(TlsClientConfig config) {
  TRY(loaded, load(config));
  auto state = std::make_unique<State>();
  TRY(tcp, new_context(config, loaded, false));
  TRY(quic, new_context(config, loaded, true));
  state->tcp = std::move(tcp);
  state->quic = std::move(quic);
  state->resume = config.resume;
  tls::collect_sessions(state->tcp.get());
  return std::shared_ptr<TlsClient>{new TlsClient{std::move(state)}};
}

void TlsClient::State::keep_session(const std::string& key, tls::Session session) {
  const std::scoped_lock lock{mutex_};
  sessions_.push_back({key, std::move(session)});
  by_key_.emplace(key, std::prev(sessions_.end()));
  if (sessions_.size() > kTlsSessionsMax) drop_oldest();
}

void TlsClient::State::drop_oldest() {
  const auto [begin, end] = by_key_.equal_range(sessions_.front().key);
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->second != sessions_.begin()) continue;
    by_key_.erase(entry);
    break;
  }
  sessions_.pop_front();
}

tls::Session TlsClient::State::take_session(const std::string& key) {
  const std::scoped_lock lock{mutex_};
  const auto [begin, end] = by_key_.equal_range(key);
  if (begin == end) return nullptr;
  const auto newest = std::prev(end);  // equal keys stand in the order they came
  tls::Session session = std::move(newest->second->session);
  sessions_.erase(newest->second);
  by_key_.erase(newest);
  return session;
}

Result<void> tls::expect_server(SSL* ssl, const std::string& server_name) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_address(server_name)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str()) == 1) return {};
    return fail(Code::invalid, "not an address: " + last_error());
  }
  std::string name = server_name;
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.ends_with('.')) name.pop_back();
  if (!is_dns_name(name, false)) return fail(Code::invalid, "not a server's name: " + server_name);
  const bool set =
      SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size()) == 1;
  if (!set) return fail(Code::internal, last_error());
  return {};
}

}  // namespace tablinum::net
