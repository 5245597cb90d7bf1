// tablinum pre …: vector proxy re-encryption with the files and options of the exchange's first command line (contract
// "exchange", §4).
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <mutex>

#include "console.h"
#include "tablinum/base/json.h"
#include "tablinum/base/time.h"
#include "tablinum/seal/idk.h"

namespace tablinum::app {
namespace {

namespace fhe = seal::fhe;
namespace idk = seal::idk;

constexpr std::size_t kKeyFileBytesMax = 8 << 20;
constexpr std::size_t kLegacyBytesMax = std::size_t{256} << 20;
constexpr std::size_t kPipedBytesMax = std::size_t{1} << 30;

// What all of these commands take.
struct Arguments {
  std::string cc = "cc.json", public_key, secret_key, rekey = "rekey.json", signing_key, verifying_key;
  std::string text, input, output, prefix, recipient, sender;
  std::uint64_t plaintext_modulus = 65537;
  unsigned scaling_mod_size = 60;
  bool force = false;
};

std::unexpected<Error> at_file(const std::string& path, const Error& error) {
  return fail(error.code,
              fmt::format("{}: {}", path, error.detail.empty() ? std::string{to_string(error.code)} : error.detail));
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  auto source = open_source(path);
  if (!source) return at_file(path, source.error());
  auto bytes = read_all(**source, bytes_max);
  if (!bytes) return at_file(path, bytes.error());
  return std::string{text_of(*bytes)};
}

// A key that others on the machine can read is no longer a secret; better to hear it now.
Result<void> check_private(const std::string& path) {
  struct stat found{};
  if (path == "-" || stat(path.c_str(), &found) != 0 || (found.st_mode & 077) == 0) return {};
  return fail(Code::denied, fmt::format("{}: others can read this secret key; run: chmod 600 {}", path, path));
}

// The bytes of {"field": base64}.
Result<Bytes> read_json_field(const std::string& path, const char* field) {
  TRY(text, read_text(path, kKeyFileBytesMax));
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view value;
  if (parser.parse(text).get(document) != simdjson::SUCCESS || document[field].get(value) != simdjson::SUCCESS)
    return fail(Code::corrupt, fmt::format("{}: not a JSON object with \"{}\"", path, field));
  auto bytes = from_base64(value);
  if (!bytes) return fail(Code::corrupt, fmt::format("{}: \"{}\" is not base64", path, field));
  return std::move(*bytes);
}

template <class Read>
auto read_object(const std::string& path, const char* field, Read&& read) -> decltype(read(ByteView{})) {
  TRY(bytes, read_json_field(path, field));
  auto object = read(bytes);
  wipe(bytes);
  if (!object && object.error().code == Code::corrupt)
    return fail(Code::corrupt,
                fmt::format("{}: {} (files made by OpenFHE are not read; make new ones)", path, object.error().detail));
  if (!object) return at_file(path, object.error());
  return object;
}

Result<fhe::SecretKey> read_secret_key(const std::string& path) {
  CHECK_OK(check_private(path));
  return read_object(path, "key", fhe::deserialize_secret_key);
}

Result<seal::Secp256k1Signer> read_signing_key(const std::string& path) {
  CHECK_OK(check_private(path));
  TRY(text, read_text(path, 1024));
  while (!text.empty() && std::string_view{" \r\n\t"}.contains(text.back())) text.pop_back();
  auto bytes = from_hex(text);
  wipe(std::as_writable_bytes(std::span{text}));
  if (!bytes || bytes->size() != 32) return fail(Code::corrupt, path + ": not a signing key (64 hexadecimal digits)");
  const Secret<32> scalar{ByteView{*bytes}.first<32>()};
  wipe(*bytes);
  auto signer = seal::Secp256k1Signer::from_scalar(scalar);
  if (!signer) return at_file(path, signer.error());
  return signer;
}

Result<seal::Secp256k1Public> read_verifying_key(const std::string& path) {
  TRY(text, read_text(path, 1024));
  while (!text.empty() && std::string_view{" \r\n\t"}.contains(text.back())) text.pop_back();
  auto key = idk::public_key_from_hex(text);
  if (!key) return fail(Code::corrupt, path + ": not a verifying key (128 hexadecimal digits)");
  return key;
}

Result<std::unique_ptr<Sink>> create_output(const std::string& path, const Arguments& a, bool secret = false) {
  auto sink = create_sink(path, {.existing = a.force ? Existing::replace : Existing::refuse, .mode = secret ? 0600U : 0666U});
  if (!sink && sink.error().code == Code::exists) return fail(Code::exists, path + ": is there already (--force replaces it)");
  if (!sink) return at_file(path, sink.error());
  return sink;
}

Result<void> write_text(const std::string& path, std::string_view text, const Arguments& a, bool secret = false) {
  TRY(sink, create_output(path, a, secret));
  CHECK_OK(sink->write(bytes_of(text)));
  return sink->finish();
}

Result<void> write_object(const std::string& path, const char* field, ByteView bytes, const Arguments& a, bool secret = false) {
  auto base64 = to_base64(bytes);
  auto text = fmt::format("{{\"{}\": \"{}\"}}", field, base64);
  auto done = write_text(path, text, a, secret);
  if (secret) wipe(std::as_writable_bytes(std::span{text})), wipe(std::as_writable_bytes(std::span{base64}));
  return done;
}

// Both files of a pair are new, or neither is written.
Result<void> check_new(const Arguments& a, std::initializer_list<std::string> paths) {
  for (const auto& path : paths)
    if (!a.force && is_there(path)) return fail(Code::exists, path + ": is there already (--force replaces it)");
  return {};
}

// Shows how far reading has come. Parts are read on several threads.
class WatchedFile final : public RandomAccess {
 public:
  WatchedFile(const RandomAccess& file, const Globals& globals, const StopRequest& stop)
      : file_{file}, bar_{globals}, stop_{stop} {}
  std::uint64_t size() const noexcept override { return file_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
    if (stop_.made()) return fail(Code::cancelled, "stopped");
    {
      const std::lock_guard lock{mutex_};
      furthest_ = std::max(furthest_, offset + into.size());
      bar_.show("encrypt", std::min(furthest_, size()), size());
    }
    return file_.read_at(offset, into);
  }

