#include "model/parking.h"

#include <poll.h>

#include <array>
#include <ctime>

namespace tablinum::io {

void wait_for_kernel(const Operation& operation, int fd, int wake_fd, Duration limit) noexcept {
  const short direction = waits_to_write(operation) ? POLLOUT : POLLIN;
  std::array<pollfd, 2> fds{pollfd{wake_fd, POLLIN, 0}, pollfd{fd, direction, 0}};
  const timespec time{limit.ns / 1'000'000'000, limit.ns % 1'000'000'000};
  ::ppoll(fds.data(), fds.size(), limit.ns < 0 ? nullptr : &time, nullptr);
}

bool run_on_this_thread(Operation& operation) noexcept {
  if (is_file_kind(operation.kind)) {
    run_file_operation(operation);
    return true;
  }
  if (operation.kind != Kind::offload) return false;
  operation.args.call.function(operation.args.call.object);
  return true;
}

}  // namespace tablinum::io
