#pragma once
/// AWS-LC's objects with an owner.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace tablinum::net::tls {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};
using SslCtx = std::unique_ptr<SSL_CTX, FreeWith<&SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<&SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, FreeWith<&SSL_SESSION_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<&X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<&X509_STORE_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<&BIO_free>>;

}  // namespace tablinum::net::tls
