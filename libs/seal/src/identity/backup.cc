#include "tablinum/seal/backup.h"

#include <algorithm>

#include "identity/armor.h"
#include "identity/backup_files.h"
#include "identity/box.h"
#include "identity/fields.h"

namespace tablinum::seal {
namespace {

constexpr std::string_view kMagic = "TBBACKU\x01";
constexpr std::string_view kLabel = "BACKUP";

// Names become paths when a backup is restored: none may lead out of the folder, whoever made the backup.
bool is_good_path(std::string_view name) noexcept {
  if (name.empty() || name.size() > kBackupNameBytesMax || name.find('\\') != name.npos || name.find('\0') != name.npos)
    return false;
  while (true) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    if (!is_good_name(part) || part == "." || part == "..") return false;
    if (end == name.size()) return true;
    name.remove_prefix(end + 1);
  }
}

bool names_are_good(const std::vector<BackupFile>& files) {
  std::vector<std::string_view> names;
  for (const auto& file : files) names.push_back(file.name);
  std::ranges::sort(names);
  return std::ranges::all_of(names, is_good_path) && std::ranges::adjacent_find(names) == names.end();
}

}  // namespace

bool is_backup(std::string_view text) noexcept { return has_armor(kLabel, text); }

Result<SecretBytes> backup_plain(const std::vector<BackupFile>& files) {
  if (!names_are_good(files)) return fail(Code::invalid, "a file's name cannot stand in a backup");
  std::size_t total = 0;
  for (const auto& file : files) total += file.content.size() + file.name.size() + 8;
  if (files.size() > kBackupFilesMax || total > kBackupBytesMax) return fail(Code::too_large, "too much for one backup");
  SecretBytes plain;
  plain.reserve(total + 8);
  FieldWriter out{plain};
  out.number(static_cast<std::uint32_t>(files.size()));
  for (const auto& file : files) {
    out.sized<std::uint16_t>(bytes_of(file.name));
    out.sized<std::uint32_t>(file.content);
  }
  return plain;
}

Result<std::vector<BackupFile>> backup_files(ByteView plain) {
  FieldReader in{plain};
  const std::size_t count = in.number<std::uint32_t>();
  if (count > kBackupFilesMax) return fail(Code::corrupt, "not a backup");
  std::vector<BackupFile> files;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view name = text_of(in.sized<std::uint16_t>(kBackupNameBytesMax));
    const ByteView content = in.sized<std::uint32_t>(kBackupBytesMax);
    files.push_back({std::string{name}, SecretBytes(content.begin(), content.end())});
  }
  if (!in.at_end() || !names_are_good(files)) return fail(Code::corrupt, "not a backup");
  return files;
}

Result<SecretText> encode_backup(const std::vector<BackupFile>& files, std::string_view passphrase,
                                 const PassphraseCost& cost) {
  TRY(plain, backup_plain(files));
  TRY(box, close_box(kMagic, plain, passphrase, cost));
  return armored(kLabel, box);
}

Result<std::vector<BackupFile>> decode_backup(std::string_view text, std::string_view passphrase) {
  if (text.size() > kBackupBytesMax * 3 / 2) return fail(Code::too_large, "too large for a backup");
  TRY(box, from_armor(kLabel, text));
  TRY(plain, open_box(kMagic, box, passphrase));
  return backup_files(plain);
}

}  // namespace tablinum::seal
