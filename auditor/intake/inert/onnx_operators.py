"""Names of ONNX operators: those our converter has, those that branch, those that are random."""

from __future__ import annotations

from auditor.intake.words import words

ONNX_OPERATORS = words(
    """Abs Add And ArgMax AveragePool BatchNormalization Cast CastLike Ceil Clip Concat Constant
    ConstantOfShape Conv DequantizeLinear Div Dropout Elu Equal Erf Exp Expand Flatten Floor
    Gather Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish
    Identity InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
    MatMul Max MaxPool Min Mish Mod Mul Neg Not Or PRelu Pad Pow QuantizeLinear Range Reciprocal
    ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Selu Shape Sigmoid Sign Slice
    Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tanh Tile Transpose Unsqueeze Where"""
)
"""What ``auditor.intake.onnx`` converts, written down because a scan does not load torch."""
CONTROL = frozenset(("If", "Loop", "Scan", "SequenceMap"))
RANDOM = words(
    "RandomNormal RandomUniform RandomNormalLike RandomUniformLike Multinomial Bernoulli"
)
VENDORS = frozenset(("ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"))
"""Domains that onnxruntime itself implements: known arithmetic, but no custom library."""
LOADING = frozenset(("EPContext", "PythonOp", "PythonOpGrad", "ExternalGradient"))
"""Operators of these domains that load what somebody else compiled or wrote."""
