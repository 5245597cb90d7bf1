#!/usr/bin/env python3
"""Makes the sample family: moyo-whitfield.gdz, a GEDZIP (GEDCOM 7.0) with pictures.

Everybody in it is invented. Two families, one of Manicaland and one of Yorkshire, over eight generations, who meet in the fifth; with sources,
repositories, places, notes and pictures drawn by this script. The same script gives the same family (one seed, no clock).

  pip install pillow && python3 make_family.py
"""
import io
import math
import random
import zipfile

from PIL import Image, ImageDraw, ImageFilter

RANDOM = random.Random(1921)
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
THIS_YEAR = 2026

SHONA = dict(
    lang="sn", surnames=["Moyo", "Mutasa", "Chikowore", "Nyathi", "Gumbo", "Marange", "Chitepo", "Zvobgo", "Makoni", "Saunyama"],
    m="Tendai Farai Tapiwa Kudakwashe Tafadzwa Simba Munyaradzi Takudzwa Rufaro Chenjerai Garikai Nhamo Tinashe Batsirai Zvidzai".split(),
    f="Rudo Nyasha Chipo Sekai Tsitsi Nehanda Ruvimbo Kundai Tariro Rumbidzai Chiedza Maidei Netsai Vimbai Yeukai".split(),
    places=[("Umtali", "Manicaland", "Southern Rhodesia", -18.97, 32.67), ("Penhalonga", "Manicaland", "Southern Rhodesia", -18.88, 32.69),
            ("Rusape", "Manicaland", "Southern Rhodesia", -18.53, 32.13), ("Nyanga", "Manicaland", "Southern Rhodesia", -18.22, 32.75)],
    jobs=["farmer", "smith", "teacher", "headman", "trader", "weaver", "nurse", "carpenter"])
YORKSHIRE = dict(
    lang="en", surnames=["Whitfield", "Ashworth", "Barlow", "Thackray", "Holroyd", "Sugden", "Murgatroyd", "Illingworth", "Haigh", "Dyson"],
    m="John William Thomas James George Henry Robert Edward Samuel Arthur Joseph Charles Frederick Walter".split(),
    f="Mary Elizabeth Sarah Ann Jane Margaret Alice Emma Florence Harriet Hannah Ellen Martha Edith".split(),
    places=[("Haworth", "West Riding of Yorkshire", "England", 53.83, -1.95), ("Halifax", "West Riding of Yorkshire", "England", 53.72, -1.86),
            ("Whitby", "North Riding of Yorkshire", "England", 54.49, -0.61), ("York", "Yorkshire", "England", 53.96, -1.08)],
    jobs=["weaver", "wool comber", "fisherman", "schoolteacher", "clerk", "stonemason", "draper", "engine driver", "baker"])
MODERN_PLACES = [("Harare", "Harare Province", "Zimbabwe", -17.83, 31.05), ("Mutare", "Manicaland", "Zimbabwe", -18.97, 32.67),
                 ("Bulawayo", "Bulawayo Province", "Zimbabwe", -20.15, 28.58), ("London", "Greater London", "England", 51.51, -0.13),
                 ("Leeds", "West Yorkshire", "England", 53.80, -1.55), ("Cape Town", "Western Cape", "South Africa", -33.92, 18.42)]
MODERN_JOBS = ["teacher", "engineer", "nurse", "accountant", "farmer", "musician", "pharmacist", "lecturer", "electrician", "journalist"]


class Person:
    def __init__(self, number, sex, given, surname, culture, born, generation):
        self.id, self.sex, self.given, self.surname, self.culture = f"I{number}", sex, given, surname, culture
        self.born, self.generation = born, generation
        self.died = None
        self.birth_place = self.death_place = None
        self.parents = None          # Family
        self.pedigree = "BIRTH"
        self.families = []
        self.lines = []              # further level-1 structures, as text
        self.clan = None


