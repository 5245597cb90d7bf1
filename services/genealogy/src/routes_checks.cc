// Contradictions of a tree, and the user's word that one of them is right.
// A judgement is kept in the archive (table `setting`, "right/<tree>/<hash>") under what was judged: rule, facts and their dates as they
// were written. Where one of these changes, the contradiction is a new one.
#include "changes.h"
#include "judgement.h"
#include "tablinum/archive/checks.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;
using archive::Contradiction;

constexpr std::size_t kIdDigits = 32;
constexpr std::int64_t kDaySeconds = 86'400;

/// Reading the whole tree takes a while, so what was found is kept until the tree changes, or the day.
struct Found {
  std::int64_t generation = 0, day = 0;
  std::vector<Contradiction> list;
};

std::string rid_text(const std::optional<Rid>& rid) { return rid ? std::to_string(rid->value()) : std::string{}; }

/// Names a contradiction as long as neither its facts nor their dates change.
std::string id_of(const Contradiction& one) {
  Sha256 hash;
  for (const auto& part : {one.code, rid_text(one.first.record), std::to_string(one.first.number), rid_text(one.second.record),
                           std::to_string(one.second.number), one.dates}) {
    hash.update(bytes_of(std::to_string(part.size()) + ':'));
    hash.update(bytes_of(part));
  }
  return to_hex(hash.finish()).substr(0, kIdDigits);
}
std::string setting_name(const store::TreeInfo& tree, std::string_view id) {
  return "right/" + std::to_string(tree.tree_no) + '/' + std::string{id};
}

class Memory {
 public:
  Result<std::shared_ptr<const Found>> of(Context& context, const store::TreeInfo& tree) {
    const auto day = wall_now().seconds() / kDaySeconds;
    {
      const std::lock_guard lock{mutex_};
      const auto at = found_.find(tree.tree_no);
      if (at != found_.end() && at->second->generation == tree.generation && at->second->day == day) return at->second;
    }
    TRY(list, archive::check_tree(context.archive, tree.tree_no));
    auto fresh = std::make_shared<Found>();
    fresh->generation = tree.generation;
    fresh->day = day;
    fresh->list = std::move(list);
    const std::lock_guard lock{mutex_};
    if (found_.size() >= kTreesMax) found_.clear();
    found_[tree.tree_no] = fresh;
    return std::shared_ptr<const Found>{fresh};
  }

 private:
  static constexpr std::size_t kTreesMax = 8;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, std::shared_ptr<const Found>> found_;
};

/// One of the two statements: whose it is, and the fact, where it is one.
Result<void> write_statement(Writer& w, Browser& browser, const store::TreeInfo& tree, const archive::Statement& said) {
  if (!said.record) return w.null(), Result<void>{};
  TRY(record, store::find_record(browser.session(), *said.record));
  const auto fact_at = [&](const FactOwner& owner) -> Result<void> {
    const auto at = std::ranges::find(owner.events, said.number, &model::EventView::number);
    if (said.number == 0 || at == owner.events.end()) return w.null(), Result<void>{};
    return write_fact(w, browser, owner, static_cast<std::size_t>(at - owner.events.begin()), {});
  };
  w.begin_object();
  w.field("recordId", to_string(record.id.value()));
  w.field("kind", store::to_string(record.kind));
  w.key("persons");
  w.begin_array();
  if (record.kind == store::RecordKind::person) {
    CHECK_OK(write_brief(w, browser, record.rid));
  } else {
    TRY(graph, browser.graph(tree.tree_no));
    for (const auto partner : graph->graph.partners(n_of(record.rid))) {
      if (partner != kinship::kNone) CHECK_OK(write_brief(w, browser, make_rid(tree.tree_no, partner)));
    }
  }
  w.end_array();
  w.key("fact");
  if (record.kind == store::RecordKind::person) {
    TRY(person, browser.person(record.rid));
    CHECK_OK(fact_at(owner_of(tree, *person)));
  } else {
    TRY(family, browser.family(record.rid));
    CHECK_OK(fact_at(owner_of(tree, *family)));
  }
  w.end_object();
  return {};
}

