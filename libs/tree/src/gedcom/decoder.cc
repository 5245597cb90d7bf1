// Bytes to UTF-8, line by line (sets that extend ASCII) or as a stream (UTF-16).
#include <array>

#include "gedcom/icu.h"
#include "gedcom/text.h"
#include "tablinum/tree/gedcom/charset.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Upper half of a single-byte character set, each as UTF-8.
using UpperHalf = std::array<std::string, 128>;

UpperHalf upper_half_of(UConverter* converter) {
  UpperHalf half;
  for (unsigned i = 0; i < half.size(); ++i) {
    const char byte = static_cast<char>(0x80 + i);
    half[i] = convert(converter, {&byte, 1});
  }
  return half;
}

const char* icu_name_of(Charset kind) noexcept {
  switch (kind) {
    case Charset::cp437: return "ibm-437";
    case Charset::cp850: return "ibm-850";
    case Charset::mac_roman: return "macintosh";
    default: return "windows-1252";  // ICU reads its five undefined bytes as C1 controls, as web browsers do
  }
}

bool has_no_meaning(std::string_view character) noexcept {
  std::size_t at = 0;
  if (character.empty() || character == kReplacement) return true;
  const char32_t c = next_code_point(character, at);
  return c >= 0x80 && c <= 0x9F;
}

}  // namespace

struct LineDecoder::State {
  Charset kind = Charset::utf8;
  UpperHalf upper;      // of a single-byte set; for UTF-8 of Windows-1252, which damaged bytes are read as, once there are any
  Converter converter;  // of a multi-byte set
  std::string text;

  void decode_damaged_utf8(std::string_view bytes) {
    if (upper[0].empty()) upper = upper_half_of(open_converter(icu_name_of(Charset::cp1252)).get());
    for (std::size_t i = 0; i < bytes.size();) {
      const unsigned length = utf8::sequence_length(bytes, i);
      if (length != 0)
        text += bytes.substr(i, length);
      else
        text += upper[static_cast<std::uint8_t>(bytes[i]) - 0x80u];
      i += std::max(length, 1u);
    }
  }

  bool decode_single_bytes(std::string_view bytes) {
    bool damaged = false;
    for (const char c : bytes) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte < 0x80) {
        text += c;
        continue;
      }
      text += upper[byte - 0x80u];
      damaged |= has_no_meaning(upper[byte - 0x80u]);
    }
    return damaged;
  }
};

LineDecoder::LineDecoder(std::unique_ptr<State> state) : state_{std::move(state)} {}
LineDecoder::LineDecoder(LineDecoder&&) noexcept = default;
LineDecoder& LineDecoder::operator=(LineDecoder&&) noexcept = default;
LineDecoder::~LineDecoder() = default;

Result<LineDecoder> LineDecoder::make(const CharsetId& charset) {
  if (charset.kind == Charset::utf16le || charset.kind == Charset::utf16be) {
    return fail(Code::unsupported, "UTF-16 is not read by lines");
  }
  auto state = std::make_unique<State>();
  state->kind = charset.kind == Charset::ascii ? Charset::utf8 : charset.kind;
  if (state->kind == Charset::utf8 || state->kind == Charset::ansel) return LineDecoder{std::move(state)};  // our own
  auto converter = open_converter(charset.kind == Charset::named ? charset.name : icu_name_of(charset.kind));
  if (!converter) return fail(Code::unsupported, "no converter for " + to_string(charset));
  if (ucnv_getMaxCharSize(converter.get()) == 1)
    state->upper = upper_half_of(converter.get());
  else
    state->converter = std::move(converter);
  return LineDecoder{std::move(state)};
}

LineDecoder::Decoded LineDecoder::decode(std::string_view bytes) {
  State& s = *state_;
  if (s.kind == Charset::utf8 ? utf8::is_valid(bytes) : utf8::ascii_run(bytes, 0) == bytes.size()) return {.text = bytes};
  s.text.clear();
  Decoded result;
  if (s.kind == Charset::utf8) {
    s.decode_damaged_utf8(bytes);
    result.damaged = true;
  } else if (s.kind == Charset::ansel) {
    s.text = ansel_to_utf8(bytes, &result.mark_alone, &result.damaged);
  } else if (s.converter) {
    s.text = convert(s.converter.get(), bytes);
    result.damaged = s.text.find(kReplacement) != std::string::npos;
  } else {
    result.damaged = s.decode_single_bytes(bytes);
  }
  result.text = s.text;
  return result;
}

// ---------------------------------------------------------------- UTF-16

namespace {

bool is_high(char16_t unit) noexcept { return (unit & 0xFC00) == 0xD800; }
bool is_low(char16_t unit) noexcept { return (unit & 0xFC00) == 0xDC00; }

void replace(std::string& out, std::vector<std::size_t>& damage) {
  damage.push_back(out.size());
  out += kReplacement;
}

}  // namespace

void Utf16Decoder::unit(char16_t unit, std::string& out, std::vector<std::size_t>& damage) {
  if (high_ != 0) {
    const char16_t high = std::exchange(high_, u'\0');
    if (is_low(unit)) {
      return utf8::append(out, 0x10000 + (static_cast<char32_t>(high & 0x3FF) << 10) + (unit & 0x3FFu));
    }
    replace(out, damage);
  }
  if (is_high(unit))
    high_ = unit;
  else if (is_low(unit))
    replace(out, damage);
  else
    utf8::append(out, unit);
}

void Utf16Decoder::decode(ByteView chunk, std::string& out, std::vector<std::size_t>& damage) {
  for (const std::byte raw : chunk) {
    const auto byte = static_cast<std::uint8_t>(raw);
    if (!has_half_) {
      half_ = byte;
    } else {
      const unsigned value = big_endian_ ? half_ << 8u | byte : byte << 8u | half_;
      unit(static_cast<char16_t>(value), out, damage);
    }
    has_half_ = !has_half_;
  }
}

void Utf16Decoder::finish(std::string& out, std::vector<std::size_t>& damage) {
  if (std::exchange(high_, u'\0') != 0) replace(out, damage);
  if (std::exchange(has_half_, false)) replace(out, damage);
}

}  // namespace tablinum::tree::gedcom
