// recvmmsg and sendmmsg with what travels beside the bytes: address, congestion mark, segment size.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/attempt.h"
#include "os/errno.h"
#include "os/udp.h"

namespace tablinum::io {
namespace {

constexpr Size kSegmentsMax = 64;  // UDP_MAX_SEGMENTS of the oldest kernels that have GSO
// IPv4 on an IPv6 socket tells the address and the mark in both ways.
constexpr Size kControlBytes =
    CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo)) + 2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int));

struct Envelope {
  sockaddr_storage address;
  iovec data;
  alignas(cmsghdr) std::array<char, kControlBytes> control;
};

/// Up to a call's worth of messages. On the stack: about 20 KiB.
struct Messages {
  std::array<mmsghdr, kDatagramsPerCallMax> headers;
  std::array<Envelope, kDatagramsPerCallMax> envelopes;
};

template <class T>
T read_control(const cmsghdr& header) noexcept {
  T value{};
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

Endpoint address_of(const in_addr& address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr = address;
  return Endpoint::from_system(&in, sizeof in);
}
Endpoint address_of(const in6_addr& address) {
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_addr = address;
  return Endpoint::from_system(&in6, sizeof in6);
}

void read_controls(msghdr& message, Datagram& datagram) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      const auto info = read_control<in_pktinfo>(*header);
      datagram.local = address_of(info.ipi_addr);
      datagram.interface = static_cast<std::uint32_t>(info.ipi_ifindex);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      const auto info = read_control<in6_pktinfo>(*header);
      datagram.local = address_of(info.ipi6_addr);
      datagram.interface = info.ipi6_ifindex;
    } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) {
      datagram.ecn = static_cast<Ecn>(read_control<std::uint8_t>(*header) & 3);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
      datagram.ecn = static_cast<Ecn>(read_control<int>(*header) & 3);
    } else if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO) {
      datagram.segment_bytes = static_cast<std::uint16_t>(read_control<int>(*header));
    }
  }
}

void finish_received(mmsghdr& header, Datagram& datagram, UdpSystem& system) {
  datagram.status = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0 ? Code::too_large : Code{};
  datagram.data = ByteView{datagram.buffer}.first(std::min<Size>(header.msg_len, datagram.buffer.size()));
  datagram.peer = Endpoint::from_system(header.msg_hdr.msg_name, header.msg_hdr.msg_namelen);
  datagram.local = {};
  datagram.interface = 0;
  datagram.ecn = Ecn::not_ect;
  datagram.segment_bytes = 0;
  read_controls(header.msg_hdr, datagram);
  const Size segment = datagram.segment_bytes;
  if (segment == 0 || segment >= datagram.data.size()) datagram.segment_bytes = 0;
  system.counters.received += datagram.segment_bytes == 0 ? 1 : (datagram.data.size() + segment - 1) / segment;
}

/// Writes control messages one after the other; the space is known to suffice.
class ControlWriter {
 public:
  explicit ControlWriter(Envelope& envelope, msghdr& message) noexcept : envelope_{envelope}, message_{message} {
    envelope.control.fill(0);
    message.msg_control = envelope.control.data();
    message.msg_controllen = 0;
  }
  template <class T>
  void add(int level, int type, const T& value) noexcept {
    auto* header = reinterpret_cast<cmsghdr*>(envelope_.control.data() + message_.msg_controllen);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(header), &value, sizeof value);
    message_.msg_controllen += CMSG_SPACE(sizeof value);
  }

 private:
  Envelope& envelope_;
  msghdr& message_;
};

bool travels_as_ipv4(const sockaddr_storage& peer) noexcept {
  if (peer.ss_family == AF_INET) return true;
  return IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr);
}

void write_source(ControlWriter& controls, const Datagram& datagram) {
  sockaddr_storage local{};
  if (datagram.local.to_system(&local) == 0 && datagram.interface == 0) return;
  if (local.ss_family == AF_INET6) {
    in6_pktinfo info{};
    info.ipi6_addr = reinterpret_cast<const sockaddr_in6&>(local).sin6_addr;
    info.ipi6_ifindex = datagram.interface;
    controls.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst = reinterpret_cast<const sockaddr_in&>(local).sin_addr;
    info.ipi_ifindex = static_cast<int>(datagram.interface);
    controls.add(IPPROTO_IP, IP_PKTINFO, info);
  }
}

