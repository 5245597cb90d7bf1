#pragma once
/// What sockets and files ask of the system without waiting, beside their operations: of the kernel, or of a simulated host.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/io/udp.h"

namespace tablinum::io {

class System {
 public:
  struct Listening {
    Descriptor* descriptor;
    Endpoint local;  ///< with the real port
  };
  struct Datagrams {
    Descriptor* descriptor;
    Endpoint local;
    Size receive_buffer;
    bool gso;
    bool gro;
  };

  /// A socket that Kind::connect may connect to `peer`.
  virtual Result<Descriptor*> make_stream(Io& io, const Endpoint& peer) = 0;
  virtual Result<Listening> listen(Io& io, const Endpoint& local, const ListenOptions& options) = 0;
  virtual Result<Datagrams> bind_udp(Io& io, const Endpoint& local, const UdpOptions& options) = 0;
  /// Takes `fd` over.
  virtual Result<Datagrams> adopt_udp(Io&, int /*fd*/, const UdpOptions&) { return fail(Code::unsupported, "no descriptors here"); }
  /// The connection that a finished Kind::accept has taken.
  virtual Result<Descriptor*> take_accepted(Io& io, const Operation& accept, const Endpoint& peer) = 0;

  /// What a name stands for, where that is no question for the system's resolver.
  virtual std::optional<Result<std::vector<Endpoint>>> known_addresses(const std::string& /*name*/, std::uint16_t /*port*/) {
    return std::nullopt;
  }

  virtual Endpoint local_of(const Descriptor& descriptor) = 0;
  virtual Result<void> shutdown_write(Descriptor& descriptor) = 0;
  virtual Result<void> set_no_delay(Descriptor& descriptor, bool on) = 0;

  /// A descriptor kept for the day when there is no other: -1 if there is none, or none is needed.
  virtual int make_spare() noexcept = 0;
  /// Accepts one connection and closes it, with `spare` in place of the missing descriptor.
  virtual void shed_one(Descriptor& listener, int& spare) noexcept = 0;

  /// Of a file or a spare.
  virtual void close(int fd) noexcept = 0;
  /// Clean-up after a cancellation, when no operation runs any more.
  virtual void unlink_now(const char* path) noexcept = 0;

 protected:
  ~System() = default;
};

System& kernel_system() noexcept;

}  // namespace tablinum::io
