"""The aten operators that a ``torch.export`` graph may hold: arithmetic on tensors, nothing else.

Purpose: the scan names strangers by this list, and our own interpreter runs by it. None of them
takes a text other than a mode, opens anything, or makes a tensor without a size from the graph.
Limits: what classifiers of pictures, rows and short texts need; random operators are listed because
the probes of the graph name them.
"""

from __future__ import annotations

from auditor.intake.words import words

GRAPH_OPERATORS = words(
    """_adaptive_avg_pool2d _log_softmax _native_batch_norm_legit_no_training _softmax _to_copy
    _unsafe_view abs acos addmv bilinear celu_ channel_shuffle
    conv_transpose3d embedding_bag gru_cell
    hardshrink lstm_cell lerp rnn_relu rnn_tanh swapaxes upsample_linear1d
    upsample_trilinear3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
    adaptive_max_pool1d adaptive_max_pool2d add add_ addbmm addcdiv addcmul addmm alias all amax
    amin any arange argmax argmin as_strided asin atan atan2 avg_pool1d avg_pool2d avg_pool3d
    baddbmm batch_norm bernoulli bitwise_and bitwise_not bitwise_or bmm broadcast_tensors bucketize
    cat ceil celu chunk clamp clamp_ clamp_max clamp_min clone concat constant_pad_nd contiguous
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d convolution copy cos cosh
    cosine_similarity count_nonzero cumsum detach detach_ diagonal div div_ dot dropout
    dropout_ einsum elu elu_
    embedding empty_like eq erf exp expand expand_as expm1 eye fill flatten flip floor
    floor_divide fmod full full_like gather ge gelu glu group_norm gru gt hardsigmoid hardsigmoid_
    hardswish hardswish_ hardtanh hardtanh_ index index_add index_put index_select instance_norm
    isinf isnan layer_norm le leaky_relu leaky_relu_ lift_fresh_copy linalg_vector_norm linear
    linspace log log10 log1p log2 log_sigmoid log_softmax logical_and logical_not logical_or
    logical_xor logit logsumexp lstm lt masked_fill masked_fill_ masked_select matmul max
    max_pool1d max_pool2d max_pool2d_with_indices max_pool3d maximum mean median meshgrid min
    minimum mish mish_ mm movedim mul mul_ multinomial mv nan_to_num narrow native_batch_norm
    native_group_norm native_layer_norm ne neg new_empty new_full new_ones new_zeros nll_loss norm
    normal numpy_T one_hot ones ones_like outer pad permute pixel_shuffle pixel_unshuffle pow prelu
    prod rand rand_like randn randn_like reciprocal reflection_pad1d reflection_pad2d relu relu6
    relu6_ relu_ remainder repeat repeat_interleave replication_pad2d reshape rms_norm roll round
    rsqrt rsub scalar_tensor scaled_dot_product_attention scatter scatter_add select select_scatter
    selu selu_ sigmoid sigmoid_ sign silu silu_ sin sinh slice slice_scatter softmax softplus
    softshrink sort split split_with_sizes sqrt square squeeze stack std sub sub_ sum t take
    tan tanh tanh_ tensor_split threshold tile to topk transpose tril triu true_divide type_as
    unbind unflatten unfold unsafe_chunk unsafe_split unsqueeze upsample_bicubic2d
    upsample_bilinear2d upsample_nearest1d upsample_nearest2d var var_mean view view_as where zeros
    zeros_like"""
)
SIZES = words("sym_size sym_numel")
CHECKS = words(
    """_assert_tensor_metadata _assert_scalar _assert_async sym_constrain_range
    sym_constrain_range_for_size"""
)
"""Assertions of the exporter; they compute nothing and are left out."""
PYTHON = words(
    """_operator.add _operator.sub _operator.mul _operator.floordiv _operator.truediv _operator.mod
    _operator.neg _operator.eq _operator.ne _operator.lt _operator.le _operator.gt _operator.ge
    _operator.and_ _operator.or_ torch.sym_int torch.sym_float torch.sym_max torch.sym_min
    torch.sym_not"""
)
"""Arithmetic on sizes."""
