#include "tablinum/archive/checks.h"

#include "graph.h"
#include "tablinum/store/records.h"
#include "tablinum/tree/checks/checks.h"
#include "tablinum/tree/model/calendar.h"

namespace tablinum::archive {
namespace {

namespace checks = tree::checks;
namespace model = tree::model;

/// A person read for a check; the view points into the structure.
struct Loaded {
  RecordId id;
  tree::Structure structure;
  model::PersonView view;
};

Result<std::unique_ptr<Loaded>> load(store::Session& session, Rid rid) {
  TRY(record, store::find_record(session, rid));
  auto loaded = std::make_unique<Loaded>();
  loaded->id = record.id;
  TRY(structure, tree::decode(record.structure));
  loaded->structure = std::move(structure);
  model::read_person(loaded->structure, loaded->view);
  return loaded;
}

std::string words_of(const checks::Finding& finding) {
  std::string text{checks::to_string(finding.code)};
  for (auto& c : text) c = c == '_' ? ' ' : c;
  if (finding.days > 0) text += " (by " + std::to_string(finding.days) + " days at least)";
  return text;
}

class Checker {
 public:
  Checker(store::Session& session, const TreeGraph& graph, model::Jdn today)
      : session_{session}, graph_{graph}, today_{today} {}

  Result<void> record(const store::Record& record) {
    if (found_.size() >= kContradictionsMax) return {};
    if (record.kind == store::RecordKind::person) return person(record);
    return record.kind == store::RecordKind::family ? family(record) : Result<void>{};
  }
  std::vector<Contradiction> take() { return std::move(found_); }

 private:
  Result<void> person(const store::Record& record) {
    TRY(structure, tree::decode(record.structure));
    model::PersonView view;
    model::read_person(structure, view);
    std::vector<checks::Finding> findings;
    checks::check_person({record.id, &view}, today_, findings);
    const Known known[] = {{record.id, &structure}};
    return add(record.rid, findings, known);
  }

  Result<void> family(const store::Record& record) {
    TRY(structure, tree::decode(record.structure));
    model::FamilyView view;
    model::read_family(structure, view);
    std::vector<std::unique_ptr<Loaded>> people;
    const auto input = [&](tree::kinship::PersonN n) -> Result<checks::PersonInput> {
      if (n == tree::kinship::kNone) return checks::PersonInput{};
      TRY(loaded, load(session_, make_rid(tree_no_of(record.rid), n)));
      people.push_back(std::move(loaded));
      return checks::PersonInput{people.back()->id, &people.back()->view};
    };
    const auto partners = graph_.graph.partners(n_of(record.rid));
    TRY(husband, input(partners[0]));
    TRY(wife, input(partners[1]));
    std::vector<checks::ChildInput> children;
    for (const auto child : graph_.graph.children(n_of(record.rid))) {
      TRY(one, input(child));
      const auto pedigree = graph_.graph.pedigree(child, n_of(record.rid));
      children.push_back({one, pedigree ? static_cast<model::Pedigree>(*pedigree) : model::Pedigree::not_stated});
    }
    std::vector<checks::Finding> findings;
    checks::check_family(record.id, view, husband, wife, children, findings);
    std::vector<Known> known{{record.id, &structure}};
    for (const auto& one : people) known.push_back({one->id, &one->structure});
    return add(record.rid, findings, known);
  }

  /// A record that findings are about.
  struct Known {
    RecordId id;
    const tree::Structure* structure;
  };

  Statement statement(const checks::FactRef& fact, std::span<const Known> known, std::string& dates) {
    Statement out;
    if (fact.record.value().is_zero()) return out;
    if (const auto rid = store::rid_of(session_, fact.record)) out.record = *rid;
    const auto at = std::ranges::find(known, fact.record, &Known::id);
    if (fact.node == 0 || at == known.end()) return out;
    out.number = (*at->structure)[fact.node].number;
    dates += at->structure->child_text(fact.node, tree::Tag::DATE);
    return out;
  }

  Result<void> add(Rid owner, const std::vector<checks::Finding>& findings, std::span<const Known> known) {
    for (const auto& finding : findings) {
      Contradiction one{.code = std::string{checks::to_string(finding.code)},
                        .severity = std::string{checks::to_string(checks::severity(finding.code))},
                        .person = owner,
                        .text = words_of(finding),
                        .first = {},
                        .second = {},
                        .days = finding.days,
                        .dates = {}};
      one.first = statement(finding.first, known, one.dates);
      one.dates += '\n';
      one.second = statement(finding.second, known, one.dates);
      if (one.first.record) one.person = *one.first.record;
      found_.push_back(std::move(one));
    }
    return {};
  }

  store::Session& session_;
  const TreeGraph& graph_;
  const model::Jdn today_;
  std::vector<Contradiction> found_;
};

}  // namespace

Result<std::vector<Contradiction>> check_tree(Archive& archive, std::int64_t tree_no) {
  // Graph and records out of one snapshot: a graph of another moment would not have this one's people.
  TRY(session, archive.database().reader());
  TRY(graph, read_graph(session, tree_no));
  const auto today = static_cast<model::Jdn>(wall_now().seconds() / 86'400 + model::kUnixEpochJdn);
  Checker checker{session, *graph, today};
  CHECK_OK(store::for_each_record(session, tree_no, 0, [&](const store::Record& record) { return checker.record(record); }));
  return checker.take();
}

}  // namespace tablinum::archive
