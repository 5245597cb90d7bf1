#include "tablinum/io/udp.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <numeric>
#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class UdpCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(UdpCorpus, Models, ModelNames);

UdpSocket bound(Io& io, const char* address, UdpOptions options = {}) { return bind_udp(io, Endpoint::parse(address).value(), options).value(); }

Bytes pattern(Size bytes) {
  Bytes out(bytes);
  for (Size i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(i * 7 + i / 251);
  return out;
}

/// Receives until `bytes` have come; the datagrams split where the kernel joined them.
Task<Result<std::vector<Bytes>>> receive_bytes(UdpSocket& socket, Size bytes) {
  std::vector<Bytes> buffers(4, Bytes(kGroBufferBytes));
  std::vector<Bytes> all;
  for (Size got = 0; got < bytes;) {
    std::array<Datagram, 4> datagrams;
    for (Size i = 0; i < 4; ++i) datagrams[i].buffer = buffers[i];
    CO_TRY(count, co_await socket.receive_batch(datagrams));
    for (Size i = 0; i < count; ++i) {
      EXPECT_EQ(datagrams[i].status, Code{});
      const ByteView data = datagrams[i].data;
      const Size step = datagrams[i].segment_bytes == 0 ? std::max<Size>(data.size(), 1) : datagrams[i].segment_bytes;
      for (Size at = 0; at < data.size(); at += step) {
        const auto part = data.subspan(at, std::min(step, data.size() - at));
        all.emplace_back(part.begin(), part.end());
      }
      got += data.size();
    }
  }
  co_return all;
}

/// What was bound before there was an Io, and what has come to it meanwhile.
TYPED_TEST(UdpCorpus, TakesOverABoundSocket) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_storage address{};
  const auto bytes = static_cast<socklen_t>(Endpoint::parse("127.0.0.1:0").value().to_system(&address));
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), bytes), 0);
  auto task = [&](Io& io) -> Task<Result<void>> {
    CO_TRY(adopted, adopt_udp(io, fd));
    auto other = bound(io, "127.0.0.1:0");
    const Bytes payload = pattern(700);
    std::array<Datagram, 1> out;
    out[0].peer = adopted.local();
    out[0].data = payload;
    CO_TRY(sent, co_await other.send_batch(out));
    EXPECT_EQ(sent, 1U);
    CO_TRY(got, co_await receive_bytes(adopted, payload.size()));
    EXPECT_EQ(got, std::vector<Bytes>{payload});
    co_return Result<void>{};
  };
  const auto done = run(this->io, task(this->io));
  if (std::is_same_v<TypeParam, Simulated>) EXPECT_EQ(code_of(done), Code::unsupported);
  else EXPECT_TRUE(done.has_value()) << describe(done.error());
}

TYPED_TEST(UdpCorpus, CarriesBatchesWithAddressesAndMarks) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    auto task = [&](Io& io) -> Task<Result<void>> {
      auto left = bound(io, address);
      auto right = bound(io, address);
      std::array<Bytes, 3> payloads{pattern(1), pattern(1200), pattern(0)};
      std::array<Datagram, 3> out;
      for (Size i = 0; i < 3; ++i) {
        out[i].peer = right.local();
        out[i].data = payloads[i];
        out[i].ecn = static_cast<Ecn>(i);
      }
      CO_TRY(sent, co_await left.send_batch(out));
      EXPECT_EQ(sent, 3U);
      std::array<Bytes, 3> buffers{Bytes(2000), Bytes(2000), Bytes(2000)};
      Size seen = 0;
      while (seen < 3) {
        std::array<Datagram, 3> in;
        for (Size i = 0; i < 3; ++i) in[i].buffer = buffers[i];
        CO_TRY(count, co_await right.receive_batch(std::span{in}.first(3 - seen)));
        for (Size i = 0; i < count; ++i, ++seen) {
          EXPECT_TRUE(std::ranges::equal(in[i].data, payloads[seen]));
          EXPECT_EQ(in[i].peer, left.local());
          EXPECT_EQ(in[i].local.host(), right.local().host());
          EXPECT_EQ(in[i].ecn, static_cast<Ecn>(seen));
        }
      }
      co_return {};
    };
    EXPECT_TRUE(run(this->io, task(this->io))) << address;
  }
}

