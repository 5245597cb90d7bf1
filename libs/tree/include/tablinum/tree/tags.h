#pragma once
/// The frozen tag table, version 1: the numbers are part of stored bytes and hashes. Only ever append.
#include <cstdint>
#include <string_view>

namespace tablinum::tree {

// clang-format off
/// Standard tags of GEDCOM 5.5, 5.5.1 and 7.0, then common extensions; X(name). The position is the number, beginning at 1.
#define TABLINUM_TAGS(X) \
  X(ABBR) X(ADDR) X(ADR1) X(ADR2) X(ADR3) X(ADOP) X(AFN) X(AGE) X(AGNC) X(ALIA) X(ANCE) X(ANCI) X(ANUL) X(ASSO) X(AUTH) X(BAPL) \
  X(BAPM) X(BARM) X(BASM) X(BIRT) X(BLES) X(BLOB) X(BURI) X(CALN) X(CAST) X(CAUS) X(CENS) X(CHAN) X(CHAR) X(CHIL) X(CHR) X(CHRA) \
  X(CITY) X(CONC) X(CONF) X(CONL) X(CONT) X(COPR) X(CORP) X(CREA) X(CREM) X(CROP) X(CTRY) X(DATA) X(DATE) X(DEAT) X(DESC) X(DESI) \
  X(DEST) X(DIV) X(DIVF) X(DSCR) X(EDUC) X(EMAIL) X(EMIG) X(ENDL) X(ENGA) X(EVEN) X(EXID) X(FACT) X(FAM) X(FAMC) X(FAMF) X(FAMS) \
  X(FAX) X(FCOM) X(FILE) X(FONE) X(FORM) X(GEDC) X(GIVN) X(GRAD) X(HEAD) X(HEIGHT) X(HUSB) X(IDNO) X(IMMI) X(INDI) X(INIL) X(LANG) \
  X(LATI) X(LEFT) X(LEGA) X(LONG) X(MAP) X(MARB) X(MARC) X(MARL) X(MARR) X(MARS) X(MEDI) X(MIME) X(NAME) X(NATI) X(NATU) X(NCHI) \
  X(NICK) X(NMR) X(NO) X(NOTE) X(NPFX) X(NSFX) X(OBJE) X(OCCU) X(ORDI) X(ORDN) X(PAGE) X(PEDI) X(PHON) X(PHRASE) X(PLAC) X(POST) \
  X(PROB) X(PROP) X(PUBL) X(QUAY) X(REFN) X(RELA) X(RELI) X(REPO) X(RESI) X(RESN) X(RETI) X(RFN) X(RIN) X(ROLE) X(ROMN) X(SCHMA) \
  X(SDATE) X(SEX) X(SLGC) X(SLGS) X(SNOTE) X(SOUR) X(SPFX) X(SSN) X(STAE) X(STAT) X(SUBM) X(SUBN) X(SURN) X(TAG) X(TEMP) X(TEXT) \
  X(TIME) X(TITL) X(TOP) X(TRAN) X(TRLR) X(TYPE) X(UID) X(VERS) X(WIDTH) X(WIFE) X(WILL) X(WWW) \
  X(_PLACE) X(_STORY) X(_CLAN) X(_TRIBE) X(_LOBOLA) X(_MARNM) X(_UID) X(_PRIM) X(_AKA) X(_SCHMA) X(_HEAD) X(_LIVING)
// clang-format on

enum class Tag : std::uint16_t {
  literal = 0,  ///< not in the table: the tag's text stands in the node
#define TABLINUM_TAG_ENUM(name) name,
  TABLINUM_TAGS(TABLINUM_TAG_ENUM)
#undef TABLINUM_TAG_ENUM
      count_
};
inline constexpr std::uint16_t kTagCount = static_cast<std::uint16_t>(Tag::count_);

/// "INDI" → Tag::INDI; Tag::literal if it is not in the table. Case matters: tags are kept as written.
Tag tag_of(std::string_view name) noexcept;
/// Tag::INDI → "INDI". Empty for Tag::literal.
std::string_view tag_text(Tag tag) noexcept;
/// Names, events, attributes, citations, associations, media and note links: what the API addresses as <record id>~<number>.
/// `parent` is the tag of the node above.
bool is_addressable(Tag parent, Tag tag) noexcept;

}  // namespace tablinum::tree