Result<void> write_check(Writer& w, Browser& browser, const store::TreeInfo& tree, const Contradiction& one) {
  const auto id = id_of(one);
  TRY(judgement, find_judgement(browser.session(), setting_name(tree, id)));
  w.begin_object();
  w.field("id", id);
  w.field("code", one.code);
  w.field("severity", one.severity);
  w.field("days", one.days);
  w.key("first");
  CHECK_OK(write_statement(w, browser, tree, one.first));
  w.key("second");
  CHECK_OK(write_statement(w, browser, tree, one.second));
  w.key("right");
  write_judgement(w, judgement);
  w.end_object();
  return {};
}

struct Group {
  std::string_view code, severity;
  std::size_t open = 0, right = 0;
};

int weight(std::string_view severity) noexcept { return severity == "error" ? 0 : severity == "warning" ? 1 : 2; }

void write_groups(Writer& w, const std::vector<Group>& groups) {
  w.key("groups");
  w.begin_array();
  for (const auto& group : groups) {
    w.begin_object();
    w.field("code", group.code);
    w.field("severity", group.severity);
    w.field("open", group.open);
    w.field("right", group.right);
    w.end_object();
  }
  w.end_array();
}

Result<Reply> list_checks(Context& context, Browser& browser, const Call& call, Memory& memory) {
  TRY(tree, browser.tree(call.segment("tree")));
  const auto code = call.parameter("filter[code]");
  const auto right = call.parameter("filter[right]").value_or("false");
  if (right != "true" && right != "false") return api::invalid_field({"filter[right]", "must be true or false", "format"});
  TRY(page, offset_page(context, call, binding_of(call)));
  TRY(found, memory.of(context, tree));
  std::vector<Group> groups;
  std::vector<const Contradiction*> wanted;
  for (const auto& one : found->list) {
    TRY(judged, find_judgement(browser.session(), setting_name(tree, id_of(one))));
    auto group = std::ranges::find(groups, one.code, &Group::code);
    if (group == groups.end()) group = groups.insert(groups.end(), Group{.code = one.code, .severity = one.severity});
    ++(judged ? group->right : group->open);
    if (judged.has_value() == (right == "true") && (!code || *code == one.code)) wanted.push_back(&one);
  }
  std::ranges::sort(groups, {}, [](const Group& group) { return std::pair{weight(group.severity), group.code}; });
  // Of one rule in the order of the records.
  const auto order = [](const Contradiction* one) { return std::tuple{weight(one->severity), std::string_view{one->code}, one}; };
  std::ranges::sort(wanted, {}, order);
  const auto first = std::min(wanted.size(), page.offset), end = std::min(wanted.size(), page.offset + page.limit);
  Writer w;
  w.begin_object();
  write_groups(w, groups);
  w.field("truncated", found->list.size() >= archive::kContradictionsMax);
  w.key("items");
  w.begin_array();
  for (auto i = first; i < end; ++i) CHECK_OK(write_check(w, browser, tree, *wanted[i]));
  w.end_array();
  end_page(w, context, page, end - first, wanted.size());
  w.end_object();
  // A judgement changes the answer and not the tree, so the tree's version says nothing about it.
  return api::json_reply(w.take());
}

Result<Reply> judge(Context& context, Browser& browser, const Call& call, Memory& memory) {
  TRY(word, parse_word(call.body));
  TRY(tree, browser.tree(call.segment("tree")));
  const auto id = call.segment("id");
  TRY(found, memory.of(context, tree));
  const auto one = std::ranges::find(found->list, id, id_of);
  if (one == found->list.end()) return fail(Code::not_found, "there is no such contradiction any more");
  CHECK_OK(put_word(context.archive, setting_name(tree, id), word));
  TRY(after, Browser::open(context.archive));
  Writer w;
  CHECK_OK(write_check(w, after, tree, *one));
  return api::json_reply(w.take());
}

