"""Deliveries of the eighth corpus that are answered too mildly, named one by one.

A delivery leaves this list when it is answered rightly; the test fails if one is forgotten here.
"""

from auditor.intake.words import words

OPEN = words(
    """
    onnx8_record_quantised_by_a_stranger
    onnx8_weights_norm_of_a_large_scale
    onnx8_weights_norm_of_a_layer_over_two
    onnx8_weights_norm_of_a_tiny_variance
    onnx8_weights_steep_by_a_diagonal
    onnx8_weights_steep_layer_as_a_halved_one
    onnx8_weights_two_layers_of_a_thousand
    path8_sparse_safetensors
    program8_second_format
    program8_weights_nobody_names
    program8_weights_norm_of_a_tiny_variance
    program8_weights_twice_a_thousand
    safe8_notes_of_a_trainer
    script8_dimension_of_the_input
    script8_state_kept_in_a_list
    script8_weights_gelu
    script8_weights_hard_sigmoid
    script8_weights_norm_of_a_tiny_variance
    script8_weights_relu
    script8_weights_relu6
    script8_weights_relu_then_a_million
    script8_weights_sigmoid
    script8_weights_softmax
    script8_weights_tangent
    script8_weights_twice_a_thousand
    stowed8_script_as_scaled_singles
    """
)
