"""Deliveries of the eighth corpus that are answered too mildly, named one by one.

A delivery leaves this list when it is answered rightly; the test fails if one is forgotten here.
"""

from auditor.intake.words import words

OPEN = words(
    """
    onnx8_record_quantised_by_a_stranger
    safe8_notes_of_a_trainer
    script8_dimension_of_the_input
    stowed8_script_as_scaled_singles
    """
)
