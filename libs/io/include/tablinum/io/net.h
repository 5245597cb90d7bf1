#pragma once
/// Stream sockets: TCP over IPv4 and IPv6, and Unix sockets. SIGPIPE is never raised (MSG_NOSIGNAL).
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "tablinum/io/io.h"

namespace tablinum::io {

inline constexpr int kBacklogMax = 4096;
inline constexpr Size kUnixPathBytesMax = 107;

/// An IPv4 or IPv6 address with port, or the path of a Unix socket.
class Endpoint {
 public:
  enum class Family : std::uint8_t { none, ipv4, ipv6, unix_path };

  Endpoint() noexcept = default;
  /// "127.0.0.1:8080", "[::1]:8080", "unix:/run/tablinum.sock". Names are not resolved.
  /// @error invalid: another form, a port over 65535, or a path over kUnixPathBytesMax.
  static Result<Endpoint> parse(std::string_view text);
  /// @error invalid: `ip` is not an IPv4 or IPv6 address.
  static Result<Endpoint> from_ip(std::string_view ip, std::uint16_t port);
  /// `bytes` of a sockaddr; none for families not listed above.
  static Endpoint from_system(const void* address, std::uint32_t bytes);
  /// Writes a sockaddr (at least sizeof(sockaddr_storage)); returns its size, 0 for none.
  std::uint32_t to_system(void* address) const noexcept;

  Family family() const noexcept { return family_; }
  std::uint16_t port() const noexcept { return port_; }
  /// True for 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 and Unix sockets.
  bool is_loopback() const noexcept;
  /// The form parse() reads; "" for none.
  std::string to_string() const;
  /// Without the port: "192.0.2.1", "2001:db8::1", "/run/tablinum.sock".
  std::string host() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;

 private:
  Family family_ = Family::none;
  std::uint16_t port_ = 0;
  std::uint32_t scope_ = 0;
  std::array<std::uint8_t, 16> ip_{};
  std::string path_;
};

/// A connected stream. Move-only; belongs to one core. One read and one write may be in flight at a time (a second: `busy`).
/// Buffers live until the operation returned. The destructor closes.
class TcpSocket {
 public:
  TcpSocket() noexcept = default;
  TcpSocket(Io& io, Descriptor* descriptor, Endpoint peer) noexcept : io_{&io}, descriptor_{descriptor}, peer_{std::move(peer)} {}
  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&& other) noexcept;
  ~TcpSocket() { close(); }

  /// 1 … buffer.size() bytes, or 0: the peer's orderly end.
  /// @error reset, cancelled, timeout (until), closed: close() was called, busy, io.
  Op<Size> read(MutableBytes buffer) noexcept;
  /// Exactly buffer.size() bytes.  @error as read; closed: the end came before (detail says after how many bytes).
  Op<Size> read_exactly(MutableBytes buffer) noexcept;
  /// At least one byte of `data`.  @error as read (reset also for a peer that stopped reading: EPIPE).
  Op<Size> write(const ByteView& data) noexcept;
  Op<Size> write(ByteView&&) = delete;  // the view itself is kept until the operation returned: name it
  /// All of `data`; the error's detail says how many bytes went out.
  Op<Size> write_all(const ByteView& data) noexcept;
  Op<Size> write_all(ByteView&&) = delete;
  /// All pieces in order, gathered into as few system calls as possible. `pieces` and what they show live until it returned.
  Op<Size> write_all(std::span<const ByteView> pieces) noexcept;
  /// Sends FIN; reading goes on.  @error closed, reset, io.
  Result<void> shutdown_write() noexcept;
  /// Idempotent. Operations in flight return `cancelled`.
  void close() noexcept;
  bool is_open() const noexcept { return descriptor_ != nullptr; }

  const Endpoint& peer() const noexcept { return peer_; }
  Endpoint local() const;
  /// TCP_NODELAY; set by accept and connect, so small writes go out at once.
  Result<void> set_no_delay(bool on) noexcept;
  Io& io() const noexcept { return *io_; }

 private:
  Op<Size> transfer(Kind kind, bool all) noexcept;
  Io* io_ = nullptr;
  Descriptor* descriptor_ = nullptr;
  Endpoint peer_;
};

struct ConnectOptions {
  ConnectOptions() noexcept {}
  bool no_delay = true;
};
/// @error refused, unreachable, timeout (the system's), cancelled, not_found (Unix path), io.
Task<Result<TcpSocket>> connect(Io& io, Endpoint peer, ConnectOptions options = {});

struct ListenOptions {
  ListenOptions() noexcept {}
  int backlog = 1024;         ///< capped at kBacklogMax
  bool reuse_port = false;    ///< one listener a core on the same port
  bool v6_only = false;       ///< otherwise [::] accepts IPv4 too
  bool no_delay = true;       ///< of the accepted sockets
  bool replace_path = true;   ///< Unix: a stale socket file is removed first
};

/// A listening socket. One accept at a time.
class TcpListener {
 public:
  TcpListener() noexcept = default;
  TcpListener(Io& io, Descriptor* descriptor, Endpoint local, ListenOptions options) noexcept;
  TcpListener(TcpListener&& other) noexcept;
  TcpListener& operator=(TcpListener&& other) noexcept;
  ~TcpListener() { close(); }

  /// The next connection. Errors of one connection (reset before accepted) are skipped.
  /// @error limit: no descriptors are left; the waiting connection was accepted and closed, so the queue does not stick.
  ///        cancelled, closed, busy, io.
  Task<Result<TcpSocket>> accept();
  /// Idempotent; an accept in flight returns `cancelled`.
  void close() noexcept;
  bool is_open() const noexcept { return descriptor_ != nullptr; }
  /// With the real port where 0 was asked for.
  const Endpoint& local() const noexcept { return local_; }

 private:
  Io* io_ = nullptr;
  Descriptor* descriptor_ = nullptr;
  Endpoint local_;
  ListenOptions options_;
  int spare_fd_ = -1;
};

/// @error address_in_use, denied, invalid (an endpoint without address), io.
Result<TcpListener> listen(Io& io, const Endpoint& local, ListenOptions options = {});

}  // namespace tablinum::io
