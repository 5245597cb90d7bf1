#include "tablinum/seal/idk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "idk/text.h"

namespace tablinum::seal::idk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct World {
  fhe::ContextPtr of = fhe::context().value();
  fhe::KeyPair alice = fhe::generate_keys(of), bob = fhe::generate_keys(of);
  fhe::ReKey rekey = fhe::make_rekey(alice.secret_key, bob.public_key).value();
  Secp256k1Signer signer = Secp256k1Signer::random(), proxy = Secp256k1Signer::random();
};
const World& world() {
  static const World one;
  return one;
}

Bytes data_of(std::size_t size) {
  Bytes data(size);
  std::mt19937 generator{static_cast<unsigned>(size)};
  for (auto& byte : data) byte = static_cast<std::byte>(generator());
  return data;
}

std::string message_of(const Bytes& data, const CreateOptions& options = {}) {
  MemorySink sink;
  EXPECT_TRUE(create(MemoryFile{data}, world().alice.public_key, world().signer, sink, options).has_value());
  return std::string{text_of(sink.bytes())};
}

// A few parts, made once: 40,000 bytes are three.
const std::string& three_parts() {
  static const std::string one = message_of(data_of(40000));
  return one;
}

std::vector<std::string> parts_of(const std::string& message) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < message.size();) {
    auto next = message.find("\n----- BEGIN", at);
    parts.push_back(message.substr(at, next == std::string::npos ? next : next - at));
    at = next == std::string::npos ? message.size() : next + 1;
  }
  return parts;
}

Result<Report> open(const std::string& message, Bytes& plain, const DecryptOptions& options = {},
                    const fhe::SecretKey* key = nullptr) {
  MemorySource source{bytes_of(message)};
  MemorySink sink;
  auto report = decrypt(source, key != nullptr ? *key : world().alice.secret_key, sink, options);
  plain = sink.take();
  return report;
}

Code refusal(const std::string& message, const DecryptOptions& options = {}) {
  Bytes plain;
  const auto opened = open(message, plain, options);
  return opened ? Code{} : opened.error().code;
}

Report look(const std::string& message, const std::optional<Secp256k1Public>& expected = {}) {
  MemorySource source{bytes_of(message)};
  return verify(source, expected).value();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(Idk, ComesBackForSizesAroundTheParts) {
  for (const std::size_t size : {1U, 2U, 3U, 16383U, 16384U, 16385U, 40000U}) {
    const auto data = data_of(size);
    Bytes plain;
    const auto report = open(message_of(data), plain);
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_EQ(plain, data);
    EXPECT_EQ(report->parts_total, (size + 16383) / 16384);
    EXPECT_EQ(report->trust, SignerTrust::self_asserted);
  }
}

TEST(Idk, LongMessagesAreMadeTwiceTheSame) {
  const auto pool = make_thread_pool(2);
  const auto data = data_of(16384 * 65 + 1);  // over the number of ciphertexts that are kept
  Bytes plain;
  const auto message = message_of(data, {.optional_headers = {}, .executor = pool.get()});
  ASSERT_TRUE(open(message, plain).has_value());
  EXPECT_EQ(plain, data);
}

TEST(Idk, EmptyMessageIsRefused) {
  MemorySink sink;
  EXPECT_EQ(create(MemoryFile{{}}, world().alice.public_key, world().signer, sink).error().code, Code::invalid);
}

TEST(Idk, HeadersAreThoseOfTheReferenceAndInItsOrder) {
  const auto part = parts_of(three_parts())[0];
  std::vector<std::string> lines;
  for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
    end = part.find('\n', at);
    lines.push_back(part.substr(at, end == std::string::npos ? end : end - at));
  }
  ASSERT_EQ(lines.size(), 13U);
  EXPECT_EQ(lines[0], "----- BEGIN IDK MESSAGE PART 1/3 -----");
  EXPECT_THAT(lines[1], testing::MatchesRegex("AuthPath: \\[\"[0-9a-f]+\", \"[0-9a-f]+\"\\]"));
  EXPECT_EQ(lines[2], "BytesTotal: 40000");
  EXPECT_THAT(lines[3], testing::MatchesRegex("ChunkHash: \"[0-9a-f]+\""));
  EXPECT_THAT(lines[4], testing::MatchesRegex("MerkleRoot: \"[0-9a-f]+\""));
  EXPECT_EQ(lines[5], "Part: \"1/3\"");
  EXPECT_EQ(lines[6], "PartSlotsTotal: 8192");
  EXPECT_EQ(lines[7], "PartSlotsUsed: 8192");
  EXPECT_THAT(lines[8], testing::MatchesRegex("Signature: \"[0-9a-f]+\""));
  EXPECT_EQ(lines[8].size(), std::string{"Signature: \"\""}.size() + 128);
  EXPECT_EQ(lines[9], "SignerPublicKey: \"" + public_key_to_hex(world().signer.public_key()) + "\"");
  EXPECT_EQ(lines[10], "Version: \"0.1\"");
  EXPECT_EQ(lines[11].find(':'), std::string::npos);  // no blank line before the payload
  EXPECT_EQ(lines[12], "----- END IDK MESSAGE PART 1/3 -----");
}

