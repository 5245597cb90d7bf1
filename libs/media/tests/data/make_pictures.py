#!/usr/bin/env python3
"""Makes the pictures of this folder with Pillow 11.3.0 (pip install pillow==11.3.0). Each shows, as a viewer must show it, 64 x 48
pixels: red, green, blue and white quarters from the top left. The hostile ones are made of these."""
import pathlib
import struct
import zlib

from PIL import Image

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 64, 48
QUARTERS = ((255, 0, 0), (0, 128, 0)), ((0, 0, 255), (255, 255, 255))
# How a camera stores what a viewer turns by Exif's value.
STORED = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}


def quarters(width=WIDTH, height=HEIGHT):
    image = Image.new("RGB", (width, height))
    for y in range(2):
        for x in range(2):
            image.paste(QUARTERS[y][x], (x * width // 2, y * height // 2, (x + 1) * width // 2, (y + 1) * height // 2))
    return image


def save(name, image, **options):
    image.save(HERE / name, **options)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, raw, depth=8, colour=2):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


picture = quarters()
for value, stored in STORED.items():
    turned = picture.transpose(stored) if stored is not None else picture
    exif = Image.Exif()
    exif[0x0112] = value
    save(f"turned-{value}.jpg", turned, exif=exif, quality=90)
    assert Image.open(HERE / f"turned-{value}.jpg").getexif()[0x0112] == value
save("progressive.jpg", picture, quality=90, progressive=True)
save("cmyk.jpg", picture.convert("CMYK"), quality=90)  # the complement of each ink, as Adobe's programs write it
save("plain.png", picture)
save("palette.png", picture.quantize(4))
wide = b"".join(b"\0" + b"".join(bytes(v for c in QUARTERS[y * 2 // HEIGHT][x * 2 // WIDTH] for v in (c, c)) for x in range(WIDTH))
                for y in range(HEIGHT))
(HERE / "deep.png").write_bytes(png(WIDTH, HEIGHT, wide, depth=16))
save("lossy.webp", picture, quality=90)
save("lossless.webp", picture, lossless=True)
save("moving.webp", picture, save_all=True, append_images=[picture.transpose(Image.Transpose.ROTATE_180)], duration=100)
save("still.gif", picture)
clear = picture.convert("RGBA")
clear.paste((0, 0, 0, 0), (WIDTH // 2, HEIGHT // 2, WIDTH, HEIGHT))
save("clear.png", clear)
# A few hundred bytes that say they are 900 million pixels, in the ways that decoders are made to hold them.
(HERE / "bomb.png").write_bytes(png(30_000, 30_000, bytes(1000)))
for name, source in (("bomb.jpg", "turned-1.jpg"), ("bomb-progressive.jpg", "progressive.jpg")):
    data = bytearray((HERE / source).read_bytes())
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    data[frame + 5:frame + 9] = struct.pack(">HH", 30_000, 30_000)
    (HERE / name).write_bytes(data)
