#include "tablinum/archive/export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "projection.h"
#include "source_file.h"
#include "tablinum/store/records.h"
#include "tablinum/store/staging.h"
#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/gedcom/writer.h"
#include "tablinum/tree/privacy/tree_redaction.h"

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

/// The header that came with the tree; else an empty one of the records' dialect.
Result<tree::Structure> header_of(store::Session& session, std::int64_t tree_no, const XrefTable& xrefs) {
  TRY(import, import_of(session, tree_no));
  if (import && !import->header.empty()) return tree::decode(import->header);
  if (xrefs.ids().empty()) return tree::Structure{tree::Dialect::gedcom70};
  TRY(first, store::find_record(session, xrefs.ids().front()));
  TRY(decoded, tree::decode(first.structure));
  return tree::Structure{decoded.dialect()};
}

using OnRecord = std::function<Result<void>(const store::Record& record, tree::Structure structure)>;

/// Every record of the tree in order, as an export may see it.
class Records {
 public:
  Records(store::Session& session, std::int64_t tree_no, const ExportProgress& progress, std::uint64_t total, unsigned passes)
      : session_{session}, tree_no_{tree_no}, progress_{progress}, total_{total * passes} {}

  Result<void> for_each(const OnRecord& take) {
    return store::for_each_record(session_, tree_no_, 0, [&](const store::Record& record) -> Result<void> {
      if (++done_ % 1024 == 0 && progress_ && !progress_(done_, total_)) return fail(Code::cancelled, "the export was stopped");
      TRY(structure, tree::decode(record.structure));
      if (redaction_ == nullptr) return take(record, std::move(structure));
      if (!redaction_->keeps(record.id)) return {};
      return take(record, redaction_->redacted(record.id, structure));
    });
  }
  /// From now on without what concerns the living.
  void redact(const tree::privacy::TreeRedaction* redaction) { redaction_ = redaction; }

 private:
  store::Session& session_;
  std::int64_t tree_no_;
  const ExportProgress& progress_;
  const tree::privacy::TreeRedaction* redaction_ = nullptr;
  std::uint64_t done_ = 0, total_;
};

/// Writes a whole tree as GEDCOM text, in the dialect of its records.
Result<std::uint64_t> write_gedcom(Records& records, const tree::Structure& head, const gedcom::XrefOf& xref_of,
                                   const gedcom::TakeText& take) {
  gedcom::Writer writer{head.dialect(), xref_of, take};
  CHECK_OK(writer.header(head));
  std::uint64_t written = 0;
  CHECK_OK(records.for_each([&](const store::Record& record, const tree::Structure& structure) -> Result<void> {
    if (structure.dialect() != head.dialect())
      return fail(Code::unsupported, "the tree has records of both GEDCOM 5.5.1 and 7.0");
    ++written;
    return writer.record(xref_of(record.id), structure);
  }));
  CHECK_OK(writer.finish());
  return written;
}

