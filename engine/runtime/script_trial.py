"""Loads a source in its interpreter, to see whether it can be and what it exports."""

from dataclasses import replace

from engine.process.job import Job
from engine.runtime.guest_instance import GuestInstance
from engine.runtime.limits import Limits
from engine.runtime.loading.interpreters import load_script
from engine.runtime.loading.scripts import Script
from engine.runtime.watchdog import Watchdog


def tried(script: Script, limits: Limits, job: Job) -> Script:
    """The script with the functions that it exports; `ScriptError` if its source cannot be loaded.

    `UnpreparedError` if its interpreter is not built.
    """
    module = load_script(replace(script, functions=()), limits, script.name, job, known=False)
    watchdog = Watchdog(module.engine, limits)
    try:
        instance = GuestInstance(module, watchdog, limits)
        instance.close()
        return replace(script, functions=instance.functions)
    finally:
        watchdog.close()
        module.close()
