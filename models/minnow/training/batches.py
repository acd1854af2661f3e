"""Training examples as packed batches, in the order of the shards: the same for the same data, wherever a run is continued."""
import torch

from data.read_shards import Shards
from fast.packed import Packed

# Longest sequence that may attend to everything.
DENSE = 2048


def echoes(ids):
    """Where three tokens end that stood in the same order before: what could be copied from there."""
    if len(ids) < 3:
        return torch.zeros(len(ids), dtype=torch.bool)
    triples = (ids[:-2] << 32) | (ids[1:-1] << 16) | ids[2:]
    _, which = torch.unique(triples, return_inverse=True)
    places = torch.arange(len(triples))
    first = torch.full((len(triples),), len(triples)).scatter_reduce(0, which, places, "amin")
    return torch.cat([torch.zeros(2, dtype=torch.bool), places > first[which]])


class Batch:
    """Conversations packed together; `weights` [N] of what each token's successor counts in the loss: one if it is learned, `prompt_weight` if it
    is of a prompt, `echo_weight` more where a prompt repeats itself."""

    def __init__(self, examples, prompt_weight, device="cpu", dense=False, echo_weight=0.0):
        lengths = [len(ids) for ids, *_ in examples]
        self.packed = Packed(lengths, dense and max(lengths) <= DENSE)
        self.ids = torch.cat([ids for ids, *_ in examples])
        self.learned = torch.cat([learn for _, learn, *_ in examples])
        last = self.packed.starts[1:].long() - 1
        self.targets = self.ids.roll(-1)
        self.counts = self.learned.roll(-1)
        self.counts[last] = False
        prompt = torch.full(self.counts.shape, prompt_weight)
        if echo_weight:
            prompt += echo_weight * torch.cat([echoes(ids) for ids, *_ in examples]).roll(-1)
        self.weights = torch.where(self.counts, 1.0, prompt)
        self.weights[last] = 0
        self.ids, self.targets, self.counts, self.weights, self.learned = (
            t.to(device) for t in (self.ids, self.targets, self.counts, self.weights, self.learned))

    def __len__(self):
        return len(self.packed)

    def after_next(self, here):
        """For the MTP block: the targets two tokens ahead of `here`, and whether they count."""
        ends = torch.repeat_interleave(self.packed.starts[1:].long(), torch.tensor(self.packed.lengths)).to(here.device)[here]
        inside = here + 2 < ends
        at = (here + 2).clamp_max(len(self.ids) - 1)
        return self.ids[at], (self.learned[at] & inside).float()


def read(shards, i):
    """(ids int64, learned bool, (skill, kind)) of the examples of shard i; kinds as in read_shards.py."""
    for (ids, learn, skill), kind in zip(shards.examples(i), shards.kinds(i)):
        yield torch.from_numpy(ids.astype("int64")), torch.from_numpy(learn.astype(bool)), (skill, int(kind))


class Stream:
    """Steps of at least `tokens` tokens, dealt to `hands` hands of about equal work, each a list of batches.

    `more()` is called when the folder's examples are used up; it makes more of them.
    """

    def __init__(self, folder, tokens, hands, more, batch=4096, place=(0, 0), longest=None, device="cpu"):
        self.shards, self.tokens, self.hands, self.batch, self.more = Shards(folder), tokens, hands, batch, more
        self.shard, self.example = place
        self.longest, self.device = longest, device
        self.waiting = None

    @property
    def place(self):
        return self.shard, self.example

    def next_example(self):
        while True:
            if self.waiting is None:
                if self.shard >= len(self.shards):
                    self.more()
                    self.shards = Shards(self.shards.folder)
                self.waiting = list(read(self.shards, self.shard))
            if self.example < len(self.waiting):
                self.example += 1
                return self.waiting[self.example - 1]
            self.waiting, self.shard, self.example = None, self.shard + 1, 0

    def step(self, prompt_weight, dense, echo_weight):
        examples, total = [], 0
        while total < self.tokens:
            example = self.next_example()
            if self.longest and len(example[0]) > self.longest:
                continue
            examples.append(example)
            total += len(example[0])
        examples.sort(key=lambda e: -len(e[0]))
        hands = [[] for _ in range(self.hands)]
        loads = [0] * self.hands
        for example in examples:
            least = loads.index(min(loads))
            hands[least].append(example)
            loads[least] += work(len(example[0]))
        return [self.batches(hand, prompt_weight, dense, echo_weight) for hand in hands]

    def batches(self, examples, prompt_weight, dense, echo_weight):
        out, room = [], 0
        for example in examples:
            if len(example[0]) > room:
                out.append([])
                room = self.batch
            out[-1].append(example)
            room -= len(example[0])
        return [Batch(examples, prompt_weight, self.device, dense, echo_weight) for examples in out]


def work(length):
    """Cost of a sequence in the time of one token of a short one: selection looks at every entry for every token."""
    return length * (1 + length / 16384)
