/// Hebrew words for relations: a draft that speakers have not read yet, and marked so wherever it is used.
/// Beyond the great-grandparents ("סבא רבא") and great-grandchildren ("נין") the generation is counted. Siblings of ancestors further away
/// than a parent, and children of nephews and nieces, have no word in common use: "brother of a grandfather" is composed.
/// How patterns are read: word_table.h.
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    // Ancestors and descendants
    {"P", "אב", "אם", "הורה"},
    {"PP", "סבא", "סבתא", "סבא או סבתא"},
    {"PPP", "סבא רבא", "סבתא רבתא", "סבא רבא או סבתא רבתא"},
    {"PPPP+", "סבא רבא ({great})", "סבתא רבתא ({great})", "סבא רבא או סבתא רבתא ({great})"},
    {"C", "בן", "בת", "ילד"},
    {"CC", "נכד", "נכדה", "נכד או נכדה"},
    {"CCC", "נין", "נינה", "נין או נינה"},
    {"CCCC+", "צאצא ({great})", "צאצאית ({great})", "צאצא או צאצאית ({great})"},
    {"U", "אפוטרופוס", "אפוטרופסית", "אפוטרופוס"},
    {"V", "חסוי", "חסויה", "חסוי או חסויה"},
    // Siblings, their descendants, and the siblings of ancestors; half ones first
    {"g", "אח למחצה", "אחות למחצה", "אח או אחות למחצה"},
    {"G", "אח", "אחות", "אח או אחות"},
    {"PG", "דוד", "דודה", "דוד או דודה"},
    {"GC", "אחיין", "אחיינית", "אחיין או אחיינית"},
    {"PGC", "בן דוד", "בת דודה", "בן דוד או בת דודה"},
    {"PPGCC", "בן דוד מדרגה שנייה", "בת דודה מדרגה שנייה", "בן דוד או בת דודה מדרגה שנייה"},
    {"PPPGCCC", "בן דוד מדרגה שלישית", "בת דודה מדרגה שלישית", "בן דוד או בת דודה מדרגה שלישית"},
    // By one's own marriage
    {"E", "בעל", "אישה", "בן או בת זוג"},
    {"m:EP", "חותן", "חותנת", "חותן או חותנת"},
    {"f:EP", "חם", "חמות", "חם או חמות"},
    {"EP", "אב של בן או בת הזוג", "אם של בן או בת הזוג", "הורה של בן או בת הזוג"},
    {"EG", "גיס", "גיסה", "גיס או גיסה"},
    {"EGE", "גיס", "גיסה", "גיס או גיסה"},
    // By a relative's marriage
    {"GE", "גיס", "גיסה", "גיס או גיסה"},
    {"CE", "חתן", "כלה", "חתן או כלה"},
    {"CEP", "מחותן", "מחותנת", "מחותן או מחותנת"},
    // Step kin
    {"Q", "אב חורג", "אם חורגת", "הורה חורג"},
    {"K", "בן חורג", "בת חורגת", "ילד חורג"},
    {"J", "אח חורג", "אחות חורגת", "אח חורג או אחות חורגת"},
};

std::string great(std::uint32_t count) { return "דור " + std::to_string(count + 3); }

}  // namespace

constinit const WordTable kWordsHebrew{
    .language = {"he", "עברית", true},
    .rules = kRules,
    .self = "אותו אדם",
    .composition = "{y} של {x}",
    .adoptive = "{w} (באימוץ)",
    .adopted = "{w} (באימוץ)",
    .foster = "{w} (באומנה)",
    .distant = "קרבה דרך {n} אנשים",
    .great = great,
    .cousin = nullptr,
};

}  // namespace tablinum::tree::kinship
