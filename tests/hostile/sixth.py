"""The sixth corpus: deliveries written before their author had read the readers.

Ideas come from what public scanners missed from 2024 to 2026 (call chains through allowed objects,
two readers that disagree about one file, editors' and tools' own settings, templates' filters that
take the name of an attribute, programs that ask on which device they run), less what the five
corpora before this one hold. ``sixth_*.py`` register into ``SIXTH``.
"""

from __future__ import annotations

from corpus import Corpus

SIXTH = Corpus()
DANGER, UNKNOWN, ODD = (1,), (1, 4), (1, 3, 4)
file, folder, place = SIXTH.file, SIXTH.folder, SIXTH.place
