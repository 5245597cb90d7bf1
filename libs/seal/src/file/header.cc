#include <algorithm>

#include "file/layout.h"

namespace tablinum::seal {
namespace file {

std::uint32_t u32_le(ByteView bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

std::uint64_t u64_le(ByteView bytes) noexcept { return u32_le(bytes) | std::uint64_t{u32_le(bytes.subspan(4))} << 32; }

namespace {

void append_u8(Bytes& out, std::uint8_t value) { out.push_back(std::byte{value}); }

std::uint16_t u16_le(ByteView bytes) noexcept {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) | std::to_integer<unsigned>(bytes[1]) << 8);
}

Bytes meta_bytes(const std::vector<MetaField>& meta) {
  Bytes out;
  for (const auto& field : meta) {
    append_u8(out, field.type);
    append_u16_le(out, static_cast<std::uint16_t>(field.value.size()));
    append(out, field.value);
  }
  return out;
}

/// Takes a header off a source piece by piece, so that no length is believed before it was checked.
class HeaderReader {
 public:
  explicit HeaderReader(Source& source) noexcept : source_{source} {}

  Result<Header> read() {
    CHECK_OK(read_core());
    CHECK_OK(read_stanzas());
    TRY(mac, take(kMacBytes));
    std::ranges::copy(mac, header_.mac.begin());
    CHECK_OK(read_signature());
    return std::move(header_);
  }

 private:
  Result<Bytes> take(std::size_t bytes) {
    Bytes out(bytes);
    TRY(got, read_full(source_, out));
    if (got != bytes) return fail(Code::corrupt, "the file ends inside its header");
    return std::move(out);
  }

  Result<void> read_core() {
    Bytes fixed(kCoreBytesMin);
    TRY(got, read_full(source_, fixed));
    if (got < kMagic.size() || !std::ranges::equal(kMagic, ByteView{fixed}.first(kMagic.size()))) {
      return fail(Code::invalid, "not a sealed file");
    }
    if (got < kCoreBytesMin) return fail(Code::corrupt, "the file ends inside its header");
    if (fixed[8] != std::byte{kVersion}) return fail(Code::unsupported, "a sealed file of a later version");
    const auto cipher = std::to_integer<std::uint8_t>(fixed[9]);
    if (cipher != 1 && cipher != 2) return fail(Code::corrupt, "no such cipher");
    header_.cipher = static_cast<Cipher>(cipher);
    header_.chunk_log2 = std::to_integer<unsigned>(fixed[10]);
    if (header_.chunk_log2 < kChunkLog2Min || header_.chunk_log2 > kChunkLog2Max) return fail(Code::corrupt, "no such size of chunks");
    if (fixed[11] != std::byte{0}) return fail(Code::corrupt, "flags that do not exist");
    std::copy_n(fixed.begin() + 12, 32, header_.salt.begin());
    return read_meta(u16_le(ByteView{fixed}.subspan(44)));
  }

  Result<void> read_meta(std::size_t bytes) {
    TRY(all, take(bytes));
    ByteView rest{all};
    while (!rest.empty()) {
      if (rest.size() < kMetaHeadBytes) return fail(Code::corrupt, "a public field is cut off");
      const std::size_t length = u16_le(rest.subspan(1));
      if (rest.size() - kMetaHeadBytes < length) return fail(Code::corrupt, "a public field is cut off");
      const auto value = rest.subspan(kMetaHeadBytes, length);
      header_.meta.push_back({std::to_integer<std::uint8_t>(rest[0]), Bytes(value.begin(), value.end())});
      rest = rest.subspan(kMetaHeadBytes + length);
    }
    return check_meta(header_.meta);
  }

  Result<void> read_stanzas() {
    TRY(count, take(2));
    const std::size_t stanzas = u16_le(count);
    if (stanzas > kStanzasMax) return fail(Code::too_large, "too many stanzas");
    std::size_t total = 0;
    for (std::size_t i = 0; i < stanzas; ++i) {
      TRY(head, take(kStanzaHeadBytes));
      const std::size_t length = u32_le(ByteView{head}.subspan(2));
      total += kStanzaHeadBytes + length;
      if (length > kStanzaBytesMax || total > kStanzaBytesMax) return fail(Code::too_large, "the stanzas are too long");
      TRY(body, take(length));
      header_.stanzas.push_back({static_cast<StanzaType>(head[0]), std::to_integer<std::uint8_t>(head[1]), std::move(body)});
    }
    auto checked = check_stanzas(header_.stanzas);
    // What is a wrong argument to a writer is a damaged file to a reader.
    if (!checked && checked.error().code == Code::invalid) checked.error().code = Code::corrupt;
    return checked;
  }

  Result<void> read_signature() {
    TRY(size, take(4));
    const std::uint32_t length = u32_le(size);
    if (length == 0) return {};
    if (length != kSignatureBlockBytes) return fail(Code::corrupt, "a signature of the wrong length");
    TRY(block, take(length));
    if (block[0] != std::byte{kSignatureSuite}) return fail(Code::unsupported, "a signature of an unknown kind");
    std::ranges::copy(ByteView{block}.subspan(1, 32), header_.signer.emplace().begin());
    header_.signature.assign(block.begin() + 33, block.end());
    return {};
  }

