"""Reads what make-data.ts writes."""
import json
import os

import numpy as np


class Shards:
    """`shards.examples(i)` yields (ids uint16, learn uint8, skill name) of shard i; arrays are views of the files."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "data.json"), encoding="utf-8") as f:
            self.about = json.load(f)

    def __len__(self):
        return len(self.about["shards"])

    def arrays(self, i):
        path = os.path.join(self.folder, self.about["shards"][i]["name"])
        return (np.memmap(path + ".ids", "<u2", "r"), np.memmap(path + ".learn", "u1", "r"),
                np.fromfile(path + ".index", "<u4").reshape(-1, 3))

    def examples(self, i):
        ids, learn, index = self.arrays(i)
        for start, length, skill in index:
            yield ids[start:start + length], learn[start:start + length], self.about["skills"][skill]

    def kinds(self, i):
        """Of each example of shard i: 0 no thinking, 1 low, 2 high, 3 max; 4 more in Chinese."""
        return np.fromfile(os.path.join(self.folder, self.about["shards"][i]["name"]) + ".kind", "u1")
