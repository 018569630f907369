// The page around a report that is being written: says what goes on, and shows each new report where the reader was in the last.
//
// The report stands in a frame, just as it will be published; nothing is put into it. What is told is shown as text nodes.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const [pages, title] = [byId("pages"), document.title];
  let shown = 0;

  // ---- where the reader is in a report, and there again in the next
  const BLOCKS = "h1, main :is(h2, h3, h4, p, li, tr, figcaption, summary)";
  const blocksOf = (view) => [...view.document.querySelectorAll(BLOCKS)].filter((each) => each.getClientRects().length);
  const top = (block) => block.getBoundingClientRect().top;

  /** A block that both have, as near to *at* as can be, as [index in *before*, index in *after*]; each is the texts of its blocks. */
  function kept(before, after, at) {
    const shorter = Math.min(before.length, after.length);
    let [head, tail] = [0, 0];
    while (head < shorter && before[head] === after[head]) head += 1;
    while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
    if (at < head) return [at, at];
    if (at >= before.length - tail) return [at, at + after.length - before.length];
    // Between the first and the last change, a text that stands once in both.
    const once = (texts, text) => texts.indexOf(text) === texts.lastIndexOf(text);
    const both = (text) => after.includes(text) && once(before, text) && once(after, text);
    const found = before.flatMap((text, index) => (both(text) ? [index] : [])).sort((one, other) => Math.abs(one - at) - Math.abs(other - at));
    return found.length ? [found[0], after.indexOf(before[found[0]])] : null;
  }

  function sameScroll(old, fresh) {
    if (old.scrollY === 0) return;
    const [before, after] = [blocksOf(old), blocksOf(fresh)];
    const at = Math.max(0, before.findIndex((each) => each.getBoundingClientRect().bottom > 0));
    const text = (each) => each.textContent;
    const found = kept(before.map(text), after.map(text), at);
    const moved = found ? top(after[found[1]]) - top(before[found[0]]) : old.scrollY - fresh.scrollY;
    fresh.scrollBy({ top: moved, left: old.scrollX, behavior: "instant" });
  }

  function sameDetails(old, fresh) {
    const details = (view) => [...view.document.querySelectorAll("main details")];
    const after = details(fresh);
    details(old).forEach((each, index) => { if (each.open && after[index]) after[index].open = true; });
  }

  // ---- the panel behind the numbers, as its reader left it
  const ask = (view, words) => [...view.document.querySelectorAll(".nb-tools button")].find((each) => each.textContent === words);

  function search(view, words) {
    ask(view, "查数")?.click();
    const query = view.document.getElementById("nb-query");
    if (!query) return;
    query.value = words;
    query.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function samePanel(old, fresh) {
    const panel = old.document.querySelector(".nb-panel:not([hidden])");
    if (ask(old, "审阅")?.getAttribute("aria-pressed") === "true") ask(fresh, "审阅")?.click();
    if (!panel) {
      fresh.document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      return;
    }
    const query = panel.querySelector("#nb-query");
    const figure = [...panel.querySelectorAll(".nb-facts dt")].find((each) => each.textContent === "编号")?.nextSibling.textContent;
    if (query) search(fresh, query.value);
    if (figure) {
      const same = [...fresh.document.querySelectorAll("[data-figure]")].filter((each) => each.dataset.figure === figure);
      const here = old.document.querySelector(".nb-here")?.id;
      const control = same.find((each) => here && each.id === here) ?? same[0];
      if (control) control.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      else search(fresh, figure);
    }
    const [before, after] = [old, fresh].map((view) => view.document.querySelector(".nb-content"));
    if (after) after.scrollTop = before.scrollTop;
  }

  // ---- a new report comes into place when it is whole
  /** Follow links that lead out of the preview in a window of their own. */
  function outward(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || link.origin === location.origin) return;
    event.preventDefault();
    open(link.href, "_blank", "noopener,noreferrer");
  }

  function load(number) {
    shown = number;
    const fresh = document.createElement("iframe");
    fresh.className = "coming";
    fresh.title = "报告";
    fresh.src = `report.html?${number}`;
    fresh.addEventListener("load", async () => {
      const view = fresh.contentWindow;
      // Laid out once, it asks for its faces; with those, lines break elsewhere.
      view.document.body.getBoundingClientRect();
      await view.document.fonts.ready;
      const old = pages.querySelector("iframe:not(.coming)");
      if (number !== shown || !view.document.querySelector("main")) return fresh.remove();
      const focused = document.activeElement === old;
      view.document.addEventListener("click", outward);
      if (old) for (const same of [sameDetails, samePanel, sameScroll]) same(old.contentWindow, view);
      fresh.classList.remove("coming");
      old?.remove();
      if (focused) fresh.focus();
      document.documentElement.dataset.shown = number;
    }, { once: true });
    pages.append(fresh);
  }

  // ---- what goes on
  function item({ where, found, allowed, remedy }) {
    const lines = [["where", where], ["found", found], ["allowed", allowed && `应为：${allowed}`], ["remedy", remedy && `请${remedy}`]];
    const node = document.createElement("li");
    for (const [name, words] of lines.filter((line) => line[1])) {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = words;
      node.append(line);
    }
    return node;
  }

  function showProblem(problem, number) {
    byId("problem").hidden = !problem;
    if (!problem) return;
    byId("problem-title").textContent = problem.title;
    byId("problem-items").replaceChildren(...problem.items.map(item));
    byId("problem-text").textContent = problem.text;
    byId("problem-text").hidden = !problem.text;
    byId("problem-below").textContent = `改正后保存，本页自动更新。${number ? "下面是上一次做成的报告。" : ""}`;
  }

  function show(said) {
    const state = said.building ? "building" : said.problem ? "wrong" : "";
    document.documentElement.className = state;
    document.title = `${{ building: "…", wrong: "✗ " }[state] ?? ""}${title}`;
    byId("state").textContent = said.state;
    byId("notice").textContent = said.notice;
    byId("notice").hidden = !said.notice;
    byId("adopt").textContent = `把${said.typed}个手写的数改为占位符`;
    byId("adopt").hidden = !said.typed || said.building;
    showProblem(said.problem, said.number);
    if (said.number && said.number !== shown) load(said.number);
  }

  // What words and value leave in doubt stays as it is, and is listed in the draft.
  byId("adopt").addEventListener("click", () => { fetch("adopt", { method: "POST" }); });

  const events = new EventSource("events");
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    document.documentElement.className = "gone";
    document.title = `– ${title}`;
    byId("state").textContent = "预览已经停止。重新启动后，请打开新显示的地址。";
  });
})();
