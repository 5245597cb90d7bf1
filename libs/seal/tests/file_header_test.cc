#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "file_harness.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::opened_of;
using testing::own_key;
using testing::sealed_of;

Header valid_header() {
  const Bytes sealed = sealed_of({});
  MemorySource source{sealed};
  return read_header(source).value();
}

Result<Header> parsed(ByteView bytes) {
  MemorySource source{bytes};
  return read_header(source);
}

Stanza stanza(char type, std::size_t bytes, std::uint8_t flags = 0) { return {static_cast<StanzaType>(type), flags, Bytes(bytes)}; }

struct Case {
  const char* name;
  std::function<void(Bytes&)> change;  // of the bytes of a header with one W stanza
  std::optional<Code> want;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

std::function<void(Bytes&)> set(std::size_t place, int value) {
  return [=](Bytes& bytes) { bytes[place] = static_cast<std::byte>(value); };
}
std::function<void(Bytes&)> from(std::function<void(Header&)> change) {
  return [=](Bytes& bytes) {
    Header header = parsed(bytes).value();
    change(header);
    bytes = serialize(header);
  };
}
std::function<void(Bytes&)> stanzas(std::vector<Stanza> all) {
  return from([=](Header& header) { header.stanzas = all; });
}
std::function<void(Bytes&)> meta(std::vector<MetaField> all) {
  return from([=](Header& header) { header.meta = all; });
}

class HeaderTable : public ::testing::TestWithParam<Case> {};

TEST_P(HeaderTable, ReportsTheDocumentedError) {
  Bytes bytes = serialize(valid_header());
  GetParam().change(bytes);
  const auto header = parsed(bytes);
  EXPECT_EQ(header ? std::nullopt : std::optional{header.error().code}, GetParam().want);
  if (header) EXPECT_EQ(serialize(*header), bytes);
}

constexpr std::size_t kCore = 46;  // no public fields
INSTANTIATE_TEST_SUITE_P(
    Cases, HeaderTable,
    ::testing::Values(
        Case{"as_written", [](Bytes&) {}, std::nullopt}, Case{"empty", [](Bytes& bytes) { bytes.clear(); }, Code::invalid},
        Case{"other_magic", set(0, 'T'), Code::invalid}, Case{"text_mode_magic", set(5, '\n'), Code::invalid},
        Case{"magic_alone", [](Bytes& bytes) { bytes.resize(8); }, Code::corrupt}, Case{"version_0", set(8, 0), Code::unsupported},
        Case{"version_2", set(8, 2), Code::unsupported}, Case{"cipher_0", set(9, 0), Code::corrupt},
        Case{"cipher_2", set(9, 2), std::nullopt}, Case{"cipher_3", set(9, 3), Code::corrupt}, Case{"chunk_11", set(10, 11), Code::corrupt},
        Case{"chunk_12", set(10, 12), std::nullopt}, Case{"chunk_24", set(10, 24), std::nullopt},
        Case{"chunk_25", set(10, 25), Code::corrupt}, Case{"core_flags", set(11, 1), Code::corrupt},
        Case{"meta_longer_than_file", set(45, 0xff), Code::corrupt}, Case{"meta_comment", meta({{1, Bytes(300)}}), std::nullopt},
        Case{"meta_of_type_0", meta({{0, {}}}), Code::corrupt}, Case{"meta_twice", meta({{1, {}}, {1, {}}}), Code::corrupt},
        Case{"meta_descending", meta({{2, {}}, {1, {}}}), Code::corrupt}, Case{"meta_unknown", meta({{0x7f, Bytes(3)}}), std::nullopt},
        Case{"meta_unknown_critical", meta({{0x80, {}}}), Code::unsupported},
        Case{"padding_1", meta({{0x81, Bytes(1, std::byte{1})}}), std::nullopt},
        Case{"padding_2", meta({{0x81, Bytes(1, std::byte{2})}}), Code::unsupported},
        Case{"padding_long", meta({{0x81, Bytes(2, std::byte{1})}}), Code::unsupported},
        Case{"meta_cut_off", [](Bytes& bytes) { bytes[44] = std::byte{2}; bytes.insert(bytes.begin() + kCore, 2, std::byte{1}); }, Code::corrupt},
        Case{"meta_value_cut_off", [](Bytes& bytes) { bytes[44] = std::byte{3}; bytes.insert(bytes.begin() + kCore, {std::byte{1}, std::byte{1}, std::byte{0}}); }, Code::corrupt},
        Case{"no_stanza", stanzas({}), Code::corrupt}, Case{"256_stanzas", stanzas(std::vector<Stanza>(256, stanza('W', 64))), std::nullopt},
        Case{"257_stanzas", stanzas(std::vector<Stanza>(257, stanza('W', 64))), Code::too_large},
        Case{"unknown_stanza", stanzas({stanza('A', 5), stanza('W', 64)}), std::nullopt},
        Case{"unknown_critical_stanza", stanzas({stanza('A', 5, 1), stanza('W', 64)}), Code::unsupported},
        Case{"known_critical_stanza", stanzas({stanza('W', 64, 1)}), std::nullopt},
        Case{"stanza_flags", stanzas({stanza('W', 64, 2)}), Code::corrupt},
        Case{"descending", stanzas({stanza('X', file::kXBodyBytes), stanza('W', 64)}), Code::corrupt},
        Case{"ascending", stanzas({stanza('W', 64), stanza('X', file::kXBodyBytes)}), std::nullopt},
        Case{"symmetric_short", stanzas({stanza('W', 63)}), Code::corrupt}, Case{"symmetric_long", stanzas({stanza('W', 65)}), Code::corrupt},
        Case{"identity_short", stanzas({stanza('X', file::kXBodyBytes - 1)}), Code::corrupt},
        Case{"passphrase", stanzas({stanza('S', 72)}), std::nullopt}, Case{"passphrase_short", stanzas({stanza('S', 71)}), Code::corrupt},
        Case{"passphrase_and_other", stanzas({stanza('S', 72), stanza('W', 64)}), Code::corrupt},
        Case{"two_passphrases", stanzas({stanza('S', 72), stanza('S', 72)}), Code::corrupt},
        Case{"passphrase_and_unknown", stanzas({stanza('A', 0), stanza('S', 72)}), Code::corrupt},
        Case{"stanzas_of_4_mib", stanzas({stanza('A', kStanzaBytesMax - 70 - 6), stanza('W', 64)}), std::nullopt},
        Case{"stanzas_over_4_mib", stanzas({stanza('A', kStanzaBytesMax - 70 - 6 + 1), stanza('W', 64)}), Code::too_large},
        Case{"stanza_of_4_gib", set(kCore + 2 + 5, 0xff), Code::too_large},
        Case{"signature_length_1", [](Bytes& bytes) { bytes[bytes.size() - 4] = std::byte{1}; bytes.push_back({}); }, Code::corrupt},
        Case{"signature_length_4_gib", [](Bytes& bytes) { bytes.back() = std::byte{0xff}; }, Code::corrupt},
        Case{"signature", from([](Header& header) { header.signer.emplace(); header.signature = Bytes(kSignatureBytes); }), std::nullopt},
        Case{"signature_of_other_kind", [](Bytes& bytes) {
               from([](Header& header) { header.signer.emplace(); header.signature = Bytes(kSignatureBytes); })(bytes);
               bytes[bytes.size() - file::kSignatureBlockBytes] = std::byte{2};
             }, Code::unsupported}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(FileHeader, CutOffAnywhereIsRefused) {
  Header header = valid_header();
  header.meta = {{1, content_of(3)}};
  header.signer.emplace();
  header.signature = content_of(kSignatureBytes);
  const Bytes bytes = serialize(header);
  ASSERT_TRUE(parsed(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto cut = parsed(ByteView{bytes}.first(length));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, length < 8 ? Code::invalid : Code::corrupt);
  }
}

TEST(FileHeader, LeavesThePayloadInTheSource) {
  Bytes bytes = serialize(valid_header());
  const std::size_t header = bytes.size();
  append(bytes, content_of(100));
  MemorySource source{bytes};
  ASSERT_TRUE(read_header(source));
  EXPECT_EQ(read_all(source, 1000).value(), Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end()));
}

RC_GTEST_PROP(FileHeader, AnythingThatParsesSerialisesToItself, ()) {
  Header header = valid_header();
  header.cipher = *rc::gen::element(Cipher::aes256_gcm, Cipher::xchacha20_poly1305);
  header.chunk_log2 = *rc::gen::inRange(kChunkLog2Min, kChunkLog2Max + 1);
  for (unsigned type = 1; type < 0x80; type += *rc::gen::inRange(1u, 60u)) {
    header.meta.push_back({static_cast<std::uint8_t>(type), content_of(*rc::gen::inRange<std::size_t>(0, 40))});
  }
  header.stanzas.assign(*rc::gen::inRange<std::size_t>(1, 9), stanza('P', *rc::gen::inRange<std::size_t>(0, 300)));
  const Bytes bytes = serialize(header);
  const auto again = parsed(bytes);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == header);
  RC_ASSERT(serialize(*again) == bytes);
}

// ---- headers that parse, and must not open

class TamperedHeader : public ::testing::Test {
 protected:
  /// The sealed file with a header that `change` was applied to, stanza order and all left as it makes them.
  Result<Bytes> opened_after(std::function<void(Header&)> change) {
    const Bytes sealed = sealed_of(content_of(5000), {}, {});
    MemorySource source{sealed};
    Header header = read_header(source).value();
    const Bytes payload = read_all(source, sealed.size()).value();
    change(header);
    Bytes changed = serialize(header);
    append(changed, payload);
    return opened_of(changed);
  }
};

TEST_F(TamperedHeader, UnchangedOpens) { EXPECT_EQ(opened_after([](Header&) {}).value(), content_of(5000)); }

TEST_F(TamperedHeader, StanzaAddedDuplicatedOrReplacedIsRefused) {
  EXPECT_FALSE(opened_after([](Header& header) { header.stanzas.push_back(header.stanzas[0]); }));
  EXPECT_FALSE(opened_after([](Header& header) { header.stanzas.insert(header.stanzas.begin(), stanza('A', 3)); }));
  EXPECT_FALSE(opened_after([](Header& header) { header.stanzas[0].flags = 1; }));
}

TEST_F(TamperedHeader, StanzaRemovedOrReorderedIsRefused) {
  const std::array<const Recipient*, 2> both{&own_key(), &testing::other_key()};
  Bytes sealed;
  ASSERT_TRUE(seal(content_of(10), sealed, both));
  ASSERT_TRUE(opened_of(sealed));
  MemorySource source{sealed};
  const Header header = read_header(source).value();
  const Bytes payload = read_all(source, sealed.size()).value();
  Header removed = header;
  removed.stanzas.pop_back();
  Header reordered = header;
  std::swap(reordered.stanzas[0], reordered.stanzas[1]);
  for (const auto& changed : {removed, reordered}) {
    Bytes bytes = serialize(changed);
    append(bytes, payload);
    EXPECT_FALSE(opened_of(bytes));
  }
}

TEST_F(TamperedHeader, MacOfAnotherFileIsRefused) {
  const Header other = valid_header();
  EXPECT_FALSE(opened_after([&](Header& header) { header.mac = other.mac; }));
}

TEST_F(TamperedHeader, OtherCipherOrChunkSizeOrPublicFieldIsRefused) {
  EXPECT_FALSE(opened_after([](Header& header) { header.cipher = Cipher::xchacha20_poly1305; }));
  EXPECT_FALSE(opened_after([](Header& header) { header.chunk_log2 = 17; }));
  EXPECT_FALSE(opened_after([](Header& header) { header.meta.push_back({1, {}}); }));
  EXPECT_FALSE(opened_after([](Header& header) { header.salt[0] ^= std::byte{1}; }));
}

TEST(FileHeaderKeys, TwoFileKeysInOneHeaderOpenForNobodyButTheMacs) {
  // Two readers of one file must not see two contents: each stanza wraps another file key, and the MAC is right under the first.
  auto file = file::new_file(testing::Pair{}.recipients(), {}).value();
  const auto second = random_secret<kFileKeyBytes>();
  file.header.stanzas.push_back(testing::other_key().wrap(second, core_hash(file.header)).value());
  ASSERT_TRUE(file::authenticate(file.header, file.key, nullptr));
  Bytes sealed = serialize(file.header);
  const Bytes plain = content_of(10);
  MemorySource source{plain};
  MemorySink payload;
  ASSERT_TRUE(file::seal_payload(file, source, payload, {}));
  append(sealed, payload.bytes());
  EXPECT_TRUE(opened_of(sealed));
  EXPECT_FALSE(opened_of(sealed, {.opener = &testing::other_key()}));
}

TEST(FileHeaderKeys, UnknownStanzaThatIsNotCriticalIsSkippedAndAuthenticated) {
  auto file = file::new_file(testing::Pair{}.recipients(), {}).value();
  file::insert_stanza(file.header.stanzas, stanza('A', 7));
  ASSERT_TRUE(file::authenticate(file.header, file.key, nullptr));
  Bytes sealed = serialize(file.header);
  const Bytes plain = content_of(10);
  MemorySource source{plain};
  MemorySink payload;
  ASSERT_TRUE(file::seal_payload(file, source, payload, {}));
  append(sealed, payload.bytes());
  EXPECT_EQ(opened_of(sealed).value(), plain);
  sealed[46 + 2 + 6] ^= std::byte{1};  // in the unknown stanza's body
  EXPECT_FALSE(opened_of(sealed));
}

}  // namespace
}  // namespace tablinum::seal
