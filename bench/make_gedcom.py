#!/usr/bin/env python3
"""Writes a synthetic GEDCOM 5.5.1 file: couples with children over generations.  make_gedcom.py PEOPLE OUT
The same number gives the same bytes. All people are made up."""
import random
import sys

GIVEN = {"M": "John William Tendai Farai Themba Jürgen François Ivan Per Luis".split(),
         "F": "Mary Anna Rudo Chipo Nomsa Käthe Zoé Olga Inga María".split()}
SURNAMES = "Moyo Ncube Smith Müller Whitfield Sibanda O'Connor García Åberg Dube Taylor Nyathi".split()
PLACES = ["Gweru, Midlands, Zimbabwe", "York, Yorkshire, England", "Köln, Rheinland, Deutschland", "Bulawayo, Matabeleland, Zimbabwe"]
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def main():
    people, path = int(sys.argv[1]), sys.argv[2]
    draw = random.Random(people)
    persons, families = [], []

    def person(sex, surname, year, parents):
        persons.append({"sex": sex, "name": (draw.choice(GIVEN[sex]), surname), "born": year, "parents": parents, "families": []})
        return len(persons) - 1

    waiting = []
    while len(persons) < people:
        if not waiting or draw.random() < 0.1:
            waiting.append(person("M", draw.choice(SURNAMES), draw.randint(1700, 1850), None))
        father = waiting.pop(draw.randrange(len(waiting)))
        mother = person("F", draw.choice(SURNAMES), persons[father]["born"] + draw.randint(-3, 3), None)
        family = len(families)
        families.append((father, mother, []))
        for parent in (father, mother):
            persons[parent]["families"].append(family)
        for _ in range(draw.randint(1, 5)):
            child = person(draw.choice("MF"), persons[father]["name"][1], persons[father]["born"] + draw.randint(20, 40), family)
            families[family][2].append(child)
            if persons[child]["sex"] == "M" and persons[child]["born"] < 1990:
                waiting.append(child)

    def event(tag, year):
        return f"1 {tag}\n2 DATE {draw.randint(1, 28)} {draw.choice(MONTHS)} {year}\n2 PLAC {draw.choice(PLACES)}\n"

    with open(path, "w", encoding="utf-8") as out:
        out.write("0 HEAD\n1 SOUR BENCH\n1 GEDC\n2 VERS 5.5.1\n2 FORM LINEAGE-LINKED\n1 CHAR UTF-8\n1 SUBM @U1@\n0 @U1@ SUBM\n1 NAME Bench\n")
        for n, one in enumerate(persons):
            given, surname = one["name"]
            out.write(f"0 @I{n}@ INDI\n1 NAME {given} /{surname}/\n2 GIVN {given}\n2 SURN {surname}\n1 SEX {one['sex']}\n")
            out.write(event("BIRT", one["born"]) + event("DEAT", one["born"] + draw.randint(30, 90)))
            if one["parents"] is not None:
                out.write(f"1 FAMC @F{one['parents']}@\n")
            out.writelines(f"1 FAMS @F{family}@\n" for family in one["families"])
        for n, (father, mother, children) in enumerate(families):
            out.write(f"0 @F{n}@ FAM\n1 HUSB @I{father}@\n1 WIFE @I{mother}@\n" + event("MARR", persons[father]["born"] + 22))
            out.writelines(f"1 CHIL @I{child}@\n" for child in children)
        out.write("0 TRLR\n")


if __name__ == "__main__":
    main()
