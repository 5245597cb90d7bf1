#include "statement/legacy.h"

#include <algorithm>
#include <optional>

namespace tablinum::proof::legacy {
namespace {

constexpr std::size_t kBlockBytes = 64, kPaddingBytes = 9;
constexpr std::uint64_t kTimeAfter = 1'600'000'000, kTimeBefore = 2'000'000'000;
constexpr std::size_t kDigitsMax = 20;     // of a value: 2^64 − 1 has 20
constexpr std::size_t kHexDigitsMax = 16;
constexpr std::string_view kGreatest = "18446744073709551615";

// What may stand at one byte. Public: it follows from the lengths.
struct Place {
  enum Flag : std::uint8_t {
    exact = 1,      // the character
    folded = 2,     // the letter, small or capital
    text = 4,       // from 20h on, neither a quotation mark nor a backslash
    digit = 8,      // 0 … 9
    nonzero = 16,   // and not 0
    bounded = 32,   // and, with the bounded digits before, not above `character`
    list = 64,      // a digit or a comma
  };
  std::uint8_t flags = 0;
  std::uint8_t character = 0;
};
constexpr unsigned kFlags = 7;
using Places = std::vector<Place>;

void literal(Places& to, std::string_view characters) {
  for (const char c : characters) to.push_back({Place::exact, static_cast<std::uint8_t>(c)});
}
void region(Places& to, std::uint8_t flags, std::size_t length) { to.insert(to.end(), length, {flags, 0}); }
void hex_string(Places& to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0;) {
    const auto nibble = static_cast<std::uint8_t>(value >> (4 * i) & 15);
    to.push_back(nibble < 10 ? Place{Place::exact, static_cast<std::uint8_t>('0' + nibble)}
                             : Place{Place::folded, static_cast<std::uint8_t>('a' + nibble - 10)});
  }
}
// SHA-256's padding, as exact characters, up to `blocks` blocks. Behind the message's last block everything is 0.
void pad(Places& to, unsigned blocks) {
  const std::uint64_t bits = 8 * std::uint64_t{to.size()};
  const std::size_t end = (to.size() + kPaddingBytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  to.push_back({Place::exact, 0x80});
  to.resize(kBlockBytes * blocks, {Place::exact, 0});
  for (std::size_t i = 0; i < 8; ++i) to[end - 1 - i].character = static_cast<std::uint8_t>(bits >> (8 * i));
}

struct Lengths {
  std::size_t from, to, value;
};
std::optional<Places> transaction_places(Lengths n) {
  if (n.from < 2 || n.to < 2 || n.value < 1 || n.value > kDigitsMax) return std::nullopt;
  Places out;
  literal(out, R"({"from":"0x)");
  region(out, Place::text, n.from - 2);
  literal(out, R"(","to":"0x)");
  region(out, Place::text, n.to - 2);
  literal(out, R"(","value":")");
  const std::size_t first = out.size();
  region(out, Place::digit, n.value);
  if (n.value > 1) out[first].flags |= Place::nonzero;
  if (n.value == kDigitsMax)
    for (std::size_t i = 0; i < kDigitsMax; ++i) {
      out[first + i].flags |= Place::bounded;
      out[first + i].character = static_cast<std::uint8_t>(kGreatest[i]);
    }
  literal(out, R"("})");
  if (out.size() > kTransactionBytesMax) return std::nullopt;
  return out;
}

struct HeaderFigures {
  std::array<std::uint64_t, 4> values{};  // number, timestamp, gas_used, gas_limit
  std::array<std::size_t, 4> digits{};
  std::size_t extra = 0;
};
std::optional<Places> header_places(const HeaderFigures& f) {
  static constexpr std::array<std::string_view, 4> kHashes{"parent_hash", "state_root", "transactions_root", "receipts_root"};
  static constexpr std::array<std::string_view, 4> kNumbers{"number", "timestamp", "gas_used", "gas_limit"};
  Places out;
  std::string_view open = "{\"";
  for (const auto name : kHashes) {
    literal(out, open);
    literal(out, name);
    literal(out, "\":\"0x");
    region(out, Place::text, 64);
    open = "\",\"";
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const bool fits = f.digits[i] == kHexDigitsMax || f.values[i] >> (4 * f.digits[i]) == 0;
    if (f.digits[i] < 1 || f.digits[i] > kHexDigitsMax || !fits) return std::nullopt;
    literal(out, open);
    literal(out, kNumbers[i]);
    literal(out, "\":\"0x");
    hex_string(out, f.values[i], f.digits[i]);
  }
  literal(out, "\",\"extra_data\":[");
  region(out, Place::list, f.extra);
  literal(out, "]}");
  if (out.size() > kHeaderBytesMax) return std::nullopt;
  return out;
}

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

// The first place whose character does not fit.
std::optional<std::size_t> misfit(const Places& places, ByteView input) {
  bool at_limit = true;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Place& p = places[i];
    const auto c = std::to_integer<std::uint8_t>(input[i]);
    bool good = true;
    if (p.flags & Place::exact) good &= c == p.character;
    if (p.flags & Place::folded) good &= (c | 0x20) == p.character;
    if (p.flags & Place::text) good &= c >= 0x20 && c != '"' && c != '\\';
    if (p.flags & Place::digit) good &= is_digit(c);
    if (p.flags & Place::nonzero) good &= c != '0';
    if (p.flags & Place::list) good &= is_digit(c) || c == ',';
    if (p.flags & Place::bounded) {
      good &= !at_limit || c <= p.character;
      at_limit &= c == p.character;
    }
    if (!good) return i;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> public_places(const Statement& statement, Places places, unsigned blocks) {
  const std::size_t last = (places.size() + kPaddingBytes + kBlockBytes - 1) / kBlockBytes - 1;
  pad(places, blocks);
  std::vector<std::uint8_t> bits;
  append_public(bits, statement.hash.view());
  for (const Place& p : places) {
    for (unsigned k = 0; k < kFlags; ++k) bits.push_back(p.flags >> k & 1);
    for (unsigned k = 0; k < 8; ++k) bits.push_back(p.character >> k & 1);
  }
  for (std::size_t b = 0; b < blocks; ++b) bits.push_back(b == last);
  return bits;
}

// Where the text between `after` and the next quotation mark ends, from `at` on.
std::optional<std::string_view> quoted(std::string_view text, std::size_t& at, std::string_view after) {
  if (text.substr(std::min(at, text.size()), after.size()) != after) return std::nullopt;
  const std::size_t begin = at + after.size(), end = text.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  at = end;
  return text.substr(begin, end - begin);
}
std::unexpected<Failure> not_the_form(std::size_t offset) {
  return broken("layout: not the exact spelling, at byte " + std::to_string(offset));
}

void append_padded(SecretVector<std::uint8_t>& bits, ByteView input, Places places, unsigned blocks) {
  pad(places, blocks);
  SecretBytes message(input.begin(), input.end());
  for (std::size_t i = message.size(); i < places.size(); ++i) message.push_back(std::byte{places[i].character});
  append_private(bits, message);
}

std::optional<std::uint64_t> hex_value(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    const int nibble = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (nibble < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(nibble);
  }
  return value;
}

const char* broken_header_rule(const Statement& statement, const HeaderFigures& f) {
  if (f.values[0] != statement.number) return "number";
  if (f.values[1] <= kTimeAfter || f.values[1] >= kTimeBefore) return "time";
  if (f.values[2] > f.values[3]) return "count";
  return nullptr;
}

}  // namespace

Outcome<Witness> transaction_witness(const Statement& statement, ByteView input) {
  const std::string_view text = text_of(input);
  std::size_t at = 0;
  const auto from = quoted(text, at, R"({"from":")");
  if (!from) return not_the_form(at);
  const auto to = quoted(text, at, R"(","to":")");
  if (!to) return not_the_form(at);
  const auto value = quoted(text, at, R"(","value":")");
  if (!value) return not_the_form(at);
  const auto places = transaction_places({from->size(), to->size(), value->size()});
  if (!places || places->size() != input.size()) return not_the_form(at);
  if (const auto offset = misfit(*places, input)) return not_the_form(*offset);
  if (!same(sha256(input).view(), statement.hash.view())) return broken("hash");
  Witness out;
  append(out.outputs, statement.hash.view());
  for (const std::size_t n : {from->size(), to->size(), value->size()}) out.outputs.push_back(static_cast<std::byte>(n));
  append_padded(out.bits, input, *places, kTransactionBlocks);
  return out;
}

std::vector<std::uint8_t> transaction_publics(const Statement& statement, ByteView outputs) {
  const auto length = [&](std::size_t i) { return std::to_integer<std::size_t>(outputs[32 + i]); };
  const auto places = transaction_places({length(0), length(1), length(2)});
  if (!places || !same(outputs.first(32), statement.hash.view())) return {};
  return public_places(statement, *places, kTransactionBlocks);
}

Outcome<Witness> header_witness(const Statement& statement, ByteView input) {
  const std::string_view text = text_of(input);
  std::size_t at = 0;
  for (const std::string_view after :
       {R"({"parent_hash":")", R"(","state_root":")", R"(","transactions_root":")", R"(","receipts_root":")"}) {
    const auto hash = quoted(text, at, after);
    if (!hash || hash->size() != 66) return not_the_form(at);
  }
  HeaderFigures f;
  constexpr std::array<std::string_view, 4> kBefore{R"(","number":")", R"(","timestamp":")", R"(","gas_used":")", R"(","gas_limit":")"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = quoted(text, at, kBefore[i]);
    if (!number || number->size() < 3 || number->size() > 2 + kHexDigitsMax) return not_the_form(at);
    const auto value = hex_value(number->substr(2));
    if (!value) return not_the_form(at);
    f.values[i] = *value;
    f.digits[i] = number->size() - 2;
  }
  constexpr std::string_view kExtra = R"(","extra_data":[)";
  if (text.size() < at + kExtra.size() + 2) return not_the_form(at);
  f.extra = text.size() - at - kExtra.size() - 2;
  const auto places = header_places(f);
  if (!places || places->size() != input.size()) return not_the_form(at);
  if (const auto offset = misfit(*places, input)) return not_the_form(*offset);
  if (!same(sha256(input).view(), statement.hash.view())) return broken("hash");
  if (const char* rule = broken_header_rule(statement, f)) return broken(rule);
  Witness out;
  append(out.outputs, statement.hash.view());
  for (const auto value : f.values) append_u64_le(out.outputs, value);
  for (const auto digits : f.digits) out.outputs.push_back(static_cast<std::byte>(digits));
  append_u16_le(out.outputs, static_cast<std::uint16_t>(f.extra));
  append_padded(out.bits, input, *places, kHeaderBlocks);
  return out;
}

std::vector<std::uint8_t> header_publics(const Statement& statement, ByteView outputs) {
  HeaderFigures f;
  for (std::size_t i = 0; i < 4; ++i) {
    f.values[i] = number_le(outputs.subspan(32 + 8 * i, 8));
    f.digits[i] = std::to_integer<std::size_t>(outputs[64 + i]);
  }
  f.extra = number_le(outputs.subspan(68, 2));
  const auto places = header_places(f);
  if (!places || !same(outputs.first(32), statement.hash.view()) || broken_header_rule(statement, f) != nullptr) return {};
  return public_places(statement, *places, kHeaderBlocks);
}

namespace {

// The rules of one byte. `limit` is 1 while all bounded digits before were at their limits; gives it for the bytes after.
Bit check_byte(Gates& gates, const Byte& c, const std::array<Bit, kFlags>& flags, const Byte& wanted, Bit limit) {
  const auto& [exact, folded, text, digit, nonzero, bounded, list] = flags;
  const auto no = [&](Bit b) { return gates.negate(b); };
  const auto is = [&](std::uint8_t value) {
    BitList bits;
    for (unsigned k = 0; k < 8; ++k) bits.push_back(value >> k & 1 ? c[k] : no(c[k]));
    return all_of(gates, bits);
  };
  const Bit fixed = gates.exclusive_or(exact, folded);  // never both
  for (unsigned k = 0; k < 8; ++k) gates.assert_zero(gates.both(k == 5 ? exact : fixed, gates.exclusive_or(c[k], wanted[k])));

  gates.assert_zero(all_of(gates, {text, no(c[5]), no(c[6]), no(c[7])}));
  gates.assert_zero(gates.both(text, is('"')));
  gates.assert_zero(gates.both(text, is('\\')));

  gates.assert_zero(gates.both(digit, c[7]));
  gates.assert_zero(gates.both(digit, c[6]));
  gates.assert_zero(gates.both(digit, no(c[5])));
  gates.assert_zero(gates.both(digit, no(c[4])));
  const Bit above_nine = gates.both(c[3], gates.exclusive_or(gates.exclusive_or(c[2], c[1]), gates.both(c[2], c[1])));
  gates.assert_zero(gates.both(digit, above_nine));
  gates.assert_zero(all_of(gates, {nonzero, no(c[3]), no(c[2]), no(c[1]), no(c[0])}));

  const Bit some_digit = gates.both(all_of(gates, {no(c[7]), no(c[6]), c[5], c[4]}), no(above_nine));
  gates.assert_zero(gates.both(list, no(gates.exclusive_or(some_digit, is(',')))));

  const Comparison order = compare(gates, {c[0], c[1], c[2], c[3]}, {wanted[0], wanted[1], wanted[2], wanted[3]});
  gates.assert_zero(all_of(gates, {bounded, limit, order.greater}));
  return gates.fresh(gates.select(bounded, gates.both(limit, order.equal), limit));
}

}  // namespace

void build(unsigned blocks, Gates& gates) {
  const ByteList hash = public_bytes(gates, 32);
  std::vector<std::array<Bit, kFlags>> flags(kBlockBytes * blocks);
  ByteList wanted(kBlockBytes * blocks);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (Bit& b : flags[i]) b = gates.public_bit();
    for (Bit& b : wanted[i]) b = gates.public_bit();
  }
  BitList last(blocks);
  for (Bit& b : last) b = gates.public_bit();
  const ByteList message = private_bytes(gates, kBlockBytes * blocks);

  StateWords state = initial_state(gates);
  std::vector<ByteList> states;
  for (std::size_t b = 0; b < blocks; ++b) {
    state = gates.compress(state, block_words(slice(message, kBlockBytes * b, kBlockBytes)));
    states.push_back(bytes_of_state(state));
  }
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t k = 0; k < 8; ++k) {
      BitList chosen;
      for (std::size_t b = 0; b < blocks; ++b) chosen.push_back(gates.both(last[b], states[b][i][k]));
      gates.assert_equal(sum(gates, chosen), hash[i][k]);
    }
  Bit limit = gates.constant(true);
  for (std::size_t i = 0; i < message.size(); ++i) limit = check_byte(gates, message[i], flags[i], wanted[i], limit);
}

}  // namespace tablinum::proof::legacy
