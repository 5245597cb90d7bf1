#include "core/dump.h"

namespace tablinum::io {
namespace {

constexpr Size kChainMax = 64;

std::string_view name_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::user:
      return ", cancelled";
    case Reason::timeout:
      return ", cancelled by a deadline";
    case Reason::sibling_failed:
      return ", cancelled because a sibling failed";
    case Reason::shutdown:
      return ", cancelled by the shutdown";
    case Reason::crash:
      return ", crashed";
  }
  return "";
}

// Promises lie at the same place in every frame: after the frame's two function pointers, since none is aligned above 16.
const detail::PromiseBase& promise_of(std::coroutine_handle<> handle) noexcept {
  return std::coroutine_handle<detail::PromiseBase>::from_address(handle.address()).promise();
}

/// The file's name without its folders.
std::string_view base_name(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

/// Which coroutine waits, and which wait for it, innermost first.
void dump_chain(std::coroutine_handle<> waiter, Size depth, std::string& out) {
  for (Size i = 0; waiter && i < kChainMax; ++i) {
    const auto& promise = promise_of(waiter);
    out.append(2 * depth + 2, ' ');
    out += "in ";
    out += promise.where.function_name();
    out += ", ";
    out += base_name(promise.where.file_name());
    out += ':' + std::to_string(promise.where.line()) + '\n';
    waiter = promise.continuation;
  }
}

void dump_node(const Context& node, Size depth, std::string& out) {
  const bool is_task = node.root != nullptr;
  if (!is_task && node.current == nullptr) return;
  out.append(2 * depth, ' ');
  out += is_task ? (node.name[0] != '\0' ? node.name : "(no name)") : "under a deadline, shield or scope";
  if (node.current != nullptr) {
    out += ": ";
    out += tablinum::io::name_of(node.current->kind);
    if (node.current->descriptor != nullptr) out += " on descriptor " + std::to_string(node.current->descriptor->fd);
  } else {
    out += ": runs, or waits in what it called";
  }
  if (node.deadline != Instant::never()) {
    out += ", " + std::to_string((node.deadline - node.io->now()).milliseconds()) + " ms to its deadline";
  }
  out += name_of(node.reason);
  out += '\n';
  if (node.current != nullptr) dump_chain(node.current->waiter, depth, out);
}

}  // namespace

void dump_tasks(const Context& root, std::string& out) {
  Size depth = 1;
  for (const Context* node = &root;;) {
    dump_node(*node, depth, out);
    if (node->first_child != nullptr) {
      node = node->first_child;
      ++depth;
      continue;
    }
    while (node != &root && node->next_sibling == nullptr) {
      node = node->parent;
      --depth;
    }
    if (node == &root) return;
    node = node->next_sibling;
  }
}

}  // namespace tablinum::io
