#pragma once
/// Whether this machine and this build compute what they should: `tablinum doctor` asks, and `tablinum identity algorithms
/// --self-test`.
#include "tablinum/base/error.h"

namespace tablinum::seal {

/// Known answers of every primitive that sealing uses (ciphers, hashes, key agreement, signatures, Argon2id) and of proxy
/// re-encryption, and a refusal each where something was altered. About a hundredth of a second.
/// @error internal: the one that failed, by name. Use nothing of this module then: the processor, the memory or the build is
/// broken.
Result<void> self_test();

}  // namespace tablinum::seal
