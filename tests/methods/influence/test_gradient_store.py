"""Per-sample gradients against autograd, one sample at a time; kept rows against computed ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from auditor.architectures import build
from auditor.core.errors import AuditorError
from auditor.methods.influence import (
    Coverage,
    Gradients,
    Queries,
    coverage,
    gas,
    keep,
    self_influences,
    top,
    tracin,
)
from auditor.methods.influence.tape import gradient_rows, one_by_one


class Words(nn.Module):
    """Embedding with padding, an encoder layer with masks, a linear head."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 16, padding_idx=0)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        words = self.encoder(self.words(x), src_key_padding_mask=x == 0)
        return self.head(words.mean(1))


class Mixed(nn.Module):
    """Cross attention with the batch second, RMS and group norm, a grouped 1-d convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(6, 8)
        self.attention = nn.MultiheadAttention(8, 2, kdim=6, vdim=6)
        self.rms, self.group = nn.RMSNorm(8), nn.GroupNorm(2, 8)
        self.conv = nn.Conv1d(8, 8, 3, groups=4, padding="same", padding_mode="circular")
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        key = x.transpose(0, 1)
        out, _ = self.attention(self.query(x).transpose(0, 1), key, key)
        spread = self.rms(out.transpose(0, 1)).transpose(1, 2)
        return self.head(self.group(self.conv(spread)).mean(2))


def tokens() -> Tensor:
    x = torch.randint(1, 20, (6, 7))
    x[:3, 5:] = 0
    return x


def normal(network: nn.Module) -> nn.Module:
    """Running statistics as after training."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return network.train()


CASES = {
    **{
        name: lambda name=name: (build(name, (3, 16, 16), 5), torch.rand(6, 3, 16, 16))
        for name in ("small_cnn", "resnet8", "mobilenet", "vit_tiny", "lenet")
    },
    "words": lambda: (Words(), tokens()),
    "mixed": lambda: (Mixed(), torch.rand(6, 5, 6)),
}


@pytest.mark.parametrize("case", CASES)
def test_kernels_are_exact_and_the_network_stays_as_it_was(case: str) -> None:
    torch.manual_seed(0)
    network, x = CASES[case]()
    y, before = torch.arange(6) % 3, {}
    normal(network)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    cover = coverage(network, x)
    rows = gradient_rows(network, x, y, cover)
    assert cover.hooked
    assert set(cover.uncovered) == ({"cls_token", "pos_embed"} if case == "vit_tiny" else set())
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert not any(m._forward_hooks or "forward" in vars(m) for m in network.modules())
    names = tuple(n for n, _ in network.named_parameters() if n not in cover.uncovered)
    full = one_by_one(network, x, y, Coverage(names, hooked=False))
    exact = sum(r.dot(r) for r in full.values())
    scale = float(exact.abs().max())
    assert float((sum(r.dot(r) for r in rows.values()) - exact).abs().max()) <= 1e-5 * scale
    norms = sum(r.squared_norm() for r in rows.values())
    assert torch.allclose(norms.float(), exact.diag(), rtol=1e-4)


class Scaled(nn.Linear):
    """Looks like a linear layer and is none."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


def test_what_is_not_covered_is_listed() -> None:
    tied = nn.Linear(4, 4)
    network = nn.Sequential(tied, nn.Linear(4, 4), Scaled(4, 4), nn.Linear(4, 3))
    network[1].weight = tied.weight
    cover = coverage(network, torch.rand(2, 4))
    assert cover.uncovered == ("2.weight", "2.bias")
    assert cover.shared == ("0.weight",)
    assert not cover.complete


class Odd(nn.Module):
    """A free parameter, a recurrent layer, and weights that two layers share."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(1, 4, 5))
        self.recurrent = nn.LSTM(5, 6, batch_first=True)
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6, bias=False)
        self.second.weight = self.first.weight
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        told = self.recurrent(x + self.place)[0][:, -1]
        return self.head(self.second(torch.tanh(self.first(told))))


def test_what_layers_leave_out_is_exact_on_demand() -> None:
    torch.manual_seed(0)
    network, x, y = Odd(), torch.rand(6, 4, 5), torch.arange(6) % 3
    plain, whole = Gradients(network, x, y), Gradients(network, x, y, complete=True)
    assert "place" in plain.cover.uncovered
    assert plain.cover.shared == ("first.weight",)
    assert whole.cover.complete
    assert whole.cover.layers == ("head",)
    names = tuple(name for name, _ in network.named_parameters())
    full = one_by_one(network, x, y, Coverage(names, hooked=False))
    exact = sum(rows.dot(rows) for rows in full.values())
    asked = Queries(x, y)
    assert torch.allclose(tracin([whole], asked), exact, rtol=1e-5)
    assert torch.allclose(tracin([keep(whole)], asked), exact, rtol=1e-5)
    assert not torch.allclose(tracin([plain], asked), exact, rtol=1e-2)


def test_layers_are_copied_only_where_the_model_works_in_place() -> None:
    torch.manual_seed(0)
    x, y = torch.rand(5, 4), torch.arange(5) % 3
    for in_place in (False, True):
        network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(inplace=in_place), nn.Linear(6, 3))
        cover = coverage(network, x)
        assert cover.copied is in_place
        names = tuple(name for name, _ in network.named_parameters())
        full = one_by_one(network, x, y, Coverage(names, hooked=False))
        for known in (cover, replace(cover, copied=False)):
            rows = gradient_rows(network, x, y, known)
            found = sum(r.dot(r) for r in rows.values())
            assert torch.allclose(found, sum(r.dot(r) for r in full.values()), rtol=1e-5)


def test_a_scripted_model_is_differentiated_one_by_one() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).eval()
    x, y = torch.rand(9, 4), torch.arange(9) % 3
    scripted = torch.jit.trace(network, x, check_trace=False)
    assert not coverage(scripted, x).hooked
    found = tracin([Gradients(scripted, x, y)], Queries(x, y))
    assert torch.allclose(found, tracin([Gradients(network, x, y)], Queries(x, y)), atol=1e-6)


def test_kept_rows_in_a_folder_give_the_same_scores_and_resume(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = normal(build("small_cnn", (1, 8, 8), 4))
    x, y = torch.rand(30, 1, 8, 8), torch.arange(30) % 4
    source = Gradients(network, x, y, weight=0.3, block=8)
    asked = Queries(x[:3], y[:3])

    def interrupted(share: float, note: str) -> None:
        if share > 0.4:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        keep(source, tmp_path, interrupted)
    begun: list[float] = []
    store = keep(source, tmp_path, lambda share, note: begun.append(share))
    assert min(begun) > 0.4
    assert torch.equal(tracin([store], asked), tracin([source], asked))
    again = gas([source, source], asked)
    assert torch.allclose(gas([store, store], asked), again, rtol=0, atol=1e-6)
    best = top(store, asked, 4)
    expected = tracin([store], asked).topk(4, 0)
    assert torch.equal(best.index, expected.indices)
    assert torch.allclose(self_influences([store])[:3].float(), tracin([store], asked).diag())
    with pytest.raises(AuditorError, match="other samples or another model"):
        keep(Gradients(network, x, (y + 1) % 4, block=8), tmp_path)
