"""What each operator of aten does with a value, in the words of ONNX that `onnx_flow` asks for.

Limits: an operator that is not listed moves or bends values one by one and is an ``Identity``.
"""

from __future__ import annotations

from auditor.intake.words import words

KINDS = {
    **dict.fromkeys(
        words("linear addmm mm bmm baddbmm addbmm mv dot matmul einsum embedding embedding_bag"
              " lstm gru outer rnn_tanh rnn_relu bilinear gru_cell lstm_cell rnn_tanh_cell"
              " rnn_relu_cell"), "MatMul",
    ),
    **dict.fromkeys(
        words("conv1d conv2d conv3d convolution _convolution conv_transpose1d conv_transpose2d"),
        "Conv",
    ),
    **dict.fromkeys(
        words("prelu layer_norm native_layer_norm group_norm native_group_norm rms_norm"),
        "LayerNormalization",
    ),
    **dict.fromkeys(words("add sub rsub addcmul addcdiv"), "Add"), "mul": "Mul",
    **dict.fromkeys(words("div true_divide"), "Div"), "pow": "Pow", "where": "Where",
    "maximum": "Max", "minimum": "Min", **dict.fromkeys(words("cat concat"), "Concat"),
    "stack": "Stack", "unsqueeze": "Unsqueeze",
    **dict.fromkeys(words("gt greater"), "Greater"), **dict.fromkeys(words("lt less"), "Less"),
    **dict.fromkeys(words("ge greater_equal"), "GreaterOrEqual"),
    **dict.fromkeys(words("le less_equal"), "LessOrEqual"),
    **dict.fromkeys(words("eq ne equal allclose isclose one_hot bucketize"), "Equal"),
    **dict.fromkeys(
        words("sign heaviside threshold softshrink masked_select count_nonzero unique _unique"
              " _unique2 unique_consecutive unique_dim nonzero str"), "Sign",
    ), "ceil": "Ceil",
    **dict.fromkeys(words("floor round trunc floor_divide remainder fmod floordiv"), "Floor"),
    **dict.fromkeys(words("isnan isinf nan_to_num"), "IsNaN"),
    **dict.fromkeys(words("logical_and bitwise_and any all"), "And"),
    **dict.fromkeys(words("logical_or logical_xor bitwise_or"), "Or"),
    **dict.fromkeys(words("logical_not bitwise_not __not__"), "Not"),
    **dict.fromkeys(words("argmax argmin topk sort"), "ArgMax"),
    **dict.fromkeys(words("transpose permute t swapaxes movedim reshape view flatten unflatten"
                          " squeeze select"), "Transpose"),
    "dropout": "Dropout", "cumsum": "CumSum",
    **dict.fromkeys(words("softmax _softmax"), "Softmax"),
    **dict.fromkeys(words("log_softmax _log_softmax"), "LogSoftmax"),
    **dict.fromkeys(words("roll flip rot90"), "Turn"),
    **dict.fromkeys(
        words("sum mean amax amin std var var_mean prod median norm logsumexp linalg_vector_norm"),
        "ReduceMean",
    ),
}  # fmt: skip
PLACES = {"gather": 2, "index": 1, "index_select": 2, "take": 1, "scatter": 2, "index_add": 2,
          "index_put": 1, "scatter_add": 2}  # fmt: skip
"""Operators that choose, and the argument that says which."""
SIZES = words(
    """sym_size sym_numel zeros_like ones_like full_like new_zeros new_ones new_full size dim len
    numel is_floating_point __is__ __isnot__ format is_nested is_grad_enabled"""
)
"""Operators whose result depends on sizes and types alone."""
AXES = words("Softmax LogSoftmax CumSum")
