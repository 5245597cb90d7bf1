#pragma once
/// Typed edits of one record. What an edit does not name stays exactly as it was: bytes, order, numbers.  Design: archive.md §4, §6.
/// Records are written in their own dialect; a place or source is cited, not copied, by whoever calls.
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/tree/model/fields.h"
#include "tablinum/tree/model/view.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::edit {

/// A text to write: nothing leaves what is there, an empty one takes it away with what hangs below it.
using Text = std::optional<std::string>;

inline constexpr std::size_t kLineBytesMax = 4096;                     ///< of names, dates, places, titles
inline constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;     ///< of notes, transcripts, descriptions
inline constexpr std::size_t kPartsMax = 1000;                         ///< citations or notes given with one fact

/// A citation of a source, to add or to change.
struct Citation {
  std::optional<RecordId> source;
  Text described;                        ///< 5.5.1: the source in words, where no record is cited
  Text page, text;                       ///< where in the source; what it says there
  std::optional<std::int8_t> quality;    ///< 0 … 3; −1 takes it away
};

/// A note: words, or a note record.
struct Note {
  Text text;
  std::optional<RecordId> record;
};

/// A name, to add or to change.
struct Name {
  Text kind;                             ///< of model::to_string(NameKind), or the user's own word
  Text text;                             ///< as GEDCOM writes it ("Rudo /Mutasa/"); made from the pieces where only those are given
  Text prefix, given, nickname, surname_prefix, surname, suffix, language;
  std::vector<Citation> citations;       ///< added
  std::vector<Note> notes;               ///< added
};

/// An event or attribute, to add or to change.
struct Fact {
  Text type;                             ///< "BIRT", "birth", "MILITARY_SERVICE", "_LOBOLA"; needed where it is added, else it stays
  Text type_text, value, date, place, cause, agency, age, religion;
  std::optional<bool> happened;          ///< payload Y: it happened, nothing more is known
  std::vector<Citation> citations;       ///< added
  std::vector<Note> notes;               ///< added
};

/// Level-1 texts of sources, repositories, notes, media, places and of persons and families; by the API's names (editor.cc: kTexts).
struct NamedText {
  std::string name;
  Text text;
};

/// One record while it is edited. Nothing is checked against other records here.
/// @note One thread. Errors leave the record as it was before the call.
class Editor {
 public:
  /// A record that is there. `number_floor`: the highest number that any node of it ever had, so that none is given twice.
  explicit Editor(const Structure& record, std::uint16_t number_floor = 0);
  /// A new one.  @pre kind is one that has a tag: not other, not header
  Editor(Dialect dialect, model::RecordKind kind);
  Editor(Editor&&) noexcept = default;
  Editor& operator=(Editor&&) noexcept = default;

  model::RecordKind kind() const noexcept { return kind_; }
  Dialect dialect() const noexcept { return dialect_; }

  /// Adding gives the new node's number.
  /// @error invalid: not a text (control characters, broken UTF-8), an unknown type, a record that cannot have it.
  ///        too_large: a text over its limit.  limit: no number is left.
  Result<std::uint16_t> add_name(const Name& name);
  Result<std::uint16_t> add_fact(const Fact& fact);
  /// `owner`: 0 for the record, else the number of a name, fact or citation.  @error not_found: no such node.  Else as above.
  Result<std::uint16_t> add_note(std::uint16_t owner, const Note& note);
  Result<std::uint16_t> add_citation(std::uint16_t owner, const Citation& citation);
  Result<std::uint16_t> add_media(std::uint16_t owner, const RecordId& media);

  /// Changes the node with that number.  @error not_found: no such node, or one of another sort.  Else as above.
  Result<void> set_name(std::uint16_t number, const Name& name);
  Result<void> set_fact(std::uint16_t number, const Fact& fact);
  Result<void> set_note(std::uint16_t number, const Note& note);
  Result<void> set_citation(std::uint16_t number, const Citation& citation);
  /// Takes an addressable node away with all below it.  @error not_found.
  Result<void> remove(std::uint16_t number);
  /// Puts the node before its siblings of the same tag: the preferred name, birth, … is the first.  @error not_found.
  Result<void> prefer(std::uint16_t number);

