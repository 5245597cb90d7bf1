#include "tablinum/tree/gedcom/gedzip.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>

#include "gedcom/zip_library.h"
#include "gedcom/zip_paths.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kUnpackBytes = std::size_t{256} << 10;
constexpr std::uint32_t kUnixTypeMask = 0170000, kUnixLink = 0120000, kUnixTypeShift = 16;

struct DiscardZip {
  const ZipLibrary* zip = nullptr;
  void operator()(zip_t* archive) const noexcept { zip->discard(archive); }
};
struct CloseFile {
  const ZipLibrary* zip;
  void operator()(zip_file_t* file) const noexcept { zip->fclose(file); }
};
using Archive = std::unique_ptr<zip_t, DiscardZip>;

std::string words_of(const ZipLibrary& zip, zip_error_t& error) {
  std::string words = std::string{"zip: "} + zip.error_strerror(&error);
  zip.error_fini(&error);
  return words;
}

Code code_of(const ZipLibrary& zip, const zip_error_t& error) noexcept {
  switch (zip.error_code_zip(&error)) {
    case ZIP_ER_WRITE:
    case ZIP_ER_TMPOPEN:
    case ZIP_ER_RENAME:
    case ZIP_ER_OPEN:
    case ZIP_ER_SEEK: return zip.error_code_system(&error) == ENOSPC ? Code::no_space : Code::io;
    default: return Code::io;
  }
}

/// A name that stands for the file system's other end.
bool is_link(const ZipLibrary& zip, zip_t* archive, zip_uint64_t index) noexcept {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip.file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return false;
  return system == ZIP_OPSYS_UNIX && ((attributes >> kUnixTypeShift) & kUnixTypeMask) == kUnixLink;
}

}  // namespace

bool looks_like_zip(ByteView head) noexcept {
  return text_of(head).starts_with("PK\x03\x04") || text_of(head).starts_with("PK\x05\x06");
}

// ---------------------------------------------------------------- reading

struct ZipReader::State {
  explicit State(const ZipLibrary& library) : zip{library} {}

  const ZipLibrary& zip;
  Archive archive;
  ZipEntry gedcom;
  std::vector<ZipEntry> media;
  std::unordered_map<std::string, std::size_t> by_path, by_key;  // into media

  Result<void> take(zip_uint64_t index, Findings& findings, const ZipLimits& limits, std::uint64_t& total);
  bool place(ZipEntry entry);
};

/// @return false if the name collides with one that is there.
bool ZipReader::State::place(ZipEntry entry) {
  if (entry.path == kGedcomEntry) {
    if (!gedcom.path.empty()) return false;
    gedcom = std::move(entry);
    return true;
  }
  const auto key = path_key(entry.path);
  if (key == kGedcomEntry || !by_key.emplace(key, media.size()).second) return false;
  by_path.emplace(entry.path, media.size());
  media.push_back(std::move(entry));
  return true;
}

Result<void> ZipReader::State::take(zip_uint64_t index, Findings& findings, const ZipLimits& limits, std::uint64_t& total) {
  zip_stat_t stat;
  const char* const name = zip.get_name(archive.get(), index, ZIP_FL_ENC_GUESS);
  if (name == nullptr || zip.stat_index(archive.get(), index, 0, &stat) != 0)
    return fail(Code::corrupt, "zip: damaged directory");
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return fail(Code::unsupported, "zip: encrypted");
  }
  const std::string_view text{name};
  if (text.ends_with('/')) return {};  // a folder
  constexpr zip_uint64_t kSizes = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if ((stat.valid & kSizes) != kSizes) return fail(Code::corrupt, "zip: an entry without size");
  if (stat.size > limits.total_bytes_max - total) return fail(Code::too_large, "zip: over the limit unpacked");
  total += stat.size;
  const auto packed = std::max<std::uint64_t>(stat.comp_size, 1);
  const bool over_ratio =
      stat.size / packed > limits.ratio_max || (stat.size / packed == limits.ratio_max && stat.size % packed != 0);
  if (over_ratio && stat.size > kZipRatioFloorBytes) {
    return fail(Code::too_large, "zip: packed too well to be honest");
  }
  const auto path = is_link(zip, archive.get(), index) ? std::nullopt : normalized_path(text);
  if (!path || !place({*path, stat.size, index})) findings.add(FindingCode::zip_name_refused, 0, text);
  return {};
}

ZipReader::ZipReader(std::unique_ptr<State> state) : state_{std::move(state)} {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader& ZipReader::operator=(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

Result<ZipReader> ZipReader::open_state(std::unique_ptr<State> state, Findings& findings, const ZipLimits& limits) {
  const auto count = state->zip.get_num_entries(state->archive.get(), 0);
  if (count < 0 || static_cast<std::uint64_t>(count) > limits.entries_max) return fail(Code::limit, "zip: too many entries");
  std::uint64_t total = 0;
  for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(count); ++index) {
    CHECK_OK(state->take(index, findings, limits, total));
  }
  if (state->gedcom.path.empty()) return fail(Code::corrupt, "zip: no gedcom.ged in it");
  return ZipReader{std::move(state)};
}

Result<ZipReader> ZipReader::open(ByteView archive, Findings& findings, ZipLimits limits) {
  TRY(zip, load_zip_library());
  zip_error_t error;
  zip->error_init(&error);
  zip_source_t* const source = zip->source_buffer_create(archive.data(), archive.size(), 0, &error);
  if (source == nullptr) return fail(Code::corrupt, words_of(*zip, error));
  auto state = std::make_unique<State>(*zip);
  state->archive = Archive{zip->open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error), {zip}};
  if (!state->archive) {
    zip->source_free(source);
    return fail(Code::corrupt, words_of(*zip, error));
  }
  zip->error_fini(&error);
  return open_state(std::move(state), findings, limits);
}

