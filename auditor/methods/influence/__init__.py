"""Influence of training samples: exact gradient kernels from factored per-sample gradients.

Usable alone; it knows nothing of audits. ``Gradients`` computes rows as they pass, ``keep`` keeps
them (in memory, or mapped in a folder and resumable), and ``tracin``, ``gas``, ``self_influences``
and ``top`` take one of either for each checkpoint.

>>> import torch
>>> from torch import nn
>>> _ = torch.manual_seed(0)
>>> network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
>>> x, y = torch.rand(20, 4), torch.arange(20) % 3
>>> store = keep(Gradients(network, x, y, weight=0.1))
>>> store.cover.complete
True
>>> influence = tracin([store], Queries(x[:2], y[:2]))
>>> influence.shape
torch.Size([20, 2])
>>> bool(torch.isclose(influence[0, 0].double(), self_influences([store])[0], rtol=1e-5))
True
>>> top(store, Queries(x[:2], y[:2]), k=3).index.shape
torch.Size([3, 2])

- ``rows`` per-sample gradients of one layer and their inner products
- ``layers``, ``attention`` which layers are covered and how
- ``tape`` one pass forward and backward; coverage
- ``store`` one checkpoint's rows, computed or kept
- ``trace`` TracIn, layer-wise GAS, self-influence, streaming top-k
- ``residual`` layer-wise GAS beyond what clean inputs explain: the trace of a trigger
- ``null`` null queries for that
- ``verdict`` whether there is poison behind a query, and which samples
- ``alike`` the same against clean samples of the query's label, where no null query is like it
- ``untaught`` how much of it the inputs alone would give
- ``reliance`` whose label the model gives up without the trigger
- ``removal`` does the behaviour go when the accused samples go?
- ``projection`` TRAK-style scores from projected gradients
- ``label_errors`` wrong labels by the course of training, by self-influence and by cleanlab
- ``patches`` what pictures say of a label without a network
- ``representation``, ``populations`` poison in features: SPECTRE, Beatrix, two baselines; SCAn
- ``shared_values`` planted pairs of values in tables
- ``battery`` verdicts of all these against clean samples
- ``tampered`` outliers and manipulated features; ``duplicates``; ``membership``
- ``internals`` signs that need no training data; ``features`` of the last hidden layer
- ``classic`` linear models and boosted trees
- ``forensics``, ``witness``, ``inquiry`` what probes share
"""

from auditor.methods.influence.residual import Group, residual_gas
from auditor.methods.influence.store import Gradients, GradientStore, keep
from auditor.methods.influence.tape import Coverage, coverage
from auditor.methods.influence.trace import Queries, Top, gas, self_influences, top, tracin
from auditor.methods.influence.verdict import Cut, cut

__all__ = [
    "Coverage",
    "Cut",
    "GradientStore",
    "Gradients",
    "Group",
    "Queries",
    "Top",
    "coverage",
    "cut",
    "gas",
    "keep",
    "residual_gas",
    "self_influences",
    "top",
    "tracin",
]
