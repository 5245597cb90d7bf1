#include "tablinum/proof/fault.h"

#include <array>

namespace tablinum::proof {
namespace {

struct Row {
  std::string_view name;
  Code code;
};

constexpr std::array<Row, 11> kRows{{
    {"unknown", Code::internal},
    {"program", Code::invalid},
    {"input", Code::invalid},
    {"proof_generation", Code::internal},
    {"serialization", Code::corrupt},
    {"resource_limit", Code::limit},
    {"timeout", Code::timeout},
    {"cancelled", Code::cancelled},
    {"backend", Code::internal},
    {"config", Code::invalid},
    {"unsupported", Code::unsupported},
}};

const Row& row_of(Fault fault) noexcept {
  const auto index = static_cast<std::size_t>(fault);
  return index < kRows.size() ? kRows[index] : kRows[0];
}

}  // namespace

std::string_view to_string(Fault fault) noexcept { return row_of(fault).name; }

std::unexpected<Failure> fault(Fault what, std::string detail, std::string operation) {
  return std::unexpected(Failure{what, std::move(detail), std::move(operation), wall_now()});
}

Error to_error(const Failure& failure) {
  std::string detail{to_string(failure.fault)};
  if (!failure.operation.empty()) detail += ", " + failure.operation;
  return {row_of(failure.fault).code, detail + ": " + failure.detail};
}

}  // namespace tablinum::proof
