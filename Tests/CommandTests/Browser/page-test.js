"use strict";
// Appended to a copy of a page by the tests: looks at everything on it, works it, and leaves what it found in the page.
(() => {
  const problems = [];
  const expect = (isTrue, problem) => { if (!isTrue) problems.push(problem); };
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const place = (element) => {
    const text = element.textContent.trim().slice(0, 40);
    return element.tagName.toLowerCase() + "." + (element.getAttribute("class") || "") + " '" + text + "'";
  };

  // Contrast, as WCAG 2 works it out.
  const rgba = (text) => {
    const match = text.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    return match && match.slice(1, 5).map((part) => (part === undefined ? 1 : Number(part)));
  };
  const luminance = (colour) => {
    const parts = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour && colour[3] === 1) return colour;
      expect(!colour || colour[3] === 0, "a ground that is half transparent: " + place(at));
    }
    return [255, 255, 255, 1];
  };
  const isShown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  let texts = 0;
  let worst = 21;
  for (const element of all("body *")) {
    const isText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!isText || !isShown(element) || ["SCRIPT", "STYLE", "PRE"].includes(element.tagName)) continue;
    if (["title", "desc"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const colour = rgba(element instanceof SVGElement ? style.fill : style.color);
    expect(colour, "no colour: " + place(element));
    if (!colour) continue;
    texts += 1;
    const ratio = contrast(colour, ground(element));
    worst = Math.min(worst, ratio);
    expect(ratio >= 4.5, "contrast " + ratio.toFixed(2) + ": " + place(element));
  }
  for (const mark of all("svg rect, svg circle, svg path")) {
    const style = getComputedStyle(mark);
    const name = mark.getAttribute("class");
    if (name === "rest") continue;
    const colour = rgba(style.fill === "none" ? style.stroke : style.fill);
    expect(colour && contrast(colour, ground(mark)) >= 3, "a mark that is hard to see: " + name);
  }

  // Names, roles and order.
  expect(document.documentElement.lang === "en", "no language");
  for (const [selector, count] of [["h1", 1], ["main", 1], ["body > header", 1], ["body > footer", 1], ["nav[aria-label]", 1]]) {
    expect(all(selector).length === count, selector + ": " + all(selector).length);
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    expect(next <= level + 1, "a heading skips a level: " + place(heading));
    level = next;
  }
  const ids = all("[id]").map((element) => element.id);
  expect(new Set(ids).size === ids.length, "an id twice");
  for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const element of all("[" + attribute + "]")) {
      for (const id of element.getAttribute(attribute).split(" ")) {
        const named = document.getElementById(id);
        expect(named && (attribute === "for" || named.textContent.trim()), attribute + " names nothing: " + id);
      }
    }
  }
  for (const link of all("a")) {
    const target = link.getAttribute("href");
    expect(target.startsWith("#") && document.getElementById(target.slice(1)), "a link to nowhere: " + target);
  }
  for (const input of all("input")) {
    expect(input.labels.length === 1 && input.labels[0].textContent.trim(), "an input without a label");
  }
  for (const button of all("button")) expect(button.textContent.trim(), "a button without a name");
  for (const svg of all("svg[role=img]")) {
    expect(svg.querySelector(":scope > title").textContent.trim(), "a chart without a title");
    expect(svg.querySelector(":scope > desc").textContent.trim(), "a chart without a description");
    const box = svg.viewBox.baseVal;
    for (const text of all("text", svg)) {
      const drawn = text.getBBox();
      expect(drawn.x >= -1 && drawn.x + drawn.width <= box.width + 1 && drawn.y >= -1
        && drawn.y + drawn.height <= box.height + 1, "a label outside of its drawing: " + text.textContent);
    }
  }
  for (const svg of all("svg:not([role=img])")) expect(svg.getAttribute("aria-hidden") === "true", "a drawing without a role");
  for (const table of all("table")) {
    expect(table.caption && table.caption.textContent.trim(), "a table without a caption");
    expect(all("thead th:not([scope=col])", table).length === 0, "a column without its scope");
    expect(all("tbody tr", table).every((row) => row.cells[0].getAttribute("scope") === "row"), "a row without its name");
    const width = table.tHead.rows[0].cells.length;
    expect(all("tr", table).every((row) => row.cells.length === width), "a row of another width");
  }
  for (const region of all(".rows, .draw")) {
    expect(region.tabIndex === 0 && region.hasAttribute("aria-labelledby"), "what scrolls cannot be reached: " + place(region));
  }
  expect(document.documentElement.scrollWidth <= window.innerWidth, "the page is wider than the window");
  expect(performance.getEntriesByType("resource").length === 0, "something was loaded");
  expect(all("img, iframe, object, embed, link:not([rel=icon])").length === 0, "a foreign element");
  expect(all("[style], [onclick], [onload], [onerror]").length === 0, "style or script in an attribute");
  expect(all("script").length === 2, "scripts: " + all("script").length);

  // Tables as they stand, before anything is clicked. An amount is its digits alone.
  const title = (table) => table.caption.querySelector("span, :scope")?.textContent || table.caption.textContent;
  const tables = all("table").map((table) => ({
    caption: table.querySelector("caption > div > span")?.textContent ?? title(table),
    section: table.closest("section").id,
    columns: Array.from(table.tHead.rows[0].cells, (cell) => cell.textContent),
    rows: all("tbody tr, tfoot tr", table).map((row) => Array.from(row.cells, (cell) => ({
      text: cell.innerText.replace(/\u00a0/g, " ").trim() || cell.textContent,
      exact: cell.textContent, value: cell.dataset.v ?? "",
    }))),
  }));

  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Sorting, as with a keyboard and with a pointer.
  const order = (table, column) => Array.from(table.tBodies[0].rows, (row) => row.cells[column]);
  let sorted = 0;
  for (const table of all("table.sort")) {
    const before = order(table, 0).map((cell) => cell.parentNode.textContent).sort().join();
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      const button = header.querySelector("button");
      if (!button) { expect(table.tBodies[0].rows.length < 2, "a column that cannot be sorted"); return; }
      button.focus();
      expect(document.activeElement === button, "a button that cannot be reached");
      const directions = [];
      for (let click = 0; click < 2; click += 1) {
        button.click();
        directions.push(header.getAttribute("aria-sort"));
        expect(all("th[aria-sort]", table).length === 1, "two columns say that they are sorted");
        const cells = order(table, column);
        const numbers = cells.filter((cell) => cell.dataset.v !== undefined).map((cell) => BigInt(cell.dataset.v));
        const sign = directions[click] === "ascending" ? 1n : -1n;
        expect(numbers.every((number, index) => index === 0 || sign * (number - numbers[index - 1]) >= 0n),
          "not in order: " + header.textContent + " of " + table.caption.textContent);
        const words = cells.filter((cell) => cell.dataset.v === undefined).map((cell) => cell.textContent);
        expect(words.every((text, index) => index === 0 || Number(sign) * collator.compare(text, words[index - 1]) >= 0),
          "not in order: " + header.textContent + " of " + table.caption.textContent);
        sorted += 1;
      }
      expect([...directions].sort().join() === "ascending,descending", "not both ways: " + directions);
      expect(document.getElementById("said").textContent.startsWith("Sorted by " + header.textContent), "nothing is said");
    });
    expect(order(table, 0).map((cell) => cell.parentNode.textContent).sort().join() === before, "sorting lost a row");
  }

  // Filtering.
  let filtered = 0;
  for (const table of all("table.filter")) {
    const input = table.caption.querySelector("input");
    const rows = Array.from(table.tBodies[0].rows);
    const type = (text) => {
      input.focus();
      input.value = text;
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      return rows.filter((row) => isShown(row));
    };
    const word = rows[rows.length - 1].cells[1].textContent;
    const shown = type(word.toUpperCase());
    expect(shown.length > 0 && shown.every((row) => row.textContent.toLowerCase().includes(word.toLowerCase())), "filter: " + word);
    const matching = rows.filter((row) => Array.from(row.cells).some((cell) => cell.textContent.toLowerCase().includes(word.toLowerCase())));
    expect(shown.length === matching.length, "the filter hides too much or too little: " + word);
    expect(type("\u2603 nowhere").length === 0, "the filter shows what is not asked for");
    expect(type("").length === rows.length, "the filter does not let go");
    filtered += 1;
  }

  const result = {
    problems, tables, texts, worst, sorted, filtered,
    isDark: matchMedia("(prefers-color-scheme: dark)").matches,
    ground: getComputedStyle(document.body).backgroundColor,
  };
  const pre = document.createElement("pre");
  const bytes = new TextEncoder().encode(JSON.stringify(result));
  const mark = "@".repeat(3);
  pre.textContent = mark + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) + mark;
  document.body.append(pre);
})();
