#include <fcntl.h>
#include <unistd.h>

#include <simdjson.h>
#include <algorithm>

#include "judgement.h"
#include "pictures.h"
#include "reference.h"
#include "routes.h"
#include "tablinum/api/adapter.h"
#include "tablinum/archive/import.h"
#include "tablinum/base/log.h"
#include "tablinum/genealogy_service/service.h"
#include "tablinum/io/offload.h"
#include "tablinum/net/multipart.h"
#include "tablinum/search/index.h"
#include "tablinum/store/staging.h"
#include "tablinum/tree/gedcom/finding.h"

namespace tablinum::genealogy_service {
namespace {

namespace gedcom = tree::gedcom;
using api::Call;
using api::Reply;

std::string_view severity_word(gedcom::Severity severity) noexcept {
  switch (severity) {
    case gedcom::Severity::lost: return "error";
    case gedcom::Severity::repaired: return "warning";
    case gedcom::Severity::info: return "info";
  }
  return "info";
}

std::optional<gedcom::FindingCode> finding_code(std::string_view name) noexcept {
  for (std::size_t i = 0; i < gedcom::kFindingCodeCount; ++i) {
    const auto code = static_cast<gedcom::FindingCode>(i);
    if (gedcom::to_string(code) == name) return code;
  }
  return std::nullopt;
}

// ---- One import ------------------------------------------------------------------------------------------------------------

struct ImportData {
  store::Job job;
  std::optional<store::ImportJob> staging;      ///< once it began to write
  std::optional<archive::ImportReport> report;  ///< once it succeeded
  bool tree_is_there = false;
};

Result<ImportData> find_import(Browser& browser, std::string_view id) {
  const auto absent = [] { return fail(Code::not_found, "there is no such import"); };
  const auto uuid = parse_uuid(id);
  if (!uuid) return absent();
  auto job = store::find_job(browser.session(), store::JobId{*uuid});
  if (!job || job->kind != archive::kImportJob) return absent();
  ImportData data{.job = std::move(*job), .staging = {}, .report = {}};
  if (auto staging = store::find_import(browser.session(), data.job.id)) data.staging = std::move(*staging);
  if (data.staging) data.tree_is_there = browser.tree_of(make_rid(data.staging->tree_no, 0)).has_value();
  if (!data.job.result.empty()) {
    TRY(report, archive::import_report_from_json(data.job.result));
    data.report = std::move(report);
  }
  return data;
}

std::string_view import_state(const ImportData& data) noexcept {
  if (!store::is_final(data.job.state)) return "running";
  if (data.job.state != store::JobState::succeeded) return "failed";
  // Taking an import back takes its tree; the import itself stays as it was, for its report.
  return data.tree_is_there && data.staging->state == store::ImportState::published ? "done" : "undone";
}

void write_counts(Writer& w, const ImportData& data) {
  const auto count = [&](const std::string& tag) -> std::uint64_t {
    if (!data.report) return 0;
    const auto found = data.report->counts.find(tag);
    return found == data.report->counts.end() ? 0 : found->second;
  };
  w.key("counts");
  w.begin_object();
  w.field("persons", count("INDI"));
  w.field("families", count("FAM"));
  w.field("events", data.report ? data.report->events : 0);
  w.field("sources", count("SOUR"));
  w.field("repositories", count("REPO"));
  w.field("media", count("OBJE"));
  w.field("notes", count("NOTE"));
  w.field("submitters", count("SUBM"));
  w.end_object();
}

void write_format(Writer& w, const ImportData& data) {
  w.key("format");
  if (!data.report) return w.null();
  const auto& report = *data.report;
  const auto or_null = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional{text}; };
  w.begin_object();
  w.field("version", report.version);
  w.field("dialect", report.dialect);
  w.field("encoding", report.encoding);
  w.field("gedzip", report.gedzip);
  w.field("product", or_null(report.product));
  w.field("language", or_null(report.language));
  w.end_object();
}

std::string setting_name(const store::JobId& import, gedcom::FindingCode code) {
  return "found/" + to_string(import.value()) + '/' + std::to_string(static_cast<int>(code));
}

Result<void> write_groups(Writer& w, Browser& browser, const ImportData& data) {
  auto findings = data.report ? data.report->findings : std::vector<archive::FindingCount>{};
  const auto severity_of = [](const archive::FindingCount& finding) {
    const auto code = finding_code(finding.code);
    return code ? gedcom::severity_of(*code) : gedcom::Severity::info;
  };
  std::ranges::sort(findings, [&](const auto& a, const auto& b) {
    return severity_of(a) != severity_of(b) ? severity_of(a) > severity_of(b)
                                            : std::tie(b.count, a.code) < std::tie(a.count, b.code);
  });
  w.key("groups");
  w.begin_array();
  for (const auto& finding : findings) {
    const auto code = finding_code(finding.code);
    if (!code) continue;
    w.begin_object();
    w.field("code", finding.code);
    w.field("severity", severity_word(gedcom::severity_of(*code)));
    w.field("count", finding.count);
    w.field("title", gedcom::meaning_of(*code));
    w.field("remedy", gedcom::remedy_of(*code));
    TRY(judgement, find_judgement(browser.session(), setting_name(data.job.id, *code)));
    w.key("right");
    write_judgement(w, judgement);
    w.end_object();
  }
  w.end_array();
  return {};
}

Result<void> write_import(Writer& w, Browser& browser, const ImportData& data) {
  TRY(job_text, archive::job_json(browser.session(), data.job));
  simdjson::dom::parser parser;
  simdjson::dom::element job;
  if (parser.parse(job_text).get(job) != simdjson::SUCCESS) return fail(Code::internal, "a job's JSON cannot be read");
  std::string_view tree;
  const bool has_tree = job["treeId"].get(tree) == simdjson::SUCCESS;
  std::optional<std::string> staged;
  if (!has_tree && data.staging) {
    if (const auto info = store::find_tree(browser.session(), data.staging->tree_no)) staged = to_string(info->id.value());
  }
  w.begin_object();
  w.field("id", to_string(data.job.id.value()));
  w.field("treeId", has_tree ? std::optional{std::string{tree}} : staged);
  w.field("jobId", to_string(data.job.id.value()));
  w.field("fileName", archive::file_name_of_import(data.job));
  w.field("bytes", data.report ? data.report->bytes : data.staging ? data.staging->bytes_total : 0);
  w.field("state", import_state(data));
  write_format(w, data);
  w.field("lines", data.report ? data.report->lines : 0);
  write_counts(w, data);
  w.field("lossless", data.report ? data.report->lossless : std::nullopt);
  CHECK_OK(write_groups(w, browser, data));
  w.field("createdAt", to_rfc3339(data.job.created_at));
  w.field("finishedAt", data.job.finished_at ? std::optional{to_rfc3339(*data.job.finished_at)} : std::nullopt);
  w.key("problem");
  w.raw(simdjson::to_string(job["problem"]));
  w.end_object();
  return {};
}

Result<Reply> get_import(Context&, Browser& browser, const Call& call) {
  TRY(data, find_import(browser, call.segment("id")));
  Writer w;
  CHECK_OK(write_import(w, browser, data));
  return api::json_reply(w.take());
}

inline constexpr std::size_t kImportsListed = 200;

Result<Reply> list_imports(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(imports, store::list_imports(browser.session(), kImportsListed));
  Writer w;
  std::size_t count = 0;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& import : imports) {
    if (import.tree_no != tree.tree_no) continue;
    const auto data = find_import(browser, to_string(import.id.value()));
    if (!data) continue;  // made by the command line: it has no job
    CHECK_OK(write_import(w, browser, *data));
    ++count;
  }
  w.end_array();
  w.field("total", count);
  w.field("nextCursor", std::optional<std::string>{});
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> undo_import(const Shared& context, const Call& call) {
  store::JobId import;
  {
    TRY(browser, Browser::open(context->archive));
    TRY(data, find_import(browser, call.segment("id")));
    import = data.job.id;
  }
  TRY(id, context->jobs.submit_undo(import));
  TRY(browser, Browser::open(context->archive));
  TRY(job, store::find_job(browser.session(), id));
  TRY(text, archive::job_json(browser.session(), job));
  auto reply = api::json_reply(std::move(text), {}, 202);
  reply.location = "/api/v1/jobs/" + to_string(id.value());
  return reply;
}

/// Of all messages of one kind: they are right as they are, or have to be looked at again.
Result<Reply> judge_group(const Shared& context, const Call& call) {
  TRY(word, parse_word(call.body));
  {
    TRY(browser, Browser::open(context->archive));
    TRY(data, find_import(browser, call.segment("id")));
    const auto code = finding_code(call.segment("code"));
    const auto same = [&](const archive::FindingCount& finding) { return finding.code == call.segment("code"); };
    if (!code || !data.report || std::ranges::none_of(data.report->findings, same))
      return fail(Code::not_found, "the import has found nothing of this kind");
    CHECK_OK(put_word(context->archive, setting_name(data.job.id, *code), word));
  }
  TRY(after, Browser::open(context->archive));
  return get_import(*context, after, call);
}

// ---- Messages --------------------------------------------------------------------------------------------------------------

inline constexpr std::size_t kMessagesRead = gedcom::kFindingsMax;

Result<std::vector<store::StoredFinding>> findings_asked_for(Browser& browser, const store::JobId& import, const Call& call) {
  std::optional<gedcom::FindingCode> code;
  if (const auto name = call.parameter("code")) {
    code = finding_code(*name);
    if (!code) return api::invalid_field({"code", "is no kind of message", "unknown"});
  }
  const auto severity = call.parameter("severity");
  if (severity && *severity != "error" && *severity != "warning" && *severity != "info") {
    return api::invalid_field({"severity", "must be error, warning or info", "format"});
  }
  TRY(findings, store::findings_of(browser.session(), import, 0, kMessagesRead));
  std::erase_if(findings, [&](const store::StoredFinding& finding) {
    const auto found = static_cast<gedcom::FindingCode>(finding.code);
    return (code && found != *code) || (severity && severity_word(gedcom::severity_of(found)) != *severity);
  });
  std::ranges::sort(findings, [](const auto& a, const auto& b) { return std::tie(a.line, a.ord) < std::tie(b.line, b.ord); });
  return findings;
}

/// RFC 4180; a text that a spreadsheet would take for a formula gets a quote before it.
std::string csv_field(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos) out += '\'';
  for (const char c : text) out += c == '"' ? std::string{"\"\""} : std::string{c};
  return out + '"';
}

