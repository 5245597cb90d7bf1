// Making, opening and re-encrypting IDK messages.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "idk/text.h"

namespace tablinum::seal::idk {
namespace {

constexpr std::uint32_t kPartsKept = 64;  // ciphertexts that are kept from the first pass: 16 MiB
constexpr std::size_t kPartsAtOnce = 16;  // encrypted together over the executor's threads

// One message's numbers and keys while it is made.
struct Maker {
  const RandomAccess& plain;
  const fhe::PublicKey& key;
  const Secp256k1Signer& signer;
  const CreateOptions& options;
  Secret<32> seed = random_secret<32>();
  std::uint32_t slots = key.context->ring_dimension();
  std::uint64_t part_bytes = 2 * std::uint64_t{slots};
  std::uint32_t parts = 0;

  // Each part's randomness is made from the message's seed, so that the second pass makes the same ciphertexts as the first.
  Result<Bytes> piece(std::uint32_t index) const {
    Bytes data(std::min<std::uint64_t>(part_bytes, plain.size() - index * part_bytes));
    CHECK_OK(read_exactly_at(plain, index * part_bytes, data));
    Secret<32> seed_of_part;
    Bytes info;
    append(info, bytes_of("seal/v1/idk-part"));
    append_u32_le(info, index);
    hkdf_sha256({}, seed.view(), info, seed_of_part.mutable_view());
    TRY(ciphertext, fhe::encrypt_from_seed(key, fhe::values_of_bytes(data), seed_of_part));
    wipe(data);
    return fhe::serialize(ciphertext);
  }

  // Pieces first … first + count − 1, made over the executor's threads.
  Result<std::vector<Bytes>> pieces(std::uint32_t first, std::size_t count) const {
    std::vector<Result<Bytes>> made(count);
    auto& executor = options.executor != nullptr ? *options.executor : inline_executor();
    executor.for_each(count, [&](std::size_t i) { made[i] = piece(first + static_cast<std::uint32_t>(i)); });
    std::vector<Bytes> out;
    for (auto& one : made) {
      TRY(bytes, std::move(one));
      out.push_back(std::move(bytes));
    }
    return out;
  }

  Part part(std::uint32_t index, Bytes payload, const std::vector<std::vector<Hash>>& tree) const {
    Part part{index + 1, parts, options.optional_headers, std::move(payload), false};
    const auto used = (std::min<std::uint64_t>(part_bytes, plain.size() - index * part_bytes) + 1) / 2;
    part.headers["Version"] = "0.1";
    part.headers["PartSlotsTotal"] = std::to_string(slots);
    part.headers["PartSlotsUsed"] = std::to_string(used);
    part.headers["BytesTotal"] = std::to_string(plain.size());
    part.headers["MerkleRoot"] = hex_of(tree.back()[0]);
    part.headers["Part"] = fmt::format("{}/{}", part.number, parts);
    part.headers["ChunkHash"] = hex_of(tree[0][index]);
    part.headers["SignerPublicKey"] = public_key_to_hex(signer.public_key());
    part.headers["AuthPath"] = auth_path(tree, index);
    part.headers["Signature"] = to_hex(signer.sign(bytes_of(signed_text(part))));
    return part;
  }
};

Result<void> write_part(Sink& out, const Part& part) {
  const auto text = (part.number > 1 ? "\n" : "") + to_text(part);
  return out.write(bytes_of(text));
}

Result<void> check_options(const Headers& headers) {
  for (const auto& [key, value] : headers) CHECK_OK(check_header(key, value));
  return {};
}

// Writes parts in order, keeping those that come before their turn.
class InOrder {
 public:
  explicit InOrder(Sink& out) : out_{out} {}
  ~InOrder() {
    for (auto& [number, bytes] : waiting_) wipe(bytes);
  }
  InOrder(const InOrder&) = delete;

