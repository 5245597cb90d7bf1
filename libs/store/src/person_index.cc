#include "person_index.h"

#include <bit>

#include "log.h"

namespace tablinum::store {
namespace {

constexpr std::uint32_t kRowRecords = 4096;
constexpr std::uint32_t kRowWords = kRowRecords / 64;

std::uint32_t read_u32(ByteView bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

}  // namespace

Result<PersonIndex> PersonIndex::load(Session& session, std::int64_t tree_no) {
  PersonIndex index;
  auto rows = session.statement("SELECT hashes FROM state_node WHERE tree_no = :1 AND level = :2 ORDER BY pos", "ii", "b")
                  .query(tree_no, kPersonIndexLevel);
  while (rows.next()) {
    const ByteView bytes = rows.bytes(0);
    if (bytes.size() < 8 || index.records_ % kRowRecords != 0) return fail(Code::corrupt, "the index of persons is damaged");
    const std::uint32_t before = read_u32(bytes), records = read_u32(bytes.subspan(4));
    if (before != index.count_ || records > kRowRecords || bytes.size() != 8 + (records + 7) / 8) {
      return fail(Code::corrupt, "the index of persons is damaged");
    }
    index.append_row(bytes.subspan(8), records);
  }
  CHECK_OK(rows.status());
  index.stored_ = index.records_;
  return index;
}

void PersonIndex::append(bool person) {
  if (records_ % 64 == 0) words_.push_back(0);
  if (records_ % kRowRecords == 0) before_.push_back(static_cast<std::uint32_t>(count_));
  if (person) {
    words_.back() |= std::uint64_t{1} << (records_ % 64);
    ++count_;
  }
  ++records_;
}

/// A tree of a million is loaded for every block that is sealed: by words, not bit by bit.
void PersonIndex::append_row(ByteView bits, std::uint32_t records) {
  before_.push_back(static_cast<std::uint32_t>(count_));
  const std::size_t first = words_.size();
  words_.resize(first + (records + 63) / 64);
  for (std::size_t i = 0; i < bits.size(); ++i) words_[first + i / 8] |= std::to_integer<std::uint64_t>(bits[i]) << (i % 8 * 8);
  if (records % 64 != 0) words_.back() &= (std::uint64_t{1} << (records % 64)) - 1;
  for (std::size_t i = first; i < words_.size(); ++i) count_ += static_cast<std::uint64_t>(std::popcount(words_[i]));
  records_ += records;
}

Result<void> PersonIndex::store(Writer& writer, std::int64_t tree_no) {
  for (std::uint32_t first = stored_ / kRowRecords * kRowRecords; first < records_; first += kRowRecords) {
    const std::uint32_t records = std::min(kRowRecords, records_ - first);
    Bytes row;
    append_u32_be(row, before_[first / kRowRecords]);
    append_u32_be(row, records);
    for (std::uint32_t i = 0; i < (records + 7) / 8; ++i) {
      row.push_back(static_cast<std::byte>(words_[(first + i * 8) / 64] >> (i * 8 % 64)));
    }
    CHECK_OK(writer.statement("DELETE FROM state_node WHERE tree_no = :1 AND level = :2 AND pos = :3", "iii", {})
                 .run(tree_no, kPersonIndexLevel, first / kRowRecords));
    CHECK_OK(writer.statement("INSERT INTO state_node(tree_no, level, pos, hashes) VALUES(:1, :2, :3, :4)", "iiib", {})
                 .run(tree_no, kPersonIndexLevel, first / kRowRecords, row));
  }
  stored_ = records_;
  return {};
}

std::uint64_t PersonIndex::number_of(std::uint32_t n) const noexcept {
  std::uint64_t number = before_[n / kRowRecords];
  for (std::uint32_t word = n / kRowRecords * kRowWords; word < n / 64; ++word) number += std::popcount(words_[word]);
  return number + std::popcount(words_[n / 64] & ((std::uint64_t{1} << (n % 64)) - 1));
}

std::uint32_t PersonIndex::n_of(std::uint64_t number) const noexcept {
  const auto row = std::ranges::upper_bound(before_, number) - before_.begin() - 1;
  std::uint64_t left = number - before_[static_cast<std::size_t>(row)];
  auto word = static_cast<std::uint32_t>(row) * kRowWords;
  for (std::uint64_t here; left >= (here = std::popcount(words_[word])); ++word) left -= here;
  std::uint64_t bits = words_[word];
  for (; left > 0; --left) bits &= bits - 1;
  return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
}

}  // namespace tablinum::store