Reply messages_csv(const std::vector<store::StoredFinding>& findings) {
  std::string csv = "line,severity,code,meaning,excerpt,remedy\r\n";
  for (const auto& finding : findings) {
    const auto code = static_cast<gedcom::FindingCode>(finding.code);
    csv += std::to_string(finding.line) + ',' + std::string{severity_word(gedcom::severity_of(code))} + ',' +
           std::string{gedcom::to_string(code)} + ',' + csv_field(gedcom::meaning_of(code)) + ',' + csv_field(finding.detail) +
           ',' + csv_field(gedcom::remedy_of(code)) + "\r\n";
  }
  auto reply = api::json_reply(std::move(csv));
  reply.content_type = "text/csv; charset=utf-8";
  reply.disposition = "attachment; filename=\"import-report.csv\"";
  return reply;
}

/// What a page would call the record.
Result<std::string> name_of_record(Browser& browser, const store::Record& record) {
  if (record.kind == store::RecordKind::person) {
    TRY(person, store::person_of(browser.session(), record.rid));
    return person.label;
  }
  if (record.kind == store::RecordKind::family) {
    TRY(members, store::members_of(browser.session(), record.rid));
    std::string names;
    for (const auto& member : members) {
      if (member.role == store::MemberRole::child) continue;
      TRY(person, store::person_of(browser.session(), member.person));
      (names += names.empty() ? "" : " & ") += person.label;
    }
    return names;
  }
  const auto document = search::DocumentIndex{browser.session()}.get(record.rid);
  if (!document && document.error().code != Code::not_found) return std::unexpected(document.error());
  const auto parts = search::displayed_parts(document ? std::string_view{document->name} : std::string_view{});
  return parts.empty() ? record.xref : std::string{parts.front()};
}

