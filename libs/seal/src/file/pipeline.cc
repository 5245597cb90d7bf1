#include "file/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace tablinum::seal::file {
namespace {

/// The batches of a stream go round in a ring of slots: empty → (held →) ready → working → done → empty. A full batch is held till
/// the next read tells whether it was the last.
///
/// Every thread runs the same loop: it does the most urgent thing that nobody does yet (write, else transform, else read), so no thread
/// is tied to a stage, and a single one gets everything done. It waits only while others are at work, who will wake it.
class Pipeline {
 public:
  Pipeline(Source& source, const PipelineShape& shape, Transform transform, Consume consume, unsigned threads)
      : source_{source}, shape_{shape}, transform_{transform}, consume_{consume} {
    const std::size_t buffer = shape.in_place ? std::max(shape.in_bytes, shape.out_bytes) : shape.in_bytes + shape.out_bytes;
    const std::size_t wanted = threads == 1 ? 2 : 2 * std::size_t{threads} + 2;
    slots_.resize(std::clamp<std::size_t>(kPipelineBytesMax / buffer, 2, wanted));
    for (auto& slot : slots_) slot.memory = std::make_unique_for_overwrite<std::byte[]>(buffer);
  }

  /// Reads the first batch.  @return whether that was all, so that more threads would be of no use.
  bool begin() {
    std::unique_lock lock{mutex_};
    read(lock);
    return ended_;
  }

  /// Until the stream has ended, or failed.
  void work() {
    try {
      std::unique_lock lock{mutex_};
      while (!over_) {
        if (!step(lock)) idle(lock);
      }
    } catch (...) {  // no memory, in a sink that grows: an executor's threads must not see it
      const std::lock_guard lock{mutex_};
      thrown_ = std::current_exception();
      over_ = true;
      changed_.notify_all();
    }
  }

  Result<void> result() {
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(result_);
  }

 private:
  enum class Stage : std::uint8_t { empty, held, ready, working, done };
  struct Slot {
    std::unique_ptr<std::byte[]> memory;
    Stage stage = Stage::empty;
    bool last = false;
    std::size_t in_bytes = 0, out_bytes = 0;
    std::optional<Error> error;
  };

  Slot& slot(std::uint64_t batch) noexcept { return slots_[batch % slots_.size()]; }
  MutableBytes in_of(const Slot& slot) const noexcept { return {slot.memory.get(), shape_.in_bytes}; }
  MutableBytes out_of(const Slot& slot) const noexcept {
    return {slot.memory.get() + (shape_.in_place ? 0 : shape_.in_bytes), shape_.out_bytes};
  }

  bool step(std::unique_lock<std::mutex>& lock) {
    if (!writing_ && written_ < read_ && slot(written_).stage == Stage::done) return write(lock), true;
    if (transformed_ < read_ && slot(transformed_).stage == Stage::ready) return transform(lock), true;
    if (!reading_ && !ended_ && read_ - written_ < slots_.size()) return read(lock), true;
    return false;
  }

  void idle(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    changed_.wait(lock);
    --waiting_;
  }
  void changed() {
    if (waiting_ > 0) changed_.notify_all();
  }

  void read(std::unique_lock<std::mutex>& lock) {
    reading_ = true;
    Slot& into = slot(read_);
    lock.unlock();
    auto got = read_full(source_, in_of(into));
    lock.lock();
    reading_ = false;
    const bool holds_one = read_ > 0 && slot(read_ - 1).stage == Stage::held;
    if (!got) {
      into.error = std::move(got).error();
      if (holds_one) fill(slot(read_ - 1), false);
      into.stage = Stage::done;
      ended_ = true;
      ++read_;
    } else if (*got == 0 && holds_one) {
      fill(slot(read_ - 1), true);
      ended_ = true;
    } else {
      if (holds_one) fill(slot(read_ - 1), false);
      into.in_bytes = *got;
      ended_ = *got < shape_.in_bytes;
      into.stage = Stage::held;
      if (ended_) fill(into, true);
      ++read_;
    }
    changed();
  }

  void fill(Slot& slot, bool last) noexcept {
    slot.last = last;
    slot.stage = Stage::ready;
  }

  void transform(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t batch = transformed_++;
    Slot& work = slot(batch);
    work.stage = Stage::working;
    lock.unlock();
    auto made = transform_(batch, work.last, in_of(work).first(work.in_bytes), out_of(work));
    lock.lock();
    if (made)
      work.out_bytes = *made;
    else
      work.error = std::move(made).error();
    work.stage = Stage::done;
    changed();
  }

  void write(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    Slot& from = slot(written_);
    lock.unlock();
    auto consumed = consume(from);
    lock.lock();
    writing_ = false;
    if (!consumed || from.last) over_ = true;
    if (!consumed) result_ = std::move(consumed);
    from.stage = Stage::empty;
    from.last = false;
    ++written_;
    changed();
  }

  Result<void> consume(Slot& from) {
    if (from.error) return std::unexpected(std::move(*from.error));
    return consume_(out_of(from).first(from.out_bytes), from.in_bytes);
  }

  Source& source_;
  const PipelineShape shape_;
  const Transform transform_;
  const Consume consume_;
  std::vector<Slot> slots_;

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned waiting_ = 0;
  std::uint64_t read_ = 0, transformed_ = 0, written_ = 0;  // batches that have begun (read: ended) that stage
  bool reading_ = false, writing_ = false, ended_ = false, over_ = false;
  Result<void> result_;
  std::exception_ptr thrown_;
};

}  // namespace

PipelineShape pipeline_shape(std::size_t chunk_in, std::size_t chunk_out) noexcept {
  const std::size_t chunks = std::max<std::size_t>(1, kBatchBytes / std::max(chunk_in, chunk_out));
  return {chunks * chunk_in, chunks * chunk_out, chunks == 1};
}

Result<void> run_pipeline(Source& source, const PipelineShape& shape, Transform transform, Consume consume, Executor* executor) {
  const unsigned threads = executor == nullptr ? 1 : executor->threads();
  Pipeline pipeline{source, shape, transform, consume, threads};
  if (pipeline.begin() || threads == 1)
    pipeline.work();
  else
    executor->for_each(threads, [&](std::size_t) { pipeline.work(); });
  return pipeline.result();
}

}  // namespace tablinum::seal::file