class Family:
    def __init__(self, number, husband, wife, year):
        self.id, self.husband, self.wife, self.year = f"F{number}", husband, wife, year
        self.children, self.lines, self.kind = [], [], None


people, families = [], []
COUPLE = []                          # Thomas and Rudo, in whom the two families meet


def place_of(culture, year):
    return RANDOM.choice(MODERN_PLACES if year >= 1965 else culture["places"])


def new_person(sex, surname, culture, born, generation, parents=None):
    given = RANDOM.choice(culture["m" if sex == "M" else "f"])
    if parents and any(child.given == given for child in parents.children):
        given = RANDOM.choice([n for n in culture["m" if sex == "M" else "f"] if all(c.given != n for c in parents.children)])
    person = Person(len(people) + 1, sex, given, surname, culture, born, generation)
    person.birth_place = place_of(culture, born)
    span = RANDOM.choice([2, 31, 44, 52, 58, 61, 63, 67, 70, 72, 74, 77, 79, 81, 83, 85, 88, 91, 94, 97])
    if born + span < THIS_YEAR - 1 and not (born > 1945 and RANDOM.random() < .6):
        person.died = born + span
        person.death_place = place_of(culture, person.died)
    people.append(person)
    if parents:
        person.parents = parents
        parents.children.append(person)
        person.clan = (parents.husband or parents.wife).clan
    return person


def marry(a, b, year, kind=None):
    husband, wife = (a, b) if a.sex == "M" else (b, a)
    family = Family(len(families) + 1, husband, wife, year)
    family.kind = kind
    families.append(family)
    for partner in (husband, wife):
        partner.families.append(family)
    return family


def raise_children(family, count):
    year = family.year + 1
    alive_until = min(p.died or THIS_YEAR for p in (family.husband, family.wife))
    for _ in range(count):
        year += RANDOM.choice([1, 2, 2, 3])
        if year > min(alive_until, family.wife.born + 45, THIS_YEAR - 1):
            return
        new_person(RANDOM.choice("MF"), family.husband.surname, family.husband.culture, year, family.husband.generation + 1, family)


def spouse_for(person, culture):
    sex = "F" if person.sex == "M" else "M"
    surname = RANDOM.choice([s for s in culture["surnames"] if s != person.surname])
    spouse = new_person(sex, surname, culture, person.born + RANDOM.randint(-5, 5), person.generation)
    if culture is SHONA:
        spouse.clan = RANDOM.choice(["Shumba", "Soko", "Dziva", "Nzou"])
    spouse.died = max(spouse.died, person.born + 45) if spouse.died else None
    return spouse


