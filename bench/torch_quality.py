#!/usr/bin/env python3
"""The peer of bench/quality: the same training in PyTorch, scored on the test tiles. Prints one JSON line.

  torch_quality.py ../shared/data/terrain/paired128 [--side 128] [--layers 7] [--ngf 24] [--cap 192] [--d-layers 3] [--norm batch]
    [--batch 1] [--iterations 12] [--rate 1e-3] [--flip h] [--gan 1] [--gradient 0] [--ssim 0] [--ema 0] [--seed 0] [--threads 1]
    [--order FILE]

U-Net and PatchGAN of the junyanz reference without dropout, Adam (.5/.999), BCE with logits, 100 x L1, a rate that falls over
the second half. Scores under "exported" are those of the running statistics, under "recomputed" of statistics collected over
the training tiles (training-quality), under "own" of each tile's own; "+flips": answers averaged with the mirrored tile's; "ema":
of the averaged weights. --order: a JSON list of batches, each a list of [tile, mirrored], instead of PyTorch's own random order.
Needs PyTorch, NumPy and Pillow.
"""
import argparse
import copy
import json
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

p = argparse.ArgumentParser()
p.add_argument('data', type=pathlib.Path)
for name, default in (('side', 128), ('layers', 7), ('ngf', 24), ('cap', 192), ('d-layers', 3), ('batch', 1), ('iterations', 12), ('seed', 0), ('threads', 1)):
    p.add_argument('--' + name, type=int, default=default)
for name, default in (('rate', 1e-3), ('gan', 1.), ('gradient', 0.), ('ssim', 0.), ('ema', 0.)):
    p.add_argument('--' + name, type=float, default=default)
p.add_argument('--norm', choices=['instance', 'batch'], default='batch')
p.add_argument('--flip', choices=['', 'h', 'hv'], default='h')
p.add_argument('--order', type=pathlib.Path)
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(o.seed)
random.seed(o.seed)


def channels(i):
    return min(o.ngf * 2 ** i, o.cap)


