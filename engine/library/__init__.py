"""SmartStreams stored by name. Running them belongs to engine.runtime."""
