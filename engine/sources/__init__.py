"""Where records come from: lines of files and pipes, and the demo's endless stream."""
