// Functions bear the numbers of FIPS 205's algorithms. Nothing branches on a secret: indices come from the public digest of the
// message.
#include "primitives/slh_dsa.h"

#include <algorithm>
#include <cassert>

#include "primitives/evp.h"
#include "tablinum/base/crypto.h"

namespace tablinum::seal::slh {
namespace {

constexpr unsigned kHashBytesMax = 32, kDigits = 16;  // w
using Node = std::array<std::byte, kHashBytesMax>;    // n bytes of it

enum class Kind : std::uint8_t { wots_hash, wots_key, tree, fors_tree, fors_roots, wots_secret, fors_secret };

/// ADRS, §4.2: where in the structure a hash stands.
class Address {
 public:
  void set_layer(std::uint32_t layer) { put(0, layer); }
  void set_tree(std::uint64_t tree) {
    put(8, static_cast<std::uint32_t>(tree >> 32));
    put(12, static_cast<std::uint32_t>(tree));
  }
  void set_kind(Kind kind) {
    put(16, static_cast<std::uint32_t>(kind));
    for (const std::size_t at : {20, 24, 28}) put(at, 0);
  }
  void set_key_pair(std::uint32_t number) { put(20, number); }
  void set_chain(std::uint32_t chain) { put(24, chain); }
  void set_step(std::uint32_t step) { put(28, step); }
  void set_height(std::uint32_t height) { put(24, height); }
  void set_index(std::uint32_t index) { put(28, index); }
  /// The same place, seen as another kind: layer, tree and key pair stay.
  Address as(Kind kind) const {
    Address other = *this;
    const auto pair = std::array{bytes_[20], bytes_[21], bytes_[22], bytes_[23]};
    other.set_kind(kind);
    std::ranges::copy(pair, other.bytes_.begin() + 20);
    return other;
  }
  ByteView whole() const { return bytes_; }
  /// ADRSc, §11.2.
  std::array<std::byte, 22> compressed() const {
    std::array<std::byte, 22> out;
    out[0] = bytes_[3];
    std::copy_n(bytes_.begin() + 8, 8, out.begin() + 1);
    out[9] = bytes_[19];
    std::copy_n(bytes_.begin() + 20, 12, out.begin() + 10);
    return out;
  }

 private:
  void put(std::size_t at, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<std::byte>(word >> (24 - 8 * i));
  }
  std::array<std::byte, 32> bytes_{};
};

/// The functions of §11 under one public seed.
class Hashes {
 public:
  Hashes(const Parameters& of, ByteView public_seed, ByteView secret_seed = {})
      : of_{of}, seed_{public_seed.begin(), public_seed.end()}, secret_{secret_seed.begin(), secret_seed.end()} {}
  const Parameters& of() const { return of_; }

  /// PRF, F, H and T of what stands at an address. SHA-2 uses the longer hash for more than one node, from category 3 on.
  Node at(const Address& address, ByteView message, bool single) const {
    SecretBytes input;
    input.reserve(kBlockMax + 32 + message.size());
    input.assign(seed_.begin(), seed_.end());
    const bool wide = !single && of_.n > 16;
    if (!of_.shake) input.resize(wide ? 128 : 64);
    if (of_.shake)
      append(input, address.whole());
    else
      append(input, address.compressed());
    append(input, message);
    Node node{};
    if (of_.shake)
      shake_into(input, MutableBytes{node}.first(of_.n));
    else if (wide)
      cut(sha512(input), node);
    else
      cut(sha256(input).bytes, node);
    return node;
  }
  Node secret_at(const Address& address) const { return at(address, secret_, true); }

  /// PRF_msg.
  Bytes randomizer(ByteView key, ByteView randomness, ByteView message) const {
    Bytes input{randomness.begin(), randomness.end()};
    append(input, message);
    if (of_.shake) {
      SecretBytes keyed{key.begin(), key.end()};
      append(keyed, input);
      return shake(keyed, of_.n);
    }
    return of_.n == 16 ? first_n(hmac_sha256(key, input).bytes) : first_n(hmac_sha512(key, input));
  }

