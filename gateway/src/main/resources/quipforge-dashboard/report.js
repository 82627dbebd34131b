import {element, table} from './dom.js';
import {bytes, duration, figure} from './format.js';

/** The figures of a finished job. */
export function figures(report) {
  const {original, quantized} = report.perplexity ?? {};
  const entries = [
    ['Perplexity, original → quantized', report.perplexity && `${figure(original, 2)} → ${figure(quantized, 2)}`],
    ['KL divergence, mean', report.klDivergence && `${figure(report.klDivergence.mean, 4)} nats`],
    ['Same first choice', report.topAgreement !== undefined && `${figure(report.topAgreement * 100, 1)} %`],
    ['Size, original → quantized', `${bytes(report.bytes.original)} → ${bytes(report.bytes.quantized)}`],
    ['Bits per weight', figure(report.bitsPerWeight, 3)],
    ['Proxy loss, mean', figure(report.proxyLoss.mean, 5)],
    ['Encoded', report.encodeWeightsPerSecond && `${Math.round(report.encodeWeightsPerSecond).toLocaleString()} weights/s`],
    ['Time', duration(report.seconds.total)],
  ];
  return element('section', {'aria-label': 'Report'},
    element('h2', {}, 'Report'),
    element('dl', {class: 'figures'}, entries.filter(([, value]) => value).map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)))),
    element('details', {}, element('summary', {}, 'Proxy loss of each linear'), linears(report.proxyLoss.linears)));
}

function linears(all) {
  const columns = [
    {name: 'Linear'}, {name: 'Weights', number: true}, {name: 'Bits per weight', number: true},
    {name: 'Proxy loss', number: true},
  ];
  return table('Proxy loss of each linear', columns, all.map(linear => element('tr', {},
    element('td', {}, element('code', {}, linear.name)),
    element('td', {class: 'number'}, linear.weights.toLocaleString()),
    element('td', {class: 'number'}, figure(linear.bits / linear.weights, 3)),
    element('td', {class: 'number'}, figure(linear.proxyLoss, 5)))));
}
