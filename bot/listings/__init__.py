"""Official lists at work: imported from their files, looked at like sources, held against the watchlist."""
