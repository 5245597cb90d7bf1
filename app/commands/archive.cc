// Commands that read or fill the archive: import, export, show, search, kin, check, stats.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "archive_command.h"
#include "startup/heap.h"
#include "tablinum/archive/checks.h"
#include "tablinum/archive/export.h"
#include "tablinum/archive/import.h"
#include "tablinum/archive/place_id.h"
#include "tablinum/base/json.h"
#include "tablinum/search/search.h"
#include "tablinum/store/records.h"
#include "tablinum/store/staging.h"
#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/writer.h"
#include "tablinum/tree/kinship/coefficient.h"
#include "tablinum/tree/kinship/relationship.h"
#include "tablinum/tree/kinship/words.h"
#include "tablinum/tree/model/event_type.h"

namespace tablinum::app {
namespace {

namespace kinship = tree::kinship;
namespace gedcom = tree::gedcom;

constexpr std::size_t kProblemsPrinted = 1000;
/// A file from which on an import is worth large pages, and how much of them it fills.
constexpr std::uintmax_t kLargeFileBytes = 8 << 20;
constexpr std::size_t kImportHeapBytes = std::size_t{192} << 20;

int finish(const Globals& globals, const Result<int>& result) { return result ? *result : report(globals, result.error()); }

// ---- import ----------------------------------------------------------------------------------------------------------------

struct ImportArguments {
  std::string file, tree, charset;
  bool verify = false;
};

/// problems[]: what was found, one object each.
void write_problems(json::Writer& w, const std::vector<store::StoredFinding>& findings) {
  w.key("problems");
  w.begin_array();
  for (const auto& finding : findings) {
    const auto code = static_cast<gedcom::FindingCode>(finding.code);
    w.begin_object();
    w.field("line", finding.line);
    w.field("code", gedcom::to_string(code));
    w.field("severity", gedcom::to_string(gedcom::severity_of(code)));
    w.field("text", gedcom::meaning_of(code));
    w.field("excerpt", finding.detail);
    w.end_object();
  }
  w.end_array();
}

std::string import_json(const archive::ImportReport& report, const std::vector<store::StoredFinding>& findings) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("tree", to_string(report.tree.value()));
  w.field("import", to_string(report.id.value()));
  w.field("version", report.version);
  w.field("encoding", report.encoding);
  w.field("gedzip", report.gedzip);
  w.field("lines", report.lines);
  w.field("records", report.records);
  for (const auto& [name, count] : report.counts) w.field(name, count);
  w.field("lossless", report.lossless);
  w.key("findings");
  w.begin_object();
  for (const auto& finding : report.findings) w.field(finding.code, finding.count);
  w.end_object();
  write_problems(w, findings);
  w.end_object();
  return w.take();
}

std::string import_text(const archive::ImportReport& report, double seconds) {
  const auto count = [&](const std::string& key) { return report.counts.at(key); };
  std::string text =
      fmt::format("Imported {} people and {} families in {:.2f} s (GEDCOM {}, {}; {} lines, {} sources, {} media, {} notes).\n",
                  count("INDI"), count("FAM"), seconds, report.version.empty() ? report.dialect : report.version,
                  report.encoding, report.lines, count("SOUR"), count("OBJE"), count("NOTE"));
  if (report.lossless)
    text +=
        *report.lossless ? "Written out again, the file has the same structures.\n" : "Written out again, the file differs.\n";
  for (const auto& finding : report.findings) {
    text += fmt::format("  {:>7} × {} ({})\n", finding.count, finding.code, finding.severity);
  }
  return text;
}

Result<int> run_import(const Globals& globals, const ImportArguments& arguments) {
  if (!is_there(arguments.file)) return fail(Code::not_found, "there is no file " + arguments.file);
  std::error_code unknown;
  if (const auto size = std::filesystem::file_size(arguments.file, unknown); !unknown && size >= kLargeFileBytes)
    put_heap_on_large_pages(kImportHeapBytes);
  TRY(archive, open_archive(globals, true));
  const Instant begun = monotonic_now();
  const StopRequest stop;
  ProgressBar bar{globals};
  archive::ImportOptions options;
  options.path = arguments.file;
  options.file_name = std::filesystem::path(arguments.file).filename().string();
  options.tree_name = arguments.tree.empty() ? std::filesystem::path(arguments.file).stem().string() : arguments.tree;
  options.alone = true;  // the folder is locked against other programs that write
  options.verify = arguments.verify;
  if (!arguments.charset.empty()) options.charset = arguments.charset;
  options.progress = [&](const archive::ImportProgress& progress) {
    bar.show(archive::to_string(progress.phase), progress.done, progress.total);
    return !stop.made();
  };
  TRY(report, archive::import_file(*archive, options));
  TRY(reader, archive->database().reader());
  TRY(findings, store::findings_of(reader, report.id, 0, kProblemsPrinted));
  const auto text = globals.quiet ? std::string{} : import_text(report, (monotonic_now() - begun).seconds());
  print_result(globals, import_json(report, findings), text);
  return report.lossless.value_or(true) ? 0 : kExitNo;
}

// ---- export ----------------------------------------------------------------------------------------------------------------

struct ExportArguments {
  std::string tree, format = "original", output;
  bool redact_living = false;
};

archive::ExportOptions export_options(const ExportArguments& arguments) {
  const bool zip = arguments.format == "gedzip";
  // GEDZIP is a part of GEDCOM 7.0, so the file in it is of that version.
  const auto version = zip ? archive::ExportVersion::gedcom70 : archive::export_version(arguments.format);
  return {.version = version.value_or(archive::ExportVersion::original), .media = zip, .redact_living = arguments.redact_living};
}

/// conversion: how often what was done, and the first notes.
void write_conversion(json::Writer& w, const archive::ExportReport& report) {
  w.key("conversion");
  w.begin_object();
  for (std::size_t i = 0; i < report.conversion.size(); ++i) {
    w.field(tree::convert::to_string(static_cast<tree::convert::NoteCode>(i)), report.conversion[i]);
  }
  w.end_object();
  w.key("notes");
  w.begin_array();
  for (const auto& note : report.notes) {
    w.begin_object();
    w.field("line", note.line);
    w.field("code", tree::convert::to_string(note.code));
    w.field("xref", note.xref);
    w.field("where", note.what);
    w.field("text", tree::convert::meaning_of(note.code));
    w.field("remedy", tree::convert::remedy_of(note.code));
    w.end_object();
  }
  w.end_array();
}

std::string export_text(const archive::ExportReport& report, const ExportArguments& arguments) {
  std::string text = fmt::format("Wrote {} records{} to {}", report.records,
                                 report.media > 0 ? fmt::format(" and {} files", report.media) : "", report.path);
  if (arguments.redact_living) text += fmt::format("\n  {} records left out or emptied, because they concern the living", report.hidden);
  for (std::size_t i = 0; i < report.conversion.size(); ++i) {
    const auto code = static_cast<tree::convert::NoteCode>(i);
    if (report.conversion[i] > 0) text += fmt::format("\n  {:>7} × {}: {}", report.conversion[i], to_string(code), meaning_of(code));
  }
  return text;
}

constexpr std::string_view kStandardOutput = "-";

/// A folder for one file on its way to standard output; nobody else may look into it, and it goes with the object.
class PassingFile {
 public:
  static Result<PassingFile> make() {
    std::error_code unknown;
    auto name = (std::filesystem::temp_directory_path(unknown) / "tablinum-XXXXXX").string();
    if (unknown || mkdtemp(name.data()) == nullptr) return fail(Code::io, "there is no folder for temporary files");
    return PassingFile{name};
  }
  PassingFile(PassingFile&& other) noexcept : folder_{std::exchange(other.folder_, {})} {}
  ~PassingFile() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  std::string path() const { return folder_ + "/tree"; }
  Result<void> write_out() const {
    const std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })> file{std::fopen(path().c_str(), "rb")};
    if (!file) return fail(Code::io, "the file cannot be read again");
    std::array<char, 65'536> part{};
    while (const auto bytes = std::fread(part.data(), 1, part.size(), file.get())) {
      if (std::fwrite(part.data(), 1, bytes, stdout) != bytes) return {};  // said by main(): a full disk, or a reader that went away
    }
    return std::ferror(file.get()) == 0 ? Result<void>{} : fail(Code::io, "the file cannot be read again");
  }

 private:
  explicit PassingFile(std::string folder) : folder_{std::move(folder)} {}
  std::string folder_;
};

