/// Shona words for relations: a draft that speakers have not read yet, and marked so wherever it is used.
/// Shona tells the father's side from the mother's, elder from younger, and whether two siblings are of the same sex.
/// How patterns are read: word_table.h.
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    {"P", "baba", "amai", "mubereki"},
    {"PP", "sekuru", "ambuya", "sekuru kana ambuya"},
    {"PPP+", "tateguru", "tateguru", "tateguru"},
    {"C", "mwanakomana", "mwanasikana", "mwana"},
    {"CC", "muzukuru", "muzukuru", "muzukuru"},
    {"CCC+", "chizukuru", "chizukuru", "chizukuru"},
    {"m:eB", "mukoma", "mukoma", "mukoma"},
    {"f:eZ", "mukoma", "mukoma", "mukoma"},
    {"m:yB", "munin'ina", "munin'ina", "munin'ina"},
    {"f:yZ", "munin'ina", "munin'ina", "munin'ina"},
    {"m:Z", "hanzvadzi", "hanzvadzi", "hanzvadzi"},
    {"f:B", "hanzvadzi", "hanzvadzi", "hanzvadzi"},
    {"G", "hama", "hama", "hama"},
    {"FeB", "babamukuru", "babamukuru", "babamukuru"},
    {"FyB", "babamunini", "babamunini", "babamunini"},
    {"FZ", "vatete", "vatete", "vatete"},
    {"MB", "sekuru", "sekuru", "sekuru"},
    {"MeZ", "amaiguru", "amaiguru", "amaiguru"},
    {"MyZ", "amainini", "amainini", "amainini"},
    {"FeBW", "amaiguru", "amaiguru", "amaiguru"},
    {"FyBW", "amainini", "amainini", "amainini"},
    {"MBW", "ambuya", "ambuya", "ambuya"},
    {"m:ZC", "muzukuru", "muzukuru", "muzukuru"},
    {"m:BC", "mwana", "mwana", "mwana"},
    {"f:ZC", "mwana", "mwana", "mwana"},
    {"E", "murume", "mudzimai", "wandakaroorana naye"},
    {"WP", "tezvara", "ambuya", "vabereki vemudzimai"},
    {"HP", "tezvara", "vamwene", "vabereki vemurume"},
    {"SE", "mukuwasha", "muroora", "muroora kana mukuwasha"},
    {"DE", "mukuwasha", "muroora", "muroora kana mukuwasha"},
    {"BW", "maiguru", "maiguru", "maiguru"},
    {"m:WB", "tezvara", "tezvara", "tezvara"},
    {"Q", "baba vokurera", "amai vokurera", "mubereki wokurera"},
    {"K", "mwana wokurera", "mwana wokurera", "mwana wokurera"},
    {"J", "hama yokurera", "hama yokurera", "hama yokurera"},
    {"U", "muchengeti", "muchengeti", "muchengeti"},
    {"V", "muchengetwa", "muchengetwa", "muchengetwa"},
};

}  // namespace

constinit const WordTable kWordsShona{
    .language = {"sn", "chiShona", true},
    .rules = kRules,
    .self = "iye pachake",
    .composition = "{y} va{x}",
    .adoptive = "{w} (vokurera)",
    .adopted = "{w} (wokurera)",
    .foster = "{w} (wokurera)",
    .distant = "hukama hwevanhu {n}",
    .great = nullptr,
    .cousin = nullptr,
};

}  // namespace tablinum::tree::kinship
