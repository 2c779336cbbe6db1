"""The other half of bench/images-world.ts: writes image files over every option that a library has, and compares what dag
read with the reference reader of each format (tifffile, imagecodecs, Pillow, OpenEXR). Values are compared as dag's `Image`
defines them: unsigned integers of n <= 16 bits over 2^n - 1, all others as numbers.

    python images_world.py write FOLDER      files by tifffile, imagecodecs, Pillow and OpenEXR
    python images_world.py compare INDEX     INDEX: lines of JSON, by images-world.ts
"""

import collections
import itertools
import json
import os
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")


# ---------------------------------------------------------------- write


def picture(shape, dtype, seed=1):
    """Values over the whole range of a type, with neighbors that are alike."""
    noise = np.random.default_rng(seed).random(shape)
    smooth = np.linspace(0, 0.9, int(np.prod(shape))).reshape(shape) + noise * 0.1
    if dtype == "bool":
        return smooth > 0.5
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return ((smooth - 0.3) * 2500).astype(kind)
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    return (low + smooth * (float(high) - float(low))).astype(kind)


def write_tiffs(folder):
    import tifffile

    made = []

    def save(name, data, **options):
        path = os.path.join(folder, name + ".tif")
        try:
            tifffile.imwrite(path, data, **options)
            made.append(path)
        except Exception as error:
            print(f"not written {name}: {str(error)[:80]}", file=sys.stderr)
            if os.path.exists(path):
                os.remove(path)

    types = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
    packings = [None, "lzw", "deflate", "zstd", "packbits", "lerc", "lzma", "jpeg", "webp", "png", "jpegxl", "jpeg2000"]
    for dtype, packing in itertools.product(types, packings):
        for name, shape, options in [
            ("gray", (37, 53), {}),
            ("rgb", (37, 53, 3), {"photometric": "rgb"}),
            ("rgb_planes", (3, 37, 53), {"photometric": "rgb", "planarconfig": "separate"}),
            ("two_planes", (2, 37, 53), {"photometric": "minisblack", "planarconfig": "separate"}),
            ("three_bands", (37, 53, 3), {"photometric": "minisblack", "planarconfig": "contig"}),
        ]:
            for layout, more in [("strips", {"rowsperstrip": 5}), ("tiles", {"tile": (16, 32)})]:
                for big in [False, True] if packing is None else [False]:
                    title = f"{dtype}_{packing}_{name}_{layout}{'_big' if big else ''}"
                    save(title, picture(shape, dtype), compression=packing, bigtiff=big, **options, **more)
    for dtype, predictor, order in itertools.product(types, [2, 3], "<>"):
        for packing in ["lzw", "deflate", "zstd"]:
            for name, shape, options in [
                ("gray", (37, 53), {}),
                ("rgb", (37, 53, 3), {"photometric": "rgb"}),
                ("planes", (3, 37, 53), {"photometric": "rgb", "planarconfig": "separate"}),
            ]:
                title = f"predictor{predictor}_{dtype}_{packing}_{name}_{'little' if order == '<' else 'big'}"
                save(title, picture(shape, dtype), compression=packing, predictor=predictor, byteorder=order, **options)
    for dtype in types:
        save(f"byteorder_big_{dtype}", picture((37, 53, 3), dtype), byteorder=">", photometric="rgb")
        for extra in ["assocalpha", "unassalpha", "unspecified"]:
            save(f"extra_{extra}_{dtype}", picture((37, 53, 4), dtype), photometric="rgb", extrasamples=[extra])
            save(f"extra_gray_{extra}_{dtype}", picture((37, 53, 2), dtype), photometric="minisblack", planarconfig="contig", extrasamples=[extra])
        save(f"white_{dtype}", picture((37, 53), dtype), photometric="miniswhite")
        save(f"five_{dtype}", picture((5, 37, 53), dtype), photometric="minisblack", planarconfig="separate")
        save(f"cmyk_{dtype}", picture((37, 53, 4), dtype), photometric="separated")
    for bits in range(1, 17):
        data = (picture((37, 53), "uint16") >> (16 - bits)).astype("uint8" if bits <= 8 else "uint16")
        save(f"bits_{bits}", data, bitspersample=bits)
        save(f"bits_{bits}_deflate", data, bitspersample=bits, compression="deflate")
        rgb = (picture((37, 53, 3), "uint16") >> (16 - bits)).astype("uint8" if bits <= 8 else "uint16")
        save(f"bits_{bits}_rgb", rgb, bitspersample=bits, photometric="rgb")
    save("one_bit", picture((37, 53), "bool"))
    for name, scale in [("257", 257), ("256", 256), ("1", 1), ("odd", 251)]:
        colors = (np.random.default_rng(3).integers(0, 256, (3, 256)) * scale).astype("uint16")
        save(f"palette_{name}", picture((37, 53), "uint8"), photometric="palette", colormap=colors)
    save("complex64", picture((37, 53), "float32").astype("complex64"))
    save("complex128", picture((37, 53), "float32").astype("complex128"))
    save("one_pixel", picture((1, 1), "float32"))
    save("one_row", picture((1, 300), "uint16"), rowsperstrip=1)
    save("one_column", picture((300, 1), "int16"), compression="lzw")
    save("large_strip", picture((700, 900), "uint8"), compression="lzw", rowsperstrip=700)
    save("lzw_noise", np.random.default_rng(5).integers(0, 256, (500, 400), "uint8"), compression="lzw")
    save("lzw_flat", np.full((900, 1200), 7, "uint8"), compression="lzw", rowsperstrip=900)
    for orientation in range(1, 9):
        save(f"orientation_{orientation}", picture((37, 53, 3), "uint16"), photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    save("nan", np.where(picture((37, 53), "float32") < 0, np.nan, picture((37, 53), "float32")).astype("float32"))
    save("pages", picture((4, 37, 53), "int16"), photometric="minisblack")
    return made


def write_by_pillow(folder):
    from PIL import Image

    made = []

    def save(name, image, **options):
        path = os.path.join(folder, name)
        try:
            image.save(path, **options)
            made.append(path)
        except Exception as error:
            print(f"not written {name}: {str(error)[:80]}", file=sys.stderr)
            if os.path.exists(path):
                os.remove(path)

    gray, color = picture((40, 56), "uint8"), picture((40, 56, 4), "uint8")
    images = {
        "1": Image.fromarray(gray).convert("1"),
        "L": Image.fromarray(gray),
        "LA": Image.fromarray(color[:, :, :2], "LA"),
        "P": Image.fromarray(color[:, :, :3]).quantize(64),
        "RGB": Image.fromarray(color[:, :, :3]),
        "RGBA": Image.fromarray(color),
        "CMYK": Image.fromarray(color, "CMYK"),
        "YCbCr": Image.fromarray(color[:, :, :3]).convert("YCbCr"),
        "I16": Image.fromarray(picture((40, 56), "uint16")),
        "I": Image.fromarray(picture((40, 56), "int32")),
        "F": Image.fromarray(picture((40, 56), "float32")),
        "LAB": Image.fromarray(color[:, :, :3], "LAB"),
    }
    for mode, image in images.items():
        for packing in [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group3", "group4", "tiff_ccitt", "zstd", "webp", "lzma"]:
            save(f"pil_{mode}_{packing}.tif", image, compression=packing)
        for extension in ["png", "gif", "webp", *(["avif"] if mode != "LAB" else [])]:
            save(f"pil_{mode}.{extension}", image)
        for quality, subsampling, progressive in itertools.product([30, 95], [0, 1, 2], [False, True]):
            save(f"pil_{mode}_{quality}_{subsampling}_{int(progressive)}.jpg", image, quality=quality, subsampling=subsampling, progressive=progressive)
    save("lossless.webp", images["RGBA"], lossless=True, exact=True)
    save("interlaced.gif", images["P"], interlace=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        save(f"turned_{orientation}.jpg", images["RGB"], exif=exif, quality=95)
        save(f"turned_{orientation}.png", images["RGB"], exif=exif)
        save(f"turned_{orientation}.webp", images["RGB"], exif=exif, lossless=True)
    return made


def write_pngs(folder):
    import imagecodecs

    made = []
    for name, dtype, channels in itertools.product(["png"], ["uint8", "uint16"], [1, 2, 3, 4]):
        data = picture((40, 56, channels) if channels > 1 else (40, 56), dtype)
        path = os.path.join(folder, f"codec_{dtype}_{channels}.{name}")
        with open(path, "wb") as file:
            file.write(imagecodecs.png_encode(data))
        made.append(path)
    return made


def write_exrs(folder):
    try:
        import OpenEXR
    except ImportError:
        print("not written: OpenEXR is not installed", file=sys.stderr)
        return []
    made = []
    packings = [name for name in dir(OpenEXR) if name.endswith("_COMPRESSION")]
    sets = {"rgb": "RGB", "rgba": "RGBA", "y": "Y", "z": "Z", "mixed": "RGBZ"}
    for packing, dtype, (name, channels) in itertools.product(packings, ["float16", "float32", "uint32"], sets.items()):
        for tiled in [False, True]:
            planes = {channel: picture((37, 53), dtype, seed) for seed, channel in enumerate(channels)}
            header = {"compression": getattr(OpenEXR, packing), "type": OpenEXR.tiledimage if tiled else OpenEXR.scanlineimage}
            if tiled:
                header["tiles"] = OpenEXR.TileDescription()
            path = os.path.join(folder, f"exr_{packing[:-12].lower()}_{dtype}_{name}{'_tiles' if tiled else ''}.exr")
            try:
                with OpenEXR.File(header, planes) as file:
                    file.write(path)
                made.append(path)
            except Exception as error:
                print(f"not written {path}: {str(error)[:80]}", file=sys.stderr)
                if os.path.exists(path):
                    os.remove(path)
    return made


def write(folder):
    os.makedirs(folder, exist_ok=True)
    made = [*write_tiffs(folder), *write_by_pillow(folder), *write_pngs(folder), *write_exrs(folder)]
    print(f"{len(made)} files")


# ---------------------------------------------------------------- compare


def scaled(data, bits=None):
    """As dag's `Image` has them."""
    if data.dtype.kind == "b":
        return data.astype("float64")
    bits = bits or data.dtype.itemsize * 8
    if data.dtype.kind == "u" and bits <= 16:
        return data.astype("float64") / (2**bits - 1)
    return data.astype("float64")


TURNS = {
    2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1], 7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: a.swapaxes(0, 1)[::-1],
}  # fmt: skip


def by_tifffile(path):
    """Values, and whether the file is lossy, so that decoders may differ a little."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        photometric, lossy = int(page.photometric), int(page.compression) in (7, 50001)
        fax = int(page.compression) in (2, 3, 4)
        if fax or photometric not in (0, 1, 2, 3, 4, 32892, 34892, 51177) or (lossy and page.samplesperpixel == 3):
            return by_pillow(path)[0], not fax
        data = page.asarray()
        orientation = page.tags.valueof(274, 1)
        bits = page.bitspersample
        bits = bits[0] if isinstance(bits, tuple) else bits
        if int(page.planarconfig) == 2 and page.samplesperpixel > 1:
            data = np.moveaxis(data, 0, -1)
        values = scaled(data, bits if data.dtype.kind == "u" else None)
        if photometric == 0 and data.dtype.kind in "ub" and bits <= 16:
            values = 1 - values
        if photometric == 3:
            colors = page.colormap.astype("float64")
            full = 255 if page.colormap.max() < 256 else 255 * 256 if (page.colormap % 256 == 0).all() else 65535
            values = np.moveaxis(colors[:, data] / full, 0, -1)
        if photometric == 3 and page.samplesperpixel == 2:
            return by_pillow(path)[0], False
        if values.ndim == 2:
            values = values[:, :, None]
        return TURNS.get(int(orientation), lambda a: a)(values), lossy


def turned(image):
    """Exif's orientation; Pillow also takes it from XMP and from texts."""
    from PIL import Image

    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif.get(274, 1)


def by_pillow(path):
    from PIL import Image

    with Image.open(path) as image:
        kind = image.format
        image.seek(0)
        image.load()
        orientation = 1 if kind == "TIFF" else turned(image)
        if kind == "GIF":
            image = image.convert("RGBA")
        elif image.mode in ("P", "PA"):
            image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
        elif "transparency" in image.info and image.mode in ("L", "RGB", "1"):
            image = image.convert("RGBA" if image.mode == "RGB" else "LA")
        if image.mode == "PA":
            image = image.convert("RGBA")
        if image.mode in ("YCbCr", "RGBX", "LAB"):
            image = image.convert("RGB")
        data = np.asarray(image)
        values = scaled(data, 16 if image.mode.startswith("I;16") else None)
        values = values[:, :, None] if values.ndim == 2 else values
        return TURNS.get(orientation, lambda a: a)(values), kind in ("JPEG", "AVIF", "WEBP")


def by_imagecodecs(path):
    import imagecodecs

    from PIL import Image

    with open(path, "rb") as file:
        values = scaled(imagecodecs.png_decode(file.read()))
    with Image.open(path) as image:
        orientation = turned(image)
    values = values[:, :, None] if values.ndim == 2 else values
    return TURNS.get(orientation, lambda a: a)(values), False


def by_openexr(path):
    import OpenEXR

    with OpenEXR.File(path, separate_channels=True) as file:
        part = file.parts[0]
        names = list(part.channels)
        lossy = "B44" in str(part.compression()) or "DWA" in str(part.compression())
        # As dag chooses where nobody does.
        order = next((list(s) for s in ("RGBA", "RGB", "XYZ", "YA", "Y") if set(s) <= set(names)), sorted(names))
        return np.stack([part.channels[name].pixels.astype("float64") for name in order], -1), lossy


READERS = {"tiff": [by_tifffile, by_pillow], "png": [by_imagecodecs, by_pillow], "exr": [by_openexr], "": [by_pillow]}


def reference(path, kind):
    for reader in READERS.get(kind, READERS[""]):
        try:
            return (reader.__name__[3:], *reader(path))
        except Exception:
            continue
    return None


def kind_of(path):
    with open(path, "rb") as file:
        start = file.read(16)
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if start[:4] == b"\x89PNG":
        return "png"
    if start[:4] == b"\x76\x2f\x31\x01":
        return "exr"
    if start[:3] == b"\xff\xd8\xff":
        return "jpeg"
    return os.path.splitext(path)[1].lower()[1:] or "other"


def difference(ours, theirs, kind):
    """The largest, in units of the largest value where that is above 1; alpha that only one side has is left out where it is full."""
    if ours.shape[:2] != theirs.shape[:2]:
        return f"size {ours.shape} and {theirs.shape}"
    a, b = ours, theirs
    for _ in range(2):
        if a.shape[2] in (3, 1) and b.shape[2] == a.shape[2] + 1 and (b[:, :, -1] == 1).all():
            b = b[:, :, :-1]
        if a.shape[2] == 1 and b.shape[2] == 3 and (b == b[:, :, :1]).all():
            b = b[:, :, :1]
        a, b = b, a
    if a.shape != b.shape:
        return f"channels {ours.shape[2]} and {theirs.shape[2]}"
    b32 = b.astype("float32")
    # Colors that nobody sees: what a GIF has below its transparent pixels is not kept by every reader.
    if kind == "gif" and b.shape[2] == 4:
        a, b32 = (np.where(side[:, :, 3:] == 0, 0, side).astype("float32") for side in (a, b32))
    if np.array_equal(a.astype("float32"), b32, equal_nan=True):
        return 0.0
    if not np.array_equal(np.isnan(a), np.isnan(b32)):
        return "NaN in other places"
    with np.errstate(all="ignore"):
        gap = np.where(a == b32, 0, np.abs(a - b32))
    return float(np.nanmax(gap) / max(1.0, float(np.nanmax(np.abs(b32[np.isfinite(b32)]), initial=0))))


def judged(line):
    path, kind = line["path"], kind_of(line["path"])
    found = reference(path, kind)
    if "fault" in line:
        return "OUR FAULT", kind, line["fault"]
    if "error" in line:
        if found is None:
            return "refused by both", kind, line["error"]
        damaged = "damaged" in line["error"] or "not an image" in line["error"]
        return ("CALLED DAMAGED" if damaged else "refused in words"), kind, line["error"]
    ours = np.fromfile(line["raw"], "float32").reshape(line["height"], line["width"], line["channels"])
    if found is None:
        return "read, no reference reads it", kind, ""
    reader, theirs, lossy = found
    gap = difference(ours, theirs, kind)
    if isinstance(gap, str):
        return "DIFFERENT", kind, f"{gap} ({reader})"
    if gap <= 1e-7:
        return "exact", kind, ""
    if lossy and gap <= 3.01 / 255:
        return "lossy, within 3 of 255", kind, f"{gap:.4f}"
    if kind in ("avif", "other") and lossy and float(np.abs(ours - theirs[:, :, : ours.shape[2]]).mean()) <= 3.01 / 255:
        # Decoders smooth halved colors each in its own way.
        return "lossy, mean within 3 of 255", kind, f"{gap:.4f}"
    return "DIFFERENT", kind, f"by {gap:.5f} ({reader})"


def compare(index):
    table = collections.defaultdict(collections.Counter)
    with open(index) as file:
        for line in map(json.loads, file):
            verdict, kind, words = judged(line)
            table[kind][verdict] += 1
            if verdict not in ("exact", "lossy, within 3 of 255", "lossy, mean within 3 of 255"):
                print(f"{verdict}\t{os.path.basename(line['path'])}\t{words[-220:]}")
    verdicts = sorted({verdict for row in table.values() for verdict in row})
    print("\n| format | files | " + " | ".join(verdicts) + " |")
    print("| --- |" + " ---: |" * (len(verdicts) + 1))
    for kind, row in sorted(table.items(), key=lambda item: -item[1].total()):
        print(f"| {kind} | {row.total()} | " + " | ".join(str(row[verdict]) for verdict in verdicts) + " |")


if __name__ == "__main__":
    {"write": write, "compare": compare}[sys.argv[1]](sys.argv[2])
