// Every real file at hand, converted there and back.
#include <gtest/gtest.h>

#include "convert_util.h"

namespace tablinum::tree::convert {
namespace {

const std::filesystem::path kFolder = std::filesystem::path{TABLINUM_SHARED} / "data/gedcom";

TEST(ConvertFiles, ComeBackEqual) {
  if (!std::filesystem::exists(kFolder)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    const auto extension = entry.path().extension();
    if (extension != ".ged" && extension != ".GED") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto loaded = gedcom::load(gedcom::slurp(entry.path()));
    ASSERT_TRUE(loaded) << describe(loaded.error());
    EXPECT_EQ(promise_broken_by(*loaded), "");
  }
}

TEST(ConvertFiles, FixturesComeBackEqual) {
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path{TABLINUM_TEST_DATA} / "gedcom")) {
    SCOPED_TRACE(entry.path().filename());
    const auto loaded = gedcom::load(gedcom::slurp(entry.path()));
    if (!loaded || loaded->header.empty()) continue;  // one is made then, as in any export
    EXPECT_EQ(promise_broken_by(*loaded), "");
  }
}

}  // namespace
}  // namespace tablinum::tree::convert
