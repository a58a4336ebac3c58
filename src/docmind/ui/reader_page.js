// How a page or a part of a text is drawn, sized and brought into view. A part of reader.js.

const PAGE = 900; // pixels; a page opens no wider
const MARKED = 1100; // pixels; nor wider than this to fill the window with what is marked
const LEGIBLE = 660; // pixels; the letters of so wide a page of A4 are 13 pixels high
const WHOLE_LINES = 1.15; // of the window's width; the lines of such a page are seen whole, its margins are not
const STEPS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

Object.assign(Reader.prototype, {
  draw(page) {
    const canvas = this.part(".canvas");
    const same = this.drawn?.page === page.page && this.drawn?.cited === page.cited;
    this.drawn = page;
    canvas.setAttribute("aria-label", `${this.data.kind === "text" ? "Text of" : `Page ${page.page} of`} ${this.data.name}`);
    const lost = this.part("blockquote");
    lost.hidden = !page.lost;
    if (page.lost) {
      const told = document.createElement("b");
      told.textContent = "This sentence could not be located on the page:";
      lost.replaceChildren(told, this.data.citations[page.cited].quote);
    }
    if (page.problem) canvas.replaceChildren(line("problem", page.problem));
    else if (page.blocks) canvas.replaceChildren(this.article(page));
    if (!page.src) {
      this.measure();
      this.place(page, same);
      return;
    }
    const image = document.createElement("img");
    image.alt = `Page ${page.page}`;
    if (page.cited >= 0) image.alt += `. Marked: ${this.data.citations[page.cited].quote}`;
    image.src = page.src;
    const put = () => { // decoded first: the page before stays until this one can be seen
      if (this.drawn !== page) return;
      let sheet = canvas.querySelector(".sheet");
      if (!sheet) {
        sheet = document.createElement("div");
        sheet.className = "sheet";
        canvas.replaceChildren(sheet);
      }
      sheet.replaceChildren(image, ...this.hits(page));
      sheet.dataset.page = page.page;
      this.measure();
      this.place(page, same);
    };
    image.decode().then(put, put);
  },

  hits(page) {
    return page.found.flatMap((boxes, number) => boxes.map(([left, top, right, bottom]) => {
      const box = document.createElement("div");
      box.className = "hit";
      box.dataset.match = number;
      Object.assign(box.style, {
        left: `${100 * left}%`, top: `${100 * top}%`,
        width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%`,
      });
      return box;
    }));
  },

  article(page) {
    const article = document.createElement("article");
    let match = 0;
    for (const [kind, level, text, marks, found] of page.blocks) {
      const ranges = [
        ...marks.map(([start, end]) => [start, end, "marked", 0]),
        ...found.map(([start, end]) => [start, end, "found", match++]),
      ];
      article.append(block(kind, level, text, ranges));
    }
    return article;
  },

  // Brings what the page was opened for into view, once.
  place(page, same) {
    const canvas = this.part(".canvas");
    const here = this.matchHere(page);
    const wish = here !== null ? `match ${this.match}` : `page ${page.page} ${page.cited} ${this.opening}`;
    for (const item of canvas.querySelectorAll("[data-match]")) {
      item.classList.toggle("current", here !== null && Number(item.dataset.match) === here);
    }
    if (this.placed === wish) return;
    if (page.marks?.length && this.zoom === 0) {
      const left = Math.min(...page.marks.map((box) => box[0])), right = Math.max(...page.marks.map((box) => box[2]));
      const wide = canvas.clientWidth;
      const largest = Math.min(1.6, Math.max(WHOLE_LINES, LEGIBLE / wide), MARKED / wide);
      this.suggested = Math.max(Math.min(1, PAGE / wide), Math.min(largest, 1 / (right - left + 0.1)));
      this.measure();
    }
    this.placed = wish;
    const target = here !== null ? canvas.querySelector(".current") : canvas.querySelector("mark.marked");
    if (target) {
      into(canvas, target.getBoundingClientRect());
    } else if (page.marks?.length) {
      const sheet = canvas.querySelector(".sheet").getBoundingClientRect();
      const [left, top] = [0, 1].map((side) => Math.min(...page.marks.map((box) => box[side])));
      const [right, bottom] = [2, 3].map((side) => Math.max(...page.marks.map((box) => box[side])));
      into(canvas, {
        left: sheet.left + left * sheet.width, right: sheet.left + right * sheet.width,
        top: sheet.top + top * sheet.height, bottom: sheet.top + bottom * sheet.height,
      });
    } else if (!same) canvas.scrollTo({ top: 0 });
  },

  // Sizes the page; what was in the middle stays there.
  measure() {
    const canvas = this.part(".canvas");
    const size = this.zoom || this.suggested || 1;
    this.clientWidth = canvas.clientWidth;
    this.part(".fit").textContent = `${Math.round(100 * size)} %`;
    const article = canvas.querySelector("article"), sheet = canvas.querySelector(".sheet");
    if (article) article.style.setProperty("--zoom", size);
    if (!sheet) return;
    const wide = Math.round(canvas.clientWidth * size);
    if (sheet.style.width === `${wide}px`) return;
    sheet.style.width = `${wide}px`;
    const [x, y] = this.middle;
    canvas.scrollTo(x * canvas.scrollWidth - canvas.clientWidth / 2, y * canvas.scrollHeight - canvas.clientHeight / 2);
  },

  // What lies in the middle of the canvas, as shares of the page.
  scrolled() {
    const canvas = this.part(".canvas");
    if (canvas.clientWidth !== this.clientWidth) return; // it scrolls because it is made wider or narrower
    this.middle = [
      (canvas.scrollLeft + canvas.clientWidth / 2) / canvas.scrollWidth,
      (canvas.scrollTop + canvas.clientHeight / 2) / canvas.scrollHeight,
    ];
  },

  magnify(direction) {
    const size = this.zoom || this.suggested || 1;
    const next = direction > 0 ? STEPS.find((step) => step > size + 0.01) : STEPS.findLast((step) => step < size - 0.01);
    if (next) this.resize(next);
  },

  resize(size) {
    this.zoom = size;
    this.measure();
    this.show();
  },
});

// Scrolls the canvas, and nothing around it, so that a rectangle of the window lies a third down in it, its beginning
// at the left where it is wide.
function into(canvas, box) {
  const frame = canvas.getBoundingClientRect();
  const width = box.right - box.left;
  const margin = width > 0.6 * canvas.clientWidth ? 0.03 * canvas.clientWidth : (canvas.clientWidth - width) / 2;
  canvas.scrollTo({
    top: canvas.scrollTop + box.top - frame.top - Math.max(12, (canvas.clientHeight - (box.bottom - box.top)) / 3),
    left: canvas.scrollLeft + box.left - frame.left - margin,
  });
}

function block(kind, level, text, ranges) {
  if (kind === "table") {
    const frame = document.createElement("div"), table = document.createElement("table");
    frame.className = "table";
    frame.append(table);
    let offset = 0;
    for (const row of text.split("\n")) {
      const cells = table.insertRow();
      for (const cell of row.split(" | ")) {
        pieces(cells.insertCell(), cell, offset, ranges);
        offset += cell.length + 3;
      }
      offset -= 2; // a line break where three characters were counted
    }
    return frame;
  }
  const name = kind === "heading" ? `h${Math.min(5, 2 + Math.max(1, level))}` : kind === "code" ? "pre" : "p";
  const element = document.createElement(name);
  pieces(element, text, 0, ranges);
  return element;
}

// Writes a stretch of a block, cut where marks begin and end. Ranges count from the beginning of the block.
function pieces(parent, text, offset, ranges) {
  const end = offset + text.length;
  const cuts = new Set([offset, end]);
  for (const range of ranges) for (const cut of range.slice(0, 2)) if (cut > offset && cut < end) cuts.add(cut);
  const ordered = [...cuts].sort((one, other) => one - other);
  for (let at = 0; at + 1 < ordered.length; at++) {
    const [from, to] = [ordered[at], ordered[at + 1]];
    const words = text.slice(from - offset, to - offset);
    const over = ranges.filter((range) => range[0] < to && range[1] > from);
    if (!over.length) {
      parent.append(words);
      continue;
    }
    const mark = document.createElement("mark");
    mark.className = over.map((range) => range[2]).join(" ");
    const match = over.find((range) => range[2] === "found");
    if (match) mark.dataset.match = match[3];
    mark.textContent = words;
    parent.append(mark);
  }
}