/// The record in which the line stands, where its kind has a page of its own.
Result<void> write_finding_record(Writer& w, Browser& browser, std::optional<Rid> rid) {
  w.key("record");
  const auto record = rid ? store::find_record(browser.session(), *rid) : Result<store::Record>{fail(Code::not_found, {})};
  if (!record || record->kind > store::RecordKind::submitter) return w.null(), Result<void>{};
  TRY(name, name_of_record(browser, *record));
  w.begin_object();
  w.field("id", to_string(record->id.value()));
  w.field("type", store::to_string(record->kind));
  w.field("name", name);
  w.end_object();
  return {};
}

Result<void> write_message(Writer& w, Browser& browser, const store::StoredFinding& finding) {
  const auto code = static_cast<gedcom::FindingCode>(finding.code);
  w.begin_object();
  w.field("code", gedcom::to_string(code));
  w.field("severity", severity_word(gedcom::severity_of(code)));
  w.field("line", finding.line);
  w.field("excerpt", finding.detail);
  w.field("text", gedcom::meaning_of(code));
  CHECK_OK(write_finding_record(w, browser, finding.record));
  w.end_object();
  return {};
}

Result<Reply> list_messages(Context& context, Browser& browser, const Call& call) {
  TRY(data, find_import(browser, call.segment("id")));
  TRY(findings, findings_asked_for(browser, data.job.id, call));
  if (call.accept.find("text/csv") != std::string::npos) return messages_csv(findings);
  const std::string binding =
      std::string{call.parameter("code").value_or("")} + '/' + std::string{call.parameter("severity").value_or("")};
  return paged(context, call, binding, findings.size(), {},
               [&](Writer& w, std::size_t i) { return write_message(w, browser, findings[i]); });
}

