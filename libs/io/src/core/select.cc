#include "tablinum/io/select.h"

namespace tablinum::io::detail {

// First all are tried, while none is linked; then all are linked. What becomes ready between the two is noticed by link(),
// which takes nothing: an effect may be had only by whoever holds the claim, and while cases are linked, others may take it.
bool SelectCore::enlist(Operation& whole) noexcept {
  auto& self = *static_cast<SelectCore*>(whole.args.park.object);
  const Size first = whole.context->core->select_turn++ % self.arms.size();
  for (;;) {
    if (self.attempt_all(first)) return true;
    if (self.link_all()) return false;
    // One is ready. Nobody may take the others any more, unless somebody has: then the end is on its way.
    if (!self.claim.take(whole)) return false;
    self.unlink_all();
    self.claim.winner.store(nullptr);
  }
}

bool SelectCore::attempt_all(Size first) noexcept {
  for (Size i = 0; i < arms.size(); ++i) {
    const Size at = (first + i) % arms.size();
    if (!cases[at].attempt(arms[at])) continue;
    claim.winner.store(&arms[at]);
    return true;
  }
  return false;
}

bool SelectCore::link_all() noexcept {
  for (Size i = 0; i < arms.size(); ++i) {
    arms[i].code = Code{};
    if (!cases[i].link(arms[i])) return false;
  }
  return true;
}

void SelectCore::unlink_all() noexcept {
  for (Size i = 0; i < arms.size(); ++i) cases[i].unlink(arms[i]);
}

bool SelectCore::withdraw(Operation& whole) noexcept {
  auto& self = *static_cast<SelectCore*>(whole.args.park.object);
  if (!self.claim.take(whole)) return false;
  self.unlink_all();
  return true;
}

}  // namespace tablinum::io::detail
