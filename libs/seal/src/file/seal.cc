#include <sys/mman.h>

#include <algorithm>

#include "file/content_signature.h"
#include "file/keys.h"
#include "file/padding.h"
#include "file/pipeline.h"
#include "file/writer.h"

namespace tablinum::seal {
namespace file {
namespace {

Result<std::vector<MetaField>> meta_of(const SealOptions& options) {
  auto meta = options.meta;
  const bool has_critical = std::ranges::any_of(meta, [](const MetaField& field) { return (field.type & kMetaCritical) != 0; });
  if (has_critical || !check_meta(meta)) return fail(Code::invalid, "public fields out of order, or marked as critical");
  if (options.sign_content && options.signer == nullptr) return fail(Code::invalid, "who is to sign the content?");
  if (options.padding == Padding::padme) meta.push_back({kMetaPadding, {static_cast<std::byte>(Padding::padme)}});
  if (options.sign_content) meta.push_back({kMetaSignedContent, {std::byte{kSignatureSuite}}});
  std::size_t bytes = 0;
  for (const auto& field : meta) {
    if (field.value.size() > kMetaBytesMax) return fail(Code::too_large, "too much in the public fields");
    bytes += kMetaHeadBytes + field.value.size();
  }
  if (bytes > kMetaBytesMax) return fail(Code::too_large, "too much in the public fields");
  return meta;
}

Result<void> check(const SealOptions& options) {
  const bool cipher_known = options.cipher == Cipher::aes256_gcm || options.cipher == Cipher::xchacha20_poly1305;
  const bool chunk_allowed = options.chunk_log2 >= kChunkLog2Min && options.chunk_log2 <= kChunkLog2Max;
  if (!cipher_known || !chunk_allowed) return fail(Code::invalid, "no such cipher, or no such size of chunks");
  return {};
}

}  // namespace

Result<Header> new_core(const SealOptions& options) {
  CHECK_OK(check(options));
  TRY(meta, meta_of(options));
  Header header;
  header.cipher = options.cipher;
  header.chunk_log2 = options.chunk_log2;
  header.meta = std::move(meta);
  fill_random(header.salt);
  return header;
}

Result<NewFile> new_file(Recipients recipients, const SealOptions& options) {
  TRY(core, new_core(options));
  NewFile file{.header = std::move(core), .key = random_secret<kFileKeyBytes>(), .signer = options.signer};
  CHECK_OK(complete_header(file.header, file.key, recipients, options.signer));
  return file;
}

Result<void> complete_header(Header& header, const FileKey& key, Recipients recipients, const Signer* signer) {
  if (recipients.size() > kStanzasMax) return fail(Code::limit, "more recipients than a file can have");
  const Digest core = core_hash(header);
  header.stanzas.clear();
  for (const Recipient* recipient : recipients) {
    TRY(stanza, recipient->wrap(key, core));
    insert_stanza(header.stanzas, std::move(stanza));
  }
  return authenticate(header, key, signer);
}

Result<void> authenticate(Header& header, const FileKey& key, const Signer* signer) {
  CHECK_OK(check_stanzas(header.stanzas));
  header.mac = header_mac(header, key);
  header.signer.reset();
  header.signature.clear();
  if (signer == nullptr) return {};
  TRY(signature, signer->sign(signed_message(header)));
  if (signature.size() != kSignatureBytes) return fail(Code::invalid, "a signer that does not sign");
  header.signer = signer->id();
  header.signature = std::move(signature);
  return {};
}

Result<void> report(const Run& run, std::uint64_t content_bytes) {
  if (run.progress && !run.progress(content_bytes)) return fail(Code::cancelled, "stopped");
  return {};
}

Result<SealReport> seal_payload(const NewFile& file, Source& in, Sink& out, const Run& run) {
  const PayloadCipher cipher{file.header, file.key};
  const bool sign = file.header.signs_content();
  if (sign && file.signer == nullptr) return fail(Code::invalid, "who is to sign the content?");
  std::optional<SignedSource> with_signature;
  if (sign) with_signature.emplace(in, *file.signer, core_hash(file.header));
  Source& content = sign ? static_cast<Source&>(*with_signature) : in;
  PaddedSource padded{content};
  const bool pad = file.header.padding() == Padding::padme;
  Source& plain = pad ? static_cast<Source&>(padded) : content;
  const auto shape = pipeline_shape(cipher.chunk_bytes(), cipher.sealed_chunk_bytes());
  const std::uint64_t chunks_each = shape.in_bytes / cipher.chunk_bytes();
  SealReport done;
  CHECK_OK(run_pipeline(
      plain, shape,
      [&](std::uint64_t batch, bool last, ByteView from, MutableBytes to) { return cipher.seal(batch * chunks_each, last, from, to); },
      [&](ByteView sealed, std::size_t plain_bytes) -> Result<void> {
        CHECK_OK(out.write(sealed));
        done.content_bytes += plain_bytes;
        done.sealed_bytes += sealed.size();
        return report(run, done.content_bytes);
      },
      run.executor));
  if (pad) done.content_bytes = padded.content_bytes();
  if (sign) done.content_bytes = with_signature->content_bytes();
  return done;
}

namespace {

/// A payload in memory, chunks spread over the executor's threads. One slab after the other, so that it can be stopped.
constexpr std::size_t kTaskBytes = std::size_t{512} << 10;
constexpr std::size_t kTasksPerSlab = 64;

/// Calls `work(first chunk, chunks)` for groups of chunks of a payload; tells `run` about each slab.
Result<void> for_each_group(std::uint64_t chunks, std::size_t chunk_bytes, const Run& run,
                            FunctionRef<Result<void>(std::uint64_t, std::uint64_t)> work) {
  const std::uint64_t group = std::max<std::size_t>(1, kTaskBytes / chunk_bytes);
  Executor& executor = run.executor == nullptr || chunks <= group ? inline_executor() : *run.executor;
  for (std::uint64_t begin = 0; begin < chunks; begin += group * kTasksPerSlab) {
    const std::uint64_t left = std::min(chunks - begin, group * kTasksPerSlab);
    std::array<Result<void>, kTasksPerSlab> results;
    executor.for_each((left + group - 1) / group, [&](std::size_t task) {
      const std::uint64_t first = begin + task * group;
      results[task] = work(first, std::min(group, begin + left - first));
    });
    for (auto& result : results) CHECK_OK(std::move(result));
    CHECK_OK(report(run, (begin + left) * chunk_bytes));
  }
  return {};
}

/// Sets the size of a buffer that will be overwritten. A large one gets the processor's large pages where the system has some: a
/// new 64 MiB buffer is there in half the time then, and every later pass over it is a tenth faster.
void set_size(Bytes& out, std::size_t bytes) {
  constexpr std::size_t kPage = std::size_t{2} << 20;
  if (bytes > out.capacity() && bytes >= 2 * kPage) {
    out.clear();
    out.reserve(bytes);
    const auto begin = (reinterpret_cast<std::uintptr_t>(out.data()) + kPage - 1) & ~(kPage - 1);
    const auto end = (reinterpret_cast<std::uintptr_t>(out.data()) + bytes) & ~(kPage - 1);
    if (end > begin) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
  out.resize(bytes);
}

Result<SealReport> seal_in_memory(const NewFile& file, ByteView plain, Bytes& out, const Run& run) {
  const PayloadCipher cipher{file.header, file.key};
  const Bytes head = serialize(file.header);
  TRY(payload_bytes, cipher.sealed_bytes(plain.size()));
  set_size(out, head.size() + payload_bytes);
  std::ranges::copy(head, out.begin());
  const auto payload = MutableBytes{out}.subspan(head.size());
  const std::size_t chunk = cipher.chunk_bytes();
  const std::uint64_t chunks = plain.empty() ? 1 : (plain.size() - 1) / chunk + 1;
  CHECK_OK(for_each_group(chunks, chunk, run, [&](std::uint64_t first, std::uint64_t count) -> Result<void> {
    const auto part = plain.subspan(first * chunk, std::min(count * chunk, plain.size() - first * chunk));
    TRY(written, cipher.seal(first, first + count == chunks, part, payload.subspan(first * cipher.sealed_chunk_bytes())));
    (void)written;
    return {};
  }));
  return SealReport{plain.size(), out.size()};
}

Result<std::uint64_t> open_in_memory(const Unlocked& file, ByteView payload, Bytes& out, const Run& run) {
  const PayloadCipher cipher{file.header, file.key};
  TRY(plain_bytes, cipher.plain_bytes(payload.size()));
  set_size(out, plain_bytes);
  const std::size_t chunk = cipher.sealed_chunk_bytes();
  const std::uint64_t chunks = (payload.size() - 1) / chunk + 1;
  CHECK_OK(for_each_group(chunks, cipher.chunk_bytes(), run, [&](std::uint64_t first, std::uint64_t count) -> Result<void> {
    const auto part = payload.subspan(first * chunk, std::min(count * chunk, payload.size() - first * chunk));
    TRY(written, cipher.open(first, first + count == chunks, part, MutableBytes{out}.subspan(first * cipher.chunk_bytes())));
    (void)written;
    return {};
  }));
  return plain_bytes;
}

/// Whether nothing but the content is under the encryption.
bool is_plain(const Header& header) { return header.padding() == Padding::none && !header.signs_content(); }

/// A source whose place can be asked.
class CountedSource final : public Source {
 public:
  explicit CountedSource(ByteView bytes) noexcept : rest_{bytes} {}
  Result<std::size_t> read(MutableBytes into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }
  ByteView rest() const noexcept { return rest_; }

 private:
  ByteView rest_;
};

Result<OpenReport> open_whole(ByteView sealed, Bytes& out, Openers keys, const OpenOptions& options, const Run& run) {
  CountedSource source{sealed};
  TRY(file, unlock(source, keys, options));
  OpenedContent content;
  if (is_plain(file.header)) {
    TRY(opened, open_in_memory(file, source.rest(), out, run));
    content.bytes = opened;
  } else {
    MemorySink sink;
    TRY(opened, open_payload(file.header, file.key, source, sink, options, run));
    content = opened;
    out = sink.take();
  }
  return OpenReport{content.bytes, std::move(file.header), file.signature, content.signature, content.signer};
}

}  // namespace

Result<OpenedContent> open_payload(const Header& header, const FileKey& key, Source& in, Sink& out, const OpenOptions& options,
                                   const Run& run) {
  const PayloadCipher cipher{header, key};
  SignedSink signed_content{out, options.verifiers, core_hash(header)};
  const bool is_signed = header.signs_content();
  Sink& content = is_signed ? static_cast<Sink&>(signed_content) : out;
  UnpaddingSink unpadding{content};
  const bool padded = header.padding() == Padding::padme;
  Sink& plain = padded ? static_cast<Sink&>(unpadding) : content;
  const auto shape = pipeline_shape(cipher.sealed_chunk_bytes(), cipher.chunk_bytes());
  const std::uint64_t chunks_each = shape.in_bytes / cipher.sealed_chunk_bytes();
  std::uint64_t done = 0;
  CHECK_OK(run_pipeline(
      in, shape,
      [&](std::uint64_t batch, bool last, ByteView from, MutableBytes to) { return cipher.open(batch * chunks_each, last, from, to); },
      [&](ByteView opened, std::size_t) -> Result<void> {
        CHECK_OK(plain.write(opened));
        done += opened.size();
        return report(run, done);
      },
      run.executor));
  if (padded) {
    CHECK_OK(unpadding.finish());
    done = unpadding.content_bytes();
  }
  if (!is_signed) return OpenedContent{.bytes = done};
  CHECK_OK(signed_content.finish());
  const auto state = signed_content.signature();
  if (options.signature_required ? state != SignatureState::good : state == SignatureState::bad) return cannot_open();
  return OpenedContent{signed_content.content_bytes(), state, signed_content.signer()};
}

}  // namespace file

Result<SealReport> seal(Source& in, Sink& out, Recipients recipients, const SealOptions& options, const Run& run) {
  TRY(file, file::new_file(recipients, options));
  const Bytes head = serialize(file.header);
  CHECK_OK(out.write(head));
  TRY(done, file::seal_payload(file, in, out, run));
  CHECK_OK(out.finish());
  return SealReport{done.content_bytes, done.sealed_bytes + head.size()};
}

Result<OpenReport> open(Source& in, Sink& out, Openers keys, const OpenOptions& options, const Run& run) {
  TRY(file, file::unlock(in, keys, options));
  TRY(content, file::open_payload(file.header, file.key, in, out, options, run));
  CHECK_OK(out.finish());
  return OpenReport{content.bytes, std::move(file.header), file.signature, content.signature, content.signer};
}

Result<SealReport> seal(ByteView plain, Bytes& out, Recipients recipients, const SealOptions& options, const Run& run) {
  TRY(file, file::new_file(recipients, options));
  if (file::is_plain(file.header)) return file::seal_in_memory(file, plain, out, run);
  MemorySource source{plain};
  MemorySink sink;
  CHECK_OK(sink.write(serialize(file.header)));
  TRY(done, file::seal_payload(file, source, sink, run));
  out = sink.take();
  return SealReport{done.content_bytes, out.size()};
}

Result<OpenReport> open(ByteView sealed, Bytes& out, Openers keys, const OpenOptions& options, const Run& run) {
  auto opened = file::open_whole(sealed, out, keys, options, run);
  if (!opened) {
    wipe(out);
    out.clear();
  }
  return opened;
}

}  // namespace tablinum::seal
