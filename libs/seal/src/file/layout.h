#pragma once
/// Numbers and domain strings of docs/format/sealed-file.md, and the parts of a header by themselves.
#include "tablinum/seal/sealed_file.h"

namespace tablinum::seal::file {

inline constexpr std::array<std::byte, 8> kMagic{std::byte{'S'},  std::byte{'E'},  std::byte{'A'},  std::byte{'L'},
                                                 std::byte{0x01}, std::byte{0x0d}, std::byte{0x0a}, std::byte{0x1a}};
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kCoreBytesMin = 8 + 4 + 32 + 2;
inline constexpr std::size_t kStanzaHeadBytes = 1 + 1 + 4;
inline constexpr std::size_t kMacBytes = 32;
inline constexpr std::size_t kMetaHeadBytes = 1 + 2;
inline constexpr std::uint8_t kMetaCritical = 0x80;
inline constexpr std::uint8_t kStanzaCritical = 0x01;
inline constexpr std::uint8_t kSignatureSuite = 1;  ///< Ed25519 and ML-DSA-65
inline constexpr std::size_t kSignatureBlockBytes = 1 + 32 + kSignatureBytes;
inline constexpr std::size_t kWrapBytes = kFileKeyBytes + kAeadTagBytes;
inline constexpr std::size_t kTagBytes = 4;
inline constexpr std::size_t kXBodyBytes = kTagBytes + 32 + 1088 + kWrapBytes;
inline constexpr std::size_t kWBodyBytes = 16 + kWrapBytes;
inline constexpr std::size_t kSBodyBytes = 16 + 4 + 4 + kWrapBytes;

inline constexpr std::string_view kHeaderDomain = "seal/v1/hdr";
inline constexpr std::string_view kPayloadDomain = "seal/v1/payload";
inline constexpr std::string_view kSignatureDomain = "seal/v1/sig";
inline constexpr std::string_view kTagDomain = "seal/v1/tag";
inline constexpr std::string_view kIdentityDomain = "seal/v1/x";
inline constexpr std::string_view kSymmetricDomain = "seal/v1/w";
inline constexpr std::string_view kSymmetricIdDomain = "seal/v1/w-id";
inline constexpr std::string_view kPassphraseDomain = "seal/v1/s";

std::uint32_t u32_le(ByteView bytes) noexcept;
std::uint64_t u64_le(ByteView bytes) noexcept;

/// The part that never changes.
Bytes core_bytes(const Header& header);
/// All before the MAC, from the core's bytes on.
Bytes bytes_before_mac(const Header& header);
/// The MAC's bytes and the signature, appended.
void append_rest(Bytes& out, const Header& header);

/// What read_header() checks of a header's parts, for headers that are put together.
/// @error invalid: options outside their limits, a passphrase beside others, nobody.  limit: too many stanzas.  too_large.
Result<void> check_stanzas(const std::vector<Stanza>& stanzas);
Result<void> check_meta(const std::vector<MetaField>& meta);

/// Behind those of its type and of lower ones.
void insert_stanza(std::vector<Stanza>& stanzas, Stanza stanza);

/// The error of every failed opening.
std::unexpected<Error> cannot_open();
/// `error` of reading a header as opening reports it: what is wrong with the file becomes one, what the source reports stays.
Error as_opening(Error error);

}  // namespace tablinum::seal::file
