#pragma once
/// What the tests of sealed files share.
#include <gtest/gtest.h>

#include "file/keys.h"
#include "file/payload.h"
#include "file/writer.h"
#include "tablinum/seal/sealed_file.h"

namespace tablinum::seal::testing {

inline Secret<32> secret_of(std::uint8_t byte) {
  Secret<32> secret;
  std::ranges::fill(secret.mutable_view(), std::byte{byte});
  return secret;
}

/// Bytes that differ from place to place, and from chunk to chunk.
inline Bytes content_of(std::size_t bytes) {
  Bytes content(bytes);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (auto& byte : content) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(state >> 56);
  }
  return content;
}

inline const SymmetricKey& own_key() {
  static const SymmetricKey key{secret_of(1)};
  return key;
}
inline const SymmetricKey& other_key() {
  static const SymmetricKey key{secret_of(2)};
  return key;
}

/// One recipient, one key: what most tests need.
struct Pair {
  const Recipient* recipient = &own_key();
  const Opener* opener = &own_key();
  Recipients recipients() const { return {&recipient, 1}; }
  Openers openers() const { return {&opener, 1}; }
};

inline Bytes sealed_of(ByteView content, const SealOptions& options = {}, const Pair& pair = {}) {
  Bytes sealed;
  const auto report = seal(content, sealed, pair.recipients(), options);
  EXPECT_TRUE(report) << describe(report.error());
  return sealed;
}

/// Opens as a stream and in memory and through SealedFile; all must say the same.
inline Result<Bytes> opened_of(ByteView sealed, const Pair& pair = {}, const OpenOptions& options = {}) {
  Bytes memory;
  const auto whole = open(sealed, memory, pair.openers(), options);
  MemorySource source{sealed};
  MemorySink sink;
  const auto stream = open(source, sink, pair.openers(), options);
  EXPECT_EQ(whole.has_value(), stream.has_value());
  if (!whole) {
    EXPECT_EQ(whole.error().code, Code::corrupt);
    EXPECT_EQ(whole.error().detail, kCannotOpen);
    EXPECT_TRUE(memory.empty());
    if (!stream) {
      EXPECT_EQ(stream.error().code, Code::corrupt);
      EXPECT_EQ(stream.error().detail, kCannotOpen);
    }
    return std::unexpected(whole.error());
  }
  EXPECT_EQ(memory, sink.bytes());
  return memory;
}

/// What a reader at random places gets of the whole file.
inline Result<Bytes> ranged_of(ByteView sealed, const Pair& pair = {}) {
  const MemoryFile file{sealed};
  TRY(opened, SealedFile::open(file, pair.openers()));
  Bytes all(opened->size());
  TRY(got, opened->read_at(0, all));
  EXPECT_EQ(got, all.size());
  return std::move(all);
}

inline std::size_t header_bytes(ByteView sealed) {
  MemorySource source{sealed};
  return serialize(read_header(source).value()).size();
}

}  // namespace tablinum::seal::testing
