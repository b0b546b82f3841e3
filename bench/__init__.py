"""What `make bench` measures: each figure beside what one would take instead, in the same run."""
