#pragma once
/// Nodes of one version rewritten as nodes of the other. Every rewriting is tried backwards at once: where the way back gives something
/// else, the original goes below the new node as a copy (kWas). So what is lost by a rule can only be lost where the copy is lost.
#include <functional>
#include <map>
#include <vector>

#include "convert/carriers.h"
#include "convert/grammar.h"
#include "tablinum/tree/convert/convert.h"

namespace tablinum::tree::convert {

using Items = std::vector<Item>;

/// Of the header's lines about extension tags, which 5.5.1 does not know: there it is an extension itself.
constexpr std::string_view schema_tag(Dialect dialect) noexcept { return dialect == Dialect::gedcom70 ? "SCHMA" : "_SCHMA"; }

class Rewriter {
 public:
  Rewriter(Dialect to, std::function<void(NoteCode code, std::string_view what)> report);

  Carriers& carriers(Dialect file) noexcept { return file == Dialect::gedcom551 ? carriers_551_ : carriers_70_; }
  /// HEAD.SOUR of the file, which RIN is a number of.
  void set_system(std::string_view system) { system_ = system; }
  /// Asks for the tag of the record that an id means; empty if there is none.
  void set_record_tags(std::function<std::string_view(const RecordId&)> tag_of) { tag_of_ = std::move(tag_of); }
  /// A record of the 7.0 file that was made of a part of another, and may become one again.
  void add_inline(const RecordId& id, Item record) { inline_.emplace(id, std::move(record)); }
  bool is_inline(const RecordId& id) const { return inline_.contains(id); }

  /// A record or header.  @param made  gets the records that were made of its parts
  Item record(const Item& in, std::vector<std::pair<RecordId, Item>>& made);
  /// Whether the record or node is there only because a conversion had to make one.
  bool is_made(Dialect file, const Item& in);
  /// The child of `in` with that mark; null without one.
  const Item* marked(Dialect file, const Item& in, std::string_view key);
  Item mark(Dialect file, std::string_view key);
  /// Whether the source has no such child, or only one that a conversion made: then the original had none.
  bool was_made(Dialect from, const Item& in, std::string_view tag);

 private:
  struct Try {
    unsigned depth = 1;     // level of the node
    bool trial = false;     // only to see what comes out
    unsigned copies = 0;    // copies inside of which we are
  };
  struct Place {
    const Rule* from;  // of the node above, in the source's version; null where that knows no such structure
    const Rule* to;    // the same in the target's
  };

  Items node(Dialect to, const Item& in, Place place, Try how);
  std::optional<Item> restored(Dialect to, const Item& in, const Item& copy, Place place, Try how);
  void children(Dialect to, const Item& in, Place place, Try how, Item& out);
  void mark_absent(const Item& in, Item& out);
  bool add_required(Dialect to, const Item& in, const Rule& rule, Item& out);

  Items to_70(const Item& in, Place place, Try how);
  Items to_551(const Item& in, Place place, Try how);
  Items plain_70(const Item& in, std::string_view tag, Place place, Try how);
  Items plain_551(const Item& in, std::string_view tag, Place place, Try how);
  Items name_form_70(const Item& in, Place place, Try how);
  Items name_form_551(const Item& in, Place place, Try how);
  Items identifier_70(const Item& in, Place place, Try how);
  Items identifier_551(const Item& in, Place place, Try how);
  Items uid_70(const Item& in);
  Items uid_551(const Item& in);
  Items inline_source_70(const Item& in, Place place, Try how);
  Items inline_object_70(const Item& in, Try how);
  std::optional<Items> inline_source_551(const Item& in, Try how);
  std::optional<Items> inline_object_551(const Item& in);
  Item object_record(const Item& embedded, Try how);
  RecordId add_record(Item record, bool trial);
  const Item* record_made(const RecordId& id) const;

  bool payload_70(const Item& in, const Rule& rule, std::string_view parent, Item& out, std::optional<std::string>& phrase);
  Item verbatim(Dialect to, const Item& in);
  Item carried(Dialect to, const Item& in, bool trial);
  void without_copies(Dialect file, Item& item);
  bool same(const Item& a, const Item& b);
  bool same_record(Item a, Item b);
  void note(NoteCode code, std::string_view tag);

  Dialect to_;
  std::function<void(NoteCode, std::string_view)> report_;
  std::function<std::string_view(const RecordId&)> tag_of_;
  Carriers carriers_551_{Dialect::gedcom551}, carriers_70_{Dialect::gedcom70};
  std::string system_, path_;
  std::map<RecordId, Item> inline_;  // 7.0 records made of parts, those of this run too
  std::map<RecordId, Item> trials_;  // made on trial
  std::vector<std::pair<RecordId, Item>>* made_ = nullptr;
  std::uint32_t next_id_ = 0, next_trial_ = 0;
};

}  // namespace tablinum::tree::convert
