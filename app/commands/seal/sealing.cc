// seal, open, inspect, verify: sealed files.
#include <unistd.h>

#include <algorithm>

#include "commands/seal/keyring.h"
#include "commands/seal/support.h"

namespace tablinum::app::sealing {
namespace {

using seal::StanzaType;

constexpr std::string_view kSuffix = ".sealed";

/// What a file is that is no sealed file, as far as its first bytes tell: those are public, so opening may name them.
std::string_view kind_of_file(std::string_view start) {
  if (start.starts_with("-----BEGIN TABLINUM CARD") || start.starts_with("-----BEGIN TABLINUM IDENTITY"))
    return "It is a card or an identity. See: tablinum identity show";
  if (start.starts_with("-----BEGIN TABLINUM BACKUP")) return "It is a backup. See: tablinum identity restore";
  if (start.starts_with("----- BEGIN IDK MESSAGE")) return "It is an IDK message. See: tablinum pre --help";
  if (start.starts_with("age-encryption.org/")) return "It is a file of age: open it with that program";
  if (start.starts_with("{") || start.starts_with("TPRF")) return "If it is a proof, see: tablinum proof verify";
  return "";
}

/// The same error, saying that (and what) the file is instead, where that is why.
Error not_sealed(const std::string& path, Error error) {
  if (path == "-" || (error.code != Code::corrupt && error.code != Code::invalid)) return at(path, std::move(error));
  const auto again = open_source(path);
  std::array<std::byte, 64> start{};
  const auto got = again ? read_full(**again, start) : Result<std::size_t>{0U};
  const std::string_view text = text_of(ByteView{start}.first(got ? *got : 0));
  constexpr std::string_view kMagic = "SEAL\x01\r\n\x1a";
  if (!again || !got || text.starts_with(kMagic)) return at(path, std::move(error));
  const std::string_view why = *got == 0 ? "it is empty" : kMagic.starts_with(text) ? "it is cut off" : "not a sealed file";
  return at(path, {Code::invalid, std::string{why}}, kind_of_file(text));
}

Result<seal::Header> header_of(const std::string& path) {
  TRY(source, open_source(path));
  auto header = seal::read_header(*source);
  if (!header) return std::unexpected(not_sealed(path, std::move(header).error()));
  return header;
}

// ---- where outputs go

struct Outputs {
  std::string out;
  bool force = false;
  SinkOptions sink() const { return {.existing = force ? Existing::replace : Existing::refuse}; }
};

void add_output_options(CLI::App* command, Outputs& into, const char* several) {
  command->add_option("-o,--output", into.out,
                      std::string{"File to write; '-' for standard output (the default for one input). "} + several);
  command->add_flag("-f,--force", into.force, "Replace what is there");
}

std::string sealed_name(const std::string& path) { return path + std::string{kSuffix}; }
Result<std::string> opened_name(const std::string& path) {
  if (path.ends_with(kSuffix) && file_name(path).size() > kSuffix.size()) return path.substr(0, path.size() - kSuffix.size());
  return fail(Code::invalid, fmt::format("{}: does not end with {}, so what to call its content? Give -o FILE", path, kSuffix));
}

/// One job an input: to the file given, into the folder given, or, for several, beside the inputs.
Result<std::vector<seal::FileJob>> plan(std::vector<std::string> inputs, const Outputs& outputs, bool sealing) {
  if (inputs.empty()) inputs.emplace_back("-");
  const bool into_folder = is_folder(outputs.out);
  if (inputs.size() == 1 && !into_folder)
    return std::vector<seal::FileJob>{{inputs[0], outputs.out.empty() ? "-" : outputs.out}};
  if (!outputs.out.empty() && !into_folder)
    return fail(Code::invalid, outputs.out + ": several files go into a folder, and this is none");
  std::vector<seal::FileJob> jobs;
  for (const auto& input : inputs) {
    if (input == "-") return fail(Code::invalid, "standard input cannot be one of several files");
    TRY(name, sealing ? Result<std::string>{sealed_name(input)} : opened_name(input));
    jobs.push_back({input, into_folder ? outputs.out + "/" + file_name(name) : name});
  }
  std::vector<std::string> targets;
  for (const auto& job : jobs) targets.push_back(job.out);
  std::ranges::sort(targets);
  if (const auto twice = std::ranges::adjacent_find(targets); twice != targets.end())
    return fail(Code::conflict, *twice + ": two of the files would get this name");
  return jobs;
}

Error remedied(Error error, const std::string& out) {
  if (error.code == Code::exists)
    return at(out, std::move(error), "Choose another name with -o, or give --force to replace it");
  if (error.code == Code::no_space) return at(out, std::move(error), "Nothing was written. Free some space and try again");
  if (error.code == Code::closed) return {error.code, out + ": whoever was to read this went away; the output is not complete"};
  return error;
}

/// --passphrase-file is the sealed file's where there is one (-p), else the identity's.
const PassphraseFrom& for_identity(const auto& arguments) {
  return arguments.identity_passphrase.file.empty() && !arguments.with_passphrase ? arguments.passphrase
                                                                                  : arguments.identity_passphrase;
}

// ---- seal

struct SealArguments {
  std::vector<std::string> inputs, cards, collections, key_files;
  Outputs outputs;
  std::string identity, keys, comment, cipher = "aes-256-gcm";
  PassphraseFrom passphrase, identity_passphrase;
  bool with_passphrase = false, anonymous = false, pad = false, resume = false;
  unsigned chunk_log2 = seal::kChunkLog2Default, threads = 0;
};

/// Everything that seal() is given views of.
struct SealSetup {
  std::vector<std::unique_ptr<seal::Recipient>> owned;
  std::vector<const seal::Recipient*> recipients;
  std::optional<seal::Identity> identity;
  std::optional<seal::FileSigner> signer;
  std::vector<std::string> names;
  seal::SealOptions options;
  void add(std::unique_ptr<seal::Recipient> recipient, std::string name) {
    recipients.push_back(recipient.get());
    owned.push_back(std::move(recipient));
    names.push_back(std::move(name));
  }
};

Result<void> add_collections(SealSetup& setup, const SealArguments& arguments) {
  if (arguments.collections.empty()) return {};
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::reading));
  for (const auto& name : arguments.collections) {
    TRY(note, keyring.find(name));
    TRY(key, seal::collection_key(*setup.identity, note.phrase_number, note.id, note.epoch, note.suite));
    setup.add(std::make_unique<seal::CollectionRecipient>(key.public_key(), *setup.identity), "collection " + note.name);
  }
  return {};
}

