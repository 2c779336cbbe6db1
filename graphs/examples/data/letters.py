"""Counts the letters of the first input file, and tells which Python runs. What it is given stands in DAG_ITEM."""

import json
import os
import sys

with open(os.environ["DAG_ITEM"], encoding="utf-8") as given:
    item = json.load(given)
with open(item["inputs"][0]["files"][0]["path"], encoding="utf-8") as tile:
    letters = sum(letter.isalpha() for letter in tile.read())
with open(os.environ["DAG_RESULT"], "w", encoding="utf-8") as result:
    json.dump({"letters": letters, "prefix": sys.prefix}, result)
