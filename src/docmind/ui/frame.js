// What stands around every page in the browser, put there once: a way to the question for the keyboard, a region that
// screen readers listen to, and the words of the dialogue that comes when the app has ended.
(() => {
  const told = DATA;
  if (!document.querySelector(".dm-skip")) {
    const skip = document.createElement("a");
    skip.className = "dm-skip";
    skip.href = "#";
    skip.textContent = "Skip to the question";
    skip.onclick = (event) => {
      event.preventDefault();
      document.querySelector('[data-testid="stChatInputTextArea"]')?.focus();
    };
    const region = document.createElement("div");
    region.className = "dm-live";
    region.setAttribute("role", "status");
    const ways = document.createElement("nav");
    ways.setAttribute("aria-label", "Ways past the menu");
    ways.append(skip);
    document.body.prepend(ways, region);

    const keys = document.createElement("dialog");
    keys.className = "dm-keys";
    keys.setAttribute("aria-label", "Keys");
    const title = document.createElement("h2"), list = document.createElement("dl"), close = document.createElement("button");
    title.textContent = "Keys";
    for (const [key, does] of told.keys) {
      const name = document.createElement("dt"), words = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = key;
      words.textContent = does;
      name.append(cap);
      list.append(name, words);
    }
    close.textContent = "Close";
    close.onclick = () => keys.close();
    list.className = "dm-places";
    keys.append(title, list, close);
    document.body.append(keys);
    document.addEventListener("keydown", (event) => {
      const target = event.composedPath()[0];
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]')) return;
      const box = document.querySelector('[data-testid="stChatInputTextArea"]');
      if (event.key === "?" && !keys.open) keys.showModal();
      else if (event.key === "/" && box) box.focus();
      else return;
      event.preventDefault();
    });

    // On a phone the sidebar lies over the page; whoever has chosen a chat or a page there wants to see it.
    document.addEventListener("click", ({ target }) => {
      if (window.innerWidth < 768 && target.closest?.('[class*="st-key-listed-"] .stButton, .st-key-new-chat, .st-key-new-analysis, [data-testid="stSidebarNavLink"]'))
        // Streamlit folds it itself on what it takes for a phone; what is folded by then is left so.
        setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]')?.click(), 100);
    });

    // Streamlit's dialogue stays what it is, with its close button and its end once the app answers again; only its
    // words are put right. It is known by what it says, because nothing else tells one dialogue from another.
    const mend = () => {
      for (const dialog of document.querySelectorAll('[role="dialog"]')) {
        const title = dialog.querySelector("h2"), body = title?.nextElementSibling;
        if (!body || dialog.dataset.told || !/not responding|still running/.test(body.textContent)) continue;
        dialog.dataset.told = "true";
        title.firstChild.nodeValue = told.closed.title;
        for (const child of body.children) child.style.display = "none";
        for (const words of told.closed.words) {
          const paragraph = document.createElement("p");
          paragraph.textContent = words;
          body.append(paragraph);
        }
        const command = document.createElement("code");
        command.textContent = told.closed.command;
        body.append(command);
      }
    };
    new MutationObserver(() => requestAnimationFrame(mend)).observe(document.body, { childList: true });
  }
  const region = document.querySelector(".dm-live");
  if (told.said && told.said.id !== region.dataset.id) {
    region.dataset.id = told.said.id;
    setTimeout(() => { region.textContent = told.said.text; }, 50); // a new region is listened to only from then on
    setTimeout(() => { region.textContent = ""; }, 2000); // whoever walks through the page finds the answer once
  }
})();
