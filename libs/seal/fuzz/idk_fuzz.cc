// What parses is written as text that parses to the same; verify() takes any text.
#include <cstdlib>

#include "tablinum/seal/idk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum;
  using namespace tablinum::seal;
  const ByteView text = std::as_bytes(std::span{data, size});
  MemorySource source{text};
  idk::Reader reader{source};
  for (auto part = reader.next(); part && *part; part = reader.next()) {
    const auto written = idk::to_text(**part);
    MemorySource again{bytes_of(written)};
    const auto second = idk::Reader{again}.next();
    if (!second || !*second || (*second)->payload != (*part)->payload || (*second)->headers.size() != (*part)->headers.size())
      std::abort();
  }
  MemorySource whole{text};
  const auto report = idk::verify(whole);
  if (report && report->whole() && report->trust == idk::SignerTrust::none) std::abort();
  return 0;
}
