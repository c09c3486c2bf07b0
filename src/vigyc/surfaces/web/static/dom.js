// From tag, properties and children to an element: text is always text, never markup.

/** An element. Properties: `on` (listeners by event), `data` (data-*), `class`, anything else is an attribute;
 * null, undefined and false leave an attribute out. Children: nodes, text, arrays of them; null and false are passed over. */
export function h(tag, properties = null, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

/** Append children, however nested. */
export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Make these the children. */
export function fill(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

/** A button that shows it is busy while its work goes on. */
export function button(text, work, properties = {}) {
  const element = h("button", { type: "button", class: "button", ...properties }, text);
  element.addEventListener("click", async (event) => {
    if (element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    try { await work(event); } finally { element.removeAttribute("aria-busy"); }
  });
  return element;
}

/** What is called after `ms` of quiet. */
export function debounced(work, ms) {
  let timer = 0;
  const later = (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), ms); };
  later.cancel = () => clearTimeout(timer);
  return later;
}
