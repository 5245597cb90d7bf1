#include "tablinum/store/blobs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>

#include "files.h"
#include "tablinum/base/id.h"
#include "tablinum/store/derived_files.h"

namespace tablinum::store {
namespace {

constexpr std::size_t kPrefixLetters = 2;
constexpr std::size_t kNameLetters = 64;

std::string random_name() {
  std::array<std::byte, 16> bytes;
  fill_random(bytes);
  return to_hex(bytes);
}

std::optional<Digest> name_from(const std::string& folder, const std::string& file) {
  const std::string hex = folder + file;
  if (folder.size() != kPrefixLetters || hex.size() != kNameLetters) return std::nullopt;
  const auto bytes = from_hex(hex);
  if (!bytes || to_hex(*bytes) != hex) return std::nullopt;  // lower case only: one name for one blob
  return *digest_from_bytes(*bytes);
}

std::string derived_folder(const std::string& data_folder, const Digest& name) {
  const std::string hex = to_hex(name);
  return data_folder + "/cache/" + hex.substr(0, kPrefixLetters) + "/" + hex.substr(kPrefixLetters);
}

/// DATA, of DATA/blobs/ab/cdef….
std::string data_folder_of(const Blobs& blobs, const Digest& name) {
  std::string path = blobs.path(name);
  path.resize(path.size() - kNameLetters - std::string_view{"/blobs//"}.size());
  return path;
}

/// Between looking whether a blob is there (and young) and acting on it. One for all: the folder belongs to this process alone.
std::mutex& naming() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct BlobWriter::Impl {
  std::string folder, temporary;
  Descriptor file;
  Sha256 hash;
  std::uint64_t size = 0;
  bool finished = false;
};

BlobWriter::BlobWriter(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() {
  if (impl_ && !impl_->finished) unlink(impl_->temporary.c_str());
}

Result<void> BlobWriter::write(ByteView bytes) {
  if (bytes.size() > kBlobBytesMax - impl_->size) return fail(Code::too_large, "a blob");
  CHECK_OK(write_fully(impl_->file, bytes));
  impl_->hash.update(bytes);
  impl_->size += bytes.size();
  return {};
}

std::uint64_t BlobWriter::size() const noexcept { return impl_->size; }

Result<Digest> BlobWriter::finish() {
  const Digest name = Sha256{impl_->hash}.finish();
  const Blobs blobs{impl_->folder};
  const std::string target = blobs.path(name);
  CHECK_OK(sync_file(impl_->file));
  const std::lock_guard lock{naming()};
  if (blobs.contains(name)) {
    if (utimensat(AT_FDCWD, target.c_str(), nullptr, 0) != 0) return std::unexpected(file_error("touching", target));
    return name;
  }
  const std::string parent = target.substr(0, target.find_last_of('/'));
  const bool new_parent = !exists(parent);
  CHECK_OK(make_folder(parent));
  if (new_parent) CHECK_OK(sync_folder(impl_->folder + "/blobs"));
  CHECK_OK(rename_durably(impl_->temporary, target));
  impl_->finished = true;
  return name;
}

Blobs::Blobs(std::string data_folder) : folder_{std::move(data_folder)} {}

Result<BlobWriter> Blobs::create() {
  CHECK_OK(make_folder(folder_ + "/tmp"));
  CHECK_OK(make_folder(folder_ + "/blobs"));
  auto impl = std::make_unique<BlobWriter::Impl>();
  impl->folder = folder_;
  impl->temporary = folder_ + "/tmp/" + random_name();
  auto file = create_file(impl->temporary);
  if (!file) return std::unexpected(file.error());
  impl->file = std::move(*file);
  return BlobWriter{std::move(impl)};
}

Result<Digest> Blobs::put(ByteView bytes) {
  TRY(writer, create());
  CHECK_OK(writer.write(bytes));
  return writer.finish();
}

Result<Digest> Blobs::put_file(const std::string& path) {
  TRY(writer, create());
  CHECK_OK(for_each_piece(path, [&](ByteView bytes) { return writer.write(bytes); }));
  return writer.finish();
}

std::string Blobs::path(const Digest& name) const {
  const std::string hex = to_hex(name);
  return folder_ + "/blobs/" + hex.substr(0, kPrefixLetters) + "/" + hex.substr(kPrefixLetters);
}

bool Blobs::contains(const Digest& name) const noexcept { return exists(path(name)); }
Result<std::uint64_t> Blobs::size(const Digest& name) const { return file_size(path(name)); }

Result<Bytes> Blobs::read(const Digest& name, std::size_t bytes_max) const {
  TRY(bytes, read_file(path(name), bytes_max));
  if (sha256(bytes) != name) return fail(Code::corrupt, "the blob " + to_hex(name) + " is damaged");
  return std::move(bytes);
}

Result<Bytes> Blobs::read_range(const Digest& name, std::uint64_t offset, std::size_t count) const {
  TRY(file, open_for_reading(path(name)));
  Bytes bytes(count);
  TRY(got, read_at(file, offset, bytes));
  bytes.resize(got);
  return bytes;
}

Result<void> Blobs::verify(const Digest& name) const {
  TRY(digest, digest_of_file(path(name)));
  if (digest != name) return fail(Code::corrupt, "the blob " + to_hex(name) + " is damaged");
  return {};
}

Result<void> Blobs::remove(const Digest& name) {
  const std::string target = path(name);
  if (unlink(target.c_str()) != 0 && errno != ENOENT) return std::unexpected(file_error("removing", target));
  return remove_all(derived_folder(folder_, name));
}

std::string derived_path(const Blobs& blobs, const Digest& blob, std::string_view what) {
  return derived_folder(data_folder_of(blobs, blob), blob) + "/" + std::string{what};
}

Result<void> put_derived(const Blobs& blobs, const Digest& blob, std::string_view what, ByteView bytes) {
  const std::string folder = data_folder_of(blobs, blob);
  CHECK_OK(make_folder(folder + "/tmp"));
  const std::string temporary = folder + "/tmp/" + random_name();
  const auto put = [&]() -> Result<void> {
    {
      TRY(file, create_file(temporary));
      CHECK_OK(write_fully(file, bytes));
    }
    // A blob that is removed meanwhile must not leave behind what was made from it.
    const std::lock_guard lock{naming()};
    if (!blobs.contains(blob)) return fail(Code::not_found, "the blob " + to_hex(blob));
    CHECK_OK(make_folder(derived_folder(folder, blob)));
    const std::string target = derived_path(blobs, blob, what);
    if (std::rename(temporary.c_str(), target.c_str()) != 0) return std::unexpected(file_error("naming", target));
    return {};
  };
  auto done = put();
  if (!done) unlink(temporary.c_str());
  return done;
}

Result<bool> Blobs::remove_if_unused(const Digest& name, Duration unused_for) {
  const std::string target = path(name);
  const std::lock_guard lock{naming()};
  struct stat status{};
  if (stat(target.c_str(), &status) != 0) return errno == ENOENT ? Result<bool>{false} : std::unexpected(file_error("looking at", target));
  if (wall_now().seconds() - status.st_mtim.tv_sec < unused_for.milliseconds() / 1000) return false;
  if (unlink(target.c_str()) != 0) return std::unexpected(file_error("removing", target));
  CHECK_OK(remove_all(derived_folder(folder_, name)));
  return true;
}

Result<void> Blobs::for_each(const std::function<Result<void>(const Digest&, std::uint64_t)>& visit) const {
  TRY(folders, list_folder(folder_ + "/blobs"));
  for (const auto& prefix : folders) {
    TRY(files, list_folder(folder_ + "/blobs/" + prefix));
    for (const auto& file : files) {
      const auto name = name_from(prefix, file);
      if (!name) continue;
      TRY(bytes, size(*name));
      CHECK_OK(visit(*name, bytes));
    }
  }
  return {};
}

}  // namespace tablinum::store