Result<void> add_passphrase_recipient(SealSetup& setup, const SealArguments& arguments) {
  if (!setup.recipients.empty())
    return fail(Code::invalid, "a passphrase cannot stand beside other recipients: seal a second copy for it");
  TRY(passphrase, read_passphrase(arguments.passphrase, "Passphrase for the sealed file", Ask::twice));
  TRY(recipient, seal::make_passphrase_recipient(bytes_of(view(passphrase))));
  setup.add(std::move(recipient), "a passphrase");
  return {};
}

Result<void> set_options(seal::SealOptions& options, const SealArguments& arguments) {
  if (arguments.chunk_log2 < seal::kChunkLog2Min || arguments.chunk_log2 > seal::kChunkLog2Max)
    return fail(Code::invalid, fmt::format("--chunk-log2 is from {} to {}", seal::kChunkLog2Min, seal::kChunkLog2Max));
  options.cipher = arguments.cipher == "xchacha20-poly1305" ? Cipher::xchacha20_poly1305 : Cipher::aes256_gcm;
  options.chunk_log2 = arguments.chunk_log2;
  options.padding = arguments.pad ? seal::Padding::padme : seal::Padding::none;
  if (!arguments.comment.empty()) {
    const ByteView comment = bytes_of(arguments.comment);
    options.meta.push_back({seal::kMetaComment, {comment.begin(), comment.end()}});
  }
  return {};
}

Result<std::unique_ptr<seal::SymmetricKey>> load_key(const std::string& path) {
  TRY(key, read_key_file(path));
  return std::make_unique<seal::SymmetricKey>(key);
}

Result<void> set_up(SealSetup& setup, const SealArguments& arguments) {
  CHECK_OK(set_options(setup.options, arguments));
  TRY(cards, load_cards(arguments.cards));
  for (const auto& card : cards) setup.add(seal::card_recipient(card, arguments.anonymous), card.name());
  if (!arguments.identity.empty() || !arguments.collections.empty()) {
    TRY(identity, load_identity(arguments.identity, for_identity(arguments)));
    setup.identity = std::move(identity);
    setup.signer.emplace(*setup.identity);
    setup.options.signer = &*setup.signer;
    setup.options.sign_content = true;
    // Whoever signs can read it, too: a collection's owner opens nothing else.
    if (!arguments.with_passphrase)
      setup.add(seal::make_identity_recipient(setup.identity->exchange().public_key(), arguments.anonymous),
                setup.identity->name());
  }
  CHECK_OK(add_collections(setup, arguments));
  for (const auto& path : arguments.key_files) {
    TRY(key, load_key(path));
    setup.add(std::move(key), "the key of " + path);
  }
  if (arguments.with_passphrase) CHECK_OK(add_passphrase_recipient(setup, arguments));
  if (setup.recipients.empty())
    return fail(Code::invalid,
                "for whom? Give -r CARD (once for each reader), --collection NAME, --key FILE, -i FILE for yourself, or --passphrase");
  return {};
}

