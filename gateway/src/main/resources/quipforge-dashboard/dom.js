/**
 * Makes an element. Text goes in as text nodes only, so nothing that a job says can become markup.
 *
 * @param {string} tag
 * @param {Object<string, unknown>} attributes functions become listeners; null, undefined and false are left out
 * @param {...(Node|string|number|null|Array)} children
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Makes a part of a picture (SVG), in the same way. */
export function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  made.append(...children.flat().filter(child => child !== null).map(child => child instanceof Node ? child : String(child)));
  return made;
}

/** A table with a caption for those who do not see it. */
export function table(caption, columns, rows) {
  const heads = columns.map(({name, number}) => element('th', {scope: 'col', class: number && 'number'}, name));
  return element('table', {},
    element('caption', {class: 'unseen'}, caption),
    element('thead', {}, element('tr', {}, heads)),
    element('tbody', {}, rows));
}

/** What is made only when somebody opens it. */
export function folded(summary, open, content) {
  let made = false;
  const details = element('details', {open, toggle() {
    if (details.open && !made) {
      made = true;
      details.append(content());
    }
  }}, element('summary', {}, summary));
  return details;
}

/** A progress bar with its percentage. */
export function bar(label, fraction) {
  const percent = Math.floor(fraction * 100);
  return element('div', {class: 'bar'},
    element('progress', {max: 100, value: percent, 'aria-label': label}),
    element('span', {}, `${percent} %`));
}

/** A state in its colour. */
export function state(name) {
  return element('span', {class: `state ${name}`}, name.toLowerCase());
}

/** Puts new children in place of the old ones, keeping the keyboard focus on an element with the same id. */
export function replace(parent, ...children) {
  const focused = document.activeElement?.id;
  parent.replaceChildren(...children.flat().filter(child => child !== null));
  if (focused && parent.querySelector(`#${CSS.escape(focused)}`)) {
    document.getElementById(focused).focus();
  }
}

/** Tells those who listen instead of look. */
export function announce(text) {
  document.getElementById('announcement').textContent = text;
}
