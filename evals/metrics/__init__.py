"""What answers, rankings and agents are measured by: pure, on plain values; undefined is None."""
