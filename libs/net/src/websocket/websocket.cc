#include "tablinum/net/websocket.h"

#include <wslay/wslay.h>

#include <algorithm>
#include <array>
#include <deque>

#include "tablinum/base/crypto.h"
#include "tablinum/io/sync.h"

namespace tablinum::net {
namespace {

constexpr std::size_t kReadBytes = std::size_t{16} << 10;
constexpr std::size_t kControlBytesMax = 125;
constexpr std::size_t kReasonBytesMax = kControlBytesMax - 2;

/// RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
    if (size == 0 || text.size() - at < size) return false;
    for (std::size_t i = 1; i < size; ++i)
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    const unsigned second = size > 1 ? byte(at + 1) : 0;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
      return false;
    at += size;
  }
  return true;
}

/// Finds where frames end (RFC 6455 §5.2), and nothing else: wslay reads ahead, and would let a close frame overtake what the
/// application answers to the message before it.
class FrameScanner {
 public:
  /// How many of `bytes` belong to the frame that is under way. Never beyond its end.
  std::size_t take(ByteView bytes) noexcept {
    std::size_t used = 0;
    ended_ = false;
    while (used < bytes.size() && head_bytes_ < head_size()) head_[head_bytes_++] = bytes[used++];
    if (head_bytes_ < head_size()) return used;
    if (!counted_) left_ = payload_size();
    counted_ = true;
    const std::size_t more = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used));
    left_ -= more;
    ended_ = left_ == 0;
    if (ended_) head_bytes_ = 0, counted_ = false;
    return used + more;
  }
  /// The last take() reached a frame's end.
  bool ended() const noexcept { return ended_; }
  /// A control frame has begun and is not whole, and as far as is known it is none that wslay refuses for its length.
  bool in_control_frame() const noexcept {
    const bool is_control = (head_[0] & std::byte{0x08}) != std::byte{};
    return head_bytes_ > 0 && is_control && (!counted_ || payload_size() <= kControlBytesMax);
  }

 private:
  unsigned length_byte() const noexcept { return std::to_integer<unsigned>(head_[1]) & 0x7F; }
  std::size_t length_bytes() const noexcept { return length_byte() == 126 ? 2 : length_byte() == 127 ? 8 : 0; }
  std::size_t head_size() const noexcept {
    if (head_bytes_ < 2) return 2;
    return 2 + length_bytes() + ((head_[1] & std::byte{0x80}) != std::byte{} ? 4 : 0);
  }
  std::uint64_t payload_size() const noexcept {
    if (length_bytes() == 0) return length_byte();
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < length_bytes(); ++i) size = size << 8 | std::to_integer<unsigned>(head_[2 + i]);
    return size;
  }

  std::array<std::byte, 14> head_{};
  std::size_t head_bytes_ = 0;
  std::uint64_t left_ = 0;
  bool counted_ = false;
  bool ended_ = false;
};

}  // namespace

/// wslay between what was received and what is to be sent; it does no I/O.
struct WebSocket::State {
  State(io::Io& owner, ByteStream& stream, Role role, WebSocketLimits the_limits);
  ~State() { wslay_event_context_free(context); }

  static State& of(void* user) noexcept { return *static_cast<State*>(user); }
  static ssize_t on_receive(wslay_event_context* context, std::uint8_t* into, std::size_t room, int, void* user);
  static ssize_t on_send(wslay_event_context*, const std::uint8_t* bytes, std::size_t size, int, void* user);
  static int on_mask(wslay_event_context*, std::uint8_t* into, std::size_t size, void* user);
  static void on_frame(wslay_event_context* context, const wslay_event_on_frame_recv_start_arg* frame, void* user);
  static void on_message(wslay_event_context*, const wslay_event_on_msg_recv_arg* message, void* user);

  /// Lets wslay look at what came, frame by frame until a message is complete, and say what it has to.  False: it can go on no
  /// more.
  bool feed();
  io::Task<Result<void>> receive();
  io::Task<Result<void>> flush();
  io::Task<Result<void>> queue(std::uint8_t opcode, std::string_view data);
  bool ended() const noexcept { return wslay_event_get_close_received(context) != 0; }

