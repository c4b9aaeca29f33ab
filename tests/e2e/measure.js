// What is wrong with the boxes of a page, in sentences; measure.py calls it.
// `least`, `inside`: the least side of a target in CSS pixels, and of one inside a message; `width`: of the window.
([least, inside, width]) => {
  const faults = [], kinds = new Set();
  const name = (e) => {
    const id = e.id ? `#${e.id}` : "", cls = typeof e.className === "string" && e.className ? "." + e.className.trim().split(/\s+/).join(".") : "";
    const label = (e.getAttribute("aria-label") || e.textContent || "").trim().replace(/\s+/g, " ").slice(0, 24);
    return `<${e.localName}${id}${cls}> ${JSON.stringify(label)}`;
  };
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  const layerOpen = modal ?? [...document.querySelectorAll("[popover]:popover-open")].at(-1);
  const root = modal ?? document.body;
  const styles = new Map();
  const style = (e) => { if (!styles.has(e)) styles.set(e, getComputedStyle(e)); return styles.get(e); };
  const boxes = new Map();
  const box = (e) => { if (!boxes.has(e)) boxes.set(e, e.getBoundingClientRect()); return boxes.get(e); };
  const hidden = (e) => !e.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })
    || e.closest(".visually-hidden, [aria-hidden=true][hidden], noscript") || box(e).width < 2 || box(e).height < 2;
  const scrolls = (value) => value === "auto" || value === "scroll";
  const cuts = (value) => value !== "visible";
  const up = (e, to) => { const list = []; for (let p = e; p && p !== to; p = p.parentElement) list.push(p); return list; };
  const floats = (e) => ["fixed", "absolute"].includes(style(e).position);
  // What is left of a box after everything around it has cut.
  const seen = (e) => {
    let { left, top, right, bottom } = box(e);
    for (const p of up(e.parentElement, null)) {
      if (p === document.body || p === document.documentElement) break;
      const s = style(p), b = box(p);
      if (cuts(s.overflowX)) { left = Math.max(left, b.left); right = Math.min(right, b.right); }
      if (cuts(s.overflowY)) { top = Math.max(top, b.top); bottom = Math.min(bottom, b.bottom); }
      if (s.position === "fixed") break;
    }
    left = Math.max(left, 0); right = Math.min(right, width); top = Math.max(top, 0); bottom = Math.min(bottom, innerHeight);
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  };

  // 1. Nothing is wider than the window, no part wider than its place.
  const page = document.documentElement;
  if (page.scrollWidth > width + 1) faults.push(`the page is ${page.scrollWidth} wide, the window ${width}`);
  for (const e of root.querySelectorAll("*")) {
    const s = style(e);
    if (s.display === "inline" || e.scrollWidth <= e.clientWidth + 1 || hidden(e)) continue;
    const wide = `${name(e)}: content ${e.scrollWidth} in ${e.clientWidth}`;
    const own = e.closest("pre, table, .table, [data-scroll-x]");  // may scroll by themselves
    if (scrolls(s.overflowX) && !own && !e.matches("input, textarea, select")) faults.push(`scrolls sideways: ${wide}`);
  }
  for (const e of root.querySelectorAll("*")) {
    const b = box(e);
    if (b.right <= width + 1 && b.left >= -1 || hidden(e)) continue;
    const seenBox = seen(e);
    if (up(e.parentElement, document.body).some((p) => cuts(style(p).overflowX) && box(p).right <= width + 1 && box(p).left >= -1)) continue;
    if (seenBox.width > 0 && seenBox.height > 0) faults.push(`sticks out of the window: ${name(e)} from ${Math.round(b.left)} to ${Math.round(b.right)}`);
  }

  // 2. No text is cut without an ellipsis.
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const cut = new Set();
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest("script, style, option, textarea, noscript") || hidden(e)) continue;
    range.selectNodeContents(node);
    const r = range.getBoundingClientRect();
    if (!r.width || r.bottom < 0 || r.top > innerHeight) continue;
    for (const p of up(e, document.documentElement)) {
      const s = style(p), b = box(p);
      if (s.textOverflow === "ellipsis" && cuts(s.overflowX) || s.webkitLineClamp !== "none" || s.maskImage !== "none") break;
      if (scrolls(s.overflowX) && scrolls(s.overflowY)) break;
      if (cuts(s.overflowX) && !scrolls(s.overflowX) && (r.right > b.right + 1 || r.left < b.left - 1)) {
        if (!cut.has(p)) faults.push(`text cut sideways: ${name(e)} ends at ${Math.round(r.right)}, ${name(p)} at ${Math.round(b.right)}`);
        cut.add(p);
        break;
      }
      if (cuts(s.overflowY) && !scrolls(s.overflowY) && p !== document.body && [...range.getClientRects()].some((line) => line.top < b.bottom - 2 && line.bottom > b.bottom + 3 || line.bottom > b.top + 2 && line.top < b.top - 3)) {
        if (!cut.has(p)) faults.push(`text cut across: ${name(e)} in ${name(p)}`);
        cut.add(p);
        break;
      }
      if (scrolls(s.overflowX) || scrolls(s.overflowY) || s.position === "fixed") break;
    }
  }

  // 3. Targets are large enough and do not lie on each other.
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role^=menuitem], [role=tab], [role=option], [role=switch], [role=checkbox], [role=radio]";
  const at = (layerOpen ?? root).querySelectorAll(TARGETS);
  const list = [];
  for (const e of at) {
    if (hidden(e) || e.disabled || style(e).pointerEvents === "none") continue;
    const s = seen(e), b = box(e);
    if (s.width < 1 || s.height < 1) continue;
    list.push({ e, s, layer: up(e, document.body).filter((p) => floats(p) || style(p).position === "sticky" || p.popover || p.localName === "dialog")[0] ?? null });
    if (s.width < b.width - 2 || s.height < b.height - 2) continue;  // partly scrolled away
    if (style(e).display === "inline" && e.parentElement && e.parentElement.textContent.trim() !== e.textContent.trim()) continue;  // a link in a sentence
    const label = e.closest("label") ?? (e.labels?.[0] && e.matches("[type=checkbox], [type=radio]") ? e.labels[0] : null);
    const sides = [b, ...(label ? [box(label)] : [])];
    const wanted = e.closest("article") ? inside : least;
    // In a strip that has no room for all of its targets, they share what there is.
    const strip = [...e.parentElement.children].filter((other) => other.matches(TARGETS)).length;
    const wide = strip > 4 ? Math.min(wanted, e.parentElement.clientWidth / strip - 6) : wanted;
    if (sides.some((side) => side.width >= wide - 0.5 && side.height >= wanted - 0.5)) continue;
    const x = b.left + b.width / 2, y = b.top + b.height / 2, far = wanted / 2 - 1;
    const reach = [[-far, 0], [far, 0], [0, -far], [0, far]].every(([dx, dy]) => {
      const hit = document.elementFromPoint(x + dx, y + dy);
      return hit && (hit === e || e.contains(hit) || label?.contains(hit));
    });
    const kind = e.localName + e.className;
    if (!reach && !kinds.has(kind)) faults.push(`target of ${Math.round(b.width)} × ${Math.round(b.height)}, wanted ${wanted}: ${name(e)}`);
    kinds.add(kind);
  }
  for (let i = 0; i < list.length; i++) {
    for (let j = i + 1; j < list.length; j++) {
      const one = list[i], two = list[j];
      if (one.layer !== two.layer || one.e.contains(two.e) || two.e.contains(one.e)) continue;
      if (style(one.e).display === "inline" && style(two.e).display === "inline") continue;
      const x = Math.min(one.s.right, two.s.right) - Math.max(one.s.left, two.s.left), y = Math.min(one.s.bottom, two.s.bottom) - Math.max(one.s.top, two.s.top);
      if (x > 2 && y > 2) faults.push(`on each other by ${Math.round(x)} × ${Math.round(y)}: ${name(one.e)} and ${name(two.e)}`);
    }
  }
  return [...new Set(faults)];
}
