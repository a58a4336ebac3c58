"""The app's entry: `streamlit run app.py`, or simply `docmind`. Pages are in pages/, what they share in docmind.ui."""

from docmind.ui.navigation import open_pages

open_pages()
