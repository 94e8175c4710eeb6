"""Bare signatures with RSA of 2048 bits, as fast as so many processes make them: what DKIM cannot do without.

python -m bench._signing NUMBER      in one process: so many, and one line of JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Of the headers that are signed, as long as a mailing's are.
LENGTH = 900


def signatures_per_second(processes: int, number: int) -> float:
    """How many a second, by so many processes together."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench._signing", str(number // processes)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _process in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [json.loads(process.communicate()[0].strip().splitlines()[-1]) for process in running]
    wall = max(one["ended"] for one in said) - min(one["began"] for one in said)
    return (number // processes) * processes / wall


def main() -> None:
    """Sign contents that were made before."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    sign = rsa.generate_private_key(public_exponent=65537, key_size=2048).sign
    scheme, algorithm = padding.PKCS1v15(), hashes.SHA256()
    contents = [os.urandom(LENGTH) for _one in range(64)]
    number = int(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.time()
    for at in range(number):
        sign(contents[at % len(contents)], scheme, algorithm)
    print(json.dumps({"began": began, "ended": time.time()}), flush=True)


if __name__ == "__main__":
    main()
