"""Answers to the research questions: published figures in, tables and computed sentences out."""
