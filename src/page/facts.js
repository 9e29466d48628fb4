// The document of `inspect --json`, as the picture and the tables want it: what is drawn has the id
// that src/graph_dot.h gave it.
const data = JSON.parse(document.getElementById("data").textContent);

/** Bytes in powers of 1000, three digits: as src/size.cpp. */
function formatSize(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit + 1 < units.length) {
    value /= 1000;
    ++unit;
  }
  if (unit === 0) return `${bytes} B`;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${units[unit]}`;
}

function fileName(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function counted(count, noun, plural = noun + "s") {
  return `${count} ${count === 1 ? noun : plural}`;
}

function wheelName(wheel) {
  return wheel.name ? `${wheel.name} ${wheel.version}` : wheel.file;
}

/** id -> box: {id, name, kind, library or null, out: edges, in: edges}; in the order of the document. */
const boxes = new Map();
/** id -> edge: {id, from, to (boxes), name, how, rule}. */
const edges = new Map();

function addBox(id, name, kind, library = null) {
  if (!boxes.has(id)) boxes.set(id, { id, name, kind, library, out: [], in: [] });
  return boxes.get(id);
}

function addEdge(id, from, to, need, how, rule) {
  const edge = { id, from, to, name: need.name, how, rule };
  edges.set(id, edge);
  from.out.push(edge);
  to.in.push(edge);
}

/** Gives each name a number when it first comes. */
function numbering() {
  const numbers = new Map();
  return (name) => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name);
  };
}

const nameCounts = new Map();
for (const { path } of data.libraries) nameCounts.set(fileName(path), (nameCounts.get(fileName(path)) ?? 0) + 1);

/** The file name; the whole path where another library has the same name. */
function shownName(library) {
  const name = fileName(library.path);
  return nameCounts.get(name) > 1 ? library.path : name;
}

data.libraries.forEach((library, i) => addBox(`n${i}`, shownName(library), library.kind, library));
data.needs.forEach((need, k) => {
  addEdge(`e${k}`, boxes.get(`n${need.from}`), boxes.get(`n${need.to}`), need, need.by === "dlopen" ? "dlopen" : "NEEDED",
    need.rule);
});
const missingNumber = numbering();
data.missing.forEach((need, k) => {
  const box = addBox(`m${missingNumber(need.name)}`, need.name, "missing");
  addEdge(`u${k}`, boxes.get(`n${need.from}`), box, need, "NEEDED", "missing");
});
const outsideNumber = numbering();
data.outside.forEach((need, k) => {
  if (need.brought_by !== "another wheel") return;
  const box = addBox(`o${outsideNumber(need.name)}`, need.name, "outside");
  addEdge(`x${k}`, boxes.get(`n${need.from}`), box, need, "NEEDED", "of another wheel");
});

const largest = Math.max(1, ...data.libraries.map((library) => library.installed_bytes));

/** The boxes and edges that can be reached from `start` along "out" or "in": one step, or all the way. */
function reach(start, direction, wholeChain) {
  const found = { boxes: new Set(), edges: new Set() };
  const waiting = [start];
  const seen = new Set(waiting);
  while (waiting.length > 0) {
    for (const edge of waiting.pop()[direction]) {
      const next = direction === "out" ? edge.to : edge.from;
      found.edges.add(edge);
      found.boxes.add(next);
      if (wholeChain && !seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  found.boxes.delete(start);
  return found;
}

/** The boxes whose name, path or SONAME holds `query`. */
function search(query) {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return [];
  const texts = (box) => [box.name, box.library?.path, box.library?.soname];
  return [...boxes.values()].filter((box) => texts(box).some((text) => text?.toLowerCase().includes(wanted)));
}

/** An element: `make("p", {class: "what"}, "text", child)`. Text is only ever text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}
