#include "green/stacks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace tablinum::io::green {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kTrimStep = 64;
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102  // Linux 6.13
#endif

/// All slabs of the process, for the signal handler. A slot is written once its slab is whole and cleared before it goes.
struct SlabRecord {
  std::atomic<std::byte*> start = nullptr;
  std::atomic<std::size_t> stack_bytes = 0;
};
std::array<SlabRecord, kSlabsMax> slab_records;

constexpr std::size_t step_of(std::size_t stack_bytes) noexcept { return stack_bytes + kPage; }

bool record(std::byte* start, std::size_t stack_bytes) noexcept {
  for (SlabRecord& each : slab_records) {
    std::byte* none = nullptr;
    if (each.start.load(std::memory_order_relaxed) != nullptr) continue;
    each.stack_bytes.store(stack_bytes, std::memory_order_relaxed);
    if (each.start.compare_exchange_strong(none, start)) return true;
  }
  return false;
}

void forget(const std::byte* start) noexcept {
  for (SlabRecord& each : slab_records) {
    if (each.start.load(std::memory_order_relaxed) == start) each.start.store(nullptr);
  }
}

/// How many guard pages made with mprotect the system's limit of mappings leaves room for: each splits a mapping in two.
std::size_t split_guards_max() noexcept {
  std::array<char, 32> text{};
  const int file = ::open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
  const ssize_t got = file < 0 ? 0 : ::read(file, text.data(), text.size() - 1);
  if (file >= 0) ::close(file);
  const unsigned long count = got > 0 ? std::strtoul(text.data(), nullptr, 10) : 65'530;
  return count / 4;  // half of the limit for us, two mappings a stack
}

std::atomic<std::size_t> split_guards = 0;

/// A guard page that splits no mapping where the kernel can, else one that does.
bool guard(std::byte* page) noexcept {
  if (::madvise(page, kPage, MADV_GUARD_INSTALL) == 0) return true;
  static const std::size_t most = split_guards_max();
  if (split_guards.fetch_add(1) >= most) {
    split_guards.fetch_sub(1);
    return false;
  }
  return ::mprotect(page, kPage, PROT_NONE) == 0;
}

}  // namespace

Stacks::~Stacks() {
  for (std::byte* slab : slabs_) {
    forget(slab);
    ::munmap(slab, step_of(bytes_) * kStacksPerSlab);
  }
}

// All or nothing, so that a slab that is there has all its guards.
Result<void> Stacks::add_slab() {
  const std::size_t whole = step_of(bytes_) * kStacksPerSlab;
  void* memory = ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return fail(Code::limit, "no address space for another thousand stacks");
  auto* slab = static_cast<std::byte*>(memory);
  bool whole_slab = true;
  for (std::size_t i = 0; i < kStacksPerSlab && whole_slab; ++i) whole_slab = guard(slab + i * step_of(bytes_));
  if (!whole_slab || !record(slab, bytes_)) {
    ::munmap(slab, whole);
    return fail(Code::limit, "no room for more guard pages: raise vm.max_map_count (sysctl), or use Linux 6.13 or newer");
  }
  slabs_.push_back(slab);
  free_.reserve(slabs_.size() * kStacksPerSlab);
  for (std::size_t i = kStacksPerSlab; i-- > 0;) free_.push_back(slab + i * step_of(bytes_) + kPage);
  trimmed_ = free_.size();  // never touched yet
  return {};
}

Result<std::span<std::byte>> Stacks::take() {
  if (free_.empty()) CHECK_OK(add_slab());
  std::byte* stack = free_.back();
  free_.pop_back();
  trimmed_ = std::min(trimmed_, free_.size());
  return std::span{stack, bytes_};
}

void Stacks::give_back(std::span<std::byte> stack) noexcept { free_.push_back(stack.data()); }

bool Stacks::trim() noexcept {
  const std::size_t end = std::min(trimmed_ + kTrimStep, free_.size());
  for (; trimmed_ < end; ++trimmed_) ::madvise(free_[trimmed_], bytes_ - std::min(kKeptBytes, bytes_), MADV_DONTNEED);
  return trimmed_ < free_.size();
}

std::optional<std::span<std::byte>> find_overflow(const void* address) noexcept {
  const auto* at = static_cast<const std::byte*>(address);
  for (const SlabRecord& each : slab_records) {
    std::byte* start = each.start.load();
    const std::size_t bytes = each.stack_bytes.load(std::memory_order_relaxed);
    if (start == nullptr || at < start || at >= start + step_of(bytes) * kStacksPerSlab) continue;
    const auto offset = static_cast<std::size_t>(at - start);
    if (offset % step_of(bytes) >= kPage) return std::nullopt;
    return std::span{start + offset / step_of(bytes) * step_of(bytes) + kPage, bytes};
  }
  return std::nullopt;
}

}  // namespace tablinum::io::green
