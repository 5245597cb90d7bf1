#pragma once
/// Record D's inside and what is derived from a delegation's facts.
#include "pre/keys.h"

namespace tablinum::seal::pre {

struct Delegation::Rekey {
  ClassicalRekey classical;
  LatticeRekey lattice;
};

/// What the classical rekey is bound to (design §4).
Digest delegation_info(const DelegationFacts& facts) noexcept;
/// Hash of the collection key that the facts describe.
Digest collection_key_hash(const DelegationFacts& facts) noexcept;
/// The context that a capsule of the delegation's collection key must have.
Digest capsule_context(const Digest& core_hash, const DelegationFacts& facts) noexcept;
/// Suite, collection, epoch and key are those of the delegation.
bool belongs(const CapsuleStanza& stanza, const DelegationFacts& facts) noexcept;

}  // namespace tablinum::seal::pre
