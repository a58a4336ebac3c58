"""The app's entry: which pages there are. Everything else lives in pages/ and docmind.ui."""

import streamlit as st

from docmind.ui.style import LOGO, apply_style

st.set_page_config(page_title="DocMind", page_icon=LOGO, layout="wide")
page = st.navigation(
    [
        st.Page("pages/chat.py", title="Chat", icon=":material/forum:", default=True),
        st.Page("pages/documents.py", title="Documents", icon=":material/folder_open:"),
    ]
)
apply_style()
page.run()
