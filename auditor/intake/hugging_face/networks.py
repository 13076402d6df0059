"""Our own ViT and ResNet with transformers' names of weights, built from a checked configuration.

Sources: Dosovitskiy et al. 2021 (arXiv:2010.11929), He et al. 2016 (arXiv:1512.03385).
Limits: inference only: no dropout, no pooler, no masks.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from auditor.core.errors import DeliveryError
from auditor.intake.hugging_face.config import Config

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "swish": nn.SiLU,
    "gelu_new": lambda: nn.GELU("tanh"), "gelu_pytorch_tanh": lambda: nn.GELU("tanh"),
}  # fmt: skip


def _named(**modules: nn.Module) -> nn.ModuleDict:
    return nn.ModuleDict(modules)


class ConvLayer(nn.Module):
    """Convolution, normalisation and perhaps an activation."""

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int, activation: nn.Module
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.normalization = nn.BatchNorm2d(outputs)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """``(n, inputs, h, w)`` to ``(n, outputs, h / stride, w / stride)``."""
        result: Tensor = self.activation(self.normalization(self.convolution(x)))
        return result


class Residual(nn.Module):
    """Two or three convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, config: Config, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        act, none = ACTIVATIONS[config.text("hidden_act", "relu")], nn.Identity
        same = inputs == outputs and stride == 1
        self.shortcut = none() if same else ConvLayer(inputs, outputs, 1, stride, none())
        if config.text("layer_type", "bottleneck") == "basic":
            layers = [
                ConvLayer(inputs, outputs, 3, stride, act()),
                ConvLayer(outputs, outputs, 3, 1, none()),
            ]
        else:
            narrow, early = max(1, outputs // 4), config.flag("downsample_in_bottleneck", False)
            layers = [
                ConvLayer(inputs, narrow, 1, stride if early else 1, act()),
                ConvLayer(narrow, narrow, 3, 1 if early else stride, act()),
                ConvLayer(narrow, outputs, 1, 1, none()),
            ]
        self.layer = nn.Sequential(*layers)
        self.activation = act()

    def forward(self, x: Tensor) -> Tensor:
        """``(n, inputs, h, w)`` to ``(n, outputs, h / stride, w / stride)``."""
        result: Tensor = self.activation(self.layer(x) + self.shortcut(x))
        return result


class ResNet(nn.Module):
    """``ResNetForImageClassification``."""

    def __init__(self, config: Config, classes: int) -> None:
        super().__init__()
        act = ACTIVATIONS[config.text("hidden_act", "relu")]
        width = config.count("embedding_size", 64)
        stem = ConvLayer(config.count("num_channels", 3), width, 7, 2, act())
        stages = []
        sizes = zip(
            config.counts("hidden_sizes", (256, 512, 1024, 2048)),
            config.counts("depths", (3, 4, 6, 3)),
            strict=True,
        )
        stride = 2 if config.flag("downsample_in_first_stage", False) else 1
        for outputs, depth in sizes:
            first = Residual(config, width, outputs, stride)
            rest = (Residual(config, outputs, outputs, 1) for _ in range(depth - 1))
            stages.append(_named(layers=nn.Sequential(first, *rest)))
            width, stride = outputs, 2
        embedder = _named(embedder=stem)
        encoder = _named(stages=nn.ModuleList(stages))
        self.resnet = _named(embedder=embedder, encoder=encoder)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(width, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Images ``(n, c, h, w)`` to logits ``(n, classes)``."""
        x = self.pool(self.resnet["embedder"]["embedder"](x))  # type: ignore[index]
        for stage in self.resnet["encoder"]["stages"]:  # type: ignore[index]
            x = stage["layers"](x)
        logits: Tensor = self.classifier(x.mean((2, 3)))
        return logits


class Attention(nn.Module):
    """Multi-head self-attention over ``(n, tokens, width)``, same shape out."""

    def __init__(self, width: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        parts = {name: nn.Linear(width, width, bias) for name in ("query", "key", "value")}
        self.attention = nn.ModuleDict(parts)
        self.output = _named(dense=nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        q, k, v = (
            self.attention[name](x).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed: Tensor = self.output["dense"](
            scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        )
        return mixed


class Block(nn.Module):
    """Attention and two linear layers, each behind its normalisation and with a shortcut."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        eps, wide = config.number("layer_norm_eps", 1e-12), config.count("intermediate_size", 3072)
        heads = config.count("num_attention_heads", 12)
        if width % heads:
            raise DeliveryError(f"config.json divides {width} channels among {heads} heads.")
        self.attention = Attention(width, heads, config.flag("qkv_bias", True))
        self.intermediate = _named(dense=nn.Linear(width, wide))
        self.output = _named(dense=nn.Linear(wide, width))
        self.layernorm_before = nn.LayerNorm(width, eps)
        self.layernorm_after = nn.LayerNorm(width, eps)
        self.activation = ACTIVATIONS[config.text("hidden_act", "gelu")]()

    def forward(self, x: Tensor) -> Tensor:
        """``(n, tokens, width)``, same shape out."""
        x = x + self.attention(self.layernorm_before(x))
        hidden = self.activation(self.intermediate["dense"](self.layernorm_after(x)))
        result: Tensor = x + self.output["dense"](hidden)
        return result


class Embeddings(nn.Module):
    """Patches, class token and positions."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        patch, side = config.count("patch_size", 16), config.count("image_size", 224)
        channels = config.count("num_channels", 3)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        tokens = (side // patch) ** 2 + 1
        self.position_embeddings = nn.Parameter(torch.zeros(1, tokens, width))
        projection = nn.Conv2d(channels, width, patch, patch)
        self.patch_embeddings = _named(projection=projection)

    def forward(self, x: Tensor) -> Tensor:
        """Images ``(n, c, h, w)`` to ``(n, tokens, width)``."""
        patches = self.patch_embeddings["projection"](x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), patches], 1)
        return tokens + self.position_embeddings


class ViT(nn.Module):
    """``ViTForImageClassification``."""

    def __init__(self, config: Config, classes: int) -> None:
        super().__init__()
        width = config.count("hidden_size", 768)
        blocks = [Block(config, width) for _ in range(config.count("num_hidden_layers", 12))]
        norm = nn.LayerNorm(width, config.number("layer_norm_eps", 1e-12))
        encoder = _named(layer=nn.Sequential(*blocks))
        self.vit = _named(embeddings=Embeddings(config, width), encoder=encoder, layernorm=norm)
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images ``(n, c, h, w)`` to logits ``(n, classes)``."""
        x = self.vit["encoder"]["layer"](self.vit["embeddings"](x))  # type: ignore[index]
        logits: Tensor = self.classifier(self.vit["layernorm"](x)[:, 0])
        return logits


NETWORKS: dict[str, Callable[[Config, int], nn.Module]] = {
    "ResNetForImageClassification": ResNet,
    "ViTForImageClassification": ViT,
}
