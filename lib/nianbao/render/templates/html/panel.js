// Click a number: where it comes from, how it was computed, what it was checked against.
//
// Everything is read from the evidence inside the page and shown as text nodes; nothing is fetched, and no markup is made from
// data. Whatever the panel adds to the page is added here, so that a page without script reads as it always did.
(() => {
  "use strict";
  // ---- the evidence, by id
  const evidence = JSON.parse(document.getElementById("nianbao-evidence").textContent);
  const figures = new Map(evidence.figures.map((figure) => [figure.id, figure]));
  const findings = new Map(evidence.findings.map((finding) => [finding.id, finding]));
  const files = new Map(Object.entries(evidence.files ?? {}));
  const hashes = new Map(Object.entries(evidence.manifest?.inputs ?? {}));
  const checks = evidence.checks ?? [];
  const policy = evidence.policy ?? {};
  const YEAR = evidence.manifest?.report?.year;
  const controls = [...document.querySelectorAll("data.figure[data-figure], svg [data-figure]")];

  const KINDS = { cell: "统计表的一格", sum: "合计", share: "占比", rate: "指标", fact: "申报的事实", published: "原公布的数", check: "核对所得", change: "与上年相比", calculated: "由报告中的数算出" };
  const isRatio = (figure) => ["share", "rate"].includes(figure.kind) || figure.unit === "个百分点" || (figure.kind === "calculated" && figure.unit === "%");
  const STATES = { missing: "缺数", "not-applicable": "不适用", undefined: "无定义（除数为0）" };
  const METHODS = { "half-up": "四舍五入", "half-even": "四舍六入五成双", truncate: "截去尾数" };
  const OUTCOMES = { true: ["✓", "相符", "good"], false: ["✗", "不符", "bad"], null: ["–", "未核对", "idle"], note: ["！", "请留意", "bad"] };
  const SIGNS = { "+": " ＋ ", "-": " － ", "*": " × ", "/": " ÷ ", "(": "（", ")": "）", ",": "，小数位数 " };

  // ---- building nodes
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  function part(title, ...children) {
    return make("section", { class: "nb-part" }, make("h3", {}, title), ...children);
  }

  function list(items) {
    return make("ul", { class: "nb-list" }, ...items.map((item) => make("li", {}, item)));
  }

  function verdict(holds, words) {
    const [sign, said, tone] = OUTCOMES[holds];
    return make("p", { class: `nb-${tone}` }, make("strong", {}, `${sign} ${said}`), `　${words}`);
  }

  /** A link to a figure inside the panel; what the evidence does not hold is named and leads nowhere. */
  function figureLink(id) {
    const figure = figures.get(id);
    if (!figure) return `${id}（本页未附）`;
    const attributes = { type: "button", class: "nb-link", onclick: () => show(figureView(figure)) };
    return make("button", attributes, `${figure.label}　${figure.display}`);
  }

  // ---- formulas: figure ids joined by + - * /, whole numbers, brackets, rounded(x, places)
  const tokens = (formula) => formula.match(/[A-Za-z_][\w.]*|\d+|[-+*/(),]/g) ?? [];

  /** The formula as nodes, each id replaced by what *named* makes of it. */
  function written(formula, named) {
    const word = (token) => SIGNS[token] ?? (/^\d/.test(token) ? token : named(token));
    return tokens(formula).map((token) => (token === "rounded" ? METHODS[policy.method] : word(token)));
  }

  function filledIn(id) {
    const figure = figures.get(id);
    if (!figure) return id;
    return figure.value?.includes("/") ? `（${figure.value.replace("/", " ÷ ")}）` : figure.value ?? figure.display;
  }

  /** A value as a fraction of whole numbers, so that computing it again loses nothing. */
  function fraction(text) {
    const found = /^(-?\d+)(?:\.(\d+))?(?:\/(\d+))?$/.exec(text ?? "");
    if (!found) throw new RangeError("no number");
    const decimals = found[2] ?? "";
    return [BigInt(found[1] + decimals), 10n ** BigInt(decimals.length) * BigInt(found[3] ?? 1)];
  }

  function rounded([top, bottom], places) {
    const scale = 10n ** places;
    const size = (top < 0n ? -top : top) * scale;
    const [whole, rest] = [size / bottom, (size % bottom) * 2n];
    const up = policy.method === "half-up" ? rest >= bottom
      : policy.method === "half-even" && (rest > bottom || (rest === bottom && whole % 2n === 1n));
    return [(whole + (up ? 1n : 0n)) * (top < 0n ? -1n : 1n), scale];
  }

  const COMBINED = {
    "+": ([a, b], [c, d]) => [a * d + c * b, b * d],
    "-": ([a, b], [c, d]) => [a * d - c * b, b * d],
    "*": ([a, b], [c, d]) => [a * c, b * d],
    "/": ([a, b], [c, d]) => (c < 0n ? [-a * d, -b * c] : [a * d, b * c]),
  };

  /** The formula computed again, exactly, from the values of its inputs; raises where something in it is no number. */
  function computed(formula) {
    const left = tokens(formula);
    const chain = (signs, operand) => {
      let value = operand();
      while (signs.includes(left[0])) value = COMBINED[left.shift()](value, operand());
      return value;
    };
    const sum = () => chain(["+", "-"], () => chain(["*", "/"], operand));
    const operand = () => {
      const token = left.shift();
      if (token === "-") return COMBINED["-"]([0n, 1n], operand());
      if (token !== "(" && token !== "rounded") return fraction(/^\d/.test(token) ? token : figures.get(token).value);
      if (token === "rounded") left.shift();
      const value = sum();
      const places = left.shift() === "," ? left.splice(0, 2)[0] : null;
      return places ? rounded(value, BigInt(places)) : value;
    };
    const value = sum();
    if (left.length || value[1] === 0n) throw new RangeError("no number");
    return value;
  }

  /** Whether the formula gives the figure's value; null where something in it is no number. */
  function recomputed(figure) {
    try {
      const [[a, b], [c, d]] = [computed(figure.formula), fraction(figure.value)];
      return a * d === c * b;
    } catch {
      return null;
    }
  }

  /** A fraction as a decimal, cut off after some places and marked where it goes on. */
  function decimal([top, bottom], places = 8) {
    const size = (top < 0n ? -top : top) * 10n ** BigInt(places);
    const digits = String(size / bottom).padStart(places + 1, "0");
    const text = `${top < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return size % bottom === 0n ? text.replace(/\.?0+$/, "") : `${text}…`;
  }

  // ---- the files that the report was made from
  /** A line of a file, with a part of it marked, and the hash by which an auditor knows the file. */
  function quoted(path, number, line, start = 0, length = 0) {
    const [before, value, after] = [line.slice(0, start), line.slice(start, start + length), line.slice(start + length)];
    const code = make("code", {}, before, ...(value ? [make("mark", {}, value)] : []), after);
    const hash = make("p", { class: "nb-small" }, `文件的 SHA-256：${hashes.get(path) ?? "未附"}`);
    return make("figure", { class: "nb-quote" }, make("figcaption", {}, `${path} 第${number}行`), code, hash);
  }

  /** For a cell: its line of the CSV file with the value marked, and whether that is the value used here. */
  function cellSource(figure) {
    const [, path, number, letters] = /^(.+\.csv) 第(\d+)行 ([A-Z]+)\d+$/.exec(figure.source) ?? [];
    const line = files.get(path)?.split(/\r?\n/)[number - 1];
    if (line === undefined) return [make("p", {}, `${figure.source}（本页未附）`)];
    const column = [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
    const field = [...line.matchAll(/(?<=^|,)("(?:[^"]|"")*"|[^,]*)(?=,|$)/g)][column] ?? { 0: "", index: line.length };
    const raw = field[0].replace(/^"(.*)"$/, "$1").trim();
    const same = raw === (figure.value ?? (figure.state === "not-applicable" ? "-" : ""));
    return [
      make("p", {}, `单元格 ${letters}${number}（${letters}列，第${number}行）`),
      quoted(path, number, line, field.index, field[0].length),
      verdict(same, same ? "文件中的这一格就是这里用的值" : `文件中这一格是“${raw}”`),
    ];
  }

  /** For a fact: its line of report.yaml, where it stands there as `section:` and, before the next section, `name:`. */
  function factSource(figure) {
    const path = [...files.keys()].find((each) => each.endsWith(`/${YEAR}/report.yaml`));
    const lines = (files.get(path) ?? "").split(/\r?\n/);
    const [section, name] = figure.id.split(".");
    const first = lines.findIndex((line) => line.startsWith(`${section}:`));
    const length = lines.slice(first + 1).findIndex((line) => /^[^\s#]/.test(line));
    const own = first < 0 ? [] : lines.slice(first + 1, length < 0 ? undefined : first + 1 + length);
    const at = own.findIndex((line) => line.trim().startsWith(`${name}:`));
    return [make("p", {}, figure.source), ...(at < 0 ? [] : [quoted(path, first + at + 2, own[at].trim())])];
  }

  // ---- places in the page
  const placesOf = (id) => controls.filter((control) => control.dataset.figure === id);
  // The cell of a table of the report, as against a table of findings or a chart's data.
  const inTable = (element) => element.closest("td.number") && !element.closest("figure");

  function placeName(element) {
    const before = (heading) => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
    const heading = [...document.querySelectorAll("main :is(h2, h3, h4)")].filter(before).at(-1)?.textContent ?? "";
    const drawing = element.closest("svg");
    if (drawing) return `${drawing.closest("figure").querySelector("figcaption").textContent}（图上）`;
    const chart = element.closest("figure");
    if (chart) return `${chart.querySelector("figcaption").textContent}（图中数据）`;
    if (inTable(element)) return element.closest("table").caption?.textContent ?? heading;
    const range = document.createRange();
    range.setStart(element.closest("p, li, td, section") ?? element.parentNode, 0);
    range.setEndBefore(element);
    return `${heading}：…${range.toString().slice(-14)}【${element.textContent}】`;
  }

  function placeLink(element, words) {
    const go = (event) => { event.preventDefault(); reveal(element); };
    const target = element.id ? { href: `#${element.id}` } : { type: "button" };
    return make(element.id ? "a" : "button", { class: "nb-link", onclick: go, ...target }, words);
  }

  /** Mark the one element that the panel is about. */
  function mark(element) {
    for (const marked of document.querySelectorAll(".nb-here")) marked.classList.remove("nb-here");
    element?.classList.add("nb-here");
  }

  function reveal(element) {
    mark(element);
    element.closest("details")?.setAttribute("open", "");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: still ? "auto" : "smooth" });
    if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
  }

  // ---- what the panel shows of one figure
  function valuePart(figure) {
    const exact = figure.value === null ? STATES[figure.state] ?? "文字，没有数值" : exactWords(figure);
    const rows = [["定义", KINDS[figure.kind] ?? figure.kind], ["显示", figure.display], ["准确值", exact], ["编号", figure.id]];
    if (figure.note) rows.push(["说明", figure.note]);
    return make("dl", { class: "nb-facts" }, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  function exactWords(figure) {
    const [top, bottom] = isRatio(figure) ? fraction(figure.value) : [];
    return figure.value + (top === undefined ? "" : `，即${decimal([top * 100n, bottom])}`) + figure.unit;
  }

  function formulaParts(figure) {
    if (!figure.formula) return [];
    const again = recomputed(figure);
    const words = again === null ? STATES[figure.state] ?? "式中有的项没有数值" : "按公式用本页所附的数重算";
    const numbers = make("p", { class: "nb-formula" }, ...written(figure.formula, filledIn), ` = ${figure.display}`);
    const names = make("p", { class: "nb-small" }, ...written(figure.formula, (id) => figures.get(id)?.label ?? id));
    return [part("计算", numbers, names, verdict(again, words)), part("用到的数", list(figure.inputs.map(figureLink)))];
  }

  function sourceParts(figure) {
    if (!figure.source) return [];
    const cell = placesOf(figure.id).find(inTable);
    const link = cell ? [make("p", {}, placeLink(cell, "到统计表中看这一格"))] : [];
    const lines = { cell: cellSource, fact: factSource }[figure.kind]?.(figure) ?? [make("p", {}, figure.source)];
    return [part("来源", ...lines, ...link)];
  }

  function roundingPart(figure) {
    const ratio = isRatio(figure) || /rounded\(|\/ /.test(figure.formula);
    const plain = figure.formula ? "整数或小数相加减，没有舍入" : "照录，没有舍入";
    return part("舍入", make("p", {}, ratio ? [figure.note, policy.words].filter(Boolean).join("；") : plain));
  }

  function checkItem(figure, holds, words, cells, ...notes) {
    const others = cells.filter((cell) => cell !== figure.id).map(figureLink);
    const along = others.length ? [make("p", { class: "nb-small" }, "同一核对中的数："), list(others)] : [];
    return make("div", { class: "nb-check" }, verdict(holds, words), ...notes.map((note) => make("p", {}, note)), ...along);
  }

  /** The checks that the figure takes part in, and the findings that no check of the form stands for, such as a published share. */
  function checksPart(figure) {
    const own = checks.filter((check) => check.cells.includes(figure.id));
    const listed = new Set(own.map((check) => check.id));
    const about = (finding) => finding.cells.includes(figure.id) || figure.id.startsWith(`${finding.id}.`);
    const accepted = (finding) => (finding.accepted ? `已认可：${finding.reason}` : "尚未认可");
    const notes = (finding) => (finding ? [`${finding.sentence}。`, accepted(finding)] : []);
    const loose = evidence.findings.filter((finding) => !listed.has(finding.id) && about(finding));
    const items = [
      ...own.map(({ id, holds, words, cells }) => checkItem(figure, holds, `${words}（${id}）`, cells, ...notes(findings.get(id)))),
      ...loose.map((finding) => {
        const holds = finding.difference === null ? "note" : false;
        return checkItem(figure, holds, `${finding.sentence}（${finding.id}）`, finding.cells, accepted(finding));
      }),
    ];
    return part("参加的核对", ...(items.length ? items : [make("p", {}, "没有核对用到这个数")]));
  }

  function placesPart(figure) {
    const links = placesOf(figure.id).map((element) => placeLink(element, placeName(element)));
    return part("在本页的位置", links.length ? list(links) : make("p", {}, "本页没有显示这个数"));
  }

  function figureView(figure) {
    const parts = [valuePart, formulaParts, sourceParts, roundingPart, checksPart, placesPart];
    return { title: figure.label, draw: () => parts.flatMap((each) => each(figure)) };
  }

  // ---- the list of all figures
  const searchable = (text) => text.normalize("NFKC").toLowerCase();

  function listEntry(figure) {
    const value = make("span", { class: "nb-value" }, figure.display);
    const text = [figure.label, figure.id, figure.display, figure.value ?? "", KINDS[figure.kind] ?? ""].join(" ");
    const open = () => show(figureView(figure));
    const button = make("button", { type: "button", class: "nb-entry", onclick: open }, make("span", {}, figure.label), value);
    return { item: make("li", {}, button), text: searchable(text) };
  }

  function moveInList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [...event.currentTarget.querySelectorAll("input, li:not([hidden]) button")];
    stops[stops.indexOf(document.activeElement) + step]?.focus();
  }

  function listView() {
    const view = { title: "全部的数", query: "", first: "#nb-query" };
    view.draw = () => {
      const entries = evidence.figures.map(listEntry);
      const count = make("p", { role: "status", class: "nb-small" });
      const filter = () => {
        view.query = input.value;
        const words = searchable(view.query).split(/\s+/).filter(Boolean);
        for (const entry of entries) entry.item.hidden = !words.every((word) => entry.text.includes(word));
        const found = entries.filter((entry) => !entry.item.hidden).length;
        count.textContent = words.length ? `找到${found}个数，共${entries.length}个` : `共${entries.length}个数`;
      };
      const input = make("input", { type: "search", id: "nb-query", autocomplete: "off", oninput: filter });
      input.value = view.query;
      filter();
      const label = make("label", { for: "nb-query" }, "按名称、编号、数值或种类查找（方向键选择）");
      const found = make("ul", { class: "nb-entries" }, ...entries.map((entry) => entry.item));
      return [make("div", { onkeydown: moveInList }, label, input, count, found)];
    };
    return view;
  }

  // ---- review: every number in the page, traced or not
  // Texts that hold digits by their nature: what the evidence lists as names, the labels of figures, the ids of rules.
  const LABELS = [...new Set(evidence.figures.map((figure) => figure.label.replace(/（[^（）]*）$/, "")))];
  const RULES = new Set([...checks, ...evidence.findings].map((each) => each.rule));
  const NAMES = [...(evidence.names ?? []), ...LABELS, ...RULES].filter((name) => /\d/.test(name));

  /**
   * Whether digits are no figure but part of the report's structure: in a heading, a caption or a heading cell; a year about the
   * report's own, a date, a document number (〔2013〕5号), an item's, a table's or a chart's number, a symbol that is being explained
   * (“0”); in a name (4.公开信息总数), or before four characters that follow the same digits in one (超过20个工作日, said briefly).
   */
  function structural(node, at, digits) {
    if (node.parentElement.closest("h2, h3, h4, h5, h6, th, caption, figcaption, summary")) return true;
    const [before, after] = [node.data.slice(0, at), node.data.slice(at + digits.length)];
    const [short, brief] = [digits.length < 3, digits + after.slice(0, 4)];
    const inside = (name) => {
      const start = node.data.indexOf(name, Math.max(0, at - name.length + 1));
      return start >= 0 && start <= at;
    };
    return (
      (/^[年〕]/.test(after) && Math.abs(digits - YEAR) <= 1) || (short && /^[月日]/.test(after)) ||
      (/〔$/.test(before) && /^〕/.test(after)) || (/[〕第]$/.test(before) && /^号/.test(after)) ||
      (short && !node.previousSibling && /^\s*[（(]?$/.test(before) && /^[)）.．、]/.test(after)) ||
      /[图表]$/.test(before) || (/“$/.test(before) && /^”/.test(after)) ||
      NAMES.some(inside) || (after.length >= 4 && LABELS.some((label) => label.includes(brief)))
    );
  }

  /** The digits in the text of the page that are neither a figure nor structural, each with the words around it. */
  function untraced() {
    const found = [];
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      // A chart's title and description are read out, not seen; they repeat what its data table shows.
      if (node.parentElement.closest("[data-figure], style, script, svg title, svg desc")) continue;
      for (const match of node.data.matchAll(/[0-9０-９]+(?:[.,，][0-9０-９]+)*/g)) {
        if (structural(node, match.index, match[0])) continue;
        const from = Math.max(0, match.index - 12);
        found.push([node.parentElement, `…${node.data.slice(from, match.index + match[0].length + 12).trim()}…`]);
      }
    }
    return found;
  }

  /** Whether a number in the page is what the evidence says it is: known, printed with or without its unit, and of that value. */
  function agrees(control) {
    const figure = figures.get(control.dataset.figure);
    if (!figure) return false;
    const bare = figure.state === "not-applicable" ? "-" : figure.display.replace(figure.unit, "");
    const value = control.getAttribute("value");
    return [figure.display, bare].includes(control.textContent.trim()) && (!value || !figure.value || value === figure.value);
  }

  function reviewView() {
    const own = controls.filter((control) => control.closest("main"));
    for (const control of own) control.classList.toggle("nb-wrong", !agrees(control));
    const wrong = own.filter((control) => control.matches(".nb-wrong")).map((control) => [control, placeName(control)]);
    const loose = untraced();
    const clean = !wrong.length && !loose.length;
    const words = clean ? `${own.length}个数，均可追溯` : `${own.length}个数；${wrong.length}个与证据不符，${loose.length}处没有出处`;
    const links = (name, found) => (found.length ? [part(name, list(found.map((each) => placeLink(...each))))] : []);
    const draw = () => [
      make("p", { class: clean ? "nb-good" : "nb-bad", id: "nb-verdict" }, make("strong", {}, `${clean ? "✓" : "✗"} ${words}`)),
      make("p", {}, "页面上标出的每个数都连到它的来源。没有标出的数字是年份、日期、文号、标题和项目名称里的数字，不是统计数。"),
      ...links("与证据不符", wrong),
      ...links("没有出处的数字", loose),
    ];
    return { title: "审阅", draw };
  }

  // ---- the panel: one dialog beside the page, with a history of its own
  const history = [];
  let opener = null;
  const title = make("h2", { id: "nb-title", tabindex: "-1" });
  const backButton = make("button", { type: "button", onclick: back }, "返回");
  const allButton = make("button", { type: "button", onclick: () => show(listView()) }, "全部的数");
  const closeButton = make("button", { type: "button", onclick: close }, "关闭");
  const content = make("div", { class: "nb-content", tabindex: "0", role: "group", "aria-labelledby": "nb-title" });
  const bar = make("div", { class: "nb-bar" }, backButton, allButton, closeButton);
  const dialog = { class: "nb-panel", role: "dialog", "aria-labelledby": "nb-title", hidden: "", onkeydown: keepFocus };
  const panel = make("div", dialog, bar, title, content);

  function draw() {
    const view = history.at(-1);
    title.textContent = view.title;
    content.replaceChildren(...view.draw());
    content.scrollTop = view.scrolled ?? 0;
    backButton.hidden = history.length < 2;
    allButton.hidden = view.first !== undefined;
    (view.first ? content.querySelector(view.first) : title).focus({ preventScroll: true });
  }

  function show(view) {
    if (history.length) history.at(-1).scrolled = content.scrollTop;
    history.push(view);
    draw();
  }

  function back() {
    history.pop();
    draw();
  }

  /** Open the panel for what *control* asks, and keep that control where the reader can see it. */
  function open(control, view) {
    opener = control;
    panel.hidden = false;
    document.documentElement.classList.add("nb-open");
    show(view);
    if (tools.contains(control)) return;
    mark(control);
    control.scrollIntoView({ block: "nearest" });
  }

  function close() {
    const inside = panel.contains(document.activeElement);
    panel.hidden = true;
    document.documentElement.classList.remove("nb-open");
    history.length = 0;
    mark(null);
    // A reader who went on to a place in the page stays there.
    if (inside || document.activeElement === document.body) opener?.focus({ preventScroll: true });
  }

  function keepFocus(event) {
    if (event.key !== "Tab") return;
    const stops = [...panel.querySelectorAll("button, a[href], input, [tabindex='0']")].filter((each) => each.offsetParent);
    const at = stops.indexOf(document.activeElement);
    if (event.shiftKey ? at === 0 : at === stops.length - 1) {
      event.preventDefault();
      stops.at(event.shiftKey ? -1 : 0).focus();
    }
  }

  // ---- the page: numbers become controls, and two buttons float below
  const reviewButton = make("button", { type: "button", "aria-pressed": "false", onclick: toggleReview }, "审阅");
  const listButton = make("button", { type: "button", "aria-haspopup": "dialog", onclick: () => open(listButton, listView()) }, "查数");
  const tools = make("section", { class: "nb-tools", "aria-label": "查数工具" }, listButton, reviewButton);

  function toggleReview() {
    const on = document.documentElement.classList.toggle("nb-review");
    reviewButton.setAttribute("aria-pressed", String(on));
    if (on) open(reviewButton, reviewView());
  }

  function openNumber(event) {
    const control = event.currentTarget;
    if (event.type === "keydown" && ![" ", "Enter"].includes(event.key)) return;
    // A drag over a number selects text; it asks for nothing.
    const selection = getSelection();
    if (event.type === "click" && !selection.isCollapsed && selection.containsNode(control, true)) return;
    event.preventDefault();
    open(control, figureView(figures.get(control.dataset.figure)));
  }

  function enliven(control) {
    const { label } = figures.get(control.dataset.figure);
    // Nothing inside an image can be operated; a chart whose numbers can be is a group with the same name.
    control.closest("svg")?.setAttribute("role", "group");
    // The label is in the accessible name, so the tooltip would be read twice; the mouse still gets it.
    control.removeAttribute("title");
    control.addEventListener("pointerenter", () => control.setAttribute("title", label));
    control.addEventListener("pointerleave", () => control.removeAttribute("title"));
    const name = `${control.textContent.trim()}，${label}`;
    const attributes = { role: "button", tabindex: "0", "aria-haspopup": "dialog", "aria-label": name };
    for (const [attribute, value] of Object.entries(attributes)) control.setAttribute(attribute, value);
    control.addEventListener("click", openNumber);
    control.addEventListener("keydown", openNumber);
  }

  controls.filter((control) => figures.has(control.dataset.figure)).forEach(enliven);
  document.body.append(tools, panel);
  document.addEventListener("keydown", (event) => event.key === "Escape" && !panel.hidden && close());
})();
