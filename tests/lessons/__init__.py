"""What each lesson promises, in plain PyTorch. A package so that its tests may share names."""
