#!/usr/bin/env python3
"""The peer of a paired step with batch norm: `../shared/reference/torch_step.py` with every InstanceNorm2d a BatchNorm2d.

  torch_batch_norm_step.py --size 128 --layers 7 --ngf 24 --batch 4 [--steps 20] [--threads 2]
"""
import runpy, sys
import torch.nn as nn

nn.InstanceNorm2d = lambda channels, affine=False: nn.BatchNorm2d(channels)
sys.argv = ["torch_step.py", *(x for x in sys.argv[1:] if x not in ("--norm", "batch"))]
runpy.run_path("../shared/reference/torch_step.py", run_name="__main__")
