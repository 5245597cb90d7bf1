#include <cstring>
#include <memory>
#include <vector>

#include "support.h"
#include "tablinum/base/json.h"
#include "tablinum/seal/fhe.h"
#include "tablinum/seal/idk.h"

struct tablinum_pre_context {
  tablinum::seal::fhe::ContextPtr of;
};
struct tablinum_pre_public_key {
  tablinum::seal::fhe::PublicKey of;
};
struct tablinum_pre_secret_key {
  tablinum::seal::fhe::SecretKey of;
};
struct tablinum_pre_rekey {
  tablinum::seal::fhe::ReKey of;
};
struct tablinum_pre_ciphertext {
  tablinum::seal::fhe::Ciphertext of;
};

namespace tablinum::capi {

namespace fhe = seal::fhe;
namespace idk = seal::idk;

namespace {

Result<void> fits(const tablinum_pre_context* context, const fhe::ContextPtr& of) {
  if (context->of != of) return fail(Code::invalid, "the objects belong to different contexts");
  return {};
}

Result<void> all_present(const tablinum_pre_ciphertext* const* all, const void* out, std::size_t count) {
  if (count == 0) return {};
  CHECK_OK(present(all, out));
  for (std::size_t i = 0; i < count; ++i) CHECK_OK(present(all[i]));
  return {};
}

/// `work` for each number on several threads; the first failure by number.
Result<void> for_each(std::size_t count, unsigned threads, FunctionRef<Result<void>(std::size_t)> work) {
  const auto pool = make_thread_pool(threads);
  std::vector<Result<void>> results(count);
  pool->for_each(count, [&](std::size_t i) { results[i] = work(i); });
  for (auto& result : results) CHECK_OK(std::move(result));
  return {};
}

template <class Handle>
tablinum_code write(const Handle* handle, tablinum_buffer** out, auto&& serialize) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(handle, out));
    const auto bytes = serialize(*handle);
    *out = new_buffer(bytes);
    return {};
  });
}

template <class Handle>
tablinum_code read(const uint8_t* bytes, size_t size, Handle** out, auto&& deserialize) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(bytes, size));
    TRY(object, deserialize(view));
    *out = new Handle{std::move(object)};
    return {};
  });
}

Result<seal::Secp256k1Signer> signer_from(const uint8_t* scalar) {
  return seal::Secp256k1Signer::from_scalar(Secret<32>{std::as_bytes(std::span<const uint8_t, 32>{scalar, 32})});
}

std::optional<seal::Secp256k1Public> key_from(const uint8_t* bytes) {
  if (bytes == nullptr) return std::nullopt;
  seal::Secp256k1Public key{std::byte{4}};
  std::memcpy(key.data() + 1, bytes, 64);
  return key;
}

const char* name_of(idk::SignerTrust trust) {
  switch (trust) {
    case idk::SignerTrust::none: return "none";
    case idk::SignerTrust::self_asserted: return "self_asserted";
    case idk::SignerTrust::expected: return "expected";
    case idk::SignerTrust::other: return "other";
  }
  return "none";
}

std::string json_of(const idk::Report& report) {
  json::Writer w;
  w.begin_object();
  w.field("whole", report.whole());
  w.field("parts", report.parts_seen);
  w.field("partsTotal", report.parts_total);
  w.field("bytes", report.bytes_total);
  w.field("recrypted", report.recrypted);
  w.field("signer", report.signer);
  w.field("trust", name_of(report.trust));
  w.field_if("originalSender", report.original_sender);
  w.field("missingCount", report.missing_count);
  w.key("missing");
  w.begin_array();
  for (const auto part : report.missing) w.value(part);
  w.end_array();
  w.field("problemCount", report.problem_count);
  w.key("problems");
  w.begin_array();
  for (const auto& problem : report.problems) w.value(problem.what);
  w.end_array();
  w.end_object();
  return w.take();
}

}  // namespace

