"""A project as small as one can be, to test the platform with: one number a day, predicted by its level."""
