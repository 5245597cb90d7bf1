// The API's types, in the words of openapi.h. web/src/api/types.ts says the same to the pages.
#include "routes.h"

namespace tablinum::genealogy_service {

void add_types(api::Description& description) {
  auto& types = description.types;
  types.push_back(
      {.name = "Problem",
       .description = {},
       .members = {
           {.name = "type", .type = "string"},
           {.name = "code",
            .type = "string",
            .description = "Stable; translated by the client: `not_found`, `validation`, `too_large`, `version_conflict`, "
                           "`unavailable`, …"},
           {.name = "title", .type = "string"},
           {.name = "status", .type = "int"},
           {.name = "detail", .type = "string"},
           {.name = "requestId", .type = "string"},
           {.name = "errors", .type = "FieldError[]", .description = "422 only.", .optional = true},
       }});
  types.push_back({.name = "FieldError",
                   .description = {},
                   .members = {
                       {.name = "field", .type = "string"},
                       {.name = "message", .type = "string"},
                       {.name = "type", .type = "string"},
                       {.name = "pointer",
                        .type = "string",
                        .description = "RFC 6901 pointer into the request body, or the parameter's name."},
                   }});
  types.push_back({.name = "VersionInfo",
                   .description = {},
                   .members = {
                       {.name = "name", .type = "string"},
                       {.name = "version", .type = "string"},
                   }});
  types.push_back({.name = "Tree",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "name", .type = "string"},
                       {.name = "description", .type = "string"},
                       {.name = "version",
                        .type = "int",
                        .description = "Rises with each change in the tree; also the weak ETag of its lists."},
                       {.name = "persons", .type = "int"},
                       {.name = "families", .type = "int"},
                       {.name = "homePersonId",
                        .type = "uuid?",
                        .description = "The person charts begin with: the file's choice, else the one with the most relatives. "
                                       "Null in an empty tree."},
                       {.name = "createdAt", .type = "timestamp"},
                       {.name = "updatedAt", .type = "timestamp"},
                   }});
  types.push_back({.name = "NewTree",
                   .description = {},
                   .members = {
                       {.name = "name", .type = "string"},
                       {.name = "description", .type = "string", .optional = true},
                   }});
  types.push_back({.name = "TreeStatisticsDecades",
                   .description = {},
                   .members = {
                       {.name = "decade", .type = "int"},
                       {.name = "births", .type = "int"},
                       {.name = "deaths", .type = "int"},
                   }});
  types.push_back({.name = "TreeStatisticsEvidence",
                   .description = {},
                   .members = {
                       {.name = "none", .type = "int"},
                       {.name = "byQuality", .type = "int[]"},
                   }});
  types.push_back(
      {.name = "TreeStatistics",
       .description = {},
       .members = {
           {.name = "persons", .type = "int"},
           {.name = "namedPersons", .type = "int"},
           {.name = "livingPersons", .type = "int"},
           {.name = "families", .type = "int"},
           {.name = "events", .type = "int"},
           {.name = "places", .type = "int"},
           {.name = "sources", .type = "int"},
           {.name = "citations", .type = "int"},
           {.name = "repositories", .type = "int"},
           {.name = "media", .type = "int"},
           {.name = "notes", .type = "int"},
           {.name = "generations", .type = "int", .description = "Longest line from an ancestor to a descendant, in people."},
           {.name = "earliestYear", .type = "int?"},
           {.name = "latestYear", .type = "int?"},
           {.name = "surnames", .type = "NamedCount[]", .description = "At most 20, most frequent first."},
           {.name = "topPlaces",
            .type = "NamedCount[]",
            .description = "At most 20, most frequent first; `id` is the place's."},
           {.name = "decades",
            .type = "TreeStatisticsDecades[]",
            .description = "Births and deaths by decade, ascending, decades without any left out."},
           {.name = "evidence",
            .type = "TreeStatisticsEvidence",
            .description = "Persons with at least one fact by quality of its best citation; index 0…3, and `none` for those "
                           "without a citation."},
       }});
  types.push_back({.name = "NamedCount",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid?"},
                       {.name = "name", .type = "string"},
                       {.name = "count", .type = "int"},
                   }});
  types.push_back(
      {.name = "DateValue",
       .description = {},
       .members = {
           {.name = "original", .type = "string", .description = "As it was written."},
           {.name = "kind", .type = "'exact'|'about'|'before'|'after'|'between'|'period'|'text'"},
           {.name = "from",
            .type = "string?",
            .description = "First and last day it can mean, in the proleptic Gregorian calendar: `1902-05-03`, `-0043-03-15` "
                           "(astronomical year)."},
           {.name = "to", .type = "string?"},
           {.name = "calendar", .type = "'gregorian'|'julian'|'hebrew'|'french-republican'"},
           {.name = "precision",
            .type = "'day'|'month'|'year'|'none'",
            .description = "How exactly it was stated; `about 1850` has precision `year`."},
       }});
  types.push_back({.name = "PlaceRef",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid?"},
                       {.name = "text", .type = "string"},
                   }});
  types.push_back({.name = "VitalBrief",
                   .description = {},
                   .members = {
                       {.name = "date", .type = "DateValue?"},
                       {.name = "place", .type = "PlaceRef?"},
                   }});
  types.push_back({.name = "PersonBrief",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "name",
                        .type = "string",
                        .description = "Preferred name in reading order, without slashes; empty when no name is known."},
                       {.name = "given", .type = "string"},
                       {.name = "surname", .type = "string"},
                       {.name = "sex", .type = "'F'|'M'|'X'|'U'"},
                       {.name = "living", .type = "bool"},
                       {.name = "hidden",
                        .type = "bool",
                        .description = "True: a living person the reader may not see. Name is empty, birth and death are null; "
                                       "say \"Living person\"."},
                       {.name = "birth", .type = "VitalBrief?"},
                       {.name = "death", .type = "VitalBrief?"},
                       {.name = "quality",
                        .type = "int?",
                        .description = "Best citation quality among the birth and death facts, null when neither is cited."},
                       {.name = "portraitUrl", .type = "uri?", .description = "128 px square, or null."},
                   }});
  types.push_back({.name = "AnchorsAnchors",
                   .description = {},
                   .members = {
                       {.name = "row", .type = "int"},
                       {.name = "label", .type = "string"},
                       {.name = "cursor", .type = "string?"},
                   }});
  types.push_back({.name = "AnchorsInitials",
                   .description = {},
                   .members = {
                       {.name = "initial", .type = "string"},
                       {.name = "row", .type = "int"},
                       {.name = "cursor", .type = "string?"},
                   }});
  types.push_back(
      {.name = "Anchors",
       .description = {},
       .members = {
           {.name = "total", .type = "int"},
           {.name = "step", .type = "int", .description = "Rows between two anchors: 500."},
           {.name = "anchors", .type = "AnchorsAnchors[]", .description = "Row 0, 500, 1000, …"},
           {.name = "initials",
            .type = "AnchorsInitials[]",
            .description = "First row of each initial of the sort key, in list order; empty when the key is not a name."},
       }});
  types.push_back({.name = "PersonCounts",
                   .description = {},
                   .members = {
                       {.name = "citations", .type = "int"},
                       {.name = "media", .type = "int"},
                       {.name = "notes", .type = "int"},
                       {.name = "events", .type = "int"},
                   }});
  types.push_back({.name = "PersonRelationToHome",
                   .description = {},
                   .members = {
                       {.name = "personId", .type = "uuid"},
                       {.name = "name", .type = "string"},
                       {.name = "words", .type = "string"},
                   }});
  types.push_back(
      {.name = "Person",
       .description = {},
       .members = {
           {.name = "id", .type = "uuid"},
           {.name = "version", .type = "int"},
           {.name = "treeId", .type = "uuid"},
           {.name = "brief", .type = "PersonBrief"},
           {.name = "names", .type = "PersonName[]", .description = "Preferred first."},
           {.name = "sex", .type = "'F'|'M'|'X'|'U'"},
           {.name = "living", .type = "bool"},
           {.name = "livingStated",
            .type = "bool?",
            .description = "The user's own word; null leaves it to the rule."},
           {.name = "facts",
            .type = "Fact[]",
            .description = "In the order of the life; facts of the same type stand together, the preferred one first."},
           {.name = "portrait", .type = "MediaRef?"},
           {.name = "counts",
            .type = "PersonCounts",
            .description = "Number of notes, media, citations: what the tabs show before they are opened."},
           {.name = "notes", .type = "Note[]"},
           {.name = "relationToHome",
            .type = "PersonRelationToHome?",
            .description =
                "\"your great-aunt\": relation to the tree's home person, in the language asked for; null when it is "
                "not known or is self."},
           {.name = "redacted",
            .type = "string[]",
            .description = "Names of the members that were left out because of privacy; empty when nothing was."},
           {.name = "changedAt", .type = "timestamp?"},
           {.name = "family", .type = "PersonFamily", .description = "Present when `include` names it.", .optional = true},
       }});
  types.push_back({.name = "PersonNameVariants",
                   .description = {},
                   .members = {
                       {.name = "text", .type = "string"},
                       {.name = "lang", .type = "string?"},
                       {.name = "kind", .type = "string"},
                   }});
  types.push_back(
      {.name = "PersonName",
       .description = {},
       .members = {
           {.name = "id", .type = "string"},
           {.name = "kind",
            .type = "string",
            .description = "birth, married, maiden, aka, immigrant, professional, religious, other; a phrase is in `phrase`."},
           {.name = "phrase", .type = "string?"},
           {.name = "text", .type = "string", .description = "In reading order, without slashes."},
           {.name = "prefix", .type = "string"},
           {.name = "given", .type = "string"},
           {.name = "nickname", .type = "string"},
           {.name = "surnamePrefix", .type = "string"},
           {.name = "surname", .type = "string"},
           {.name = "suffix", .type = "string"},
           {.name = "lang", .type = "string?"},
           {.name = "variants", .type = "PersonNameVariants[]", .description = "Romanised and other scripts of this name."},
           {.name = "citations", .type = "int"},
       }});
  types.push_back(
      {.name = "Fact",
       .description = {},
       .members = {
           {.name = "id", .type = "string", .description = "Stable inside the archive; also the anchor of the page."},
           {.name = "type", .type = "string", .description = "GEDCOM tag: `BIRT`, `OCCU`, `MARR`, `EVEN`, `_LOBOLA`, …"},
           {.name = "typeText", .type = "string?", .description = "TYPE's text, for EVEN, FACT and where one stands."},
           {.name = "value", .type = "string", .description = "The line's value: occupation, title, clan, …"},
           {.name = "date", .type = "DateValue?"},
           {.name = "place", .type = "PlaceRef?"},
           {.name = "cause", .type = "string?"},
           {.name = "age",
            .type = "string?",
            .description = "AGE as written; the reader computes one from the birth where it is null."},
           {.name = "quality", .type = "int?", .description = "Best quality among its citations; null without citation."},
           {.name = "citations", .type = "int"},
           {.name = "notes", .type = "Note[]"},
           {.name = "familyId",
            .type = "uuid?",
            .description =
                "The family whose fact it is (marriage, divorce), with the other partner; null for the person's own."},
           {.name = "partner", .type = "PersonBrief?"},
           {.name = "preferred",
            .type = "bool",
            .description = "False: another fact of the same type is preferred and this one says something else."},
       }});
  types.push_back(
      {.name = "Note",
       .description = {},
       .members = {
           {.name = "id", .type = "uuid?"},
           {.name = "part",
            .type = "string?",
            .description = "Of the record it is read with: what setNote and remove take. Null where it cannot be named."},
           {.name = "text", .type = "string"},
           {.name = "lang", .type = "string?"},
           {.name = "mime", .type = "string", .description = "`text/plain` or `text/html` (GEDCOM 7); HTML is shown as text."},
       }});
  types.push_back(
      {.name = "PersonFamily",
       .description = {},
       .members = {
           {.name = "parentFamilies",
            .type = "ParentFamily[]",
            .description = "Families the person is a child of, the primary one first."},
           {.name = "unions", .type = "Union[]", .description = "Families the person is a partner of, in order of time."},
       }});
  types.push_back({.name = "ParentFamilyHalfSiblings",
                   .description = {},
                   .members = {
                       {.name = "partnerId", .type = "uuid"},
                       {.name = "children", .type = "ChildRef[]"},
                   }});
  types.push_back({.name = "ParentFamily",
                   .description = {},
                   .members = {
                       {.name = "familyId", .type = "uuid"},
                       {.name = "pedigree",
                        .type = "'birth'|'adopted'|'foster'|'sealing'|'step'|'guardian'|'surrogate'|'donor'|'other'|'unknown'"},
                       {.name = "primary", .type = "bool"},
                       {.name = "partners", .type = "PersonBrief[]", .description = "0…2, in the file's order."},
                       {.name = "union", .type = "UnionFacts"},
                       {.name = "children",
                        .type = "ChildRef[]",
                        .description = "Children of that family in order, the person among them."},
                       {.name = "halfSiblings",
                        .type = "ParentFamilyHalfSiblings[]",
                        .description = "Children that one of the partners has in other families."},
                   }});
  types.push_back({.name = "Union",
                   .description = {},
                   .members = {
                       {.name = "familyId", .type = "uuid"},
                       {.name = "partner", .type = "PersonBrief?", .description = "Null: the other partner is not known."},
                       {.name = "union", .type = "UnionFacts"},
                       {.name = "children", .type = "ChildRef[]"},
                   }});
  types.push_back({.name = "UnionFacts",
                   .description = {},
                   .members = {
                       {.name = "status",
                        .type = "string",
                        .description = "married, customary, civil, religious, divorced, partners, unknown."},
                       {.name = "marriage", .type = "VitalBrief?"},
                       {.name = "divorce", .type = "VitalBrief?"},
                       {.name = "facts", .type = "Fact[]"},
                   }});
  types.push_back({.name = "ChildRef",
                   .description = {},
                   .members = {
                       {.name = "person", .type = "PersonBrief"},
                       {.name = "pedigree",
                        .type = "'birth'|'adopted'|'foster'|'sealing'|'step'|'guardian'|'surrogate'|'donor'|'other'|'unknown'"},
                   }});
  types.push_back({.name = "Family",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "version", .type = "int"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "partners", .type = "PersonBrief[]"},
                       {.name = "union", .type = "UnionFacts"},
                       {.name = "children", .type = "ChildRef[]"},
                       {.name = "notes", .type = "Note[]"},
                   }});
  types.push_back({.name = "Timeline",
                   .description = {},
                   .members = {
                       {.name = "items", .type = "TimelineEntry[]"},
                   }});
  types.push_back({.name = "TimelineEntry",
                   .description = {},
                   .members = {
                       {.name = "fact", .type = "Fact"},
                       {.name = "relation",
                        .type = "'self'|'father'|'mother'|'parent'|'partner'|'child'|'sibling'",
                        .description = "self, or whose event it is."},
                       {.name = "person", .type = "PersonBrief?", .description = "Null when relation is self."},
                   }});
  types.push_back({.name = "CitationSource",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid?"},
                       {.name = "title", .type = "string"},
                   }});
  types.push_back({.name = "CitationSupports",
                   .description = {},
                   .members = {
                       {.name = "factId", .type = "string"},
                       {.name = "type", .type = "string"},
                       {.name = "typeText", .type = "string?"},
                   }});
  types.push_back({.name = "Citation",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "string"},
                       {.name = "source", .type = "CitationSource"},
                       {.name = "page", .type = "string"},
                       {.name = "quality", .type = "int?"},
                       {.name = "text", .type = "string", .description = "The quote from the source."},
                       {.name = "date", .type = "DateValue?"},
                       {.name = "supports",
                        .type = "CitationSupports[]",
                        .description = "What it supports: the fact's type, or `NAME`, `INDI`."},
                       {.name = "media", .type = "MediaRef[]"},
                       {.name = "notes", .type = "Note[]"},
                   }});
  types.push_back(
      {.name = "Relationship",
       .description = {},
       .members = {
           {.name = "a", .type = "PersonBrief"},
           {.name = "b", .type = "PersonBrief"},
           {.name = "words", .type = "string?", .description = "\"great-aunt\"; null when no relation is known."},
           {.name = "wordsReviewed",
            .type = "bool",
            .description = "False: the words for this language are a draft, or English stands in for it."},
           {.name = "coefficient",
            .type = "number",
            .description = "Kinship coefficient by birth, 0…0.5 and above with inbreeding."},
           {.name = "lines", .type = "RelationshipLine[]", .description = "Blood lines first, then the closest by marriage."},
           {.name = "truncated",
            .type = "bool",
            .description = "True: the limit of lines or steps was reached; there may be more."},
       }});
  types.push_back({.name = "RelationshipLinePath",
                   .description = {},
                   .members = {
                       {.name = "person", .type = "PersonBrief"},
                       {.name = "step", .type = "'start'|'parent'|'child'|'partner'|'sibling'"},
                       {.name = "pedigree",
                        .type = "'birth'|'adopted'|'foster'|'sealing'|'step'|'guardian'|'surrogate'|'donor'|'other'|'unknown'"},
                   }});
  types.push_back({.name = "RelationshipLine",
                   .description = {},
                   .members = {
                       {.name = "words", .type = "string"},
                       {.name = "blood", .type = "bool"},
                       {.name = "commonAncestors",
                        .type = "PersonBrief[]",
                        .description = "Where both chains meet: one person or a couple; empty for a line by marriage."},
                       {.name = "path",
                        .type = "RelationshipLinePath[]",
                        .description = "From a to b, both included; `step` says how one gets there from the one before."},
                   }});
  types.push_back(
      {.name = "KinRow",
       .description = {},
       .members = {
           {.name = "person", .type = "PersonBrief"},
           {.name = "generation", .type = "int", .description = "1: parents or children."},
           {.name = "number",
            .type = "string",
            .description = "Sosa number for ancestors (text: it grows without limit), d'Aboville for descendants (`1.2.1`)."},
           {.name = "pedigree",
            .type = "'birth'|'adopted'|'foster'|'sealing'|'step'|'guardian'|'surrogate'|'donor'|'other'|'unknown'"},
       }});
  types.push_back({.name = "ChartSizes",
                   .description = {},
                   .members = {
                       {.name = "width", .type = "int"},
                       {.name = "height", .type = "int"},
                   }});
  types.push_back(
      {.name = "ChartBoxes",
       .description = {},
       .members = {
           {.name = "person", .type = "uuid[]"},
           {.name = "x", .type = "int[]", .description = "Left upper corner."},
           {.name = "y", .type = "int[]"},
           {.name = "size", .type = "int[]"},
           {.name = "given", .type = "string[]"},
           {.name = "surname", .type = "int[]"},
           {.name = "birth", .type = "int[]", .description = "Years, 0 when not known (there is no year 0 here: 1 BCE is -1)."},
           {.name = "death", .type = "int[]"},
           {.name = "birthPlace", .type = "int[]", .description = "-1 when not known."},
           {.name = "sex", .type = "string", .description = "One character a box: F, M, X, U."},
           {.name = "living",
            .type = "string",
            .description = "One character a box: `0` dead, `1` living, `h` a hidden living person."},
           {.name = "quality",
            .type = "string",
            .description = "One character a box: `0`…`3`, `-` without citation (PersonBrief.quality)."},
           {.name = "about", .type = "string", .description = "One character a box: `1` when the birth year is not exact."},
           {.name = "generation",
            .type = "int[]",
            .description = "0 = the root's, positive = ancestors, negative = descendants."},
           {.name = "from",
            .type = "int[]",
            .description = "The box from which this one is reached in the outline; -1 for the root."},
           {.name = "step",
            .type = "string",
            .description =
                "One character a box, how: `r` root, `p` parent of `from`, `c` child of `from`, `s` partner of `from`, `b` brother or "
                "sister of `from`."},
           {.name = "same",
            .type = "int[]",
            .description =
                "Box in which the same person is drawn already, -1 otherwise (\"see above\": its relatives are not repeated)."},
           {.name = "hiddenUp",
            .type = "int[]",
            .description = "Relatives that the chart's limits leave out: parents above, children below."},
           {.name = "hiddenDown", .type = "int[]"},
       }});
  types.push_back(
      {.name = "ChartUnions",
       .description = {},
       .members = {
           {.name = "a", .type = "int[]", .description = "Boxes of the partners, -1 when one is not drawn."},
           {.name = "b", .type = "int[]"},
           {.name = "x", .type = "int[]", .description = "Where the partners' line and the children's line meet."},
           {.name = "y", .type = "int[]"},
           {.name = "bar",
            .type = "int[]",
            .description = "y (direction down) or x (direction right) of the bar from which the children hang."},
           {.name = "year", .type = "int[]", .description = "Year of marriage, 0 when not known."},
           {.name = "ended", .type = "string", .description = "One character a union: `1` when it ended by divorce."},
           {.name = "first",
            .type = "int[]",
            .description =
                "Children of union u: `child.slice(first[u], first[u + 1])`; first has one entry more than there are unions."},
           {.name = "child", .type = "int[]"},
           {.name = "pedigree",
            .type = "string",
            .description =
                "One character a child: `b` birth, `a` adopted, `f` foster, `s` step, `g` guardian, `o` another or unknown."},
       }});
  types.push_back(
      {.name = "ChartFan",
       .description = "People in rings of sectors round the root: `boxes.x`, `y` and `size` mean nothing there.",
       .members = {
           {.name = "x", .type = "int", .description = "Middle of the circles."},
           {.name = "y", .type = "int"},
           {.name = "begin",
            .type = "int[]",
            .description = "By box: thousandths of a degree clockwise from the top. The root has the whole of its circle."},
           {.name = "end", .type = "int[]"},
           {.name = "inner", .type = "int[]", .description = "By box: radii."},
           {.name = "outer", .type = "int[]"},
       }});
  types.push_back(
      {.name = "ChartTimeline",
       .description = "Lives on a scale of years; what is not listed by box is listed by year.",
       .members = {
           {.name = "from", .type = "int[]", .description = "x of the first and last day, by box; equal: no year is known."},
           {.name = "to", .type = "int[]"},
           {.name = "open", .type = "string", .description = "One character a box: `1` the first is not known, `2` the last, `3` neither."},
           {.name = "ticks", .type = "int[]", .description = "x of the years of the scale."},
           {.name = "years", .type = "int[]"},
       }});
  types.push_back({.name = "ChartMapPlaces",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid[]"},
                       {.name = "name", .type = "string[]"},
                       {.name = "latitude", .type = "number[]"},
                       {.name = "longitude", .type = "number[]"},
                   }});
  types.push_back(
      {.name = "ChartMap",
       .description = "Where lives went: stays of one box after the other, each in the order of the life. `boxes.x` and `y` are of the "
                      "picture that SVG and PDF show.",
       .members = {
           {.name = "places", .type = "ChartMapPlaces"},
           {.name = "box", .type = "int[]", .description = "By stay: whose."},
           {.name = "place", .type = "int[]", .description = "By stay: index into `places`."},
           {.name = "year", .type = "int[]", .description = "By stay; 0 when not known."},
       }});
  types.push_back(
      {.name = "ChartRoutes",
       .description = "Lines that do not follow from their union's x, y and bar.",
       .members = {
           {.name = "union", .type = "int[]"},
           {.name = "box", .type = "int[]", .description = "The child to which it leads; -1: it joins the partners."},
           {.name = "count", .type = "int[]", .description = "Points of each, one after the other in x and y."},
           {.name = "x", .type = "int[]"},
           {.name = "y", .type = "int[]"},
       }});
  types.push_back({.name = "ChartPortraits",
                   .description = {},
                   .members = {
                       {.name = "box", .type = "int"},
                       {.name = "url", .type = "uri"},
                   }});
  types.push_back(
      {.name = "Chart",
       .description = {},
       .members = {
           {.name = "kind", .type = "'pedigree'|'descendants'|'hourglass'|'fan'|'relatives'|'everyone'|'path'|'timeline'|'map'"},
           {.name = "treeId", .type = "uuid"},
           {.name = "treeVersion", .type = "int"},
           {.name = "rootId", .type = "uuid"},
           {.name = "up", .type = "int"},
           {.name = "down", .type = "int"},
           {.name = "direction",
            .type = "'down'|'right'",
            .description = "Which way a generation goes: `down` = children below their parents, `right` = ancestors to the "
                           "right of the root."},
           {.name = "width", .type = "int", .description = "The bounding box of all boxes is 0, 0, width, height."},
           {.name = "height", .type = "int"},
           {.name = "truncated",
            .type = "bool",
            .description =
                "True: the limit of boxes (10,000) was reached; `hiddenUp` and `hiddenDown` say where more people are."},
           {.name = "sizes", .type = "ChartSizes[]", .description = "Sizes a box can have; `boxes.size` indexes it."},
           {.name = "surnames", .type = "string[]", .description = "Tables that `boxes.surname` and `boxes.birthPlace` index."},
           {.name = "places", .type = "string[]"},
           {.name = "boxes", .type = "ChartBoxes"},
           {.name = "unions", .type = "ChartUnions"},
           {.name = "fan", .type = "ChartFan", .description = "Only of a fan.", .optional = true},
           {.name = "timeline", .type = "ChartTimeline", .description = "Only of a timeline.", .optional = true},
           {.name = "map", .type = "ChartMap", .description = "Only of a map.", .optional = true},
           {.name = "routes", .type = "ChartRoutes", .description = "Only of relatives and of everyone.", .optional = true},
           {.name = "portraits", .type = "ChartPortraits[]", .description = "Only boxes with a picture."},
       }});
  types.push_back({.name = "SearchAnswerFacetsTypes",
                   .description = {},
                   .members = {
                       {.name = "type", .type = "'person'|'place'|'source'|'media'|'note'"},
                       {.name = "count", .type = "int"},
                   }});
  types.push_back({.name = "SearchAnswerFacetsDecades",
                   .description = {},
                   .members = {
                       {.name = "decade", .type = "int"},
                       {.name = "count", .type = "int"},
                   }});
  types.push_back({.name = "SearchAnswerFacets",
                   .description = {},
                   .members = {
                       {.name = "types", .type = "SearchAnswerFacetsTypes[]"},
                       {.name = "surnames", .type = "NamedCount[]"},
                       {.name = "places", .type = "NamedCount[]"},
                       {.name = "decades", .type = "SearchAnswerFacetsDecades[]"},
                   }});
  types.push_back({.name = "SearchAnswerAlso",
                   .description = {},
                   .members = {
                       {.name = "text", .type = "string"},
                       {.name = "match", .type = "'exact'|'folded'|'transliterated'|'prefix'|'typo'|'nickname'|'phonetic'"},
                       {.name = "count", .type = "int"},
                   }});
  types.push_back(
      {.name = "SearchAnswer",
       .description = {},
       .members = {
           {.name = "items", .type = "SearchHit[]"},
           {.name = "total", .type = "int"},
           {.name = "nextCursor", .type = "string?"},
           {.name = "facets", .type = "SearchAnswerFacets", .description = "Counted over all hits, not over the page."},
           {.name = "also",
            .type = "SearchAnswerAlso[]",
            .description = "Other spellings that were searched too: \"Mutassa 41 (sounds like)\"."},
           {.name = "tookMs", .type = "number"},
       }});
  types.push_back({.name = "SearchHitHighlightsParts",
                   .description = {},
                   .members = {
                       {.name = "text", .type = "string"},
                       {.name = "match", .type = "bool"},
                   }});
  types.push_back({.name = "SearchHitHighlights",
                   .description = {},
                   .members = {
                       {.name = "field", .type = "string"},
                       {.name = "parts", .type = "SearchHitHighlightsParts[]"},
                   }});
  types.push_back({.name = "SearchHit",
                   .description = {},
                   .members = {
                       {.name = "type", .type = "'person'|'place'|'source'|'media'|'note'"},
                       {.name = "id", .type = "uuid"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "title", .type = "string"},
                       {.name = "subtitle", .type = "string"},
                       {.name = "person", .type = "PersonBrief?", .description = "Present for type person."},
                       {.name = "score", .type = "number"},
                       {.name = "match",
                        .type = "'exact'|'folded'|'transliterated'|'prefix'|'typo'|'nickname'|'phonetic'",
                        .description = "The weakest way in which a word of the query was found."},
                       {.name = "highlights",
                        .type = "SearchHitHighlights[]",
                        .description = "Text in pieces, those that match marked; never markup."},
                   }});
  types.push_back({.name = "Suggestions",
                   .description = {},
                   .members = {
                       {.name = "items", .type = "Suggestion[]"},
                   }});
  types.push_back(
      {.name = "Suggestion",
       .description = {},
       .members = {
           {.name = "kind", .type = "'person'|'surname'|'given'|'place'|'source'"},
           {.name = "text", .type = "string"},
           {.name = "id", .type = "uuid?", .description = "Where it leads: person, place or source; null for a name."},
           {.name = "person", .type = "PersonBrief?", .description = "For kind person."},
           {.name = "count", .type = "int"},
       }});
  types.push_back({.name = "PlaceParents",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "name", .type = "string"},
                   }});
  types.push_back({.name = "PlaceOtherNames",
                   .description = {},
                   .members = {
                       {.name = "text", .type = "string"},
                       {.name = "lang", .type = "string?"},
                   }});
  types.push_back({.name = "Place",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "name", .type = "string", .description = "Smallest level: \"Mutare\"."},
                       {.name = "fullName", .type = "string", .description = "All levels: \"Mutare, Manicaland, Zimbabwe\"."},
                       {.name = "parents",
                        .type = "PlaceParents[]",
                        .description = "From the largest; the place itself is not among them."},
                       {.name = "latitude", .type = "number?"},
                       {.name = "longitude", .type = "number?"},
                       {.name = "events", .type = "int"},
                       {.name = "persons", .type = "int"},
                       {.name = "children", .type = "int", .description = "Places directly inside."},
                       {.name = "otherNames",
                        .type = "PlaceOtherNames[]",
                        .description = "Other spellings and names of the place in the tree."},
                   }});
  types.push_back({.name = "PlaceEvent",
                   .description = {},
                   .members = {
                       {.name = "fact", .type = "Fact"},
                       {.name = "persons", .type = "PersonBrief[]", .description = "The person, or both partners of a family."},
                   }});
  types.push_back({.name = "PlacePoints",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid[]"},
                       {.name = "name", .type = "string[]"},
                       {.name = "latitude", .type = "number[]"},
                       {.name = "longitude", .type = "number[]"},
                       {.name = "events", .type = "int[]"},
                   }});
  types.push_back({.name = "MediaRefCrop",
                   .description = {},
                   .members = {
                       {.name = "top", .type = "int"},
                       {.name = "left", .type = "int"},
                       {.name = "width", .type = "int"},
                       {.name = "height", .type = "int"},
                   }});
  types.push_back({.name = "MediaRef",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "title", .type = "string"},
                       {.name = "mime", .type = "string"},
                       {.name = "thumbnailUrl",
                        .type = "uri?",
                        .description = "256 px on the longer side; null: no picture can be made of it."},
                       {.name = "crop",
                        .type = "MediaRefCrop?",
                        .description = "Part of the picture that is meant, in its pixels; null: all of it."},
                   }});
  types.push_back(
      {.name = "Media",
       .description = {},
       .members = {
           {.name = "id", .type = "uuid"},
           {.name = "title", .type = "string"},
           {.name = "mime", .type = "string"},
           {.name = "thumbnailUrl",
            .type = "uri?",
            .description = "256 px on the longer side; null: no picture can be made of it."},
           {.name = "crop",
            .type = "MediaRefCrop?",
            .description = "Part of the picture that is meant, in its pixels; null: all of it."},
           {.name = "treeId", .type = "uuid"},
           {.name = "kind", .type = "'photo'|'document'|'audio'|'video'|'other'"},
           {.name = "fileName",
            .type = "string",
            .description = "As named in the file: a path or an address. Shown as text, never followed."},
           {.name = "contentUrl", .type = "uri?", .description = "The file itself; null: it did not come with the tree."},
           {.name = "bytes", .type = "int?"},
           {.name = "width", .type = "int?"},
           {.name = "height", .type = "int?"},
           {.name = "date", .type = "DateValue?"},
           {.name = "place", .type = "PlaceRef?"},
           {.name = "notes", .type = "Note[]"},
           {.name = "persons", .type = "PersonBrief[]", .description = "Who is in it or linked to it, at most 50."},
       }});
  types.push_back({.name = "SourceRepositories",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "name", .type = "string"},
                       {.name = "callNumber", .type = "string"},
                   }});
  types.push_back({.name = "Source",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "title", .type = "string"},
                       {.name = "author", .type = "string"},
                       {.name = "publication", .type = "string"},
                       {.name = "abbreviation", .type = "string"},
                       {.name = "text", .type = "string", .description = "The source's own text (transcription)."},
                       {.name = "repositories", .type = "SourceRepositories[]"},
                       {.name = "citations", .type = "int"},
                       {.name = "media", .type = "MediaRef[]"},
                       {.name = "notes", .type = "Note[]"},
                   }});
  types.push_back({.name = "SourceCitation",
                   .description = {},
                   .members = {
                       {.name = "citation", .type = "Citation"},
                       {.name = "persons",
                        .type = "PersonBrief[]",
                        .description = "Whose fact it supports: a person, or both partners of a family."},
                   }});
  types.push_back({.name = "ImportFormat",
                   .description = {},
                   .members = {
                       {.name = "version",
                        .type = "string",
                        .description = "`5.5`, `5.5.1`, `7.0`; what the file says, with the dialect it is kept in."},
                       {.name = "dialect", .type = "'5.5.1'|'7.0'"},
                       {.name = "encoding", .type = "string", .description = "`UTF-8`, `ANSEL`, … as detected."},
                       {.name = "gedzip", .type = "bool"},
                       {.name = "product", .type = "string?", .description = "HEAD.SOUR.NAME or HEAD.SOUR, as written."},
                       {.name = "language", .type = "string?"},
                   }});
  types.push_back({.name = "Import",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "treeId", .type = "uuid"},
                       {.name = "jobId", .type = "uuid"},
                       {.name = "fileName", .type = "string"},
                       {.name = "bytes", .type = "int"},
                       {.name = "state", .type = "'running'|'done'|'failed'|'undone'"},
                       {.name = "format", .type = "ImportFormat?", .description = "Null until the header has been read."},
                       {.name = "lines", .type = "int"},
                       {.name = "counts", .type = "ImportCounts"},
                       {.name = "lossless",
                        .type = "bool?",
                        .description = "True: written out again the file has the same structures. Null: not checked yet."},
                       {.name = "groups", .type = "ImportGroup[]", .description = "Most severe first, then by number."},
                       {.name = "createdAt", .type = "timestamp"},
                       {.name = "finishedAt", .type = "timestamp?"},
                       {.name = "problem", .type = "Problem?", .description = "Why it failed."},
                   }});
  types.push_back({.name = "ImportCounts",
                   .description = {},
                   .members = {
                       {.name = "persons", .type = "int"},
                       {.name = "families", .type = "int"},
                       {.name = "events", .type = "int"},
                       {.name = "sources", .type = "int"},
                       {.name = "repositories", .type = "int"},
                       {.name = "media", .type = "int"},
                       {.name = "notes", .type = "int"},
                       {.name = "submitters", .type = "int"},
                   }});
  types.push_back({.name = "ImportGroup",
                   .description = {},
                   .members = {
                       {.name = "code", .type = "string"},
                       {.name = "severity", .type = "'error'|'warning'|'info'"},
                       {.name = "count", .type = "int"},
                       {.name = "title", .type = "string", .description = "One sentence in the language asked for."},
                       {.name = "remedy", .type = "string", .description = "What was done, and what the reader can do."},
                       {.name = "right", .type = "CheckJudgement?"},
                   }});
  types.push_back({.name = "ImportMessageRecord",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "type", .type = "'person'|'family'|'source'|'media'|'repository'|'note'|'submitter'"},
                       {.name = "name", .type = "string"},
                   }});
  types.push_back({.name = "ImportMessage",
                   .description = {},
                   .members = {
                       {.name = "code", .type = "string"},
                       {.name = "severity", .type = "'error'|'warning'|'info'"},
                       {.name = "line", .type = "int", .description = "1 = the first line; 0: about the file as a whole."},
                       {.name = "excerpt", .type = "string", .description = "The line as read, at most 200 characters."},
                       {.name = "text", .type = "string", .description = "What was found and what was done, in one sentence."},
                       {.name = "record",
                        .type = "ImportMessageRecord?",
                        .description = "The record it is about; null where there is none."},
                   }});
  types.push_back(
      {.name = "NewExport",
       .description = {},
       .members = {
           {.name = "version",
            .type = "'original'|'5.5.1'|'7.0'",
            .description = "`original`: each record in the version and with the structures it came in; else converted, without loss."},
           {.name = "media", .type = "bool", .description = "True: a GEDZIP file (.gdz) with the media."},
           {.name = "audience",
            .type = "'full'|'redacted'",
            .description = "`redacted` leaves out what concerns people who must be taken for living."},
       }});
  types.push_back({.name = "Job",
                   .description = {},
                   .members = {
                       {.name = "id", .type = "uuid"},
                       {.name = "kind", .type = "'import'|'undo-import'|'export'|'rebuild'"},
                       {.name = "state", .type = "'queued'|'running'|'succeeded'|'failed'|'cancelled'"},
                       {.name = "treeId", .type = "uuid?"},
                       {.name = "phase",
                        .type = "string?",
                        .description = "What is under way: `read`, `store`, `index`, `verify`, `write`, `rebuild`; shown translated."},
                       {.name = "done", .type = "int"},
                       {.name = "total", .type = "int", .description = "0: not known yet."},
                       {.name = "unit", .type = "'bytes'|'records'|'lines'"},
                       {.name = "createdAt", .type = "timestamp"},
                       {.name = "startedAt", .type = "timestamp?"},
                       {.name = "finishedAt", .type = "timestamp?"},
                       {.name = "result", .type = "JobResult?"},
                       {.name = "problem", .type = "Problem?"},
                   }});
  types.push_back({.name = "JobResultExport",
                   .description = {},
                   .members = {
                       {.name = "url", .type = "uri"},
                       {.name = "fileName", .type = "string"},
                       {.name = "bytes", .type = "int"},
                   }});
  types.push_back({.name = "JobResult",
                   .description = {},
                   .members = {
                       {.name = "importId", .type = "uuid?"},
                       {.name = "export", .type = "JobResultExport?"},
                   }});
  types.push_back({.name = "TreeChanged",
                   .description = {},
                   .members = {
                       {.name = "treeId", .type = "uuid"},
                       {.name = "version", .type = "int"},
                   }});
  types.push_back({.name = "DateQuestion",
                   .description = {},
                   .members = {
                       {.name = "text", .type = "string"},
                       {.name = "lang", .type = "string"},
                   }});
  types.push_back(
      {.name = "DateReading",
       .description = {},
       .members = {
           {.name = "date", .type = "DateValue"},
           {.name = "gedcom", .type = "string", .description = "GEDCOM 7 payload, empty when it was not understood."},
           {.name = "choices",
            .type = "DateValue[]",
            .description = "Two readings when the order of day and month is open (`3/4/1850`), else empty."},
       }});
}

}  // namespace tablinum::genealogy_service
