// What the reader does: choosing, searching, keys.
const state = { chosen: null, about: null, wholeChain: false, query: "" };

function refresh() {
  light(state);
  showDetails(state.chosen);
  for (const table of tables) table.show(state);
  const found = search(state.query);
  byId("search-count").textContent = state.query.trim() === "" ? "" : `${found.length} found`;
}

function say(words) {
  byId("live").textContent = words;
}

/** `box` null: nothing. `bring`: move the picture so that it is seen. */
function choose(box, bring = false) {
  state.chosen = box;
  state.about = null;
  refresh();
  if (box === null) return;
  if (drawn.has(box.id)) makeStop(box);
  byId("side").scrollTop = 0;
  if (bring) bringIntoSight(box, true);
  const [needs, neededBy] = ["out", "in"].map((direction) => reach(box, direction, state.wholeChain).boxes.size);
  say(`${box.name}: needs ${needs}, needed by ${neededBy}`);
}

function showAbout(some) {
  state.chosen = null;
  state.about = some;
  openTab("graph");
  refresh();
  lookAtBoxes([...some]);
  say([...some].map((box) => box.name).join(", "));
}

function clear() {
  if (state.query !== "") {
    byId("search").value = state.query = "";
    refresh();
  } else {
    choose(null);
  }
}

function toggle(box) {
  choose(state.chosen === box ? null : box);
}

function openTab(name) {
  for (const tab of byId("tabs").children) {
    const isOpen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !isOpen;
  }
}

function toggleSide() {
  const side = byId("side");
  side.hidden = !side.hidden;
  byId("side-toggle").setAttribute("aria-pressed", String(!side.hidden));
}

function toggleChain() {
  state.wholeChain = !state.wholeChain;
  byId("chain").setAttribute("aria-pressed", String(state.wholeChain));
  refresh();
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The box next to `from` in a direction: near, and rather straight ahead than aside. */
function neighbour(from, [dx, dy]) {
  const centre = (box) => {
    const area = areaOf([box]);
    return [area.x + area.width / 2, area.y + area.height / 2];
  };
  const [x, y] = centre(from);
  let best = null;
  let least = Infinity;
  for (const box of boxes.values()) {
    if (box === from || !drawn.has(box.id)) continue;
    const [ox, oy] = centre(box);
    const ahead = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (ahead > 1 && ahead + 2 * aside < least) [best, least] = [box, ahead + 2 * aside];
  }
  return best;
}

function focusBox(box) {
  if (box === null) return;
  makeStop(box);
  drawn.get(box.id).focus({ preventScroll: true });
  bringIntoSight(box, false);
}

function keyInPicture(event) {
  const box = boxOf(event.target);
  const arrow = arrows[event.key];
  if (arrow !== undefined && event.shiftKey) pan(-60 * arrow[0], -60 * arrow[1]);
  else if (arrow !== undefined && box !== undefined) focusBox(neighbour(box, arrow));
  else if ((event.key === "Enter" || event.key === " ") && box !== undefined) toggle(box);
  else return;
  event.preventDefault();
}

const keys = {
  "/": () => byId("search").select(),
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  0: fit,
  c: toggleChain,
  p: toggleSide,
};

function keyAnywhere(event) {
  if (event.key === "Escape") {
    clear();
    return;
  }
  const isTyping = event.target.matches?.("input");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || keys[event.key] === undefined) return;
  event.preventDefault();
  keys[event.key]();
}

/** Enter in the search goes from one found box to the next. */
function nextFound() {
  const found = search(state.query);
  if (found.length > 0) choose(found[(found.indexOf(state.chosen) + 1) % found.length], true);
}

function summarise() {
  const packed = data.wheels.reduce((sum, wheel) => sum + wheel.packed_bytes, 0);
  const installed = data.wheels.reduce((sum, wheel) => sum + wheel.installed_bytes, 0);
  const [first] = data.wheels;
  const name = data.wheels.length === 1 ? wheelName(first) : `${wheelName(first)} and ${counted(data.wheels.length - 1, "wheel")} more`;
  byId("title").textContent = name;
  document.title = `${name} - spokeshave inspect`;
  byId("summary").textContent = [
    counted(data.libraries.length, "library", "libraries"), `${formatSize(installed)} installed`, `${formatSize(packed)} packed`,
    `layout ${data.layout}`, data.loader].join(" · ");
}

function listen() {
  canvas.addEventListener("click", (event) => {
    if (dragged) return;
    const box = boxOf(event.target);
    if (box === undefined) choose(null);
    else toggle(box);
  });
  canvas.addEventListener("keydown", keyInPicture);
  document.addEventListener("keydown", keyAnywhere);
  byId("search").addEventListener("input", (event) => {
    state.query = event.target.value;
    state.chosen = state.about = null;
    refresh();
  });
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter") nextFound();
  });
  byId("zoom-in").addEventListener("click", () => zoom(1.25));
  byId("zoom-out").addEventListener("click", () => zoom(0.8));
  byId("zoom-fit").addEventListener("click", fit);
  byId("chain").addEventListener("click", toggleChain);
  byId("side-toggle").addEventListener("click", toggleSide);
  byId("tab-graph").addEventListener("click", () => openTab("graph"));
  byId("tab-table").addEventListener("click", () => openTab("table"));
  byId("tabs").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    openTab(byId("tab-graph").getAttribute("aria-selected") === "true" ? "table" : "graph");
    byId("tabs").querySelector('[aria-selected="true"]').focus();
  });
}

summarise();
prepare();
showFindings();
refresh();
listen();
for (const id of ["tools", "zoom", "side"]) byId(id).hidden = false;
for (const kind of ["missing", "outside"]) byId(`key-${kind}`).hidden = ![...boxes.values()].some((box) => box.kind === kind);
fit();
