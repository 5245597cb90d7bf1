#include "tablinum/io/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "os/descriptor.h"
#include "os/errno.h"
#include "tablinum/io/cancel.h"

extern "C" char** environ;

namespace tablinum::io {
namespace {

constexpr Size kReadBytes = 64 * 1024;

/// A Descriptor that is given back.
class Attached {
 public:
  Attached(Io& io, Descriptor* descriptor) noexcept : io_{io}, descriptor_{descriptor} {}
  ~Attached() { io_.detach(descriptor_); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  Descriptor* get() const noexcept { return descriptor_; }

 private:
  Io& io_;
  Descriptor* descriptor_;
};

struct Pipe {
  OwnedFd read;
  OwnedFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return fail_errno(errno, "pipe2");
  Pipe pipe{OwnedFd{ends[0]}, OwnedFd{ends[1]}};
  if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno(errno, "fcntl");
  return pipe;
}

/// The input as a file in memory, so that nobody has to feed the program while its output is read.
Result<OwnedFd> make_input(ByteView input) {
  OwnedFd fd{::memfd_create("input", MFD_CLOEXEC)};
  if (fd.get() < 0) return fail_errno(errno, "memfd_create");
  while (!input.empty()) {
    const auto put = ::write(fd.get(), input.data(), input.size());
    if (put < 0 && errno != EINTR) return fail_errno(errno, "write");
    if (put > 0) input = input.subspan(static_cast<Size>(put));
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

Result<void> check(const ProcessOptions& options) {
  const auto broken = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  bool wrong = options.program.empty() || broken(options.program) || broken(options.directory);
  for (const auto& each : options.arguments) wrong = wrong || broken(each);
  if (options.environment) {
    for (const auto& each : *options.environment) wrong = wrong || broken(each);
  }
  wrong = wrong || options.output_bytes_max > kProcessOutputBytesMax || options.grace > kProcessGraceMax;
  if (wrong) return fail(Code::invalid, "the options of a process");
  return {};
}

std::vector<char*> pointers(const std::vector<std::string>& strings, const std::string* first) {
  std::vector<char*> out;
  if (first != nullptr) out.push_back(const_cast<char*>(first->c_str()));
  for (const auto& each : strings) out.push_back(const_cast<char*>(each.c_str()));
  out.push_back(nullptr);
  return out;
}

/// What posix_spawn does between fork and exec.
class Plan {
 public:
  Plan() noexcept {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t set;
    ::sigemptyset(&set);
    ::posix_spawnattr_setsigmask(&attributes_, &set);  // we may have blocked some, and ignore SIGPIPE
    ::sigaddset(&set, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &set);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Plan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  void use(const ProcessOptions& options, int input, int output) noexcept {
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    if (options.errors == ProcessOptions::Errors::merge) ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    if (options.errors == ProcessOptions::Errors::discard) {
      ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (!options.directory.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, options.directory.c_str());
  }
  Result<pid_t> spawn(const ProcessOptions& options) {
    const auto argv = pointers(options.arguments, &options.program);
    const auto envp = options.environment ? pointers(*options.environment, nullptr) : std::vector<char*>{};
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, options.program.c_str(), &actions_, &attributes_, argv.data(),
                                     options.environment ? envp.data() : environ);
    if (error != 0) return fail_errno(error, "posix_spawn " + options.program);
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

struct Started {
  pid_t pid;
  OwnedFd output;
};

Result<Started> spawn(const ProcessOptions& options) {
  TRY(input, make_input(options.input));
  TRY(output, make_pipe());
  Plan plan;
  plan.use(options, input.get(), output.write.get());
  TRY(pid, plan.spawn(options));
  return Started{pid, std::move(output.read)};
}

Task<Result<Bytes>> read_output(Io& io, Descriptor* output, Size most) {
  Bytes all;
  Bytes buffer(kReadBytes);
  for (;;) {
    Op<Size> reading{io, Kind::read};
    reading.operation().descriptor = output;
    reading.operation().args.transfer = {buffer.data(), nullptr, buffer.size(), 0, false};
    CO_TRY(got, co_await reading);
    if (got == 0) co_return all;
    if (all.size() + got > most) co_return fail(Code::too_large, "more output than allowed");
    append(all, ByteView{buffer}.first(got));
  }
}

Op<Size> wait_for_end(Io& io, Descriptor* process) noexcept {
  Op<Size> waiting{io, Kind::wait_process};
  waiting.operation().descriptor = process;
  return waiting;
}

Task<Result<Size>> terminate(Io& io, Descriptor* process, pid_t pid, Duration grace) {
  ::kill(pid, SIGTERM);  // not reaped yet, so the number is still its own
  auto ended = co_await wait_for_end(io, process).until(io.now() + grace);
  if (ended) co_return ended;
  ::kill(pid, SIGKILL);
  co_return co_await wait_for_end(io, process);
}

/// Whatever else fails: no zombie is left.
void reap_now(pid_t pid) noexcept {
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

ProcessEnd end_of(Size packed, Bytes output) {
  const int code = static_cast<int>(packed >> 32);
  const int status = static_cast<int>(packed & 0xffff'ffff);
  ProcessEnd end;
  end.output = std::move(output);
  if (code == CLD_EXITED) {
    end.exit_code = status;
  } else {
    end.signal = status;
  }
  return end;
}

}  // namespace

Task<Result<ProcessEnd>> run_process(Io& io, ProcessOptions options) {
  if (!io.capabilities().real_kernel) co_return fail(Code::unsupported, "no programs in simulation");
  CO_CHECK_OK(check(options));
  Context& here = co_await this_context();
  if (here.cancelled()) co_return fail(Code::cancelled, options.program);
  CO_TRY(started, spawn(options));
  const int process_fd = static_cast<int>(::syscall(SYS_pidfd_open, started.pid, 0));
  auto process_or = process_fd < 0 ? Result<Descriptor*>{fail_errno(errno, "pidfd_open")} : io.attach(process_fd, false);
  auto output_or = process_or ? io.attach(started.output.release(), false) : process_or;
  if (!output_or) {
    reap_now(started.pid);
    if (process_or) io.detach(*process_or);
    co_return std::unexpected(output_or.error());
  }
  const Attached process{io, *process_or};
  const Attached output{io, *output_or};
  auto read = co_await read_output(io, output.get(), options.output_bytes_max);
  auto ended = read ? co_await wait_for_end(io, process.get()) : Result<Size>{std::unexpected(read.error())};
  if (ended) co_return end_of(*ended, std::move(*read));
  const auto forced = co_await shield(io, kShieldMax, terminate(io, process.get(), started.pid, options.grace));
  if (!forced) reap_now(started.pid);
  co_return std::unexpected(ended.error());
}

}  // namespace tablinum::io
