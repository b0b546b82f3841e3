"""The page that tells what the loop did, with plots."""
