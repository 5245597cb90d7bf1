// Reader and writer as wholes: limits, pointers, what is written how. Repairs: malformed_test.cc. Real files:
// gedcom_files_test.cc.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gedcom_util.h"
#include "random_structure.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::string_view kHead = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n";

std::string with_head(std::string_view records) { return std::string{kHead} + std::string{records} + "0 TRLR\n"; }

// ---------------------------------------------------------------- reader

TEST(Reader, ResolvesPointersForwardAndBack) {
  const auto loaded = load(with_head("0 @I1@ INDI\n1 FAMS @F1@\n0 @F1@ FAM\n1 HUSB @I1@\n")).value();
  ASSERT_EQ(loaded.records.size(), 2u);
  EXPECT_EQ(loaded.records[0].structure[1].target, loaded.records[1].id);
  EXPECT_EQ(loaded.records[1].structure[1].target, loaded.records[0].id);
  EXPECT_EQ(loaded.findings.total(), 0u);
}

TEST(Reader, VoidIsNoRecordInGedcom7) {
  const auto loaded = load("0 HEAD\n1 GEDC\n2 VERS 7.0\n0 @I1@ INDI\n1 FAMS @VOID@\n0 TRLR\n").value();
  EXPECT_EQ(loaded.dialect, Dialect::gedcom70);
  EXPECT_EQ(loaded.records[0].structure[1].kind, PayloadKind::record);
  EXPECT_TRUE(loaded.records[0].structure[1].target.value().is_zero());
}

TEST(Reader, NumbersNodesAsNumberNodesDoes) {
  const auto loaded = load(with_head("0 @I1@ INDI\n1 NAME A\n2 SOUR @S1@\n1 BIRT\n2 DATE 1900\n2 NOTE a\n3 CONT b\nloose\n"
                                     "1 _X @I1@\n2 CONT as a note\n0 @S1@ SOUR\n"))
                          .value();
  for (const auto& item : loaded.records) {
    auto renumbered = item.structure.clone();
    for (std::uint32_t i = 0; i < renumbered.nodes().size(); ++i) renumbered.set_number(i, 0);
    renumbered.number_nodes();
    EXPECT_EQ(renumbered, item.structure);
  }
}

TEST(Reader, NewIdentifiersMeetNoOther) {
  const auto loaded = load(with_head("0 INDI\n0 @I7@ INDI\n1 ASSO @i 9@\n1 ASSO @I3@\n")).value();
  EXPECT_EQ(loaded.records[0].xref, "I10") << "also not the pointer that points to nothing";
}

TEST(Reader, NewIdentifiersMeetNoPointerThatANulHides) {
  const auto file = with_head(std::string{"0 INDI\n0 @I7@ INDI\n1 ASSO @I\0 9@\n1 SEX M\n", 41});
  for (const std::size_t chunk : {1u, 5u, 1000u}) {
    const auto loaded = load(file, {}, chunk).value();
    EXPECT_EQ(loaded.records[0].xref, "I10") << chunk;
    EXPECT_EQ(law_broken_by(loaded), "") << chunk;
  }
}

TEST(Reader, ReportsNulsBehindTheTagOfARecord) {
  std::string file = with_head("0 @I1@ INDI\n1 NAME Tendai /Moyo/\n1 NOTE so that the record is not the end of the file\n");
  file.insert(file.find("INDI") + 4, 3, '\0');
  for (const std::size_t chunk : {1u, 5u, 1000u}) EXPECT_EQ(summary(load(file, {}, chunk)->findings), "nul_removed 1") << chunk;
}

TEST(Reader, NewIdentifiersDoNotDependOnHalvesOfCharacters) {
  // In Shift-JIS the second byte of a character may be 40, an @ elsewhere: "アI9@" is no pointer.
  const std::string head = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR SHIFT_JIS\n";
  const auto file = head + "0 INDI\n0 @I7@ INDI\n1 NOTE \x83@I9@\n1 SEX M\n0 TRLR\n";
  for (const std::size_t chunk : {1u, 5u, 1000u}) {
    const auto loaded = load(file, {}, chunk).value();
    EXPECT_EQ(to_string(loaded.charset.charset), "Shift_JIS");
    EXPECT_EQ(loaded.records[0].xref, "I8") << chunk;
  }
}

