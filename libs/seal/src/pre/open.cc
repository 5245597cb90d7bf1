#include <map>
#include <mutex>

#include "pre/capsule.h"
#include "pre/proxy.h"

namespace tablinum::seal::pre {
namespace {

/// The receiving side's own key as opening needs it.
struct OpeningKey {
  const SecretHalves& secret;
  const PublicHalves& public_key;
  bool group;
};

struct Checked {
  CapsuleStanza stanza;
  Transformed transformed;
  Digest context;
};

/// Everything that can be checked without the secret key.  @error any: the caller reports err_open().
Result<Checked> check(const OpeningKey& key, const OpenRequest& request) {
  const auto& facts = request.ticket.facts();
  TRY(stanza, CapsuleStanza::parse(request.stanza));
  TRY(transformed, Transformed::parse(request.transformed));
  CHECK_OK(transformed.verify(request.proxy));
  CHECK_OK(request.ticket.verify(request.owner));
  const auto context = capsule_context(request.core_hash, facts);
  const auto fragment = split_fragment(transformed.fragment());
  const bool fits = facts.group == key.group && facts.suite == key.public_key.suite && facts.delegate_key == key.public_key.hash &&
                    transformed.suite() == facts.suite && transformed.delegation() == request.ticket.id() &&
                    transformed.stanza() == stanza.hash() && belongs(stanza, facts) && fragment.x == facts.x && fragment.r == facts.r;
  if (!fits) return fail(Code::corrupt);
  if (!signed_by(stanza, context, request.owner)) return fail(Code::corrupt);
  const auto capsule = split_capsule(stanza.classical_capsule());
  if (!verify(capsule, facts.collection_point, context.view()) || !verify(fragment, capsule, context.view())) return fail(Code::corrupt);
  return Checked{.stanza = std::move(stanza), .transformed = std::move(transformed), .context = context};
}

/// The part that uses the secret key.
Result<FileKey> open_checked(const OpeningKey& key, const OpenRequest& request, const Checked& checked,
                             FunctionRef<bool(const FileKey&)> confirm) {
  const auto& facts = request.ticket.facts();
  const auto fragment = split_fragment(checked.transformed.fragment());
  const auto message = decrypt(key.secret.lattice, parse_transformed(Ring::of(facts.suite), checked.transformed.lattice_capsule()));
  TRY(classical, open_fragment(key.secret.scalar, key.public_key.point, fragment, facts.collection_point, delegation_info(facts).view()));
  const auto kek = combine(message, classical, checked.stanza.lattice_capsule(), checked.stanza.classical_capsule(), checked.context,
                           request.core_hash);
  FileKey file_key;
  if (!unwrap(kek, checked.stanza, checked.context, file_key) || !confirm(file_key)) return err_open();
  return file_key;
}

Result<FileKey> open_with(const OpeningKey& key, const OpenRequest& request, FailureBudget& budget,
                          FunctionRef<bool(const FileKey&)> confirm) {
  const auto checked = check(key, request);
  if (!checked) return err_open();
  const auto id = key_id(key.public_key.hash);
  CHECK_OK(budget.take(id));
  auto opened = open_checked(key, request, *checked, confirm);
  if (!opened) return err_open();
  CHECK_OK(budget.give_back(id));
  return opened;
}

}  // namespace

std::unexpected<Error> err_open() { return fail(Code::corrupt, std::string{kErrOpenText}); }

Result<FileKey> open_transformed(const ReceiveSecret& key, const OpenRequest& request, FailureBudget& budget,
                                 FunctionRef<bool(const FileKey&)> confirm) {
  return open_with({.secret = key.halves(), .public_key = key.public_key().halves(), .group = false}, request, budget, confirm);
}

Result<FileKey> open_transformed(const GroupSecret& key, const OpenRequest& request, FailureBudget& budget,
                                 FunctionRef<bool(const FileKey&)> confirm) {
  return open_with({.secret = key.key().halves(), .public_key = key.key().public_key().halves(), .group = true}, request, budget, confirm);
}

struct MemoryFailureBudget::Contents {
  mutable std::mutex mutex;
  std::map<KeyId, std::uint32_t> taken;
};

MemoryFailureBudget::MemoryFailureBudget() : contents_{std::make_unique<Contents>()} {}
MemoryFailureBudget::~MemoryFailureBudget() = default;

Result<void> MemoryFailureBudget::take(const KeyId& key) {
  const std::lock_guard lock{contents_->mutex};
  auto& taken = contents_->taken[key];
  if (taken >= kFailuresMax) return fail(Code::limit, "too many failures with this receiving key: publish a new one");
  ++taken;
  return {};
}

Result<void> MemoryFailureBudget::give_back(const KeyId& key) {
  const std::lock_guard lock{contents_->mutex};
  if (auto& taken = contents_->taken[key]; taken > 0) --taken;
  return {};
}

std::uint32_t MemoryFailureBudget::taken(const KeyId& key) const {
  const std::lock_guard lock{contents_->mutex};
  const auto found = contents_->taken.find(key);
  return found == contents_->taken.end() ? 0 : found->second;
}

}  // namespace tablinum::seal::pre
