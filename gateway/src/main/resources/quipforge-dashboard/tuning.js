import {curve} from './curve.js';
import {element, folded, table} from './dom.js';
import {duration} from './format.js';

/** What tuning did: the model as a whole, and each training of each block. */
export function tuning({blocks, model}) {
  return element('section', {'aria-label': 'Tuning'},
    element('h2', {}, 'Tuning'),
    element('p', {class: 'quiet'}, 'Losses on windows that nothing was learned from: before, after each epoch, and the state'
      + ' that was kept. Of a block: mean squared difference from the original’s output.'
      + ' Of the model: divergence from the original’s distribution, in nats a token.'),
    model ? trainings('The whole model', [['model', model]]) : null,
    folded('Each block after each of its groups', !model, () =>
      trainings('Each training of a block', blocks.map(({block, input, training}) => [`block ${block}, ${input}`, training]))));
}

function trainings(caption, all) {
  const columns = [
    {name: 'Training'}, {name: 'Loss before', number: true}, {name: 'Loss after', number: true}, {name: 'Won', number: true},
    {name: 'Course'}, {name: 'Time', number: true},
  ];
  return table(caption, columns, all.map(([name, training]) => element('tr', {},
    element('th', {scope: 'row'}, name),
    element('td', {class: 'number'}, training.lossBefore.toPrecision(4)),
    element('td', {class: 'number'}, training.lossAfter.toPrecision(4)),
    element('td', {class: 'number'}, won(training)),
    element('td', {}, curve(`Loss of ${name}`, training)),
    element('td', {class: 'number'}, duration(training.seconds)))));
}

function won({lossBefore, lossAfter}) {
  return lossBefore > 0 ? `${((1 - lossAfter / lossBefore) * 100).toFixed(1)} %` : '–';
}
