"""The delivery as received: hashed and described, never opened.

Purpose: runs in the main process, without torch. The format is sniffed from content; file
extensions are not believed. Of a zip only the list of names is read.
Limits: a folder is one delivery only if it holds exactly one model file.
"""

from __future__ import annotations

from pathlib import Path

from auditor.core.canonical import digest, digest_file
from auditor.core.errors import AuditorError
from auditor.core.folders import below
from auditor.core.spec import DeliveredFile, Delivery
from auditor.intake.card import CARD, read_card
from auditor.intake.inert.files import mapped
from auditor.intake.inert.log import Budget, Damaged, OutOfBudget
from auditor.intake.inert.ziplayout import layout

SNIFF = 4096
LARGEST, FILES = 64 << 30, 10_000
"""Of a whole delivery, as its files say it; hashing runs at about 1 GiB a second."""
_CONFIG, _CONFIG_LIMIT = "config.json", 4 << 20
_INDEX = ".safetensors.index.json"
_MODEL_SUFFIXES = frozenset(
    (
        ".safetensors",
        ".pt",
        ".pth",
        ".ckpt",
        ".bin",
        ".pkl",
        ".pickle",
        ".joblib",
        ".pt2",
        ".onnx",
        ".h5",
        ".keras",
        ".npz",
        ".skops",
        ".sav",
        ".gz",
        ".bz2",
        ".xz",
        ".lzma",
        ".lz4",
        ".z",
    )
)
_PACKED = (
    b"\x1f\x8b", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"BZh", b"\x5d\x00\x00", b"\xfd7zXZ",
    b"\x04\x22\x4d\x18",
)  # fmt: skip
"""First bytes of what joblib packs with; of these only estimators are read."""
_ONNX_FIRST_FIELDS = frozenset((0x08, 0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x72))


def receive(path: Path) -> Delivery:
    """Hash every file of a delivery and name its format.

    Args:
        path: one model file, or a folder that holds one model file and perhaps a ``card.toml``.

    Raises:
        AuditorError: nothing there, an empty file, a folder without exactly one model, more than
            64 GiB or 10,000 files, or a file that changes.
    """
    model = model_file(path)
    members = _members(path, model)
    _refuse_absurd(path, members)
    files = tuple(_described(file, model.parent) for file in members)
    own = next(file for file in files if file.path == model.relative_to(model.parent).as_posix())
    manifest = [file.model_dump(mode="json") for file in files]
    return Delivery(
        name=path.name or path.resolve().name,
        sha256=digest(manifest) if path.is_dir() else own.sha256,
        bytes=sum(file.bytes for file in files),
        format=sniff(model),
        files=files,
        card=read_card(model.parent / CARD),
    )


def unchanged(path: Path, delivery: Delivery) -> None:
    """Hash again, at the end of an audit.

    Raises:
        AuditorError: what was measured may not be what was hashed.
    """
    if receive(path).sha256 != delivery.sha256:
        raise AuditorError(
            f"The delivery {path.name} changed while it was audited.",
            "Copy it to a folder that nobody else writes to, and audit that.",
        )


def _refuse_absurd(path: Path, members: list[Path]) -> None:
    """Sizes are what files say: holes of a sparse file would be read as zeros for days."""
    said = sum(file.stat().st_size for file in members)
    if said > LARGEST:
        raise AuditorError(
            f"The delivery {path.name} says that it is {said >> 30} GiB, more than "
            f"{LARGEST >> 30} GiB.",
            "Give one model without its training states.",
        )
    if len(members) > FILES:
        raise AuditorError(f"The delivery {path.name} has {len(members)} files.", "Give one model.")


def model_file(path: Path) -> Path:
    """The model file of a delivery: the path itself, or the one model in the folder.

    Raises:
        AuditorError: nothing there, an empty file, or a folder without exactly one model.
    """
    if not path.exists():
        raise AuditorError(f"There is no model at {path}.", "Check the path of the delivery.")
    if path.is_dir():
        return _only_model(path)
    if not path.is_file():
        raise AuditorError(f"{path} is not a regular file.", "Copy the delivery to a plain file.")
    if path.stat().st_size == 0:
        raise AuditorError(f"The model file {path} is empty.", "Ask the vendor to send it again.")
    return path


def _only_model(folder: Path) -> Path:
    here = [file for file in _walk(folder) if file.parent == folder]
    if _configured(folder) and (main := _main_weights(here)):
        return model_file(main)
    models = [file for file in here if _is_model(file)]
    known = [file for file in models if sniff(file) != "unknown"] or models
    if len(known) == 1:
        return model_file(known[0])
    if not known:
        raise AuditorError(
            f"The folder {folder} holds no model file.",
            "Put one model file of a known format into it.",
        )
    listed = ", ".join(file.name for file in known[:4])
    raise AuditorError(
        f"The folder {folder} holds {len(known)} model files ({listed}).",
        "Give the path of the one to audit.",
    )