/// Files of media that the tree has and a GEDCOM file without them only names.
Result<std::int64_t> media_files(store::Session& session, std::int64_t tree_no) {
  auto rows = session.statement("SELECT count(*) FROM identifier WHERE scheme = 'blob' AND rid BETWEEN :1 AND :2", "ii", "i")
                  .query(tree_no << 32, (tree_no << 32) | 0xFFFF'FFFF);
  const std::int64_t count = rows.next() ? rows.integer(0) : 0;
  CHECK_OK(rows.status());
  return count;
}

Result<int> run_export(const Globals& globals, const ExportArguments& arguments) {
  const bool pipes = arguments.output == kStandardOutput;
  if (pipes && globals.json) return fail(Code::invalid, "-o - and --json: standard output holds one of them");
  TRY(archive, open_archive(globals, false));
  std::optional<PassingFile> passing;
  if (pipes) {
    TRY(made, PassingFile::make());
    passing.emplace(std::move(made));
  }
  std::int64_t media_left = 0;
  std::int64_t tree_no = 0;
  {
    TRY(reader, archive->database().reader());
    TRY(tree, choose_tree(reader, arguments.tree));
    tree_no = tree.tree_no;
    if (arguments.format != "gedzip" && !arguments.redact_living) {
      TRY(count, media_files(reader, tree_no));
      media_left = count;
    }
  }
  const StopRequest stop;
  ProgressBar bar{globals};
  TRY(report,
      archive::export_tree(
          *archive, tree_no, export_options(arguments), passing ? passing->path() : arguments.output,
          [&](std::uint64_t done, std::uint64_t total) { return bar.show("write", done, total), !stop.made(); }));
  if (pipes) {
    CHECK_OK(passing->write_out());
    report.path = "standard output";
  }
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("file", report.path);
  w.field("bytes", report.bytes);
  w.field("records", report.records);
  w.field("media", report.media);
  w.field("mediaMissing", report.media_missing);
  w.field("hidden", report.hidden);
  write_conversion(w, report);
  w.end_object();
  auto text = export_text(report, arguments);
  if (media_left > 0) {
    text += fmt::format("\n  {} picture and other files are named in it and do not come along; --as gedzip takes them", media_left);
  }
  if (!pipes) return print_result(globals, w.take(), globals.quiet ? std::string{} : text), 0;
  if (!globals.quiet) std::fprintf(stderr, "%s\n", text.c_str());
  return 0;
}

// ---- search, show, kin
// -------------------------------------------------------------------------------------------------------

struct SearchArguments {
  std::string tree;
  std::vector<std::string> words;
  std::size_t limit = 20;
  bool explain = false;
};

/// What a hit is called, and by which names it is known.
struct Found {
  Uuid id;
  std::string xref, label;
};
Result<Found> found_record(store::Session& session, const store::TreeInfo& tree, const search::Hit& hit) {
  if (hit.place) {
    const store::Pid pid{tree.tree_no << 32 | std::int64_t{*hit.place}};
    TRY(path, store::place_path(session, pid));
    std::string label;
    for (auto place = path.rbegin(); place != path.rend(); ++place) label += (label.empty() ? "" : ", ") + place->name;
    return Found{archive::place_id(tree.id, pid), {}, label};
  }
  TRY(record, store::find_record(session, make_rid(tree.tree_no, hit.n)));
  return Found{record.id.value(), record.xref,
               hit.kind == search::Kind::person ? person_label(session, record.rid) : std::string{search::to_string(hit.kind)}};
}

Result<int> run_search(const Globals& globals, const SearchArguments& arguments) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  TRY(tree, choose_tree(reader, arguments.tree));
  std::string text;
  for (const auto& word : arguments.words) text += (text.empty() ? "" : " ") + word;
  TRY(query, search::parse_query(text));
  TRY(index, archive->index(tree.tree_no));
  search::DocumentIndex documents{reader};
  TRY(answer, search::search(*index, {documents, tree.generation}, query, {.circle = search::Circle::owners, .visible = {}},
                             {.limit = arguments.limit, .facets = false, .highlights = false, .explain = arguments.explain}));
  json::Writer w;
  std::string lines;
  w.begin_object();
  w.field("ok", true);
  w.field("total", answer.total);
  w.key("hits");
  w.begin_array();
  for (const auto& hit : answer.hits) {
    TRY(found, found_record(reader, tree, hit));
    const auto& [id, xref, label] = found;
    w.begin_object();
    w.field("id", to_string(id));
    w.field("xref", xref);
    w.field("kind", search::to_string(hit.kind));
    w.field("name", label);
    w.field("score", hit.score);
    w.end_object();
    lines += fmt::format("{:.3f}  {:<8} {}\n", hit.score, xref, label);
    for (const auto& reason : hit.explanation ? hit.explanation->reasons : std::vector<search::Reason>{}) {
      lines += fmt::format("         {} met {} in {} ({}): idf {:.2f}, points {:.2f}\n", reason.word, reason.matched,
                           search::to_string(reason.field), search::to_string(reason.match), reason.idf, reason.points);
    }
  }
  w.end_array();
  w.end_object();
  if (answer.did_you_mean) lines += "Did you mean: " + *answer.did_you_mean + '\n';
  print_result(globals, w.take(), lines + fmt::format("{} found", answer.total));
  return answer.total > 0 ? 0 : kExitNo;
}

