// identity …: making, showing, changing and saving a person's keys.
#include <algorithm>

#include "commands/seal/keyring.h"
#include "commands/seal/support.h"
#include "tablinum/seal/backup.h"
#include "tablinum/seal/migrate.h"
#include "tablinum/seal/self_test.h"

namespace tablinum::app::sealing {
namespace {

using seal::KeyKind;

std::int64_t now_s() { return wall_now().seconds(); }

std::string numbered_words(std::string_view phrase) {
  std::string text;
  for (int number = 1; !phrase.empty(); ++number) {
    const std::size_t end = std::min(phrase.find(' '), phrase.size());
    text += fmt::format("  {:>2} {:<9}{}", number, phrase.substr(0, end), number % 4 == 0 ? "\n" : "");
    phrase.remove_prefix(std::min(end + 1, phrase.size()));
  }
  return text;
}

/// Shows the words on the terminal, or puts them into a file. With neither nothing is lost: they are in the identity.
Result<std::string_view> hand_out_words(const seal::Identity& identity, const std::string& to_file, bool quiet) {
  const seal::SecretText phrase = identity.phrase();
  if (!to_file.empty()) {
    seal::SecretText line = phrase;
    line.push_back('\n');
    CHECK_OK(write_file(to_file, bytes_of(view(line)), 0600, false));
    return "file";
  }
  if (quiet) return "none";
  std::string text = fmt::format(
      "\nThe 24 words of {}. Write them on paper, in this order, and keep the paper: they bring back\n"
      "everything, and whoever has them has everything. They are shown this once, unless you ask for them.\n\n{}\n",
      identity.name(), numbered_words(view(phrase)));
  const bool shown = show_on_terminal(text);
  wipe(std::as_writable_bytes(std::span{text}));
  return shown ? "terminal" : "none";
}

std::string path_or_default(const std::string& path) { return path.empty() ? default_identity_path() : path; }

Result<void> make_config_folder(const std::string& given) {
  if (!given.empty()) return {};
  const auto keyring = Keyring::open("", Keyring::For::writing);  // makes the folder, 0700
  return keyring ? Result<void>{} : std::unexpected(keyring.error());
}

/// A passphrase for a new file, or none where that was asked for.
Result<std::optional<seal::SecretText>> new_passphrase(bool none, const PassphraseFrom& from, const std::string& path) {
  if (none) return std::optional<seal::SecretText>{};
  TRY(typed, read_passphrase(from, "New passphrase for " + path, Ask::twice));
  return std::optional{std::move(typed)};
}

Result<void> refuse_existing(const std::string& path, bool force) {
  if (force || path == "-" || !is_there(path)) return {};
  return fail(Code::exists, path + ": there is one already. Choose another file with -o, or give --force to replace it");
}

struct MakeArguments {
  std::string out, name, words_to, words_from, card, input, keys;
  PassphraseFrom passphrase;
  bool no_passphrase = false, force = false;
};

Result<int> store_new(const Globals& globals, const MakeArguments& arguments, const seal::Identity& identity, bool show_words,
                      std::string_view done) {
  const std::string path = path_or_default(arguments.out);
  TRY(passphrase, new_passphrase(arguments.no_passphrase, arguments.passphrase, path));
  CHECK_OK(make_config_folder(arguments.out));
  CHECK_OK(save_identity(path, identity, passphrase, arguments.force));
  std::string_view words = "none";
  if (show_words) {
    TRY(where, hand_out_words(identity, arguments.words_to, globals.quiet || path == "-"));
    words = where;
  }
  auto w = begin_ok();
  w.field("identity", path);
  w.field("name", identity.name());
  w.field("fingerprint", fingerprint_text(identity.fingerprint()));
  w.field("encrypted", passphrase.has_value());
  w.field("words", words);
  std::string text = fmt::format("{} {}\n  name         {}\n  fingerprint  {}\n", done, path, identity.name(),
                                 fingerprint_text(identity.fingerprint()));
  if (show_words && words == "none")
    text += "  The 24 words were not shown: there is no terminal. See: tablinum identity show --words\n";
  if (!passphrase) text += "  Without a passphrase whoever can read this file has your keys.\n";
  if (path == "-") return 0;
  print_result(globals, end(w), globals.quiet ? "" : text);
  return 0;
}

std::string own_name() {
  const char* user = std::getenv("USER");
  return user != nullptr && *user != '\0' ? user : "somebody";
}

Result<int> run_new(const Globals& globals, const MakeArguments& arguments) {
  CHECK_OK(refuse_existing(path_or_default(arguments.out), arguments.force));
  TRY(identity, seal::Identity::create(arguments.name.empty() ? own_name() : arguments.name, now_s()));
  return store_new(globals, arguments, identity, true, "Made the identity");
}

// ---- show and card

struct ShowArguments {
  std::string path, identity, words_to;
  PassphraseFrom passphrase;
  bool words = false;
};

Result<int> show_card(const Globals& globals, const std::string& path, const seal::ContactCard& card) {
  auto w = begin_ok();
  w.field("card", path);
  w.field("name", card.name());
  w.field("fingerprint", fingerprint_text(card.fingerprint()));
  w.field("serial", card.serial());
  w.field("issuedAt", to_rfc3339({card.issued_at_s() * 1000}));
  w.field("receivingKeys", card.receiving().size());
  w.key("former");
  w.begin_array();
  std::string former;
  for (const auto& each : card.successions()) {
    w.value(fingerprint_text(fingerprint_of(each.former)));
    former += fmt::format("  until {}  {}\n", to_rfc3339({each.at_s * 1000}).substr(0, 10),
                          fingerprint_text(fingerprint_of(each.former)));
  }
  w.end_array();
  print_result(
      globals, end(w),
      fmt::format("{}: contact card\n  name         {}\n  fingerprint  {}\n  issued       {}\n{}\nCompare the fingerprint with "
                  "its owner by "
                  "telephone or in person before you trust the name.\n",
                  path, card.name(), fingerprint_text(card.fingerprint()), to_rfc3339({card.issued_at_s() * 1000}), former));
  return 0;
}

Result<int> show_identity(const Globals& globals, const ShowArguments& arguments, const std::string& path) {
  TRY(identity, load_identity(path, arguments.passphrase));
  if (arguments.words) {
    TRY(where, hand_out_words(identity, arguments.words_to, false));
    if (where == "none")
      return fail(Code::invalid, "the words are shown on a terminal only, and there is none: give --words-to FILE");
  }
  const auto generation = [&](KeyKind kind) { return identity.generation(kind); };
  auto w = begin_ok();
  w.field("identity", path);
  w.field("name", identity.name());
  w.field("fingerprint", fingerprint_text(identity.fingerprint()));
  w.field("createdAt", to_rfc3339({identity.created_at_s() * 1000}));
  w.field("signingGeneration", generation(KeyKind::signing));
  w.field("exchangeGeneration", generation(KeyKind::exchange));
  w.field("receivingGeneration", generation(KeyKind::receiving));
  w.field("formerWords", identity.phrase_number());
  w.field("takenOver", !identity.legacy().empty());
  print_result(globals, end(w),
               fmt::format("{}: identity\n  name         {}\n  fingerprint  {}\n  made         {}\n  replaced     signing {}, "
                           "exchange {}, receiving {} "
                           "times; words {} times\n",
                           path, identity.name(), fingerprint_text(identity.fingerprint()),
                           to_rfc3339({identity.created_at_s() * 1000}), generation(KeyKind::signing),
                           generation(KeyKind::exchange), generation(KeyKind::receiving), identity.phrase_number()));
  return 0;
}

Result<int> run_show(const Globals& globals, const ShowArguments& arguments) {
  const std::string path = path_or_default(arguments.path.empty() ? arguments.identity : arguments.path);
  if (auto bytes = read_file(path, seal::kIdentityFileBytesMax);
      bytes && text_of(*bytes).starts_with("-----BEGIN TABLINUM CARD")) {
    TRY(card, load_card(path));
    return show_card(globals, path, card);
  }
  return show_identity(globals, arguments, path);
}

struct CardArguments {
  std::string identity, out = "-";
  std::vector<std::string> suites;
  PassphraseFrom passphrase;
  bool force = false, no_receiving = false;
};

Result<int> run_card(const Globals& globals, const CardArguments& arguments) {
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  std::vector<seal::ReceivingKey> receiving;
  auto suites = arguments.suites;
  if (suites.empty() && !arguments.no_receiving) suites.emplace_back("kem-2048");
  for (const auto& name : suites) {
    TRY(suite, seal::pre::suite_from_name(name));
    receiving.push_back(receiving_entry(identity, suite));
  }
  TRY(card, identity.make_card(std::move(receiving), now_s()));
  CHECK_OK(write_file(arguments.out, bytes_of(card.text()), 0644, arguments.force));
  if (arguments.out == "-") return 0;
  auto w = begin_ok();
  w.field("card", arguments.out);
  w.field("fingerprint", fingerprint_text(card.fingerprint()));
  print_result(globals, end(w),
               fmt::format("Wrote the card of {} to {}. Fingerprint {}.", card.name(), arguments.out,
                           fingerprint_text(card.fingerprint())));
  return 0;
}

// ---- rotate

struct RotateArguments {
  std::vector<std::string> kinds;
  std::string identity, words_to;
  PassphraseFrom passphrase, new_passphrase;
};

Result<void> rotate_one(seal::Identity& identity, const std::string& kind) {
  if (kind == "words") return identity.rotate_phrase(now_s());
  if (kind == "all") {
    for (const auto each : {KeyKind::signing, KeyKind::exchange, KeyKind::receiving}) CHECK_OK(identity.rotate(each, now_s()));
    return {};
  }
  return identity.rotate(kind == "signing"    ? KeyKind::signing
                         : kind == "exchange" ? KeyKind::exchange
                                              : KeyKind::receiving,
                         now_s());
}

Result<int> run_rotate(const Globals& globals, const RotateArguments& arguments) {
  const std::string path = path_or_default(arguments.identity);
  TRY(opened, load_identity_for_change(path, arguments.passphrase));
  auto& identity = opened.identity;
  const auto former = identity.fingerprint();
  for (const auto& kind : arguments.kinds) {
    if (kind == "passphrase") {
      TRY(typed, read_passphrase(arguments.new_passphrase, "New passphrase for " + path, Ask::twice));
      opened.passphrase = std::move(typed);
    } else {
      CHECK_OK(rotate_one(identity, kind));
    }
  }
  const bool new_words = std::ranges::count(arguments.kinds, "words") != 0;
  // The file first: words that are written down must belong to keys that are kept.
  CHECK_OK(save_identity(path, identity, opened.passphrase, true));
  std::string_view words = "none";
  if (new_words) {
    TRY(where, hand_out_words(identity, arguments.words_to, globals.quiet));
    words = where;
  }
  auto w = begin_ok();
  w.field("identity", path);
  w.field("fingerprint", fingerprint_text(identity.fingerprint()));
  w.field("formerFingerprint", fingerprint_text(former));
  w.field("words", words);
  print_result(globals, end(w),
               fmt::format("Replaced {} in {}. Give your contacts the new card (tablinum identity card); fingerprint {}.",
                           fmt::join(arguments.kinds, ", "), path, fingerprint_text(identity.fingerprint())));
  return 0;
}

// ---- backup and restore

struct BackupArguments {
  std::string identity, out, keys;
  PassphraseFrom passphrase, backup_passphrase;
  bool force = false;
};

constexpr const char* kIdentityInBackup = "identity";
constexpr std::string_view kKeysInBackup = "keys/";

Result<int> run_backup(const Globals& globals, const BackupArguments& arguments) {
  CHECK_OK(refuse_existing(arguments.out, arguments.force));
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(plain, identity.encode(std::nullopt));
  std::vector<seal::BackupFile> files;
  const ByteView identity_bytes = bytes_of(view(plain));
  files.push_back({kIdentityInBackup, SecretBytes(identity_bytes.begin(), identity_bytes.end())});
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::reading));
  TRY(names, keyring.files());
  for (const auto& name : names) {
    TRY(content, keyring.read(name));
    files.push_back({std::string{kKeysInBackup} + name, std::move(content)});
  }
  TRY(passphrase, read_passphrase(arguments.backup_passphrase.file.empty() ? arguments.passphrase : arguments.backup_passphrase,
                                  "Passphrase for the backup", Ask::twice));
  TRY(text, seal::encode_backup(files, view(passphrase)));
  CHECK_OK(write_file(arguments.out, bytes_of(view(text)), 0600, arguments.force));
  auto w = begin_ok();
  w.field("backup", arguments.out);
  w.field("files", files.size());
  w.field("bytes", text.size());
  print_result(
      globals, end(w),
      fmt::format("Wrote {}: your identity and {} files of its collections, encrypted.", arguments.out, files.size() - 1));
  return 0;
}

