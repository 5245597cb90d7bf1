// tablinum proof inspect, circuits, soundness: what proofs say and what they rest on.
#include <fmt/format.h>

#include "proof_command.h"
#include "tablinum/base/json.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/vole.h"

namespace tablinum::app::proving {
namespace {

struct InspectFlags {
  ProgramFlags program;
  std::string proof;
};

std::string assumptions(std::uint8_t backend) {
  switch (backend) {
    case 1: return "SHA-256 has no collisions and behaves like a random oracle (Fiat-Shamir); no trusted set-up; no known quantum attack";
    case 2:
      return "SHA-256 has no collisions and behaves like a random oracle (Fiat-Shamir), AES-128 is a pseudo-random generator (for the "
             "secrecy of the input); no trusted set-up; no known quantum attack";
    default: return "those of an adapter that this program does not know";
  }
}

/// The shape may be one that this program does not know.
std::string words_of(const proof::Envelope& envelope) {
  if (proof::shape_exists(envelope.type, envelope.shape)) return words(envelope.type, envelope.shape);
  const auto type = static_cast<unsigned>(envelope.type);
  return fmt::format("a statement that this program does not know (type {}, shape {})", type, envelope.shape);
}

bool about_an_archive(proof::StatementType type) {
  using proof::StatementType;
  return type != StatementType::message;
}

}  // namespace

std::string explain(const proof::Envelope& envelope, const proof::Statement* statement) {
  std::string text = fmt::format("Says: {}\n", statement != nullptr ? words(*statement) : words_of(envelope));
  text += fmt::format("Back end: {}, profile {}", backend_name(envelope.backend), envelope.profile);
  if (const double bits = soundness_bits(envelope); bits > 0) text += fmt::format(", soundness {:.1f} bits", bits);
  text += fmt::format("\nRests on: {}.\n", assumptions(envelope.backend));
  text += fmt::format("Shows besides: the shape ({}), {} bytes of outputs; two copies of one proof are recognised as the same.\n",
                      words_of(envelope), envelope.outputs.size());
  if (about_an_archive(envelope.type)) {
    text += "Does not say: that what the archive holds is true. It is the assertion of whoever keeps the archive with this root.\n";
  }
  text += "This description is not a check: 'tablinum proof verify' is.";
  return text;
}

namespace {

Result<int> run_inspect(const Globals& globals, const InspectFlags& flags) {
  TRY(bytes, read_file(flags.proof, proof::kProofBytesMax));
  auto envelope = proof::read_envelope(bytes);
  if (!envelope) return std::unexpected(proof::to_error(envelope.error()));
  std::optional<proof::Statement> statement;
  if (!flags.program.hex.empty() || !flags.program.file.empty()) {
    TRY(program, read_program(flags.program));
    auto parsed = proof::Statement::parse(program);
    if (!parsed) return std::unexpected(proof::to_error(parsed.error()));
    if (parsed->type != envelope->type) return fail(Code::invalid, "the proof is of another type than the program");
    statement = std::move(*parsed);
  }
  const std::string text = explain(*envelope, statement ? &*statement : nullptr);
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("backend", backend_name(envelope->backend));
  w.field("type", static_cast<unsigned>(envelope->type));
  w.field("shape", envelope->shape);
  w.field("profile", envelope->profile);
  w.field("soundnessBits", soundness_bits(*envelope));
  w.field("says", statement ? words(*statement) : words_of(*envelope));
  w.field("restsOn", assumptions(envelope->backend));
  w.field("outputs", to_hex(envelope->outputs));
  w.field("nonce", to_hex(envelope->nonce));
  w.field("innerBytes", envelope->inner.size());
  w.field("bytes", bytes.size());
  w.end_object();
  print_result(globals, w.take(), text);
  return 0;
}

Result<int> run_circuits(const Globals& globals) {
  proof::Registry registry;
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.key("circuits");
  w.begin_array();
  std::string text = fmt::format("{:<6} {:>4} {:>5}  {:>12}  {}\n", "back", "type", "shape", "compressions", "what");
  for (const std::string& id : registry.ids()) {
    if (id == proof::kAuto) continue;
    auto backend = registry.backend(id);
    if (!backend) return std::unexpected(proof::to_error(backend.error()));
    for (const auto& shape : (*backend)->capabilities().shapes) {
      const unsigned size = proof::compressions(static_cast<proof::StatementType>(shape.type), shape.shape);
      text += fmt::format("{:<6} 0x{:02x} {:>5}  {:>12}  {}\n", id, shape.type, shape.shape, size, shape.words);
      w.begin_object();
      w.field("backend", id);
      w.field("type", shape.type);
      w.field("shape", shape.shape);
      w.field("compressions", size);
      w.field("words", shape.words);
      w.end_object();
    }
  }
  w.end_array();
  w.end_object();
  text.pop_back();
  print_result(globals, w.take(), text);
  return 0;
}

struct Account {
  std::string backend;
  std::string profile;
  std::string size;
  double bits = 0;
  bool refused = false;
  std::vector<std::pair<std::string, double>> terms;
};

Account lf_account(std::string profile, std::string size, const proof::lf::Params& params, bool refused) {
  const auto soundness = proof::lf::soundness(params);
  Account account{"lf", std::move(profile), std::move(size), soundness.bits, refused, {}};
  for (const auto& term : soundness.terms) account.terms.emplace_back(term.what, term.bits);
  return account;
}

std::vector<Account> all_accounts() {
  std::vector<Account> accounts;
  for (std::uint8_t profile = 1; profile <= 3; ++profile) {
    for (const unsigned compressions : {1U, 32U}) {
      const auto params = proof::lf::params_for(profile, compressions);
      const auto size = fmt::format("{} compressions", compressions);
      if (params) accounts.push_back(lf_account(proof::lf::profile_name(profile), size, *params, false));
    }
  }
  // What longfellow used before its version 7: shown so that people see why it is not taken.
  accounts.push_back(lf_account("LF128", "any size", {4, 128, 4096}, true));
  for (std::uint8_t profile = 1; profile <= 2; ++profile) {
    Account account{"vole", profile == 1 ? "fast" : "small", "any size", proof::vole::soundness_bits(profile), false, {}};
    for (const auto& term : proof::vole::soundness(profile).value()) account.terms.emplace_back(term.what, term.bits);
    accounts.push_back(std::move(account));
  }
  return accounts;
}

Result<int> run_soundness(const Globals& globals) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.key("profiles");
  w.begin_array();
  std::string text = "Error of one attempt to prove something false, in bits; whoever can compute 2^t hashes gains t of them.\n";
  for (const Account& account : all_accounts()) {
    text += fmt::format("\n{} {} ({}): {}\n", account.backend, account.profile, account.size,
                        fmt::format("{:.1f} bits{}", account.bits, account.refused ? ", refused" : ""));
    w.begin_object();
    w.field("backend", account.backend);
    w.field("profile", account.profile);
    w.field("size", account.size);
    w.field("refused", account.refused);
    w.field("bits", account.bits);
    w.key("terms");
    w.begin_array();
    for (const auto& [what, bits] : account.terms) {
      text += fmt::format("  {:>6.1f}  {}\n", bits, what);
      w.begin_object();
      w.field("what", what);
      w.field("bits", bits);
      w.end_object();
    }
    w.end_array();
    w.end_object();
  }
  w.end_array();
  w.end_object();
  text.pop_back();
  print_result(globals, w.take(), text);
  return 0;
}

}  // namespace

void add_inspect_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("inspect", "Says in words what a proof says, what it rests on and what it does not say");
  const auto flags = std::make_shared<InspectFlags>();
  command->add_option("PROOF", flags->proof, "File with the proof; - is standard input")->required();
  add_program_flags(*command, flags->program);
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_inspect(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

void add_circuits_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("circuits", "Lists the statements that can be proved: back end, type, shape, size");
  command->callback([&commands] {
    commands.chosen = [&globals = commands.globals] {
      const auto result = run_circuits(globals);
      return result ? *result : report(globals, result.error());
    };
  });
}

void add_soundness_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("soundness", "The account of every profile: which check could fail by chance, and how likely");
  command->callback([&commands] {
    commands.chosen = [&globals = commands.globals] {
      const auto result = run_soundness(globals);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app::proving