struct ShowArguments {
  std::string tree, who;
};

/// The record as it stands, in the lines of its own GEDCOM version.
Result<std::string> record_lines(store::Session& session, const store::Record& record) {
  TRY(structure, tree::decode(record.structure));
  std::string text;
  std::map<std::string, std::string> xrefs;
  gedcom::Writer writer{structure.dialect(),
                        [&](const RecordId& id) -> std::string_view {
                          auto& xref = xrefs[to_string(id.value())];
                          if (const auto other = store::find_record(session, id)) xref = other->xref;
                          return xref;
                        },
                        [&](std::string_view part) { return text += part, Result<void>{}; }};
  CHECK_OK(writer.record(record.xref, structure));
  CHECK_OK(writer.finish());
  constexpr std::string_view kTrailer = "0 TRLR\n";
  if (text.ends_with(kTrailer)) text.resize(text.size() - kTrailer.size());
  return text;
}

Result<int> run_show(const Globals& globals, const ShowArguments& arguments) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  TRY(tree, choose_tree(reader, arguments.tree));
  std::string xref = arguments.who;
  std::erase(xref, '@');
  auto rid = store::rid_of_xref(reader, tree.tree_no, xref);
  if (!rid) rid = choose_person(*archive, reader, tree, arguments.who);
  if (!rid) return std::unexpected(rid.error());
  TRY(record, store::find_record(reader, *rid));
  TRY(text, record_lines(reader, record));
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("id", to_string(record.id.value()));
  w.field("xref", record.xref);
  w.field("kind", store::to_string(record.kind));
  w.field("version", record.version);
  w.field("gedcom", text);
  w.end_object();
  print_result(globals, w.take(), text);
  return 0;
}

