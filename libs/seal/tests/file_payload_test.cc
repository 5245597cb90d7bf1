#include "file_harness.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::header_bytes;
using testing::opened_of;
using testing::ranged_of;
using testing::sealed_of;

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kSealedChunk = kChunk + 16;
const SealOptions kSmallChunks{.chunk_log2 = 12};

/// A file of three chunks and a half, as header and sealed chunks.
struct Cut {
  Bytes header;
  std::vector<Bytes> chunks;
  Bytes joined() const {
    Bytes all = header;
    for (const auto& chunk : chunks) append(all, chunk);
    return all;
  }
};

Cut cut(ByteView sealed) {
  const std::size_t header = header_bytes(sealed);
  Cut parts{{sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(header)}, {}};
  for (auto rest = sealed.subspan(header); !rest.empty();) {
    const auto chunk = rest.first(std::min(kSealedChunk, rest.size()));
    parts.chunks.emplace_back(chunk.begin(), chunk.end());
    rest = rest.subspan(chunk.size());
  }
  return parts;
}

void expect_refused(const Cut& parts) {
  const Bytes bytes = parts.joined();
  EXPECT_FALSE(opened_of(bytes));
  EXPECT_FALSE(ranged_of(bytes));
}

class Payload : public ::testing::TestWithParam<Cipher> {
 protected:
  SealOptions options() const { return {.cipher = GetParam(), .chunk_log2 = 12}; }
  Cut sealed_parts(std::size_t bytes = 3 * kChunk + 100) { return cut(sealed_of(content_of(bytes), options())); }
};
INSTANTIATE_TEST_SUITE_P(Ciphers, Payload, ::testing::Values(Cipher::aes256_gcm, Cipher::xchacha20_poly1305),
                         [](const auto& row) { return row.param == Cipher::aes256_gcm ? "AesGcm" : "XChaCha"; });

TEST_P(Payload, OpensUnchanged) {
  const Cut parts = sealed_parts();
  ASSERT_EQ(parts.chunks.size(), 4U);
  EXPECT_EQ(opened_of(parts.joined()).value(), content_of(3 * kChunk + 100));
  EXPECT_EQ(ranged_of(parts.joined()).value(), content_of(3 * kChunk + 100));
}

TEST_P(Payload, SwappedChunksAreRefused) {
  Cut parts = sealed_parts();
  std::swap(parts.chunks[0], parts.chunks[1]);
  expect_refused(parts);
}

TEST_P(Payload, ADuplicatedChunkIsRefused) {
  Cut parts = sealed_parts();
  parts.chunks.insert(parts.chunks.begin() + 1, parts.chunks[1]);
  expect_refused(parts);
}

TEST_P(Payload, ADroppedChunkIsRefused) {
  for (std::size_t i = 0; i < 4; ++i) {
    Cut parts = sealed_parts();
    parts.chunks.erase(parts.chunks.begin() + static_cast<std::ptrdiff_t>(i));
    expect_refused(parts);
  }
}

TEST_P(Payload, AppendedBytesOrChunksAreRefused) {
  Cut parts = sealed_parts();
  parts.chunks.push_back(parts.chunks.back());
  expect_refused(parts);
  parts.chunks.back() = Bytes(1);
  expect_refused(parts);
  parts.chunks.back() = parts.chunks[0];
  expect_refused(parts);
  Cut whole = sealed_parts(2 * kChunk);
  whole.chunks.emplace_back(16);  // where an empty final chunk would be
  expect_refused(whole);
}

TEST_P(Payload, AChunkOfAnotherFileIsRefused) {
  Cut parts = sealed_parts();
  parts.chunks[1] = sealed_parts().chunks[1];
  expect_refused(parts);
}

/// What the writer's own functions make of a payload whose last flag stands elsewhere.
Cut with_last_flag_at(std::size_t last, std::size_t chunks, std::uint64_t first = 0) {
  auto file = file::new_file(testing::Pair{}.recipients(), kSmallChunks).value();
  const file::PayloadCipher cipher{file.header, file.key};
  Cut parts{serialize(file.header), {}};
  for (std::size_t i = 0; i < chunks; ++i) {
    Bytes& chunk = parts.chunks.emplace_back(kSealedChunk);
    EXPECT_TRUE(cipher.seal(first + i, i == last, content_of(kChunk), chunk));
  }
  return parts;
}

TEST(PayloadLayout, TheLastFlagIsOnTheLastChunkAndNowhereElse) {
  EXPECT_TRUE(opened_of(with_last_flag_at(2, 3).joined()));
  expect_refused(with_last_flag_at(1, 3));
  expect_refused(with_last_flag_at(0, 3));
  expect_refused(with_last_flag_at(9, 3));
  expect_refused(with_last_flag_at(2, 3, 1));  // chunks that count from one
}

TEST(PayloadLayout, AnEmptyFinalChunkStandsOnlyForAnEmptyFile) {
  auto file = file::new_file(testing::Pair{}.recipients(), kSmallChunks).value();
  const file::PayloadCipher cipher{file.header, file.key};
  Cut parts{serialize(file.header), {Bytes(kSealedChunk), Bytes(16)}};
  ASSERT_TRUE(cipher.seal(0, false, content_of(kChunk), parts.chunks[0]));
  ASSERT_TRUE(cipher.seal(1, true, {}, parts.chunks[1]));
  expect_refused(parts);
}