/// How much of `datagram` one message carries.
Size step_of(const Datagram& datagram, bool whole) noexcept {
  if (datagram.segment_bytes == 0) return datagram.data.size();
  if (!whole) return datagram.segment_bytes;
  return std::min<Size>(kSegmentsMax, kDatagramBytesMax / datagram.segment_bytes) * datagram.segment_bytes;
}

/// One message from `offset` on.  @param whole its segments may travel together.  How many bytes of data it carries.
Size fill(mmsghdr& header, Envelope& envelope, const Datagram& datagram, Size offset, bool whole) {
  header = {};
  msghdr& message = header.msg_hdr;
  const ByteView rest = datagram.data.subspan(offset);
  const Size bytes = std::min(step_of(datagram, whole), rest.size());
  envelope.address = {};
  message.msg_name = &envelope.address;
  message.msg_namelen = datagram.peer.to_system(&envelope.address);
  envelope.data = {const_cast<std::byte*>(rest.data()), bytes};
  message.msg_iov = &envelope.data;
  message.msg_iovlen = 1;
  ControlWriter controls{envelope, message};
  write_source(controls, datagram);
  if (datagram.ecn != Ecn::not_ect) {
    const int mark = static_cast<int>(datagram.ecn);
    if (travels_as_ipv4(envelope.address))
      controls.add(IPPROTO_IP, IP_TOS, mark);
    else
      controls.add(IPPROTO_IPV6, IPV6_TCLASS, mark);
  }
  if (datagram.segment_bytes != 0 && bytes > datagram.segment_bytes) controls.add(IPPROTO_UDP, UDP_SEGMENT, datagram.segment_bytes);
  return bytes;
}

/// Where sending stands: datagram operation.result, byte args.batch.offset of it.
class Progress {
 public:
  explicit Progress(Operation& operation) noexcept
      : operation_{operation}, datagrams_{static_cast<Datagram*>(operation.args.batch.datagrams), operation.args.batch.count} {}

  bool done() const noexcept { return at() == datagrams_.size(); }
  Size at() const noexcept { return static_cast<Size>(operation_.result); }
  Datagram& current() noexcept { return datagrams_[at()]; }

  /// Messages for what is left. How many.
  unsigned fill_messages(Messages& messages, const UdpSystem& system) {
    unsigned count = 0;
    Size offset = operation_.args.batch.offset;
    for (Size i = at(); i < datagrams_.size() && count < kDatagramsPerCallMax; ++i, offset = 0) {
      do {
        const bool whole = system.gso && i != singly_;
        sizes_[count] = fill(messages.headers[count], messages.envelopes[count], datagrams_[i], offset, whole);
        offset += sizes_[count++];
      } while (offset < datagrams_[i].data.size() && count < kDatagramsPerCallMax);
      if (offset < datagrams_[i].data.size()) break;
    }
    return count;
  }
  void sent(unsigned messages) noexcept {
    for (unsigned i = 0; i < messages; ++i) {
      operation_.args.batch.offset += sizes_[i];
      if (operation_.args.batch.offset >= current().data.size()) finish();
    }
  }
  void refuse(Code why) noexcept {
    current().status = why;
    next();
  }
  /// The segments of this datagram go out one by one: one of them may be too long for the path (a probe of its MTU), which is no
  /// fault of the others.  @param suspect if none of them is, the device cannot segment.
  void send_singly(bool suspect) noexcept {
    singly_ = at();
    suspect_ = suspect;
  }
  bool sends_singly() const noexcept { return singly_ == at(); }
  /// The message that was just refused is left out.
  void skip(Code why) noexcept {
    suspect_ = false;
    skipped_ = why;
    operation_.args.batch.offset += sizes_[0];
    if (operation_.args.batch.offset >= current().data.size()) finish();
  }
  /// All segments of a datagram went out singly that did not together.
  bool cannot_segment() const noexcept { return cannot_segment_; }

