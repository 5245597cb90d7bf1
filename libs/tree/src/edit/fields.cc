// Versions of a record, field by field.
#include <algorithm>
#include <unordered_map>

#include "tablinum/tree/edit/editor.h"

namespace tablinum::tree::edit {
namespace {

using model::Field;

void copy_node(const Structure& from, std::uint32_t node, Structure& to, std::uint32_t parent) {
  const Node& n = from[node];
  const auto made = n.tag == Tag::literal ? to.append(parent, n.literal_tag, n.kind, n.text, n.target, n.number)
                                          : to.append(parent, n.tag, n.kind, n.text, n.target, n.number);
  for (const auto child : from.children(node)) copy_node(from, child, to, made);
}

bool is_among(std::span<const Field> fields, Field field) { return std::ranges::find(fields, field) != fields.end(); }

Bytes encoded(const Structure& record, std::uint32_t node) {
  Bytes out;
  encode_subtrees(record, std::span{&node, 1}, out);
  return out;
}

/// A level-1 node of either version, in the order of the result.
struct Placed {
  const Structure* from;
  std::uint32_t node;
};

std::string key_of(const Structure& record, std::uint32_t node) { return std::string{text_of(encoded(record, node))}; }

void append_lines(const Structure& record, std::uint32_t node, unsigned depth, std::string& out) {
  if (out.size() > kDifferenceBytesMax) return;
  if (depth > 0) out.append(1, '\n').append(2 * depth, ' ');
  out += record.tag_name(node);
  const Node& n = record[node];
  if (n.kind == PayloadKind::text && !n.text.empty()) out.append(1, ' ').append(n.text.substr(0, kDifferenceBytesMax));
  if (n.kind == PayloadKind::dangling) out.append(" @").append(n.text).append(1, '@');
  if (n.kind == PayloadKind::record) out.append(1, ' ').append(to_string(n.target.value()));
  for (const auto child : record.children(node)) append_lines(record, child, depth + 1, out);
}

std::string lines_of(const Structure& record, std::uint32_t node) {
  std::string out;
  append_lines(record, node, 0, out);
  if (out.size() <= kDifferenceBytesMax) return out;
  auto cut = kDifferenceBytesMax;
  while ((static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
  return out.substr(0, cut) + "…";
}

}  // namespace

Structure with_fields_of(const Structure& now, const Structure& then, std::span<const Field> fields) {
  std::vector<Placed> kept;
  std::unordered_map<std::string, std::vector<std::size_t>> behind;  // by what a kept node says: the places behind such nodes
  for (const auto node : now.children(0)) {
    if (is_among(fields, model::field_of(now, node))) continue;
    kept.push_back({&now, node});
    behind[key_of(now, node)].push_back(kept.size());
  }
  // A run of taken nodes stands where it stood: behind the node before it, or at the end if that one is gone. Never before an earlier run,
  // since the order within a field is part of its value.
  std::vector<std::vector<Placed>> taken(kept.size() + 1);
  std::size_t place = 0;
  std::uint32_t before = kNoNode;
  for (const auto node : then.children(0)) {
    const bool take = is_among(fields, model::field_of(then, node));
    if (take && before != kNoNode) {
      const auto found = behind.find(key_of(then, before));
      const auto next = found == behind.end() ? std::span<const std::size_t>{} : std::span<const std::size_t>{found->second};
      const auto at = std::ranges::lower_bound(next, place);
      place = at == next.end() ? kept.size() : *at;
    }
    if (take) taken[place].push_back({&then, node});
    before = take ? kNoNode : node;
  }
  std::vector<Placed> placed;
  for (std::size_t i = 0; i <= kept.size(); ++i) {
    placed.insert(placed.end(), taken[i].begin(), taken[i].end());
    if (i < kept.size()) placed.push_back(kept[i]);
  }
  Structure out{now.dialect()};
  // The record's own payload belongs to a field too: a note's to the notes, any other's to the rest.
  const auto own = model::record_kind(now) == model::RecordKind::note ? Field::notes : Field::rest;
  const Node& root = is_among(fields, own) ? then.root() : now.root();
  if (root.tag == Tag::literal)
    out.append(kNoNode, root.literal_tag, root.kind, root.text, root.target, root.number);
  else
    out.append(kNoNode, root.tag, root.kind, root.text, root.target, root.number);
  for (const auto& [from, node] : placed) copy_node(*from, node, out, 0);
  return out;
}

std::vector<Difference> differences(const Structure& before, const Structure& after) {
  struct Side {
    Field field;
    Bytes bytes;
    std::string lines;
    bool met = false;
  };
  const auto sides_of = [](const Structure& record) {
    std::vector<Side> sides;
    if (record.empty()) return sides;
    if (const Node& root = record.root(); root.kind == PayloadKind::text) {
      const auto own = model::record_kind(record) == model::RecordKind::note ? Field::notes : Field::rest;
      std::string text{root.text.substr(0, kDifferenceBytesMax)};
      sides.push_back({own, Bytes{bytes_of(root.text).begin(), bytes_of(root.text).end()}, std::move(text)});
    }
    for (const auto node : record.children(0))
      sides.push_back({model::field_of(record, node), encoded(record, node), lines_of(record, node)});
    return sides;
  };
  auto old_sides = sides_of(before), new_sides = sides_of(after);
  std::unordered_multimap<std::string_view, Side*> waiting;
  for (auto& one : new_sides) waiting.emplace(text_of(one.bytes), &one);
  for (auto& one : old_sides) {
    const auto same = waiting.find(text_of(one.bytes));
    if (same == waiting.end()) continue;
    one.met = same->second->met = true;
    waiting.erase(same);
  }
  std::vector<Difference> found;
  const auto of = [&](Field field) -> Difference& {
    const auto at = std::ranges::find(found, field, &Difference::field);
    if (at != found.end()) return *at;
    found.push_back({.field = field, .before = {}, .after = {}});
    return found.back();
  };
  for (auto& one : old_sides)
    if (!one.met) of(one.field).before.push_back(std::move(one.lines));
  for (auto& one : new_sides)
    if (!one.met) of(one.field).after.push_back(std::move(one.lines));
  std::ranges::sort(found, {}, &Difference::field);
  return found;
}

}  // namespace tablinum::tree::edit
