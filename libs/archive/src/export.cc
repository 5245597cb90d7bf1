#include "tablinum/archive/export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "projection.h"
#include "source_file.h"
#include "tablinum/store/records.h"
#include "tablinum/store/staging.h"
#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/gedcom/writer.h"

namespace tablinum::archive {
namespace {

namespace gedcom = tree::gedcom;

inline constexpr std::size_t kImportsSearched = 10'000;

/// Identifiers by record id, packed: ids of a tree increase with n, so their order is that of the records.
class XrefTable {
 public:
  static Result<XrefTable> read(store::Session& session, std::int64_t tree_no) {
    XrefTable table;
    CHECK_OK(store::for_each_record(session, tree_no, 0, [&](const store::Record& record) -> Result<void> {
      table.ids_.push_back(record.id);
      table.text_ += record.xref;
      table.ends_.push_back(table.text_.size());
      return {};
    }));
    return table;
  }
  std::string_view xref_of(const RecordId& id) const {
    const auto at = std::ranges::lower_bound(ids_, id);
    if (at == ids_.end() || *at != id) return {};
    const auto i = static_cast<std::size_t>(at - ids_.begin());
    const auto begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view{text_}.substr(begin, ends_[i] - begin);
  }
  const std::vector<RecordId>& ids() const noexcept { return ids_; }

