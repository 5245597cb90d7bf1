#pragma once
/// The 24 words in which an identity can be written down: BIP-39 with the English list.
/// Source: github.com/bitcoin/bips, bip-0039.mediawiki.
#include <string_view>

#include "tablinum/base/secret.h"

namespace tablinum::seal {

using SecretText = SecretVector<char>;
inline std::string_view view(const SecretText& text) noexcept { return {text.data(), text.size()}; }

inline constexpr std::size_t kPhraseWords = 24;
inline constexpr std::size_t kEntropyBytes = 32;
inline constexpr std::size_t kPhraseTextMax = 1024;

/// Words separated by one space.
SecretText phrase_from_entropy(const Secret<kEntropyBytes>& entropy);
/// Capitals and extra white space are forgiven.
/// @error invalid: not 24 words, a word that is not in the list (named by its place, never by itself), or a wrong checksum.
Result<Secret<kEntropyBytes>> entropy_from_phrase(std::string_view phrase);

/// For 128, 160, 192, 224 or 256 bits, as the BIP has them.  @error invalid: another length.
Result<SecretText> phrase_from_entropy(ByteView entropy);
/// @error as above.
Result<SecretBytes> entropy_from_phrase_of_any_length(std::string_view phrase);

/// The BIP's seed: PBKDF2-HMAC-SHA-512, 2048 rounds. `phrase` as the functions above give it; `passphrase` in NFKD.
Secret<64> bip39_seed(std::string_view phrase, std::string_view passphrase = {});

}  // namespace tablinum::seal
