"""Many moments with faults at random: what is left is what an undisturbed run leaves."""
