// Measures an engine for Node.js; README.md says what every one of these programs takes and prints.
// The package is the first argument: all that are measured have `parse` and `Compile`.
const fs = require("node:fs");

const [, , name, templateFile, bodyFile, seconds] = process.argv;
const { Compile, parse } = require(name);
const asts = parse(fs.readFileSync(templateFile, "utf8"));
const body = fs.readFileSync(bodyFile, "utf8").trim();
const payload = JSON.parse(body);

function root(path) {
  if (path !== "$") throw new Error(`no path but $: ${path}`);
}
const util = {
  escapeJavaScript: (text) => text.replace(/["'\\/]/g, "\\$&"),
};
const parsed = { path: (path) => (root(path), payload) };
const parsing = { path: (path) => (root(path), JSON.parse(body)) };

const render = (input) => new Compile(asts).render({ input, util });
const shim = (input) => util.escapeJavaScript(input.path("$").customer.name);

let sink = 0;
function batch(calls, work) {
  const begun = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) sink += work().length;
  return Number(process.hrtime.bigint() - begun);
}

// How many calls fit into a hundredth of the warm-up.
function warm(work) {
  let calls = 0;
  let spent = 0;
  do {
    spent += batch(1, work);
    calls++;
  } while (spent < Number(seconds) * 1e9);
  return Math.ceil(calls / 100);
}

// The median times of a call in nanoseconds. The works take turns, so that noise meets all of them.
function medians(works) {
  const sizes = works.map(warm);
  const times = works.map(() => []);
  for (let round = 0; round < 100; round++) {
    works.forEach((work, at) => times[at].push(batch(sizes[at], work) / sizes[at]));
  }
  return times.map((all) => all.sort((a, b) => a - b)[50].toFixed(0));
}

const works = [parsed, parsing].flatMap((input) => [() => render(input), () => shim(input)]);
const [first, firstShim, second, secondShim] = medians(works);
console.log(`W5 ${first} ${firstShim}\nW5-parsing ${second} ${secondShim}\n`);
if (sink === 0) throw new Error("nothing was rendered");
process.stdout.write(render(parsing));