 private:
  std::vector<RecordId> ids_;
  std::vector<std::size_t> ends_;
  std::string text_;
};

/// The import that filled the tree, for its header and the files that came along.
Result<std::optional<store::ImportJob>> import_of(store::Session& session, std::int64_t tree_no) {
  TRY(imports, store::list_imports(session, kImportsSearched));
  for (auto& import : imports) {
    if (import.tree_no == tree_no && import.state == store::ImportState::published) return std::optional{std::move(import)};
  }
  return std::optional<store::ImportJob>{};
}

/// Writes a whole tree as GEDCOM text.
Result<std::uint64_t> write_gedcom(store::Session& session, std::int64_t tree_no, const XrefTable& xrefs,
                                   const gedcom::TakeText& take, const ExportProgress& progress) {
  TRY(import, import_of(session, tree_no));
  tree::Structure head{tree::Dialect::gedcom70};
  if (import && !import->header.empty()) {
    TRY(decoded, tree::decode(import->header));
    head = std::move(decoded);
  } else if (!xrefs.ids().empty()) {
    // A file that had no header: the records say which version they are of.
    TRY(first, store::find_record(session, xrefs.ids().front()));
    TRY(decoded, tree::decode(first.structure));
    head = tree::Structure{decoded.dialect()};
  }
  gedcom::Writer writer{head.dialect(), [&](const RecordId& id) { return xrefs.xref_of(id); }, take};
  CHECK_OK(writer.header(head));
  std::uint64_t written = 0;
  CHECK_OK(store::for_each_record(session, tree_no, 0, [&](const store::Record& record) -> Result<void> {
    TRY(structure, tree::decode(record.structure));
    if (structure.dialect() != head.dialect())
      return fail(Code::unsupported, "the tree has records of both GEDCOM 5.5.1 and 7.0");
    CHECK_OK(writer.record(record.xref, structure));
    if (++written % 1024 == 0 && progress && !progress(written, xrefs.ids().size()))
      return fail(Code::cancelled, "the export was stopped");
    return {};
  }));
  CHECK_OK(writer.finish());
  return written;
}

/// A file that appears under its name when finish() succeeds, and disappears otherwise.
class NewFile {
 public:
  static Result<NewFile> create(std::string path) {
    // Under a name that nobody can foresee: in a folder like /tmp a link could lie under any other.
    std::string temporary = path + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return failed(path);
    return NewFile{std::move(path), std::move(temporary), descriptor};
  }
  NewFile(NewFile&& other) noexcept
      : path_{std::move(other.path_)},
        temporary_{std::move(other.temporary_)},
        descriptor_{std::exchange(other.descriptor_, -1)},
        bytes_{other.bytes_} {}
  ~NewFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
  }
  const std::string& temporary() const noexcept { return temporary_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

  Result<void> write(std::string_view text) {
    bytes_ += text.size();
    while (!text.empty()) {
      const auto put = ::write(descriptor_, text.data(), text.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed(path_);
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }
  Result<void> finish() {
    if (fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) return failed(path_);
    ::close(std::exchange(descriptor_, -1));
    return {};
  }

 private:
  NewFile(std::string path, std::string temporary, int descriptor)
      : path_{std::move(path)}, temporary_{std::move(temporary)}, descriptor_{descriptor} {}

  static std::unexpected<Error> failed(const std::string& path) {
    const int number = errno;
    const auto code = number == ENOENT || number == ENOTDIR                     ? Code::not_found
                      : number == EACCES || number == EPERM || number == EROFS  ? Code::denied
                      : number == ENOSPC || number == EDQUOT || number == EFBIG ? Code::no_space
                      : number == EISDIR                                        ? Code::invalid
                                                                                : Code::io;
    return fail(code, path + ": " + std::strerror(number));
  }

  std::string path_, temporary_;
  int descriptor_;
  std::uint64_t bytes_ = 0;
};

/// The media that records name, with their blobs: (path in the archive, blob).
struct MediaList {
  std::vector<std::pair<std::string, Digest>> files;
  std::set<std::string> named;
  std::uint64_t missing = 0;
};
Result<MediaList> media_of(store::Session& session, std::int64_t tree_no) {
  MediaList list;
  CHECK_OK(store::for_each_record(session, tree_no, 0, [&](const store::Record& record) -> Result<void> {
    if (record.kind != store::RecordKind::media) return {};
    TRY(structure, tree::decode(record.structure));
    tree::model::MediaView media;
    tree::model::read_media(structure, media);
    TRY(identifiers, store::identifiers_of(session, record.rid));
    for (const auto& file : media.files) {
      const auto path = gedcom::local_path_of(file.path);
      if (!path || !list.named.insert(*path).second) continue;
      const auto blob = std::ranges::find_if(identifiers, [&](const auto& identifier) {
        return identifier.scheme == kBlobScheme && identifier.value.size() > 65 &&
               std::string_view{identifier.value}.substr(65) == file.path;
      });
      if (blob == identifiers.end()) {
        ++list.missing;
        continue;
      }
      TRY(bytes, from_hex(std::string_view{blob->value}.substr(0, 64)));
      TRY(digest, digest_from_bytes(bytes));
      list.files.emplace_back(*path, digest);
    }
    return {};
  }));
  return list;
}

/// Files of the archive that came in which no record names are packed again too; the import keeps them all as blobs.
Result<std::uint64_t> add_unnamed(Archive& archive, store::Session& session, std::int64_t tree_no, gedcom::ZipWriter& zip,
                                  const std::set<std::string>& named) {
  TRY(import, import_of(session, tree_no));
  if (!import) return std::uint64_t{0};
  gedcom::Findings unheard;
  auto source = SourceFile::open(archive.blobs().path(import->source), unheard);
  if (!source || !source->is_zip()) return std::uint64_t{0};
  std::uint64_t added = 0;
  for (const auto& entry : source->media()) {
    if (named.contains(entry.path)) continue;
    Sha256 hash;
    CHECK_OK(source->read(entry, [&](ByteView chunk) { return (void)hash.update(chunk), Result<void>{}; }));
    auto put = zip.add_file(entry.path, archive.blobs().path(hash.finish()));
    if (!put && put.error().code == Code::exists) continue;
    CHECK_OK(std::move(put));
    ++added;
  }
  return added;
}

Result<ExportReport> pack(Archive& archive, store::Session& session, std::int64_t tree_no, const std::string& gedcom_path,
                          const std::string& path, ExportReport report) {
  TRY(zip, gedcom::ZipWriter::create(path));
  CHECK_OK(zip.add_file(gedcom::kGedcomEntry, gedcom_path));
  TRY(media, media_of(session, tree_no));
  for (const auto& [name, digest] : media.files) CHECK_OK(zip.add_file(name, archive.blobs().path(digest)));
  TRY(unnamed, add_unnamed(archive, session, tree_no, zip, media.named));
  CHECK_OK(zip.finish());
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) report.bytes = static_cast<std::uint64_t>(status.st_size);
  report.media = media.files.size() + unnamed;
  report.media_missing = media.missing;
  return report;
}

}  // namespace

Result<ExportReport> export_tree(Archive& archive, std::int64_t tree_no, ExportFormat format, const std::string& path,
                                 const ExportProgress& progress) {
  TRY(session, archive.database().reader());
  CHECK_OK(store::find_tree(session, tree_no));
  TRY(xrefs, XrefTable::read(session, tree_no));
  const bool zip = format == ExportFormat::gedzip;
  TRY(file, NewFile::create(zip ? path + ".gedcom" : path));
  TRY(records, write_gedcom(session, tree_no, xrefs, [&](std::string_view text) { return file.write(text); }, progress));
  ExportReport report{.path = path, .bytes = file.bytes(), .records = records};
  if (!zip) {
    CHECK_OK(file.finish());
    return report;
  }
  TRY(packed, pack(archive, session, tree_no, file.temporary(), path, report));
  return packed;
}

Result<bool> verify_round_trip(Archive& archive, std::int64_t tree_no, const ExportProgress& progress) {
  TRY(session, archive.database().reader());
  TRY(xrefs, XrefTable::read(session, tree_no));
  // Through a file that never gets its name: the text of a large tree has no place in memory.
  TRY(file, NewFile::create(archive.database().path("tmp") + "/verify"));
  CHECK_OK(write_gedcom(session, tree_no, xrefs, [&](std::string_view part) { return file.write(part); }, progress));
  gedcom::Findings findings;
  TRY(source, SourceFile::open(file.temporary(), findings));
  const auto chunks = [&](const gedcom::TakeBytes& take) { return source.for_each_chunk(take); };
  TRY(survey, gedcom::survey_file(chunks));
  if (survey.records() != xrefs.ids().size()) return false;
  bool equal = true;
  Bytes encoded;
  CHECK_OK(gedcom::read_file(
      chunks, survey, xrefs.ids(),
      [&](gedcom::Record& record) -> Result<void> {
        if (record.kind != gedcom::Record::Kind::record) return {};
        TRY(stored, store::find_record(session, record.id));
        encoded.clear();
        tree::encode(record.structure, encoded);
        equal = equal && encoded == stored.structure && record.xref == stored.xref;
        return {};
      },
      findings));
  return equal;
}

}  // namespace tablinum::archive
