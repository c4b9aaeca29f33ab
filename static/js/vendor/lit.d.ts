export { html, svg, render, nothing, noChange, type TemplateResult } from "lit-html";
export { repeat } from "lit-html/directives/repeat.js";
export { guard } from "lit-html/directives/guard.js";
export { keyed } from "lit-html/directives/keyed.js";
export { ref, createRef } from "lit-html/directives/ref.js";
export { live } from "lit-html/directives/live.js";
export { classMap } from "lit-html/directives/class-map.js";
export { ifDefined } from "lit-html/directives/if-defined.js";
export { unsafeHTML } from "lit-html/directives/unsafe-html.js";