TABLINUM_API tablinum_code tablinum_pre_context_create(uint64_t plaintext_modulus, unsigned limb_bits,
                                                       tablinum_pre_context** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(of, fhe::context({.plaintext_modulus = plaintext_modulus, .limb_bits = limb_bits}));
    *out = new tablinum_pre_context{of};
    return {};
  });
}
TABLINUM_API uint32_t tablinum_pre_slots(const tablinum_pre_context* context) {
  return context == nullptr ? 0 : context->of->ring_dimension();
}
TABLINUM_API uint64_t tablinum_pre_plaintext_modulus(const tablinum_pre_context* context) {
  return context == nullptr ? 0 : context->of->plaintext_modulus();
}
TABLINUM_API uint32_t tablinum_pre_hops_max(const tablinum_pre_context* context) {
  return context == nullptr ? 0 : context->of->hops_max(false);
}
TABLINUM_API int tablinum_pre_same_context(const tablinum_pre_context* a, const tablinum_pre_context* b) {
  return a != nullptr && b != nullptr && a->of == b->of ? 1 : 0;
}

TABLINUM_API tablinum_code tablinum_pre_generate_keys(const tablinum_pre_context* context, tablinum_pre_public_key** public_key,
                                                      tablinum_pre_secret_key** secret_key) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, public_key, secret_key));
    auto keys = fhe::generate_keys(context->of);
    auto first = std::make_unique<tablinum_pre_public_key>(std::move(keys.public_key));
    *secret_key = new tablinum_pre_secret_key{std::move(keys.secret_key)};
    *public_key = first.release();
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_encrypt(const tablinum_pre_context* context, const tablinum_pre_public_key* key,
                                                const int64_t* values, size_t count, tablinum_pre_ciphertext** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, key, out));
    CHECK_OK(fits(context, key->of.context));
    if (values == nullptr && count != 0) return fail(Code::invalid, "an argument is null");
    TRY(ciphertext, fhe::encrypt(key->of, {values, count}));
    *out = new tablinum_pre_ciphertext{std::move(ciphertext)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_decrypt(const tablinum_pre_context* context, const tablinum_pre_secret_key* key,
                                                const tablinum_pre_ciphertext* ciphertext, int64_t* values, size_t capacity) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, key, ciphertext, values));
    CHECK_OK(fits(context, key->of.context));
    if (capacity < context->of->ring_dimension()) return fail(Code::too_large, "there is no room for all slots");
    TRY(plain, fhe::decrypt(key->of, ciphertext->of));
    std::memcpy(values, plain.data(), plain.size() * sizeof(int64_t));
    wipe(std::as_writable_bytes(std::span{plain}));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_generate_rekey(const tablinum_pre_context* context, const tablinum_pre_secret_key* from,
                                                       const tablinum_pre_public_key* to, tablinum_pre_rekey** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, from, to, out));
    CHECK_OK(fits(context, from->of.context));
    TRY(rekey, fhe::make_rekey(from->of, to->of));
    *out = new tablinum_pre_rekey{std::move(rekey)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_reencrypt(const tablinum_pre_context* context, const tablinum_pre_rekey* rekey,
                                                  const tablinum_pre_ciphertext* ciphertext, tablinum_pre_ciphertext** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, rekey, ciphertext, out));
    CHECK_OK(fits(context, rekey->of.context));
    TRY(moved, fhe::reencrypt(rekey->of, ciphertext->of));
    *out = new tablinum_pre_ciphertext{std::move(moved)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_encrypt_all(const tablinum_pre_context* context, const tablinum_pre_public_key* key,
                                                    const int64_t* values, size_t count, unsigned threads,
                                                    tablinum_pre_ciphertext** out, size_t capacity, size_t* made) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, key, out, made));
    CHECK_OK(fits(context, key->of.context));
    if (values == nullptr && count != 0) return fail(Code::invalid, "an argument is null");
    const std::size_t slots = context->of->ring_dimension();
    if (capacity < (count + slots - 1) / slots) return fail(Code::too_large, "there is no room for all ciphertexts");
    const auto pool = make_thread_pool(threads);
    TRY(ciphertexts, fhe::encrypt_all(key->of, {values, count}, fhe::Encoding::packed, *pool));
    std::vector<std::unique_ptr<tablinum_pre_ciphertext>> handles;
    for (auto& each : ciphertexts) handles.push_back(std::make_unique<tablinum_pre_ciphertext>(std::move(each)));
    for (std::size_t i = 0; i < handles.size(); ++i) out[i] = handles[i].release();
    *made = handles.size();
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_reencrypt_all(const tablinum_pre_context* context, const tablinum_pre_rekey* rekey,
                                                      const tablinum_pre_ciphertext* const* ciphertexts, size_t count,
                                                      unsigned threads, tablinum_pre_ciphertext** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, rekey));
    CHECK_OK(fits(context, rekey->of.context));
    CHECK_OK(all_present(ciphertexts, out, count));
    std::vector<std::unique_ptr<tablinum_pre_ciphertext>> handles(count);
    CHECK_OK(for_each(count, threads, [&](std::size_t i) -> Result<void> {
      TRY(moved, fhe::reencrypt(rekey->of, ciphertexts[i]->of));
      handles[i] = std::make_unique<tablinum_pre_ciphertext>(std::move(moved));
      return {};
    }));
    for (std::size_t i = 0; i < count; ++i) out[i] = handles[i].release();
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_pre_decrypt_all(const tablinum_pre_context* context, const tablinum_pre_secret_key* key,
                                                    const tablinum_pre_ciphertext* const* ciphertexts, size_t count, unsigned threads,
                                                    int64_t* values, size_t capacity) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(context, key));
    CHECK_OK(fits(context, key->of.context));
    CHECK_OK(all_present(ciphertexts, values, count));
    const std::size_t slots = context->of->ring_dimension();
    if (capacity / slots < count) return fail(Code::too_large, "there is no room for all slots");
    for (std::size_t i = 0; i < count; ++i) CHECK_OK(fits(context, ciphertexts[i]->of.context));
    return for_each(count, threads, [&](std::size_t i) -> Result<void> {
      TRY(plain, fhe::decrypt(key->of, ciphertexts[i]->of));
      std::memcpy(values + i * slots, plain.data(), plain.size() * sizeof(int64_t));
      wipe(std::as_writable_bytes(std::span{plain}));
      return {};
    });
  });
}

