"""Printing an export, or saving it as PDF: the browser's own dialogue, over a page that holds nothing else."""

from __future__ import annotations

import streamlit as st

# The page stands in a frame in which no script may run. It is printed once, however often it is drawn meanwhile.
_SCRIPT = """
export default function ({ data }) {
  if (window.dmPrinted === data.wish) return;
  window.dmPrinted = data.wish;
  document.querySelector("iframe.dm-print")?.remove();
  const frame = document.createElement("iframe");
  frame.className = "dm-print";
  frame.title = "What is printed";
  frame.setAttribute("sandbox", "allow-same-origin allow-modals");
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.style.cssText = "position: fixed; inset: 100% auto auto 100%; width: 210mm; height: 297mm; border: 0";
  frame.onload = () => {
    frame.contentWindow.focus();
    frame.contentWindow.print();
  };
  frame.srcdoc = data.page;
  document.body.append(frame);
}
"""
_print = st.components.v2.component("docmind_print", html="<div></div>", js=_SCRIPT)


def print_page(page: str, wish: str) -> None:
    """Open the browser's dialogue for printing.

    Args:
        page: The whole HTML page.
        wish: Tells one wish from another; the same again prints nothing.
    """
    _print(data={"page": page, "wish": wish}, key="print")
