"""What is trained to answer each question, and its tables and figures, a module for each question."""
