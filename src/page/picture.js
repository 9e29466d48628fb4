// The picture: boxes that can be reached by keyboard, and what is lit.
const canvas = byId("canvas");
const svg = canvas.querySelector("svg");
const graph = svg.querySelector("g.graph");
const drawn = new Map();  // id of a box or edge -> its group in the picture

for (const group of graph.querySelectorAll("g.node, g.edge, g.cluster")) {
  drawn.set(group.id, group);
  // Graphviz's own titles are ids, which would show as tooltips.
  group.querySelector(":scope > title")?.remove();
  for (const link of group.querySelectorAll("a")) link.removeAttributeNS("http://www.w3.org/1999/xlink", "title");
}

function title(group, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "title");
  element.textContent = text;
  group.prepend(element);
}

function description(box) {
  const needs = `needs ${box.out.length}, needed by ${box.in.length}`;
  if (box.kind === "missing") return `${box.name}, MISSING, ${needs}`;
  if (box.kind === "outside") return `${box.name}, of another wheel, ${needs}`;
  const { library } = box;
  return `${box.name}, ${formatSize(library.installed_bytes)}, ${library.kind} of ` +
    `${wheelName(data.wheels[library.wheel])}, ${needs}`;
}

/** A text that the reader's font makes wider than its box is squeezed into it. */
function squeeze(group) {
  const frame = group.querySelector("polygon, path").getBBox();
  for (const text of group.querySelectorAll("text")) {
    text.removeAttribute("textLength");
    const room = frame.x + frame.width - 4 - text.x.baseVal[0].value;
    if (text.getComputedTextLength() > room) {
      text.setAttribute("textLength", room);
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }
}

/** A wheel's name begins where its frame does, in any font. */
function alignLeft(group) {
  const text = group.querySelector("text");
  text.setAttribute("text-anchor", "start");
  text.setAttribute("x", group.querySelector("polygon").getBBox().x + 7);
}

/** From afar names are larger and stand alone. */
function setFar(isFar) {
  if (canvas.classList.contains("far") === isFar) return;
  canvas.classList.toggle("far", isFar);
  for (const group of graph.querySelectorAll("g.node, g.cluster")) squeeze(group);
}

/** One stop for Tab: the box that had the focus last. */
let stop = null;

function makeStop(box) {
  if (stop !== null) drawn.get(stop.id).setAttribute("tabindex", "-1");
  stop = box;
  drawn.get(box.id).setAttribute("tabindex", "0");
}

function prepare() {
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", `Graph of ${counted(data.libraries.length, "library", "libraries")}; arrow keys go from box to box`);
  for (const box of boxes.values()) {
    const group = drawn.get(box.id);
    if (group === undefined) continue;
    group.setAttribute("role", "button");
    group.setAttribute("aria-pressed", "false");
    group.setAttribute("aria-label", description(box));
    group.setAttribute("tabindex", "-1");
    title(group, box.library === null ? description(box) : `${box.library.path}\n${description(box)}`);
    if (stop === null) makeStop(box);
  }
  data.wheels.forEach((wheel, i) => {
    const group = drawn.get(`w${i}`);
    if (group === undefined) return;
    title(group, `${wheel.file}\n${formatSize(wheel.installed_bytes)} installed`);
    alignLeft(group);
  });
  for (const group of graph.querySelectorAll("g.node, g.cluster")) squeeze(group);
}

function boxOf(target) {
  const group = target.closest?.("g.node");
  return group ? boxes.get(group.id) : undefined;
}

const marks = ["chosen", "needs", "needed-by", "about", "found"];

function mark(id, name) {
  drawn.get(id)?.classList.add(name);
}

/** Shows what of `state` concerns the picture. */
function light(state) {
  for (const group of drawn.values()) {
    group.classList.remove(...marks);
    if (group.hasAttribute("aria-pressed")) group.setAttribute("aria-pressed", "false");
  }
  const found = search(state.query);
  canvas.classList.toggle("lit", state.chosen !== null || state.about !== null);
  canvas.classList.toggle("searched", state.query.trim() !== "" && state.chosen === null && state.about === null);
  for (const box of found) mark(box.id, "found");
  for (const box of state.about ?? []) {
    mark(box.id, "about");
    for (const edge of box.out) {
      if (state.about.has(edge.to)) mark(edge.id, "about");
    }
  }
  if (state.chosen === null) return;
  for (const [direction, name] of [["in", "needed-by"], ["out", "needs"]]) {
    const reached = reach(state.chosen, direction, state.wholeChain);
    for (const part of [...reached.boxes, ...reached.edges]) mark(part.id, name);
  }
  mark(state.chosen.id, "chosen");
  drawn.get(state.chosen.id)?.setAttribute("aria-pressed", "true");
}