std::string seal_json(const seal::FileJob& job, const seal::SealReport& done, const SealSetup& setup) {
  auto w = begin_ok();
  w.field("input", job.in);
  w.field("output", job.out);
  w.field("contentBytes", done.content_bytes);
  w.field("sealedBytes", done.sealed_bytes);
  w.field("recipients", setup.recipients.size());
  w.field("signed", setup.options.signer != nullptr);
  return end(w);
}

// With standard output as the place for the bytes, the report goes to standard error or nowhere.
void print_report(const Globals& globals, const std::string& out, std::string_view json, const std::string& text) {
  if (out != "-")
    print_result(globals, json, globals.quiet ? "" : text);
  else if (globals.json)
    fmt::print(stderr, "{}\n", json);
}

Result<seal::SealReport> seal_one(const Globals& globals, const seal::FileJob& job, const SealArguments& arguments,
                                  SealSetup& setup, const StopRequest& stop) {
  const auto executor = make_thread_pool(arguments.threads);
  Progress progress{globals, "sealing", size_or_zero(job.in)};
  const seal::Run run{executor.get(), [&](std::uint64_t done) { return progress.show(done), !stop.made(); }};
  if (arguments.resume) {
    if (arguments.identity.empty() || job.in == "-" || job.out == "-")
      return fail(Code::invalid, "--resume needs a file, -o FILE and your identity (-i)");
    CHECK_OK(set_up(setup, arguments));
    TRY(partial, seal::open_partial(job.out, arguments.outputs.sink()));
    const seal::IdentityOpener self{*setup.identity};
    const seal::Opener* keys[] = {&self};
    return seal::seal_resumed([&] { return open_source(job.in); }, *partial, setup.recipients, keys, setup.options, run);
  }
  TRY(source, open_source(job.in));
  TRY(sink, create_sink(job.out, arguments.outputs.sink()));
  CHECK_OK(set_up(setup, arguments));  // after the files, so that no passphrase is asked for in vain
  return seal::seal(*source, *sink, setup.recipients, setup.options, run);
}

// ---- many files

struct BatchCount {
  std::size_t done = 0, failed = 0;
  std::uint64_t bytes = 0;
  std::optional<Error> first;
};

std::string batch_json(const BatchCount& count) {
  json::Writer w;
  w.begin_object();
  w.field("ok", count.failed == 0);
  w.field("files", count.done);
  w.field("failed", count.failed);
  w.field("contentBytes", count.bytes);
  if (count.first) {
    w.field("code", to_string(count.first->code));
    w.field("error", count.first->detail);
  }
  return end(w);
}

/// Reports each failure as it comes and goes on with the others.
class BatchReport {
 public:
  BatchReport(const Globals& globals, std::span<const seal::FileJob> jobs, std::string what)
      : globals_{globals}, jobs_{jobs}, progress_{globals, std::move(what), total(jobs)} {}
  bool operator()(std::size_t job, const Result<std::uint64_t>& bytes) {
    if (bytes) {
      ++count_.done;
      count_.bytes += *bytes;
      progress_.show(count_.bytes);
    } else {
      ++count_.failed;
      Error error = remedied(bytes.error(), jobs_[job].out);
      if (error.code == Code::corrupt) error = not_sealed(jobs_[job].in, std::move(error));
      else if (error.code != Code::exists && error.code != Code::no_space) error = at(jobs_[job].in, std::move(error));
      if (error.code != Code::cancelled || !count_.first) fmt::print(stderr, "tablinum: {}\n", error.detail);
      if (!count_.first) count_.first = std::move(error);
    }
    return !stop_.made();
  }
  int finish(std::string_view verb) const {
    const std::string text = fmt::format("{} {} files ({:.1f} MB), {} failed.", verb, count_.done,
                                         static_cast<double>(count_.bytes) / 1e6, count_.failed);
    print_result(globals_, batch_json(count_), globals_.quiet ? "" : text);
    return count_.first ? exit_code(count_.first->code) : 0;
  }

