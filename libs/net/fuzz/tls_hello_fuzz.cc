/// Any bytes where a ClientHello is expected, and any server_name extension: no handshake comes of them, and a name that is taken
/// is one that a table of hosts can hold.
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <cctype>
#include <cstdlib>

#include "../tests/quic_pair.h"
#include "scripted_stream.h"
#include "tablinum/net/tls.h"
#include "tls/server_name.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

template <class Write>
std::string pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(bio, &bytes, &size);
  std::string text{reinterpret_cast<const char*>(bytes), size};
  BIO_free(bio);
  return text;
}

std::shared_ptr<TlsContext> make_context() {
  const test::PairContext certificate{SSL_CTX_new(TLS_method())};
  test::use_certificate(certificate.get());
  TlsConfig config;
  for (const char* name : {"a.example", "*.b.example"}) {
    TlsHost host;
    host.certificate = PemSource::of_text(pem([&](BIO* bio) { PEM_write_bio_X509(bio, SSL_CTX_get0_certificate(certificate.get())); }));
    host.key = PemSource::of_text(pem([&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, SSL_CTX_get0_privatekey(certificate.get()), nullptr, nullptr, 0, nullptr, nullptr);
    }));
    host.names = {name};
    config.hosts.push_back(std::move(host));
  }
  return TlsContext::make(std::move(config)).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<TlsContext> kContext = make_context();
  if (size < 1) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (const auto name = tls::server_name_in(bytes_of(input))) {
    const bool lower = std::ranges::none_of(*name, [](unsigned char c) { return std::isupper(c) != 0 || c == 0; });
    if (name->empty() || name->size() > tls::kServerNameBytesMax || name->ends_with('.') || !lower) std::abort();
  }
  bool accepted = false;
  const bool ended = fuzz::ends([&](io::Io& io) -> io::Task<void> {
    auto stream = std::make_unique<fuzz::ScriptedStream>(io, input, std::size_t{1} + data[0], nullptr);
    auto made = co_await accept_tls(io, kContext, std::move(stream), io.now() + Duration::seconds(10));
    accepted = made.has_value();
  });
  if (!ended || accepted) std::abort();
  return 0;
}
