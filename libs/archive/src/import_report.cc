#include <simdjson.h>

#include "tablinum/archive/import.h"
#include "tablinum/base/json.h"

namespace tablinum::archive {
namespace {

namespace dom = simdjson::dom;

std::string text_of(const dom::element& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

std::uint64_t number_of(const dom::element& object, std::string_view name) {
  std::uint64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

}  // namespace

std::string to_json(const ImportReport& report) {
  json::Writer w;
  w.begin_object();
  w.field("importId", to_string(report.id.value()));
  w.field("treeId", to_string(report.tree.value()));
  w.field("fileName", report.file_name);
  w.field("bytes", report.bytes);
  w.field("lines", report.lines);
  w.field("records", report.records);
  w.field("version", report.version);
  w.field("dialect", report.dialect);
  w.field("encoding", report.encoding);
  w.field("gedzip", report.gedzip);
  w.field("product", report.product);
  w.field("language", report.language);
  w.field("events", report.events);
  w.field("lossless", report.lossless);
  w.key("counts");
  w.begin_object();
  for (const auto& [name, count] : report.counts) w.field(name, count);
  w.end_object();
  w.key("findings");
  w.begin_array();
  for (const auto& finding : report.findings) {
    w.begin_object();
    w.field("code", finding.code);
    w.field("severity", finding.severity);
    w.field("count", finding.count);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.take();
}

Result<ImportReport> import_report_from_json(std::string_view json) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string{json}).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return fail(Code::corrupt, "not the report of an import");
  }
  ImportReport report;
  TRY(id, parse_uuid(text_of(root, "importId")));
  TRY(tree, parse_uuid(text_of(root, "treeId")));
  report.id = store::JobId{id};
  report.tree = TreeId{tree};
  report.file_name = text_of(root, "fileName");
  report.bytes = number_of(root, "bytes");
  report.lines = number_of(root, "lines");
  report.records = number_of(root, "records");
  report.version = text_of(root, "version");
  report.dialect = text_of(root, "dialect");
  report.encoding = text_of(root, "encoding");
  report.product = text_of(root, "product");
  report.language = text_of(root, "language");
  report.events = number_of(root, "events");
  bool flag = false;
  report.gedzip = root["gedzip"].get(flag) == simdjson::SUCCESS && flag;
  if (root["lossless"].get(flag) == simdjson::SUCCESS) report.lossless = flag;
  dom::object counts;
  if (root["counts"].get(counts) == simdjson::SUCCESS) {
    for (const auto& [name, value] : counts) report.counts.emplace(name, number_of(root["counts"], name));
  }
  dom::array findings;
  if (root["findings"].get(findings) == simdjson::SUCCESS) {
    for (const auto& finding : findings) {
      report.findings.push_back({text_of(finding, "code"), text_of(finding, "severity"), number_of(finding, "count")});
    }
  }
  return report;
}

}  // namespace tablinum::archive
