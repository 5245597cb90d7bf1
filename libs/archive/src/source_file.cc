#include "source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tablinum::archive {
namespace {

Error error_of(int number, const std::string& path) {
  const auto code = number == ENOENT || number == ENOTDIR ? Code::not_found
                    : number == EACCES || number == EPERM ? Code::denied
                                                          : Code::io;
  return {code, path + ": " + std::strerror(number)};
}

}  // namespace

Result<SourceFile> SourceFile::open(const std::string& path, tree::gedcom::Findings& findings) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(error_of(errno, path));
  struct stat status{};
  SourceFile file{descriptor, 0};
  if (fstat(descriptor, &status) != 0) return std::unexpected(error_of(errno, path));
  if (!S_ISREG(status.st_mode)) return fail(Code::invalid, path + " is no regular file");
  file.bytes_ = static_cast<std::uint64_t>(status.st_size);
  std::array<std::byte, 4> head{};
  const auto got = pread(descriptor, head.data(), head.size(), 0);
  if (got == static_cast<ssize_t>(head.size()) && tree::gedcom::looks_like_zip(head)) {
    TRY(zip, tree::gedcom::ZipReader::open_file(descriptor, findings));
    file.zip_.emplace(std::move(zip));
  }
  return file;
}

SourceFile::SourceFile(SourceFile&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, bytes_{other.bytes_}, zip_{std::move(other.zip_)} {}

SourceFile::~SourceFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t SourceFile::gedcom_bytes() const noexcept { return zip_ ? zip_->gedcom().bytes : bytes_; }

const std::vector<tree::gedcom::ZipEntry>& SourceFile::media() const noexcept {
  static const std::vector<tree::gedcom::ZipEntry> kNone;
  return zip_ ? zip_->media() : kNone;
}

Result<void> SourceFile::for_each_chunk(const tree::gedcom::TakeBytes& take) const {
  if (zip_) return zip_->read(zip_->gedcom(), take);
  Bytes buffer(kChunkBytes);
  for (off_t offset = 0;;) {
    const auto got = pread(descriptor_, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(error_of(errno, "reading the file"));
    if (got == 0) return {};
    CHECK_OK(take(ByteView{buffer}.first(static_cast<std::size_t>(got))));
    offset += got;
  }
}

}  // namespace tablinum::archive