Result<seal::SecretText> words_of(const MakeArguments& arguments) {
  if (arguments.words_from.empty()) return ask_on_terminal("The 24 words", false);
  TRY(bytes, read_secret_file(arguments.words_from, seal::kPhraseTextMax));
  const std::string_view text = text_of(bytes);
  return seal::SecretText(text.begin(), text.end());
}

Result<int> restore_from_words(const Globals& globals, const MakeArguments& arguments) {
  std::optional<seal::ContactCard> card;
  if (!arguments.card.empty()) {
    TRY(loaded, load_card(arguments.card));
    card = std::move(loaded);
  }
  TRY(words, words_of(arguments));
  TRY(entropy, seal::entropy_from_phrase(view(words)));
  const std::string name = !arguments.name.empty() ? arguments.name : card ? card->name() : own_name();
  TRY(identity, seal::Identity::from_entropy(name, entropy, now_s()));
  if (card)
    if (auto adopted = identity.adopt(*card); !adopted) return std::unexpected(at(arguments.card, adopted.error()));
  return store_new(globals, arguments, identity, false, "Restored from the words:");
}

Result<void> restore_keys(const std::vector<seal::BackupFile>& files, const MakeArguments& arguments) {
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  for (const auto& file : files) {
    if (!file.name.starts_with(kKeysInBackup)) continue;
    const std::string name = file.name.substr(kKeysInBackup.size());
    if (keyring.has(name) && !arguments.force)
      return fail(Code::exists,
                  fmt::format("{}/{}: there is one already. Restore into another folder with --keys, or give --force",
                              keyring.path(), name));
  }
  for (const auto& file : files)
    if (file.name.starts_with(kKeysInBackup)) CHECK_OK(keyring.write(file.name.substr(kKeysInBackup.size()), file.content));
  return {};
}

