#pragma once
/// Trees whose names are alike enough that spellings, sounds, mistakes and ties all occur.
#include <random>

#include "test_tree.h"

namespace tablinum::search::test {

inline const std::vector<TestPlace>& random_places() {
  static const std::vector<TestPlace> places = {{1, kNoPlace, "zimbabwe"}, {2, 1, "harare"}, {3, 1, "bulawayo"}, {4, kNoPlace, "england"},
                                                {5, 4, "york"},            {6, 5, "selby"}};
  return places;
}

class RandomTree {
 public:
  explicit RandomTree(std::uint32_t seed) : random_{seed} {}

  TestRecord record(std::uint32_t n) {
    TestRecord record;
    record.n = n;
    record.circle = static_cast<Circle>(below(3));
    record.links = below(4) == 0 ? below(400) : 0;
    if (below(6) == 0) return titled(record);
    record.surname = pick({"Moyo", "MOYO", "Müller", "Mueller", "Muller", "Smith", "Smyth", "Smit", "Ivanov",
                           "Ivanova", "O'Brien", "", "Rudo", "王"});
    record.given = pick({"Tendai", "Elizabeth", "Lizzy", "Ann", "Anna", "John", "Jack", "Søren", "小明", "Ludo", "Ann Elizabeth", ""});
    if (below(4) == 0) record.married = pick({"Smith", "Moyo", "Kowalska"});
    if (below(5) == 0) record.nickname = pick({"Betty", "Tendi"});
    record.sex = static_cast<Sex>(below(3));
    record.living = below(4) == 0;
    record.birth = years();
    record.death = years();
    for (auto left = below(3); left > 0; --left) record.places.push_back(1 + below(6));
    add_body(record);
    return record;
  }

  std::vector<TestRecord> records(std::uint32_t count) {
    std::vector<TestRecord> records;
    std::uint32_t n = 0;
    for (std::uint32_t i = 0; i < count; ++i) records.push_back(record(n += 1 + below(3)));
    return records;
  }

  std::string query() {
    std::string text;
    for (auto left = below(3); left > 0; --left) {
      text += pick({"moyo", "smith", "smtih", "Muller", "müller", "mueller", "lizzy", "elizabeth", "ann*", "mo*", "john",
                    "jack", "ivanova", "ivanov", "obrien", "O'Brien", "farmer", "\"ann elizabeth\"", "\"farmer in york\"", "soren",
                    "王", "小明", "rudo", "register", "yrok", "york", "harare", "england", "zimbabw*", "selby york", "bulawyo"}) +
              ' ';
    }
    if (below(4) == 0) text += pick({"surname:smith ", "surname:moyo ", "given:ann ", "surname:\"o'brien\" ", "given:soren "});
    if (below(4) == 0) text += pick({"born:1850..1900 ", "born:1870 ", "died:..1900 ", "died:1880.. "});
    if (below(5) > 0) return text;
    text += pick({"sex:f ", "living:no ", "living:yes ", "type:person ", "type:source ", "type:place ", "place:harare ", "place:england "});
    return text;
  }

  std::uint32_t below(std::uint32_t limit) { return std::uniform_int_distribution<std::uint32_t>{0, limit - 1}(random_); }

 private:
  std::string pick(std::initializer_list<const char*> words) { return *(words.begin() + below(static_cast<std::uint32_t>(words.size()))); }
  Years years() {
    const auto year = static_cast<std::int16_t>(1840 + below(80));
    switch (below(4)) {
      case 0: return {};
      case 1: return {year, static_cast<std::int16_t>(year + 5)};
      case 2: return {Years::kUnknown, year};
      default: return {year, year};
    }
  }
  void add_body(TestRecord& record) {
    if (below(3) == 0) record.body.push_back(pick({"farmer in York", "Schmied — Zürich", "register of John Smith", "moyo", "fisherman"}));
    if (below(6) == 0) record.body.push_back(pick({"in York", "Müller"}));
  }
  TestRecord titled(TestRecord record) {
    record.kind = below(2) == 0 ? Kind::source : Kind::place;
    record.surname = pick({"Smith register", "York", "Parish of Müller", "Moyo"});
    add_body(record);
    return record;
  }

  std::mt19937 random_;
};

}  // namespace tablinum::search::test
