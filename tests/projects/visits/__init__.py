"""A toy of rows that stand by themselves: does a visitor buy; labels come a week late."""
