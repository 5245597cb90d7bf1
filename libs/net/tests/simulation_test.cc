/// The server and the client on simulated machines (io/simulate.h): packets lost, a partition, power cuts, and a disk that keeps
/// only what was synced.
#include <gtest/gtest.h>

#include <charconv>
#include <set>

#include "tablinum/io/file.h"
#include "tablinum/io/simulate.h"
#include "tablinum/net/client.h"
#include "tablinum/net/server.h"

namespace tablinum::net {
namespace {

constexpr std::uint16_t kPort = 8080;
constexpr int kClients = 3;
constexpr int kNotes = 8;                 // of each client
constexpr std::size_t kNoteBytes = 16;           // in the file
constexpr std::size_t kPartBytes = 100'000;      // what GET answers: many packets
const std::string kFile = "/tmp/notes";

/// Keeps what it is sent in a file, and answers 201 when it is safe. Begins anew with the machine.
class Notebook {
 public:
  Notebook(const io::SimHost& host, bool syncs) : address_{host.endpoint(kPort).to_string()}, syncs_{syncs} {}

  io::Task<Result<void>> serve(io::Io& io) {
    ServerOptions options;
    options.listen = {address_};
    auto bound = Server::unbound(std::move(options), [this](io::Io& each, Request& request) { return answer(each, request); });
    if (!bound) co_return std::unexpected(std::move(bound).error());
    if (stopped_) co_return {};
    server_ = std::move(*bound);
    const Reset at_end{*this};  // also when the machine crashes
    CO_CHECK_OK(co_await open(io));
    co_return co_await server_->serve(io);
  }
  void stop() {
    stopped_ = true;
    if (server_) server_->stop();
  }

 private:
  struct Reset {
    Notebook& notebook;
    ~Reset() {
      notebook.server_.reset();
      notebook.file_.reset();
    }
  };

  io::Task<Result<void>> open(io::Io& io) {
    io::OpenOptions options;
    options.write = options.create = true;
    CO_TRY(file, co_await io::open(io, kFile, options));
    CO_CHECK_OK(co_await io::sync_directory(io, "/tmp"));
    CO_TRY(stat, co_await file.stat());
    end_ = stat.bytes / kNoteBytes * kNoteBytes;  // half a note was never answered
    file_.emplace(std::move(file));
    co_return {};
  }

  io::Task<Result<Response>> answer(io::Io& io, Request& request) {
    if (request.method == Method::get) co_return text_response(std::string(kPartBytes, 'x'));
    CO_TRY(text, co_await request.body.read_all(io));
    text.resize(kNoteBytes, '\n');
    const std::uint64_t at = std::exchange(end_, end_ + kNoteBytes);
    CO_CHECK_OK(co_await file_->write_at(at, as_bytes(text)));
    if (syncs_) CO_CHECK_OK(co_await file_->sync(io::SyncKind::data));
    auto response = text_response("kept");
    response.status = Status::created;
    co_return response;
  }

  static ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

