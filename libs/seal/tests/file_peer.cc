/// Seals or opens standard input to standard output for tests/sealed_file/interop_test.py:
///   file_peer seal|open WORD…   where a word is
///   w=KEY  s=PASSPHRASE  x=PUBLIC (X25519 ‖ ML-KEM-768) or SECRET (X25519 ‖ seed)  a=PUBLIC, anonymous  key material in hexadecimal
///   cipher=N  chunk=N  padme  content (signed)  sign=SEEDS (Ed25519 ‖ ML-DSA-65)  by=PUBLIC  comment=TEXT  stream
#include <cstdio>
#include <map>

#include "tablinum/seal/contact_card.h"
#include "tablinum/seal/identity.h"
#include "tablinum/seal/sealed_file.h"

namespace tablinum::seal {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }
Secret<32> secret_at(ByteView bytes, std::size_t place) { return Secret<32>{bytes.subspan(place).first<32>()}; }

struct Job {
  std::vector<std::unique_ptr<Recipient>> recipients;
  std::vector<std::unique_ptr<Opener>> openers;
  std::unique_ptr<Signer> signer;
  std::unique_ptr<SignatureVerifier> verifier;
  SealOptions options;
  bool stream = false;

  void take(const std::string& key, const std::string& value, bool sealing) {
    if (key == "w") {
      const SymmetricKey symmetric{secret_at(hex(value), 0)};
      recipients.push_back(std::make_unique<SymmetricKey>(symmetric));
      openers.push_back(std::make_unique<SymmetricKey>(symmetric));
    } else if (key == "s") {
      recipients.push_back(make_passphrase_recipient(bytes_of(value), {.passes = 2, .memory_kib = 64}).value());
      openers.push_back(make_passphrase_opener(bytes_of(value)));
    } else if (key == "x" && !sealing) {
      const Bytes secret = hex(value);
      openers.push_back(make_identity_opener({secret_at(secret, 0), Secret<64>{ByteView{secret}.subspan(32).first<64>()}}));
    } else if (key == "x" || key == "a") {
      recipients.push_back(make_identity_recipient(ExchangePublicKey::parse(hex(value)).value(), key == "a"));
    } else if (key == "sign") {
      const Bytes seeds = hex(value);
      signer = make_signer(HybridSigner{secret_at(seeds, 0), secret_at(seeds, 32)});
      options.signer = signer.get();
    } else if (key == "by") {
      verifier = make_verifier(HybridVerifier::parse(hex(value)).value());
    } else if (key == "cipher") {
      options.cipher = static_cast<Cipher>(std::stoi(value));
    } else if (key == "chunk") {
      options.chunk_log2 = static_cast<unsigned>(std::stoi(value));
    } else if (key == "comment") {
      options.meta = {{kMetaComment, Bytes{bytes_of(value).begin(), bytes_of(value).end()}}};
    } else if (key == "padme") {
      options.padding = Padding::padme;
    } else if (key == "content") {
      options.sign_content = true;
    } else if (key == "stream") {
      stream = true;
    }
  }
};

template <class T>
std::vector<const T*> pointers(const std::vector<std::unique_ptr<T>>& all) {
  std::vector<const T*> result;
  for (const auto& each : all) result.push_back(each.get());
  return result;
}

Result<void> run(const Job& job, bool sealing) {
  TRY(in, open_source("-"));
  TRY(out, create_sink("-"));
  const auto recipients = pointers(job.recipients);
  const auto openers = pointers(job.openers);
  const SignatureVerifier* verifier = job.verifier.get();
  OpenOptions options;
  if (verifier != nullptr) options = {.verifiers = {&verifier, 1}, .signature_required = true};
  if (job.stream) {
    const auto pool = make_thread_pool(2);
    const Run with{.executor = pool.get()};
    if (sealing) {
      CHECK_OK(seal(*in, *out, recipients, job.options, with));
    } else {
      CHECK_OK(open(*in, *out, openers, options, with));
    }
    return {};
  }
  TRY(input, read_all(*in, std::size_t{1} << 30));
  Bytes output;
  if (sealing) {
    CHECK_OK(seal(input, output, recipients, job.options));
  } else {
    CHECK_OK(open(input, output, openers, options));
  }
  CHECK_OK(out->write(output));
  return out->finish();
}

}  // namespace
}  // namespace tablinum::seal

int main(int count, char** words) {
  if (count < 2) return 2;
  const bool sealing = std::string_view{words[1]} == "seal";
  tablinum::seal::Job job;
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    const auto equals = word.find('=');
    job.take(word.substr(0, equals), equals == std::string::npos ? "" : word.substr(equals + 1), sealing);
  }
  const auto done = tablinum::seal::run(job, sealing);
  if (!done) std::fprintf(stderr, "%s\n", tablinum::describe(done.error()).c_str());
  return done ? 0 : 1;
}
