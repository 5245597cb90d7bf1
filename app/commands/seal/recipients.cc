// recipients add|remove: who may open a sealed file, changed without touching its content.
#include <algorithm>

#include "commands/seal/change.h"
#include "commands/seal/support.h"

namespace tablinum::app::sealing {

Result<seal::Header> change_readers(const Globals& globals, const ReaderChange& change) {
  const StopRequest stop;
  TRY(source, open_source(change.file));
  const bool in_place = change.out.empty();
  const std::string& out = in_place ? change.file : change.out;
  auto sink =
      create_sink(out, {.existing = in_place || change.force ? Existing::replace : Existing::refuse, .durable = in_place});
  if (!sink)
    return std::unexpected(at(out, sink.error(), sink.error().code == Code::exists ? "Give --force to replace it" : ""));
  const seal::IdentityOpener opener{change.identity};
  const seal::Opener* keys[] = {&opener};
  const seal::FileSigner signer{change.identity};
  seal::HeaderChange header{change.add, change.remove, &signer};
  Progress progress{globals, "copying", size_or_zero(change.file)};
  auto changed = seal::change_header(*source, **sink, keys, header,
                                     {nullptr, [&](std::uint64_t done) { return progress.show(done), !stop.made(); }});
  if (!changed) return std::unexpected(at(change.file, changed.error()));
  return changed;
}

namespace {

struct RecipientsArguments {
  std::vector<std::string> files, cards;
  std::vector<std::size_t> readers;
  std::string identity, out;
  PassphraseFrom passphrase;
  bool force = false, anonymous = false;
};

/// Which stanzas a card's keys are named in; anonymous ones cannot be found that way.
Result<std::vector<std::size_t>> stanzas_of(const std::string& path, const seal::Header& header,
                                            const RecipientsArguments& arguments) {
  std::vector<std::size_t> indexes = arguments.readers;
  TRY(cards, load_cards(arguments.cards));
  for (std::size_t i = 0; i < cards.size(); ++i) {
    bool found = false;
    for (std::size_t index = 0; index < header.stanzas.size(); ++index)
      if (seal::names_reader(header.stanzas[index], cards[i].exchange())) {
        indexes.push_back(index);
        found = true;
      }
    if (!found)
      return fail(Code::not_found, fmt::format("{}: {} is not among its readers (by this card). See: tablinum inspect", path,
                                               arguments.cards[i]));
  }
  std::ranges::sort(indexes);
  const auto repeated = std::ranges::unique(indexes);
  indexes.erase(repeated.begin(), repeated.end());
  return indexes;
}

Result<int> report_readers(const Globals& globals, const std::string& file, const seal::Header& header) {
  auto w = begin_ok();
  w.field("file", file);
  w.field("readers", header.stanzas.size());
  print_result(globals, end(w), fmt::format("{}: {} readers now.", file, header.stanzas.size()));
  return 0;
}

Result<void> check(const RecipientsArguments& arguments) {
  if (!arguments.out.empty() && arguments.files.size() > 1)
    return fail(Code::invalid, "-o takes one file; without it each file is replaced in place");
  return {};
}

Result<int> run_add(const Globals& globals, const RecipientsArguments& arguments) {
  CHECK_OK(check(arguments));
  TRY(cards, load_cards(arguments.cards));
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  std::vector<std::unique_ptr<seal::Recipient>> owned;
  ReaderChange change{"", arguments.out, identity, {}, {}, arguments.force};
  for (const auto& card : cards) {
    owned.push_back(seal::card_recipient(card, arguments.anonymous));
    change.add.push_back(owned.back().get());
  }
  for (const auto& file : arguments.files) {
    change.file = file;
    TRY(header, change_readers(globals, change));
    TRY(done, report_readers(globals, file, header));
    (void)done;
  }
  return 0;
}

Result<int> run_remove(const Globals& globals, const RecipientsArguments& arguments) {
  CHECK_OK(check(arguments));
  if (arguments.cards.empty() && arguments.readers.empty())
    return fail(Code::invalid, "whom? Give -r CARD, or --reader N as `tablinum inspect` numbers them");
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  for (const auto& file : arguments.files) {
    TRY(source, open_source(file));
    auto header = seal::read_header(*source);
    if (!header) return std::unexpected(at(file, header.error()));
    TRY(indexes, stanzas_of(file, *header, arguments));
    TRY(changed, change_readers(globals, {file, arguments.out, identity, {}, indexes, arguments.force}));
    TRY(done, report_readers(globals, file, changed));
    (void)done;
  }
  if (!globals.quiet && !globals.json)
    fmt::print(
        "Who was removed and kept a copy, or the file's key, can still open that copy. To end that, seal the content anew.\n");
  return 0;
}

void add_common(CLI::App* command, RecipientsArguments& into) {
  command->add_option("FILE", into.files, "Sealed files")->required();
  command->add_option("-i,--identity", into.identity,
                      "Your identity, which can open the files (default: ~/.config/tablinum/identity)");
  command->add_option("-o,--output", into.out, "Write here instead of replacing the file");
  command->add_flag("-f,--force", into.force, "Replace what is there");
  add_passphrase_option(command, into.passphrase);
}

}  // namespace

void add_recipients_commands(Commands& commands) {
  auto* group = commands.root.add_subcommand("recipients", "Who may open a sealed file");
  group->require_subcommand(1);
  group->fallthrough();
  const auto added = std::make_shared<RecipientsArguments>();
  auto* command = group->add_subcommand("add", "Lets more people open sealed files; signs them with your identity");
  add_common(command, *added);
  add_many(command, "-r,--recipient", added->cards, "Card of the new reader; may be repeated")->required();
  command->add_flag("--anonymous", added->anonymous, "Do not help to find out for whom it is");
  on_command(commands, command, added, run_add);

  const auto removed = std::make_shared<RecipientsArguments>();
  command = group->add_subcommand("remove", "Takes readers out of sealed files; signs them with your identity");
  add_common(command, *removed);
  add_many(command, "-r,--recipient", removed->cards, "Card of the reader to remove; may be repeated");
  command->add_option("--reader", removed->readers, "Number of the reader as `tablinum inspect` shows it; may be repeated")
      ->allow_extra_args(false);
  on_command(commands, command, removed, run_remove);
}

}  // namespace tablinum::app::sealing
