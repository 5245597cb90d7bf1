#include "tablinum/io/signal.h"

#include <pthread.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

#include "os/descriptor.h"
#include "os/errno.h"

namespace tablinum::io {
namespace {

Result<sigset_t> set_of(std::span<const int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) {
    if (::sigaddset(&set, signal) < 0) return fail(Code::invalid, "no signal " + std::to_string(signal));
  }
  return set;
}

}  // namespace

Result<void> block_signals(std::span<const int> signals) {
  TRY(set, set_of(signals));
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return {};
}

Result<SignalStream> SignalStream::open(Io& io, std::span<const int> signals) {
  TRY(set, set_of(signals));
  OwnedFd fd{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (fd.get() < 0) return fail_errno(errno, "signalfd");
  TRY(descriptor, io.attach(fd.release(), false));
  return SignalStream{io, descriptor};
}

SignalStream::~SignalStream() {
  if (descriptor_ != nullptr) io_->detach(descriptor_);
}

Task<Result<int>> SignalStream::next() {
  signalfd_siginfo info;
  Op<Size> reading{*io_, Kind::read};
  reading.operation().descriptor = descriptor_;
  reading.operation().args.transfer = {reinterpret_cast<std::byte*>(&info), nullptr, sizeof info, 0, true};
  CO_CHECK_OK(co_await reading);
  co_return static_cast<int>(info.ssi_signo);
}

}  // namespace tablinum::io
