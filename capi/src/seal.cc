#include <memory>

#include "handles.h"
#include "tablinum/base/json.h"
#include "tablinum/base/time.h"
#include "tablinum/seal/sealed_file.h"

struct tablinum_reader {
  std::unique_ptr<tablinum::RandomAccess> file;
  std::unique_ptr<tablinum::seal::SealedFile> sealed;
};

namespace tablinum::capi {
namespace {

std::int64_t now_s() { return wall_now().seconds(); }

template <class T>
std::vector<const T*> pointers(const std::vector<std::unique_ptr<T>>& owned) {
  std::vector<const T*> out;
  for (const auto& one : owned) out.push_back(one.get());
  return out;
}

class CallbackSource final : public Source {
 public:
  CallbackSource(tablinum_read_fn read, void* user) : read_{read}, user_{user} {}
  Result<std::size_t> read(MutableBytes into) override {
    std::size_t got = 0;
    if (read_(user_, u8(into), into.size(), &got) != 0 || got > into.size())
      return fail(Code::io, "the caller's reading function failed");
    return got;
  }

 private:
  tablinum_read_fn read_;
  void* user_;
};

class CallbackSink final : public Sink {
 public:
  CallbackSink(tablinum_write_fn write, void* user) : write_{write}, user_{user} {}
  Result<void> write(ByteView bytes) override {
    if (write_(user_, u8(bytes), bytes.size()) != 0) return fail(Code::io, "the caller's writing function failed");
    return {};
  }

 private:
  tablinum_write_fn write_;
  void* user_;
};

struct SealArguments {
  explicit SealArguments(const tablinum_sealer& sealer) : recipients{pointers(sealer.recipients)} {
    if (sealer.signer) options.signer = &*sealer.signer;
    options.sign_content = sealer.signer.has_value();
  }
  std::vector<const seal::Recipient*> recipients;
  seal::SealOptions options;
};

Result<void> seal_into(const tablinum_sealer& sealer, Source& in, Sink& out) {
  const SealArguments arguments{sealer};
  TRY(done, seal::seal(in, out, arguments.recipients, arguments.options, {.executor = sealer.pool.get()}));
  (void)done;
  return {};
}

struct OpenArguments {
  explicit OpenArguments(const tablinum_opener& opener) : keys{pointers(opener.keys)} {
    for (const auto& one : opener.trusted) verifiers.push_back(&one);
    options = {.verifiers = verifiers, .signature_required = opener.signature_required};
  }
  std::vector<const seal::Opener*> keys;
  std::vector<const seal::SignatureVerifier*> verifiers;
  seal::OpenOptions options;
};

Result<void> open_into(const tablinum_opener& opener, Source& in, Sink& out, int* is_signed) {
  const OpenArguments arguments{opener};
  TRY(done, seal::open(in, out, arguments.keys, arguments.options, {.executor = opener.pool.get()}));
  if (is_signed != nullptr) *is_signed = done.is_signed() ? 1 : 0;
  return {};
}

Result<std::vector<seal::FileJob>> jobs_of(const char* const* from, const char* const* to, std::size_t count) {
  if (count != 0) CHECK_OK(present(from, to));
  std::vector<seal::FileJob> jobs;
  for (std::size_t i = 0; i < count; ++i) {
    CHECK_OK(present(from[i], to[i]));
    jobs.push_back({from[i], to[i]});
  }
  return jobs;
}

/// One code a file, and the first failure.
class Outcome {
 public:
  explicit Outcome(tablinum_code* codes) noexcept : codes_{codes} {}
  bool operator()(std::size_t job, const Result<std::uint64_t>& done) {
    if (codes_ != nullptr) codes_[job] = done ? TABLINUM_OK : static_cast<tablinum_code>(done.error().code);
    if (!done && (!first_ || job < first_job_)) {
      first_ = done.error();
      first_job_ = job;
    }
    return true;
  }
  Result<void> result() && {
    if (first_) return std::unexpected(std::move(*first_));
    return {};
  }

