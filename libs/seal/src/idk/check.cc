#include <fmt/format.h>

#include <charconv>

#include "idk/text.h"

namespace tablinum::seal::idk {
namespace {

constexpr std::size_t kListedMax = 100;

std::string_view value_of(const Headers& headers, std::string_view key) {
  const auto found = headers.find(key);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

// Of the two names that the format has had.
std::string_view value_of(const Headers& headers, std::string_view key, std::string_view older) {
  return headers.contains(key) ? value_of(headers, key) : value_of(headers, older);
}

std::optional<std::uint64_t> number_of(const Headers& headers, std::string_view key) {
  const auto text = value_of(headers, key);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<Error> bad(const Part& part, std::string_view what) {
  return fail(Code::corrupt, fmt::format("part {}: {}", part.number, what));
}

bool signature_fits(const Headers& headers, std::string_view key_header, std::string_view signature_header,
                    std::string_view text) {
  const auto key = public_key_from_hex(value_of(headers, key_header));
  const auto signature = from_hex(value_of(headers, signature_header));
  return key && signature && secp256k1_verify(*key, bytes_of(text), *signature);
}

}  // namespace

// What does not depend on other parts.
Result<void> Checker::check_frame(const Part& part) {
  if (value_of(part.headers, "Version") != "0.1") return bad(part, "an unknown version");
  if (value_of(part.headers, "Part") != fmt::format("{}/{}", part.number, part.total))
    return bad(part, "its number differs from the header");
  const auto used = number_of(part.headers, "PartSlotsUsed");
  const auto slots = number_of(part.headers, "PartSlotsTotal");
  const auto bytes = number_of(part.headers, "BytesTotal");
  if (!used || !slots || !bytes || *used > *slots || *slots == 0 || *slots > (1U << 20) || *bytes == 0)
    return bad(part, "sizes that cannot be");
  // What tells that parts at the end were taken away and the rest renumbered.
  const auto bytes_a_part = 2 * *slots;
  if ((*bytes - 1) / bytes_a_part + 1 != part.total) return bad(part, "the number of parts does not fit BytesTotal");
  if (payload_hash(part.payload) != value_of(part.headers, "ChunkHash")) return bad(part, "ChunkHash does not fit the payload");
  return {};
}

Result<void> Checker::check_recrypted(const Part& part) {
  for (const auto& [key, older] : {std::pair{"OriginalSender", "OriginalSender"},
                                   {"RecryptedBy", "ReEncryptedBy"},
                                   {"RecryptedFor", "ReEncryptedFor"},
                                   {"RecryptionTimestamp", "ReEncryptionTimestamp"}})
    if (value_of(part.headers, key, older).empty()) return bad(part, fmt::format("a recrypted part without {}", key));
  for (const auto form : {RecryptForm::server, RecryptForm::library})
    if (signature_fits(part.headers, "ProxyPublicKey", "ProxySignature", signed_text_recrypted(part, form))) return {};
  return bad(part, "the proxy's signature does not fit");
}

Result<void> Checker::check_signature(const Part& part) {
  if (part.recrypted()) return check_recrypted(part);
  if (!signature_fits(part.headers, "SignerPublicKey", "Signature", signed_text(part)))
    return bad(part, "the signature does not fit");
  if (!auth_path_leads_to(value_of(part.headers, "AuthPath"), blake2b_512(part.payload), part.number - 1, part.total,
                          value_of(part.headers, "MerkleRoot")))
    return bad(part, "the payload does not belong to MerkleRoot");
  return {};
}

Result<void> Checker::check_against_first(const Part& part) {
  if (report_.parts_seen == 0) {
    report_.parts_total = part.total;
    report_.bytes_total = *number_of(part.headers, "BytesTotal");
    report_.recrypted = part.recrypted();
    const auto key = public_key_from_hex(value_of(part.headers, report_.recrypted ? "ProxyPublicKey" : "SignerPublicKey"));
    report_.signer = public_key_to_hex(*key);
    report_.original_sender = value_of(part.headers, "OriginalSender");
    report_.trust = !expected_ ? SignerTrust::self_asserted : *expected_ == *key ? SignerTrust::expected : SignerTrust::other;
    seen_.assign(part.total, false);
    first_ = part.headers;
    return {};
  }
  if (part.total != report_.parts_total || part.recrypted() != report_.recrypted)
    return bad(part, "belongs to another message");
  for (const auto* key : {"BytesTotal", "PartSlotsTotal", "MerkleRoot", "SignerPublicKey", "ProxyPublicKey", "OriginalSender"})
    if (value_of(part.headers, key) != value_of(first_, key))
      return bad(part, fmt::format("belongs to another message: {} differs", key));
  return {};
}

Result<void> Checker::note_seen(const Part& part) {
  if (seen_[part.number - 1]) return bad(part, "is there twice");
  seen_[part.number - 1] = true;
  ++report_.parts_seen;
  return {};
}

Result<void> Checker::check(const Part& part) {
  CHECK_OK(check_frame(part));
  CHECK_OK(check_signature(part));
  CHECK_OK(check_against_first(part));
  CHECK_OK(note_seen(part));
  if (report_.trust == SignerTrust::other)
    return fail(Code::unauthenticated, "signed by another key than expected: " + report_.signer);
  return {};
}

Result<void> Checker::finish() {
  for (std::uint32_t i = 0; i < seen_.size(); ++i) {
    if (seen_[i]) continue;
    if (report_.missing_count++ < kListedMax) report_.missing.push_back(i + 1);
  }
  if (report_.missing_count == 0 && report_.parts_seen > 0) return {};
  if (report_.parts_seen == 0) return fail(Code::corrupt, "no part of a message");
  return fail(Code::corrupt, fmt::format("{} of {} parts are missing, the first is part {}", report_.missing_count,
                                         report_.parts_total, report_.missing.front()));
}

Result<Report> verify(Source& message, const std::optional<Secp256k1Public>& expected) {
  Checker checker{expected};
  Reader reader{message};
  auto& report = checker.report();
  const auto note = [&](std::uint32_t part, std::string what) {
    if (report.problem_count++ < kListedMax) report.problems.push_back({part, std::move(what)});
  };
  std::uint64_t parts = 0;
  for (;; ++parts) {
    TRY(part, reader.next());
    if (!part) break;
    if (auto checked = checker.check(*part); !checked && checked.error().code != Code::unauthenticated)
      note(part->number, std::move(checked).error().detail);
  }
  if (parts == 0) return fail(Code::corrupt, "no IDK message here");
  if (auto all = checker.finish(); !all) note(0, std::move(all).error().detail);
  return report;
}

}  // namespace tablinum::seal::idk