 private:
  static std::uint64_t total(std::span<const seal::FileJob> jobs) {
    std::uint64_t sum = 0;
    for (const auto& job : jobs) sum += size_or_zero(job.in);
    return sum;
  }
  const Globals& globals_;
  std::span<const seal::FileJob> jobs_;
  Progress progress_;
  BatchCount count_;
  StopRequest stop_;
};

/// Files that are there are done; those of which a part is there are continued; the others begin.
Result<int> seal_each_resumed(std::span<const seal::FileJob> jobs, const SealArguments& arguments, const SealSetup& setup,
                              Executor& executor, BatchReport& report) {
  const seal::IdentityOpener self{*setup.identity};
  const seal::Opener* keys[] = {&self};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto one = [&]() -> Result<std::uint64_t> {
      if (!arguments.outputs.force && is_there(jobs[i].out)) return std::uint64_t{0};
      TRY(partial, seal::open_partial(jobs[i].out, arguments.outputs.sink()));
      TRY(done, seal::seal_resumed([&] { return open_source(jobs[i].in); }, *partial, setup.recipients, keys, setup.options, {&executor}));
      return done.content_bytes;
    };
    if (!report(i, one())) break;
  }
  return report.finish("Sealed");
}

Result<int> run_seal(const Globals& globals, const SealArguments& arguments) {
  TRY(jobs, plan(arguments.inputs, arguments.outputs, true));
  SealSetup setup;
  if (jobs.size() > 1) {
    if (arguments.resume && arguments.identity.empty()) return fail(Code::invalid, "--resume needs your identity (-i)");
    CHECK_OK(set_up(setup, arguments));
    BatchReport report{globals, jobs, "sealing"};
    const auto executor = make_thread_pool(arguments.threads);
    if (arguments.resume) return seal_each_resumed(jobs, arguments, setup, *executor, report);
    seal::seal_files(jobs, setup.recipients, setup.options, arguments.outputs.sink(), *executor, report);
    return report.finish("Sealed");
  }
  const auto& job = jobs.front();
  if (job.out == "-" && isatty(STDOUT_FILENO) == 1)
    return fail(Code::invalid, "a sealed file is not for the terminal: give -o FILE");
  const StopRequest stop;
  auto done = seal_one(globals, job, arguments, setup, stop);
  if (!done) return std::unexpected(remedied(done.error(), job.out));
  const std::string text =
      fmt::format("Sealed {} for {} into {} ({} bytes).", job.in, fmt::join(setup.names, ", "), job.out, done->sealed_bytes);
  print_report(globals, job.out, seal_json(job, *done, setup), text);
  return 0;
}

// ---- open

struct OpenArguments {
  std::vector<std::string> inputs, identities, from, key_files;
  Outputs outputs;
  std::string transformed, keys;
  PassphraseFrom passphrase, identity_passphrase;
  bool with_passphrase = false, signature_required = false, resume = false;
  unsigned threads = 0;
};

struct OpenSetup {
  std::vector<seal::Identity> identities;
  std::vector<std::unique_ptr<seal::Opener>> owned;
  std::vector<const seal::Opener*> keys;
  std::vector<seal::ContactCard> cards;
  std::vector<seal::FileVerifier> verifiers;
  std::vector<const seal::SignatureVerifier*> verifier_views;
  std::optional<Keyring> keyring;
  std::optional<seal::pre::FolderFailureBudget> budget;
  std::optional<seal::TransformedFile> transformed;
  std::optional<seal::PartyVerifier> owner;
  seal::OpenOptions options;
  void add(std::unique_ptr<seal::Opener> opener) {
    keys.push_back(opener.get());
    owned.push_back(std::move(opener));
  }
};

/// The card of the delegation's owner, among those given: its present or a former key.
const seal::HybridVerifier* owner_key(const std::vector<seal::ContactCard>& cards, const seal::pre::IdentityId& owner) {
  for (const auto& card : cards) {
    if (party_id(card.fingerprint()) == owner) return &card.signer();
    for (const auto& each : card.successions())
      if (party_id(fingerprint_of(each.former)) == owner) return &each.former;
  }
  return nullptr;
}

std::string proxy_name(const seal::TransformedFile& file) { return "proxies/" + to_hex(file.ticket.facts().collection.bytes); }

/// A proxy is known by its key from the first file on that it made readable: another one for the same collection is refused.
Result<void> check_proxy(const Keyring& keyring, const seal::TransformedFile& file) {
  const std::string name = proxy_name(file);
  if (!keyring.has(name)) return {};
  TRY(known, keyring.read(name));
  if (text_of(known) == to_hex(file.proxy.bytes)) return {};
  return fail(
      Code::denied,
      fmt::format("another proxy than before answered for this collection. If its owner says that this is right, delete {}/{}",
                  keyring.path(), name));
}

