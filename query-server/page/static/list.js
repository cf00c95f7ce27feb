import { get, query } from "./api.js";
import { announce, h, notice, table } from "./dom.js";

// list shows a list of the API as a table, a page at a time.
export async function list(caption, path, parameters, columns, whenEmpty) {
  const first = await get(path + query(parameters));
  const card = h("section", { class: "card" });
  if (first.items.length === 0) {
    card.append(h("h2", null, caption), h("p", { class: "empty" }, whenEmpty));
    return card;
  }
  const { element, add } = table(caption, columns, first.items);
  card.append(element);
  let cursor = first.nextCursor;
  if (!cursor) return card;

  const button = h("button", { type: "button", class: "quiet", click: more }, "Show more");
  const foot = h("div", { class: "more" }, button);
  card.append(foot);
  async function more() {
    button.disabled = true;
    try {
      const next = await get(path + query({ ...parameters, cursor }));
      add(next.items);
      announce(`${next.items.length} more rows`);
      cursor = next.nextCursor;
      if (!cursor) foot.remove();
    } catch (problem) {
      foot.before(notice(problem.message));
    }
    button.disabled = false;
  }
  return card;
}
