#pragma once
/// Everything that follows from the records, as text: two archives with equal texts answer alike.
#include "fixture.h"
#include "tablinum/archive/derived.h"
#include "tablinum/search/index.h"
#include "tablinum/search/search.h"

namespace tablinum::archive {

class DerivedTest : public ArchiveTest {
 protected:
  /// People of three generations, an adoption, places in places, sources, notes, a place record, a picture.
  static std::string family() {
    return gedcom(
        "0 @I1@ INDI\n1 NAME Tendai /Moyo/\n2 NICK Tindo\n1 SEX M\n1 BIRT\n2 DATE 3 MAR 1850\n2 PLAC Harare, Zimbabwe\n2 SOUR @S1@\n3 QUAY 3\n"
        "1 DEAT\n2 DATE 1901\n2 PLAC Bulawayo, Zimbabwe\n1 OCCU farmer\n1 NOTE wrote letters\n1 REFN 17\n1 FAMS @F1@\n"
        "0 @I2@ INDI\n1 NAME Rudo /Ncube/\n1 SEX F\n1 RESN confidential\n1 FAMS @F1@\n"
        "0 @I3@ INDI\n1 NAME John /Moyo/\n1 SEX M\n1 BIRT\n2 DATE 1990\n2 PLAC Harare, Zimbabwe\n1 FAMC @F1@\n1 FAMC @F2@\n2 PEDI adopted\n"
        "0 @I4@ INDI\n1 SEX F\n1 FAMS @F2@\n"
        "0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 CHIL @I3@\n1 MARR\n2 DATE 1875\n2 PLAC Selby, York, England\n3 MAP\n4 LATI N53.78\n4 LONG W1.07\n"
        "0 @F2@ FAM\n1 WIFE @I4@\n1 CHIL @I3@\n"
        "0 @S1@ SOUR\n1 TITL Parish register\n1 AUTH A clerk\n0 @N1@ NOTE about nothing\n"
        "0 @M1@ OBJE\n1 FILE a.jpg\n2 FORM jpg\n2 TITL At the well\n"
        "0 @P1@ _PLACE\n1 NAME Mutare\n1 NAME Umtali\n1 PLAC Zimbabwe\n");
  }
  /// One line a row of every derived table; places by their path, since a number that was lost is not given again.
  std::vector<std::string> derived() {
    constexpr std::string_view kPath =
        "(WITH RECURSIVE up(pid, parent, path) AS (SELECT own.pid, own.parent, own.name FROM place own WHERE own.pid = $ UNION ALL SELECT p.pid, p.parent, "
        "up.path || ' < ' || p.name FROM place p JOIN up ON p.pid = up.parent) SELECT path FROM up ORDER BY length(path) DESC LIMIT 1)";
    const auto path_of = [&](std::string_view column) {
      std::string sql{kPath};
      return sql.replace(sql.find('$'), 1, column);
    };
    const std::string kQueries[] = {
        "SELECT 'record ' || rid || ' ' || restriction FROM record",
        "SELECT 'person ' || rid || ' ' || sex || ' ' || living || ' ' || quote(living_until) || quote(birth_min) || quote(birth_max) || "
        "quote(death_min) || quote(death_max) || quote(label) FROM person",
        "SELECT 'name ' || rid || ' ' || ord || ' ' || kind || ' ' || variant || quote(lang) || quote(full_text) || quote(given) || "
        "quote(surname_prefix) || quote(surname) || quote(nickname) || tree_no || quote(sort_key) FROM name",
        "SELECT 'event ' || rid || ' ' || ord || ' ' || kind || quote(label) || quote(jdn_min) || quote(jdn_max) || precision || ' ' || "
        "tree_no || ' ' || coalesce(" + path_of("event.place") + ", 'nowhere') FROM event",
        "SELECT 'member ' || family || ' ' || role || ' ' || ord || ' ' || person || ' ' || pedigree || ' ' || state FROM member",
        "SELECT 'link ' || rid || ' ' || ord || ' ' || kind || ' ' || target || quote(quality) || field FROM link",
        "SELECT 'identifier ' || rid || ' ' || ord || quote(scheme) || quote(value) FROM identifier",
        "SELECT 'place ' || " + path_of("place.pid") + " || quote(place.rid) || quote(kind) || quote(folded) || quote(lat) || quote(lon) FROM place",
        "SELECT 'document ' || CASE WHEN rid & 2147483648 THEN " + path_of("document.rid - 2147483648") +
            " ELSE rid END || quote(name) || quote(alt) || quote(body) FROM document"};
    std::vector<std::string> lines;
    auto reader = must(archive_->database().reader());
    for (const auto& sql : kQueries) {
      auto rows = reader.statement(sql, {}, "t").query();
      while (rows.next()) lines.emplace_back(rows.text(0));
      EXPECT_TRUE(rows.status().has_value()) << sql;
    }
    std::ranges::sort(lines);
    return lines;
  }
  void change(std::initializer_list<std::string> statements) {
    auto writer = must(archive_->database().writer());
    for (const auto& sql : statements) must(writer.execute(sql));
    must(writer.commit());
  }
  Result<std::unique_ptr<Archive>> reopen(bool read_only) {
    archive_.reset();
    return Archive::open({.folder = path("data"), .read_only = read_only});
  }
  bool index_agrees() {
    auto writer = must(archive_->database().writer());
    return must(search::DocumentIndex{writer}.agrees());
  }
  std::size_t outdated() {
    auto reader = must(archive_->database().reader());
    return must(outdated_trees(reader)).size();
  }
  /// "kind title" of each hit, in order.
  std::vector<std::string> find(std::string_view text) {
    auto reader = must(archive_->database().reader());
    const auto tree = must(store::list_trees(reader)).front();
    const auto index = must(archive_->index(reader, tree));
    search::DocumentIndex documents{reader};
    const auto answer = must(search::search(*index, {documents, tree.generation}, must(search::parse_query(text)),
                                            {.circle = search::Circle::owners, .visible = {}}, {.highlights = true}));
    std::vector<std::string> found;
    for (const auto& hit : answer.hits) {
      auto title = hit.title;
      for (const std::string mark : {"<mark>", "</mark>"}) {
        for (auto at = title.find(mark); at != std::string::npos; at = title.find(mark)) title.erase(at, mark.size());
      }
      found.push_back(std::string{search::to_string(hit.kind)} + ' ' + title);
    }
    return found;
  }
};

}  // namespace tablinum::archive
