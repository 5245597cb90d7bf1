#include <benchmark/benchmark.h>

#include <vector>

#include "tablinum/tree/model/date.h"
#include "tablinum/tree/model/fields.h"
#include "tablinum/tree/model/living.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model {
namespace {

/// A person as they mostly come: a name in pieces, three events, a citation, links and a change date.
Structure typical_person() {
  Structure record{Dialect::gedcom551};
  const auto text = [&record](std::uint32_t parent, Tag tag, std::string_view payload = {}) {
    return record.append(parent, tag, payload.empty() ? PayloadKind::none : PayloadKind::text, payload);
  };
  record.append(kNoNode, Tag::INDI);
  const auto name = text(0, Tag::NAME, "Rudo /Mutasa/");
  text(name, Tag::GIVN, "Rudo");
  text(name, Tag::SURN, "Mutasa");
  text(0, Tag::SEX, "F");
  const auto birth = text(0, Tag::BIRT);
  text(birth, Tag::DATE, "24 JUN 1902");
  const auto place = text(birth, Tag::PLAC, "Umtali, Manicaland, Rhodesia");
  const auto map = text(place, Tag::MAP);
  text(map, Tag::LATI, "S18.97");
  text(map, Tag::LONG, "E32.67");
  const auto source = record.append(birth, Tag::SOUR, PayloadKind::record, {}, RecordId{Uuid{{1}}});
  text(source, Tag::PAGE, "fol. 362, no. 26");
  text(source, Tag::QUAY, "2");
  text(0, Tag::OCCU, "potter");
  text(text(0, Tag::DEAT), Tag::DATE, "ABT 1971");
  record.append(0, Tag::FAMS, PayloadKind::record, {}, RecordId{Uuid{{2}}});
  text(text(0, Tag::CHAN), Tag::DATE, "2 FEB 2024");
  record.number_nodes();
  return record;
}

void BM_ReadPerson(benchmark::State& state) {
  const auto record = typical_person();
  PersonView view;
  for (auto _ : state) {
    read_person(record, view);
    benchmark::DoNotOptimize(view.events.data());
  }
}
BENCHMARK(BM_ReadPerson);

void BM_FieldValues(benchmark::State& state) {
  const auto record = typical_person();
  FieldHasher hasher;
  for (auto _ : state) benchmark::DoNotOptimize(hasher(record, {}));
}
BENCHMARK(BM_FieldValues);

void BM_ParseDate(benchmark::State& state, const char* text) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_date(text));
}
BENCHMARK_CAPTURE(BM_ParseDate, gedcom, "24 JUN 1902");
BENCHMARK_CAPTURE(BM_ParseDate, hebrew_range, "BET @#DHEBREW@ 1 TSH 5663 AND @#DHEBREW@ 29 ELL 5664");
BENCHMARK_CAPTURE(BM_ParseDate, words, "vor 12. März 1850");

/// Generations of one size, thirty years apart; every second birth is dated.
void BM_LatestBirths(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const std::uint32_t generation = size / 10;
  std::vector<LivingFacts> facts(size);
  std::vector<std::uint32_t> father(size, kNobody), mother(size, kNobody);
  for (std::uint32_t i = 0; i < size; ++i) {
    if (i % 2 == 0) facts[i].birth_max = static_cast<Jdn>(2'350'000 + i / generation * 10'957 + i % 5'000);
    if (i < generation) continue;
    father[i] = i - generation;
    mother[i] = i - generation + (i % 2 == 0 ? 1 : 0);
  }
  for (auto _ : state) benchmark::DoNotOptimize(latest_births(facts, father, mother));
  state.SetItemsProcessed(state.iterations() * size);
}
BENCHMARK(BM_LatestBirths)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tablinum::tree::model
