#include "file/content_signature.h"

#include <algorithm>

namespace tablinum::seal::file {
namespace {
constexpr std::string_view kContentDomain = "seal/v1/content";
}

Bytes ContentDigest::message() {
  const auto domain = bytes_of(kContentDomain);
  Bytes message{domain.begin(), domain.end()};
  append(message, core_hash_.view());
  append_u64_le(message, bytes_);
  append(message, hash_.finish().view());
  return message;
}

Result<std::size_t> SignedSource::read(MutableBytes into) {
  if (!ended_) {
    TRY(got, content_.read(into));
    digest_.update(into.first(got));
    if (got > 0 || into.empty()) return got;
    TRY(signature, signer_.sign(digest_.message()));
    if (signature.size() != kSignatureBytes) return fail(Code::invalid, "a signer that does not sign");
    append(trailer_, signer_.id());
    append(trailer_, signature);
    ended_ = true;
  }
  const std::size_t count = std::min(into.size(), trailer_.size() - given_);
  std::copy_n(trailer_.begin() + static_cast<std::ptrdiff_t>(given_), count, into.begin());
  given_ += count;
  return count;
}

Result<void> SignedSink::pass(ByteView content) {
  digest_.update(content);
  return content.empty() ? Result<void>{} : out_.write(content);
}

Result<void> SignedSink::write(ByteView bytes) {
  // The last bytes so far, as many as a signature has, are held; what they push out goes on.
  const std::size_t all = held_.size() + bytes.size();
  const std::size_t out = all - std::min(all, kContentTrailerBytes);
  const std::size_t of_held = std::min(out, held_.size());
  CHECK_OK(pass(ByteView{held_}.first(of_held)));
  CHECK_OK(pass(bytes.first(out - of_held)));
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(of_held));
  append(held_, bytes.subspan(out - of_held));
  return {};
}

Result<void> SignedSink::finish() {
  if (held_.size() != kContentTrailerBytes) return cannot_open();
  std::ranges::copy(ByteView{held_}.first(signer_.size()), signer_.begin());
  const auto known = std::ranges::find_if(verifiers_, [&](const SignatureVerifier* verifier) { return verifier->id() == signer_; });
  if (known == verifiers_.end())
    state_ = SignatureState::unknown_signer;
  else
    state_ = (*known)->verify(digest_.message(), ByteView{held_}.subspan(signer_.size())) ? SignatureState::good : SignatureState::bad;
  return {};
}

}  // namespace tablinum::seal::file
