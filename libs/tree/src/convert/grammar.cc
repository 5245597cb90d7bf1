#include "convert/grammar.h"

#include <algorithm>
#include <array>
#include <memory>

namespace tablinum::tree::convert {

/// Names of kinds that are alike, the payload, and the children: TAG, then ? (0 or 1), ! (1), * (any) or + (1 or more), then = and the
/// kind's name where it is not the tag. $ stands for a group. A kind without a row is a text without children.
struct GrammarRow {
  std::string_view names;
  Payload payload;
  std::string_view children;
};

namespace {

struct Group {
  std::string_view name, children_551, children_70;
};
constexpr Group kGroups[] = {
    {"$contact", "ADDR? PHON* EMAIL* FAX* WWW*", "ADDR? PHON* EMAIL* FAX* WWW*"},
    {"$notes", "NOTE*", "NOTE* SNOTE*"},
    {"$ids", "", "REFN* UID* EXID*"},
    {"$dates", "", "CHAN? CREA?"},
    {"$detail", "TYPE? DATE? PLAC? ADDR? PHON* EMAIL* FAX* WWW* AGNC? RELI? CAUS? RESN? NOTE* SOUR* OBJE*",
     "ADDR? AGNC? ASSO* CAUS? DATE? EMAIL* FAX* NOTE* OBJE* PHON* PLAC? RELI? RESN? SDATE? SNOTE* SOUR* UID* WWW*"},
    {"$person", "",
     "ADDR? AGE? AGNC? ASSO* CAUS? DATE? EMAIL* FAX* NOTE* OBJE* PHON* PLAC? RELI? RESN? SDATE? SNOTE* SOUR* UID* WWW*"},
    {"$family", "",
     "ADDR? AGNC? ASSO* CAUS? DATE? EMAIL* FAX* HUSB? NOTE* OBJE* PHON* PLAC? RELI? RESN? SDATE? SNOTE* SOUR* UID* WIFE? WWW*"},
};

// clang-format off
constexpr GrammarRow kRows551[] = {
    {"record-HEAD", Payload::none,
     "SOUR!=HEAD-SOUR DEST? DATE?=HEAD-DATE SUBM! SUBN? FILE? COPR? GEDC! CHAR! LANG? PLAC?=HEAD-PLAC NOTE?"},
    {"record-FAM", Payload::none,
     "$notes RESN? ANUL*=FAM-EVENT CENS*=FAM-EVENT DIV*=FAM-EVENT DIVF*=FAM-EVENT ENGA*=FAM-EVENT MARB*=FAM-EVENT MARC*=FAM-EVENT "
     "MARR*=FAM-EVENT MARL*=FAM-EVENT MARS*=FAM-EVENT RESI*=FAM-EVENT EVEN*=FAM-EVENT HUSB? WIFE? CHIL* NCHI? SUBM* SLGS* REFN* RIN? "
     "CHAN? SOUR* OBJE*"},
    {"record-INDI", Payload::none,
     "$notes RESN? NAME*=INDI-NAME SEX? BIRT*=BIRTH CHR*=BIRTH DEAT*=EVENT BURI*=EVENT CREM*=EVENT ADOP*=ADOPTION BAPM*=EVENT "
     "BARM*=EVENT BASM*=EVENT BLES*=EVENT CHRA*=EVENT CONF*=EVENT FCOM*=EVENT ORDN*=EVENT NATU*=EVENT EMIG*=EVENT IMMI*=EVENT "
     "CENS*=EVENT PROB*=EVENT WILL*=EVENT GRAD*=EVENT RETI*=EVENT EVEN*=EVENT CAST*=EVENT DSCR*=EVENT EDUC*=EVENT IDNO*=EVENT "
     "NATI*=EVENT NCHI*=EVENT NMR*=EVENT OCCU*=EVENT PROP*=EVENT RELI*=EVENT RESI*=EVENT SSN*=EVENT TITL*=EVENT FACT*=EVENT "
     "BAPL* CONL* ENDL* SLGC* FAMC*=INDI-FAMC FAMS* SUBM* ASSO* ALIA* ANCI* DESI* RFN? AFN? REFN* RIN? CHAN? SOUR* OBJE*"},
    {"record-OBJE", Payload::none, "$notes FILE+ REFN* RIN? SOUR* CHAN?"},
    {"record-NOTE", Payload::text, "REFN* RIN? SOUR* CHAN?"},
    {"record-REPO", Payload::none, "$contact $notes NAME! REFN* RIN? CHAN?"},
    {"record-SOUR", Payload::none, "$notes DATA? AUTH? TITL? ABBR? PUBL? TEXT? REPO* REFN* RIN? CHAN? OBJE*"},
    {"record-SUBM", Payload::none, "$contact $notes NAME! OBJE* LANG* RFN? RIN? CHAN?"},
    {"HEAD-SOUR", Payload::text, "VERS? NAME? CORP? DATA?=HEAD-SOUR-DATA"},
    {"CORP", Payload::text, "$contact"},
    {"HEAD-SOUR-DATA", Payload::text, "DATE? COPR?"},
    {"HEAD-DATE", Payload::text, "TIME?"},
    {"GEDC", Payload::none, "VERS! FORM!"},
    {"CHAR", Payload::text, "VERS?"},
    {"HEAD-PLAC", Payload::none, "FORM!"},
    {"FILE", Payload::text, "FORM!=FILE-FORM TITL?"},
    {"FILE-FORM", Payload::text, "TYPE?"},
    {"REFN", Payload::text, "TYPE?"},
    {"CHAN", Payload::none, "$notes DATE!=CHAN-DATE"},
    {"CHAN-DATE", Payload::text, "TIME?"},
    {"ADDR", Payload::text, "ADR1? ADR2? ADR3? CITY? STAE? POST? CTRY?"},
    {"ASSO", Payload::pointer, "$notes RELA! SOUR*"},
    {"INDI-FAMC", Payload::pointer, "$notes PEDI? STAT?"},
    {"FAMS", Payload::pointer, "$notes"},
    {"FAM-EVENT", Payload::text, "$detail HUSB?=HUSB-AGE WIFE?=HUSB-AGE"},
    {"EVENT", Payload::text, "$detail AGE?"},
    {"BIRTH", Payload::text, "$detail AGE? FAMC?"},
    {"ADOPTION", Payload::text, "$detail AGE? FAMC?=ADOP-FAMC"},
    {"ADOP-FAMC", Payload::pointer, "ADOP?=ADOP-BY"},
    {"HUSB-AGE", Payload::none, "AGE!"},
    {"BAPL CONL ENDL SLGS", Payload::none, "$notes DATE? TEMP? PLAC? STAT?=ORD-STAT SOUR*"},
    {"SLGC", Payload::none, "$notes DATE? TEMP? PLAC? FAMC! STAT?=ORD-STAT SOUR*"},
    {"ORD-STAT", Payload::text, "DATE!"},
    {"INDI-NAME", Payload::text, "$notes TYPE? NPFX? GIVN? NICK? SPFX? SURN? NSFX? SOUR* FONE*=NAME-FORM ROMN*=NAME-FORM"},
    {"NAME-FORM", Payload::text, "$notes TYPE! NPFX? GIVN? NICK? SPFX? SURN? NSFX? SOUR*"},
    {"PLAC", Payload::text, "$notes FORM? FONE*=PLACE-FORM ROMN*=PLACE-FORM MAP?"},
    {"PLACE-FORM", Payload::text, "TYPE!"},
    {"MAP", Payload::none, "LATI! LONG!"},
    {"DATA", Payload::none, "$notes EVEN*=DATA-EVEN AGNC?"},
    {"DATA-EVEN", Payload::text, "DATE? PLAC?=DATA-PLAC"},
    {"SOUR", Payload::pointer, "$notes PAGE? EVEN?=SOUR-EVEN DATA?=SOUR-DATA OBJE* QUAY?"},
    {"SOUR-EVEN", Payload::text, "ROLE?"},
    {"SOUR-DATA", Payload::none, "DATE? TEXT*"},
    {"REPO", Payload::pointer, "$notes CALN*"},
    {"CALN", Payload::text, "MEDI?"},
    {"ALIA ANCI CHIL DESI FAMC HUSB OBJE SUBM SUBN WIFE", Payload::pointer, ""},
};

constexpr GrammarRow kRows70[] = {
    {"record-FAM", Payload::none,
     "$ids $dates $notes ANUL* ASSO* CENS*=FAM-CENS CHIL* DIV* DIVF* ENGA* EVEN*=FAM-EVEN FACT*=FAM-FACT "
     "HUSB?=FAM-HUSB MARB* MARC* MARL* MARR* MARS* NCHI*=FAM-NCHI NO* OBJE* RESI*=FAM-RESI RESN? SLGS* "
     "SOUR* SUBM* WIFE?=FAM-WIFE"},
    {"record-INDI", Payload::none,
     "$ids $dates $notes ADOP* ALIA* ANCI* ASSO* BAPL* BAPM* BARM* BASM* BIRT* BLES* BURI* CAST* "
     "CENS*=INDI-CENS CHR* CHRA* CONF* CONL* CREM* DEAT* DESI* DSCR* EDUC* EMIG* ENDL* EVEN*=INDI-EVEN "
     "FACT*=INDI-FACT FAMC*=INDI-FAMC FAMS* FCOM* GRAD* IDNO* IMMI* INIL* NAME*=INDI-NAME NATI* NATU* "
     "NCHI*=INDI-NCHI NMR* NO* OBJE* OCCU* ORDN* PROB* PROP* RELI*=INDI-RELI RESI*=INDI-RESI RESN? RETI* "
     "SEX? SLGC* SOUR* SSN* SUBM* TITL*=INDI-TITL WILL*"},
    {"record-OBJE", Payload::none,
     "$ids $dates $notes FILE+ RESN? SOUR*"},
    {"record-REPO", Payload::none,
     "$contact $ids $dates $notes NAME!"},
    {"record-SNOTE", Payload::text,
     "$ids $dates LANG? MIME? SOUR* TRAN*=NOTE-TRAN"},
    {"record-SOUR", Payload::none,
     "$ids $dates $notes ABBR? AUTH? DATA? OBJE* PUBL? REPO* TEXT? TITL?"},
    {"record-SUBM", Payload::none,
     "$contact $ids $dates $notes LANG*=SUBM-LANG NAME! OBJE*"},
    {"ADDR", Payload::text,
     "ADR1? ADR2? ADR3? CITY? CTRY? POST? STAE?"},
    {"ADOP", Payload::yes,
     "$person FAMC?=ADOP-FAMC TYPE?"},
    {"ADOP-FAMC", Payload::pointer,
     "ADOP?=FAMC-ADOP"},
    {"AGE", Payload::age,
     "PHRASE?"},
    {"ALIA CHIL FAM-HUSB FAM-WIFE", Payload::pointer,
     "PHRASE?"},
    {"ANCI DESI FAMC SNOTE SUBM", Payload::pointer,
     ""},
    {"ANUL DIV DIVF ENGA FAM-CENS MARB MARC MARL MARR MARS", Payload::yes,
     "$family TYPE?"},
    {"ASSO", Payload::pointer,
     "$notes PHRASE? ROLE! SOUR*"},
    {"BAPL CONL ENDL INIL SLGS", Payload::none,
     "$notes DATE? PLAC? SOUR* STAT?=ord-STAT TEMP?"},
    {"BAPM BARM BASM BLES BURI CHRA CONF CREM DEAT EMIG FCOM GRAD IMMI INDI-CENS NATU ORDN PROB RETI WILL", Payload::yes,
     "$person TYPE?"},
    {"BIRT CHR", Payload::yes,
     "$person FAMC? TYPE?"},
    {"CALN", Payload::text,
     "MEDI?"},
    {"CAST DSCR EDUC INDI-RELI INDI-RESI INDI-TITL NATI OCCU PROP SSN", Payload::text,
     "$person TYPE?"},
    {"CHAN", Payload::none,
     "$notes DATE!=DATE-exact"},
    {"CORP", Payload::text,
     "$contact"},
    {"CREA", Payload::none,
     "DATE!=DATE-exact"},
    {"CROP", Payload::none,
     "HEIGHT? LEFT? TOP? WIDTH?"},
    {"DATA", Payload::none,
     "$notes AGNC? EVEN*=DATA-EVEN"},
    {"DATA-EVEN", Payload::words,
     "DATE?=DATA-EVEN-DATE PLAC?"},
    {"DATA-EVEN-DATE NO-DATE", Payload::date_period,
     "PHRASE?"},
    {"DATE SDATE", Payload::date,
     "PHRASE? TIME?"},
    {"DATE-exact HEAD-DATE", Payload::date_exact,
     "TIME?"},
    {"EXID", Payload::text,
     "TYPE?=EXID-TYPE"},
    {"FAM-EVEN FAM-FACT", Payload::text,
     "$family TYPE!"},
    {"FAM-NCHI", Payload::integer,
     "$family TYPE?"},
    {"FAM-RESI", Payload::text,
     "$family TYPE?"},
    {"FAMC-ADOP FAMC-STAT MEDI NAME-TYPE PEDI ROLE", Payload::word,
     "PHRASE?"},
    {"FAMS", Payload::pointer,
     "$notes"},
    {"FILE", Payload::file,
     "FORM! TITL? TRAN*=FILE-TRAN"},
    {"FILE-TRAN", Payload::file,
     "FORM!"},
    {"FORM", Payload::media_type,
     "MEDI?"},
    {"GEDC", Payload::none,
     "VERS!=GEDC-VERS"},
    {"record-HEAD", Payload::none,
     "COPR? DATE?=HEAD-DATE DEST? GEDC! LANG?=HEAD-LANG NOTE? PLAC?=HEAD-PLAC SCHMA? SNOTE? "
     "SOUR?=HEAD-SOUR SUBM?"},
    {"HEAD-LANG LANG SUBM-LANG", Payload::language,
     ""},
    {"HEAD-PLAC", Payload::none,
     "FORM!=HEAD-PLAC-FORM"},
    {"HEAD-SOUR", Payload::text,
     "CORP? DATA?=HEAD-SOUR-DATA NAME? VERS?"},
    {"HEAD-SOUR-DATA", Payload::text,
     "COPR? DATE?=DATE-exact"},
    {"HEIGHT LEFT TOP WIDTH", Payload::integer,
     ""},
    {"HUSB WIFE", Payload::none,
     "AGE!"},
    {"IDNO INDI-EVEN INDI-FACT", Payload::text,
     "$person TYPE!"},
    {"INDI-FAMC", Payload::pointer,
     "$notes PEDI? STAT?=FAMC-STAT"},
    {"INDI-NAME", Payload::text,
     "$notes GIVN* NICK* NPFX* NSFX* SOUR* SPFX* SURN* TRAN*=NAME-TRAN TYPE?=NAME-TYPE"},
    {"INDI-NCHI NMR", Payload::integer,
     "$person TYPE?"},
    {"LATI", Payload::latitude,
     ""},
    {"LONG", Payload::longitude,
     ""},
    {"MAP", Payload::none,
     "LATI! LONG!"},
    {"MIME", Payload::media_type,
     ""},
    {"NAME-TRAN", Payload::text,
     "GIVN* LANG! NICK* NPFX* NSFX* SPFX* SURN*"},
    {"NO", Payload::word,
     "$notes DATE?=NO-DATE SOUR*"},
    {"NOTE", Payload::text,
     "LANG? MIME? SOUR* TRAN*=NOTE-TRAN"},
    {"NOTE-TRAN TEXT", Payload::text,
     "LANG? MIME?"},
    {"OBJE", Payload::pointer,
     "CROP? TITL?"},
    {"PLAC", Payload::text,
     "$notes EXID* FORM?=PLAC-FORM LANG? MAP? TRAN*=PLAC-TRAN"},
    {"PLAC-TRAN", Payload::text,
     "LANG!"},
    {"QUAY SEX", Payload::word,
     ""},
    {"REFN", Payload::text,
     "TYPE?"},
    {"REPO", Payload::pointer,
     "$notes CALN*"},
    {"RESN", Payload::words,
     ""},
    {"SCHMA", Payload::none,
     "TAG*"},
    {"SLGC", Payload::none,
     "$notes DATE? FAMC! PLAC? SOUR* STAT?=ord-STAT TEMP?"},
    {"SOUR", Payload::pointer,
     "$notes DATA?=SOUR-DATA EVEN?=SOUR-EVEN OBJE* PAGE? QUAY?"},
    {"SOUR-DATA", Payload::none,
     "DATE? TEXT*"},
    {"SOUR-EVEN", Payload::word,
     "PHRASE? ROLE?"},
    {"TIME", Payload::time,
     ""},
    {"ord-STAT", Payload::word,
     "DATE!=DATE-exact"},
};

struct WordList {
  std::string_view rules, words;
};
constexpr WordList kWordLists[] = {
    {"FAMC-ADOP", "HUSB WIFE BOTH"},
    {"FAMC-STAT", "CHALLENGED DISPROVEN PROVEN"},
    {"MEDI", "AUDIO BOOK CARD ELECTRONIC FICHE FILM MAGAZINE MANUSCRIPT MAP NEWSPAPER PHOTO TOMBSTONE VIDEO OTHER"},
    {"NAME-TYPE", "AKA BIRTH IMMIGRANT MAIDEN MARRIED PROFESSIONAL OTHER"},
    {"PEDI", "ADOPTED BIRTH FOSTER SEALING OTHER"},
    {"QUAY", "0 1 2 3"},
    {"RESN", "CONFIDENTIAL LOCKED PRIVACY"},
    {"ROLE", "CHIL CLERGY FATH FRIEND GODP HUSB MOTH MULTIPLE NGHBR OFFICIATOR PARENT SPOU WIFE WITN OTHER"},
    {"SEX", "M F X U"},
    {"ord-STAT", "BIC CANCELED CHILD COMPLETED DNS DNS_CAN EXCLUDED INFANT PRE_1970 STILLBORN SUBMITTED UNCLEARED"},
    {"NO", "ADOP ANUL BAPM BARM BASM BIRT BLES BURI CENS CHR CHRA CONF CREM DEAT DIV DIVF EMIG ENGA FCOM GRAD IMMI MARB MARC MARL MARR "
           "MARS NATU ORDN PROB RETI WILL"},
    {"DATA-EVEN SOUR-EVEN",
     "ADOP ANUL BAPM BARM BASM BIRT BLES BURI CAST CENS CHR CHRA CONF CREM DEAT DIV DIVF DSCR EDUC EMIG ENGA EVEN FACT FCOM GRAD IDNO "
     "IMMI MARB MARC MARL MARR MARS NATI NATU NCHI NMR OCCU ORDN PROB PROP RELI RESI RETI SSN TITL WILL"},
};
// clang-format on

/// The words between blanks.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

const ChildRule* Rule::child(std::string_view tag) const noexcept {
  const auto found = std::ranges::find(children, tag, &ChildRule::tag);
  return found == children.end() ? nullptr : &*found;
}

Rule* Grammar::rule(std::string_view name) {
  auto& rule = rules_[std::string{name}];
  if (!rule) rule = std::make_unique<Rule>(Rule{.name = std::string{name}});
  return rule.get();
}

Grammar::Grammar(std::span<const GrammarRow> rows, Dialect dialect) {
  for (const auto& row : rows) {
    for (const auto name : split(row.names)) {
      Rule* const parent = rule(name);
      parent->payload = row.payload;
      for (const auto word : split(row.children)) add_children(*parent, word, dialect);
    }
  }
}

void Grammar::add_children(Rule& parent, std::string_view word, Dialect dialect) {
  if (word.front() == '$') {
    const auto& group = *std::ranges::find(kGroups, word, &Group::name);
    for (const auto member : split(dialect == Dialect::gedcom551 ? group.children_551 : group.children_70))
      add_children(parent, member, dialect);
    return;
  }
  const auto end = word.find_first_of("?!*+");
  const auto tag = word.substr(0, end);
  const char count = word[end];
  const auto kind = end + 1 < word.size() ? word.substr(end + 2) : tag;
  parent.children.push_back(
      {.tag = std::string{tag}, .type = rule(kind), .required = count == '!' || count == '+', .single = count == '?' || count == '!'});
}

const Grammar& Grammar::of(Dialect dialect) {
  static const Grammar old{kRows551, Dialect::gedcom551};
  static const Grammar current{kRows70, Dialect::gedcom70};
  return dialect == Dialect::gedcom551 ? old : current;
}

const Rule* Grammar::record(std::string_view tag) const noexcept {
  const auto found = rules_.find("record-" + std::string{tag});
  return found == rules_.end() ? nullptr : found->second.get();
}

std::vector<std::string_view> words_of(std::string_view rule_name) {
  for (const auto& list : kWordLists) {
    const auto rules = split(list.rules);
    if (std::ranges::find(rules, rule_name) != rules.end()) return split(list.words);
  }
  return {};
}

}  // namespace tablinum::tree::convert
