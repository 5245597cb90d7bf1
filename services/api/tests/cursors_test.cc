#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/api/call.h"

namespace tablinum::api {
namespace {

using Fields = std::vector<std::string>;

RC_GTEST_PROP(Cursors, GiveBackWhatWasSealed, (const std::string& binding, const Fields& fields)) {
  const Cursors cursors;
  RC_ASSERT(cursors.open(binding, cursors.seal(binding, fields)).value() == fields);
}

RC_GTEST_PROP(Cursors, RefuseAnyChange, (const Fields& fields)) {
  const Cursors cursors;
  auto sealed = cursors.seal("list", fields);
  const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
  sealed[at] = sealed[at] == 'A' ? 'B' : 'A';
  // The last letter may carry unused bits only; what still opens must be what was sealed.
  const auto opened = cursors.open("list", sealed);
  const bool refused = !opened;
  if (!refused) RC_ASSERT(*opened == fields);
  RC_ASSERT(!cursors.open("other", cursors.seal("list", fields)));
}

TEST(Cursors, OfAnotherProcessAreRefused) {
  const Cursors ours, theirs;
  EXPECT_EQ(ours.open("list", theirs.seal("list", {"7"})).error().code, Code::invalid);
  EXPECT_EQ(field_error_of(ours.open("list", "").error())->field, "cursor");
  EXPECT_FALSE(ours.open("list", "not base64!").has_value());
}

// A filter is any text of the caller's. One that held the end of another list's binding and text for its fields made a cursor that
// the other list took for its own: the fields were then what the caller liked, and reading them ended the program.
TEST(Cursors, AreNotForgedThroughTheBinding) {
  const Cursors cursors;
  const auto sealed = cursors.seal("people?surname=x&\n99:7&", {"50"});
  EXPECT_EQ(cursors.open("people?surname=x&", sealed).error().code, Code::invalid);
  EXPECT_EQ(cursors.open("people?surname=x&\n99:7&", sealed).value(), Fields{"50"});
}

struct NumberCase {
  const char* name;
  const char* text;  // null: absent
  std::optional<std::int64_t> want;
};
class NumberTable : public testing::TestWithParam<NumberCase> {};
TEST_P(NumberTable, IsTakenWithinItsBounds) {
  Call call;
  if (GetParam().text != nullptr) call.query.emplace_back("limit", GetParam().text);
  const auto number = call.number("limit", 1, 200, 50);
  EXPECT_EQ(number ? std::optional{*number} : std::nullopt, GetParam().want);
  if (!number) {
    EXPECT_EQ(field_error_of(number.error())->field, "limit");
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, NumberTable,
                         testing::Values(NumberCase{"absent", nullptr, 50}, NumberCase{"low", "1", 1}, NumberCase{"high", "200", 200},
                                         NumberCase{"under", "0", {}}, NumberCase{"over", "201", {}}, NumberCase{"empty", "", {}},
                                         NumberCase{"text", "ten", {}}, NumberCase{"more", "10x", {}}, NumberCase{"blank", " 10", {}},
                                         NumberCase{"huge", "99999999999999999999", {}}, NumberCase{"negative", "-5", {}}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Call, SpeaksTheFirstLanguageThatWeKnow) {
  Call call;
  EXPECT_EQ(call.language(), "en");
  call.accept_language = "it-IT,it;q=0.9, nd-ZW;q=0.8, sn;q=0.7";
  EXPECT_EQ(call.language(), "nd");
  // Every language that relation words are in.
  for (const char* language : {"en", "de", "fr", "es", "he", "sn", "nd"}) {
    call.accept_language = std::string{language} + "-XX, en;q=0.5";
    EXPECT_EQ(call.language(), language);
  }
  call.query.emplace_back("lang", "sn");
  EXPECT_EQ(call.language(), "sn");
}

TEST(Attachment, NamesAreHarmlessAndWhole) {
  EXPECT_EQ(attachment("moyo.ged"), "attachment; filename=\"moyo.ged\"; filename*=UTF-8''moyo.ged");
  EXPECT_EQ(attachment("a\"\r\nSet-Cookie: x"),
            "attachment; filename=\"a___Set-Cookie_ x\"; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x");
  EXPECT_EQ(attachment("é"), "attachment; filename=\"_\"; filename*=UTF-8''%C3%A9");
}

}  // namespace
}  // namespace tablinum::api
