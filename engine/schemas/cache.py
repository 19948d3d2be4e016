"""The schemas of a registry that have been fetched: an id never changes its schema."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import EngineError
from engine.schemas.avro import avro_decoder
from engine.schemas.errors import PendingSchemaError, RegistryError, SchemaError, UndecodableError
from engine.schemas.schema import PayloadDecoder, Schema

LOAD_SECONDS = 15.0
"""How long `load` waits."""
RETRY_SECONDS = 2.0
"""How long it is before a registry that did not answer is asked again."""
RETRY_UNKNOWN_SECONDS = 30.0
"""The same for a schema that it does not have, or that cannot be read."""

MOST_WANTED = 100
"""Schemas that are fetched next: values that are something else may seem to name any number."""
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadySchema:
    """A schema, and how to decode its payloads."""

    schema: Schema
    decode: PayloadDecoder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: EngineError
    retry_at: float
    """By the monotonic clock."""


class SchemaCache:
    """Fetches schemas on a thread of its own, which lasts while there are some to fetch.

    Any thread may call.
    """

    def __init__(self, fetch: Callable[[int], Schema]) -> None:
        """`fetch` is as `Registry.schema`."""
        self._fetch = fetch
        self.on_change: Callable[[], None] = lambda: None
        """Called by the thread, when `changes` has grown."""
        self.changes = 0
        """How many schemas were fetched, or could not be."""
        # Guards what follows.
        self._changed = threading.Condition()
        self._found: dict[int, ReadySchema | _Failure] = {}
        self._wanted: list[int] = []
        """The next one last."""
        self._running = False

    @property
    def problem(self) -> str:
        """Why the registry could not be asked, if it could not lately; or empty."""
        with self._changed:
            failures = [one for one in self._found.values() if isinstance(one, _Failure)]
        return next((one.error.message for one in failures if isinstance(one.error, RegistryError)), "")

    def known(self, identity: int) -> ReadySchema:
        """A schema that is there: never waits.

        `PendingSchemaError` while it is being fetched, `UndecodableError` if it cannot be used,
        `RegistryError`.
        """
        found = self._found.get(identity)
        if isinstance(found, ReadySchema):
            return found
        with self._changed:
            found = self._found.get(identity)
            if isinstance(found, ReadySchema):
                return found
            # A registry is asked again for as long as someone looks at what it has to decode.
            if found is None or isinstance(found.error, RegistryError) or found.retry_at <= time.monotonic():
                self._want(identity)
        if found is None:
            raise PendingSchemaError(f"schema {identity} is being fetched")
        raise _reported(found.error)

    def load(self, identity: int) -> ReadySchema:
        """A schema, waiting for it; `UndecodableError` if it cannot be used, `RegistryError`."""
        ready = self._found.get(identity)
        if isinstance(ready, ReadySchema):  # without the lock, which costs a fifth of decoding
            return ready
        with self._changed:
            before = self._found.get(identity)
            if isinstance(before, ReadySchema):
                return before
            if before is None or before.retry_at <= time.monotonic():
                self._want(identity)
                if not self._changed.wait_for(lambda: self._found.get(identity) is not before, LOAD_SECONDS):
                    raise RegistryError(f"schema {identity} was not fetched within {LOAD_SECONDS:.0f} s")
            found = self._found.get(identity)
        if isinstance(found, ReadySchema):
            return found
        raise _reported(RegistryError("the registry was not asked") if found is None else found.error)

    def _want(self, identity: int) -> None:
        if identity not in self._wanted and len(self._wanted) < MOST_WANTED:
            self._wanted.append(identity)
            self._changed.notify_all()
        if not self._running:
            self._running = True
            threading.Thread(target=self._run, name="fetch schemas", daemon=True).start()

    # In the thread.

    def _run(self) -> None:
        while (identity := self._next()) is not None:
            found = self._try(identity)
            with self._changed:
                if len(self._found) == MOST_KEPT:
                    self._found.clear()
                self._found[identity] = found
                self._wanted.remove(identity)
                self.changes += 1
                self._changed.notify_all()
            self.on_change()

    def _next(self) -> int | None:
        """The newest schema that is due; None, which ends the thread, once none is wanted."""
        with self._changed:
            while self._wanted:
                now = time.monotonic()
                due = {identity: self._due(identity) for identity in reversed(self._wanted)}
                for identity, moment in due.items():
                    if moment <= now:
                        return identity
                self._changed.wait(min(due.values()) - now)
            self._running = False
            return None

    def _due(self, identity: int) -> float:
        found = self._found.get(identity)
        return found.retry_at if isinstance(found, _Failure) else 0.0

    def _try(self, identity: int) -> ReadySchema | _Failure:
        try:
            schema = self._fetch(identity)
            return ReadySchema(schema=schema, decode=_decoder(schema))
        except EngineError as error:
            unreachable = isinstance(error, RegistryError)
            wait = RETRY_SECONDS if unreachable else RETRY_UNKNOWN_SECONDS
            return _Failure(error=error, retry_at=time.monotonic() + wait)


def _reported(error: EngineError) -> EngineError:
    """What to raise for a kept error: another one each time, which has a traceback of its own."""
    if isinstance(error, RegistryError):
        return RegistryError(error.message, error.remedy)
    return UndecodableError(error.message)


def _decoder(schema: Schema) -> PayloadDecoder:
    if schema.kind == "AVRO":
        return avro_decoder(schema.text, schema.references)
    if schema.kind == "JSON":
        return bytes
    raise SchemaError(f"schema {schema.id} is a {schema.kind_words} schema: use protobuf:FILE.desc:MESSAGE")
