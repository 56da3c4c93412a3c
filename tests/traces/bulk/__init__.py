"""Acts on many traces at once: jobs, tags, deletion, exports."""
