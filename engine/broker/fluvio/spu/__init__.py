"""SmartStreams that run on the cluster's SPUs: their streams, and what these say of records."""