/// A pipe or a device: written straight into. To put a file in its place would take /dev/null away from everybody.
bool is_device(const std::string& path) noexcept {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/// Where a link leads, so that the link stays.
std::string behind_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real{realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : path;
}

/// A file that appears under its name when finish() succeeds, and disappears otherwise.
class NewFile {
 public:
  static Result<NewFile> create(std::string path) {
    if (is_device(path)) {
      const int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
      if (device < 0) return failed(path);
      return NewFile{std::move(path), {}, device};
    }
    path = behind_links(path);
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
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
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
  /// All that was written to another file.
  Result<void> append(const NewFile& other) {
    std::string buffer(std::size_t{1} << 16, '\0');
    for (off_t at = 0;;) {
      const auto got = ::pread(other.descriptor_, buffer.data(), buffer.size(), at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed(other.path_);
      if (got == 0) return {};
      CHECK_OK(write(std::string_view{buffer}.substr(0, static_cast<std::size_t>(got))));
      at += got;
    }
  }
  Result<void> finish() {
    if (!temporary_.empty() && (fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0)) return failed(path_);
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
using IsKept = std::function<bool(const RecordId& id)>;
Result<MediaList> media_of(store::Session& session, std::int64_t tree_no, const IsKept& is_kept) {
  MediaList list;
  CHECK_OK(store::for_each_record(session, tree_no, 0, [&](const store::Record& record) -> Result<void> {
    if (record.kind != store::RecordKind::media || !is_kept(record.id)) return {};
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
                          const std::string& path, ExportReport report, const IsKept& is_kept, bool with_unnamed) {
  TRY(zip, gedcom::ZipWriter::create(path));
  CHECK_OK(zip.add_file(gedcom::kGedcomEntry, gedcom_path));
  TRY(media, media_of(session, tree_no, is_kept));
  for (const auto& [name, digest] : media.files) CHECK_OK(zip.add_file(name, archive.blobs().path(digest)));
  std::uint64_t unnamed = 0;
  if (with_unnamed) {
    TRY(added, add_unnamed(archive, session, tree_no, zip, media.named));
    unnamed = added;
  }
  CHECK_OK(zip.finish());
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) report.bytes = static_cast<std::uint64_t>(status.st_size);
  report.media = media.files.size() + unnamed;
  report.media_missing = media.missing;
  return report;
}

}  // namespace

namespace {

/// Who is hidden: three passes, since what may be told of a record depends on others.
Result<std::uint64_t> find_hidden(Archive& archive, store::Session& session, const store::TreeInfo& tree, Records& records,
                                  tree::privacy::TreeRedaction& redaction) {
  TRY(graph, archive.graph(session, tree));
  CHECK_OK(records.for_each([&](const store::Record& record, const tree::Structure& structure) -> Result<void> {
    const auto n = static_cast<std::size_t>(n_of(record.rid));
    const bool living = n >= graph->living.size() || graph->living[n];
    redaction.look_at(record.id, record.xref, structure, living);
    return {};
  }));
  CHECK_OK(records.for_each([&](const store::Record& record, const tree::Structure& structure) -> Result<void> {
    redaction.follow(record.id, structure);
    return {};
  }));
  redaction.prepare();
  return redaction.hidden_count();
}

void count_note(ExportReport& report, tree::convert::NoteCode code, std::uint64_t line, std::string_view xref, std::string_view what) {
  ++report.conversion[static_cast<std::size_t>(code)];
  if (report.notes.size() < kConversionNotesMax) report.notes.push_back({code, line, std::string{xref}, std::string{what}});
}

/// The records go into a file of their own, since the header comes last: it names the extension tags that were used.
Result<std::uint64_t> write_converted(Records& records, const tree::Structure& head, const gedcom::XrefOf& xref_of, tree::Dialect to,
                                      NewFile& file, const std::string& body_path, ExportReport& report) {
  std::uint64_t lines = 0, written = 0;
  tree::convert::Conversion conversion{to, [&](tree::convert::NoteCode code, std::string_view xref, std::string_view what) {
                                         count_note(report, code, xref.empty() ? 1 : lines + 1, xref, what);
                                       }};
  conversion.look_at_header(head);
  CHECK_OK(records.for_each([&](const store::Record& record, const tree::Structure& structure) -> Result<void> {
    conversion.look_at(record.id, xref_of(record.id), structure);
    return {};
  }));
  conversion.prepare();
  TRY(body, NewFile::create(body_path));
  const gedcom::XrefOf converted_xref = [&](const RecordId& id) { return conversion.xref_of(id); };
  std::string text;
  gedcom::Writer writer{to, converted_xref, [&](std::string_view part) -> Result<void> { return text += part, Result<void>{}; }};
  const auto take = [&](std::string_view xref, const tree::Structure& record) -> Result<void> {
    CHECK_OK(writer.record(xref, record));
    CHECK_OK(writer.flush());
    lines += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    CHECK_OK(body.write(text));
    text.clear();
    return ++written, Result<void>{};
  };
  CHECK_OK(records.for_each([&](const store::Record& record, const tree::Structure& structure) -> Result<void> {
    return conversion.convert(record.id, structure, take);
  }));
  CHECK_OK(conversion.finish(take));
  gedcom::Writer head_writer{to, converted_xref, [&](std::string_view part) { return text += part, Result<void>{}; }};
  CHECK_OK(head_writer.header(conversion.header()));
  CHECK_OK(head_writer.flush());
  const auto head_lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  for (auto& note : report.notes) note.line += note.xref.empty() ? 0 : head_lines;
  CHECK_OK(file.write(text));
  CHECK_OK(file.append(body));
  CHECK_OK(file.write("0 TRLR\n"));
  return written;
}

}  // namespace

std::string_view to_string(ExportVersion version) noexcept {
  switch (version) {
    case ExportVersion::original: return "original";
    case ExportVersion::gedcom551: return "5.5.1";
    case ExportVersion::gedcom70: return "7.0";
  }
  return "original";
}

std::optional<ExportVersion> export_version(std::string_view name) noexcept {
  for (const auto version : {ExportVersion::original, ExportVersion::gedcom551, ExportVersion::gedcom70}) {
    if (to_string(version) == name) return version;
  }
  return std::nullopt;
}

Result<ExportReport> export_tree(Archive& archive, std::int64_t tree_no, const ExportOptions& options, const std::string& path,
                                 const ExportProgress& progress) {
  TRY(session, archive.database().reader());
  TRY(tree, store::find_tree(session, tree_no));
  TRY(xrefs, XrefTable::read(session, tree_no));
  const bool converts = options.version != ExportVersion::original;
  Records records{session, tree_no, progress, xrefs.ids().size(), 1U + (converts ? 1 : 0) + (options.redact_living ? 2 : 0)};
  TRY(head, header_of(session, tree_no, xrefs));
  ExportReport report{.path = path};
  tree::privacy::TreeRedaction redaction;
  if (options.redact_living) {
    TRY(hidden, find_hidden(archive, session, tree, records, redaction));
    report.hidden = hidden;
    head = tree::privacy::TreeRedaction::redacted_header(head);
    records.redact(&redaction);
  }
  const gedcom::XrefOf xref_of = [&](const RecordId& id) { return options.redact_living ? redaction.xref_of(id) : xrefs.xref_of(id); };
  if (options.media && is_device(path)) return fail(Code::invalid, path + " is no file, and a GEDZIP needs one");
  TRY(file, NewFile::create(options.media ? path + ".gedcom" : path));
  const auto to = options.version == ExportVersion::gedcom551 ? tree::Dialect::gedcom551 : tree::Dialect::gedcom70;
  auto written = converts ? write_converted(records, head, xref_of, to, file, path + ".records", report)
                          : write_gedcom(records, head, xref_of, [&](std::string_view text) { return file.write(text); });
  if (!written) return std::unexpected(std::move(written).error());
  report.records = *written;
  report.bytes = file.bytes();
  if (!options.media) {
    CHECK_OK(file.finish());
    return report;
  }
  const auto is_kept = [&](const RecordId& id) { return !options.redact_living || redaction.keeps(id); };
  TRY(packed, pack(archive, session, tree_no, file.temporary(), path, std::move(report), is_kept, !options.redact_living));
  return packed;
}

Result<bool> verify_round_trip(Archive& archive, std::int64_t tree_no, const ExportProgress& progress) {
  TRY(session, archive.database().reader());
  TRY(xrefs, XrefTable::read(session, tree_no));
  // Through a file that never gets its name: the text of a large tree has no place in memory.
  TRY(file, NewFile::create(archive.database().path("tmp") + "/verify"));
  TRY(head, header_of(session, tree_no, xrefs));
  Records records{session, tree_no, progress, xrefs.ids().size(), 1};
  CHECK_OK(write_gedcom(records, head, [&](const RecordId& id) { return xrefs.xref_of(id); },
                        [&](std::string_view part) { return file.write(part); }));
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
