// The signature of the content: kept by every way of sealing and opening, and not to be had by whoever can only read the file.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "file/content_signature.h"
#include "file_harness.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::header_bytes;
using testing::opened_of;
using testing::Pair;
using testing::ranged_of;
using testing::sealed_of;
using testing::secret_of;

struct Person {
  explicit Person(std::uint8_t number) : keys{secret_of(number), secret_of(static_cast<std::uint8_t>(number + 100))} {}
  HybridSigner keys;
  std::unique_ptr<Signer> signer = make_signer(keys);
  std::unique_ptr<SignatureVerifier> verifier = make_verifier(keys.verifier());
  const SignatureVerifier* known = verifier.get();
  OpenOptions trusted(bool required = true) const { return {.verifiers = {&known, 1}, .signature_required = required}; }
};

const Person& alice() {
  static const Person person{11};
  return person;
}
const Person& mallory() {
  static const Person person{12};
  return person;
}

SealOptions signed_by(const Person& person, Padding padding = Padding::none) {
  return {.chunk_log2 = 12, .padding = padding, .signer = person.signer.get(), .sign_content = true};
}

TEST(ContentSignature, EverySizeAndWay) {
  for (const std::size_t size : {0UL, 1UL, 690UL, 691UL, 692UL, 4095UL, 4096UL, 8192UL, 100'000UL})
    for (const auto padding : {Padding::none, Padding::padme}) {
      const Bytes content = content_of(size);
      const Bytes sealed = sealed_of(content, signed_by(alice(), padding));
      const auto opened = opened_of(sealed, {}, alice().trusted());
      ASSERT_TRUE(opened) << size;
      EXPECT_EQ(*opened, content);
      EXPECT_EQ(ranged_of(sealed).value(), content) << size;
      MemorySource in{content};
      MemorySink out;
      const auto pool = make_thread_pool(2);
      const auto report = seal(in, out, Pair{}.recipients(), signed_by(alice(), padding), {.executor = pool.get()});
      ASSERT_TRUE(report);
      EXPECT_EQ(report->content_bytes, size);
      EXPECT_EQ(opened_of(out.bytes(), {}, alice().trusted()).value(), content);
    }
}

TEST(ContentSignature, TheReportSaysWhose) {
  const Bytes sealed = sealed_of(content_of(5000), signed_by(alice()));
  Bytes plain;
  const auto known = open(sealed, plain, Pair{}.openers(), alice().trusted(false)).value();
  EXPECT_EQ(known.content_bytes, 5000U);
  EXPECT_EQ(known.content, SignatureState::good);
  EXPECT_EQ(known.content_signer, alice().signer->id());
  EXPECT_TRUE(known.is_signed());
  const auto unknown = open(sealed, plain, Pair{}.openers(), mallory().trusted(false)).value();
  EXPECT_EQ(unknown.content, SignatureState::unknown_signer);
  EXPECT_FALSE(unknown.is_signed());
  EXPECT_FALSE(open(sealed, plain, Pair{}.openers(), mallory().trusted()));
  const auto header_only = open(sealed_of(content_of(9), {.signer = alice().signer.get()}), plain, Pair{}.openers(), alice().trusted()).value();
  EXPECT_EQ(header_only.content, SignatureState::none);
  EXPECT_TRUE(header_only.is_signed());
  EXPECT_EQ(seal(ByteView{}, plain, Pair{}.recipients(), {.sign_content = true}).error().code, Code::invalid) << "by whom?";
}

/// The file's header with another payload under it, as somebody can write it who can open the file.
Bytes with_payload(ByteView sealed, ByteView plain) {
  MemorySource source{sealed};
  const Header header = read_header(source).value();
  const auto key = file::find_file_key(header, Pair{}.openers()).value();
  const file::PayloadCipher cipher{header, key};
  Bytes all{sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(header_bytes(sealed))};
  const std::size_t head = all.size();
  all.resize(head + cipher.sealed_bytes(plain.size()).value());
  EXPECT_TRUE(cipher.seal(0, true, plain, MutableBytes{all}.subspan(head)));
  return all;
}
Bytes payload_of(ByteView sealed) {
  MemorySource source{sealed};
  const Header header = read_header(source).value();
  const file::PayloadCipher cipher{header, file::find_file_key(header, Pair{}.openers()).value()};
  const auto payload = sealed.subspan(header_bytes(sealed));
  Bytes plain(cipher.chunk_bytes() * 4);
  plain.resize(cipher.open(0, true, payload, plain).value());
  return plain;
}

TEST(ContentSignature, AReaderCannotWriteAnotherContent) {
  const Bytes sealed = sealed_of(content_of(200), signed_by(alice()));
  const Bytes plain = payload_of(sealed);
  ASSERT_EQ(plain.size(), 200U + 3405U);
  EXPECT_EQ(with_payload(sealed, plain), sealed) << "what the tests change is all that differs";
  const auto refused = [&](const Bytes& other) {
    EXPECT_FALSE(opened_of(with_payload(sealed, other), {}, alice().trusted(false)));
    EXPECT_FALSE(opened_of(with_payload(sealed, other), {}, alice().trusted()));
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{199}, std::size_t{200 + 32}, std::size_t{200 + 40}, std::size_t{200 + 100}, plain.size() - 1}) {
    Bytes other = plain;
    other[at] ^= std::byte{1};
    refused(other);
  }
  refused({plain.begin() + 1, plain.end()});  // content cut off in front
  EXPECT_FALSE(opened_of(with_payload(sealed, content_of(3404))));  // no room for a signature, whoever is known
  // Cut off, it is a signature by nobody known: as if the reader had signed, and never the owner's word.
  const Bytes cut = with_payload(sealed, {plain.begin(), plain.end() - 1});
  EXPECT_FALSE(opened_of(cut, {}, alice().trusted()));
  Bytes opened;
  EXPECT_FALSE(open(cut, opened, Pair{}.openers(), alice().trusted(false)).value().is_signed());
}

TEST(ContentSignature, AReaderCannotSignInTheOwnersName) {
  const Bytes sealed = sealed_of(content_of(200), signed_by(alice()));
  // Mallory's own signature of another content, made rightly for this file.
  MemorySource source{sealed};
  const Header header = read_header(source).value();
  const file::NewFile again{.header = header, .key = file::find_file_key(header, Pair{}.openers()).value(), .signer = mallory().signer.get()};
  const Bytes content = content_of(300);
  MemorySource in{content};
  MemorySink payload;
  ASSERT_TRUE(file::seal_payload(again, in, payload, {}));
  Bytes forged{sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(header_bytes(sealed))};
  append(forged, payload.bytes());
  EXPECT_FALSE(opened_of(forged, {}, alice().trusted()));
  Bytes plain;
  const auto opened = open(forged, plain, Pair{}.openers(), alice().trusted(false)).value();
  EXPECT_EQ(opened.signature, SignatureState::good) << "the header is hers";
  EXPECT_EQ(opened.content, SignatureState::unknown_signer);
  EXPECT_FALSE(opened.is_signed());
}

TEST(ContentSignature, IsGoodForItsFileOnly) {
  const Bytes first = sealed_of(content_of(200), signed_by(alice())), second = sealed_of(content_of(200), signed_by(alice()));
  EXPECT_FALSE(opened_of(with_payload(second, payload_of(first)), {}, alice().trusted(false)));
}

TEST(ContentSignature, TheFieldCannotBeTakenOut) {
  const Bytes sealed = sealed_of(content_of(200), signed_by(alice()));
  MemorySource source{sealed};
  Header header = read_header(source).value();
  const auto key = file::find_file_key(header, Pair{}.openers()).value();
  header.meta.clear();
  const Recipient* recipient = &testing::own_key();
  auto signature = header.signature;
  auto signer = header.signer;
  ASSERT_TRUE(file::complete_header(header, key, {&recipient, 1}, nullptr));
  header.signer = signer;
  header.signature = signature;
  const file::NewFile again{.header = header, .key = key};
  const Bytes content = content_of(300);
  MemorySource in{content};
  MemorySink payload;
  ASSERT_TRUE(file::seal_payload(again, in, payload, {}));
  Bytes forged = serialize(header);
  append(forged, payload.bytes());
  EXPECT_TRUE(opened_of(forged)) << "a reader can make a file of his own";
  EXPECT_FALSE(opened_of(forged, {}, alice().trusted(false))) << "but not in her name";
}

TEST(ContentSignature, ReadersChangeWithoutIt) {
  const Bytes content = content_of(9000);
  const Bytes sealed = sealed_of(content, signed_by(alice()));
  MemorySource in{sealed};
  MemorySink out;
  const Recipient* more = &testing::other_key();
  ASSERT_TRUE(change_header(in, out, Pair{}.openers(), {.add = {more}, .signer = mallory().signer.get()}));
  const SignatureVerifier* both[] = {alice().known, mallory().known};
  const Opener* key = &testing::other_key();
  Bytes plain;
  const auto opened = open(out.bytes(), plain, {&key, 1}, {.verifiers = both, .signature_required = true}).value();
  EXPECT_EQ(plain, content);
  EXPECT_EQ(opened.header.signer, mallory().signer->id());
  EXPECT_EQ(opened.content_signer, alice().signer->id());
  EXPECT_FALSE(open(out.bytes(), plain, {&key, 1}, alice().trusted())) << "whose header is it?";
}

TEST(ContentSignature, FieldsOfOtherKindsAreRefused) {
  for (const Bytes& value : {Bytes{}, Bytes{std::byte{2}}, Bytes{std::byte{1}, std::byte{1}}}) {
    const Bytes sealed = sealed_of(content_of(9), signed_by(alice()));
    MemorySource source{sealed};
    Header header = read_header(source).value();
    header.meta.back().value = value;
    const Bytes bytes = serialize(header);
    MemorySource again{bytes};
    EXPECT_EQ(read_header(again).error().code, Code::unsupported);
  }
}

/// However the stream is cut into pieces.
RC_GTEST_PROP(ContentSignature, PiecesOfAnySize, ()) {
  const Bytes content = content_of(*rc::gen::inRange<std::size_t>(0, 20'000));
  const Digest core = sha3_256(content);
  MemorySource from{content};
  file::SignedSource source{from, *alice().signer, core};
  MemorySink to;
  const SignatureVerifier* known = alice().known;
  file::SignedSink sink{to, {&known, 1}, core};
  Bytes piece(*rc::gen::inRange<std::size_t>(1, 9000));
  while (true) {
    const auto got = source.read(piece).value();
    if (got == 0) break;
    RC_ASSERT(sink.write(ByteView{piece}.first(got)).has_value());
  }
  RC_ASSERT(sink.finish().has_value());
  RC_ASSERT(to.bytes() == content);
  RC_ASSERT(sink.content_bytes() == content.size());
  RC_ASSERT(sink.signature() == SignatureState::good);
}

}  // namespace
}  // namespace tablinum::seal
