#include "convert/item.h"

#include <algorithm>

namespace tablinum::tree::convert {
namespace {

Item item_at(const Structure& structure, std::uint32_t node) {
  const Node& from = structure[node];
  Item item{.tag = std::string{structure.tag_name(node)}, .kind = from.kind, .text = std::string{from.text}, .target = from.target};
  for (const auto child : structure.children(node)) item.children.push_back(item_at(structure, child));
  return item;
}

void append(Structure& structure, std::uint32_t parent, const Item& item) {
  const auto node = structure.append(parent, item.tag, item.kind, item.text, item.target);
  for (const auto& child : item.children) append(structure, node, child);
}

}  // namespace

const Item* Item::child(std::string_view name) const noexcept {
  const auto found = std::ranges::find(children, name, &Item::tag);
  return found == children.end() ? nullptr : &*found;
}

Item* Item::child(std::string_view name) noexcept {
  const auto found = std::ranges::find(children, name, &Item::tag);
  return found == children.end() ? nullptr : &*found;
}

std::string_view Item::child_text(std::string_view name) const noexcept {
  const Item* found = child(name);
  return found != nullptr && found->is_text() ? std::string_view{found->text} : std::string_view{};
}

void Item::remove(const Item* child) {
  if (child != nullptr) children.erase(children.begin() + (child - children.data()));
}

Item text_item(std::string_view tag, std::string_view text) {
  return {.tag = std::string{tag}, .kind = PayloadKind::text, .text = std::string{text}};
}

Item pointer_item(std::string_view tag, const RecordId& target) {
  return {.tag = std::string{tag}, .kind = PayloadKind::record, .text = {}, .target = target};
}

Item item_of(const Structure& structure) { return item_at(structure, 0); }

Structure structure_of(const Item& item, Dialect dialect) {
  Structure structure{dialect};
  append(structure, kNoNode, item);
  return structure;
}

unsigned depth_of(const Item& item) {
  unsigned deepest = 0;
  for (const auto& child : item.children) deepest = std::max(deepest, depth_of(child) + 1);
  return deepest;
}

}  // namespace tablinum::tree::convert
