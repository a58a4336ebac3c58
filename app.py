"""Streamlit entry: which pages there are."""