TEST(Reader, ARecordInsideAnotherComesAfterIt) {
  const auto loaded = load(with_head("0 @F1@ FAM\n1 @I1@ INDI\n2 NAME A\n1 MARR\n0 @I2@ INDI\n")).value();
  ASSERT_EQ(loaded.records.size(), 3u);
  EXPECT_EQ(loaded.records[0].xref, "F1");
  EXPECT_NE(loaded.records[0].structure.child(0, Tag::MARR), kNoNode);
  EXPECT_EQ(loaded.records[1].xref, "I1");
}

TEST(Reader, RecordsBelowTheHeaderAreNotHeldBack) {
  std::string records;
  for (int i = 1; i <= 40'000; ++i) records += "1 @I" + std::to_string(i) + "@ INDI\n2 NAME A\n";  // over the limit together
  const auto loaded = load(with_head(records));
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->records.size(), 40'000u);
}

TEST(Reader, RecordLimit) {
  // Lines of the usual kind, each its payload and the charge of a line that might be a pointer; then text by CONT, counted
  // exactly.
  const std::size_t fixed = kLineCharge + kLineCharge;  // INDI and NOTE
  const auto note_of = [&](std::size_t bytes) {
    std::string out = "0 @I1@ INDI\n1 NOTE\n";
    while (bytes > 0) {
      const auto piece = std::min<std::size_t>(bytes, 1 << 20);
      out += "2 CONT " + std::string(piece - 1, 'x') + "\n";  // and one for the line break
      bytes -= piece;
    }
    return with_head(out);
  };
  const std::size_t usual_extra = sizeof(Uuid);
  const auto room = kStructureBytesMax - fixed - usual_extra;
  EXPECT_TRUE(load(note_of(room)));
  const auto over = load(note_of(room + 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::too_large);
}

TEST(Reader, WhatIsReadCanAlwaysBeStored) {
  // The shortest lines that become the longest nodes.
  std::string record = "0 @I1@ INDI\n";
  while (record.size() < kStructureBytesMax / 5) record += "1 X @A@\n";
  const auto loaded = load(with_head(record));
  ASSERT_TRUE(loaded);
  Bytes bytes;
  encode(loaded->records[0].structure, bytes);
  EXPECT_TRUE(decode(bytes));
}

TEST(Reader, DepthLimit) {
  std::string record = "0 @I1@ INDI\n";
  for (int level = 1; level <= 99; ++level) record += std::to_string(level) + " NOTE a\n";
  record += "100 CONT b\n99 @E1@ SOUR @I1@\n100 CONT c\n";
  const auto loaded = load(with_head(record)).value();
  Bytes bytes;
  encode(loaded.records[0].structure, bytes);
  EXPECT_TRUE(decode(bytes)) << "no node deeper than the limit";
  EXPECT_EQ(law_broken_by(loaded), "");
  EXPECT_TRUE(load(with_head("0 @I1@ INDI\n10000 NOTE deep\n")));
}

Code survey_error(std::string_view bytes, Limits limits) {
  const auto survey = survey_file(in_chunks(bytes, 7), limits);
  return survey ? Code{} : survey.error().code;
}

TEST(Survey, LimitsOfAFile) {
  const auto bytes = with_head("0 @I1@ INDI\n0 @I2@ INDI\n");
  EXPECT_EQ(survey_error(bytes, {.file_bytes_max = bytes.size()}), Code{});
  EXPECT_EQ(survey_error(bytes, {.file_bytes_max = bytes.size() - 1}), Code::too_large);
  EXPECT_EQ(survey_error(bytes, {.records_max = 2}), Code{});
  EXPECT_EQ(survey_error(bytes, {.records_max = 1}), Code::limit);
}

TEST(Survey, RefusesWhatIsNoGedcom) {
  EXPECT_EQ(survey_error("", {}), Code::corrupt);
  EXPECT_EQ(survey_error("\x89PNG\r\n\x1A\n", {}), Code::corrupt);
  EXPECT_EQ(survey_error("<html>\n<body>\n", {}), Code::corrupt);
  EXPECT_EQ(survey_error("\x7F""ELF\n0 abc\n\x01\x02\n", {}), Code::corrupt) << "a line that looks like a record of no known kind";
}

TEST(Survey, FindsIdentifiers) {
  const auto survey =
      survey_file(in_chunks(with_head("0 @I1@ INDI\n0 @i2@ INDI\n0 @A B@ FAM\n0 @I007@ INDI\n0 @I99999999@ NOTE x\n"), 9))
          .value();
  EXPECT_EQ(survey.records(), 5u);
  EXPECT_EQ(survey.find("I1").ordinal, 0u);
  EXPECT_EQ(survey.find("I2").match, Survey::Match::folded);
  EXPECT_EQ(survey.find("ab").ordinal, 2u);
  EXPECT_EQ(survey.find("I007").match, Survey::Match::exact);
  EXPECT_EQ(survey.find("I7").match, Survey::Match::none);
  EXPECT_EQ(survey.find("I99999999").ordinal, 4u);
  EXPECT_EQ(survey.tag_of_record(2), Tag::FAM);
}

TEST(Reader, RefusesOtherBytesThanTheSurveys) {
  const auto surveyed = with_head("0 @I1@ INDI\n");
  const auto survey = survey_file(in_chunks(surveyed, 9)).value();
  const std::vector<RecordId> ids(survey.records());
  Findings findings;
  const auto ignore = [](Record&) -> Result<void> { return {}; };
  const auto more = with_head("0 @I1@ INDI\n0 @I2@ INDI\n"), less = with_head("");
  EXPECT_EQ(read_file(in_chunks(more, 9), survey, ids, ignore, findings).error().code, Code::conflict);
  EXPECT_EQ(read_file(in_chunks(less, 9), survey, ids, ignore, findings).error().code, Code::conflict);
}

TEST(Reader, StopsWithTheCallersError) {
  const auto bytes = with_head("0 @I1@ INDI\n");
  const auto survey = survey_file(in_chunks(bytes, 9)).value();
  const std::vector<RecordId> ids(survey.records());
  Findings findings;
  const auto full = [](Record&) -> Result<void> { return fail(Code::no_space); };
  EXPECT_EQ(read_file(in_chunks(bytes, 9), survey, ids, full, findings).error().code, Code::no_space);
}

TEST(FindingsStore, CountsOnBeyondWhatItKeeps) {
  Findings findings;
  for (std::size_t i = 0; i <= kFindingsPerCodeMax; ++i) findings.add(FindingCode::line_blank, i);
  EXPECT_EQ(findings.stored().size(), kFindingsPerCodeMax);
  EXPECT_EQ(findings.count(FindingCode::line_blank), kFindingsPerCodeMax + 1);
  EXPECT_EQ(findings.count(Severity::info), kFindingsPerCodeMax + 1);
  EXPECT_EQ(findings.total(), kFindingsPerCodeMax + 1);
}

TEST(FindingsStore, HasALimitOverAllCodes) {
  Findings findings;
  for (std::size_t code = 0; code < 11; ++code) {
    for (std::size_t i = 0; i < kFindingsPerCodeMax; ++i) findings.add(static_cast<FindingCode>(code), i);
  }
  EXPECT_EQ(findings.stored().size(), kFindingsMax);
  EXPECT_EQ(findings.total(), 11 * kFindingsPerCodeMax);
}

TEST(Excerpt, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(excerpt("a\x01\tb\xE2\x80\xAE\xFF"), "a\\u0001\\u0009b\\u202E\\xFF");
  EXPECT_EQ(excerpt(std::string(kExcerptCharsMax, 'x')), std::string(kExcerptCharsMax, 'x'));
  EXPECT_EQ(excerpt(std::string(kExcerptCharsMax + 1, 'x')), std::string(kExcerptCharsMax - 1, 'x') + "…");
}

// ---------------------------------------------------------------- writer

std::string written(Dialect dialect, std::string_view text, Tag tag = Tag::NOTE) {
  Structure s{dialect};
  s.append(kNoNode, Tag::INDI);
  s.append(0, tag, PayloadKind::text, text);
  std::string out;
  Writer writer{dialect, [](const RecordId&) { return std::string_view{}; },
                [&](std::string_view piece) -> Result<void> { return out += piece, Result<void>{}; }};
  EXPECT_TRUE(writer.record("I1", s));
  EXPECT_TRUE(writer.finish());
  return out.substr(out.find('\n') + 1, out.rfind("0 TRLR") - out.find('\n') - 1);
}

TEST(Writer, LinesOfGedcom551) {
  EXPECT_EQ(written(Dialect::gedcom551, ""), "1 NOTE \n");
  EXPECT_EQ(written(Dialect::gedcom551, "a\n\nb"), "1 NOTE a\n2 CONT\n2 CONT b\n");
  EXPECT_EQ(written(Dialect::gedcom551, "\na"), "1 NOTE\n2 CONT a\n");
  EXPECT_EQ(written(Dialect::gedcom551, "a@b"), "1 NOTE a@@b\n");
  EXPECT_EQ(written(Dialect::gedcom551, "@#DJULIAN@ 1700", Tag::DATE), "1 DATE @#DJULIAN@ 1700\n");
  EXPECT_EQ(written(Dialect::gedcom551, "a\r\nb\rc" + std::string(1, '\0')), "1 NOTE a\n2 CONT b\n2 CONT c\n");
}

TEST(Writer, LinesOfGedcom70) {
  EXPECT_EQ(written(Dialect::gedcom70, "@a@b\n@c"), "1 NOTE @@a@b\n2 CONT @@c\n");
  EXPECT_EQ(written(Dialect::gedcom70, std::string(5000, 'x')), "1 NOTE " + std::string(5000, 'x') + "\n") << "no limit";
}

TEST(Writer, LineLimitIsExact) {
  const std::size_t room = kLineCharsMax - std::string_view{"1 NOTE \n"}.size();
  EXPECT_EQ(written(Dialect::gedcom551, std::string(room, 'x')), "1 NOTE " + std::string(room, 'x') + "\n");
  EXPECT_EQ(written(Dialect::gedcom551, std::string(room + 1, 'x')), "1 NOTE " + std::string(room, 'x') + "\n2 CONC x\n");
}

std::vector<std::string> pieces_of(std::string_view lines) {
  std::vector<std::string> out;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    out.emplace_back(lines.substr(7, end - 7));  // "1 NOTE " and "2 CONC " are of one length
    lines.remove_prefix(end + 1);
  }
  return out;
}

TEST(Writer, CutsNoWordEndNorCharacter) {
  for (const std::string& unit : {std::string{"ab "}, std::string{"é"}, std::string{"e\xCC\x81"},
                                  std::string{"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"}, std::string{"@"}}) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += unit;
    for (const auto& piece : pieces_of(written(Dialect::gedcom551, text))) {
      EXPECT_NE(piece.front(), ' ');
      EXPECT_FALSE(piece.starts_with("\xCC\x81") || piece.starts_with("\xE2\x80\x8D")) << unit;
      EXPECT_EQ(std::ranges::count(piece, '@') % 2, 0) << "no half of a doubled @";
    }
  }
  EXPECT_EQ(pieces_of(written(Dialect::gedcom551, std::string(600, ' '))).size(), 1u) << "nowhere to cut: one long line";
}