 private:
  const RandomAccess& file_;
  mutable ProgressBar bar_;
  const StopRequest& stop_;
  mutable std::mutex mutex_;
  mutable std::uint64_t furthest_ = 0;
};

class WatchedSource final : public Source {
 public:
  WatchedSource(Source& source, std::uint64_t total, const char* what, const Globals& globals, const StopRequest& stop)
      : source_{source}, total_{total}, what_{what}, bar_{globals}, stop_{stop} {}
  Result<std::size_t> read(MutableBytes into) override {
    if (stop_.made()) return fail(Code::cancelled, "stopped");
    auto got = source_.read(into);
    if (got) done_ += *got;
    if (total_ > 0) bar_.show(what_, done_, total_);
    return got;
  }

 private:
  Source& source_;
  std::uint64_t total_;
  const char* what_;
  ProgressBar bar_;
  const StopRequest& stop_;
  std::uint64_t done_ = 0;
};

std::uint64_t size_of(const std::string& path) {
  struct stat found{};
  return path != "-" && stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

void say(const Globals& globals, const std::vector<std::pair<std::string, std::string>>& fields, const std::string& text,
         bool to_pipe, std::optional<std::uint64_t> bytes = {}) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  for (const auto& [key, value] : fields) w.field(key, value);
  w.field_if("bytes", bytes);
  w.end_object();
  const auto object = w.take();
  if (!to_pipe) return print_result(globals, object, text);
  if (!globals.quiet) fmt::print(stderr, "{}\n", text);  // standard output is the result itself
}

Result<int> run_gen_cc(const Globals& globals, const Arguments& a) {
  TRY(of, fhe::context({.plaintext_modulus = a.plaintext_modulus, .limb_bits = a.scaling_mod_size}));
  CHECK_OK(write_object(a.output, "cc", fhe::serialize(*of), a));
  say(globals, {{"output", a.output}}, fmt::format("Crypto context of {} slots saved to {}", of->ring_dimension(), a.output),
      a.output == "-");
  return 0;
}

Result<int> run_gen_keys(const Globals& globals, const Arguments& a) {
  const auto public_path = a.prefix + ".pub", secret_path = a.prefix + ".sec";
  TRY(of, read_object(a.cc, "cc", fhe::deserialize_context));
  CHECK_OK(check_new(a, {public_path, secret_path}));
  const auto keys = fhe::generate_keys(of);
  CHECK_OK(write_object(secret_path, "key", fhe::serialize(keys.secret_key), a, true));
  CHECK_OK(write_object(public_path, "key", fhe::serialize(keys.public_key), a));
  say(globals, {{"publicKey", public_path}, {"secretKey", secret_path}},
      fmt::format("Public key saved to {}, secret key to {}", public_path, secret_path), false);
  return 0;
}

Result<int> run_gen_signing_keys(const Globals& globals, const Arguments& a) {
  const auto public_path = a.prefix + ".pub", secret_path = a.prefix + ".sec";
  CHECK_OK(check_new(a, {public_path, secret_path}));
  const auto signer = seal::Secp256k1Signer::random();
  auto secret = to_hex(signer.scalar().view());
  auto written = write_text(secret_path, secret, a, true);
  wipe(std::as_writable_bytes(std::span{secret}));
  CHECK_OK(std::move(written));
  CHECK_OK(write_text(public_path, to_hex(signer.public_key()), a));
  say(globals, {{"publicKey", public_path}, {"secretKey", secret_path}},
      fmt::format("Signing public key saved to {}, secret key to {}", public_path, secret_path), false);
  return 0;
}

Result<void> encrypt_to(const Globals& globals, const Arguments& a, const RandomAccess& plain, const fhe::PublicKey& key,
                        const seal::Secp256k1Signer& signer) {
  const StopRequest stop;
  const WatchedFile watched{plain, globals, stop};
  const auto pool = make_thread_pool();
  TRY(out, create_output(a.output, a));
  CHECK_OK(idk::create(watched, key, signer, *out, {.optional_headers = {}, .executor = pool.get()}));
  return out->finish();
}

Result<int> run_encrypt(const Globals& globals, const Arguments& a) {
  if (a.text.empty() == a.input.empty()) return fail(Code::invalid, "give either --data or --input-file");
  TRY(of, read_object(a.cc, "cc", fhe::deserialize_context));
  TRY(key, read_object(a.public_key, "key", fhe::deserialize_public_key));
  if (key.context != of) return fail(Code::invalid, a.public_key + ": made in another context than " + a.cc);
  TRY(signer, read_signing_key(a.signing_key));
  if (!a.input.empty() && a.input != "-") {
    auto file = open_random_access(a.input);
    if (!file) return at_file(a.input, file.error());
    CHECK_OK(encrypt_to(globals, a, **file, key, signer));
  } else {
    Bytes plain;
    if (a.input == "-") {
      TRY(source, open_source("-"));
      TRY(piped, read_all(*source, kPipedBytesMax));
      plain = std::move(piped);
    }
    CHECK_OK(encrypt_to(globals, a, MemoryFile{a.input == "-" ? ByteView{plain} : bytes_of(a.text)}, key, signer));
  }
  say(globals, {{"output", a.output}}, "IDK message saved to " + a.output, a.output == "-");
  return 0;
}

Result<int> run_decrypt(const Globals& globals, const Arguments& a) {
  TRY(of, read_object(a.cc, "cc", fhe::deserialize_context));
  TRY(key, read_secret_key(a.secret_key));
  if (key.context != of) return fail(Code::invalid, a.secret_key + ": made in another context than " + a.cc);
  TRY(verifying, read_verifying_key(a.verifying_key));
  auto message = open_source(a.input);
  if (!message) return at_file(a.input, message.error());
  const StopRequest stop;
  WatchedSource watched{**message, size_of(a.input), "decrypt", globals, stop};
  TRY(out, create_output(a.output, a, true));
  auto done = idk::decrypt(watched, key, *out, {verifying});
  if (!done) return at_file(a.input, done.error());
  CHECK_OK(out->finish());
  const auto who = done->recrypted ? fmt::format("re-encrypted by a proxy whose key was expected, who says it is from {:.16}…",
                                                 done->original_sender)
                                   : std::string{"signed by the expected key"};
  say(globals, {{"output", a.output}, {"signer", done->signer}},
      fmt::format("Decrypted {} bytes to {}; {}", done->bytes_total, a.output, who), a.output == "-", done->bytes_total);
  return 0;
}

Result<int> run_gen_rekey(const Globals& globals, const Arguments& a) {
  TRY(of, read_object(a.cc, "cc", fhe::deserialize_context));
  TRY(from, read_secret_key(a.secret_key));
  TRY(to, read_object(a.public_key, "key", fhe::deserialize_public_key));
  if (from.context != of) return fail(Code::invalid, a.secret_key + ": made in another context than " + a.cc);
  TRY(rekey, fhe::make_rekey(from, to));
  // Who has it and the receiver's key has the sender's: as secret as a key.
  CHECK_OK(write_object(a.output, "rekey", fhe::serialize(rekey), a, true));
  say(globals, {{"output", a.output}}, "Recryption key saved to " + a.output, a.output == "-");
  return 0;
}

// {"ciphertexts": [base64 …], "length": …}, as an older client wrote.
Result<void> recrypt_json(const Arguments& a, const fhe::ReKey& rekey, std::string_view text, Sink& out) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array items;
  if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS ||
      document["ciphertexts"].get(items) != simdjson::SUCCESS)
    return fail(Code::corrupt, a.input + ": neither an IDK message nor a JSON object with \"ciphertexts\"");
  std::string result = "{\"ciphertexts\": [";
  bool first = true;
  for (const auto item : items) {
    std::string_view base64;
    if (item.get(base64) != simdjson::SUCCESS) return fail(Code::corrupt, a.input + ": a ciphertext is no text");
    TRY(bytes, from_base64(base64));
    TRY(ciphertext, fhe::deserialize_ciphertext(bytes));
    TRY(moved, fhe::reencrypt(rekey, ciphertext));
    result += fmt::format("{}\"{}\"", first ? "" : ", ", to_base64(fhe::serialize(moved)));
    first = false;
  }
  std::uint64_t length = 0;
  result += document["length"].get(length) == simdjson::SUCCESS ? fmt::format("], \"length\": {}}}", length) : "]}";
  return out.write(bytes_of(result));
}

