// Reading a circuit: what is read and written again is read as the same circuit.
#include <cstdlib>

#include "tablinum/proof/lf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  const auto circuit = proof::lf::read_circuit(std::as_bytes(std::span{data, size}));
  if (!circuit) return 0;
  const auto again = proof::lf::read_circuit(proof::lf::write_circuit(*circuit).value());
  if (!again || again->id != circuit->id) std::abort();
  return 0;
}
