"use strict";
// Tables sort and filter. Without this script they are plain tables.
(() => {
  const said = document.getElementById("said");
  const say = (text) => { said.textContent = text; };
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Amounts are whole minor units and may be larger than a binary fraction holds.
  const key = (cell) => (cell.dataset.v === undefined ? cell.textContent : BigInt(cell.dataset.v));
  const compare = (a, b) => {
    if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
    if (typeof a !== typeof b) return typeof a === "bigint" ? -1 : 1;
    return collator.compare(a, b);
  };

  const sort = (table, column, header) => {
    const descending = header.getAttribute("aria-sort") === "ascending"
      || (!header.hasAttribute("aria-sort") && header.classList.contains("n"));
    const sign = descending ? -1 : 1;
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row.cells[column]), row]);
    rows.sort((a, b) => sign * compare(a[0], b[0]));
    body.append(...rows.map((row) => row[1]));
    for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    say("Sorted by " + header.textContent + ", " + header.getAttribute("aria-sort") + ".");
  };

  const addFilter = (table, number) => {
    const line = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("span");
    line.className = "find";
    input.type = "search";
    input.id = "find-" + number;
    input.autocomplete = "off";
    label.htmlFor = input.id;
    label.textContent = "Only rows with";
    const rows = Array.from(table.tBodies[0].rows);
    const texts = rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join("\n").toLowerCase());
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
      let shown = 0;
      rows.forEach((row, index) => {
        row.hidden = !words.every((word) => texts[index].includes(word));
        if (!row.hidden) shown += 1;
      });
      count.textContent = words.length ? shown + " of " + rows.length + " rows" : rows.length + " rows";
      if (words.length) say(count.textContent);
    };
    input.addEventListener("input", show);
    line.append(label, input, count);
    table.caption.firstElementChild.append(line);
    // What is hidden would be missing on paper without a word.
    window.addEventListener("beforeprint", () => { for (const row of rows) row.hidden = false; });
    window.addEventListener("afterprint", show);
    show();
  };

  document.querySelectorAll("table.sort").forEach((table, number) => {
    if (table.classList.contains("filter")) addFilter(table, number);
    if (table.tBodies[0].rows.length < 2) return;
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.addEventListener("click", () => sort(table, column, header));
      header.replaceChildren(button);
    });
  });
})();
