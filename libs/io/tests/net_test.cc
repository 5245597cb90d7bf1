#include "tablinum/io/net.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

const Endpoint kAnyPort = Endpoint::parse("127.0.0.1:0").value();

struct EndpointCase {
  const char* text;
  bool valid;
  bool loopback;
};
class EndpointTable : public testing::TestWithParam<EndpointCase> {};
TEST_P(EndpointTable, ParsesAndPrints) {
  const auto& row = GetParam();
  const auto endpoint = Endpoint::parse(row.text);
  ASSERT_EQ(endpoint.has_value(), row.valid) << row.text;
  if (!endpoint) {
    EXPECT_EQ(endpoint.error().code, Code::invalid);
    return;
  }
  EXPECT_EQ(endpoint->to_string(), row.text);
  EXPECT_EQ(endpoint->is_loopback(), row.loopback) << row.text;
}
const std::string kLongestPath = "unix:/" + std::string(kUnixPathBytesMax - 1, 'p');
const std::string kPathTooLong = "unix:/" + std::string(kUnixPathBytesMax, 'p');
INSTANTIATE_TEST_SUITE_P(Cases, EndpointTable,
                         testing::Values(EndpointCase{"127.0.0.1:8080", true, true}, EndpointCase{"127.9.9.9:1", true, true},
                                         EndpointCase{"192.0.2.1:65535", true, false}, EndpointCase{"192.0.2.1:65536", false, false},
                                         EndpointCase{"[::1]:80", true, true}, EndpointCase{"[2001:db8::1]:0", true, false},
                                         EndpointCase{"[::ffff:127.0.0.1]:1", true, true}, EndpointCase{"0.0.0.0:1", true, false},
                                         EndpointCase{"[::]:1", true, false}, EndpointCase{"::1:80", false, false},
                                         EndpointCase{"[127.0.0.1]:80", false, false}, EndpointCase{"127.0.0.1", false, false},
                                         EndpointCase{"127.0.0.1:", false, false}, EndpointCase{"127.0.0.1:8x", false, false},
                                         EndpointCase{"localhost:80", false, false}, EndpointCase{"", false, false},
                                         EndpointCase{"unix:/run/t.sock", true, true}, EndpointCase{"unix:", false, false},
                                         EndpointCase{kLongestPath.c_str(), true, true}, EndpointCase{kPathTooLong.c_str(), false, false}));

TEST(Endpoint, SurvivesTheSystemsForm) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::7]:443", "unix:/run/t.sock"}) {
    const auto endpoint = Endpoint::parse(text).value();
    alignas(16) std::array<std::byte, 128> storage{};
    EXPECT_EQ(Endpoint::from_system(storage.data(), endpoint.to_system(storage.data())), endpoint);
  }
}

/// The client's half of a connection, on a thread and an Io of its own, so that one-task models are tested too.
class Client {
 public:
  template <class Play>
  Client(Endpoint server, Play play)
      : thread_{[server = std::move(server), play = std::move(play)]() mutable {
          auto io = make_blocking_io().value();
          auto task = [&](Io& here) -> Task<Result<void>> {
            CO_TRY(socket, co_await connect(here, server));
            co_return co_await play(socket);
          };
          const auto played = run(*io, task(*io));
          EXPECT_TRUE(played) << describe(played.error());
        }} {}
  ~Client() { thread_.join(); }
  Client(const Client&) = delete;

 private:
  std::thread thread_;
};

/// The same in simulation: another task of the host.
class SimulatedClient {
 public:
  template <class Play>
  SimulatedClient(const OneHost& owner, Endpoint server, Play play) : world_{owner.world()}, host_{owner.host()} {
    host_.start([server = std::move(server), play = std::move(play)](Io& io) { return connect_and_play(io, server, play); });
  }
  ~SimulatedClient() {
    const Size before = host_.outcomes().size();
    EXPECT_TRUE(world_.run()) << world_.report();
    for (const auto& outcome : host_.outcomes()) EXPECT_TRUE(outcome) << describe(outcome.error()) << before;
  }
  SimulatedClient(const SimulatedClient&) = delete;

