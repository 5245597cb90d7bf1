// Stored objects: docs/format/fhe-objects.md.
#include <cstring>

#include "fhe/context.h"
#include "fhe/scheme.h"

namespace tablinum::seal::fhe {
namespace {

constexpr std::string_view kMagic = "tblm-fhe";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kChecksumBytes = 16;

enum class Type : std::uint8_t { context = 1, public_key, secret_key, rekey, ciphertext };

struct Header {
  Type type{};
  std::uint8_t encoding = 0;
  std::uint16_t hops = 0;
  std::uint16_t flooded = 0;
  Parameters parameters;
};

template <class Out>
void append_le(Out& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

std::uint64_t read_le(ByteView bytes, std::size_t at, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

template <class Out>
Out start(const Header& h, std::uint32_t n, std::size_t payload_bytes) {
  Out out;
  out.reserve(kHeaderBytes + payload_bytes + kChecksumBytes);
  for (const char c : kMagic) out.push_back(static_cast<std::byte>(c));
  append_le(out, kVersion, 1);
  append_le(out, static_cast<std::uint8_t>(h.type), 1);
  append_le(out, h.encoding, 1);
  append_le(out, h.parameters.limbs, 1);
  append_le(out, h.parameters.limb_bits, 1);
  append_le(out, static_cast<unsigned>(__builtin_ctz(n)), 1);
  append_le(out, h.hops, 2);
  append_le(out, h.flooded, 2);
  append_le(out, 0, 2);
  append_le(out, h.parameters.plaintext_modulus, 8);
  append_le(out, payload_bytes, 4);
  return out;
}

template <class Out>
void finish(Out& out) {
  const auto digest = sha256(out);
  out.insert(out.end(), digest.view().begin(), digest.view().begin() + kChecksumBytes);
}

// Words are stored little-endian, which is what every processor that this is built for has in memory.
void append_words(Bytes& out, std::span<const std::uint64_t> words) { append(out, std::as_bytes(words)); }

struct Parsed {
  Header header;
  ContextPtr context;
  ByteView payload;
};

Result<Header> read_header(ByteView bytes, Type type) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return fail(Code::corrupt, "not an object of this library");
  if (read_le(bytes, 8, 1) != kVersion) return fail(Code::unsupported, "an object of a newer version");
  if (read_le(bytes, 9, 1) != static_cast<std::uint8_t>(type)) return fail(Code::corrupt, "an object of another kind");
  if (read_le(bytes, 18, 2) != 0) return fail(Code::corrupt, "reserved bytes are not zero");
  Header h{type,
           static_cast<std::uint8_t>(read_le(bytes, 10, 1)),
           static_cast<std::uint16_t>(read_le(bytes, 14, 2)),
           static_cast<std::uint16_t>(read_le(bytes, 16, 2)),
           {read_le(bytes, 20, 8), static_cast<unsigned>(read_le(bytes, 12, 1)), static_cast<unsigned>(read_le(bytes, 11, 1))}};
  const bool carries = type == Type::ciphertext;
  if (carries ? h.encoding < 1 || h.encoding > 2 : h.encoding != 0) return fail(Code::corrupt, "an unknown encoding");
  if (h.flooded > h.hops || (!carries && h.hops != 0)) return fail(Code::corrupt, "a history that cannot be");
  return h;
}

Result<Parsed> open(ByteView bytes, Type type) {
  TRY(header, read_header(bytes, type));
  const auto body = bytes.first(bytes.size() - kChecksumBytes);
  // Before anything is made from it: a table for parameters that a flipped bit made up would cost milliseconds.
  if (read_le(bytes, 28, 4) != body.size() - kHeaderBytes) return fail(Code::corrupt, "the length does not fit");
  if (!equal_constant_time(sha256(body).view().first(kChecksumBytes), bytes.last(kChecksumBytes)))
    return fail(Code::corrupt, "the checksum does not match");
  TRY(of, context(header.parameters));
  if (read_le(bytes, 13, 1) != static_cast<unsigned>(__builtin_ctz(of->ring_dimension())))
    return fail(Code::corrupt, "the ring dimension does not fit the modulus");
  return Parsed{header, of, body.subspan(kHeaderBytes)};
}

// Takes one polynomial from the front.
Result<Words> take_words(const Context& of, ByteView& payload) {
  const auto& c = of.internals();
  Words words(c.limbs.size() * c.n);
  std::memcpy(words.data(), payload.data(), words.size() * sizeof(std::uint64_t));
  payload = payload.subspan(words.size() * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < c.limbs.size(); ++i)
    for (const auto word : std::span{words}.subspan(i * c.n, c.n))
      if (word >= c.limbs[i].q) return fail(Code::corrupt, "a word is not below its modulus");
  return words;
}

std::size_t polynomial_bytes(const Context& of) { return of.moduli().size() * of.ring_dimension() * sizeof(std::uint64_t); }

Result<Parsed> open_polynomials(ByteView bytes, Type type, bool for_each_limb) {
  TRY(parsed, open(bytes, type));
  const auto count = 2 * (for_each_limb ? parsed.context->moduli().size() : 1);
  if (parsed.payload.size() != count * polynomial_bytes(*parsed.context)) return fail(Code::corrupt, "the length does not fit");
  return std::move(parsed);
}

// Every word times `factor`·2^-64: into the form of the products and back.
Words montgomery(const Words& words, const Context& of, bool into) {
  const auto& c = of.internals();
  Words out(words.size());
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    const Words factor(c.n, into ? c.limbs[i].montgomery_squared : 1);
    const auto tables = c.limbs[i].limb();
    c.kernels->multiply_add(out.data() + i * c.n, words.data() + i * c.n, factor.data(), nullptr, &tables);
  }
  return out;
}

}  // namespace

Bytes serialize(const Context& of) {
  auto out = start<Bytes>({Type::context, 0, 0, 0, of.parameters()}, of.ring_dimension(), 0);
  finish(out);
  return out;
}

Bytes serialize(const PublicKey& key) {
  const auto& of = *key.context;
  auto out = start<Bytes>({Type::public_key, 0, 0, 0, of.parameters()}, of.ring_dimension(), 2 * polynomial_bytes(of));
  append_words(out, key.a);
  append_words(out, key.b);
  finish(out);
  return out;
}

SecretBytes serialize(const SecretKey& key) {
  const auto& of = *key.context;
  auto out = start<SecretBytes>({Type::secret_key, 0, 0, 0, of.parameters()}, of.ring_dimension(), key.seed.size());
  out.insert(out.end(), key.seed.view().begin(), key.seed.view().end());
  finish(out);
  return out;
}

Bytes serialize(const ReKey& key) {
  const auto& of = *key.context;
  auto out =
      start<Bytes>({Type::rekey, 0, 0, 0, of.parameters()}, of.ring_dimension(), 2 * of.moduli().size() * polynomial_bytes(of));
  for (std::size_t i = 0; i < key.theta_mont.size(); ++i) {
    append_words(out, montgomery(key.theta_mont[i], of, false));
    append_words(out, montgomery(key.beta_mont[i], of, false));
  }
  finish(out);
  return out;
}

Bytes serialize(const Ciphertext& ciphertext) {
  const auto& of = *ciphertext.context;
  const Header header{Type::ciphertext, static_cast<std::uint8_t>(ciphertext.encoding), ciphertext.hops, ciphertext.flooded,
                      of.parameters()};
  auto out = start<Bytes>(header, of.ring_dimension(), 2 * polynomial_bytes(of));
  append_words(out, ciphertext.c0);
  append_words(out, ciphertext.c1);
  finish(out);
  return out;
}

Result<ContextPtr> deserialize_context(ByteView bytes) {
  TRY(parsed, open(bytes, Type::context));
  if (!parsed.payload.empty()) return fail(Code::corrupt, "the length does not fit");
  return parsed.context;
}

Result<PublicKey> deserialize_public_key(ByteView bytes) {
  TRY(parsed, open_polynomials(bytes, Type::public_key, false));
  TRY(a, take_words(*parsed.context, parsed.payload));
  TRY(b, take_words(*parsed.context, parsed.payload));
  return PublicKey{parsed.context, std::move(a), std::move(b)};
}

Result<SecretKey> deserialize_secret_key(ByteView bytes) {
  TRY(parsed, open(bytes, Type::secret_key));
  if (parsed.payload.size() != 32) return fail(Code::corrupt, "the length does not fit");
  return secret_from_seed(parsed.context, Secret<32>{parsed.payload.first<32>()});
}

Result<ReKey> deserialize_rekey(ByteView bytes) {
  TRY(parsed, open_polynomials(bytes, Type::rekey, true));
  ReKey key{parsed.context, {}, {}};
  for (std::size_t i = 0; i < parsed.context->moduli().size(); ++i) {
    TRY(theta, take_words(*parsed.context, parsed.payload));
    TRY(beta, take_words(*parsed.context, parsed.payload));
    key.theta_mont.push_back(montgomery(theta, *parsed.context, true));
    key.beta_mont.push_back(montgomery(beta, *parsed.context, true));
  }
  return key;
}

Result<Ciphertext> deserialize_ciphertext(ByteView bytes) {
  TRY(parsed, open_polynomials(bytes, Type::ciphertext, false));
  TRY(c0, take_words(*parsed.context, parsed.payload));
  TRY(c1, take_words(*parsed.context, parsed.payload));
  return Ciphertext{parsed.context,     static_cast<Encoding>(parsed.header.encoding),
                    parsed.header.hops, parsed.header.flooded,
                    std::move(c0),      std::move(c1)};
}

}  // namespace tablinum::seal::fhe
