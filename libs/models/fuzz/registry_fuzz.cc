// Any bytes as registry or catalogue; what is read can be selected from, and a taken model meets the constraints.
#include <cstdint>
#include <cstdlib>

#include "tablinum/models/selector.h"

using namespace tablinum;
using namespace tablinum::models;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto registry = parse_registry(text);
  const auto catalogue = parse_categories(text);
  if (const auto memory = parse_memory(text); memory && (memory->empty() || memory->front().mb == 0)) std::abort();
  if (!registry || !catalogue) return 0;
  const Selector selector{*registry, *catalogue};
  Constraints constraints;
  constraints.gpu_memory_mb_max = 8192;
  const GpuLoad gpu{0, 16'000, 0.25, true};
  for (const auto& category : catalogue->categories) {
    for (const auto method : {Method::basic, Method::multi, Method::gpu}) {
      const auto explained = selector.explain(category.key, method, constraints, {&gpu, 1});
      if (explained.selection && selector.model(explained.selection->model).variants.at(explained.selection->variant).mb > 8192)
        std::abort();
    }
  }
  return 0;
}