TEST(Writer, TheHeaderNamesTheCharsetItIsIn) {
  const auto ansel = load("0 HEAD\n1 CHAR ANSEL\n2 VERS 1985\n1 LANG Shona\n0 TRLR\n").value();
  EXPECT_EQ(store(ansel), "0 HEAD\n1 CHAR UTF-8\n1 LANG Shona\n0 TRLR\n");
  EXPECT_EQ(store(load("0 HEAD\n1 LANG Shona\n0 TRLR\n").value()), "0 HEAD\n1 LANG Shona\n1 CHAR UTF-8\n0 TRLR\n");
  const auto seven = load("0 HEAD\n1 GEDC\n2 VERS 7.0\n0 TRLR\n").value();
  EXPECT_EQ(store(seven), "0 HEAD\n1 GEDC\n2 VERS 7.0\n0 TRLR\n");
}

TEST(Writer, Errors) {
  const auto take = [](std::string_view) -> Result<void> { return {}; };
  Writer writer{Dialect::gedcom551, nullptr, take};
  Structure other{Dialect::gedcom70};
  other.append(kNoNode, Tag::INDI);
  EXPECT_EQ(writer.record("I1", other).error().code, Code::conflict);
  EXPECT_EQ(writer.record("I1", Structure{}).error().code, Code::conflict);
  Writer full{Dialect::gedcom551, nullptr, [](std::string_view) -> Result<void> { return fail(Code::no_space); }};
  EXPECT_EQ(full.finish().error().code, Code::no_space);
}

// ---------------------------------------------------------------- both

RC_GTEST_PROP(ReadAndWrite, AnyStructureComesBack, ()) {
  const auto made = *random_structure();
  // Pointers need records to point to: every one points to the record itself.
  Loaded loaded;
  loaded.dialect = made->dialect();
  auto structure = made->clone();
  for (std::uint32_t i = 0; i < structure.nodes().size(); ++i) {
    structure.set_number(i, 0);
    if (structure[i].kind == PayloadKind::record) structure.set_target(i, PayloadKind::record, test_id(0));
  }
  structure.number_nodes();
  loaded.records.push_back({test_id(0), "I1", 0, std::move(structure)});
  const auto broken = law_broken_by(loaded);
  if (!broken.empty()) RC_LOG() << broken << "\n" << store(loaded);
  RC_ASSERT(broken.empty());
}

}  // namespace
}  // namespace tablinum::tree::gedcom