 private:
  tablinum_code* codes_;
  std::optional<Error> first_;
  std::size_t first_job_ = 0;
};

Executor& pool_or_inline(const std::unique_ptr<Executor>& pool) { return pool ? *pool : inline_executor(); }

std::string json_of(const seal::Header& header) {
  json::Writer w;
  w.begin_object();
  w.field("cipher", header.cipher == Cipher::aes256_gcm ? "AES-256-GCM" : "XChaCha20-Poly1305");
  w.field("chunkBytes", std::uint64_t{1} << header.chunk_log2);
  w.field("signed", header.signer.has_value());
  w.field("contentSigned", header.signs_content());
  if (header.signer) w.field("signer", to_hex(*header.signer));
  w.key("recipients");
  w.begin_array();
  for (const auto& stanza : header.stanzas) w.value(std::string(1, static_cast<char>(stanza.type)));
  w.end_array();
  w.end_object();
  return w.take();
}

Result<void> inspect(Source& in, tablinum_buffer** out) {
  TRY(header, seal::inspect(in));
  *out = new_buffer(bytes_of(json_of(header)));
  return {};
}

Result<Secret<32>> key_from(const uint8_t* key) {
  CHECK_OK(present(key));
  return Secret<32>{std::as_bytes(std::span<const uint8_t, 32>{key, 32})};
}

}  // namespace

TABLINUM_API tablinum_code tablinum_identity_create(const char* name, tablinum_identity** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(name, out));
    TRY(identity, seal::Identity::create(name, now_s()));
    *out = new tablinum_identity{std::move(identity)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_identity_read(const uint8_t* text, size_t size, const char* passphrase,
                                                  tablinum_identity** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(bytes, bytes_from(text, size));
    TRY(identity, seal::Identity::decode(text_of(bytes), passphrase == nullptr ? "" : passphrase));
    *out = new tablinum_identity{std::move(identity)};
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_identity_write(const tablinum_identity* identity, const char* passphrase,
                                                   tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(identity, out));
    std::optional<std::string_view> phrase;
    if (passphrase != nullptr) phrase = passphrase;
    TRY(text, identity->of.encode(phrase));
    *out = new_buffer(bytes_of(seal::view(text)));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_identity_phrase(const tablinum_identity* identity, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(identity, out));
    const auto phrase = identity->of.phrase();
    *out = new_buffer(bytes_of(seal::view(phrase)));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_identity_card(const tablinum_identity* identity, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(identity, out));
    TRY(card, identity->of.make_card({}, now_s()));
    *out = new_buffer(bytes_of(card.text()));
    return {};
  });
}

TABLINUM_API void tablinum_identity_free(tablinum_identity* identity) { delete identity; }

TABLINUM_API tablinum_code tablinum_card_read(const uint8_t* text, size_t size, tablinum_card** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(bytes, bytes_from(text, size));
    TRY(card, seal::ContactCard::parse_text(text_of(bytes)));
    auto fingerprint = seal::fingerprint_text(card.fingerprint());
    *out = new tablinum_card{std::move(card), std::move(fingerprint)};
    return {};
  });
}
TABLINUM_API const char* tablinum_card_name(const tablinum_card* card) {
  return card == nullptr ? "" : card->of.name().c_str();
}
TABLINUM_API const char* tablinum_card_fingerprint(const tablinum_card* card) {
  return card == nullptr ? "" : card->fingerprint.c_str();
}
TABLINUM_API void tablinum_card_free(tablinum_card* card) { delete card; }

TABLINUM_API tablinum_code tablinum_sealer_new(tablinum_sealer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    *out = new tablinum_sealer;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_add_card(tablinum_sealer* sealer, const tablinum_card* card) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, card));
    sealer->recipients.push_back(seal::card_recipient(card->of));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_add_identity(tablinum_sealer* sealer, const tablinum_identity* identity) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, identity));
    sealer->recipients.push_back(seal::make_identity_recipient(identity->of.exchange().public_key()));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_add_passphrase(tablinum_sealer* sealer, const char* passphrase) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, passphrase));
    TRY(recipient, seal::make_passphrase_recipient(bytes_of(passphrase)));
    sealer->recipients.push_back(std::move(recipient));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_add_key(tablinum_sealer* sealer, const uint8_t key[32]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer));
    TRY(secret, key_from(key));
    sealer->recipients.push_back(std::make_unique<seal::SymmetricKey>(secret));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_sign(tablinum_sealer* sealer, const tablinum_identity* identity) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, identity));
    sealer->signer.emplace(identity->of);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_sealer_threads(tablinum_sealer* sealer, unsigned threads) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer));
    sealer->pool = make_thread_pool(threads);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_seal_buffer(const tablinum_sealer* sealer, const uint8_t* plain, size_t size,
                                                tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, out));
    TRY(view, bytes_from(plain, size));
    const SealArguments arguments{*sealer};
    Bytes sealed;
    TRY(done, seal::seal(view, sealed, arguments.recipients, arguments.options, {.executor = sealer->pool.get()}));
    (void)done;
    *out = new_buffer(sealed);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_seal_file(const tablinum_sealer* sealer, const char* from, const char* to, int replace) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer, from, to));
    TRY(in, open_source(from));
    TRY(out, create_sink(to, {.existing = replace != 0 ? Existing::replace : Existing::refuse}));
    return seal_into(*sealer, *in, *out);
  });
}

TABLINUM_API tablinum_code tablinum_seal_stream(const tablinum_sealer* sealer, tablinum_read_fn read, tablinum_write_fn write,
                                                void* user) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer));
    if (read == nullptr || write == nullptr) return fail(Code::invalid, "an argument is null");
    CallbackSource in{read, user};
    CallbackSink out{write, user};
    return seal_into(*sealer, in, out);
  });
}

TABLINUM_API void tablinum_sealer_free(tablinum_sealer* sealer) { delete sealer; }

