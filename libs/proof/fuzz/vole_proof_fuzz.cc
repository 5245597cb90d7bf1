// Any bytes as a proof of a small circuit: never accepted, never a crash; an honest proof with the bytes put over it is accepted
// only where they change nothing.
#include <algorithm>
#include <cstdlib>

#include "tablinum/proof/transcript.h"
#include "vole/protocol.h"

using namespace tablinum;
using namespace tablinum::proof;

namespace {

// The same bytes in every run, so that a fuzz run can be done again.
class FixedRandom final : public lf::Random {
 public:
  Outcome<void> fill(MutableBytes out) override {
    stream_.read(out);
    return {};
  }

 private:
  KeyStream stream_{Digest{}};
};

struct Fixture {
  Fixture() {
    vole::Recorder gates;
    const Bit a = gates.private_bit();
    const Bit b = gates.private_bit();
    gates.assert_one(gates.both(a, b));
    circuit = gates.finish();
    FixedRandom random;
    const std::vector<std::uint8_t> privates{1, 1};
    honest = vole::prove(circuit, params, {}, privates, {}, random, Work{{}, inline_executor()}).value();
  }
  const vole::Params params = *vole::Params::of(1);
  vole::BooleanCircuit circuit;
  Bytes honest;
};

bool accepted(const Fixture& fixture, ByteView proof) {
  return *vole::verify(fixture.circuit, fixture.params, {}, {}, proof, Work{{}, inline_executor()}) == vole::Verdict::accepted;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  const ByteView bytes = std::as_bytes(std::span{data, size});
  if (accepted(fixture, bytes)) std::abort();
  if (size < 2) return 0;
  Bytes altered = fixture.honest;
  const std::size_t at = (data[0] | std::size_t{data[1]} << 8) % altered.size();
  const std::size_t count = std::min(size - 2, altered.size() - at);
  std::copy_n(bytes.begin() + 2, count, altered.begin() + static_cast<std::ptrdiff_t>(at));
  if (accepted(fixture, altered) != (altered == fixture.honest)) std::abort();
  return 0;
}
