#include <array>
#include <cstdlib>

#include "tablinum/io/task.h"

namespace tablinum::io::detail {
namespace {

void* allocate(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

#ifndef TABLINUM_IO_PLAIN_FRAMES
constexpr std::size_t kStepBytes = 16;
constexpr std::size_t kClasses = kPooledFrameBytesMax / kStepBytes;
/// What a thread keeps of all classes together.
constexpr std::size_t kPooledBytesMax = std::size_t{16} << 20;

struct FreeFrame {
  FreeFrame* next;
};

struct SizeClass {
  FreeFrame* first = nullptr;
  std::size_t count = 0;
};

/// One a thread. A frame freed on another thread than it was allocated on simply joins that thread's list.
struct FrameCache {
  std::array<SizeClass, kClasses> classes{};
  std::size_t bytes = 0;
  bool closed = false;

  ~FrameCache() {
    closed = true;
    for (SizeClass& each : classes) {
      while (FreeFrame* frame = each.first) {
        each.first = frame->next;
        std::free(frame);
      }
    }
  }
};

constinit thread_local FrameCache frame_cache;

constexpr std::size_t class_of(std::size_t bytes) noexcept { return (bytes - 1) / kStepBytes; }
constexpr std::size_t bytes_of_class(std::size_t bytes) noexcept { return (class_of(bytes) + 1) * kStepBytes; }
#endif

}  // namespace

#ifdef TABLINUM_IO_PLAIN_FRAMES
void* allocate_frame(std::size_t bytes) { return allocate(bytes); }
void free_frame(void* frame, std::size_t) noexcept { std::free(frame); }
std::size_t free_frames(std::size_t) noexcept { return 0; }
#else
void* allocate_frame(std::size_t bytes) {
  if (bytes > kPooledFrameBytesMax) return allocate(bytes);
  SizeClass& pool = frame_cache.classes[class_of(bytes)];
  FreeFrame* frame = pool.first;
  if (frame == nullptr) return allocate(bytes_of_class(bytes));
  pool.first = frame->next;
  --pool.count;
  frame_cache.bytes -= bytes_of_class(bytes);
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  FrameCache& cache = frame_cache;
  const bool kept = bytes <= kPooledFrameBytesMax && !cache.closed && cache.classes[class_of(bytes)].count < kPooledFramesPerClassMax &&
                    cache.bytes + bytes_of_class(bytes) <= kPooledBytesMax;
  if (!kept) {
    std::free(frame);
    return;
  }
  cache.bytes += bytes_of_class(bytes);
  SizeClass& pool = cache.classes[class_of(bytes)];
  pool.first = new (frame) FreeFrame{pool.first};
  ++pool.count;
}

std::size_t free_frames(std::size_t bytes) noexcept { return frame_cache.classes[class_of(bytes)].count; }
#endif

}  // namespace tablinum::io::detail
