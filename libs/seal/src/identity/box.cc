#include "identity/box.h"

#include <algorithm>

#include "identity/fields.h"
#include "tablinum/base/aead.h"
#include "tablinum/base/crypto.h"

namespace tablinum::seal {
namespace {

enum class Kdf : std::uint8_t { none = 0, argon2id = 1 };
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kCommitmentBytes = 32;
constexpr std::size_t kChecksumBytes = 32;
constexpr std::byte kZeroNonce[24]{};  // each key is used once: its salt is fresh

struct Keys {
  Secret<64> bytes;  // AEAD key ‖ commitment
  std::span<const std::byte, 32> key() const { return bytes.view().first<32>(); }
  std::span<const std::byte, 32> commitment() const { return bytes.view().last<32>(); }
};

Result<Keys> derive(std::string_view passphrase, std::span<const std::byte, kSaltBytes> salt, const PassphraseCost& cost) {
  Keys keys;
  CHECK_OK(argon2id(bytes_of(passphrase), salt, cost.passes, cost.memory_kib, keys.bytes.mutable_view()));
  return keys;
}

std::unexpected<Error> refuse() { return fail(Code::unauthenticated, "wrong passphrase, or the file was altered"); }

Result<Kdf> read_start(std::string_view magic, FieldReader& in) {
  const std::string_view start = text_of(in.raw(magic.size()));
  if (!in.ok() || start.substr(0, magic.size() - 1) != magic.substr(0, magic.size() - 1))
    return fail(Code::corrupt, "not such a file");
  const auto kdf = in.number<std::uint8_t>();
  if (start != magic || kdf > 1) return fail(Code::unsupported, "a file of a later version of this program");
  if (!in.ok()) return fail(Code::corrupt, "the file is cut off");
  return static_cast<Kdf>(kdf);
}

Result<SecretBytes> open_plain(ByteView box, FieldReader& in) {
  if (in.rest().size() < kChecksumBytes ||
      !std::ranges::equal(sha3_256(box.first(box.size() - kChecksumBytes)).view(), box.last(kChecksumBytes)))
    return fail(Code::corrupt, "the file is damaged");
  const ByteView plain = in.raw(in.rest().size() - kChecksumBytes);
  return SecretBytes(plain.begin(), plain.end());
}

Result<SecretBytes> open_encrypted(ByteView box, FieldReader& in, std::string_view passphrase) {
  const PassphraseCost cost{in.number<std::uint32_t>(), in.number<std::uint32_t>()};
  const ByteView salt = in.raw(kSaltBytes);
  const ByteView commitment = in.raw(kCommitmentBytes);
  if (!in.ok() || in.rest().size() < kAeadTagBytes) return fail(Code::corrupt, "the file is cut off");
  // Before any work: a hostile file must not make the machine compute for hours.
  if (cost.passes < 1 || cost.passes > kArgonPassesMax || cost.memory_kib < 8 || cost.memory_kib > kArgonMemoryKibMax)
    return fail(Code::limit, "the file asks for more work on its passphrase than this program does");
  TRY(keys, derive(passphrase, salt.first<kSaltBytes>(), cost));
  if (!equal_constant_time(keys.commitment(), commitment)) return refuse();
  const ByteView head = box.first(box.size() - in.rest().size());
  SecretBytes plain(in.rest().size() - kAeadTagBytes);
  if (!Aead{Cipher::xchacha20_poly1305, keys.key()}.open(kZeroNonce, head, in.rest(), plain)) return refuse();
  return plain;
}

}  // namespace

Result<Bytes> close_box(std::string_view magic, ByteView plain, std::optional<std::string_view> passphrase,
                        const PassphraseCost& cost) {
  Bytes box;
  box.reserve(plain.size() + 128);
  FieldWriter out{box};
  out.raw(bytes_of(magic));
  out.number(static_cast<std::uint8_t>(passphrase ? Kdf::argon2id : Kdf::none));
  if (!passphrase) {
    out.raw(plain);
    out.raw(sha3_256(box).view());
    return box;
  }
  std::array<std::byte, kSaltBytes> salt;
  fill_random(salt);
  TRY(keys, derive(*passphrase, salt, cost));
  out.number(cost.passes);
  out.number(cost.memory_kib);
  out.raw(salt);
  out.raw(keys.commitment());
  const Bytes head = box;
  box.resize(head.size() + plain.size() + kAeadTagBytes);
  Aead{Cipher::xchacha20_poly1305, keys.key()}.seal(kZeroNonce, head, plain, MutableBytes{box}.subspan(head.size()));
  return box;
}

Result<bool> box_is_encrypted(std::string_view magic, ByteView box) {
  FieldReader in{box};
  TRY(kdf, read_start(magic, in));
  return kdf == Kdf::argon2id;
}

Result<SecretBytes> open_box(std::string_view magic, ByteView box, std::string_view passphrase) {
  FieldReader in{box};
  TRY(kdf, read_start(magic, in));
  return kdf == Kdf::none ? open_plain(box, in) : open_encrypted(box, in, passphrase);
}

}  // namespace tablinum::seal