def _main_weights(files: list[Path]) -> Path | None:
    """The index of several safetensors files, or the only one; None if neither is clear."""
    ends = (_INDEX, ".safetensors")
    for found in ([file for file in files if file.name.endswith(end)] for end in ends):
        if len(found) == 1:
            return found[0]
    return None


def _is_model(file: Path) -> bool:
    if file.name == CARD or file.name.startswith("clean"):
        return False
    name = file.name.lower()
    known = name.endswith((*_MODEL_SUFFIXES, ".pth.tar"))
    return known or sniff(file) in ("safetensors", "torchscript")


def _members(path: Path, model: Path) -> list[Path]:
    """Files that belong to the delivery: of a folder all but the clean sets."""
    if path.is_dir():
        return [file for file in _walk(path) if not _is_clean_set(file, path)]
    card = model.parent / CARD
    return [model, *companions(model), *([card] if card.is_file() else [])]


def companions(model: Path) -> list[Path]:
    """Files beside a model that belong to it: large weights of ONNX, a configuration, shards."""
    named = [model.with_name(model.name + suffix) for suffix in (".data", "_data")]
    if _configured(model.parent) and ".safetensors" in model.name:
        named += [model.with_name(_CONFIG), model.with_name("preprocessor_config.json")]
        named += sorted(model.parent.glob("*.safetensors")) if model.name.endswith(_INDEX) else []
    return [file for file in named if file.is_file() and not file.is_symlink()]


def _is_clean_set(file: Path, folder: Path) -> bool:
    return file.relative_to(folder).parts[0].startswith("clean")


def _walk(folder: Path) -> list[Path]:
    found = sorted(below(folder, _closed))
    for entry in found:
        if entry.is_symlink() or not entry.is_file():
            raise AuditorError(
                f"The delivery contains {entry.name}, which is not a plain file.",
                "Copy the delivery without links and devices.",
            )
    return found


def _closed(error: OSError) -> None:
    raise AuditorError(
        f"A folder of the delivery cannot be read: {str(error.filename)[:200]}: {error.strerror}.",
        "Copy the delivery to a folder that you may read, without folders in folders.",
    ) from error


def _described(file: Path, root: Path) -> DeliveredFile:
    name, before = file.relative_to(root).as_posix(), _stamp(file)
    found = DeliveredFile(path=name, bytes=file.stat().st_size, sha256=digest_file(file))
    if _stamp(file) != before:
        raise AuditorError(f"{name[:200]} changed while it was hashed.", "Copy the delivery first.")
    return found


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes with a file; its time of change cannot be set."""
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def sniff(path: Path) -> str:
    """Format of a model file, from its first bytes and, of a zip, from its names.

    Returns:
        ``safetensors``, ``state_dict``, ``torchscript``, ``export``, ``onnx``, ``sklearn``,
        ``skops``, ``hugging_face`` (safetensors, or the index of several, beside a ``config.json``
        that names an architecture) or ``unknown``.
    """
    with path.open("rb") as stream:
        head = stream.read(SNIFF)
    if head.startswith(b"PK"):
        return _sniff_zip(path)
    if len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32:
        return "hugging_face" if _configured(path.parent) else "safetensors"
    if head.lstrip().startswith(b"{") and b'"weight_map"' in head and _configured(path.parent):
        return "hugging_face"
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        return "sklearn" if b"sklearn" in head else "state_dict"
    if head.startswith(_PACKED):
        return "sklearn"
    return "onnx" if _looks_like_onnx(head) else "unknown"


def _configured(folder: Path) -> bool:
    """True if a ``config.json`` names an architecture, as transformers writes it."""
    config = folder / _CONFIG
    if not config.is_file() or config.is_symlink():
        return False
    with config.open("rb") as stream:
        return b'"architectures"' in stream.read(_CONFIG_LIMIT)


def _sniff_zip(path: Path) -> str:
    try:
        view = mapped(path.resolve())
        names = [member.name for member in layout(view, Budget.fresh()).members]
    except (Damaged, OutOfBudget, OSError, ValueError):
        return "unknown"
    inner = {name.partition("/")[2] for name in names}
    if "schema.json" in names:
        return "skops"
    if "models/model.json" in inner or "serialized_exported_program.json" in names:
        return "export"
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return "torchscript"
    return "state_dict" if "data.pkl" in inner else "unknown"


def _looks_like_onnx(head: bytes) -> bool:
    """A protobuf whose first field is one of ModelProto's, most often ``ir_version`` (field 1)."""
    if len(head) < 16 or head[0] not in _ONNX_FIRST_FIELDS:
        return False
    if head[0] == 0x08:
        return 0 < head[1] < 64 and head[2] in _ONNX_FIRST_FIELDS
    return b"onnx" in head or b"pytorch" in head
