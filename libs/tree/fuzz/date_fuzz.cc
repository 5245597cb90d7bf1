// Law: any text is read without failing; bounds are ordered; a date that is understood is printed, and what is printed means
// the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tablinum/tree/model/age.h"
#include "tablinum/tree/model/date.h"
#include "tablinum/tree/model/place.h"

namespace {

using namespace tablinum::tree::model;

void require(bool law) {
  if (!law) std::abort();
}

bool ordered(const DateBounds& days) { return !days.min || !days.max || *days.min <= *days.max; }

void check_date(std::string_view text) {
  const auto date = parse_date(text);
  require(ordered(date.days));
  (void)to_api(date);
  (void)sort_key(date);
  if (!date.understood()) return require(date.days.open());
  const auto text_551 = print_551(date), text_70 = print_70(date);
  const auto again = parse_date(text_551);
  require(again.kind == date.kind && again.first == date.first && again.second == date.second);
  require(again.days == date.days && again.precision == date.precision);
  require(parse_date(text_70).days == date.days);
}

void check_age(std::string_view text) {
  const auto age = parse_age(text);
  if (!age) return;
  require(days_of(*age).min <= days_of(*age).max);
  require(parse_age(to_string(*age)) == age);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_date(text);
  check_age(text);
  const auto latitude = parse_coordinate(text, 90);
  require(!latitude || (*latitude >= -90 && *latitude <= 90));
  return 0;
}
