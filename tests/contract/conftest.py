from tests.engine.broker.sqlite.conftest import broker, folder, in_thread

__all__ = ["broker", "folder", "in_thread"]
