// Elements are made here and nowhere from text, so that no id or name can become markup.

// h makes an element. Attributes whose value is null or false are left out; a function is an event listener.
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// field is an input with its label.
export function field(label, control) {
  control.id ||= "field-" + control.name;
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
}

// figures shows a few numbers large.
export function figures(...items) {
  return h("dl", { class: "figures" }, items.map(({ label, value, note, main }) =>
    h("div", { class: "figure" + (main ? " main" : "") + (value.length > 10 ? " long" : "") },
      h("dt", null, label), h("dd", { class: "value" }, value), note && h("dd", { class: "note" }, note))));
}

// table shows rows. A column is {title, cell, number, wide, head}: wide ones are hidden on narrow screens, the head one
// names the row.
export function table(caption, columns, rows) {
  const className = (column) => [column.number && "number", column.wide && "wide", column.class].filter(Boolean).join(" ") || null;
  const body = h("tbody");
  const add = (more) => body.append(...more.map((row) => h("tr", null, columns.map((column) =>
    h(column.head ? "th" : "td", { class: className(column), scope: column.head ? "row" : null }, column.cell(row))))));
  add(rows);
  const element = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", null, h("caption", null, caption),
      h("thead", null, h("tr", null, columns.map((column) => h("th", { scope: "col", class: className(column) }, column.title)))),
      body));
  return { element, add };
}

// notice tells of an error, or of something done.
export function notice(text, fine) {
  return h("p", { class: fine ? "notice fine" : "notice", role: fine ? "status" : "alert" }, text);
}

export function announce(text) {
  document.getElementById("announce").textContent = text;
}
