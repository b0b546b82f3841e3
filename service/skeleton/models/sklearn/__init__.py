"""A pipeline of scikit-learn."""
