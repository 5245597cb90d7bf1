#pragma once
/// gzip and zstd as streams: bytes in, bytes out, bounded memory. Sources: RFC 1952, RFC 8878.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/base/bytes.h"

namespace tablinum::net {

enum class Coding : std::uint8_t { identity, gzip, zstd };
/// "gzip"; empty for identity.
std::string_view name_of(Coding coding) noexcept;

/// How much a client with this Accept-Encoding (RFC 9110 §12.5.3) wants `coding`: 0 (not at all) to 1000. "*" stands for
/// codings that are not named; malformed elements count for nothing.
int accepted_weight(std::string_view accept_encoding, std::string_view coding) noexcept;

/// Of zstd and gzip the one that weighs more, zstd among equals; identity if neither is accepted.
Coding preferred_coding(std::string_view accept_encoding) noexcept;

class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Appends what `input` compresses to. With `flush`, all input so far can be decoded from what was appended.
  virtual Result<void> write(ByteView input, bool flush, std::string& out) = 0;
  /// Appends the end. Nothing may follow.
  virtual Result<void> finish(std::string& out) = 0;
};
/// @error internal: no memory for the state.
Result<std::unique_ptr<Encoder>> make_encoder(Coding coding);

class Decoder {
 public:
  virtual ~Decoder() = default;
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool ended = false;
  };
  /// Decodes from `input` into `out`, stopping when either is used up.
  /// @error corrupt: not that coding.  too_large: a zstd window over 8 MiB.
  virtual Result<Step> step(ByteView input, MutableBytes out) = 0;
};
Result<std::unique_ptr<Decoder>> make_decoder(Coding coding);

}  // namespace tablinum::net
