// The sentences of an answer, with marks that open their sources. Everything is written into the page as text nodes, so
// nothing in it can become markup.
export default function (component) {
  const { data } = component;
  const root = toDrawIn(component, "p");
  if (!root) return;
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
    root.append(whole, ...sourceMarks(root, sentence.citations, data.sources, whole), " ");
  }
}