Result<void> recrypt_message(const Globals& globals, const Arguments& a, const fhe::ReKey& rekey, Source& message, Sink& out) {
  if (a.signing_key.empty() || a.recipient.empty())
    return fail(Code::invalid,
                "an IDK message needs --signing-key-path (the proxy's) and --recipient (hex of the receiver's account)");
  TRY(proxy, read_signing_key(a.signing_key));
  const StopRequest stop;
  WatchedSource watched{message, size_of(a.input), "recrypt", globals, stop};
  return idk::recrypt(watched, rekey, proxy, out,
                      {.original_sender = a.sender, .recipient = a.recipient, .timestamp = to_rfc3339(wall_now())});
}

Result<bool> looks_like_json(const std::string& path) {
  if (path == "-") return false;
  auto source = open_source(path);
  if (!source) return at_file(path, source.error());
  std::array<std::byte, 64> head{};
  TRY(got, read_full(**source, head));
  const auto text = text_of(ByteView{head}.first(got));
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

Result<int> run_recrypt(const Globals& globals, const Arguments& a) {
  TRY(of, read_object(a.cc, "cc", fhe::deserialize_context));
  CHECK_OK(check_private(a.rekey));
  TRY(rekey, read_object(a.rekey, "rekey", fhe::deserialize_rekey));
  if (rekey.context != of) return fail(Code::invalid, a.rekey + ": made in another context than " + a.cc);
  TRY(is_json, looks_like_json(a.input));
  TRY(out, create_output(a.output, a));
  if (is_json) {
    TRY(text, read_text(a.input, kLegacyBytesMax));
    CHECK_OK(recrypt_json(a, rekey, text, *out));
  } else {
    auto message = open_source(a.input);
    if (!message) return at_file(a.input, message.error());
    CHECK_OK(recrypt_message(globals, a, rekey, **message, *out));
  }
  CHECK_OK(out->finish());
  say(globals, {{"output", a.output}}, "Recrypted ciphertext saved to " + a.output, a.output == "-");
  return 0;
}

using Run = Result<int> (*)(const Globals&, const Arguments&);

// A command with its arguments, which live as long as the parser.
struct Command {
  CLI::App* app;
  std::shared_ptr<Arguments> a = std::make_shared<Arguments>();

  Command(Commands& commands, CLI::App& group, const char* name, const char* help, Run run)
      : app{group.add_subcommand(name, help)} {
    app->callback([&commands, a = a, run] {
      commands.chosen = [&globals = commands.globals, a, run] {
        const auto result = run(globals, *a);
        return result ? *result : report(globals, result.error());
      };
    });
    app->add_flag("--force", a->force, "Replace files that are there");
  }
  Command& text(const char* flag, std::string Arguments::* member, const char* help, const char* by_default = nullptr) {
    auto* option = app->add_option(flag, (*a).*member, help);
    if (by_default != nullptr) {
      (*a).*member = by_default;
      option->capture_default_str();
    }
    return *this;
  }
  Command& needed(const char* flag, std::string Arguments::* member, const char* help) {
    app->add_option(flag, (*a).*member, help)->required();
    return *this;
  }
  Command& cc() { return text("--cc-path", &Arguments::cc, "Crypto context, from gen-cc", "cc.json"); }
};

void add_recrypt(Commands& commands, CLI::App& group) {
  Command recrypt{commands, group, "recrypt", "Makes a message for Alice readable for Bob, without reading it", run_recrypt};
  recrypt.app->alias("re-encrypt");
  recrypt.cc()
      .text("--rekey-path", &Arguments::rekey, "Re-encryption key, from gen-rekey", "rekey.json")
      .needed("--ciphertext-path", &Arguments::input, "IDK message, or JSON with \"ciphertexts\"; - is standard input")
      .text("--output", &Arguments::output, "Result; - is standard output", "reciphertext.json")
      .text("--signing-key-path", &Arguments::signing_key, "Of an IDK message: the proxy's signing key")
      .text("--recipient", &Arguments::recipient, "Of an IDK message: the receiver's account key, hexadecimal")
      .text("--sender", &Arguments::sender, "Of an IDK message: the sender's account key (else the message's signer)");
}

}  // namespace

