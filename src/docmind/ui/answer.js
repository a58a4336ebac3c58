// The sentences of an answer, with marks that open their sources. Everything is written into the page as text nodes, so
// nothing in it can become markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector("p");
  const tip = parentElement.querySelector(".tip");
  // A page that is drawn anew with the same answer leaves it, and with it the mark that has the focus.
  root.tell = setTriggerValue;
  const shown = JSON.stringify(data);
  if (root.shown === shown) return;
  root.shown = shown;
  const hide = () => {
    tip.togglePopover(false);
    window.removeEventListener("scroll", tip.place, { capture: true });
  };
  const show = (mark, sentence, place, quote) => {
    hide();
    tip.querySelector("cite").textContent = place;
    tip.querySelector("q").textContent = quote;
    tip.togglePopover(true);
    // Placed again as the page moves: whoever comes with the Tab key moves it by coming.
    tip.place = () => {
      // Above the sentence, so that both are read together; where no room is, below the mark, and above it at last.
      const at = mark.getBoundingClientRect();
      const { width, height } = tip.getBoundingClientRect();
      const tops = [sentence.getBoundingClientRect().top - height - 6, at.bottom + 6, at.top - height - 6];
      const top = tops.find((each) => each >= 8 && each + height <= window.innerHeight - 8) ?? tops[1];
      tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
      tip.style.top = `${top}px`;
    };
    tip.place();
    window.addEventListener("scroll", tip.place, { capture: true, passive: true });
  };
  hide();
  root.replaceChildren();
  for (const sentence of data.sentences) {
    const whole = document.createElement("span");
    whole.className = { "supported": "supported", "partly supported": "partly", "stopped": "stopped" }[sentence.verdict]
      ?? "unsupported";
    if (whole.className === "unsupported") {
      whole.title = "Nothing in the passages that were read supports this sentence.";
    } else if (whole.className === "stopped") {
      whole.title = "You stopped the answer in the middle of this sentence, so it was not checked.";
    }
    if (sentence.rows.length) whole.append(sentence.before, ...laidOut(sentence.rows));
    else for (const [text, reason] of sentence.parts) {
      const span = document.createElement("span");
      span.textContent = text;
      if (reason) {
        span.className = "doubted";
        span.title = reason;
      }
      whole.append(span);
    }
    root.append(whole);
    for (const number of sentence.citations) {
      const mark = document.createElement("button");
      mark.textContent = number;
      const [place, quote] = data.sources[number] ?? ["", ""];
      mark.setAttribute("aria-label", `Source ${number}: ${place}`);
      mark.setAttribute("aria-description", quote);
      mark.onclick = () => root.tell("opened", number);
      mark.onmouseenter = mark.onfocus = () => show(mark, whole, place, quote);
      mark.onmouseleave = mark.onblur = hide;
      mark.onkeydown = (event) => { if (event.key === "Escape") hide(); };
      root.append(mark);
    }
    root.append(" ");
  }
}
