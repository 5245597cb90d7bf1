#include "tablinum/base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/base/crypto.h"
#include "tablinum/base/id.h"

namespace tablinum {
namespace {

TEST(Hex, ReadsWhatItWrites) {
  EXPECT_EQ(to_hex(bytes_of("\x00\xff\x10")), "");  // a literal with NUL ends there
  EXPECT_EQ(to_hex(bytes_of("\x7f\xff")), "7fff");
  EXPECT_EQ(from_hex("7FfF").value(), from_hex("7fff").value());
  EXPECT_EQ(from_hex("7").error().code, Code::invalid);
  EXPECT_EQ(from_hex("7g").error().code, Code::invalid);
}

// RFC 4648 §10, without padding.
TEST(Base64Url, AgreesWithTheRfc) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    EXPECT_EQ(to_base64url(bytes_of(plain)), encoded);
    EXPECT_EQ(text_of(from_base64url(encoded).value()), plain);
  }
  EXPECT_EQ(from_base64url("Zh").error().code, Code::invalid);  // bits left over
  EXPECT_EQ(from_base64url("Zg==").error().code, Code::invalid);
  EXPECT_EQ(from_base64url("Z").error().code, Code::invalid);
}

RC_GTEST_PROP(Base64Url, AnyBytesRoundTrip, (const std::vector<std::uint8_t>& raw)) {
  const ByteView bytes = std::as_bytes(std::span{raw});
  const auto back = from_base64url(to_base64url(bytes));
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::ranges::equal(*back, bytes));
}

TEST(Sha256, AgreesWithFips180) {
  EXPECT_EQ(to_hex(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 incremental;
  incremental.update("a").update("b").update_byte('c');
  EXPECT_EQ(incremental.finish(), sha256(bytes_of("abc")));
}

// RFC 4231, test case 2.
TEST(Hmac, AgreesWithTheRfc) {
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// FIPS 197, appendix C.1.
TEST(Aes128, AgreesWithFips197) {
  std::array<std::uint8_t, 16> key, plain, cipher;
  for (std::uint8_t i = 0; i < 16; ++i) {
    key[i] = i;
    plain[i] = static_cast<std::uint8_t>(i * 0x11);
  }
  Aes128{key}.encrypt_block(plain, cipher);
  EXPECT_EQ(to_hex(std::as_bytes(std::span{cipher})), "69c4e0d86a7b0430d8cdb78070b4c55a");
}

TEST(Uuid, TextFormIsRfc9562s) {
  constexpr std::string_view text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, appendix A.6
  EXPECT_EQ(to_string(parse_uuid(text).value()), text);
  EXPECT_EQ(parse_uuid("017f22e2x79b0-7cc3-98c4-dc0c0c07398f").error().code, Code::invalid);
  EXPECT_EQ(parse_uuid("017f22e2").error().code, Code::invalid);
}

// RFC 4648 §10; one value has one encoding.
TEST(Base64, IsPaddedAndCanonical) {
  EXPECT_EQ(to_base64(bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(text_of(from_base64("Zm9vYg==").value()), "foob");
  EXPECT_TRUE(from_base64("").value().empty());
  for (const char* bad : {"Zm9vYh==", "Zm9vYg=", "Zm9vYg", "Zm9v\nYg==", "Zm-v"}) EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(UuidV7Source, IncreasesAlsoWhenTheClockStepsBack) {
  UuidV7Source source;
  Uuid last = source.next(Timestamp{1'700'000'000'000});
  EXPECT_EQ(last.bytes[6] >> 4, 7);
  EXPECT_EQ(last.bytes[8] >> 6, 2);
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = source.next(Timestamp{1'700'000'000'000 - i});
    ASSERT_LT(last, next);
    last = next;
  }
  UuidV7Source restarted{last};
  EXPECT_LT(last, restarted.next(Timestamp{1'600'000'000'000}));
}

TEST(Time, HttpDateIsRfc9110s) {
  const Timestamp time{784'111'777'000};
  EXPECT_EQ(to_http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(from_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value(), time);
  EXPECT_EQ(from_http_date("yesterday").error().code, Code::invalid);
  EXPECT_EQ(to_rfc3339(Timestamp{-1}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace tablinum
