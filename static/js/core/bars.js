/** The bars of a phone's browser. Loaded when the theme changes: templates/base.html has them right at the start. */

const COLOURS = { light: "#ffffff", dark: "#1a1d23" };

/** Gives the bars the colour of the theme. @param {string} theme */
export function tintBars(theme) {
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.remove();
  for (const [name, content] of Object.entries(COLOURS)) {
    if (theme !== "system" && theme !== name) continue;
    document.head.append(Object.assign(document.createElement("meta"), { name: "theme-color", content, media: theme === "system" ? `(prefers-color-scheme: ${name})` : "" }));
  }
}
