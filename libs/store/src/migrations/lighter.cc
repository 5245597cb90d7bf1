#include "migrations/list.h"

namespace tablinum::store {

// Nothing reads events by date across a tree (search has its columns for that), and the index of dates was a twentieth of an
// import. Search ranks by its own columns, so FTS5 need not keep the length of every document.
// `setting` holds what the archive knows of itself: the version of the rules that its derived rows follow from.
// clang-format off
const std::string_view kLighterUp = R"sql(
DROP INDEX event_date;
DROP TABLE document_index;
CREATE VIRTUAL TABLE document_index USING fts5(name, alt, body, content='document', content_rowid='rid', tokenize="ascii tokenchars '_'", columnsize=0);
INSERT INTO document_index(document_index) VALUES('rebuild');
CREATE TABLE setting(name VARCHAR(64) PRIMARY KEY, value TEXT NOT NULL){clustered};
)sql";

const std::string_view kLighterDown = R"sql(
DROP TABLE setting;
DROP TABLE document_index;
CREATE VIRTUAL TABLE document_index USING fts5(name, alt, body, content='document', content_rowid='rid', tokenize="ascii tokenchars '_'");
INSERT INTO document_index(document_index) VALUES('rebuild');
CREATE INDEX event_date ON event(tree_no, jdn_min, jdn_max) WHERE jdn_min IS NOT NULL;
)sql";
// clang-format on

}  // namespace tablinum::store