  /// H_msg.
  Bytes digest(ByteView randomizer, ByteView root, ByteView message) const {
    Bytes head{randomizer.begin(), randomizer.end()};
    append(head, seed_);
    Bytes input = head;
    append(input, root);
    append(input, message);
    if (of_.shake) return shake(input, of_.m);
    append(head, of_.n == 16 ? long_hash(sha256(input).bytes) : long_hash(sha512(input)));
    return mask(head);
  }

 private:
  static constexpr std::size_t kBlockMax = 128;
  static void append(auto& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }
  void cut(const auto& hash, Node& node) const { std::copy_n(std::as_bytes(std::span{hash}).begin(), of_.n, node.begin()); }
  static Bytes long_hash(const auto& hash) {
    const auto bytes = std::as_bytes(std::span{hash});
    return {bytes.begin(), bytes.end()};
  }
  Bytes first_n(const auto& hash) const {
    Bytes bytes = long_hash(hash);
    bytes.resize(of_.n);
    return bytes;
  }
  Bytes shake(ByteView input, std::size_t size) const {
    Bytes out(size);
    shake_into(input, out);
    return out;
  }
  /// In one context for all of millions of hashes: making one costs as much as a hash.
  void shake_into(ByteView input, MutableBytes out) const {
    require(EVP_DigestInit_ex(shake_.get(), EVP_shake256(), nullptr) == 1 &&
            EVP_DigestUpdate(shake_.get(), input.data(), input.size()) == 1 &&
            EVP_DigestFinalXOF(shake_.get(), u8(out), out.size()) == 1);
  }
  /// MGF1 (RFC 8017 §B.2.1).
  Bytes mask(Bytes seed) const {
    Bytes out;
    seed.resize(seed.size() + 4);
    for (std::uint8_t counter = 0; out.size() < of_.m; ++counter) {
      seed.back() = std::byte{counter};
      append(out, of_.n == 16 ? long_hash(sha256(seed).bytes) : long_hash(sha512(seed)));
    }
    out.resize(of_.m);
    return out;
  }

  const Parameters& of_;
  Bytes seed_;
  SecretBytes secret_;
  EvpDigestContext shake_{EVP_MD_CTX_new()};
};

ByteView view(const Node& node, const Hashes& hash) { return ByteView{node}.first(hash.of().n); }
Node node_of(ByteView bytes) {
  Node node{};
  std::ranges::copy(bytes, node.begin());
  return node;
}
void append(Bytes& to, const Node& node, const Hashes& hash) { tablinum::append(to, view(node, hash)); }
Node joined(const Hashes& hash, const Address& at, const Node& left, const Node& right) {
  Bytes both;
  append(both, left, hash);
  append(both, right, hash);
  return hash.at(at, both, false);
}

/// Takes n bytes after n bytes off a signature of the right length.
class Nodes {
 public:
  Nodes(ByteView bytes, unsigned n) : rest_{bytes}, n_{n} {}
  Node next() {
    const Node node = node_of(rest_.first(n_));
    rest_ = rest_.subspan(n_);
    return node;
  }

