/// Stanza P: the file key to a collection; its bytes are pre.h's business.
#include "tablinum/seal/collection_recipient.h"

namespace tablinum::seal {
namespace {

class CollectionRecipient final : public Recipient {
 public:
  CollectionRecipient(const pre::CollectionPublic& collection, const pre::Signer& owner, const pre::DeviceSecret* device)
      : collection_{collection}, owner_{owner}, device_{device} {}
  Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const override {
    TRY(body, pre::encapsulate(collection_, core_hash, file_key, owner_, device_));
    return Stanza{StanzaType::collection, 0, std::move(body)};
  }

 private:
  pre::CollectionPublic collection_;
  const pre::Signer& owner_;
  const pre::DeviceSecret* device_;
};

class TransformedOpener final : public Opener {
 public:
  explicit TransformedOpener(const TransformedKey& by) : by_{by} {}
  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm confirm) const override {
    if (stanza.type != StanzaType::collection) return std::nullopt;
    const pre::OpenRequest request{stanza.body, by_.transformed, by_.ticket, core_hash, by_.owner, by_.proxy};
    auto key = pre::open_transformed(by_.key, request, by_.budget, confirm);
    if (!key) return std::nullopt;
    return std::move(*key);
  }

 private:
  TransformedKey by_;
};

}  // namespace

std::unique_ptr<Recipient> make_collection_recipient(const pre::CollectionPublic& collection, const pre::Signer& owner,
                                                     const pre::DeviceSecret* device) {
  return std::make_unique<CollectionRecipient>(collection, owner, device);
}

std::unique_ptr<Opener> make_transformed_opener(const TransformedKey& transformed) {
  return std::make_unique<TransformedOpener>(transformed);
}

}  // namespace tablinum::seal