void add_pre_commands(Commands& commands) {
  auto* group = commands.root.add_subcommand(
      "pre", "Vector proxy re-encryption in the older exchange's files (for new files: seal, delegate, transform)");
  group->require_subcommand(1);
  Command gen_cc{commands, *group, "gen-cc", "Makes a crypto context, which all keys and messages share", run_gen_cc};
  gen_cc.text("--output", &Arguments::output, "File to write", "cc.json");
  gen_cc.app->add_option("--plaintext-modulus", gen_cc.a->plaintext_modulus, "A prime, 1 modulo 16384 to hold bytes")
      ->capture_default_str();
  gen_cc.app->add_option("--scaling-mod-size", gen_cc.a->scaling_mod_size, "Bits of each prime of the ciphertexts, 40 to 60")
      ->capture_default_str();
  Command{commands, *group, "gen-keys", "Makes a key pair: PREFIX.pub and PREFIX.sec", run_gen_keys}.cc().text(
      "--output-prefix", &Arguments::prefix, "First part of both files' names", "key");
  Command{commands, *group, "gen-signing-keys", "Makes an ECDSA key pair for signing messages: PREFIX.pub and PREFIX.sec",
          run_gen_signing_keys}
      .text("--output-prefix", &Arguments::prefix, "First part of both files' names", "idk_signing");
  Command{commands, *group, "encrypt", "Encrypts a file into a signed IDK message", run_encrypt}
      .cc()
      .needed("--pk-path", &Arguments::public_key, "Public key of the reader")
      .needed("--signing-key-path", &Arguments::signing_key, "Your signing key")
      .text("--data", &Arguments::text, "Text to encrypt; others on this machine can see it, so better --input-file")
      .text("--input-file", &Arguments::input, "File to encrypt; - is standard input")
      .text("--output", &Arguments::output, "IDK message to write; - is standard output", "ciphertext.idk");
  Command{commands, *group, "decrypt", "Verifies and decrypts an IDK message", run_decrypt}
      .cc()
      .needed("--sk-path", &Arguments::secret_key, "Your secret key")
      .needed("--verifying-key-path", &Arguments::verifying_key,
              "Signing key that you expect: the sender's, or the proxy's if it was recrypted")
      .text("--ciphertext-path", &Arguments::input, "IDK message; - is standard input", "ciphertext.idk")
      .text("--output-file", &Arguments::output, "File to write; - is standard output", "-");
  Command{commands, *group, "gen-rekey", "Makes the key that turns Alice's messages into Bob's", run_gen_rekey}
      .cc()
      .needed("--sk-path-from", &Arguments::secret_key, "Alice's secret key")
      .needed("--pk-path-to", &Arguments::public_key, "Bob's public key")
      .text("--output", &Arguments::output, "File to write", "rekey.json");
  add_recrypt(commands, *group);
}

}  // namespace tablinum::app
