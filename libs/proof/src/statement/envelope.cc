// TPRF ‖ version ‖ backend ‖ type ‖ profile ‖ shape u16LE ‖ outputs u16LE ‖ outputs ‖ nonce ‖ inner u32LE ‖ inner.
#include <algorithm>

#include "statement/kinds.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof {
namespace {

constexpr std::string_view kMagic = "TPRF";
constexpr std::byte kVersion{1};
constexpr std::size_t kFixedBytes = 4 + 4 + 2 + 2;
constexpr std::size_t kNonceBytes = 16;

}  // namespace

Bytes Envelope::head() const {
  Bytes out;
  append(out, bytes_of(kMagic));
  for (const std::byte b : {kVersion, std::byte{backend}, static_cast<std::byte>(type), std::byte{profile}}) out.push_back(b);
  append_u16_le(out, shape);
  append_u16_le(out, static_cast<std::uint16_t>(outputs.size()));
  append(out, outputs);
  append(out, nonce);
  return out;
}
Bytes Envelope::encode() const {
  Bytes out = head();
  append_u32_le(out, static_cast<std::uint32_t>(inner.size()));
  append(out, inner);
  return out;
}

Outcome<Envelope> read_envelope(ByteView bytes) {
  const auto refused = [](const char* why) { return fault(Fault::serialization, why, "envelope"); };
  if (bytes.size() > kEnvelopeBytesMax) return refused("too large");
  if (bytes.size() < kFixedBytes || text_of(bytes.first(4)) != kMagic) return refused("not a proof");
  if (bytes[4] != kVersion) return refused("a version that is not known");
  Envelope out;
  out.backend = std::to_integer<std::uint8_t>(bytes[5]);
  out.type = static_cast<StatementType>(bytes[6]);
  out.profile = std::to_integer<std::uint8_t>(bytes[7]);
  out.shape = static_cast<std::uint16_t>(number_le(bytes.subspan(8, 2)));
  const std::size_t outputs = number_le(bytes.subspan(10, 2));
  bytes = bytes.subspan(kFixedBytes);
  if (bytes.size() < outputs + kNonceBytes + 4) return refused("truncated");
  out.outputs.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(outputs));
  bytes = bytes.subspan(outputs);
  std::copy_n(bytes.begin(), kNonceBytes, out.nonce.begin());
  const std::size_t inner = number_le(bytes.subspan(kNonceBytes, 4));
  bytes = bytes.subspan(kNonceBytes + 4);
  if (bytes.size() != inner) return refused("of another length than it says");
  out.inner.assign(bytes.begin(), bytes.end());
  return out;
}

Digest session_of(const Envelope& envelope, ByteView program) {
  const Bytes head = envelope.head();
  Bytes lengths;
  append_u64_le(lengths, head.size());
  append_u64_le(lengths, program.size());
  return Sha256{}
      .update("tablinum-proof-v1")
      .update(ByteView{lengths}.first(8))
      .update(head)
      .update(ByteView{lengths}.subspan(8))
      .update(program)
      .finish();
}

}  // namespace tablinum::proof
