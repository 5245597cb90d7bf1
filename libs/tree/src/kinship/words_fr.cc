/// French words for relations. How patterns are read: word_table.h.
/// Cousins: "grand-" and "petit-" for those of a generation above or below, "arrière-" for each further one, "germain", "issu de germain",
/// "au 3e degré" for how far the common ancestors are.
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    // Ancestors and descendants
    {"P", "père", "mère", "parent"},
    {"PP", "grand-père", "grand-mère", "grand-parent"},
    {"PPP+", "{great}grand-père", "{great}grand-mère", "{great}grand-parent"},
    {"C", "fils", "fille", "enfant"},
    {"CC", "petit-fils", "petite-fille", "petit-enfant"},
    {"CCC+", "{great}petit-fils", "{great}petite-fille", "{great}petit-enfant"},
    {"U", "tuteur", "tutrice", "tuteur ou tutrice"},
    {"V", "pupille", "pupille", "pupille"},
    // Siblings, their descendants, and the siblings of ancestors; half ones first
    {"g", "demi-frère", "demi-sœur", "demi-frère ou demi-sœur"},
    {"G", "frère", "sœur", "frère ou sœur"},
    {"Pg", "demi-oncle", "demi-tante", "demi-oncle ou demi-tante"},
    {"PG", "oncle", "tante", "oncle ou tante"},
    {"PPG", "grand-oncle", "grand-tante", "grand-oncle ou grand-tante"},
    {"PPP+G", "{great}grand-oncle", "{great}grand-tante", "{great}grand-oncle ou grand-tante"},
    {"gC", "demi-neveu", "demi-nièce", "demi-neveu ou demi-nièce"},
    {"GC", "neveu", "nièce", "neveu ou nièce"},
    {"GCC", "petit-neveu", "petite-nièce", "petit-neveu ou petite-nièce"},
    {"GCCC+", "{great}petit-neveu", "{great}petite-nièce", "{great}petit-neveu ou petite-nièce"},
    {"PgC", "demi-cousin", "demi-cousine", "demi-cousin ou demi-cousine"},
    {"P+GC+", "{kin}", "{kin}", "{kin}"},
    // By one's own marriage
    {"E", "mari", "femme", "conjoint"},
    {"EP", "beau-père", "belle-mère", "beau-parent"},
    {"EG", "beau-frère", "belle-sœur", "beau-frère ou belle-sœur"},
    {"EGE", "beau-frère", "belle-sœur", "beau-frère ou belle-sœur"},
    {"EPG", "oncle par alliance", "tante par alliance", "oncle ou tante par alliance"},
    {"EGC", "neveu par alliance", "nièce par alliance", "neveu ou nièce par alliance"},
    {"EPGC", "cousin par alliance", "cousine par alliance", "cousin ou cousine par alliance"},
    // By a relative's marriage
    {"GE", "beau-frère", "belle-sœur", "beau-frère ou belle-sœur"},
    {"CE", "gendre", "belle-fille", "gendre ou belle-fille"},
    {"PGE", "oncle par alliance", "tante par alliance", "oncle ou tante par alliance"},
    {"PPGE", "grand-oncle par alliance", "grand-tante par alliance", "grand-oncle ou grand-tante par alliance"},
    {"GCE", "neveu par alliance", "nièce par alliance", "neveu ou nièce par alliance"},
    {"PGCE", "cousin par alliance", "cousine par alliance", "cousin ou cousine par alliance"},
    // Step kin: the language has one word for these and for those by marriage
    {"Q", "beau-père", "belle-mère", "beau-parent"},
    {"K", "beau-fils", "belle-fille", "bel-enfant"},
    {"J", "quasi-frère", "quasi-sœur", "quasi-frère ou quasi-sœur"},
};

constexpr std::uint32_t kSpelledMax = 3;  // "arrière-arrière-arrière-"; from there on people count

std::string great(std::uint32_t count) {
  if (count > kSpelledMax) return std::to_string(count) + "× arrière-";
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) text += "arrière-";
  return text;
}

std::string kin(std::uint32_t up, std::uint32_t down, Sex sex) {
  const std::uint32_t degree = std::min(up, down), removed = up > down ? up - down : down - up;
  const auto noun = [&](bool woman) {
    std::string text = removed == 0 ? std::string{} : great(removed - 1);
    if (up > down) text += "grand-";
    if (up < down) text += woman ? "petite-" : "petit-";
    text += woman ? "cousine" : "cousin";
    if (degree == 1 && removed == 0) text += woman ? " germaine" : " germain";
    if (degree == 2) text += woman ? " issue de germain" : " issu de germain";
    if (degree > 2) text += " au " + std::to_string(degree) + "e degré";
    return text;
  };
  if (sex == Sex::male || sex == Sex::female) return noun(sex == Sex::female);
  return noun(false) + " ou " + noun(true);
}

}  // namespace

constinit const WordTable kWordsFrench{
    .language = {"fr", "français", false},
    .rules = kRules,
    .self = "la même personne",
    .composition = "{y} de son {x}",
    .composition_feminine = "{y} de sa {x}",
    .adoptive = "{w} par adoption",
    .adopted = "{w} par adoption",
    .foster = "{w} d’accueil",
    .distant = "un lien de parenté passant par {n} personnes",
    .great = great,
    .cousin = nullptr,
    .kin = kin,
    .vowel_takes_masculine = true,
};

}  // namespace tablinum::tree::kinship
