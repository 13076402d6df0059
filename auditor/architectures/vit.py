"""vit_tiny: a small vision transformer (Dosovitskiy et al. 2021), pre-norm, with a class token.

Limits: the patch is the smallest common divisor of height and width that leaves at most 64
patches, so 28 x 28 and 32 x 32 get patches of 4; a size without such a divisor is refused.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from auditor.architectures.blocks import image_shape
from auditor.architectures.registry import architecture
from auditor.core.errors import AuditorError

_MOST_PATCHES = 64


class Attention(nn.Module):
    """Multi-head self-attention over `(n, tokens, width)`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        n, tokens, width = x.shape
        parts = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = scaled_dot_product_attention(query, key, value)
        result: Tensor = self.proj(mixed.transpose(1, 2).reshape(n, tokens, width))
        return result


class Block(nn.Module):
    """Attention and a two-layer perceptron, each behind a LayerNorm and beside a shortcut."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 2 * width)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.fc2(self.act(self.fc1(self.norm2(x))))
        return out


class ViT(nn.Module):
    """Patch embedding, class token, learned positions, blocks, norm, linear head."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        classes: int,
        width: int = 96,
        depth: int = 4,
        heads: int = 3,
    ) -> None:
        super().__init__()
        channels, height, width_px = shape
        patch = patch_size(height, width_px)
        count = (height // patch) * (width_px // patch)
        self.patch_embed = nn.Conv2d(channels, width, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, count + 1, width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        patches = self.patch_embed(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), patches], dim=1) + self.pos_embed
        logits: Tensor = self.head(self.norm(self.blocks(tokens))[:, 0])
        return logits


def patch_size(height: int, width: int) -> int:
    """Smallest patch that divides both sides and leaves at most 64 patches.

    Raises:
        AuditorError: if only one patch would be left.
    """
    for patch in range(1, min(height, width)):
        if height % patch == width % patch == 0 and height * width // patch**2 <= _MOST_PATCHES:
            return patch
    raise AuditorError(
        f"vit_tiny cannot cut {height} x {width} into equal square patches.",
        hint="Resize the images to sides with a common divisor, such as 32 x 32.",
    )


@architecture("vit_tiny")
def vit_tiny(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Width 96, four blocks, three heads: about 310,000 parameters."""
    return ViT(image_shape("vit_tiny", input_shape, 8), classes)