// ---- Exports ---------------------------------------------------------------------------------------------------------------

Result<archive::ExportOptions> export_options(const Call& call) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(call.body).get(root) != simdjson::SUCCESS) return api::invalid_field({"body", "is not JSON", "format"});
  std::string_view version, audience;
  archive::ExportOptions options;
  if (root["version"].get(version) != simdjson::SUCCESS) return api::invalid_field({"version", "is missing", "missing"});
  const auto wanted = archive::export_version(version);
  if (!wanted) return api::invalid_field({"version", "must be original, 5.5.1 or 7.0", "format"});
  options.version = *wanted;
  if (root["audience"].get(audience) == simdjson::SUCCESS) {
    if (audience != "full" && audience != "redacted") return api::invalid_field({"audience", "must be full or redacted", "format"});
    options.redact_living = audience == "redacted";
  }
  (void)root["media"].get(options.media);
  return options;
}

Result<Reply> start_export(const Shared& context, const Call& call) {
  TRY(options, export_options(call));
  store::TreeInfo tree;
  {
    TRY(browser, Browser::open(context->archive));
    TRY(found, browser.tree(call.segment("tree")));
    tree = found;
  }
  TRY(id, context->jobs.submit_export(tree, options));
  TRY(browser, Browser::open(context->archive));
  TRY(job, store::find_job(browser.session(), id));
  TRY(text, archive::job_json(browser.session(), job));
  auto reply = api::json_reply(std::move(text), {}, 202);
  reply.location = "/api/v1/jobs/" + to_string(id.value());
  return reply;
}

Result<Reply> export_content(Context&, Browser& browser, const Call& call) {
  const auto absent = [] { return fail(Code::not_found, "there is no such export"); };
  const auto uuid = parse_uuid(call.segment("id"));
  if (!uuid) return absent();
  const auto job = store::find_job(browser.session(), store::JobId{*uuid});
  if (!job || job->kind != archive::kExportJob || job->state != store::JobState::succeeded) return absent();
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  std::string_view blob, name;
  if (parser.parse(job->result).get(result) != simdjson::SUCCESS || result["blob"].get(blob) != simdjson::SUCCESS ||
      result["fileName"].get(name) != simdjson::SUCCESS) {
    return absent();
  }
  TRY(bytes, from_hex(blob));
  TRY(digest, digest_from_bytes(bytes));
  Reply reply;
  reply.content_type = "application/octet-stream";
  reply.file = browser.archive().blobs().path(digest);
  reply.disposition = api::attachment(name);
  reply.etag = '"' + to_hex(digest).substr(0, 32) + '"';
  return reply;
}