def norm(count):
    return nn.InstanceNorm2d(count, affine=True) if o.norm == 'instance' else nn.BatchNorm2d(count)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.down_norm, self.up, self.up_norm = (nn.ModuleList() for _ in range(4))
        for i in range(o.layers):
            self.down.append(nn.Conv2d(channels(i - 1) if i else 3, channels(i), 4, 2, 1, bias=False))
            self.down_norm.append(norm(channels(i)) if 0 < i < o.layers - 1 else nn.Identity())
        for i in reversed(range(o.layers)):
            cin, cout = (1 if i == o.layers - 1 else 2) * channels(i), channels(i - 1) if i else 3
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
    n = o.d_layers
    c = [6] + [o.ngf * min(2 ** i, 8) for i in range(n + 1)] + [1]
    layers = []
    for i in range(n + 2):
        normed = 0 < i < n + 1
        layers.append(nn.Conv2d(c[i], c[i + 1], 4, 2 if i < n else 1, 1, bias=not normed))
        layers += [norm(c[i + 1])] if normed else []
        layers += [nn.LeakyReLU(.2)] if i < n + 1 else []
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
    planes = [torch.tensor(image.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None] for image in images]
    halves = [(both[..., :both.shape[-1] // 2], both[..., both.shape[-1] // 2:]) for both in planes]
    small = lambda x: x if x.shape[-1] == o.side else F.interpolate(x, (o.side, o.side), mode='bilinear', antialias=True)
    return [(small(a), small(b)) for a, b in halves]


def bce(z, y):
    return F.binary_cross_entropy_with_logits(z, torch.full_like(z, y))


def gradient_loss(fake, b):
    d, total = fake - b, 0.
    for _ in range(3):
        total = total + (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()
        d = F.avg_pool2d(d, 2)
    return total


axis = torch.arange(11, dtype=torch.float64) - 5
gauss = torch.exp(-axis ** 2 / (2 * 1.5 ** 2))
gauss = (gauss / gauss.sum()).float()


def ssim_of(x, y):
    c = x.shape[1]
    row, col = (gauss.view(s).expand(c, 1, *s[-2:]).contiguous() for s in ((1, 1, 11, 1), (1, 1, 1, 11)))
    blur = lambda z: F.conv2d(F.conv2d(z, row, groups=c), col, groups=c)
    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    return ((2 * mx * my + 1e-4) * (2 * cov + 9e-4) / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4))).mean()


def checkers(x):
    """Mean of (a - b - c + d)^2 / 4 of each 2 x 2 block."""
    a, b, c, d = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
    return ((a - b - c + d) ** 2 / 4).mean().item()


def scores(net, flips):
    all_of = []
    with torch.no_grad():
        for a, b in test:
            answer = net(a)
            if flips:
                answer = (answer + net(a.flip(3)).flip(3)) / 2
            made, truth = ((image.mean(1, keepdim=True) + 1) / 2 for image in (answer, b))
            r = np.corrcoef(made.flatten(), truth.flatten())[0, 1]
            all_of.append([(made - truth).abs().mean().item(), r, ssim_of(made.clamp(0, 1), truth).item(), checkers(made), checkers(truth)])
    mae, r, ssim, own, truth = np.mean(all_of, 0)
    return {'mae': mae, 'correlation': r, 'ssim': ssim, 'checkers': own / truth}


def recomputed(net):
    """A copy whose running statistics are those over the training tiles, each normalised by its own."""
    net, sums = copy.deepcopy(net).train(), {}

    def collect(module, given):
        x = given[0].double()
        one = sums.setdefault(module, [0., 0., 0])
        one[0], one[1], one[2] = one[0] + x.mean((0, 2, 3)), one[1] + x.var((0, 2, 3)), one[2] + 1

    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    hooks = [m.register_forward_pre_hook(collect) for m in norms]
    with torch.no_grad():
        for a, _ in train:
            net(a)
    for hook in hooks:
        hook.remove()
    for m in norms:
        mean, variance, count = sums[m]
        m.running_mean.copy_(mean / count)
        m.running_var.copy_(variance / count)
    return net.eval()


G, D = Generator().apply(start), discriminator().apply(start)
average = copy.deepcopy(G)
opt_g, opt_d = (torch.optim.Adam(m.parameters(), o.rate, (.5, .999)) for m in (G, D))
train, test = tiles('train'), tiles('test')
steps = -(-len(train) // o.batch)
order = json.loads(o.order.read_text()) if o.order else None
decay = o.iterations // 2
began, update = time.process_time(), 0
for e in range(o.iterations):
    for opt in (opt_g, opt_d):
        opt.param_groups[0]['lr'] = o.rate * (1 - max(0, e + 1 - (o.iterations - decay)) / (decay + 1))
    chosen = random.sample(range(len(train)), len(train))
    for s in range(steps):
        batch = []
        turns = order[update] if order else [[t, None] for t in chosen[s * o.batch:(s + 1) * o.batch]]
        for tile, mirrored in turns:
            axes = ([3] if mirrored else []) if order else [x for x, name in ((3, 'h'), (2, 'v')) if name in o.flip and random.random() < .5]
            batch.append([side.flip(axes) for side in train[tile]])
        a, b = (torch.cat(side) for side in zip(*batch))
        fake = G(a)
        if o.gan:
            opt_d.zero_grad()
            (.5 * (bce(D(torch.cat([a, fake.detach()], 1)), 0.) + bce(D(torch.cat([a, b], 1)), 1.))).backward()
            opt_d.step()
        opt_g.zero_grad()
        loss = 100 * (fake - b).abs().mean()
        if o.gan:
            loss = loss + o.gan * bce(D(torch.cat([a, fake], 1)), 1.)
        if o.gradient:
            loss = loss + o.gradient * gradient_loss(fake, b)
        if o.ssim:
            loss = loss + o.ssim * (1 - ssim_of((fake + 1) / 2, (b + 1) / 2))
        loss.backward()
        opt_g.step()
        d = min(o.ema, (1 + update) / (10 + update))
        if o.ema:
            with torch.no_grad():
                for mean, weight in zip(average.parameters(), G.parameters()):
                    mean.mul_(d).add_(weight, alpha=1 - d)
        update += 1
seconds = time.process_time() - began
nets = {'exported': copy.deepcopy(G).eval()}
if o.norm == 'batch':
    nets |= {'recomputed': recomputed(G), 'own': copy.deepcopy(G).train()}
if o.ema:
    nets['ema'] = recomputed(average) if o.norm == 'batch' else average.eval()
found = {name + tail: scores(net, flips) for name, net in nets.items() for tail, flips in (('', False), ('+flips', True))}
counts = [sum(q.numel() for q in m.parameters()) for m in (G, D)]
print(json.dumps({'torch': torch.__version__, 'seed': o.seed, 'updates': update, 'cpu_s': round(seconds, 1), 'parameters': counts, 'scores': found}))
