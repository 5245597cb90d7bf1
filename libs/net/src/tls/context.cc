#include <mutex>

#include "tablinum/base/log.h"
#include "tablinum/io/io.h"
#include "tls/build_table.h"

namespace tablinum::net {

struct TlsContext::State {
  std::shared_ptr<const tls::TicketKeys> tickets;
  mutable std::mutex mutex;  // guards what follows; held for a copy or a swap, never while files are read
  TlsConfig config;
  std::shared_ptr<const TlsTable> table;
  std::vector<tls::FileStamp> stamps;
  std::mutex reloading;  // one reload at a time
};

namespace {

Result<std::shared_ptr<const tls::TicketKeys>> ticket_keys(const SecretBytes& master) {
  if (master.empty()) return std::make_shared<const tls::TicketKeys>(random_secret<tls::kTicketMasterBytes>());
  if (master.size() != tls::kTicketMasterBytes) return fail(Code::invalid, "the ticket master has 32 bytes");
  return std::make_shared<const tls::TicketKeys>(
      Secret<tls::kTicketMasterBytes>{std::span<const std::byte, tls::kTicketMasterBytes>{master.data(), master.size()}});
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::make(TlsConfig config, Timestamp now) {
  auto state = std::make_unique<State>();
  TRY(tickets, ticket_keys(config.ticket_master));
  TRY(built, tls::build_table(config, tickets, 1, now));
  state->tickets = std::move(tickets);
  state->table = std::move(built.table);
  state->stamps = std::move(built.stamps);
  state->config = std::move(config);
  return std::shared_ptr<TlsContext>{new TlsContext{std::move(state)}};
}

Result<void> TlsContext::reload(Timestamp now) {
  TlsConfig config;
  {
    const std::scoped_lock lock{state_->mutex};
    config = state_->config;
  }
  return reload(std::move(config), now);
}

Result<void> TlsContext::reload(TlsConfig config, Timestamp now) {
  const std::scoped_lock one{state_->reloading};
  TRY(built, tls::build_table(config, state_->tickets, generation() + 1, now));
  const std::scoped_lock lock{state_->mutex};
  state_->table = std::move(built.table);
  state_->stamps = std::move(built.stamps);
  state_->config = std::move(config);
  return {};
}

bool TlsContext::files_changed() const {
  std::vector<tls::FileStamp> stamps;
  {
    const std::scoped_lock lock{state_->mutex};
    stamps = state_->stamps;
  }
  for (const tls::FileStamp& stamp : stamps)
    if (tls::stamp_of(stamp.file) != stamp) return true;
  return false;
}

std::uint64_t TlsContext::generation() const { return table()->generation; }

std::vector<TlsHostInfo> TlsContext::hosts() const {
  std::vector<TlsHostInfo> infos;
  for (const TlsTableHost& host : table()->hosts) infos.push_back(host.info);
  return infos;
}

std::shared_ptr<const TlsTable> TlsContext::table() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->table;
}

io::Task<void> reload_when_changed(io::Io& io, TlsContext& context, Duration interval) {
  bool told = false;  // of a failure: once, not every half minute
  while (true) {
    const auto slept = co_await io::sleep(io, interval);
    if (!slept) co_return;
    if (!context.files_changed()) continue;
    const auto reloaded = context.reload();
    if (reloaded) log::info("net", "certificates reloaded", {{"generation", context.generation()}});
    if (!reloaded && !told) log::error("net", "new certificates are not used", {{"error", describe(reloaded.error())}});
    told = !reloaded;
  }
}

}  // namespace tablinum::net
