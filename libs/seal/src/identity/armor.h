#pragma once
// The text forms of this module: a line that names what follows, base64 in lines of 64, a closing line. One text for one
// content.
#include "tablinum/base/bytes.h"
#include "tablinum/base/secret.h"
#include "tablinum/seal/mnemonic.h"

namespace tablinum::seal {

/// @param label "CARD", "IDENTITY", …;
SecretText armored(std::string_view label, ByteView bytes);
/// Only what armored() gives is taken, with LF or CRLF, and white space after the end.
/// @error corrupt: not that.
Result<SecretBytes> from_armor(std::string_view label, std::string_view text);
/// Whether a text begins as one of that label.
bool has_armor(std::string_view label, std::string_view text) noexcept;

}  // namespace tablinum::seal