struct KinArguments {
  std::string tree, a, b, language = "en";
};

Result<int> run_kin(const Globals& globals, const KinArguments& arguments) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  TRY(tree, choose_tree(reader, arguments.tree));
  TRY(a, choose_person(*archive, reader, tree, arguments.a));
  TRY(b, choose_person(*archive, reader, tree, arguments.b));
  TRY(graph, archive->graph(tree.tree_no));
  TRY(relation, kinship::relation(graph->graph, n_of(a), n_of(b)));
  TRY(phi, kinship::coefficient(graph->graph, n_of(a), n_of(b)));
  const auto word = kinship::relation_word(graph->graph, n_of(a), relation, arguments.language);
  std::string path = person_label(reader, a);
  for (const auto& step : relation.steps) {
    const std::string_view arrow = step.direction == kinship::Direction::up     ? " ↑ "
                                   : step.direction == kinship::Direction::down ? " ↓ "
                                                                                : " = ";
    path += std::string{arrow} + person_label(reader, make_rid(tree.tree_no, step.to));
  }
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("related", relation.related);
  w.field("words", word.text);
  w.field("draft", word.draft);
  w.field("blood", relation.blood);
  w.field("coefficient", phi.kinship);
  w.field("relationship", phi.relationship);
  w.field("lines", relation.lines.lines.size());
  w.field("path", path);
  w.end_object();
  const auto text = !relation.related
                        ? "They are not related as far as this tree knows."
                        : fmt::format("{} is {}'s {}.\n{}\nKinship coefficient {:.6f}, {} line(s) by blood or adoption.",
                                      person_label(reader, b), person_label(reader, a), word.text, path, phi.kinship,
                                      relation.lines.lines.size());
  print_result(globals, w.take(), text);
  return relation.related ? 0 : kExitNo;
}

