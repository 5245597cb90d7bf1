// GPUs by asking nvidia-smi, which may hang, print anything, or not be there.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "tablinum/models/gpu.h"

extern char** environ;

namespace tablinum::models {
namespace {

constexpr std::string_view kQuery =
    "--query-gpu=index,name,memory.total,memory.used,memory.free,temperature.gpu,utilization.gpu,power.draw,power.limit";
constexpr std::string_view kFormat = "--format=csv,noheader,nounits";
constexpr std::size_t kColumns = 9;

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

/// A reading; nothing for "[N/A]", "[Not Supported]" and whatever else is no number.
std::optional<double> reading(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0 || value > 1e12)
    return std::nullopt;
  return value;
}
std::optional<std::uint64_t> whole(std::string_view text) noexcept {
  const auto value = reading(text);
  return value ? std::optional{static_cast<std::uint64_t>(*value)} : std::nullopt;
}

/// Nine columns; a name with commas keeps them.
std::optional<std::array<std::string_view, kColumns>> columns_of(std::string_view line) noexcept {
  std::array<std::string_view, kColumns> columns;
  const auto first = line.find(',');
  if (first == std::string_view::npos) return std::nullopt;
  columns[0] = trimmed(line.substr(0, first));
  line.remove_prefix(first + 1);
  for (std::size_t i = kColumns - 1; i >= 2; --i) {
    const auto comma = line.rfind(',');
    if (comma == std::string_view::npos) return std::nullopt;
    columns[i] = trimmed(line.substr(comma + 1));
    line = line.substr(0, comma);
  }
  columns[1] = trimmed(line);
  return columns;
}

struct Descriptor {
  int fd = -1;
  ~Descriptor() { reset(); }
  void reset() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

/// A program that was started, and is ended with its children when this goes.
struct Child {
  pid_t pid = -1;
  ~Child() {
    if (pid <= 0) return;
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  /// Its exit status; −1: ended by a signal, or it still runs after `limit`.
  int wait(Instant deadline) {
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
      if (monotonic_now() >= deadline) return -1;
      usleep(500);
    }
    pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

Result<void> start(const std::string& program, Child& child, Descriptor& output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(Code::io, "no pipe");
  output.fd = ends[0];
  const Descriptor writing{ends[1]};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // A group of its own, so that a time-out ends its children too, and Ctrl-C at the terminal is ours alone.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string name = program, query{kQuery}, format{kFormat};
  char* const arguments[] = {name.data(), query.data(), format.data(), nullptr};
  const int failed = posix_spawnp(&child.pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed == 0) return {};
  child.pid = -1;
  return fail(failed == ENOENT   ? Code::not_found
              : failed == EACCES ? Code::denied
                                 : Code::io,
              program + ": " + std::strerror(failed));
}

Result<std::string> read_output(int fd, Instant deadline, const std::string& program) {
  std::string text;
  char block[4096];
  while (true) {
    const auto left = deadline - monotonic_now();
    if (left.ns <= 0) return fail(Code::timeout, program + " does not answer");
    pollfd waiting{fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left.milliseconds()) + 1);
    if (ready < 0 && errno != EINTR) return fail(Code::io, "poll failed");
    if (ready <= 0) continue;
    const auto got = ::read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Code::io, "reading failed");
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
    if (text.size() > kSmiAnswerBytesMax) return fail(Code::corrupt, program + " prints without end");
  }
}

class SmiReader final : public GpuReader {
 public:
  SmiReader(std::string program, Duration limit) : program_{std::move(program)}, limit_{limit} {}

  Result<GpuSnapshot> read() override {
    const auto deadline = monotonic_now() + limit_;
    Child child;
    Descriptor output;
    CHECK_OK(start(program_, child, output));
    TRY(text, read_output(output.fd, deadline, program_));
    if (const int status = child.wait(deadline); status != 0) {
      return fail(Code::unavailable, program_ + (status < 0 ? " was ended" : " ended with " + std::to_string(status)));
    }
    TRY(gpus, parse_nvidia_smi(text));
    return GpuSnapshot{wall_now(), "nvidia-smi", std::move(gpus)};
  }

 private:
  const std::string program_;
  const Duration limit_;
};

}  // namespace

std::string_view nvidia_smi_query() noexcept { return kQuery; }

Result<std::vector<Gpu>> parse_nvidia_smi(std::string_view answer) {
  std::vector<Gpu> gpus;
  while (!answer.empty()) {
    const auto end = std::min(answer.find('\n'), answer.size());
    const auto line = trimmed(answer.substr(0, end));
    answer.remove_prefix(std::min(end + 1, answer.size()));
    if (line.empty()) continue;
    if (gpus.size() == kGpusReadMax) return fail(Code::limit, "more than 256 GPUs");
    const auto columns = columns_of(line);
    const auto index = columns ? whole((*columns)[0]) : std::nullopt;
    if (!index || *index > ~std::uint32_t{0})
      return fail(Code::corrupt, "not an answer of nvidia-smi: " + std::string{line.substr(0, 80)});
    const auto& c = *columns;
    Gpu gpu;
    gpu.id = static_cast<std::uint32_t>(*index);
    gpu.name = c[1];
    gpu.memory_total_mb = whole(c[2]);
    gpu.memory_used_mb = whole(c[3]);
    gpu.memory_free_mb = whole(c[4]);
    gpu.temperature_c = reading(c[5]);
    gpu.utilization_percent = reading(c[6]);
    gpu.power_w = reading(c[7]);
    gpu.power_limit_w = reading(c[8]);
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::unique_ptr<GpuReader> open_nvidia_smi(std::string program, Duration limit) {
  return std::make_unique<SmiReader>(std::move(program), limit);
}

}  // namespace tablinum::models
