// Every kind of chart of one household: the SVG as it was looked at once (tests/data), the PDF as other programs read it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "pdf_file.h"
#include "sample_charts.h"
#include "svg_text.h"
#include "tablinum/render/pdf.h"

namespace tablinum::render {
namespace {

using testing::HasSubstr;

struct KindCase {
  const char* name;
  Kind kind;
};
constexpr KindCase kCases[] = {{"pedigree", Kind::pedigree}, {"descendants", Kind::descendants}, {"hourglass", Kind::hourglass},
                               {"fan", Kind::fan},           {"relatives", Kind::relatives},     {"everyone", Kind::everyone},
                               {"path", Kind::path},         {"timeline", Kind::timeline},       {"map", Kind::map}};

ChartLabels labels() {
  ChartLabels labels;
  labels.person = [](PersonN person) {
    return PersonLabel{.name = "Person" + std::to_string(person), .lines = {"* " + std::to_string(1850 + 7 * person)}};
  };
  labels.marriage = [](FamilyN family) { return UnionLabel{"⚭ 19" + std::to_string(10 + family)}; };
  labels.place = [](std::uint32_t place) { return place == 1 ? "Harare" : place == 2 ? "Bulawayo" : "Khami"; };
  return labels;
}

class Golden : public testing::TestWithParam<KindCase> {};

/// TABLINUM_GOLDEN=write writes the files anew: look at each in a browser before it is committed.
TEST_P(Golden, SvgIsAsItWas) {
  const std::string text = svg(household_chart(GetParam().kind), labels(), {.title = GetParam().name}).value();
  EXPECT_TRUE(is_well_formed(text));
  const std::string path = std::string{TABLINUM_TEST_DATA} + "/" + GetParam().name + ".svg";
  const char* wish = std::getenv("TABLINUM_GOLDEN");
  if (wish != nullptr && std::string_view{wish} == "write") std::ofstream{path, std::ios::binary} << text;
  std::ifstream file{path, std::ios::binary};
  ASSERT_TRUE(file.good()) << path;
  const std::string golden{std::istreambuf_iterator<char>{file}, {}};
  const auto [was, is] = std::ranges::mismatch(golden, text);
  EXPECT_TRUE(golden == text) << "from byte " << was - golden.begin() << ": was " << golden.substr(was - golden.begin(), 200) << "\nis "
                              << text.substr(is - text.begin(), 200);
}

TEST_P(Golden, PdfSaysTheSameToOtherPrograms) {
  const Chart chart = household_chart(GetParam().kind);
  const PdfFile file{pdf(chart, labels(), {.title = GetParam().name, .created = "2026-05-03T12:00:00Z"}).value()};
  EXPECT_EQ(file.faults(), "");
  EXPECT_THAT(file.info(), HasSubstr("Tagged:          yes"));
  const std::string text = file.text(), structure = file.structure();
  if (chart.kind == Kind::map) {
    for (const char* place : {"Harare", "Bulawayo +1"}) {
      EXPECT_THAT(text, HasSubstr(place));
      EXPECT_THAT(structure, HasSubstr(place));
    }
    return;
  }
  for (const auto& box : chart.boxes) {
    const std::string name = "Person" + std::to_string(box.person);
    EXPECT_THAT(structure, HasSubstr(name));
    if (chart.kind != Kind::fan) {  // whose letters stand on circles
      EXPECT_THAT(text, HasSubstr(name));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Kinds, Golden, testing::ValuesIn(kCases), [](const auto& row) { return std::string{row.param.name}; });

// --- photographs ---

Bytes photo() {
  std::ifstream file{std::string{TABLINUM_TEST_DATA} + "/face.jpg", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_FALSE(text.empty());
  const auto bytes = bytes_of(text);
  return Bytes(bytes.begin(), bytes.end());
}
ChartLabels with_photos(const Bytes& photo) {
  ChartLabels all = labels();
  all.person = [photo](PersonN person) {
    return PersonLabel{.name = "Somebody With a Long Name " + std::to_string(person), .photo = photo};
  };
  return all;
}

TEST(Photos, AreInTheSvgItselfAndLongNamesAreBrokenBesideThem) {
  const Chart chart = household_chart(Kind::hourglass);
  const std::string text = svg(chart, with_photos(photo())).value();
  EXPECT_TRUE(is_well_formed(text));
  EXPECT_EQ(count(text, "<image "), chart.boxes.size());
  EXPECT_EQ(count(text, "href=\"data:image/jpeg;base64," + to_base64(photo()) + "\""), chart.boxes.size());
  EXPECT_GE(count(text, ">Somebody With a</text>"), chart.boxes.size());
}

TEST(Photos, AreInThePdfAsTheyCameAndOnceForAllSheets) {
  const Chart chart = household_chart(Kind::hourglass);
  const std::string bytes = pdf(chart, with_photos(photo()), {.paper = Paper::a4, .tile = true, .scale = 2}).value();
  const PdfFile file{bytes};
  EXPECT_EQ(file.faults(), "");
  const Bytes jpeg = photo();
  EXPECT_EQ(count(bytes, text_of(jpeg)), chart.boxes.size()) << "the file itself, not a copy of its pixels";
  EXPECT_THAT(file.structure(), HasSubstr("Figure"));
}

TEST(Photos, TogetherHaveALimit) {
  Bytes large = photo();
  large.resize(kPhotosBytesMax / 3);
  const std::string text = svg(household_chart(Kind::hourglass), with_photos(large)).value();
  EXPECT_EQ(count(text, "<image "), 3u);
}

TEST(Photos, WhatIsNoJpegIsLeftOutOfThePdf) {
  Bytes cut = photo();
  cut.resize(20);
  const auto png = bytes_of("\x89PNG\r\n\x1a\n");
  for (const Bytes& wrong : {Bytes(png.begin(), png.end()), cut, Bytes(1)}) {
    const PdfFile file{pdf(household_chart(Kind::hourglass), with_photos(wrong)).value()};
    EXPECT_EQ(file.faults(), "");
    EXPECT_THAT(file.text(), HasSubstr("Somebody"));
  }
}

}  // namespace
}  // namespace tablinum::render
