// Laws: any file that can be read can be converted; what comes out is read without a repair; converted back, it is the file it was.
#include <cstdio>
#include <cstdlib>

#include "../tests/convert_util.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum::tree;
  const auto read = gedcom::load({reinterpret_cast<const char*>(data), size});
  if (!read || read->header.empty()) return 0;  // one is made then
  // What the reader repairs is its own law (gedcom_fuzz).
  const auto clean = gedcom::load(gedcom::store(*read));
  if (!clean || clean->header.empty()) std::abort();
  if (const auto broken = convert::promise_broken_by(*clean); !broken.empty()) {
    std::fprintf(stderr, "broken: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
