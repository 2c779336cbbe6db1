"""Prints as JSON what TensorBoard reads from a folder of event files: all scalars and images, by tag."""

import base64
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
run.Reload()
tags = run.Tags()
json.dump(
    {
        "scalars": {tag: [[e.step, e.value, e.wall_time] for e in run.Scalars(tag)] for tag in tags["scalars"]},
        "images": {
            tag: [[e.step, e.width, e.height, base64.b64encode(e.encoded_image_string).decode()] for e in run.Images(tag)]
            for tag in tags["images"]
        },
    },
    sys.stdout,
)