Result<int> run_restore(const Globals& globals, const MakeArguments& arguments) {
  CHECK_OK(refuse_existing(path_or_default(arguments.out), arguments.force));
  if (arguments.input.empty()) return restore_from_words(globals, arguments);
  TRY(bytes, read_file(arguments.input, seal::kBackupBytesMax * 3 / 2));
  if (!seal::is_backup(text_of(bytes)))
    return fail(Code::corrupt, arguments.input + ": not a backup. To restore from the 24 words leave the file out");
  TRY(passphrase, read_passphrase(arguments.passphrase, "Passphrase of " + arguments.input, Ask::once));
  auto files = seal::decode_backup(text_of(bytes), view(passphrase));
  if (!files) return std::unexpected(at(arguments.input, files.error()));
  const auto found = std::ranges::find(*files, kIdentityInBackup, &seal::BackupFile::name);
  if (found == files->end()) return fail(Code::corrupt, arguments.input + ": there is no identity in this backup");
  TRY(identity, seal::Identity::decode(text_of(found->content)));
  CHECK_OK(restore_keys(*files, arguments));
  return store_new(globals, arguments, identity, false, "Restored from the backup:");
}
// ---- migrate and algorithms

struct MigrateArguments : MakeArguments {
  std::string identity;
  bool back = false;
};

