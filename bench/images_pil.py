"""The peers of bench/images in Python. `images_pil.py convert WORK FROM TO` does with PIL what images/sharp.ts does with sharp;
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


if sys.argv[1] == "convert":
    convert(*sys.argv[2:5])
else:
    pairs(sys.argv[2], int(sys.argv[3]), sys.argv[4])
