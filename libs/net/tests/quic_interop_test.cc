// QUIC and HTTP/3 against ngtcp2's own programs (GnuTLS; Debian's ngtcp2-client and ngtcp2-server), both ways, over loopback.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "quic_harness.h"

namespace tablinum::net::test {
namespace {

constexpr std::size_t kFileBytes = std::size_t{3} << 20;

std::string content(std::size_t size) {
  std::string text(size, ' ');
  std::uint32_t state = 17;
  for (char& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

Handler files() {
  return [](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (request.method == Method::post) {
      CO_TRY(body, co_await request.body.read_all(io, std::size_t{64} << 20));
      co_return text_response(to_hex(sha256(bytes_of(body))));
    }
    co_return respond(Status::ok, "application/octet-stream", content(kFileBytes));
  };
}

/// One fetch by gtlsclient.
struct Fetch {
  std::string output;
  std::string hash;  // of the downloaded file
};
class GtlsClient : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder()); }
  static std::string folder() { return Identity::get().folder + "/down"; }
  Fetch run(const std::string& options, std::uint16_t port, const std::string& urls = "file") {
    std::filesystem::remove(folder() + "/file");
    const std::string url = "https://localhost:" + std::to_string(port) + "/" + urls;
    Fetch done;
    done.output = run_program("gtlsclient --exit-on-all-streams-close --timeout=20s --download=" + folder() + " " + options +
                              " 127.0.0.1 " + std::to_string(port) + " " + url);
    done.hash = file_hash(folder() + "/file");
    return done;
  }
  const std::string want_ = to_hex(sha256(bytes_of(content(kFileBytes))));
};

struct ClientCase {
  const char* name;
  const char* options;
  quic::RetryPolicy retry = quic::RetryPolicy::when_busy;
  const char* mark = "";  ///< must stand in what gtlsclient prints
};
class AgainstGtlsClient : public GtlsClient, public testing::WithParamInterface<ClientCase> {};
TEST_P(AgainstGtlsClient, FetchesTheFile) {
  ServerSetup setup;
  setup.endpoint.retry = GetParam().retry;
  setup.endpoint.settings.prefer_version_2 = true;  // only with clients that offer it
  QuicServer server{files(), std::move(setup)};
  const Fetch done = run(GetParam().options, server.port());
  EXPECT_EQ(done.hash, want_) << done.output.substr(done.output.size() - std::min<std::size_t>(done.output.size(), 3000));
  EXPECT_NE(done.output.find(GetParam().mark), std::string::npos);
  EXPECT_EQ(server.stats().retries, GetParam().retry == quic::RetryPolicy::always ? 1u : 0u);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, AgainstGtlsClient,
    testing::Values(ClientCase{"plain", ""}, ClientCase{"retry", "", quic::RetryPolicy::always, "type=Retry"},
                    ClientCase{"version_2", "--version=0x6b3343cf", quic::RetryPolicy::when_busy, "0x6b3343cf"},
                    ClientCase{"version_2_negotiated", "--available-versions=0x6b3343cf,0x1 --preferred-versions=0x6b3343cf,0x1",
                               quic::RetryPolicy::when_busy, "0x6b3343cf"},
                    ClientCase{"unknown_version", "--version=0x1a2a3a4a --preferred-versions=0x1", quic::RetryPolicy::when_busy, "type=VN"},
                    ClientCase{"chacha20", "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305"},
                    ClientCase{"aes_256", "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM"},
                    ClientCase{"key_update", "--key-update=1ms"}, ClientCase{"loss", "--tx-loss=0.05 --rx-loss=0.05"},
                    ClientCase{"migration", "--change-local-addr=20ms --rx-loss=0.02"},
                    ClientCase{"small_windows", "--max-data=64K --max-stream-data-bidi-local=32K"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST_F(GtlsClient, ResumesAndSendsEarlyData) {
  ServerSetup setup;
  setup.tls.early_data = true;
  setup.endpoint.early_data = true;
  QuicServer server{files(), std::move(setup)};
  const std::string state = "--session-file=" + folder() + "/session --tp-file=" + folder() + "/tp --wait-for-ticket";
  const Fetch first = run(state, server.port());
  EXPECT_EQ(first.hash, want_);
  const Fetch second = run(state, server.port());
  EXPECT_EQ(second.hash, want_) << second.output.substr(0, 3000);
  EXPECT_NE(second.output.find("type=0RTT"), std::string::npos);
  EXPECT_EQ(server.stats().early_accepted, 1u);
}

/// While the client sends: it is the one whose address changes, and a server that is only sending would not hear of it.
TEST_F(GtlsClient, UploadsAFileAndItsAddressChanges) {
  QuicServer server{files()};
  const std::string upload = Identity::get().folder + "/upload";
  std::ofstream{upload, std::ios::binary} << content(kFileBytes);
  for (const char* options : {"", "--change-local-addr=5ms --nat-rebinding", "--change-local-addr=5ms"}) {
    const Fetch done = run(std::string{options} + " --http-method=POST --data=" + upload, server.port());
    std::ifstream answer{folder() + "/file"};
    std::ostringstream text;
    text << answer.rdbuf();
    EXPECT_EQ(text.str(), want_) << options;
  }
}

/// gtlsserver on a port of the system's choice.
class GtlsServer {
 public:
  explicit GtlsServer(const std::string& options) {
    const Identity& identity = Identity::get();
    const std::string files = identity.folder + "/www";
    std::filesystem::create_directories(files);
    std::ofstream{files + "/file", std::ios::binary} << content(kFileBytes);
    const std::string command = "exec /usr/sbin/gtlsserver --quiet --htdocs=" + files + " " + options + " 127.0.0.1 0 " +
                                identity.key_file + " " + identity.certificate_file;
    const char* arguments[] = {"/bin/sh", "-c", command.c_str(), nullptr};
    EXPECT_EQ(::posix_spawn(&process_, "/bin/sh", nullptr, nullptr, const_cast<char* const*>(arguments), environ), 0);
    for (int i = 0; i < 1000 && port_ == 0; ++i) {
      port_ = find_port();
      if (port_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    EXPECT_NE(port_, 0);
  }
  ~GtlsServer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::uint16_t port() const { return port_; }

 private:
  /// Of the UDP socket that the process holds.
  std::uint16_t find_port() const {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/" + std::to_string(process_) + "/fd", gone}) {
      const std::string link = std::filesystem::read_symlink(entry.path(), gone).string();
      if (!link.starts_with("socket:[")) continue;
      const std::string inode = link.substr(8, link.size() - 9);
      std::ifstream table{"/proc/net/udp"};
      for (std::string line; std::getline(table, line);) {
        std::istringstream words{line};
        std::string slot, local, rest;
        words >> slot >> local;
        bool found = false;
        while (words >> rest) found = found || rest == inode;
        if (found) return static_cast<std::uint16_t>(std::stoul(local.substr(local.find(':') + 1), nullptr, 16));
      }
    }
    return 0;
  }
  pid_t process_ = 0;
  std::uint16_t port_ = 0;
};

struct ServerCase {
  const char* name;
  const char* options;
  const char* ciphers = "";
};
class AgainstGtlsServer : public testing::TestWithParam<ServerCase> {};
TEST_P(AgainstGtlsServer, FetchesTheFile) {
  GtlsServer server{GetParam().options};
  ClientSetup client{server.port()};
  client.ciphers = GetParam().ciphers;
  with_session(client, [](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
    const std::string got = co_await get(io, session, "/file");
    EXPECT_EQ(got.size(), kFileBytes + 4) << got.substr(0, 200);
    EXPECT_TRUE(got == "200 " + content(kFileBytes));
  });
}
INSTANTIATE_TEST_SUITE_P(Cases, AgainstGtlsServer,
                         testing::Values(ServerCase{"plain", ""}, ServerCase{"retry", "--validate-addr"},
                                         ServerCase{"loss", "--tx-loss=0.05 --rx-loss=0.05"},
                                         ServerCase{"version_2", "--preferred-versions=0x6b3343cf"},
                                         ServerCase{"chacha20", "", "TLS_CHACHA20_POLY1305_SHA256"}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(AgainstGtlsServerTwice, ResumesWithEarlyData) {
  GtlsServer server{""};
  // GnuTLS refuses 0-RTT with tickets that look older than the server, and our TLS tells their age in whole seconds.
  std::this_thread::sleep_for(std::chrono::milliseconds{1200});
  h3::SessionStore store;
  ClientSetup client{server.port()};
  client.store = &store;
  bool resumed = false, accepted = false;
  const auto visit = [&] {
    with_session(client, [&](io::Io& io, h3::Http3Session& session) -> io::Task<void> {
      const std::string got = co_await get(io, session, "/file");
      EXPECT_EQ(got.size(), kFileBytes + 4) << got.substr(0, 200);
      resumed = session.resumed();
      accepted = session.early_accepted();
      // The ticket comes when the server gets to it, which may be after the answer.
      for (int i = 0; i < 1000 && store.sessions() == 0; ++i) co_await io::sleep(io, Duration::milliseconds(10));
    });
  };
  visit();
  EXPECT_FALSE(resumed);
  // Where a second begins between ticket and visit, GnuTLS may refuse still.
  for (int i = 0; i < 10 && !accepted; ++i) {
    visit();
    EXPECT_TRUE(resumed);
  }
  EXPECT_TRUE(accepted);
}

}  // namespace
}  // namespace tablinum::net::test