// The same bytes with the kernel's segmentation and without it: the receiver cannot tell.
TYPED_TEST(UdpCorpus, SegmentsArriveAsDatagramsEitherWay) {
  for (const bool segmentation : {true, false}) {
    auto task = [&](Io& io) -> Task<Result<void>> {
      UdpOptions options;
      options.segmentation = segmentation;
      auto left = bound(io, "127.0.0.1:0", options);
      auto right = bound(io, "127.0.0.1:0", options);
      EXPECT_TRUE(segmentation || !left.segments_on_send());
      const Bytes payload = pattern(1'200 * 100 + 17);  // more than one call's worth of segments
      std::array<Datagram, 1> out;
      out[0].peer = right.local();
      out[0].data = payload;
      out[0].segment_bytes = 1'200;
      CO_TRY(sent, co_await left.send_batch(out));
      EXPECT_EQ(sent, 1U);
      EXPECT_EQ(out[0].status, Code{});
      CO_TRY(parts, co_await receive_bytes(right, payload.size()));
      EXPECT_EQ(parts.size(), 101U);
      Bytes joined;
      for (const auto& part : parts) append(joined, part);
      EXPECT_EQ(joined, payload);
      EXPECT_EQ(right.counters().received, 101U);
      co_return {};
    };
    EXPECT_TRUE(run(this->io, task(this->io)));
  }
}

/// A probe that is longer than the path's MTU travels alone: what was joined with it arrives, and joining goes on.
TEST(Udp, ASegmentTooLongForThePathTakesNoOtherWithIt) {
  constexpr int kMtu = 1280;
  // In a network of the thread's own, where that is allowed; elsewhere the loopback takes everything.
  std::thread{[] {
    bool narrow = ::unshare(CLONE_NEWNET) == 0;
    if (narrow) {
      const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      ifreq request{};
      std::memcpy(request.ifr_name, "lo", 3);
      request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
      narrow = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
      request.ifr_mtu = kMtu;
      narrow = narrow && ::ioctl(fd, SIOCSIFMTU, &request) == 0;
      ::close(fd);
    }
    auto io = make_stackless_io().value();
    auto task = [&]() -> Task<Result<void>> {
      auto left = bound(*io, "127.0.0.1:0");
      auto right = bound(*io, "127.0.0.1:0");
      const bool joins = left.segments_on_send();
      // The probe is the longest, so it stands first; with GSO all segments but the last are of one length.
      const Bytes probes = pattern(1'400 * 2), packets = pattern(1'200 * 3);
      std::array<Datagram, 2> out;
      for (Datagram& datagram : out) datagram.peer = right.local();
      out[0].data = probes;
      out[0].segment_bytes = 1'400;
      out[1].data = packets;
      out[1].segment_bytes = 1'200;
      CO_TRY(sent, co_await left.send_batch(out));
      EXPECT_EQ(sent, 2U);
      EXPECT_EQ(out[0].status, narrow ? Code::too_large : Code{});
      EXPECT_EQ(out[1].status, Code{});
      EXPECT_EQ(left.segments_on_send(), joins);
      CO_TRY(parts, co_await receive_bytes(right, packets.size() + (narrow ? 0 : probes.size())));
      EXPECT_EQ(parts.size(), narrow ? 3U : 5U);
      co_return {};
    };
    EXPECT_TRUE(run(*io, task()));
  }}.join();
}

TYPED_TEST(UdpCorpus, OneBadDestinationStopsNothing) {
  auto task = [](Io& io) -> Task<Result<void>> {
    auto left = bound(io, "127.0.0.1:0");
    auto right = bound(io, "127.0.0.1:0");
    const Bytes small = pattern(10);
    const Bytes huge = pattern(kDatagramBytesMax + 1);
    std::array<Datagram, 3> out;
    for (auto& each : out) {
      each.peer = right.local();
      each.data = small;
    }
    out[1].data = huge;
    CO_TRY(sent, co_await left.send_batch(out));
    EXPECT_EQ(sent, 3U);
    EXPECT_EQ(out[0].status, Code{});
    EXPECT_EQ(out[1].status, Code::too_large);
    EXPECT_EQ(out[2].status, Code{});
    EXPECT_EQ(left.counters().not_sent, 1U);
    CO_TRY(parts, co_await receive_bytes(right, 2 * small.size()));
    EXPECT_EQ(parts.size(), 2U);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(UdpCorpus, AShortBufferIsReported) {
  auto task = [](Io& io) -> Task<Result<void>> {
    auto left = bound(io, "127.0.0.1:0");
    auto right = bound(io, "127.0.0.1:0");
    const Bytes payload = pattern(100);
    std::array<Datagram, 1> one;
    one[0].peer = right.local();
    one[0].data = payload;
    CO_TRY(sent, co_await left.send_batch(one));
    EXPECT_EQ(sent, 1U);
    Bytes buffer(50);
    one[0].buffer = buffer;
    CO_TRY(count, co_await right.receive_batch(one));
    EXPECT_EQ(count, 1U);
    EXPECT_EQ(one[0].status, Code::too_large);
    EXPECT_TRUE(std::ranges::equal(one[0].data, ByteView{payload}.first(50)));
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(UdpCorpus, WaitsEndAtTheirLimitAndByCancel) {
  auto task = [](Io& io) -> Task<Result<void>> {
    auto socket = bound(io, "127.0.0.1:0");
    Bytes buffer(10);
    std::array<Datagram, 1> one;
    one[0].buffer = buffer;
    EXPECT_EQ(code_of(co_await socket.receive_batch(one).until(io.now() + kShort)), Code::timeout);
    socket.close();
    EXPECT_EQ(code_of(co_await socket.receive_batch(one)), Code::closed);
    EXPECT_EQ(code_of(co_await socket.send_batch(one)), Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TEST(UdpSocket, AsksForBuffersAndSaysWhatItGot) {
  auto io = make_blocking_io().value();
  auto socket = bound(*io, "127.0.0.1:0");
  EXPECT_GT(socket.receive_buffer_bytes(), 100'000U);
  EXPECT_EQ(bind_udp(*io, Endpoint::parse("unix:/tmp/x").value()).error().code, Code::invalid);
  EXPECT_EQ(bind_udp(*io, socket.local()).error().code, Code::address_in_use);
}

TEST(UdpSocket, AnIpv6SocketServesIpv4Too) {
  auto io = make_stackless_io().value();
  auto task = [&]() -> Task<Result<void>> {
    auto both = bound(*io, "[::]:0");
    auto four = bound(*io, "127.0.0.1:0");
    const Bytes payload = pattern(20);
    std::array<Datagram, 1> one;
    one[0].peer = Endpoint::from_ip("127.0.0.1", both.local().port()).value();
    one[0].data = payload;
    one[0].ecn = Ecn::ect0;
    CO_CHECK_OK(co_await four.send_batch(one));
    Bytes buffer(100);
    one[0].buffer = buffer;
    CO_CHECK_OK(co_await both.receive_batch(one));
    EXPECT_EQ(one[0].peer.host(), "::ffff:127.0.0.1");
    EXPECT_EQ(one[0].ecn, Ecn::ect0);
    // And back, from the address it came to.
    one[0].ecn = Ecn::ce;
    CO_CHECK_OK(co_await both.send_batch(one));
    EXPECT_EQ(one[0].status, Code{});
    one[0].buffer = buffer;
    CO_CHECK_OK(co_await four.receive_batch(one));
    EXPECT_EQ(one[0].ecn, Ecn::ce);
    EXPECT_EQ(one[0].peer.host(), "127.0.0.1");
    co_return {};
  };
  const auto ran = run(*io, task());
  EXPECT_TRUE(ran) << (ran ? "" : describe(ran.error()));
}

}  // namespace
}  // namespace tablinum::io::test
