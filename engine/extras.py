"""How to install what only some uses of this program need."""

import shlex
import sys
from importlib.util import find_spec


def remedy(extra: str) -> str:
    """What to do if the packages of an extra are missing, in the environment that this program runs in."""
    python, wanted = shlex.quote(sys.executable), f"'fluvio-tui[{extra}]'"
    # Those of 'uv tool' have no pip.
    if find_spec("pip") is None:
        return f"install it with: uv pip install --python {python} {wanted}"
    return f"install it with: {python} -m pip install {wanted}"
