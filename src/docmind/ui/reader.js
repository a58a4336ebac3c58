// The reader in the browser. Python answers what `wanted` names; everything else happens here. Text of documents gets
// into the page as text nodes only, so nothing in it can become markup.

const KEPT = 40; // pages kept in the browser
const PAGE = 900; // pixels; a page opens no wider
const MARKED = 1100; // pixels; nor wider than this to fill the window with what is marked
const STEPS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

export default function (component) {
  const root = component.parentElement.querySelector("section");
  if (root.reader?.document !== component.data.document) root.reader = new Reader(root, component.data);
  root.reader.arrived(component);
}

class Reader {
  constructor(root, data) {
    this.root = root;
    this.document = data.document;
    this.pages = new Map();
    this.zoom = 1;
    this.words = "";
    this.found = null;
    this.match = 0;
    this.outline = null;
    this.asked = "";
    this.middle = [0.5, 0];
    const listen = (name, event, action) => this.part(name).addEventListener(event, action);
    listen(".previous", "click", () => this.turn(-1));
    listen(".next", "click", () => this.turn(1));
    listen(".smaller", "click", () => this.magnify(-1));
    listen(".larger", "click", () => this.magnify(1));
    listen(".fit", "click", () => this.resize(1));
    listen(".number", "change", (event) => this.jump(event.target.value));
    listen(".contents", "click", () => this.toggleOutline());
    listen("form", "submit", (event) => { event.preventDefault(); this.search(1); });
    listen("[type=search]", "keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); this.search(-1); }
    });
    listen("[type=search]", "search", () => this.search(0)); // its own cross
    listen(".match-before", "click", () => this.search(-1));
    listen(".match-after", "click", () => this.search(1));
    listen(".copy", "click", () => this.copy());
    root.addEventListener("keydown", (event) => this.key(event));
    listen(".canvas", "scroll", () => this.scrolled());
    new ResizeObserver(() => this.measure()).observe(this.part(".canvas"));
  }

  part(selector) {
    return this.root.querySelector(selector);
  }

  // What Python sent: the pages that were asked for, matches, the outline.
  arrived({ data, setStateValue, setTriggerValue }) {
    this.data = data;
    this.send = setStateValue;
    this.tell = setTriggerValue;
    for (const page of data.drawn) this.keep(page);
    if (data.outline) this.outline = data.outline;
    if (data.found && data.found.words === this.words && this.found?.words !== this.words) {
      this.found = data.found;
      this.firstMatch();
    }
    if (data.opening !== this.opening) {
      this.opening = data.opening;
      this.cited = data.at;
      this.page = data.page;
      this.placed = "";
      this.zoom = 0; // as the page suggests
      this.suggested = Math.min(1, PAGE / this.part(".canvas").clientWidth);
      this.drawn = null;
      // Its keys work at once; but whoever has begun to type meanwhile goes on typing.
      if (!document.activeElement?.matches("input, textarea")) this.part(".canvas").focus({ preventScroll: true });
    }
    this.show();
  }

  keep(page) {
    const name = this.name(page.page, page.cited, page.words, page.width);
    this.pages.delete(name);
    this.pages.set(name, page);
    if (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value);
  }

  name(page, cited, words = this.words, width = this.width()) {
    return [page, cited, words, this.data.kind === "text" ? 0 : width].join("|");
  }

  // The citation to be marked on a page: the one that is read, where it stands there.
  citedOn(page, cited = this.cited) {
    return this.data.citations[cited]?.page === page ? cited : -1;
  }

  width() {
    const shown = this.part(".canvas").clientWidth * (this.zoom || 1) * Math.min(2, window.devicePixelRatio || 1);
    const [plain, fine] = this.data.widths;
    return shown > 1.15 * plain ? fine : plain;
  }

  // Draws what is known, and asks for one thing that is not: first for what is shown, then for what comes next.
  show() {
    const { data } = this;
    const page = this.current();
    this.bar(page);
    this.sources();
    this.contents();
    if (page && page !== this.drawn) this.draw(page);
    else if (!page && !this.drawn) this.part(".canvas").replaceChildren(line("waits", "Drawing the page …"));
    const wanted = [[this.page, this.citedOn(this.page)]];
    if (page) {
      for (const step of [1, -1, 2]) {
        const number = this.page + step;
        if (number >= 1 && number <= data.count) wanted.push([number, this.citedOn(number)]);
      }
      for (const step of [1, -1]) {
        const other = data.citations[this.cited + step];
        if (other?.page) wanted.push([other.page, this.cited + step]);
      }
    }
    const missing = wanted.find(([number, cited]) => !this.pages.has(this.name(number, cited)));
    const searching = this.words && this.found?.words !== this.words;
    const outline = this.open && !this.outline;
    if (!missing && !searching && !outline) return;
    const asked = { pages: missing ? [missing] : [], width: this.width(), words: this.words, outline: Boolean(outline) };
    const text = JSON.stringify(asked);
    if (text === this.asked) return; // it is on its way
    this.asked = text;
    this.send("wanted", asked);
  }

  // The page to show: as it is wanted, or as it is known from before the search or at another size.
  current() {
    const cited = this.citedOn(this.page);
    const exact = this.pages.get(this.name(this.page, cited));
    if (exact) return exact;
    let near = null;
    for (const page of this.pages.values()) if (page.page === this.page && page.cited === cited) near = page;
    return near;
  }

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
  }

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
  }

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
  }

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
      this.suggested = Math.max(Math.min(1, PAGE / wide), Math.min(1.6, 1 / (right - left + 0.1), MARKED / wide));
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
  }

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
  }

  // What lies in the middle of the canvas, as shares of the page.
  scrolled() {
    const canvas = this.part(".canvas");
    if (canvas.clientWidth !== this.clientWidth) return; // it scrolls because it is made wider or narrower
    this.middle = [
      (canvas.scrollLeft + canvas.clientWidth / 2) / canvas.scrollWidth,
      (canvas.scrollTop + canvas.clientHeight / 2) / canvas.scrollHeight,
    ];
  }

  magnify(direction) {
    const size = this.zoom || this.suggested || 1;
    const next = direction > 0 ? STEPS.find((step) => step > size + 0.01) : STEPS.findLast((step) => step < size - 0.01);
    if (next) this.resize(next);
  }

  resize(size) {
    this.zoom = size;
    this.measure();
    this.show();
  }

  turn(step) {
    this.go(this.page + step);
  }

  jump(text) {
    const number = Number.parseInt(text, 10);
    if (Number.isNaN(number)) this.bar(this.current());
    else this.go(Math.min(this.data.count, Math.max(1, number)));
  }

  go(number) {
    if (number < 1 || number > this.data.count || number === this.page) return;
    this.page = number;
    this.show();
  }

  cite(number) {
    const citation = this.data.citations[number];
    if (!citation) return;
    if (!citation.page) {
      this.tell("opened", number); // another document
      return;
    }
    this.cited = number;
    this.page = citation.page;
    this.placed = "";
    this.drawn = null;
    this.found = this.found && { ...this.found, left: true };
    this.show();
  }

  search(step) {
    const words = this.part("[type=search]").value.trim().replace(/\s+/g, " ").slice(0, 200);
    if (words !== this.words) {
      this.words = words;
      this.found = null;
      this.placed = words ? this.placed : "";
      this.show();
    } else if (this.total() && step) {
      this.match = (this.match + (this.found.left ? 0 : step) + this.total()) % this.total();
      this.found.left = false;
      this.toMatch();
    }
  }

  total() {
    return this.found ? this.found.counts.reduce((sum, [, times]) => sum + times, 0) : 0;
  }

  // The first match on this page or after it.
  firstMatch() {
    this.match = 0;
    if (!this.total()) return;
    for (const [page, times] of this.found.counts) {
      if (page >= this.page) break;
      this.match += times;
    }
    if (this.match >= this.total()) this.match = 0;
    this.toMatch();
  }

  toMatch() {
    this.page = this.pageOf(this.match)[0];
    this.show();
    const page = this.current();
    if (page === this.drawn && page) this.place(page, true);
  }

  pageOf(match) {
    let before = 0;
    for (const [page, times] of this.found.counts) {
      if (match < before + times) return [page, match - before];
      before += times;
    }
    return [this.page, 0];
  }

  // Which of the page's matches is the current one; null where it stands on another, or nothing is looked for.
  matchHere(page) {
    if (!this.total() || this.found.left || page.words !== this.words) return null;
    const [number, here] = this.pageOf(this.match);
    return number === page.page ? here : null;
  }

  bar(page) {
    const { data } = this;
    const unit = data.kind === "text" ? "Part" : "Page";
    const number = this.part(".number");
    if (this.root.getRootNode().activeElement !== number || page === this.drawn) number.value = this.page;
    number.setAttribute("aria-label", unit);
    number.size = 4;
    this.part(".unit").textContent = unit;
    const cited = this.citedOn(this.page) >= 0 ? " · cited" : "";
    const label = page?.label && page.label !== String(this.page) ? ` · printed ${page.label}` : "";
    this.part(".of").textContent = `of ${data.count}${label}${cited}`;
    this.part(".previous").disabled = this.page <= 1;
    this.part(".next").disabled = this.page >= data.count;
    this.part(".group").hidden = data.kind === "text" && data.count === 1;
    const total = this.total(), found = this.found;
    this.part(".matches").textContent = !this.words ? ""
      : found?.words !== this.words ? "Searching …"
      : total ? `${this.match + 1} of ${total}${found.more ? "+" : ""}` : "Not found";
    for (const name of [".match-before", ".match-after"]) {
      this.part(name).hidden = !this.words;
      this.part(name).disabled = !total;
    }
  }

  sources() {
    const { citations } = this.data;
    this.part(".cited").hidden = !citations.length;
    this.part(".copy").hidden = this.cited < 0;
    const chips = this.part(".chips");
    const state = JSON.stringify([this.cited, citations.map((item) => item.n)]);
    if (chips.dataset.state === state) return;
    const inside = chips.contains(this.root.getRootNode().activeElement);
    chips.dataset.state = state;
    chips.replaceChildren(...citations.map((item, number) => {
      const chip = document.createElement("button");
      chip.textContent = item.n;
      chip.title = `${item.place}: ${item.quote}`.slice(0, 300);
      chip.setAttribute("aria-label", `Source ${item.n} in ${item.place}`);
      if (number === this.cited) chip.setAttribute("aria-current", "true");
      chip.onclick = () => this.cite(number);
      return chip;
    }));
    if (inside) chips.children[this.cited]?.focus();
  }

  toggleOutline() {
    this.open = !this.open;
    this.show();
  }

  contents() {
    const nav = this.part("nav");
    this.part(".contents").setAttribute("aria-expanded", String(Boolean(this.open)));
    nav.hidden = !this.open;
    if (!this.open || nav.dataset.drawn === this.document || !this.outline) return;
    nav.dataset.drawn = this.document;
    if (!this.outline.length) nav.replaceChildren(line("waits", "This file has no table of contents."));
    else nav.replaceChildren(...this.outline.map(([level, title, page], number) => {
      const entry = document.createElement("button");
      entry.textContent = title;
      entry.style.paddingLeft = `${0.3 + 0.8 * (level - 1)}rem`;
      entry.onclick = () => this.toHeading(page, number);
      return entry;
    }));
  }

  toHeading(page, number) {
    this.go(page);
    if (this.data.kind !== "text") return;
    // The nth heading of the part is the nth entry that lies in it.
    const inside = this.outline.slice(0, number).filter((entry) => entry[2] === page).length;
    const canvas = this.part(".canvas");
    const heading = this.drawn?.page === page ? canvas.querySelectorAll("h3, h4, h5")[inside] : null;
    if (heading) canvas.scrollTo({ top: canvas.scrollTop + heading.getBoundingClientRect().top - canvas.getBoundingClientRect().top - 12 });
  }

  async copy() {
    const { quote, place } = this.data.citations[this.cited];
    const label = this.current()?.label;
    const printed = label && label !== String(this.page) && this.citedOn(this.page) >= 0 ? `, printed ${label}` : "";
    const told = this.part(".told");
    try {
      await navigator.clipboard.writeText(`“${quote}” (${place}${printed})`);
      told.textContent = "Copied";
    } catch {
      told.textContent = "The browser does not allow copying here.";
    }
    setTimeout(() => { told.textContent = ""; }, 2500);
  }

  key(event) {
    const typing = ["INPUT", "TEXTAREA"].includes(event.composedPath()[0].tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && event.key !== "Escape") return;
    const actions = {
      ArrowLeft: () => this.turn(-1),
      ArrowRight: () => this.turn(1),
      n: () => this.cite(this.cited + 1),
      p: () => this.cite(this.cited - 1),
      "+": () => this.magnify(1),
      "=": () => this.magnify(1),
      "-": () => this.magnify(-1),
      0: () => this.resize(1),
      "/": () => this.part("[type=search]").focus(),
    };
    if (typing) actions.Escape = () => this.part(".canvas").focus();
    else if (this.data.closes) actions.Escape = () => this.tell("closed", true); // a dialogue closes by itself
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }
}

function line(name, text) {
  const paragraph = document.createElement("p");
  paragraph.className = name;
  paragraph.textContent = text;
  return paragraph;
}

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