Result<ZipReader> ZipReader::open_file(int descriptor, Findings& findings, ZipLimits limits) {
  TRY(zip, load_zip_library());
  const int own = dup(descriptor);
  if (own < 0) return fail(Code::io, "zip: no descriptor");
  auto state = std::make_unique<State>(*zip);
  int error = 0;
  state->archive = Archive{zip->fdopen(own, ZIP_CHECKCONS, &error), {zip}};  // takes `own` over where it succeeds
  if (!state->archive) {
    close(own);
    return fail(Code::corrupt, "zip: not an archive");
  }
  return open_state(std::move(state), findings, limits);
}

const ZipEntry& ZipReader::gedcom() const noexcept { return state_->gedcom; }
const std::vector<ZipEntry>& ZipReader::media() const noexcept { return state_->media; }

const ZipEntry* ZipReader::find(std::string_view file_payload) const {
  const auto path = local_path_of(file_payload);
  if (!path) return nullptr;
  if (const auto exact = state_->by_path.find(*path); exact != state_->by_path.end()) return &state_->media[exact->second];
  const auto folded = state_->by_key.find(path_key(*path));
  return folded == state_->by_key.end() ? nullptr : &state_->media[folded->second];
}

Result<void> ZipReader::read(const ZipEntry& entry, const TakeBytes& take) const {
  const auto& zip = state_->zip;
  const std::unique_ptr<zip_file_t, CloseFile> file{zip.fopen_index(state_->archive.get(), entry.index, 0), {&zip}};
  if (!file) return fail(Code::corrupt, "zip: cannot unpack " + entry.path);
  std::vector<std::byte> buffer(kUnpackBytes);
  std::uint64_t left = entry.bytes;
  for (;;) {
    const auto got = zip.fread(file.get(), buffer.data(), buffer.size());
    if (got < 0 || static_cast<std::uint64_t>(got) > left) return fail(Code::corrupt, "zip: damaged: " + entry.path);
    if (got == 0) break;
    left -= static_cast<std::uint64_t>(got);
    CHECK_OK(take(ByteView{buffer}.first(static_cast<std::size_t>(got))));
  }
  if (left != 0) return fail(Code::corrupt, "zip: shorter than it said: " + entry.path);
  return {};
}

// ---------------------------------------------------------------- writing

struct ZipWriter::State {
  explicit State(const ZipLibrary& library) : zip{library} {}

  const ZipLibrary& zip;
  Archive archive;
  std::unordered_set<std::string> keys;

  Result<void> add(std::string_view path, zip_source_t* source);
};

ZipWriter::ZipWriter(std::unique_ptr<State> state) : state_{std::move(state)} {}
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter& ZipWriter::operator=(ZipWriter&&) noexcept = default;
ZipWriter::~ZipWriter() = default;

Result<ZipWriter> ZipWriter::create(const std::string& path) {
  // libzip makes the file only when it is closed: too late to find the folder missing.
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
  if (access(folder.c_str(), W_OK) != 0) return fail(Code::io, "zip: cannot write in " + folder);
  TRY(zip, load_zip_library());
  auto state = std::make_unique<State>(*zip);
  int error = 0;
  state->archive = Archive{zip->open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error), {zip}};
  if (!state->archive) return fail(Code::io, "zip: cannot make " + path);
  return ZipWriter{std::move(state)};
}

/// Takes the source over.
Result<void> ZipWriter::State::add(std::string_view path, zip_source_t* source) {
  if (source == nullptr) return fail(Code::io, "zip: cannot read what to add");
  const auto refuse = [&](Code code, const char* why) {
    zip.source_free(source);
    return fail(code, std::string{"zip: "} + why);
  };
  if (normalized_path(path) != path) return refuse(Code::invalid, "not a plain relative path");
  if (keys.empty() && path != kGedcomEntry) return refuse(Code::invalid, "gedcom.ged comes first");
  if (!keys.insert(path_key(path)).second) return refuse(Code::exists, "such a path is in already");
  if (zip.file_add(archive.get(), std::string{path}.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
    return refuse(Code::invalid, zip.strerror(archive.get()));
  }
  return {};
}

Result<void> ZipWriter::add(std::string_view path, ByteView bytes) {
  return state_->add(path, state_->zip.source_buffer(state_->archive.get(), bytes.data(), bytes.size(), 0));
}

Result<void> ZipWriter::add_file(std::string_view path, const std::string& source) {
  if (access(source.c_str(), R_OK) != 0) return fail(Code::io, "zip: cannot read " + source);
  return state_->add(path, state_->zip.source_file(state_->archive.get(), source.c_str(), 0, -1));
}

Result<void> ZipWriter::finish() {
  if (state_->keys.empty()) return fail(Code::invalid, "zip: nothing was added");
  const auto& zip = state_->zip;
  zip_t* const archive = state_->archive.get();
  if (zip.close(archive) == 0) {
    (void)state_->archive.release();  // closed: no longer ours
    return {};
  }
  return fail(code_of(zip, *zip.get_error(archive)), std::string{"zip: "} + zip.strerror(archive));
}

}  // namespace tablinum::tree::gedcom