/// Which of the collections here, in which epoch, is the group that a file was transformed for.
Result<void> add_group_key(OpenSetup& setup) {
  const auto& facts = setup.transformed->ticket.facts();
  TRY(notes, setup.keyring->collections());
  for (const auto& note : notes)
    for (const auto& identity : setup.identities)
      for (std::int64_t epoch = note.epoch; epoch >= 0 && note.suite == facts.suite; --epoch)
        for (std::uint32_t words = 0; words <= identity.phrase_number(); ++words) {
          auto key = seal::collection_key(identity, words, note.id, static_cast<std::uint32_t>(epoch), note.suite);
          if (!key || key->public_key().hash() != facts.delegate_key) continue;
          setup.add(std::make_unique<seal::GroupOpener>(seal::pre::GroupSecret{std::move(*key)}, *setup.transformed, *setup.owner,
                                                        *setup.budget));
          return {};
        }
  return fail(Code::not_found, "made for a group that is none of your collections. See: tablinum collection list");
}

Result<void> add_transformed(OpenSetup& setup, const OpenArguments& arguments) {
  TRY(bytes, read_file(arguments.transformed, 1 << 20));
  auto file = seal::TransformedFile::parse(bytes);
  if (!file) return std::unexpected(at(arguments.transformed, file.error(), "It is what `tablinum transform` writes"));
  const auto* owner = owner_key(setup.cards, file->ticket.facts().owner);
  if (owner == nullptr)
    return fail(Code::denied,
                arguments.transformed + ": made for a collection of somebody else: give the owner's card with --from");
  setup.owner.emplace(*owner);
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  setup.keyring.emplace(std::move(keyring));
  setup.budget.emplace(budget_folder(*setup.keyring));
  CHECK_OK(check_proxy(*setup.keyring, *file));
  setup.transformed.emplace(std::move(*file));
  if (setup.transformed->ticket.facts().group) return add_group_key(setup);
  for (const auto& identity : setup.identities)
    setup.add(std::make_unique<seal::TransformedOpener>(identity, *setup.transformed, *setup.owner, *setup.budget));
  return {};
}

Result<void> add_identities(OpenSetup& setup, const OpenArguments& arguments) {
  std::vector<std::string> paths = arguments.identities;
  const bool other_keys = arguments.with_passphrase || !arguments.key_files.empty();
  if (paths.empty() && (!other_keys || !arguments.transformed.empty())) paths.emplace_back();
  setup.identities.reserve(paths.size());  // openers point at them
  for (const auto& path : paths) {
    TRY(identity, load_identity(path, for_identity(arguments)));
    setup.identities.push_back(std::move(identity));
    setup.add(std::make_unique<seal::IdentityOpener>(setup.identities.back()));
  }
  return {};
}

Result<void> set_up(OpenSetup& setup, const OpenArguments& arguments) {
  TRY(cards, load_cards(arguments.from));
  setup.cards = std::move(cards);
  for (const auto& card : setup.cards)
    for (auto& verifier : file_verifiers(card)) setup.verifiers.push_back(std::move(verifier));
  for (const auto& verifier : setup.verifiers) setup.verifier_views.push_back(&verifier);
  setup.options = {setup.verifier_views, arguments.signature_required};
  CHECK_OK(add_identities(setup, arguments));
  if (!arguments.transformed.empty()) CHECK_OK(add_transformed(setup, arguments));
  for (const auto& path : arguments.key_files) {
    TRY(key, load_key(path));
    setup.add(std::move(key));
  }
  if (arguments.with_passphrase) {
    TRY(passphrase, read_passphrase(arguments.passphrase, "Passphrase of the sealed file", Ask::once));
    setup.add(seal::make_passphrase_opener(bytes_of(view(passphrase))));
  }
  return {};
}

std::string_view words_for(seal::SignatureState state) {
  switch (state) {
    case seal::SignatureState::none: return "unsigned";
    case seal::SignatureState::unknown_signer: return "unknown_signer";
    case seal::SignatureState::good: return "good";
    default: return "bad";
  }
}

/// Of what was opened: of its content, where that is signed, and of its header.
seal::SignatureState state_of(const seal::OpenReport& report) {
  if (report.is_signed() || !report.header.signs_content() || report.signature != seal::SignatureState::good) return report.signature;
  return report.content;
}

std::string signer_name(const std::optional<seal::SignerId>& signer, const std::vector<seal::ContactCard>& cards) {
  for (const auto& card : cards)
    for (const auto& verifier : file_verifiers(card))
      if (signer && verifier.id() == *signer) return card.name();
  return "";
}

