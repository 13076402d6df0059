"""Where trials run: each engine keeps the worker process apart from the one that judges."""