/// N2's synchronous export: the file itself.
Result<Reply> export_now(const Shared& context, const Call& call) {
  auto& archive = context->archive;
  store::TreeInfo tree;
  {
    TRY(browser, Browser::open(archive));
    TRY(found, browser.tree(call.segment("tree")));
    tree = found;
  }
  const std::string path = archive.database().path("tmp") + '/' + to_string(archive.database().ids().next()) + ".ged";
  auto exported = archive::export_tree(archive, tree.tree_no, archive::ExportOptions{}, path);
  if (!exported) return std::unexpected(exported.error());
  // A blob by its content: an export of the same state takes no further room, and the file is sent like any other.
  auto blob = archive.blobs().put_file(path);
  ::unlink(path.c_str());
  TRY(digest, std::move(blob));
  Reply reply;
  reply.content_type = "application/octet-stream";
  reply.file = archive.blobs().path(digest);
  reply.disposition = api::attachment(tree.name + ".ged");
  return reply;
}

// ---- Uploads ---------------------------------------------------------------------------------------------------------------

/// An upload's file, removed unless it is handed on to a job.
class UploadFile {
 public:
  static Result<UploadFile> create(archive::Archive& archive) {
    UploadFile file;
    file.path_ = archive.database().path("uploads") + '/' + to_string(archive.database().ids().next());
    file.descriptor_ = ::open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file.descriptor_ < 0) return fail(Code::io, file.path_ + ": " + std::strerror(errno));
    return file;
  }
  UploadFile(UploadFile&& other) noexcept
      : path_{std::exchange(other.path_, {})}, descriptor_{std::exchange(other.descriptor_, -1)} {}
  ~UploadFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  int descriptor() const noexcept { return descriptor_; }
  std::string hand_on() noexcept { return std::exchange(path_, {}); }

 private:
  UploadFile() = default;
  std::string path_;
  int descriptor_ = -1;
};

/// The last part of a path as any system writes it, without an extension.
/// Browsers of old sent whole paths.
std::string_view without_folders(std::string_view file_name) {
  const auto slash = file_name.find_last_of("/\\");
  return slash == std::string_view::npos ? file_name : file_name.substr(slash + 1);
}

std::string stem_of(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  return std::string{dot == std::string_view::npos || dot == 0 ? file_name : file_name.substr(0, dot)};
}

struct Upload {
  std::string path, file_name, tree_name;
};

io::Task<Result<Upload>> receive(io::Io& io, net::Request& request, archive::Archive& archive) {
  CO_TRY(reader, net::MultipartReader::of(request));
  Upload upload;
  for (;;) {
    CO_TRY(part, co_await reader.next(io));
    if (!part) break;
    if (part->name == "treeName") {
      CO_TRY(name, co_await reader.read_text(io, 1024));
      upload.tree_name = std::move(name);
    } else if (part->name == "gedcomFile" && upload.path.empty()) {
      CO_TRY(file, UploadFile::create(archive));
      CO_TRY(bytes, co_await net::save_part(io, reader, file.descriptor(), kUploadBytesMax));
      if (bytes == 0) co_return api::invalid_field({"gedcomFile", "is empty", "missing"});
      upload.file_name = without_folders(part->filename.value_or("family.ged"));
      upload.path = file.hand_on();
    }
  }
  if (upload.path.empty()) co_return api::invalid_field({"gedcomFile", "is missing", "missing"});
  if (upload.tree_name.empty()) upload.tree_name = stem_of(upload.file_name);
  co_return upload;
}

