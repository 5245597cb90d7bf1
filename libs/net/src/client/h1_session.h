#pragma once
/// One HTTP/1.1 connection as a client's session: one exchange at a time, uploads beside the answer, 101 hands the bytes over.
#include <functional>
#include <memory>
#include <optional>

#include "client/session.h"
#include "h1/reader.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

/// In-memory bodies up to this size go out in one piece with their head.
inline constexpr std::size_t kSmallUploadBytesMax = std::size_t{64} << 10;

class H1Session final : public ClientSession, public std::enable_shared_from_this<H1Session> {
 public:
  /// `on_free` is called when the session can take the next exchange, or (usable() false) when it has ended; once an exchange.
  H1Session(std::unique_ptr<ByteStream> stream, const ClientOptions& options, std::function<void(H1Session&)> on_free);

  io::Task<void> run(io::Io& io) override;
  io::Task<Result<Response>> exchange(io::Io& io, ClientRequest request) override;
  unsigned room() const noexcept override { return usable_ && !busy_ ? 1 : 0; }
  bool usable() const noexcept override { return usable_; }
  void close() noexcept override;

 private:
  friend class H1ResponseBody;
  friend class H1UpgradedStream;
  /// A body on its way to the server; shared by the exchange and its task.
  struct Upload {
    explicit Upload(io::Io& io) : may_begin{io} {}
    Body body;
    io::Event may_begin;
    bool waits = false;     // for may_begin
    bool ended = false;     // to its last byte
    bool over = false;      // nothing more will be sent
    std::optional<Error> source_error;
  };

  static io::Task<void> run_upload(io::Io& io, std::shared_ptr<H1Session> self, std::shared_ptr<Upload> upload);
  io::Task<Result<Response>> run_exchange(io::Io& io, ClientRequest& request);
  io::Task<Result<h1::ResponseHead>> exchange_streaming(io::Io& io, ClientRequest& request);
  io::Task<Result<void>> send_body(io::Io& io, Upload& upload);
  io::Task<Result<h1::ResponseHead>> receive_head(io::Io& io, ClientRequest& request);
  io::Task<Result<void>> receive_more_of_head(io::Io& io);
  io::Task<Result<void>> receive(io::Io& io, Instant limit);
  io::Task<Result<Chunk>> read_body(io::Io& io);
  Response make_response(const ClientRequest& request, h1::ResponseHead head);
  std::string take_body();
  bool uploading() const noexcept { return upload_ && !upload_->over; }
  void finish_message() noexcept;
  void free() noexcept;

  std::unique_ptr<ByteStream> stream_;
  ClientOptions options_;
  std::function<void(H1Session&)> on_free_;
  h1::ResponseReader reader_;
  std::string out_;
  std::shared_ptr<Upload> upload_;
  std::optional<io::Future<void>> upload_task_;
  Instant sent_at_;
  Method method_ = Method::get;
  bool busy_ = false;
  bool usable_ = true;
  bool keep_ = true;      // the server keeps the connection after this exchange
  bool used_ = false;     // has carried an exchange to its end
  bool answered_ = false; // a byte of the current answer has come
};

}  // namespace tablinum::net