// ---- check, stats
// ------------------------------------------------------------------------------------------------------------

Result<int> run_check(const Globals& globals, const std::string& tree_name) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  TRY(tree, choose_tree(reader, tree_name));
  TRY(found, archive::check_tree(*archive, tree.tree_no));
  json::Writer w;
  std::string text;
  w.begin_object();
  w.field("ok", true);
  w.field("total", found.size());
  w.key("problems");
  w.begin_array();
  for (const auto& problem : found) {
    const auto record = store::find_record(reader, problem.person);
    w.begin_object();
    w.field("code", problem.code);
    w.field("severity", problem.severity);
    w.field("person", record ? to_string(record->id.value()) : std::string{});
    w.field("xref", record ? record->xref : std::string{});
    w.field("text", problem.text);
    w.end_object();
    text += fmt::format("{:<8} {:<8} {}: {}\n", problem.severity, record ? record->xref : "",
                        person_label(reader, problem.person), problem.text);
  }
  w.end_array();
  w.end_object();
  print_result(globals, w.take(), text + fmt::format("{} contradictions", found.size()));
  return found.empty() ? 0 : kExitNo;
}

/// The oracle's keys from typed rows: what stands in the archive, whatever the import said.
Result<int> run_stats(const Globals& globals, const std::string& tree_name) {
  TRY(archive, open_archive(globals, false));
  TRY(reader, archive->database().reader());
  TRY(tree, choose_tree(reader, tree_name));
  TRY(statistics, store::tree_statistics(reader, tree.tree_no));
  const auto records = [&](store::RecordKind kind) -> std::uint64_t {
    for (const auto& count : statistics.records) {
      if (count.kind == static_cast<std::int64_t>(kind)) return count.count;
    }
    return 0;
  };
  const auto events = [&](tree::model::EventType type) -> std::uint64_t {
    for (const auto& count : statistics.events) {
      if (count.kind == static_cast<std::int64_t>(type)) return count.count;
    }
    return 0;
  };
  const std::pair<std::string_view, std::uint64_t> counts[] = {
      {"INDI", records(store::RecordKind::person)},
      {"FAM", records(store::RecordKind::family)},
      {"SOUR", records(store::RecordKind::source)},
      {"REPO", records(store::RecordKind::repository)},
      {"OBJE", records(store::RecordKind::media)},
      {"NOTE", records(store::RecordKind::note)},
      {"SUBM", records(store::RecordKind::submitter)},
      {"BIRT", events(tree::model::EventType::birth)},
      {"DEAT", events(tree::model::EventType::death)},
      {"MARR", events(tree::model::EventType::marriage) + events(tree::model::EventType::customary_union)},
      {"named_individuals", statistics.named_persons},
      {"living_individuals", statistics.living_persons},
      {"places", statistics.places},
      {"changes", tree.log_size}};
  json::Writer w;
  std::string text = tree.name + '\n';
  w.begin_object();
  w.field("ok", true);
  w.field("tree", to_string(tree.id.value()));
  w.field("name", tree.name);
  for (const auto& [name, count] : counts) {
    w.field(name, count);
    text += fmt::format("  {:<20} {:>10}\n", name, count);
  }
  w.key("problems");
  w.begin_array();
  w.end_array();
  w.end_object();
  print_result(globals, w.take(), text);
  return 0;
}

}  // namespace

