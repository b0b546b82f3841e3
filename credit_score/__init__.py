"""Tells whether a customer's credit score will prove poor, standard or good."""
