#include "tablinum/tree/gedcom/line.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <vector>

namespace tablinum::tree::gedcom {
namespace {

struct Taken {
  std::string text;
  std::uint64_t number, offset;
  LineEnd end;
  bool cut, plain, has_at;
  friend bool operator==(const Taken&, const Taken&) = default;
};

std::vector<Taken> lines_of(std::string_view bytes, std::size_t chunk_bytes) {
  std::vector<Taken> out;
  LineReader reader;
  const auto drain = [&] {
    for (Line line; reader.next(line);) {
      out.push_back({std::string{line.text}, line.number, line.offset, line.end, line.cut, line.plain, line.has_at});
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) {
    // Exactly as long as the chunk, so that a sanitizer sees a read behind it.
    const auto part = bytes.substr(at, chunk_bytes);
    const std::unique_ptr<char[]> chunk{new char[part.size()]};
    std::ranges::copy(part, chunk.get());
    reader.feed({chunk.get(), part.size()});
    drain();
  }
  reader.finish();
  drain();
  return out;
}

TEST(LineReader, EndsOfEveryKind) {
  const auto lines = lines_of("a\nb\r\nc\rd", 100);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].end, LineEnd::lf);
  EXPECT_EQ(lines[1].end, LineEnd::crlf);
  EXPECT_EQ(lines[2].end, LineEnd::cr);
  EXPECT_EQ(lines[3].end, LineEnd::none);
  EXPECT_EQ(lines[3].number, 4u);
  EXPECT_EQ(lines[3].offset, 7u);
  EXPECT_EQ(lines_of("a\n\rb\n\r", 100).size(), 2u) << "LF CR is one end where the first line has it";
  EXPECT_EQ(lines_of("", 1).size(), 0u);
  EXPECT_EQ(lines_of("\n\n", 1).size(), 2u);
}

TEST(LineReader, NotesWhatALineHas) {
  const auto lines = lines_of("plain\ttext\nat @\nhigh \xC3\xA9\ncontrol \x01\n", 100);
  EXPECT_TRUE(lines[0].plain && !lines[0].has_at);
  EXPECT_TRUE(lines[1].plain && lines[1].has_at);
  EXPECT_FALSE(lines[2].plain);
  EXPECT_FALSE(lines[3].plain);
}

RC_GTEST_PROP(LineReader, ChunksDoNotMatter, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("\n", "\r", "\r\n", "\n\r", "a", "@", "\xC3\xA9", "\x01", std::string(40, 'x')));
  std::string bytes;
  for (const auto& piece : pieces) bytes += piece;
  const auto whole = lines_of(bytes, bytes.size() + 1);
  std::string joined;
  for (const auto& line : whole) joined += line.text;
  std::string without_ends = bytes;
  std::erase_if(without_ends, [](char c) { return c == '\n' || c == '\r'; });
  RC_ASSERT(joined == without_ends);
  for (const std::size_t chunk : {1, 2, 3, 16, 17}) RC_ASSERT(lines_of(bytes, chunk) == whole);
}

TEST(LineReader, LineLimit) {
  for (const std::size_t chunk : {std::size_t{1} << 16, kLineBytesMax * 2}) {
    auto lines = lines_of(std::string(kLineBytesMax, 'x') + "\ny\n", chunk);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_FALSE(lines[0].cut);
    EXPECT_EQ(lines[0].text.size(), kLineBytesMax);
    lines = lines_of(std::string(kLineBytesMax + 1, 'x') + "\ny\n", chunk);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_TRUE(lines[0].cut);
    EXPECT_EQ(lines[0].text.size(), kLineBytesMax);
    EXPECT_EQ(lines[1].text, "y");
    EXPECT_EQ(lines[1].offset, kLineBytesMax + 2);
    lines = lines_of(std::string(kLineBytesMax - 1, 'x') + "é\n", chunk);
    EXPECT_EQ(lines[0].text.size(), kLineBytesMax - 1) << "no half character";
  }
}

TEST(Fields, OfALine) {
  auto f = fields_of("0 @I1@ INDI");
  EXPECT_EQ(f.kind, LineFields::Kind::line);
  EXPECT_EQ(f.level, 0);
  EXPECT_EQ(f.xref, "I1");
  EXPECT_EQ(f.tag, "INDI");
  EXPECT_FALSE(f.has_payload || f.indented || f.delimiter_odd || f.leading_zeros);
  f = fields_of("12 NOTE  two");
  EXPECT_EQ(f.level, 12);
  EXPECT_EQ(f.payload, " two");
  EXPECT_FALSE(fields_of("1 NOTE").has_payload);
  EXPECT_TRUE(fields_of("1 NOTE ").has_payload);
  EXPECT_EQ(fields_of("0@I1@ INDI").xref, "I1");
  EXPECT_EQ(fields_of("1 @I 1@ X").xref, "I 1");
}

TEST(Fields, LevelLimit) {
  EXPECT_EQ(fields_of("99 NOTE").kind, LineFields::Kind::line);
  EXPECT_EQ(fields_of("100 NOTE").kind, LineFields::Kind::level_too_high);
  EXPECT_EQ(fields_of("100 CONT x").kind, LineFields::Kind::line) << "continues a line of level 99";
  EXPECT_EQ(fields_of("101 CONT x").kind, LineFields::Kind::level_too_high);
  EXPECT_EQ(fields_of(std::string(5000, '9') + " NOTE").kind, LineFields::Kind::level_too_high);
}

TEST(Fields, XrefLimit) {
  EXPECT_TRUE(fields_of("0 @" + std::string(kXrefBytesMax, 'x') + "@ INDI").has_xref);
  EXPECT_FALSE(fields_of("0 @" + std::string(kXrefBytesMax + 1, 'x') + "@ INDI").has_xref);
  std::string_view xref;
  EXPECT_TRUE(is_pointer("@" + std::string(kXrefBytesMax, 'x') + "@", xref));
  EXPECT_FALSE(is_pointer("@" + std::string(kXrefBytesMax + 1, 'x') + "@", xref));
}

TEST(Fields, WhatIsNoLine) {
  using Kind = LineFields::Kind;
  EXPECT_EQ(fields_of("").kind, Kind::blank);
  EXPECT_EQ(fields_of(" \t ").kind, Kind::blank);
  EXPECT_EQ(fields_of("\x1A").kind, Kind::blank);
  EXPECT_EQ(fields_of("hello").kind, Kind::bare);
  EXPECT_EQ(fields_of("-1 NOTE").kind, Kind::bare);
  EXPECT_EQ(fields_of("12.3.1850").kind, Kind::bare);
  EXPECT_EQ(fields_of("\x1A text").kind, Kind::bare);
  EXPECT_EQ(fields_of("1").kind, Kind::no_tag);
  EXPECT_EQ(fields_of("1 ").kind, Kind::no_tag);
  EXPECT_EQ(fields_of("0 @I1@").kind, Kind::no_tag);
}

TEST(Fields, Pointers) {
  std::string_view xref;
  for (const char* text : {"", "@", "@@", "@@@", "@I1", "I1@", "@#DJULIAN@", "@I1@ x", "@I1@@I2@", "@ @", "@I\t1@", " @I1@"}) {
    EXPECT_FALSE(is_pointer(text, xref)) << text;
  }
  EXPECT_TRUE(is_pointer("@I1@ ", xref));
  EXPECT_EQ(xref, "I1");
}

}  // namespace
}  // namespace tablinum::tree::gedcom
