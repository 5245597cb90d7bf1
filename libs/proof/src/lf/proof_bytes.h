#pragma once
/// The bytes of a raw `lf` proof.  Format: docs/proof/lf.md.
#include <optional>

#include "lf/ligero.h"

namespace tablinum::proof::lf {

struct RawProof {
  Digest root;
  Messages messages;
  Argument argument;
};

Bytes write_proof(const Layout& layout, const RawProof& proof);
/// Nothing where the bytes are not a proof for this circuit in its one encoding: wrong length, a run that could be longer, an
/// element written long that has a short form.
std::optional<RawProof> read_proof(const Circuit& circuit, const Layout& layout, ByteView bytes);

}  // namespace tablinum::proof::lf
