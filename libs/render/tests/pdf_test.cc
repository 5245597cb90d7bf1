#include "tablinum/render/pdf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "pdf_file.h"
#include "sample_charts.h"

namespace tablinum::render {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace tree::kinship;
using tree::charts::Chart;
using tree::charts::Kind;

/// What stands behind a name in pdfinfo's list.
std::istringstream value_of(const std::string& info, std::string_view name) {
  const std::size_t at = info.find(name);
  EXPECT_NE(at, info.npos) << info;
  return std::istringstream{at == info.npos ? "" : info.substr(at + name.size())};
}
int pages_of(const std::string& info) {
  int pages = 0;
  value_of(info, "Pages:") >> pages;
  return pages;
}
std::pair<double, double> size_of(const std::string& info) {
  std::pair<double, double> size;
  std::string times;
  value_of(info, "Page size:") >> size.first >> times >> size.second;
  return size;
}

ChartLabels numbered() {
  return {[](PersonN person) { return PersonLabel{"Name" + std::to_string(person), {"1900 – 1970"}, {}, {}}; },
          [](FamilyN) { return UnionLabel{"⚭ 1921"}; }};
}

TEST(Pdf, IsOneSheetAsLargeAsTheChart) {
  const Chart chart = chart_of(Kind::descendants, family_tree(3, 2));
  const PdfFile file{pdf(chart, numbered(), {.title = "Moyo & Söhne"}).value()};
  const std::string info = file.info();
  EXPECT_EQ(pages_of(info), 1);
  EXPECT_THAT(info, HasSubstr("Moyo & Söhne"));
  EXPECT_THAT(info, HasSubstr("Tagged:          yes"));
  EXPECT_THAT(info, Not(HasSubstr("JavaScript:      yes")));
  const auto [width, height] = size_of(info);
  EXPECT_GE(width, chart.width * 0.75);
  EXPECT_GE(height, chart.height * 0.75);
  for (const auto& box : chart.boxes) EXPECT_THAT(file.text(), HasSubstr("Name" + std::to_string(box.person)));
}

TEST(Pdf, WordsOfEveryScriptCanBeReadAndTheirLettersAreEmbedded) {
  const std::vector<std::string> names{"Łukasz Ñandú", "Пётр Чайковский", "משה כהן", "山田太郎", "Ελένη"};
  const Chart chart = chart_of(Kind::descendants, family_tree(4, 1));
  const ChartLabels labels{[&](PersonN person) { return PersonLabel{names[person == 0 ? 0 : person - 1], {}, {}, {}}; }, {}};
  const PdfFile file{pdf(chart, labels).value()};
  const std::string text = file.text();
  for (const auto& name : names) EXPECT_THAT(text, HasSubstr(name));
  std::istringstream fonts{file.fonts()};
  std::string line;
  std::getline(fonts, line);
  const std::size_t embedded = line.find("emb"), subset = line.find("sub");
  std::getline(fonts, line);
  int count = 0;
  while (std::getline(fonts, line)) {
    EXPECT_EQ(line.substr(embedded, 3), "yes") << line;
    EXPECT_EQ(line.substr(subset, 3), "yes") << line;
    ++count;
  }
  EXPECT_GE(count, 2);  // no one font has both Hebrew and Chinese
}

TEST(Pdf, EachPersonIsAParagraphForScreenReaders) {
  const PdfFile file{pdf(chart_of(Kind::descendants, family_tree(2, 1)), numbered()).value()};
  const std::string structure = file.structure();
  for (const std::string name : {"Name0", "Name2", "Name3"}) EXPECT_THAT(structure, HasSubstr(name));
}

TEST(Pdf, AnAncestorsFanHasAllNames) {
  const Chart chart = chart_of(Kind::fan, ancestors());
  const PdfFile file{pdf(chart, numbered()).value()};
  // Letters that follow an arc are read one by one: blanks and order aside, all are there.
  const std::string text = file.text();
  EXPECT_THAT(text, HasSubstr("Name0"));
  EXPECT_GE(std::ranges::count(text, 'N'), 5);
  EXPECT_GT(file.dark_spots(1), 20u);
}

struct PaperCase {
  const char* name;
  double width, height;
};
class Papers : public testing::TestWithParam<PaperCase> {};
TEST_P(Papers, AChartIsMadeToFitOneSheetOfIt) {
  // ISO 216 in points; the chart is wider than high, so the paper lies on its side.
  const PdfFile file{pdf(chart_of(Kind::descendants, family_tree(4, 3)), numbered(), {.paper = paper(GetParam().name).value()}).value()};
  EXPECT_EQ(pages_of(file.info()), 1);
  const auto [width, height] = size_of(file.info());
  EXPECT_NEAR(width, GetParam().height, 0.5);
  EXPECT_NEAR(height, GetParam().width, 0.5);
}
INSTANTIATE_TEST_SUITE_P(Sizes, Papers,
                         testing::Values(PaperCase{"A4", 595.28, 841.89}, PaperCase{"a3", 841.89, 1190.55},
                                         PaperCase{"A2", 1190.55, 1683.78}, PaperCase{"A1", 1683.78, 2383.94},
                                         PaperCase{"A0", 2383.94, 3370.39}, PaperCase{"Letter", 612, 792}),
                         [](const auto& row) { return std::string{row.param.name}; });
TEST(Pdf, OtherPapersAreUnknown) {
  for (const char* name : {"", "A5", "A", "A44", "legal"}) EXPECT_EQ(paper(name), std::nullopt) << name;
}

TEST(Poster, ShowsEverybodyOnSomeSheetAndNoSheetIsBlank) {
  const Chart chart = chart_of(Kind::descendants, family_tree(3, 4));
  const PdfFile file{pdf(chart, numbered(), {.title = "Poster", .paper = Paper::a3, .tile = true}).value()};
  const int pages = pages_of(file.info());
  ASSERT_GT(pages, 4);
  std::string all;
  for (int page = 1; page <= pages; ++page) {
    const std::string text = file.text(page);
    EXPECT_THAT(text, HasSubstr("Poster"));
    EXPECT_THAT(text, HasSubstr("Sheet " + std::to_string(page) + " of " + std::to_string(pages)));
    all += text;
  }
  for (const auto& box : chart.boxes) EXPECT_THAT(all, HasSubstr("Name" + std::to_string(box.person)));
}

TEST(Poster, NeighboursOverlapSoThatTheyCanBeGlued) {
  // One row of boxes, 192 units from one to the next: at most 7 of them begin on a sheet of A4 on its side, and the next sheet begins 10 mm
  // before this one ends.
  const Chart chart = chart_of(Kind::descendants, family_tree(30, 1));
  const PdfFile file{pdf(chart, numbered(), {.paper = Paper::a4, .tile = true}).value()};
  const double sheet = (841.89 - 2 * 28.35) / 0.75, overlap = 28.35 / 0.75;
  EXPECT_EQ(pages_of(file.info()), static_cast<int>(std::ceil((chart.width - overlap) / (sheet - overlap))));
}

TEST(Poster, SmallerScaleMeansFewerSheets) {
  const Chart chart = chart_of(Kind::descendants, family_tree(3, 4));
  const auto sheets = [&](double scale) {
    return pages_of(PdfFile{pdf(chart, numbered(), {.paper = Paper::a4, .tile = true, .scale = scale}).value()}.info());
  };
  EXPECT_LT(sheets(0.5), sheets(1));
}

TEST(PdfLimits, AreReported) {
  const Chart small = chart_of(Kind::descendants, family_tree(2, 1)), wide = chart_of(Kind::descendants, family_tree(10, 4));
  EXPECT_EQ(pdf(small, {}).error().code, Code::invalid);
  EXPECT_EQ(pdf(small, numbered(), {.tile = true}).error().code, Code::invalid);
  for (const double scale : {0.0, 0.01, 5.0, -1.0, std::nan("")})
    EXPECT_EQ(pdf(small, numbered(), {.paper = Paper::a4, .tile = true, .scale = scale}).error().code, Code::invalid) << scale;
  EXPECT_EQ(pdf(wide, numbered(), {.paper = Paper::a4, .tile = true, .scale = 4}).error().code, Code::limit);
}

TEST(PdfLimits, HostileWordsAreOnlyWords) {
  const std::string name = std::string{"\0\x01\xff(Tj) ET \\ \n \xE2\x80\xAE", 18} + std::string(100'000, 'W') + "<b>&";
  const ChartLabels labels{[&](PersonN) { return PersonLabel{name, {name, name}, {}, {}}; }, {}};
  const PdfFile file{pdf(chart_of(Kind::descendants, family_tree(2, 1)), labels, {.title = name}).value()};
  EXPECT_EQ(pages_of(file.info()), 1);
  EXPECT_THAT(file.text(), HasSubstr("(Tj) ET"));
}

TEST(PdfLimits, TenThousandBoxesStayUnderTwentyMegabytes) {
  const Chart chart = chart_of(Kind::descendants, family_tree(10, 4));
  ASSERT_GE(chart.boxes.size(), 10'000u);
  const std::string bytes = pdf(chart, numbered()).value();
  EXPECT_LT(bytes.size(), 20'000'000u);
  const PdfFile file{bytes};
  EXPECT_EQ(pages_of(file.info()), 1);
}

}  // namespace
}  // namespace tablinum::render
