// The panel beside the picture: findings, wheels, and all that is known of the chosen box.
function heading(text) {
  return make("h2", {}, text);
}

/** A sentence, in which `this` is code. */
function prose(style, sentence) {
  return make("p", { class: style }, ...sentence.split("`").map((part, i) => (i % 2 === 1 ? make("code", {}, part) : part)));
}

function link(box) {
  return make("button", { class: "link", type: "button", click: () => choose(box, true) }, box.name);
}

function facts(pairs) {
  const list = make("dl", { class: "facts" });
  for (const [name, value, style] of pairs) {
    const lines = [value].flat().filter((line) => line !== null && line !== undefined && line !== "");
    if (lines.length === 0) continue;
    list.append(make("dt", {}, name), make("dd", { class: style }, ...lines.map((line) => make("div", {}, line))));
  }
  return list;
}

const loadedBy = { import: "an import", program: "a program", nobody: "nothing at the start" };

function factsOf(library) {
  return facts([
    ["Path", library.path, "path"],
    ["Wheel", wheelName(data.wheels[library.wheel])],
    ["Kind", library.kind],
    ["Size", `${formatSize(library.installed_bytes)} installed, ${formatSize(library.packed_bytes)} packed`],
    ["SONAME", library.soname ?? "none", "path"],
    ["RPATH", library.rpath?.split(":"), "path"],
    ["RUNPATH", library.runpath?.split(":"), "path"],
    ["Loaded by", loadedBy[library.loaded_by] ?? library.loaded_by],
    ["Opened by", library.opened_by, "path"],
  ]);
}

function linkRow(box, how, isBad) {
  return make("li", {}, link(box), make("span", { class: isBad ? "how bad" : "how" }, how));
}

function howOf(edge) {
  if (edge.how === "dlopen") return edge.rule === "dlopen" ? "dlopen, not met" : `dlopen, ${edge.rule}`;
  return edge.rule === "missing" ? "MISSING" : edge.rule;
}

/** A list of edges from the chosen box's view; `end` is the box at the other side. */
function edgeList(text, list, end) {
  if (list.length === 0) return [];
  return [
    heading(`${text} (${list.length})`),
    make("ul", { class: "links" }, ...list.map((edge) => linkRow(edge[end], howOf(edge), edge.rule === "missing"))),
  ];
}

function failedBefore(need) {
  const failed = (need.because_of ?? []).map((i) => boxes.get(`n${i}`).name);
  return failed.length === 0 ? [] : [make("p", {}, `It was opened before, and did not load: ${failed.join(", ")}`)];
}

/** Where the loader looked for what is missing. */
function triedList(box) {
  const isAbout = (need) => boxes.get(`n${need.from}`) === box || (box.kind === "missing" && need.name === box.name);
  return data.missing.filter(isAbout).flatMap((need) => [
    heading(`Where the loader looked for ${need.name}, for ${boxes.get(`n${need.from}`).name}`),
    ...failedBefore(need),
    make("ol", { class: "tried" }, ...need.tried.map((attempt) =>
      make("li", {}, `${attempt.rule}: `, make("code", {}, attempt.path), ` ${attempt.why_not}`))),
  ]);
}

function inTheSet(box) {
  const places = new Set(data.missing.filter((need) => need.name === box.name).flatMap((need) => need.in));
  if (box.kind !== "missing" || places.size === 0) return [];
  return [heading("The set has it, but the loader does not look there"),
    make("ul", { class: "links" }, ...[...places].map((i) => {
      const place = boxes.get(`n${i}`);
      return linkRow(place, wheelName(data.wheels[place.library.wheel]), false);
    }))];
}

function outsideList(box) {
  const names = data.outside.filter((need) => boxes.get(`n${need.from}`) === box && need.brought_by !== "another wheel");
  if (names.length === 0) return [];
  return [heading(`From outside the set (${names.length})`),
    make("ul", { class: "links" }, ...names.map((need) =>
      make("li", {}, make("code", {}, need.name), make("span", { class: "how" }, `the ${need.brought_by}`))))];
}

function showDetails(box) {
  const details = byId("details");
  details.hidden = box === null;
  if (box === null) return;
  const words = { missing: "MISSING: the loader does not find it", outside: "None of these wheels brings it: another one has to" };
  details.replaceChildren(
    make("h2", { class: "name" }, box.name),
    box.library === null ? make("p", { class: box.kind === "missing" ? "bad" : "" }, words[box.kind]) : factsOf(box.library),
    ...edgeList("Needs", box.out, "to"), ...edgeList("Needed by", box.in, "from"), ...inTheSet(box), ...triedList(box),
    ...outsideList(box));
}

/** What a finding is about: its libraries, and the names that they miss. */
function boxesOf(finding) {
  const about = finding.libraries.map((i) => boxes.get(`n${i}`));
  if (finding.kind !== "missing") return new Set(about);
  const missing = about.flatMap((box) => box.out).filter((edge) => edge.rule === "missing").map((edge) => edge.to);
  return new Set([...about, ...missing.filter((box) => finding.missing.includes(box.name))]);
}

function findingOf(finding) {
  const shown = boxesOf(finding);
  return make("article", { class: finding.problem ? "finding problem" : "finding" },
    make("div", { class: "head" },
      make("span", { class: "mark" }, finding.problem ? "problem" : "warning"),
      make("span", { class: "how" }, finding.kind),
      shown.size === 0 ? null
        : make("button", { class: "show", type: "button", click: () => showAbout(shown), "aria-label": `Show in the graph: ${finding.what}` }, "Show")),
    prose("what", finding.what),
    prose("consequence", finding.consequence),
    prose("out", finding.way_out));
}

function showFindings() {
  const problems = data.findings.filter((finding) => finding.problem).length;
  const warnings = data.findings.length - problems;
  const parts = [counted(problems, "problem"), counted(warnings, "warning")];
  byId("findings").replaceChildren(
    heading(data.findings.length === 0 ? "Nothing was found to be wrong" : `Findings: ${parts.join(", ")}`),
    ...data.findings.map(findingOf),
    ...unreadableList(), ...wheelList());
}

function unreadableList() {
  if (data.unreadable.length === 0) return [];
  return [heading("Could not be read"), make("ul", { class: "links" }, ...data.unreadable.map((file) =>
    make("li", {}, make("code", {}, file.path), make("span", { class: "how bad" }, file.why))))];
}

function wheelList() {
  const rows = data.wheels.map((wheel, i) => {
    const members = [...boxes.values()].filter((box) => box.library?.wheel === i);
    const name = members.length === 0 ? wheelName(wheel)
      : make("button", { class: "link", type: "button", click: () => showAbout(new Set(members)) }, wheelName(wheel));
    return make("li", { title: `${wheel.file}, ${counted(members.length, "library", "libraries")}` }, name, make("span", { class: "how" }, formatSize(wheel.installed_bytes)));
  });
  return [heading(`Wheels (${data.wheels.length})`), make("ul", { class: "links" }, ...rows)];
}
