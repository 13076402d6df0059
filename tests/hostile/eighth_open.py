"""Deliveries of the eighth corpus that are answered too mildly, named one by one.

A delivery leaves this list when it is answered rightly; the test fails if one is forgotten here.
"""

from auditor.intake.words import words

OPEN = words(
    """
    onnx8_record_quantised_by_a_stranger
    path8_sparse_safetensors
    program8_second_format
    program8_weights_nobody_names
    safe8_notes_of_a_trainer
    script8_dimension_of_the_input
    script8_state_kept_in_a_list
    stowed8_script_as_scaled_singles
    """
)
