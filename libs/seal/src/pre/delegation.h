#pragma once
/// Record D's inside and what is derived from a delegation's facts.
#include "pre/keys.h"

namespace tablinum::seal::pre {

struct Delegation::Rekey {
  ClassicalRekey classical;
  LatticeRekey lattice;
};

/// What the owner's client makes; the ticket's bytes include the signature.
struct DelegationParts {
  DelegationFacts facts;
  std::shared_ptr<const Delegation::Rekey> rekey;
  Bytes ticket;
};
/// @param random 32 fresh bytes; hedged with the owner's secret before they become coins.
Result<DelegationParts> build_delegation(DelegationFacts facts, const CollectionSecret& from, const PublicHalves& to, const Signer& owner,
                                         const Secret<32>& random);
SecretBytes serialise_delegation(ByteView ticket, const Delegation::Rekey& rekey);
DelegationFacts facts_for(const CollectionSecret& from, const IdentityId& owner, const IdentityId& delegate, const Digest& delegate_key,
                          bool group, const DelegationTerms& terms);

/// What the classical rekey is bound to (design §4).
Digest delegation_info(const DelegationFacts& facts) noexcept;
/// Hash of the collection key that the facts describe.
Digest collection_key_hash(const DelegationFacts& facts) noexcept;
/// The context that a capsule of the delegation's collection key must have.
Digest capsule_context(const Digest& core_hash, const DelegationFacts& facts) noexcept;
/// Suite, collection, epoch and key are those of the delegation.
bool belongs(const CapsuleStanza& stanza, const DelegationFacts& facts) noexcept;

}  // namespace tablinum::seal::pre
