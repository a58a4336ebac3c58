"""Settings: what people change, each with its default and what it costs; where things are; thumbs; the keys."""

import streamlit as st

from docmind.errors import SettingsError
from docmind.settings import settings_file
from docmind.ui.feedback_view import show_feedback_export
from docmind.ui.frame import KEYS
from docmind.ui.navigation import MODELS, SETTINGS, enter
from docmind.ui.remote_notice import show_notices
from docmind.ui.settings_view import show_choices
from docmind.ui.text import plain_html, plain_label

opened = enter(SETTINGS)
settings = opened.workspace.settings
with st.sidebar:
    show_notices(opened.workspace)
with st.container(width=640, key="settings"):
    st.title("Settings")
    st.caption("What you choose holds from the next question.")
    try:
        show_choices(opened.workspace)
        file = str(settings_file())
    except SettingsError as error:
        st.error(plain_label(str(error)), icon=":material/error:")
        st.stop()
    st.page_link(MODELS, label="Which model answers", icon=":material/memory:")

    st.header("Where things are")
    places = {
        "Library": settings.data_dir,
        "Models": settings.models_path,
        "These settings": file,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{plain_html(str(place))}</dd>" for name, place in places.items())
    st.html(f'<dl class="dm-places">{rows}</dl>')
    st.caption(
        "Nothing of your documents leaves this machine, unless you name a server elsewhere (DOCMIND\\_SERVER\\_URL) "
        "and allow it (DOCMIND\\_ALLOW\\_REMOTE\\_SERVER); every page then says so."
    )

    st.header("What you thought of answers")
    show_feedback_export(opened)

    st.header("Keys")
    keys = "".join(f"<dt><kbd>{plain_html(key)}</kbd></dt><dd>{plain_html(does)}</dd>" for key, does in KEYS)
    st.html(f'<dl class="dm-places">{keys}</dl>')
