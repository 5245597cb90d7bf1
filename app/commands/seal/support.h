#pragma once
// What the seal's commands share: reading keys and passphrases, writing outputs, progress.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "console.h"
#include "tablinum/base/json.h"
#include "tablinum/base/stream.h"
#include "tablinum/base/time.h"
#include "tablinum/seal/identity.h"
#include "tablinum/seal/roles.h"
#include "tablinum/seal/sealed_file.h"

namespace tablinum::app::sealing {

using seal::fingerprint_of;
using seal::fingerprint_text;
using seal::party_id;
using seal::view;

/// Where passphrases come from: a file, else TABLINUM_PASSPHRASE_FILE, else the terminal. Never an argument.
struct PassphraseFrom {
  std::string file;
};
enum class Ask : std::uint8_t { once, twice };
/// @param what for the question: "Passphrase of me.identity".
/// @error invalid: no terminal to ask on, an empty passphrase, or two that differ.  denied: the file may be read by everybody.
/// cancelled.
Result<seal::SecretText> read_passphrase(const PassphraseFrom& from, std::string_view what, Ask ask);
/// One line from the terminal, without echo if it is secret.
Result<seal::SecretText> ask_on_terminal(std::string_view question, bool secret);
/// Shows a secret on the terminal itself, so that it gets into no pipe and no log.  @return whether there is a terminal.
bool show_on_terminal(std::string_view text);

/// The whole of a small file; "-": standard input.  @error too_large.  not_found.  denied.
Result<SecretBytes> read_file(const std::string& path, std::size_t bytes_max);
/// Like read_file(), for secrets.  @error denied: others than the owner may read it (or everybody, where `group_may`).
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max, bool group_may = false);
/// Whole or not at all, on the disk when it returns.
Result<void> write_file(const std::string& path, ByteView bytes, unsigned mode, bool force);

/// The same error, with the file's name before it and a remedy after it.
Error at(const std::string& path, Error error, std::string_view remedy = {});

/// $XDG_CONFIG_HOME/tablinum, else ~/.config/tablinum.
std::string config_folder();
std::string default_identity_path();
/// The file given, else the default one.
Result<seal::Identity> load_identity(const std::string& path, const PassphraseFrom& from);
Result<void> save_identity(const std::string& path, const seal::Identity& identity,
                           const std::optional<seal::SecretText>& passphrase, bool force);
/// An identity with what is needed to write it back.
struct OpenedIdentity {
  seal::Identity identity;
  std::optional<seal::SecretText> passphrase;
};
Result<OpenedIdentity> load_identity_for_change(const std::string& path, const PassphraseFrom& from);
Result<seal::ContactCard> load_card(const std::string& path);
Result<std::vector<seal::ContactCard>> load_cards(const std::vector<std::string>& paths);

/// A key file: one line of 64 hexadecimal digits after a heading.  @error denied: others may read it.  corrupt.
Result<Secret<32>> read_key_file(const std::string& path);
Result<void> write_key_file(const std::string& path, const Secret<32>& key, bool force);

/// The last folder or file of a path.
std::string file_name(std::string_view path);
bool is_folder(const std::string& path);
std::uint64_t size_or_zero(const std::string& path);

/// A bar after the first second: share, rate, time left. Silent where nobody looks.
class Progress {
 public:
  /// @param total 0: not known.
  Progress(const Globals& globals, std::string what, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  void show(std::uint64_t done);

 private:
  const bool enabled_;
  const std::string what_;
  const std::uint64_t total_;
  const std::int64_t start_ns_;
  std::int64_t last_ns_ = 0;
};

/// Registers what a command does. `run` takes const Globals& and const Options&, and gives an exit code.
template <class Options, class Run>
void on_command(Commands& commands, CLI::App* command, std::shared_ptr<Options> options, Run run) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;
  command->callback([&globals, &chosen, options, run] {
    chosen = [&globals, options, run] {
      const Result<int> result = run(globals, *options);
      return result ? *result : report(globals, result.error());
    };
  });
}

/// An option that may be given several times and takes one value each time, so that it does not swallow the files after it.
inline CLI::Option* add_many(CLI::App* command, const std::string& name, std::vector<std::string>& into,
                             const std::string& text) {
  return command->add_option(name, into, text)->allow_extra_args(false);
}
void add_passphrase_option(CLI::App* command, PassphraseFrom& into);
void add_keys_option(CLI::App* command, std::string& into);

json::Writer begin_ok();
std::string end(json::Writer& writer);

}  // namespace tablinum::app::sealing
