#include "tablinum/tree/privacy/tree_redaction.h"

#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tablinum/tree/model/view.h"

namespace tablinum::tree::privacy {
namespace {

using model::RecordKind;

bool is_secret(const Structure& record, std::uint32_t node) {
  for (const auto child : record.children(node)) {
    if (model::known_tag(record[child]) != Tag::RESN) continue;
    if ((model::parse_restriction(record[child].text) & (model::kConfidential | model::kPrivacy)) != 0) return true;
  }
  return false;
}

bool is_partner(Tag tag) noexcept { return tag == Tag::HUSB || tag == Tag::WIFE; }
bool is_family_link(Tag tag) noexcept { return is_partner(tag) || tag == Tag::CHIL || tag == Tag::FAMC || tag == Tag::FAMS; }
bool is_submitter_link(Tag tag) noexcept { return tag == Tag::SUBM || tag == Tag::ANCI || tag == Tag::DESI || tag == Tag::SUBN; }

}  // namespace

struct TreeRedaction::State {
  struct Known {
    RecordKind kind = RecordKind::other;
    bool hidden = false;    // a person or record of which nothing is told
    bool skeleton = false;  // a family of which only the members are told
    bool kept = false;
    std::string xref;
    std::vector<RecordId> points_to{};
  };
  RedactionOptions options;
  std::unordered_map<RecordId, Known> records;
  std::vector<RecordId> order;
  std::unordered_set<RecordId> hidden;
  std::set<std::string, std::less<>> taken;

  bool is_hidden(const Node& node) const { return node.kind == PayloadKind::record && hidden.contains(node.target); }

  /// The visible children of a node, copied.
  void copy_children(const Structure& from, std::uint32_t node, Structure& to, std::uint32_t parent) const {
    for (const auto child : from.children(node)) {
      const auto tag = model::known_tag(from[child]);
      if (is_submitter_link(tag) || is_secret(from, child)) continue;
      const bool link = node == 0 && is_family_link(tag);
      if (is_hidden(from[child]) && !link) continue;
      const auto copy = to.append(parent, from.tag_name(child), from[child].kind, from[child].text, from[child].target);
      if (!is_hidden(from[child])) copy_children(from, child, to, copy);
    }
  }

  Structure skeleton_of(const Structure& family) const {
    Structure copy{family.dialect()};
    copy.append(kNoNode, Tag::FAM);
    for (const auto child : family.children(0)) {
      const auto tag = model::known_tag(family[child]);
      if ((is_partner(tag) || tag == Tag::CHIL) && family[child].kind == PayloadKind::record)
        copy.append(0, tag, PayloadKind::record, {}, family[child].target);
    }
    return copy;
  }

  Structure view_of(const Known& known, const Structure& record) const {
    if (known.kind == RecordKind::person && known.hidden) return redact_person(record, options);
    if (known.kind == RecordKind::family && known.skeleton) return skeleton_of(record);
    Structure copy{record.dialect()};
    const Node& root = record.root();
    copy.append(kNoNode, record.tag_name(0), root.kind, root.text, root.target);
    copy_children(record, 0, copy, 0);
    return copy;
  }

  void reach(const RecordId& id) {
    std::vector<RecordId> open{id};
    while (!open.empty()) {
      const auto found = records.find(open.back());
      open.pop_back();
      if (found == records.end() || found->second.kept) continue;
      found->second.kept = true;
      open.insert(open.end(), found->second.points_to.begin(), found->second.points_to.end());
    }
  }
};

TreeRedaction::TreeRedaction(RedactionOptions options) : state_{std::make_unique<State>()} { state_->options = options; }
TreeRedaction::~TreeRedaction() = default;

void TreeRedaction::look_at(const RecordId& id, std::string_view xref, const Structure& record, bool living) {
  State::Known known{.kind = model::record_kind(record), .xref = std::string{xref}};
  known.hidden = is_secret(record, 0) || (living && known.kind == RecordKind::person) || known.kind == RecordKind::submitter;
  if (known.hidden) state_->hidden.insert(id);
  state_->taken.emplace(xref);
  state_->order.push_back(id);
  state_->records.insert_or_assign(id, std::move(known));
}

void TreeRedaction::follow(const RecordId& id, const Structure& record) {
  auto& known = state_->records.at(id);
  if (known.kind == RecordKind::family) {
    known.skeleton = known.hidden;
    for (const auto child : record.children(0)) {
      if (is_partner(model::known_tag(record[child]))) known.skeleton |= state_->is_hidden(record[child]);
    }
  }
  const auto view = state_->view_of(known, record);
  for (const auto& node : view.nodes()) {
    if (node.kind == PayloadKind::record) known.points_to.push_back(node.target);
  }
}

void TreeRedaction::prepare() {
  auto& state = *state_;
  for (const auto& id : state.order) {
    const auto kind = state.records.at(id).kind;
    if (kind == RecordKind::person || kind == RecordKind::family) state.reach(id);
  }
  std::uint32_t next = 0;
  for (const auto& id : state.order) {
    auto& known = state.records.at(id);
    if (known.hidden && known.kind != RecordKind::person && known.kind != RecordKind::family) known.kept = false;
    if (!known.hidden && !known.skeleton) continue;
    do known.xref = "H" + std::to_string(++next);
    while (!state.taken.insert(known.xref).second);
  }
}

bool TreeRedaction::keeps(const RecordId& id) const {
  const auto found = state_->records.find(id);
  return found != state_->records.end() && found->second.kept;
}

std::uint64_t TreeRedaction::hidden_count() const {
  std::uint64_t count = 0;
  for (const auto& [id, known] : state_->records) count += known.hidden || known.skeleton || !known.kept;
  return count;
}

Structure TreeRedaction::redacted(const RecordId& id, const Structure& record) const {
  return state_->view_of(state_->records.at(id), record);
}

std::string_view TreeRedaction::xref_of(const RecordId& id) const {
  const auto found = state_->records.find(id);
  return found == state_->records.end() || !found->second.kept ? std::string_view{} : std::string_view{found->second.xref};
}

Structure TreeRedaction::redacted_header(const Structure& head) {
  Structure copy{head.dialect()};
  if (head.empty()) return copy;
  copy.append(kNoNode, Tag::HEAD);
  const auto copy_all = [&](auto& self, std::uint32_t node, std::uint32_t parent) -> void {
    for (const auto child : head.children(node)) {
      const auto added = copy.append(parent, head.tag_name(child), head[child].kind, head[child].text, head[child].target);
      self(self, child, added);
    }
  };
  for (const auto child : head.children(0)) {
    const auto tag = head[child].tag;
    if (tag != Tag::GEDC && tag != Tag::CHAR && tag != Tag::LANG && tag != Tag::SCHMA && tag != Tag::_SCHMA) continue;
    const auto added = copy.append(0, tag, head[child].kind, head[child].text, head[child].target);
    copy_all(copy_all, child, added);
  }
  return copy;
}

}  // namespace tablinum::tree::privacy
