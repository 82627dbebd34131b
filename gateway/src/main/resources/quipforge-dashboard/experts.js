import * as api from './api.js';
import {element, folded, replace, table} from './dom.js';
import {figure} from './format.js';

/** The experts of every block, folded; those of a block are fetched when it is opened. */
export function experts(job, blocks) {
  const unseen = blocks.flatMap(({block, unseen: none}) => none.map(expert => `${block}/${expert}`));
  return element('section', {'aria-label': 'Experts'},
    element('h2', {}, 'Experts'),
    element('p', {class: 'quiet'}, 'Calibration tokens that the router sent to each expert. Where they were few, the Hessian of all'
      + ' experts of the block fills up that of the expert: the part is the prior’s share.'),
    unseen.length === 0
      ? null
      : element('p', {}, `Experts that saw no token (block/expert), rounded with the Hessian of all: ${unseen.join(', ')}`),
    blocks.map(block => ofBlock(job, block)));
}

function ofBlock(job, {block, experts: count, tokens, filledUp, bitsPerWeight, proxyLoss}) {
  const summary = `Block ${block}: ${count} experts, tokens ${number(tokens.least)} to ${number(tokens.most)}, median `
    + `${number(tokens.median)}; ${filledUp} filled up; ${figure(bitsPerWeight, 3)} bits per weight, proxy loss `
    + figure(proxyLoss, 5);
  return folded(summary, false, () => {
    const content = element('div', {}, element('p', {class: 'quiet'}, 'Loading…'));
    api.block(job, block)
      .then(report => replace(content, each(block, report.experts)))
      .catch(error => replace(content, element('p', {role: 'alert'}, error.message)));
    return content;
  });
}

function each(block, all) {
  const columns = [
    {name: 'Expert'}, {name: 'Tokens', number: true}, {name: 'Prior’s share', number: true}, {name: 'Bits per weight', number: true},
    {name: 'Proxy loss', number: true},
  ];
  return table(`Each expert of block ${block}`, columns, all.map(({expert, tokens, prior, proxyLoss, linears}) => element('tr', {},
    element('th', {scope: 'row'}, expert),
    element('td', {class: 'number'}, number(tokens)),
    element('td', {class: 'number'}, prior > 0 ? `${figure(prior * 100, 1)} %` : '–'),
    element('td', {class: 'number'}, figure(sum(linears, 'bits') / sum(linears, 'weights'), 3)),
    element('td', {class: 'number'}, kept(linears) ?? figure(proxyLoss, 5)))));
}

function kept(linears) {
  const reason = linears.find(linear => linear.kept);
  return reason ? `kept: ${reason.name}: ${reason.kept}` : null;
}

const number = value => value.toLocaleString();
const sum = (all, field) => all.reduce((total, each) => total + each[field], 0);
