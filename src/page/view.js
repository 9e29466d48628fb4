// Which part of the picture is seen: a centre and a scale (pixels a point), by wheel, drag and keys.
const whole = svg.viewBox.baseVal;
const extent = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
const shift = graph.transform.baseVal.consolidate().matrix;
const view = { x: 0, y: 0, scale: 1, isFitted: true };
const largestScale = 4;
const farScale = 0.8;  // below it a box's second line cannot be read
const paper = { width: 785, height: 440 };  // points, for the picture on A4: as in print.css

function show() {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return;
  const [w, h] = [width / view.scale, height / view.scale];
  svg.setAttribute("viewBox", `${view.x - w / 2} ${view.y - h / 2} ${w} ${h}`);
  setFar(view.scale < farScale);
}

function scaleFor(area, most) {
  return Math.min(most, canvas.clientWidth / (area.width + 8), canvas.clientHeight / (area.height + 8));
}

function lookAt(area, most) {
  if (canvas.clientWidth === 0) return;
  view.x = area.x + area.width / 2;
  view.y = area.y + area.height / 2;
  view.scale = scaleFor(area, most);
  view.isFitted = false;
  show();
}

function fit() {
  lookAt(extent, 1.3);
  view.isFitted = true;
}

/** What the boxes cover, in the picture's points. */
function areaOf(some) {
  const rectangles = some.map((box) => drawn.get(box.id)?.getBBox()).filter((rectangle) => rectangle !== undefined);
  if (rectangles.length === 0) return null;
  const left = Math.min(...rectangles.map((r) => r.x));
  const top = Math.min(...rectangles.map((r) => r.y));
  return {
    x: left + shift.e,
    y: top + shift.f,
    width: Math.max(...rectangles.map((r) => r.x + r.width)) - left,
    height: Math.max(...rectangles.map((r) => r.y + r.height)) - top,
  };
}

function lookAtBoxes(some) {
  const area = areaOf(some);
  if (area !== null) lookAt({ x: area.x - 30, y: area.y - 30, width: area.width + 60, height: area.height + 60 }, 1.15);
}

/** Moves as little as brings the box into sight; from afar it also comes nearer, if asked to. */
function bringIntoSight(box, legibly) {
  const area = areaOf([box]);
  if (area === null) return;
  const before = view.scale;
  if (legibly) view.scale = Math.max(view.scale, 0.85);
  const [w, h] = [canvas.clientWidth / view.scale / 2, canvas.clientHeight / view.scale / 2];
  if (view.scale !== before) {
    [view.x, view.y] = [area.x + area.width / 2, area.y + area.height / 2];
  }
  view.x = Math.max(Math.min(view.x, area.x - 20 + w), area.x + area.width + 20 - w);
  view.y = Math.max(Math.min(view.y, area.y - 20 + h), area.y + area.height + 20 - h);
  view.isFitted = false;
  show();
}

/** The point under (clientX, clientY) stays where it is; without one, the centre. */
function zoom(factor, clientX, clientY) {
  const least = Math.min(scaleFor(extent, 1.3), 1) / 2;
  const scale = Math.max(least, Math.min(largestScale, view.scale * factor));
  const frame = canvas.getBoundingClientRect();
  const dx = clientX === undefined ? 0 : clientX - frame.x - frame.width / 2;
  const dy = clientY === undefined ? 0 : clientY - frame.y - frame.height / 2;
  view.x += dx / view.scale - dx / scale;
  view.y += dy / view.scale - dy / scale;
  view.scale = scale;
  view.isFitted = false;
  show();
}

function pan(dx, dy) {
  view.x -= dx / view.scale;
  view.y -= dy / view.scale;
  view.isFitted = false;
  show();
}

const pointers = new Map();  // those that are down: one drags, two pinch
let dragged = false;         // so that the click that ends a drag chooses nothing

function distance() {
  const [a, b] = [...pointers.values()];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  if (pointers.size === 0) dragged = false;
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
canvas.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (last === undefined) return;
  const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
  if (!dragged && Math.hypot(dx, dy) < 4) return;
  dragged = true;
  canvas.classList.add("moving");
  canvas.setPointerCapture(event.pointerId);
  const before = pointers.size === 2 ? distance() : 0;
  [last.x, last.y] = [event.clientX, event.clientY];
  if (pointers.size === 2 && before > 0) zoom(distance() / before, event.clientX, event.clientY);
  else pan(dx, dy);
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    pointers.delete(event.pointerId);
    canvas.classList.remove("moving");
  });
}
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
  if (event.shiftKey) pan(-pixels - event.deltaX, 0);
  else zoom(Math.exp(-pixels / (event.ctrlKey ? 120 : 500)), event.clientX, event.clientY);
}, { passive: false });

new ResizeObserver(() => (view.isFitted ? fit() : show())).observe(canvas);
addEventListener("beforeprint", () => {
  svg.setAttribute("viewBox", `${extent.x} ${extent.y} ${extent.width} ${extent.height}`);
  setFar(Math.min(paper.width / extent.width, paper.height / extent.height) < farScale);
});
addEventListener("afterprint", show);
