"""Settings: what people change, each with its default and what it costs; what leaves; thumbs; the keys."""

import streamlit as st

from docmind.errors import SettingsError
from docmind.settings import settings_file
from docmind.ui.feedback_view import show_feedback_export
from docmind.ui.folders_view import show_folders
from docmind.ui.frame import KEYS
from docmind.ui.navigation import SETTINGS, enter
from docmind.ui.remote_notice import show_notices
from docmind.ui.settings_facts import show_library, show_model, show_privacy
from docmind.ui.settings_view import show_choices
from docmind.ui.text import plain_html, plain_label

opened = enter(SETTINGS)
with st.sidebar:
    show_notices(opened.workspace)
with st.container(width=640, key="settings"):
    st.title("Settings")
    st.caption("What you choose holds from the next question.")
    show_model(opened)
    try:
        show_choices(opened.workspace)
        file = str(settings_file())
    except SettingsError as error:
        st.error(plain_label(str(error)), icon=":material/error:")
        st.stop()

    st.header("Folders kept in step")
    show_folders(opened)

    st.header("Where things are, and what leaves")
    show_library(opened)
    show_privacy(opened)
    st.caption(plain_label(f"What you choose here is kept in {file}."))

    st.header("What you thought of answers")
    show_feedback_export(opened)

    st.header("Keys")
    keys = "".join(f"<dt><kbd>{plain_html(key)}</kbd></dt><dd>{plain_html(does)}</dd>" for key, does in KEYS)
    st.html(f'<dl class="dm-places">{keys}</dl>')
