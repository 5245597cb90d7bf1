#pragma once
/// HTTP/3 on one QUIC connection: nghttp3 between QUIC's streams and ours. The two roles derive from it. Source: RFC 9114, 9204, 9218.
#include <nghttp3/nghttp3.h>

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "h3/control_stream.h"
#include "h3/stream.h"
#include "quic/connection.h"

namespace tablinum::net::h3 {

inline constexpr std::uint64_t kFieldSectionBytesMax = std::uint64_t{64} << 10;
inline constexpr std::size_t kQpackTableBytes = 4096;
inline constexpr std::size_t kQpackBlockedStreams = 100;

using FieldList = std::vector<std::pair<std::string_view, std::string_view>>;
/// As nghttp3 takes them, for the length of one call.
std::vector<nghttp3_nv> name_values(const FieldList& fields);

class Wire : public quic::Application {
 public:
  Wire(io::Io& io, quic::Connection& connection, bool server) noexcept
      : io_{io}, connection_{&connection}, memory_{connection.memory()}, server_{server} {}
  ~Wire() override;

  quic::Connection* connection() const noexcept { return connection_; }
  nghttp3_conn* http() const noexcept { return http_.get(); }
  std::size_t streams_open() const noexcept { return streams_.size(); }
  bool is_over() const noexcept { return connection_ == nullptr; }

  /// For Stream.
  void consumed(Stream& stream, std::size_t bytes) noexcept;
  void resume(Stream& stream) noexcept;
  void reset(std::int64_t stream, std::uint64_t error) noexcept;
  void stop_reading(std::int64_t stream, std::uint64_t error) noexcept;
  quic::MemoryMeter& memory() noexcept { return memory_; }
  void touch() noexcept {
    if (connection_ != nullptr) connection_->touch();
  }

  // quic::Application
  bool may_write() override;
  bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool early) override;
  bool acknowledged(std::int64_t stream, std::uint64_t bytes) override;
  bool stream_closed(std::int64_t stream, std::uint64_t error) override;
  bool stream_reset(std::int64_t stream, std::uint64_t error) override;
  bool reading_stopped(std::int64_t stream) override;
  bool unblocked(std::int64_t stream) override;
  bool next(quic::StreamWrite& write) override;
  void blocked(std::int64_t stream) override;
  void write_shut(std::int64_t stream) override;
  bool written(std::int64_t stream, std::size_t bytes) override;
  void ended(const Error& why) override;

 protected:
  struct FreeHttp {
    void operator()(nghttp3_conn* http) const noexcept { nghttp3_conn_del(http); }
  };

  /// A stream's message begins, goes on, and ends (nghttp3 has checked the order). 0 or an error of nghttp3.
  virtual void head_begins(std::int64_t id) = 0;
  virtual void head_field(std::int64_t id, std::string_view name, std::string_view value) = 0;
  virtual void head_ends(std::int64_t id, bool message_ends) = 0;
  virtual void trailer_field(std::int64_t id, std::string_view name, std::string_view value) = 0;
  virtual void trailers_end(std::int64_t id) = 0;
  virtual void goaway(std::int64_t) {}
  /// The peer's SETTINGS; a server says in them whether it takes extended CONNECT (RFC 9220).
  virtual void settings_came(bool /*takes_connect*/) {}
  /// The peer aborted a stream.
  virtual void aborted(std::int64_t id, const Error& why);
  virtual void gone(Stream&) {}
  virtual void all_gone(const Error&) {}

  bool start();
  void add_stream(std::shared_ptr<Stream> stream);
  Stream* find(std::int64_t id) const noexcept;
  const std::map<std::int64_t, std::shared_ptr<Stream>>& streams() const noexcept { return streams_; }
  bool failed(int status) noexcept;
  /// All streams are gone, but not the connection.
  void forget_streams(const Error& why);

  io::Io& io_;
  std::unique_ptr<nghttp3_conn, FreeHttp> http_;

 private:
  friend struct WireHooks;
  quic::Connection* connection_;
  quic::MemoryMeter& memory_;  // of the endpoint, which outlives the connection
  bool server_;
  std::map<std::int64_t, std::shared_ptr<Stream>> streams_;
  std::map<std::int64_t, IncomingStream> incoming_;  // the peer's one-way streams
  std::vector<std::uint8_t> passed_;                 // of one of them, for the length of one call
};

/// What nghttp3 calls for a body.
nghttp3_data_reader body_reader() noexcept;

}  // namespace tablinum::net::h3