 private:
  template <class Play>
  static Task<Result<void>> connect_and_play(Io& io, Endpoint server, Play play) {
    CO_TRY(socket, co_await connect(io, server));
    co_return co_await play(socket);
  }
  SimWorld& world_;
  SimHost& host_;
};

template <class Model>
class NetCorpus : public Corpus<Model> {
 protected:
  template <class Play>
  auto client(const Endpoint& server, Play play) {
    if constexpr (std::is_same_v<Model, Simulated>) {
      return SimulatedClient{this->owner_, server, std::move(play)};
    } else {
      return Client{server, std::move(play)};
    }
  }
};
TYPED_TEST_SUITE(NetCorpus, Models, ModelNames);

/// Echoes until the peer's end; the number of bytes.
Task<Result<Size>> echo(TcpSocket socket) {
  Bytes buffer(10'000);
  Size total = 0;
  for (;;) {
    CO_TRY(got, co_await socket.read(buffer));
    if (got == 0) co_return total;
    const ByteView part{buffer.data(), got};
    CO_CHECK_OK(co_await socket.write_all(part));
    total += got;
  }
}

Task<Result<Size>> accept_and_echo(TcpListener& listener) {
  CO_TRY(socket, co_await listener.accept());
  co_return co_await echo(std::move(socket));
}

Task<Result<void>> send_and_compare(TcpSocket& socket, Size count) {
  Bytes sent(count);
  for (Size i = 0; i < count; ++i) sent[i] = static_cast<std::byte>(i * 7);
  const ByteView view{sent};
  CO_CHECK_OK(co_await socket.write_all(view));
  Bytes received(count);
  CO_TRY(got, co_await socket.read_exactly(received));
  EXPECT_EQ(got, count);
  EXPECT_EQ(received, sent);
  CO_CHECK_OK(socket.shutdown_write());
  CO_TRY(end, co_await socket.read(received));
  EXPECT_EQ(end, 0U);
  co_return {};
}

TYPED_TEST(NetCorpus, EchoesOverIpv4Ipv6AndUnix) {
  const std::string path = testing::TempDir() + "/tablinum-io-" + std::to_string(::getpid()) + ".sock";
  for (const std::string& text : {std::string{"127.0.0.1:0"}, std::string{"[::1]:0"}, "unix:" + path}) {
    auto listener = listen(this->io, Endpoint::parse(text).value()).value();
    const auto client = this->client(listener.local(), [](TcpSocket& socket) { return send_and_compare(socket, 100'000); });
    EXPECT_EQ(run(this->io, accept_and_echo(listener)).value(), 100'000U) << text;
  }
  ::unlink(path.c_str());
}

TYPED_TEST(NetCorpus, BothAddressesAreKnown) {
  auto listener = listen(this->io, kAnyPort).value();
  EXPECT_NE(listener.local().port(), 0);
  const auto client = this->client(listener.local(), [](TcpSocket& socket) -> Task<Result<void>> {
                        std::array<std::byte, 1> end;
                        CO_TRY(got, co_await socket.read(end));
                        EXPECT_EQ(got, 0U);
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<void>> {
    CO_TRY(socket, co_await listener.accept());
    EXPECT_EQ(socket.local(), listener.local());
    EXPECT_TRUE(socket.peer().is_loopback());
    EXPECT_NE(socket.peer().port(), listener.local().port());
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task()));
}

// More pieces than one sendmsg takes, empty ones among them, more bytes than the socket's buffer holds.
TYPED_TEST(NetCorpus, GatheredWritesArriveInOrder) {
  Bytes expected;
  std::vector<Bytes> parts;
  for (Size i = 0; i < 200; ++i) {
    parts.emplace_back(i % 5 == 0 ? 0 : i * 211, static_cast<std::byte>(i));
    append(expected, parts.back());
  }
  auto listener = listen(this->io, kAnyPort).value();
  const auto client = this->client(listener.local(), [&](TcpSocket& socket) -> Task<Result<void>> {
                        Bytes received(expected.size());
                        CO_CHECK_OK(co_await socket.read_exactly(received));
                        EXPECT_EQ(received, expected);
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    const std::vector<ByteView> pieces{parts.begin(), parts.end()};
    co_return co_await socket.write_all(pieces);
  };
  EXPECT_EQ(run(this->io, task()).value(), expected.size());
}

TYPED_TEST(NetCorpus, AnEmptyWriteIsDoneAtOnce) {
  auto listener = listen(this->io, kAnyPort).value();
  const auto client = this->client(listener.local(), [](TcpSocket&) -> Task<Result<void>> { co_return {}; });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    co_return co_await socket.write_all(std::span<const ByteView>{});
  };
  EXPECT_EQ(run(this->io, task()).value(), 0U);
}

// The known answer of §4: data and FIN in one edge. A reader that trusted "short read = empty" would wait for ever.
TYPED_TEST(NetCorpus, DataAndEndInOneEdgeAreBothSeen) {
  for (int round = 0; round < 50; ++round) {
    auto listener = listen(this->io, kAnyPort).value();
    {
      const auto client = this->client(listener.local(), [](TcpSocket& socket) -> Task<Result<void>> {
                            const ByteView data = bytes_of("hello");
                            CO_CHECK_OK(co_await socket.write_all(data));
                            co_return {};
                          });
    }
    auto task = [&]() -> Task<Result<Size>> {
      CO_TRY(socket, co_await listener.accept());
      std::array<std::byte, 64> buffer;  // larger than what comes: the first read is short
      Size total = 0;
      for (;;) {
        CO_TRY(got, co_await socket.read(buffer));
        if (got == 0) co_return total;
        total += got;
      }
    };
    ASSERT_EQ(run(this->io, timeout(this->io, kLong, task())).value(), 5U);
  }
}

TYPED_TEST(NetCorpus, ReadExactlyReportsAnEarlyEnd) {
  auto listener = listen(this->io, kAnyPort).value();
  const auto client = this->client(listener.local(), [](TcpSocket& socket) -> Task<Result<void>> {
                        const ByteView data = bytes_of("abc");
                        CO_CHECK_OK(co_await socket.write_all(data));
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    std::array<std::byte, 5> head;
    co_return co_await socket.read_exactly(head);
  };
  const auto read = run(this->io, task());
  ASSERT_EQ(code_of(read), Code::closed);
  EXPECT_EQ(read.error().detail, "recv, after 3 bytes");
}

TYPED_TEST(NetCorpus, AReadEndsAtItsLimitAndTheSocketIsStillGood) {
  auto listener = listen(this->io, kAnyPort).value();
  std::atomic<bool> go = false;
  const auto client = this->client(listener.local(), [&](TcpSocket& socket) -> Task<Result<void>> {
                        while (!go) CO_CHECK_OK(co_await sleep(socket.io(), kShort));
                        const ByteView data = bytes_of("late");
                        CO_CHECK_OK(co_await socket.write_all(data));
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    std::array<std::byte, 4> buffer;
    const auto early = co_await socket.read(buffer).until(this->io.now() + kShort);
    EXPECT_EQ(code_of(early), Code::timeout);
    go = true;
    co_return co_await socket.read_exactly(buffer).until(this->io.now() + kLong);
  };
  EXPECT_EQ(run(this->io, task()).value(), 4U);
}

TYPED_TEST(NetCorpus, ACancelledReadLosesNoBytes) {
  auto listener = listen(this->io, kAnyPort).value();
  constexpr Size kCount = 20'000;
  const auto client = this->client(listener.local(), [&](TcpSocket& socket) -> Task<Result<void>> {
                        const Bytes data(100, std::byte{1});
                        const ByteView view{data};
                        for (Size i = 0; i < kCount / 100; ++i) CO_CHECK_OK(co_await socket.write_all(view));
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    std::array<std::byte, 64> buffer;
    Size total = 0;
    for (;;) {
      const auto got = co_await socket.read(buffer).until(this->io.now() + Duration::microseconds(30));
      if (got && *got == 0) co_return total;
      if (got) {
        total += *got;
      } else if (got.error().code != Code::timeout) {
        co_return std::unexpected(got.error());
      }
    }
  };
  EXPECT_EQ(run(this->io, task()).value(), kCount);
}

TYPED_TEST(NetCorpus, APeerThatBreaksTheConnectionIsAReset) {
  auto listener = listen(this->io, kAnyPort).value();
  const auto client = this->client(listener.local(), [](TcpSocket& socket) -> Task<Result<void>> {
                        // It closes with unread data, so the system sends RST.
                        std::array<std::byte, 1> first;
                        CO_CHECK_OK(co_await socket.read_exactly(first));
                        co_return {};
                      });
  auto task = [&]() -> Task<Result<Size>> {
    CO_TRY(socket, co_await listener.accept());
    const Bytes data(100'000);
    const ByteView view{data};
    for (;;) CO_CHECK_OK(co_await socket.write_all(view));
  };
  EXPECT_EQ(code_of(run(this->io, task())), Code::reset);
}

TYPED_TEST(NetCorpus, NobodyListening) {
  Endpoint gone;
  {
    gone = listen(this->io, kAnyPort).value().local();
  }
  EXPECT_EQ(code_of(run(this->io, connect(this->io, gone))), Code::refused);
  EXPECT_EQ(code_of(run(this->io, connect(this->io, Endpoint::parse("unix:/nowhere/t.sock").value()))), Code::not_found);
  EXPECT_EQ(code_of(run(this->io, connect(this->io, Endpoint{}))), Code::invalid);
}

TYPED_TEST(NetCorpus, ListenErrors) {
  auto listener = listen(this->io, kAnyPort).value();
  EXPECT_EQ(code_of(listen(this->io, listener.local())), Code::address_in_use);
  EXPECT_EQ(code_of(listen(this->io, Endpoint{})), Code::invalid);
  EXPECT_EQ(code_of(listen(this->io, Endpoint::parse("192.0.2.1:0").value())), Code::unreachable);
}

TYPED_TEST(NetCorpus, ReusePortLetsSeveralListen) {
  ListenOptions options;
  options.reuse_port = true;
  auto first = listen(this->io, kAnyPort, options).value();
  EXPECT_TRUE(listen(this->io, first.local(), options));
}

TYPED_TEST(NetCorpus, AClosedSocketSaysSo) {
  auto listener = listen(this->io, kAnyPort).value();
  const auto client = this->client(listener.local(), [](TcpSocket&) -> Task<Result<void>> { co_return {}; });
  auto task = [&]() -> Task<Result<void>> {
    CO_TRY(socket, co_await listener.accept());
    socket.close();
    socket.close();
    EXPECT_FALSE(socket.is_open());
    std::array<std::byte, 1> buffer;
    EXPECT_EQ(code_of(co_await socket.read(buffer)), Code::closed);
    EXPECT_EQ(code_of(socket.shutdown_write()), Code::closed);
    listener.close();
    EXPECT_EQ(code_of(co_await listener.accept()), Code::closed);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task()));
}

TYPED_TEST(NetCorpus, AnAcceptCanBeCancelled) {
  auto listener = listen(this->io, kAnyPort).value();
  EXPECT_EQ(code_of(run(this->io, timeout(this->io, kShort, accept_and_echo(listener)))), Code::timeout);
}

TEST(StacklessNet, OneReaderAtATime) {
  auto io = make_stackless_io().value();
  auto listener = listen(*io, kAnyPort).value();
  const Client client{listener.local(), [](TcpSocket& socket) -> Task<Result<void>> {
                        std::array<std::byte, 1> end;
                        CO_TRY(got, co_await socket.read(end));
                        EXPECT_EQ(got, 0U);
                        co_return {};
                      }};
  auto task = [&]() -> Task<Result<void>> {
    CO_TRY(socket, co_await listener.accept());
    auto reader = [&]() -> Task<Result<Size>> {
      std::array<std::byte, 8> buffer;
      co_return co_await socket.read(buffer);
    };
    auto body = [&](Scope& scope) -> Task<Result<void>> {
      auto first = scope.spawn(reader());
      auto second = scope.spawn(reader());
      EXPECT_EQ(code_of(co_await second), Code::busy);
      EXPECT_FALSE(first.ready());
      socket.close();
      EXPECT_EQ(code_of(co_await first), Code::cancelled) << "closing ends what is in flight";
      co_return {};
    };
    co_return co_await with_scope(*io, body, ScopePolicy::supervise);
  };
  EXPECT_TRUE(run(*io, task()));
}

TEST(ThreadPoolNet, ClosingEndsWhatIsInFlight) {
  auto io = make_thread_pool_io().value();
  auto listener = listen(*io, kAnyPort).value();
  auto accepting = [&]() -> Task<Result<Size>> { return accept_and_echo(listener); };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto waiting = scope.spawn(accepting());
    CO_CHECK_OK(co_await sleep(*io, kShort));
    listener.close();
    EXPECT_EQ(code_of(co_await waiting), Code::cancelled);
    co_return {};
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body, ScopePolicy::supervise)));
}

TEST(StacklessNet, AThousandConnections) {
  auto io = make_stackless_io().value();
  auto listener = listen(*io, kAnyPort).value();
  constexpr int kConnections = 1'000;
  auto client = [&]() -> Task<Result<void>> {
    CO_TRY(socket, co_await connect(*io, listener.local()));
    co_return co_await send_and_compare(socket, 64);
  };
  auto server = [&]() -> Task<Result<void>> {
    auto body = [&](Scope& scope) -> Task<Result<void>> {
      for (int i = 0; i < kConnections; ++i) {
        CO_TRY(socket, co_await listener.accept());
        scope.spawn(echo(std::move(socket))).keep();
      }
      co_return {};
    };
    co_return co_await with_scope(*io, body);
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    scope.spawn(server()).keep();
    for (int i = 0; i < kConnections; ++i) scope.spawn(client()).keep();
    co_return {};
  };
  const auto done = run(*io, with_scope(*io, body));
  EXPECT_TRUE(done) << describe(done.error());
}

// EMFILE: the waiting connection is shed, and the listener works again as soon as there are descriptors.
TEST(StacklessNet, WithoutDescriptorsAConnectionIsShedNotStuck) {
  auto io = make_stackless_io().value();
  auto listener = listen(*io, kAnyPort).value();
  auto connecting = [&]() -> Task<Result<TcpSocket>> { return connect(*io, listener.local()); };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto shed = scope.spawn(connecting());
    CO_TRY(first, co_await shed);
    std::vector<int> hoard;
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) hoard.push_back(fd);
    const auto refused = co_await listener.accept();
    EXPECT_EQ(code_of(refused), Code::limit);
    for (const int fd : hoard) ::close(fd);
    std::array<std::byte, 1> buffer;
    const auto end = co_await first.read(buffer);
    EXPECT_TRUE(!end || *end == 0) << "the shed connection is closed";
    auto again = scope.spawn(connecting());
    CO_CHECK_OK(co_await listener.accept());
    CO_CHECK_OK(co_await again);
    co_return {};
  };
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{std::min<rlim_t>(before.rlim_cur, 128), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &low);
  const auto done = run(*io, with_scope(*io, body));
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(done) << describe(done.error());
}

}  // namespace
}  // namespace tablinum::io::test