Result<Reply> submit_upload(archive::Archive& archive, archive::Jobs& jobs, const Upload& upload, std::string_view tree) {
  archive::ImportRequest import{
      .upload = upload.path, .file_name = upload.file_name, .tree_name = upload.tree_name, .into = {}};
  if (!tree.empty()) {
    TRY(browser, Browser::open(archive));
    TRY(info, browser.tree(tree));
    if (info.next_n != 0) return fail(Code::conflict, "this tree has records already; import into a new tree");
    import.into = info.id;
    import.tree_name = info.name;
  }
  TRY(id, jobs.submit_import(import));
  TRY(browser, Browser::open(archive));
  TRY(job, store::find_job(browser.session(), id));
  TRY(text, archive::job_json(browser.session(), job));
  auto reply = api::json_reply(std::move(text), {}, 202);
  reply.location = "/api/v1/jobs/" + to_string(id.value());
  return reply;
}

net::Handler upload_handler(archive::Archive& archive, archive::Jobs& jobs) {
  return [&archive, &jobs](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    auto upload = co_await receive(io, request, archive);
    if (!upload) co_return api::response_of(request, upload.error());
    const std::string tree{request.params["tree"]};
    auto submit = [&]() { return submit_upload(archive, jobs, *upload, tree); };
    auto reply = co_await io::offload(io, submit);
    if (!reply) {
      ::unlink(upload->path.c_str());
      co_return api::response_of(request, reply.error());
    }
    co_return api::response_of(request, std::move(*reply));
  };
}

/// Relations that a tree's families are: between partners, and from parents to children.
Result<std::size_t> count_relationships(Browser& browser, const store::TreeInfo& tree) {
  TRY(graph, browser.graph(tree.tree_no));
  std::vector<Relationship> all;
  std::size_t count = 0;
  for (kinship::FamilyN n = 0; n < graph->graph.node_count(); ++n) {
    if (graph->graph.is_person(n)) continue;
    all.clear();
    append_relationships(graph->graph, n, all);
    count += all.size();
  }
  return count;
}

/// N2's synchronous import: answers when everything is in.
Result<Reply> import_now(archive::Archive& archive, const Upload& upload, std::string_view tree) {
  archive::ImportOptions options{.path = upload.path,
                                 .file_name = upload.file_name,
                                 .tree_name = upload.tree_name,
                                 .into = {},
                                 .job = {},
                                 .charset = {},
                                 .progress = {}};
  {
    TRY(browser, Browser::open(archive));
    TRY(info, browser.tree(tree));
    if (info.next_n != 0) return fail(Code::conflict, "this tree has records already; import into a new tree");
    options.into = info.id;
    options.tree_name = info.name;
  }
  TRY(report, archive::import_file(archive, options));
  TRY(browser, Browser::open(archive));
  TRY(info, browser.tree(tree));
  TRY(relationships, count_relationships(browser, info));
  Writer w;
  w.begin_object();
  w.field("message", "GEDCOM import completed");
  w.field("individualsImported", report.counts["INDI"]);
  w.field("familiesProcessed", report.counts["FAM"]);
  w.field("relationshipsCreated", relationships);
  w.end_object();
  return api::json_reply(w.take());
}

net::Handler import_now_handler(archive::Archive& archive) {
  return [&archive](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    auto upload = co_await receive(io, request, archive);
    if (!upload) co_return api::response_of(request, upload.error());
    const std::string tree{request.params["tree"]};
    auto work = [&]() { return import_now(archive, *upload, tree); };
    auto reply = co_await io::offload(io, work);
    ::unlink(upload->path.c_str());
    if (!reply) co_return api::response_of(request, reply.error());
    co_return api::response_of(request, std::move(*reply));
  };
}

}  // namespace

void add_reference_export_routes(api::Description& description, const Shared& context) {
  description.routes.push_back(
      alias("GET",
            {"/api/genealogy/family-trees/{tree}/export/gedcom", "/api/family-trees/{tree}/export/gedcom",
             "/api/trees/{tree}/export/gedcom", "/api/v1/trees/{tree}/export/gedcom"},
            [context](const Call& call) { return export_now(context, call); }));
}

