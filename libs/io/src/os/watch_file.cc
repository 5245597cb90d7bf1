#include "tablinum/io/watch_file.h"

#include <sys/inotify.h>

#include <cstring>

#include "os/descriptor.h"

namespace tablinum::io {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB;
constexpr Size kNoticeBytes = 4'096;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool same(const std::optional<FileStat>& a, const std::optional<FileStat>& b) noexcept {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->bytes == b->bytes && a->modified == b->modified && a->mode == b->mode && a->type == b->type);
}

/// Whether one of the notices is of the file `name`.
bool names_file(ByteView notices, std::string_view name) {
  while (notices.size() >= sizeof(inotify_event)) {
    inotify_event event;
    std::memcpy(&event, notices.data(), sizeof event);
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
    const auto text = notices.subspan(sizeof event, std::min<Size>(event.len, notices.size() - sizeof event));
    const std::string_view padded{reinterpret_cast<const char*>(text.data()), text.size()};
    if (padded.substr(0, padded.find('\0')) == name) return true;
    notices = notices.subspan(sizeof event + text.size());
  }
  return false;
}

}  // namespace

FileWatch::FileWatch(FileWatch&& other) noexcept
    : io_{other.io_}, path_{std::move(other.path_)}, notices_{std::exchange(other.notices_, nullptr)}, seen_{other.seen_} {}

FileWatch::~FileWatch() {
  if (notices_ != nullptr) io_->detach(notices_);
}

// The directory is watched, not the file: a file that is replaced is another one.
Task<Result<FileWatch>> FileWatch::open(Io& io, std::string path) {
  FileWatch watch{io, std::move(path)};
  if (io.capabilities().real_kernel) {
    OwnedFd fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    const bool told = fd.get() >= 0 && ::inotify_add_watch(fd.get(), directory_of(watch.path_).c_str(), kEvents) >= 0;
    if (told) {
      CO_TRY(descriptor, io.attach(fd.release(), false));
      watch.notices_ = descriptor;
    }
  }
  CO_CHECK_OK(co_await watch.look());
  co_return watch;
}

Task<Result<bool>> FileWatch::look() {
  auto found = co_await stat(*io_, path_);
  if (!found && found.error().code == Code::cancelled) co_return std::unexpected(std::move(found).error());
  const auto now = found ? std::optional{*found} : std::nullopt;
  const bool changed = !same(now, seen_);
  seen_ = now;
  co_return changed;
}

Task<Result<bool>> FileWatch::wait_for_event() {
  const Instant limit = io_->now() + kWatchPoll;
  if (notices_ == nullptr) {
    CO_CHECK_OK(co_await sleep_until(*io_, limit));
    co_return false;
  }
  alignas(inotify_event) std::array<std::byte, kNoticeBytes> buffer;
  Op<Size> reading{*io_, Kind::read};
  reading.operation().descriptor = notices_;
  reading.operation().args.transfer = {buffer.data(), nullptr, buffer.size(), 0, false};
  const auto got = co_await std::move(reading).until(limit);
  if (!got && got.error().code == Code::timeout) co_return false;
  if (!got) co_return std::unexpected(got.error());
  co_return names_file(ByteView{buffer}.first(*got), std::string_view{path_}.substr(path_.rfind('/') + 1));
}

Task<Result<void>> FileWatch::changed() {
  for (;;) {
    CO_TRY(noticed, co_await wait_for_event());
    CO_TRY(looks_different, co_await look());
    if (noticed || looks_different) co_return {};
  }
}

}  // namespace tablinum::io
