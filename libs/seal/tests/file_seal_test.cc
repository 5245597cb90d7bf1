#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <mutex>

#include "file/padding.h"
#include "file/pipeline.h"
#include "file_harness.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::opened_of;
using testing::other_key;
using testing::own_key;
using testing::Pair;
using testing::ranged_of;
using testing::sealed_of;

/// Gives at most `step` bytes a call, as a pipe may.
class Drip final : public Source {
 public:
  Drip(ByteView bytes, std::size_t step) : all_{bytes}, step_{step} {}
  Result<std::size_t> read(MutableBytes into) override { return all_.read(into.first(std::min(step_, into.size()))); }

 private:
  MemorySource all_;
  std::size_t step_;
};

class AllShapes : public ::testing::TestWithParam<std::tuple<Cipher, unsigned, Padding, unsigned>> {
 protected:
  AllShapes() : pool_{make_thread_pool(std::get<3>(GetParam()))} {}
  SealOptions options() const {
    return {.cipher = std::get<0>(GetParam()), .chunk_log2 = std::get<1>(GetParam()), .padding = std::get<2>(GetParam())};
  }
  std::unique_ptr<Executor> pool_;
};
INSTANTIATE_TEST_SUITE_P(Shapes, AllShapes,
                         ::testing::Combine(::testing::Values(Cipher::aes256_gcm, Cipher::xchacha20_poly1305), ::testing::Values(12, 16, 20),
                                            ::testing::Values(Padding::none, Padding::padme), ::testing::Values(1, 3)));

TEST_P(AllShapes, EverySizeComesBack) {
  const std::size_t chunk = std::size_t{1} << options().chunk_log2;
  const std::size_t batch = std::max(chunk, file::kBatchBytes);
  const seal::Run run{.executor = pool_.get()};
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, chunk - 1, chunk, chunk + 1, 2 * chunk, batch - 1, batch, batch + 1, 2 * batch,
                                  3 * batch + chunk + 1}) {
    const Bytes content = content_of(bytes);
    Drip source{content, 100'003};
    MemorySink sink;
    const auto report = seal(source, sink, Pair{}.recipients(), options(), run);
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_EQ(report->content_bytes, bytes);
    EXPECT_EQ(report->sealed_bytes, sink.bytes().size());
    Drip sealed{sink.bytes(), 70'001};
    MemorySink opened;
    const auto open_report = open(sealed, opened, Pair{}.openers(), {}, run);
    ASSERT_TRUE(open_report) << bytes << ' ' << describe(open_report.error());
    EXPECT_EQ(open_report->content_bytes, bytes);
    ASSERT_EQ(opened.bytes(), content);
    Bytes memory;
    ASSERT_TRUE(open(sink.bytes(), memory, Pair{}.openers(), {}, run));
    ASSERT_EQ(memory, content);
    ASSERT_EQ(ranged_of(sink.bytes()).value(), content);
    Bytes sealed_memory;
    ASSERT_TRUE(seal(content, sealed_memory, Pair{}.recipients(), options(), run));
    ASSERT_EQ(sealed_memory.size(), sink.bytes().size());
    ASSERT_EQ(opened_of(sealed_memory).value(), content);
  }
}

TEST(FileSeal, TheSameContentTwiceGivesDifferentBytes) {
  const Bytes once = sealed_of(content_of(100));
  const Bytes again = sealed_of(content_of(100));
  ASSERT_EQ(once.size(), again.size());
  std::size_t same = 0;
  for (std::size_t i = once.size() - 116; i < once.size(); ++i) same += once[i] == again[i];
  EXPECT_LT(same, 12U);  // of 116 bytes of payload; 0.45 expected
}

TEST(FileSeal, BuffersAreReused) {
  Bytes sealed;
  Bytes opened;
  for (const std::size_t bytes : {100'000, 10, 70'000}) {
    ASSERT_TRUE(seal(content_of(bytes), sealed, Pair{}.recipients()));
    ASSERT_TRUE(open(sealed, opened, Pair{}.openers()));
    EXPECT_EQ(opened, content_of(bytes));
  }
}

// ---- options and recipients

Code error_of(Recipients recipients, const SealOptions& options) {
  Bytes sealed;
  const auto report = seal({}, sealed, recipients, options);
  MemorySource source{{}};
  MemorySink sink;
  const auto stream = seal(source, sink, recipients, options);
  EXPECT_EQ(report.has_value(), stream.has_value());
  if (report) return Code{};
  EXPECT_EQ(report.error().code, stream.error().code);
  EXPECT_TRUE(sink.bytes().empty());
  return report.error().code;
}

TEST(FileSeal, OptionsHaveLimits) {
  const Pair pair;
  const auto fine = pair.recipients();
  EXPECT_EQ(error_of(fine, {.chunk_log2 = 11}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.chunk_log2 = 25}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.cipher = Cipher{3}}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.meta = {{2, {}}, {1, {}}}}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.meta = {{0, {}}}}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.meta = {{kMetaPadding, {std::byte{1}}}}}), Code::invalid);
  EXPECT_EQ(error_of(fine, {.meta = {{1, Bytes(kMetaBytesMax - 3)}}}), Code{});
  EXPECT_EQ(error_of(fine, {.meta = {{1, Bytes(kMetaBytesMax - 2)}}}), Code::too_large);
  EXPECT_EQ(error_of(fine, {.padding = Padding::padme, .meta = {{1, Bytes(kMetaBytesMax - 3)}}}), Code::too_large);
}

