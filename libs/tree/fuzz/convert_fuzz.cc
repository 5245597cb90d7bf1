// Law: any file that can be read can be converted, and what comes out can be read. (That a sound file comes back as it was is the law
// of convert_test.cc: a header that is damaged on purpose may say one version and be taken for another.)
#include <cstdio>
#include <cstdlib>

#include "../tests/convert_util.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum::tree;
  const auto read = gedcom::load({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  for (const Dialect to : {Dialect::gedcom551, Dialect::gedcom70}) {
    if (to == read->dialect) continue;
    const auto there = convert::converted(*read, to);
    if (const auto again = gedcom::load(there.text); !again) {
      std::fprintf(stderr, "cannot be read: %s\n", tablinum::describe(again.error()).c_str());
      std::abort();
    }
  }
  return 0;
}