std::string signer_text(const seal::SignerId& signer) { return fingerprint_text(*digest_from_bytes(signer)); }

Result<seal::OpenReport> open_one(const Globals& globals, const seal::FileJob& job, const OpenArguments& arguments,
                                  OpenSetup& setup, const StopRequest& stop) {
  const auto executor = make_thread_pool(arguments.threads);
  Progress progress{globals, "opening", size_or_zero(job.in)};
  const seal::Run run{executor.get(), [&](std::uint64_t done) { return progress.show(done), !stop.made(); }};
  TRY(source, open_source(job.in));
  if (arguments.resume) {
    if (job.out == "-") return fail(Code::invalid, "--resume needs -o FILE");
    TRY(partial, seal::open_partial(job.out, arguments.outputs.sink()));
    CHECK_OK(set_up(setup, arguments));
    return seal::open_resumed(*source, *partial, setup.keys, setup.options, run);
  }
  TRY(sink, create_sink(job.out, arguments.outputs.sink()));
  CHECK_OK(set_up(setup, arguments));
  return seal::open(*source, *sink, setup.keys, setup.options, run);
}

Result<int> open_each_resumed(std::span<const seal::FileJob> jobs, const OpenArguments& arguments, const OpenSetup& setup,
                              Executor& executor, BatchReport& report) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto one = [&]() -> Result<std::uint64_t> {
      if (!arguments.outputs.force && is_there(jobs[i].out)) return std::uint64_t{0};
      TRY(source, open_source(jobs[i].in));
      TRY(partial, seal::open_partial(jobs[i].out, arguments.outputs.sink()));
      TRY(done, seal::open_resumed(*source, *partial, setup.keys, setup.options, {&executor}));
      return done.content_bytes;
    };
    if (!report(i, one())) break;
  }
  return report.finish("Opened");
}

Result<int> run_open(const Globals& globals, const OpenArguments& arguments) {
  TRY(jobs, plan(arguments.inputs, arguments.outputs, false));
  OpenSetup setup;
  if (jobs.size() > 1) {
    if (!arguments.transformed.empty()) return fail(Code::invalid, "--transformed takes one file");
    CHECK_OK(set_up(setup, arguments));
    BatchReport report{globals, jobs, "opening"};
    const auto executor = make_thread_pool(arguments.threads);
    if (arguments.resume) return open_each_resumed(jobs, arguments, setup, *executor, report);
    seal::open_files(jobs, setup.keys, setup.options, arguments.outputs.sink(), *executor, report);
    return report.finish("Opened");
  }
  const auto& job = jobs.front();
  const StopRequest stop;
  auto done = open_one(globals, job, arguments, setup, stop);
  if (setup.budget && setup.budget->used_up())
    return fail(
        Code::limit,
        fmt::format("{}: your receiving key failed {} times and opens nothing more, since each failure could tell something "
                    "about it. Make a new one (tablinum identity rotate receiving) and give the owner your new card",
                    job.in, seal::pre::kFailuresMax));
  if (done && setup.transformed && !setup.keyring->has(proxy_name(*setup.transformed)))
    CHECK_OK(setup.keyring->write(proxy_name(*setup.transformed), bytes_of(to_hex(setup.transformed->proxy.bytes))));
  if (!done) {
    Error error = remedied(done.error(), job.out);
    return std::unexpected(error.code == Code::corrupt ? not_sealed(job.in, std::move(error))
                           : error.code == Code::invalid ? at(job.in, std::move(error)) : error);
  }
  const auto state = state_of(*done);
  const std::string who = signer_name(done->content_signer ? done->content_signer : done->header.signer, setup.cards);
  auto w = begin_ok();
  w.field("input", job.in);
  w.field("output", job.out);
  w.field("contentBytes", done->content_bytes);
  w.field("signature", words_for(state));
  if (state == seal::SignatureState::good) w.field("signer", who);
  const std::string text = fmt::format("Opened {} into {} ({} bytes){}.", job.in, job.out, done->content_bytes,
                                       state == seal::SignatureState::good ? ", signed by " + who : "");
  print_report(globals, job.out, end(w), text);
  return 0;
}

// ---- inspect and verify

std::string_view kind_of(StanzaType type) {
  switch (type) {
    case StanzaType::collection: return "collection";
    case StanzaType::passphrase: return "passphrase";
    case StanzaType::symmetric: return "symmetric key";
    case StanzaType::identity: return "identity";
    default: return "unknown";
  }
}