TEST(FileSeal, RecipientsHaveLimits) {
  EXPECT_EQ(error_of({}, {}), Code::invalid);
  std::vector<const Recipient*> many(kStanzasMax, &own_key());
  EXPECT_EQ(error_of(many, {}), Code{});
  many.push_back(&own_key());
  EXPECT_EQ(error_of(many, {}), Code::limit);
}

TEST(FileSeal, EachRecipientOpensAndNobodyElse) {
  const std::array<const Recipient*, 2> both{&own_key(), &other_key()};
  const SymmetricKey third{testing::secret_of(3)};
  Bytes sealed;
  ASSERT_TRUE(seal(content_of(10), sealed, both));
  EXPECT_TRUE(opened_of(sealed));
  EXPECT_TRUE(opened_of(sealed, {.opener = &other_key()}));
  EXPECT_FALSE(opened_of(sealed, {.opener = &third}));
  const std::array<const Opener*, 2> ring{&third, &other_key()};
  Bytes opened;
  EXPECT_TRUE(open(sealed, opened, ring));
  EXPECT_FALSE(open(sealed, opened, {}));
}

TEST(FileSeal, MetaIsReadWithoutAKey) {
  const SealOptions options{.padding = Padding::padme, .meta = {{kMetaComment, content_of(5)}, {0x40, {}}}};
  const Bytes sealed = sealed_of(content_of(10), options);
  MemorySource source{sealed};
  const auto header = inspect(source).value();
  ASSERT_EQ(header.meta.size(), 3U);
  EXPECT_EQ(header.meta[0], (MetaField{kMetaComment, content_of(5)}));
  EXPECT_EQ(header.padding(), Padding::padme);
  EXPECT_EQ(header.stanzas.size(), 1U);
  EXPECT_EQ(header.stanzas[0].type, StanzaType::symmetric);
}

// ---- padding

TEST(FilePadding, PadmeOfThePaper) {
  // Content and trailer together, computed by hand from the paper's figure 4: E = floor(log2 L), S = floor(log2 E) + 1.
  const std::array<std::pair<std::uint64_t, std::uint64_t>, 7> rows{
      {{8, 8}, {9, 10}, {16, 16}, {17, 18}, {1000, 1024}, {65537, 67584}, {1'000'000, 1'015'808}}};
  for (const auto& [length, padded] : rows) EXPECT_EQ(file::padded_bytes(length - 8).value(), padded) << length;
  EXPECT_EQ(file::padded_bytes((std::uint64_t{1} << 62) + 1).error().code, Code::too_large);
}

RC_GTEST_PROP(FilePadding, AtMostTwelvePercentAndNeverShorter, ()) {
  const auto content = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 50) >> *rc::gen::inRange(0, 50);
  const std::uint64_t padded = file::padded_bytes(content).value();
  RC_ASSERT(padded >= content + 8);
  RC_ASSERT(static_cast<double>(padded) <= 1.12 * static_cast<double>(content + 8));
}

TEST(FilePadding, SizesTellOnlyTheMagnitude) {
  std::set<std::size_t> sizes;
  for (std::size_t bytes = 100'400; bytes < 102'300; bytes += 7) {
    sizes.insert(sealed_of(content_of(bytes), {.padding = Padding::padme}).size());
  }
  EXPECT_EQ(sizes.size(), 1U);
}