TABLINUM_API tablinum_code tablinum_pre_context_write(const tablinum_pre_context* context, tablinum_buffer** out) {
  return write(context, out, [](const auto& handle) { return fhe::serialize(*handle.of); });
}
TABLINUM_API tablinum_code tablinum_pre_public_key_write(const tablinum_pre_public_key* key, tablinum_buffer** out) {
  return write(key, out, [](const auto& handle) { return fhe::serialize(handle.of); });
}
TABLINUM_API tablinum_code tablinum_pre_secret_key_write(const tablinum_pre_secret_key* key, tablinum_buffer** out) {
  return write(key, out, [](const auto& handle) { return fhe::serialize(handle.of); });
}
TABLINUM_API tablinum_code tablinum_pre_rekey_write(const tablinum_pre_rekey* key, tablinum_buffer** out) {
  return write(key, out, [](const auto& handle) { return fhe::serialize(handle.of); });
}
TABLINUM_API tablinum_code tablinum_pre_ciphertext_write(const tablinum_pre_ciphertext* ciphertext, tablinum_buffer** out) {
  return write(ciphertext, out, [](const auto& handle) { return fhe::serialize(handle.of); });
}

TABLINUM_API tablinum_code tablinum_pre_context_read(const uint8_t* bytes, size_t size, tablinum_pre_context** out) {
  return read(bytes, size, out, fhe::deserialize_context);
}
TABLINUM_API tablinum_code tablinum_pre_public_key_read(const uint8_t* bytes, size_t size, tablinum_pre_public_key** out) {
  return read(bytes, size, out, fhe::deserialize_public_key);
}
TABLINUM_API tablinum_code tablinum_pre_secret_key_read(const uint8_t* bytes, size_t size, tablinum_pre_secret_key** out) {
  return read(bytes, size, out, fhe::deserialize_secret_key);
}
TABLINUM_API tablinum_code tablinum_pre_rekey_read(const uint8_t* bytes, size_t size, tablinum_pre_rekey** out) {
  return read(bytes, size, out, fhe::deserialize_rekey);
}
TABLINUM_API tablinum_code tablinum_pre_ciphertext_read(const uint8_t* bytes, size_t size, tablinum_pre_ciphertext** out) {
  return read(bytes, size, out, fhe::deserialize_ciphertext);
}

