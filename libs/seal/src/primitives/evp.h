#pragma once
// Owners of AWS-LC's handles.
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace tablinum::seal {

struct EvpFree {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, EvpFree>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, EvpFree>;
using EvpDigestContext = std::unique_ptr<EVP_MD_CTX, EvpFree>;

/// For calls that fail only without memory or by a fault of ours.
void require(bool held);

}  // namespace tablinum::seal
