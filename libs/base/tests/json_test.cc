#include "tablinum/base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace tablinum::json {
namespace {

TEST(JsonWriter, NestsAndSeparates) {
  Writer w;
  w.begin_object();
  w.field("name", "Rudo \"Mbuya\"\n");
  w.field("count", 3);
  w.field("share", 0.5);
  w.field("living", false);
  w.field_if("absent", std::optional<int>{});
  w.field("unknown", std::optional<int>{});
  w.key("list");
  w.begin_array();
  w.value(1);
  w.begin_object();
  w.end_object();
  w.value("é");
  w.end_array();
  w.end_object();
  EXPECT_EQ(w.take(),
            R"({"name":"Rudo \"Mbuya\"\n","count":3,"share":0.5,"living":false,"unknown":null,"list":[1,{},"é"]})");
}

TEST(JsonWriter, EscapesEveryControlCharacter) {
  for (int c = 0; c < 0x20; ++c) {
    std::string out;
    append_string(out, std::string(1, static_cast<char>(c)));
    EXPECT_EQ(out[1], '\\') << c;
  }
}

TEST(JsonWriter, HasNoInfinity) {
  Writer w;
  w.value(std::numeric_limits<double>::infinity());
  EXPECT_EQ(w.take(), "null");
}

}  // namespace
}  // namespace tablinum::json
