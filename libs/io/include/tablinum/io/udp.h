#pragma once
/// Datagrams in batches: many a system call (recvmmsg, sendmmsg), many a datagram in one buffer where the kernel splits and joins
/// them (GSO, GRO), which address they came to, and the congestion marks (RFC 3168). What the kernel lacks is found out while
/// running and done without.
#include <memory>

#include "tablinum/io/net.h"

namespace tablinum::io {

inline constexpr Size kDatagramsPerCallMax = 64;
inline constexpr Size kDatagramBytesMax = 65'507;
/// A buffer that holds whatever GRO joins.
inline constexpr Size kGroBufferBytes = 65'536;

/// The two bits of the IP header.
enum class Ecn : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3 };

struct Datagram {
  Datagram() noexcept {}
  Endpoint peer;
  Endpoint local;                   ///< the address it came to, port 0; to send: the source, none: the system chooses
  std::uint32_t interface = 0;      ///< index; 0: unknown, any
  Ecn ecn = Ecn::not_ect;
  std::uint16_t segment_bytes = 0;  ///< not 0: `data` is several datagrams of this size (the last may be shorter)
  MutableBytes buffer;              ///< receive: where to
  ByteView data;                    ///< received; to send
  Code status{};                    ///< too_large: longer than the buffer, or than the path allows.  Others: not sent, why
};

struct UdpOptions {
  UdpOptions() noexcept {}
  bool reuse_port = false;
  bool v6_only = false;
  bool segmentation = true;              ///< GSO and GRO where the kernel has them
  Size buffer_bytes = Size{8} << 20;     ///< asked of the kernel, each way; see UdpSocket::receive_buffer_bytes
};

struct UdpCounters {
  std::uint64_t system_calls = 0;
  std::uint64_t received = 0;  ///< datagrams, joined ones counted singly
  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;  ///< refused by the system or dropped for want of buffers
  std::uint64_t gso_fallbacks = 0;
};

struct UdpBound;

/// An unconnected socket. Move-only; belongs to one core. One receive and one send at a time (a second: `busy`).
class UdpSocket {
 public:
  UdpSocket() noexcept;
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  ~UdpSocket();

  /// Waits for at least one datagram; fills the first of `datagrams` (1 … kDatagramsPerCallMax, each with a buffer).
  /// @return how many.  @error cancelled, timeout (until), closed, busy, io.
  Op<Size> receive_batch(std::span<Datagram> datagrams) noexcept;
  /// Sends all, in order, waiting while the socket's buffer is full. What one destination refuses stands in its `status` and
  /// stops nothing. @return how many were sent or refused: all, unless an error came before.
  /// @error cancelled, timeout (until), closed, busy, io.
  Op<Size> send_batch(std::span<Datagram> datagrams) noexcept;
  /// Idempotent. Operations in flight return `cancelled`.
  void close() noexcept;
  bool is_open() const noexcept { return descriptor_ != nullptr; }

  const Endpoint& local() const noexcept;
  /// The system's number of it, for handing it to another process; -1 if there is none (simulation, closed).
  int descriptor() const noexcept;
  bool segments_on_send() const noexcept;     ///< GSO works so far
  bool joins_on_receive() const noexcept;     ///< GRO is on: buffers of kGroBufferBytes lose nothing
  Size receive_buffer_bytes() const noexcept;  ///< granted
  UdpCounters counters() const noexcept;

 private:
  friend Result<UdpSocket> bind_udp(Io& io, const Endpoint& local, UdpOptions options);
  friend Result<UdpSocket> adopt_udp(Io& io, int fd, UdpOptions options);
  struct State;
  UdpSocket(Io& io, const UdpBound& bound);
  Op<Size> batch(Kind kind, std::span<Datagram> datagrams) noexcept;

  Io* io_ = nullptr;
  Descriptor* descriptor_ = nullptr;
  std::unique_ptr<State> state_;
};

/// @param local an IP endpoint; port 0: any free one.  @error address_in_use, denied, invalid, io.
Result<UdpSocket> bind_udp(Io& io, const Endpoint& local, UdpOptions options = {});
/// A socket that is bound already, of another process; takes the descriptor over, also where it fails.
/// @param options reuse_port and v6_only are what they were.  @error io.  unsupported: in simulation.
Result<UdpSocket> adopt_udp(Io& io, int fd, UdpOptions options = {});

}  // namespace tablinum::io
