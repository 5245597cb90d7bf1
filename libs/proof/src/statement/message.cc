// 0x01: "I know m, 1 ≤ |m| ≤ 64 N − 9, with SHA-256(m) = H". Shape: N.
#include <algorithm>

#include "statement/kinds.h"

namespace tablinum::proof {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kPaddingBytes = 9;
constexpr std::uint16_t kShapes[] = {1, 2, 4, 8, 16, 32};

constexpr std::size_t longest(std::size_t blocks) { return kBlockBytes * blocks - kPaddingBytes; }
// The block, from 0, in which a message of this length ends.
constexpr std::size_t last_block(std::size_t length) { return (length + kPaddingBytes - 1) / kBlockBytes; }

/// The message's length as a decreasing row of bits: before(i) is 1 for i < length.
class Length {
 public:
  Length(Gates& gates, std::size_t blocks) : gates_{gates}, longest_{longest(blocks)} {
    for (std::size_t i = 0; i < longest_; ++i) before_.push_back(i == 0 ? gates.constant(true) : gates.private_bit());
    for (std::size_t i = 2; i < longest_; ++i) gates.assert_zero(gates.both(before_[i], gates.negate(before_[i - 1])));
  }
  Bit before(std::size_t i) const { return i < longest_ ? before_[i] : gates_.constant(false); }
  /// 1 if from ≤ length ≤ to.
  Bit within(std::size_t from, std::size_t to) const { return gates_.exclusive_or(before(from - 1), before(to)); }
  /// 1 if the message ends in `block`.
  Bit ends_in(std::size_t block) const { return within(first(block), last(block)); }
  /// Bit `bit` of the length, where the message ends in `block`; else 0.
  Bit length_bit(std::size_t block, unsigned bit) const {
    BitList runs;
    const std::size_t run = std::size_t{1} << bit;
    for (std::size_t start = run; start <= longest_; start += 2 * run) {
      const std::size_t from = std::max(start, first(block)), to = std::min(start + run - 1, last(block));
      if (from <= to) runs.push_back(within(from, to));
    }
    return sum(gates_, runs);
  }

 private:
  std::size_t first(std::size_t block) const {
    return std::max<std::size_t>(1, kBlockBytes * block - std::min(kBlockBytes * block, kPaddingBytes - 1));
  }
  std::size_t last(std::size_t block) const { return longest(block + 1); }
  Gates& gates_;
  std::size_t longest_;
  BitList before_;
};

/// What bit `k` of byte `i` must be where the message is over: the bit that ends it, or its length.
Bit padding_bit(Gates& gates, const Length& length, std::size_t blocks, std::size_t i, unsigned k) {
  const std::size_t in_block = i % kBlockBytes;
  Bit out = gates.constant(false);
  if (k == 7 && i >= 1 && i <= longest(blocks)) out = length.within(i, i);
  if (in_block >= 56) {
    const unsigned bit = static_cast<unsigned>(8 * (63 - in_block)) + k;  // of the length in bits: 8 times that in bytes
    if (bit >= 3 && bit < 32) out = gates.exclusive_or(out, length.length_bit(i / kBlockBytes, bit - 3));
  }
  return out;
}

class MessageKind final : public Kind {
 public:
  Outcome<void> check_parameters(const Statement& statement) const override {
    if (statement.extended) return bad_parameters("this statement has no parameters");
    return {};
  }
  Outcome<std::uint16_t> shape_for(const Statement&, ByteView input) const override {
    for (const auto blocks : kShapes)
      if (!input.empty() && input.size() <= longest(blocks)) return blocks;
    return broken_length("a message has 1 to " + std::to_string(longest(*std::ranges::max_element(kShapes))) + " bytes");
  }
  bool exists(std::uint16_t shape) const override { return std::ranges::find(kShapes, shape) != std::end(kShapes); }
  bool fits(const Statement&, std::uint16_t shape) const override { return exists(shape); }
  unsigned compressions(std::uint16_t shape) const override { return shape; }
  std::string words(std::uint16_t shape) const override {
    return "a message of up to " + std::to_string(longest(shape)) + " bytes";
  }
  std::string words(const Statement& statement) const override {
    return "whoever made the proof knew a message whose SHA-256 is " + to_hex(statement.hash);
  }
  std::size_t outputs_bytes(std::uint16_t) const override { return 32; }

  Outcome<Witness> witness(const Statement& statement, std::uint16_t shape, ByteView input) const override {
    if (input.empty() || input.size() > longest(shape)) return broken("length");
    if (!same(sha256(input).view(), statement.hash.view())) return broken("hash");
    SecretBytes padded(input.begin(), input.end());
    padded.push_back(std::byte{0x80});
    padded.resize(kBlockBytes * shape);
    const std::uint64_t bits = 8 * std::uint64_t{input.size()};
    const std::size_t end = kBlockBytes * (last_block(input.size()) + 1);
    for (std::size_t i = 0; i < 8; ++i) padded[end - 1 - i] = static_cast<std::byte>(bits >> (8 * i));
    Witness out;
    append(out.outputs, statement.hash.view());
    append_private(out.bits, padded);
    for (std::size_t i = 1; i < longest(shape); ++i) out.bits.push_back(i < input.size());
    return out;
  }
  std::vector<std::uint8_t> publics(const Statement& statement, std::uint16_t, ByteView outputs) const override {
    std::vector<std::uint8_t> bits;
    if (same(outputs, statement.hash.view())) append_public(bits, statement.hash.view());
    return bits;
  }
  void build(std::uint16_t shape, Gates& gates) const override {
    const std::size_t blocks = shape;
    const ByteList hash = public_bytes(gates, 32);
    const ByteList message = private_bytes(gates, kBlockBytes * blocks);
    const Length length{gates, blocks};

    std::vector<ByteList> states;
    StateWords state = initial_state(gates);
    for (std::size_t b = 0; b < blocks; ++b) {
      state = gates.compress(state, block_words(slice(message, kBlockBytes * b, kBlockBytes)));
      states.push_back(bytes_of_state(state));
    }
    for (std::size_t i = 0; i < message.size(); ++i) {
      const Bit over = gates.negate(length.before(i));
      for (unsigned k = 0; k < 8; ++k)
        gates.assert_equal(gates.both(message[i][k], over), padding_bit(gates, length, blocks, i, k));
    }
    for (std::size_t i = 0; i < 32; ++i)
      for (std::size_t k = 0; k < 8; ++k) {
        BitList chosen;
        for (std::size_t b = 0; b < blocks; ++b) chosen.push_back(gates.both(length.ends_in(b), states[b][i][k]));
        gates.assert_equal(sum(gates, chosen), hash[i][k]);
      }
  }
};

}  // namespace

const Kind& message_kind() {
  static const MessageKind instance;
  return instance;
}

}  // namespace tablinum::proof
