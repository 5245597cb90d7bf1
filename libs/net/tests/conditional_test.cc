/// Entity tags, preconditions, ranges: RFC 9110 §8.8.3, §13 and §14, with the RFC's own examples.
#include "tablinum/net/conditional.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace tablinum::net {
namespace {

// RFC 9110 §8.8.3.2, table 3.
struct TagCase {
  const char* name;
  const char* listed;
  const char* etag;
  bool strong, weak;
};
class TagTable : public testing::TestWithParam<TagCase> {};
TEST_P(TagTable, ComparesAsTheRfcSays) {
  EXPECT_EQ(etag_listed(GetParam().listed, GetParam().etag, false), GetParam().strong);
  EXPECT_EQ(etag_listed(GetParam().listed, GetParam().etag, true), GetParam().weak);
}
INSTANTIATE_TEST_SUITE_P(Etag, TagTable, testing::Values(
    TagCase{"both_weak", "W/\"1\"", "W/\"1\"", false, true}, TagCase{"different_weak", "W/\"1\"", "W/\"2\"", false, false},
    TagCase{"one_weak", "W/\"1\"", "\"1\"", false, true}, TagCase{"both_strong", "\"1\"", "\"1\"", true, true},
    TagCase{"in_a_list", "\"a\", W/\"b\" ,\"1\"", "\"1\"", true, true}, TagCase{"comma_inside", "\"a,1\"", "\"1\"", false, false},
    TagCase{"star", "*", "\"1\"", true, true}, TagCase{"unquoted", "1", "\"1\"", false, false},
    TagCase{"unclosed", "\"1", "\"1\"", false, false}, TagCase{"junk_after", "\"1\" x", "\"1\"", false, false},
    TagCase{"empty", "", "\"1\"", false, false}, TagCase{"empty_elements", ", ,\"1\",", "\"1\"", true, true}),
    [](const auto& row) { return std::string{row.param.name}; });

constexpr const char* kDay = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kEarlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kLater = "Sun, 06 Nov 1994 08:49:38 GMT";

struct PreconditionCase {
  const char* name;
  Method method;
  std::vector<std::pair<Field, const char*>> fields;
  Precondition want;
};
class PreconditionTable : public testing::TestWithParam<PreconditionCase> {};
TEST_P(PreconditionTable, DecidesAsTheRfcSays) {
  Headers headers;
  for (const auto& [field, value] : GetParam().fields) headers.set(field, value);
  const Validators validators{"\"v2\"", *from_http_date(kDay), true};
  EXPECT_EQ(evaluate_preconditions(GetParam().method, headers, validators), GetParam().want);
}
constexpr auto kGoOn = Precondition::go_on, kNotModified = Precondition::not_modified, kFailed = Precondition::failed;
INSTANTIATE_TEST_SUITE_P(Conditions, PreconditionTable, testing::Values(
    PreconditionCase{"none", Method::get, {}, kGoOn},
    PreconditionCase{"match", Method::put, {{Field::if_match, "\"v2\""}}, kGoOn},
    PreconditionCase{"match_other", Method::put, {{Field::if_match, "\"v1\""}}, kFailed},
    PreconditionCase{"match_weak_is_no_match", Method::put, {{Field::if_match, "W/\"v2\""}}, kFailed},
    PreconditionCase{"match_any", Method::put, {{Field::if_match, "*"}}, kGoOn},
    PreconditionCase{"unmodified", Method::put, {{Field::if_unmodified_since, kDay}}, kGoOn},
    PreconditionCase{"modified_since_then", Method::put, {{Field::if_unmodified_since, kEarlier}}, kFailed},
    PreconditionCase{"match_beats_the_date", Method::put, {{Field::if_match, "\"v2\""}, {Field::if_unmodified_since, kEarlier}}, kGoOn},
    PreconditionCase{"have_it", Method::get, {{Field::if_none_match, "\"v1\", W/\"v2\""}}, kNotModified},
    PreconditionCase{"have_it_head", Method::head, {{Field::if_none_match, "\"v2\""}}, kNotModified},
    PreconditionCase{"have_another", Method::get, {{Field::if_none_match, "\"v1\""}}, kGoOn},
    PreconditionCase{"must_not_exist", Method::put, {{Field::if_none_match, "*"}}, kFailed},
    PreconditionCase{"not_modified_since", Method::get, {{Field::if_modified_since, kLater}}, kNotModified},
    PreconditionCase{"modified_since", Method::get, {{Field::if_modified_since, kEarlier}}, kGoOn},
    PreconditionCase{"date_is_for_reading_only", Method::put, {{Field::if_modified_since, kLater}}, kGoOn},
    PreconditionCase{"tag_beats_the_date", Method::get, {{Field::if_none_match, "\"v1\""}, {Field::if_modified_since, kLater}}, kGoOn},
    PreconditionCase{"bad_date_is_ignored", Method::get, {{Field::if_modified_since, "yesterday"}}, kGoOn}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Preconditions, AStarMatchesNothingThatDoesNotExist) {
  Headers headers;
  headers.set(Field::if_match, "*");
  EXPECT_EQ(evaluate_preconditions(Method::put, headers, {"", {}, false}), Precondition::failed);
  Headers create;
  create.set(Field::if_none_match, "*");
  EXPECT_EQ(evaluate_preconditions(Method::put, create, {"", {}, false}), Precondition::go_on);
}

using Ranges = std::optional<std::vector<ByteRange>>;
struct RangeCase {
  const char* name;
  std::string range;
  std::uint64_t size;
  Ranges want;
};
class RangeTable : public testing::TestWithParam<RangeCase> {};
TEST_P(RangeTable, ReadsAsTheRfcSays) {
  Headers headers;
  headers.set(Field::range, GetParam().range);
  EXPECT_EQ(requested_ranges(headers, GetParam().size, {}), GetParam().want);
}
std::string ranges_of(std::size_t count) {
  std::string text = "bytes=";
  for (std::size_t i = 0; i < count; ++i) text += (i ? "," : "") + std::to_string(i * 10) + "-" + std::to_string(i * 10);
  return text;
}
std::vector<ByteRange> many(std::size_t count) {
  std::vector<ByteRange> ranges;
  for (std::size_t i = 0; i < count; ++i) ranges.push_back({i * 10, i * 10 + 1});
  return ranges;
}
const Ranges kWhole = std::nullopt;
INSTANTIATE_TEST_SUITE_P(Range, RangeTable, testing::Values(
    RangeCase{"first_500", "bytes=0-499", 10000, {{{0, 500}}}}, RangeCase{"second_500", "bytes=500-999", 10000, {{{500, 1000}}}},
    RangeCase{"last_500", "bytes=-500", 10000, {{{9500, 10000}}}}, RangeCase{"from_9500", "bytes=9500-", 10000, {{{9500, 10000}}}},
    RangeCase{"first_and_last", "bytes=0-0,-1", 10000, {{{0, 1}, {9999, 10000}}}},
    RangeCase{"with_spaces", "bytes= 0-999, 4500-5499, -1000", 10000, {{{0, 1000}, {4500, 5500}, {9000, 10000}}}},
    RangeCase{"cut_to_the_size", "bytes=0-20000", 10000, {{{0, 10000}}}}, RangeCase{"suffix_longer_than_all", "bytes=-20000", 10000, {{{0, 10000}}}},
    RangeCase{"unit_in_capitals", "Bytes=0-0", 10, {{{0, 1}}}},
    RangeCase{"beyond", "bytes=10000-", 10000, std::vector<ByteRange>{}}, RangeCase{"empty_suffix", "bytes=-0", 10000, std::vector<ByteRange>{}},
    RangeCase{"of_nothing", "bytes=0-0", 0, std::vector<ByteRange>{}}, RangeCase{"one_of_two_beyond", "bytes=0-0,10000-", 10000, {{{0, 1}}}},
    RangeCase{"backwards", "bytes=5-4", 10, kWhole}, RangeCase{"other_unit", "lines=0-1", 10, kWhole}, RangeCase{"no_numbers", "bytes=-", 10, kWhole},
    RangeCase{"no_dash", "bytes=5", 10, kWhole}, RangeCase{"letters", "bytes=a-b", 10, kWhole}, RangeCase{"nothing", "bytes=", 10, kWhole},
    RangeCase{"eight", ranges_of(kRangesMax), 1000, many(kRangesMax)}, RangeCase{"nine", ranges_of(kRangesMax + 1), 1000, kWhole},
    RangeCase{"same_twice", "bytes=0-9,5-9", 100, {{{0, 10}, {5, 10}}}}, RangeCase{"same_three_times", "bytes=0-9,5-9,5-9", 100, kWhole}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Range, IfRangeDecidesBetweenPartsAndWhole) {
  const Validators validators{"\"v2\"", *from_http_date(kDay), true};
  const auto ranges = [&](const char* condition) {
    Headers headers;
    headers.set(Field::range, "bytes=0-0");
    headers.set(Field::if_range, condition);
    return requested_ranges(headers, 10, validators).has_value();
  };
  EXPECT_TRUE(ranges("\"v2\""));
  EXPECT_FALSE(ranges("\"v1\""));
  EXPECT_FALSE(ranges("W/\"v2\""));
  EXPECT_TRUE(ranges(kDay));
  EXPECT_FALSE(ranges(kEarlier));
  EXPECT_FALSE(ranges("junk"));
}

/// What apply_ranges() makes of "0123456789".
struct Applied {
  Response response;
  std::string body;
};
Applied apply(const char* range, Method method = Method::get) {
  const std::string whole = "0123456789";
  Request request;
  request.method = method;
  request.headers.set(Field::range, range);
  Response response = text_response("");
  Applied applied{apply_ranges(request, std::move(response), whole.size(),
                               [&](ByteRange r) { return Body::of(whole.substr(r.begin, r.size())); }),
                  {}};
  auto read = [&](io::Io& io) { return applied.response.body.read_all(io); };
  applied.body = test::run_task(read).value();
  return applied;
}

TEST(ApplyRanges, OneRange) {
  const Applied one = apply("bytes=2-4");
  EXPECT_EQ(one.response.status, Status::partial_content);
  EXPECT_EQ(one.response.headers.get(Field::content_range), "bytes 2-4/10");
  EXPECT_EQ(one.body, "234");
}

TEST(ApplyRanges, SeveralRangesAreParts) {
  const Applied two = apply("bytes=0-1,-1");
  EXPECT_EQ(two.response.status, Status::partial_content);
  const std::string type{two.response.headers.get_or(Field::content_type, "")};
  ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary="));
  const std::string boundary = type.substr(type.find('=') + 1);
  const auto part = [&](const char* range, const char* data) {
    return "\r\n--" + boundary + "\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes " + range + "/10\r\n\r\n" + data;
  };
  EXPECT_EQ(two.body, part("0-1", "01") + part("9-9", "9") + "\r\n--" + boundary + "--\r\n");
  EXPECT_EQ(apply("bytes=0-1,-1").response.body.size(), two.body.size());
}

TEST(ApplyRanges, NothingSatisfiable) {
  const Applied none = apply("bytes=10-");
  EXPECT_EQ(none.response.status, Status::range_not_satisfiable);
  EXPECT_EQ(none.response.headers.get(Field::content_range), "bytes */10");
  EXPECT_EQ(none.body, "");
}

TEST(ApplyRanges, HeadAndOthersGetTheWhole) {
  EXPECT_EQ(apply("bytes=0-1", Method::head).response.status, Status::ok);
  EXPECT_EQ(apply("lines=0-1").body, "0123456789");
}

}  // namespace
}  // namespace tablinum::net
