"""Answers as files that can be checked again: written as JSON, Markdown and DOCX, verified against the documents."""
