/// The implementation of certificates.h; named as a test so that the build takes it into the test program.
#include "certificates.h"

#include <arpa/inet.h>
#include <openssl/bytestring.h>
#include <openssl/ec_key.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>

#include "tls/handles.h"

namespace tablinum::net::test {
namespace {

using tls::Bio;
using tls::Certificate;
using tls::Key;

void must(bool done) {
  if (!done) std::abort();
}

Key new_key() {
  EC_KEY* ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  must(EC_KEY_generate_key(ec) == 1);
  Key key{EVP_PKEY_new()};
  must(EVP_PKEY_assign_EC_KEY(key.get(), ec) == 1);
  return key;
}

std::string text_in(const Bio& bio) {
  const std::uint8_t* text = nullptr;
  std::size_t bytes = 0;
  BIO_mem_contents(bio.get(), &text, &bytes);
  return {reinterpret_cast<const char*>(text), bytes};
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio{BIO_new(BIO_s_mem())};
  must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_in(bio);
}

std::string pem_of(X509* certificate) {
  const Bio bio{BIO_new(BIO_s_mem())};
  must(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_in(bio);
}

Key key_from(const std::string& pem) {
  const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<ossl_ssize_t>(pem.size()))};
  return Key{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
}

void set_name(X509_NAME* name, const std::string& text) {
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  static_cast<ossl_ssize_t>(text.size()), -1, 0) == 1);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate new_certificate(EVP_PKEY* key, const std::string& subject, const std::string& issuer, Duration begins,
                            Duration ends) {
  Certificate certificate{X509_new()};
  X509* raw = certificate.get();
  must(X509_set_version(raw, X509_VERSION_3) == 1);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<std::uint8_t*>(&serial), sizeof serial);
  must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial >> 1) == 1);
  const std::int64_t now = wall_now().seconds();
  ASN1_TIME_set_posix(X509_getm_notBefore(raw), now + begins.ns / 1'000'000'000);
  ASN1_TIME_set_posix(X509_getm_notAfter(raw), now + ends.ns / 1'000'000'000);
  set_name(X509_get_subject_name(raw), subject);
  set_name(X509_get_issuer_name(raw), issuer);
  must(X509_set_pubkey(raw, key) == 1);
  return certificate;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    std::array<std::byte, 16> scrap;
    const bool address =
        ::inet_pton(AF_INET, name.c_str(), scrap.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), scrap.data()) == 1;
    text += (text.empty() ? "" : ",") + std::string{address ? "IP:" : "DNS:"} + name;
  }
  return text;
}

}  // namespace

Authority::Authority(const std::string& name) : name_{name} {
  const Key key = new_key();
  const Certificate certificate =
      new_certificate(key.get(), name, name, Duration::seconds(-7200), Duration::seconds(48 * 3600));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  own_ = {pem_of(certificate.get()), pem_of(key.get())};
}

Issued Authority::issue(const Wish& wish) const {
  const Key key = new_key(), authority_key = key_from(own_.key);
  const std::string subject = wish.names.empty() ? "nobody" : wish.names.front();
  const Certificate certificate = new_certificate(key.get(), subject, name_, wish.begins, wish.ends);
  if (!wish.names.empty())
    add_extension(certificate.get(), certificate.get(), NID_subject_alt_name, alternative_names(wish.names));
  must(X509_sign(certificate.get(), authority_key.get(), EVP_sha256()) > 0);
  return {pem_of(certificate.get()), pem_of(key.get())};
}

}  // namespace tablinum::net::test
