#include "tablinum/net/router.h"

#include <gtest/gtest.h>

namespace tablinum::net {
namespace {

io::Task<Result<Response>> nothing(io::Io&, Request&) { co_return Response{}; }

Router router_of(std::initializer_list<const char*> patterns) {
  Router router;
  for (const char* pattern : patterns) EXPECT_TRUE(router.add(Method::get, pattern, nothing)) << pattern;
  return router;
}

struct MatchCase {
  const char* name;
  const char* path;
  const char* pattern;  // "": none
  const char* parameter = "";
  const char* value = "";
};
class MatchTable : public testing::TestWithParam<MatchCase> {};
TEST_P(MatchTable, FindsTheMostSpecificRoute) {
  const Router router = router_of({"/", "/trees", "/trees/{t}", "/trees/{t}/persons", "/trees/mine", "/persons/{id}/{part}", "/persons/{id}/events",
                                   "/files/{path...}", "/files/special/{x}", "/{rest...}"});
  const auto match = router.find(Method::get, GetParam().path);
  ASSERT_TRUE(match);
  ASSERT_NE(match->route, nullptr);
  EXPECT_EQ(match->route->pattern, GetParam().pattern);
  if (*GetParam().parameter) EXPECT_EQ(match->params[GetParam().parameter], GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(Paths, MatchTable, testing::Values(
    MatchCase{"root", "/", "/"},
    MatchCase{"literal", "/trees", "/trees"},
    MatchCase{"trailing_slash", "/trees/", "/trees"},
    MatchCase{"parameter", "/trees/7", "/trees/{t}", "t", "7"},
    MatchCase{"literal_beats_parameter", "/trees/mine", "/trees/mine"},
    MatchCase{"returns_from_a_literal_that_leads_nowhere", "/trees/mine/persons", "/trees/{t}/persons", "t", "mine"},
    MatchCase{"parameter_beats_rest", "/persons/1/x", "/persons/{id}/{part}", "part", "x"},
    MatchCase{"literal_after_parameter", "/persons/1/events", "/persons/{id}/events", "id", "1"},
    MatchCase{"rest", "/files/a/b.txt", "/files/{path...}", "path", "a/b.txt"},
    MatchCase{"rest_may_be_empty", "/files", "/files/{path...}", "path", ""},
    MatchCase{"longer_prefix_beats_rest", "/files/special/1", "/files/special/{x}", "x", "1"},
    MatchCase{"falls_back_to_rest", "/files/special", "/files/{path...}", "path", "special"},
    MatchCase{"decoded_once", "/trees/%2541", "/trees/{t}", "t", "%41"},
    MatchCase{"slash_stays_inside_its_segment", "/trees/a%2Fb", "/trees/{t}", "t", "a/b"},
    MatchCase{"plus_stays", "/trees/a+b", "/trees/{t}", "t", "a+b"},
    MatchCase{"encoded_literal", "/%74rees", "/trees"},
    MatchCase{"dot_resolved", "/./trees/./7", "/trees/{t}", "t", "7"},
    MatchCase{"dot_dot_resolved", "/x/../trees/7", "/trees/{t}", "t", "7"},
    MatchCase{"catch_all", "/nowhere", "/{rest...}", "rest", "nowhere"}),
    [](const auto& row) { return std::string{row.param.name}; });

struct RefusedPath {
  const char* name;
  std::string path;
  Code code;
};
class RefusedPaths : public testing::TestWithParam<RefusedPath> {};
TEST_P(RefusedPaths, AreErrors) {
  const auto match = router_of({"/{rest...}"}).find(Method::get, GetParam().path);
  ASSERT_FALSE(match);
  EXPECT_EQ(match.error().code, GetParam().code);
}
std::string segments(std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) path += "/a";
  return path;
}
INSTANTIATE_TEST_SUITE_P(Paths, RefusedPaths, testing::Values(
    RefusedPath{"encoded_dot_dot", "/a/%2e%2e/b", Code::invalid},
    RefusedPath{"half_encoded_dot_dot", "/a/.%2E/b", Code::invalid},
    RefusedPath{"encoded_dot", "/%2e", Code::invalid},
    RefusedPath{"above_the_root", "/a/../../b", Code::invalid},
    RefusedPath{"encoded_nul", "/a%00", Code::invalid},
    RefusedPath{"bad_escape", "/a%g0", Code::invalid},
    RefusedPath{"too_many_segments", segments(kPathSegmentsMax + 1), Code::limit}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Router, TakesTheLongestAllowedPath) {
  EXPECT_TRUE(router_of({"/{rest...}"}).find(Method::get, segments(kPathSegmentsMax)));
}

TEST(Router, AnEmptySegmentIsNoParameter) {
  const auto match = router_of({"/trees/{t}/x"}).find(Method::get, "/trees//x");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route, nullptr);
}

TEST(Router, RestRefusesASlashInsideASegment) {
  const auto match = router_of({"/files/{path...}"}).find(Method::get, "/files/a%2Fb");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route, nullptr);
}

struct PatternCase {
  const char* name;
  std::string pattern;
  Code code;
};
class BadPatterns : public testing::TestWithParam<PatternCase> {};
TEST_P(BadPatterns, AreRefused) {
  Router router = router_of({"/a/{x}", "/files/{path...}"});
  const auto added = router.add(Method::get, GetParam().pattern, nothing);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(Patterns, BadPatterns, testing::Values(
    PatternCase{"no_slash", "a", Code::invalid}, PatternCase{"empty_segment", "/a//b", Code::invalid},
    PatternCase{"no_name", "/{}", Code::invalid}, PatternCase{"rest_without_name", "/{...}", Code::invalid},
    PatternCase{"text_beside_braces", "/a{x}", Code::invalid}, PatternCase{"rest_not_last", "/{x...}/a", Code::invalid},
    PatternCase{"name_twice", "/{x}/{x}", Code::invalid}, PatternCase{"same_route", "/a/{x}", Code::conflict},
    PatternCase{"same_but_for_the_name", "/a/{y}", Code::conflict}, PatternCase{"same_rest", "/files/{p...}", Code::conflict},
    PatternCase{"same_but_for_the_slash", "/a/{x}/", Code::conflict},
    PatternCase{"too_many_segments", segments(kPathSegmentsMax + 1), Code::invalid}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Router, NamesTheAllowedMethods) {
  Router router = router_of({"/a"});
  ASSERT_TRUE(router.add(Method::put, "/a", nothing));
  const auto match = router.find(Method::del, "/a");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route, nullptr);
  EXPECT_EQ(allow_value(match->allowed), "GET, PUT, HEAD, OPTIONS");
}

TEST(Router, DerivesHeadFromGet) {
  const Router router = router_of({"/a"});
  EXPECT_EQ(router.find(Method::head, "/a")->route, router.find(Method::get, "/a")->route);
}

}  // namespace
}  // namespace tablinum::net
