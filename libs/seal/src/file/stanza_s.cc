/// Stanza S: the file key under a passphrase, by Argon2id.
#include <algorithm>

#include "file/keys.h"

namespace tablinum::seal {
namespace {

constexpr std::size_t kSaltBytes = 16;

bool within_bounds(const PassphraseWork& work) noexcept {
  return work.passes >= 1 && work.passes <= kPassesMax && work.memory_kib >= kMemoryKibMin && work.memory_kib <= kMemoryKibMax &&
         std::uint64_t{work.passes} * work.memory_kib <= kPassesTimesMemoryMax;
}

/// Bound to the file as well, so that work spent on one file's passphrase is worth nothing for another's, whatever its salt.
Result<Secret<32>> wrapping_key(ByteView passphrase, std::span<const std::byte, kSaltBytes> salt, const PassphraseWork& work,
                                const Digest& core_hash) {
  Secret<32> stretched;
  CHECK_OK(argon2id(passphrase, salt, work.passes, work.memory_kib, stretched.mutable_view()));
  Secret<32> kek;
  hkdf_sha512(core_hash.view(), stretched.view(), bytes_of(file::kPassphraseDomain), kek.mutable_view());
  return kek;
}

class PassphraseRecipient final : public Recipient {
 public:
  PassphraseRecipient(ByteView passphrase, const PassphraseWork& work) : passphrase_{passphrase.begin(), passphrase.end()}, work_{work} {}

  Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const override {
    std::array<std::byte, kSaltBytes> salt;
    fill_random(salt);
    TRY(kek, wrapping_key(passphrase_, salt, work_, core_hash));
    Stanza stanza{StanzaType::passphrase, 0, {salt.begin(), salt.end()}};
    append_u32_le(stanza.body, work_.passes);
    append_u32_le(stanza.body, work_.memory_kib);
    append(stanza.body, file::wrap_key(kek, file_key, core_hash));
    return stanza;
  }

 private:
  SecretBytes passphrase_;
  PassphraseWork work_;
};

class PassphraseOpener final : public Opener {
 public:
  explicit PassphraseOpener(ByteView passphrase) : passphrase_{passphrase.begin(), passphrase.end()} {}

  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm) const override {
    if (stanza.type != StanzaType::passphrase || stanza.body.size() != file::kSBodyBytes) return std::nullopt;
    const ByteView body{stanza.body};
    const PassphraseWork work{file::u32_le(body.subspan(kSaltBytes)), file::u32_le(body.subspan(kSaltBytes + 4))};
    if (!within_bounds(work)) return std::nullopt;
    const auto kek = wrapping_key(passphrase_, body.first<kSaltBytes>(), work, core_hash);
    if (!kek) return std::nullopt;
    return file::unwrap_key(*kek, body.subspan(kSaltBytes + 8), core_hash);
  }

 private:
  SecretBytes passphrase_;
};

}  // namespace

Result<std::unique_ptr<Recipient>> make_passphrase_recipient(ByteView passphrase, const PassphraseWork& work) {
  if (passphrase.empty()) return fail(Code::invalid, "an empty passphrase");
  if (!within_bounds(work)) return fail(Code::invalid, "work for a passphrase that no reader would do");
  return std::make_unique<PassphraseRecipient>(passphrase, work);
}

std::unique_ptr<Opener> make_passphrase_opener(ByteView passphrase) { return std::make_unique<PassphraseOpener>(passphrase); }

}  // namespace tablinum::seal
