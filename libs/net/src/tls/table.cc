#include "tls/table.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "tablinum/base/crypto.h"
#include "tls/build_table.h"
#include "tls/pem.h"
#include "tls/server_name.h"

namespace tablinum::net {
namespace tls {
namespace {

constexpr char kGroups[] = "X25519MLKEM768:X25519:P-256";
constexpr char kCiphers12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

enum class Wire : std::uint8_t { tcp, quic };

int table_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int host_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::optional<std::string> name_of(const SSL_CLIENT_HELLO* hello) {
  const std::uint8_t* extension = nullptr;
  std::size_t bytes = 0;
  if (!SSL_early_callback_ctx_extension_get(hello, TLSEXT_TYPE_server_name, &extension, &bytes)) return std::nullopt;
  return server_name_in(std::as_bytes(std::span{extension, bytes}));
}

int verify_mode(ClientCertificates policy) noexcept {
  switch (policy) {
    case ClientCertificates::off: return SSL_VERIFY_NONE;
    case ClientCertificates::request: return SSL_VERIFY_PEER;
    case ClientCertificates::require: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

/// Runs before any other extension is looked at: the host decides on certificate, ALPN and client certificates.
ssl_select_cert_result_t choose_host(const SSL_CLIENT_HELLO* hello) {
  SSL* ssl = hello->ssl;
  const SSL_CTX* front = SSL_get_SSL_CTX(ssl);
  const auto* table = static_cast<const TlsTable*>(SSL_CTX_get_ex_data(front, table_index()));
  const auto name = name_of(hello);
  const TlsTableHost* host = name ? table->find(*name) : &table->hosts.front();
  // refuse_name() answers unrecognized_name; an error from here would be handshake_failure.
  if (host == nullptr && table->strict_sni) return ssl_select_cert_success;
  if (host == nullptr) host = &table->hosts.front();
  SSL_set_ex_data(ssl, host_index(), const_cast<TlsTableHost*>(host));
  SSL_CTX* chosen = front == table->quic_front.get() ? host->quic.get() : host->tcp.get();
  if (SSL_set_SSL_CTX(ssl, chosen) == nullptr) return ssl_select_cert_error;
  SSL_set_verify(ssl, verify_mode(host->client_certificates), nullptr);
  return ssl_select_cert_success;
}

int refuse_name(SSL* ssl, int* alert, void*) {
  if (chosen_host(ssl) != nullptr) return SSL_TLSEXT_ERR_OK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_alpn(SSL*, const std::uint8_t** out, std::uint8_t* out_len, const std::uint8_t* in, unsigned in_len,
                void* argument) {
  const auto& ours = *static_cast<const std::vector<std::uint8_t>*>(argument);
  if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
  const int agreed = SSL_select_next_proto(const_cast<std::uint8_t**>(out), out_len, ours.data(),
                                           static_cast<unsigned>(ours.size()), in, in_len);
  return agreed == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<SslCtx> new_context(TlsTable& table, Wire wire) {
  SslCtx context{SSL_CTX_new(TLS_server_method())};
  const bool quic = wire == Wire::quic;
  const auto number = [](TlsVersion version) -> std::uint16_t {
    return version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  };
  const bool set = context && SSL_CTX_set_min_proto_version(context.get(), quic ? TLS1_3_VERSION : number(table.version_min)) &&
                   SSL_CTX_set_max_proto_version(context.get(), quic ? TLS1_3_VERSION : number(table.version_max)) &&
                   SSL_CTX_set1_groups_list(context.get(), kGroups) &&
                   SSL_CTX_set_strict_cipher_list(context.get(), kCiphers12);
  if (!set) return fail(Code::internal, "no TLS context: " + last_error());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, quic ? &table.quic_alpn : &table.alpn);
  use_tickets(context.get(), *table.tickets);
  return context;
}

Result<SslCtx> new_front(TlsTable& table, Wire wire) {
  TRY(context, new_context(table, wire));
  SSL_CTX_set_ex_data(context.get(), table_index(), &table);
  SSL_CTX_set_select_certificate_cb(context.get(), choose_host);
  SSL_CTX_set_tlsext_servername_callback(context.get(), refuse_name);
  return std::move(context);
}

/// Everything of a host that was read and checked.
struct LoadedHost {
  std::vector<Certificate> chain;
  Key key;
  std::vector<Certificate> client_roots;
};

Result<void> check_chain(const std::vector<Certificate>& chain, const std::string& who) {
  if (chain.size() > kTlsChainMax) return fail(Code::invalid, who + ": the chain has too many certificates");
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (X509_check_issued(chain[i + 1].get(), chain[i].get()) != X509_V_OK)
      return fail(Code::invalid, who + ": the chain is out of order at certificate " + std::to_string(i + 1));
  return {};
}

Result<void> check_dates(const std::vector<Certificate>& chain, Timestamp now, const std::string& who) {
  for (const Certificate& certificate : chain) {
    const Timestamp begin = time_of(X509_get0_notBefore(certificate.get())),
                    end = time_of(X509_get0_notAfter(certificate.get()));
    if (now < begin) return fail(Code::invalid, who + ": a certificate is not valid before " + to_rfc3339(begin));
    if (end < now) return fail(Code::invalid, who + ": a certificate has expired on " + to_rfc3339(end));
  }
  return {};
}

bool covers(const std::vector<std::string>& of_certificate, const std::string& name) {
  if (std::ranges::find(of_certificate, name) != of_certificate.end()) return true;
  const std::size_t dot = name.find('.');
  return dot != std::string::npos && std::ranges::find(of_certificate, "*" + name.substr(dot)) != of_certificate.end();
}

/// The names the host answers for, in lower case.
Result<std::vector<std::string>> names_of(const TlsHost& host, const X509* certificate, const std::string& who) {
  const std::vector<std::string> own = dns_names_of(certificate);
  if (host.names.empty()) return own;
  std::vector<std::string> names;
  for (std::string name : host.names) {
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!is_dns_name(name, true)) return fail(Code::invalid, who + ": not a DNS name: " + name);
    if (!covers(own, name)) return fail(Code::invalid, who + ": the certificate does not cover " + name);
    names.push_back(std::move(name));
  }
  return names;
}

Result<LoadedHost> load(const TlsHost& host, Timestamp now, std::vector<FileStamp>& stamps, const std::string& who) {
  LoadedHost loaded;
  TRY(chain_pem, read_pem(host.certificate, &stamps));
  TRY(key_pem, read_pem(host.key, &stamps));
  TRY(chain, certificates_in(chain_pem));
  TRY(key, key_in(key_pem));
  loaded.chain = std::move(chain);
  loaded.key = std::move(key);
  CHECK_OK(check_chain(loaded.chain, who));
  CHECK_OK(check_dates(loaded.chain, now, who));
  if (X509_check_private_key(loaded.chain.front().get(), loaded.key.get()) != 1)
    return fail(Code::invalid, who + ": the key does not fit the certificate: " + last_error());
  if (host.client_certificates == ClientCertificates::off) return loaded;
  if (host.client_roots.empty()) return fail(Code::invalid, who + ": client certificates are asked for without roots");
  TRY(roots_pem, read_pem(host.client_roots, &stamps));
  TRY(roots, certificates_in(roots_pem));
  loaded.client_roots = std::move(roots);
  return loaded;
}

/// A ticket of one host, or of other rules for client certificates, is none here.
Digest session_context(const TlsTableHost& host, const LoadedHost& loaded) {
  std::string text = std::to_string(static_cast<int>(host.client_certificates));
  for (const std::string& name : host.info.names) text += "\n" + name;
  for (const Certificate& root : loaded.client_roots) {
    std::array<std::uint8_t, 32> hash{};
    unsigned bytes = 0;
    X509_digest(root.get(), EVP_sha256(), hash.data(), &bytes);
    text.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
  return sha256(bytes_of(text));
}

bool trust(SSL_CTX* context, const std::vector<Certificate>& roots) {
  const Store store{X509_STORE_new()};
  bool done = store != nullptr;
  for (const Certificate& root : roots)
    done = done && X509_STORE_add_cert(store.get(), root.get()) == 1 && SSL_CTX_add_client_CA(context, root.get()) == 1;
  return done && SSL_CTX_set1_verify_cert_store(context, store.get()) == 1;
}

Result<SslCtx> host_context(TlsTable& table, const TlsTableHost& host, const LoadedHost& loaded, Wire wire) {
  TRY(context, new_context(table, wire));
  SSL_CTX* raw = context.get();
  bool done =
      SSL_CTX_use_certificate(raw, loaded.chain.front().get()) == 1 && SSL_CTX_use_PrivateKey(raw, loaded.key.get()) == 1;
  for (std::size_t i = 1; i < loaded.chain.size(); ++i) done = done && SSL_CTX_add1_chain_cert(raw, loaded.chain[i].get()) == 1;
  const Digest id = session_context(host, loaded);
  done = done && SSL_CTX_set_session_id_context(raw, id.bytes.data(), id.bytes.size()) == 1;
  if (host.client_certificates != ClientCertificates::off) {
    done = done && trust(raw, loaded.client_roots);
    SSL_CTX_set_verify(raw, verify_mode(host.client_certificates), nullptr);
  }
  const bool early = wire == Wire::quic && table.quic_early_data && host.client_certificates == ClientCertificates::off;
  SSL_CTX_set_early_data_enabled(raw, early ? 1 : 0);
  if (!done) return fail(Code::invalid, "a certificate cannot be used: " + last_error());
  return std::move(context);
}

Result<void> add_names(TlsTable& table, std::size_t index) {
  for (const std::string& name : table.hosts[index].info.names) {
    const bool wildcard = name.starts_with("*.");
    auto& names = wildcard ? table.wildcards : table.exact;
    if (!names.emplace(wildcard ? name.substr(2) : name, index).second)
      return fail(Code::invalid, "two hosts answer for " + name);
  }
  return {};
}

Result<void> add_host(TlsTable& table, const TlsHost& config, Timestamp now, std::vector<FileStamp>& stamps) {
  const std::string who =
      config.certificate.file.empty() ? "host " + std::to_string(table.hosts.size()) : config.certificate.file;
  TRY(loaded, load(config, now, stamps, who));
  const X509* certificate = loaded.chain.front().get();
  TRY(names, names_of(config, certificate, who));
  if (names.empty() && !table.hosts.empty()) return fail(Code::invalid, who + ": no name, so it would never be chosen");
  TlsTableHost& host = table.hosts.emplace_back();
  host.info = {std::move(names), time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))};
  host.client_certificates = config.client_certificates;
  TRY(tcp, host_context(table, host, loaded, Wire::tcp));
  TRY(quic, host_context(table, host, loaded, Wire::quic));
  host.tcp = std::move(tcp);
  host.quic = std::move(quic);
  return add_names(table, table.hosts.size() - 1);
}

}  // namespace

Result<std::vector<std::uint8_t>> alpn_list(const std::vector<std::string>& names) {
  std::vector<std::uint8_t> list;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) return fail(Code::invalid, "an ALPN name has 1 to 255 bytes");
    list.push_back(static_cast<std::uint8_t>(name.size()));
    list.insert(list.end(), name.begin(), name.end());
  }
  return list;
}

Result<BuiltTable> build_table(const TlsConfig& config, std::shared_ptr<const TicketKeys> tickets, std::uint64_t generation,
                               Timestamp now) {
  if (config.hosts.empty()) return fail(Code::invalid, "TLS needs a certificate");
  if (config.hosts.size() > kTlsHostsMax) return fail(Code::invalid, "too many TLS hosts");
  if (config.version_max < config.version_min)
    return fail(Code::invalid, "no TLS version between the least and the last allowed");
  BuiltTable built{std::make_shared<TlsTable>(), {}};
  TlsTable& table = *built.table;
  TRY(alpn, alpn_list(config.alpn));
  TRY(quic_alpn, alpn_list(config.quic_alpn));
  table.alpn = std::move(alpn);
  table.quic_alpn = std::move(quic_alpn);
  table.version_min = config.version_min;
  table.version_max = config.version_max;
  table.strict_sni = config.strict_sni;
  table.quic_early_data = config.quic_early_data;
  table.generation = generation;
  table.tickets = std::move(tickets);
  for (const TlsHost& host : config.hosts) CHECK_OK(add_host(table, host, now, built.stamps));
  TRY(tcp, new_front(table, Wire::tcp));
  TRY(quic, new_front(table, Wire::quic));
  SSL_CTX_set_early_data_enabled(quic.get(), config.quic_early_data ? 1 : 0);
  table.tcp_front = std::move(tcp);
  table.quic_front = std::move(quic);
  return built;
}

Ssl new_quic_server(const TlsTable& table) {
  Ssl ssl{SSL_new(table.quic_front.get())};
  if (ssl) SSL_set_accept_state(ssl.get());
  return ssl;
}

Ssl new_quic_server(std::shared_ptr<const TlsTable> table) {
  using Kept = std::shared_ptr<const TlsTable>;
  constexpr auto drop = [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Kept*>(kept); };
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, drop);
  Ssl ssl = new_quic_server(*table);
  auto kept = std::make_unique<Kept>(std::move(table));
  if (ssl && SSL_set_ex_data(ssl.get(), index, kept.get()) == 1) (void)kept.release();
  else ssl.reset();
  return ssl;
}

const TlsTableHost* chosen_host(const SSL* ssl) { return static_cast<const TlsTableHost*>(SSL_get_ex_data(ssl, host_index())); }

}  // namespace tls

const TlsTableHost* TlsTable::find(std::string_view server_name) const {
  if (const auto found = exact.find(server_name); found != exact.end()) return &hosts[found->second];
  const std::size_t dot = server_name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto found = wildcards.find(server_name.substr(dot + 1));
  return found == wildcards.end() ? nullptr : &hosts[found->second];
}

}  // namespace tablinum::net
