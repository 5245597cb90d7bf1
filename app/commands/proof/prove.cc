// tablinum proof prove, verify.
#include <fmt/format.h>

#include "proof_command.h"
#include "tablinum/base/json.h"

namespace tablinum::app::proving {
namespace {

struct ProveFlags {
  ServiceFlags service;
  ProgramFlags program;
  std::string statement;
  std::uint64_t number = 0;
  std::string input = "-";
  std::string output = "-";
  bool replace = false;
};

/// The bare programs whose hash is the input's own.
Result<Bytes> program_for(const std::string& statement, std::uint64_t number, ByteView input) {
  using proof::StatementType;
  const std::array<std::pair<std::string_view, StatementType>, 3> known{
      {{"message", StatementType::message}, {"transaction", StatementType::change}, {"block", StatementType::block}}};
  for (const auto& [name, type] : known) {
    if (statement != name) continue;
    Bytes program{static_cast<std::byte>(type)};
    append(program, sha256(input).view());
    if (type == StatementType::block) append_u64_le(program, number);
    return program;
  }
  return fail(Code::invalid, "--statement is message, transaction or block");
}

Result<Bytes> program_of(const ProveFlags& flags, ByteView input) {
  if (flags.statement.empty()) return read_program(flags.program);
  if (!flags.program.hex.empty() || !flags.program.file.empty()) return fail(Code::invalid, "--statement makes the program itself");
  return program_for(flags.statement, flags.number, input);
}

std::string proof_json(const proof::Proof& proof, ByteView program, const std::string& path) {
  const proof::ProofMetadata& metadata = proof.metadata;
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("output", path);
  w.field("program", to_hex(program));
  w.field("programHash", to_hex(metadata.program_hash));
  w.field("backend", metadata.backend);
  w.field("profile", metadata.profile);
  w.field("soundnessBits", metadata.soundness_bits);
  w.field("proofBytes", metadata.proof_size);
  w.field("generationMs", metadata.generation_time.seconds() * 1000);
  w.field("timestamp", to_rfc3339(metadata.timestamp));
  w.end_object();
  return w.take();
}

Result<int> run_prove(const Globals& globals, const ProveFlags& flags) {
  CHECK_OK(may_write(flags.output, flags.replace));
  TRY(input, read_secret_file(flags.input, proof::kInputBytesMax));
  TRY(program, program_of(flags, input));
  TRY(session, open_session(globals, flags.service, false));
  ProgressView view{globals, flags.output != "-"};
  session->config.progress = view.listener();
  auto proof = run_stoppable(*session, session->backend->prove(program, input, session->config), [&] { view.show(); });
  view.show();
  if (!proof) return std::unexpected(proof::to_error(proof.error()));
  CHECK_OK(write_file(flags.output, proof->bytes, flags.replace));
  // The proof itself went to standard output: nothing else may.
  if (flags.output == "-") return 0;
  const auto text = fmt::format("Proved in {:.0f} ms by {}: {} bytes in {}.\nProgram (the verifier needs it): {}",
                                proof->metadata.generation_time.seconds() * 1000, proof->metadata.backend, proof->metadata.proof_size,
                                flags.output, to_hex(program));
  print_result(globals, proof_json(*proof, program, flags.output), text);
  return 0;
}

struct VerifyFlags {
  ServiceFlags service;
  ProgramFlags program;
  std::string proof;
};

Result<int> run_verify(const Globals& globals, const VerifyFlags& flags) {
  TRY(program, read_program(flags.program));
  TRY(bytes, read_file(flags.proof, proof::kProofBytesMax));
  TRY(session, open_session(globals, flags.service, false));
  ProgressView view{globals};
  session->config.progress = view.listener();
  auto accepted = run_stoppable(*session, session->backend->verify(program, bytes, session->config), [&] { view.show(); });
  view.show();
  if (!accepted) return std::unexpected(proof::to_error(accepted.error()));
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("accepted", *accepted);
  w.field("programHash", to_hex(sha256(program)));
  w.end_object();
  print_result(globals, w.take(), *accepted ? "True: the proof holds for this program." : "False: this is no proof of this program.");
  return *accepted ? 0 : kExitNo;
}

}  // namespace

void add_prove_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("prove", "Proves a statement about a secret input and writes the proof to a file");
  const auto flags = std::make_shared<ProveFlags>();
  add_service_flags(*command, flags->service);
  add_program_flags(*command, flags->program);
  command->add_option("--statement", flags->statement,
                      "Instead of a program: message, transaction or block; its hash is then the input's SHA-256");
  command->add_option("--number", flags->number, "Number of the block (--statement block)");
  command->add_option("-i,--input", flags->input, "File with the secret input; - is standard input")->capture_default_str();
  command->add_option("-o,--output", flags->output, "File for the proof; - is standard output")->capture_default_str();
  command->add_flag("--force", flags->replace, "Replace the output file if it is there");
  command->footer("Example: tablinum proof prove --statement message -i letter.txt -o letter.proof");
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_prove(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

void add_verify_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("verify", "Checks a proof against a program: exit code 0 if it holds, 1 if not");
  const auto flags = std::make_shared<VerifyFlags>();
  add_service_flags(*command, flags->service);
  add_program_flags(*command, flags->program);
  command->add_option("PROOF", flags->proof, "File with the proof; - is standard input")->required();
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_verify(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app::proving
