"""Reports → files and the screen. Nothing here computes a figure."""
