"""What the kernel holds the worker to: it may read its programs and data, and compute.

``enter.enter`` is called once, in a process with one thread, before torch is imported and before
the first vendor byte is read. Layers: process limits, namespaces, Landlock, seccomp; each is taken
where the kernel offers it, and ``level.Report`` says which were. Standard library and ctypes only.
Limits: x86-64 and aarch64 Linux; the worker can still forge what it reports about the model.
"""
