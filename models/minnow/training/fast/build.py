"""Compiles the kernels of this folder for the machine they run on, once per version of their source."""
import ctypes
import functools
import glob
import hashlib
import os
import subprocess
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDED = {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_bf16"}
COMPILING = threading.Lock()
FLAGS = ["-O3", "-march=native", "-ffast-math", "-fno-finite-math-only", "-fPIC", "-Wno-psabi"]


def available():
    """Whether this processor has what the kernels are written for."""
    try:
        with open("/proc/cpuinfo", encoding="ascii") as f:
            line = next(line for line in f if line.startswith("flags"))
    except (OSError, StopIteration):
        return False
    return NEEDED <= set(line.split())


@functools.cache
def library(name):
    """The kernels of NAME.c as a ctypes library. Calls release the interpreter's lock."""
    source = os.path.join(HERE, f"{name}.c")
    digest = hashlib.sha256()
    for path in [source, *sorted(glob.glob(os.path.join(HERE, "*.h")))]:
        with open(path, "rb") as f:
            digest.update(f.read())
    target = os.path.join(tempfile.gettempdir(), f"minnow-{name}-{digest.hexdigest()[:16]}.so")
    with COMPILING:
        if not os.path.exists(target):
            partial = f"{target}.{os.getpid()}"
            # Linked without -ffast-math, which would make the whole process flush subnormal numbers.
            subprocess.run(["gcc", *FLAGS, "-c", source, "-o", f"{partial}.o"], check=True)
            subprocess.run(["gcc", "-shared", f"{partial}.o", "-o", partial, "-lm"], check=True)
            os.remove(f"{partial}.o")
            os.replace(partial, target)
    return ctypes.CDLL(target)


def pointer(tensor):
    """The address of a contiguous tensor's first element."""
    assert tensor.is_contiguous()
    return ctypes.c_void_p(tensor.data_ptr())


def long(number):
    return ctypes.c_long(int(number))
