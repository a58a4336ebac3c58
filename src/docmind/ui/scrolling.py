"""Bringing the end of a conversation into view, where Streamlit does not do so by itself.

It keeps the end of a page in view as long as the reader is there. Who has scrolled up is left where they are, also when
they ask the next question or open another chat; then the end is what they want to see.
"""

from __future__ import annotations

import streamlit as st

# Only ids and numbers of our own are put into it. What was shown is noted, because a click that opens the evidence
# draws the conversation anew, and nobody wants to be carried away from what they clicked. What arrives later makes the
# page grow, so its end is followed until the reader does anything.
_SCROLL = """
<script>
(() => {
  if (window.dmShown === "%s") return;
  window.dmShown = "%s";
  window.dmFollowed?.();
  const main = document.getElementById("stMain");
  let { scrollTop, scrollHeight } = main;
  const observer = new ResizeObserver(() => main.scrollTo({ top: main.scrollHeight }));
  const acts = ["wheel", "touchmove", "pointerdown", "keydown"];
  // However it was done, with the scrollbar or with keys pressed elsewhere: a page that did not shrink was moved up.
  const scrolled = () => {
    if (main.scrollTop < scrollTop - 1 && main.scrollHeight >= scrollHeight) window.dmFollowed();
    ({ scrollTop, scrollHeight } = main);
  };
  window.dmFollowed = () => {
    observer.disconnect();
    for (const act of acts) main.removeEventListener(act, window.dmFollowed);
    main.removeEventListener("scroll", scrolled);
  };
  for (const act of acts) main.addEventListener(act, window.dmFollowed, { passive: true });
  main.addEventListener("scroll", scrolled, { passive: true });
  observer.observe(main.querySelector('[data-testid="stMainBlockContainer"]'));
})();
</script>
"""


def to_the_end(shown: str) -> None:
    """Scroll to the end, and stay there until the reader acts; again only when what is shown is another.

    Args:
        shown: What is shown, in letters, digits and hyphens.
    """
    st.html(_SCROLL % (shown, shown), unsafe_allow_javascript=True)
