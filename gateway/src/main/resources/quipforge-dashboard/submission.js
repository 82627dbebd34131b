import * as api from './api.js';
import {element, replace} from './dom.js';

/** The form that submits a job. Returns a function that stops it. */
export function show(main, fail) {
  document.title = 'New job · quipforge';
  const place = element('div');
  replace(main, element('h1', {}, 'New job'), element('section', {'aria-label': 'New job'}, place));
  let stopped = false;
  api.methods().then(
    catalogue => stopped || replace(place, form(catalogue)),
    error => stopped || fail(place, error));
  return () => {
    stopped = true;
  };
}

function form({methods, tailBiting, transforms, tuning, calibration}) {
  const method = select('method', methods.map(({name, title}) => [name, title]), chooseMethod);
  const code = select('code', [], chooseCode);
  const bits = select('bits', []);
  const rounding = select('rounding', []);
  const ends = select('tailBiting', tailBiting);
  const transform = select('transform', transforms);
  const passes = number('passes', 0, 0, 100);
  const mode = select('tuning', tuning.modes.map(({name, title}) => [name, title]), chooseTuning);
  const preset = select('preset', tuning.presets.map(({name, title}) => [name, title]), chooseTuning);
  const cost = element('p', {id: 'cost', class: 'quiet', role: 'status'});
  const source = select('source', calibration.sources.map(({name, title}) => [name, title]), chooseSource);
  const calibrationText = text('calibration', '/srv/texts/calibration.txt', true);
  const sourceCost = element('p', {id: 'source-cost', class: 'quiet', role: 'status'});
  const problem = element('div');

  function chosen() {
    return methods.find(({name}) => name === method.value);
  }

  function chooseMethod() {
    options(code, chosen().codes.map(({name}) => name));
    options(rounding, chosen().roundings);
    passes.value = chosen().passes;
    ends.disabled = chosen().name !== 'qtip';
    chooseCode();
  }

  function chooseCode() {
    options(bits, chosen().codes.find(({name}) => name === code.value).bits);
  }

  function chooseTuning() {
    const [what, how] = [[tuning.modes, mode], [tuning.presets, preset]]
      .map(([choices, list]) => choices.find(({name}) => name === list.value));
    preset.disabled = what === tuning.modes[0];
    cost.textContent = preset.disabled ? what.cost : `${what.cost} ${how.cost}`;
  }

  function chooseSource() {
    const chosenSource = calibration.sources.find(({name}) => name === source.value);
    calibrationText.disabled = chosenSource !== calibration.sources[0];
    sourceCost.textContent = chosenSource.cost;
  }

  async function submit(event) {
    event.preventDefault();
    const values = new FormData(event.target);
    try {
      const job = await api.submit(request(values));
      location.hash = `#/jobs/${job.id}`;
    } catch (error) {
      replace(problem, element('p', {class: 'failure', role: 'alert'}, error.message));
    }
  }

  chooseMethod();
  chooseTuning();
  chooseSource();
  return element('form', {id: 'submission', submit},
    fields('Model',
      field('Directory', text('model', '/srv/models/demo', true)),
      field('Name', text('name', 'the last part of the directory'))),
    fields('Recipe',
      field('Method', method), field('Code', code), field('Bits per weight', bits), field('Rounding', rounding),
      field('Transform', transform), field('Tail-biting', ends), field('Passes of coordinate descent', passes),
      field('Seed', number('seed', 0))),
    fields('Tuning', field('What is tuned', mode), field('Preset', preset), cost),
    fields('Calibration',
      field('Calibrate on', source), field('Text', calibrationText),
      field('Windows', number('samples', 256, 1)), field('Tokens of a window', number('context', 512, 2)), sourceCost),
    fields('Evaluation',
      field('Text', text('evaluation', 'without it nothing is measured')),
      field('Tokens of a window', number('window', 512, 2))),
    problem,
    element('button', {id: 'submit', type: 'submit'}, 'Submit'));
}

function request(values) {
  const integer = name => Number(values.get(name));
  const job = {
    model: {directory: values.get('model')},
    recipe: {
      method: values.get('method'), code: values.get('code'), bits: integer('bits'), rounding: values.get('rounding'),
      transform: values.get('transform'), passes: integer('passes'), seed: integer('seed'),
      calibration: {source: values.get('source'), samples: integer('samples'), context: integer('context')},
    },
  };
  if (values.get('calibration') !== null) {
    job.recipe.calibration.text = values.get('calibration');
  }
  if (values.get('tailBiting') !== null) {
    job.recipe.tailBiting = values.get('tailBiting');
  }
  if (values.get('preset') !== null) {
    job.recipe.tuning = {mode: values.get('tuning'), preset: values.get('preset')};
  }
  if (values.get('name')) {
    job.name = values.get('name');
  }
  if (values.get('evaluation')) {
    job.evaluation = {text: values.get('evaluation'), window: integer('window')};
  }
  return job;
}

function fields(legend, ...rows) {
  return element('fieldset', {}, element('legend', {}, legend), rows);
}

function field(label, input) {
  return element('label', {class: 'field'}, element('span', {}, label), input);
}

function text(name, placeholder, required = false) {
  return element('input', {name, type: 'text', placeholder, required, autocomplete: 'off', spellcheck: 'false'});
}

function number(name, value, min, max) {
  return element('input', {name, type: 'number', value, min, max, step: 1, required: true});
}

function select(name, choices, change) {
  const made = element('select', {name, change});
  options(made, choices);
  return made;
}

/** Choices are values, or pairs of value and title. */
function options(list, choices) {
  list.replaceChildren(...choices.map(choice => {
    const [value, title] = Array.isArray(choice) ? choice : [choice, choice];
    return element('option', {value}, title);
  }));
}