Result<void> mount_uploads(net::Router& router, archive::Archive& archive, archive::Jobs& jobs) {
  CHECK_OK(mount_thumbnails(router, archive));
  const net::RouteOptions options{.body_bytes_max = kUploadBytesMax, .limit = Duration::seconds(3600)};
  CHECK_OK(router.add(net::Method::post, "/api/v1/imports", upload_handler(archive, jobs), options));
  for (const std::string_view path :
       {"/api/genealogy/family-trees/{tree}/import/gedcom", "/api/family-trees/{tree}/import/gedcom",
        "/api/trees/{tree}/import/gedcom", "/api/v1/trees/{tree}/import/gedcom"}) {
    CHECK_OK(router.add(net::Method::post, path, import_now_handler(archive), options));
  }
  return router.add(net::Method::post, "/api/v1/trees/{tree}/imports", upload_handler(archive, jobs), options);
}

void add_import_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  const auto acting = [context](Result<Reply> (*act)(const Shared&, const Call&)) {
    return [context, act](const Call& call) { return act(context, call); };
  };
  routes.push_back({.method = "POST",
                    .path = "/api/v1/imports",
                    .id = "importNewTree",
                    .tag = "imports",
                    .summary = "Imports a GEDCOM or GEDZIP file into a new tree",
                    .body = "multipart:gedcomFile",
                    .answer = "Job",
                    .status = 202,
                    .errors = {413, 415, 422}});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/trees/{tree}/imports",
                    .id = "importTree",
                    .tag = "imports",
                    .summary = "Imports a GEDCOM or GEDZIP file into an empty tree",
                    .parameters = {kTreeParameter},
                    .body = "multipart:gedcomFile",
                    .answer = "Job",
                    .status = 202,
                    .errors = {404, 409, 413, 415, 422}});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/imports",
                    .id = "listImports",
                    .tag = "imports",
                    .summary = "What was imported",
                    .parameters = {kTreeParameter},
                    .answer = "Page<Import>",
                    .errors = {404},
                    .function = reading(context, list_imports)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/imports/{id}",
                    .id = "getImport",
                    .tag = "imports",
                    .summary = "The report of an import",
                    .parameters = {kIdParameter},
                    .answer = "Import",
                    .errors = {404},
                    .function = reading(context, get_import)});
  routes.push_back({.method = "DELETE",
                    .path = "/api/v1/imports/{id}",
                    .id = "undoImport",
                    .tag = "imports",
                    .summary = "Takes a whole import back",
                    .parameters = {kIdParameter},
                    .answer = "Job",
                    .status = 202,
                    .errors = {404, 409},
                    .function = acting(undo_import)});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/imports/{id}/groups/{code}",
                    .id = "judgeImportGroup",
                    .tag = "imports",
                    .summary = "Says that messages of one kind are right as they are, or takes that back",
                    .parameters = {kIdParameter, {.name = "code", .in = api::In::path}},
                    .body = "CheckWord",
                    .answer = "Import",
                    .errors = {404, 415, 422},
                    .function = acting(judge_group)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/imports/{id}/messages",
                    .id = "getImportMessages",
                    .tag = "imports",
                    .summary = "What was found in the file, by line; text/csv gives all",
                    .parameters = {kIdParameter,
                                   {.name = "code"},
                                   {.name = "severity", .type = "'error'|'warning'|'info'"},
                                   kLimitParameter,
                                   kCursorParameter},
                    .answer = "Page<ImportMessage>",
                    .errors = {404, 422},
                    .function = reading(context, list_messages)});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/trees/{tree}/exports",
                    .id = "startExport",
                    .tag = "imports",
                    .summary = "Writes the tree into a file",
                    .parameters = {kTreeParameter},
                    .body = "NewExport",
                    .answer = "Job",
                    .status = 202,
                    .errors = {404, 422},
                    .function = acting(start_export)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/exports/{id}/content",
                    .id = "getExport",
                    .tag = "imports",
                    .summary = "The file of an export",
                    .parameters = {kIdParameter},
                    .answer = "application/octet-stream",
                    .errors = {404},
                    .function = reading(context, export_content)});
}

}  // namespace tablinum::genealogy_service
