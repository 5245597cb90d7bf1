#include "command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "tablinum/base/json.h"
#include "tablinum/base/time.h"
#include "tablinum/search/search.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::int64_t kBarIntervalNs = 100'000'000;
constexpr std::size_t kCandidatesShown = 5;

volatile std::sig_atomic_t stop_asked = 0;
void ask_to_stop(int) { stop_asked = 1; }

void print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  if (!text.ends_with('\n')) std::fputc('\n', stream);
}

}  // namespace

int exit_code(Code code) noexcept {
  switch (code) {
    case Code::invalid:
    case Code::corrupt:
    case Code::protocol:
    case Code::unsupported: return 3;
    case Code::not_found: return 4;
    case Code::unauthenticated:
    case Code::denied: return 5;
    case Code::conflict:
    case Code::exists: return 6;
    case Code::too_large:
    case Code::limit:
    case Code::no_space: return 7;
    case Code::unavailable:
    case Code::busy:
    case Code::io:
    case Code::closed:
    case Code::reset:
    case Code::refused:
    case Code::unreachable:
    case Code::address_in_use: return 8;
    case Code::timeout: return 9;
    case Code::cancelled: return 130;
    default: return 70;
  }
}

int report(const Globals& globals, const Error& error) {
  print(stderr, "tablinum: " + (error.detail.empty() ? std::string{to_string(error.code)} : error.detail));
  if (globals.json) {
    json::Writer w;
    w.begin_object();
    w.field("ok", false);
    w.field("code", to_string(error.code));
    w.field("error", error.detail);
    w.end_object();
    print(stdout, w.take());
  }
  return exit_code(error.code);
}

void print_result(const Globals& globals, std::string_view json, std::string_view text) {
  if (globals.json)
    print(stdout, json);
  else if (!text.empty())
    print(stdout, text);
}

Result<std::unique_ptr<archive::Archive>> open_archive(const Globals& globals, bool writing) {
  auto opened = archive::Archive::open({.folder = globals.data, .read_only = !writing, .holder = "a tablinum command"});
  if (!opened && opened.error().code == Code::not_found && !writing) {
    return fail(Code::not_found,
                "there is no archive in " + globals.data + "; make one with: tablinum import FILE --data " + globals.data);
  }
  if (!opened && opened.error().code == Code::busy) {
    return fail(Code::busy, globals.data + " is in use: " + opened.error().detail + ". Stop it, or use its pages or API.");
  }
  return opened;
}

Result<store::TreeInfo> choose_tree(store::Session& session, std::string_view name) {
  if (!name.empty()) {
    if (const auto id = parse_uuid(name)) return store::find_tree(session, TreeId{*id});
    auto found = store::find_tree_by_name(session, name);
    if (!found) return fail(Code::not_found, fmt::format("there is no tree named {}", name));
    return found;
  }
  TRY(trees, store::list_trees(session));
  if (trees.empty()) return fail(Code::not_found, "the archive has no tree yet; make one with: tablinum import FILE");
  if (trees.size() == 1) return trees.front();
  std::string names;
  for (const auto& tree : trees) names += (names.empty() ? "" : ", ") + tree.name;
  return fail(Code::invalid, "which tree? Say --tree NAME, one of: " + names);
}

std::string person_label(store::Session& session, Rid person) {
  const auto row = store::person_of(session, person);
  std::string label = row && !row->label.empty() ? row->label : "?";
  const auto names = store::names_of(session, person);
  if (names && !names->empty()) label = names->front().full_text.empty() ? label : names->front().full_text;
  return label;
}

Result<Rid> choose_person(archive::Archive& archive, store::Session& session, const store::TreeInfo& tree,
                          const std::string& who) {
  if (const auto id = parse_uuid(who)) return store::rid_of(session, RecordId{*id});
  std::string xref = who;
  std::erase(xref, '@');
  if (const auto rid = store::rid_of_xref(session, tree.tree_no, xref)) {
    if (store::person_of(session, *rid)) return *rid;
  }
  TRY(index, archive.index(tree.tree_no));
  TRY(query, search::parse_query(who));
  query.kinds = {search::Kind::person};
  search::DocumentIndex documents{session};
  TRY(found, search::search(*index, {documents, tree.generation}, query, {.circle = search::Circle::owners, .visible = {}},
                            {.limit = kCandidatesShown, .facets = false, .highlights = false}));
  if (found.hits.empty()) return fail(Code::not_found, "nobody is called " + who);
  if (found.total == 1) return make_rid(tree.tree_no, found.hits.front().n);
  std::string list;
  for (const auto& hit : found.hits) {
    const Rid rid = make_rid(tree.tree_no, hit.n);
    const auto record = store::find_record(session, rid);
    list += fmt::format("\n  {:<8} {}", record ? record->xref : "", person_label(session, rid));
  }
  return fail(Code::invalid, fmt::format("{} people match {}; say which by its identifier:{}", found.total, who, list));
}

StopRequest::StopRequest() {
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

StopRequest::~StopRequest() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
}

bool StopRequest::made() const noexcept { return stop_asked != 0; }

bool is_there(const std::string& path) noexcept { return access(path.c_str(), F_OK) == 0; }

ProgressBar::ProgressBar(const Globals& globals) : enabled_{!globals.quiet && !globals.json && isatty(STDERR_FILENO) == 1} {}

ProgressBar::~ProgressBar() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::show(std::string_view what, std::uint64_t done, std::uint64_t total) {
  const std::int64_t now = monotonic_now().ns;
  if (!enabled_ || (now - last_ns_ < kBarIntervalNs && done != total)) return;
  last_ns_ = now;
  shown_ = true;
  const double share = total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const int full = static_cast<int>(share * kBarWidth);
  fmt::print(stderr, "\r\x1b[K{:<8} [{:█<{}}{:·<{}}] {:3.0f} %", what, "", full, "", kBarWidth - full, share * 100);
  std::fflush(stderr);
}

}  // namespace tablinum::app
