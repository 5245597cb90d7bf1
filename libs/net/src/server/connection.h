#pragma once
/// One HTTP/1.1 connection of a server: reads requests with the engine, runs the handler, sends what it answers, one after the
/// other. Its coroutines run on one core; nothing here is locked.
#include <optional>
#include <string>

#include "h1/reader.h"
#include "h1/writer.h"
#include "server/environment.h"
#include "server/rate_floor.h"
#include "tablinum/io/net.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

/// Bodies up to this size are copied behind their head, to go out in one piece.
inline constexpr std::size_t kGatherBytesMax = std::size_t{16} << 10;
/// So much of a pipeline is read ahead while a stream is sent.
inline constexpr std::size_t kReadAheadBytesMax = std::size_t{16} << 10;
/// Unread rest of a request's body that is read and dropped to keep the connection.
inline constexpr std::uint64_t kDrainBytesMax = kBodyBufferBytesMax;
/// How long a closing connection reads on, so that the last answer is not destroyed by a reset (RFC 9112 §9.6).
inline constexpr Duration kLingerTime = Duration::seconds(2);

class IncomingBody;

class Connection final : public Served {
 public:
  Connection(ConnectionEnvironment& environment, io::TcpSocket socket);
  /// Over TLS (`tls` is the stream's), or after `begun` was read from it.
  Connection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream, const TlsInfo* tls, std::string_view begun);
  ~Connection() override;

  io::Task<void> run() override;
  void stop() noexcept override;

 private:
  friend class IncomingBody;
  enum class Linger : std::uint8_t { no, yes };

  io::Task<bool> receive_head();
  io::Task<bool> receive_more_of_head();
  io::Task<bool> serve_request();
  io::Task<bool> answer_and_send(Request& request);
  io::Task<Result<void>> send_hints(const Headers& headers);
  io::Task<void> hand_over(Takeover takeover);
  Request make_request(h1::RequestHead head);
  io::Task<Result<std::size_t>> read_stream(Instant limit);
  void close() noexcept;
  io::Task<bool> send(const Request& request, Response& response, bool keep_alive);
  io::Task<bool> send_body(Body& body, h1::Framing framing);
  io::Task<bool> send_stream(Body& body, h1::Framing framing);
  io::Task<void> watch_peer();
  io::Task<void> refuse(h1::Refusal refusal);
  io::Task<bool> drain_body();
  io::Task<void> linger();
  io::Task<bool> flush();
  io::Task<bool> write(ByteView first, ByteView second, ByteView third);

  io::Task<Result<Chunk>> read_body();
  io::Task<Result<void>> send_continue();
  io::Task<Result<void>> receive_body();
  bool may_keep_alive() const noexcept;
  bool body_is_open() const noexcept { return reader_.in_body(); }

  ConnectionEnvironment& environment_;
  // Plain TCP without the detour over a ByteStream: an await less for each read and write.
  io::TcpSocket socket_;
  std::unique_ptr<ByteStream> stream_;  // else this
  const TlsInfo* tls_ = nullptr;
  Peer peer_;
  h1::RequestReader reader_;
  std::string out_;                       // what is about to be written
  io::Context* context_ = nullptr;
  IncomingBody* incoming_ = nullptr;      // the body of the request being served, while somebody has it
  std::optional<h1::Refusal> failure_;    // why the request's body could not be read
  RateFloor receiving_;
  RateFloor sending_;
  Instant head_limit_;
  std::uint64_t body_size_ = 0;           // by Content-Length, of the request being served
  std::uint32_t requests_ = 0;
  bool wants_keep_alive_ = true;
  bool owes_continue_ = false;
  bool head_clock_runs_ = false;
  bool idle_ = false;
  bool sends_events_ = false;             // until the client or the server has had enough
  Linger linger_ = Linger::no;
};

}  // namespace tablinum::net
