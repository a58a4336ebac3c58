// What leads to a place: the sources of the answer, the search and the table of contents. A part of reader.js.

Object.assign(Reader.prototype, {
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
  },

  sources() {
    const { citations } = this.data;
    this.part(".cited").hidden = !citations.length;
    this.part(".copy").hidden = this.cited < 0;
    const chips = this.part(".chips");
    const state = JSON.stringify([this.data.called, this.cited, citations.map((item) => item.n)]);
    if (chips.dataset.state === state) return;
    const inside = chips.contains(this.root.getRootNode().activeElement);
    chips.dataset.state = state;
    chips.replaceChildren(...citations.map((item, number) => {
      const chip = document.createElement("button");
      chip.textContent = this.data.called || item.n;
      chip.title = `${item.place}: ${item.quote}`.slice(0, 300);
      chip.setAttribute("aria-label", `${this.data.called || `Source ${item.n}`} in ${item.place}`);
      if (number === this.cited) chip.setAttribute("aria-current", "true");
      chip.onclick = () => this.cite(number);
      return chip;
    }));
    if (inside) chips.children[this.cited]?.focus();
  },

  async copy() {
    const { quote, place } = this.data.citations[this.cited];
    const label = this.current()?.label;
    const shown = label && label !== String(this.page) && this.citedOn(this.page) >= 0;
    const printed = shown && !place.includes(", printed ") ? `, printed ${label}` : ""; // read before labels were kept
    const told = this.part(".told");
    try {
      await navigator.clipboard.writeText(`“${quote}” (${place}${printed})`);
      told.textContent = "Copied";
    } catch {
      told.textContent = "The browser does not allow copying here.";
    }
    setTimeout(() => { told.textContent = ""; }, 2500);
  },

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
  },

  total() {
    return this.found ? this.found.counts.reduce((sum, [, times]) => sum + times, 0) : 0;
  },

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
  },

  toMatch() {
    this.page = this.pageOf(this.match)[0];
    this.show();
    const page = this.current();
    if (page === this.drawn && page) this.place(page, true);
  },

  pageOf(match) {
    let before = 0;
    for (const [page, times] of this.found.counts) {
      if (match < before + times) return [page, match - before];
      before += times;
    }
    return [this.page, 0];
  },

  // Which of the page's matches is the current one; null where it stands on another, or nothing is looked for.
  matchHere(page) {
    if (!this.total() || this.found.left || page.words !== this.words) return null;
    const [number, here] = this.pageOf(this.match);
    return number === page.page ? here : null;
  },

  toggleOutline() {
    this.open = !this.open;
    this.show();
  },

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
  },

  toHeading(page, number) {
    if (getComputedStyle(this.part("nav")).position === "absolute") { // it lies over the page
      this.toggleOutline();
      this.part(".contents").focus();
    }
    this.go(page);
    if (this.data.kind !== "text") return;
    // The nth heading of the part is the nth entry that lies in it.
    const inside = this.outline.slice(0, number).filter((entry) => entry[2] === page).length;
    const canvas = this.part(".canvas");
    const heading = this.drawn?.page === page ? canvas.querySelectorAll("h3, h4, h5")[inside] : null;
    if (heading) canvas.scrollTo({ top: canvas.scrollTop + heading.getBoundingClientRect().top - canvas.getBoundingClientRect().top - 12 });
  },
});
