"""The eighth corpus: switches in weights, settings of newer libraries, tokenizers, odd estimators.

Written before its author had read the readers.

The ideas are those of a red team against "exit 0 means that every byte was understood": slopes
that lie in weights, records that contradict each other, keys from which a newer library takes
code, texts that decoders rewrite. Only the names of the seven corpora before it were looked at.
``eighth_*.py`` register here.
"""

from __future__ import annotations

from corpus import Corpus

EIGHTH = Corpus()
DANGER, UNKNOWN, ODD = (1,), (1, 4), (1, 3, 4)
ANY = (0, 3, 4)
"""It does no harm; it must only not be called malicious or end in a traceback."""
file, folder, place = EIGHTH.file, EIGHTH.folder, EIGHTH.place
