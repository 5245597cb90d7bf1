#include "migrations/list.h"

namespace tablinum::store {

// Portable: {blob} is the engine's type of bytes, {clustered} what makes a table be stored in its key's order, {bigkey} a
// 64-bit primary key (SQLite: INTEGER, else it is no alias of the row's id). Design: archive.md §6.
// clang-format off
const std::string_view kInitialUp = R"sql(
CREATE TABLE tree(tree_no {bigkey} PRIMARY KEY, id {blob} NOT NULL UNIQUE, name TEXT NOT NULL, owner {blob} NOT NULL,
  privacy SMALLINT NOT NULL, settings TEXT NOT NULL, next_n BIGINT NOT NULL, log_size BIGINT NOT NULL, log_edge {blob} NOT NULL,
  sealed_height BIGINT NOT NULL, generation BIGINT NOT NULL, deleted_at BIGINT);
CREATE TABLE record(rid {bigkey} PRIMARY KEY, id {blob} NOT NULL UNIQUE, kind SMALLINT NOT NULL, xref TEXT, version INTEGER NOT NULL,
  deleted SMALLINT NOT NULL, restriction SMALLINT NOT NULL, changed_at BIGINT NOT NULL, salt {blob}, root {blob} NOT NULL, structure {blob});
CREATE INDEX record_kind ON record(kind, rid) WHERE kind <> 1 AND deleted = 0;
CREATE TABLE person(rid {bigkey} PRIMARY KEY, sex SMALLINT, living SMALLINT NOT NULL, living_until BIGINT, birth_min INTEGER,
  birth_max INTEGER, death_min INTEGER, death_max INTEGER, label TEXT);
CREATE INDEX person_living ON person(living_until) WHERE living_until IS NOT NULL;
CREATE TABLE name(rid BIGINT, ord SMALLINT, kind SMALLINT NOT NULL, variant SMALLINT NOT NULL, lang TEXT, full_text TEXT NOT NULL,
  given TEXT, surname_prefix TEXT, surname TEXT, nickname TEXT, tree_no BIGINT NOT NULL, sort_key TEXT NOT NULL, PRIMARY KEY(rid, ord)){clustered};
CREATE INDEX name_sort ON name(tree_no, sort_key, rid);
CREATE TABLE event(rid BIGINT, ord SMALLINT, kind SMALLINT NOT NULL, label TEXT, jdn_min INTEGER, jdn_max INTEGER, precision SMALLINT NOT NULL,
  place BIGINT, tree_no BIGINT NOT NULL, PRIMARY KEY(rid, ord)){clustered};
CREATE INDEX event_date ON event(tree_no, jdn_min, jdn_max) WHERE jdn_min IS NOT NULL;
CREATE INDEX event_place ON event(place) WHERE place IS NOT NULL;
CREATE TABLE place(pid {bigkey} PRIMARY KEY, parent BIGINT, rid BIGINT, kind SMALLINT, name TEXT NOT NULL, folded TEXT NOT NULL,
  lat DOUBLE PRECISION, lon DOUBLE PRECISION, UNIQUE(parent, name));
CREATE TABLE member(family BIGINT, role SMALLINT, ord SMALLINT, person BIGINT NOT NULL, pedigree SMALLINT NOT NULL, state SMALLINT NOT NULL,
  PRIMARY KEY(family, role, ord)){clustered};
CREATE INDEX member_person ON member(person, role);
CREATE TABLE link(rid BIGINT, ord SMALLINT, kind SMALLINT NOT NULL, target BIGINT NOT NULL, quality SMALLINT, field SMALLINT NOT NULL,
  PRIMARY KEY(rid, ord)){clustered};
CREATE INDEX link_target ON link(target, kind);
CREATE TABLE identifier(rid BIGINT, ord SMALLINT, scheme TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(rid, ord)){clustered};
CREATE INDEX identifier_value ON identifier(scheme, value);
CREATE TABLE change(tree_no BIGINT, seq BIGINT, rid BIGINT NOT NULL, change_set {blob} NOT NULL, actor BIGINT NOT NULL,
  canonical {blob} NOT NULL, before {blob}, PRIMARY KEY(tree_no, seq)){clustered};
CREATE INDEX change_record ON change(rid, seq);
CREATE TABLE change_set(id {blob} PRIMARY KEY, tree_no BIGINT NOT NULL, kind SMALLINT NOT NULL, actor BIGINT NOT NULL, time BIGINT NOT NULL,
  first_seq BIGINT NOT NULL, summary TEXT, undoes {blob}, extra {blob});
CREATE TABLE log_node(tree_no BIGINT, level SMALLINT, pos BIGINT, hash {blob} NOT NULL, PRIMARY KEY(tree_no, level, pos)){clustered};
CREATE TABLE state_node(tree_no BIGINT, level SMALLINT, pos BIGINT, hashes {blob} NOT NULL, PRIMARY KEY(tree_no, level, pos)){clustered};
CREATE TABLE block(tree_no BIGINT, height BIGINT, header {blob} NOT NULL, hash {blob} NOT NULL, last_seq BIGINT NOT NULL, PRIMARY KEY(tree_no, height)){clustered};
CREATE TABLE import_job(id {blob} PRIMARY KEY, tree_no BIGINT NOT NULL, state SMALLINT NOT NULL, source {blob} NOT NULL, options TEXT NOT NULL,
  header {blob}, bytes_done BIGINT NOT NULL, bytes_total BIGINT NOT NULL, records BIGINT NOT NULL, change_set {blob}, error TEXT);
CREATE TABLE import_xref(job {blob}, xref TEXT, rid BIGINT NOT NULL, digest {blob} NOT NULL, PRIMARY KEY(job, xref)){clustered};
CREATE TABLE import_finding(job {blob}, ord BIGINT, line BIGINT NOT NULL, code SMALLINT NOT NULL, detail TEXT, PRIMARY KEY(job, ord)){clustered};
CREATE TABLE pair(a BIGINT, b BIGINT, score INTEGER NOT NULL, state SMALLINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY(a, b)){clustered};
CREATE TABLE access(tree_no BIGINT, account {blob}, role SMALLINT NOT NULL, branch TEXT, expires_at BIGINT, PRIMARY KEY(tree_no, account)){clustered};
CREATE TABLE actor(actor {bigkey} PRIMARY KEY, account {blob} UNIQUE, label TEXT NOT NULL);
CREATE TABLE job(id {blob} PRIMARY KEY, kind TEXT NOT NULL, state SMALLINT NOT NULL, tree_no BIGINT, actor BIGINT NOT NULL, arguments TEXT NOT NULL,
  progress TEXT, result TEXT, error TEXT, attempt INTEGER NOT NULL, run_at BIGINT NOT NULL, lease_until BIGINT, created_at BIGINT NOT NULL, finished_at BIGINT);
CREATE INDEX job_due ON job(state, run_at);
CREATE TABLE document(rid INTEGER PRIMARY KEY, name TEXT, alt TEXT, body TEXT);
CREATE VIRTUAL TABLE document_index USING fts5(name, alt, body, content='document', content_rowid='rid', tokenize="ascii tokenchars '_'");
CREATE TRIGGER change_is_final BEFORE UPDATE OF tree_no, seq, rid, change_set, actor, canonical ON change BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER change_is_kept BEFORE DELETE ON change WHEN EXISTS(SELECT 1 FROM tree WHERE tree_no = OLD.tree_no AND deleted_at IS NULL) BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
INSERT INTO actor(actor, account, label) VALUES(0, NULL, 'owner');
INSERT INTO actor(actor, account, label) VALUES(1, NULL, 'tablinum');
)sql";

const std::string_view kInitialDown = R"sql(
DROP TABLE document_index;
DROP TABLE document;
DROP TABLE job;
DROP TABLE actor;
DROP TABLE access;
DROP TABLE pair;
DROP TABLE import_finding;
DROP TABLE import_xref;
DROP TABLE import_job;
DROP TABLE block;
DROP TABLE state_node;
DROP TABLE log_node;
DROP TABLE change_set;
DROP TABLE change;
DROP TABLE identifier;
DROP TABLE link;
DROP TABLE member;
DROP TABLE place;
DROP TABLE event;
DROP TABLE name;
DROP TABLE person;
DROP TABLE record;
DROP TABLE tree;
)sql";

// clang-format on

}  // namespace tablinum::store
