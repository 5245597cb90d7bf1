#pragma once
/// What the models on a real kernel share: clock, randomness, descriptors.
#include "core/model_io.h"

namespace tablinum::io {

class KernelIo : public ModelIo {
 public:
  Result<Descriptor*> attach(int fd, bool stream) override;
  void detach(Descriptor* descriptor) noexcept final;
  Instant now() const noexcept final { return monotonic_now(); }
  Timestamp wall_time() const noexcept final { return wall_now(); }
  void fill_random(MutableBytes out) final;
  System& system() noexcept final;

 protected:
  KernelIo() : ModelIo{monotonic_now()} {}

  /// Returns when no other thread is in a system call on the descriptor. Under the lock.
  virtual void wait_for_calls(const Descriptor&) noexcept {}
  /// Frees the descriptor, whose fd is closed.
  virtual void discard(Descriptor* descriptor) noexcept { delete descriptor; }
};

}  // namespace tablinum::io
