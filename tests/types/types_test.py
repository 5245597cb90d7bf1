"""The pages' types (web/src/api/types.ts) against the API's description (docs/api/openapi.json): every interface that both know has the
same members, with the same kind of value, and is null or absent in both or in neither."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
SCHEMAS = json.loads((ROOT / "docs/api/openapi.json").read_text())["components"]["schemas"]
TEXT = re.sub(r"/\*.*?\*/|//[^\n]*", "", (ROOT / "web/src/api/types.ts").read_text(), flags=re.S)


def split_top(text, separators):
    """Pieces of `text` between separators that stand in no bracket and no quotation."""
    pieces, depth, quoted, piece = [], 0, False, ""
    for c in text:
        if c == "'" or c == '"':
            quoted = not quoted
        if not quoted:
            depth += (c in "{[(<") - (c in "}])>")
            if depth == 0 and c in separators:
                pieces.append(piece.strip())
                piece = ""
                continue
        piece += c
    return [p for p in pieces + [piece.strip()] if p]


def body_at(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return text[start + 1:i]
    raise SystemExit("types.ts: a bracket is missing")


INTERFACES, ALIASES = {}, {}
for match in re.finditer(r"export interface (\w+)(?:<[^>]*>)?(?:\s+extends\s+([\w,\s<>]+?))?\s*\{", TEXT):
    members = {}
    for member in split_top(body_at(TEXT, match.end() - 1), ";"):
        name, _, kind = member.partition(":")
        members[name.strip().rstrip("?")] = (kind.strip(), name.strip().endswith("?"))
    INTERFACES[match[1]] = ([b.strip() for b in (match[2] or "").split(",") if b.strip()], members)
for match in re.finditer(r"export type (\w+)(?:<[^>]*>)?\s*=\s*([^;]+);", TEXT):
    ALIASES[match[1]] = match[2].strip()


def members_of(name):
    bases, own = INTERFACES[name]
    found = {}
    for base in bases:
        if base in INTERFACES:
            found |= members_of(base)
    return found | own


def kinds_of_ts(kind, depth=0):
    """The JSON kinds that a TypeScript type may have."""
    found = set()
    for part in split_top(kind, "|"):
        if part == "null":
            found.add("null")
        elif part.endswith("[]") or part.startswith(("Array<", "readonly ", "[")):
            found.add("array")
        elif part[0] in "'\"" or part == "string":
            found.add("string")
        elif part in ("number", "boolean"):
            found.add(part)
        elif re.fullmatch(r"-?\d+", part):
            found.add("number")
        elif part in ("true", "false"):
            found.add("boolean")
        elif part in ALIASES and depth < 8:
            found |= kinds_of_ts(ALIASES[part], depth + 1)
        else:
            found.add("object")
    return found


def kinds_of_schema(schema):
    if "$ref" in schema:
        return kinds_of_schema(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return set().union(*(kinds_of_schema(s) for s in schema[word]))
    kind = schema.get("type", "object")
    kinds = set(kind) if isinstance(kind, list) else {kind}
    return {"number" if k == "integer" else k for k in kinds}


def main():
    faults, compared = [], 0
    for name in sorted(set(INTERFACES) & set(SCHEMAS)):
        schema = SCHEMAS[name]
        if "properties" not in schema:
            continue
        compared += 1
        ours, theirs = members_of(name), schema["properties"]
        required = set(schema.get("required", []))
        faults += [f"{name}.{m}: the API has no such member" for m in sorted(set(ours) - set(theirs))]
        faults += [f"{name}.{m}: the pages' type lacks it" for m in sorted(set(theirs) - set(ours))]
        for member in sorted(set(ours) & set(theirs)):
            kind, optional = ours[member]
            mine, its = kinds_of_ts(kind), kinds_of_schema(theirs[member])
            if mine != its:
                faults.append(f"{name}.{member}: {sorted(mine)} in the pages, {sorted(its)} in the API")
            if optional != (member not in required):
                faults.append(f"{name}.{member}: may be absent in {'the pages' if optional else 'the API'} only")
    for fault in faults:
        print(fault)
    print(f"{compared} types, {len(faults)} differences")
    if compared < 40:
        print("too few types were found in both: has the form of one of the files changed?")
    return 1 if faults or compared < 40 else 0


sys.exit(main())
