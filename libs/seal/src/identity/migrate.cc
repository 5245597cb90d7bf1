#include "tablinum/seal/migrate.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "tablinum/base/crypto.h"
#include "tablinum/base/json.h"

namespace tablinum::seal {
namespace {

using simdjson::dom::element;

constexpr std::string_view kVersion = "hd_v1";
constexpr std::uint32_t kRounds = 100'000;

std::unexpected<Error> refuse(std::string_view what) {
  return fail(Code::corrupt, fmt::format("not an hd_v1 identity file: {}", what));
}

// The parser's memory is its own and goes with it; simdjson does not wipe it, so a copy of the file stays in freed memory for a
// while.
Result<element> parse(simdjson::dom::parser& parser, std::string_view json) {
  if (json.size() > kHdV1BytesMax) return fail(Code::too_large, "too large for an hd_v1 identity file");
  if (json.empty()) return refuse("it is empty");
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object())
    return refuse("it is not a JSON object");
  std::string_view version;
  if (root["version"].get(version) != simdjson::SUCCESS) return refuse("it has no version");
  if (version != kVersion) return fail(Code::unsupported, "an identity file of another version than hd_v1");
  return root;
}

Result<Secret<kEntropyBytes>> entropy_of(const element& root) {
  std::string_view phrase;
  if (root["mnemonic"].get(phrase) != simdjson::SUCCESS) return refuse("it has no mnemonic");
  auto entropy = entropy_from_phrase(phrase);
  if (!entropy) return refuse("its mnemonic: " + entropy.error().detail);
  return entropy;
}

Result<SecretBytes> hex_field(const simdjson::simdjson_result<element>& field, std::size_t bytes_max) {
  std::string_view text;
  if (field.get(text) != simdjson::SUCCESS || text.size() > 2 * bytes_max) return refuse("a key is missing or too long");
  auto bytes = from_hex(text);
  if (!bytes) return refuse("a key is not hexadecimal");
  SecretBytes secret{bytes->begin(), bytes->end()};
  wipe(*bytes);
  return secret;
}

Result<void> read_classic(const element& root, LegacyKeys& keys) {
  element classic;
  if (root["auth_keys"]["classic"].get(classic) != simdjson::SUCCESS) return {};
  TRY(scalar, hex_field(classic["sk_hex"], 32));
  if (scalar.size() != 32) return refuse("its classic key is not 32 bytes long");
  auto signer = Secp256k1Signer::from_scalar(Secret<32>{std::span<const std::byte, 32>{scalar}});
  if (!signer) return refuse("its classic key is none");
  TRY(named, hex_field(classic["pk_hex"], 65));
  if (!std::ranges::equal(named, signer->public_key())) return refuse("its classic keys do not belong together");
  keys.classic = std::move(*signer);
  return {};
}

std::optional<DsaLevel> level_of(std::string_view algorithm) {
  if (algorithm == "ML-DSA-44") return DsaLevel::ml_dsa_44;
  if (algorithm == "ML-DSA-65") return DsaLevel::ml_dsa_65;
  if (algorithm == "ML-DSA-87") return DsaLevel::ml_dsa_87;
  return std::nullopt;
}

/// @return whether this build has the algorithm.
Result<bool> read_further(std::string_view algorithm, const element& key, LegacyKeys& keys) {
  const auto* known = find_further_signature(algorithm);
  if (known == nullptr) return false;
  TRY(secret, hex_field(key["sk_hex"], known->secret_key_bytes));
  TRY(named, hex_field(key["pk_hex"], known->public_key_bytes));
  auto signer = FurtherSigner::from_keys(algorithm, named, secret);
  if (!signer) return refuse(signer.error().detail);
  keys.further.push_back(std::move(*signer));
  return true;
}

Result<void> read_pq(const element& root, LegacyKeys& keys) {
  simdjson::dom::array all;
  if (root["auth_keys"]["pq"].get(all) != simdjson::SUCCESS) return {};
  for (const element each : all) {
    std::string_view algorithm;
    if (each["alg"].get(algorithm) != simdjson::SUCCESS) return refuse("a key has no algorithm");
    const auto level = level_of(algorithm);
    if (!level) {
      TRY(taken, read_further(algorithm, each, keys));
      if (!taken) keys.kept_only.emplace_back(algorithm);
      continue;
    }
    TRY(secret, hex_field(each["sk_hex"], sizes(*level).secret_key));
    TRY(named, hex_field(each["pk_hex"], sizes(*level).public_key));
    auto signer = DsaSigner::from_expanded(*level, secret);
    if (!signer || !std::ranges::equal(named, signer->verifier().bytes()))
      return refuse(fmt::format("its {} keys do not belong together", algorithm));
    keys.dsa.push_back({std::string{algorithm}, std::move(*signer)});
  }
  return {};
}

Result<LegacyKeys> keys_of(const element& root) {
  LegacyKeys keys;
  CHECK_OK(read_classic(root, keys));
  CHECK_OK(read_pq(root, keys));
  element other;
  if (root["auth_keys"]["pre"].get(other) == simdjson::SUCCESS) keys.kept_only.emplace_back("PRE (OpenFHE)");
  if (root["auth_keys"]["ed25519"].get(other) == simdjson::SUCCESS) keys.kept_only.emplace_back("Ed25519");
  TRY(entropy, entropy_of(root));
  const SecretText phrase = phrase_from_entropy(entropy);
  const auto derived = hd_v1_classic_key(view(phrase), 0);
  keys.phrase_gives_classic = keys.classic && derived && derived->public_key() == keys.classic->public_key();
  return keys;
}

SecretText secret_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  SecretText text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes)
    for (const int shift : {4, 0}) text.push_back(kDigits[std::to_integer<unsigned>(byte) >> shift & 15]);
  return text;
}

