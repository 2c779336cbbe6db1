"""Checks that the product's checkpoints are junyanz's.

They load with strict=True into the U-Net, ResNet and PatchGAN of the pix2pix and CycleGAN reference implementation
(github.com/junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py), and these answer what the product's networks answer.
The networks below have the reference's modules in the reference's order, which is what decides the names in a state_dict.

    npx tsc -p . && /usr/bin/python3 bench/junyanz_check.py

Needs PyTorch alone; safetensors files are read by hand.
"""

import functools
import json
import os
import struct
import subprocess
import sys
import tempfile

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 1e-4


def needs_bias(norm_layer):
    """The reference's rule: a convolution before an instance norm has a bias, one before a batch norm has none."""
    kind = norm_layer.func if isinstance(norm_layer, functools.partial) else norm_layer
    return kind is nn.InstanceNorm2d


class UnetSkipConnectionBlock(nn.Module):
    """One level of the U-Net around the next deeper one: [down, block, up], joined with its input."""

    def __init__(self, outer, inner, norm_layer, inputs=None, submodule=None, outermost=False):
        super().__init__()
        bias, self.outermost = needs_bias(norm_layer), outermost
        conv = nn.Conv2d(outer if inputs is None else inputs, inner, 4, stride=2, padding=1, bias=bias)
        joined = inner if submodule is None else 2 * inner
        up = nn.ConvTranspose2d(joined, outer, 4, stride=2, padding=1, bias=bias or outermost)
        # In place, as in the reference: the skip is what the activation has left of it.
        leaky, relu = nn.LeakyReLU(0.2, True), nn.ReLU(True)
        if outermost:
            modules = [conv, submodule, relu, up, nn.Tanh()]
        elif submodule is None:
            modules = [leaky, conv, relu, up, norm_layer(outer)]
        else:
            modules = [leaky, conv, norm_layer(inner), submodule, relu, up, norm_layer(outer)]
        self.model = nn.Sequential(*modules)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class UnetGenerator(nn.Module):
    def __init__(self, inputs, outputs, num_downs, ngf, norm_layer):
        super().__init__()
        block = UnetSkipConnectionBlock(8 * ngf, 8 * ngf, norm_layer)
        for _ in range(num_downs - 5):
            block = UnetSkipConnectionBlock(8 * ngf, 8 * ngf, norm_layer, submodule=block)
        for factor in (4, 2, 1):
            block = UnetSkipConnectionBlock(factor * ngf, 2 * factor * ngf, norm_layer, submodule=block)
        self.model = UnetSkipConnectionBlock(outputs, ngf, norm_layer, inputs, block, outermost=True)

    def forward(self, x):
        return self.model(x)


class ResnetBlock(nn.Module):
    def __init__(self, channels, norm_layer):
        super().__init__()
        bias = needs_bias(norm_layer)

        def conv():
            return [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm_layer(channels)]

        self.conv_block = nn.Sequential(*conv(), nn.ReLU(True), *conv())

    def forward(self, x):
        return x + self.conv_block(x)


class ResnetGenerator(nn.Module):
    def __init__(self, inputs, outputs, ngf, norm_layer, n_blocks):
        super().__init__()
        bias = needs_bias(norm_layer)
        model = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, ngf, 7, bias=bias), norm_layer(ngf), nn.ReLU(True)]
        for factor in (1, 2):
            conv = nn.Conv2d(factor * ngf, 2 * factor * ngf, 3, stride=2, padding=1, bias=bias)
            model += [conv, norm_layer(2 * factor * ngf), nn.ReLU(True)]
        model += [ResnetBlock(4 * ngf, norm_layer) for _ in range(n_blocks)]
        for factor in (4, 2):
            size = {"stride": 2, "padding": 1, "output_padding": 1}
            conv = nn.ConvTranspose2d(factor * ngf, factor * ngf // 2, 3, bias=bias, **size)
            model += [conv, norm_layer(factor * ngf // 2), nn.ReLU(True)]
        model += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, outputs, 7), nn.Tanh()]
        self.model = nn.Sequential(*model)

    def forward(self, x):
        return self.model(x)


class NLayerDiscriminator(nn.Module):
    def __init__(self, inputs, ndf, n_layers, norm_layer):
        super().__init__()
        bias = needs_bias(norm_layer)
        model = [nn.Conv2d(inputs, ndf, 4, stride=2, padding=1), nn.LeakyReLU(0.2, True)]
        before = ndf
        for n in range(1, n_layers + 1):
            after = ndf * min(2**n, 8)
            conv = nn.Conv2d(before, after, 4, stride=1 if n == n_layers else 2, padding=1, bias=bias)
            model += [conv, norm_layer(after), nn.LeakyReLU(0.2, True)]
            before = after
        self.model = nn.Sequential(*model, nn.Conv2d(before, 1, 4, stride=1, padding=1))

    def forward(self, x):
        return self.model(x)


def read_safetensors(path):
    """name -> float32 tensor: 8 bytes of header length, a JSON header, raw little-endian values."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", (name, entry["dtype"])
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        tensors[name] = values.reshape(entry["shape"]).clone()
    return tensors


def norm_of(case):
    if case["norm"] == "batch":
        return nn.BatchNorm2d
    if case["paired"]:
        return functools.partial(nn.BatchNorm2d, track_running_stats=False)
    return functools.partial(nn.InstanceNorm2d, affine=False, track_running_stats=False)


def load_strictly(network, path):
    """Answers how many biases had to be added: zeros, where the reference has one before a norm that takes it away."""
    tensors = read_safetensors(path)
    wanted = network.state_dict()
    added = [name for name in wanted if name not in tensors and name.endswith(".bias")]
    for name in added:
        tensors[name] = torch.zeros_like(wanted[name])
    network.load_state_dict(tensors, strict=True)
    return len(added)


def check(folder):
    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    norm, ngf = norm_of(case), case["ngf"]
    if case["architecture"] == "unet":
        net_g = UnetGenerator(3, 3, case["layers"], ngf, norm)
    else:
        net_g = ResnetGenerator(3, 3, ngf, norm, case["blocks"])
    net_d = NLayerDiscriminator(case["discriminator_channels"], case["ndf"], case["discriminator_layers"], norm)
    answers = read_safetensors(os.path.join(folder, "answers.safetensors"))
    ok = True
    compared = [
        (network, "%s_%d" % (kind, index), image, "%s_%d" % (answer, index))
        for index in case["indices"]
        for network, kind, image, answer in (
            (net_g, "generator", "input", "generated"),
            (net_d, "discriminator", "judged", "scores"),
        )
    ]
    for network, name, image, answer in compared:
        added = load_strictly(network, os.path.join(folder, name + ".safetensors"))
        network.eval()
        with torch.no_grad():
            theirs = network(answers[image].clone())
        ours = answers[answer]
        difference = (theirs - ours).abs().max().item()
        largest = ours.abs().max().item()
        good = theirs.shape == ours.shape and difference <= LIMIT and not (case["paired"] and added)
        ok = ok and good
        counts = "%d tensors, %d zero biases added" % (len(network.state_dict()), added)
        print("%-18s %-15s strict load (%s)  max difference %.1e of %.2f  %s"
              % (case["name"], name, counts, difference, largest, "ok" if good else "WRONG"))
    return ok


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", os.path.join(HERE, "../dist/bench/junyanz.js"), folder], check=True)
        results = [check(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