std::string stanza_detail(const seal::Stanza& stanza) {
  if (stanza.type != StanzaType::collection) return "";
  const auto capsule = seal::pre::CapsuleStanza::parse(stanza.body);
  return capsule ? fmt::format("{}, epoch {}, {}", to_hex(capsule->collection().bytes), capsule->epoch(),
                               to_string(capsule->suite()))
                 : "damaged";
}

// Only what can be shown on a terminal: the header is anybody's.
std::string harmless(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    const auto c = std::to_integer<unsigned char>(byte);
    text += c < 0x20 || c == 0x7f ? '?' : static_cast<char>(c);
  }
  return text;
}

std::string comment_of(const seal::Header& header) {
  for (const auto& field : header.meta)
    if (field.type == seal::kMetaComment) return harmless(field.value);
  return "";
}

std::string inspect_text(const std::string& path, const seal::Header& header) {
  std::string text =
      fmt::format("{}: sealed file, version 1\n  cipher      {}\n  chunks      {} bytes\n  padding     {}\n  signature   {}\n",
                  path, header.cipher == Cipher::aes256_gcm ? "AES-256-GCM" : "XChaCha20-Poly1305", 1U << header.chunk_log2,
                  header.padding() == seal::Padding::none ? "none" : "Padmé",
                  (header.signer ? "claims to be by " + signer_text(*header.signer) : "none") +
                      (header.signs_content() ? ", its content signed, too" : ""));
  if (const auto comment = comment_of(header); !comment.empty()) text += fmt::format("  comment     {}\n", comment);
  for (std::size_t i = 0; i < header.stanzas.size(); ++i)
    text += fmt::format("  reader {:<4} {} {}\n", i, kind_of(header.stanzas[i].type), stanza_detail(header.stanzas[i]));
  return text;
}

std::string inspect_json(const std::string& path, const seal::Header& header) {
  auto w = begin_ok();
  w.field("file", path);
  w.field("version", 1);
  w.field("cipher", header.cipher == Cipher::aes256_gcm ? "aes-256-gcm" : "xchacha20-poly1305");
  w.field("chunkBytes", 1U << header.chunk_log2);
  w.field("padding", header.padding() == seal::Padding::none ? "none" : "padme");
  w.field("contentSigned", header.signs_content());
  w.field_if("comment", comment_of(header));
  if (header.signer) w.field("signer", to_hex(*header.signer));
  w.key("readers");
  w.begin_array();
  for (const auto& stanza : header.stanzas) {
    w.begin_object();
    w.field("kind", kind_of(stanza.type));
    w.field("bytes", stanza.body.size());
    w.field_if("collection", stanza_detail(stanza));
    w.end_object();
  }
  w.end_array();
  return end(w);
}

struct InspectArguments {
  std::vector<std::string> inputs;
};

Result<int> run_inspect(const Globals& globals, const InspectArguments& arguments) {
  for (const auto& path : arguments.inputs) {
    TRY(header, header_of(path));
    print_result(globals, inspect_json(path, header), inspect_text(path, header));
  }
  return 0;
}

struct VerifyArguments {
  std::vector<std::string> inputs, from;
};

Result<int> run_verify(const Globals& globals, const VerifyArguments& arguments) {
  TRY(cards, load_cards(arguments.from));
  std::vector<seal::FileVerifier> verifiers;
  for (const auto& card : cards)
    for (auto& verifier : file_verifiers(card)) verifiers.push_back(std::move(verifier));
  std::vector<const seal::SignatureVerifier*> views;
  for (const auto& verifier : verifiers) views.push_back(&verifier);
  bool all_good = true;
  for (const auto& path : arguments.inputs) {
    TRY(header, header_of(path));
    const auto state = verify_signature(header, views);
    all_good = all_good && state == seal::SignatureState::good;
    const std::string who = state == seal::SignatureState::good ? signer_name(header.signer, cards) : "";
    json::Writer w;
    w.begin_object();
    w.field("ok", state == seal::SignatureState::good);
    w.field("file", path);
    w.field("signature", words_for(state));
    if (header.signer) w.field("fingerprint", signer_text(*header.signer));
    w.field_if("signer", who);
    const std::string_view text = state == seal::SignatureState::good   ? "signed by"
                                  : state == seal::SignatureState::none ? "not signed"
                                  : state == seal::SignatureState::bad  ? "a forged or damaged signature"
                                                                        : "signed by somebody whose card was not given:";
    const std::string name = state == seal::SignatureState::unknown_signer ? signer_text(*header.signer) : who;
    print_result(globals, end(w), fmt::format("{}: {} {}", path, text, name));
  }
  return all_good ? 0 : kExitNo;
}

