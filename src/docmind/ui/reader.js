// The reader in the browser. Python answers what `wanted` names; everything else happens here. Text of documents gets
// into the page as text nodes only, so nothing in it can become markup. How a page is drawn stands in reader_page.js,
// what leads to a place in reader_finding.js; reader.py sends the three as one script.

const KEPT = 40; // pages kept in the browser

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
    const dialog = root.getRootNode().host?.closest('[role="dialog"]');
    dialog?.addEventListener("keydown", (event) => this.walk(event, dialog.querySelector("button")), true);
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

  turn(step) {
    this.go(this.page + step);
  }

  jump(text) {
    const number = Number.parseInt(text, 10);
    if (!Number.isNaN(number)) this.go(Math.min(this.data.count, Math.max(1, number)));
    this.part(".number").value = this.page;
  }

  go(number) {
    if (number < 1 || number > this.data.count || number === this.page) return;
    this.page = number;
    this.show();
  }

  bar(page) {
    const { data } = this;
    const unit = data.kind === "text" ? "Part" : "Page";
    const number = this.part(".number");
    // What somebody types there stays, whatever arrives meanwhile.
    if (this.numbered !== this.page || this.root.getRootNode().activeElement !== number) number.value = this.page;
    this.numbered = this.page;
    number.setAttribute("aria-label", unit);
    number.size = 4;
    this.part(".unit").textContent = unit;
    const cited = this.citedOn(this.page) >= 0 ? " · cited" : "";
    const label = page?.label && page.label !== String(this.page) ? ` · printed ${page.label}` : "";
    this.part(".of").textContent = `of ${data.count}${label}${cited}`;
    this.disable(".previous", this.page <= 1);
    this.disable(".next", this.page >= data.count);
    this.part(".group").hidden = data.kind === "text" && data.count === 1;
    const total = this.total(), found = this.found;
    this.part(".matches").textContent = !this.words ? ""
      : found?.words !== this.words ? "Searching …"
      : total ? `${this.match + 1} of ${total}${found.more ? "+" : ""}` : "Not found";
    for (const name of [".match-before", ".match-after"]) {
      this.part(name).hidden = !this.words;
      this.disable(name, !total);
    }
  }

  // A button that can do nothing more hands its focus on: from nowhere no key would reach the reader, Escape neither.
  disable(name, disabled) {
    const button = this.part(name);
    if (disabled && this.root.getRootNode().activeElement === button) this.part(".canvas").focus({ preventScroll: true });
    button.disabled = disabled;
  }

  // A dialogue leads the Tab key round itself, and sees nothing inside a component: the reader would never be reached.
  walk(event, close) {
    if (event.key !== "Tab") return;
    const inside = [...this.root.querySelectorAll("button, input, [tabindex='0']")];
    const ring = [close, ...inside.filter((item) => !item.disabled && item.offsetParent)];
    const at = ring.indexOf(this.root.getRootNode().activeElement ?? document.activeElement);
    event.preventDefault();
    event.stopPropagation();
    ring[(at + (event.shiftKey ? -1 : 1) + ring.length) % ring.length].focus();
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
