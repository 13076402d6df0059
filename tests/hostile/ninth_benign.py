"""Honest deliveries of uncommon shape, and the honest twins of the ninth corpus."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251  only dumps
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import onnx
import torch
from eighth_benign import LLAMA
from fifth_models import exported
from fifth_pickles import XS, YS, torch_bytes
from fourth_models import constant, network, node
from honest import Honest
from safetensors.torch import save
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

HONEST9 = Honest()
PERHAPS = (0, 4)
honest, beside = HONEST9.honest, HONEST9.beside


def seeded(make: Callable[[], Any]) -> Callable[[], Any]:
    def made() -> Any:
        torch.manual_seed(0)
        return make()

    return made


class Block(nn.Module):
    """A residual block with a shorter way around, as ResNet has it."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after)
        self.conv2, self.bn2 = nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after)
        self.downsample = nn.Sequential(
            nn.Conv2d(before, after, 1, 2, bias=False), nn.BatchNorm2d(after)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


def resnet() -> nn.Module:
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 8, 3, 1, 1, bias=False), bn1=nn.BatchNorm2d(8), act=nn.ReLU(),
        layer1=Block(8, 8), layer2=Block(8, 16), pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(), fc=nn.Linear(16, 10),
    )).eval()  # fmt: skip


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(8, 16)
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.embed(x)).mean(1))


def traced(model: nn.Module, x: Tensor) -> bytes:
    body = io.BytesIO()
    with torch.no_grad():
        torch.jit.save(torch.jit.trace(model.eval(), x), body)
    return body.getvalue()


def to_onnx(model: nn.Module, x: Tensor) -> bytes:
    body = io.BytesIO()
    torch.onnx.export(
        model.eval(),
        (x,),
        body,
        dynamo=False,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )
    return body.getvalue()


def checkpoint() -> dict[str, Any]:
    """What a training script saves: weights, their average, optimizer, schedule, scaler of numbers."""
    model = resnet()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.randn(2, 1, 8, 8)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    average = torch.optim.swa_utils.AveragedModel(model)
    return {"epoch": 3, "model": model.state_dict(), "model_ema": average.state_dict(), "optimizer": optimizer.state_dict(),
            "lr_scheduler": schedule.state_dict(), "best_acc": 0.91, "rng": torch.get_rng_state()}  # fmt: skip


def lightning() -> dict[str, Any]:
    made = checkpoint()
    return {"epoch": 4, "global_step": 500, "pytorch-lightning_version": "2.4.0", "state_dict": {f"model.{k}": v for k, v in made["model"].items()},
            "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 5, "completed": 4}}}}, "callbacks": {"ModelCheckpoint{'monitor': 'val_loss', 'mode': 'min'}": {"best_model_path": "epoch=4-step=500.ckpt", "best_model_score": torch.tensor(0.2)}},
            "optimizer_states": [made["optimizer"]], "lr_schedulers": [made["lr_scheduler"]], "hparams_name": "kwargs", "hyper_parameters": {"lr": 1e-3, "hidden": 8}}  # fmt: skip


def tied() -> dict[str, Tensor]:
    shared = torch.randn(50, 16)
    return {
        "model.embed_tokens.weight": shared,
        "lm_head.weight": shared,
        "model.norm.weight": torch.ones(16),
    }


def quantised() -> bytes:
    torch.manual_seed(0)
    scale = torch.rand(16) / 100
    return save(
        {
            "fc.weight": torch.randint(-127, 128, (16, 64), dtype=torch.int8),
            "fc.weight_scale": scale,
            "fc.bias": torch.randn(16),
        }
    )


def fitted(model: Any) -> bytes:
    return pickle.dumps(model.fit(XS, YS))


def detector() -> bytes:
    def change(model: onnx.ModelProto) -> None:
        told = {
            "names": "{0: 'person', 1: 'open (sign)'}",
            "imgsz": "[640, 640]",
            "stride": "32",
            "task": "detect",
            "args": "{'batch': 1, 'half': False}",
        }
        for key, value in told.items():
            model.metadata_props.add(key=key, value=value)

    return network(change=change)