TEST(PayloadLayout, ChunksAreNumberedUpTo32Bits) {
  const auto file = file::new_file(testing::Pair{}.recipients(), kSmallChunks).value();
  const file::PayloadCipher cipher{file.header, file.key};
  Bytes sealed(kSealedChunk);
  EXPECT_TRUE(cipher.seal(kChunksMax - 1, true, content_of(kChunk), sealed));
  Bytes plain(kChunk);
  EXPECT_TRUE(cipher.open(kChunksMax - 1, true, sealed, plain));
  EXPECT_EQ(cipher.seal(kChunksMax, true, content_of(kChunk), sealed).error().code, Code::too_large);
  EXPECT_EQ(cipher.open(kChunksMax, true, sealed, plain).error().code, Code::corrupt);
  const Bytes two(2 * kChunk);
  Bytes sealed_two(2 * kSealedChunk);
  EXPECT_EQ(cipher.seal(kChunksMax - 1, true, two, sealed_two).error().code, Code::too_large);
  EXPECT_EQ(cipher.sealed_bytes(kChunksMax * kChunk).value(), kChunksMax * kSealedChunk);
  EXPECT_EQ(cipher.sealed_bytes(kChunksMax * kChunk + 1).error().code, Code::too_large);
  EXPECT_EQ(cipher.plain_bytes(kChunksMax * kSealedChunk).value(), kChunksMax * kChunk);
  EXPECT_EQ(cipher.plain_bytes(kChunksMax * kSealedChunk + 17).error().code, Code::corrupt);
}

TEST_P(Payload, EveryFlippedByteIsRefused) {
  Bytes sealed = sealed_of(content_of(kChunk + 50), options());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= std::byte{0x40};
    ASSERT_FALSE(opened_of(sealed)) << i;
    sealed[i] ^= std::byte{0x40};
  }
  EXPECT_TRUE(opened_of(sealed));
}

TEST_P(Payload, EveryFlippedBitOfASmallFileIsRefused) {
  Bytes sealed = sealed_of(content_of(20), options());
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_FALSE(opened_of(sealed)) << bit;
    ASSERT_FALSE(ranged_of(sealed)) << bit;
    sealed[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST_P(Payload, EveryTruncationIsRefused) {
  const Bytes sealed = sealed_of(content_of(kChunk + 50), options());
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    ASSERT_FALSE(opened_of(ByteView{sealed}.first(length))) << length;
    ASSERT_FALSE(ranged_of(ByteView{sealed}.first(length))) << length;
  }
}

TEST_P(Payload, AStreamGivesOutWhatIsAuthenticAndThenFails) {
  Cut parts = sealed_parts(400 * kChunk);
  parts.chunks.pop_back();
  const Bytes bytes = parts.joined();
  MemorySource source{bytes};
  MemorySink sink;
  EXPECT_EQ(open(source, sink, testing::Pair{}.openers()).error().code, Code::corrupt);
  const Bytes content = content_of(400 * kChunk);
  ASSERT_GT(sink.bytes().size(), 0U);
  EXPECT_TRUE(std::ranges::equal(sink.bytes(), ByteView{content}.first(sink.bytes().size())));
}

TEST_P(Payload, RangesAtEveryBorder) {
  const Bytes content = content_of(3 * kChunk + 100);
  const Bytes sealed = sealed_of(content, options());
  const MemoryFile file{sealed};
  const auto opened = SealedFile::open(file, testing::Pair{}.openers()).value();
  ASSERT_EQ(opened->size(), content.size());
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk, content.size() - 1, content.size(),
                               content.size() + 1}) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk + 2, content.size() + 5}) {
      Bytes got(bytes);
      const std::size_t want = at >= content.size() ? 0 : std::min(bytes, content.size() - at);
      ASSERT_EQ(opened->read_at(at, got).value(), want) << at << ' ' << bytes;
      ASSERT_TRUE(std::equal(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(want),
                             content.begin() + static_cast<std::ptrdiff_t>(std::min(at, content.size()))));
    }
  }
}

TEST_P(Payload, ARangeOfAnAlteredChunkGivesNothingAndOthersStillRead) {
  Cut parts = sealed_parts();
  parts.chunks[1][7] ^= std::byte{1};
  const Bytes bytes = parts.joined();
  const MemoryFile file{bytes};
  const auto opened = SealedFile::open(file, testing::Pair{}.openers()).value();
  Bytes got(10);
  EXPECT_EQ(opened->read_at(0, got).value(), 10U);
  EXPECT_EQ(opened->read_at(kChunk + 3, got).error().code, Code::corrupt);
  EXPECT_EQ(opened->read_at(kChunk - 3, got).error().code, Code::corrupt);
  EXPECT_EQ(opened->read_at(2 * kChunk, got).value(), 10U);
}

TEST(PayloadLayout, ReadersOfOneFileOnSeveralThreads) {
  const Bytes content = content_of(200'000);
  const Bytes sealed = sealed_of(content, kSmallChunks);
  const MemoryFile file{sealed};
  const auto opened = SealedFile::open(file, testing::Pair{}.openers()).value();
  const auto pool = make_thread_pool(4);
  std::array<bool, 64> same{};
  pool->for_each(same.size(), [&](std::size_t i) {
    Bytes got(3000 * (i % 7 + 1));
    const std::size_t at = i * 2500;
    const auto read = opened->read_at(at, got);
    same[i] = read && std::equal(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(*read),
                                 content.begin() + static_cast<std::ptrdiff_t>(at));
  });
  EXPECT_TRUE(std::ranges::all_of(same, std::identity{}));
}

}  // namespace
}  // namespace tablinum::seal
