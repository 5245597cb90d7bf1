#pragma once
/// The signature of the content: content ‖ signer[32] ‖ Ed25519 signature ‖ ML-DSA-65 signature, under the payload's encryption.
/// The header's signature says who made the file key and named the readers; this one says whose words the content is. It is bound to the
/// file's core, so that it is good for this file only.
#include "file/layout.h"
#include "tablinum/base/crypto.h"

namespace tablinum::seal::file {

inline constexpr std::size_t kContentTrailerBytes = 32 + kSignatureBytes;

/// What is signed: "seal/v1/content" ‖ core_hash ‖ le64(content's length) ‖ SHA-256(content).
class ContentDigest {
 public:
  explicit ContentDigest(const Digest& core_hash) noexcept : core_hash_{core_hash} {}
  void update(ByteView content) noexcept {
    hash_.update(content);
    bytes_ += content.size();
  }
  std::uint64_t bytes() const noexcept { return bytes_; }
  /// Ends the computation.
  Bytes message();

 private:
  Digest core_hash_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
};

/// Gives the content of a source and the signature after it.
class SignedSource final : public Source {
 public:
  SignedSource(Source& content, const Signer& signer, const Digest& core_hash) noexcept
      : content_{content}, signer_{signer}, digest_{core_hash} {}
  Result<std::size_t> read(MutableBytes into) override;
  std::uint64_t content_bytes() const noexcept { return digest_.bytes(); }

 private:
  Source& content_;
  const Signer& signer_;
  ContentDigest digest_;
  Bytes trailer_;
  std::size_t given_ = 0;  // of the trailer
  bool ended_ = false;
};

/// Takes what SignedSource gives and passes the content on; judges the signature at the end.
class SignedSink final : public Sink {
 public:
  SignedSink(Sink& out, Verifiers verifiers, const Digest& core_hash) noexcept : out_{out}, verifiers_{verifiers}, digest_{core_hash} {}
  Result<void> write(ByteView bytes) override;
  /// @error corrupt with kCannotOpen: shorter than a signature. Does not finish the sink behind it.
  Result<void> finish() override;
  /// Known after finish().
  std::uint64_t content_bytes() const noexcept { return digest_.bytes(); }
  SignatureState signature() const noexcept { return state_; }
  const SignerId& signer() const noexcept { return signer_; }

 private:
  Result<void> pass(ByteView content);
  Sink& out_;
  Verifiers verifiers_;
  ContentDigest digest_;
  Bytes held_;  // up to kContentTrailerBytes
  SignatureState state_ = SignatureState::none;
  SignerId signer_{};
};

}  // namespace tablinum::seal::file
