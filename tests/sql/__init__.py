"""The SQL files, tested by rows in and rows out."""
