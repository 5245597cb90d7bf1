#include <initializer_list>

#include "tablinum/search/phonetic.h"

/// Rules as published, one function a letter. Each looks at the letters around `at_`, writes sounds and moves on.
/// Sounds: 0 is "th", X is "sh"; a vowel is written only at the beginning, as A.
namespace tablinum::search {
namespace {

using Words = std::initializer_list<std::string_view>;

class Encoder {
 public:
  explicit Encoder(std::string_view word) {
    for (char c : word) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
      if (c >= 'A' && c <= 'Z') text_ += c;
    }
    const auto contains = [this](std::string_view part) { return text_.find(part) != std::string::npos; };
    slavo_germanic_ = contains("W") || contains("K") || contains("CZ") || contains("WITZ");
  }

  Metaphones run() {
    if (has(0, {"GN", "KN", "PN", "WR", "PS"})) at_ = 1;
    while (at_ < size() && (out_.primary.size() < kMetaphoneLength || out_.alternate.size() < kMetaphoneLength)) letter();
    cut(out_.primary);
    cut(out_.alternate);
    return std::move(out_);
  }

 private:
  static void cut(std::string& sounds) {
    if (sounds.size() > kMetaphoneLength) sounds.resize(kMetaphoneLength);
  }
  int size() const noexcept { return static_cast<int>(text_.size()); }
  bool last() const noexcept { return at_ == size() - 1; }
  char letter_at(int i) const noexcept { return i >= 0 && i < size() ? text_[static_cast<std::size_t>(i)] : '\0'; }
  bool vowel(int i) const noexcept {
    const char c = letter_at(i);
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U' || c == 'Y';
  }
  bool one_of(int i, std::string_view letters) const noexcept {
    return letter_at(i) != '\0' && letters.find(letter_at(i)) != std::string_view::npos;
  }
  bool has(int i, Words words) const noexcept {
    if (i < 0 || i > size()) return false;
    const auto rest = std::string_view{text_}.substr(static_cast<std::size_t>(i));
    return std::ranges::any_of(words, [rest](std::string_view word) { return rest.starts_with(word); });
  }
  bool germanic_beginning() const noexcept { return has(0, {"SCH"}); }

  void add(std::string_view both) { add(both, both); }
  void add(std::string_view primary, std::string_view alternate) {
    out_.primary += primary;
    out_.alternate += alternate;
  }
  /// Writes `both` and passes a doubled letter.
  void plain(std::string_view both) {
    add(both);
    skip_double();
  }
  void skip_double() { at_ += letter_at(at_ + 1) == letter_at(at_) ? 2 : 1; }

  void letter();
  void c();
  void cc();
  void ch();
  bool c_is_k() const noexcept;
  bool ch_is_k() const noexcept;
  void d();
  void g();
  void gh();
  void h();
  void j();
  void l();
  void m();
  void p();
  void r();
  void s();
  void sc();
  void t();
  void w();
  void x();
  void z();