TEST(Idk, OptionalHeadersAreSignedAndNeverReplaceOthers) {
  const auto message = message_of(data_of(9), {.optional_headers = {{"Comment", "a: b"}, {"Version", "9"}}});
  EXPECT_THAT(message, HasSubstr("Comment: \"a: b\"\n"));
  EXPECT_THAT(message, HasSubstr("Version: \"0.1\"\n"));
  EXPECT_EQ(refusal(message), Code{});
  EXPECT_EQ(refusal(replaced(message, "a: b", "a: c")), Code::corrupt);
  MemorySink sink;
  for (const auto& header : {std::pair{"Two words", "x"}, {"", "x"}, {"Key", "two\nlines"}, {"Ke:y", "x"}, {"-----", "x"}})
    EXPECT_EQ(create(MemoryFile{bytes_of("x")}, world().alice.public_key, world().signer, sink, {.optional_headers = {header}})
                  .error()
                  .code,
              Code::invalid);
}

TEST(Idk, ParsesBothFormsOfTheBlankLineAndCarriageReturns) {
  auto message = message_of(data_of(5));
  const auto payload = message.rfind('\n', message.rfind("\n-----") - 1);
  auto blank = message;
  blank.insert(payload, "\n");
  EXPECT_EQ(refusal(blank), Code{});
  std::string windows;
  for (const char c : message) windows += c == '\n' ? std::string{"\r\n"} : std::string{c};
  EXPECT_EQ(refusal(windows), Code{});
  EXPECT_EQ(refusal("mail header\n\n" + message + "\nsignature\n"), Code{});
}

TEST(Idk, PartsMayComeInAnyOrder) {
  const auto parts = parts_of(three_parts());
  Bytes plain;
  ASSERT_TRUE(open(parts[2] + "\n" + parts[0] + "\n" + parts[1], plain).has_value());
  EXPECT_EQ(plain, data_of(40000));
}

TEST(Idk, MissingPartsAreAnErrorAndNamed) {
  const auto parts = parts_of(three_parts());
  EXPECT_EQ(refusal(parts[0] + "\n" + parts[1]), Code::corrupt);  // the reference gives a shorter file without a word
  EXPECT_EQ(refusal(parts[1]), Code::corrupt);
  const auto report = look(parts[1]);
  EXPECT_FALSE(report.whole());
  EXPECT_THAT(report.missing, ElementsAre(1, 3));
  EXPECT_EQ(report.parts_total, 3U);
  EXPECT_EQ(look(three_parts()).missing_count, 0U);
  EXPECT_TRUE(look(three_parts()).whole());
  EXPECT_EQ(refusal(parts[0] + "\n" + parts[1] + "\n" + parts[2] + "\n" + parts[1]), Code::corrupt);
  EXPECT_EQ(refusal(parts[0] + "\n" + parts[1] + "\n" + parts_of(message_of(data_of(40000)))[2]), Code::corrupt);
}

