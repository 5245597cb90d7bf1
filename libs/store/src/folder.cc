#include "folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tablinum::store {
namespace {

constexpr std::size_t kHolderBytesMax = 4096;

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder, std::string_view holder) {
  CHECK_OK(make_folder(folder));
  if (chmod(folder.c_str(), 0700) != 0) return std::unexpected(file_error("closing to others", folder));
  const std::string path = folder + "/lock";
  Descriptor file{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file.valid()) return std::unexpected(file_error("opening", path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(file_error("locking", path));
    TRY(text, read_file(path, kHolderBytesMax));
    return fail(Code::busy, std::string{text_of(text)});
  }
  if (ftruncate(file.get(), 0) != 0) return std::unexpected(file_error("writing", path));
  CHECK_OK(write_fully(file, bytes_of(holder)));
  return FolderLock{std::move(file)};
}

}  // namespace tablinum::store
