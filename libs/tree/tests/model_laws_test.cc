// Laws that hold of every record whatever stands in it: on random structures, and on every real file at hand.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "gedcom_util.h"
#include "random_structure.h"
#include "tablinum/tree/checks/checks.h"
#include "tablinum/tree/model/fields.h"
#include "tablinum/tree/model/living.h"
#include "tablinum/tree/model/view.h"
#include "tablinum/tree/privacy/redaction.h"

namespace tablinum::tree::model {
namespace {

/// Reads every kind of view, whatever the record is: a reader may not trust that it was chosen rightly.
void read_all(const Structure& record) {
  PersonView person;
  FamilyView family;
  SourceView source;
  RepositoryView repository;
  MediaView media;
  NoteView note;
  SubmitterView submitter;
  PlaceView place;
  StoryView story;
  read_person(record, person);
  read_family(record, family);
  read_source(record, source);
  read_repository(record, repository);
  read_media(record, media);
  read_note(record, note);
  read_submitter(record, submitter);
  read_place(record, place);
  read_story(record, story);
  std::string names;
  for (const auto& name : person.names) append_display_name(name, names);
  std::vector<checks::Finding> findings;
  checks::check_person({RecordId{}, &person}, 2'461'366, findings);
  checks::check_family(RecordId{}, family, {RecordId{}, &person}, {RecordId{}, &person}, {}, findings);
  (void)living_facts(person);
}

/// What is wrong with the view of a person; empty if nothing is.
std::string law_broken_by(const Structure& record, const PersonView& view) {
  std::size_t names = 0, births = 0;
  for (const auto child : record.children(0)) {
    names += record[child].tag == Tag::NAME;
    births += record[child].tag == Tag::BIRT;
  }
  std::size_t main_names = 0, birth_events = 0;
  for (const auto& name : view.names) {
    main_names += name.variant == NameVariant::main && record[name.node].tag == Tag::NAME;
    if (name.main >= view.names.size() || view.names[name.main].variant != NameVariant::main)
      return "a variant without a main name";
  }
  for (const auto& event : view.events) {
    birth_events += event.type == EventType::birth && !event.negative;
    if (event.date.days.min && event.date.days.max && *event.date.days.min > *event.date.days.max) return "bounds out of order";
  }
  if (main_names != names) return "a name is missing";
  if (birth_events != births) return "a birth is missing";
  if ((view.birth == kNone) != (births == 0)) return "the birth is not found";
  std::uint32_t last = 0;
  for (const auto& link : view.links) {
    if (link.node <= last) return "links out of order";
    last = link.node;
  }
  return {};
}

std::string law_broken_by(const Structure& record) {
  read_all(record);
  PersonView view;
  read_person(record, view);
  if (view.kind == RecordKind::person) {
    if (auto broken = law_broken_by(record, view); !broken.empty()) return broken;
    const auto redacted = privacy::redact_person(record);
    if (!(privacy::redact_person(redacted) == redacted)) return "redaction is not idempotent";
    // The first 8 bytes are what a proof about a birth opens: they must be what the pages show.
    const auto value = field_values(record, {})[static_cast<std::size_t>(Field::birth)];
    if (!std::ranges::equal(encode_days(view.birth_days()), std::span{value.bytes}.first(8)))
      return "birth field and view differ";
  }
  return {};
}

RC_GTEST_PROP(ModelLaws, OfRandomStructures, ()) {
  const auto record = *random_structure();
  const auto broken = law_broken_by(*record);
  if (!broken.empty()) RC_FAIL(broken);
}

TEST(ModelLaws, OfRealFiles) {
  const auto folder = std::filesystem::path{TABLINUM_SHARED} / "data/gedcom";
  if (!std::filesystem::exists(folder)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".ged" && extension != ".GED") continue;
    const auto loaded = gedcom::load(gedcom::slurp(entry.path()));
    ASSERT_TRUE(loaded) << entry.path().filename();
    for (const auto& item : loaded->records)
      ASSERT_EQ(law_broken_by(item.structure), "") << entry.path().filename() << ' ' << item.xref;
  }
}

TEST(ModelLaws, ADeepRecordIsReadToItsLimit) {
  Structure record;
  auto at = record.append(kNoNode, Tag::INDI);
  for (unsigned depth = 0; depth < 10'000; ++depth) at = record.append(at, Tag::NOTE, PayloadKind::text, "n");
  RecordView view;
  read_record(record, view);
  EXPECT_EQ(view.links.size(), kDepthMax);
}

}  // namespace
}  // namespace tablinum::tree::model