def in_one_row() -> bytes:
    """As exports of a single example are: a softmax along everything."""

    def single(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    last = [
        node("Reshape", "z all", "f"),
        node("Softmax", "f", "s", axis=1),
        node("Reshape", "s back", "y"),
    ]
    shapes = [constant("all", [1, -1], "i8"), constant("back", [-1, 10], "i8")]
    return network(last, shapes, single)


def adapter(module: str) -> Callable[[], bytes]:
    notes = {"ss_network_module": module, "ss_network_args": json.dumps({"conv_dim": "4"}), "ss_network_dim": "16", "ss_optimizer": "bitsandbytes.optim.adamw.AdamW8bit(weight_decay=0.1)",
             "ss_tag_frequency": json.dumps({"10_cat": {"cat (open mouth)": 10}}), "modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "format": "pt"}  # fmt: skip
    return lambda: save(
        {
            "lora_unet_down.lora_up.weight": torch.randn(16, 4),
            "lora_unet_down.alpha": torch.tensor(4.0),
        },
        notes,
    )


honest("lstm.pth", seeded(lambda: torch_bytes(nn.LSTM(8, 16, 2, bidirectional=True).state_dict())))
honest("gru.pth", seeded(lambda: torch_bytes(nn.GRU(8, 16, 2).state_dict())))
honest("transformer.pt", seeded(lambda: torch_bytes(Attention().state_dict())))
honest(
    "encoder.safetensors",
    seeded(
        lambda: save(
            nn.TransformerEncoder(
                nn.TransformerEncoderLayer(16, 2, 32), 2, enable_nested_tensor=False
            ).state_dict()
        )
    ),
)
honest(
    "timm.safetensors",
    seeded(
        lambda: save(
            {
                "cls_token": torch.randn(1, 1, 16),
                "pos_embed": torch.randn(1, 5, 16),
                "blocks.0.attn.qkv.weight": torch.randn(48, 16),
                "blocks.0.ls1.gamma": torch.full((16,), 1e-5),
                "fc_norm.weight": torch.ones(16),
                "head.weight": torch.randn(10, 16),
            }
        )
    ),
)
honest(
    "brain.safetensors",
    seeded(lambda: save({k: v.bfloat16() for k, v in Attention().state_dict().items()})),
)
honest("half.pth", seeded(lambda: torch_bytes(Attention().half().state_dict())))
honest("eight_bits.safetensors", quantised)
honest("tied.pt", seeded(lambda: torch_bytes(tied())))
honest("checkpoint.pth", seeded(lambda: torch_bytes(checkpoint())))
honest("epoch.ckpt", seeded(lambda: torch_bytes(lightning())))
honest(
    "old.pth",
    seeded(lambda: torch_bytes(resnet().state_dict(), _use_new_zipfile_serialization=False)),
)
honest("resnet.ts", seeded(lambda: traced(resnet(), torch.randn(1, 1, 8, 8))))
honest("attention.ts", seeded(lambda: traced(Attention(), torch.randn(2, 5, 8))), PERHAPS)
honest("resnet.onnx", seeded(lambda: to_onnx(resnet(), torch.randn(2, 1, 8, 8))))
honest("attention.onnx", seeded(lambda: to_onnx(Attention(), torch.randn(2, 5, 8))), PERHAPS)
honest("detector.onnx", detector)
honest("in_one_row.onnx", in_one_row)
honest(
    "product_by_letters.pt2",
    lambda: exported(lambda m, x: torch.einsum("ij,kj->ik", torch.relu(m.one(x)), m.two.weight)),
)
honest("pipeline.pkl", lambda: fitted(make_pipeline(StandardScaler(), SVC())))
honest(
    "forest.pkl",
    lambda: fitted(make_pipeline(MinMaxScaler(), RandomForestClassifier(4, random_state=0))),
)
honest("logistic.pkl", lambda: fitted(LogisticRegression()))
for _number, _module in enumerate(
    ("networks.lora", "lycoris.kohya", "networks.lora_flux", "musubi_tuner.networks.lora_wan")
):
    honest(f"adapter_{_number}.safetensors", adapter(_module))
beside(
    "granite",
    {
        "config.json": {
            **LLAMA,
            "embedding_multiplier": 12.0,
            "residual_multiplier": 0.22,
            "attention_multiplier": 0.0078125,
            "logits_scaling": 8.0,
            "rms_norm_eps": 1e-6,
        }
    },
)
beside(
    "gemma",
    {
        "config.json": {
            **LLAMA,
            "final_logit_softcapping": 30.0,
            "attn_logit_softcapping": 50.0,
            "layer_norm_epsilon": 1e-12,
        }
    },
)
beside(
    "labels",
    {
        "config.json": {
            **LLAMA,
            "id2label": {"0": "crane", "1": "cat", "2": "crane"},
            "label2id": {"crane": 2, "cat": 1},
        }
    },
)
beside(
    "labels_of_nobody",
    {
        "config.json": {
            **LLAMA,
            "id2label": {"0": "no", "1": "yes"},
            "label2id": {"LABEL_0": 0, "LABEL_1": 1},
        }
    },
)
beside(
    "pictures",
    {
        "preprocessor_config.json": {
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.229, 0.224, 0.225],
            "rescale_factor": 0.00392156862745098,
            "image_processor_type": "ViTImageProcessor",
        }
    },
)
beside(
    "packages",
    {"requirements.txt": "torch>=2.1\ntorchvision\nscapy\ndataset\nonnx==1.16.0\nsentencepiece\n"},
)
beside(
    "tokens",
    {
        "special_tokens_map.json": {
            "bos_token": "<s>",
            "eos_token": "</s>",
            "pad_token": {"content": "[PAD]", "lstrip": False},
        },
        "vocab.json": {"a": 0, "b": 1},
    },
)
beside(
    "calibrated",
    {
        "config.json": {
            **LLAMA,
            "suppress_tokens": [
                1,
                2,
                7,
                8,
                9,
                10,
                14,
                25,
                26,
                27,
                28,
                29,
                31,
                58,
                59,
                60,
                61,
                62,
                63,
                90,
            ],
        }
    },
)
beside(
    "note",
    {
        "README.md": "# A model\n\nA line.  \nAnother.  \n\n"
        + "".join(f"| {n} |\t{n}.5\t\n" for n in range(30))
    },
)
