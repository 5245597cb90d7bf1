// Stored objects have one form: what reads is written back equal. A checksum that fits is put in, or hardly anything would get
// past it.
#include <algorithm>
#include <cstdlib>

#include "tablinum/base/crypto.h"
#include "tablinum/seal/fhe.h"

namespace {

void check(const auto& read, tablinum::ByteView bytes) {
  if (read && !std::ranges::equal(tablinum::seal::fhe::serialize(*read), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  using namespace tablinum::seal::fhe;
  Bytes bytes(size);
  std::ranges::copy(std::as_bytes(std::span{data, size}), bytes.begin());
  if (size >= 16) {
    const auto digest = sha256(ByteView{bytes}.first(size - 16));
    std::copy_n(digest.view().begin(), 16, bytes.end() - 16);
  }
  check(deserialize_public_key(bytes), bytes);
  check(deserialize_secret_key(bytes), bytes);
  check(deserialize_rekey(bytes), bytes);
  check(deserialize_ciphertext(bytes), bytes);
  if (const auto of = deserialize_context(bytes); of && !std::ranges::equal(serialize(**of), bytes)) std::abort();
  return 0;
}
