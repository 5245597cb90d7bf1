#include "commands/seal/support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tablinum::app::sealing {
namespace {

constexpr std::size_t kPassphraseBytesMax = 4096;
constexpr int kBarWidth = 24;
constexpr std::int64_t kShowAfterNs = 1'000'000'000;
constexpr std::int64_t kIntervalNs = 100'000'000;

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_{fd} {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

Error system_error(const std::string& path) {
  const Code code = errno == ENOENT || errno == ENOTDIR ? Code::not_found
                    : errno == EACCES || errno == EPERM ? Code::denied
                                                        : Code::io;
  return {code, path + ": " + std::strerror(errno)};
}

Result<SecretBytes> read_descriptor(int fd, const std::string& path, std::size_t bytes_max) {
  SecretBytes all;
  while (true) {
    const std::size_t before = all.size();
    all.resize(before + (64 << 10));
    const ssize_t got = read(fd, all.data() + before, all.size() - before);
    if (got < 0 && errno == EINTR) {
      all.resize(before);
      continue;
    }
    if (got < 0) return std::unexpected(system_error(path));
    all.resize(before + static_cast<std::size_t>(got));
    if (got == 0) return all;
    if (all.size() > bytes_max)
      return fail(Code::too_large,
                  fmt::format("{}: more than {} bytes: not a file of the kind expected here", path, bytes_max));
  }
}

// What permissions a file may not have; nothing for a pipe, which only its ends can read.
Result<SecretBytes> read_checked(const std::string& path, std::size_t bytes_max, mode_t forbidden) {
  const Descriptor file{path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return std::unexpected(system_error(path));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return std::unexpected(system_error(path));
  if (S_ISDIR(status.st_mode)) return fail(Code::invalid, path + ": this is a folder");
  if (S_ISREG(status.st_mode) && (status.st_mode & forbidden) != 0)
    return fail(Code::denied, fmt::format("{}: others may read this secret (mode {:03o}). Run: chmod 600 '{}'", path,
                                          status.st_mode & 0777, path));
  return read_descriptor(file.get(), path, bytes_max);
}

// A terminal that does not show what is typed, and in which Ctrl-C is a character: it is set back whatever happens.
class QuietTerminal {
 public:
  QuietTerminal(int fd, bool quiet) : fd_{fd} {
    if (tcgetattr(fd, &before_) != 0) return;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ISIG);
    if (quiet) now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(fd, TCSAFLUSH, &now) == 0;
  }
  ~QuietTerminal() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;

 private:
  int fd_;
  bool changed_ = false;
  termios before_{};
};

void say(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(terminal, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// nothing: Ctrl-C
std::optional<seal::SecretText> read_line(int terminal) {
  seal::SecretText line;
  for (char c = 0; read(terminal, &c, 1) == 1 && c != '\n' && c != '\r' && c != 4;) {
    if (c == 3) return std::nullopt;
    if (c == 21)
      line.clear();
    else if (c != 127 && c != 8)
      line.push_back(c);
    else if (!line.empty())
      line.pop_back();
    if (line.size() >= kPassphraseBytesMax) break;
  }
  return line;
}

Result<seal::SecretText> passphrase_of_file(const std::string& path) {
  TRY(bytes, read_secret_file(path, kPassphraseBytesMax, true));
  const std::string_view text = text_of(bytes);
  const std::string_view line = text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
  if (line.empty()) return fail(Code::invalid, path + ": the passphrase is to stand in its first line, which is empty");
  return seal::SecretText(line.begin(), line.end());
}

std::string rate_and_rest(std::uint64_t done, std::uint64_t total, double seconds) {
  const double rate = static_cast<double>(done) / seconds;
  std::string text = fmt::format("{:.0f} MB/s", rate / 1e6);
  if (total > done && rate > 0) text += fmt::format(", {:.0f} s left", static_cast<double>(total - done) / rate + 0.5);
  return text;
}

}  // namespace

Error at(const std::string& path, Error error, std::string_view remedy) {
  if (!error.detail.starts_with(path)) error.detail = path + ": " + error.detail;
  if (!remedy.empty()) error.detail += fmt::format(". {}", remedy);
  return error;
}

Result<seal::SecretText> ask_on_terminal(std::string_view question, bool secret) {
  const Descriptor terminal{open("/dev/tty", O_RDWR | O_CLOEXEC)};
  if (terminal.get() < 0)
    return fail(Code::invalid,
                fmt::format("{}: there is no terminal to ask on. Give --passphrase-file FILE, or set TABLINUM_PASSPHRASE_FILE",
                            question));
  const QuietTerminal quiet{terminal.get(), secret};
  say(terminal.get(), fmt::format("{}: ", question));
  auto line = read_line(terminal.get());
  say(terminal.get(), "\n");
  if (!line) return fail(Code::cancelled, "stopped");
  return std::move(*line);
}

bool show_on_terminal(std::string_view text) {
  const Descriptor terminal{open("/dev/tty", O_WRONLY | O_CLOEXEC)};
  if (terminal.get() < 0) return false;
  say(terminal.get(), text);
  return true;
}

Result<seal::SecretText> read_passphrase(const PassphraseFrom& from, std::string_view what, Ask ask) {
  if (!from.file.empty()) return passphrase_of_file(from.file);
  if (const char* file = std::getenv("TABLINUM_PASSPHRASE_FILE"); file != nullptr && *file != '\0')
    return passphrase_of_file(file);
  TRY(first, ask_on_terminal(what, true));
  if (first.empty()) return fail(Code::invalid, "an empty passphrase protects nothing");
  if (ask == Ask::twice) {
    TRY(second, ask_on_terminal("The same again", true));
    if (view(first) != view(second)) return fail(Code::invalid, "the two passphrases differ; nothing was written");
  }
  return std::move(first);
}

Result<SecretBytes> read_file(const std::string& path, std::size_t bytes_max) { return read_checked(path, bytes_max, 0); }

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max, bool group_may) {
  return read_checked(path, bytes_max, group_may ? 0007 : 0077);
}

Result<void> write_file(const std::string& path, ByteView bytes, unsigned mode, bool force) {
  auto sink = create_sink(path, {.existing = force ? Existing::replace : Existing::refuse, .mode = mode, .durable = true});
  const auto named = [&](Error error) {
    return std::unexpected(
        at(path, std::move(error), error.code == Code::exists ? "Choose another name, or give --force to replace it" : ""));
  };
  if (!sink) return named(sink.error());
  if (auto done = (*sink)->write(bytes); !done) return named(done.error());
  if (auto done = (*sink)->finish(); !done) return named(done.error());
  return {};
}

std::string config_folder() {
  if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder == '/')
    return std::string{folder} + "/tablinum";
  const char* home = std::getenv("HOME");
  return std::string{home != nullptr ? home : "."} + "/.config/tablinum";
}

std::string default_identity_path() { return config_folder() + "/identity"; }

Result<OpenedIdentity> load_identity_for_change(const std::string& given, const PassphraseFrom& from) {
  const std::string path = given.empty() ? default_identity_path() : given;
  auto bytes = read_secret_file(path, seal::kIdentityFileBytesMax);
  if (!bytes) {
    const bool missing = bytes.error().code == Code::not_found;
    return std::unexpected(at(path, bytes.error(), missing ? "Make one with: tablinum identity new" : ""));
  }
  const std::string_view text = text_of(*bytes);
  const auto encrypted = seal::Identity::needs_passphrase(text);
  if (!encrypted) return std::unexpected(at(path, encrypted.error(), "-i takes what `tablinum identity new` wrote"));
  std::optional<seal::SecretText> passphrase;
  if (*encrypted) {
    TRY(typed, read_passphrase(from, "Passphrase of " + path, Ask::once));
    passphrase = std::move(typed);
  }
  auto identity = seal::Identity::decode(text, passphrase ? view(*passphrase) : std::string_view{});
  if (!identity) return std::unexpected(at(path, identity.error()));
  return OpenedIdentity{std::move(*identity), std::move(passphrase)};
}

Result<seal::Identity> load_identity(const std::string& path, const PassphraseFrom& from) {
  TRY(opened, load_identity_for_change(path, from));
  return std::move(opened.identity);
}

Result<void> save_identity(const std::string& path, const seal::Identity& identity,
                           const std::optional<seal::SecretText>& passphrase, bool force) {
  TRY(text, identity.encode(passphrase ? std::optional{view(*passphrase)} : std::nullopt));
  return write_file(path, bytes_of(view(text)), 0600, force);
}

Result<seal::ContactCard> load_card(const std::string& path) {
  TRY(bytes, read_file(path, 2 * seal::kCardBytesMax));
  auto card = seal::ContactCard::parse_text(text_of(bytes));
  if (!card) return std::unexpected(at(path, card.error(), "A card is what `tablinum identity card` prints"));
  return card;
}

Result<std::vector<seal::ContactCard>> load_cards(const std::vector<std::string>& paths) {
  std::vector<seal::ContactCard> cards;
  for (const auto& path : paths) {
    TRY(card, load_card(path));
    cards.push_back(std::move(card));
  }
  return cards;
}

namespace {
constexpr std::string_view kKeyHead = "tablinum-key 1\n";
constexpr std::size_t kKeyFileBytes = kKeyHead.size() + 64 + 1;
}  // namespace

Result<Secret<32>> read_key_file(const std::string& path) {
  TRY(bytes, read_secret_file(path, 64 << 10));  // enough to say what another file is not
  const std::string_view text = text_of(bytes);
  if (text.size() != kKeyFileBytes || !text.starts_with(kKeyHead) || !text.ends_with("\n"))
    return fail(Code::corrupt, path + ": not a key file. Make one with: tablinum identity key -o FILE");
  Secret<32> key;
  const auto into = key.mutable_view();
  for (std::size_t i = 0; i < 64; ++i) {
    const char c = text[kKeyHead.size() + i];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return fail(Code::corrupt, path + ": not a key file");
    into[i / 2] = into[i / 2] << 4 | static_cast<std::byte>(digit ? c - '0' : c - 'a' + 10);
  }
  return key;
}

Result<void> write_key_file(const std::string& path, const Secret<32>& key, bool force) {
  SecretBytes text{bytes_of(kKeyHead).begin(), bytes_of(kKeyHead).end()};
  for (const std::byte byte : key.view())
    for (const unsigned nibble : {std::to_integer<unsigned>(byte) >> 4, std::to_integer<unsigned>(byte) & 15})
      text.push_back(static_cast<std::byte>(nibble < 10 ? '0' + nibble : 'a' + nibble - 10));
  text.push_back(std::byte{'\n'});
  return write_file(path, text, 0600, force);
}

std::string file_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string{path.substr(path.rfind('/') + 1)};
}