  Result<void> put(std::uint32_t number, Bytes plain) {
    if (number != next_) {
      bytes_ += plain.size();
      if (bytes_ > kWaitingBytesMax) return fail(Code::limit, "parts are too far out of order");
      waiting_.emplace(number, std::move(plain));
      return {};
    }
    CHECK_OK(write(plain));
    while (!waiting_.empty() && waiting_.begin()->first == next_) {
      auto node = waiting_.extract(waiting_.begin());
      bytes_ -= node.mapped().size();
      CHECK_OK(write(node.mapped()));
    }
    return {};
  }

 private:
  Result<void> write(Bytes& plain) {
    auto done = out_.write(plain);
    wipe(plain);
    ++next_;
    return done;
  }

  Sink& out_;
  std::uint32_t next_ = 1;
  std::size_t bytes_ = 0;
  std::map<std::uint32_t, Bytes> waiting_;
};

Result<fhe::Ciphertext> ciphertext_of(const Part& part, const fhe::ContextPtr& context) {
  auto ciphertext = fhe::deserialize_ciphertext(part.payload);
  if (!ciphertext) return fail(ciphertext.error().code, fmt::format("part {}: {}", part.number, ciphertext.error().detail));
  if (ciphertext->context != context)
    return fail(Code::invalid, fmt::format("part {}: made in another context than the key", part.number));
  if (part.headers.find("PartSlotsTotal")->second != std::to_string(context->ring_dimension()))
    return fail(Code::corrupt, fmt::format("part {}: another number of slots than its ciphertext has", part.number));
  return std::move(*ciphertext);
}

// The bytes of a part. What was filled up with zeros must be zero: no other sign tells a wrong key.
Result<Bytes> plain_of(const Part& part, std::span<const std::int64_t> values, const fhe::Context& context,
                       std::uint64_t size) {
  const auto rest = values.subspan((size + 1) / 2);
  std::int64_t filling = size % 2 == 0 ? 0 : values[size / 2] >> 8 & 0xff;
  for (const auto value : rest) filling |= value;
  auto plain = fhe::bytes_of_values(context, values, size);
  if (filling != 0 || !plain) return fail(Code::corrupt, fmt::format("part {}: not encrypted for this key", part.number));
  return plain;
}

void set_common(Headers& headers, const RecryptOptions& options, const std::string& sender, const std::string& proxy,
                ByteView payload) {
  headers["ChunkHash"] = payload_hash(payload);
  headers["Recrypted"] = "true";
  headers["OriginalSender"] = sender;
  headers["RecryptedBy"] = proxy;
  headers["RecryptedFor"] = options.recipient;
  headers["RecryptionTimestamp"] = options.timestamp;
  headers["ProxyPublicKey"] = proxy;
}

Part recrypted_part(const Part& from, Bytes payload, const Secp256k1Signer& proxy, const RecryptOptions& options) {
  Part part{from.number, from.total, from.headers, std::move(payload), options.form == RecryptForm::server};
  const auto signer =
      part.headers.contains("SignerPublicKey") ? part.headers["SignerPublicKey"] : part.headers["OriginalSender"];
  // What no longer holds; the names of a first recryption are replaced by those of this one.
  for (const auto* key : {"Signature", "SignerPublicKey", "AuthPath", "MerkleRoot", "ProxySignature", "ReEncrypted",
                          "ReEncryptedBy", "ReEncryptedFor", "ReEncryptionTimestamp"})
    part.headers.erase(key);
  set_common(part.headers, options, options.original_sender.empty() ? signer : options.original_sender,
             public_key_to_hex(proxy.public_key()), part.payload);
  part.headers["ProxySignature"] = to_hex(proxy.sign(bytes_of(signed_text_recrypted(part, options.form))));
  return part;
}

}  // namespace

Result<void> create(const RandomAccess& plain, const fhe::PublicKey& key, const Secp256k1Signer& signer, Sink& out,
                    const CreateOptions& options) {
  CHECK_OK(check_options(options.optional_headers));
  if (plain.size() == 0) return fail(Code::invalid, "the format has no message of nothing");
  Maker maker{.plain = plain, .key = key, .signer = signer, .options = options};
  const auto parts = (plain.size() - 1) / maker.part_bytes + 1;
  if (parts > kPartsMax) return fail(Code::too_large, "more than a message holds");
  maker.parts = static_cast<std::uint32_t>(parts);
  std::vector<Hash> leaves;
  std::vector<Bytes> kept;
  for (std::uint32_t first = 0; first < maker.parts; first += kPartsAtOnce) {
    TRY(pieces, maker.pieces(first, std::min<std::size_t>(kPartsAtOnce, maker.parts - first)));
    for (auto& piece : pieces) {
      leaves.push_back(blake2b_512(piece));
      if (maker.parts <= kPartsKept) kept.push_back(std::move(piece));
    }
  }
  const auto tree = hash_tree(std::move(leaves));
  for (std::uint32_t first = 0; first < maker.parts; first += kPartsAtOnce) {
    const auto count = std::min<std::size_t>(kPartsAtOnce, maker.parts - first);
    std::vector<Bytes> pieces;
    if (kept.empty()) {
      TRY(made, maker.pieces(first, count));
      pieces = std::move(made);
    } else {
      const auto from = kept.begin() + first;
      pieces.assign(std::move_iterator{from}, std::move_iterator{from + static_cast<std::ptrdiff_t>(count)});
    }
    for (std::size_t i = 0; i < count; ++i)
      CHECK_OK(write_part(out, maker.part(first + static_cast<std::uint32_t>(i), std::move(pieces[i]), tree)));
  }
  return {};
}

Result<Report> decrypt(Source& message, const fhe::SecretKey& key, Sink& out, const DecryptOptions& options) {
  Checker checker{options.expected_signer};
  Reader reader{message};
  InOrder order{out};
  for (;;) {
    TRY(part, reader.next());
    if (!part) break;
    CHECK_OK(checker.check(*part));
    TRY(ciphertext, ciphertext_of(*part, key.context));
    TRY(values, fhe::decrypt(key, ciphertext));
    const auto part_bytes = 2 * std::uint64_t{key.context->ring_dimension()};
    const auto size = std::min<std::uint64_t>(part_bytes, checker.report().bytes_total - (part->number - 1) * part_bytes);
    TRY(plain, plain_of(*part, values, *key.context, size));
    wipe(std::as_writable_bytes(std::span{values}));
    CHECK_OK(order.put(part->number, std::move(plain)));
  }
  CHECK_OK(checker.finish());
  return checker.report();
}

Result<void> recrypt(Source& message, const fhe::ReKey& rekey, const Secp256k1Signer& proxy, Sink& out,
                     const RecryptOptions& options) {
  for (const auto& [key, value] : {std::pair{"OriginalSender", &options.original_sender},
                                   {"RecryptedFor", &options.recipient},
                                   {"RecryptionTimestamp", &options.timestamp}})
    CHECK_OK(check_header(key, *value));
  if (options.recipient.empty() || options.timestamp.empty()) return fail(Code::invalid, "recipient and time are needed");
  Checker checker{{}};
  Reader reader{message};
  for (bool first = true;; first = false) {
    TRY(part, reader.next());
    if (!part) break;
    if (options.check_original) CHECK_OK(checker.check(*part));
    TRY(ciphertext, ciphertext_of(*part, rekey.context));
    TRY(moved, fhe::reencrypt(rekey, ciphertext, options.flood));
    const auto text = (first ? "" : "\n") + to_text(recrypted_part(*part, fhe::serialize(moved), proxy, options));
    CHECK_OK(out.write(bytes_of(text)));
  }
  return options.check_original ? checker.finish() : Result<void>{};
}

}  // namespace tablinum::seal::idk
