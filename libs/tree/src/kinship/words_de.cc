/// German words for relations. How patterns are read: word_table.h.
/// Cousins are counted in degrees: who stands in one's own generation is a Cousin n-ten Grades, those above and below are uncles and
/// nephews of a degree ("Onkel 2. Grades": a cousin of father or mother).
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    // Ancestors and descendants
    {"P", "Vater", "Mutter", "Elternteil"},
    {"PP", "Großvater", "Großmutter", "Großelternteil"},
    {"PPP+", "{great}großvater", "{great}großmutter", "{great}großelternteil"},
    {"C", "Sohn", "Tochter", "Kind"},
    {"CC", "Enkel", "Enkelin", "Enkelkind"},
    {"CCC+", "{great}enkel", "{great}enkelin", "{great}enkelkind"},
    {"U", "Vormund", "Vormund", "Vormund"},
    {"V", "Mündel", "Mündel", "Mündel"},
    // Siblings, their descendants, and the siblings of ancestors; half ones first
    {"g", "Halbbruder", "Halbschwester", "Halbgeschwister"},
    {"G", "Bruder", "Schwester", "Geschwister"},
    {"Pg", "halbbürtiger Onkel", "halbbürtige Tante", "halbbürtiger Onkel oder halbbürtige Tante"},
    {"PG", "Onkel", "Tante", "Onkel oder Tante"},
    {"PPG", "Großonkel", "Großtante", "Großonkel oder Großtante"},
    {"PPP+G", "{great}großonkel", "{great}großtante", "{great}großonkel oder -tante"},
    {"gC", "halbbürtiger Neffe", "halbbürtige Nichte", "halbbürtiger Neffe oder halbbürtige Nichte"},
    {"GC", "Neffe", "Nichte", "Neffe oder Nichte"},
    {"GCC", "Großneffe", "Großnichte", "Großneffe oder Großnichte"},
    {"GCCC+", "{great}großneffe", "{great}großnichte", "{great}großneffe oder -nichte"},
    {"PgC", "halbbürtiger Cousin", "halbbürtige Cousine", "halbbürtiger Cousin oder halbbürtige Cousine"},
    {"P+GC+", "{kin}", "{kin}", "{kin}"},
    // By one's own marriage
    {"E", "Ehemann", "Ehefrau", "Ehepartner"},
    {"EP", "Schwiegervater", "Schwiegermutter", "Schwiegerelternteil"},
    {"EG", "Schwager", "Schwägerin", "Schwager oder Schwägerin"},
    {"EGE", "Schwippschwager", "Schwippschwägerin", "Schwippschwager oder Schwippschwägerin"},
    {"EPG", "angeheirateter Onkel", "angeheiratete Tante", "angeheirateter Onkel oder angeheiratete Tante"},
    {"EGC", "angeheirateter Neffe", "angeheiratete Nichte", "angeheirateter Neffe oder angeheiratete Nichte"},
    {"EPGC", "angeheirateter Cousin", "angeheiratete Cousine", "angeheirateter Cousin oder angeheiratete Cousine"},
    // By a relative's marriage
    {"GE", "Schwager", "Schwägerin", "Schwager oder Schwägerin"},
    {"CE", "Schwiegersohn", "Schwiegertochter", "Schwiegerkind"},
    {"PGE", "angeheirateter Onkel", "angeheiratete Tante", "angeheirateter Onkel oder angeheiratete Tante"},
    {"PPGE", "angeheirateter Großonkel", "angeheiratete Großtante", "angeheirateter Großonkel oder angeheiratete Großtante"},
    {"GCE", "angeheirateter Neffe", "angeheiratete Nichte", "angeheirateter Neffe oder angeheiratete Nichte"},
    {"PGCE", "angeheirateter Cousin", "angeheiratete Cousine", "angeheirateter Cousin oder angeheiratete Cousine"},
    // Step kin
    {"Q", "Stiefvater", "Stiefmutter", "Stiefelternteil"},
    {"QP", "Stiefgroßvater", "Stiefgroßmutter", "Stiefgroßelternteil"},
    {"PQ", "Stiefgroßvater", "Stiefgroßmutter", "Stiefgroßelternteil"},
    {"QG", "Stiefonkel", "Stieftante", "Stiefonkel oder Stieftante"},
    {"PJ", "Stiefonkel", "Stieftante", "Stiefonkel oder Stieftante"},
    {"K", "Stiefsohn", "Stieftochter", "Stiefkind"},
    {"KC", "Stiefenkel", "Stiefenkelin", "Stiefenkelkind"},
    {"CK", "Stiefenkel", "Stiefenkelin", "Stiefenkelkind"},
    {"J", "Stiefbruder", "Stiefschwester", "Stiefgeschwister"},
    {"JC", "Stiefneffe", "Stiefnichte", "Stiefneffe oder Stiefnichte"},
    {"GK", "Stiefneffe", "Stiefnichte", "Stiefneffe oder Stiefnichte"},
};

constexpr std::uint32_t kSpelledMax = 3;  // "Urururgroßvater"; from there on people count

std::string great(std::uint32_t count) {
  if (count > kSpelledMax) return std::to_string(count) + "×Ur";
  std::string text = "Ur";
  for (std::uint32_t i = 1; i < count; ++i) text += "ur";
  return text;
}

std::string kin(std::uint32_t up, std::uint32_t down, Sex sex) {
  const auto noun = [&](Sex of) -> std::string {
    const bool man = of == Sex::male;
    if (up == down) return man ? "Cousin" : "Cousine";
    const std::uint32_t removed = up > down ? up - down : down - up;
    const std::string_view word = up > down ? (man ? "Onkel" : "Tante") : (man ? "Neffe" : "Nichte");
    if (removed == 1) return std::string{word};
    std::string text = removed == 2 ? "Groß" : great(removed - 2) + "groß";
    text += static_cast<char>(word[0] - 'A' + 'a');
    return text += word.substr(1);
  };
  const std::string words = sex == Sex::male || sex == Sex::female ? noun(sex) : noun(Sex::male) + " oder " + noun(Sex::female);
  const std::uint32_t degree = std::min(up, down) + (up != down);
  return degree == 1 ? words : words + " " + std::to_string(degree) + ". Grades";
}

}  // namespace

constinit const WordTable kWordsGerman{
    .language = {"de", "Deutsch", false},
    .rules = kRules,
    .self = "dieselbe Person",
    .composition = "{x}, dessen {y}",
    .composition_feminine = "{x}, deren {y}",
    .adoptive = "{w} (durch Adoption)",
    .adopted = "{w} (durch Adoption)",
    .foster = "{w} (in Pflege)",
    .distant = "eine Verwandtschaft über {n} Personen",
    .great = great,
    .cousin = nullptr,
    .kin = kin,
};

}  // namespace tablinum::tree::kinship
