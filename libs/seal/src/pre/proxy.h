#pragma once
/// What T is made of, for the proxy that makes it and the delegate who checks it.
#include "pre/delegation.h"

namespace tablinum::seal::pre {

inline constexpr std::size_t kTransformedHeadBytes = 1 + 32 + 32;
/// What the proxy signs: H over everything before the signature.
Digest transformed_to_sign(ByteView before_signature) noexcept;

/// The sub-keys of a proxy's seed; also for the regression tests of the attacks.
struct ProxySecrets {
  Secret<32> flood, nonce, storage, signing_seed;
};
ProxySecrets proxy_secrets(const Secret<32>& seed) noexcept;

}  // namespace tablinum::seal::pre
