#include "core/kernel_io.h"

#include <sys/random.h>
#include <unistd.h>

#include "os/system.h"

namespace tablinum::io {

System& KernelIo::system() noexcept { return kernel_system(); }

void KernelIo::fill_random(MutableBytes out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), std::min<Size>(out.size(), 256), 0);
    if (got > 0) out = out.subspan(static_cast<Size>(got));
  }
}

Result<Descriptor*> KernelIo::attach(int fd, bool stream) {
  auto* descriptor = new Descriptor;
  descriptor->fd = fd;
  descriptor->stream = stream;
  return descriptor;
}

void KernelIo::detach(Descriptor* descriptor) noexcept {
  const Guard guard{*this};
  cancel_all(*descriptor);
  wait_for_calls(*descriptor);
  ::close(std::exchange(descriptor->fd, -1));
  discard(descriptor);
}

}  // namespace tablinum::io
