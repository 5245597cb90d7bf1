// The inside of a backup, which was encrypted and so is its maker's word. Law: what is taken is written to the same bytes.
#include <cstdlib>

#include "identity/backup_files.h"

using namespace tablinum;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes = std::as_bytes(std::span{data, size});
  const auto files = seal::backup_files(bytes);
  if (files && !std::ranges::equal(seal::backup_plain(*files).value(), bytes)) std::abort();
  return 0;
}
