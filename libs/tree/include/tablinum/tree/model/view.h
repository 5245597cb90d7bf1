#pragma once
/// The typed view of a record: what a structure says in the words of genealogy, in either dialect.  Design: archive.md §4.
/// Derived, never a second truth. Every string_view points into the Structure, which must outlive the view. A read_…() call clears
/// and refills the view it is given, so one view used for many records allocates almost nothing.
/// Tags in lower case are read as their upper form. Pointers to the wrong kind of record are kept; who resolves them drops them.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tablinum/base/time.h"
#include "tablinum/tree/model/age.h"
#include "tablinum/tree/model/date.h"
#include "tablinum/tree/model/event_type.h"
#include "tablinum/tree/model/name.h"
#include "tablinum/tree/model/place.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::model {

/// Stored in record.kind: append only.
enum class RecordKind : std::uint8_t {
  other = 0, person = 1, family, source, repository, media, note, submitter, place, story, submission, header,
};
std::string_view to_string(RecordKind kind) noexcept;
/// By the record's tag: INDI, FAM, SOUR, REPO, OBJE, NOTE or SNOTE, SUBM, _PLACE or _LOC, _STORY, SUBN, HEAD.
RecordKind record_kind(const Structure& record) noexcept;
/// The table's tag for a tag outside it that is one in lower case ("birt"); else Tag::literal.
Tag known_literal_tag(std::string_view literal) noexcept;
/// The tag of a node for the typed view: its own, or that of its upper-case form.
inline Tag known_tag(const Node& node) noexcept { return node.tag != Tag::literal ? node.tag : known_literal_tag(node.literal_tag); }

/// What a pointer says.
struct Target {
  PayloadKind kind = PayloadKind::none;
  RecordId id;                ///< kind record; zero is @VOID@
  std::string_view text;      ///< kind dangling: the xref; kind text: the text in its place
  constexpr bool resolved() const noexcept { return kind == PayloadKind::record && !id.value().is_zero(); }
};

/// RESN as bits; stored in record.restriction.
enum Restriction : std::uint8_t { kUnrestricted = 0, kConfidential = 1, kLocked = 2, kPrivacy = 4 };
/// Words of a RESN payload in either dialect ("privacy", "CONFIDENTIAL, LOCKED"); unknown words count as confidential.
std::uint8_t parse_restriction(std::string_view text) noexcept;

/// Stored in member.pedigree: append only.
enum class Pedigree : std::uint8_t {
  not_stated = 0, birth, adopted, foster, sealing, step, guardian, surrogate, donor, other,
};
std::string_view to_string(Pedigree pedigree) noexcept;
/// PEDI of both dialects and _FREL, _MREL ("Natural", "adopted"); other for a word not known, not_stated for an empty one.
Pedigree parse_pedigree(std::string_view text) noexcept;
/// True for those by blood: birth and not_stated.
constexpr bool is_birth(Pedigree pedigree) noexcept { return pedigree <= Pedigree::birth; }

/// Stored in link.kind: append only.
enum class LinkKind : std::uint8_t {
  citation = 1, media, note, repository, association, submitter, alias, ancestor_interest, descendant_interest,
};
std::string_view to_string(LinkKind kind) noexcept;

inline constexpr std::uint8_t kNoQuality = 0xFF;

/// A citation, note, picture, repository, association … anywhere in the record.
struct LinkView {
  std::uint32_t node = 0;
  std::uint16_t number = 0;            ///< 0 where the node is not addressable
  LinkKind kind = LinkKind::note;
  std::uint8_t field = 0;              ///< 0 … 15: of the level-1 node it stands under (fields.h)
  std::uint8_t quality = kNoQuality;   ///< 0 … 3 (QUAY), of citations
  std::uint32_t owner = 0;             ///< the node it hangs under: 0 is the record, else an event, name, citation …
  Target target;                       ///< text: an embedded note, or a source described in words
  std::string_view detail;             ///< citation: PAGE. association: ROLE or RELA. media: TITL. repository: CALN
  std::string_view phrase;             ///< ROLE.PHRASE, or ASSO.PHRASE if there is no target
};

/// REFN, RIN, UID, _UID, EXID, AFN, RFN of the record.
struct IdentifierView {
  std::uint32_t node = 0;
  std::string_view scheme;  ///< the tag; of an EXID its TYPE (an address), if it has one
  std::string_view value;
  std::string_view type;    ///< TYPE of a REFN
};

/// An event or attribute of a person, family, place or story.
struct EventView {
  std::uint32_t node = 0;
  std::uint16_t number = 0;
  EventType type = EventType::unknown;
  Tag tag = Tag::literal;
  bool asserted = false;            ///< payload Y: it happened, details unknown
  bool negative = false;            ///< 7.0 NO: it did not happen (within the date, if there is one)
  std::uint8_t restriction = kUnrestricted;
  std::string_view value;           ///< payload of an attribute ("Blacksmith") or EVEN
  std::string_view type_text;       ///< TYPE
  Date date;                        ///< none if there is no DATE; a 7.0 PHRASE stands in date.phrase
  Date sort_date;                   ///< SDATE
  std::string_view date_text, time_text;
  PlaceUse place;
  std::optional<Age> age, husband_age, wife_age;
  std::string_view age_text;
  std::string_view cause, agency, religion;
  std::uint32_t address = 0;        ///< node of ADDR; 0: none
  Target family;                    ///< FAMC below a birth, christening or adoption
  /// What to call it: TYPE for custom events and facts, else the value of an attribute; may be empty.
  std::string_view label() const noexcept;
};
/// Order of a timeline: SDATE, else DATE.
DateSortKey sort_key(const EventView& event) noexcept;