  const std::string address_;
  const bool syncs_;
  std::unique_ptr<Server> server_;
  bool stopped_ = false;
  std::optional<io::File> file_;
  std::uint64_t end_ = 0;
};

/// What one client was told.
struct Told {
  std::set<std::string> kept;
  int whole_answers = 0;
};

ClientRequest note(const std::string& url, const std::string& text) {
  ClientRequest request;
  request.method = Method::post;
  request.url = url;
  request.body = Body::of(text);
  return request;
}

/// Repeats until it has been told: a note may be kept twice, but none that was answered may be missing.
io::Task<Result<void>> write_notes(io::Io& io, std::string url, int client, Told& told) {
  ClientOptions options;
  options.response_time = Duration::seconds(5);
  Client http{options};
  for (int i = 0; i < kNotes; ++i) {
    const std::string text = std::to_string(client) + "/" + std::to_string(i);
    for (bool kept = false; !kept;) {
      auto response = co_await http.fetch(io, note(url, text));
      kept = response && response->status == Status::created;
      if (kept) kept = (co_await response->body.read_all(io)).has_value();
      if (!kept) CO_CHECK_OK(co_await io::sleep(io, Duration::milliseconds(200)));
    }
    told.kept.insert(text);
    ClientRequest get;
    get.url = url;
    if (auto part = co_await http.fetch(io, std::move(get))) {
      const auto body = co_await part->body.read_all(io);
      if (body && body->size() != kPartBytes) co_return fail(Code::internal, "a part of an answer passed for the whole");
      told.whole_answers += body.has_value();
    }
  }
  co_return {};
}

std::set<std::string> notes_on(io::SimDisk& disk) {
  const int file = disk.open(kFile, 0).value();
  std::vector<std::byte> bytes(disk.stat(file).value().bytes);
  EXPECT_EQ(disk.read(file, 0, bytes).value(), bytes.size());
  disk.close(file);
  std::set<std::string> notes;
  for (std::size_t at = 0; at + kNoteBytes <= bytes.size(); at += kNoteBytes) {
    std::string text{reinterpret_cast<const char*>(&bytes[at]), kNoteBytes};
    notes.insert(text.substr(0, text.find('\n')));
  }
  return notes;
}

struct Totals {
  std::uint64_t crashes = 0, resets = 0, lost = 0;
  int answers = 0;
  int notes_gone = 0;
};

/// @param syncs false: the server forgets to.
void run_world(std::uint64_t seed, bool syncs, Totals& totals) {
  io::SimOptions options = io::simulation_options();
  options.link.loss = 0.01;
  io::SimWorld world{seed, options};
  io::SimHost& machine = world.host("server");
  Notebook notebook{machine, syncs};
  machine.start([&](io::Io& io) { return notebook.serve(io); });
  std::array<Told, kClients> told;
  int running = kClients;
  for (int client = 0; client < kClients; ++client) {
    const std::string name = "client " + std::to_string(client);
    world.host(name).start([&, client, url = "http://" + machine.endpoint(kPort).to_string() + "/"](io::Io& io) -> io::Task<Result<void>> {
      auto done = co_await write_notes(io, url, client, told[static_cast<std::size_t>(client)]);
      if (--running == 0) notebook.stop();
      co_return done;
    });
  }
  const auto moment = [&] { return Duration::milliseconds(static_cast<std::int64_t>(world.draw(400))); };
  const Duration cut = moment(), crash = moment();
  world.at(cut, [&] { world.partition("client 0", "server", true); });
  world.at(cut + Duration::seconds(2), [&] { world.partition("client 0", "server", false); });
  world.at(crash, [&] { machine.crash(seed % 2 == 0 ? io::CrashKind::power : io::CrashKind::process); });
  world.at(crash + Duration::seconds(1), [&] { machine.restart(); });
  const auto ran = world.run();
  ASSERT_TRUE(ran) << world.report();
  const std::set<std::string> kept = notes_on(machine.disk());
  for (const Told& each : told) {
    EXPECT_EQ(each.kept.size(), static_cast<std::size_t>(kNotes)) << world.report();
    for (const std::string& text : each.kept) totals.notes_gone += kept.contains(text) ? 0 : 1;
    EXPECT_TRUE(!syncs || totals.notes_gone == 0) << "an answered note is gone\n" << world.report();
    totals.answers += each.whole_answers;
  }
  totals.crashes += world.counters().crashes;
  totals.resets += world.counters().resets;
  totals.lost += world.counters().lost;
}

TEST(SimulatedServer, WhatWasAnsweredIsKeptThroughPartitionsAndPowerCuts) {
  Totals totals;
  for (const std::uint64_t seed : io::simulation_seeds(100)) {
    run_world(seed, true, totals);
    if (HasFailure()) return;
  }
  // The worlds were not kind.
  EXPECT_GE(totals.crashes, 1u);
  EXPECT_GE(totals.lost, 1u);
  EXPECT_GE(totals.answers, kClients * kNotes / 2);
}

TEST(SimulatedServer, AServerThatForgetsToSyncIsFound) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) run_world(seed, false, totals);
  EXPECT_GE(totals.notes_gone, 1);
}

}  // namespace
}  // namespace tablinum::net
