// Packet protection against the published vectors: RFC 9001 appendix A, RFC 9369 appendix A.
#include <gtest/gtest.h>

#include <string>

#include "quic/glue.h"
#include "quic/keys.h"

namespace tablinum::net::quic {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  return {u8(ByteView{bytes}), u8(ByteView{bytes}) + bytes.size()};
}
std::string hex(std::span<const std::uint8_t> bytes) { return to_hex(std::as_bytes(bytes)); }

constexpr std::uint32_t kV1 = NGTCP2_PROTO_VER_V1;
constexpr std::uint32_t kV2 = NGTCP2_PROTO_VER_V2;
const Octets kDcid = octets("8394c8f03e515708");

std::string expanded(Suite suite, const Octets& secret, std::string_view label, std::size_t size) {
  Octets out(size);
  expand_label(suite, secret, label, out);
  return hex(out);
}

struct InitialCase {
  const char* name;
  std::uint32_t version;
  const char* client_secret;
  const char* client_key;
  const char* client_iv;
  const char* client_hp;
  const char* server_secret;
  const char* server_key;
  const char* server_iv;
  const char* server_hp;
};
class InitialKeys : public testing::TestWithParam<InitialCase> {};
TEST_P(InitialKeys, EqualTheRfcs) {
  const InitialCase& row = GetParam();
  const InitialSecrets secrets = initial_secrets(row.version, kDcid);
  EXPECT_EQ(hex(secrets.client.view()), row.client_secret);
  EXPECT_EQ(hex(secrets.server.view()), row.server_secret);
  const std::string prefix = row.version == kV2 ? "quicv2 " : "quic ";
  const auto check = [&](const TrafficSecret& secret, const char* key, const char* iv, const char* hp) {
    const Octets bytes{secret.view().begin(), secret.view().end()};
    EXPECT_EQ(expanded(Suite::aes_128_gcm, bytes, prefix + "key", 16), key);
    EXPECT_EQ(expanded(Suite::aes_128_gcm, bytes, prefix + "iv", 12), iv);
    EXPECT_EQ(expanded(Suite::aes_128_gcm, bytes, prefix + "hp", 16), hp);
    // derive() uses the same labels.
    EXPECT_EQ(hex(derive(row.version, Suite::aes_128_gcm, bytes, WithHeaderKey::yes).iv), iv);
  };
  check(secrets.client, row.client_key, row.client_iv, row.client_hp);
  check(secrets.server, row.server_key, row.server_iv, row.server_hp);
}
INSTANTIATE_TEST_SUITE_P(
    Versions, InitialKeys,
    testing::Values(InitialCase{"v1_rfc9001_a1", kV1, "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
                                "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2",
                                "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b", "cf3a5331653c364c88f0f379b6067e37",
                                "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
                    InitialCase{"v2_rfc9369_a1", kV2, "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b",
                                "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9",
                                "0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1", "82db637861d55e1d011f19ea71d5d2a7",
                                "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a"}),
    [](const auto& row) { return std::string{row.param.name}; });

/// Seals header ‖ payload with a packet number and protects the header, as ngtcp2 does with these functions.
Octets protect(PacketKeys& keys, Octets header, std::size_t number_size, std::uint64_t number, const Octets& payload) {
  std::array<std::uint8_t, kIvBytes> nonce = keys.iv;
  for (std::size_t i = 0; i < 8; ++i) nonce[kIvBytes - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  Octets packet = header;
  packet.resize(header.size() + payload.size() + kTagBytes);
  EXPECT_TRUE(seal(keys.aead.get(), packet.data() + header.size(), payload, nonce, header));
  std::array<std::uint8_t, 5> mask;
  const std::size_t number_at = header.size() - number_size;
  header_mask(*keys.header, packet.data() + number_at + 4, mask.data());
  packet[0] ^= mask[0] & ((packet[0] & 0x80) != 0 ? 0x0f : 0x1f);
  for (std::size_t i = 0; i < number_size; ++i) packet[number_at + i] ^= mask[1 + i];
  return packet;
}

TEST(PacketProtection, ClientInitialMaskOfRfc9001A2) {
  PacketKeys keys = derive(kV1, Suite::aes_128_gcm, initial_secrets(kV1, kDcid).client.view(), WithHeaderKey::yes);
  std::array<std::uint8_t, 5> mask;
  header_mask(*keys.header, octets("d1b1c98dd7689fb8ec11d242b123dc9b").data(), mask.data());
  EXPECT_EQ(hex(mask), "437b9aec36");
}

TEST(PacketProtection, ServerInitialPacketOfRfc9001A3) {
  PacketKeys keys = derive(kV1, Suite::aes_128_gcm, initial_secrets(kV1, kDcid).server.view(), WithHeaderKey::yes);
  const Octets header = octets("c1000000010008f067a5502a4262b50040750001");
  const Octets payload = octets(
      "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c940d"
      "89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304");
  EXPECT_EQ(hex(protect(keys, header, 2, 1, payload)),
            "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839"
            "b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456"
            "cbc42158407dd074ee");
}

TEST(PacketProtection, ChaChaPacketOfRfc9001A5) {
  const Octets secret = octets("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  constexpr Suite kSuite = Suite::chacha20_poly1305;
  EXPECT_EQ(expanded(kSuite, secret, "quic key", 32), "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8");
  EXPECT_EQ(expanded(kSuite, secret, "quic hp", 32), "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
  EXPECT_EQ(hex(next_secret(kV1, kSuite, secret).view()), "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");
  PacketKeys keys = derive(kV1, kSuite, secret, WithHeaderKey::yes);
  EXPECT_EQ(hex(keys.iv), "e0459b3474bdd0e44a41c144");
  const Octets packet = protect(keys, octets("4200bff4"), 3, 654360564, octets("01"));
  EXPECT_EQ(hex(packet), "4cfe4189655e5cd55c41f69080575d7999c25a5bfb");
  // And back; a changed byte is refused.
  const Octets nonce = octets("e0459b3474bdd0e46d417eb0");
  const Octets header = octets("4200bff4");
  Octets sealed{packet.begin() + 4, packet.end()};
  Octets plain(sealed.size());
  ASSERT_TRUE(open(keys.aead.get(), plain.data(), sealed, nonce, header));
  EXPECT_EQ(plain[0], 1);
  sealed[0] ^= 1;
  EXPECT_FALSE(open(keys.aead.get(), plain.data(), sealed, nonce, header));
}

TEST(PacketProtection, ChaChaPacketOfRfc9369A5) {
  const Octets secret = octets("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  constexpr Suite kSuite = Suite::chacha20_poly1305;
  EXPECT_EQ(expanded(kSuite, secret, "quicv2 key", 32), "3bfcddd72bcf02541d7fa0dd1f5f9eeea817e09a6963a0e6c7df0f9a1bab90f2");
  EXPECT_EQ(hex(next_secret(kV2, kSuite, secret).view()), "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88");
  PacketKeys keys = derive(kV2, kSuite, secret, WithHeaderKey::yes);
  EXPECT_EQ(hex(keys.iv), "a6b5bc6ab7dafce30ffff5dd");
  EXPECT_EQ(hex(protect(keys, octets("4200bff4"), 3, 654360564, octets("01"))), "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba");
}

std::string retry_packet(std::uint32_t version) {
  ngtcp2_cid scid, none, original;
  ngtcp2_cid_init(&scid, octets("f067a5502a4262b5").data(), 8);
  ngtcp2_cid_init(&none, nullptr, 0);
  ngtcp2_cid_init(&original, kDcid.data(), kDcid.size());
  Octets packet(256);
  const Octets token = octets("746f6b656e");
  const auto size = write_retry(packet, version, none, scid, original, token);
  packet.resize(size);
  return hex(packet);
}
/// The four low bits of the first byte are arbitrary (and covered by the tag), so the tag is checked over the packet as it was written,
/// by ngtcp2's own reading of it where a client takes it; here the RFC's packets, whose bits are 0xf.
TEST(RetryPacket, HasTheTagOfTheRfcs) {
  EXPECT_EQ(retry_tag(kV1, kDcid, octets("ff000000010008f067a5502a4262b5746f6b656e")), octets("04a265ba2eff4d829058fb3f0f2496ba"));
  EXPECT_EQ(retry_tag(kV2, kDcid, octets("cf6b3343cf0008f067a5502a4262b5746f6b656e")), octets("c8646ce8bfe33952d955543665dcc7b6"));
  for (const std::uint32_t version : {kV1, kV2}) {
    const Octets packet = octets(retry_packet(version));
    ASSERT_GT(packet.size(), kTagBytes);
    const std::span body = std::span{packet}.first(packet.size() - kTagBytes);
    EXPECT_EQ(hex(retry_tag(version, kDcid, body)), hex(std::span{packet}.last(kTagBytes)));
  }
}

}  // namespace
}  // namespace tablinum::net::quic
