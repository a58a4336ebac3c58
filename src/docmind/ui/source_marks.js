// Where statements with marks are to be drawn: a component's element, emptied. None where the same stand there already,
// so that a page that is drawn anew leaves the mark that has the focus.
function toDrawIn({ data, parentElement, setTriggerValue }, name) {
  const root = parentElement.querySelector(name);
  root.tell = setTriggerValue;
  const shown = JSON.stringify(data);
  if (root.shown === shown) return null;
  root.shown = shown;
  root.tip = parentElement.querySelector(".tip");
  hideTip(root.tip);
  root.replaceChildren();
  return root;
}

// The marks of the sources that a statement cites; one that is pressed opens its source.
function sourceMarks(root, numbers, sources, statement) {
  return numbers.map((number) =>
    sourceMark(root.tip, number, sources[number], statement, () => root.tell("opened", number)));
}

// A mark that opens a source; where the pointer or the focus rests on it, the tip shows the source's sentence.
function sourceMark(tip, number, source, statement, open) {
  const [place, quote] = source ?? ["", ""];
  const mark = document.createElement("button");
  mark.textContent = number;
  mark.setAttribute("aria-label", `Source ${number}: ${place}`);
  mark.setAttribute("aria-description", quote);
  mark.onclick = open;
  mark.onmouseenter = mark.onfocus = () => showTip(tip, mark, statement, place, quote);
  mark.onmouseleave = mark.onblur = () => hideTip(tip);
  mark.onkeydown = (event) => { if (event.key === "Escape") hideTip(tip); };
  return mark;
}

function hideTip(tip) {
  tip.togglePopover(false);
  window.removeEventListener("scroll", tip.place, { capture: true });
}

function showTip(tip, mark, statement, place, quote) {
  hideTip(tip);
  tip.querySelector("cite").textContent = place;
  tip.querySelector("q").textContent = quote;
  tip.togglePopover(true);
  // Placed again as the page moves: whoever comes with the Tab key moves it by coming.
  tip.place = () => {
    // Above the statement, so that both are read together; where no room is, below the mark, and above it at last.
    const at = mark.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const tops = [statement.getBoundingClientRect().top - height - 6, at.bottom + 6, at.top - height - 6];
    const top = tops.find((each) => each >= 8 && each + height <= window.innerHeight - 8) ?? tops[1];
    tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
    tip.style.top = `${top}px`;
  };
  tip.place();
  window.addEventListener("scroll", tip.place, { capture: true, passive: true });
}
