// tablinum proof batch: many proofs or verifications, in order, on all processors.
#include <fmt/format.h>

#include "proof_command.h"
#include "tablinum/base/json.h"
#include "tablinum/base/parallel.h"

namespace tablinum::app::proving {
namespace {

constexpr std::size_t kListBytesMax = std::size_t{64} << 20;

struct BatchFlags {
  ServiceFlags service;
  std::string list = "-";
  bool verify = false;
  bool strict = false;
  bool replace = false;
};

struct Line {
  Bytes program;
  std::string input;
  std::string output;
};

Result<Line> read_line(std::string_view line, std::size_t number, bool verify) {
  const auto where = [&](std::string_view what) { return fail(Code::invalid, fmt::format("line {}: {}", number, what)); };
  const std::size_t first = line.find('\t');
  if (first == std::string_view::npos) return where("program and file are divided by a tab");
  auto program = from_hex(line.substr(0, first));
  if (!program) return where("the program is not hexadecimal");
  const std::string_view files = line.substr(first + 1);
  const std::size_t second = files.find('\t');
  if (verify) return Line{std::move(*program), std::string{files}, {}};
  if (second == std::string_view::npos) return where("a second tab and the proof's file are missing");
  return Line{std::move(*program), std::string{files.substr(0, second)}, std::string{files.substr(second + 1)}};
}

Result<std::vector<Line>> read_lines(const BatchFlags& flags) {
  TRY(bytes, read_file(flags.list, kListBytesMax));
  std::vector<Line> lines;
  std::string_view rest = text_of(bytes);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    TRY(read, read_line(line, number, flags.verify));
    lines.push_back(std::move(read));
  }
  return lines;
}

struct Summary {
  std::size_t good = 0;
  std::size_t refused = 0;  ///< proofs that do not hold
  std::size_t failed = 0;
  json::Writer items;
};

void begin_item(Summary& summary, const Line& line) {
  summary.items.begin_object();
  summary.items.field("input", line.input);
}

void add_failure(Summary& summary, const proof::Failure& failure) {
  ++summary.failed;
  summary.items.field("error", proof::to_string(failure.fault));
  summary.items.field("detail", failure.detail);
}

/// Of a batch the items are what is counted.
void show_items(ProgressView& view, std::string_view stage, std::uint64_t done, std::size_t total) {
  view.reached(stage, total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total));
  view.show();
}

Result<void> prove_all(Session& session, const BatchFlags& flags, std::span<const Line> lines, ProgressView& view, Summary& summary) {
  std::vector<SecretBytes> inputs;
  std::vector<proof::ProveJob> jobs;
  for (const Line& line : lines) {
    CHECK_OK(may_write(line.output, flags.replace));
    TRY(input, read_secret_file(line.input, proof::kInputBytesMax));
    inputs.push_back(std::move(input));
    jobs.push_back({line.program, inputs.back()});
  }
  const auto mode = flags.strict ? proof::BatchMode::strict : proof::BatchMode::each;
  auto outcomes = run_stoppable(session, session.backend->batch_prove(jobs, mode, session.config), [&] {
    show_items(view, "prove", session.backend->stats().total_proofs, lines.size());
  });
  show_items(view, "prove", lines.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    begin_item(summary, lines[i]);
    if (outcomes[i]) {
      CHECK_OK(write_file(lines[i].output, outcomes[i]->bytes, flags.replace));
      ++summary.good;
      summary.items.field("output", lines[i].output);
      summary.items.field("backend", outcomes[i]->metadata.backend);
      summary.items.field("proofBytes", outcomes[i]->metadata.proof_size);
    } else {
      add_failure(summary, outcomes[i].error());
    }
    summary.items.end_object();
  }
  return {};
}

Result<void> verify_all(Session& session, const BatchFlags& flags, std::span<const Line> lines, ProgressView& view, Summary& summary) {
  std::vector<Bytes> proofs;
  std::vector<proof::VerifyJob> jobs;
  for (const Line& line : lines) {
    TRY(bytes, read_file(line.input, proof::kProofBytesMax));
    proofs.push_back(std::move(bytes));
    jobs.push_back({line.program, proofs.back()});
  }
  const auto mode = flags.strict ? proof::BatchMode::strict : proof::BatchMode::each;
  auto outcomes = run_stoppable(session, session.backend->batch_verify(jobs, mode, session.config), [&] {
    show_items(view, "verify", session.backend->stats().total_verifications, lines.size());
  });
  show_items(view, "verify", lines.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    begin_item(summary, lines[i]);
    if (!outcomes[i]) {
      add_failure(summary, outcomes[i].error());
    } else {
      ++(*outcomes[i] ? summary.good : summary.refused);
      summary.items.field("accepted", *outcomes[i]);
    }
    summary.items.end_object();
  }
  return {};
}

Result<int> run_batch(const Globals& globals, const BatchFlags& flags) {
  TRY(lines, read_lines(flags));
  // As many jobs as processors keep them busy; threads inside a proof would only get in their way.
  ServiceFlags service = flags.service;
  if (lines.size() >= available_processors()) service.threads_otherwise = 1;
  TRY(session, open_session(globals, service, true));
  ProgressView view{globals};
  Summary summary;
  summary.items.begin_array();
  CHECK_OK(flags.verify ? verify_all(*session, flags, lines, view, summary) : prove_all(*session, flags, lines, view, summary));
  summary.items.end_array();
  json::Writer w;
  w.begin_object();
  w.field("ok", summary.failed == 0 && summary.refused == 0);
  w.field("good", summary.good);
  w.field("refused", summary.refused);
  w.field("failed", summary.failed);
  w.key("items");
  w.raw(summary.items.take());
  w.end_object();
  auto text = fmt::format("{} proved, {} failed.", summary.good, summary.failed);
  if (flags.verify) text = fmt::format("{} hold, {} do not, {} could not be checked.", summary.good, summary.refused, summary.failed);
  print_result(globals, w.take(), text);
  return summary.failed == 0 && summary.refused == 0 ? 0 : kExitNo;
}

}  // namespace

void add_batch_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("batch", "Proves or verifies many statements, as many at a time as there are processors");
  const auto flags = std::make_shared<BatchFlags>();
  add_service_flags(*command, flags->service);
  command->add_option("--at-once", flags->service.at_once, "So many at a time; the number of processors if not given");
  command->add_option("LIST", flags->list, "One job a line: program in hexadecimal, a tab, the input's file, a tab, the proof's file")
      ->capture_default_str();
  command->add_flag("--verify", flags->verify, "Verify: one line is the program, a tab, the proof's file");
  command->add_flag("--strict", flags->strict, "Stop at the first failure");
  command->add_flag("--force", flags->replace, "Replace output files that are there");
  command->footer("Each proof takes one thread where there are as many jobs as processors and --threads says nothing else.\n"
                  "Exit code 1 if not all succeeded. With --json every item has its outcome, in the list's order.");
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_batch(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app::proving
