#!/usr/bin/env python3
"""The peer of unpaired training: one CycleGAN step in PyTorch, timed. Prints one JSON line.

  torch_cycle_step.py --size 128 --layers 7 --ngf 24 [--cap N] [--batch 1] [--steps 20] [--threads 2] [--device cpu|cuda]

Two U-Nets and two 70-pixel PatchGANs of the junyanz reference with instance norm without scale and shift, so that every
convolution has its bias; Adam (2e-4, .5/.999), least squares. A step is its optimize_parameters: both generators on GAN, cycle
(10) and identity (5) losses, the discriminators' weights frozen, then both discriminators on images of two pools of 50.
"""
import argparse, itertools, json, random, resource, statistics, time
import torch, torch.nn as nn, torch.nn.functional as F

p = argparse.ArgumentParser()
for name, default in (('size', 64), ('layers', 6), ('ngf', 32), ('cap', 0), ('batch', 1), ('steps', 20), ('threads', 2)):
    p.add_argument('--' + name, type=int, default=default)
p.add_argument('--device', default='cpu')
o = p.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
random.seed(0)
cap = o.cap or 8 * o.ngf


def ch(i):
    return min(o.ngf * 2 ** i, cap)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        L = o.layers
        self.down, self.down_norm, self.up, self.up_norm = (nn.ModuleList() for _ in range(4))
        for i in range(L):
            self.down.append(nn.Conv2d(ch(i - 1) if i else 3, ch(i), 4, 2, 1))
            self.down_norm.append(nn.InstanceNorm2d(ch(i)) if 0 < i < L - 1 else nn.Identity())
        for i in reversed(range(L)):
            cin, cout = (1 if i == L - 1 else 2) * ch(i), ch(i - 1) if i else 3
            self.up.append(nn.ConvTranspose2d(cin, cout, 4, 2, 1))
            self.up_norm.append(nn.InstanceNorm2d(cout) if i else nn.Identity())

    def forward(self, h):
        skips = []
        for i, (conv, norm) in enumerate(zip(self.down, self.down_norm)):
            h = norm(conv(F.leaky_relu(h, .2) if i else h))
            skips.append(h)
        for k, (conv, norm) in enumerate(zip(self.up, self.up_norm)):
            h = norm(conv(F.relu(torch.cat([h, skips[-1 - k]], 1) if k else h)))
        return torch.tanh(h)


def discriminator():
    c, layers = [3, o.ngf, o.ngf * 2, o.ngf * 4, o.ngf * 8, 1], []
    for i in range(5):
        layers.append(nn.Conv2d(c[i], c[i + 1], 4, 2 if i < 3 else 1, 1))
        layers += [nn.InstanceNorm2d(c[i + 1])] if 0 < i < 4 else []
        layers += [nn.LeakyReLU(.2)] if i < 4 else []
    return nn.Sequential(*layers)


class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, images):
        answer = []
        for image in images.detach().split(1):
            if len(self.images) < self.size:
                self.images.append(image)
            elif random.random() > .5:
                place = random.randrange(self.size)
                image, self.images[place] = self.images[place], image
            answer.append(image)
        return torch.cat(answer)


G0, G1, D0, D1 = (make().to(o.device) for make in (Generator, Generator, discriminator, discriminator))


def adam(*models):
    parameters = list(itertools.chain(*(m.parameters() for m in models)))
    try:
        return torch.optim.Adam(parameters, 2e-4, (.5, .999), fused=True)
    except (TypeError, RuntimeError):
        return torch.optim.Adam(parameters, 2e-4, (.5, .999))


opt_g, opt_d = adam(G0, G1), adam(D0, D1)
pools = ImagePool(50), ImagePool(50)
a, b = (torch.randn(o.batch, 3, o.size, o.size, device=o.device) * .5 for _ in range(2))


def mse(z, y):
    return F.mse_loss(z, torch.full_like(z, y))


def freeze(frozen):
    for q in itertools.chain(D0.parameters(), D1.parameters()):
        q.requires_grad_(not frozen)


def step():
    fake_b = G0(a)
    rec_a = G1(fake_b)
    fake_a = G1(b)
    rec_b = G0(fake_a)
    freeze(True)
    opt_g.zero_grad()
    identity = F.l1_loss(G0(b), b) + F.l1_loss(G1(a), a)
    gan = mse(D0(fake_b), 1.) + mse(D1(fake_a), 1.)
    loss = gan + 10 * (F.l1_loss(rec_a, a) + F.l1_loss(rec_b, b)) + 10 * .5 * identity
    loss.backward()
    opt_g.step()
    freeze(False)
    opt_d.zero_grad()
    for D, real, pool, fake in ((D0, b, pools[0], fake_b), (D1, a, pools[1], fake_a)):
        (.5 * (mse(D(real), 1.) + mse(D(pool.query(fake)), 0.))).backward()
    opt_d.step()
    return loss.item()


times, cpus = [], []
for i in range(o.steps + 3):
    start, cpu = time.perf_counter(), time.process_time()
    step()
    if i > 2:
        times.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
print(json.dumps({'torch': torch.__version__, 'fused': bool(opt_g.defaults.get('fused')), 'cpu_s': statistics.median(cpus),
                  'median_s': statistics.median(times), 'min_s': min(times), 'batch': o.batch,
                  'peak_rss_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                  'parameters': [sum(q.numel() for q in m.parameters()) for m in (G0, G1, D0, D1)]}))