TEST(Idk, SignerIsSelfAssertedUnlessExpected) {
  EXPECT_EQ(look(three_parts()).trust, SignerTrust::self_asserted);
  EXPECT_EQ(look(three_parts(), world().signer.public_key()).trust, SignerTrust::expected);
  EXPECT_EQ(look(three_parts(), world().proxy.public_key()).trust, SignerTrust::other);
  EXPECT_EQ(refusal(three_parts(), {world().signer.public_key()}), Code{});
  EXPECT_EQ(refusal(three_parts(), {world().proxy.public_key()}), Code::unauthenticated);
}

TEST(Idk, EveryAlteredHeaderOrPayloadIsRefused) {
  const auto message = message_of(data_of(20));
  for (const auto& [from, to] : {std::pair{"BytesTotal: 20", "BytesTotal: 19"},
                                 {"PartSlotsUsed: 10", "PartSlotsUsed: 9"},
                                 {"Version: \"0.1\"", "Version: \"0.2\""},
                                 {"Part: \"1/1\"", "Part: \"1/2\""},
                                 {"AuthPath: []", "AuthPath: [\"\"]"},
                                 {"PartSlotsTotal: 8192", "PartSlotsTotal: 4096"},
                                 {"\nSignature", "\nSignaturf"}})
    EXPECT_EQ(refusal(replaced(message, from, to)), Code::corrupt) << from;
  for (const auto* header : {"Signature: \"", "MerkleRoot: \"", "ChunkHash: \"", "SignerPublicKey: \""}) {
    auto bad = message;
    auto& digit = bad[bad.find(header) + std::string_view{header}.size() + 5];
    digit = digit == '0' ? '1' : '0';
    EXPECT_EQ(refusal(bad), Code::corrupt) << header;
  }
  auto bad = message;
  auto& letter = bad[bad.size() / 2];
  letter = letter == 'A' ? 'B' : 'A';
  EXPECT_EQ(refusal(bad), Code::corrupt);
}