bool is_folder(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::uint64_t size_or_zero(const std::string& path) {
  struct stat status{};
  const bool known = (path == "-" ? fstat(STDIN_FILENO, &status) : stat(path.c_str(), &status)) == 0 && S_ISREG(status.st_mode);
  return known ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Progress::Progress(const Globals& globals, std::string what, std::uint64_t total)
    : enabled_{!globals.quiet && !globals.json && isatty(STDERR_FILENO) == 1},
      what_{std::move(what)},
      total_{total},
      start_ns_{monotonic_now().ns} {}

Progress::~Progress() {
  if (last_ns_ != 0) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::uint64_t done) {
  const std::int64_t now = monotonic_now().ns;
  if (!enabled_ || now - start_ns_ < kShowAfterNs || now - last_ns_ < kIntervalNs) return;
  last_ns_ = now;
  const double seconds = static_cast<double>(now - start_ns_) / 1e9;
  const std::string rest = rate_and_rest(done, total_, seconds);
  if (total_ == 0) {
    fmt::print(stderr, "\r\x1b[K{} {} MB, {}", what_, done / 1'000'000, rest);
  } else {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    const int full = static_cast<int>(share * kBarWidth);
    fmt::print(stderr, "\r\x1b[K{} [{:█<{}}{:·<{}}] {:3.0f} %, {}", what_, "", full, "", kBarWidth - full, share * 100, rest);
  }
  std::fflush(stderr);
}

void add_passphrase_option(CLI::App* command, PassphraseFrom& into) {
  command->add_option(
      "--passphrase-file", into.file,
      "File whose first line is the passphrase (else TABLINUM_PASSPHRASE_FILE, else it is asked for on the terminal)");
}

void add_keys_option(CLI::App* command, std::string& into) {
  command->add_option("--keys", into, "Folder of collections, delegations and counters (default: ~/.config/tablinum/keys)");
}

json::Writer begin_ok() {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  return w;
}

std::string end(json::Writer& writer) {
  writer.end_object();
  return writer.take();
}

}  // namespace tablinum::app::sealing
