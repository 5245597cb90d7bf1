#pragma once
/// Reads a stream in batches, transforms the batches on several threads, writes them in order. All three overlap; memory is bounded.
#include <functional>

#include "file/layout.h"

namespace tablinum::seal::file {

struct PipelineShape {
  std::size_t in_bytes = 0;   ///< of a batch; only the last is shorter, and it is empty only if it is the first
  std::size_t out_bytes = 0;  ///< at most this much comes of it
  bool in_place = false;      ///< `out` starts where `in` does
};
/// Batches of whole chunks, about kBatchBytes long: so small that a batch stays in a core's cache from reading to writing.
PipelineShape pipeline_shape(std::size_t chunk_in, std::size_t chunk_out) noexcept;
inline constexpr std::size_t kBatchBytes = std::size_t{512} << 10;
inline constexpr std::size_t kPipelineBytesMax = std::size_t{32} << 20;

/// One batch: its number, whether it is the last, what was read, where to write. Called on any thread, several at a time.
using Transform = FunctionRef<Result<std::size_t>(std::uint64_t batch, bool last, ByteView in, MutableBytes out)>;
/// Called in order, one at a time.
using Consume = FunctionRef<Result<void>(ByteView out, std::size_t in_bytes)>;

/// @error the first in the order of the stream; everything before it was consumed.
Result<void> run_pipeline(Source& source, const PipelineShape& shape, Transform transform, Consume consume, Executor* executor);

}  // namespace tablinum::seal::file