struct AddressView {
  std::string_view text, line1, line2, line3, city, state, postal_code, country;
  std::vector<std::string_view> phones, emails, faxes, web;
};
/// ADDR of a node, and the PHON, EMAIL, FAX, WWW beside it.
AddressView read_address(const Structure& record, std::uint32_t owner);

/// What all records have.
struct RecordView {
  RecordKind kind = RecordKind::other;
  std::uint8_t restriction = kUnrestricted;
  std::optional<Timestamp> changed_at, created_at;  ///< CHAN, CREA; read as UTC
  std::vector<IdentifierView> identifiers;
  std::vector<LinkView> links;                      ///< in preorder, all depths
};
/// Fills a RecordView of a record of any kind.
void read_record(const Structure& record, RecordView& view);

enum class Sex : std::uint8_t { unknown = 0, male = 1, female = 2, other = 3 };  ///< person.sex; other is X
enum class LinkStatus : std::uint8_t { none = 0, challenged, disproven, proven };

/// FAMC: a family in which the person is a child.
struct ParentLink {
  std::uint32_t node = 0;
  Target family;
  Pedigree pedigree = Pedigree::not_stated;
  LinkStatus status = LinkStatus::none;
  bool preferred = false;          ///< marked _PRIMARY or _PREF Y by its program
  std::string_view phrase;
};
/// FAMS, HUSB or WIFE: a family in which the person is a partner, or a partner of the family.
struct PartnerLink {
  std::uint32_t node = 0;
  Target target;
  Tag role = Tag::FAMS;            ///< FAMS of a person; HUSB or WIFE of a family: places at the table, not sexes
  std::string_view phrase;
};
/// CHIL: a child of the family.
struct ChildLink {
  std::uint32_t node = 0;
  Target person;
  Pedigree to_husband = Pedigree::not_stated, to_wife = Pedigree::not_stated;  ///< _FREL, _MREL; PEDI stands in the child's record
  std::string_view phrase;
};

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct PersonView : RecordView {
  std::vector<NameView> names;         ///< main names in file order, each followed by its variants
  std::vector<EventView> events;       ///< events and attributes in file order
  std::vector<ParentLink> parents;
  std::vector<PartnerLink> partners;
  Sex sex = Sex::unknown;
  std::size_t birth = kNone, death = kNone;  ///< index in events: the first BIRT and DEAT that are not negative; christening is none
  std::optional<bool> living;                ///< the user's override: _LIVING Y or N

  const NameView* preferred_name() const noexcept { return names.empty() ? nullptr : &names.front(); }
  /// The parent family that counts for descent: preferred, else by birth, else not stated, else the first; kNone without any.
  std::size_t primary_parents() const noexcept;
  /// Days of the birth: BIRT, else nothing. Of the death likewise.
  DateBounds birth_days() const noexcept;
  DateBounds death_days() const noexcept;
};
void read_person(const Structure& record, PersonView& view);

struct FamilyView : RecordView {
  std::vector<PartnerLink> partners;   ///< HUSB and WIFE in file order
  std::vector<ChildLink> children;
  std::vector<EventView> events;
  std::optional<std::uint16_t> child_count;  ///< NCHI
  /// First marriage (also customary) that is not negative; kNone without.
  std::size_t marriage() const noexcept;
};
void read_family(const Structure& record, FamilyView& view);

struct SourceView : RecordView {
  std::string_view title, author, publication, abbreviation, text, agency;
};
void read_source(const Structure& record, SourceView& view);

struct RepositoryView : RecordView {
  std::string_view name;
  AddressView address;
};
void read_repository(const Structure& record, RepositoryView& view);

struct MediaFile {
  std::uint32_t node = 0;
  std::string_view path;    ///< FILE as written: a path, a relative address, or a URL
  std::string_view form;    ///< "image/jpeg" in 7.0, "jpg" in 5.5.1
  std::string_view medium;  ///< MEDI or TYPE: "PHOTO", "photo"
  std::string_view title;
};
/// "image/jpeg" for a FORM of either dialect; "application/octet-stream" if not known.
std::string_view mime_of_form(std::string_view form) noexcept;

struct MediaView : RecordView {
  std::vector<MediaFile> files;
  std::string_view title;   ///< of the record, else of the first file
};
void read_media(const Structure& record, MediaView& view);
/// The files of an OBJE embedded in another record (5.5.1), appended.
void read_embedded_media(const Structure& record, std::uint32_t node, std::vector<MediaFile>& files);

struct NoteTranslation {
  std::string_view text, language, mime;
};
struct NoteView : RecordView {
  std::string_view text, language, mime;
  std::vector<NoteTranslation> translations;
};
void read_note(const Structure& record, NoteView& view);

struct SubmitterView : RecordView {
  std::string_view name;
  std::vector<std::string_view> languages;
  AddressView address;
};
void read_submitter(const Structure& record, SubmitterView& view);

/// _PLACE (and GEDCOM-L _LOC): NAME text with DATE, LANG, TYPE below; PLAC the jurisdictions above it, with DATE; TYPE; MAP; events.
struct PlaceName {
  std::uint32_t node = 0;
  std::string_view text, language;
  Date date;
};
struct PlaceView : RecordView {
  std::vector<PlaceName> names;
  std::vector<PlaceName> jurisdictions;
  std::vector<EventView> events;
  std::string_view type;
  std::optional<Coordinates> coordinates;
};
void read_place(const Structure& record, PlaceView& view);

/// _STORY: TITL, TEXT, DATE, PLAC, TYPE; who took part are associations in `links`.
struct StoryView : RecordView {
  std::string_view title, text;
  EventView event;
};
void read_story(const Structure& record, StoryView& view);

}  // namespace tablinum::tree::model