TABLINUM_API tablinum_code tablinum_opener_new(tablinum_opener** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    *out = new tablinum_opener;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_add_identity(tablinum_opener* opener, const tablinum_identity* identity) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, identity));
    opener->keys.push_back(std::make_unique<seal::IdentityOpener>(identity->of));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_add_passphrase(tablinum_opener* opener, const char* passphrase) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, passphrase));
    opener->keys.push_back(seal::make_passphrase_opener(bytes_of(passphrase)));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_add_key(tablinum_opener* opener, const uint8_t key[32]) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener));
    TRY(secret, key_from(key));
    opener->keys.push_back(std::make_unique<seal::SymmetricKey>(secret));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_trust(tablinum_opener* opener, const tablinum_card* card) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, card));
    for (auto& verifier : seal::file_verifiers(card->of)) opener->trusted.push_back(std::move(verifier));
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_require_signature(tablinum_opener* opener, int required) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener));
    opener->signature_required = required != 0;
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_opener_threads(tablinum_opener* opener, unsigned threads) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener));
    opener->pool = make_thread_pool(threads);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_open_buffer(const tablinum_opener* opener, const uint8_t* sealed, size_t size,
                                                tablinum_buffer** out, int* is_signed) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, out));
    TRY(view, bytes_from(sealed, size));
    const OpenArguments arguments{*opener};
    Bytes plain;
    TRY(done, seal::open(view, plain, arguments.keys, arguments.options, {.executor = opener->pool.get()}));
    if (is_signed != nullptr) *is_signed = done.is_signed() ? 1 : 0;
    *out = new_buffer(plain);
    wipe(plain);
    return {};
  });
}

TABLINUM_API tablinum_code tablinum_open_file(const tablinum_opener* opener, const char* from, const char* to, int replace,
                                              int* is_signed) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, from, to));
    TRY(in, open_source(from));
    TRY(out, create_sink(to, {.existing = replace != 0 ? Existing::replace : Existing::refuse, .mode = 0600}));
    return open_into(*opener, *in, *out, is_signed);
  });
}

TABLINUM_API tablinum_code tablinum_open_stream(const tablinum_opener* opener, tablinum_read_fn read, tablinum_write_fn write,
                                                void* user, int* is_signed) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener));
    if (read == nullptr || write == nullptr) return fail(Code::invalid, "an argument is null");
    CallbackSource in{read, user};
    CallbackSink out{write, user};
    return open_into(*opener, in, out, is_signed);
  });
}

TABLINUM_API void tablinum_opener_free(tablinum_opener* opener) { delete opener; }

TABLINUM_API tablinum_code tablinum_reader_open(const tablinum_opener* opener, const char* path, tablinum_reader** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener, path, out));
    TRY(file, open_random_access(path));
    const OpenArguments arguments{*opener};
    TRY(sealed, seal::SealedFile::open(*file, arguments.keys, arguments.options));
    *out = new tablinum_reader{std::move(file), std::move(sealed)};
    return {};
  });
}
TABLINUM_API uint64_t tablinum_reader_size(const tablinum_reader* reader) {
  return reader == nullptr ? 0 : reader->sealed->size();
}
TABLINUM_API tablinum_code tablinum_reader_read_at(const tablinum_reader* reader, uint64_t offset, uint8_t* into,
                                                   size_t capacity, size_t* got) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(reader, got));
    if (into == nullptr && capacity != 0) return fail(Code::invalid, "an argument is null");
    TRY(count, reader->sealed->read_at(offset, std::as_writable_bytes(std::span{into, capacity})));
    *got = count;
    return {};
  });
}
TABLINUM_API void tablinum_reader_free(tablinum_reader* reader) { delete reader; }

TABLINUM_API tablinum_code tablinum_seal_files(const tablinum_sealer* sealer, const char* const* from, const char* const* to,
                                               size_t count, int replace, tablinum_code* codes) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(sealer));
    TRY(jobs, jobs_of(from, to, count));
    const SealArguments arguments{*sealer};
    Outcome outcome{codes};
    seal::seal_files(jobs, arguments.recipients, arguments.options, {.existing = replace != 0 ? Existing::replace : Existing::refuse},
                     pool_or_inline(sealer->pool), outcome);
    return std::move(outcome).result();
  });
}

TABLINUM_API tablinum_code tablinum_open_files(const tablinum_opener* opener, const char* const* from, const char* const* to,
                                               size_t count, int replace, tablinum_code* codes) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(opener));
    TRY(jobs, jobs_of(from, to, count));
    const OpenArguments arguments{*opener};
    Outcome outcome{codes};
    seal::open_files(jobs, arguments.keys, arguments.options,
                     {.existing = replace != 0 ? Existing::replace : Existing::refuse, .mode = 0600}, pool_or_inline(opener->pool),
                     outcome);
    return std::move(outcome).result();
  });
}

TABLINUM_API tablinum_code tablinum_inspect_buffer(const uint8_t* sealed, size_t size, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(out));
    TRY(view, bytes_from(sealed, size));
    MemorySource in{view};
    return inspect(in, out);
  });
}

TABLINUM_API tablinum_code tablinum_inspect_file(const char* path, tablinum_buffer** out) {
  return guarded([&]() -> Result<void> {
    CHECK_OK(present(path, out));
    TRY(in, open_source(path));
    return inspect(*in, out);
  });
}

}  // namespace tablinum::capi
