#include "tls/peer.h"

#include <openssl/err.h>

#include "tablinum/base/crypto.h"
#include "tls/handles.h"

namespace tablinum::net::tls {
namespace {

using Encoded = std::unique_ptr<std::uint8_t, FreeWith<&OPENSSL_free>>;

Bytes der_of(std::uint8_t* encoded, int bytes) {
  const Encoded owned{encoded};
  if (bytes <= 0) return {};
  const auto view = std::as_bytes(std::span{encoded, static_cast<std::size_t>(bytes)});
  return {view.begin(), view.end()};
}

Bytes der_of(X509* certificate) {
  std::uint8_t* encoded = nullptr;
  const int bytes = i2d_X509(certificate, &encoded);
  return der_of(encoded, bytes);
}

std::string key_hash_of(X509* certificate) {
  std::uint8_t* encoded = nullptr;
  const int bytes = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  const Digest hash = sha256(der_of(encoded, bytes));
  return to_hex(hash);
}

std::string subject_of(const X509* certificate) {
  const Bio bio{BIO_new(BIO_s_mem())};
  if (!bio || X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
  const std::uint8_t* text = nullptr;
  std::size_t bytes = 0;
  BIO_mem_contents(bio.get(), &text, &bytes);
  return {reinterpret_cast<const char*>(text), bytes};
}

void learn_peer(TlsInfo& info, const SSL* ssl) {
  const STACK_OF(X509)* chain = SSL_get_peer_full_cert_chain(ssl);
  for (std::size_t i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    info.peer_chain.push_back(der_of(certificate));
    if (i > 0) continue;
    info.peer_subject = subject_of(certificate);
    info.peer_key_hash = key_hash_of(certificate);
  }
  ERR_clear_error();
}

}  // namespace

TlsInfo info_of(const SSL* ssl) {
  TlsInfo info;
  info.version = SSL_version(ssl) == TLS1_2_VERSION ? TlsVersion::tls12 : TlsVersion::tls13;
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl)) info.cipher = SSL_CIPHER_standard_name(cipher);
  info.group = SSL_get_group_id(ssl);
  info.resumed = SSL_session_reused(ssl) == 1;
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) info.server_name = name;
  const std::uint8_t* alpn = nullptr;
  unsigned alpn_bytes = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpn_bytes);
  if (alpn != nullptr) info.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_bytes);
  learn_peer(info, ssl);
  return info;
}

}  // namespace tablinum::net::tls
