// What is written for speed, beside the plain way.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>

#include "h3/queue.h"
#include "http/syntax.h"

namespace tablinum::net {
namespace {

TEST(FieldValue, EveryByteAtEveryPlaceIsJudgedAsByItself) {
  for (std::size_t size = 0; size <= 24; ++size) {
    EXPECT_TRUE(syntax::is_field_value(std::string(size, 'x')));
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, at % 2 == 0 ? 'x' : '\t');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(syntax::is_field_value(text), syntax::is_field_byte(static_cast<char>(byte))) << size << " " << at << " " << byte;
      }
  }
}

RC_GTEST_PROP(FieldValue, IsAllOfItsBytes, (const std::string& text)) {
  RC_ASSERT(syntax::is_field_value(text) == std::ranges::all_of(text, syntax::is_field_byte));
}

RC_GTEST_PROP(Queue, IsADeque, (const std::vector<std::uint8_t>& steps)) {
  h3::Queue<std::shared_ptr<int>> queue;
  std::deque<int> model;
  for (const std::uint8_t step : steps) {
    if (step % 8 == 7) {
      queue.clear();
      model.clear();
    } else if (step % 2 == 0) {
      queue.push_back(std::make_shared<int>(step));
      model.push_back(step);
    } else if (!model.empty()) {
      RC_ASSERT(*queue.pop_front() == model.front());
      model.pop_front();
    }
    RC_ASSERT(queue.size() == model.size());
    RC_ASSERT(queue.empty() == model.empty());
    for (std::size_t i = 0; i < model.size(); ++i) RC_ASSERT(*queue[i] == model[i]);
    if (!model.empty()) RC_ASSERT(*queue.front() == model.front() && *queue.back() == model.back());
  }
}

}  // namespace
}  // namespace tablinum::net