def build():
    shona = new_person("M", "Moyo", SHONA, 1797, 1)
    shona.clan, shona.died = "Moyo (Heart)", 1869
    nehanda = new_person("F", "Mutasa", SHONA, 1802, 1)
    nehanda.clan, nehanda.died = "Tembo (Zebra)", 1874
    john = new_person("M", "Whitfield", YORKSHIRE, 1791, 1)
    john.died = 1858
    hannah = new_person("F", "Ashworth", YORKSHIRE, 1796, 1)
    hannah.died = 1866
    first = [marry(shona, nehanda, 1822, "customary"), marry(john, hannah, 1817)]
    for family in first:
        raise_children(family, 6)
    generation = 2
    met = False
    while generation < 8:
        adults = [p for p in people if p.generation == generation and p.parents and (not p.died or p.died > p.born + 25)]
        RANDOM.shuffle(adults)
        keep = {2: 6, 3: 9, 4: 12, 5: 15, 6: 17, 7: 19}[generation]
        by_line = sorted(adults, key=lambda p: p.culture["lang"])
        chosen = by_line[: keep // 2] + by_line[::-1][: keep - keep // 2]
        chosen = list(dict.fromkeys(chosen))
        # Cousins marry once, so that an ancestor appears twice in a pedigree.
        if generation == 3:
            pair = [p for p in chosen if p.culture is YORKSHIRE]
            him = next((p for p in pair if p.sex == "M"), None)
            her = next((p for p in pair if p.sex == "F" and him and p.parents is not him.parents and abs(p.born - him.born) < 12), None)
            if him and her:
                chosen = [p for p in chosen if p not in (him, her)]
                family = marry(him, her, max(him.born, her.born) + 24)
                family.lines.append("1 NOTE First cousins; the banns were read twice before the vicar was content.")
                raise_children(family, 4)
        # The two families meet.
        if generation == 5 and not met:
            pairs = [(a, b) for a in chosen for b in chosen if a.culture is YORKSHIRE and a.sex == "M" and b.culture is SHONA and b.sex == "F"]
            him, her = min(pairs, key=lambda pair: abs(pair[0].born - pair[1].born), default=(None, None))
            if him:
                met = True
                chosen = [p for p in chosen if p not in (him, her)]
                her.given, him.given, him.birth_place = "Rudo", "Thomas", YORKSHIRE["places"][0]
                her.died, him.died = her.born + 82, him.born + 72
                family = marry(him, her, max(him.born, her.born) + 23, "customary")
                COUPLE.extend((him, her))
                family.lines.append("1 SNOTE @N1@")
                raise_children(family, 6)
        for person in chosen:
            if person.families:
                continue
            culture = person.culture if generation < 5 or RANDOM.random() < .6 else RANDOM.choice([SHONA, YORKSHIRE])
            spouse = spouse_for(person, culture)
            year = max(person.born, spouse.born) + RANDOM.randint(21, 29)
            if year >= min(person.died or THIS_YEAR, spouse.died or THIS_YEAR):
                continue
            kind = "customary" if person.culture is SHONA and RANDOM.random() < .5 else None
            family = marry(person, spouse, year, kind)
            raise_children(family, RANDOM.randint(2, 5) if generation < 6 else RANDOM.randint(1, 3))
            if RANDOM.random() < .12 and year + 12 < THIS_YEAR:
                family.lines.append(f"1 DIV\n2 DATE {date(year + RANDOM.randint(6, 11))}")
            elif spouse.died and person.died and spouse.died + 3 < person.died and person.born + 50 > spouse.died:
                second = spouse_for(person, person.culture)
                second.born = max(second.born, spouse.died - 30)
                second.died = None if second.born > 1940 else max(second.died or 0, spouse.died + 20)
                raise_children(marry(person, second, spouse.died + 2), 2)
        generation += 1


def date(year, rough=False):
    if rough or year < 1838 and RANDOM.random() < .4:
        return RANDOM.choice([f"ABT {year}", f"BEF {year + 1}", f"BET {year - 2} AND {year + 2}", f"EST {year}", f"CAL {year}", str(year)])
    return RANDOM.choice([f"{RANDOM.randint(1, 28)} {RANDOM.choice(MONTHS)} {year}"] * 4 + [f"{RANDOM.choice(MONTHS)} {year}"])


def place_lines(place, level):
    name, region, country, latitude, longitude = place
    return [f"{level} PLAC {name}, {region}, {country}", f"{level + 1} MAP",
            f"{level + 2} LATI {'N' if latitude >= 0 else 'S'}{abs(latitude):.2f}",
            f"{level + 2} LONG {'E' if longitude >= 0 else 'W'}{abs(longitude):.2f}"]


def citation(level, source, page, quality):
    return [f"{level} SOUR @{source}@", f"{level + 1} PAGE {page}", f"{level + 1} QUAY {quality}"]


SOURCES = {
    "S1": ("Parish register, St Michael and All Angels, Haworth", "Church of England", "R1", "Baptisms, marriages and burials 1788–1901"),
    "S2": ("Census of England, 1841 to 1911", "General Register Office", "R2", "Household schedules and enumerators' books"),
    "S3": ("Register of St Augustine's Mission, Penhalonga", "Community of the Resurrection", "R3", "Baptisms and marriages 1898–1964"),
    "S4": ("Interview with Sekai Moyo", "Recorded by her granddaughter", "R4", "Two tapes in Shona, 94 minutes, August 1987"),
    "S5": ("Whitfield family Bible", "", "R4", "Births and deaths written on the end papers, 1817–1902"),
    "S6": ("Civil registration, Umtali district", "Registrar of Births and Deaths", "R3", "Certificates 1904–1979"),
    "S7": ("Letters of Thomas Whitfield to his mother", "", "R4", "Forty-one letters"),
}
REPOSITORIES = {
    "R1": ("West Riding Record Office (sample)", "Wakefield, Yorkshire, England"),
    "R2": ("General Register Office (sample)", "London, England"),
    "R3": ("Manicaland Archives (sample)", "Mutare, Zimbabwe"),
    "R4": ("Family papers", "Harare, Zimbabwe"),
}


def evidence(person, kind, level):
    year = person.born if kind == "BIRT" else person.died
    if person.culture is YORKSHIRE:
        if year < 1838:
            return citation(level, "S1", f"{'Baptisms' if kind == 'BIRT' else 'Burials'}, p. {RANDOM.randint(3, 212)}", 2)
        return RANDOM.choice([citation(level, "S2", f"1881, RG 11/{RANDOM.randint(4000, 4500)}, f. {RANDOM.randint(2, 90)}", 1),
                              citation(level, "S5", "end papers", 1), []])
    if year < 1898:
        return citation(level, "S4", f"tape {RANDOM.randint(1, 2)}, {RANDOM.randint(1, 46)} min", 1)
    return RANDOM.choice([citation(level, "S3", f"Baptisms, no. {RANDOM.randint(12, 880)}", 3),
                          citation(level, "S6", f"entry {RANDOM.randint(100, 4000)}", 3), []])


def write_gedcom(media):
    out = ["0 HEAD", "1 GEDC", "2 VERS 7.0", "1 SCHMA", "2 TAG _CLAN https://tablinum.example/terms/clan",
           "2 TAG _LOBOLA https://tablinum.example/terms/lobola", "1 SOUR TABLINUM-SAMPLE", "2 NAME Tablinum sample family", "2 VERS 1",
           "1 DATE 3 MAY 2026", "1 SUBM @U1@", "1 COPR Dedicated to the public domain (CC0). Everybody here is invented.",
           "1 LANG en", "1 PLAC", "2 FORM Place, Region, Country"]
    out += ["0 @U1@ SUBM", "1 NAME The Tablinum project"]
    pictures = {}
    for key, (owner, title, path, _) in media.items():
        pictures.setdefault(owner, []).append(key)
    for p in people:
        out += [f"0 @{p.id}@ INDI", f"1 NAME {p.given} /{p.surname}/", f"2 GIVN {p.given}", f"2 SURN {p.surname}"]
        if p.sex == "F" and p.families and p.culture is YORKSHIRE:
            husband = p.families[0].husband
            out += [f"1 NAME {p.given} /{husband.surname}/", "2 TYPE MARRIED"]
        if p is COUPLE[1]:
            out += ["1 NAME Mbuya Rudo", "2 TYPE AKA", "2 NOTE What her grandchildren called her."]
        out.append(f"1 SEX {p.sex}")
        out += ["1 BIRT", f"2 DATE {date(p.born, p.generation < 3 and p.culture is SHONA)}"] + place_lines(p.birth_place, 2) + evidence(p, "BIRT", 2)
        if p.culture is YORKSHIRE and p.born < 1930 and RANDOM.random() < .5:
            out += ["1 CHR", f"2 DATE {RANDOM.randint(1, 28)} {RANDOM.choice(MONTHS)} {p.born + 1}"] + place_lines(YORKSHIRE["places"][0], 2)
            out += citation(2, "S1", f"Baptisms, p. {RANDOM.randint(3, 212)}", 3)
        if p.clan:
            out.append(f"1 _CLAN {p.clan}")
        if (p.died or THIS_YEAR) - p.born > 20:
            job = RANDOM.choice(p.culture["jobs"] if p.born < 1940 else MODERN_JOBS)
            out += [f"1 OCCU {job}", f"2 DATE FROM {p.born + 20}" + (f" TO {min(p.died, p.born + 62)}" if p.died else "")]
            if job == "headman":
                out += ["1 TITL Sabhuku", f"2 DATE FROM {p.born + 35}"]
        if p.culture is YORKSHIRE and 1840 < p.born + 15 < 1911 and (not p.died or p.died > p.born + 20):
            year = next(y for y in range(1841, 1921, 10) if y >= p.born)
            out += ["1 RESI", f"2 DATE {year}"] + place_lines(RANDOM.choice(YORKSHIRE["places"]), 2) + citation(2, "S2", f"{year} census", 2)
        if p is COUPLE[0]:
            out += ["1 EMIG", f"2 DATE 14 OCT {p.families[0].year - 2}"] + place_lines(YORKSHIRE["places"][2], 2) + citation(2, "S7", "letter 1", 3)
            out += ["1 IMMI", f"2 DATE DEC {p.families[0].year - 2}"] + place_lines(SHONA["places"][0], 2) + citation(2, "S7", "letter 3", 3)
            out += ["1 SNOTE @N2@"]
        out += p.lines
        if p.died:
            out += ["1 DEAT", f"2 DATE {date(p.died)}"] + place_lines(p.death_place, 2) + evidence(p, "DEAT", 2)
            if RANDOM.random() < .3:
                out += ["1 BURI", f"2 DATE {p.died}"] + place_lines(p.death_place, 2)
        if p.parents:
            out.append(f"1 FAMC @{p.parents.id}@")
            if p.pedigree != "BIRTH":
                out.append(f"2 PEDI {p.pedigree}")
        out += [f"1 FAMS @{f.id}@" for f in p.families]
        out += [f"1 OBJE @{key}@" for key in pictures.get(p.id, [])]
    for f in families:
        out += [f"0 @{f.id}@ FAM", f"1 HUSB @{f.husband.id}@", f"1 WIFE @{f.wife.id}@"]
        out += [f"1 CHIL @{child.id}@" for child in f.children]
        out += ["1 MARR", f"2 DATE {date(f.year)}"] + place_lines(place_of(f.husband.culture, f.year), 2)
        if f.kind:
            out += [f"2 TYPE {f.kind}", "1 _LOBOLA", f"2 DATE {f.year}", "2 NOTE Cattle and a hoe, as the interview tells."]
            out += citation(2, "S4", f"tape 1, {RANDOM.randint(2, 44)} min", 1)
        elif f.husband.culture is YORKSHIRE and f.year < 1902:
            out += citation(2, "S1", f"Marriages, p. {RANDOM.randint(2, 140)}", 3)
        out += f.lines
    for key, (title, author, repository, text) in SOURCES.items():
        out += [f"0 @{key}@ SOUR", f"1 TITL {title}"] + ([f"1 AUTH {author}"] if author else []) + [f"1 TEXT {text}", f"1 REPO @{repository}@"]
        out += [f"1 OBJE @{k}@" for k in pictures.get(key, [])]
    for key, (name, address) in REPOSITORIES.items():
        out += [f"0 @{key}@ REPO", f"1 NAME {name}", f"1 ADDR {address}"]
    for key, (_, title, path, form) in media.items():
        out += [f"0 @{key}@ OBJE", f"1 FILE {path}", f"2 FORM {form}", f"2 TITL {title}"]
    out += ["0 @N1@ SNOTE Thomas paid lobola to Rudo's uncles in the way of her people, and her people came to the mission church in the way of his.",
            "1 CONT His mother in Haworth did not write for two years; then she sent a quilt.",
            "0 @N2@ SNOTE He came for one harvest, to look after a cousin's books at the Penhalonga mine, and stayed for the rest of his life.", "0 TRLR", ""]
    return "\n".join(out)


# ---- pictures: cut-paper silhouettes, a register page, a gravestone, a house, a letter ------------------------------------------------

PAPER, INK, SEPIA = (238, 226, 203), (52, 42, 34), (196, 170, 132)


def aged(image):
    noise = Image.frombytes("L", image.size, RANDOM.randbytes(image.width * image.height)).convert("RGB")
    image = Image.blend(image, noise, .02)
    vignette = Image.new("L", image.size, 0)
    width, height = image.size
    ImageDraw.Draw(vignette).ellipse((-width * .15, -height * .15, width * 1.15, height * 1.15), fill=255)
    dark = Image.blend(image, Image.new("RGB", image.size, (96, 72, 44)), .45)
    return Image.composite(image, dark, vignette.filter(ImageFilter.GaussianBlur(width / 9)))


def silhouette(person):
    image = Image.new("RGB", (360, 450), PAPER)
    draw = ImageDraw.Draw(image)
    draw.ellipse((30, 40, 330, 420), fill=SEPIA)
    x, y = 180, 190
    draw.ellipse((x - 58, y - 76, x + 58, y + 70), fill=INK)                                   # head
    draw.polygon([(x - 50, y - 14), (x - 76, y + 12), (x - 48, y + 26)], fill=INK)            # nose, in profile
    draw.rectangle((x - 26, y + 50, x + 30, y + 110), fill=INK)                               # neck
    draw.pieslice((x - 120, y + 84, x + 124, y + 330), 180, 360, fill=INK)                    # shoulders
    style = RANDOM.randint(0, 2)
    if person.sex == "F":
        draw.ellipse((x + 10, y - 90, x + 84, y - 10), fill=INK)                              # hair knot
        if style:
            draw.arc((x - 70, y + 96, x + 70, y + 150), 20, 160, fill=SEPIA, width=5)         # collar
    else:
        if style == 0:
            draw.rectangle((x - 66, y - 112, x + 60, y - 60), fill=INK)                       # hat
            draw.rectangle((x - 92, y - 66, x + 88, y - 54), fill=INK)
        if style == 1:
            draw.pieslice((x - 60, y + 14, x + 40, y + 100), 20, 200, fill=INK)               # beard
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((30, 40, 330, 420), fill=255)
    image = Image.composite(image, Image.new("RGB", image.size, PAPER), mask)
    ImageDraw.Draw(image).ellipse((30, 40, 330, 420), outline=INK, width=4)
    return aged(image)


def scrawl(draw, x, y, width, height):
    """A word of handwriting that says nothing."""
    points, phase = [], RANDOM.random() * 6
    for step in range(int(width)):
        phase += .35 + RANDOM.random() * .2
        points.append((x + step, y + math.sin(phase) * height * (.35 + .65 * abs(math.sin(phase / 5)))))
    draw.line(points, fill=INK, width=2)


def page(columns, rows):
    image = Image.new("RGB", (800, 1000), PAPER)
    draw = ImageDraw.Draw(image)
    for row in range(rows + 1):
        draw.line((50, 120 + row * (820 // rows), 750, 120 + row * (820 // rows)), fill=SEPIA, width=2)
    for column in range(columns + 1):
        draw.line((50 + column * (700 // columns), 80, 50 + column * (700 // columns), 940), fill=SEPIA, width=2)
    for row in range(rows):
        for column in range(columns):
            scrawl(draw, 62 + column * (700 // columns), 120 + (row + .55) * (820 // rows), (700 // columns) * RANDOM.uniform(.4, .8), 9)
    return aged(image)


def gravestone():
    image = Image.new("RGB", (600, 750), (176, 186, 170))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 560, 600, 750), fill=(112, 128, 92))
    draw.pieslice((150, 80, 450, 380), 180, 360, fill=(140, 140, 134))
    draw.rectangle((150, 230, 450, 620), fill=(140, 140, 134))
    draw.line((300, 130, 300, 210), fill=(90, 90, 86), width=8)
    draw.line((270, 155, 330, 155), fill=(90, 90, 86), width=8)
    for row in range(6):
        scrawl(draw, 200, 270 + row * 44, RANDOM.uniform(120, 200), 8)
    return aged(image)


def house():
    image = Image.new("RGB", (900, 600), (216, 206, 184))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 420), (300, 300), (620, 380), (900, 280), (900, 600), (0, 600)], fill=(158, 142, 108))
    draw.rectangle((280, 300, 620, 500), fill=(206, 190, 160), outline=INK, width=3)
    draw.polygon([(250, 300), (450, 190), (650, 300)], fill=(110, 86, 62), outline=INK)
    for x in (320, 520):
        draw.rectangle((x, 350, x + 60, 420), fill=(92, 84, 78), outline=INK, width=3)
    draw.rectangle((420, 380, 480, 500), fill=(84, 62, 46), outline=INK, width=3)
    for x in range(40, 900, 130):
        draw.line((x, 500, x, 560), fill=INK, width=3)
        draw.ellipse((x - 34, 440, x + 34, 520), fill=(122, 116, 82))
    return aged(image)


def jpeg(image):
    data = io.BytesIO()
    image.save(data, "JPEG", quality=60, optimize=True)
    return data.getvalue()


def main():
    build()
    media, files = {}, {}

    def add(owner, title, name, image):
        key = f"O{len(media) + 1}"
        media[key] = (owner, title, f"media/{name}.jpg", "image/jpeg")
        files[f"media/{name}.jpg"] = jpeg(image)

    sitters = [p for p in people if p.generation <= 6 and p.died and p.died - p.born > 25][:40]
    for p in sitters:
        add(p.id, f"{p.given} {p.surname}, silhouette", f"portrait-{p.id.lower()}", silhouette(p))
    add("S1", "Baptisms 1817, page 44", "register-haworth-1817", page(4, 9))
    add("S3", "Register of the mission, 1899", "register-penhalonga-1899", page(5, 11))
    add("S7", "Thomas to his mother, his first letter", "letter-1", page(1, 18))
    thomas, rudo = COUPLE
    add(thomas.id, "Gravestone of Thomas Whitfield", "gravestone-thomas", gravestone())
    add(rudo.id, "The house at Penhalonga", "house-penhalonga", house())
    adopted = [p for p in people if p.generation == 6 and p.parents][3]
    adopted.pedigree = "ADOPTED"
    adopted.lines.append("1 ADOP\n2 DATE " + str(adopted.born + 2) + f"\n2 FAMC @{adopted.parents.id}@\n3 ADOP BOTH")
    for p in people:
        if p.parents:
            mother, father = p.parents.wife, p.parents.husband
            if not (15 <= p.born - mother.born <= 48 and 15 <= p.born - father.born <= 70 and (not mother.died or p.born <= mother.died)):
                print("odd:", p.id, p.given, p.surname, p.born, "mother", mother.born, mother.died, "father", father.born)
    gedcom = write_gedcom(media)
    with zipfile.ZipFile("moyo-whitfield.gdz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in [("gedcom.ged", gedcom.encode())] + sorted(files.items()):
            entry = zipfile.ZipInfo(name, (2026, 5, 3, 12, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".ged") else zipfile.ZIP_STORED
            archive.writestr(entry, data)
    print(f"{len(people)} people, {len(families)} families, {max(p.generation for p in people)} generations, {len(media)} pictures")


if __name__ == "__main__":
    main()
