#include "tablinum/seal/mnemonic.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tablinum/base/crypto.h"

namespace tablinum::seal {
namespace {

constexpr std::string_view kWordList =
#include "identity/words_english.inc"
    ;
constexpr std::size_t kWords = 2048;
constexpr unsigned kWordBits = 11;

constexpr std::array<std::string_view, kWords> split_words() {
  std::array<std::string_view, kWords> words;
  std::size_t start = 0;
  for (auto& word : words) {
    const std::size_t end = std::min(kWordList.find(' ', start), kWordList.size());
    word = kWordList.substr(start, end - start);
    start = end + 1;
  }
  return words;
}
constexpr auto kSplit = split_words();
static_assert(kSplit.back() == "zoo" && std::ranges::is_sorted(kSplit));

std::span<const std::string_view> words() noexcept { return kSplit; }

void append_text(SecretText& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Lower-case words with one space between, without copies that are not wiped.
SecretText normalised(std::string_view phrase) {
  SecretText out;
  out.reserve(phrase.size());
  for (const char c : phrase) {
    if (!is_space(c))
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Result<SecretVector<std::uint16_t>> word_numbers(std::string_view text) {
  SecretVector<std::uint16_t> numbers;
  numbers.reserve(kPhraseWords);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto found = std::ranges::lower_bound(words(), text.substr(0, end));
    if (found == words().end() || *found != text.substr(0, end))
      return fail(Code::invalid,
                  "word " + std::to_string(numbers.size() + 1) + " is not one of the list's: look for a typing error");
    if (numbers.size() == kPhraseWords) return fail(Code::invalid, "more than 24 words");
    numbers.push_back(static_cast<std::uint16_t>(found - words().begin()));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

}  // namespace

Result<SecretText> phrase_from_entropy(ByteView entropy) {
  if (entropy.size() < 16 || entropy.size() > 32 || entropy.size() % 4 != 0)
    return fail(Code::invalid, "a phrase stands for 16, 20, 24, 28 or 32 bytes");
  SecretBytes bits{entropy.begin(), entropy.end()};
  bits.push_back(static_cast<std::byte>(sha256(entropy).bytes[0]));  // checksum: one bit for each four bytes, eight at most
  const std::size_t count = entropy.size() * 3 / 4;
  SecretText phrase;
  phrase.reserve(count * 9);
  for (std::size_t word = 0; word < count; ++word) {
    unsigned number = 0;
    for (std::size_t bit = word * kWordBits; bit < (word + 1) * kWordBits; ++bit)
      number = number << 1 | (std::to_integer<unsigned>(bits[bit / 8]) >> (7 - bit % 8) & 1);
    if (word != 0) phrase.push_back(' ');
    append_text(phrase, words()[number]);
  }
  return phrase;
}

SecretText phrase_from_entropy(const Secret<kEntropyBytes>& entropy) { return *phrase_from_entropy(ByteView{entropy.view()}); }

Result<SecretBytes> entropy_from_phrase_of_any_length(std::string_view phrase) {
  if (phrase.size() > kPhraseTextMax) return fail(Code::invalid, "too long for 24 words");
  const SecretText text = normalised(phrase);
  TRY(numbers, word_numbers(view(text)));
  if (numbers.size() < 12 || numbers.size() % 3 != 0)
    return fail(Code::invalid, std::to_string(numbers.size()) + " words: a phrase has 12, 15, 18, 21 or 24");
  SecretBytes bits((numbers.size() * kWordBits + 7) / 8);
  for (std::size_t bit = 0; bit < numbers.size() * kWordBits; ++bit)
    if (numbers[bit / kWordBits] >> (kWordBits - 1 - bit % kWordBits) & 1) bits[bit / 8] |= std::byte(1 << (7 - bit % 8));
  const std::size_t size = numbers.size() * 4 / 3;
  const auto checksum = bits[size];
  bits.resize(size);
  const std::byte mask{static_cast<unsigned char>(0xff << (8 - size / 4))};
  if ((static_cast<std::byte>(sha256(bits).bytes[0]) & mask) != (checksum & mask))
    return fail(Code::invalid, "the words do not fit together: one of them is wrong, or their order");
  return bits;
}

Result<Secret<kEntropyBytes>> entropy_from_phrase(std::string_view phrase) {
  TRY(bytes, entropy_from_phrase_of_any_length(phrase));
  if (bytes.size() != kEntropyBytes)
    return fail(Code::invalid, std::to_string(bytes.size() * 3 / 4) + " words: an identity has 24");
  return Secret<kEntropyBytes>{std::span<const std::byte, kEntropyBytes>{bytes}};
}

Secret<64> bip39_seed(std::string_view phrase, std::string_view passphrase) {
  SecretText salt;
  salt.reserve(8 + passphrase.size());
  append_text(salt, "mnemonic");
  append_text(salt, passphrase);
  Secret<64> seed;
  pbkdf2_sha512(bytes_of(phrase), bytes_of(view(salt)), 2048, seed.mutable_view());
  return seed;
}

}  // namespace tablinum::seal
