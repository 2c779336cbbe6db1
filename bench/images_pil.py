"""The peers of bench/images in Python. `images_pil.py exr-write FOLDER SIDE` and `exr-read FOLDER` write and read EXR files by OpenEXR's own
package, as one array of float32 like ours, and print CPU seconds as JSON. `images_pil.py convert WORK FROM TO` does with PIL what images/sharp.ts does with sharp;
`images_pil.py pairs FOLDER COUNT flips|turns` makes training pairs with PIL and torch, on one thread, and prints seconds a pair as JSON."""
import json
import os
import random
import sys
import time

import PIL
from PIL import Image, ImageOps


def convert(work, source, target):
    side, _, kind = work.rpartition(".")
    for name in os.listdir(source):
        with Image.open(os.path.join(source, name)) as image:
            if side:
                image = image.resize((int(side), round(image.height * int(side) / image.width)), Image.BILINEAR)
            if kind == "flop":
                image = ImageOps.mirror(image)
            extension = "jpg" if kind == "jpeg" else "png"
            options = {"quality": 90, "subsampling": 0} if kind == "jpeg" else {}
            image.save(os.path.join(target, f"{name}.{extension}"), **options)


def pairs(folder, count, change):
    import numpy
    import torch

    torch.set_num_threads(1)
    names = sorted(os.listdir(os.path.join(folder, "input")))
    draw = random.Random(1)

    def side(path, flips, box, degrees):
        image = Image.open(path).convert("RGB")
        if box is not None:
            image = image.resize((256, 256), Image.BILINEAR, box=box)
            image = image.rotate(degrees, Image.BILINEAR)
        tensor = torch.from_numpy(numpy.array(image)).permute(2, 0, 1).float().div_(127.5).sub_(1)
        return torch.flip(tensor, flips) if flips else tensor.contiguous()

    def pair(name):
        flips = [axis for axis in (1, 2) if draw.random() < 0.5]
        box, degrees = None, 0
        if change == "turns":
            size = 256 * draw.uniform(0.8, 1)
            x, y = draw.uniform(0, 256 - size), draw.uniform(0, 256 - size)
            box, degrees = (x, y, x + size, y + size), draw.uniform(-30, 30)
        return [side(os.path.join(folder, which, name), flips, box, degrees) for which in ("input", "reference")]

    for at in range(50):
        pair(names[at % len(names)])
    wall, cpu = time.perf_counter(), time.process_time()
    for at in range(count):
        pair(names[at % len(names)])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall / count, "cpu": cpu / count, "versions": f"PIL {PIL.__version__}, torch {torch.__version__}"}))


CODECS = ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "DWAA", "DWAB"]


def exr_write(folder, side):
    import numpy
    import OpenEXR

    y, x = numpy.mgrid[0:side, 0:side].astype(numpy.float32)
    noise = numpy.random.default_rng(0).normal(0, 0.002, (3, side, side))
    waves = [2 + numpy.sin(x / (9 + c)) * numpy.cos(y / 17) + numpy.sin(x * y / 9e3) / 2 for c in range(3)]
    for kind in (numpy.float16, numpy.float32):
        channels = {name: (waves[c] + noise[c]).astype(kind) for c, name in enumerate("RGB")}
        for codec in CODECS:
            header = {"compression": getattr(OpenEXR, f"{codec}_COMPRESSION"), "type": OpenEXR.scanlineimage}
            path = os.path.join(folder, f"{codec} {'half' if kind == numpy.float16 else 'float'}.exr")
            with OpenEXR.File(header, channels) as file:
                file.write(path)


def exr_read(folder):
    import numpy
    import OpenEXR

    least = {}
    for name in sorted(os.listdir(folder)):
        for _ in range(4):
            start = time.process_time()
            with OpenEXR.File(os.path.join(folder, name), separate_channels=False) as file:
                pixels = file.channels()["RGB"].pixels.astype(numpy.float32)
            assert pixels.ndim == 3
            least[name] = min(least.get(name, float("inf")), time.process_time() - start)
    print(json.dumps(least))


if sys.argv[1] == "exr-write":
    exr_write(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "exr-read":
    exr_read(sys.argv[2])
elif sys.argv[1] == "convert":
    convert(*sys.argv[2:5])
else:
    pairs(sys.argv[2], int(sys.argv[3]), sys.argv[4])