void add_reading_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;

  auto* import = commands.root.add_subcommand("import", "Brings a GEDCOM or GEDZIP file into a new tree");
  const auto import_arguments = std::make_shared<ImportArguments>();
  import->add_option("FILE", import_arguments->file, "GEDCOM 5.5, 5.5.1, 7.0 or GEDZIP file")->required();
  import->add_option("--tree", import_arguments->tree, "Name of the new tree (the file's name if not given)");
  import->add_option("--charset", import_arguments->charset, "Character set, where detection was wrong");
  import->add_flag("--verify", import_arguments->verify, "Write the tree out again and compare it with what came in");
  import->callback([&, import_arguments] {
    chosen = [&, import_arguments] { return finish(globals, run_import(globals, *import_arguments)); };
  });

  auto* export_ = commands.root.add_subcommand("export", "Writes a tree into a file");
  const auto export_arguments = std::make_shared<ExportArguments>();
  export_->add_option("--tree", export_arguments->tree, "Name or id of the tree");
  export_
      ->add_option("--as", export_arguments->format,
                   "original: the version and structures that came in; 5.5.1, 7.0: converted without loss; gedzip: 7.0 with the media")
      ->check(CLI::IsMember({"original", "5.5.1", "7.0", "gedzip"}))
      ->capture_default_str();
  export_->add_flag("--redact-living", export_arguments->redact_living,
                    "Leave out what concerns people who must be taken for living: for files that others will see");
  export_->add_option("-o,--output", export_arguments->output, "File to write; - for standard output")->required();
  export_->callback([&, export_arguments] {
    chosen = [&, export_arguments] { return finish(globals, run_export(globals, *export_arguments)); };
  });

  auto* search = commands.root.add_subcommand("search", "Finds people and other records");
  const auto search_arguments = std::make_shared<SearchArguments>();
  search
      ->add_option("WORDS", search_arguments->words,
                   "Words, \"phrases\", surname: given: born: died: place: sex: living: type:")
      ->required();
  search->add_option("--tree", search_arguments->tree, "Name or id of the tree");
  search->add_option("--limit", search_arguments->limit, "Hits shown")->check(CLI::Range(1, 200))->capture_default_str();
  search->add_flag("--explain", search_arguments->explain, "Show how each score came about");
  search->callback([&, search_arguments] {
    chosen = [&, search_arguments] { return finish(globals, run_search(globals, *search_arguments)); };
  });

  auto* show = commands.root.add_subcommand("show", "Shows a record as it stands");
  const auto show_arguments = std::make_shared<ShowArguments>();
  show->add_option("WHO", show_arguments->who, "Id, identifier of the file (I1), or a name")->required();
  show->add_option("--tree", show_arguments->tree, "Name or id of the tree");
  show->callback(
      [&, show_arguments] { chosen = [&, show_arguments] { return finish(globals, run_show(globals, *show_arguments)); }; });

  auto* kin = commands.root.add_subcommand("kin", "Says how two people are related: what B is to A");
  const auto kin_arguments = std::make_shared<KinArguments>();
  kin->add_option("A", kin_arguments->a, "Id, identifier of the file (I1), or a name")->required();
  kin->add_option("B", kin_arguments->b, "The other")->required();
  kin->add_option("--tree", kin_arguments->tree, "Name or id of the tree");
  kin->add_option("--lang", kin_arguments->language, "en, de, fr, es, sn (draft), nd (draft)")->capture_default_str();
  kin->callback(
      [&, kin_arguments] { chosen = [&, kin_arguments] { return finish(globals, run_kin(globals, *kin_arguments)); }; });

  for (const auto& [name, help, run] : {std::tuple{"check", "Lists contradictions in a tree", &run_check},
                                        std::tuple{"stats", "Counts what is in a tree", &run_stats}}) {
    auto* command = commands.root.add_subcommand(name, help);
    const auto tree = std::make_shared<std::string>();
    command->add_option("--tree", *tree, "Name or id of the tree");
    command->callback([&, tree, run] { chosen = [&, tree, run] { return finish(globals, run(globals, *tree)); }; });
  }
}

}  // namespace tablinum::app
