// Programs and inputs: a program that parses says so in words and has shapes; a witness that is made goes with its shape.
#include <cstdlib>

#include "tablinum/proof/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  using namespace tablinum::proof;
  if (size < 1) return 0;
  const std::size_t length = std::min<std::size_t>(data[0], size - 1);
  const ByteView all = std::as_bytes(std::span{data + 1, size - 1});
  const ByteView program = all.first(length), input = all.subspan(length);
  const auto statement = Statement::parse(program);
  if (!statement) return 0;
  if (statement->program.size() != program.size() || words(*statement).empty()) std::abort();
  const auto shape = shape_for(*statement, input);
  if (!shape) return 0;
  if (!shape_exists(statement->type, *shape) || !shape_fits(*statement, *shape)) std::abort();
  if (compressions(statement->type, *shape) > kCompressionsMax) std::abort();
  const auto witness = make_witness(*statement, *shape, input);
  if (witness && witness->outputs.size() != outputs_bytes(statement->type, *shape)) std::abort();
  (void)public_bits(*statement, *shape, Bytes(outputs_bytes(statement->type, *shape)));
  return 0;
}
