"""The bench: what is run (plan), against what (servers), how one run is taken (measure), what it says (report)."""
