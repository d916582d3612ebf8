"""Scores an order against its customer's history."""

SERVICE = "sample-intelligence"
