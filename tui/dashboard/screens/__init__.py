"""The dashboard, when it is drawn, and large screens: a record, builds, help. Parts of them are widgets."""