void add(SecretText& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

}  // namespace

Result<Secp256k1Signer> hd_v1_classic_key(std::string_view phrase, std::uint32_t index) {
  const auto seed = bip39_seed(phrase);
  const std::string path = fmt::format("classic:m/44'/60'/{}'/0/0", index);
  Secret<32> scalar;
  pbkdf2_sha256(seed.view(), bytes_of(path), kRounds, scalar.mutable_view());
  return Secp256k1Signer::from_scalar(scalar);
}

Result<Identity> import_hd_v1(std::string_view json, std::string name, std::int64_t now_s) {
  simdjson::dom::parser parser;
  TRY(root, parse(parser, json));
  TRY(entropy, entropy_of(root));
  // Better now than when one of the keys is needed.
  if (const auto keys = keys_of(root); !keys) return std::unexpected(keys.error());
  TRY(identity, Identity::from_entropy(std::move(name), entropy, now_s));
  const ByteView bytes = bytes_of(json);
  CHECK_OK(identity.set_legacy(SecretBytes{bytes.begin(), bytes.end()}));
  return std::move(identity);
}

Result<LegacyKeys> legacy_keys(const Identity& identity) {
  if (identity.legacy().empty()) return fail(Code::not_found, "this identity was not taken over from another program");
  simdjson::dom::parser parser;
  TRY(root, parse(parser, text_of(identity.legacy())));
  return keys_of(root);
}

Result<SecretText> export_hd_v1(const Identity& identity) {
  if (!identity.legacy().empty()) {
    const std::string_view kept = text_of(identity.legacy());
    return SecretText{kept.begin(), kept.end()};
  }
  const SecretText phrase = identity.phrase();
  TRY(classic, hd_v1_classic_key(view(phrase), 0));
  const auto dsa = DsaSigner::from_seed(DsaLevel::ml_dsa_87, identity.hd_v1_dsa_seed().view());
  SecretText out;
  add(out, "{\n  \"mnemonic\": \"");
  add(out, view(phrase));
  add(out, "\",\n  \"version\": \"hd_v1\",\n  \"derivable\": true,\n  \"rotation_count\": 0,\n");
  add(out,
      "  \"derivation_paths\": {\"classic\": \"m/44'/60'/0'/0/0\"},\n  \"auth_keys\": {\n    \"classic\": {\"pk_hex\": \"");
  add(out, to_hex(classic.public_key()));
  add(out, "\", \"sk_hex\": \"");
  add(out, view(secret_hex(classic.scalar().view())));
  add(out, "\"},\n    \"pq\": [{\"alg\": \"ML-DSA-87\", \"pk_hex\": \"");
  add(out, to_hex(dsa.verifier().bytes()));
  add(out, "\", \"sk_hex\": \"");
  add(out, view(secret_hex(dsa.expanded())));
  add(out, "\"}]\n  }\n}\n");
  return out;
}

}  // namespace tablinum::seal
