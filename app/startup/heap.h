#pragma once
/// How the program's heap is laid out, for commands that fill much memory.
#include <cstddef>

namespace tablinum::app {

/// Reserves the heap's next `bytes` on large pages, where the system has them: an import of 100,000 people touches 40,000 small ones, and
/// looks each of them up again and again. Takes address space at once, memory as it is used.
/// @note Before other threads allocate. Where it does not work, nothing is lost.
void put_heap_on_large_pages(std::size_t bytes) noexcept;

}  // namespace tablinum::app
