"""auditor: audits and certifies machine-learning models that somebody else trained.

The map of the house: ``cli`` reads the command line; ``pipeline`` is one audit on one page;
``engines`` keep the worker process that opens the vendor's file apart from everything else;
``intake`` opens it there; ``probes`` measure, ``criteria`` judge, ``writers`` print. ``core``
holds the nouns, ``methods`` the mathematics, ``attacks`` what an adversary does.
"""

__version__ = "0.1.0"
