#include "tablinum/archive/place_id.h"

namespace tablinum::archive {

Uuid place_id(const TreeId& tree, store::Pid pid) noexcept {
  Uuid id = tree.value();
  const auto n = static_cast<std::uint32_t>(pid.value());
  for (int i = 0; i < 4; ++i) id.bytes[static_cast<std::size_t>(12 + i)] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);
  return id;
}

std::optional<store::Pid> place_of(const store::TreeInfo& tree, const Uuid& id) noexcept {
  std::uint32_t n = 0;
  for (std::size_t i = 12; i < 16; ++i) n = n << 8 | id.bytes[i];
  const store::Pid pid{tree.tree_no << 32 | std::int64_t{n}};
  return n != 0 && place_id(tree.id, pid) == id ? std::optional{pid} : std::nullopt;
}

}  // namespace tablinum::archive
