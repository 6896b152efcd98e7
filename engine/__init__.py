"""The engine: the process that owns one run. Nothing heavy is imported until it is asked for."""
