#!/usr/bin/env python3
"""The peer of bench/quality: the same training in PyTorch, and its scores on the test tiles after every iteration.

  torch_quality.py ../shared/data/terrain/paired128 [--norm instance|batch] [--init default|normal] [--seed 0] [--threads 2]

U-Net (7 layers, 24 to 192 channels) and 70-pixel PatchGAN (24) as in ../shared/reference/torch_step.py; no dropout, flips,
Adam (2e-4, .5/.999), BCE with logits, 100 x L1, 12 iterations, the last 6 of falling rate. Batch norm is tested both ways: with
its running statistics, and (as instance norm would be) with each tile's own. Needs PyTorch, NumPy and Pillow.
"""
import argparse
import pathlib
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

p = argparse.ArgumentParser()
p.add_argument('data', type=pathlib.Path)
p.add_argument('--norm', choices=['instance', 'batch'], default='instance')
p.add_argument('--init', choices=['default', 'normal'], default='normal')
p.add_argument('--iterations', type=int, default=12)
p.add_argument('--seed', type=int, default=0)
p.add_argument('--threads', type=int, default=2)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(o.seed)
random.seed(o.seed)

LAYERS, SIDE = 7, 128


def channels(i):
    return min(24 * 2 ** i, 192)


def norm(count):
    return nn.InstanceNorm2d(count, affine=True) if o.norm == 'instance' else nn.BatchNorm2d(count)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.down_norm, self.up, self.up_norm = (nn.ModuleList() for _ in range(4))
        for i in range(LAYERS):
            self.down.append(nn.Conv2d(channels(i - 1) if i else 3, channels(i), 4, 2, 1, bias=False))
            self.down_norm.append(norm(channels(i)) if 0 < i < LAYERS - 1 else nn.Identity())
        for i in reversed(range(LAYERS)):
            cin, cout = (1 if i == LAYERS - 1 else 2) * channels(i), channels(i - 1) if i else 3
            self.up.append(nn.ConvTranspose2d(cin, cout, 4, 2, 1, bias=i == 0))
            self.up_norm.append(norm(cout) if i else nn.Identity())

    def forward(self, h):
        skips = []
        for i, (conv, normed) in enumerate(zip(self.down, self.down_norm)):
            h = normed(conv(F.leaky_relu(h, .2) if i else h))
            skips.append(h)
        for k, (conv, normed) in enumerate(zip(self.up, self.up_norm)):
            h = normed(conv(F.relu(torch.cat([h, skips[-1 - k]], 1) if k else h)))
        return torch.tanh(h)


def discriminator():
    c, layers = [6, 24, 48, 96, 192, 1], []
    for i in range(5):
        layers.append(nn.Conv2d(c[i], c[i + 1], 4, 2 if i < 3 else 1, 1, bias=not 0 < i < 4))
        layers += [norm(c[i + 1])] if 0 < i < 4 else []
        layers += [nn.LeakyReLU(.2)] if i < 4 else []
    return nn.Sequential(*layers)


def start(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, .02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, (nn.InstanceNorm2d, nn.BatchNorm2d)):
        nn.init.normal_(module.weight, 1, .02)


def tiles(split):
    images = (np.asarray(Image.open(f).convert('RGB')) for f in sorted((o.data / split).glob('*.png')))
    planes = (torch.tensor(image.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None] for image in images)
    return [(both[..., :SIDE], both[..., SIDE:]) for both in planes]


def bce(z, y):
    return F.binary_cross_entropy_with_logits(z, torch.full_like(z, y))


def scores(training):
    G.train(training)
    mae, correlation = [], []
    with torch.no_grad():
        for a, b in test:
            made, truth = ((image[0].mean(0) + 1) / 2 for image in (G(a), b))
            mae.append((made - truth).abs().mean().item())
            correlation.append(np.corrcoef(made.flatten(), truth.flatten())[0, 1])
    G.train()
    return f'mae {np.mean(mae):.4f} correlation {np.mean(correlation):.4f}'


G, D = Generator(), discriminator()
if o.init == 'normal':
    G.apply(start)
    D.apply(start)
opt_g, opt_d = (torch.optim.Adam(m.parameters(), 2e-4, (.5, .999)) for m in (G, D))
train, test = tiles('train'), tiles('test')
decay = o.iterations // 2
for e in range(o.iterations):
    for opt in (opt_g, opt_d):
        opt.param_groups[0]['lr'] = 2e-4 * (1 - max(0, e + 1 - (o.iterations - decay)) / (decay + 1))
    l1s = []
    for a, b in random.sample(train, len(train)):
        flips = [axis for axis in (2, 3) if random.random() < .5]
        a, b = (a.flip(flips), b.flip(flips)) if flips else (a, b)
        fake = G(a)
        opt_d.zero_grad()
        (.5 * (bce(D(torch.cat([a, fake.detach()], 1)), 0.) + bce(D(torch.cat([a, b], 1)), 1.))).backward()
        opt_d.step()
        opt_g.zero_grad()
        l1 = (fake - b).abs().mean()
        (bce(D(torch.cat([a, fake], 1)), 1.) + 100 * l1).backward()
        opt_g.step()
        l1s.append(l1.item())
    own = f'   with own statistics {scores(True)}' if o.norm == 'batch' else ''
    print(f'iteration {e + 1}: l1 {np.mean(l1s):.4f} test {scores(False)}{own}', flush=True)
