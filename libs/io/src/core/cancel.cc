#include "tablinum/io/cancel.h"

namespace tablinum::io::detail {

DeadlineNode::DeadlineNode(Io& io, Context& parent, Instant end) noexcept : context_{io, &parent} {
  context_.deadline = std::min(context_.deadline, end);
  if (end == Instant::never()) return;
  expiry_.node = this;
  expiry_.at = end;
  expiry_.fire = [](Timer& timer) noexcept {
    DeadlineNode& node = *static_cast<Expiry&>(timer).node;
    node.expired_ = !node.context_.cancelled();
    node.context_.cancel(Reason::timeout);
  };
  io.arm(expiry_);
}

DeadlineNode::~DeadlineNode() { context_.io->disarm(expiry_); }

ShieldNode::ShieldNode(Io& io, Context& parent, Duration limit) noexcept : context_{io, &parent, true} {
  lift_.context = &context_;
  lift_.at = io.now() + std::min(limit, kShieldMax);
  lift_.fire = [](Timer& timer) noexcept { static_cast<Lift&>(timer).context->lift_shield(); };
  io.arm(lift_);
}

ShieldNode::~ShieldNode() { context_.io->disarm(lift_); }

}  // namespace tablinum::io::detail
