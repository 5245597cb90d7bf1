// tablinum proof stats, bench: the service's own test and figures, and times of this machine.
#include <fmt/format.h>

#include "proof_command.h"
#include "tablinum/base/json.h"

namespace tablinum::app::proving {
namespace {

struct StatsFlags {
  ServiceFlags service;
  unsigned rounds = 5;
};

void add(json::Writer& w, const proof::ZkStats& stats) {
  w.field("totalProofs", stats.total_proofs);
  w.field("totalVerifications", stats.total_verifications);
  w.field("totalFailures", stats.total_failures);
  w.field("totalRejectedProofs", stats.total_rejected_proofs);
  w.field("totalRefused", stats.total_refused);
  w.field("avgProvingMs", stats.avg_proving_time.seconds() * 1000);
  w.field("p50ProvingMs", stats.p50_proving.seconds() * 1000);
  w.field("p95ProvingMs", stats.p95_proving.seconds() * 1000);
  w.field("avgVerificationMs", stats.avg_verification_time.seconds() * 1000);
  w.field("p50VerificationMs", stats.p50_verification.seconds() * 1000);
  w.field("p95VerificationMs", stats.p95_verification.seconds() * 1000);
}

/// A message of so many bytes, and the program that it makes true.
std::pair<Bytes, Bytes> message_of(std::size_t bytes) {
  Bytes message(bytes, std::byte{'a'});
  Bytes program{static_cast<std::byte>(proof::StatementType::message)};
  append(program, sha256(message).view());
  return {std::move(program), std::move(message)};
}

Result<int> run_stats(const Globals& globals, const StatsFlags& flags) {
  TRY(session, open_session(globals, flags.service, true));
  auto& backend = *session->backend;
  ProgressBar bar{globals};
  auto started = run_stoppable(*session, backend.initialize(session->options));
  if (!started) return std::unexpected(proof::to_error(started.error()));
  const auto [program, message] = message_of(40);
  proof::ZkConfig config = session->config;
  for (unsigned round = 0; round < flags.rounds; ++round) {
    bar.show("prove and verify", round, flags.rounds);
    config.use_cache = round != 0;  // the first one fresh, the others fill and use the cache
    auto proof = run_stoppable(*session, backend.prove(program, message, config));
    if (!proof) return std::unexpected(proof::to_error(proof.error()));
    auto accepted = run_stoppable(*session, backend.verify(program, proof->bytes, config));
    if (!accepted) return std::unexpected(proof::to_error(accepted.error()));
  }
  const auto health = io::run(*session->io, backend.health_check());
  const auto usage = backend.resource_usage();
  const auto stats = backend.stats();
  const auto cache = backend.cache_stats();
  json::Writer w;
  w.begin_object();
  w.field("ok", health.state == proof::HealthStatus::State::healthy);
  w.field("backend", session->id);
  w.field("health", proof::to_string(health.state));
  w.field("reason", health.reason);
  add(w, stats);
  w.field("cpuPercent", usage.cpu_usage);
  w.field("memoryBytes", usage.memory_usage);
  w.field("activeTasks", usage.active_tasks);
  w.field("maxConcurrent", usage.max_concurrent);
  w.field("queueDepth", usage.queue_depth);
  w.field("circuitEntries", cache.circuit_entries);
  w.field("circuitBytes", cache.circuit_bytes);
  w.field("circuitHits", cache.circuit_hits);
  w.field("circuitMisses", cache.circuit_misses);
  w.field("circuitsFromDisk", cache.circuits_from_disk);
  w.field("proofEntries", cache.proof_entries);
  w.field("proofBytes", cache.proof_bytes);
  w.field("proofHits", cache.proof_hits);
  w.field("proofMisses", cache.proof_misses);
  w.end_object();
  const auto text = fmt::format(
      "The back end {} is {}.\nProofs: {} made (mean {:.1f} ms, 95 of 100 within {:.1f} ms), {} from the cache.\n"
      "Verifications: {} (mean {:.1f} ms). Circuits: {} compiled, {} reused, {} KB.\nMemory: {} MB resident.",
      session->id, proof::to_string(health.state), stats.total_proofs, stats.avg_proving_time.seconds() * 1000,
      stats.p95_proving.seconds() * 1000, cache.proof_hits, stats.total_verifications, stats.avg_verification_time.seconds() * 1000,
      cache.circuit_misses - cache.circuits_from_disk, cache.circuit_hits, cache.circuit_bytes >> 10, usage.memory_usage >> 20);
  print_result(globals, w.take(), text);
  return health.state == proof::HealthStatus::State::healthy ? 0 : kExitNo;
}

struct BenchFlags {
  std::vector<unsigned> blocks{1, 2, 8};
  unsigned rounds = 5;
  unsigned threads = 1;
};

struct Row {
  std::string backend;
  unsigned blocks;
  double compile_ms, prove_ms, verify_ms;
  std::size_t bytes;
};

/// The middle one.
double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

Result<Row> measure(const Globals& globals, const std::string& id, unsigned blocks, const BenchFlags& flags) {
  ServiceFlags service;
  service.backend = id;
  service.threads = flags.threads;
  service.circuits_on_disk = false;  // compiling is measured
  TRY(session, open_session(globals, service, false));
  const auto [program, message] = message_of(64 * blocks - 9);
  Row row{id, blocks, 0, 0, 0, 0};
  std::vector<double> prove_ms;
  std::vector<double> verify_ms;
  for (unsigned round = 0; round <= flags.rounds; ++round) {
    const Instant start = monotonic_now();
    auto proof = run_stoppable(*session, session->backend->prove(program, message));
    if (!proof) return std::unexpected(proof::to_error(proof.error()));
    const double whole_ms = (monotonic_now() - start).seconds() * 1000;
    const double proving = proof->metadata.generation_time.seconds() * 1000;
    auto accepted = run_stoppable(*session, session->backend->verify(program, proof->bytes));
    if (!accepted || !*accepted) return fail(Code::internal, "a proof does not verify");
    row.bytes = proof->metadata.proof_size;
    if (round == 0) {
      row.compile_ms = whole_ms - proving;  // the first one compiles, and warms the caches of the processor
      continue;
    }
    prove_ms.push_back(proving);
  }
  row.prove_ms = median(prove_ms);
  row.verify_ms = session->backend->stats().p50_verification.seconds() * 1000;
  return row;
}

Result<int> run_bench(const Globals& globals, const BenchFlags& flags) {
  ProgressBar bar{globals};
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("threads", flags.threads);
  w.key("rows");
  w.begin_array();
  std::string text = fmt::format("Message of N blocks, {} thread(s), medians of {}\n", flags.threads, flags.rounds);
  text += fmt::format("{:<6} {:>3} {:>11} {:>10} {:>10} {:>8}\n", "back", "N", "compile ms", "prove ms", "verify ms", "bytes");
  std::uint64_t done = 0;
  for (const unsigned blocks : flags.blocks) {
    for (const std::string id : {"lf", "vole"}) {
      bar.show("bench", done++, 2 * flags.blocks.size());
      TRY(row, measure(globals, id, blocks, flags));
      text += fmt::format("{:<6} {:>3} {:>11.1f} {:>10.2f} {:>10.2f} {:>8}\n", id, blocks, row.compile_ms, row.prove_ms, row.verify_ms,
                          row.bytes);
      w.begin_object();
      w.field("backend", id);
      w.field("blocks", blocks);
      w.field("compileMs", row.compile_ms);
      w.field("proveMs", row.prove_ms);
      w.field("verifyMs", row.verify_ms);
      w.field("proofBytes", row.bytes);
      w.end_object();
    }
  }
  w.end_array();
  w.end_object();
  text.pop_back();
  print_result(globals, w.take(), text);
  return 0;
}

}  // namespace

void add_stats_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("stats", "Tests the service and shows health, figures and caches after some proofs");
  const auto flags = std::make_shared<StatsFlags>();
  add_service_flags(*command, flags->service);
  command->add_option("--rounds", flags->rounds, "Proofs and verifications")->capture_default_str()->check(CLI::Range(1, 10'000));
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_stats(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

void add_bench_command(Commands& commands, CLI::App& group) {
  auto* command = group.add_subcommand("bench", "Times of proving and verifying on this machine, for both back ends");
  const auto flags = std::make_shared<BenchFlags>();
  command->add_option("--blocks", flags->blocks, "Lengths of the message in blocks: 1, 2, 4, 8, 16, 32")
      ->check(CLI::IsMember({1U, 2U, 4U, 8U, 16U, 32U}));
  command->add_option("--rounds", flags->rounds, "Measured proofs of each")->capture_default_str()->check(CLI::Range(1, 1000));
  command->add_option("--threads", flags->threads, "Threads of one proof")->capture_default_str()->check(CLI::Range(1, 256));
  command->callback([&commands, flags] {
    commands.chosen = [&globals = commands.globals, flags] {
      const auto result = run_bench(globals, *flags);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app::proving