 private:
  void finish() noexcept {
    current().status = std::exchange(skipped_, Code{});
    cannot_segment_ = cannot_segment_ || (singly_ == at() && suspect_);
    next();
  }
  void next() noexcept {
    ++operation_.result;
    operation_.args.batch.offset = 0;
  }
  Operation& operation_;
  std::span<Datagram> datagrams_;
  std::array<Size, kDatagramsPerCallMax> sizes_{};
  Size singly_ = ~Size{0};
  bool suspect_ = false;
  bool cannot_segment_ = false;
  Code skipped_{};
};

/// What sendmmsg said of the first message. False: wait until there is room.
bool handle_refusal(Operation& operation, Progress& progress, UdpSystem& system, int error) noexcept {
  if (error == EAGAIN || error == EWOULDBLOCK) return false;
  // A device or a filter that cannot segment says EIO or EINVAL; a segment longer than the path's MTU is EMSGSIZE, in older
  // kernels EINVAL too.
  const bool segmented = progress.current().segment_bytes != 0 && system.gso && !progress.sends_singly();
  if (segmented && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
    progress.send_singly(error != EMSGSIZE);
    return true;
  }
  ++system.counters.not_sent;
  if (error == EBADF || error == ENOTSOCK) {
    operation.set(Code::closed, error);
  } else if (error == EMSGSIZE && progress.sends_singly()) {
    progress.skip(Code::too_large);
  } else {
    progress.refuse(error == EMSGSIZE ? Code::too_large : error == ENOBUFS ? Code::limit : code_of_errno(error));
  }
  return true;
}

}  // namespace

bool attempt_receive_batch(Operation& operation) noexcept {
  auto& system = *static_cast<UdpSystem*>(operation.args.batch.socket);
  const std::span datagrams{static_cast<Datagram*>(operation.args.batch.datagrams), operation.args.batch.count};
  Messages messages;
  for (Size i = 0; i < datagrams.size(); ++i) {
    Envelope& envelope = messages.envelopes[i];
    envelope.data = {datagrams[i].buffer.data(), datagrams[i].buffer.size()};
    messages.headers[i] = {{&envelope.address, sizeof envelope.address, &envelope.data, 1, envelope.control.data(), kControlBytes, 0}, 0};
  }
  for (;;) {
    ++system.counters.system_calls;
    const int got = ::recvmmsg(operation.descriptor->fd, messages.headers.data(), static_cast<unsigned>(datagrams.size()), 0, nullptr);
    if (got > 0) {
      for (int i = 0; i < got; ++i) finish_received(messages.headers[static_cast<Size>(i)], datagrams[static_cast<Size>(i)], system);
      operation.result = got;
      return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    // What an earlier datagram met on its way (ICMP) says nothing about this one.
    const bool of_another = errno == EINTR || errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EMSGSIZE;
    if (of_another) continue;
    operation.set(code_of_errno(errno), errno);
    return true;
  }
}

bool attempt_send_batch(Operation& operation) noexcept {
  auto& system = *static_cast<UdpSystem*>(operation.args.batch.socket);
  Progress progress{operation};
  Messages messages;
  while (!progress.done() && operation.code == Code{}) {
    const unsigned count = progress.fill_messages(messages, system);
    ++system.counters.system_calls;
    const int sent = ::sendmmsg(operation.descriptor->fd, messages.headers.data(), count, MSG_NOSIGNAL);
    if (sent > 0) {
      system.counters.sent += static_cast<std::uint64_t>(sent);
      progress.sent(static_cast<unsigned>(sent));
      if (system.gso && progress.cannot_segment()) {
        system.gso = false;
        ++system.counters.gso_fallbacks;
      }
    } else if (errno != EINTR && !handle_refusal(operation, progress, system, errno)) {
      return false;
    }
  }
  return true;
}

}  // namespace tablinum::io