void add_threads_option(CLI::App* command, unsigned& into) {
  command->add_option("-j,--threads", into, "Threads to use; 0: all processors")->check(CLI::Range(0, 256));
}

void add_seal_command(Commands& commands) {
  const auto a = std::make_shared<SealArguments>();
  auto* command = commands.root.add_subcommand("seal", "Encrypts files so that only the readers you name can open them");
  command->add_option("IN", a->inputs, "Files to seal; '-' or nothing: standard input");
  add_many(command, "-r,--recipient", a->cards, "Card of somebody who may open it; may be repeated");
  add_many(command, "-c,--collection", a->collections,
           "Collection whose readers may open it; may be repeated; needs its owner's identity");
  command->add_option("-i,--identity", a->identity, "Your identity: signs the file and lets yourself open it");
  add_many(command, "-k,--key", a->key_files, "Key file (tablinum identity key) that may open it: for devices; may be repeated");
  command->add_flag("-p,--passphrase", a->with_passphrase, "Seal with a passphrase instead of cards");
  add_passphrase_option(command, a->passphrase);
  command->add_option("--identity-passphrase-file", a->identity_passphrase.file,
                      "The same for the identity, where -p takes the other one");
  add_output_options(command, a->outputs, "Several inputs: a folder; without -o, FILE.sealed beside each");
  command->add_flag("--resume", a->resume, "Continue what a run that was cut off left behind (needs -i; one file also -o)");
  command->add_flag("--pad", a->pad, "Hide the exact size (at most 12 % more)");
  command->add_flag("--anonymous", a->anonymous, "Do not help to find out for whom it is");
  command->add_option("--comment", a->comment, "A note that everybody can read");
  command->add_option("--cipher", a->cipher, "aes-256-gcm or xchacha20-poly1305")
      ->check(CLI::IsMember({"aes-256-gcm", "xchacha20-poly1305"}))
      ->capture_default_str();
  command->add_option("--chunk-log2", a->chunk_log2, "Chunks of 2^N bytes, 12 to 24")->capture_default_str();
  add_keys_option(command, a->keys);
  add_threads_option(command, a->threads);
  on_command(commands, command, a, run_seal);
}

void add_open_command(Commands& commands) {
  const auto a = std::make_shared<OpenArguments>();
  auto* command = commands.root.add_subcommand("open", "Decrypts sealed files");
  command->add_option("IN", a->inputs, "Sealed files; '-' or nothing: standard input");
  add_many(command, "-i,--identity", a->identities, "Your identity; may be repeated (default: ~/.config/tablinum/identity)");
  add_many(command, "-k,--key", a->key_files, "Key file with which it was sealed; may be repeated");
  command->add_flag("-p,--passphrase", a->with_passphrase, "The file was sealed with a passphrase");
  add_passphrase_option(command, a->passphrase);
  command->add_option("--identity-passphrase-file", a->identity_passphrase.file,
                      "The same for the identity, where -p takes the other one");
  add_many(command, "--from", a->from, "Card of somebody whose signature counts; may be repeated");
  command->add_flag("--signed", a->signature_required, "Refuse a file that is not signed by one of --from");
  command->add_option("--transformed", a->transformed,
                      "What the proxy made for you of a file of somebody's collection (needs --from)");
  add_output_options(command, a->outputs, "Several inputs: a folder; without -o, the name without .sealed");
  command->add_flag("--resume", a->resume, "Continue what a run that was cut off left behind (one file needs -o)");
  add_keys_option(command, a->keys);
  add_threads_option(command, a->threads);
  on_command(commands, command, a, run_open);
}

}  // namespace

void add_sealing_commands(Commands& commands) {
  add_seal_command(commands);
  add_open_command(commands);
  const auto inspected = std::make_shared<InspectArguments>();
  auto* inspect = commands.root.add_subcommand("inspect", "Shows what a sealed file tells everybody, without a key");
  inspect->add_option("IN", inspected->inputs, "Sealed files")->required();
  on_command(commands, inspect, inspected, run_inspect);
  const auto verified = std::make_shared<VerifyArguments>();
  auto* verify =
      commands.root.add_subcommand("verify", "Says who signed a sealed file; exit code 1 unless it was one of --from");
  verify->add_option("IN", verified->inputs, "Sealed files")->required();
  add_many(verify, "--from", verified->from, "Card of somebody whose signature counts; may be repeated");
  on_command(commands, verify, verified, run_verify);
}

}  // namespace tablinum::app::sealing
