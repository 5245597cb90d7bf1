#include "tablinum/models/analytics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "csv.h"

namespace tablinum::models {
namespace {

using testing::HasSubstr;

const std::string kHeader =
    "timestamp,task_category,selected_model,primary_category,confidence_score,final_score,gpu_id,selection_duration_ms\n";
// Contract §1.
const std::string kTwoRows = kHeader +
                             "2026-01-23 08:00:00,code,google-gemma-3-270m-it,true,0.95,85.5,0,12\n"
                             "2026-01-23 08:00:01,math,google-gemma-3-270m-it,false,0.70,65.2,1,10\n";

Result<Aggregate> read(const std::string& text, const AnalyticsOptions& options = {}) {
  MemorySource source{bytes_of(text)};
  return read_metrics(source, options, inline_executor());
}

AnalyticsReport report_of(const std::string& text, const AnalyticsOptions& options = {}) {
  const auto aggregate = read(text, options);
  EXPECT_TRUE(aggregate) << aggregate.error().detail;
  return report(*aggregate);
}

std::string row(std::string_view category, std::string_view model, std::string_view rest) {
  return "2026-01-23 08:00:00," + std::string{category} + "," + std::string{model} + "," + std::string{rest} + "\n";
}
std::string code_row() { return row("code", "m", "true,0.9,80,0,5"); }

TEST(Analytics, TheContractsTwoRows) {
  const auto r = report_of(kTwoRows);
  EXPECT_EQ(r.all.requests, 2u);
  EXPECT_EQ(r.unique_models, 1u);
  EXPECT_EQ(r.multi_category_models, 1u);
  EXPECT_EQ(r.all.secondary, 1u);
  EXPECT_DOUBLE_EQ(secondary_percent(r), 50.0);
  EXPECT_DOUBLE_EQ(r.all.mean_secondary_confidence, 0.70);
  EXPECT_DOUBLE_EQ(r.all.mean_duration_ms, 11.0);
  ASSERT_EQ(r.gpus.size(), 2u);
  EXPECT_EQ(r.gpus[0].requests, 1u);
  EXPECT_DOUBLE_EQ(r.gpus[1].share, 50.0);
  EXPECT_TRUE(recommendations(r).good_utilization);
  EXPECT_FALSE(recommendations(r).good_confidence);
  const auto text = console_text(r);
  EXPECT_THAT(text, HasSubstr("MULTI-CATEGORY ROUTING SUMMARY"));
  EXPECT_THAT(text, HasSubstr("Secondary Category Usage: 1 (50.0%)"));
  EXPECT_THAT(text, HasSubstr("Average Selection Duration: 11.0ms"));
  EXPECT_THAT(text, HasSubstr("google-gemma-3-270m-it: 2 requests, 2 categories"));
  const auto markdown = markdown_text(r, "two.csv", 1'769'155'200);
  EXPECT_THAT(markdown, HasSubstr("**Generated:** 1769155200"));
  EXPECT_THAT(markdown, HasSubstr("- GPU 1: 1 requests (50.0%)"));
  EXPECT_THAT(markdown, HasSubstr("| math | 1 | 1 | 65.20 | 0.70 | 10.0ms |"));
  EXPECT_THAT(markdown, HasSubstr("| google-gemma-3-270m-it | 2 | 2 | 1 | 1 | 75.35 |"));
}

TEST(Analytics, NothingGivesZeros) {
  for (const auto& text : {std::string{}, kHeader, kHeader + "\n\r\n"}) {
    const auto r = report_of(text);
    EXPECT_EQ(r.all.requests, 0u);
    EXPECT_EQ(r.malformed_lines, 0u);
    EXPECT_EQ(r.all.mean_score, 0);
    EXPECT_FALSE(recommendations(r).good_confidence);
    EXPECT_THAT(html_text(r, "x", 0), HasSubstr("</html>"));
  }
}

struct LineCase {
  const char* name;
  std::string line;
  std::uint64_t requests, malformed;
};
class Lines : public testing::TestWithParam<LineCase> {};
TEST_P(Lines, AreReadOrCounted) {
  const auto r = report_of(kHeader + code_row() + GetParam().line + code_row());
  EXPECT_EQ(r.all.requests, GetParam().requests);
  EXPECT_EQ(r.malformed_lines, GetParam().malformed);
  if (GetParam().malformed != 0) {
    EXPECT_EQ(r.malformed.at(0).line, 3u);
    EXPECT_EQ(read(kHeader + code_row() + GetParam().line, {.strict = true}).error().code, Code::corrupt);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Lines,
    testing::Values(
        LineCase{"crlf", "t,code,m,true,0.9,80,0,5\r\n", 3, 0}, LineCase{"quoted", "t,\"a \"\"b\"\", c\",m,true,0.9,80,0,5\n", 3, 0},
        LineCase{"quoted_newline", "t,\"a\nb\",m,true,0.9,80,0,5\n", 3, 0}, LineCase{"quoted_crlf", "\"t\",\"a\",\"m\",\"true\",\"0.9\",\"80\",\"0\",\"5\"\r\n", 3, 0},
        LineCase{"blank", "\n", 2, 0}, LineCase{"spaces", "   \r\n", 2, 0}, LineCase{"more_columns", "t,code,m,true,0.9,80,0,5,x,y,z\n", 3, 0},
        LineCase{"more_columns_crlf", "t,code,m,true,0.9,80,0,5,x,y,z\r\n", 3, 0}, LineCase{"seven_columns", "t,code,m,true,0.9,80,0\n", 2, 1},
        LineCase{"no_number", "t,code,m,true,x,80,0,5\n", 2, 1}, LineCase{"not_a_number", "t,code,m,true,nan,80,0,5\n", 2, 1},
        LineCase{"infinite", "t,code,m,true,0.9,inf,0,5\n", 2, 1}, LineCase{"too_big", "t,code,m,true,0.9,1000000001,0,5\n", 2, 1},
        LineCase{"biggest", "t,code,m,true,0.9,1000000000,0,5\n", 3, 0}, LineCase{"exponent", "t,code,m,true,9e-1,8.0E1,0,5\n", 3, 0},
        LineCase{"negative_gpu", "t,code,m,true,0.9,80,-1,5\n", 2, 1}, LineCase{"last_gpu", "t,code,m,true,0.9,80,4294967295,5\n", 3, 0},
        LineCase{"gpu_over", "t,code,m,true,0.9,80,4294967296,5\n", 2, 1}, LineCase{"negative_duration", "t,code,m,true,0.9,80,0,-5\n", 2, 1},
        LineCase{"fraction_of_ms", "t,code,m,true,0.9,80,0,5.5\n", 2, 1}, LineCase{"space_before", "t,code,m,true,0.9,80,0, 5\n", 2, 1},
        LineCase{"empty_number", "t,code,m,true,,80,0,5\n", 2, 1}, LineCase{"lone_point", "t,code,m,true,.,80,0,5\n", 2, 1},
        LineCase{"stray_quote", "t,co\"de,m,true,0.9,80,0,5\n", 2, 1}, LineCase{"after_quote", "t,\"code\"x,m,true,0.9,80,0,5\n", 2, 1},
        LineCase{"open_quote", "t,\"code,m,true,0.9,80,0,5\n", 2, 1}, LineCase{"longest_duration", "t,code,m,true,0.9,80,0,9223372036854775807\n", 3, 0}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Analytics, OnlyTheExactTextTrueIsTrue) {
  const auto r = report_of(kHeader + row("c", "m", "true,1,1,0,1") + row("c", "m", "True,1,1,0,1") + row("c", "m", "1,1,1,0,1") +
                           row("c", "m", "true ,1,1,0,1"));
  EXPECT_EQ(r.all.secondary, 3u);
}

TEST(Analytics, TheHeaderIsSkippedWhateverItSaysAndAByteOrderMarkDoesNotMatter) {
  EXPECT_EQ(report_of("t,code,m,true,0.9,80,0,5\n" + code_row()).all.requests, 1u);
  EXPECT_EQ(report_of("\xEF\xBB\xBF" + kTwoRows).all.requests, 2u);
}

TEST(Analytics, AnOutcomeColumnCounts) {
  auto header = kHeader;
  header.insert(header.size() - 1, ",outcome");
  const auto r = report_of(header + row("c", "m", "true,1,80,0,1,ok") + row("c", "m", "false,1,25,0,1,ok") +
                           row("c", "m", "false,1,70,0,1,fallback") + row("c", "m", "true,1,1,0,1,error") + row("c", "m", "true,1,1,0,1,so"));
  EXPECT_TRUE(r.outcome_column);
  EXPECT_EQ(r.all.fallbacks, 1u);
  EXPECT_EQ(r.all.errors, 1u);
  EXPECT_DOUBLE_EQ(r.all.success_rate, 0.5);
  EXPECT_EQ(r.malformed_lines, 1u);
  const auto derived = report_of(kHeader + row("c", "m", "false,0.7,25,0,1") + row("c", "m", "true,0.7,25,0,1") + row("c", "", "true,0,0,0,1"));
  EXPECT_EQ(derived.all.fallbacks, 1u);
  EXPECT_EQ(derived.all.errors, 1u);
}

TEST(Analytics, ALineOverTheLimitCostsOnlyItself) {
  const std::string longer(kRecordBytesMax + 300'000, 'x');
  const auto r = report_of(kHeader + code_row() + longer + "\n" + code_row());
  EXPECT_EQ(r.all.requests, 2u);
  ASSERT_EQ(r.malformed.size(), 1u);
  EXPECT_EQ(r.malformed[0].line, 3u);
  const auto quoted = report_of(kHeader + "t,\"" + longer + "\",m,true,1,1,0,1\n" + code_row());
  EXPECT_EQ(quoted.all.requests, 1u);
  EXPECT_EQ(quoted.malformed_lines, 1u);
}

TEST(Analytics, AnUnclosedQuoteCostsOneLineOfMany) {
  std::string text = kHeader + "t,\"code,m,true,0.9,80,0,5\n";
  for (int i = 0; i < 60'000; ++i) text += code_row();  // more than kRecordBytesMax
  const auto r = report_of(text);
  EXPECT_EQ(r.all.requests, 60'000u);
  EXPECT_EQ(r.malformed_lines, 1u);
  EXPECT_EQ(r.malformed[0].line, 2u);
}

TEST(Analytics, LinesAreNumberedAcrossPiecesAndQuotedNewlines) {
  std::string text = kHeader;
  for (int i = 0; i < 20'000; ++i) text += code_row();
  text += "t,\"a\nb\",m,true,0.9,80,0,5\nbad\n";
  const auto r = report_of(text);
  ASSERT_EQ(r.malformed.size(), 1u);
  EXPECT_EQ(r.malformed[0].line, 20'004u);
}

std::string gzipped(const std::string& text) {
  std::string out(text.size() + 1000, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string zstandard(const std::string& text) {  // with a checksum, as the zstd tool writes
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), text.data(), text.size()));
  return out;
}

TEST(Analytics, CompressedFilesAreReadAndDamagedOnesRefused) {
  for (const auto& packed : {gzipped(kTwoRows), zstandard(kTwoRows)}) {
    EXPECT_EQ(report_of(packed).all.requests, 2u);
    EXPECT_EQ(read(packed.substr(0, packed.size() - 6)).error().code, Code::corrupt);
    auto damaged = packed;
    damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x40);
    EXPECT_EQ(read(damaged).error().code, Code::corrupt);
  }
  EXPECT_EQ(report_of(gzipped(kTwoRows) + gzipped(code_row())).all.requests, 3u) << "two members are one file";
  EXPECT_EQ(report_of(zstandard(kTwoRows) + zstandard(code_row())).all.requests, 3u) << "two frames are one file";
}

TEST(Analytics, TimesOfSinceAndUntil) {
  const auto at = [](std::string_view text) { return parse_time(text); };
  EXPECT_EQ(at("2026-01-23 08:00:00"), 1'769'155'200);
  EXPECT_EQ(at("2026-01-23T08:00:00Z"), 1'769'155'200);
  EXPECT_EQ(at("2026-01-23T08:00:00.123456+02:00"), 1'769'155'200 - 7'200);
  EXPECT_EQ(at("2026-01-23T08:00:00-0530"), 1'769'155'200 + 19'800);
  EXPECT_EQ(at("2026-01-23"), 1'769'126'400);
  EXPECT_EQ(at("1769155200"), 1'769'155'200);
  EXPECT_EQ(at("1969-12-31 23:59:59"), -1);
  for (const auto* wrong : {"", "x", "2026-02-29 00:00:00", "2026-01-23 24:00:00", "2026-1-23 08:00:00", "2026-01-23 08:00", "2026-01-23 08:00:00.",
                            "2026-01-23 08:00:00+25:00", "2026-01-23x08:00:00", "99999999999999"}) {
    EXPECT_EQ(at(wrong), std::nullopt) << wrong;
  }
  const auto r = report_of(kTwoRows + "when,code,m,true,1,1,0,1\n", {.since_s = 1'769'155'201});
  EXPECT_EQ(r.all.requests, 1u);
  EXPECT_EQ(r.rows_outside_time, 1u);
  EXPECT_EQ(r.rows_without_time, 1u);
  EXPECT_EQ(report_of(kTwoRows, {.until_s = 1'769'155'201}).categories.at(0).category, "code");
}

TEST(Analytics, WindowsTrendsAndChangePoints) {
  std::string text = kHeader;
  for (int day = 1; day <= 28; ++day) {
    for (int i = 0; i < 20; ++i) {
      const int ms = (day < 15 ? 10 : 40) + i % 5;
      text += "2026-02-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + " 10:00:00,code,m,true,0.9,80,0," + std::to_string(ms) + "\n";
    }
  }
  const auto r = report_of(text, {.window = Window::day});
  ASSERT_EQ(r.windows.size(), 28u);
  EXPECT_EQ(r.windows[0].figures.requests, 20u);
  const auto duration = std::ranges::find(r.trends, "mean_duration_ms", &Trend::figure);
  ASSERT_NE(duration, r.trends.end());
  EXPECT_EQ(duration->direction, Direction::rising);
  EXPECT_EQ(duration->change_at_s, parse_time("2026-02-15"));
  EXPECT_DOUBLE_EQ(duration->before, 12);
  EXPECT_DOUBLE_EQ(duration->after, 42);
  const auto score = std::ranges::find(r.trends, "mean_score", &Trend::figure);
  EXPECT_EQ(score->direction, Direction::none);
  EXPECT_EQ(score->change_at_s, std::nullopt);
  EXPECT_THAT(html_text(r, "x", 0), HasSubstr("polyline"));
}

TEST(Analytics, BootstrapBoundsAreThoseOfTheNormalApproximation) {
  std::string text = kHeader;
  double sum = 0, squares = 0;
  constexpr int kRows = 4'000;
  for (int i = 0; i < kRows; ++i) {
    const int ms = (i * 7919) % 301;
    sum += ms;
    squares += ms * ms;
    text += row("c", "m", "true,1,50,0," + std::to_string(ms));
  }
  const auto aggregate = read(text);
  const auto r = report(*aggregate, {.bootstrap = 2'000});
  const double mean = sum / kRows, error = std::sqrt((squares / kRows - mean * mean) / kRows);
  ASSERT_TRUE(r.all.duration_interval);
  EXPECT_NEAR(r.all.duration_interval->low, mean - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(r.all.duration_interval->high, mean + 1.96 * error, 0.15 * error);
  EXPECT_NEAR(r.all.score_interval->low, 50, 1e-9);
}

TEST(Analytics, FilesAreReadTogetherByManyThreads) {
  const std::string path = testing::TempDir() + "models_analytics_" + std::to_string(getpid()) + ".csv";
  std::string text = kHeader;
  for (int i = 0; i < 50'000; ++i) text += row("c" + std::to_string(i % 9), "m" + std::to_string(i % 7), "false,0.5,12.345,3," + std::to_string(i % 5'000));
  text += "broken\n";
  std::ofstream{path} << text;
  const std::vector<AnalyticsInput> inputs{{path}, {path}};
  auto never = [] { return false; };
  const auto pool = make_thread_pool(4);
  const auto one = read_metrics(inputs, {}, inline_executor(), never);
  const auto many = read_metrics(inputs, {}, *pool, never);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(json_text(report(*one)), json_text(report(*many)));
  EXPECT_EQ(report(*many).malformed.at(1), (Malformed{1, 50'002, "fewer than eight columns"}));
  auto always = [] { return true; };
  EXPECT_EQ(read_metrics(inputs, {}, *pool, always).error().code, Code::cancelled);
  const std::vector<AnalyticsInput> absent{{path}, {path + ".absent"}};
  EXPECT_EQ(read_metrics(absent, {}, *pool, never).error().code, Code::not_found);
  unlink(path.c_str());
}

TEST(Analytics, TooManyPairsAreRefusedAndNotOneLess) {
  std::string text = kHeader;
  for (std::size_t i = 0; i < kPairsMax; ++i) text += row("c", "m" + std::to_string(i), "true,1,1,0,1");
  EXPECT_EQ(report_of(text).unique_models, kPairsMax);
  EXPECT_EQ(read(text + row("c", "one more", "true,1,1,0,1")).error().code, Code::limit);
}

TEST(Histogram, IsExactBelow4096AndWithinHalfAPermilleAbove) {
  Histogram h;
  for (std::uint64_t i = 0; i < 4'096; ++i) h.add(i);
  for (const double q : {0.0, 0.01, 0.5, 0.9, 0.999, 1.0}) {
    EXPECT_EQ(h.quantile(q), static_cast<std::uint64_t>(std::max(1.0, std::ceil(q * 4'096))) - 1);
  }
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value = value * 3 + 1) {
    Histogram one;
    one.add(value - 1);
    one.add(value, 3);
    one.add(value * 2);
    EXPECT_NEAR(static_cast<double>(one.quantile(0.5)), static_cast<double>(value), static_cast<double>(value) * 0.0005);
  }
}

// Rows of any values, as text lines.
std::vector<std::string> some_rows() {
  std::vector<std::string> rows;
  const auto count = *rc::gen::inRange(0, 60);
  for (int i = 0; i < count; ++i) {
    const auto cents = *rc::gen::inRange(-5, 10'500);
    rows.push_back(row("c" + std::to_string(*rc::gen::inRange(0, 4)), "m" + std::to_string(*rc::gen::inRange(0, 4)),
                       (*rc::gen::arbitrary<bool>() ? "true," : "false,") + std::to_string(*rc::gen::inRange(0, 100) / 100.0) + "," +
                           std::to_string(cents / 100.0) + "," + std::to_string(*rc::gen::inRange(0, 300)) + "," +
                           std::to_string(*rc::gen::inRange<std::int64_t>(0, 1'000'000))));
  }
  return rows;
}
std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const auto& one : rows) text += one;
  return text;
}

RC_GTEST_PROP(AnalyticsProperty, AnyOrderOfTheRowsGivesTheSameReport, ()) {
  const auto rows = some_rows();
  auto other = rows;
  for (std::size_t i = other.size(); i > 1; --i) std::swap(other[i - 1], other[*rc::gen::inRange<std::size_t>(0, i)]);
  const AnalyticsOptions options{.window = Window::hour};
  RC_ASSERT(json_text(report(*read(kHeader + joined(rows), options), {.bootstrap = 20})) ==
            json_text(report(*read(kHeader + joined(other), options), {.bootstrap = 20})));
}

RC_GTEST_PROP(AnalyticsProperty, MergingPartsEqualsOnePass, ()) {
  const auto rows = some_rows();
  const auto cut = *rc::gen::inRange<std::size_t>(0, rows.size() + 1);
  const std::vector<std::string> first(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(cut)), second(rows.begin() + static_cast<std::ptrdiff_t>(cut), rows.end());
  const AnalyticsOptions options{.window = Window::day};
  auto whole = read(kHeader + joined(rows), options), a = read(kHeader + joined(first), options), b = read(kHeader + joined(second), options);
  RC_ASSERT(b->merge(*a).has_value());
  RC_ASSERT(json_text(report(*b)) == json_text(report(*whole)));
}

RC_GTEST_PROP(AnalyticsProperty, QuotingChangesNothing, ()) {
  const auto rows = some_rows();
  std::string quoted;
  for (const auto& one : rows) {
    quoted += '"';
    for (const char c : one) {
      if (c == ',') quoted += "\",\"";
      else if (c == '\n') quoted += "\"\r\n";
      else quoted += c;
    }
  }
  RC_ASSERT(json_text(report(*read(kHeader + quoted))) == json_text(report(*read(kHeader + joined(rows)))));
}

TEST(MetricsLog, WritesWhatIsReadBack) {
  const std::string path = testing::TempDir() + "models_metrics_" + std::to_string(getpid()) + ".csv";
  unlink(path.c_str());
  MetricsRow written{1'769'155'200, "a,\"b\"\nc", "m", true, 0.95, 85.5, 2, 12, "ok"};
  ASSERT_TRUE(append_metrics(path, written));
  written.outcome = "fallback";
  ASSERT_TRUE(append_metrics(path, written));
  const std::vector<AnalyticsInput> inputs{{path}};
  auto never = [] { return false; };
  const auto r = report(*read_metrics(inputs, {.window = Window::hour}, inline_executor(), never));
  EXPECT_EQ(r.all.requests, 2u);
  EXPECT_EQ(r.malformed_lines, 0u);
  EXPECT_EQ(r.categories.at(0).category, "a,\"b\"\nc");
  EXPECT_EQ(r.all.fallbacks, 1u);
  EXPECT_EQ(r.windows.at(0).start_s, 1'769'155'200);
  EXPECT_EQ(append_metrics("/nowhere/at/all.csv", written).error().code, Code::not_found);
  unlink(path.c_str());
}

// Counts around the width of a step's low part, one by one, at once, and merged.
TEST(Histograms, CountsBeyondSixteenBits) {
  for (const std::uint64_t count : {65'534U, 65'535U, 65'536U, 65'537U, 200'000U}) {
    Histogram single, whole, merged, half;
    for (std::uint64_t i = 0; i < count; ++i) single.add(7);
    whole.add(7, count);
    merged.add(7, count / 2);
    half.add(7, count - count / 2);
    merged.merge(half);
    for (Histogram* histogram : {&single, &whole, &merged}) {
      histogram->add(5'000);  // beyond the exact ones: grows
      EXPECT_EQ(histogram->count(), count + 1);
      ASSERT_EQ(histogram->steps().size(), 2U);
      EXPECT_EQ(histogram->steps()[0], (std::pair<double, std::uint64_t>{7, count})) << count;
      EXPECT_EQ(histogram->quantile(0.5), 7U);
      EXPECT_EQ(histogram->quantile(1), 5'000U);
    }
    EXPECT_EQ(single, whole);
    EXPECT_EQ(single, merged);
  }
}

// Every length around the blocks that are counted at a time, and counters that would overflow.
TEST(CsvText, NewlinesAreCounted) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 63U, 4079U, 4080U, 4081U, 4096U, 9000U}) {
    EXPECT_EQ(csv::newlines(std::string(size, '\n')), size);
    EXPECT_EQ(csv::newlines(std::string(size, 'a')), 0U);
    std::string mixed;
    for (std::size_t i = 0; i < size; ++i) mixed += i * 7919 % 5 == 0 ? '\n' : '\x8a';
    EXPECT_EQ(csv::newlines(mixed), static_cast<std::uint64_t>(std::ranges::count(mixed, '\n'))) << size;
  }
}

}  // namespace
}  // namespace tablinum::models