Result<int> migrate_back(const Globals& globals, const MigrateArguments& arguments) {
  if (arguments.out.empty()) return fail(Code::invalid, "--export needs -o FILE");
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(json, seal::export_hd_v1(identity));
  CHECK_OK(write_file(arguments.out, bytes_of(view(json)), 0600, arguments.force));
  auto w = begin_ok();
  w.field("identity", arguments.out);
  w.field("asItCame", !identity.legacy().empty());
  print_result(globals, end(w),
               fmt::format("Wrote {} in the form hd_v1. It holds your words and keys in plain text.", arguments.out));
  return 0;
}

Result<int> run_migrate(const Globals& globals, const MigrateArguments& arguments) {
  if (arguments.back) return migrate_back(globals, arguments);
  if (arguments.input.empty()) return fail(Code::invalid, "which file? Give the hd_v1 identity file of the other program");
  CHECK_OK(refuse_existing(path_or_default(arguments.out), arguments.force));
  TRY(json, read_secret_file(arguments.input, seal::kHdV1BytesMax));
  std::string name = arguments.name.empty() ? file_name(arguments.input) : arguments.name;
  if (arguments.name.empty() && name.ends_with(".json")) name.resize(name.size() - 5);
  auto identity = seal::import_hd_v1(text_of(json), name, now_s());
  if (!identity) return std::unexpected(at(arguments.input, identity.error()));
  TRY(keys, seal::legacy_keys(*identity));
  if (!globals.quiet && !globals.json) {
    fmt::print("Taken over: the 24 words{}{}.\n", keys.classic ? ", the classic key" : "",
               keys.dsa.empty() ? "" : fmt::format(", {} ML-DSA keys", keys.dsa.size()));
    for (const auto& further : keys.further) fmt::print("Taken over, too: a key of {}\n", further.algorithm().name);
    for (const auto& kept : keys.kept_only) fmt::print("Kept for the way back, not used here: {}\n", kept);
  }
  return store_new(globals, arguments, *identity, false, "Made the identity");
}

