#pragma once
/// The oracle of search(): the same question answered by looking at every record, with maps and sets and no index.
#include <cmath>
#include <map>
#include <set>

#include "document_text.h"
#include "expansion.h"
#include "filter.h"
#include "sorting.h"
#include "test_tree.h"

namespace tablinum::search::test {

struct NaiveAnswer {
  std::vector<std::pair<std::uint32_t, double>> hits;  ///< all of them, in order
  std::map<std::string, std::uint32_t> surnames, kinds, sexes, decades;
};

class BruteForce {
 public:
  BruteForce(TestTree& tree, const std::vector<TestPlace>& places, const Query& query, const Viewer& viewer)
      : tree_{tree}, places_{places}, query_{query}, viewer_{viewer} {}

  NaiveAnswer run() {
    auto answer = run(false);
    const bool may_widen = std::ranges::any_of(query_.terms, [](const Term& term) { return !term.phrase; });
    if (!may_widen || answer.hits.size() >= kEnoughHits) return answer;
    auto wide = run(true);
    return wide.hits.size() > answer.hits.size() ? wide : answer;
  }

 private:
  NaiveAnswer run(bool wide) {
    const auto plans = plan_words(tree_.index().state(), query_, viewer_.circle, wide);
    NaiveAnswer answer;
    std::map<std::uint32_t, const TestRecord*> by_n;
    auto records = tree_.records();
    for (const auto& place : places_) {
      if (auto found = as_record(place)) records.push_back(*found);
    }
    for (const auto& record : records) {
      by_n[record.n] = &record;
      const auto score = score_of(record, plans);
      if (!score) continue;
      answer.hits.emplace_back(record.n, *score);
      count(record, answer);
    }
    std::ranges::sort(answer.hits, [&](const auto& a, const auto& b) {
      const auto key = [&](const auto& hit) {
        const auto& record = *by_n[hit.first];
        const auto surname = sorting_form(record.surname);
        const auto given = sorting_form(record.given);
        return std::tuple{-hit.second, surname.empty() ? "~" : surname, given.empty() ? "~" : given, hit.first};
      };
      return key(a) < key(b);
    });
    return answer;
  }

  /// A place as a record of its own: seen by who sees a record that names it or a place inside it.
  std::optional<TestRecord> as_record(const TestPlace& place) const {
    TestRecord found{.n = document_of_place(place.n), .kind = Kind::place, .circle = Circle::owners, .surname = place.name,
                     .places = {place.n}};
    bool named = false, seen = false;
    for (const auto& record : tree_.records()) {
      for (std::size_t i = 0; i < record.places.size(); ++i) {
        const bool again = i > 0 && record.places[i] == record.places[0];
        if (again || !lies_in(record.places[i], place.n)) continue;
        named = true;
        seen = seen || visible(record);
        found.circle = std::min(found.circle, record.circle);
        found.links += record.circle == Circle::everyone ? 1 : 0;
      }
    }
    return named && seen ? std::optional{found} : std::nullopt;
  }

  bool lies_in(std::uint32_t inner, std::uint32_t outer) const {
    for (auto at = std::ranges::find(places_, inner, &TestPlace::n); at != places_.end();
         at = std::ranges::find(places_, at->parent, &TestPlace::n)) {
      if (at->n == outer) return true;
    }
    return false;
  }

  bool visible(const TestRecord& record) const {
    if (is_place_document(record.n)) return true;  // as_record() made it only if it is
    if (!viewer_.visible) return record.circle <= viewer_.circle;
    return record.n / 64 < viewer_.visible->size() && ((*viewer_.visible)[record.n / 64] >> (record.n % 64) & 1) != 0;
  }

  bool inside(std::uint32_t place, const std::string& name) const {
    for (auto at = std::ranges::find(places_, place, &TestPlace::n); at != places_.end();
         at = std::ranges::find(places_, at->parent, &TestPlace::n)) {
      if (at->name == name) return true;
    }
    return false;
  }

  std::optional<double> filtered(const TestRecord& record) const {
    if (!query_.kinds.empty() && std::ranges::find(query_.kinds, record.kind) == query_.kinds.end()) return std::nullopt;
    const bool person_only = query_.sex || query_.living || query_.born || query_.died;
    if (person_only && record.kind != Kind::person) return std::nullopt;
    if (query_.sex && record.sex != *query_.sex) return std::nullopt;
    if (query_.living && record.living != *query_.living) return std::nullopt;
    for (const auto& name : query_.places) {
      if (std::ranges::none_of(record.places, [&](auto place) { return inside(place, name); })) return std::nullopt;
    }
    double fit = 1;
    if (query_.born) fit *= date_fit(record.birth, *query_.born);
    if (query_.died) fit *= date_fit(record.death, *query_.died);
    return fit == 0 ? std::nullopt : std::optional{fit};
  }

  bool meets(const TestRecord& record, const Document& document, const Expansion& way) const {
    if (way.beginning) {
      return sorting_form(record.surname).starts_with(way.tokens[0]) || sorting_form(record.given).starts_with(way.tokens[0]);
    }
    const auto& column = way.column == Column::name ? document.name : way.column == Column::alt ? document.alt : document.body;
    // All words in order, with the barriers, as the database's tokenizer makes them.
    std::vector<std::string> words(1);
    for (const char c : column) {
      const bool part = static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) || c == '_';
      if (part) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (!part && !words.back().empty()) words.emplace_back();
    }
    return !std::ranges::search(words, way.tokens).empty();
  }

  std::optional<double> score_of(const TestRecord& record, const std::vector<WordPlan>& plans) const {
    if (!visible(record)) return std::nullopt;
    const auto fit = filtered(record);
    if (!fit) return std::nullopt;
    const auto& document = tree_.stored_document(record.n);
    double sum = 0;
    double maximum = 0;
    for (const auto& plan : plans) {
      std::optional<double> best;
      for (const auto& way : plan.expansions) {
        const auto points = plan.idf * field_weight(field_of(way.column, record.kind)) * match_factor(way.match);
        if (meets(record, document, way)) best = std::max(best.value_or(0), points);
      }
      if (!best) return std::nullopt;
      if (plan.counts) {
        sum += *best;
        maximum += plan.idf * 4;
      }
    }
    return (maximum > 0 ? sum / maximum : 1) * *fit + .02 * std::log2(1.0 + std::min(record.links, 255U));
  }

  static void count(const TestRecord& record, NaiveAnswer& answer) {
    ++answer.kinds[std::string{to_string(record.kind)}];
    if (record.kind != Kind::person) return;
    if (!record.surname.empty()) ++answer.surnames[record.surname];
    ++answer.sexes[record.sex == Sex::female ? "female" : record.sex == Sex::male ? "male" : "unknown"];
    const auto year = record.birth.min != Years::kUnknown ? record.birth.min : record.birth.max;
    if (record.birth.known()) ++answer.decades[std::to_string(year / 10 * 10)];
  }

  TestTree& tree_;
  const std::vector<TestPlace>& places_;
  const Query& query_;
  const Viewer& viewer_;
};

}  // namespace tablinum::search::test