  io::Io& io;
  ByteStream& below;
  WebSocketLimits limits;
  wslay_event_context* context = nullptr;
  Bytes buffer;
  ByteView input;
  FrameScanner scanner;
  Bytes held;  // of a control frame that is not whole: wslay sees some faults of a close frame only where it comes in one piece
  std::string output;
  std::deque<WebSocketMessage> messages;
  io::Event flushed;
  Instant heard_at;
  bool frame_read = false;
  bool refused = false;
  bool flushing = false;
  bool broken = false;
};

WebSocket::State::State(io::Io& owner, ByteStream& stream, Role role, WebSocketLimits the_limits)
    : io{owner}, below{stream}, limits{the_limits}, buffer(kReadBytes), flushed{owner}, heard_at{owner.now()} {
  wslay_event_callbacks callbacks{on_receive, on_send, on_mask, on_frame, nullptr, nullptr, on_message};
  const int made = role == Role::server ? wslay_event_context_server_init(&context, &callbacks, this)
                                        : wslay_event_context_client_init(&context, &callbacks, this);
  if (made != 0) throw std::bad_alloc{};
  wslay_event_config_set_max_recv_msg_length(context, limits.message_bytes_max);
}

ssize_t WebSocket::State::on_receive(wslay_event_context* context, std::uint8_t* into, std::size_t room, int, void* user) {
  State& self = of(user);
  if (self.input.empty() || self.frame_read) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  const auto most = std::min(room - self.held.size(), self.input.size());
  const auto taken = self.input.first(self.scanner.take(self.input.first(most)));
  self.input = self.input.subspan(taken.size());
  self.frame_read = self.scanner.ended();
  if (self.scanner.in_control_frame()) {
    append(self.held, taken);
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  auto* const rest = std::ranges::copy(self.held, reinterpret_cast<std::byte*>(into)).out;
  std::ranges::copy(taken, rest);
  const auto bytes = self.held.size() + taken.size();
  self.held.clear();
  return static_cast<ssize_t>(bytes);
}

ssize_t WebSocket::State::on_send(wslay_event_context*, const std::uint8_t* bytes, std::size_t size, int, void* user) {
  of(user).output.append(reinterpret_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

int WebSocket::State::on_mask(wslay_event_context*, std::uint8_t* into, std::size_t size, void*) {
  // Unpredictable to whoever chose the data, or it could write what it likes onto the wire (RFC 6455 §10.3).
  fill_random(std::as_writable_bytes(std::span{into, size}));
  return 0;
}

void WebSocket::State::on_frame(wslay_event_context* context, const wslay_event_on_frame_recv_start_arg* frame, void* user) {
  if (frame->payload_length <= of(user).limits.frame_bytes_max) return;
  of(user).refused = true;
  wslay_event_queue_close(context, WSLAY_CODE_MESSAGE_TOO_BIG, nullptr, 0);
  wslay_event_shutdown_read(context);
}

void WebSocket::State::on_message(wslay_event_context*, const wslay_event_on_msg_recv_arg* message, void* user) {
  // wslay goes on with what it has of a frame that was just refused, and that may be all of it.
  if (wslay_is_ctrl_frame(message->opcode) || of(user).refused) return;
  const auto* bytes = reinterpret_cast<const char*>(message->msg);
  of(user).messages.push_back({message->opcode == WSLAY_TEXT_FRAME, std::string(bytes, message->msg_length)});
}

bool WebSocket::State::feed() {
  do {
    frame_read = false;
    const int received = wslay_event_recv(context);
    const int sent = wslay_event_send(context);
    if (received != 0 || sent != 0) return false;
  } while (!input.empty() && messages.empty() && wslay_event_get_read_enabled(context) != 0);
  return true;
}

io::Task<Result<void>> WebSocket::State::flush() {
  while (flushing) CO_CHECK_OK(co_await flushed.wait().until(io.now() + limits.write_time));
  if (broken) co_return fail(Code::reset, "an earlier write was broken off");
  if (output.empty()) co_return Result<void>{};
  flushing = true;
  const std::string sending = std::exchange(output, {});
  const std::array<ByteView, 1> pieces{bytes_of(sending)};
  auto written = co_await below.write(pieces, io.now() + limits.write_time);
  flushing = false;
  broken = !written;
  flushed.set();
  flushed.reset();
  co_return written;
}

/// Bytes from the wire; in a silence a ping asks whether anybody is there.
io::Task<Result<void>> WebSocket::State::receive() {
  while (true) {
    const Instant dead = heard_at + limits.dead_time, quiet = heard_at + limits.ping_time;
    auto got = co_await below.read(buffer, std::min(dead, io.now() < quiet ? quiet : dead));
    if (got && *got == 0) co_return fail(Code::closed, "the peer left without a close frame");
    if (got) {
      heard_at = io.now();
      input = ByteView{buffer}.first(*got);
      co_return Result<void>{};
    }
    if (got.error().code != Code::timeout || io.now() >= dead) co_return std::unexpected(std::move(got).error());
    CO_CHECK_OK(co_await queue(WSLAY_PING, {}));
  }
}

io::Task<Result<void>> WebSocket::State::queue(std::uint8_t opcode, std::string_view data) {
  const wslay_event_msg message{opcode, reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
  const int queued = wslay_event_queue_msg(context, &message);
  if (queued == WSLAY_ERR_NO_MORE_MSG) co_return fail(Code::closed, "the connection was closed");
  if (queued != 0) co_return fail(Code::internal, "a message was not taken");
  wslay_event_send(context);
  co_return co_await flush();
}

WebSocket::WebSocket(io::Io& io, ByteStream& below, Role role, WebSocketLimits limits)
    : state_{std::make_unique<State>(io, below, role, limits)} {}
WebSocket::~WebSocket() = default;

io::Task<Result<std::optional<WebSocketMessage>>> WebSocket::read() {
  State& state = *state_;
  while (state.messages.empty()) {
    if (state.ended()) co_return std::optional<WebSocketMessage>{};
    if (wslay_event_get_read_enabled(state.context) == 0) co_return fail(Code::protocol, "the peer broke WebSocket's rules");
    if (state.input.empty()) CO_CHECK_OK(co_await state.receive());
    const bool fed = state.feed();
    if (!state.output.empty()) {
      auto flushed = co_await state.flush();
      // A close frame that the peer does not take any more changes nothing about what it sent before.
      if (!flushed && !state.ended() && state.messages.empty()) co_return std::unexpected(std::move(flushed).error());
    }
    if (!fed && state.messages.empty()) co_return fail(Code::protocol, "the peer broke WebSocket's rules");
  }
  WebSocketMessage message = std::move(state.messages.front());
  state.messages.pop_front();
  co_return std::optional{std::move(message)};
}

io::Task<Result<void>> WebSocket::send(bool text, std::string_view data) {
  if (text && !is_utf8(data)) co_return fail(Code::invalid, "a text message is UTF-8");
  co_return co_await state_->queue(text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME, data);
}

io::Task<Result<void>> WebSocket::ping(std::string_view data) {
  if (data.size() > kControlBytesMax) co_return fail(Code::invalid, "a ping has at most 125 bytes");
  co_return co_await state_->queue(WSLAY_PING, data);
}

io::Task<Result<void>> WebSocket::close(WebSocketClose code, std::string_view reason) {
  if (reason.size() > kReasonBytesMax) co_return fail(Code::invalid, "a reason has at most 123 bytes");
  const int queued = wslay_event_queue_close(state_->context, static_cast<std::uint16_t>(code),
                                             reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size());
  if (queued != 0) co_return fail(Code::closed, "the connection was closed");
  wslay_event_send(state_->context);
  co_return co_await state_->flush();
}

WebSocketClose WebSocket::closed_with() const noexcept {
  return static_cast<WebSocketClose>(wslay_event_get_status_code_received(state_->context));
}

}  // namespace tablinum::net