struct KeyArguments {
  std::string out;
  bool force = false;
};

Result<int> run_key(const Globals& globals, const KeyArguments& arguments) {
  CHECK_OK(refuse_existing(arguments.out, arguments.force));
  CHECK_OK(write_key_file(arguments.out, random_secret<32>(), arguments.force));
  auto w = begin_ok();
  w.field("key", arguments.out);
  print_result(globals, end(w),
               fmt::format("Wrote the key {}. Whoever has it opens what is sealed with it (tablinum seal -k). No words bring it back: "
                           "keep a copy in a safe place.",
                           arguments.out));
  return 0;
}

struct AlgorithmArguments {
  bool self_test = false;
};

/// Known answers, and a sealed file once through on fresh keys.
Result<void> self_test() {
  CHECK_OK(seal::self_test());
  TRY(identity, seal::Identity::create("self-test", now_s()));
  const seal::FileSigner signer{identity};
  const seal::IdentityOpener opener{identity};
  const auto recipient = seal::make_identity_recipient(identity.exchange().public_key());
  const seal::Recipient* recipients[] = {recipient.get()};
  const seal::Opener* keys[] = {&opener};
  const seal::FileVerifier verifier{identity.signer().verifier()};
  const seal::SignatureVerifier* verifiers[] = {&verifier};
  const Bytes plain(100'000, std::byte{0x5a});
  for (const auto cipher : {Cipher::aes256_gcm, Cipher::xchacha20_poly1305}) {
    Bytes sealed, opened;
    TRY(done, seal::seal(plain, sealed, recipients, {.cipher = cipher, .signer = &signer}));
    (void)done;
    const bool good = seal::open(sealed, opened, keys, {.verifiers = verifiers, .signature_required = true}).has_value();
    sealed[sealed.size() / 2] ^= std::byte{1};
    Bytes altered;
    if (!good || opened != plain || seal::open(sealed, altered, keys)) return fail(Code::internal, "self-test of sealed files failed");
  }
  return {};
}

Result<int> run_algorithms(const Globals& globals, const AlgorithmArguments& arguments) {
  if (arguments.self_test) CHECK_OK(self_test());
  std::string text;
  auto w = begin_ok();
  if (arguments.self_test) w.field("selfTest", "passed");
  w.key("algorithms");
  w.begin_array();
  for (const auto& each : seal::algorithms()) {
    w.begin_object();
    w.field("name", each.name);
    w.field("kind", each.kind);
    w.field("source", each.source);
    w.end_object();
    text += fmt::format("{:<26} {:<20} {}\n", each.name, each.kind, each.source);
  }
  w.end_array();
  if (arguments.self_test) text += "Self-test: every algorithm that sealing and sharing use computes rightly on this machine.\n";
  print_result(globals, end(w), text);
  return 0;
}

void add_new_file_options(CLI::App* command, MakeArguments& into) {
  command->add_option("-o,--output", into.out, "File of the identity (default: ~/.config/tablinum/identity)");
  command->add_option("--name", into.name, "What contacts read on your card");
  command->add_flag("--no-passphrase", into.no_passphrase, "Do not encrypt the file: for machines");
  add_passphrase_option(command, into.passphrase);
  command->add_flag("-f,--force", into.force, "Replace what is there");
}

CLI::Option* add_identity_option(CLI::App* command, std::string& into) {
  return command->add_option("-i,--identity", into, "The identity (default: ~/.config/tablinum/identity)");
}

void add_making(Commands& commands, CLI::App* group) {
  const auto made = std::make_shared<MakeArguments>();
  auto* command =
      group->add_subcommand("new", "Makes a new identity, encrypted with a passphrase, and shows its 24 words once");
  add_new_file_options(command, *made);
  command->add_option("--words-to", made->words_to, "Write the words into this file (0600) instead of showing them");
  on_command(commands, command, made, run_new);

  const auto shown = std::make_shared<ShowArguments>();
  command = group->add_subcommand("show", "Shows an identity or a card: name, fingerprint, age");
  command->add_option("FILE", shown->path, "Identity or card");
  add_identity_option(command, shown->identity);
  command->add_flag("--words", shown->words, "Also show the 24 words, on the terminal");
  command->add_option("--words-to", shown->words_to, "With --words: write them into this file (0600) instead");
  add_passphrase_option(command, shown->passphrase);
  on_command(commands, command, shown, run_show);

  const auto card = std::make_shared<CardArguments>();
  command = group->add_subcommand("card", "Prints your card, for those who shall seal files to you");
  add_identity_option(command, card->identity);
  command->add_option("-o,--output", card->out, "File to write")->capture_default_str();
  add_many(command, "--suite", card->suites, "Receiving keys to list: kem-2048 (default), kem-4096; may be repeated");
  command->add_flag("--no-receiving", card->no_receiving,
                    "A short card without receiving keys: nobody can delegate collections to it");
  command->add_flag("-f,--force", card->force, "Replace what is there");
  add_passphrase_option(command, card->passphrase);
  on_command(commands, command, card, run_card);
}

void add_changing(Commands& commands, CLI::App* group) {
  const auto rotated = std::make_shared<RotateArguments>();
  auto* command = group->add_subcommand("rotate", "Replaces keys; the old ones sign the new ones, and old files still open");
  command
      ->add_option("KIND", rotated->kinds,
                   "signing, exchange, receiving, all (these three), words (24 new words for everything), or passphrase")
      ->required()
      ->check(CLI::IsMember({"signing", "exchange", "receiving", "all", "words", "passphrase"}));
  add_identity_option(command, rotated->identity);
  command->add_option("--words-to", rotated->words_to, "With words: write them into this file (0600) instead of showing them");
  add_passphrase_option(command, rotated->passphrase);
  command->add_option("--new-passphrase-file", rotated->new_passphrase.file,
                      "With passphrase: file whose first line is the new one");
  on_command(commands, command, rotated, run_rotate);

  const auto backed = std::make_shared<BackupArguments>();
  command = group->add_subcommand("backup", "Writes identity and collections into one encrypted file");
  add_identity_option(command, backed->identity);
  command->add_option("-o,--output", backed->out, "File to write")->required();
  add_passphrase_option(command, backed->passphrase);
  command->add_option("--backup-passphrase-file", backed->backup_passphrase.file,
                      "The same for the backup, where it has another passphrase");
  add_keys_option(command, backed->keys);
  command->add_flag("-f,--force", backed->force, "Replace what is there");
  on_command(commands, command, backed, run_backup);

  const auto restored = std::make_shared<MakeArguments>();
  command = group->add_subcommand("restore", "Brings an identity back from a backup, or from its 24 words");
  command->add_option("BACKUP", restored->input, "The backup; without it the words are asked for");
  add_new_file_options(command, *restored);
  command->add_option("--words-from", restored->words_from, "File with the words (0600) instead of typing them");
  command->add_option("--card", restored->card, "The identity's last card: with the words it brings back rotated keys, too");
  add_keys_option(command, restored->keys);
  on_command(commands, command, restored, run_restore);
}

void add_others(Commands& commands, CLI::App* group) {
  const auto migrated = std::make_shared<MigrateArguments>();
  auto* command = group->add_subcommand("migrate", "Takes over an identity of dcypher (hd_v1), or gives one back");
  command->add_option("FILE", migrated->input, "The other program's identity file");
  add_new_file_options(command, *migrated);
  command->add_flag("--export", migrated->back, "The way back: write the identity -i as hd_v1 to -o");
  add_identity_option(command, migrated->identity);
  on_command(commands, command, migrated, run_migrate);

  const auto key = std::make_shared<KeyArguments>();
  command = group->add_subcommand("key", "Makes a key file for `seal -k` and `open -k`: for devices and backups, no person's identity");
  command->add_option("-o,--output", key->out, "File to write (0600)")->required();
  command->add_flag("-f,--force", key->force, "Replace what is there");
  on_command(commands, command, key, run_key);

  const auto listed = std::make_shared<AlgorithmArguments>();
  command = group->add_subcommand("algorithms", "Lists the algorithms of this build");
  command->add_flag("--self-test", listed->self_test, "First seal, open, sign and re-encrypt with fresh keys, in every implementation");
  on_command(commands, command, listed, run_algorithms);
}

}  // namespace

void add_identity_commands(Commands& commands) {
  auto* group = commands.root.add_subcommand("identity", "Your keys: made, shown, replaced, saved");
  group->require_subcommand(1);
  group->fallthrough();
  add_making(commands, group);
  add_changing(commands, group);
  add_others(commands, group);
}

}  // namespace tablinum::app::sealing
