#include "client/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "tablinum/io/cancel.h"
#include "tablinum/io/offload.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"

namespace tablinum::net {
namespace {

/// The system's resolver, in a thread that may block.
Result<std::vector<io::Endpoint>> ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return fail(Code::not_found, "no address of " + host);
  std::vector<io::Endpoint> endpoints;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const auto plain = io::Endpoint::from_system(each->ai_addr, each->ai_addrlen);
    if (auto endpoint = io::Endpoint::from_ip(plain.host(), port)) endpoints.push_back(*endpoint);
  }
  ::freeaddrinfo(found);
  if (endpoints.empty()) return fail(Code::not_found, "no address of " + host);
  return endpoints;
}

struct Prefix4 {
  std::uint32_t address;
  int bits;
};
/// What is not the public Internet's (IANA's special-purpose registry).
constexpr Prefix4 kSpecial4[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
                                 {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
                                 {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3}};

bool is_public4(std::uint32_t address) noexcept {
  return std::ranges::none_of(kSpecial4, [&](const Prefix4& prefix) {
    return ((address ^ prefix.address) >> (32 - prefix.bits)) == 0;
  });
}

std::uint32_t word_at(const std::uint8_t* bytes) noexcept {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_public6(const std::uint8_t* ip) noexcept {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xFF, 0x9B};
  if (std::equal(kMapped.begin(), kMapped.end(), ip) || std::equal(kNat64.begin(), kNat64.end(), ip))
    return is_public4(word_at(ip + 12));
  if (ip[0] == 0x20 && ip[1] == 0x02) return is_public4(word_at(ip + 2));  // 6to4
  if (word_at(ip) == 0x20010DB8 || word_at(ip) == 0x20010000) return false;  // documentation, Teredo
  return (ip[0] & 0xE0) == 0x20;  // 2000::/3 is all that is global
}

/// What the attempts of one dial share.
struct Race {
  Race(io::Io& owner, std::vector<io::Endpoint> all) : io{owner}, endpoints{std::move(all)}, failed{owner, io::Event::Reset::automatic} {}
  io::Io& io;
  std::vector<io::Endpoint> endpoints;
  io::Event failed;  // one attempt has failed: the next may begin at once
  io::Scope* scope = nullptr;
  std::size_t pending = 0;
  io::TcpSocket won;
  Error last{Code::unreachable, "no address"};
};

io::Task<void> attempt(Race& race, io::Endpoint endpoint) {
  auto socket = co_await io::connect(race.io, std::move(endpoint));
  --race.pending;
  if (socket && !race.won.is_open()) {
    race.won = std::move(*socket);
    race.scope->cancel();
  } else if (!socket) {
    if (socket.error().code != Code::cancelled) race.last = std::move(socket).error();
    race.failed.set();
  }
}

io::Task<Result<void>> run_race(Race& race, io::Scope& scope, Duration stagger) {
  race.scope = &scope;
  for (const io::Endpoint& endpoint : race.endpoints) {
    ++race.pending;
    scope.spawn(attempt(race, endpoint)).keep();
    auto waited = co_await race.failed.wait().until(race.io.now() + stagger);
    if (!waited && waited.error().code != Code::timeout) break;
  }
  co_return Result<void>{};
}

}  // namespace

bool is_public(const io::Endpoint& endpoint) noexcept {
  sockaddr_storage storage{};
  if (endpoint.to_system(&storage) == 0) return false;
  if (endpoint.family() == io::Endpoint::Family::ipv4)
    return is_public4(ntohl(reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr));
  if (endpoint.family() == io::Endpoint::Family::ipv6)
    return is_public6(reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr.s6_addr);
  return false;
}

std::vector<io::Endpoint> in_turns(std::vector<io::Endpoint> endpoints) {
  std::vector<io::Endpoint> six, others, order;
  for (auto& endpoint : endpoints)
    (endpoint.family() == io::Endpoint::Family::ipv6 ? six : others).push_back(std::move(endpoint));
  for (std::size_t i = 0; i < std::max(six.size(), others.size()); ++i) {
    if (i < six.size()) order.push_back(std::move(six[i]));
    if (i < others.size()) order.push_back(std::move(others[i]));
  }
  if (order.size() > kDialAttemptsMax) order.resize(kDialAttemptsMax);
  return order;
}

namespace {

io::Task<Result<std::vector<io::Endpoint>>> look_up(io::Io& io, const Origin& origin, const ClientOptions& options) {
  if (auto literal = io::Endpoint::from_ip(origin.host, origin.port)) co_return std::vector{*literal};
  if (origin.host == "localhost") {
    std::vector<io::Endpoint> loopback;
    for (const char* ip : {"::1", "127.0.0.1"}) loopback.push_back(io::Endpoint::from_ip(ip, origin.port).value());
    co_return loopback;
  }
  if (options.resolve) co_return co_await options.resolve(io, origin.host, origin.port);
  auto ask = [&] { return ask_system(origin.host, origin.port); };
  co_return co_await io::offload(io, ask);
}

}  // namespace

/// The addresses that are checked are the ones that are connected to: no second look-up could give others (DNS rebinding).
io::Task<Result<std::vector<io::Endpoint>>> addresses_of(io::Io& io, const Origin& origin, const ClientOptions& options) {
  CO_TRY(endpoints, co_await look_up(io, origin, options));
  if (options.public_only) std::erase_if(endpoints, [](const io::Endpoint& endpoint) { return !is_public(endpoint); });
  if (endpoints.empty()) co_return fail(Code::denied, "not an address of the public network");
  co_return std::move(endpoints);
}

io::Task<Result<io::TcpSocket>> dial_any(io::Io& io, std::vector<io::Endpoint> endpoints, Duration stagger, Instant limit) {
  if (endpoints.size() == 1) co_return co_await io::with_deadline(io, limit, io::connect(io, endpoints.front()));
  Race race{io, in_turns(std::move(endpoints))};
  auto body = [&](io::Scope& scope) { return run_race(race, scope, stagger); };
  auto raced = co_await io::with_deadline(io, limit, io::with_scope(io, body, io::ScopePolicy::supervise));
  if (race.won.is_open()) co_return std::move(race.won);
  if (!raced) co_return std::unexpected(std::move(raced).error());
  if (io.now() >= limit) co_return fail(Code::timeout, "no address answered in time");
  co_return std::unexpected(std::move(race.last));
}

io::Task<Result<io::TcpSocket>> dial(io::Io& io, const Origin& origin, const ClientOptions& options, Instant limit) {
  CO_TRY(endpoints, co_await io::with_deadline(io, limit, addresses_of(io, origin, options)));
  co_return co_await dial_any(io, std::move(endpoints), options.stagger, limit);
}

}  // namespace tablinum::net
