// Identity files without a passphrase, backups, phrases and foreign identity files. Law: what is read is written to be read
// again.
#include <cstdlib>

#include "tablinum/seal/backup.h"
#include "tablinum/seal/migrate.h"

using namespace tablinum;

namespace {

// A passphrase costs up to a gigabyte by the file's own word: not the parser's fault, and refused over the limits by a test.
bool asks_for_work(std::string_view text) {
  const auto encrypted = seal::Identity::needs_passphrase(text);
  return encrypted && *encrypted;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (!asks_for_work(text)) {
    if (const auto identity = seal::Identity::decode(text)) {
      const auto written = identity->encode(std::nullopt).value();
      if (seal::Identity::decode(seal::view(written))->fingerprint() != identity->fingerprint()) std::abort();
    }
  }
  if (const auto entropy = seal::entropy_from_phrase_of_any_length(text)) {
    const auto phrase = seal::phrase_from_entropy(ByteView{*entropy}).value();
    if (seal::entropy_from_phrase_of_any_length(seal::view(phrase)).value() != *entropy) std::abort();
  }
  if (const auto taken = seal::import_hd_v1(text, "fuzz", 0); taken && text_of(taken->legacy()) != text) std::abort();
  return 0;
}