  std::string text_;
  Metaphones out_;
  int at_ = 0;
  bool slavo_germanic_ = false;
};

void Encoder::letter() {
  switch (letter_at(at_)) {
    case 'B': return plain("P");
    case 'C': return c();
    case 'D': return d();
    case 'F': return plain("F");
    case 'G': return g();
    case 'H': return h();
    case 'J': return j();
    case 'K': return plain("K");
    case 'L': return l();
    case 'M': return m();
    case 'N': return plain("N");
    case 'P': return p();
    case 'Q': return plain("K");
    case 'R': return r();
    case 'S': return s();
    case 'T': return t();
    case 'V': return plain("F");
    case 'W': return w();
    case 'X': return x();
    case 'Z': return z();
    default:
      if (at_ == 0) add("A");
      ++at_;
  }
}

/// "chianti", and Germanic "ach" as in Bacher.
bool Encoder::c_is_k() const noexcept {
  if (has(at_, {"CHIA"})) return true;
  if (at_ <= 1 || vowel(at_ - 2) || !has(at_ - 1, {"ACH"})) return false;
  return !one_of(at_ + 2, "IE") || has(at_ - 2, {"BACHER", "MACHER"});
}

void Encoder::c() {
  if (c_is_k()) {
    add("K");
    at_ += 2;
  } else if (at_ == 0 && has(0, {"CAESAR"})) {
    add("S");
    at_ += 2;
  } else if (has(at_, {"CH"})) {
    ch();
  } else if (has(at_, {"CZ"}) && !has(at_ - 2, {"WICZ"})) {
    add("S", "X");
    at_ += 2;
  } else if (has(at_ + 1, {"CIA"})) {
    add("X");
    at_ += 3;
  } else if (has(at_, {"CC"}) && !(at_ == 1 && letter_at(0) == 'M')) {
    cc();
  } else if (has(at_, {"CK", "CG", "CQ"})) {
    add("K");
    at_ += 2;
  } else if (has(at_, {"CI", "CE", "CY"})) {
    has(at_, {"CIO", "CIE", "CIA"}) ? add("S", "X") : add("S");
    at_ += 2;
  } else {
    add("K");
    at_ += one_of(at_ + 1, "CKQ") && !has(at_ + 1, {"CE", "CI"}) ? 2 : 1;
  }
}

void Encoder::cc() {
  if (!one_of(at_ + 2, "IEH") || has(at_ + 2, {"HU"})) {
    add("K");
    at_ += 2;
    return;
  }
  const bool two_sounds = (at_ == 1 && letter_at(0) == 'A') || has(at_ - 1, {"UCCEE", "UCCES"});
  two_sounds ? add("KS") : add("X");
  at_ += 3;
}

/// Greek and Germanic "ch".
bool Encoder::ch_is_k() const noexcept {
  if (at_ == 0 && has(1, {"HARAC", "HARIS", "HOR", "HYM", "HIA", "HEM"}) && !has(0, {"CHORE"})) return true;
  if (germanic_beginning() || has(at_ - 2, {"ORCHES", "ARCHIT", "ORCHID"}) || one_of(at_ + 2, "TS")) return true;
  return (at_ == 0 || one_of(at_ - 1, "AOUE")) && (one_of(at_ + 2, "LRNMBHFVW") || at_ + 1 == size() - 1);
}

void Encoder::ch() {
  if (at_ > 0 && has(at_, {"CHAE"})) {
    add("K", "X");
  } else if (ch_is_k()) {
    add("K");
  } else if (at_ == 0) {
    add("X");
  } else {
    has(0, {"MC"}) ? add("K") : add("X", "K");
  }
  at_ += 2;
}

void Encoder::d() {
  if (has(at_, {"DG"})) {
    const bool soft = one_of(at_ + 2, "IEY");
    soft ? add("J") : add("TK");
    at_ += soft ? 3 : 2;
  } else {
    add("T");
    at_ += one_of(at_ + 1, "TD") ? 2 : 1;
  }
}

void Encoder::gh() {
  if (at_ > 0 && !vowel(at_ - 1)) {
    add("K");
  } else if (at_ == 0) {
    letter_at(2) == 'I' ? add("J") : add("K");
  } else {
    const bool silent = one_of(at_ - 2, "BHD") || one_of(at_ - 3, "BHD") || one_of(at_ - 4, "BH");
    const bool laugh = at_ > 2 && letter_at(at_ - 1) == 'U' && one_of(at_ - 3, "CGLRT");
    if (!silent && laugh) {
      add("F");
    } else if (!silent && letter_at(at_ - 1) != 'I') {
      add("K");
    }
  }
  at_ += 2;
}

void Encoder::g() {
  const char next = letter_at(at_ + 1);
  if (next == 'H') return gh();
  if (next == 'N') {
    if (at_ == 1 && vowel(0) && !slavo_germanic_) {
      add("KN", "N");
    } else if (!has(at_ + 2, {"EY"}) && !slavo_germanic_) {
      add("N", "KN");
    } else {
      add("KN");
    }
  } else if (has(at_ + 1, {"LI"}) && !slavo_germanic_) {
    add("KL", "L");
  } else if (at_ == 0 && has(1, {"Y", "ES", "EP", "EB", "EL", "EY", "IB", "IL", "IN", "IE", "EI", "ER"})) {
    add("K", "J");
  } else if ((has(at_ + 1, {"ER"}) || next == 'Y') && !has(0, {"DANGER", "RANGER", "MANGER"}) && !one_of(at_ - 1, "EI") &&
             !has(at_ - 1, {"RGY", "OGY"})) {
    add("K", "J");
  } else if (one_of(at_ + 1, "EIY") || has(at_ - 1, {"AGGI", "OGGI"})) {
    if (germanic_beginning() || has(at_ + 1, {"ET"})) {
      add("K");
    } else {
      has(at_ + 1, {"IER"}) ? add("J") : add("J", "K");
    }
  } else {
    return plain("K");
  }
  at_ += 2;
}

void Encoder::h() {
  const bool spoken = (at_ == 0 || vowel(at_ - 1)) && vowel(at_ + 1);
  if (spoken) add("H");
  at_ += spoken ? 2 : 1;
}

void Encoder::j() {
  if (has(at_, {"JOSE"})) {
    size() == 4 ? add("H") : add("J", "H");
    ++at_;
    return;
  }
  if (at_ == 0) {
    add("J", "A");
  } else if (vowel(at_ - 1) && !slavo_germanic_ && one_of(at_ + 1, "AO")) {
    add("J", "H");
  } else if (last()) {
    add("J", "");
  } else if (!one_of(at_ + 1, "LTKSNMBZ") && !one_of(at_ - 1, "SKL")) {
    add("J");
  }
  skip_double();
}

void Encoder::l() {
  const bool spanish = letter_at(at_ + 1) == 'L' &&
                       ((at_ == size() - 3 && has(at_ - 1, {"ILLO", "ILLA", "ALLE"})) ||
                        ((has(size() - 2, {"AS", "OS"}) || one_of(size() - 1, "AO")) && has(at_ - 1, {"ALLE"})));
  spanish ? add("L", "") : add("L");
  skip_double();
}

void Encoder::m() {
  const bool silent_b = has(at_ - 1, {"UMB"}) && (at_ + 1 == size() - 1 || has(at_ + 2, {"ER"}));
  add("M");
  at_ += silent_b || letter_at(at_ + 1) == 'M' ? 2 : 1;
}

void Encoder::p() {
  const bool f = letter_at(at_ + 1) == 'H';
  f ? add("F") : add("P");
  at_ += f || one_of(at_ + 1, "PB") ? 2 : 1;
}

void Encoder::r() {
  const bool french = last() && !slavo_germanic_ && has(at_ - 2, {"IE"}) && !has(at_ - 4, {"ME", "MA"});
  french ? add("", "R") : add("R");
  skip_double();
}

void Encoder::s() {
  if (has(at_ - 1, {"ISL", "YSL"})) {
    ++at_;
  } else if (at_ == 0 && has(0, {"SUGAR"})) {
    add("X", "S");
    ++at_;
  } else if (has(at_, {"SH"})) {
    has(at_ + 1, {"HEIM", "HOEK", "HOLM", "HOLZ"}) ? add("S") : add("X");
    at_ += 2;
  } else if (has(at_, {"SIO", "SIA"})) {
    slavo_germanic_ ? add("S") : add("S", "X");
    at_ += 3;
  } else if ((at_ == 0 && one_of(1, "MNLW")) || letter_at(at_ + 1) == 'Z') {
    add("S", "X");
    at_ += letter_at(at_ + 1) == 'Z' ? 2 : 1;
  } else if (has(at_, {"SC"})) {
    sc();
  } else {
    last() && has(at_ - 2, {"AI", "OI"}) ? add("", "S") : add("S");
    at_ += one_of(at_ + 1, "SZ") ? 2 : 1;
  }
}

void Encoder::sc() {
  if (letter_at(at_ + 2) == 'H') {
    if (has(at_ + 3, {"ER", "EN"})) {
      add("X", "SK");
    } else if (has(at_ + 3, {"OO", "UY", "ED", "EM"})) {
      add("SK");
    } else {
      at_ == 0 && !vowel(3) && letter_at(3) != 'W' ? add("X", "S") : add("X");
    }
  } else {
    one_of(at_ + 2, "IEY") ? add("S") : add("SK");
  }
  at_ += 3;
}

void Encoder::t() {
  if (has(at_, {"TION", "TIA", "TCH"})) {
    add("X");
    at_ += 3;
  } else if (has(at_, {"TH", "TTH"})) {
    has(at_ + 2, {"OM", "AM"}) || germanic_beginning() ? add("T") : add("0", "T");
    at_ += 2;
  } else {
    add("T");
    at_ += one_of(at_ + 1, "TD") ? 2 : 1;
  }
}

void Encoder::w() {
  if (has(at_, {"WR"})) {
    add("R");
    at_ += 2;
  } else if (at_ == 0 && (vowel(1) || has(0, {"WH"}))) {
    vowel(1) ? add("A", "F") : add("A");
    ++at_;
  } else if ((last() && vowel(at_ - 1)) || has(at_ - 1, {"EWSKI", "EWSKY", "OWSKI", "OWSKY"}) || germanic_beginning()) {
    add("", "F");
    ++at_;
  } else if (has(at_, {"WICZ", "WITZ"})) {
    add("TS", "FX");
    at_ += 4;
  } else {
    ++at_;
  }
}

void Encoder::x() {
  if (at_ == 0) {
    add("S");
    ++at_;
    return;
  }
  const bool french = last() && (has(at_ - 3, {"IAU", "EAU"}) || has(at_ - 2, {"AU", "OU"}));
  if (!french) add("KS");
  at_ += one_of(at_ + 1, "CX") ? 2 : 1;
}

void Encoder::z() {
  if (letter_at(at_ + 1) == 'H') {
    add("J");
    at_ += 2;
    return;
  }
  const bool ts = has(at_ + 1, {"ZO", "ZI", "ZA"}) || (slavo_germanic_ && at_ > 0 && letter_at(at_ - 1) != 'T');
  ts ? add("S", "TS") : add("S");
  skip_double();
}

}  // namespace

Metaphones double_metaphone(std::string_view word) { return Encoder{word}.run(); }

}  // namespace tablinum::search
