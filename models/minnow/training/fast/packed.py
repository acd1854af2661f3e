"""A batch without padding: sequences of any lengths, one after the other."""
import torch


class Packed:
    """`starts` int32 [S+1]: where each sequence begins, and the end; `positions` int32 [N]: places within the sequence.

    With `dense`, every entry that a token can see is attended to, whatever the indexer says (which learns all the same).
    """

    def __init__(self, lengths, dense=False):
        self.dense = dense
        self.lengths = [int(n) for n in lengths]
        self.starts = torch.zeros(len(self.lengths) + 1, dtype=torch.int32)
        self.starts[1:] = torch.tensor(self.lengths, dtype=torch.int32).cumsum(0)
        self.positions = torch.cat([torch.arange(n, dtype=torch.int32) for n in self.lengths])

    def __len__(self):
        """Tokens in all."""
        return int(self.starts[-1])
