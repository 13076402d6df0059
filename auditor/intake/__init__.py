"""What came from outside is inspected, then converted, then used.

Purpose: ``delivery``, ``card`` and ``digest_data`` run in the main process and open nothing;
``scan``, ``load`` and the formats run in the confined worker.
"""