  /// 'M', 'F', 'X', 'U'; nothing takes it away.  @error invalid.
  Result<void> set_sex(std::optional<char> letter);
  /// The user's word on whether the person lives; nothing leaves it to the rule.
  Result<void> set_living(std::optional<bool> living);
  /// A text of the record by its API name ("title", "author", …).  @error invalid: this kind of record has no such text.
  Result<void> set_text(const NamedText& text);

  /// The family's pointers: HUSB, WIFE, CHIL; the person's: FAMS, FAMC. A pointer that is there stays as it is.
  Result<void> add_pointer(Tag tag, const RecordId& target, model::Pedigree pedigree = model::Pedigree::not_stated);
  /// How the child belongs to the family: PEDI below FAMC.  @error not_found: no such pointer.
  Result<void> set_pedigree(const RecordId& family, model::Pedigree pedigree);
  /// Takes away every such pointer to it; gives how many there were.
  std::size_t remove_pointers(Tag tag, const RecordId& target);
  /// Takes away every pointer to the record, of any tag and depth, with what hangs below.
  std::size_t remove_all_pointers(const RecordId& target);
  /// Puts the level-1 pointers with that tag into this order; those that are not named come behind, in their order.
  void order_pointers(Tag tag, std::span<const RecordId> order);
  bool has_pointer(Tag tag, const RecordId& target) const noexcept;
  /// Targets of the level-1 pointers with that tag, in order.
  std::vector<RecordId> pointers(Tag tag) const;

  /// The record as it is now.
  Structure structure() const;

 private:
  struct Item {
    std::string_view text, literal_tag;
    RecordId target;
    std::vector<std::uint32_t> children;
    std::uint32_t parent = kNoNode;
    Tag tag{};
    std::uint16_t number = 0;
    PayloadKind kind = PayloadKind::none;
  };

  std::uint32_t copy(const Structure& record, std::uint32_t node, std::uint32_t parent);
  Tag tag_of_item(std::uint32_t item) const noexcept;
  std::uint32_t find(std::uint16_t number) const noexcept;
  Result<std::uint32_t> find_fact(std::uint16_t number) const;
  Result<std::uint32_t> owner(std::uint16_t number) const;
  std::uint32_t child(std::uint32_t parent, Tag tag) const noexcept;
  std::uint32_t insert(std::uint32_t parent, Tag tag, std::string_view literal = {});
  void detach(std::uint32_t item);
  void put_text(std::uint32_t item, std::string_view text);
  void put_child_text(std::uint32_t parent, Tag tag, const Text& text);
  void put_target(std::uint32_t item, const RecordId& target);
  Result<std::uint16_t> number(std::uint32_t item);
  Result<void> check(const Name& name) const;
  Result<void> check(const Fact& fact, bool is_new) const;
  Result<void> check(const Citation& citation, bool is_new) const;
  Result<void> check(const Note& note, bool is_new) const;
  Result<void> room_for(std::size_t numbers) const;
  Structure alone(std::uint32_t name) const;
  void write_kind(std::uint32_t name, std::string word);
  void write_pieces(std::uint32_t name, Name whole, bool with_line);
  void write(std::uint32_t item, const Name& name);
  void write(std::uint32_t item, const Fact& fact);
  void write(std::uint32_t item, const Citation& citation);
  void write(std::uint32_t item, const Note& note);
  void write_date(std::uint32_t event, const Text& date);
  void write_parts(std::uint32_t item, const std::vector<Citation>& citations, const std::vector<Note>& notes);
  Tag note_tag(const Note& note) const noexcept;

  Dialect dialect_;
  model::RecordKind kind_;
  std::vector<Item> items_;
  TextArena texts_;
  std::uint32_t last_number_ = 0;
};

/// The highest number of a node in the record; 0 without any.
std::uint16_t highest_number(const Structure& record) noexcept;

/// `now` with the level-1 nodes of these fields as `then` has them: taking a change back of which later changes touched other fields only.
/// Nodes of other fields stay as they are, in their order.
/// @pre both are of one record
Structure with_fields_of(const Structure& now, const Structure& then, std::span<const model::Field> fields);

/// The level-1 nodes that are only in one of two versions, each with all below it as indented lines ("BIRT\n  DATE 1902").
struct Difference {
  model::Field field{};
  std::vector<std::string> before, after;
};
inline constexpr std::size_t kDifferenceBytesMax = 64 << 10;  ///< of one node's lines; longer ones end in "…"
std::vector<Difference> differences(const Structure& before, const Structure& after);

}  // namespace tablinum::tree::edit