using ReadChecks = Result<Reply> (*)(Context&, Browser&, const Call&, Memory&);
api::Function with_memory(const Shared& context, const std::shared_ptr<Memory>& memory, ReadChecks read) {
  return [context, memory, read](const Call& call) -> Result<Reply> {
    TRY(browser, Browser::open(context->archive));
    return read(*context, browser, call, *memory);
  };
}

void add_types_of_checks(api::Description& description) {
  auto& types = description.types;
  types.push_back({.name = "CheckStatement",
                   .description = "Whose it is, and the fact; a fact of null: the record as a whole.",
                   .members = {{.name = "recordId", .type = "uuid"},
                               {.name = "kind", .type = "string"},
                               {.name = "persons", .type = "PersonBrief[]", .description = "The person, or the partners of a family."},
                               {.name = "fact", .type = "Fact?"}}});
  types.push_back({.name = "CheckJudgement",
                   .description = "Somebody has said that it is right as it is.",
                   .members = {{.name = "time", .type = "timestamp"},
                               {.name = "actor", .type = "string"},
                               {.name = "note", .type = "string"}}});
  types.push_back({.name = "Check",
                   .description = {},
                   .members = {{.name = "id", .type = "string", .description = "Stays while the facts and their dates do."},
                               {.name = "code", .type = "string"},
                               {.name = "severity", .type = "'info'|'warning'|'error'"},
                               {.name = "days", .type = "int", .description = "By how much at least; 0 where that makes no sense."},
                               {.name = "first", .type = "CheckStatement?", .description = "What is wrong."},
                               {.name = "second", .type = "CheckStatement?", .description = "What contradicts it."},
                               {.name = "right", .type = "CheckJudgement?"}}});
  types.push_back({.name = "CheckGroup",
                   .description = {},
                   .members = {{.name = "code", .type = "string"},
                               {.name = "severity", .type = "'info'|'warning'|'error'"},
                               {.name = "open", .type = "int"},
                               {.name = "right", .type = "int"}}});
  types.push_back({.name = "Checks",
                   .description = {},
                   .members = {{.name = "groups", .type = "CheckGroup[]", .description = "All, most severe first."},
                               {.name = "truncated", .type = "bool", .description = "More than 10,000: the rest is not counted."},
                               {.name = "items", .type = "Check[]"},
                               {.name = "total", .type = "int"},
                               {.name = "nextCursor", .type = "string?"}}});
  types.push_back({.name = "CheckWord",
                   .description = {},
                   .members = {{.name = "right", .type = "bool", .description = "false takes the word back."},
                               {.name = "note", .type = "string", .optional = true}}});
}

}  // namespace

void add_check_routes(api::Description& description, const Shared& context) {
  add_types_of_checks(description);
  const auto memory = std::make_shared<Memory>();
  description.routes.push_back({.method = "GET",
                                .path = "/api/v1/trees/{tree}/checks",
                                .id = "listChecks",
                                .tag = "checks",
                                .summary = "Contradictions in a tree, most severe first",
                                .parameters = {kTreeParameter,
                                               {.name = "filter[code]"},
                                               {.name = "filter[right]",
                                                .type = "'true'|'false'",
                                                .description = "true: those that somebody has said to be right. Else the others."},
                                               kLimitParameter,
                                               kCursorParameter},
                                .answer = "Checks",
                                .errors = {404, 422},
                                .function = with_memory(context, memory, list_checks)});
  description.routes.push_back({.method = "POST",
                                .path = "/api/v1/trees/{tree}/checks/{id}",
                                .id = "judgeCheck",
                                .tag = "checks",
                                .summary = "Says that a contradiction is right as it is, or takes that back",
                                .parameters = {kTreeParameter, {.name = "id", .in = api::In::path}},
                                .body = "CheckWord",
                                .answer = "Check",
                                .errors = {404, 415, 422},
                                .function = with_memory(context, memory, judge)});
}

}  // namespace tablinum::genealogy_service
