/// Spanish words for relations. How patterns are read: word_table.h.
/// Cousins are counted: a parent's "primo hermano" is a "tío segundo", that cousin's child a "primo segundo".
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    // Ancestors and descendants
    {"P", "padre", "madre", "padre o madre"},
    {"PP", "abuelo", "abuela", "abuelo o abuela"},
    {"PPP", "bisabuelo", "bisabuela", "bisabuelo o bisabuela"},
    {"PPPP", "tatarabuelo", "tatarabuela", "tatarabuelo o tatarabuela"},
    {"PPPPP", "trastatarabuelo", "trastatarabuela", "trastatarabuelo o trastatarabuela"},
    {"PPPPPP+", "{great}.º abuelo", "{great}.ª abuela", "{great}.º abuelo o {great}.ª abuela"},
    {"C", "hijo", "hija", "hijo o hija"},
    {"CC", "nieto", "nieta", "nieto o nieta"},
    {"CCC", "bisnieto", "bisnieta", "bisnieto o bisnieta"},
    {"CCCC", "tataranieto", "tataranieta", "tataranieto o tataranieta"},
    {"CCCCC", "trastataranieto", "trastataranieta", "trastataranieto o trastataranieta"},
    {"CCCCCC+", "{great}.º nieto", "{great}.ª nieta", "{great}.º nieto o {great}.ª nieta"},
    {"U", "tutor", "tutora", "tutor o tutora"},
    {"V", "pupilo", "pupila", "pupilo o pupila"},
    // Siblings, their descendants, and the siblings of ancestors; half ones first
    {"g", "medio hermano", "media hermana", "medio hermano o media hermana"},
    {"G", "hermano", "hermana", "hermano o hermana"},
    {"Pg", "medio tío", "media tía", "medio tío o media tía"},
    {"PG", "tío", "tía", "tío o tía"},
    {"PPG", "tío abuelo", "tía abuela", "tío abuelo o tía abuela"},
    {"PPPG", "tío bisabuelo", "tía bisabuela", "tío bisabuelo o tía bisabuela"},
    {"PPPPG", "tío tatarabuelo", "tía tatarabuela", "tío tatarabuelo o tía tatarabuela"},
    {"gC", "medio sobrino", "media sobrina", "medio sobrino o media sobrina"},
    {"GC", "sobrino", "sobrina", "sobrino o sobrina"},
    {"GCC", "sobrino nieto", "sobrina nieta", "sobrino nieto o sobrina nieta"},
    {"GCCC", "sobrino bisnieto", "sobrina bisnieta", "sobrino bisnieto o sobrina bisnieta"},
    {"GCCCC", "sobrino tataranieto", "sobrina tataranieta", "sobrino tataranieto o sobrina tataranieta"},
    {"PgC", "medio primo", "media prima", "medio primo o media prima"},
    {"PGC", "primo hermano", "prima hermana", "primo hermano o prima hermana"},
    {"PPGC", "tío segundo", "tía segunda", "tío segundo o tía segunda"},
    {"PPPGC", "tío abuelo segundo", "tía abuela segunda", "tío abuelo segundo o tía abuela segunda"},
    {"PGCC", "sobrino segundo", "sobrina segunda", "sobrino segundo o sobrina segunda"},
    {"PGCCC", "sobrino nieto segundo", "sobrina nieta segunda", "sobrino nieto segundo o sobrina nieta segunda"},
    {"PPGCC", "primo segundo", "prima segunda", "primo segundo o prima segunda"},
    {"PPPGCC", "tío tercero", "tía tercera", "tío tercero o tía tercera"},
    {"PPGCCC", "sobrino tercero", "sobrina tercera", "sobrino tercero o sobrina tercera"},
    {"PPPGCCC", "primo tercero", "prima tercera", "primo tercero o prima tercera"},
    {"PPPPGCCCC", "primo cuarto", "prima cuarta", "primo cuarto o prima cuarta"},
    {"PPPPPGCCCCC", "primo quinto", "prima quinta", "primo quinto o prima quinta"},
    // By one's own marriage
    {"E", "marido", "mujer", "cónyuge"},
    {"EP", "suegro", "suegra", "suegro o suegra"},
    {"EPP", "abuelo político", "abuela política", "abuelo político o abuela política"},
    {"EG", "cuñado", "cuñada", "cuñado o cuñada"},
    {"EGE", "concuñado", "concuñada", "concuñado o concuñada"},
    {"EPG", "tío político", "tía política", "tío político o tía política"},
    {"EGC", "sobrino político", "sobrina política", "sobrino político o sobrina política"},
    {"EPGC", "primo político", "prima política", "primo político o prima política"},
    // By a relative's marriage
    {"GE", "cuñado", "cuñada", "cuñado o cuñada"},
    {"CE", "yerno", "nuera", "yerno o nuera"},
    {"CCE", "nieto político", "nieta política", "nieto político o nieta política"},
    {"CEP", "consuegro", "consuegra", "consuegro o consuegra"},
    {"PGE", "tío político", "tía política", "tío político o tía política"},
    {"PPGE", "tío abuelo político", "tía abuela política", "tío abuelo político o tía abuela política"},
    {"GCE", "sobrino político", "sobrina política", "sobrino político o sobrina política"},
    {"PGCE", "primo político", "prima política", "primo político o prima política"},
    // Step kin
    {"Q", "padrastro", "madrastra", "padrastro o madrastra"},
    {"QP", "abuelastro", "abuelastra", "abuelastro o abuelastra"},
    {"PQ", "abuelastro", "abuelastra", "abuelastro o abuelastra"},
    {"K", "hijastro", "hijastra", "hijastro o hijastra"},
    {"KC", "nietastro", "nietastra", "nietastro o nietastra"},
    {"CK", "nietastro", "nietastra", "nietastro o nietastra"},
    {"J", "hermanastro", "hermanastra", "hermanastro o hermanastra"},
};

/// Grandparents are counted where names for them end: a parent's trastatarabuelo is the fifth abuelo.
std::string great(std::uint32_t count) { return std::to_string(count + 4); }

}  // namespace

constinit const WordTable kWordsSpanish{
    .language = {"es", "español", false},
    .rules = kRules,
    .self = "la misma persona",
    .composition = "{y} de su {x}",
    .composition_feminine = {},
    .adoptive = "{w} por adopción",
    .adopted = "{w} por adopción",
    .foster = "{w} de acogida",
    .distant = "un parentesco que pasa por {n} personas",
    .great = great,
    .cousin = nullptr,
};

}  // namespace tablinum::tree::kinship
