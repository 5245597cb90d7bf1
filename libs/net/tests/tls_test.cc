/// TLS: our two ends over real sockets. Foreign ends: tests/conformance/tls_test.py.
#include "tablinum/net/tls.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "certificates.h"
#include "harness.h"
#include "tablinum/io/cancel.h"
#include "tls/server_name.h"
#include "tls/table.h"
#include "tls/tickets.h"

namespace tablinum::net {
namespace {

using test::Authority;
using test::client_of;
using test::config_of;
using test::host_of;

const Authority& authority() {
  static const Authority made;
  return made;
}
std::shared_ptr<TlsContext> context_for(TlsConfig config) { return TlsContext::make(std::move(config)).value(); }
std::shared_ptr<TlsContext> context_for(std::vector<std::string> names) {
  return context_for(config_of(authority().issue(std::move(names))));
}
std::shared_ptr<TlsClient> trusting_client() { return TlsClient::make(client_of(authority())).value(); }

/// What both ends say after a handshake, a word each way and the end.
struct Meeting {
  Result<TlsInfo> server = fail(Code::internal);
  Result<TlsInfo> client = fail(Code::internal);
  std::string heard_by_server, heard_by_client;
  std::string server_key, client_key;
};

constexpr Duration kPatience = Duration::seconds(10);

io::Task<Result<std::string>> read_word(io::Io& io, ByteStream& stream) {
  std::array<std::byte, 64> buffer;
  CO_TRY(got, co_await stream.read(buffer, io.now() + kPatience));
  co_return std::string{text_of(ByteView{buffer}.first(got))};
}
io::Task<Result<void>> write_text(io::Io& io, ByteStream& stream, std::string_view text) {
  const std::array<ByteView, 1> pieces{bytes_of(text)};
  co_return co_await stream.write(pieces, io.now() + kPatience);
}

std::string key_of(const TlsStream& stream) {
  const SecretBytes key = stream.export_key("EXPORTER-test", bytes_of("context"), 32).value();
  return to_hex(key);
}

io::Task<Result<void>> serve_one(io::Io& io, io::TcpListener& listener, std::shared_ptr<TlsContext> context, Meeting& meeting) {
  CO_TRY(socket, co_await listener.accept());
  auto accepted = co_await accept_tls(io, std::move(context), make_stream(std::move(socket)), io.now() + kPatience);
  if (!accepted) {
    meeting.server = std::unexpected(accepted.error());
    co_return Result<void>{};
  }
  TlsStream& stream = **accepted;
  meeting.server = stream.info();
  meeting.server_key = key_of(stream);
  auto word = co_await read_word(io, stream);
  if (!word) co_return Result<void>{};
  meeting.heard_by_server = *word;
  CO_CHECK_OK(co_await write_text(io, stream, "world"));
  CO_CHECK_OK(co_await stream.end(io.now() + kPatience));
  co_return Result<void>{};
}

io::Task<Result<void>> call(io::Io& io, io::Endpoint server, std::shared_ptr<TlsClient> client, TlsConnect to,
                            Meeting& meeting) {
  CO_TRY(socket, co_await io::connect(io, server));
  auto connected =
      co_await connect_tls(io, std::move(client), make_stream(std::move(socket)), std::move(to), io.now() + kPatience);
  if (!connected) {
    meeting.client = std::unexpected(connected.error());
    co_return Result<void>{};
  }
  TlsStream& stream = **connected;
  meeting.client = stream.info();
  meeting.client_key = key_of(stream);
  CO_CHECK_OK(co_await write_text(io, stream, "hello"));
  auto word = co_await read_word(io, stream);
  if (!word) {
    meeting.client = std::unexpected(word.error());
    co_return Result<void>{};
  }
  meeting.heard_by_client = *word;
  CO_TRY(end, co_await read_word(io, stream));
  EXPECT_EQ(end, "");
  co_return Result<void>{};
}

Meeting meet(std::shared_ptr<TlsContext> context, std::shared_ptr<TlsClient> client, TlsConnect to) {
  Meeting meeting;
  auto body = [&](io::Io& io) -> io::Task<Result<void>> {
    CO_TRY(listener, io::listen(io, io::Endpoint::parse("127.0.0.1:0").value()));
    CO_TRY(done,
           co_await io::all(io, serve_one(io, listener, context, meeting), call(io, listener.local(), client, to, meeting)));
    (void)done;
    co_return Result<void>{};
  };
  EXPECT_TRUE(test::run_task(body).has_value());
  return meeting;
}
Meeting meet(std::shared_ptr<TlsContext> context, std::string name) {
  return meet(std::move(context), trusting_client(), TlsConnect{std::move(name)});
}

TEST(Tls, BothEndsAgreeOnEverything) {
  const Meeting meeting = meet(context_for({"archive.example"}), "archive.example");
  ASSERT_TRUE(meeting.server && meeting.client) << describe(meeting.client.error());
  for (const TlsInfo* info : {&*meeting.server, &*meeting.client}) {
    EXPECT_EQ(info->version, TlsVersion::tls13);
    EXPECT_EQ(info->group, kGroupX25519MlKem768);
    EXPECT_EQ(info->alpn, "h2");
    EXPECT_EQ(info->server_name, "archive.example");
    EXPECT_FALSE(info->resumed);
  }
  EXPECT_EQ(meeting.heard_by_server, "hello");
  EXPECT_EQ(meeting.heard_by_client, "world");
  EXPECT_EQ(meeting.server_key, meeting.client_key);
  EXPECT_EQ(meeting.client->peer_subject, "CN=archive.example");
  EXPECT_EQ(meeting.client->peer_chain.size(), 1u);
  EXPECT_EQ(meeting.client->peer_key_hash.size(), 64u);
  EXPECT_TRUE(meeting.server->peer_chain.empty());
}

TEST(Tls, SpeaksVersionTwelve) {
  TlsConfig config = config_of(authority().issue({"a.example"}));
  config.version_max = TlsVersion::tls12;
  const Meeting meeting = meet(context_for(std::move(config)), "a.example");
  ASSERT_TRUE(meeting.client) << describe(meeting.client.error());
  EXPECT_EQ(meeting.client->version, TlsVersion::tls12);
  EXPECT_EQ(meeting.heard_by_client, "world");
}

TEST(Tls, ChecksAddressesToo) {
  EXPECT_TRUE(meet(context_for({"127.0.0.1"}), "127.0.0.1").client);
  EXPECT_EQ(meet(context_for({"127.0.0.2"}), "127.0.0.1").client.error().code, Code::unauthenticated);
}

struct BadServer {
  const char* name;
  std::shared_ptr<TlsContext> (*context)();
};
class RefusedServer : public testing::TestWithParam<BadServer> {};
TEST_P(RefusedServer, IsUnauthenticated) {
  const Meeting meeting = meet(GetParam().context(), "a.example");
  EXPECT_EQ(meeting.client.error().code, Code::unauthenticated) << describe(meeting.client.error());
  EXPECT_EQ(meeting.server.error().code, Code::protocol);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedServer,
    testing::Values(BadServer{"other_name", [] { return context_for({"b.example"}); }},
                    BadServer{"unknown_authority",
                              [] { return context_for(config_of(Authority{"Other"}.issue({"a.example"}))); }},
                    BadServer{"expired",
                              [] {
                                const auto issued = authority().issue({.names = {"a.example"},
                                                                       .begins = Duration::seconds(-7000),
                                                                       .ends = Duration::seconds(-60)});
                                return TlsContext::make(config_of(issued), {wall_now().ms - 3'600'000}).value();
                              }},
                    BadServer{"wildcard_over_two_labels", [] { return context_for({"*.example.org"}); }}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Tls, NothingInCommonIsAProtocolError) {
  TlsConfig config = config_of(authority().issue({"a.example"}));
  config.alpn = {"h2"};
  const Meeting alpn = meet(context_for(std::move(config)), trusting_client(), TlsConnect{"a.example", "", {{"smtp"}}});
  EXPECT_EQ(alpn.client.error().code, Code::protocol);
  EXPECT_EQ(alpn.server.error().code, Code::protocol);
  TlsConfig old = config_of(authority().issue({"a.example"}));
  old.version_max = TlsVersion::tls12;
  TlsClientConfig fresh = client_of(authority());
  fresh.version_min = TlsVersion::tls13;
  EXPECT_EQ(
      meet(context_for(std::move(old)), TlsClient::make(std::move(fresh)).value(), TlsConnect{"a.example"}).client.error().code,
      Code::protocol);
}

TEST(Tls, TheNameChoosesTheHost) {
  TlsConfig config;
  config.hosts.push_back(host_of(authority().issue({"first.example"})));
  config.hosts.push_back(host_of(authority().issue({"second.example", "*.wild.example"})));
  const auto context = context_for(config);
  EXPECT_EQ(meet(context, "first.example").client->peer_subject, "CN=first.example");
  EXPECT_EQ(meet(context, "SECOND.example.").client->peer_subject, "CN=second.example");
  EXPECT_EQ(meet(context, "a.wild.example").client->peer_subject, "CN=second.example");
  EXPECT_EQ(meet(context, "unknown.example").client.error().code, Code::unauthenticated) << "the first host's certificate";
  config.strict_sni = true;
  const Meeting strict = meet(context_for(config), "unknown.example");
  EXPECT_EQ(strict.client.error().code, Code::protocol) << "unrecognized_name";
}

TEST(Tls, ClientCertificates) {
  const Authority families{"Families"};
  const auto own = families.issue({"reader"});
  TlsConfig config = config_of(authority().issue({"a.example"}));
  config.hosts[0].client_certificates = ClientCertificates::require;
  config.hosts[0].client_roots = PemSource::of_text(families.root());
  const auto context = context_for(config);
  TlsClientConfig known = client_of(authority());
  known.certificate = PemSource::of_text(own.certificate);
  known.key = PemSource::of_text(own.key);
  const auto member = TlsClient::make(known).value();
  const Meeting welcome = meet(context, member, TlsConnect{"a.example"});
  ASSERT_TRUE(welcome.server) << describe(welcome.server.error());
  EXPECT_EQ(welcome.server->peer_subject, "CN=reader");
  // The ticket remembers who it was.
  const Meeting again = meet(context, member, TlsConnect{"a.example"});
  ASSERT_TRUE(again.server && again.server->resumed);
  EXPECT_EQ(again.server->peer_subject, "CN=reader");
  EXPECT_EQ(meet(context, "a.example").server.error().code, Code::protocol) << "none";
  const auto stranger = authority().issue({"reader"});
  TlsClientConfig unknown = client_of(authority());
  unknown.certificate = PemSource::of_text(stranger.certificate);
  unknown.key = PemSource::of_text(stranger.key);
  EXPECT_EQ(meet(context, TlsClient::make(unknown).value(), TlsConnect{"a.example"}).server.error().code, Code::protocol);
  config.hosts[0].client_certificates = ClientCertificates::request;
  EXPECT_TRUE(meet(context_for(config), "a.example").server);
}

TEST(Tls, TicketsSurviveAReloadButNotAnotherHost) {
  TlsConfig config;
  config.hosts.push_back(host_of(authority().issue({"a.example"})));
  config.hosts.push_back(host_of(authority().issue({"b.example"})));
  const auto context = context_for(config);
  const auto client = trusting_client();
  EXPECT_FALSE(meet(context, client, TlsConnect{"a.example", "key"}).client->resumed);
  EXPECT_TRUE(meet(context, client, TlsConnect{"a.example", "key"}).client->resumed);
  config.hosts[0] = host_of(authority().issue({"a.example"}));
  ASSERT_TRUE(context->reload(config));
  EXPECT_EQ(context->generation(), 2u);
  EXPECT_TRUE(meet(context, client, TlsConnect{"a.example", "key"}).client->resumed);
  // Another process without the keys does a whole handshake.
  EXPECT_FALSE(meet(context_for(config), client, TlsConnect{"a.example", "key"}).client->resumed);
  // With the same master it resumes.
  config.ticket_master = SecretBytes(32, std::byte{7});
  const auto one = context_for(config), two = context_for(config);
  const auto fresh = trusting_client();
  EXPECT_FALSE(meet(one, fresh, TlsConnect{"a.example"}).client->resumed);
  EXPECT_TRUE(meet(two, fresh, TlsConnect{"a.example"}).client->resumed);
}

TEST(Tls, ATicketOfAnotherHostIsNone) {
  // Both names are on one certificate list, but a host of its own each: the client is tricked into offering A's ticket to B.
  TlsConfig both = config_of(authority().issue({"a.example", "b.example"}));
  both.ticket_master = SecretBytes(32, std::byte{7});
  both.hosts[0].names = {"a.example"};
  TlsConfig other = both;
  other.hosts[0].names = {"b.example"};
  const auto client = trusting_client();
  EXPECT_FALSE(meet(context_for(both), client, TlsConnect{"a.example"}).client->resumed);
  EXPECT_FALSE(meet(context_for(other), client, TlsConnect{"a.example"}).client->resumed);
}

TEST(Tls, AReloadThatFailsChangesNothing) {
  TlsConfig config = config_of(authority().issue({"a.example"}));
  const auto context = context_for(config);
  config.hosts.push_back(host_of({authority().issue({"b.example"}).certificate, authority().issue({"b.example"}).key}));
  EXPECT_EQ(context->reload(config).error().code, Code::invalid);
  EXPECT_EQ(context->generation(), 1u);
  EXPECT_TRUE(meet(context, "a.example").client);
}

TEST(Tls, SeesChangedFiles) {
  const std::filesystem::path folder = std::filesystem::path{testing::TempDir()} / "tablinum-tls-files";
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, const std::string& text) { std::ofstream{folder / name} << text; };
  const auto put = [&](const test::Issued& issued) {
    write("cert.pem", issued.certificate);
    write("key.pem", issued.key);
  };
  put(authority().issue({"a.example"}));
  TlsConfig config;
  config.hosts.resize(1);
  config.hosts[0].certificate = PemSource::of_file(folder / "cert.pem");
  config.hosts[0].key = PemSource::of_file(folder / "key.pem");
  const auto context = context_for(config);
  EXPECT_FALSE(context->files_changed());
  put(authority().issue({"a.example", "second.example"}));
  EXPECT_TRUE(context->files_changed());
  ASSERT_TRUE(context->reload());
  EXPECT_FALSE(context->files_changed());
  EXPECT_EQ(context->hosts()[0].names.size(), 2u);
  std::filesystem::remove(folder / "key.pem");
  EXPECT_EQ(context->reload().error().code, Code::not_found);
  EXPECT_EQ(context->generation(), 2u);
  std::filesystem::remove_all(folder);
}

struct BadConfig {
  const char* name;
  Code want;
  void (*spoil)(TlsConfig&);
};
class RefusedConfig : public testing::TestWithParam<BadConfig> {};
TEST_P(RefusedConfig, IsNamed) {
  TlsConfig config = config_of(authority().issue({"a.example", "*.w.example"}));
  ASSERT_TRUE(TlsContext::make(config));
  GetParam().spoil(config);
  const auto made = TlsContext::make(config);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, GetParam().want) << describe(made.error());
}
INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedConfig,
    testing::Values(BadConfig{"no_host", Code::invalid, [](TlsConfig& c) { c.hosts.clear(); }},
                    BadConfig{"too_many_hosts", Code::invalid, [](TlsConfig& c) { c.hosts.resize(kTlsHostsMax + 1); }},
                    BadConfig{"no_pem", Code::invalid, [](TlsConfig& c) { c.hosts[0].certificate = PemSource::of_text("x"); }},
                    BadConfig{"no_key", Code::invalid, [](TlsConfig& c) { c.hosts[0].key = c.hosts[0].certificate; }},
                    BadConfig{"other_key", Code::invalid,
                              [](TlsConfig& c) { c.hosts[0].key = PemSource::of_text(authority().issue({"a.example"}).key); }},
                    BadConfig{"chain_out_of_order", Code::invalid,
                              [](TlsConfig& c) {
                                const auto leaf = authority().issue({"a.example"});
                                c.hosts[0].certificate =
                                    PemSource::of_text(leaf.certificate + authority().issue({"x"}).certificate);
                                c.hosts[0].key = PemSource::of_text(leaf.key);
                              }},
                    BadConfig{"not_covered", Code::invalid, [](TlsConfig& c) { c.hosts[0].names = {"b.example"}; }},
                    BadConfig{"not_a_name", Code::invalid, [](TlsConfig& c) { c.hosts[0].names = {"a_.example/"}; }},
                    BadConfig{"twice", Code::invalid, [](TlsConfig& c) { c.hosts.push_back(c.hosts[0]); }},
                    BadConfig{"master", Code::invalid, [](TlsConfig& c) { c.ticket_master = SecretBytes(31); }},
                    BadConfig{"no_client_roots", Code::invalid,
                              [](TlsConfig& c) { c.hosts[0].client_certificates = ClientCertificates::request; }},
                    BadConfig{"versions", Code::invalid,
                              [](TlsConfig& c) {
                                c.version_min = TlsVersion::tls13;
                                c.version_max = TlsVersion::tls12;
                              }},
                    BadConfig{"no_file", Code::not_found,
                              [](TlsConfig& c) { c.hosts[0].key = PemSource::of_file("/nonexistent/key.pem"); }},
                    BadConfig{"too_large", Code::too_large,
                              [](TlsConfig& c) { c.hosts[0].key = PemSource::of_text(std::string(kTlsPemBytesMax + 1, 'x')); }},
                    BadConfig{"expired", Code::invalid,
                              [](TlsConfig& c) {
                                c = config_of(authority().issue({.names = {"a.example"},
                                                                 .begins = Duration::seconds(-100),
                                                                 .ends = Duration::seconds(-1)}));
                              }},
                    BadConfig{"not_yet", Code::invalid,
                              [](TlsConfig& c) {
                                c = config_of(authority().issue({.names = {"a.example"}, .begins = Duration::seconds(100)}));
                              }}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(TlsTickets, ThreeEpochsAndNoByteChanged) {
  const tls::TicketKeys keys{random_secret<tls::kTicketMasterBytes>()}, others{random_secret<tls::kTicketMasterBytes>()};
  const Timestamp now{1'800'000'000'000};
  const Bytes plain(100, std::byte{9});
  Bytes sealed(plain.size() + tls::kTicketOverheadBytes), opened(sealed.size());
  std::size_t bytes = 0;
  ASSERT_TRUE(keys.seal(now, plain, sealed, bytes));
  EXPECT_EQ(bytes, sealed.size());
  EXPECT_FALSE(keys.seal(now, plain, MutableBytes{sealed}.first(sealed.size() - 1), bytes));
  const std::int64_t epoch_ms = kTlsTicketEpoch.milliseconds();
  for (int epochs = -1; epochs <= 4; ++epochs)
    EXPECT_EQ(keys.open({now.ms + epochs * epoch_ms}, sealed, opened, bytes), epochs >= 0 && epochs <= 2) << epochs;
  EXPECT_FALSE(others.open(now, sealed, opened, bytes));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(keys.open(now, bad, opened, bytes)) << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(keys.open(now, ByteView{sealed}.first(size), opened, bytes));
}

TEST(TlsServerName, OneNameInTheFormOfTheRfc) {
  const auto extension = [](std::string_view name, int list_more = 0, int type = 0) {
    Bytes out;
    append_u16_be(out, static_cast<std::uint16_t>(name.size() + 3 + static_cast<std::size_t>(list_more)));
    out.push_back(static_cast<std::byte>(type));
    append_u16_be(out, static_cast<std::uint16_t>(name.size()));
    append(out, bytes_of(name));
    return out;
  };
  EXPECT_EQ(tls::server_name_in(extension("Archive.Example.")), "archive.example");
  EXPECT_EQ(tls::server_name_in(extension("a.example", 1)), std::nullopt);
  EXPECT_EQ(tls::server_name_in(extension("a.example", 0, 1)), std::nullopt);
  for (const std::string& name : {std::string{}, std::string{"."}, std::string{"a..b"}, std::string{"a b"}, std::string{"*.a"},
                                  std::string(254, 'a'), std::string(64, 'a') + ".b"})
    EXPECT_EQ(tls::server_name_in(extension(name)), std::nullopt) << name;
  EXPECT_EQ(tls::server_name_in(extension(std::string(63, 'a') + ".b")), std::string(63, 'a') + ".b");
  EXPECT_EQ(tls::server_name_in({}), std::nullopt);
}

/// An end without close_notify is an error, whoever leaves.
TEST(Tls, TruncationIsNoEnd) {
  Result<std::string> heard = std::string{};
  auto body = [&](io::Io& io) -> io::Task<Result<void>> {
    CO_TRY(listener, io::listen(io, io::Endpoint::parse("127.0.0.1:0").value()));
    auto serve = [&]() -> io::Task<Result<void>> {
      CO_TRY(socket, co_await listener.accept());
      CO_TRY(stream, co_await accept_tls(io, context_for({"a.example"}), make_stream(std::move(socket)), io.now() + kPatience));
      CO_CHECK_OK(co_await write_text(io, *stream, "half"));
      stream->close();
      co_return Result<void>{};
    };
    auto call_it = [&]() -> io::Task<Result<void>> {
      CO_TRY(socket, co_await io::connect(io, listener.local()));
      CO_TRY(stream, co_await connect_tls(io, trusting_client(), make_stream(std::move(socket)), TlsConnect{"a.example"},
                                          io.now() + kPatience));
      CO_TRY(half, co_await read_word(io, *stream));
      EXPECT_EQ(half, "half");
      heard = co_await read_word(io, *stream);
      co_return Result<void>{};
    };
    CO_TRY(done, co_await io::all(io, serve(), call_it()));
    (void)done;
    co_return Result<void>{};
  };
  ASSERT_TRUE(test::run_task(body));
  EXPECT_EQ(heard.error().code, Code::closed);
}

TEST(Tls, AClientThatSaysNothingIsTimedOut) {
  Result<std::unique_ptr<TlsStream>> accepted = fail(Code::internal);
  auto body = [&](io::Io& io) -> io::Task<Result<void>> {
    CO_TRY(listener, io::listen(io, io::Endpoint::parse("127.0.0.1:0").value()));
    CO_TRY(silent, co_await io::connect(io, listener.local()));
    CO_TRY(socket, co_await listener.accept());
    accepted = co_await accept_tls(io, context_for({"a.example"}), make_stream(std::move(socket)),
                                   io.now() + Duration::milliseconds(20));
    silent.close();
    co_return Result<void>{};
  };
  ASSERT_TRUE(test::run_task(body));
  EXPECT_EQ(accepted.error().code, Code::timeout);
}

/// Many megabytes both ways at once, in pieces of all sizes: records, flushes and reads overlap.
TEST(Tls, BothWaysAtOnce) {
  constexpr std::size_t kBytes = std::size_t{8} << 20;
  const auto pattern = [](std::size_t at) { return static_cast<std::byte>(at * 7 + at / 251); };
  auto send_all = [&](io::Io& io, TlsStream& stream) -> io::Task<Result<void>> {
    Bytes data(kBytes);
    for (std::size_t i = 0; i < kBytes; ++i) data[i] = pattern(i);
    std::size_t at = 0;
    for (std::size_t size = 1; at < kBytes; size = size * 3 % 100'003 + 1) {
      const std::size_t now = std::min(size, kBytes - at);
      const std::array<ByteView, 2> pieces{ByteView{data}.subspan(at, now / 2),
                                           ByteView{data}.subspan(at + now / 2, now - now / 2)};
      CO_CHECK_OK(co_await stream.write(pieces, io.now() + kPatience));
      at += now;
    }
    co_return co_await stream.end(io.now() + kPatience);
  };
  auto receive_all = [&](io::Io& io, TlsStream& stream) -> io::Task<Result<void>> {
    Bytes buffer(50'000);
    std::size_t at = 0;
    while (true) {
      CO_TRY(got, co_await stream.read(buffer, io.now() + kPatience));
      if (got == 0) break;
      for (std::size_t i = 0; i < got; ++i, ++at)
        if (buffer[i] != pattern(at)) co_return fail(Code::corrupt, std::to_string(at));
    }
    co_return at == kBytes ? Result<void>{} : fail(Code::corrupt, "ended early");
  };
  auto body = [&](io::Io& io) -> io::Task<Result<void>> {
    CO_TRY(listener, io::listen(io, io::Endpoint::parse("127.0.0.1:0").value()));
    auto serve = [&]() -> io::Task<Result<void>> {
      CO_TRY(socket, co_await listener.accept());
      CO_TRY(stream, co_await accept_tls(io, context_for({"a.example"}), make_stream(std::move(socket)), io.now() + kPatience));
      CO_TRY(done, co_await io::all(io, send_all(io, *stream), receive_all(io, *stream)));
      (void)done;
      co_return Result<void>{};
    };
    auto call_it = [&]() -> io::Task<Result<void>> {
      CO_TRY(socket, co_await io::connect(io, listener.local()));
      CO_TRY(stream, co_await connect_tls(io, trusting_client(), make_stream(std::move(socket)), TlsConnect{"a.example"},
                                          io.now() + kPatience));
      CO_TRY(done, co_await io::all(io, send_all(io, *stream), receive_all(io, *stream)));
      (void)done;
      co_return Result<void>{};
    };
    CO_TRY(done, co_await io::all(io, serve(), call_it()));
    (void)done;
    co_return Result<void>{};
  };
  const auto done = test::run_task(body);
  EXPECT_TRUE(done) << describe(done.error());
}

}  // namespace
}  // namespace tablinum::net
