"""The seventh corpus: what attackers and papers on scanners did.

Written before its author had read the readers.

Small: calls of old names, streams that loaders run though they are broken, containers that two
readers see differently, the callables of torch, numpy and scikit-learn with arguments that they
never get, graphs with arguments that an operator does not take, folders with code by reference.
Only the names of the six corpora before it were looked at. ``seventh_*.py`` register here.
"""

from __future__ import annotations

from corpus import Corpus

SEVENTH = Corpus()
DANGER, UNKNOWN, ODD = (1,), (1, 4), (1, 3, 4)
ANY = (0, 3, 4)
"""It does no harm; it must only not be accused or end in a traceback."""
file, folder, place = SEVENTH.file, SEVENTH.folder, SEVENTH.place
