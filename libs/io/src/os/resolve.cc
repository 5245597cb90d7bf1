#include "tablinum/io/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>

#include "os/errno.h"
#include "os/system.h"
#include "tablinum/io/channel.h"
#include "tablinum/io/offload.h"

namespace tablinum::io {
namespace {

using Addresses = Result<std::vector<Endpoint>>;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Addresses failure_of(int error, int system_error, const std::string& name) {
  if (error == EAI_SYSTEM) return fail_errno(system_error, "getaddrinfo " + name);
  const std::string detail = std::string{"getaddrinfo "} + name + ": " + ::gai_strerror(error);
  if (error == EAI_AGAIN) return fail(Code::unavailable, detail);
  if (error == EAI_MEMORY) return fail(Code::limit, detail);
  return fail(Code::not_found, detail);
}

/// Blocks, for as long as the system likes.
Addresses ask_system(const std::string& name, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return failure_of(error, errno, name);
  const std::unique_ptr<addrinfo, FreeAddresses> list{found};
  std::vector<Endpoint> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const auto address = Endpoint::from_system(each->ai_addr, each->ai_addrlen);
    if (address.family() == Endpoint::Family::none) continue;
    TRY(endpoint, Endpoint::from_ip(address.host(), port));
    if (std::ranges::find(addresses, endpoint) == addresses.end()) addresses.push_back(endpoint);
  }
  if (addresses.empty()) return fail(Code::not_found, name);
  return addresses;
}

#if TABLINUM_IO_THREADS
/// Owned by the task that asks and by the thread that looks up, whichever ends last.
struct Lookup : Ready {
  std::string name;
  std::uint16_t port = 0;
  Oneshot<Addresses> answer;
  std::shared_ptr<Lookup> self;
};

void look_up(Ready& ready) noexcept {
  auto& lookup = static_cast<Lookup&>(ready);
  const auto self = std::move(lookup.self);
  Addresses found = fail(Code::limit, "no memory");
  try {
    found = ask_system(lookup.name, lookup.port);
  } catch (const std::bad_alloc&) {  // the failure stands
  }
  static_cast<void>(lookup.answer.send(found));
}

/// Never destroyed, since a look-up that was given up may outlast everything.
OffloadPool& lookup_pool() {
  static auto* pool = new OffloadPool{OffloadOptions{0, kLookupsMax}};
  return *pool;
}
#endif

}  // namespace

Task<Result<std::vector<Endpoint>>> resolve(Io& io, std::string name, std::uint16_t port) {
  const bool wrong = name.empty() || name.size() > kHostNameBytesMax || name.find('\0') != std::string::npos;
  if (wrong) co_return fail(Code::invalid, "a host's name");
  if (auto address = Endpoint::from_ip(name, port)) co_return std::vector<Endpoint>{std::move(*address)};
  if (auto known = io.system().known_addresses(name, port)) {
    CO_CHECK_OK(co_await sleep(io, Duration::milliseconds(1)));
    co_return std::move(*known);
  }
#if TABLINUM_IO_THREADS
  auto lookup = std::make_shared<Lookup>();
  lookup->name = std::move(name);
  lookup->port = port;
  lookup->run = &look_up;
  lookup->self = lookup;
  auto submitted = lookup_pool().submit(*lookup);
  if (!submitted) {
    lookup->self.reset();
    co_return std::unexpected(std::move(submitted).error());
  }
  auto answered = co_await lookup->answer.receive(io);
  if (answered) co_return std::move(*answered);
  if (lookup_pool().withdraw(*lookup)) lookup->self.reset();  // it had not begun
  co_return std::unexpected(std::move(answered).error());
#else
  auto ask = [&] { return ask_system(name, port); };
  co_return co_await offload(io, ask);
#endif
}

}  // namespace tablinum::io