struct Malformed {
  const char* name;
  std::string text;
};
class IdkMalformed : public testing::TestWithParam<Malformed> {};
TEST_P(IdkMalformed, IsCorrupt) { EXPECT_EQ(refusal(GetParam().text), Code::corrupt); }
INSTANTIATE_TEST_SUITE_P(
    Cases, IdkMalformed,
    testing::Values(
        Malformed{"empty", ""}, Malformed{"other_text", "hello\n"},
        Malformed{"begin_only", "----- BEGIN IDK MESSAGE PART 1/1 -----"},
        Malformed{"no_numbers", "----- BEGIN IDK MESSAGE PART x -----\nA: b\nAA==\n----- END IDK MESSAGE PART x -----"},
        Malformed{"number_over_total",
                  "----- BEGIN IDK MESSAGE PART 2/1 -----\nA: b\nAA==\n----- END IDK MESSAGE PART 2/1 -----"},
        Malformed{"zero", "----- BEGIN IDK MESSAGE PART 0/1 -----\nA: b\nAA==\n----- END IDK MESSAGE PART 0/1 -----"},
        Malformed{"no_headers", "----- BEGIN IDK MESSAGE PART 1/1 -----\nAA==\n----- END IDK MESSAGE PART 1/1 -----"},
        Malformed{"no_payload", "----- BEGIN IDK MESSAGE PART 1/1 -----\nA: b\n----- END IDK MESSAGE PART 1/1 -----"},
        Malformed{"other_end", "----- BEGIN IDK MESSAGE PART 1/1 -----\nA: b\nAA==\n----- END IDK MESSAGE PART 1/2 -----"},
        Malformed{"twice", "----- BEGIN IDK MESSAGE PART 1/1 -----\nA: b\nA: b\nAA==\n----- END IDK MESSAGE PART 1/1 -----"},
        Malformed{"not_base64", "----- BEGIN IDK MESSAGE PART 1/1 -----\nA: b\n!!!!\n----- END IDK MESSAGE PART 1/1 -----"},
        Malformed{"two_begins",
                  "----- BEGIN IDK MESSAGE PART 1/1 -----\nA: b\nAA==\n----- BEGIN IDK MESSAGE PART 1/1 -----\n"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Idk, LimitsAreEnforced) {
  const std::string begin = "----- BEGIN IDK MESSAGE PART 1/1 -----\n", end = "\n----- END IDK MESSAGE PART 1/1 -----";
  const auto with_headers = [&](std::size_t count) {
    std::string text = begin;
    for (std::size_t i = 0; i < count; ++i) text += "H" + std::to_string(i) + ": v\n";
    return text + "AAAA" + end;
  };
  const auto read = [](const std::string& text) {
    MemorySource source{bytes_of(text)};
    auto part = Reader{source}.next();
    return part ? Code{} : part.error().code;
  };
  EXPECT_EQ(read(with_headers(kHeadersMax)), Code{});
  EXPECT_EQ(read(with_headers(kHeadersMax + 1)), Code::too_large);
  EXPECT_EQ(read(begin + "A: " + std::string(kHeaderBytesMax - 3, 'x') + "\nAAAA" + end), Code{});
  EXPECT_EQ(read(begin + "A: " + std::string(kHeaderBytesMax - 2, 'x') + "\nAAAA" + end), Code::too_large);
  EXPECT_EQ(read(begin + "A: b\n" + to_base64(Bytes(kPayloadBytesMax)) + end), Code{});
  EXPECT_EQ(read(begin + "A: b\n" + to_base64(Bytes(kPayloadBytesMax + 3)) + end), Code::too_large);
  EXPECT_EQ(read("----- BEGIN IDK MESSAGE PART 1/1048577 -----\nA: b\n"), Code::too_large);
}

TEST(Idk, ParsedPartsAreWrittenAsTheyWere) {
  MemorySource source{bytes_of(three_parts())};
  Reader reader{source};
  std::string again;
  for (auto part = reader.next().value(); part; part = reader.next().value())
    again += (again.empty() ? "" : "\n") + to_text(*part);
  EXPECT_EQ(again, three_parts());
}

std::string recrypted(RecryptForm form) {
  MemorySource source{bytes_of(three_parts())};
  MemorySink sink;
  EXPECT_TRUE(recrypt(source, world().rekey, world().proxy, sink,
                      {.recipient = "04bb", .timestamp = "2025-07-10T12:00:00.000000Z", .form = form})
                  .has_value());
  return std::string{text_of(sink.bytes())};
}

TEST(Idk, RecryptedMessagesOpenInBothForms) {
  for (const auto form : {RecryptForm::server, RecryptForm::library}) {
    const auto message = recrypted(form);
    Bytes plain;
    const auto report = open(message, plain, {world().proxy.public_key()}, &world().bob.secret_key);
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_EQ(plain, data_of(40000));
    EXPECT_TRUE(report->recrypted);
    EXPECT_EQ(report->original_sender, public_key_to_hex(world().signer.public_key()));
    EXPECT_EQ(message.find("Signature: \"") - message.find("ProxySignature: \""), 5U);  // only the proxy's
    for (const auto* gone : {"MerkleRoot", "AuthPath", "SignerPublicKey", "PartNum", "TotalParts"})
      EXPECT_EQ(message.find(gone), std::string::npos) << gone;
    EXPECT_EQ(message.find("\n\n") != std::string::npos, form == RecryptForm::server);
    EXPECT_EQ(refusal(replaced(message, "04bb", "04bc")), Code::corrupt);
  }
}

TEST(Idk, WrongKeyIsAnError) {
  const auto message = message_of(data_of(2000));
  Bytes plain;
  const auto opened = open(message, plain, {}, &world().bob.secret_key);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::corrupt);
}

TEST(Idk, RecryptRefusesWhatDoesNotVerify) {
  auto message = three_parts();
  message[message.find("BytesTotal: 4") + 12] = '3';
  MemorySource source{bytes_of(message)};
  MemorySink sink;
  const RecryptOptions options{.recipient = "04bb", .timestamp = "2025-07-10T12:00:00Z"};
  EXPECT_EQ(recrypt(source, world().rekey, world().proxy, sink, options).error().code, Code::corrupt);
  MemorySource good{bytes_of(three_parts())};
  EXPECT_EQ(recrypt(good, world().rekey, world().proxy, sink, {.recipient = "two\nlines", .timestamp = "x"}).error().code,
            Code::invalid);
}

}  // namespace
}  // namespace tablinum::seal::idk
