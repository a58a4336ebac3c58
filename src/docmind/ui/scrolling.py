"""Bringing the end of a conversation into view, where Streamlit does not do so by itself.

It keeps the end of a page in view as long as the reader is there. Who has scrolled up is left where they are, also when
they ask the next question or open another chat; then the end is what they want to see.
"""

from __future__ import annotations

import streamlit as st

# Only numbers and ids of our own are put into it. What was shown is noted, because a click that opens the evidence
# draws the conversation anew, and nobody wants to be carried away from what they clicked.
_SCROLL = """
<script>
(() => {
  if (window.dmShown === "%s") return;
  window.dmShown = "%s";
  const main = document.getElementById("stMain");
  let times = 20;  // what is drawn a moment later makes the page grow
  const scroll = () => {
    main.scrollTo({ top: main.scrollHeight });
    if (--times > 0) setTimeout(scroll, 50);
  };
  scroll();
})();
</script>
"""


def to_the_end(shown: str) -> None:
    """Scroll to the end once; again only when what is shown is another.

    Args:
        shown: What is shown, in letters, digits and hyphens.
    """
    st.html(_SCROLL % (shown, shown), unsafe_allow_javascript=True)
