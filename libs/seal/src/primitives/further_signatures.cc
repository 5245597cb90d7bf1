#include "tablinum/seal/further_signatures.h"

#include <algorithm>

#include "primitives/slh_dsa.h"

#if TABLINUM_OQS
#include <oqs/oqs.h>
#endif

namespace tablinum::seal {
namespace {

/// One library's algorithms. All sizes are right when these are called.
struct Family {
  bool (*make_keys)(const FurtherSignature& of, MutableBytes public_key, MutableBytes secret_key);
  /// @return the signature's length; 0: none was made.
  std::size_t (*sign)(const FurtherSignature& of, ByteView secret_key, ByteView message, MutableBytes out);
  bool (*verify)(const FurtherSignature& of, ByteView public_key, ByteView message, ByteView signature);
};

// ---- SLH-DSA, without context

const slh::Parameters& slh_of(const FurtherSignature& algorithm) {
  return *std::ranges::find(slh::parameter_sets(), std::string_view{algorithm.name}, &slh::Parameters::name);
}

constexpr Family kSlh{
    .make_keys =
        [](const FurtherSignature& of, MutableBytes public_key, MutableBytes secret_key) {
          const auto& parameters = slh_of(of);
          SecretBytes seeds(3 * parameters.n);
          fill_random(seeds);
          std::ranges::copy(slh::make_secret_key(parameters, seeds), secret_key.begin());
          std::ranges::copy(secret_key.last(public_key.size()), public_key.begin());
          return true;
        },
    .sign =
        [](const FurtherSignature& of, ByteView secret_key, ByteView message, MutableBytes out) {
          const auto& parameters = slh_of(of);
          Bytes hedge(parameters.n);
          fill_random(hedge);
          std::ranges::copy(slh::sign(parameters, secret_key, message, {}, hedge), out.begin());
          return out.size();
        },
    .verify = [](const FurtherSignature& of, ByteView public_key, ByteView message,
                 ByteView signature) { return slh::verify(slh_of(of), public_key, message, {}, signature); },
};

void add_slh(std::vector<FurtherSignature>& all) {
  for (const auto& each : slh::parameter_sets())
    all.push_back({std::string{each.name}, "FIPS 205", each.public_key_bytes(), each.secret_key_bytes(), each.signature_bytes(),
                   each.level});
}

// ---- liboqs

#if TABLINUM_OQS

struct FreeSig {
  void operator()(OQS_SIG* sig) const noexcept { OQS_SIG_free(sig); }
};
using Sig = std::unique_ptr<OQS_SIG, FreeSig>;

const std::uint8_t* raw(ByteView bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
std::uint8_t* raw_out(MutableBytes bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

constexpr Family kOqs{
    .make_keys =
        [](const FurtherSignature& of, MutableBytes public_key, MutableBytes secret_key) {
          const Sig sig{OQS_SIG_new(of.name.c_str())};
          return sig && OQS_SIG_keypair(sig.get(), raw_out(public_key), raw_out(secret_key)) == OQS_SUCCESS;
        },
    .sign =
        [](const FurtherSignature& of, ByteView secret_key, ByteView message, MutableBytes out) {
          const Sig sig{OQS_SIG_new(of.name.c_str())};
          std::size_t size = out.size();
          const bool made =
              sig && OQS_SIG_sign(sig.get(), raw_out(out), &size, raw(message), message.size(), raw(secret_key)) == OQS_SUCCESS;
          return made ? size : 0;
        },
    .verify =
        [](const FurtherSignature& of, ByteView public_key, ByteView message, ByteView signature) {
          const Sig sig{OQS_SIG_new(of.name.c_str())};
          return sig && OQS_SIG_verify(sig.get(), raw(message), message.size(), raw(signature), signature.size(),
                                       raw(public_key)) == OQS_SUCCESS;
        },
};

void add_oqs(std::vector<FurtherSignature>& all) {
  OQS_init();  // finds out which instructions there are
  for (int i = 0; i < OQS_SIG_alg_count(); ++i) {
    const Sig sig{OQS_SIG_new(OQS_SIG_alg_identifier(static_cast<std::size_t>(i)))};
    if (!sig) continue;  // left out of the build
    all.push_back({sig->method_name, std::string{"liboqs "} + OQS_version(), sig->length_public_key, sig->length_secret_key,
                   sig->length_signature, sig->claimed_nist_level});
  }
}

#endif

std::vector<FurtherSignature> all_of_them() {
  std::vector<FurtherSignature> all;
  add_slh(all);
#if TABLINUM_OQS
  add_oqs(all);
#endif
  return all;
}

const Family& family_of([[maybe_unused]] const FurtherSignature& algorithm) {
#if TABLINUM_OQS
  if (!algorithm.name.starts_with("SLH-DSA")) return kOqs;
#endif
  return kSlh;
}

/// Falcon's signatures are compressed; all others have one length. liboqs leaves that to the caller for some: its CROSS reads a
/// whole signature whatever length it is told.
bool may_be_long(std::size_t bytes, const FurtherSignature& algorithm) {
  const bool varies = algorithm.name == "Falcon-512" || algorithm.name == "Falcon-1024";
  return varies ? bytes > 0 && bytes <= algorithm.signature_bytes_max : bytes == algorithm.signature_bytes_max;
}

std::unexpected<Error> unknown(std::string_view name) {
  return fail(Code::unsupported, "this build has no signature algorithm " + std::string{name.substr(0, 64)});
}

}  // namespace

std::span<const FurtherSignature> further_signatures() {
  static const std::vector<FurtherSignature> kAll = all_of_them();
  return kAll;
}

const FurtherSignature* find_further_signature(std::string_view name) {
  const auto all = further_signatures();
  const auto found = std::ranges::find(all, name, &FurtherSignature::name);
  return found == all.end() ? nullptr : &*found;
}

bool verify_further(std::string_view name, ByteView public_key, ByteView message, ByteView signature) {
  const auto* algorithm = find_further_signature(name);
  return algorithm != nullptr && public_key.size() == algorithm->public_key_bytes &&
         may_be_long(signature.size(), *algorithm) && family_of(*algorithm).verify(*algorithm, public_key, message, signature);
}

Result<FurtherSigner> FurtherSigner::generate(std::string_view name) {
  const auto* algorithm = find_further_signature(name);
  if (algorithm == nullptr) return unknown(name);
  Bytes public_key(algorithm->public_key_bytes);
  SecretBytes secret_key(algorithm->secret_key_bytes);
  if (!family_of(*algorithm).make_keys(*algorithm, public_key, secret_key))
    return fail(Code::internal, algorithm->name + ": no keys could be made");
  return FurtherSigner{*algorithm, std::move(public_key), std::move(secret_key)};
}

Result<FurtherSigner> FurtherSigner::from_keys(std::string_view name, ByteView public_key, ByteView secret_key) {
  const auto* algorithm = find_further_signature(name);
  if (algorithm == nullptr) return unknown(name);
  if (public_key.size() != algorithm->public_key_bytes || secret_key.size() != algorithm->secret_key_bytes)
    return fail(Code::corrupt, "not keys of " + algorithm->name);
  FurtherSigner signer{*algorithm, Bytes{public_key.begin(), public_key.end()},
                       SecretBytes{secret_key.begin(), secret_key.end()}};
  const auto message = bytes_of("seal/v1/further-signature: do these keys belong together?");
  const auto signature = signer.sign(message);
  if (!signature || !verify_further(name, public_key, message, *signature))
    return fail(Code::corrupt, "the halves of a key of " + algorithm->name + " do not belong together");
  return signer;
}

Result<Bytes> FurtherSigner::sign(ByteView message) const {
  Bytes signature(algorithm_->signature_bytes_max);
  const std::size_t size = family_of(*algorithm_).sign(*algorithm_, secret_key_, message, signature);
  if (size == 0) return fail(Code::internal, algorithm_->name + ": no signature could be made");
  signature.resize(size);
  return signature;
}

}  // namespace tablinum::seal
