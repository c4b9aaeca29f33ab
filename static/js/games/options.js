/** The rules of a table: three presets, and each point by itself. For a new table, for the host, and for others to read. */
import { html, nothing } from "../vendor/ui.js";
import { openDialog, tellError } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import * as store from "../core/store.js";
import * as session from "./session.js";
import { instantName, presetName, presetWords } from "./words.js";

export const PRESETS = ["standard", "count", "family"];
const INSTANTS = ["dragon", "five_run", "four_twos", "six_pairs", "one_colour", "four_triples", "four_threes", "run3_with_3s"];
const NUMBERS = /** @type {const} */ (["last", "third", "blank", "instant_pay", "two_black", "two_red", "run3", "quad", "run4"]);

/** Points with several answers: name, question, value and word of each. @returns {[string, string, [any, string][]][]} */
const choices = () => [
  ["opening", gettext("3♠ must open"), [["first_game", gettext("in the first match")], ["every_game", gettext("in every match")], ["free", gettext("never")]]],
  ["free_chop", gettext("Chopping out of turn"), [["run4", gettext("with a run of four pairs")], ["any_bomb", gettext("with any bomb")], ["none", gettext("never")]]],
  ["quad_chops_pair2", gettext("Four of a kind beats a pair of 2s"), [[true, gettext("Yes")], [false, gettext("No")]]],
  ["chop_reopens", gettext("A chop asks those again who passed"), [[false, gettext("No")], [true, gettext("Yes")]]],
  ["end_on_two", gettext("A 2 as the last card"), [["allowed", gettext("allowed")], ["forbidden", gettext("forbidden")]]],
  ["end_mode", gettext("The match ends"), [["rank", gettext("when one player has cards")], ["first_out", gettext("with the first who is out")]]],
  ["cong", gettext("Who has played no card"), [["immediate", gettext("is out when the first is")], ["end", gettext("counts so at the end")], ["off", gettext("does not matter")]]],
  ["rot_to", gettext("2s and bombs left over are paid"), [["first", gettext("to the first")], ["above", gettext("to the place above")], ["second", gettext("to the second")], ["none", gettext("to nobody")]]],
];
/** @param {string} name */
const numberLabel = (name) => /** @type {Record<string, string>} */ ({
  last: gettext("The last pays the first"), third: gettext("The third pays the second"), blank: gettext("Who has played no card pays"), instant_pay: gettext("Win at the deal, from each"),
  two_black: gettext("Black 2"), two_red: gettext("Red 2"), run3: gettext("Run of three pairs"), quad: gettext("Four of a kind"), run4: gettext("Run of four pairs"),
})[name];

/** The values in a form. @param {HTMLFormElement} form */
function read(form) {
  const data = new FormData(form);
  /** @type {Record<string, any>} */
  const options = { instant: data.getAll("instant") };
  for (const [name, , answers] of choices()) options[name] = answers.find(([value]) => String(value) === data.get(name))?.[0];
  for (const name of NUMBERS) options[name] = Math.max(0, Math.min(100, Number(data.get(name)) || 0));
  return options;
}

/** @param {Record<string, any>} options @param {boolean} fixed */
const detailsView = (options, fixed) => html`<details class="rules-all" open><summary>${gettext("All rules")}</summary>
  ${choices().map(([name, label, answers]) => html`<label class="rules-row"><span>${label}</span><select name=${name} ?disabled=${fixed}>${answers.map(([value, word]) => html`<option value=${String(value)} ?selected=${options[name] === value}>${word}</option>`)}</select></label>`)}
  <fieldset class="rules-set"><legend>${gettext("Wins at the deal")}</legend>${INSTANTS.map((kind) => html`<label class="rules-check"><input type="checkbox" name="instant" value=${kind} ?checked=${options.instant?.includes(kind)} ?disabled=${fixed}>${instantName(kind)}</label>`)}</fieldset>
  <fieldset class="rules-set"><legend>${gettext("Points")}</legend>${NUMBERS.map((name) => html`<label class="rules-row"><span>${numberLabel(name)}</span><input type="number" inputmode="numeric" min="0" max="100" name=${name} value=${options[name] ?? 0} ?disabled=${fixed}></label>`)}</fieldset></details>`;

/** Shows the rules of the open table. */
export function openOptions() {
  const view = session.table.value?.view;
  if (!view) return;
  const may = view.host === session.me() && view.phase !== "playing";
  rulesDialog(gettext("Rules of this table"), view.preset, view.options, may ? { word: gettext("Save"), save: (chosen) => session.act("set", chosen) } : null);
}

/** @param {number} conversation @param {(table: number) => void} opened */
export function openNew(conversation, opened) {
  rulesDialog(gettext("Play Tiến Lên"), "standard", null, { word: gettext("Open the table"), save: async (chosen) => {
    try {
      const { table } = await store.socket.request("table.open", { conversation, ...chosen });
      opened(table);
      return true;
    } catch (error) {
      tellError(error);
      return false;
    }
  } });
}

/** @param {string} title @param {string} preset @param {Record<string, any> | null} options @param {{word: string, save: (chosen: object) => Promise<boolean>} | null} action */
function rulesDialog(title, preset, options, action) {
  let chosen = preset || "own";
  let busy = false;
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (busy || !action) return;
    busy = true;
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    if (await action.save(chosen === "own" ? { options: read(form) } : { preset: chosen })) dialog.close();
    busy = false;
  };
  const dialog = openDialog(title, (self) => html`<form class="dialog-form rules" @submit=${submit}><div class="dialog-body">
    <fieldset class="rules-presets"><legend class="visually-hidden">${gettext("Rules")}</legend>${[...PRESETS, ...(options ? ["own"] : [])].map((name, index) => html`<label class="choice"><input type="radio" name="preset" value=${name} ?autofocus=${index === 0}
      .checked=${chosen === name} ?disabled=${!action} @change=${() => { chosen = name; self.redraw(); }}><span class="person-text"><span>${presetName(name)}</span>${presetWords(name) ? html`<span class="muted">${presetWords(name)}</span>` : nothing}</span></label>`)}</fieldset>
    ${options && (chosen === "own" || !action) ? detailsView(options, !action) : nothing}
    <p class="muted small">${gettext("Points are for fun: they stay at this table and are worth nothing.")}</p></div>
    <div class="dialog-foot actions"><button class="button" type="button" @click=${() => self.close()}>${action ? gettext("Cancel") : gettext("Close")}</button>${action ? html`<button class="button button-primary">${action.word}</button>` : nothing}</div></form>`, { kind: options ? "tall" : "" });
}
