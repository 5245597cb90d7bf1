#include "tablinum/net/client.h"

#include <array>

#include "h1/reader.h"
#include "h1/writer.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/net.h"

namespace tablinum::net {
namespace {

class ResponseBody;

}  // namespace

/// The connection and its reader. Replaced as a whole when it breaks.
struct ClientState {
  explicit ClientState(ClientOptions client_options) : options{std::move(client_options)}, reader{limits()} {}

  h1::HeadLimits limits() const noexcept { return {options.header_bytes_max, options.header_bytes_max, 1024}; }
  io::Task<Result<void>> ensure_connected(io::Io& io);
  io::Task<Result<void>> send(io::Io& io, ClientRequest& request);
  io::Task<Result<h1::ResponseHead>> receive_head(Method method);
  io::Task<Result<h1::ResponseHead>> exchange(io::Io& io, ClientRequest& request);
  io::Task<Result<Chunk>> read_body(Method method);
  io::Task<Result<void>> receive();
  void drop() noexcept;

  ClientOptions options;
  io::TcpSocket socket;
  h1::ResponseReader reader;
  ResponseBody* body = nullptr;  // of the last response, while somebody has it
  bool reusable = false;         // the connection may carry another request
  bool answered = false;         // a byte of the current response has come
};

namespace {

class ResponseBody final : public BodySource {
 public:
  ResponseBody(ClientState& state, Method method, std::optional<std::uint64_t> size) noexcept
      : state_{&state}, method_{method}, size_{size} {
    state.body = this;
  }
  ~ResponseBody() override {
    if (state_) state_->body = nullptr;
  }
  io::Task<Result<Chunk>> read(io::Io&) override {
    if (!state_) co_return fail(Code::closed, "the connection serves another request");
    co_return co_await state_->read_body(method_);
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  Headers trailers() override { return state_ ? state_->reader.take_trailers() : Headers{}; }
  void detach() noexcept { state_ = nullptr; }

 private:
  ClientState* state_;
  Method method_;
  std::optional<std::uint64_t> size_;
};

}  // namespace

void ClientState::drop() noexcept {
  socket.close();
  reader = h1::ResponseReader{limits()};
  reusable = false;
}

io::Task<Result<void>> ClientState::ensure_connected(io::Io& io) {
  if (body) body->detach();
  body = nullptr;
  if (!reusable || reader.in_body() || reader.buffered() > 0) drop();
  if (socket.is_open()) co_return Result<void>{};
  CO_TRY(peer, io::Endpoint::from_ip(options.host, options.port));
  CO_TRY(connected, co_await io::timeout(io, options.connect_time, io::connect(io, peer)));
  socket = std::move(connected);
  co_return Result<void>{};
}

io::Task<Result<void>> ClientState::send(io::Io& io, ClientRequest& request) {
  std::string head;
  request.headers.set(Field::host, options.host.contains(':') ? "[" + options.host + "]:" + std::to_string(options.port)
                                                              : options.host + ":" + std::to_string(options.port));
  h1::append_request_head(head, request.method, request.target, request.headers, request.body.size());
  const bool chunked = !request.body.size();
  while (true) {
    CO_TRY(piece, co_await request.body.read(io));
    if (chunked && piece.empty()) h1::append_last_chunk(head, request.body.take_trailers());
    if (chunked && !piece.empty()) h1::append_chunk_head(head, piece.size());
    const std::string_view end = chunked && !piece.empty() ? h1::kChunkEnd : std::string_view{};
    const std::array<ByteView, 3> pieces{bytes_of(head), piece.view(), bytes_of(end)};
    CO_CHECK_OK(co_await socket.write_all(std::span<const ByteView>{pieces}));
    head.clear();
    if (piece.empty()) co_return Result<void>{};
  }
}

io::Task<Result<void>> ClientState::receive() {
  CO_TRY(got, co_await socket.read(reader.room()));
  if (got == 0) co_return fail(Code::reset, "the server closed before its response was complete");
  answered = true;
  reader.received(got);
  co_return Result<void>{};
}

io::Task<Result<h1::ResponseHead>> ClientState::receive_head(Method method) {
  while (true) {
    const h1::Event event = reader.next(method);
    if (event == h1::Event::refused) {
      const bool large = reader.refusal().status != Status::bad_request;
      co_return fail(large ? Code::too_large : Code::protocol, std::string{reader.refusal().detail});
    }
    if (event == h1::Event::head) {
      h1::ResponseHead head = reader.take_head();
      if (number(head.status) >= 200) co_return head;  // what is below 200 announces, and another follows
      continue;
    }
    CO_CHECK_OK(co_await receive());
  }
}

io::Task<Result<h1::ResponseHead>> ClientState::exchange(io::Io& io, ClientRequest& request) {
  answered = false;
  auto sent = co_await send(io, request);
  // A server may answer and close before it has read the whole body: its answer is worth more than our broken pipe.
  if (!sent && sent.error().code != Code::reset) co_return std::unexpected(std::move(sent).error());
  auto head = co_await receive_head(request.method);
  if (!head && !sent) co_return std::unexpected(std::move(sent).error());
  co_return head;
}

io::Task<Result<Chunk>> ClientState::read_body(Method method) {
  while (reader.in_body()) {
    const h1::Event event = reader.next(method);
    if (event == h1::Event::data) co_return Chunk::of(std::string{reader.data()});
    if (event == h1::Event::body_end) break;
    if (event == h1::Event::refused) co_return fail(Code::protocol, std::string{reader.refusal().detail});
    CO_TRY(got, co_await socket.read(reader.room()));
    if (got == 0 && reader.input_may_end()) {
      drop();
      break;
    }
    if (got == 0) co_return fail(Code::reset, "the server closed inside a response");
    reader.received(got);
  }
  co_return Chunk{};
}

Client::Client(ClientOptions options) : state_{std::make_unique<ClientState>(std::move(options))} {}
Client::~Client() {
  if (state_ && state_->body) state_->body->detach();
}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

io::Task<Result<Response>> Client::fetch(io::Io& io, ClientRequest request) {
  ClientState& state = *state_;
  const bool repeatable = request.body.in_memory() != nullptr;
  CO_CHECK_OK(co_await state.ensure_connected(io));
  const bool reused = state.reusable;
  const Chunk body = repeatable ? *request.body.in_memory() : Chunk{};
  auto head = co_await io::timeout(io, state.options.response_time, state.exchange(io, request));
  if (!head && reused && repeatable && !state.answered && head.error().code == Code::reset) {
    // The kept connection had died before the request: that says nothing about the server.
    state.drop();
    CO_CHECK_OK(co_await state.ensure_connected(io));
    request.body = Body::of(body);
    head = co_await io::timeout(io, state.options.response_time, state.exchange(io, request));
  }
  if (!head) {
    state.drop();
    co_return std::unexpected(std::move(head).error());
  }
  state.reusable = head->keep_alive;
  Response response;
  response.status = head->status;
  response.headers = std::move(head->headers);
  if (head->framing.kind != h1::Framing::none) {
    const bool sized = head->framing.kind == h1::Framing::length;
    const auto size = sized ? std::optional{head->framing.content_length} : std::nullopt;
    response.body = Body::from(std::make_unique<ResponseBody>(state, request.method, size));
  }
  co_return response;
}

}  // namespace tablinum::net
