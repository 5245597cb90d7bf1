#include <mutex>

#include "pre/proxy_contents.h"

namespace tablinum::seal::pre {

struct MemoryProxyState::Contents {
  mutable std::mutex mutex;
  ProxyContents of;
};

MemoryProxyState::MemoryProxyState() : contents_{std::make_unique<Contents>()} {}
MemoryProxyState::~MemoryProxyState() = default;

Result<bool> MemoryProxyState::is_revoked(const DelegationId& delegation) {
  const std::lock_guard lock{contents_->mutex};
  return contents_->of.is_revoked(delegation);
}

Result<void> MemoryProxyState::revoke(const Tombstone& tombstone) {
  const std::lock_guard lock{contents_->mutex};
  contents_->of.revoke(tombstone.delegation());
  return {};
}

Result<void> MemoryProxyState::charge(const Charge& charge) {
  const std::lock_guard lock{contents_->mutex};
  if (const auto counted = contents_->of.charge(charge); !counted) return std::unexpected(counted.error());
  return {};
}

Bytes MemoryProxyState::serialise() const {
  const std::lock_guard lock{contents_->mutex};
  return contents_->of.serialise();
}

Result<std::unique_ptr<MemoryProxyState>> MemoryProxyState::parse(ByteView bytes) {
  TRY(contents, ProxyContents::parse(bytes));
  auto state = std::make_unique<MemoryProxyState>();
  state->contents_->of = std::move(contents);
  return state;
}

}  // namespace tablinum::seal::pre
