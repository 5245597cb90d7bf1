/// multipart/form-data: the grammar of RFC 7578 and 2046, any cuts, limits, and uploads to disk.
#include "tablinum/net/multipart.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

namespace tablinum::net {
namespace {

struct Part {
  PartHead head;
  std::string data;
};

/// A body that comes in pieces of `cut` bytes.
Body cut_body(std::string text, std::size_t cut) {
  auto rest = std::make_shared<std::string>(std::move(text));
  return Body::stream([rest, cut](io::Io&) -> io::Task<Result<Chunk>> {
    std::string piece = rest->substr(0, cut);
    rest->erase(0, cut);
    co_return Chunk::of(std::move(piece));
  });
}

Request form(std::string text, std::size_t cut = 1 << 20, std::string_view type = "multipart/form-data; boundary=XX") {
  Request request;
  request.headers.set(Field::content_type, type);
  request.body = cut_body(std::move(text), cut);
  return request;
}

Result<std::vector<Part>> read_form(Request& request, MultipartLimits limits = {}) {
  auto run = [&](io::Io& io) -> io::Task<Result<std::vector<Part>>> {
    CO_TRY(reader, MultipartReader::of(request, limits));
    std::vector<Part> parts;
    while (true) {
      CO_TRY(head, co_await reader.next(io));
      if (!head) co_return parts;
      CO_TRY(data, co_await reader.read_text(io, std::size_t{1} << 20));
      parts.push_back({std::move(*head), std::move(data)});
    }
  };
  return test::run_task(run);
}

std::string part(std::string_view name, std::string_view data) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"\r\n\r\n" + std::string{data} + "\r\n";
}
constexpr const char* kEnd = "--XX--\r\n";

TEST(Multipart, ReadsFieldsAndFiles) {
  Request request = form(part("treeName", "Moyo") +
                         "--XX  \r\nContent-Disposition: form-data; name=\"gedcomFile\"; filename=\"..\\..\\moyo.ged\"\r\n"
                         "Content-Type: text/vnd.familysearch.gedcom\r\n\r\n0 HEAD\r\n--X\r\n0 TRLR\r\n" + kEnd);
  const auto parts = read_form(request);
  ASSERT_TRUE(parts) << describe(parts.error());
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].head.name, "treeName");
  EXPECT_EQ((*parts)[0].head.content_type, "text/plain");
  EXPECT_FALSE((*parts)[0].head.filename);
  EXPECT_EQ((*parts)[0].data, "Moyo");
  EXPECT_EQ((*parts)[1].head.filename, "..\\..\\moyo.ged");
  EXPECT_EQ((*parts)[1].data, "0 HEAD\r\n--X\r\n0 TRLR");
}

RC_GTEST_PROP(Multipart, AnyCutsGiveTheSameParts, ()) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"a", "\r\n", "--", "XX", "\r\n--X", "-", "\r", "data"});
  const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
  std::string data;
  for (const std::string& text : pieces) data += text;
  if (("\r\n" + data).contains("\r\n--XX")) return;
  Request request = form(part("x", data) + part("y", "") + kEnd, *rc::gen::inRange<std::size_t>(1, 20));
  const auto parts = read_form(request);
  RC_ASSERT(parts.has_value());
  RC_ASSERT(parts->size() == 2u);
  RC_ASSERT((*parts)[0].data == data);
  RC_ASSERT((*parts)[1].data.empty());
}

struct FormCase {
  const char* name;
  std::string text;
  Code code;
};
class BadForms : public testing::TestWithParam<FormCase> {};
TEST_P(BadForms, AreErrors) {
  Request request = form(GetParam().text);
  const auto parts = read_form(request);
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(Forms, BadForms, testing::Values(
    FormCase{"empty", "", Code::corrupt}, FormCase{"preamble", "hello\r\n" + part("x", "") + kEnd, Code::corrupt},
    FormCase{"no_end", part("x", "data"), Code::corrupt}, FormCase{"cut_in_header", "--XX\r\nContent-Disp", Code::corrupt},
    FormCase{"text_beside_delimiter", "--XXY\r\n" + std::string{kEnd}, Code::corrupt},
    FormCase{"no_name", "--XX\r\nContent-Disposition: form-data\r\n\r\n\r\n" + std::string{kEnd}, Code::corrupt},
    FormCase{"no_disposition", "--XX\r\nX: y\r\n\r\n\r\n" + std::string{kEnd}, Code::corrupt},
    FormCase{"bad_header", "--XX\r\nno colon\r\n\r\n\r\n" + std::string{kEnd}, Code::corrupt}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Multipart, HoldsItsLimits) {
  MultipartLimits limits;
  limits.parts_max = 2;
  limits.part_header_bytes_max = part("x", "").find("\r\n\r\n") - 6;
  Request two = form(part("x", "") + part("y", "") + kEnd);
  EXPECT_TRUE(read_form(two, limits));
  Request three = form(part("x", "") + part("y", "") + part("z", "") + kEnd);
  EXPECT_EQ(read_form(three, limits).error().code, Code::limit);
  Request longer = form(part("xx", "") + kEnd);
  EXPECT_EQ(read_form(longer, limits).error().code, Code::too_large);
  Request endless = form("--XX\r\n" + std::string(100'000, 'a'));
  EXPECT_EQ(read_form(endless).error().code, Code::too_large);
}

TEST(Multipart, TakesOnlyProperBoundaries) {
  const auto boundary = [](std::string_view type) { return multipart_boundary(type); };
  EXPECT_EQ(boundary("multipart/form-data; boundary=\"a b\"")->value(), "a b");
  EXPECT_EQ(boundary("Multipart/Form-Data; charset=x; boundary=" + std::string(kBoundaryBytesMax, 'a'))->value().size(), kBoundaryBytesMax);
  EXPECT_FALSE(boundary("multipart/form-data; boundary=" + std::string(kBoundaryBytesMax + 1, 'a')));
  for (const char* bad : {"multipart/form-data", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"a;b\"", "multipart/form-data; boundary=\"a \""})
    EXPECT_FALSE(boundary(bad)) << bad;
  EXPECT_FALSE(boundary("application/json")->has_value());
  Request json = form("", 1, "application/json");
  EXPECT_EQ(read_form(json).error().code, Code::unsupported);
}

TEST(SavePart, WritesToDiskUpToItsLimit) {
  const std::string data(300'000, 'g');
  for (const std::uint64_t limit : {std::uint64_t{300'000}, std::uint64_t{299'999}}) {
    char path[] = "/tmp/tablinum-upload-XXXXXX";
    const int fd = ::mkstemp(path);
    ::unlink(path);
    Request request = form(part("gedcomFile", data) + kEnd, 10'000);
    auto run = [&](io::Io& io) -> io::Task<Result<std::uint64_t>> {
      CO_TRY(reader, MultipartReader::of(request));
      CO_TRY(head, co_await reader.next(io));
      if (!head) co_return fail(Code::not_found);
      auto saved = co_await save_part(io, reader, fd, limit);
      co_return saved;
    };
    const auto saved = test::run_task(run);
    if (limit == data.size()) {
      ASSERT_TRUE(saved);
      EXPECT_EQ(*saved, data.size());
      std::string back(data.size() + 1, '\0');
      EXPECT_EQ(::pread(fd, back.data(), back.size(), 0), static_cast<ssize_t>(data.size()));
      back.pop_back();
      EXPECT_EQ(back, data);
    } else {
      EXPECT_EQ(saved.error().code, Code::too_large);
    }
    ::close(fd);
  }
}

}  // namespace
}  // namespace tablinum::net
