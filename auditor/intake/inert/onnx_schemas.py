"""How many inputs an operator of ONNX that is read here may have, and the names of its attributes.

Source: all versions of the operators in ``onnx.defs`` (onnx 1.21); a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable

_TABLE = """\
    Abs 1 consumed_inputs
    Add 2 axis broadcast consumed_inputs
    And 2 axis broadcast
    ArgMax 1 axis keepdims select_last_index
    AveragePool 1 auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides
    BatchNormalization 5 consumed_inputs epsilon is_test momentum spatial training_mode
    Cast 1 round_mode saturate to
    CastLike 2 round_mode saturate
    Ceil 1 consumed_inputs
    Clip 3 consumed_inputs max min
    Concat * axis
    Constant 0 sparse_value value value_float value_floats value_int value_ints value_string \
value_strings
    ConstantOfShape 1 value
    Conv 3 auto_pad dilations group kernel_shape pads strides
    DequantizeLinear 3 axis block_size output_dtype
    Div 2 axis broadcast consumed_inputs
    Dropout 3 consumed_inputs is_test ratio seed
    Elu 1 alpha consumed_inputs
    Equal 2 axis broadcast
    Erf 1
    Exp 1 consumed_inputs
    Expand 2
    Flatten 1 axis
    Floor 1 consumed_inputs
    Gather 2 axis
    Gelu 1 approximate
    Gemm 3 alpha beta broadcast transA transB
    GlobalAveragePool 1
    GlobalMaxPool 1
    Greater 2 axis broadcast
    GreaterOrEqual 2
    HardSigmoid 1 alpha beta consumed_inputs
    HardSwish 1
    Identity 1
    InstanceNormalization 3 consumed_inputs epsilon
    LayerNormalization 3 axis epsilon stash_type
    LeakyRelu 1 alpha consumed_inputs
    Less 2 axis broadcast
    LessOrEqual 2
    Log 1 consumed_inputs
    LogSoftmax 1 axis
    MatMul 2
    Max * consumed_inputs
    MaxPool 1 auto_pad ceil_mode dilations kernel_shape pads storage_order strides
    Min * consumed_inputs
    Mish 1
    Mod 2 fmod
    Mul 2 axis broadcast consumed_inputs
    Neg 1 consumed_inputs
    Not 1
    Or 2 axis broadcast
    PRelu 2 consumed_inputs
    Pad 4 mode paddings pads value
    Pow 2 axis broadcast
    QuantizeLinear 3 axis block_size output_dtype precision saturate
    Range 3 stash_type
    Reciprocal 1 consumed_inputs
    ReduceL2 2 axes keepdims noop_with_empty_axes
    ReduceMax 2 axes keepdims noop_with_empty_axes
    ReduceMean 2 axes keepdims noop_with_empty_axes
    ReduceMin 2 axes keepdims noop_with_empty_axes
    ReduceSum 2 axes keepdims noop_with_empty_axes
    Relu 1 consumed_inputs
    Reshape 2 allowzero consumed_inputs shape
    Selu 1 alpha consumed_inputs gamma
    Shape 1 end start
    Sigmoid 1 consumed_inputs
    Sign 1
    Slice 5 axes ends starts
    Softmax 1 axis
    Softplus 1
    Softsign 1
    Split 2 axis num_outputs split
    Sqrt 1 consumed_inputs
    Squeeze 2 axes
    Sub 2 axis broadcast consumed_inputs
    Sum * consumed_inputs
    Tanh 1 consumed_inputs
    Tile 3
    Transpose 1 perm
    Unsqueeze 2 axes
    Where 3
"""
_ROWS = [line.split() for line in _TABLE.split("\n") if line.strip()]
MOST = {name: int(most) for name, most, *_ in _ROWS if most != "*"}
"""Most inputs of an operator; it is missing where there may be any number."""
ATTRIBUTES = {name: frozenset(known) for name, _, *known in _ROWS}


def odd(kind: str, inputs: int, attributes: Iterable[str]) -> str:
    """What a node has that its operator does not take; empty if nothing.

    >>> odd("Relu", 1, ()), odd("Relu", 2, ())
    ('', 'has 2 inputs')
    """
    if inputs > MOST.get(kind, inputs):
        return f"has {inputs} inputs"
    strange = sorted(set(attributes) - ATTRIBUTES.get(kind, frozenset()))
    return f"has the attribute {strange[0][:60]!r}" if strange else ""
