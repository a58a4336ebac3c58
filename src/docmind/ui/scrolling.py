"""Bringing into view what one wants to see of a conversation, where Streamlit does not do so by itself.

It keeps the end of a page in view as long as the reader is there. Who has scrolled up is left where they are, also when
they ask the next question or open another chat; then the end is what they want to see. And who opens a citation while
the end is shown is carried to the end of what is narrower and longer now; then the citation is what they want to see.
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
# The marks stand in the shadow of the answer's component; a passage that is near has its button alone. The page settles
# while the evidence is drawn beside it, so the mark is looked after for a second from when it is there.
_MARK = """
<script>
(() => {
  if (window.dmMarked === "%(opening)s") return;
  window.dmMarked = "%(opening)s";
  window.dmFollowed?.();
  const acts = ["wheel", "touchmove", "pointerdown", "keydown"];
  let acted = false, end = 0;
  const act = (event) => { acted ||= event.isTrusted; };
  const main = document.getElementById("stMain");
  for (const kind of acts) window.addEventListener(kind, act, { capture: true, passive: true });
  const mark = () => {
    const reply = document.querySelector(".st-key-%(reply)s-actions")?.closest('[data-testid="stChatMessage"]');
    const roots = [...(reply?.querySelectorAll("*") ?? [])].flatMap((element) => element.shadowRoot ?? []);
    const buttons = roots.flatMap((root) => [...root.querySelectorAll("p button")]);
    return buttons.find((button) => button.textContent === "%(number)s")
      ?? reply?.querySelector(".st-key-%(reply)s-source-%(number)s");
  };
  const began = performance.now();
  const look = () => {
    const now = performance.now(), found = mark();
    if (found && !end) end = now + 1000;
    if (acted || now > (end || began + 10000)) {
      for (const kind of acts) window.removeEventListener(kind, act, { capture: true });
      return;
    }
    if (found) {
      // So Streamlit, which is on its way to the end, stops there and sees that the end is not shown any more.
      for (const kind of ["wheel", "scroll"]) main.dispatchEvent(new Event(kind));
      const { top, bottom } = found.getBoundingClientRect();
      const foot = document.querySelector('[data-testid="stBottom"]').getBoundingClientRect();
      if (top < 60 || bottom > foot.top) found.scrollIntoView({ block: "center", behavior: "instant" });
    }
    requestAnimationFrame(look);
  };
  look();
})();
</script>
"""


def to_the_end(shown: str) -> None:
    """Scroll to the end, and stay there until the reader acts; again only when what is shown is another.

    Args:
        shown: What is shown, in letters, digits and hyphens.
    """
    st.html(_SCROLL % (shown, shown), unsafe_allow_javascript=True)


def to_the_mark(reply: str, number: int, opening: str) -> None:
    """Bring the mark of a citation into view, until the page has settled or the reader acts; once for each opening.

    Args:
        reply: The key of the answer that cites, in letters, digits and hyphens.
        number: The citation's number.
        opening: What opening it is, in letters, digits and hyphens.
    """
    values = {"reply": reply, "number": number, "opening": opening}
    st.html(_MARK % values, unsafe_allow_javascript=True)
