// Nothing of what is known about a hidden person may be in the bytes of a redacted tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <sstream>

#include "convert_util.h"
#include "tablinum/tree/privacy/tree_redaction.h"

namespace tablinum::tree::privacy {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The redacted tree as text. Living are the persons whose identifier begins with L.
std::string redacted(std::string_view text) {
  const auto loaded = gedcom::load(text);
  if (!loaded) return {};
  TreeRedaction redaction;
  for (const auto& item : loaded->records) redaction.look_at(item.id, item.xref, item.structure, item.xref.starts_with('L'));
  for (const auto& item : loaded->records) redaction.follow(item.id, item.structure);
  redaction.prepare();
  std::string out;
  gedcom::Writer writer{loaded->dialect, [&](const RecordId& id) { return redaction.xref_of(id); },
                        [&](std::string_view part) -> Result<void> { return out += part, Result<void>{}; }};
  (void)writer.header(TreeRedaction::redacted_header(loaded->header));
  for (const auto& item : loaded->records) {
    if (redaction.keeps(item.id)) (void)writer.record(redaction.xref_of(item.id), redaction.redacted(item.id, item.structure));
  }
  (void)writer.finish();
  return out;
}

constexpr std::string_view kTree =
    "0 HEAD\n1 SOUR X\n1 SUBM @U1@\n1 NOTE from Tendai\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n"
    "0 @U1@ SUBM\n1 NAME Tendai\n2 ADDR 5 Secret Road\n"
    "0 @LIVING_RUDO@ INDI\n1 NAME Rudo /Moyo/\n1 SEX F\n1 BIRT\n2 DATE 1 JAN 1990\n1 NOTE @N1@\n1 FAMS @F1@\n1 OBJE @O1@\n"
    "0 @D1@ INDI\n1 NAME Chipo /Dube/\n1 DEAT\n2 DATE 1950\n2 NOTE @N2@\n1 ASSO @LIVING_RUDO@\n2 RELA witness\n2 NOTE she saw "
    "it\n"
    "1 BURI\n2 RESN privacy\n2 PLAC Hidden Hill\n1 FAMC @F2@\n1 SUBM @U1@\n"
    "0 @D2@ INDI\n1 NAME Farai /Dube/\n1 RESN confidential\n1 BIRT\n2 PLAC Bulawayo\n"
    "0 @F1@ FAM\n1 HUSB @D1@\n1 WIFE @LIVING_RUDO@\n1 MARR\n2 DATE 2015\n1 NOTE a quarrel\n"
    "0 @F2@ FAM\n1 HUSB @D1@\n1 CHIL @LIVING_RUDO@\n2 _FREL Adopted\n1 CHIL @D1@\n1 MARR\n2 DATE 1900\n"
    "0 @N1@ NOTE about Rudo\n0 @N2@ NOTE about Chipo\n1 SOUR @S1@\n0 @S1@ SOUR\n1 TITL Register\n0 @S2@ SOUR\n1 TITL Nobody "
    "cites it\n"
    "0 @O1@ OBJE\n1 FILE rudo.jpg\n2 FORM jpg\n0 TRLR\n";

TEST(TreeRedaction, KeepsTheDeadAndTheShapeOfFamilies) {
  const auto text = redacted(kTree);
  for (const char* kept : {"Chipo /Dube/", "2 DATE 1950", "2 NOTE @N2@", "about Chipo", "1 TITL Register", "1 NAME Living",
                           "1 SEX F", "2 DATE 1900", "0 @F2@ FAM\n1 HUSB @D1@\n1 CHIL @H"})
    EXPECT_THAT(text, HasSubstr(kept));
}

TEST(TreeRedaction, LeavesOutWhatConcernsTheLiving) {
  const auto text = redacted(kTree);
  for (const char* gone : {"Rudo", "RUDO", "LIVING_", "1990", "rudo.jpg", "witness", "she saw it", "2015", "a quarrel", "_FREL",
                           "Tendai", "Secret Road", "Hidden Hill", "Farai", "Bulawayo", "Nobody cites it"})
    EXPECT_THAT(text, Not(HasSubstr(gone)));
}

/// A word that occurs nowhere else.
std::string secret(std::set<std::string>& secrets) {
  return *secrets.insert("Zz" + std::to_string(secrets.size()) + "q").first;
}

/// A tree in which every value of a living person, and of what only living people point to, is a word of its own.
std::string random_tree(std::set<std::string>& secrets) {
  const auto persons = *rc::gen::inRange(1, 8), families = *rc::gen::inRange(0, 5);
  std::vector<std::string> names;
  for (int i = 0; i < persons; ++i)
    names.push_back((*rc::gen::arbitrary<bool>() ? "L" + secret(secrets) : "D") + "_" + std::to_string(i));
  const auto person = [&] { return names[*rc::gen::inRange<std::size_t>(0, names.size())]; };
  std::string text = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n1 NOTE " + secret(secrets) + "\n";
  std::string own;  // records of living people only
  for (int i = 0; i < persons; ++i) {
    const bool living = names[i].starts_with('L');
    const auto value = [&] { return living ? secret(secrets) : std::string{"open"}; };
    text += "0 @" + names[i] + "@ INDI\n1 NAME " + value() + " /" + value() + "/\n1 BIRT\n2 DATE " + value() + "\n2 PLAC " +
            value() + "\n1 _TAG " + value() + "\n2 DATE " + value() + "\n1 NOTE " + value() + "\n";
    if (living) {
      text += "1 NOTE @N" + std::to_string(i) + "@\n";
      own += "0 @N" + std::to_string(i) + "@ NOTE " + secret(secrets) + "\n";
    } else {
      const auto other = person();
      const bool tells = other.starts_with('L');
      text += "1 ASSO @" + other + "@\n2 RELA " + (tells ? secret(secrets) : "friend") + "\n";
    }
  }
  for (int i = 0; i < families; ++i) {
    const auto husband = person(), wife = person(), child = person();
    const bool hidden = husband.starts_with('L') || wife.starts_with('L');
    text += "0 @F" + std::to_string(i) + "@ FAM\n1 HUSB @" + husband + "@\n1 WIFE @" + wife + "@\n1 CHIL @" + child +
            "@\n2 _FREL " + (child.starts_with('L') ? secret(secrets) : "Natural") + "\n1 MARR\n2 PLAC " +
            (hidden ? secret(secrets) : "open") + "\n";
  }
  return text + own + "0 TRLR\n";
}

RC_GTEST_PROP(TreeRedaction, NoValueOfAHiddenPersonAppearsInTheBytes, ()) {
  std::set<std::string> secrets;
  const auto text = random_tree(secrets);
  const auto out = redacted(text);
  RC_ASSERT(!out.empty());
  for (const auto& to : {Dialect::gedcom551, Dialect::gedcom70}) {
    const auto shown = to == Dialect::gedcom551 ? out : convert::converted(out, to).text;
    RC_ASSERT(shown.find("0 TRLR") != std::string::npos);
    for (const auto& word : secrets) RC_ASSERT(shown.find(word) == std::string::npos);
  }
}

/// The same tree as far as others may see it: all that is known of the living says something else.
std::string with_other_secrets(std::string text) {
  for (std::size_t at = text.find("Zz"); at != text.npos; at = text.find("Zz", at)) text.replace(at, 2, "Another, and longer, ");
  // An identifier holds no blanks.
  for (std::size_t begin = text.find('@'); begin != text.npos; begin = text.find('@', begin + 1)) {
    const std::size_t end = text.find('@', begin + 1);
    if (end == text.npos) break;
    for (std::size_t i = begin; i < end; ++i)
      if (text[i] == ' ' || text[i] == ',') text[i] = '_';
    begin = end;
  }
  return text;
}

/// The same without any fact of a living person, and without the notes that only they have.
std::string without_secrets(const std::string& text) {
  std::istringstream lines{text};
  std::string out, line;
  bool living = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("0 ")) living = line.starts_with("0 @L") || line.starts_with("0 @N");
    const bool is_record = line.starts_with("0 @L");
    if (!living || is_record) out += line + "\n";
  }
  return out;
}

RC_GTEST_PROP(TreeRedaction, WhatIsKnownOfAHiddenPersonChangesNoByte, ()) {
  std::set<std::string> secrets;
  const auto text = random_tree(secrets);
  const auto out = redacted(text);
  RC_ASSERT(!out.empty());
  RC_ASSERT(redacted(with_other_secrets(text)) == out);
  RC_ASSERT(redacted(without_secrets(text)) == out);
}

}  // namespace
}  // namespace tablinum::tree::privacy
