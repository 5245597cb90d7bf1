#include "tablinum/proof/statement.h"

#include "statement/kinds.h"

namespace tablinum::proof {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::byte kExtension{1};

const Kind* find(StatementType type) {
  switch (type) {
    case StatementType::message: return &message_kind();
    case StatementType::change: return &change_kind();
    case StatementType::block: return &block_kind();
    case StatementType::in_log: return &in_log_kind();
    case StatementType::older: return &older_kind();
    case StatementType::descent: return &descent_kind();
    case StatementType::field_equals: return &field_equals_kind();
    case StatementType::header_chain: return &header_chain_kind();
  }
  return nullptr;
}
const Kind& kind(StatementType type) { return *find(type); }

}  // namespace

Outcome<Statement> Statement::parse(ByteView program) {
  const auto refused = [](const char* why) { return fault(Fault::program, why, "program"); };
  if (program.empty()) return refused("empty");
  Statement out;
  out.type = static_cast<StatementType>(program[0]);
  const Kind* found = find(out.type);
  if (found == nullptr) return refused("unknown statement type");
  const std::size_t fixed = 1 + kHashBytes + (out.type == StatementType::block ? 8 : 0);
  if (program.size() < fixed) return refused("too short");
  std::copy_n(program.begin() + 1, kHashBytes, std::as_writable_bytes(std::span{out.hash.bytes}).begin());
  if (out.type == StatementType::block) out.number = number_le(program.subspan(1 + kHashBytes, 8));
  const ByteView rest = program.subspan(fixed);
  if (!rest.empty()) {
    if (rest.size() < 3 || rest[0] != kExtension || number_le(rest.subspan(1, 2)) != rest.size() - 3)
      return refused("malformed extension");
    out.extended = true;
    out.parameters.assign(rest.begin() + 3, rest.end());
  }
  out.program.assign(program.begin(), program.end());
  CHECK_OK(found->check_parameters(out));
  return out;
}

Outcome<std::uint16_t> shape_for(const Statement& statement, ByteView input) {
  return kind(statement.type).shape_for(statement, input);
}
bool shape_exists(StatementType type, std::uint16_t shape) {
  const Kind* found = find(type);
  return found != nullptr && found->exists(shape);
}
bool shape_fits(const Statement& statement, std::uint16_t shape) { return kind(statement.type).fits(statement, shape); }
unsigned compressions(StatementType type, std::uint16_t shape) { return kind(type).compressions(shape); }
std::string words(StatementType type, std::uint16_t shape) { return kind(type).words(shape); }
std::string words(const Statement& statement) { return kind(statement.type).words(statement); }
std::size_t outputs_bytes(StatementType type, std::uint16_t shape) { return kind(type).outputs_bytes(shape); }

Outcome<Witness> make_witness(const Statement& statement, std::uint16_t shape, ByteView input) {
  if (!shape_fits(statement, shape)) return fault(Fault::unsupported, "a shape that does not go with the program", "prove");
  return kind(statement.type).witness(statement, shape, input);
}
Outcome<std::vector<std::uint8_t>> public_bits(const Statement& statement, std::uint16_t shape, ByteView outputs) {
  if (!shape_fits(statement, shape)) return fault(Fault::unsupported, "a shape that does not go with the program", "verify");
  if (outputs.size() != outputs_bytes(statement.type, shape)) return fault(Fault::serialization, "outputs of another length", "verify");
  return kind(statement.type).publics(statement, shape, outputs);
}
void build(StatementType type, std::uint16_t shape, Gates& gates) { kind(type).build(shape, gates); }

}  // namespace tablinum::proof
