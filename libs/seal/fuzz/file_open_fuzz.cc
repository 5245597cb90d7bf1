/// Whole files under a known key: the stream, memory and ranges agree on what opens, and what opens was sealed.
#include <cstdlib>

#include "tablinum/seal/sealed_file.h"

using namespace tablinum;

namespace {

/// The vectors' key, so that the corpus holds files that open.
Secret<32> key() {
  Secret<32> secret;
  for (std::size_t i = 0; i < 32; ++i) secret.mutable_view()[i] = static_cast<std::byte>(0x40 + i);
  return secret;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const seal::SymmetricKey symmetric{key()};
  const seal::Opener* opener = &symmetric;
  const seal::Openers keys{&opener, 1};
  const ByteView input = std::as_bytes(std::span{data, size});
  Bytes memory;
  const auto whole = seal::open(input, memory, keys);
  MemorySource source{input};
  MemorySink sink;
  const auto stream = seal::open(source, sink, keys);
  if (whole.has_value() != stream.has_value()) std::abort();
  if (!whole && (whole.error().code != Code::corrupt || whole.error().detail != seal::kCannotOpen)) std::abort();
  if (!whole) return 0;
  if (memory != sink.bytes() || whole->content_bytes != memory.size()) std::abort();
  const MemoryFile file{input};
  const auto ranged = seal::SealedFile::open(file, keys);
  if (!ranged || (*ranged)->size() != memory.size()) std::abort();
  Bytes part(memory.size() / 2);
  const std::size_t at = memory.size() / 3;
  const auto got = (*ranged)->read_at(at, part);
  if (!got || !std::ranges::equal(part, ByteView{memory}.subspan(at, *got))) std::abort();
  return 0;
}