TEST(FilePadding, ContentOfZerosComesBack) {
  for (const std::size_t bytes : {0, 1, 7, 8, 9, 4096, 300'000, 1'000'001}) {
    const Bytes zeros(bytes);
    const Bytes sealed = sealed_of(zeros, {.chunk_log2 = 12, .padding = Padding::padme});
    EXPECT_EQ(opened_of(sealed).value(), zeros) << bytes;
    EXPECT_EQ(ranged_of(sealed).value(), zeros) << bytes;
  }
}

/// Padded content that a hostile writer made, under a good key.
Result<Bytes> opened_padded(ByteView padded) {
  auto file = file::new_file(Pair{}.recipients(), {.padding = Padding::padme}).value();
  Bytes sealed = serialize(file.header);
  const file::PayloadCipher cipher{file.header, file.key};
  Bytes payload(padded.size() + 16);
  EXPECT_TRUE(cipher.seal(0, true, padded, payload));
  append(sealed, payload);
  const auto opened = opened_of(sealed);
  EXPECT_EQ(ranged_of(sealed).has_value(), opened.has_value());
  return opened;
}

TEST(FilePadding, OnlyOneFormIsAccepted) {
  const auto with_length = [](std::size_t zeros, std::uint64_t length) {
    Bytes padded = content_of(992);
    padded.resize(992 + zeros);
    append_u64_le(padded, length);
    return padded;
  };
  EXPECT_EQ(opened_padded(with_length(24, 992)).value(), content_of(992));
  EXPECT_FALSE(opened_padded(with_length(23, 992)));
  EXPECT_FALSE(opened_padded(with_length(25, 992)));
  EXPECT_FALSE(opened_padded(with_length(24, 900)));                          // too much padding
  EXPECT_FALSE(opened_padded(with_length(24, 1017)));                         // longer than what there is
  EXPECT_FALSE(opened_padded(with_length(24, ~std::uint64_t{0})));
  EXPECT_FALSE(opened_padded(Bytes(7)));
  EXPECT_FALSE(opened_padded({}));
}

TEST(FilePadding, PaddingIsZeros) {
  Bytes padded = content_of(992);
  padded.resize(992 + 24);
  padded[1000] = std::byte{1};
  append_u64_le(padded, 992);
  auto file = file::new_file(Pair{}.recipients(), {.padding = Padding::padme}).value();
  Bytes sealed = serialize(file.header);
  Bytes payload(padded.size() + 16);
  ASSERT_TRUE((file::PayloadCipher{file.header, file.key}.seal(0, true, padded, payload)));
  append(sealed, payload);
  EXPECT_FALSE(opened_of(sealed));
}

// ---- passphrases

constexpr PassphraseWork kLittleWork{.passes = 1, .memory_kib = 8};

Pair passphrase_pair(std::string_view sealed_with, std::string_view opened_with) {
  static std::vector<std::unique_ptr<Recipient>> recipients;
  static std::vector<std::unique_ptr<Opener>> openers;
  recipients.push_back(make_passphrase_recipient(bytes_of(sealed_with), kLittleWork).value());
  openers.push_back(make_passphrase_opener(bytes_of(opened_with)));
  return {recipients.back().get(), openers.back().get()};
}

TEST(FilePassphrase, OpensWithTheSameAndFailsLikeAnythingElseWithAnother) {
  const auto right = passphrase_pair("mushana wakanaka", "mushana wakanaka");
  const auto wrong = passphrase_pair("mushana wakanaka", "mushana wakanakb");
  EXPECT_EQ(opened_of(sealed_of(content_of(9), {}, right), right).value(), content_of(9));
  EXPECT_FALSE(opened_of(sealed_of(content_of(9), {}, right), wrong));
  EXPECT_FALSE(opened_of(sealed_of(content_of(9), {}, right)));
}

TEST(FilePassphrase, StandsAlone) {
  const auto pair = passphrase_pair("a", "a");
  const std::array<const Recipient*, 2> both{pair.recipient, &own_key()};
  EXPECT_EQ(error_of(both, {}), Code::invalid);
}

TEST(FilePassphrase, WorkHasBounds) {
  const auto code = [](ByteView passphrase, PassphraseWork work) {
    const auto made = make_passphrase_recipient(passphrase, work);
    return made ? Code{} : made.error().code;
  };
  const auto some = bytes_of("some");
  EXPECT_EQ(code({}, {}), Code::invalid);
  EXPECT_EQ(code(some, {}), Code{});
  EXPECT_EQ(code(some, {.passes = 0, .memory_kib = 8}), Code::invalid);
  EXPECT_EQ(code(some, {.passes = 16, .memory_kib = 8}), Code{});
  EXPECT_EQ(code(some, {.passes = 17, .memory_kib = 8}), Code::invalid);
  EXPECT_EQ(code(some, {.passes = 1, .memory_kib = 7}), Code::invalid);
  EXPECT_EQ(code(some, {.passes = 4, .memory_kib = 1 << 20}), Code{});
  EXPECT_EQ(code(some, {.passes = 5, .memory_kib = 1 << 20}), Code::invalid);
  EXPECT_EQ(code(some, {.passes = 1, .memory_kib = (1 << 20) + 1}), Code::invalid);
}

TEST(FilePassphrase, AFileThatAsksForTooMuchIsRefusedBeforeTheWork) {
  const auto pair = passphrase_pair("p", "p");
  Bytes sealed = sealed_of({}, {}, pair);
  constexpr std::size_t kPasses = 46 + 2 + 6 + 16;
  for (const std::size_t place : {kPasses + 3, kPasses + 7}) {  // 2^24 passes; 16 GiB
    Bytes hostile = sealed;
    hostile[place] = std::byte{1};
    EXPECT_FALSE(opened_of(hostile, pair));
  }
}

// ---- signatures

/// Not a signature; enough to see that what is signed and checked is what the format says.
class Stamp final : public Signer, public SignatureVerifier {
 public:
  explicit Stamp(std::uint8_t who) : who_{who} {}
  SignerId id() const override {
    SignerId name{};
    name[0] = std::byte{who_};
    return name;
  }
  Result<Bytes> sign(ByteView message) const override {
    Bytes signature(kSignatureBytes, std::byte{who_});
    std::ranges::copy(message, signature.begin());
    return signature;
  }
  bool verify(ByteView message, ByteView signature) const override { return std::ranges::equal(sign(message).value(), signature); }

 private:
  std::uint8_t who_;
};

class FileSignature : public ::testing::Test {
 protected:
  Result<OpenReport> open_with(ByteView sealed, std::vector<const SignatureVerifier*> verifiers, bool required) {
    Bytes out;
    return open(sealed, out, Pair{}.openers(), {.verifiers = verifiers, .signature_required = required});
  }
  const Stamp anna_{1}, ben_{2};
  Bytes signed_ = sealed_of(content_of(10), {.signer = &anna_});
};

TEST_F(FileSignature, IsOverTheHeaderUpToItself) {
  MemorySource source{signed_};
  const Header header = read_header(source).value();
  const std::size_t length_field = serialize(header).size() - file::kSignatureBlockBytes - 4;
  Bytes want{bytes_of("seal/v1/sig").begin(), bytes_of("seal/v1/sig").end()};
  append(want, sha3_256(ByteView{signed_}.first(length_field)).view());
  EXPECT_EQ(signed_message(header), want);
  EXPECT_EQ(header.signer, anna_.id());
}

TEST_F(FileSignature, StatesAreTold) {
  EXPECT_EQ(open_with(signed_, {&ben_, &anna_}, true)->signature, SignatureState::good);
  EXPECT_EQ(open_with(signed_, {&ben_}, false)->signature, SignatureState::unknown_signer);
  EXPECT_EQ(open_with(sealed_of({}), {&anna_}, false)->signature, SignatureState::none);
}

TEST_F(FileSignature, RequiredMeansGood) {
  EXPECT_EQ(open_with(signed_, {&ben_}, true).error().code, Code::corrupt);
  EXPECT_EQ(open_with(sealed_of({}), {&anna_}, true).error().code, Code::corrupt);
}

TEST_F(FileSignature, StrippedOrAlteredIsRefused) {
  MemorySource source{signed_};
  Header header = read_header(source).value();
  const Bytes payload = read_all(source, signed_.size()).value();
  const auto with = [&](auto change) {
    Header changed = header;
    change(changed);
    Bytes bytes = serialize(changed);
    append(bytes, payload);
    return bytes;
  };
  const Bytes stripped = with([](Header& changed) { changed.signer.reset(); });
  EXPECT_FALSE(open_with(stripped, {&anna_}, true));
  EXPECT_EQ(open_with(stripped, {&anna_}, false)->signature, SignatureState::none);
  const Bytes first_half = with([](Header& changed) { changed.signature[0] ^= std::byte{1}; });
  const Bytes second_half = with([](Header& changed) { changed.signature[64] ^= std::byte{1}; });
  const Bytes of_another = with([&](Header& changed) { changed.signer = ben_.id(); });
  for (const auto& altered : {first_half, second_half}) EXPECT_EQ(open_with(altered, {&anna_}, false).error().code, Code::corrupt);
  EXPECT_EQ(open_with(of_another, {&anna_, &ben_}, false).error().code, Code::corrupt);
}

// ---- who may read

Result<Bytes> changed(ByteView sealed, const HeaderChange& change, const Opener& key = own_key()) {
  MemorySource source{sealed};
  MemorySink sink;
  const Opener* opener = &key;
  TRY(header, change_header(source, sink, {&opener, 1}, change));
  EXPECT_TRUE(std::ranges::equal(serialize(header), ByteView{sink.bytes()}.first(serialize(header).size())));
  return sink.take();
}

TEST(ChangeHeader, AddsAndRemovesWithoutTouchingThePayload) {
  const Bytes sealed = sealed_of(content_of(700'000));
  const Bytes both = changed(sealed, {.add = {&other_key()}, .remove = {}}).value();
  EXPECT_EQ(opened_of(both).value(), content_of(700'000));
  EXPECT_EQ(opened_of(both, {.opener = &other_key()}).value(), content_of(700'000));
  const std::size_t payload = 700'000 + 11 * 16;
  EXPECT_TRUE(std::ranges::equal(ByteView{both}.last(payload), ByteView{sealed}.last(payload)));
  const Bytes other = changed(both, {.add = {}, .remove = {0}}, other_key()).value();
  EXPECT_FALSE(opened_of(other));
  EXPECT_EQ(opened_of(other, {.opener = &other_key()}).value(), content_of(700'000));
}

TEST(ChangeHeader, SignsAnewOrLeavesUnsigned) {
  const Stamp anna{1};
  const SignatureVerifier* verifier = &anna;
  const Bytes sealed = sealed_of({}, {.signer = &anna});
  const auto state = [&](ByteView bytes) {
    MemorySource source{bytes};
    return verify_signature(read_header(source).value(), {&verifier, 1});
  };
  EXPECT_EQ(state(sealed), SignatureState::good);
  EXPECT_EQ(state(changed(sealed, {.add = {&other_key()}}).value()), SignatureState::none);
  EXPECT_EQ(state(changed(sealed, {.add = {&other_key()}, .signer = &anna}).value()), SignatureState::good);
}

TEST(ChangeHeader, RefusesWhatItCannotDo) {
  const Bytes sealed = sealed_of(content_of(10));
  const auto code = [&](const HeaderChange& change, const Opener& key = own_key()) {
    const auto result = changed(sealed, change, key);
    return result ? Code{} : result.error().code;
  };
  EXPECT_EQ(code({.remove = {0}}), Code::invalid);  // nobody left
  EXPECT_EQ(code({.remove = {1}}), Code::invalid);
  EXPECT_EQ(code({.add = {&other_key()}, .remove = {0, 0}}), Code::invalid);
  EXPECT_EQ(code({.add = {&other_key()}, .remove = {0}}), Code{});
  EXPECT_EQ(code({.add = {&other_key()}}, other_key()), Code::corrupt);
  EXPECT_EQ(code({.add = {passphrase_pair("a", "a").recipient}}), Code::invalid);
  EXPECT_EQ(code({.add = std::vector<const Recipient*>(kStanzasMax, &own_key())}), Code::limit);
  EXPECT_EQ(code({.add = std::vector<const Recipient*>(kStanzasMax - 1, &own_key())}), Code{});
}

// ---- progress, stopping, and errors of streams

TEST(FileRun, ProgressGrowsToTheWhole) {
  const auto pool = make_thread_pool(3);
  const Bytes content = content_of(5'000'000);
  std::vector<std::uint64_t> told;
  const seal::Run run{.executor = pool.get(), .progress = [&](std::uint64_t bytes) { return told.push_back(bytes), true; }};
  MemorySource source{content};
  MemorySink sink;
  ASSERT_TRUE(seal(source, sink, Pair{}.recipients(), {}, run));
  ASSERT_GT(told.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), content.size());
}

TEST(FileRun, StopsWhenAsked) {
  const auto pool = make_thread_pool(3);
  const Bytes content = content_of(5'000'000);
  const Bytes sealed = sealed_of(content);
  const seal::Run run{.executor = pool.get(), .progress = [](std::uint64_t bytes) { return bytes < 2'000'000; }};
  MemorySource source{content};
  MemorySink sink;
  EXPECT_EQ(seal(source, sink, Pair{}.recipients(), {}, run).error().code, Code::cancelled);
  EXPECT_LT(sink.bytes().size(), 3'000'000U);
  MemorySource sealed_source{sealed};
  EXPECT_EQ(open(sealed_source, sink, Pair{}.openers(), {}, run).error().code, Code::cancelled);
  Bytes out;
  const seal::Run at_once{.executor = pool.get(), .progress = [](std::uint64_t) { return false; }};
  EXPECT_EQ(open(sealed, out, Pair{}.openers(), {}, at_once).error().code, Code::cancelled);
  EXPECT_TRUE(out.empty());
}

class FailingSource final : public Source {
 public:
  FailingSource(ByteView bytes, Code code) : all_{bytes}, code_{code} {}
  Result<std::size_t> read(MutableBytes into) override {
    TRY(got, all_.read(into));
    if (got > 0) return got;
    return fail(code_, "as told");
  }

 private:
  MemorySource all_;
  Code code_;
};

class FullSink final : public Sink {
 public:
  explicit FullSink(std::size_t space) : left_{space} {}
  Result<void> write(ByteView bytes) override {
    if (bytes.size() > left_) return fail(Code::no_space, "as told");
    left_ -= bytes.size();
    return {};
  }
  Result<void> finish() override {
    finished = true;
    return {};
  }
  bool finished = false;

 private:
  std::size_t left_;
};

TEST(FileRun, ErrorsOfStreamsPassThroughAndNothingIsFinished) {
  const auto pool = make_thread_pool(3);
  const seal::Run run{.executor = pool.get()};
  const Bytes content = content_of(2'000'000);
  const Bytes sealed = sealed_of(content);
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, std::size_t{262'144}, std::size_t{1'500'000}}) {
    FailingSource source{ByteView{content}.first(bytes), Code::io};
    FullSink sink{10'000'000};
    EXPECT_EQ(seal(source, sink, Pair{}.recipients(), {}, run).error().code, Code::io);
    EXPECT_FALSE(sink.finished);
    FailingSource broken{ByteView{sealed}.first(bytes), Code::io};
    EXPECT_EQ(open(broken, sink, Pair{}.openers(), {}, run).error().code, Code::io);
    EXPECT_FALSE(sink.finished);
    MemorySource whole{content};
    FullSink full{bytes};
    EXPECT_EQ(seal(whole, full, Pair{}.recipients(), {}, run).error().code, Code::no_space);
    MemorySource sealed_whole{sealed};
    FullSink full_too{bytes};
    EXPECT_EQ(open(sealed_whole, full_too, Pair{}.openers(), {}, run).error().code, Code::no_space);
    EXPECT_FALSE(full.finished || full_too.finished);
  }
}

class ThrowingSink final : public Sink {
 public:
  Result<void> write(ByteView) override { throw std::bad_alloc{}; }
};

TEST(FileRun, ExceptionsReachTheCallerOnHisOwnThread) {
  const auto pool = make_thread_pool(3);
  const seal::Run run{.executor = pool.get()};
  const Bytes content = content_of(2'000'000);
  const Bytes sealed = sealed_of(content);
  MemorySource source{sealed};
  ThrowingSink sink;
  EXPECT_THROW((void)open(source, sink, Pair{}.openers(), {}, run), std::bad_alloc);
}

TEST(FileRun, WorksInsideABodyOfTheSameExecutor) {
  const auto pool = make_thread_pool(2);
  const seal::Run run{.executor = pool.get()};
  const Bytes content = content_of(1'000'000);
  std::array<Bytes, 6> opened;
  pool->for_each(opened.size(), [&](std::size_t i) {
    MemorySource source{content};
    MemorySink sink;
    if (!seal(source, sink, Pair{}.recipients(), {}, run)) return;
    MemorySource sealed{sink.bytes()};
    MemorySink plain;
    if (open(sealed, plain, Pair{}.openers(), {}, run)) opened[i] = plain.take();
  });
  for (const auto& each : opened) EXPECT_EQ(each, content);
}

}  // namespace
}  // namespace tablinum::seal
