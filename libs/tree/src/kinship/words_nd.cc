/// Northern Ndebele words for relations: a draft that speakers have not read yet, and marked so wherever it is used.
/// How patterns are read: word_table.h.
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    {"P", "ubaba", "umama", "umzali"},
    {"PP", "ubabamkhulu", "ugogo", "ubabamkhulu kumbe ugogo"},
    {"PPP+", "ukhokho", "ukhokho", "ukhokho"},
    {"C", "indodana", "indodakazi", "umntwana"},
    {"CC", "umzukulu", "umzukulu", "umzukulu"},
    {"CCC+", "isizukulwana", "isizukulwana", "isizukulwana"},
    {"m:eB", "umnewethu", "umnewethu", "umnewethu"},
    {"G", "umfowethu", "udadewethu", "isihlobo"},
    {"FeB", "ubabomkhulu", "ubabomkhulu", "ubabomkhulu"},
    {"FyB", "ubabomncane", "ubabomncane", "ubabomncane"},
    {"FZ", "ubabakazi", "ubabakazi", "ubabakazi"},
    {"MB", "umalume", "umalume", "umalume"},
    {"MeZ", "umamomkhulu", "umamomkhulu", "umamomkhulu"},
    {"MyZ", "umamomncane", "umamomncane", "umamomncane"},
    {"FZC", "umzawami", "umzawami", "umzawami"},
    {"MBC", "umzawami", "umzawami", "umzawami"},
    {"m:ZC", "umtshana", "umtshana", "umtshana"},
    {"E", "umkami (indoda)", "umkami", "umkami"},
    {"EP", "ubabezala", "umamezala", "umzali womkami"},
    {"CE", "umkhwenyana", "umalokazana", "umalokazana kumbe umkhwenyana"},
    {"EG", "umlamu", "umlamu", "umlamu"},
    {"Q", "ubaba wesibili", "umama wesibili", "umzali wesibili"},
    {"K", "umntwana wesibili", "umntwana wesibili", "umntwana wesibili"},
    {"J", "isihlobo sesibili", "isihlobo sesibili", "isihlobo sesibili"},
    {"U", "umondli", "umondli", "umondli"},
    {"V", "umondliwa", "umondliwa", "umondliwa"},
};

}  // namespace

constinit const WordTable kWordsNdebele{
    .language = {"nd", "isiNdebele", true},
    .rules = kRules,
    .self = "nguye uqobo",
    .composition = "{y} ka{x}",
    .adoptive = "{w} (wokukhulisa)",
    .adopted = "{w} (wokukhuliswa)",
    .foster = "{w} (wokukhuliswa)",
    .distant = "ubuhlobo babantu abangu-{n}",
    .great = nullptr,
    .cousin = nullptr,
};

}  // namespace tablinum::tree::kinship
