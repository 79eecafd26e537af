"use strict";
(() => {
  const order = new Intl.Collator("en", { numeric: true });
  const make = (tag, attributes, text) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const fold = (text) => text.toLowerCase().normalize("NFKD");
  // A figure as it is shown: with separators, a sign of either kind, its unit.
  const figure = (text) => (text === "" ? NaN : Number(text.replace(/[,%£]/g, "").replace("\u2212", "-")));

  // What is blank, or no figure among figures, stands last either way.
  const compare = (number, way) => (one, other) => {
    const value = number ? figure : (text) => text;
    const a = value(one.text), b = value(other.text);
    const missing = number ? Number.isNaN : (text) => text === "";
    const rank = missing(a) - missing(b);
    if (rank || missing(a)) return rank || one.place - other.place;
    return way * (number ? a - b : order.compare(a, b)) || one.place - other.place;
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const first = [...body.rows];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        const next = was === null ? "ascending" : was === "ascending" ? "descending" : null;
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next === null) {
          body.append(...first);
          return;
        }
        head.setAttribute("aria-sort", next);
        const rows = first.map((row, place) => ({ row, place, text: row.cells[column].textContent }));
        rows.sort(compare(head.classList.contains("n"), next === "ascending" ? 1 : -1));
        body.append(...rows.map(({ row }) => row));
      });
    });
  };

  const searchable = (region, table, number) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 2) return;
    const texts = rows.map((row) => {
      const text = fold([...row.cells].map((cell) => cell.textContent).join("\n"));
      return `${text}\n${text.replace(/(\d),(?=\d{3})/g, "$1")}`; // an amount is found with its separators or without
    });
    const line = make("div", { class: "find" });
    const input = make("input", { type: "search", id: `find-${number}`, autocomplete: "off", spellcheck: "false" });
    const told = make("output", { for: input.id });
    line.append(make("label", { for: input.id }, `Filter ${region.dataset.name}`), input, told);
    region.before(line);
    input.addEventListener("input", () => {
      const words = fold(input.value).split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, place) => {
        row.hidden = !words.every((word) => texts[place].includes(word));
        count += !row.hidden;
      });
      const totals = table.tFoot ? "; the totals are of all rows" : "";
      line.classList.toggle("used", words.length > 0);
      told.textContent = words.length ? `${count} of ${rows.length} rows${totals}` : "";
    });
  };

  document.querySelectorAll(".scroll[data-name]").forEach((region, number) => {
    const table = region.querySelector("table");
    sortable(table);
    searchable(region, table, number + 1);
  });

  // Where a table scrolls the arrow keys must reach it; where it does not, it is no stop for the Tab key.
  const scrolls = (one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  const watch = new ResizeObserver((seen) => {
    for (const region of new Set(seen.map((one) => one.target.closest(".scroll")))) {
      if (scrolls(region)) region.setAttribute("tabindex", "0");
      else region.removeAttribute("tabindex");
    }
  });
  for (const region of document.querySelectorAll(".scroll")) {
    watch.observe(region);
    watch.observe(region.querySelector("table"));
  }

  const folded = [...document.querySelectorAll("details:not([open])")];
  if (folded.length) {
    const button = make("button", { type: "button", class: "unfold" }, "Open all");
    folded[0].before(button);
    button.addEventListener("click", () => {
      const open = button.textContent === "Open all";
      for (const one of folded) one.open = open;
      button.textContent = open ? "Close all" : "Open all";
    });
  }
})();