TABLINUM_API void tablinum_pre_context_free(tablinum_pre_context* context) { delete context; }
TABLINUM_API void tablinum_pre_public_key_free(tablinum_pre_public_key* key) { delete key; }
TABLINUM_API void tablinum_pre_secret_key_free(tablinum_pre_secret_key* key) { delete key; }
TABLINUM_API void tablinum_pre_rekey_free(tablinum_pre_rekey* key) { delete key; }
TABLINUM_API void tablinum_pre_ciphertext_free(tablinum_pre_ciphertext* ciphertext) { delete ciphertext; }

TABLINUM_API tablinum_code tablinum_idk_generate_signing_key(uint8_t secret[32], uint8_t public_key[64]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(secret, public_key));
    const auto signer = seal::Secp256k1Signer::random();
    std::memcpy(secret, signer.scalar().view().data(), 32);
    std::memcpy(public_key, signer.public_key().data() + 1, 64);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_idk_create(const tablinum_pre_public_key* key, const uint8_t signing_key[32],
                                               const uint8_t* plain, size_t size, const char* const* headers,
                                               size_t header_count, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(key, signing_key, out));
    if (headers == nullptr && header_count != 0) return fail(Code::invalid, "an argument is null");
    TRY(view, bytes_from(plain, size));
    TRY(signer, signer_from(signing_key));
    idk::CreateOptions options;
    for (size_t i = 0; i < header_count; ++i) {
      CHECK_OK(present(headers[2 * i], headers[2 * i + 1]));
      options.optional_headers[headers[2 * i]] = headers[2 * i + 1];
    }
    MemorySink sink;
    CHECK_OK(idk::create(MemoryFile{view}, key->of, signer, sink, options));
    *out = new_buffer(sink.bytes());
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_idk_verify(const uint8_t* message, size_t size, const uint8_t* expected,
                                               tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(message, size));
    MemorySource source{view};
    TRY(found, idk::verify(source, key_from(expected)));
    *out = new_buffer(bytes_of(json_of(found)));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_idk_decrypt(const tablinum_pre_secret_key* key, const uint8_t* message, size_t size,
                                                const uint8_t* expected, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(key, out));
    TRY(view, bytes_from(message, size));
    MemorySource source{view};
    MemorySink sink;
    CHECK_OK(idk::decrypt(source, key->of, sink, {key_from(expected)}));
    auto plain = sink.take();
    *out = new_buffer(plain);
    wipe(plain);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_idk_recrypt(const tablinum_pre_rekey* rekey, const uint8_t proxy_key[32],
                                                const uint8_t* message, size_t size, const char* sender, const char* recipient,
                                                const char* timestamp, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(rekey, proxy_key, recipient, timestamp, out));
    TRY(view, bytes_from(message, size));
    TRY(proxy, signer_from(proxy_key));
    MemorySource source{view};
    MemorySink sink;
    CHECK_OK(
        idk::recrypt(source, rekey->of, proxy, sink,
                     {.original_sender = sender == nullptr ? "" : sender, .recipient = recipient, .timestamp = timestamp}));
    *out = new_buffer(sink.bytes());
    return {};
  });
}

}  // namespace tablinum::capi
