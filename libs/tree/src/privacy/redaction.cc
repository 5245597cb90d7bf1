#include "tablinum/tree/privacy/redaction.h"

#include <string>

#include "tablinum/tree/model/view.h"

namespace tablinum::tree::privacy {
namespace {

std::string living_name(const model::PersonView& person, bool show_surname) {
  std::string name{kLivingName};
  if (!show_surname || person.names.empty()) return name;
  const auto& first = person.names.front();
  if (first.surname.empty()) return name;
  name.append(" /");
  if (!first.surname_prefix.empty()) name.append(first.surname_prefix).append(" ");
  return name.append(first.surname).append("/");
}

// Only the sex as a letter: what else stands there may be anything.
std::string_view sex_letter(model::Sex sex) {
  switch (sex) {
    case model::Sex::male: return "M";
    case model::Sex::female: return "F";
    case model::Sex::other: return "X";
    case model::Sex::unknown: return "U";
  }
  return "U";
}

}  // namespace

Structure redact_person(const Structure& record, const RedactionOptions& options) {
  model::PersonView person;
  model::read_person(record, person);
  Structure redacted{record.dialect()};
  redacted.append(kNoNode, Tag::INDI);
  redacted.append(0, Tag::NAME, PayloadKind::text, living_name(person, options.show_surname));
  if (record.child(0, Tag::SEX) != kNoNode) redacted.append(0, Tag::SEX, PayloadKind::text, sex_letter(person.sex));
  // Pedigrees and notes below the links say more than that there is a link, and a dangling one is text of the file's.
  for (const auto child : record.children(0)) {
    const auto tag = model::known_tag(record[child]);
    if ((tag == Tag::FAMC || tag == Tag::FAMS) && record[child].kind == PayloadKind::record)
      redacted.append(0, tag, PayloadKind::record, {}, record[child].target);
  }
  return redacted;
}

}  // namespace tablinum::tree::privacy
