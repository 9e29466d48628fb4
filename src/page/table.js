// The same facts as rows, for those who prefer reading; each column sorts.
function text(value, style) {
  return { key: value.toLowerCase(), cell: make("td", { class: style }, value) };
}

function number(value, shown = String(value)) {
  return { key: value, cell: make("td", { class: value === 0 ? "number none" : "number" }, shown) };
}

function boxLink(box, shown) {
  return make("button", { class: "link", type: "button", click: () => choose(box, true) }, shown);
}

function nameCell(box) {
  return { key: box.name.toLowerCase(), cell: make("td", { class: "path", title: box.library?.path }, boxLink(box, box.name)) };
}

/** Breaks behind its slashes. */
function folderCell(path) {
  const folder = folderOf(path);
  const parts = folder.split("/").flatMap((part, i) => (i === 0 ? [part] : ["/", make("wbr"), part]));
  return { key: folder.toLowerCase(), cell: make("td", { class: "folder" }, ...parts) };
}

function wheelCell(wheel) {
  const shown = wheel.name || wheel.file;
  return { key: shown.toLowerCase(), cell: make("td", { class: "wheel", title: wheel.file }, shown) };
}

function sizeCell(library) {
  const cell = make("td", { class: "number meter" }, formatSize(library.installed_bytes));
  cell.style.setProperty("--share", `${(100 * library.installed_bytes) / largest}%`);
  return { key: library.installed_bytes, cell };
}

const libraryColumns = [["Library"], ["Folder"], ["Wheel"], ["Kind"], ["Installed", "number"], ["Packed", "number"], ["Needs", "number"],
  ["Needed by", "number"], ["Findings", "number"]];
const edgeColumns = [["From"], ["Needs"], ["How"], ["Met by"], ["In"]];

function libraryRows() {
  return [...boxes.values()].filter((box) => box.library !== null).map((box, i) => ({
    boxes: [box],
    cells: [
      nameCell(box),
      folderCell(box.library.path),
      wheelCell(data.wheels[box.library.wheel]),
      text(box.library.kind === "extension module" ? "module" : box.library.kind),
      sizeCell(box.library),
      number(box.library.packed_bytes, formatSize(box.library.packed_bytes)),
      number(box.out.length),
      number(box.in.length),
      number(data.findings.filter((finding) => finding.libraries.includes(i)).length),
    ],
  }));
}

function edgeRows() {
  return [...edges.values()].map((edge) => ({
    boxes: [edge.from, edge.to],
    cells: [
      nameCell(edge.from),
      text(edge.name, "path"),
      text(edge.how),
      text(edge.rule === "missing" ? "MISSING" : edge.rule, edge.rule === "missing" ? "bad" : undefined),
      edge.to.library === null ? text(edge.to.kind === "missing" ? "nothing" : "another wheel") : nameCell(edge.to),
    ],
  }));
}

/** One table: rows of {boxes, cells}, sorted by a click on a column's head. */
class FactTable {
  constructor(element, columns, rows) {
    this.body = element.tBodies[0];
    this.rows = rows;
    this.heads = columns.map(([name, style], i) =>
      make("th", { scope: "col", class: style, "aria-sort": "none" },
        make("button", { type: "button", click: () => this.sort(i) }, name)));
    element.tHead.append(make("tr", {}, ...this.heads));
    for (const row of rows) row.element = make("tr", {}, ...row.cells.map((cell) => cell.cell));
    this.body.append(...rows.map((row) => row.element));
  }

  /** Numbers come largest first, names from A; the same column again turns it round. */
  sort(column) {
    const current = this.heads[column].getAttribute("aria-sort");
    const isNumber = this.heads[column].classList.contains("number");
    const first = isNumber ? "descending" : "ascending";
    const second = isNumber ? "ascending" : "descending";
    const order = current === first ? second : first;
    for (const head of this.heads) head.setAttribute("aria-sort", "none");
    this.heads[column].setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = (row) => row.cells[column].key;
    this.rows.sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    this.body.append(...this.rows.map((row) => row.element));
  }

  show(state) {
    const found = new Set(search(state.query));
    const all = state.query.trim() === "";
    for (const row of this.rows) {
      row.element.hidden = !all && !row.boxes.some((box) => found.has(box));
      row.element.classList.toggle("selected", state.chosen !== null && row.boxes.includes(state.chosen));
    }
  }
}

const tables = [
  new FactTable(byId("libraries"), libraryColumns, libraryRows()),
  new FactTable(byId("edges"), edgeColumns, edgeRows()),
];
