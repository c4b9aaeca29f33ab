// Measures the page from inside; runs before the page's own modules. bench/screen.py asks for what is noted here.
window.bench = {
  render: 0, ready: 0, shift: 0, largest: 0, longest: 0, block: 0,
  interactions: new Map(), counted: 0,

  frame: () => new Promise((done) => requestAnimationFrame(done)),
  async until(test, seconds = 20) {
    const end = performance.now() + seconds * 1000;
    while (!test()) {
      if (performance.now() > end) throw new Error(`not within ${seconds} s: ${test}`);
      await new Promise((done) => setTimeout(done, 10));
    }
  },
  rows: () => [...document.querySelectorAll("#log [data-seq]")],
  first: () => Number(document.querySelector("#log [data-seq]")?.dataset.seq ?? 0),

  /** Until the page has twice had nothing to do: what the observers are told has come then. */
  async idle() {
    for (let times = 0; times < 2; times++) await new Promise((done) => requestIdleCallback(done));
  },
  /** Milliseconds from the click on a conversation until the second frame after its rows stand. */
  async open(path, title) {
    const link = document.querySelector(`#conversations a[href="${path}"]`);
    const start = performance.now();
    link.click();
    const stands = () => document.querySelector("#header h1")?.textContent.trim() === title && document.querySelector("#log [data-seq]")
      && document.querySelector("#scroller").getAttribute("aria-busy") !== "true";
    do await bench.frame(); while (!stands() && performance.now() < start + 10_000);
    await bench.frame();
    return performance.now() - start;
  },

  /** Scrolls up until older messages have come; how long they held the page up, and by how many pixels the row being read moved. */
  async older() {
    const scroller = document.querySelector("#scroller"), before = bench.first();
    if (before === 1) return null;
    scroller.scrollTop = 400;
    await bench.frame();
    const top = scroller.getBoundingClientRect().top;
    const row = bench.rows().find((r) => r.getBoundingClientRect().top > top + 20);
    const at = row?.getBoundingClientRect().top, start = performance.now();
    bench.block = 0;
    if (bench.first() === before) {
      while (bench.first() === before && performance.now() < start + 10_000) await bench.frame();
      await bench.frame();
    }
    await bench.frame();
    return { block: bench.block, moved: row?.isConnected ? Math.abs(row.getBoundingClientRect().top - at) : 0, first: bench.first() };
  },

  /** When a message with this text stood in the page, in milliseconds of the machine's clock. */
  async shown(text, seconds = 10) {
    const end = performance.now() + seconds * 1000;
    const there = () => bench.rows().slice(-5).some((row) => row.textContent.includes(text));
    await new Promise((done) => {
      if (there()) done();
      const watch = new MutationObserver(() => { if (there() || performance.now() > end) { watch.disconnect(); done(); } });
      watch.observe(document.querySelector("#log"), { childList: true, subtree: true, characterData: true });
    });
    return performance.timeOrigin + performance.now();
  },

  /** Weights in bytes as sent, of what had come before the first rows stood and of the largest module after them. */
  weights() {
    const all = performance.getEntriesByType("resource");
    const sum = (list) => list.reduce((total, r) => total + r.encodedBodySize, 0);
    const of = (ending) => all.filter((r) => new URL(r.name).pathname.endsWith(ending));
    const early = of(".js").filter((r) => r.responseEnd < bench.render);
    const late = of(".js").filter((r) => r.responseEnd >= bench.render);
    return { files: early.length, js: sum(early), css: sum(of(".css")), fonts: sum(of(".woff2")), largestLate: Math.max(0, ...late.map((r) => r.encodedBodySize)) };
  },

  /** Durations of all interactions so far; the browser does not tell those below 16 ms. */
  durations() {
    const told = [...bench.interactions.values()];
    const quick = Math.max(0, (performance.interactionCount ?? told.length) - bench.counted - told.length);
    return [...told, ...Array(quick).fill(8)];
  },
  forget() {
    bench.counted = performance.interactionCount ?? 0;
    bench.interactions.clear();
  },
};

new MutationObserver(() => {
  if (!bench.render && document.querySelector("#log [data-seq]")) bench.render = performance.now();
  if (!bench.ready && document.querySelector("#app[data-ready=true]")) bench.ready = performance.now();
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-ready"] });

new PerformanceObserver((list) => { for (const e of list.getEntries()) bench.largest = e.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) bench.shift += e.value; }).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) bench.longest = Math.max(bench.longest, e.duration); }).observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (e.interactionId) bench.interactions.set(e.interactionId, Math.max(e.duration, bench.interactions.get(e.interactionId) ?? 0));
}).observe({ type: "event", buffered: true, durationThreshold: 16 });

// The longest time in which nothing else could run, since somebody set `block` to 0.
bench.meter = () => {
  const channel = new MessageChannel();
  let last = performance.now();
  channel.port1.onmessage = () => {
    const now = performance.now();
    bench.block = Math.max(bench.block, now - last);
    last = now;
    if (bench.metering) channel.port2.postMessage(0);
  };
  bench.metering = true;
  channel.port2.postMessage(0);
};
