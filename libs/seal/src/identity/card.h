#pragma once
// What cards and identities share of the card's format.
#include "identity/fields.h"
#include "tablinum/seal/contact_card.h"

namespace tablinum::seal {

/// What a former key signs: domain ‖ former keys ‖ next keys ‖ time.
Bytes succession_message(const HybridVerifier& former, const HybridVerifier& next, std::int64_t at_s);
/// The part of a card's signature that is not the card.
inline constexpr std::string_view kCardDomain = "seal/v1/card";

template <class Buffer>
void write_successions(FieldWriter<Buffer>& out, const std::vector<Succession>& successions) {
  out.number(static_cast<std::uint8_t>(successions.size()));
  for (const auto& each : successions) {
    out.raw(each.former.bytes());
    out.number(static_cast<std::uint64_t>(each.at_s));
    out.raw(each.signature);
  }
}
/// Reads and verifies a chain that ends at `signer`.
Result<std::vector<Succession>> read_successions(FieldReader& in, const HybridVerifier& signer);

}  // namespace tablinum::seal
