"""What a run leaves behind: series of numbers in memory and on disk, the journal, CSV. No torch."""
