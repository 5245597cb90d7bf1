// Change sets as strangers send them: what is accepted keeps its limits, names no record that it does not make, and applies to a record
// without breaking it.
#include <cstdlib>

#include "change_parser.h"

namespace tablinum::genealogy_service {
namespace {

void require(bool law) {
  if (!law) std::abort();
}

void check(const ParsedChanges& parsed) {
  require(!parsed.operations.empty() && parsed.operations.size() <= archive::kOperationsMax);
  std::size_t creates = 0;
  for (const auto& operation : parsed.operations) creates += operation.kind == archive::OperationKind::create;
  require(creates == parsed.refs.size());
  for (const auto& operation : parsed.operations) {
    if (const auto n = archive::created_number(operation.record)) require(*n < creates);
    if (const auto n = archive::created_number(operation.other)) require(*n < creates);
  }
}

/// Whatever a fact or name holds: the record stays one that can be stored and read.
void apply(const ParsedChanges& parsed) {
  for (const auto dialect : {tree::Dialect::gedcom551, tree::Dialect::gedcom70}) {
    tree::edit::Editor editor{dialect, tree::model::RecordKind::person};
    for (const auto& operation : parsed.operations) {
      (void)editor.add_name(operation.name);
      (void)editor.add_fact(operation.fact);
      (void)editor.add_note(0, operation.note);
      (void)editor.add_citation(0, operation.citation);
      for (const auto& text : operation.texts) (void)editor.set_text(text);
      for (std::uint16_t number = 1; number < 4; ++number) {
        (void)editor.set_name(number, operation.name);
        (void)editor.set_fact(number, operation.fact);
      }
    }
    Bytes bytes;
    tree::encode(editor.structure(), bytes);
    const auto read = tree::decode(bytes);
    require(read.has_value() && *read == editor.structure());
  }
}

}  // namespace
}  // namespace tablinum::genealogy_service

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  using namespace tablinum::genealogy_service;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto place_text = [](const Uuid&) -> Result<std::string> { return std::string{"Harare"}; };
  if (const auto parsed = parse_changes(text, place_text)) {
    check(*parsed);
    apply(*parsed);
  }
  (void)parse_record(text, archive::OperationKind::patch, tree::model::RecordKind::person, {}, place_text);
  (void)parse_version(text);
  (void)parse_node_id(text);
  (void)parse_revert(text);
  return 0;
}