 private:
  ByteView rest_;
  unsigned n_;
};

/// Algorithm 4: the first `count` words of `bits` bits, most significant first.
std::vector<std::uint32_t> words_of(ByteView bytes, unsigned bits, std::size_t count) {
  std::vector<std::uint32_t> words;
  std::uint64_t kept = 0;
  unsigned have = 0;
  for (auto byte = bytes.begin(); words.size() < count;) {
    for (; have < bits; have += 8) kept = kept << 8 | std::to_integer<std::uint64_t>(*byte++);
    have -= bits;
    words.push_back(static_cast<std::uint32_t>(kept >> have) & ((1U << bits) - 1));
  }
  return words;
}

// ---- WOTS+, §5

/// Algorithm 5.
Node chain(const Hashes& hash, Node node, std::uint32_t from, std::uint32_t steps, Address& at) {
  for (std::uint32_t step = from; step < from + steps; ++step) {
    at.set_step(step);
    node = hash.at(at, view(node, hash), true);
  }
  return node;
}

Node wots_secret(const Hashes& hash, const Address& at, std::uint32_t number) {
  Address secret = at.as(Kind::wots_secret);
  secret.set_chain(number);
  return hash.secret_at(secret);
}

/// Algorithm 6.
Node wots_key(const Hashes& hash, Address at) {
  Bytes ends;
  for (std::uint32_t i = 0; i < hash.of().chains(); ++i) {
    Node secret = wots_secret(hash, at, i);
    at.set_chain(i);
    append(ends, chain(hash, secret, 0, kDigits - 1, at), hash);
    wipe(secret);
  }
  return hash.at(at.as(Kind::wots_key), ends, false);
}

/// Digits of what is signed, and of their checksum.
std::vector<std::uint32_t> digits_of(const Hashes& hash, const Node& message) {
  auto digits = words_of(view(message, hash), 4, 2 * hash.of().n);
  std::uint32_t sum = 0;
  for (const auto digit : digits) sum += kDigits - 1 - digit;
  for (const unsigned shift : {8U, 4U, 0U}) digits.push_back(sum >> shift & 15);
  return digits;
}

/// Algorithm 7.
void wots_sign(const Hashes& hash, const Node& message, Address at, Bytes& out) {
  const auto digits = digits_of(hash, message);
  for (std::uint32_t i = 0; i < digits.size(); ++i) {
    Node secret = wots_secret(hash, at, i);
    at.set_chain(i);
    append(out, chain(hash, secret, 0, digits[i], at), hash);
    wipe(secret);
  }
}

/// Algorithm 8.
Node wots_key_from(const Hashes& hash, Nodes& signature, const Node& message, Address at) {
  const auto digits = digits_of(hash, message);
  Bytes ends;
  for (std::uint32_t i = 0; i < digits.size(); ++i) {
    at.set_chain(i);
    append(ends, chain(hash, signature.next(), digits[i], kDigits - 1 - digits[i], at), hash);
  }
  return hash.at(at.as(Kind::wots_key), ends, false);
}

// ---- Merkle trees, §6 to §8

/// The root over a path of siblings: the last loops of algorithms 11 and 17.
Node climb(const Hashes& hash, Node node, Nodes& siblings, std::uint32_t position, std::uint32_t first, unsigned height,
           Address& at) {
  std::uint32_t index = first;
  for (unsigned level = 0; level < height; ++level, position >>= 1) {
    const Node sibling = siblings.next();
    index >>= 1;
    at.set_height(level + 1);
    at.set_index(index);
    node = (position & 1) == 0 ? joined(hash, at, node, sibling) : joined(hash, at, sibling, node);
  }
  return node;
}

/// Algorithm 9.
Node tree_node(const Hashes& hash, std::uint32_t index, unsigned height, Address at) {
  if (height == 0) {
    at.set_kind(Kind::wots_hash);
    at.set_key_pair(index);
    return wots_key(hash, at);
  }
  const Node left = tree_node(hash, 2 * index, height - 1, at), right = tree_node(hash, 2 * index + 1, height - 1, at);
  at.set_kind(Kind::tree);
  at.set_height(height);
  at.set_index(index);
  return joined(hash, at, left, right);
}

/// Algorithm 10.
void tree_sign(const Hashes& hash, const Node& message, std::uint32_t leaf, Address at, Bytes& out) {
  Address key = at;
  key.set_kind(Kind::wots_hash);
  key.set_key_pair(leaf);
  wots_sign(hash, message, key, out);
  for (unsigned level = 0; level < hash.of().tree_height(); ++level)
    append(out, tree_node(hash, leaf >> level ^ 1, level, at), hash);
}

/// Algorithm 11.
Node tree_root_from(const Hashes& hash, std::uint32_t leaf, Nodes& signature, const Node& message, Address at) {
  at.set_kind(Kind::wots_hash);
  at.set_key_pair(leaf);
  const Node key = wots_key_from(hash, signature, message, at);
  at.set_kind(Kind::tree);
  return climb(hash, key, signature, leaf, leaf, hash.of().tree_height(), at);
}

/// Where a message's signature stands in the hypertree.
struct Place {
  std::uint64_t tree;
  std::uint32_t leaf;
  /// One layer up.
  void rise(unsigned tree_height) {
    leaf = static_cast<std::uint32_t>(tree & ((std::uint64_t{1} << tree_height) - 1));
    tree >>= tree_height;
  }
};

/// Algorithm 12.
void hypertree_sign(const Hashes& hash, Node message, Place place, Bytes& out) {
  for (std::uint32_t layer = 0; layer < hash.of().d; ++layer) {
    Address at;
    at.set_layer(layer);
    at.set_tree(place.tree);
    const std::size_t begin = out.size();
    tree_sign(hash, message, place.leaf, at, out);
    Nodes made{ByteView{out}.subspan(begin), hash.of().n};
    message = tree_root_from(hash, place.leaf, made, message, at);
    place.rise(hash.of().tree_height());
  }
}

/// Algorithm 13, up to the comparison.
Node hypertree_root_from(const Hashes& hash, Node message, Nodes& signature, Place place) {
  for (std::uint32_t layer = 0; layer < hash.of().d; ++layer) {
    Address at;
    at.set_layer(layer);
    at.set_tree(place.tree);
    message = tree_root_from(hash, place.leaf, signature, message, at);
    place.rise(hash.of().tree_height());
  }
  return message;
}

/// Algorithm 14.
Node fors_secret(const Hashes& hash, const Address& at, std::uint32_t index) {
  Address secret = at.as(Kind::fors_secret);
  secret.set_index(index);
  return hash.secret_at(secret);
}

/// Algorithm 15.
Node fors_node(const Hashes& hash, std::uint32_t index, unsigned height, Address at) {
  if (height == 0) {
    Node secret = fors_secret(hash, at, index);
    at.set_height(0);
    at.set_index(index);
    const Node leaf = hash.at(at, view(secret, hash), true);
    wipe(secret);
    return leaf;
  }
  const Node left = fors_node(hash, 2 * index, height - 1, at), right = fors_node(hash, 2 * index + 1, height - 1, at);
  at.set_height(height);
  at.set_index(index);
  return joined(hash, at, left, right);
}

/// Algorithm 16.
void fors_sign(const Hashes& hash, std::span<const std::uint32_t> indices, const Address& at, Bytes& out) {
  const unsigned a = hash.of().a;
  for (std::uint32_t tree = 0; tree < indices.size(); ++tree) {
    append(out, fors_secret(hash, at, (tree << a) + indices[tree]), hash);
    for (unsigned level = 0; level < a; ++level)
      append(out, fors_node(hash, (tree << (a - level)) + (indices[tree] >> level ^ 1), level, at), hash);
  }
}

/// Algorithm 17.
Node fors_key_from(const Hashes& hash, Nodes& signature, std::span<const std::uint32_t> indices, Address at) {
  const unsigned a = hash.of().a;
  Bytes roots;
  for (std::uint32_t tree = 0; tree < indices.size(); ++tree) {
    const std::uint32_t first = (tree << a) + indices[tree];
    at.set_height(0);
    at.set_index(first);
    const Node secret = signature.next();
    const Node leaf = hash.at(at, view(secret, hash), true);
    append(roots, climb(hash, leaf, signature, indices[tree], first, a, at), hash);
  }
  return hash.at(at.as(Kind::fors_roots), roots, false);
}

// ---- SLH-DSA, §9 and §10

struct Target {
  std::vector<std::uint32_t> indices;
  Place place;
  Address address;
};

std::uint64_t number_of(ByteView bytes, unsigned bits) {
  std::uint64_t number = 0;
  for (const auto byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return bits == 64 ? number : number & ((std::uint64_t{1} << bits) - 1);
}

/// The digest's parts: which leaves of FORS, and where in the hypertree.
Target target_of(const Parameters& of, ByteView digest) {
  const unsigned tree_bits = of.h - of.tree_height(), leaf_bits = of.tree_height();
  const std::size_t fors_bytes = (of.k * of.a + 7) / 8, tree_bytes = (tree_bits + 7) / 8;
  Target target{.indices = words_of(digest.first(fors_bytes), of.a, of.k),
                .place = {.tree = number_of(digest.subspan(fors_bytes, tree_bytes), tree_bits),
                          .leaf = static_cast<std::uint32_t>(
                              number_of(digest.subspan(fors_bytes + tree_bytes, (leaf_bits + 7) / 8), leaf_bits))},
                .address = {}};
  target.address.set_tree(target.place.tree);
  target.address.set_kind(Kind::fors_tree);
  target.address.set_key_pair(target.place.leaf);
  return target;
}

/// Algorithms 22 and 24: what is really signed.
Bytes with_context(ByteView message, ByteView context) {
  Bytes whole{std::byte{0}, static_cast<std::byte>(context.size())};
  tablinum::append(whole, context);
  tablinum::append(whole, message);
  return whole;
}

constexpr Parameters kSets[] = {
    {"SLH-DSA-SHA2-128s", false, 16, 63, 7, 12, 14, 30, 1}, {"SLH-DSA-SHAKE-128s", true, 16, 63, 7, 12, 14, 30, 1},
    {"SLH-DSA-SHA2-128f", false, 16, 66, 22, 6, 33, 34, 1}, {"SLH-DSA-SHAKE-128f", true, 16, 66, 22, 6, 33, 34, 1},
    {"SLH-DSA-SHA2-192s", false, 24, 63, 7, 14, 17, 39, 3}, {"SLH-DSA-SHAKE-192s", true, 24, 63, 7, 14, 17, 39, 3},
    {"SLH-DSA-SHA2-192f", false, 24, 66, 22, 8, 33, 42, 3}, {"SLH-DSA-SHAKE-192f", true, 24, 66, 22, 8, 33, 42, 3},
    {"SLH-DSA-SHA2-256s", false, 32, 64, 8, 14, 22, 47, 5}, {"SLH-DSA-SHAKE-256s", true, 32, 64, 8, 14, 22, 47, 5},
    {"SLH-DSA-SHA2-256f", false, 32, 68, 17, 9, 35, 49, 5}, {"SLH-DSA-SHAKE-256f", true, 32, 68, 17, 9, 35, 49, 5},
};
static_assert(kSets[0].signature_bytes() == 7856 && kSets[6].signature_bytes() == 35664 &&
              kSets[11].signature_bytes() == 49856);

}  // namespace

std::span<const Parameters> parameter_sets() noexcept { return kSets; }

SecretBytes make_secret_key(const Parameters& of, ByteView seeds) {
  assert(seeds.size() == 3 * of.n);
  const Hashes hash{of, seeds.last(of.n), seeds.first(of.n)};
  Address at;
  at.set_layer(of.d - 1);
  const Node root = tree_node(hash, 0, of.tree_height(), at);
  SecretBytes key{seeds.begin(), seeds.end()};
  key.insert(key.end(), root.begin(), root.begin() + of.n);
  return key;
}

Bytes sign(const Parameters& of, ByteView secret_key, ByteView message, ByteView context, ByteView randomness) {
  assert(secret_key.size() == of.secret_key_bytes() && context.size() <= 255 &&
         (randomness.empty() || randomness.size() == of.n));
  const auto part = [&](unsigned number) { return secret_key.subspan(number * of.n, of.n); };
  const Hashes hash{of, part(2), part(0)};
  const Bytes whole = with_context(message, context);
  Bytes signature = hash.randomizer(part(1), randomness.empty() ? part(2) : randomness, whole);
  signature.reserve(of.signature_bytes());
  const Target target = target_of(of, hash.digest(signature, part(3), whole));
  fors_sign(hash, target.indices, target.address, signature);
  Nodes fors{ByteView{signature}.subspan(of.n), of.n};
  hypertree_sign(hash, fors_key_from(hash, fors, target.indices, target.address), target.place, signature);
  return signature;
}

bool verify(const Parameters& of, ByteView public_key, ByteView message, ByteView context, ByteView signature) {
  if (public_key.size() != of.public_key_bytes() || signature.size() != of.signature_bytes() || context.size() > 255)
    return false;
  const Hashes hash{of, public_key.first(of.n)};
  const Target target =
      target_of(of, hash.digest(signature.first(of.n), public_key.last(of.n), with_context(message, context)));
  Nodes rest{signature.subspan(of.n), of.n};
  const Node fors = fors_key_from(hash, rest, target.indices, target.address);
  return std::ranges::equal(view(hypertree_root_from(hash, fors, rest, target.place), hash), public_key.last(of.n));
}

}  // namespace tablinum::seal::slh
