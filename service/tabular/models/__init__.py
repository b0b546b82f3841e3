"""Models of rows that stand alone: estimators of any library, CatBoost, and the naive rules beside them."""
