#include "startup/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace tablinum::app {
namespace {

constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;
constexpr int kOwnMappingBytesMin = 32 << 20;  // what is larger has a mapping of its own: the most that glibc takes
constexpr int kUsualPadding = 1 << 20;
/// Below glibc's usual limit for mappings, so that it comes from the heap; a few of them make it grow.
constexpr std::size_t kPieceBytes = 100 << 10;

std::uintptr_t end_of_heap() noexcept { return reinterpret_cast<std::uintptr_t>(sbrk(0)); }

/// Makes the heap grow once, by what M_TOP_PAD says.
void grow_heap() noexcept {
  std::array<void*, 8> pieces{};
  const auto before = end_of_heap();
  for (auto& piece : pieces) {
    if (end_of_heap() != before) break;
    piece = std::malloc(kPieceBytes);
    asm volatile("" : : "r"(piece) : "memory");  // or the compiler takes both calls away
  }
  for (auto* const piece : pieces) std::free(piece);
}

}  // namespace

void put_heap_on_large_pages(std::size_t bytes) noexcept {
  mallopt(M_MMAP_THRESHOLD, kOwnMappingBytesMin);
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * bytes));  // or what was reserved would be given back at once
  mallopt(M_TOP_PAD, static_cast<int>(bytes));
  const auto begin = (end_of_heap() + kLargePage - 1) / kLargePage * kLargePage;
  grow_heap();
  mallopt(M_TOP_PAD, kUsualPadding);
  const auto end = end_of_heap() / kLargePage * kLargePage;
  if (end > begin) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace tablinum::app
