"""Published detectors, reimplemented from their papers and settings, to be measured against."""
