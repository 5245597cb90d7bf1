#pragma once
/// Stanza P in a sealed file: a collection as recipient, and what a proxy transformed as opener. The rest is in pre.h.
#include "tablinum/seal/pre.h"
#include "tablinum/seal/recipient.h"

namespace tablinum::seal {

/// Wraps file keys for a collection epoch, each capsule signed by the collection's owner. Give the owner another stanza to read by (X or
/// W): the owner never opens P.  @param owner, device kept by the caller; device may be null.
std::unique_ptr<Recipient> make_collection_recipient(const pre::CollectionPublic& collection, const pre::Signer& owner,
                                                     const pre::DeviceSecret* device = nullptr);

/// Opens one stanza P by what the proxy made of it. Everything is kept by the caller while the opener lives.
struct TransformedKey {
  const pre::ReceiveSecret& key;
  ByteView transformed;          ///< T
  const pre::Ticket& ticket;
  const pre::Verifier& owner;
  const pre::ProxyPublic& proxy;
  pre::FailureBudget& budget;
};
std::unique_ptr<Opener> make_transformed_opener(const TransformedKey& transformed);

}  // namespace tablinum::seal