  Source& source_;
  Header header_;
};

std::optional<std::size_t> body_bytes(StanzaType type) noexcept {
  switch (type) {
    case StanzaType::identity: return kXBodyBytes;
    case StanzaType::symmetric: return kWBodyBytes;
    case StanzaType::passphrase: return kSBodyBytes;
    default: return std::nullopt;
  }
}

bool is_known(StanzaType type) noexcept { return type == StanzaType::collection || body_bytes(type).has_value(); }

Result<void> check_stanza(const Stanza& stanza) {
  if ((stanza.flags & ~kStanzaCritical) != 0) return fail(Code::corrupt, "a stanza with flags that do not exist");
  if (stanza.flags == kStanzaCritical && !is_known(stanza.type)) return fail(Code::unsupported, "an unknown stanza marked as critical");
  const auto length = body_bytes(stanza.type);
  if (length && stanza.body.size() != *length) return fail(Code::corrupt, "a stanza of the wrong length");
  return {};
}

}  // namespace

Bytes core_bytes(const Header& header) {
  Bytes out{kMagic.begin(), kMagic.end()};
  append_u8(out, kVersion);
  append_u8(out, static_cast<std::uint8_t>(header.cipher));
  append_u8(out, static_cast<std::uint8_t>(header.chunk_log2));
  append_u8(out, 0);
  append(out, header.salt);
  const Bytes meta = meta_bytes(header.meta);
  append_u16_le(out, static_cast<std::uint16_t>(meta.size()));
  append(out, meta);
  return out;
}

Bytes bytes_before_mac(const Header& header) {
  Bytes out = core_bytes(header);
  append_u16_le(out, static_cast<std::uint16_t>(header.stanzas.size()));
  for (const auto& stanza : header.stanzas) {
    append_u8(out, static_cast<std::uint8_t>(stanza.type));
    append_u8(out, stanza.flags);
    append_u32_le(out, static_cast<std::uint32_t>(stanza.body.size()));
    append(out, stanza.body);
  }
  return out;
}

void append_rest(Bytes& out, const Header& header) {
  append(out, header.mac);
  if (!header.signer) return append_u32_le(out, 0);
  append_u32_le(out, kSignatureBlockBytes);
  append_u8(out, kSignatureSuite);
  append(out, *header.signer);
  append(out, header.signature);
}

Result<void> check_stanzas(const std::vector<Stanza>& stanzas) {
  if (stanzas.empty()) return fail(Code::invalid, "nobody could open it");
  if (stanzas.size() > kStanzasMax) return fail(Code::limit, "more recipients than a file can have");
  std::size_t total = 0;
  for (const auto& stanza : stanzas) {
    CHECK_OK(check_stanza(stanza));
    total += kStanzaHeadBytes + stanza.body.size();
  }
  if (total > kStanzaBytesMax) return fail(Code::too_large, "the stanzas are too long");
  if (!std::ranges::is_sorted(stanzas, {}, &Stanza::type)) return fail(Code::invalid, "stanzas out of order");
  const bool has_passphrase = std::ranges::find(stanzas, StanzaType::passphrase, &Stanza::type) != stanzas.end();
  if (has_passphrase && stanzas.size() > 1) return fail(Code::invalid, "a passphrase beside other recipients");
  return {};
}

Result<void> check_meta(const std::vector<MetaField>& meta) {
  std::uint8_t before = 0;
  for (const auto& field : meta) {
    if (field.type <= before) return fail(Code::corrupt, "public fields out of order");
    before = field.type;
    if (field.type == kMetaPadding) {
      const bool known = field.value.size() == 1 && field.value[0] == static_cast<std::byte>(Padding::padme);
      if (!known) return fail(Code::unsupported, "an unknown kind of padding");
    } else if (field.type == kMetaSignedContent) {
      const bool known = field.value.size() == 1 && field.value[0] == std::byte{kSignatureSuite};
      if (!known) return fail(Code::unsupported, "a signature of an unknown kind");
    } else if ((field.type & kMetaCritical) != 0) {
      return fail(Code::unsupported, "an unknown public field marked as critical");
    }
  }
  return {};
}

void insert_stanza(std::vector<Stanza>& stanzas, Stanza stanza) {
  const auto place = std::ranges::upper_bound(stanzas, stanza.type, {}, &Stanza::type);
  stanzas.insert(place, std::move(stanza));
}

std::unexpected<Error> cannot_open() { return fail(Code::corrupt, std::string{kCannotOpen}); }

Error as_opening(Error error) {
  switch (error.code) {
    case Code::invalid:
    case Code::corrupt:
    case Code::unsupported:
    case Code::limit:
    case Code::too_large: return {Code::corrupt, std::string{kCannotOpen}};
    default: return error;
  }
}

}  // namespace file

Padding Header::padding() const noexcept {
  return std::ranges::find(meta, kMetaPadding, &MetaField::type) != meta.end() ? Padding::padme : Padding::none;
}

bool Header::signs_content() const noexcept {
  return std::ranges::find(meta, kMetaSignedContent, &MetaField::type) != meta.end();
}

Result<Header> read_header(Source& source) { return file::HeaderReader{source}.read(); }

Bytes serialize(const Header& header) {
  Bytes out = file::bytes_before_mac(header);
  file::append_rest(out, header);
  return out;
}

Digest core_hash(const Header& header) { return sha3_256(file::core_bytes(header)); }

Bytes signed_message(const Header& header) {
  Bytes signed_part = file::bytes_before_mac(header);
  append(signed_part, header.mac);
  const auto domain = bytes_of(file::kSignatureDomain);
  Bytes message{domain.begin(), domain.end()};
  append(message, sha3_256(signed_part).view());
  return message;
}

SignatureState verify_signature(const Header& header, Verifiers verifiers) {
  if (!header.signer) return SignatureState::none;
  const auto known = std::ranges::find_if(verifiers, [&](const SignatureVerifier* verifier) { return verifier->id() == *header.signer; });
  if (known == verifiers.end()) return SignatureState::unknown_signer;
  return (*known)->verify(signed_message(header), header.signature) ? SignatureState::good : SignatureState::bad;
}

}  // namespace tablinum::seal
