// A raw proof that is read has one encoding; and whatever the bytes are, the verifier answers false.
#include <algorithm>
#include <cstdlib>

#include "lf/proof_bytes.h"

namespace {

using namespace tablinum;
using namespace tablinum::proof;
using namespace tablinum::proof::lf;

// One product of two secret inputs that must be the public one.
Circuit circuit() {
  Circuit c;
  c.outputs = 2;
  c.inputs = 4;
  c.public_inputs = 2;
  c.subfield_boundary = 4;
  c.constants = {kZero, kOne};
  c.layers = {{4, 2, {{0, 1, 0, 1}, {2, 3, 0, 1}}, {}}};
  c.id = circuit_id(c);
  return c;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Circuit kCircuit = circuit();
  constexpr Params kParams{4, 2, 30};
  static const Layout kLayout = layout_for(kCircuit, kParams).value();
  const ByteView bytes = std::as_bytes(std::span{data, size});
  const auto proof = read_proof(kCircuit, kLayout, bytes);
  if (proof && !std::ranges::equal(write_proof(kLayout, *proof), bytes)) std::abort();
  if (verify(kCircuit, std::array{kOne, inj(9)}, {}, kParams, bytes, {{}, inline_executor()}).value()) std::abort();
  return 0;
}
