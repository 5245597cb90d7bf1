#pragma once
/// A structure as a value that can be taken apart: conversion moves, drops and adds nodes, which the arena of a Structure cannot.
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/tree/structure.h"

namespace tablinum::tree::convert {

/// One node. Addresses (numbers) are left out: a file has none.
struct Item {
  std::string tag;
  PayloadKind kind = PayloadKind::none;
  std::string text{};
  RecordId target{};
  std::vector<Item> children{};

  friend bool operator==(const Item&, const Item&) = default;

  const Item* child(std::string_view name) const noexcept;
  Item* child(std::string_view name) noexcept;
  /// The text of the first child of that tag; empty without one.
  std::string_view child_text(std::string_view name) const noexcept;
  void remove(const Item* child);
  bool is_text() const noexcept { return kind == PayloadKind::text; }
  bool is_pointer() const noexcept { return kind == PayloadKind::record || kind == PayloadKind::dangling; }
};

Item text_item(std::string_view tag, std::string_view text);
Item pointer_item(std::string_view tag, const RecordId& target);

/// @pre the structure is not empty
Item item_of(const Structure& structure);
Structure structure_of(const Item& item, Dialect dialect);

/// Levels below the node: 0 for one without children.
unsigned depth_of(const Item& item);

}  // namespace tablinum::tree::convert
